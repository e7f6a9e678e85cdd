//! zhengming (正名) proofreads what Chinese government offices publish: it finds wrong official wording in text, Markdown,
//! HTML and docx, says what is laid down and where, and can write the correction back without touching anything else.
//!
//! Four types make up the way of a draft. A [`Lexicon`] says which forms are wrong and what is right. A [`Linter`] is a
//! compiled lexicon; compiling may fail, linting cannot. A [`Document`] is a draft that has been read: prose in
//! [`Block`]s, each with a map back to the bytes it came from. A [`Diagnostic`] is a mistake with its place and, often, a
//! [`Fix`]; [`fix::apply`] turns those into bytes. The library takes and returns bytes and strings; files, clock and
//! network are the caller's.
//!
//! ```
#![doc = include_str!("../examples/lint_text.rs")]
//! ```
//!
//! An office's own list goes on top of the embedded lexicon:
//!
//! ```
#![doc = include_str!("../examples/own_lexicon.rs")]
//! ```
//!
//! Fixes are written back into the container, in its own encoding:
//!
//! ```
#![doc = include_str!("../examples/fix_docx.rs")]
//! ```

pub mod annotate;
pub mod audit;
pub mod config;
mod date;
mod decode;
mod diagnostic;
mod document;
mod error;
mod filter;
mod fingerprint;
pub mod fix;
mod glob;
mod history;
mod index;
pub mod lexicon;
mod linter;
mod mention;
pub mod normal;
pub mod read;
mod redact;
pub mod report;
mod resolve;
mod rule;
mod source;
pub mod suppress;
mod toml_file;

pub use crate::config::Config;
pub use crate::date::DateSource;
pub use crate::diagnostic::{
    Applicability, Demotion, DemotionReason, Diagnostic, Difference, Disguise, Edit, Excerpt, Fix,
    InstructionFlaw, Location, Message, PersonalData, Severity, Suppression,
};
pub use crate::document::{
    Block, BlockKind, Built, Document, Escape, Kind, Mark, Meta, Notice, NoticeCode, Place,
    ReadOptions, Story,
};
pub use crate::error::{Error, Lang, Mistake, Result};
pub use crate::fingerprint::fingerprints;
pub use crate::lexicon::{Entry, Lexicon, Terms};
pub use crate::linter::Linter;
pub use crate::redact::Redacted;
pub use crate::rule::{RuleInfo, catalog};
pub use crate::source::{
    LineIndex, Part, Piece, Position, SegmentKind, SourceMap, Span, TextBuilder, UnitIndex, Units,
};
