//! The files of the embedded lexicon.

/// Name and text of each file, in order.
pub(super) const FILES: &[(&str, &str)] = &[];
