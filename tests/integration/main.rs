//! One test binary: behaviour through the public seams.

#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

#[cfg(feature = "cli")]
mod bad_input;
mod budget;
mod disguises;
mod lexicon;
#[cfg(feature = "cli")]
mod lexicon_commands;
mod mentions;
mod mutation;
mod properties;
mod straddle;
mod support;
#[cfg(feature = "cli")]
mod transcripts;
