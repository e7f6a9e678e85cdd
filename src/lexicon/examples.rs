//! Every entry carries its own tests: sentences in which it must fire, and sentences in which it must not.

use jiff::civil::Date;

use crate::config::Config;
use crate::document::{Document, ReadOptions};
use crate::error::Result;
use crate::lexicon::{Entry, Lexicon};
use crate::linter::Linter;

/// An example that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The rule it belongs to.
    pub rule: String,
    /// The sentence.
    pub sentence: String,
    /// The document's day, where the example is about one.
    pub day: Option<Date>,
    /// Whether the rule should have fired.
    pub expected: bool,
    /// The rules that fired.
    pub found: Vec<String>,
    /// File and 1-based line of the entry.
    pub place: (String, usize),
}

/// Runs the examples of every entry, and those derived from its forms and days.
///
/// # Errors
/// When the lexicon cannot be compiled.
pub fn test_examples(lexicon: &Lexicon) -> Result<Vec<ExampleFailure>> {
    let mut linter = linter(lexicon)?;
    let mut failures = Vec::new();
    let patterns = lexicon.patterns().map(|p| &*p.entry);
    for entry in lexicon.entries().chain(patterns) {
        for example in examples(entry) {
            let found = example.fired(&mut linter);
            if found.contains(&entry.id) != example.expected {
                failures.push(ExampleFailure {
                    rule: entry.id.clone(),
                    sentence: example.sentence,
                    day: example.day,
                    expected: example.expected,
                    found,
                    place: entry.place.clone(),
                });
            }
        }
    }
    Ok(failures)
}

/// A sentence, and whether a rule must fire in it.
pub(super) struct Example {
    pub(super) sentence: String,
    pub(super) expected: bool,
    /// The day of the document, whatever the sentence says.
    pub(super) day: Option<Date>,
}

impl Example {
    /// The rules that fire.
    pub(super) fn fired(&self, linter: &mut Linter) -> Vec<String> {
        let options = ReadOptions::default();
        let bytes = self.sentence.as_bytes().to_vec();
        let Ok(document) = Document::parse("example.txt", bytes, &options) else {
            return Vec::new();
        };
        let rules = |linter: &Linter| linter.lint(&document).into_iter().map(|d| d.rule).collect();
        match self.day {
            Some(day) => linter.on(day, rules),
            None => rules(linter),
        }
    }
}

/// A linter for examples: each entry that is due on some day is due, because the day of a sentence that says none is
/// the last of the calendar.
pub(super) fn linter(lexicon: &Lexicon) -> Result<Linter> {
    let config = Config {
        today: Date::MAX,
        ..Config::default()
    };
    Linter::new(lexicon, &config)
}

/// What an entry says of itself, and what needs nobody to write it down: each form fires on its own, no canonical form
/// does, and none of the sentences with a mistake held one as long as the wording was right.
pub(super) fn examples(entry: &Entry) -> Vec<Example> {
    let example = |expected, day| {
        move |sentence: &String| Example {
            sentence: sentence.clone(),
            expected,
            day,
        }
    };
    let carry = |expected| {
        move |form: &String| Example {
            sentence: carrier(entry, form),
            expected,
            day: None,
        }
    };
    let mut all: Vec<_> = entry.bad.iter().map(example(true, None)).collect();
    all.extend(entry.forbidden.iter().map(carry(true)));
    all.extend(entry.good.iter().map(example(false, None)));
    all.extend(entry.canonical.iter().map(carry(false)));
    if let Some(last) = entry.valid_until {
        all.extend(entry.bad.iter().map(example(false, Some(last))));
    }
    if let Some(first) = entry.valid_from {
        if entry.applies_on(first) {
            all.extend(entry.bad.iter().map(example(true, Some(first))));
        }
        let eve = first.yesterday().ok();
        all.extend(
            entry
                .bad
                .iter()
                .map(example(false, eve))
                .filter(|_| eve.is_some()),
        );
    }
    all
}

/// A sentence around a form that none of the entry's guards speaks about.
fn carrier(entry: &Entry, form: &str) -> String {
    const CARRIERS: [(&str, &str); 3] = [("示例：", "。"), ("材料中有", "，见下。"), ("", "")];
    let is_free = |(before, after): &&(&str, &str)| {
        let sentence = format!("{before}{form}{after}");
        let has = |guards: &[String], holds: &dyn Fn(&str) -> bool| guards.iter().any(|g| holds(g));
        !has(&entry.unless_preceded_by, &|g| before.ends_with(g))
            && !has(&entry.unless_followed_by, &|g| after.starts_with(g))
            && !has(&entry.unless_in_sentence, &|g| sentence.contains(g))
    };
    let (before, after) = CARRIERS.iter().find(is_free).unwrap_or(&CARRIERS[0]);
    format!("{before}{form}{after}")
}
