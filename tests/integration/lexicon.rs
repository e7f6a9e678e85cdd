//! The lexicon: every mistake has its place, later layers win, and the embedded one keeps its promises.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use zhengming::lexicon::{Layer, Lexicon, test_examples};
use zhengming::{Config, Diagnostic, Document, Lang, Linter};

use crate::support::{document, layer, lexicon};

fn builtin() -> Lexicon {
    Lexicon::load(&[Layer::builtin()]).unwrap_or_else(|e| panic!("{e}"))
}

/// A linter for which every entry is in force.
fn of_a_late_day(lexicon: &Lexicon) -> Linter {
    let config = Config {
        date: Some(Date::MAX),
        ..Config::default()
    };
    Linter::new(lexicon, &config).unwrap()
}

/// The embedded files, as they stand in the folder.
fn folder() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["lexicon", "lexicon/terms"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "toml") {
                let name = path.file_name().unwrap().to_str().unwrap();
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((format!("{folder}/{name}"), text));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn the_embedded_lexicon_is_the_folder_and_has_no_mistakes() {
    let embedded = builtin();
    let from_folder = Lexicon::load(&[Layer {
        name: "folder".to_owned(),
        files: folder(),
        documented: true,
        ..Layer::default()
    }]);
    let from_folder = from_folder.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(embedded.digest(), from_folder.digest());
    assert_eq!(embedded.entries().len(), from_folder.entries().len());
    assert!(embedded.overridden().is_empty());
    let patterns = embedded.patterns().map(|p| &*p.entry);
    let all = embedded.entries().chain(patterns);
    let statutes = embedded.statutes().iter().map(|s| s.place.0.as_str());
    let terms = embedded.terms().iter().map(|t| t.place.0.as_str());
    let used: BTreeSet<_> = all
        .map(|e| e.place.0.as_str())
        .chain(statutes)
        .chain(terms)
        .collect();
    let files = folder();
    let files: BTreeSet<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(used, files);
}

#[test]
fn the_examples_of_the_embedded_lexicon_hold() {
    let lexicon = builtin();
    let failures = test_examples(&lexicon).unwrap();
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Invariant 6, for every entry: whatever stands around a canonical form, nothing inside it is reported.
#[test]
fn no_canonical_form_is_ever_reported() {
    let lexicon = builtin();
    let linter = of_a_late_day(&lexicon);
    let forms: Vec<&str> = lexicon
        .entries()
        .flat_map(|e| e.forbidden.iter().chain(&e.unless_inside))
        .map(String::as_str)
        .collect();
    let canonical: Vec<&str> = lexicon
        .entries()
        .flat_map(|e| e.canonical.iter().chain(&e.unless_inside))
        .map(String::as_str)
        .collect();
    // A few forms at a time with something between them, so that all of them take part in every case.
    let chunks: Vec<&[&str]> = canonical.chunks(16).collect();
    let gap = prop_oneof![
        2 => Just(String::new()),
        3 => (any::<Index>(), any::<Index>(), any::<bool>()).prop_map(move |(form, cut, head)| {
            // The head or tail of some wrong form, which may join what stands beside it.
            let form: Vec<char> = form.get(&forms).chars().collect();
            let cut = cut.index(form.len() + 1);
            String::from_iter(if head { &form[..cut] } else { &form[cut..] })
        }),
        2 => select(vec!["，", "。", "《", "》", "“", "”", "的", "在", "和", " ", "、"]).prop_map(str::to_owned),
        1 => "[一-龥]{1,3}",
    ];
    let gaps = prop::collection::vec(gap, 17);
    let rounds = 1000_usize.div_ceil(chunks.len()).max(2);
    let cases = u32::try_from(chunks.len() * rounds).unwrap();
    let nth = std::cell::Cell::new(0);
    proptest!(config(cases), |(gaps in gaps)| {
        let chunk = chunks[nth.get() % chunks.len()];
        nth.set(nth.get() + 1);
        check(&lexicon, &linter, chunk, &gaps)?;
    });
}

fn check(
    lexicon: &Lexicon,
    linter: &Linter,
    canonical: &[&str],
    gaps: &[String],
) -> Result<(), TestCaseError> {
    let mut text = gaps[0].clone();
    let mut places = Vec::new();
    for (form, gap) in canonical.iter().zip(&gaps[1..]) {
        let start = text.len();
        text.push_str(form);
        places.push(start..text.len());
        text.push_str(gap);
    }
    let document = document("a.txt", &text);
    let found = linter.lint(&document);
    let listed = |d: &&Diagnostic| lexicon.rule(&d.rule).next().is_some();
    for d in found.iter().filter(listed) {
        let (start, end) = (d.spans[0].span.start, d.spans[d.spans.len() - 1].span.end);
        let around = places.iter().find(|p| p.start <= start && end <= p.end);
        prop_assert!(
            around.is_none(),
            "{} in “{}”: {text}",
            d.rule,
            &text[around.cloned().unwrap_or_default()]
        );
    }
    Ok(())
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A mistake, where it is reported, and what is said about it.
#[test]
fn every_kind_of_mistake_has_its_place() {
    let cases: &[(&str, (usize, usize), &str)] = &[
        (
            "[[entry]]\nforbidden = [\"甲乙\"]\ncanonical = \"丙丁\"\n",
            (1, 1),
            "no category",
        ),
        (
            "category = \"\"\n",
            (1, 12),
            "the category must not be empty",
        ),
        ("category = \"a/b\"\n", (1, 12), "nor contain"),
        (
            "category = \"t\"\nentries = []\n",
            (2, 1),
            "unknown key “entries”",
        ),
        (
            "category = \"t\"\n[[entry]]\nforbidden = [\"甲乙\"]\n",
            (2, 1),
            "no canonical form",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"\"\nforbidden = [\"甲乙\"]\n",
            (3, 13),
            "no canonical form",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = []\nforbidden = [\"甲乙\"]\n",
            (3, 13),
            "no canonical form",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\n",
            (2, 1),
            "no forbidden form",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = 3\nforbidden = [\"甲乙\"]\n",
            (3, 13),
            "should be a string",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\", 3]\n",
            (4, 20),
            "should be a string",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nserverity = \"error\"\n",
            (5, 1),
            "did you mean “severity”?",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"甲乙\"]\n",
            (4, 14),
            "equals the canonical one",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"12345热线\"\nforbidden = [\"１２３４５热线\"]\n",
            (4, 14),
            "equals the canonical one",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"扫黑除恶\"\nforbidden = [\"掃黑除惡\"]\n",
            (4, 14),
            "equals the canonical one",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"甲 乙\"]\n",
            (4, 14),
            "equals the canonical one",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙\"]\n",
            (4, 14),
            "too short",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"\"]\n",
            (4, 14),
            "too short",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙\u{200B} \"]\n",
            (4, 14),
            "too short",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nseverity = \"fatal\"\n",
            (5, 12),
            "severity must be",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nfix = true\n",
            (5, 7),
            "fix must be",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = [\"甲乙\", \"甲丙\"]\nforbidden = [\"丙丁\"]\nfix = \"safe\"\n",
            (5, 7),
            "several canonical forms",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nvalid_until = \"2018-02-30\"\n",
            (5, 15),
            "must be a date",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nunless_inside = [\"丙戊丁\"]\n",
            (5, 18),
            "holds none of the forbidden forms",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nunless_preceded_by = [\"\"]\n",
            (5, 23),
            "would silence the entry",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nunless_inside = [\"丙丁\"]\n",
            (4, 14),
            "shadows it completely",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\nunless_in_sentence = [\"丁\"]\n",
            (4, 14),
            "shadows it completely",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = \"丙丁\"\n\"甲 乙\" = \"丙戊\"\n",
            (4, 1),
            "two canonical forms",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = \"丙丁\"\n\"甲\u{200B}乙\" = \"丙丁\"\n",
            (4, 1),
            "stands twice",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = \"丙丁\"\n\"甲乙\" = \"丙戊\"\n",
            (4, 1),
            "duplicate key",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = \"丙丁\"\n\"丙丁\" = \"甲乙\"\n",
            (3, 8),
            "a cycle",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = \"丙丁\"\n\"丙丁\" = \"戊己\"\n",
            (3, 8),
            "flagged again",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = 3\n",
            (3, 8),
            "should be",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = \"\"\n",
            (3, 8),
            "no canonical form",
        ),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲\\u0001乙\"\nforbidden = [\"丙丁\"]\n",
            (3, 13),
            "control character",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = \"丙丁\"\n\"甲丙\" = \"丙丁\"\n\"甲\\t丁\" = \"丙丁\"\n",
            (5, 1),
            "U+0009",
        ),
        (
            "category = \"t\"\n[pairs]\n\"甲乙\" = []\n",
            (3, 8),
            "no canonical form",
        ),
        (
            "category = \"t\"\n[pairs_meta]\nsources = \"a\"\n",
            (3, 1),
            "did you mean “source”?",
        ),
        ("category = \"t\"\nentry = 3\n", (2, 9), "[[entry]]"),
        ("category = \"t\"\npairs = 3\n", (2, 9), "[pairs]"),
        (
            "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙戊\"]\n",
            (6, 13),
            "give one of them a `name`",
        ),
        ("category = \"t\"\n[[entry]\n", (2, 9), "TOML syntax"),
        ("category = \"t\n", (1, 14), "TOML syntax"),
    ];
    let mut wrong = Vec::new();
    for (toml, place, want) in cases {
        let error = match Lexicon::load(&[layer("a", toml)]) {
            Ok(_) => {
                wrong.push(format!("no mistake in {toml}"));
                continue;
            }
            Err(error) => error,
        };
        let mistakes = error.as_mistakes();
        assert!(!mistakes.is_empty(), "{toml}: {error}");
        assert!(mistakes.iter().all(|m| m.file == "a.toml"), "{error}");
        let found = mistakes
            .iter()
            .any(|m| (m.line, m.column) == *place && m.en.contains(want));
        let zh = error.message(Lang::Zh);
        let chinese = |m: &zhengming::Mistake| m.zh.chars().any(|c| ('一'..='龥').contains(&c));
        if !found || !mistakes.iter().all(chinese) {
            wrong.push(format!("{toml}wants {place:?} {want}:\n{error}\n{zh}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

#[test]
fn mistakes_between_files_name_both() {
    let files = [
        ("a.toml", "category = \"a\"\n[pairs]\n\"甲乙\" = \"丙丁\"\n"),
        (
            "b.toml",
            "category = \"b\"\n[pairs]\n\"甲乙\" = \"丙戊\"\n\"丙丁\" = \"己庚\"\n",
        ),
    ];
    let layer = Layer {
        name: "two".to_owned(),
        files: files.map(|(n, t)| (n.to_owned(), t.to_owned())).to_vec(),
        ..Layer::default()
    };
    let error = Lexicon::load(&[layer]).unwrap_err().message(Lang::En);
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(
        lines[0].starts_with("a.toml:3:8: ") && lines[0].contains("b.toml:4"),
        "{error}"
    );
    assert!(
        lines[1].starts_with("b.toml:3:1: ") && lines[1].contains("a.toml:3"),
        "{error}"
    );
}

/// What the embedded files must have and others need not.
#[test]
fn documented_entries_cite_and_show() {
    let bare = "category = \"t\"\n[[entry]]\ncanonical = \"甲乙\"\nforbidden = [\"丙丁\"]\n[pairs]\n\"戊己\" = \"庚辛\"\n";
    assert!(Lexicon::load(&[layer("a", bare)]).is_ok());
    let documented = Layer {
        documented: true,
        ..layer("a", bare)
    };
    let error = Lexicon::load(&[documented]).unwrap_err();
    let wants = ["no source", "no examples", "[pairs_meta] has no source"];
    for want in wants {
        assert!(error.to_string().contains(want), "{want}: {error}");
    }
}

fn rules(lexicon: &Lexicon, text: &str) -> Vec<(String, Vec<String>)> {
    let linter = of_a_late_day(lexicon);
    let document: Document = document("a.txt", text);
    let found = linter.lint(&document).into_iter();
    found.map(|d| (d.found, d.suggestions)).collect()
}

#[test]
fn the_later_layer_wins_for_the_form_in_question() {
    let first = layer(
        "first",
        "category = \"a\"\n[[entry]]\ncanonical = \"丙丁\"\nforbidden = [\"甲乙\", \"甲丙\"]\n[pairs]\n\"子丑\" = \"寅卯\"\n\"辰巳\" = \"午未\"\n",
    );
    let second = layer(
        "second",
        "category = \"b\"\n[pairs]\n\"甲 乙\" = \"戊己\"\n\"寅卯\" = \"子丑\"\n\"午未\" = \"申酉\"\n",
    );
    let lexicon = Lexicon::load(&[first, second]).unwrap_or_else(|e| panic!("{e}"));
    let of = |text: &str| {
        let found = rules(&lexicon, text);
        found
            .into_iter()
            .map(|(_, s)| s[0].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("甲乙。"), ["戊己"]);
    assert_eq!(of("甲丙。"), ["丙丁"], "the rest of the entry stays");
    assert!(of("子丑。").is_empty(), "the later layer calls it right");
    assert_eq!(of("寅卯。"), ["子丑"]);
    assert_eq!(of("午未。"), ["申酉"], "what an earlier layer calls right");
    let overridden: Vec<_> = lexicon
        .overridden()
        .iter()
        .map(|o| (o.form.as_str(), o.earlier.clone(), o.later.clone()))
        .collect();
    let place = |file: &str, line| (format!("{file}.toml"), line);
    assert!(
        overridden.contains(&("甲乙", place("first", 2), place("second", 3))),
        "{overridden:?}"
    );
    assert!(
        overridden.contains(&("子丑", place("first", 6), place("second", 4))),
        "{overridden:?}"
    );
}

#[test]
fn an_office_may_contradict_the_embedded_lexicon() {
    let office = "category = \"own\"\n[pairs]\n\"习近平总书记\" = \"习近平主席\"\n";
    let lexicon = Lexicon::load(&[Layer::builtin(), layer("own", office)]);
    let lexicon = lexicon.unwrap_or_else(|e| panic!("{e}"));
    let found = rules(&lexicon, "学习习近平总书记讲话。");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, ["习近平主席"]);
}

#[test]
fn guards_permit_a_form_in_their_context() {
    let lexicon = lexicon(
        "category = \"t\"\n[[entry]]\ncanonical = \"从严治党\"\nforbidden = [\"从严治档\"]\n\
         unless_preceded_by = [\"全面\", \"Ａ\"]\nunless_followed_by = [\"案\"]\nunless_inside = [\"要从严治档室\"]\n\
         unless_in_sentence = [\"档案局\"]\n",
    );
    for (text, want) in [
        ("坚持从严治档。", 1),
        ("全面从严治档。", 0),
        ("全 面从严治档。", 0),
        ("a从严治档。", 0),
        ("全面要从严治档。", 1),
        ("从严治档案。", 0),
        ("从严治档\u{200B}案。", 0),
        ("从严治档的案子。", 1),
        ("要从严治档室里。", 0),
        ("要从严治 档室里。", 0),
        ("只要从严治档。", 1),
        ("档案局从严治档。", 0),
        ("从严治档，档案局负责。", 0),
        ("档案局来了。从严治档。", 1),
        ("档案局来了！从严治档；档案局走了。", 1),
    ] {
        assert_eq!(rules(&lexicon, text).len(), want, "{text}");
    }
}

#[test]
fn overlapping_and_neighbouring_forms() {
    let lexicon = lexicon(
        "category = \"t\"\n[pairs]\n\"一代一路\" = \"一带一路\"\n\"一代一路倡义\" = \"一带一路倡议\"\n\"路倡义书\" = \"路倡议书\"\n\
         \"治党\" = \"管党\"\n\"国家教育部\" = \"教育部\"\n\"部国家\" = \"国家\"\n",
    );
    for (text, want) in [
        ("一代一路一代一路", &["一代一路", "一代一路"][..]),
        ("一代一路倡义", &["一代一路倡义"]),
        ("一代一路倡义书", &["一代一路倡义"]),
        ("路倡义书一代一路倡义", &["路倡义书", "一代一路倡义"]),
        ("国家教育部国家教育部", &["国家教育部", "国家教育部"]),
        ("管党治党", &["治党"]),
        ("一带一路倡义书", &["路倡义书"]),
        ("一带一路倡议书", &[]),
    ] {
        let found = rules(&lexicon, text);
        let found: Vec<_> = found.iter().map(|(found, _)| found.as_str()).collect();
        assert_eq!(found, want, "{text}");
    }
}
