//! Whole sessions with the command, kept as files in `tests/cmd`, run in an empty folder each.
//!
//! A transcript reads like a terminal:
//!
//! ```text
//! // A remark.
//! == notes/a.txt            a file, up to the line that is only ==
//! 习总书记
//! ==
//! $ zhengming check notes < notes/a.txt
//! ? 1                       the exit code, where it is not 0
//! what it says on standard output, then on standard error
//! ```
//!
//! In an expected line `[..]` stands for anything. Besides `zhengming` there are `cat FILE`, `ls`, `mkdir FOLDER` and
//! `copy FILE`, which takes a file of the project. `UPDATE_TRANSCRIPTS=1 cargo test transcripts` writes down what comes
//! out now, except in lines that match already.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Folder;

/// A part of a transcript.
enum Step<'t> {
    Remark(&'t str),
    File(&'t str, String),
    Command(&'t str, Vec<&'t str>),
}

#[test]
fn sessions_go_as_they_are_written_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let entries = fs::read_dir(root.join("tests/cmd")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let mut wrong = String::new();
    for path in paths {
        let written = fs::read_to_string(&path).unwrap();
        let replayed = replay(&written, root);
        if update {
            fs::write(&path, &replayed).unwrap();
        } else if replayed != written {
            let diff = similar::TextDiff::from_lines(&written, &replayed);
            let name = path.file_name().unwrap().to_string_lossy();
            let _ = writeln!(wrong, "{}", diff.unified_diff().header(&name, "now"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The transcript as it would be written now.
fn replay(written: &str, root: &Path) -> String {
    let folder = Folder::new();
    // A repository of its own, so that no search upward leaves the folder.
    folder.write(".git/HEAD", b"");
    let mut out = String::new();
    for step in steps(written) {
        match step {
            Step::Remark(line) => out.push_str(&format!("{line}\n")),
            Step::File(name, content) => {
                folder.write(name, content.as_bytes());
                out.push_str(&format!("== {name}\n{content}==\n"));
            }
            Step::Command(line, expected) => {
                let (code, said) = perform(line, &folder, root);
                out.push_str(&format!("$ {line}\n"));
                let code = (code != 0).then(|| format!("? {code}"));
                let now = code.iter().map(String::as_str).chain(said.lines());
                for (nth, line) in now.enumerate() {
                    let kept = expected.get(nth).filter(|e| matches(e, line));
                    out.push_str(kept.unwrap_or(&line));
                    out.push('\n');
                }
            }
        }
    }
    out
}

fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("== ") {
            let content = lines.by_ref().take_while(|l| *l != "==");
            let content = content.map(|l| format!("{l}\n")).collect();
            steps.push(Step::File(name, content));
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step::Command(command, Vec::new()));
        } else if line.starts_with("// ") {
            steps.push(Step::Remark(line));
        } else if let Some(Step::Command(_, expected)) = steps.last_mut() {
            expected.push(line);
        } else {
            panic!("nobody says “{line}”");
        }
    }
    steps
}

/// Whether `line` is what is expected, where `[..]` stands for anything.
fn matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.split("[..]");
    let mut rest = match parts.next().and_then(|first| line.strip_prefix(first)) {
        Some(rest) => rest,
        None => return false,
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Runs a line: its exit code, and what it says.
fn perform(line: &str, folder: &Folder, root: &Path) -> (i32, String) {
    let (command, stdin) = match line.split_once(" < ") {
        Some((command, file)) => (command, folder.read(file)),
        None => (line, Vec::new()),
    };
    let words = words(command);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["zhengming", args @ ..] => {
            let run = folder.run_with(args, &stdin);
            (run.code.unwrap_or(-1), run.said())
        }
        ["cat", file] => (0, String::from_utf8_lossy(&folder.read(file)).into_owned()),
        ["ls"] => (0, folder.names().join("\n")),
        ["mkdir", name] => {
            fs::create_dir_all(folder.path(name)).unwrap();
            (0, String::new())
        }
        ["copy", file] => {
            let name = Path::new(file).file_name().unwrap().to_str().unwrap();
            folder.write(name, &fs::read(root.join(file)).unwrap());
            (0, String::new())
        }
        _ => panic!("no such command: {line}"),
    }
}

/// A line cut at its blanks, except for those in quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut quote = None;
    let mut word: Option<String> = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
