//! Yesterday's debt.

use super::{found, notices, office, zhengming};
use crate::support::Run;

const OLD: &str = "学习习总书记讲话。\n\n截止目前已完成。\n";
const CHECK: &str = "check --format json";

/// Path, found form and reason of what the baseline knows.
fn known(run: &Run) -> Vec<String> {
    let mut rows = Vec::new();
    for document in run.json()["documents"].as_array().unwrap() {
        for d in document["diagnostics"].as_array().unwrap() {
            if d["suppressed"]["by"] == "baseline" {
                let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
                let (path, found) = (text(&document["path"]), text(&d["found"]));
                rows.push(format!(
                    "{path} {found} {}",
                    text(&d["suppressed"]["reason"])
                ));
            }
        }
    }
    rows
}

#[test]
fn old_mistakes_do_not_count_and_new_ones_do() {
    let folder = office(&[("通 知/旧.txt", OLD), ("b.md", "扫黑险恶\n")]);
    assert_eq!(zhengming(&folder, CHECK).code, Some(1));
    let run = zhengming(&folder, "baseline write --reason 旧稿");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.text(), "zhengming-baseline.json：已写入 3 条\n");
    let run = zhengming(&folder, CHECK);
    assert_eq!((run.code, found(&run)), (Some(0), vec![]), "{run:?}");
    let all = [
        "b.md 扫黑险恶 旧稿",
        "通 知/旧.txt 习总书记 旧稿",
        "通 知/旧.txt 截止目前 旧稿",
    ];
    assert_eq!(known(&run), all);
    assert_eq!(run.json()["summary"]["suppressed"], 3);
    // Moved lines are the same debt; a new mistake is not, even of the same kind in the same file.
    folder.write(
        "通 知/旧.txt",
        format!("新的一段。\n\n{OLD}\n贯彻习总书记要求。\n").as_bytes(),
    );
    let run = zhengming(&folder, CHECK);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(found(&run), ["通 知/旧.txt:7 习总书记"]);
    assert_eq!(known(&run), all);
    // From any folder, and with other words for the path.
    let mut command = folder.command();
    command
        .current_dir(folder.path("通 知"))
        .args(CHECK.split(' '));
    let run = crate::support::run_command(&mut command, b"");
    assert_eq!(found(&run), ["旧.txt:7 习总书记"]);
    // Without it.
    let run = zhengming(&folder, "check --format json --no-baseline");
    assert_eq!(found(&run).len(), 4);
    // A fix leaves known mistakes alone.
    assert_eq!(zhengming(&folder, "fix .").code, Some(0));
    let text = String::from_utf8(folder.read("通 知/旧.txt")).unwrap();
    assert_eq!(
        text,
        format!("新的一段。\n\n{OLD}\n贯彻习近平总书记要求。\n")
    );
    // Writing it anew would lose the reasons.
    let run = zhengming(&folder, "baseline write");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("update"), "{run:?}");
}

#[test]
fn entries_that_fit_nothing_are_told_and_removed() {
    let folder = office(&[("a.txt", OLD), ("b.txt", OLD), ("c.txt", OLD)]);
    zhengming(&folder, "baseline write --reason 旧稿");
    folder.write("a.txt", "学习习总书记讲话。\n\n扫黑险恶\n".as_bytes());
    std::fs::remove_file(folder.path("b.txt")).unwrap();
    let run = zhengming(&folder, CHECK);
    assert_eq!(notices(&run), ["a.txt baseline-stale"]);
    assert!(run.stderr.contains("b.txt 已不存在"), "{run:?}");
    assert_eq!(run.code, Some(1));
    // Only the file that was looked at, and files that are gone, lose entries.
    folder.write("c.txt", "".as_bytes());
    let run = zhengming(&folder, "baseline update a.txt");
    assert_eq!(
        run.text(),
        "zhengming-baseline.json：保留 3 条，删去 3 条；另有 1 处问题不在基线中\n"
    );
    let run = zhengming(
        &folder,
        "baseline update --add --reason 新 --until 2999-01-31",
    );
    assert_eq!(
        run.text(),
        "zhengming-baseline.json：保留 1 条，删去 2 条，新增 1 条\n"
    );
    let run = zhengming(&folder, "baseline show");
    let want = "a.txt：[test/习近平总书记] 学习习总书记讲话。\n  理由：旧稿\n\
                a.txt：[test/扫黑除恶] 扫黑险恶\n  理由：新\n  期限：2999-01-31\n\
                zhengming-baseline.json：2 条\n";
    assert_eq!(run.text(), want);
    assert_eq!(zhengming(&folder, "check").code, Some(0));
    assert_eq!(
        zhengming(&folder, "baseline update --reason x").code,
        Some(2)
    );
}

#[test]
fn what_is_over_counts_again() {
    let folder = office(&[("a.txt", OLD)]);
    zhengming(&folder, "baseline write --until 2000-01-01");
    let run = zhengming(&folder, CHECK);
    assert_eq!(run.code, Some(1));
    assert_eq!(found(&run).len(), 2);
    assert_eq!(
        notices(&run),
        ["a.txt baseline-over", "a.txt baseline-over"]
    );
    assert!(
        zhengming(&folder, "baseline show")
            .text()
            .contains("2000-01-01（已过期）")
    );
}

#[test]
fn another_file_a_broken_file_and_several_configurations() {
    let folder = office(&[("a.txt", OLD), ("b/a.txt", OLD)]);
    let run = zhengming(&folder, "baseline write a.txt --baseline 旧账.json");
    assert_eq!(run.text(), "旧账.json：已写入 2 条\n");
    let run = zhengming(&folder, "check --format json --baseline 旧账.json");
    assert_eq!(found(&run), ["b/a.txt:1 习总书记", "b/a.txt:3 截止目前"]);
    assert_eq!(
        zhengming(&folder, "check --baseline 没有.json").code,
        Some(2)
    );
    for broken in ["", "{", "{\"schema\":\"x\",\"entries\":[]}", "[]"] {
        folder.write("zhengming-baseline.json", broken.as_bytes());
        let run = zhengming(&folder, "check");
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains("zhengming-baseline.json"), "{run:?}");
        assert_eq!(zhengming(&folder, "check --no-baseline").code, Some(1));
    }
    std::fs::remove_file(folder.path("zhengming-baseline.json")).unwrap();
    // Each configuration has its own.
    folder.write(
        "b/zhengming.toml",
        b"builtin = false\nlexicons = ['../\xE8\xAF\x8D\xE5\xBA\x93.toml']\n",
    );
    let run = zhengming(&folder, "baseline write");
    assert_eq!(
        run.text(),
        "b/zhengming-baseline.json：已写入 2 条\nzhengming-baseline.json：已写入 2 条\n"
    );
    assert_eq!(zhengming(&folder, "check").code, Some(0));
    let run = zhengming(&folder, "check --baseline 旧账.json");
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn what_is_wrong_with_instructions_is_no_known_debt() {
    let folder = office(&[("a.md", "<!-- zhengming-ignore test -->\n\n习总书记\n")]);
    let run = zhengming(&folder, "baseline write");
    assert!(run.text().contains("已写入 1 条"), "{run:?}");
    let run = zhengming(&folder, CHECK);
    assert_eq!(run.code, Some(1));
    assert_eq!(found(&run), ["a.md:1 zhengming-ignore test"]);
}

#[test]
fn decisions_about_nothing_are_told_after_a_run_over_folders() {
    let folder = office(&[("a.txt", OLD)]);
    let allow = "[[allow]]\nrule = 'test/扫黑除恶'\nreason = 'x'\n\
                 [[allow]]\nrule = 'test'\nreason = 'y'\nuntil = 2000-01-01\n\
                 [[allow]]\nrule = 'test'\nreason = 'z'\n";
    folder.write(
        "zhengming.toml",
        format!("{}{allow}", super::CONFIG).as_bytes(),
    );
    let run = zhengming(&folder, "check");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stderr
            .contains("zhengming.toml:5: 这条 [[allow]] 没有放过任何问题"),
        "{run:?}"
    );
    assert!(
        run.stderr
            .contains("zhengming.toml:8: 这条 [[allow]] 已过期"),
        "{run:?}"
    );
    assert_eq!(run.stderr.lines().count(), 2, "{run:?}");
    let run = zhengming(&folder, "check a.txt");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
}
