//! The record of checks.

use super::{office, zhengming};

const TEXT: &str = "学习习总书记讲话。\n";

#[test]
fn a_record_tells_who_checked_what_and_how_it_came_out() {
    let folder = office(&[("a.txt", TEXT), ("好 稿.md", "好\n")]);
    let run = zhengming(
        &folder,
        "check --record 台账.jsonl --reviewer 李四 a.txt 好*.md",
    );
    assert_eq!(run.code, Some(2), "{run:?}");
    let run = zhengming(&folder, "check --record 台账.jsonl --reviewer 李四");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("台账链头 "), "{run:?}");
    let text = String::from_utf8(folder.read("台账.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    let (bad, good) = (&lines[2], &lines[3]);
    assert_eq!(bad["schema"], "zhengming.record/1");
    assert_eq!(bad["previous"], lines[1]["hash"]);
    assert_eq!(bad["path"], "a.txt");
    assert_eq!(bad["reviewer"], "李四");
    assert_eq!(bad["counts"]["errors"], 0);
    assert_eq!(bad["counts"]["warnings"], 1);
    assert_eq!(bad["findings"][0]["found"], "习总书记");
    assert_eq!(bad["findings"][0]["place"], "第1行第3列");
    assert!(bad["lexicon"].as_str().unwrap().starts_with("sha256:"));
    assert!(bad["time"].as_str().unwrap().ends_with("+08:00"));
    assert_eq!(good["path"], "好 稿.md");
    assert_eq!(good["findings"].as_array().unwrap().len(), 0);
    // Apart from the time, the same check leaves the same line; the line before is another.
    let without = |n: usize| {
        let mut line = lines[n].clone();
        for key in ["time", "previous", "hash"] {
            line.as_object_mut().unwrap().remove(key);
        }
        line
    };
    assert_eq!(without(0), without(2));
    assert_eq!(zhengming(&folder, "check --reviewer 李四").code, Some(2));
    folder.write("b.txt", b"x");
    assert_eq!(
        zhengming(&folder, "check --record b.txt a.txt").code,
        Some(2)
    );
    assert_eq!(folder.read("b.txt"), b"x");
}

#[test]
fn altering_a_byte_of_the_record_or_of_a_document_is_found() {
    let folder = office(&[("a.txt", "好\n"), ("b.txt", TEXT), ("c.txt", "新\n")]);
    for _ in 0..2 {
        zhengming(
            &folder,
            "check --fail-on never --record 台账.jsonl a.txt b.txt",
        );
    }
    let run = zhengming(&folder, "record verify 台账.jsonl a.txt b.txt");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.text().contains("4 行相连"), "{run:?}");
    assert!(run.text().contains("b.txt：已检查，第 4 行"), "{run:?}");
    assert!(run.text().contains("警告 1"), "{run:?}");
    let run = zhengming(&folder, "record verify 台账.jsonl c.txt");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.text().contains("c.txt：这个内容没有检查过"), "{run:?}");
    // A folder stands for the drafts in it.
    assert_eq!(
        zhengming(&folder, "record verify 台账.jsonl .").code,
        Some(1)
    );
    std::fs::remove_file(folder.path("c.txt")).unwrap();
    std::fs::remove_file(folder.path("zhengming.toml")).unwrap();
    assert_eq!(
        zhengming(&folder, "record verify 台账.jsonl .").code,
        Some(0)
    );
    folder.write("a.txt", "坏\n".as_bytes());
    assert_eq!(
        zhengming(&folder, "record verify 台账.jsonl a.txt").code,
        Some(1)
    );
    assert_eq!(
        zhengming(&folder, "record verify 台账.jsonl 没有.txt").code,
        Some(2)
    );
    assert_eq!(zhengming(&folder, "record verify 没有.jsonl").code, Some(2));

    let whole = folder.read("台账.jsonl");
    let ends: Vec<_> = (0..whole.len()).filter(|&at| whole[at] == b'\n').collect();
    let line_of = |at: usize| ends.iter().filter(|&&end| end < at).count() + 1;
    let step = whole.len() / 40;
    for at in (0..whole.len()).step_by(step) {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        folder.write("台账.jsonl", &altered);
        let run = zhengming(&folder, "record verify 台账.jsonl");
        assert_eq!(run.code, Some(1), "{at}: {run:?}");
        let named = format!("台账.jsonl:{}：", line_of(at));
        assert!(run.text().starts_with(&named), "{at} {named}: {run:?}");
    }
}

#[test]
fn only_a_kept_head_shows_that_the_end_was_cut_off() {
    let folder = office(&[("a.txt", TEXT), ("b.txt", TEXT)]);
    let check = "check --fail-on never --record 台账.jsonl";
    let head = |run: crate::support::Run| {
        let line = run.stderr.lines().last().unwrap().to_owned();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    let first = head(zhengming(&folder, &format!("{check} a.txt")));
    let second = head(zhengming(&folder, &format!("{check} b.txt")));
    let verify = |head: &str| {
        let run = zhengming(
            &folder,
            &format!("record verify 台账.jsonl --expect-head {head}"),
        );
        (run.code, run.text().to_owned())
    };
    assert_eq!(verify(&second).0, Some(0));
    let (code, said) = verify(&first);
    assert_eq!(code, Some(0));
    assert!(said.contains("第 1 行，其后又追加了 1 行"), "{said}");
    let whole = folder.read("台账.jsonl");
    let end = whole.iter().position(|&b| b == b'\n').unwrap();
    folder.write("台账.jsonl", &whole[..=end]);
    assert_eq!(zhengming(&folder, "record verify 台账.jsonl").code, Some(0));
    let (code, said) = verify(&second);
    assert_eq!(code, Some(1));
    assert!(said.contains("改写或截短"), "{said}");
    // A line in the middle that is taken out, and two that change places.
    zhengming(&folder, &format!("{check} a.txt b.txt"));
    let text = String::from_utf8(folder.read("台账.jsonl")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    for order in [&[0, 2][..], &[1, 2], &[0, 2, 1]] {
        let changed: String = order.iter().map(|&n| format!("{}\n", lines[n])).collect();
        folder.write("台账.jsonl", changed.as_bytes());
        let run = zhengming(&folder, "record verify 台账.jsonl");
        assert_eq!(run.code, Some(1), "{order:?}");
        assert!(run.text().contains("不相连"), "{run:?}");
    }
}

#[test]
fn a_torn_line_is_told_and_written_over() {
    let folder = office(&[("a.txt", TEXT)]);
    let check = "check --fail-on never --record 台账.jsonl a.txt";
    zhengming(&folder, check);
    let whole = folder.read("台账.jsonl");
    folder.write("台账.jsonl", &[&whole[..], &whole[..50]].concat());
    let run = zhengming(&folder, "record verify 台账.jsonl");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.text().starts_with("台账.jsonl:2："), "{run:?}");
    zhengming(&folder, check);
    let run = zhengming(&folder, "record verify 台账.jsonl");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.text().contains("2 行相连"), "{run:?}");
}

#[test]
fn many_at_a_time_make_one_chain() {
    let folder = office(&[("a.txt", TEXT), ("b.txt", TEXT)]);
    let started: Vec<_> = (0..8)
        .map(|_| {
            let mut command = folder.command();
            command.args(["check", "--record", "台账.jsonl", "a.txt", "b.txt"]);
            command.stdout(std::process::Stdio::null());
            command.stderr(std::process::Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    for mut child in started {
        child.wait().unwrap();
    }
    let run = zhengming(&folder, "record verify 台账.jsonl");
    assert!(run.text().contains("16 行相连"), "{run:?}");
}

#[test]
fn a_fix_is_recorded_as_it_left_the_file() {
    let folder = office(&[("a.txt", TEXT)]);
    let run = zhengming(&folder, "fix --record 台账.jsonl a.txt");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        zhengming(&folder, "record verify 台账.jsonl a.txt").code,
        Some(0)
    );
}
