//! The forms of a lexicon, made ready to be searched for. For the embedded lexicon `build.rs` does this once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::filter::Filter;
use crate::lexicon::Entry;
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
    pub(crate) filter: Filter,
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
    /// Numbers the forms of `entries`; `titles` are right as they are, beside the entries' own canonical forms.
    pub(crate) fn new<'a>(
        entries: &'a [Arc<Entry>],
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
        let filter = Filter::new(
            forms.iter().map(|f| f.text(entries)),
            phrases.iter().map(String::as_str),
        );
        let (permits, permitted) = permits(phrases, &forms, entries, &filter);
        Self {
            forms,
            permits,
            permitted,
            filter,
        }
    }

    /// The pairs of a form and the permits that hold it.
    pub(crate) fn permits_of(&self, form: u32) -> &[(u32, u32)] {
        let start = self.permitted.partition_point(|&(f, _)| f < form);
        let len = self.permitted[start..].partition_point(|&(f, _)| f == form);
        &self.permitted[start..start + len]
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

/// Of the phrases those that hold a forbidden form, and which form is held by which. A phrase that is itself forbidden
/// (by a later layer) does not permit itself.
fn permits(
    phrases: Vec<String>,
    forms: &[Form],
    entries: &[Arc<Entry>],
    filter: &Filter,
) -> (Vec<String>, Vec<(u32, u32)>) {
    let mut permits = Vec::new();
    let mut pairs = Vec::new();
    let mut sketch = Sketch::default();
    for phrase in phrases {
        sketch.draw(&phrase);
        let nth = narrow(permits.len());
        let before = pairs.len();
        pairs.extend(
            filter
                .candidates(&sketch, |form| forms[form as usize].text(entries))
                .into_iter()
                .filter(|&form| {
                    let form = forms[form as usize].text(entries);
                    form.len() < phrase.len() && phrase.contains(form)
                })
                .map(|form| (form, nth)),
        );
        if pairs.len() > before {
            permits.push(phrase);
        }
    }
    pairs.sort_unstable();
    (permits, pairs)
}
