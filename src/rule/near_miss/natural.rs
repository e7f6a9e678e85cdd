//! Which pairs of neighbouring characters official text knows.
//!
//! A slip puts characters side by side that good text hardly ever has so: 采购法 as 采构法 makes 采构 and 构法. Words
//! that merely resemble a form (生态环境保护 beside 生态环境部) are made of pairs that are met everywhere.
//! `pairs.txt` lists the pairs that texts of statutes and regulations (which copyright does not cover) have three times or
//! more, and those inside the words that are frequent in the dictionary of jieba (MIT): on each line a character and those
//! that follow it. `examples/near_miss_pairs.rs` makes it.

use crate::normal::tables::is_han;

/// The pairs of `pairs.txt`: one bit per hashed pair, so that a pair that is not in the list is taken for one in about
/// twenty cases.
#[derive(Debug)]
pub(crate) struct Natural(&'static [u8]);

/// `1 << BITS` bits are in the table.
pub(crate) const BITS: u32 = 22;

impl Natural {
    /// `table` is what `build.rs` made.
    pub(crate) fn new(table: &'static [u8]) -> Self {
        Self(table)
    }

    /// Whether good text puts `b` right behind `a`; whatever is no ideograph may stand beside anything.
    #[inline]
    pub(crate) fn has(&self, a: char, b: char) -> bool {
        let at = slot(a, b);
        let bits = self.0.get(at >> 3).copied().unwrap_or_default();
        bits & (1 << (at & 7)) != 0 || !is_han(a) || !is_han(b)
    }
}

/// Where the bit of a pair is.
#[inline]
pub(crate) fn slot(a: char, b: char) -> usize {
    let pair = u64::from(u32::from(a)) << 21 | u64::from(u32::from(b));
    (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}
