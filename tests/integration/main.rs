//! One test binary: behaviour through the public seams.

#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

#[cfg(feature = "cli")]
mod bad_input;
mod citations;
mod disguises;
mod lexicon;
mod mentions;
mod properties;
mod support;
#[cfg(feature = "cli")]
mod transcripts;
