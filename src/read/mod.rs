//! One reader per format. A reader turns a decoded text into blocks, and builds each block's source map with it.

pub(crate) mod docx;
mod html;
mod markdown;
mod text;

use crate::document::{Document, Kind, ReadOptions};
use crate::error::Result;

/// The largest part that is read, in bytes: offsets inside a part are kept in 32 bits.
pub const MAX_PART: usize = 1 << 30;

/// Decides the format, by content first and by name second, and reads the document.
pub(crate) fn parse(name: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Document> {
    let _ = (name, bytes, options, Kind::Text);
    unreachable!("placeholder until the readers are merged")
}
