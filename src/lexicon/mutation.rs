//! Whether the examples of an entry would notice that one of its conditions is gone.
//!
//! A guard that no example needs may be a slip of the pen, or the example that explains it was forgotten; either way
//! nobody can tell later what it was for.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::error::Result;
use crate::lexicon::examples::{Example, examples, linter};
use crate::lexicon::{Entry, Lexicon};
use crate::linter::{Linter, Nth};
use crate::normal::fold_form;

/// A condition of an entry that can be taken away: a guard string, a permitted phrase, or a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A string of `unless_preceded_by`.
    PrecededBy(String),
    /// A string of `unless_followed_by`.
    FollowedBy(String),
    /// A phrase of `unless_inside`.
    Inside(String),
    /// A string of `unless_in_sentence`.
    InSentence(String),
    /// `valid_from`.
    ValidFrom(Date),
    /// `valid_until`.
    ValidUntil(Date),
}

impl Condition {
    /// The key of the entry that it stands under.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::PrecededBy(_) => "unless_preceded_by",
            Self::FollowedBy(_) => "unless_followed_by",
            Self::Inside(_) => "unless_inside",
            Self::InSentence(_) => "unless_in_sentence",
            Self::ValidFrom(_) => "valid_from",
            Self::ValidUntil(_) => "valid_until",
        }
    }

    /// What stands there.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::PrecededBy(s) | Self::FollowedBy(s) | Self::Inside(s) | Self::InSentence(s) => {
                s.clone()
            }
            Self::ValidFrom(day) | Self::ValidUntil(day) => day.to_string(),
        }
    }
}

/// A condition that can be taken away without any example noticing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// The rule it belongs to.
    pub rule: String,
    /// The condition.
    pub condition: Condition,
    /// File and 1-based line of the entry.
    pub place: (String, usize),
}

/// What taking away each condition in turn has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutation {
    /// By key: how many conditions an example needs, and how many there are.
    pub counts: BTreeMap<&'static str, (usize, usize)>,
    /// The conditions that no example needs, in the order of the entries.
    pub survivors: Vec<Survivor>,
}

impl Mutation {
    /// How many conditions there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.values().map(|&(_, total)| total).sum()
    }

    /// How many of them some example needs.
    #[must_use]
    pub fn killed(&self) -> usize {
        self.counts.values().map(|&(killed, _)| killed).sum()
    }

    /// The share of the conditions that some example needs, in per cent; 100 where there are none.
    #[must_use]
    pub fn score(&self) -> f64 {
        match self.total() {
            0 => 100.0,
            // Both are small enough for an exact quotient.
            total => 100.0 * self.killed() as f64 / total as f64,
        }
    }
}

/// Takes away each condition of each entry in turn, and notes which of them no example of the entry misses.
///
/// # Errors
/// When the lexicon cannot be compiled.
pub fn test_conditions(lexicon: &Lexicon) -> Result<Mutation> {
    let mut linter = linter(lexicon)?;
    let permitted = permitted_times(lexicon);
    let mut mutation = Mutation::default();
    let entries = lexicon.entries().enumerate();
    let entries = entries.map(|(nth, entry)| (Nth::Entry(nth), entry));
    let patterns = lexicon.patterns().enumerate();
    let patterns = patterns.map(|(nth, pattern)| (Nth::Pattern(nth), &*pattern.entry));
    for (nth, entry) in entries.chain(patterns) {
        let conditions = conditions(entry);
        if conditions.is_empty() {
            continue;
        }
        // A condition only ever silences, so only the examples that want silence can miss it.
        let mut silent = examples(entry);
        silent.retain(|e| !e.expected);
        let silent: Vec<_> = silent
            .into_iter()
            .map(|e| (fold_form(&e.sentence), e))
            .collect();
        for condition in conditions {
            let is_elsewhere = matches!((nth, &condition), (Nth::Entry(_), Condition::Inside(phrase))
                if permitted.get(&fold_form(phrase)).is_some_and(|&n| n > 1));
            let killed = !is_elsewhere && is_missed(&mut linter, nth, entry, &condition, &silent);
            let count = mutation.counts.entry(condition.key()).or_default();
            count.0 += usize::from(killed);
            count.1 += 1;
            if !killed {
                mutation.survivors.push(Survivor {
                    rule: entry.id.clone(),
                    condition,
                    place: entry.place.clone(),
                });
            }
        }
    }
    Ok(mutation)
}

/// Whether one of the examples (each with its normal form) fails without the condition.
fn is_missed(
    linter: &mut Linter,
    nth: Nth,
    entry: &Entry,
    condition: &Condition,
    silent: &[(String, Example)],
) -> bool {
    let needle = match condition {
        Condition::ValidFrom(_) | Condition::ValidUntil(_) => String::new(),
        guard => fold_form(&guard.value()),
    };
    linter.without(nth, condition, |linter| {
        silent
            .iter()
            .filter(|(folded, _)| folded.contains(&needle))
            .any(|(_, example)| example.fired(linter).contains(&entry.id))
    })
}

/// Makes a condition of a guard string.
type Guard = fn(String) -> Condition;

fn conditions(entry: &Entry) -> Vec<Condition> {
    let lists: [(&[String], Guard); 4] = [
        (&entry.unless_preceded_by, Condition::PrecededBy),
        (&entry.unless_followed_by, Condition::FollowedBy),
        (&entry.unless_inside, Condition::Inside),
        (&entry.unless_in_sentence, Condition::InSentence),
    ];
    let mut conditions: Vec<_> = lists
        .into_iter()
        .flat_map(|(list, condition)| list.iter().cloned().map(condition))
        .collect();
    conditions.extend(entry.valid_from.map(Condition::ValidFrom));
    conditions.extend(entry.valid_until.map(Condition::ValidUntil));
    conditions
}

/// How often each phrase is permitted: one that is right elsewhere, too, is silent whatever this entry says.
fn permitted_times(lexicon: &Lexicon) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for entry in lexicon.entries() {
        for phrase in entry.canonical.iter().chain(&entry.unless_inside) {
            *times.entry(fold_form(phrase)).or_default() += 1;
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Layer, test_examples};

    fn lexicon(toml: &str) -> Lexicon {
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("test.toml".to_owned(), format!("category = 'test'\n{toml}"))],
            ..Layer::default()
        };
        Lexicon::load(&[layer]).unwrap()
    }

    fn survivors(toml: &str) -> Vec<(&'static str, String)> {
        let mutation = test_conditions(&lexicon(toml)).unwrap();
        let survivors = mutation.survivors.iter();
        survivors
            .map(|s| (s.condition.key(), s.condition.value()))
            .collect()
    }

    #[test]
    fn a_condition_that_an_example_needs_is_killed() {
        for (toml, want) in [
            (
                "[[entry]]\ncanonical = '未来'\nforbidden = '末来'\nunless_preceded_by = ['年', '月', '周']\n\
                 bad = ['面向末来。']\ngood = ['年末来不及。', '周末来人多。']\n",
                vec![("unless_preceded_by", "月")],
            ),
            // The longer guard silences nothing that the shorter one would not.
            (
                "[[entry]]\ncanonical = '协调'\nforbidden = '斜调'\nunless_followed_by = ['整', '整了']\n\
                 good = ['倾斜调整。', '倾斜调整了。']\n",
                vec![("unless_followed_by", "整了")],
            ),
            (
                "[[entry]]\ncanonical = '撤销'\nforbidden = '撤消'\nunless_inside = ['后撤消防', '已撤消防']\n\
                 unless_in_sentence = ['空域']\ngood = ['把设备后撤消防通道外。', '空域的撤消。']\n",
                vec![("unless_inside", "已撤消防")],
            ),
            // A phrase that is canonical somewhere permits what is inside it anyway.
            (
                "[[entry]]\ncanonical = '全面从严治党'\nforbidden = '从严治党'\n\
                 unless_inside = '党要管党、从严治党'\ngood = ['坚持党要管党、从严治党。']\n\
                 [[entry]]\ncanonical = '党要管党、从严治党'\nforbidden = '党要管党，从严治党'\n",
                vec![("unless_inside", "党要管党、从严治党")],
            ),
            (
                "[[entry]]\ncanonical = '自然资源部'\nforbidden = '国土资源部'\nvalid_until = '2018-03-16'\n\
                 bad = ['报国土资源部。']\n",
                vec![],
            ),
            // Without a sentence with the mistake nothing shows that the day matters.
            (
                "[[entry]]\ncanonical = '自然资源部'\nforbidden = '国土资源部'\nvalid_from = '2018-03-17'\n",
                vec![("valid_from", "2018-03-17")],
            ),
            (
                "[[entry]]\ncanonical = '自然资源部'\nforbidden = '国土资源部'\nvalid_from = '2018-03-17'\n\
                 good = [\"报国土资源部。\\n2018年3月16日\"]\n",
                vec![],
            ),
        ] {
            let want: Vec<_> = want.into_iter().map(|(k, v)| (k, v.to_owned())).collect();
            assert_eq!(survivors(toml), want, "{toml}");
            let failures = test_examples(&lexicon(toml)).unwrap();
            assert!(failures.is_empty(), "{failures:?}");
        }
    }

    #[test]
    fn the_score_is_the_share_of_the_killed() {
        let mutation = test_conditions(&lexicon(
            "[[entry]]\ncanonical = '未来'\nforbidden = '末来'\nunless_preceded_by = ['年', '月', '周', '期']\n\
             good = ['年末来不及。', '周末来人多。', '期末来校。']\n",
        ));
        let mutation = mutation.unwrap();
        assert_eq!((mutation.killed(), mutation.total()), (3, 4));
        assert!((mutation.score() - 75.0).abs() < 1e-9);
        assert!((Mutation::default().score() - 100.0).abs() < 1e-9);
    }
}
