//! What the file says -> what the run uses.

use std::collections::BTreeMap;

use crate::diagnostic::Severity;

/// What a run uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Rules (ids) and categories that are switched off.
    pub disabled: Vec<String>,
    /// Severities by rule id or category; a rule's own goes before its category's.
    pub severity: BTreeMap<String, Severity>,
}
