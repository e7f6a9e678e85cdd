//! One test binary: behaviour through the public seams.

#![allow(
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "tests read and write files, are tables of cases, and stop where something is missing"
)]

mod annotate;
#[cfg(feature = "cli")]
mod bad_input;
mod budget;
mod choice;
mod citations;
mod disguises;
mod edges;
#[cfg(feature = "cli")]
mod gate;
mod lexicon;
#[cfg(feature = "cli")]
mod lexicon_commands;
#[cfg(feature = "lsp")]
mod lsp;
mod mentions;
mod mutation;
mod near_miss;
#[cfg(feature = "cli")]
mod outputs;
mod patterns;
mod privacy;
mod properties;
#[cfg(feature = "cli")]
mod schema;
mod slips;
mod straddle;
mod support;
#[cfg(feature = "cli")]
mod transcripts;
