//! Which fixes are made where somebody chooses among them, in a file and as tracked changes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use zhengming::annotate::{self, Mode, Options};
use zhengming::fix::{self, Choice, SkipReason};
use zhengming::{Applicability, Document, Lang, Linter, ReadOptions, fingerprints};

use crate::support::{document, docx, linter, parse, run};

const LEXICON: &str = r#"
category = "test"

[[entry]]
canonical = ["截至目前", "到目前为止"]
forbidden = ["截止目前"]

[[entry]]
canonical = "全面从严治党"
forbidden = ["从严冶党"]
fix = "unsafe"

[[entry]]
canonical = "市民政局"
forbidden = ["市民局"]
fix = "none"

[pairs]
"习总书记" = "习近平总书记"
"校育局" = "教育厅"
"防汛抗旱抗旱" = "防汛抗旱"
"脱贫攻坚" = "脱贫攻坚战"
"乡村振兴" = "全面乡村振兴"
"#;

/// What is chosen, with diagnostics by their number in the text.
struct Case {
    text: &'static str,
    least: Option<Applicability>,
    taken: &'static [(usize, usize)],
    left: &'static [usize],
    want: &'static str,
}

const CASES: &[Case] = &[
    Case {
        text: "习总书记，截止目前，从严冶党，市民局",
        least: Some(Applicability::Safe),
        taken: &[],
        left: &[],
        want: "习近平总书记，截止目前，从严冶党，市民局",
    },
    Case {
        text: "习总书记，截止目前，从严冶党，市民局",
        least: None,
        taken: &[],
        left: &[],
        want: "习总书记，截止目前，从严冶党，市民局",
    },
    // Any of several suggestions, and what is never fixed unasked.
    Case {
        text: "习总书记，截止目前，从严冶党，市民局",
        least: None,
        taken: &[(1, 0), (3, 0)],
        left: &[],
        want: "习总书记，截至目前，从严冶党，市民政局",
    },
    Case {
        text: "习总书记，截止目前，从严冶党，市民局",
        least: Some(Applicability::Safe),
        taken: &[(1, 1), (2, 0)],
        left: &[0],
        want: "习总书记，到目前为止，全面从严治党，市民局",
    },
    Case {
        text: "不得把“截至目前”误写为“截止目前”。",
        least: None,
        taken: &[(0, 1)],
        left: &[],
        want: "不得把“截至目前”误写为“到目前为止”。",
    },
    // One of many that are alike.
    Case {
        text: "习总书记习总书记习总书记",
        least: None,
        taken: &[(1, 0)],
        left: &[],
        want: "习总书记习近平总书记习总书记",
    },
    Case {
        text: "习总书记习总书记习总书记",
        least: Some(Applicability::Safe),
        taken: &[],
        left: &[1],
        want: "习近平总书记习总书记习近平总书记",
    },
    // Fixes that touch come one behind the other, when what stood around the second has changed.
    Case {
        text: "脱贫攻坚乡村振兴，脱贫攻坚乡村振兴",
        least: None,
        taken: &[(0, 0), (1, 0)],
        left: &[],
        want: "脱贫攻坚战全面乡村振兴，脱贫攻坚乡村振兴",
    },
    // What a fix calls for is fixed with it, and nothing else that is spelled like it.
    Case {
        text: "防汛抗旱抗旱，防汛抗旱抗旱抗旱抗旱，防汛抗旱抗旱",
        least: None,
        taken: &[(1, 0)],
        left: &[],
        want: "防汛抗旱抗旱，防汛抗旱，防汛抗旱抗旱",
    },
];

fn choice(case: &Case, linter: &Linter, document: &Document) -> Choice {
    let names = fingerprints(&document.name, &linter.lint(document));
    let name = |n: usize| names[n].clone();
    Choice {
        least: case.least,
        taken: case.taken.iter().map(|&(n, s)| (name(n), s)).collect(),
        left: case
            .left
            .iter()
            .map(|&n| (name(n), "引文".to_owned()))
            .collect(),
    }
}

fn options(choice: Choice) -> Options {
    Options {
        mode: Mode::Tracked,
        author: "正名".to_owned(),
        time: "2026-11-24T10:00:00Z".parse().unwrap(),
        lang: Lang::Zh,
        choice,
        lexicon: "sha256:00".to_owned(),
    }
}

/// The text of all blocks.
fn text(document: &Document) -> String {
    let blocks = document.blocks.iter();
    blocks.map(|block| document.text(block)).collect()
}

#[test]
fn what_is_chosen_is_fixed_and_nothing_else() {
    let linter = linter(LEXICON);
    for case in CASES {
        let html = case
            .text
            .chars()
            .map(|c| format!("<b>{c}</b>"))
            .collect::<String>();
        for (name, content) in [("a.txt", case.text), ("a.html", &html), ("a.md", case.text)] {
            let before = document(name, content);
            let choice = choice(case, &linter, &before);
            let fixed = fix::apply(&linter, &before, &choice).unwrap();
            let after = parse(name, &fixed.bytes);
            assert_eq!(text(&after), case.want, "{name}: {}", case.text);
            assert_eq!(fixed.skipped, [], "{name}: {}", case.text);
            let standing = |d: &zhengming::Diagnostic| (d.rule.clone(), d.spans.clone());
            let remaining: Vec<_> = fixed.remaining.iter().map(standing).collect();
            let found: Vec<_> = linter.lint(&after).iter().map(standing).collect();
            assert_eq!(remaining, found, "{name}: {}", case.text);
            let reasons = fixed.remaining.iter().filter_map(|d| d.suppressed.as_ref());
            let reasons: Vec<_> = reasons.map(|s| (s.by, s.reason.as_str())).collect();
            let want = vec![("config", "引文"); case.left.len()];
            assert_eq!(reasons, want, "{name}: {}", case.text);
        }
    }
}

#[test]
fn what_is_chosen_is_tracked_and_the_rest_commented() {
    let linter = linter(LEXICON);
    for case in CASES {
        let apart: String = case.text.chars().map(|c| run(&c.to_string())).collect();
        for inner in [run(case.text), apart] {
            let bytes = docx(&format!("<w:p>{inner}</w:p>"), &[]);
            let before = parse("a.docx", &bytes);
            let choice = choice(case, &linter, &before);
            let fixed = fix::apply(&linter, &before, &choice).unwrap();
            let done = annotate::annotate(&linter, &before, &options(choice)).unwrap();
            let after = parse("a.docx", &done.bytes);
            assert_eq!(text(&after), case.want, "{}", case.text);
            assert_eq!(done.tracked, fixed.applied.len(), "{}", case.text);
            let may_stand = |d: &&zhengming::Diagnostic| d.demoted.is_none();
            let remaining = fixed.remaining.iter().filter(may_stand).count();
            assert_eq!(done.comments, remaining - case.left.len(), "{}", case.text);
            assert_eq!(done.left, [], "{}", case.text);
            // Of what was left as it is, and nothing else, the file knows nothing.
            let all = options(Choice::default());
            let again = annotate::annotate(&linter, &after, &all).unwrap();
            assert_eq!(
                (again.tracked, again.comments),
                (0, case.left.len()),
                "{}",
                case.text
            );
        }
    }
}

#[test]
fn a_choice_of_what_is_not_there_is_refused() {
    let linter = linter(LEXICON);
    let bytes = docx(&format!("<w:p>{}</w:p>", run("截止目前")), &[]);
    let before = parse("a.docx", &bytes);
    let name = fingerprints("a.docx", &linter.lint(&before)).remove(0);
    let taken = |name: &str, suggestion| Choice {
        taken: vec![(name.to_owned(), suggestion)],
        ..Choice::default()
    };
    let left = Choice {
        left: vec![("0".repeat(64), String::new())],
        ..Choice::default()
    };
    for (choice, want) in [
        (taken("beef", 0), "beef 不在这份文件里"),
        (taken(&name, 2), "只有 2 个建议"),
        (left, "不在这份文件里"),
    ] {
        let error = fix::apply(&linter, &before, &choice).unwrap_err();
        assert!(error.message(Lang::Zh).contains(want), "{error}");
        let error = annotate::annotate(&linter, &before, &options(choice)).unwrap_err();
        assert!(error.message(Lang::Zh).contains(want), "{error}");
    }
}

#[test]
fn what_is_taken_and_cannot_be_written_is_said() {
    let linter = linter(LEXICON);
    let field = |kind| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let computed = format!(
        "<w:p>{}<w:r><w:instrText> REF x </w:instrText></w:r>{}{}{}</w:p>",
        field("begin"),
        field("separate"),
        run("截止目前"),
        field("end")
    );
    // Big5 has no simplified characters.
    let big5 = encoding_rs::BIG5.encode("這裡的校育局已經取得成效").0;
    for (name, bytes, want) in [
        ("a.docx", docx(&computed, &[]), SkipReason::NoFix),
        ("a.txt", big5.into_owned(), SkipReason::Unencodable),
    ] {
        let options = ReadOptions {
            encoding: name.ends_with(".txt").then_some(encoding_rs::BIG5),
            ..ReadOptions::default()
        };
        let before = Document::parse(name, bytes.clone(), &options).unwrap();
        let names = fingerprints(name, &linter.lint(&before));
        let choice = Choice {
            taken: names.iter().map(|name| (name.clone(), 0)).collect(),
            ..Choice::default()
        };
        let fixed = fix::apply(&linter, &before, &choice).unwrap();
        let reasons: Vec<_> = fixed.skipped.iter().map(|(_, why)| *why).collect();
        assert_eq!(reasons, [want], "{name}");
        assert_eq!(fixed.bytes, bytes, "{name}");
    }
}
