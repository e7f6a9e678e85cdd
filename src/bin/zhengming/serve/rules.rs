//! The rules in use, as the commands `lexicon list` and `explain` tell them.

use serde_json::Value;
use zhengming::{RuleInfo, catalog};

use super::engine::Loaded;
use crate::{explain, lexicon};

/// All rules.
pub(super) fn all(loaded: &Loaded) -> Value {
    lexicon::as_json(&loaded.checker.lexicon, &builtin(loaded))
}

/// The rule of that id, with its examples.
pub(super) fn one(loaded: &Loaded, id: &str) -> Option<Value> {
    explain::as_json(&loaded.checker.lexicon, &builtin(loaded), id)
}

fn builtin(loaded: &Loaded) -> Vec<RuleInfo> {
    if loaded.builtin {
        catalog()
    } else {
        Vec::new()
    }
}
