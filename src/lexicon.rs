//! The lexicon: entries that say which wording is wrong, what is right, and where that is laid down.
//!
//! `load.rs` reads TOML into validated entries. The embedded files are read when the crate is built, by the same code, and
//! only decoded at run time.

mod examples;
mod load;
mod mutation;

pub use examples::{ExampleFailure, test_examples};
pub use load::pattern::{KEYS as PATTERN_KEYS, On, Pattern, Validator};
pub use load::{ENTRY_KEYS, Entry, FixMode, Layer, Lexicon, Overridden, Statute, Terms};
pub use mutation::{Condition, Mutation, Survivor, test_conditions};

use crate::error::{Error, Result};
use crate::index::near::Near;

/// The embedded lexicon as `build.rs` wrote it.
static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.bin"));

impl Lexicon {
    /// Reads and validates layers, earliest first; the embedded one must come first if it is among them.
    ///
    /// # Errors
    /// All mistakes in all files, each with file, line and column.
    pub fn load(layers: &[Layer]) -> Result<Self> {
        match layers.split_first() {
            Some((first, rest)) if first.embedded => {
                let unreadable = |e: postcard::Error| {
                    Error::document(
                        format!("内置词库无法读取：{e}"),
                        format!("the embedded lexicon cannot be read: {e}"),
                    )
                };
                let ((embedded, near), index): ((Self, Near), &[u8]) =
                    postcard::take_from_bytes(EMBEDDED).map_err(unreadable)?;
                let embedded = embedded.with_near(near);
                if rest.is_empty() {
                    let index = postcard::from_bytes(index).map_err(unreadable)?;
                    return Ok(embedded.with_index(index));
                }
                embedded.extended(rest)
            }
            _ => Self::default().extended(layers),
        }
    }
}
