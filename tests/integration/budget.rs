//! The frozen clean corpus: what is reported in it stands in `tests/corpus/budget.toml` with a reason, or is a false
//! alarm that a change has brought.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Config, Linter};

use crate::support::document;

/// What may be reported.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    alarm: Vec<Alarm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alarm {
    rule: String,
    file: String,
    form: String,
    count: usize,
    reason: String,
}

/// A rule, the file it fires in, and the text it marks.
type Key = (String, String, String);

#[test]
fn the_clean_corpus_raises_no_alarm_that_is_not_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let budget = fs::read_to_string(folder.join("budget.toml")).unwrap();
    let budget: Budget = toml::from_str(&budget).unwrap();
    let mut wrong = String::new();
    let mut listed: BTreeMap<Key, usize> = BTreeMap::new();
    for alarm in budget.alarm {
        let key = (alarm.rule, alarm.file, alarm.form);
        if alarm.reason.trim().is_empty() {
            let _ = writeln!(wrong, "no reason is given for {key:?}");
        }
        if listed.insert(key.clone(), alarm.count).is_some() {
            let _ = writeln!(wrong, "listed twice: {key:?}");
        }
    }
    let (raised, characters) = alarms(&folder);
    assert!(characters >= 200_000, "only {characters} characters");
    for (key, (count, context)) in &raised {
        let allowed = listed.remove(key).unwrap_or(0);
        if allowed != *count {
            let (rule, file, form) = key;
            let _ = writeln!(
                wrong,
                "# {context}\n# {allowed} listed, {count} raised: mend the rule, or list it\n\
                 [[alarm]]\nrule = {rule:?}\nfile = {file:?}\nform = {form:?}\ncount = {count}\nreason = \"\"\n"
            );
        }
    }
    for key in listed.keys() {
        let _ = writeln!(wrong, "no longer raised, take it off the list: {key:?}");
    }
    assert!(wrong.is_empty(), "tests/corpus/budget.toml:\n{wrong}");
}

/// What the embedded lexicon and the rules report in the corpus, how often and in which context, and how many characters
/// there are. Demoted diagnostics are no alarms.
fn alarms(folder: &Path) -> (BTreeMap<Key, (usize, String)>, usize) {
    let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
    let config = Config {
        today: "2026-11-24".parse().unwrap(),
        ..Config::default()
    };
    let linter = Linter::new(&lexicon, &config).unwrap();
    let mut raised: BTreeMap<Key, (usize, String)> = BTreeMap::new();
    let mut characters = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "txt") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        characters += text.chars().count();
        for d in linter.lint(&document(name, &text)) {
            if d.demoted.is_some() {
                continue;
            }
            let e = d.excerpt;
            let context = format!("{}【{}】{}", e.before, e.form, e.after);
            let context = context.replace(['\n', '\r'], "⏎");
            let key = (d.rule, name.to_owned(), e.form);
            raised.entry(key).or_insert((0, context)).0 += 1;
        }
    }
    (raised, characters)
}
