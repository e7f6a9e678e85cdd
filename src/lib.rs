//! zhengming (正名) proofreads what Chinese government offices publish.

pub mod config;
mod date;
mod decode;
mod diagnostic;
mod document;
mod error;
mod filter;
pub mod fix;
mod history;
pub mod lexicon;
mod linter;
mod mention;
pub mod normal;
pub mod read;
pub mod report;
mod resolve;
mod rule;
mod source;
mod toml_file;

pub use crate::config::Config;
pub use crate::date::DateSource;
pub use crate::diagnostic::{
    Applicability, Demotion, DemotionReason, Diagnostic, Difference, Disguise, Edit, Excerpt, Fix, Location,
    Message, Severity, Suppression,
};
pub use crate::document::{
    Block, BlockKind, Built, Document, Escape, Kind, Mark, Meta, Notice, NoticeCode, Place,
    ReadOptions, Story,
};
pub use crate::error::{Error, Lang, Mistake, Result};
pub use crate::lexicon::{Entry, Lexicon, Terms};
pub use crate::linter::Linter;
pub use crate::source::{
    LineIndex, Part, Piece, Position, SegmentKind, SourceMap, Span, TextBuilder,
};
