//! The gate: what stands between a draft and the public.

mod baseline;
mod cache;
mod git;
mod record;
mod suppress;

use std::process::Command;

use crate::support::{Folder, Run, run_command};

/// A lexicon of a few pairs, so that the tests do not depend on the embedded one.
const CONFIG: &str = "builtin = false\nlexicons = ['词库.toml']\nroot = true\n\
                      fail_on = 'warning'\n";
const LEXICON: &str = "category = 'test'\n[pairs]\n'习总书记' = '习近平总书记'\n\
                       '截止目前' = '截至目前'\n'扫黑险恶' = '扫黑除恶'\n";

/// A folder with the lexicon and these files.
fn office(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(&[
        ("zhengming.toml", CONFIG.as_bytes()),
        ("词库.toml", LEXICON.as_bytes()),
    ]);
    for (name, text) in files {
        folder.write(name, text.as_bytes());
    }
    folder
}

/// A git repository in which the lexicon and these files are committed.
fn repository(files: &[(&str, &str)]) -> Folder {
    let folder = office(files);
    git(&folder, "init -q -b main .");
    git(&folder, "add -A");
    git(&folder, "commit -q -m 起 --no-verify");
    folder
}

/// Lets a command find git, and nothing of the person's own configuration.
fn with_git<'c>(command: &'c mut Command, folder: &Folder) -> &'c mut Command {
    command
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", folder.path("没有"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "张三")
        .env("GIT_AUTHOR_EMAIL", "z@example.com")
        .env("GIT_COMMITTER_NAME", "张三")
        .env("GIT_COMMITTER_EMAIL", "z@example.com")
}

/// Runs git, which must succeed; what it writes on standard output.
fn git(folder: &Folder, words: &str) -> String {
    let run = try_git(folder, words);
    assert_eq!(run.code, Some(0), "git {words}: {run:?}");
    run.text().trim().to_owned()
}

fn try_git(folder: &Folder, words: &str) -> Run {
    let mut command = Command::new("git");
    command.current_dir(folder.path("")).env_clear();
    run_command(
        with_git(&mut command, folder).args(words.split_whitespace()),
        b"",
    )
}

/// Runs the command in a place where it finds git.
fn zhengming(folder: &Folder, words: &str) -> Run {
    zhengming_with(folder, words, b"")
}

fn zhengming_with(folder: &Folder, words: &str, stdin: &[u8]) -> Run {
    let mut command = folder.command();
    run_command(
        with_git(&mut command, folder).args(words.split_whitespace()),
        stdin,
    )
}

/// Path, found form and line of each diagnostic of a JSON report that is not suppressed.
fn found(run: &Run) -> Vec<String> {
    let mut rows = Vec::new();
    for document in run.json()["documents"].as_array().unwrap() {
        for d in document["diagnostics"].as_array().unwrap() {
            if d["suppressed"].is_null() {
                let line = &d["spans"][0]["start"]["line"];
                let (path, found) = (&document["path"], &d["found"]);
                rows.push(format!(
                    "{}:{line} {}",
                    path.as_str().unwrap(),
                    found.as_str().unwrap()
                ));
            }
        }
    }
    rows
}

/// The notices of a JSON report: path and code.
fn notices(run: &Run) -> Vec<String> {
    let mut rows = Vec::new();
    for document in run.json()["documents"].as_array().unwrap() {
        for n in document["notices"].as_array().unwrap() {
            let (path, code) = (&document["path"], &n["code"]);
            rows.push(format!(
                "{} {}",
                path.as_str().unwrap(),
                code.as_str().unwrap()
            ));
        }
    }
    rows
}

#[test]
fn init_writes_a_configuration_and_shows_the_hooks() {
    let folder = Folder::new();
    let run = zhengming(&folder, "init");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.text().contains("zhengming check --staged"), "{run:?}");
    let written = folder.read("zhengming.toml");
    folder.write("a.txt", "好\n".as_bytes());
    let run = zhengming(&folder, "check");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let run = zhengming(&folder, "init");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("zhengming.toml：已存在"), "{run:?}");
    assert_eq!(folder.read("zhengming.toml"), written);
}

#[test]
fn completions_and_manual_pages() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = zhengming(&folder, &format!("completions {shell}"));
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.text().contains("--changed-since"), "{shell}");
    }
    assert_eq!(zhengming(&folder, "completions csh").code, Some(2));
    for (words, want) in [
        ("man", ".TH zhengming"),
        ("man --lang en", "Proofreads government drafts"),
        ("man check", "changed\\-since"),
        ("man record verify", "链头"),
    ] {
        let run = zhengming(&folder, words);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.text().contains(want), "{words}: {run:?}");
    }
    assert_eq!(zhengming(&folder, "man nothing").code, Some(2));
}
