//! The forms of a lexicon, made ready to be searched for. For the embedded lexicon `build.rs` does this once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::filter::Filter;
use crate::lexicon::{Entry, Pattern};
use crate::normal::{Sketch, fold_form};
use crate::source::narrow;

// The path is spelled out for build.rs, which includes this file from elsewhere.
#[path = "index/near.rs"]
pub(crate) mod near;

/// All forbidden forms, numbered, and the phrases that permit some of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Index {
    pub(crate) forms: Vec<Form>,
    /// Canonical forms and permitted phrases that hold a forbidden form, in normal form.
    pub(crate) permits: Vec<String>,
    /// Pairs of a form and a permit that holds it, sorted.
    pub(crate) permitted: Vec<(u32, u32)>,
    /// What patterns need, and which of the lexicon's patterns that is.
    needs: Vec<(String, u32)>,
    /// Numbers the forms, then the needs.
    filter: Filter,
}

/// What a text may hold.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Numbers of forms, each once, in order.
    pub(crate) forms: Vec<u32>,
    /// The patterns of the lexicon whose needs it may hold, each once, in order.
    pub(crate) patterns: Vec<u32>,
}

/// A forbidden form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Form {
    /// Which of the lexicon's entries forbids it.
    pub(crate) entry: u32,
    /// Which of the entry's forbidden forms it is.
    pub(crate) nth: u32,
    /// Its normal form, where that is not how the lexicon spells it.
    folded: Option<Box<str>>,
}

impl Index {
    /// Numbers the forms of `entries` and what `patterns` need; `titles` are right as they are, beside the entries' own
    /// canonical forms.
    pub(crate) fn new<'a>(
        entries: &'a [Arc<Entry>],
        patterns: &[Arc<Pattern>],
        titles: impl Iterator<Item = &'a String>,
    ) -> Self {
        let mut forms = Vec::new();
        for (nth_entry, entry) in entries.iter().enumerate() {
            for (nth, form) in (0..).zip(&entry.forbidden) {
                let folded = fold_form(form);
                forms.push(Form {
                    entry: narrow(nth_entry),
                    nth,
                    folded: (folded != *form).then(|| folded.into_boxed_str()),
                });
            }
        }
        let phrases: Vec<String> = entries
            .iter()
            .flat_map(|e| e.canonical.iter().chain(&e.unless_inside))
            .chain(titles)
            .map(|phrase| fold_form(phrase))
            .collect();
        let needs: Vec<(String, u32)> = (0..)
            .zip(patterns)
            .flat_map(|(nth, p)| p.needs.iter().map(move |need| (need.clone(), nth)))
            .collect();
        let filter = Filter::new(
            forms
                .iter()
                .map(|f| f.text(entries))
                .chain(needs.iter().map(|(need, _)| need.as_str())),
            phrases.iter().map(String::as_str),
        );
        let mut index = Self {
            forms,
            permits: Vec::new(),
            permitted: Vec::new(),
            needs,
            filter,
        };
        index.permit(phrases, entries);
        index
    }

    /// What the filter cannot rule out.
    pub(crate) fn candidates(&self, text: &Sketch, entries: &[Arc<Entry>]) -> Candidates {
        let string = |nth: u32| match self.forms.get(nth as usize) {
            Some(form) => form.text(entries),
            None => &self.needs[nth as usize - self.forms.len()].0,
        };
        let mut forms = self.filter.candidates(text, string);
        let needs = forms.partition_point(|&nth| (nth as usize) < self.forms.len());
        let needs = forms.split_off(needs).into_iter();
        let mut patterns: Vec<u32> = needs
            .map(|nth| self.needs[nth as usize - self.forms.len()].1)
            .collect();
        patterns.dedup();
        Candidates { forms, patterns }
    }

    /// The pairs of a form and the permits that hold it.
    pub(crate) fn permits_of(&self, form: u32) -> &[(u32, u32)] {
        let start = self.permitted.partition_point(|&(f, _)| f < form);
        let len = self.permitted[start..].partition_point(|&(f, _)| f == form);
        &self.permitted[start..start + len]
    }

    /// Keeps those phrases that hold a forbidden form, and which form is held by which. A phrase that is itself forbidden
    /// (by a later layer) does not permit itself.
    fn permit(&mut self, phrases: Vec<String>, entries: &[Arc<Entry>]) {
        let mut sketch = Sketch::default();
        for phrase in phrases {
            sketch.draw(&phrase);
            let nth = narrow(self.permits.len());
            let before = self.permitted.len();
            let forms = self.candidates(&sketch, entries).forms.into_iter();
            let held = forms.filter(|&form| {
                let form = self.forms[form as usize].text(entries);
                form.len() < phrase.len() && phrase.contains(form)
            });
            let held: Vec<(u32, u32)> = held.map(|form| (form, nth)).collect();
            self.permitted.extend(held);
            if self.permitted.len() > before {
                self.permits.push(phrase);
            }
        }
        self.permitted.sort_unstable();
    }
}

impl Form {
    /// The form in normal form.
    pub(crate) fn text<'a>(&'a self, entries: &'a [Arc<Entry>]) -> &'a str {
        self.folded
            .as_deref()
            .unwrap_or_else(|| &entries[self.entry as usize].forbidden[self.nth as usize])
    }
}
