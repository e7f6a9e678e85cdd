//! Who started the program.

use std::io::{self, IsTerminal as _};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// The programs that start another one when a person clicks on it: the shells and file managers of Windows, UKUI, Deepin,
/// GNOME, KDE, Cinnamon, MATE, Xfce and LXDE.
const LAUNCHERS: &[&str] = &[
    "explorer.exe",
    "peony",
    "peony-desktop",
    "ukui-menu",
    "dde-desktop",
    "dde-file-manage",
    "dde-launcher",
    "nautilus",
    "gnome-shell",
    "gio-launch-desk",
    "dolphin",
    "plasmashell",
    "nemo",
    "nemo-desktop",
    "caja",
    "thunar",
    "pcmanfm",
    "pcmanfm-qt",
];

/// Whether a person started the program with a double click: then it has no arguments, and a file manager is its parent.
///
/// A script, a hook or a pipeline has another parent, whatever its input and output are, and must get the usage and an
/// exit code, never a server that does not end.
pub(crate) fn was_double_clicked() -> bool {
    // Windows gives a program that is clicked a console of its own; elsewhere it has none.
    if std::env::args_os().len() > 1 || cfg!(unix) && io::stdin().is_terminal() {
        return false;
    }
    parent().is_some_and(|name| is_launcher(&name))
}

fn parent() -> Option<String> {
    let mut system = System::new();
    let mut look = |pid: Pid| {
        let only = ProcessesToUpdate::Some(&[pid]);
        system.refresh_processes_specifics(only, false, ProcessRefreshKind::nothing());
        let process = system.process(pid)?;
        Some((
            process.parent(),
            process.name().to_string_lossy().into_owned(),
        ))
    };
    let (parent, _) = look(sysinfo::get_current_pid().ok()?)?;
    let (_, name) = look(parent?)?;
    Some(name)
}

/// Linux cuts the names of processes to 15 bytes.
fn is_launcher(name: &str) -> bool {
    LAUNCHERS.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_file_managers_are_launchers() {
        for (name, want) in [
            ("Explorer.EXE", true),
            ("Thunar", true),
            ("dde-file-manage", true),
            ("cmd.exe", false),
            ("bash", false),
            ("git", false),
            ("systemd", false),
            ("", false),
        ] {
            assert_eq!(is_launcher(name), want, "{name}");
        }
        for name in LAUNCHERS {
            assert!(name.len() <= 15, "{name} is never seen whole");
        }
    }

    #[test]
    fn tests_are_started_by_a_program() {
        assert!(parent().is_some());
        assert!(!was_double_clicked());
    }
}
