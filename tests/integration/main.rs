//! One test binary: behaviour through the public seams.

#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

#[cfg(feature = "cli")]
mod bad_input;
mod disguises;
mod lexicon;
mod mentions;
#[cfg(feature = "cli")]
mod outputs;
mod properties;
#[cfg(feature = "cli")]
mod schema;
mod support;
#[cfg(feature = "cli")]
mod transcripts;
