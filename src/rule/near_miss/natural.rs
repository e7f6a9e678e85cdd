//! What official text is made of: the characters that it puts beside each other, and its words.
//!
//! A slip puts characters side by side that good text hardly ever has so: 采购法 as 采构法 makes 采构 and 构法. Words
//! that merely resemble a form (生态环境保护 beside 生态环境部) are made of pairs that are met everywhere. And where words end and
//! begin at the edit it is another wording, however rare the pair: 地方|省级|人民政府 beside 地方各级人民政府.
//!
//! `pairs.txt` comes from the texts of statutes and regulations (which copyright does not cover) and the dictionary of jieba
//! (MIT). Its first line has the characters that are frequent words of their own, its second line those that are less
//! frequent ones. Each further line has a character, those that make a word of two with it, a blank, and those that texts or
//! longer words put behind it. Names of persons are left out. `examples/near_miss_pairs.rs` makes it.

use crate::normal::tables::is_han;

/// The tables that `build.rs` makes of `pairs.txt`, one behind the other. Each has a bit for every hashed pair (or
/// character), so that in two or three of a hundred cases one that is not in the list is taken for one.
#[derive(Debug)]
pub(crate) struct Natural(&'static [u8]);

/// Where a table begins and how many bits it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    start: usize,
    bits: u32,
}

/// Pairs of neighbouring characters.
pub(crate) const PAIRS: Table = Table { start: 0, bits: 23 };

/// Words of two characters.
pub(crate) const WORDS: Table = Table {
    start: 1 << 20,
    bits: 21,
};

/// Characters that are frequent words of their own.
pub(crate) const ALONE: Table = Table {
    start: (1 << 20) + (1 << 18),
    bits: 16,
};

/// Those that are words of their own, frequent or not.
pub(crate) const MAY_BE_ALONE: Table = Table {
    start: (1 << 20) + (1 << 18) + (1 << 13),
    bits: 16,
};

/// How many bytes the tables have.
pub(crate) const SIZE: usize = (1 << 20) + (1 << 18) + (1 << 14);

impl Natural {
    /// `tables` are what `build.rs` made.
    pub(crate) fn new(tables: &'static [u8]) -> Self {
        Self(tables)
    }

    /// Whether good text puts `b` right behind `a`; whatever is no ideograph may stand beside anything.
    #[inline]
    pub(crate) fn has(&self, a: char, b: char) -> bool {
        self.bit(PAIRS, a, b) || !is_han(a) || !is_han(b)
    }

    /// Whether the two are a word.
    pub(crate) fn is_word(&self, a: char, b: char) -> bool {
        self.bit(WORDS, a, b)
    }

    /// Whether a character is a frequent word of its own.
    pub(crate) fn stands_alone(&self, c: char) -> bool {
        self.bit(ALONE, '\0', c)
    }

    /// Whether a character is a word of its own, frequent or not.
    pub(crate) fn may_stand_alone(&self, c: char) -> bool {
        self.bit(MAY_BE_ALONE, '\0', c)
    }

    #[inline]
    fn bit(&self, table: Table, a: char, b: char) -> bool {
        let (byte, bit) = place(table, a, b);
        self.0.get(byte).copied().unwrap_or_default() & bit != 0
    }
}

/// Where the bit of a pair is.
#[inline]
pub(crate) fn place(table: Table, a: char, b: char) -> (usize, u8) {
    let pair = u64::from(u32::from(a)) << 21 | u64::from(u32::from(b));
    let at = (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - table.bits)) as usize;
    (table.start + (at >> 3), 1 << (at & 7))
}
