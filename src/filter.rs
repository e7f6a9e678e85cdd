//! The filter in front of the automaton: nearly all text holds no mistake, and this finds that out fast.
//!
//! The wrong place of a wrong phrase is rare in good text. For each form the filter keeps the two or three neighbouring
//! characters inside it that are rarest among the canonical forms; a text that holds none of these grams holds none of
//! the forms. Folding is undone on the way: the filter reads text as it is, maps each character as the normal form
//! does, and leaves out blanks and line breaks altogether (in forms, too), so that it lets through more than the
//! normal form would, never less.

use std::collections::HashMap;

use crate::normal::{CharFold, fold_char};

/// Says whether a text may hold one of the forms.
#[derive(Debug)]
pub(crate) struct Filter {
    /// One bit per hashed gram: rules out nearly everything.
    bits: Vec<u64>,
    /// `bits` has `1 << (64 - shift)` bits.
    shift: u32,
    /// Open addressing over the grams themselves; 0 is free.
    grams: Vec<u64>,
    /// A bit per character of the basic plane that folding may change.
    special: Vec<u64>,
}

/// Bits of one character in a gram.
const CHAR: u32 = 21;
/// The last two characters of a gram.
const PAIR: u64 = (1 << (2 * CHAR)) - 1;
/// All three.
const TRIPLE: u64 = (1 << (3 * CHAR)) - 1;
/// Marks a gram of two characters.
const IS_PAIR: u64 = 1 << 63;

impl Filter {
    /// A filter for `forms`, all in normal form; `common` are texts (in normal form) whose grams are not rare.
    pub(crate) fn new<'a>(forms: &[&str], common: impl Iterator<Item = &'a str>) -> Self {
        let mut frequency: HashMap<u64, u32> = HashMap::new();
        for text in common {
            for gram in grams(text) {
                *frequency.entry(gram).or_default() += 1;
            }
        }
        let mut chosen: Vec<u64> = forms.iter().filter_map(|f| rarest(f, &frequency)).collect();
        chosen.sort_unstable();
        chosen.dedup();
        let bit_count = (chosen.len() * 64)
            .next_power_of_two()
            .clamp(1 << 16, 1 << 25);
        let mut filter = Self {
            bits: vec![0; bit_count / 64],
            shift: 64 - bit_count.trailing_zeros(),
            grams: vec![0; (chosen.len() * 4).next_power_of_two().max(16)],
            special: special_characters(),
        };
        for gram in chosen {
            filter.insert(gram);
        }
        filter
    }

    /// Whether `text` may hold one of the forms in its normal form.
    pub(crate) fn may_match(&self, text: &str) -> bool {
        let mut window = 0;
        for c in text.chars() {
            let code = u32::from(c);
            let c = if code < 0x1_0000
                && self.special[(code >> 6) as usize] & (1 << (code & 63)) == 0
            {
                code
            } else {
                match fold_char(c) {
                    CharFold::Same => code,
                    CharFold::To(to, _) => u32::from(to),
                    CharFold::Dropped | CharFold::Space => continue,
                }
            };
            window = (window << CHAR | u64::from(c)) & TRIPLE;
            if self.has(window) || self.has(window & PAIR | IS_PAIR) {
                return true;
            }
        }
        false
    }

    #[inline]
    fn has(&self, gram: u64) -> bool {
        let hash = hash(gram);
        let bit = (hash >> self.shift) as usize;
        self.bits[bit >> 6] & (1 << (bit & 63)) != 0 && self.has_exactly(gram, hash)
    }

    #[cold]
    fn has_exactly(&self, gram: u64, hash: u64) -> bool {
        let mask = self.grams.len() - 1;
        let mut slot = slot(hash) & mask;
        while self.grams[slot] != 0 {
            if self.grams[slot] == gram {
                return true;
            }
            slot = (slot + 1) & mask;
        }
        false
    }

    fn insert(&mut self, gram: u64) {
        let hash = hash(gram);
        let bit = (hash >> self.shift) as usize;
        self.bits[bit >> 6] |= 1 << (bit & 63);
        let mask = self.grams.len() - 1;
        let mut slot = slot(hash) & mask;
        while self.grams[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.grams[slot] = gram;
    }
}

/// How many characters count when a form is filtered: those that are neither blanks nor line breaks.
pub(crate) fn significant(form: &str) -> usize {
    codes(form).count()
}

fn codes(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.chars()
        .filter(|&c| fold_char(c) != CharFold::Space)
        .map(|c| u64::from(u32::from(c)))
}

/// All grams of two and of three characters in `text`.
fn grams(text: &str) -> impl Iterator<Item = u64> + '_ {
    let mut window = 0;
    codes(text).enumerate().flat_map(move |(n, c)| {
        window = (window << CHAR | c) & TRIPLE;
        let pair = (n >= 1).then_some(window & PAIR | IS_PAIR);
        let triple = (n >= 2).then_some(window);
        [pair, triple].into_iter().flatten()
    })
}

/// The gram by which a form is found: of its triples the rarest, else the pair it consists of.
fn rarest(form: &str, frequency: &HashMap<u64, u32>) -> Option<u64> {
    grams(form).min_by_key(|gram| {
        (
            gram & IS_PAIR != 0,
            frequency.get(gram).copied().unwrap_or(0),
            // Among equals the pair inside that is rarer speaks for a mistake.
            frequency
                .get(&(gram & PAIR | IS_PAIR))
                .copied()
                .unwrap_or(0),
        )
    })
}

fn special_characters() -> Vec<u64> {
    let mut special = vec![0_u64; 0x1_0000 / 64];
    let plain = |c: char| fold_char(c) == CharFold::Same;
    for code in 0..0x1_0000_u32 {
        if char::from_u32(code).is_some_and(|c| !plain(c)) {
            special[(code >> 6) as usize] |= 1 << (code & 63);
        }
    }
    special
}

#[inline]
fn hash(gram: u64) -> u64 {
    gram.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The table takes the bits of the hash that the bit map does not look at first.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only the low bits are wanted"
)]
fn slot(hash: u64) -> usize {
    (hash >> 20) as usize
}
