//! What git has: staged contents, changed files, changed lines.

use super::{found, git, notices, repository, try_git, zhengming, zhengming_with};
use crate::support::{Folder, docx, paragraph};

const WRONG: &str = "学习习总书记讲话。\n";
const RIGHT: &str = "学习讲话。\n";
const JSON: &str = "check --staged --format json";

#[test]
fn what_is_staged_is_checked_and_not_what_lies_in_the_folder() {
    let folder = repository(&[("通知 一.txt", RIGHT), ("b.md", RIGHT)]);
    folder.write("通知 一.txt", WRONG.as_bytes());
    let run = zhengming(&folder, JSON);
    assert_eq!((run.code, found(&run)), (Some(0), vec![]), "{run:?}");
    // Staged wrong, and put right in the folder only.
    git(&folder, "add -A");
    folder.write("通知 一.txt", RIGHT.as_bytes());
    let run = zhengming(&folder, JSON);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(found(&run), ["通知 一.txt:1 习总书记"]);
    // A part of a file.
    folder.write("b.md", format!("{WRONG}\n扫黑险恶\n").as_bytes());
    git(&folder, "add b.md");
    folder.write(
        "b.md",
        format!("{WRONG}\n扫黑险恶\n\n截止目前\n").as_bytes(),
    );
    let run = zhengming(&folder, JSON);
    assert_eq!(
        found(&run),
        [
            "b.md:1 习总书记",
            "b.md:3 扫黑险恶",
            "通知 一.txt:1 习总书记"
        ]
    );
    // Of the paths given only.
    let run = zhengming(&folder, "check --staged --format json b.md");
    assert_eq!(found(&run).len(), 2);
}

#[test]
fn renames_modes_links_submodules_pointers_and_other_files() {
    let folder = repository(&[("旧名.txt", WRONG), ("c.txt", WRONG), ("gone.txt", WRONG)]);
    git(&folder, "mv 旧名.txt 新名.txt");
    git(&folder, "rm -q gone.txt");
    folder.write(
        "大.docx",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    );
    folder.write("照片.png", b"\x89PNG");
    folder.write("表.xlsx", b"PK");
    folder.write(".github/a.md", WRONG.as_bytes());
    folder.write("sub/x.txt", WRONG.as_bytes());
    let inner = Folder::new();
    inner.write("x.txt", b"x");
    git(&folder, "add -A -- . :!sub");
    git(&folder, "update-index --chmod=+x c.txt");
    // A submodule is an entry of its own kind; which commit it names does not matter.
    let head = git(&folder, "rev-parse HEAD");
    git(
        &folder,
        &format!("update-index --add --cacheinfo 160000,{head},子模块"),
    );
    let link = git(&folder, "rev-parse HEAD:c.txt");
    git(
        &folder,
        &format!("update-index --add --cacheinfo 120000,{link},link.txt"),
    );
    let run = zhengming(&folder, JSON);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(found(&run), ["c.txt:1 习总书记", "新名.txt:1 习总书记"]);
    assert_eq!(
        notices(&run),
        [
            "大.docx lfs-pointer",
            "子模块 submodule",
            "表.xlsx unsupported-format"
        ]
    );
    // Something was not checked, and --strict says so.
    git(&folder, "reset -q -- c.txt 新名.txt 旧名.txt");
    assert_eq!(zhengming(&folder, "check --staged --strict").code, Some(3));
    // Content of the work tree that is a pointer is not a draft either.
    let run = zhengming(&folder, "check --format json 大.docx");
    assert_eq!(notices(&run), ["大.docx lfs-pointer"]);
}

#[test]
fn the_first_commit_other_folders_and_no_repository() {
    let folder = super::office(&[("下级/通知.txt", WRONG)]);
    assert_eq!(zhengming(&folder, "check --staged").code, Some(2));
    git(&folder, "init -q .");
    git(&folder, "add -A");
    let run = zhengming(&folder, JSON);
    assert_eq!(found(&run), ["下级/通知.txt:1 习总书记"]);
    let mut command = folder.command();
    let command = super::with_git(&mut command, &folder);
    let command = command
        .current_dir(folder.path("下级"))
        .args(JSON.split(' '));
    let run = crate::support::run_command(command, b"");
    assert_eq!(found(&run), ["通知.txt:1 习总书记"]);
    folder.write("别处/a.txt", b"");
    let mut command = folder.command();
    let command = super::with_git(&mut command, &folder);
    let command = command
        .current_dir(folder.path("别处"))
        .args(JSON.split(' '));
    let run = crate::support::run_command(command, b"");
    assert_eq!(found(&run), ["../下级/通知.txt:1 习总书记"]);
}

#[test]
fn a_conflict_is_no_clean_check() {
    let folder = repository(&[("a.txt", RIGHT)]);
    git(&folder, "checkout -q -b other");
    folder.write("a.txt", "甲\n".as_bytes());
    git(&folder, "commit -q -am 甲");
    git(&folder, "checkout -q main");
    folder.write("a.txt", "乙\n".as_bytes());
    git(&folder, "commit -q -am 乙");
    assert_ne!(try_git(&folder, "merge -q other").code, Some(0));
    let run = zhengming(&folder, "check --staged");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.said().contains("a.txt：合并冲突尚未解决"), "{run:?}");
}

#[test]
fn what_changed_since_a_revision() {
    let folder = repository(&[("a.txt", WRONG), ("b.txt", RIGHT), ("旧.txt", WRONG)]);
    git(&folder, "checkout -q -b 分支");
    folder.write("b.txt", format!("{RIGHT}\n{WRONG}").as_bytes());
    git(&folder, "commit -q -am b");
    folder.write("新 稿.txt", WRONG.as_bytes());
    git(&folder, "mv 旧.txt 改名.txt");
    folder.write("改名.txt", format!("{WRONG}\n扫黑险恶\n").as_bytes());
    // What others did meanwhile does not count.
    git(&folder, "stash -q");
    git(&folder, "checkout -q main");
    folder.write("a.txt", format!("{WRONG}\n截止目前\n").as_bytes());
    git(&folder, "commit -q -am a");
    git(&folder, "checkout -q 分支");
    git(&folder, "stash pop -q --index");
    let run = zhengming(&folder, "check --format json --changed-since main");
    assert_eq!(
        found(&run),
        [
            "b.txt:3 习总书记",
            "改名.txt:1 习总书记",
            "改名.txt:3 扫黑险恶",
            "新 稿.txt:1 习总书记"
        ]
    );
    let run = zhengming(
        &folder,
        "check --format json --changed-since main --changed-lines",
    );
    assert_eq!(
        found(&run),
        [
            "b.txt:3 习总书记",
            "改名.txt:3 扫黑险恶",
            "新 稿.txt:1 习总书记"
        ]
    );
    for revision in ["nothing", "-x", "main:a.txt"] {
        let run = zhengming(&folder, &format!("check --changed-since={revision}"));
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(&format!("“{revision}”")), "{run:?}");
    }
}

#[test]
fn changed_lines_of_what_is_staged() {
    let folder = repository(&[("a.txt", WRONG)]);
    folder.write("a.docx", &docx(&paragraph("习总书记"), &[]));
    git(&folder, "add -A");
    git(&folder, "commit -q -m docx --no-verify");
    folder.write("a.txt", format!("扫黑险恶\n\n{WRONG}").as_bytes());
    let body = [paragraph("习总书记"), paragraph("新")].concat();
    folder.write("a.docx", &docx(&body, &[]));
    git(&folder, "add -A");
    // A docx has no lines, so all of it counts.
    let run = zhengming(&folder, "check --staged --changed-lines --format json");
    assert_eq!(found(&run), ["a.docx:1 习总书记", "a.txt:1 扫黑险恶"]);
    assert_eq!(zhengming(&folder, "check --changed-lines").code, Some(2));
}

#[test]
fn lists_of_files_and_exclusion() {
    let folder = repository(&[("a b.txt", WRONG), ("草稿/丙.txt", WRONG), ("c.txt", WRONG)]);
    folder.write(
        "zhengming.toml",
        format!("{}exclude = ['草稿/']", super::CONFIG).as_bytes(),
    );
    let list = "\u{FEFF}a b.txt\r\n\r\n草稿/丙.txt\r\n";
    folder.write("list", list.as_bytes());
    let both = ["a b.txt:1 习总书记", "草稿/丙.txt:1 习总书记"];
    let run = zhengming(&folder, "check --format json --files-from list");
    assert_eq!(found(&run), both);
    let run = zhengming(
        &folder,
        "check --format json --files-from list --force-exclude",
    );
    assert_eq!(found(&run), both[..1]);
    let nul = "a b.txt\0草稿/丙.txt\0";
    let words = "check --format json --files-from - --null";
    assert_eq!(found(&zhengming_with(&folder, words, nul.as_bytes())), both);
    let run = zhengming(&folder, "check --format json --force-exclude 草稿 c.txt");
    assert_eq!(found(&run), ["c.txt:1 习总书记"]);
    let utf16: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("list", &utf16);
    assert_eq!(
        found(&zhengming(&folder, "check --format json --files-from list")),
        both
    );
    // An empty list is no file at all, not the current folder.
    let run = zhengming_with(&folder, "check --format json --files-from -", b"");
    assert_eq!((run.code, found(&run)), (Some(0), vec![]));
    assert_eq!(
        zhengming(&folder, "check --files-from nothing").code,
        Some(2)
    );
    assert_eq!(zhengming(&folder, "check --null").code, Some(2));
    // Excluded files are left out of what is staged, too.
    folder.write("草稿/丁.txt", WRONG.as_bytes());
    git(&folder, "add 草稿");
    assert_eq!(found(&zhengming(&folder, JSON)), Vec::<String>::new());
    let run = zhengming_with(&folder, "fix --files-from - --null", nul.as_bytes());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        folder.read("a b.txt"),
        "学习习近平总书记讲话。\n".as_bytes()
    );
}

#[cfg(unix)]
#[test]
fn a_hook_blocks_the_bad_commit_and_passes_after_a_fix() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = repository(&[("通知 一.txt", RIGHT)]);
    let hook = format!(
        "#!/bin/sh\nexec '{}' check --staged\n",
        env!("CARGO_BIN_EXE_zhengming")
    );
    folder.write(".git/hooks/pre-commit", hook.as_bytes());
    let path = folder.path(".git/hooks/pre-commit");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder.write("通知 一.txt", format!("{RIGHT}\n{WRONG}").as_bytes());
    folder.write("附件 二.docx", &docx(&paragraph("扫黑险恶"), &[]));
    git(&folder, "add -A");
    let run = try_git(&folder, "commit -q -m 发");
    assert_eq!(run.code, Some(1), "{run:?}");
    for said in [
        "通知 一.txt 第3行第3列",
        "应为“习近平总书记”",
        "附件 二.docx 正文第1段",
        "应为“扫黑除恶”",
    ] {
        assert!(run.said().contains(said), "{said}: {run:?}");
    }
    assert_eq!(zhengming(&folder, "fix .").code, Some(0));
    git(&folder, "add -A");
    git(&folder, "commit -q -m 发");
    // `git commit FILE` has an index of its own.
    folder.write("通知 一.txt", WRONG.as_bytes());
    assert_eq!(try_git(&folder, "commit -q -m 发 通知*.txt").code, Some(1));
}
