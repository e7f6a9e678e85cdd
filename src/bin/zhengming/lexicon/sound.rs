//! Whether new forms agree with a lexicon that is already in force.

use std::collections::HashMap;

use anyhow::Result;
use zhengming::normal::fold;
use zhengming::report::visible;
use zhengming::{Config, Document, Entry, Lang, Lexicon, Linter, ReadOptions};

use crate::words::today;

/// What a lexicon says of each form, in normal form.
pub(super) struct Known<'l> {
    forbidden: HashMap<String, &'l Entry>,
    canonical: HashMap<String, &'l Entry>,
}

/// Why a pair is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Objection {
    /// The lexicon has the same pair already; nothing is lost without it.
    Present(String),
    /// Something that a person must decide.
    Conflict(String),
}

impl<'l> Known<'l> {
    pub(super) fn new(lexicon: &'l Lexicon) -> Self {
        let mut known = Self {
            forbidden: HashMap::new(),
            canonical: HashMap::new(),
        };
        for entry in lexicon.entries() {
            for form in &entry.forbidden {
                known.forbidden.insert(folded(form), entry);
            }
            for form in &entry.canonical {
                known.canonical.entry(folded(form)).or_insert(entry);
            }
        }
        known
    }

    /// Whether an entry corrects `wrong` to `right`.
    pub(super) fn has_pair(&self, wrong: &str, right: &str) -> bool {
        let entry = self.forbidden.get(&folded(wrong));
        entry.is_some_and(|e| e.canonical.iter().any(|c| c == right))
    }

    /// What speaks against a pair.
    pub(super) fn objection(&self, wrong: &str, right: &[String], lang: Lang) -> Option<Objection> {
        let (form, rule_of) = (visible(wrong), |e: &Entry| visible(&e.id).into_owned());
        if let Some(entry) = self.forbidden.get(&folded(wrong)) {
            let rule = rule_of(entry);
            let (file, line) = &entry.place;
            if entry.canonical == right {
                return Some(Objection::Present(match lang {
                    Lang::Zh => format!("词库中已有“{form}”：{rule}（{file}:{line}）"),
                    Lang::En => format!("the lexicon has “{form}” already: {rule} ({file}:{line})"),
                }));
            }
            let other = visible(&entry.canonical[0]);
            return Some(Objection::Conflict(match lang {
                Lang::Zh => {
                    format!("与已有词条矛盾：{rule}（{file}:{line}）把“{form}”改为“{other}”")
                }
                Lang::En => format!(
                    "it contradicts {rule} ({file}:{line}), where “{form}” becomes “{other}”"
                ),
            }));
        }
        if let Some(entry) = self.canonical.get(&folded(wrong)) {
            let rule = rule_of(entry);
            return Some(Objection::Conflict(match lang {
                Lang::Zh => format!("与已有词条矛盾：{rule} 以“{form}”为规范写法"),
                Lang::En => format!("it contradicts {rule}, where “{form}” is the right form"),
            }));
        }
        let (again, entry) = right
            .iter()
            .find_map(|r| Some((r, self.forbidden.get(&folded(r))?)))?;
        let (again, rule) = (visible(again), rule_of(entry));
        Some(Objection::Conflict(match lang {
            Lang::Zh => format!("改成“{again}”之后仍会被报告：{rule} 把它列为错误写法"),
            Lang::En => format!("“{again}” would be reported again: {rule} forbids it"),
        }))
    }
}

/// How text is compared with forms.
pub(super) fn folded(text: &str) -> String {
    fold(text).text().to_owned()
}

/// Where the forms of `new` are found in text that is known to be right: the canonical forms of a lexicon, and the
/// sentences in which its entries must be silent. Yields the form and the sentence.
///
/// `whole` is the lexicon with the new forms in it.
pub(super) fn in_right_text(
    whole: &Lexicon,
    is_new: &dyn Fn(&str) -> bool,
) -> Result<Vec<(String, String)>> {
    let config = Config {
        // A date in some sentence must not make it the day of them all.
        date: Some(today()),
        today: today(),
        ..Config::default()
    };
    let linter = Linter::new(whole, &config)?;
    let sentences = whole
        .entries()
        .flat_map(|e| e.good.iter().chain(&e.canonical));
    let text = sentences
        .map(|s| s.replace(['\n', '\r'], " "))
        .collect::<Vec<_>>()
        .join("\n\n");
    let document = Document::parse("right.txt", text.into_bytes(), &ReadOptions::default())?;
    let found = linter.lint(&document).into_iter();
    Ok(found
        .filter(|d| d.demoted.is_none() && is_new(&d.found))
        .map(|d| {
            let e = d.excerpt;
            (d.found, format!("{}{}{}", e.before, e.form, e.after))
        })
        .collect())
}
