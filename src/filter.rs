//! The filter in front of the automaton: nearly all text holds no mistake, and this finds that out fast.
//!
//! The wrong place of a wrong phrase is rare in good text. For each form the filter keeps the two or three neighbouring
//! characters inside it that are rarest among the canonical forms, its *anchor*; a text that holds none of the anchors
//! holds none of the forms. Where there is an anchor the form is compared. The filter reads a [`Sketch`] and leaves out
//! blanks and line breaks altogether (in forms, too), so that it lets through more than the normal form would, never less.

use serde::{Deserialize, Serialize};

use crate::normal::{CharFold, Sketch, fold_char};

/// Says which of the forms a text may hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Anchors", into = "Anchors")]
pub(crate) struct Filter {
    /// Two bits of one word per hashed anchor: rules out nearly everything.
    bits: Vec<u64>,
    /// `bits` has `1 << (64 - shift)` bits.
    shift: u32,
    /// Sorted by the hashes of their grams.
    anchors: Vec<Anchor>,
    /// Where the anchors begin whose hash begins with each number of `starts.len() - 1`, and where the last ones end.
    starts: Vec<u32>,
}

/// The gram by which a form is found.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Anchor {
    gram: u64,
    form: u32,
    /// What the form has in front of the gram or else, with [`BEHIND`], behind it, so that most other text is told apart
    /// without the form. 0 where the gram is all there is.
    beside: u32,
}

/// Marks a character behind a gram.
const BEHIND: u32 = 1 << 31;

/// Bits of one character in a gram.
const CHAR: u32 = 21;
/// The last two characters of a gram.
const PAIR: u64 = (1 << (2 * CHAR)) - 1;
/// All three.
const TRIPLE: u64 = (1 << (3 * CHAR)) - 1;
/// Marks a gram of two characters.
const IS_PAIR: u64 = 1 << 63;

impl Filter {
    /// A filter for `forms`, which are numbered in their order; `common` are texts whose grams are not rare. All are in
    /// normal form.
    pub(crate) fn new<'a>(
        forms: impl Iterator<Item = &'a str>,
        common: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut frequency = Frequency::new();
        common.for_each(|text| grams(text, |gram| frequency.count(gram)));
        let mut anchors: Vec<Anchor> = (0..)
            .zip(forms)
            .filter_map(|(nth, form)| Anchor::new(nth, form, &frequency))
            .collect();
        anchors.sort_unstable_by_key(|a| (hash(a.gram), a.form));
        Self::from(Anchors(anchors))
    }

    /// The numbers of the forms that a text may hold in its normal form, each once, in order. `form` gives the form of a
    /// number.
    pub(crate) fn candidates<'f>(&self, text: &Sketch, form: impl Fn(u32) -> &'f str) -> Vec<u32> {
        let mut forms = Vec::new();
        if self.anchors.is_empty() {
            return forms;
        }
        let text = text.chars();
        let mut window = 0;
        for (at, &c) in text.iter().enumerate() {
            if c == ' ' {
                continue;
            }
            window = push(window, c);
            for gram in [window, window & PAIR | IS_PAIR] {
                if self.may_be_anchor(gram) {
                    let anchors = self.anchors_of(gram).iter();
                    let anchors = anchors.filter(|a| {
                        a.has_beside(text, at) && stands_at(form(a.form), gram, text, at)
                    });
                    forms.extend(anchors.map(|a| a.form));
                }
            }
        }
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    #[inline]
    fn may_be_anchor(&self, gram: u64) -> bool {
        let (word, mask) = bits_of(gram, self.shift);
        self.bits[word] & mask == mask
    }

    #[cold]
    fn anchors_of(&self, gram: u64) -> &[Anchor] {
        let place = place(gram, self.starts.len() - 1);
        let near = &self.anchors[self.starts[place] as usize..self.starts[place + 1] as usize];
        let is_other = |a: &Anchor| a.gram != gram;
        let near = &near[near.iter().take_while(|a| is_other(a)).count()..];
        let len = near.iter().position(is_other).unwrap_or(near.len());
        &near[..len]
    }
}

impl Anchor {
    fn new(nth: u32, form: &str, frequency: &Frequency) -> Option<Self> {
        let gram = rarest(form, frequency)?;
        let chars: Vec<char> = chars(form).collect();
        let last = end_of(gram, chars.iter().copied())?;
        let beside = match last.checked_sub(len_of(gram)) {
            Some(before) => u32::from(chars[before]),
            None => chars.get(last + 1).map_or(0, |&c| u32::from(c) | BEHIND),
        };
        Some(Self {
            gram,
            form: nth,
            beside,
        })
    }

    /// Whether the character beside the gram, whose last character is at `at`, is the form's as far as one sees at once.
    fn has_beside(&self, text: &[char], at: usize) -> bool {
        let before = at.checked_sub(len_of(self.gram));
        let beside = if self.beside & BEHIND == 0 {
            before
        } else {
            Some(at + 1)
        };
        // With a blank in between it is elsewhere.
        let gram = text.get(before.map_or(0, |before| before + 1)..=at);
        self.beside == 0
            || gram.is_some_and(|gram| gram.contains(&' '))
            || beside
                .and_then(|at| text.get(at))
                .is_some_and(|&c| c == ' ' || u32::from(c) == self.beside & !BEHIND)
    }
}

/// What a filter is made of: everything else follows from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Anchors(Vec<Anchor>);

impl From<Anchors> for Filter {
    fn from(Anchors(anchors): Anchors) -> Self {
        let bit_count = (anchors.len() * 64)
            .next_power_of_two()
            .clamp(1 << 16, 1 << 25);
        let mut bits = vec![0; bit_count / 64];
        let shift = 64 - bit_count.trailing_zeros();
        for anchor in &anchors {
            let (word, mask) = bits_of(anchor.gram, shift);
            bits[word] |= mask;
        }
        let places = anchors.len().next_power_of_two().max(2);
        let mut starts = vec![0; places + 1];
        for anchor in &anchors {
            starts[place(anchor.gram, places) + 1] += 1;
        }
        for n in 0..places {
            starts[n + 1] += starts[n];
        }
        Self {
            bits,
            shift,
            anchors,
            starts,
        }
    }
}

impl From<Filter> for Anchors {
    fn from(filter: Filter) -> Self {
        Self(filter.anchors)
    }
}

/// Whether a form stands in `text` with its first `gram` ending at `at`.
fn stands_at(form: &str, gram: u64, text: &[char], at: usize) -> bool {
    let mut back = (0..=at).rev().filter(|&at| text[at] != ' ');
    let start = end_of(gram, chars(form)).and_then(|last| back.nth(last));
    start.is_some_and(|start| {
        let mut text = text[start..].iter().filter(|&&c| c != ' ');
        chars(form).all(|c| text.next() == Some(&c))
    })
}

/// The index of the last character of a gram where it first stands.
fn end_of(gram: u64, chars: impl Iterator<Item = char>) -> Option<usize> {
    let mut window = 0;
    let mut windows = chars.map(|c| {
        window = push(window, c);
        window
    });
    windows.position(|window| gram == window || gram == window & PAIR | IS_PAIR)
}

/// How many characters a gram has.
fn len_of(gram: u64) -> usize {
    if gram & IS_PAIR == 0 { 3 } else { 2 }
}

/// The last three characters after one more.
#[inline]
fn push(window: u64, c: char) -> u64 {
    (window << CHAR | u64::from(u32::from(c))) & TRIPLE
}

/// How many characters count when a form is filtered: those that are neither blanks nor line breaks.
pub(crate) fn significant(form: &str) -> usize {
    chars(form).count()
}

fn chars(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|&c| fold_char(c) != CharFold::Space)
}

/// Calls `each` with all grams of two and of three characters in `text`.
fn grams(text: &str, mut each: impl FnMut(u64)) {
    let mut window = 0;
    for (n, c) in chars(text).enumerate() {
        window = push(window, c);
        if n >= 1 {
            each(window & PAIR | IS_PAIR);
        }
        if n >= 2 {
            each(window);
        }
    }
}

/// The gram by which a form is found: of its triples the rarest, else the pair it consists of.
fn rarest(form: &str, frequency: &Frequency) -> Option<u64> {
    let mut best = None;
    grams(form, |gram| {
        // Among equals the triple whose pair is rarer speaks for a mistake.
        let rank = (
            gram & IS_PAIR != 0,
            frequency.of(gram),
            frequency.of(gram & PAIR | IS_PAIR),
        );
        if best.is_none_or(|(least, _)| rank < least) {
            best = Some((rank, gram));
        }
    });
    best.map(|(_, gram)| gram)
}

/// Counts grams, roughly: two that share a place count as one, which costs a worse anchor and no match.
struct Frequency(Vec<u16>);

impl Frequency {
    const BITS: u32 = 16;

    fn new() -> Self {
        Self(vec![0; 1 << Self::BITS])
    }

    fn count(&mut self, gram: u64) {
        let place = &mut self.0[Self::place(gram)];
        *place = place.saturating_add(1);
    }

    fn of(&self, gram: u64) -> u16 {
        self.0[Self::place(gram)]
    }

    fn place(gram: u64) -> usize {
        (hash(gram) >> (64 - Self::BITS)) as usize
    }
}

/// Where the bits of a gram are: the word, and the two in it.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the shift leaves as many bits as the map has"
)]
fn bits_of(gram: u64, shift: u32) -> (usize, u64) {
    let hash = hash(gram);
    let bit = (hash >> shift) as usize;
    (bit >> 6, 1 << (bit & 63) | 1 << (hash >> 26 & 63))
}

/// To which of `places`, a power of two that is at least 2, the beginning of a gram's hash leads.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the shift leaves as many bits as there are places"
)]
fn place(gram: u64, places: usize) -> usize {
    (hash(gram) >> (64 - places.trailing_zeros())) as usize
}

#[inline]
fn hash(gram: u64) -> u64 {
    gram.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
