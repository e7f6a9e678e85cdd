//! What the file says -> what the run uses.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostic::Severity;
use crate::lexicon::Entry;

/// What a run uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Rules (ids) and categories that are switched off.
    pub disabled: Vec<String>,
    /// Severities by rule id or category; a rule's own goes before its category's.
    pub severity: BTreeMap<String, Severity>,
    /// The day of every document, whatever it says itself.
    pub date: Option<Date>,
    /// The day of the run: that of documents that say none.
    pub today: Date,
}

impl Config {
    /// Whether an entry is switched off.
    #[must_use]
    pub fn disables(&self, entry: &Entry) -> bool {
        self.disabled
            .iter()
            .any(|d| *d == entry.id || *d == entry.category)
    }

    /// The severity of an entry's diagnostics.
    #[must_use]
    pub fn severity_of(&self, entry: &Entry) -> Severity {
        self.severity
            .get(&entry.id)
            .or_else(|| self.severity.get(&entry.category))
            .copied()
            .unwrap_or(entry.severity)
    }
}
