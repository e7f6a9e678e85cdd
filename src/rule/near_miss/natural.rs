//! Which pairs of neighbouring characters official text knows.
//!
//! A slip puts characters side by side that good text hardly ever has so: 采购法 as 采构法 makes 采构 and 构法. Words
//! that merely resemble a form (生态环境保护 beside 生态环境部) are made of pairs that are met everywhere.
//! `pairs.txt` lists the pairs that texts of statutes and regulations (which copyright does not cover) have three times or
//! more, and those inside the words that are frequent in the dictionary of jieba (MIT): on each line a character and those
//! that follow it. `examples/near_miss_pairs.rs` makes it.

use crate::normal::tables::is_han;

/// The pairs of `pairs.txt`.
#[derive(Debug)]
pub(super) struct Natural {
    /// One bit per hashed pair: a pair that is not in the list is taken for one in about twenty cases.
    bits: Vec<u64>,
}

/// `1 << BITS` bits in the table.
const BITS: u32 = 22;

impl Natural {
    pub(super) fn new() -> Self {
        let mut bits = vec![0_u64; 1 << (BITS - 6)];
        for line in include_str!("pairs.txt").lines() {
            let mut chars = line.chars();
            let Some(first) = chars.next() else { continue };
            for second in chars {
                let at = slot(first, second);
                bits[at >> 6] |= 1 << (at & 63);
            }
        }
        Self { bits }
    }

    /// Whether good text puts `b` right behind `a`; whatever is no ideograph may stand beside anything.
    #[inline]
    pub(super) fn has(&self, a: char, b: char) -> bool {
        let at = slot(a, b);
        self.bits[at >> 6] & (1 << (at & 63)) != 0 || !is_han(a) || !is_han(b)
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the shift leaves BITS bits"
)]
fn slot(a: char, b: char) -> usize {
    let pair = u64::from(u32::from(a)) << 21 | u64::from(u32::from(b));
    (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}
