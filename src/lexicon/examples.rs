//! Every entry carries its own tests: sentences in which it must fire, and sentences in which it must not.

use crate::document::{Document, ReadOptions};
use crate::lexicon::{Entry, Lexicon};
use crate::linter::Linter;

/// An example that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The rule it belongs to.
    pub rule: String,
    /// The sentence.
    pub sentence: String,
    /// Whether the rule should have fired.
    pub expected: bool,
    /// The rules that fired.
    pub found: Vec<String>,
    /// File and 1-based line of the entry.
    pub place: (String, usize),
}

/// Runs the examples of every entry, and those derived from its forms, through `linter`.
///
/// The linter must be compiled from `lexicon`, with a day on which every entry applies.
#[must_use]
pub fn test_examples(lexicon: &Lexicon, linter: &Linter) -> Vec<ExampleFailure> {
    let mut failures = Vec::new();
    let patterns = lexicon.patterns().map(|p| &*p.entry);
    for entry in lexicon.entries().chain(patterns) {
        let derived = derived(entry);
        let bad = entry.bad.iter().chain(&derived.0).map(|s| (s, true));
        let good = entry.good.iter().chain(&derived.1).map(|s| (s, false));
        for (sentence, expected) in bad.chain(good) {
            let found = fired(linter, sentence);
            if found.contains(&entry.id) != expected {
                failures.push(ExampleFailure {
                    rule: entry.id.clone(),
                    sentence: sentence.clone(),
                    expected,
                    found,
                    place: entry.place.clone(),
                });
            }
        }
    }
    failures
}

/// Each form must fire on its own, and no canonical form may: this needs nobody to write it down.
///
/// A form with a guard that looks at the sentence or its neighbours may need more context than that, so only the
/// examples of its entry speak for it.
fn derived(entry: &Entry) -> (Vec<String>, Vec<String>) {
    let carry = |form: &String| format!("示例：{form}。");
    let guards = [
        &entry.unless_preceded_by,
        &entry.unless_followed_by,
        &entry.unless_in_sentence,
    ];
    let is_guarded = guards.iter().any(|g| !g.is_empty());
    let forms = entry.forbidden.iter().filter(|_| !is_guarded);
    let bad = forms.map(carry).collect();
    let good = entry.canonical.iter().map(carry).collect();
    (bad, good)
}

fn fired(linter: &Linter, sentence: &str) -> Vec<String> {
    let options = ReadOptions::default();
    match Document::parse("example.txt", sentence.as_bytes().to_vec(), &options) {
        Ok(document) => linter.lint(&document).into_iter().map(|d| d.rule).collect(),
        Err(_) => Vec::new(),
    }
}
