//! The `[[pattern]]` rules of the lexicon: regular expressions, run only where a text holds what every match needs.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::{Captures, Regex};

use crate::config::Config;
use crate::date::number;
use crate::diagnostic::Message;
use crate::lexicon::{Entry, Lexicon, On, Pattern, Validator};
use crate::linter::{Match, Rule};
use crate::normal::fold_form;
use crate::rule::checks;
use crate::rule::privacy::mask;
use crate::rule::{PATTERN, Target};

/// All patterns of a lexicon.
#[derive(Debug)]
pub(crate) struct Patterns {
    /// One for each pattern of the lexicon, in its order; `None` where the configuration switches it off.
    list: Vec<Option<Compiled>>,
    /// Patterns of which nothing is known that could be looked for.
    unfiltered: Vec<u32>,
}

#[derive(Debug)]
struct Compiled {
    rule: Rule,
    pattern: Arc<Pattern>,
    /// Compiled when a text first holds what it needs: most runs never get there.
    regex: OnceLock<Regex>,
}

impl Patterns {
    pub(crate) fn new(lexicon: &Lexicon, config: &Config) -> Self {
        let mut list = Vec::new();
        let mut unfiltered = Vec::new();
        for pattern in lexicon.shared_patterns() {
            let entry = &pattern.entry;
            if config.disables(&entry.id, &entry.category) {
                list.push(None);
                continue;
            }
            if pattern.needs.is_empty() {
                unfiltered.push(crate::source::narrow(list.len()));
            }
            let severity = config.severity_of(&entry.id, &entry.category);
            list.push(Some(Compiled {
                rule: Rule {
                    severity: severity.unwrap_or(entry.severity),
                    entry: Arc::clone(entry),
                },
                pattern: Arc::clone(pattern),
                regex: OnceLock::new(),
            }));
        }
        Self { list, unfiltered }
    }

    /// What the nth pattern has of an entry.
    pub(crate) fn entry_mut(&mut self, nth: usize) -> Option<&mut Arc<Entry>> {
        let compiled = self.list.get_mut(nth)?.as_mut();
        compiled.map(|c| &mut c.rule.entry)
    }

    /// Compiles all expressions.
    pub(crate) fn prepare(&self) {
        for compiled in self.list.iter().flatten() {
            compiled.regex();
        }
    }

    /// Whether any pattern may match in a text that may hold what the `wanted` ones need.
    pub(crate) fn may_match(&self, text: &str, wanted: &[u32]) -> bool {
        // Folding takes longer than an expression that finds nothing.
        self.of(wanted)
            .any(|p| p.pattern.on == On::Normal || p.regex().is_match(text))
    }

    /// What the patterns find in a block.
    pub(crate) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        for compiled in self.of(target.wanted) {
            compiled.find(target, matches);
        }
    }

    /// The patterns that have to be matched where a text may hold what the `wanted` ones need.
    fn of<'p>(&'p self, wanted: &[u32]) -> impl Iterator<Item = &'p Compiled> {
        let all = self
            .unfiltered
            .iter()
            .copied()
            .chain(wanted.iter().copied());
        all.filter_map(|nth| self.list[nth as usize].as_ref())
    }
}

impl Compiled {
    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| {
            Regex::new(&self.pattern.regex).expect("the loader has compiled it before")
        })
    }

    fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        let text = match self.pattern.on {
            On::Text => target.text,
            On::Normal => target.folded.text(),
        };
        for captures in self.regex().captures_iter(text) {
            let Some(found) = captures.name("found").or_else(|| captures.get(0)) else {
                continue;
            };
            let range = match self.pattern.on {
                On::Text => target.folded.range_of(&found.range()),
                On::Normal => found.range(),
            };
            if range.is_empty() || self.is_inside_permitted(text, &found.range()) {
                continue;
            }
            let Some(correction) = self.confirm(&captures, found.start(), found.as_str()) else {
                continue;
            };
            let described = self.describe(&captures, range, correction, target.folded.text());
            // An expression may match what is right, too: then there is nothing to say.
            let found = found.as_str();
            if !matches!(&*described.suggestions, [only] if only == found) {
                matches.push(described);
            }
        }
    }

    /// Whether the match lies in an occurrence of a phrase of `unless_inside`.
    fn is_inside_permitted(&self, text: &str, range: &Range<usize>) -> bool {
        self.rule.entry.unless_inside.iter().any(|phrase| {
            let phrase = match self.pattern.on {
                On::Text => Cow::Borrowed(phrase.as_str()),
                On::Normal => Cow::Owned(fold_form(phrase)),
            };
            let first = range.end.saturating_sub(phrase.len());
            (first..=range.start).any(|at| {
                text.get(at..)
                    .is_some_and(|rest| rest.starts_with(&*phrase))
            })
        })
    }

    /// `None` when the validator does not confirm the match; else the correction that it knows, if any.
    fn confirm(
        &self,
        captures: &Captures<'_>,
        start: usize,
        found: &str,
    ) -> Option<Option<String>> {
        let Some(validator) = self.pattern.validator else {
            return Some(None);
        };
        let number = |name: &str| captures.name(name).and_then(|g| whole_number(g.as_str()));
        match validator {
            Validator::ResidentNumber => {
                checks::is_resident_number(&alphanumeric(found)).then(|| Some(mask(found, 6, 4)))
            }
            Validator::Luhn => {
                checks::is_luhn(&alphanumeric(found)).then(|| Some(mask(found, 4, 4)))
            }
            Validator::Date => {
                let year = number("year").filter(|&y| y >= 1000);
                let (month, day) = (number("month")?, number("day")?);
                // Without a year there may be a 29th of February, and a number above 12 may be no month.
                let exists = checks::date(year.unwrap_or(2000), month, day).is_some();
                (!exists && (year.is_some() || month <= 12)).then_some(None)
            }
            Validator::Arabic => {
                let (year, month, day) = (number("year")?, number("month")?, number("day")?);
                checks::date(year, month, day)?;
                Some(Some(format!("{year}年{month}月{day}日")))
            }
            Validator::Zero => {
                let right: String = found
                    .chars()
                    .map(|c| if ZEROS.contains(&c) { '〇' } else { c })
                    .collect();
                (right != found).then_some(Some(right))
            }
            Validator::Weekday => {
                let (year, month, day) = (number("year"), number("month"), number("day"));
                let right = checks::weekday(checks::date(year?, month?, day?)?);
                let written = captures.name("weekday")?;
                let same = match written.as_str() {
                    "天" | "七" | "7" => right == '日',
                    other => other.starts_with(right),
                };
                (!same).then(|| {
                    let at = written.start().checked_sub(start)?;
                    let mut corrected = found.get(..at)?.to_owned();
                    corrected.push(right);
                    corrected.push_str(found.get(at + written.len()..)?);
                    Some(corrected)
                })
            }
        }
    }

    fn describe<'l>(
        &'l self,
        captures: &Captures<'_>,
        range: Range<usize>,
        correction: Option<String>,
        folded: &str,
    ) -> Match<'l> {
        let pattern = &self.pattern;
        let expand = |template: &String| {
            let mut text = String::new();
            captures.expand(template, &mut text);
            text
        };
        let personal = pattern.validator.is_some_and(Validator::is_personal);
        let mut suggestions: Vec<String> = pattern.suggestions.iter().map(expand).collect();
        if suggestions.is_empty() {
            suggestions.extend(correction);
        }
        let found = match suggestions.first() {
            Some(masked) if personal => masked.clone(),
            _ => folded[range.clone()].to_owned(),
        };
        let zh = expand(&pattern.message);
        Match {
            rule: &self.rule,
            range,
            found: found.into(),
            suggestions: suggestions.into(),
            message: Some(Message::Pattern {
                en: pattern.message_en.as_ref().map_or(zh.clone(), expand),
                zh,
            }),
            priority: PATTERN,
        }
    }
}

/// What is written for 〇.
const ZEROS: [char; 8] = ['零', '○', '◯', 'O', 'Ｏ', 'o', '0', '０'];

/// Letters and digits, in their half-width form.
fn alphanumeric(text: &str) -> Vec<char> {
    fold_form(text)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

/// The number that a string is, in digits of either script.
fn whole_number(written: &str) -> Option<u32> {
    let mut rest = written;
    number(&mut rest).filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{Document, ReadOptions};
    use crate::lexicon::Layer;
    use crate::normal::{Sketch, fold};
    use crate::rule::privacy::Survey;

    /// Pieces of the examples of all patterns, put together anew: near to what matches, and often a match.
    fn pieces(lexicon: &Lexicon) -> Vec<String> {
        let mut pieces = Vec::new();
        for pattern in lexicon.patterns() {
            let entry = &pattern.entry;
            for text in entry.bad.iter().chain(&entry.good) {
                let chars: Vec<char> = text.chars().collect();
                pieces.extend(
                    [1, 2, 3, 7]
                        .iter()
                        .flat_map(|&n| chars.chunks(n))
                        .map(String::from_iter),
                );
                pieces.push(text.clone());
            }
        }
        pieces.extend([" ", "\u{3000}", "\u{200B}", "\n"].map(str::to_owned));
        pieces
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_a_pattern_needs_is_in_every_match(picks in prop::collection::vec(any::<prop::sample::Index>(), 1..8)) {
            thread_local! {
                static KNOWN: (Lexicon, Patterns, Vec<String>) = {
                    let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
                    let patterns = Patterns::new(&lexicon, &Config::default());
                    let pieces = pieces(&lexicon);
                    (lexicon, patterns, pieces)
                };
            }
            KNOWN.with(|(lexicon, patterns, pieces)| {
                let known = lexicon.index();
                let text: String = picks
                    .iter()
                    .map(|i| pieces[i.index(pieces.len())].as_str())
                    .collect();
                let bytes = text.clone().into_bytes();
                let document = Document::parse("a.txt", bytes, &ReadOptions::default()).unwrap();
                for (index, block) in document.blocks.iter().enumerate() {
                    let text = document.text(block);
                    let folded = fold(text);
                    let (folded, personal) = (&folded, &Survey::default());
                    let mut sketch = Sketch::default();
                    sketch.draw(text);
                    let wanted = &known.candidates(&sketch, lexicon.shared()).patterns;
                    let target = Target { index, text, wanted, folded, personal };
                    for (nth, compiled) in (0..).zip(patterns.list.iter().flatten()) {
                        let mut matches = Vec::new();
                        compiled.find(&target, &mut matches);
                        let id = &compiled.rule.entry.id;
                        prop_assert!(wanted.contains(&nth) || matches.is_empty(), "{id}: {text:?}");
                    }
                }
                Ok(())
            })?;
        }
    }

    #[test]
    fn every_embedded_pattern_can_be_ruled_out() {
        let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
        for pattern in lexicon.patterns() {
            assert!(!pattern.needs.is_empty(), "{}", pattern.entry.id);
        }
    }
}
