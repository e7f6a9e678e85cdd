//! One test binary: behaviour through the public seams.

#![allow(
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "tests read and write files, are tables of cases, and stop where something is missing"
)]

mod annotate;
#[cfg(feature = "cli")]
mod bad_input;
mod disguises;
mod edges;
#[cfg(feature = "cli")]
mod gate;
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
