//! Finds the places of a text that are worth a closer look, at a cost that does not grow with the number of forms.
//!
//! The wrong place of a wrong form is rare in good text. So a seed is not a piece of the form that is still whole, which
//! good text is full of, but what stands around the edit: for every place of a form and every kind of edit the
//! characters beside it as the edit leaves them. What is still right is dismissed by two bits.

use super::natural::Natural;

/// Which characters of a window a seed is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Three in a row: dropped, swapped and doubled characters.
    Row = 0,
    /// One, any one, two: substituted and inserted characters.
    EarlyGap = 1,
    /// Two, any one, one: the same near the end of a form.
    LateGap = 2,
    /// Two, any two, one: two neighbours substituted.
    WideGap = 3,
    /// The two in front of an odd last character.
    BeforeEnd = 4,
    /// The two behind an odd first character.
    AfterStart = 5,
}

/// The characters of a seed, in order.
pub(super) fn key(shape: Shape, chars: [char; 3]) -> u64 {
    let [a, b, c] = chars.map(code);
    (shape as u64) << 48 | a << 32 | b << 16 | c
}

/// A character outside the basic plane is like any other such.
fn code(c: char) -> u64 {
    u64::from(u16::try_from(u32::from(c)).unwrap_or(u16::MAX))
}

/// Seeds and what each of them says.
#[derive(Debug)]
pub(super) struct Seeds<T> {
    /// One bit per hashed seed.
    bits: Bits,
    /// One bit per three characters in a row that some form has.
    right: Bits,
    /// Open addressing: a seed and its first link; a free slot has no link.
    slots: Vec<(u64, u32)>,
    links: Vec<(T, u32)>,
    natural: Natural,
}

const NONE: u32 = u32::MAX;

impl<T: Copy> Seeds<T> {
    /// `right` are keys of [`Shape::Row`].
    pub(super) fn new(seeds: Vec<(u64, T)>, right: &[u64], natural: Natural) -> Self {
        let mut bits = Bits::new(seeds.len() * 24);
        let mut right_bits = Bits::new(right.len() * 32);
        for &key in right {
            right_bits.insert(key);
        }
        let mask = (seeds.len() * 2).next_power_of_two().max(16) - 1;
        let mut slots = vec![(0, NONE); mask + 1];
        let mut links = Vec::with_capacity(seeds.len());
        for (key, value) in seeds {
            bits.insert(key);
            let mut at = slot(key) & mask;
            while slots[at].1 != NONE && slots[at].0 != key {
                at = (at + 1) & mask;
            }
            links.push((value, slots[at].1));
            slots[at] = (key, crate::source::narrow(links.len() - 1));
        }
        Self {
            bits,
            right: right_bits,
            slots,
            links,
            natural,
        }
    }

    pub(super) fn natural(&self) -> &Natural {
        &self.natural
    }

    /// Calls `found` with every seed in a text and the index of the first character of its window, until it says stop.
    pub(super) fn scan(
        &self,
        text: impl Iterator<Item = char>,
        mut found: impl FnMut(u64, usize) -> bool,
    ) {
        let none = '\0';
        let (mut a, mut b, mut c, mut d) = (none, none, none, none);
        let (mut right_bcd, mut odd_cd) = (false, false);
        for (at, e) in text.enumerate() {
            let row = key(Shape::Row, [c, d, e]);
            let odd_de = !self.natural.has(d, e);
            let right_cde = self.right.has(row);
            let mut stop = self.has(row) && found(row, at.wrapping_sub(2));
            if !(right_bcd && right_cde) {
                let early = key(Shape::EarlyGap, [b, d, e]);
                stop |= self.has(early) && found(early, at.wrapping_sub(3));
                let late = key(Shape::LateGap, [b, c, e]);
                stop |= self.has(late) && found(late, at.wrapping_sub(3));
                let wide = key(Shape::WideGap, [a, b, e]);
                stop |= self.has(wide) && found(wide, at.wrapping_sub(4));
            }
            if odd_de {
                let end = key(Shape::BeforeEnd, [c, d, none]);
                stop |= self.has(end) && found(end, at.wrapping_sub(2));
            }
            if odd_cd {
                let start = key(Shape::AfterStart, [d, e, none]);
                stop |= self.has(start) && found(start, at.wrapping_sub(1));
            }
            if stop {
                return;
            }
            (a, b, c, d) = (b, c, d, e);
            (right_bcd, odd_cd) = (right_cde, odd_de);
        }
    }

    /// What a seed says.
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = T> + '_ {
        let mask = self.slots.len() - 1;
        let mut at = slot(key) & mask;
        while self.slots[at].1 != NONE && self.slots[at].0 != key {
            at = (at + 1) & mask;
        }
        let mut link = self.slots[at].1;
        std::iter::from_fn(move || {
            let &(value, next) = self.links.get(link as usize)?;
            link = next;
            Some(value)
        })
    }

    #[inline]
    fn has(&self, key: u64) -> bool {
        self.bits.has(key) && self.has_exactly(key)
    }

    #[cold]
    fn has_exactly(&self, key: u64) -> bool {
        self.get(key).next().is_some()
    }
}

/// One bit per hashed key.
#[derive(Debug)]
struct Bits {
    words: Vec<u64>,
    shift: u32,
}

impl Bits {
    fn new(count: usize) -> Self {
        let count = count.next_power_of_two().clamp(1 << 12, 1 << 26);
        Self {
            words: vec![0; count / 64],
            shift: 64 - count.trailing_zeros(),
        }
    }

    fn insert(&mut self, key: u64) {
        let bit = (hash(key) >> self.shift) as usize;
        self.words[bit >> 6] |= 1 << (bit & 63);
    }

    #[inline]
    fn has(&self, key: u64) -> bool {
        let bit = (hash(key) >> self.shift) as usize;
        self.words[bit >> 6] & (1 << (bit & 63)) != 0
    }
}

#[inline]
fn hash(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "only the low bits are wanted"
)]
fn slot(key: u64) -> usize {
    (hash(key) >> 20) as usize
}
