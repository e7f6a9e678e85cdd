//! Official forms, made ready to find what is one edit away from one of them. For the embedded lexicon `build.rs` does this
//! once, and a run reads the tables where they lie.
//!
//! The wrong place of a wrong form is rare in good text. So a seed is not a piece of the form that is still whole, which
//! good text is full of, but what stands around the edit: for every place of a form and every kind of edit the
//! characters beside it as the edit leaves them. What is still right is dismissed by two bits.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::normal::fold_form;
use crate::source::narrow;

/// What the titles of national statutes begin with. It is a form of its own, so a title is looked at behind it.
const HEAD: [char; 7] = ['中', '华', '人', '民', '共', '和', '国'];

/// Forms with fewer characters have too much good text around them.
pub(crate) const SHORTEST: usize = 5;

/// Longer forms are not looked for; a seed has six bits for a place in a form.
pub(crate) const LONGEST: usize = 60;

/// Both sounds may be wrong in forms of so many characters.
pub(crate) const TWO_SOUNDS: usize = 8;

/// The official forms of a lexicon and the seeds of their edits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Near {
    pub(crate) forms: Vec<Form>,
    pub(crate) sources: Vec<String>,
    /// What is right and holds something that is an edit away from a form, in normal form.
    pub(crate) right: Vec<String>,
    /// For each slot of two neighbouring characters a [`Word`].
    #[serde(borrow)]
    words: Cow<'static, [u8]>,
    /// Where the seeds of each slot begin, and where the last ones end: four bytes each.
    #[serde(borrow)]
    starts: Cow<'static, [u8]>,
    /// The seeds by slot and key, eight bytes each: key, then what it says.
    #[serde(borrow)]
    seeds: Cow<'static, [u8]>,
}

/// An official form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Form {
    /// As the lexicon spells it.
    pub(crate) canonical: String,
    /// Its normal form, where that is another.
    folded: Option<String>,
    /// Which of the sources lays it down.
    pub(crate) source: Option<u32>,
}

/// An edit of a form; the index of a character of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// This one and the next have changed places.
    Swap(usize),
    /// Another one stands for it.
    Replace(usize),
    /// One too many stands before it.
    Insert(usize),
    /// It is missing.
    Drop(usize),
    /// This one and another were replaced.
    Two(usize, usize),
}

/// A place in a text that is an edit away from a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) form: usize,
    /// Characters of the text.
    pub(crate) range: Range<usize>,
    pub(crate) edit: Edit,
    /// Index of the form's first character that counts: behind the head where the text has none.
    pub(crate) from: usize,
}

/// Which characters of a text a seed is made of; the last one is the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Three in a row: dropped, swapped and doubled characters.
    Row = 0,
    /// One, any one, two: substituted and inserted characters.
    EarlyGap = 1,
    /// Two, any one, one: the same near the end of a form.
    LateGap = 2,
    /// One, any two, two: two neighbours substituted.
    WideGap = 3,
    /// The two in front of an odd last character.
    BeforeEnd = 4,
    /// The two behind an odd first character.
    AfterStart = 5,
}

/// What is known about two neighbouring characters, sixteen bytes:
///
/// bits 0–31: by what stands before them they may be a [`Shape::Row`]; 32–63: a [`Shape::EarlyGap`]; 64–95: some form has them
/// behind it as they are; 96–111: a [`Shape::WideGap`]; 112–119: by what follows a [`Shape::LateGap`]; 120: a
/// [`Shape::BeforeEnd`]; 121: a [`Shape::AfterStart`].
type Word = [u8; 16];

const SLOT_BITS: u32 = 16;
const SLOTS: usize = 1 << SLOT_BITS;
const EARLY: u32 = 32;
const RIGHT: u32 = 64;
const WIDE: u32 = 96;
const LATE: u32 = 112;
const END: u32 = 120;
const START: u32 = 121;

impl Near {
    /// `forms` come with their sources; `wordings` are right as they are.
    pub(crate) fn new<'a>(
        forms: impl Iterator<Item = (&'a str, Option<&'a str>)>,
        forbidden: &HashSet<String>,
        wordings: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut sources: Vec<String> = Vec::new();
        let mut by_source: HashMap<&str, u32> = HashMap::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut kept: Vec<Form> = Vec::new();
        for (canonical, source) in forms {
            let folded = fold_form(canonical);
            let len = folded.chars().count();
            if !(SHORTEST..=LONGEST).contains(&len)
                || kept.len() > usize::from(u16::MAX)
                || forbidden.contains(&folded)
                || !seen.insert(folded.clone())
            {
                continue;
            }
            let source = source.map(|source| {
                *by_source.entry(source).or_insert_with(|| {
                    sources.push(source.to_owned());
                    narrow(sources.len() - 1)
                })
            });
            kept.push(Form {
                canonical: canonical.to_owned(),
                folded: (folded != canonical).then_some(folded),
                source,
            });
        }
        let mut near = Self {
            forms: kept,
            sources,
            right: Vec::new(),
            words: Cow::Borrowed(&[]),
            starts: Cow::Borrowed(&[]),
            seeds: Cow::Borrowed(&[]),
        };
        if near.forms.is_empty() {
            return near;
        }
        let chars = Chars::new(&near);
        let mut sown = Sown::new();
        for nth in 0..near.forms.len() {
            sown.form(narrow(nth), chars.form(nth), chars.head(nth));
        }
        sown.seeds.sort_unstable();
        sown.seeds.dedup();
        near.words = Cow::Owned(sown.words.iter().flat_map(|w| w.to_le_bytes()).collect());
        let mut starts = Vec::with_capacity(SLOTS * 4 + 4);
        let mut seeds = Vec::with_capacity(sown.seeds.len() * 8);
        let mut rest = sown.seeds.as_slice();
        for slot in 0..SLOTS {
            starts.extend(narrow(seeds.len() / 8).to_le_bytes());
            let (own, others) = rest.split_at(rest.partition_point(|s| s.slot == slot));
            for seed in own {
                seeds.extend(seed.key.to_le_bytes());
                seeds.extend(seed.says.to_le_bytes());
            }
            rest = others;
        }
        starts.extend(narrow(seeds.len() / 8).to_le_bytes());
        near.starts = Cow::Owned(starts);
        near.seeds = Cow::Owned(seeds);
        let mut right: BTreeSet<String> = BTreeSet::new();
        for wording in wordings {
            let folded = fold_form(wording.trim_matches(['《', '》']));
            let text: Vec<char> = folded.chars().collect();
            let tail = text.strip_prefix(&HEAD[..]);
            for text in std::iter::once(&*text).chain(tail) {
                // Something stands beside it, and every pair at its ends counts as odd, whatever that is.
                let framed = [&['。'], text, &['。']].concat();
                if near.scan(&chars, &framed, |_, _| true, |_| true) {
                    right.insert(text.iter().collect());
                }
            }
        }
        near.right = right.into_iter().collect();
        near
    }

    /// Calls `found` with every place of a text that is an edit away from a form, until it says stop; whether it did. A
    /// character at an end of a form counts as replaced or missing only where `odd` says that good text does not put two
    /// characters beside each other.
    pub(crate) fn scan(
        &self,
        chars: &Chars,
        text: &[char],
        odd: impl Fn(char, char) -> bool,
        mut found: impl FnMut(Hit) -> bool,
    ) -> bool {
        let (words, _) = self.words.as_chunks::<16>();
        let Ok(words) = <&[Word; SLOTS]>::try_from(words) else {
            return false;
        };
        // The characters before the current one and their hashes.
        let (mut d, mut hashes) = (0, [0_u32; 4]);
        // The halves of the words of the pairs that end with the last character and the one before it.
        let (mut last, mut last_but_one) = (0_u64, 0_u64);
        let mut was_right = 0;
        for (at, &c) in text.iter().enumerate() {
            let e = u32::from(c);
            let hash = hash(e);
            let word = u128::from_le_bytes(words[slot(d, e)]);
            #[expect(clippy::cast_possible_truncation, reason = "the halves of the word")]
            let (low, high) = (word as u64, (word >> 64) as u64);
            let [a, b, c, _] = hashes;
            let is_right = high >> c;
            let is_edited = !(is_right & was_right);
            let row = low >> c & 1;
            let early = low >> (EARLY + b) & is_edited & 1;
            let late = last_but_one >> (LATE - 64 + (hash >> 2)) & is_edited & 1;
            let wide = high >> (WIDE - 64 + (a >> 1)) & is_edited & 1;
            let (end, start) = (last >> (END - 64) & 1, high >> (START - 64) & 1);
            if row | early | late | wide | end | start != 0 {
                let seeds = [
                    row != 0,
                    early != 0,
                    late != 0,
                    wide != 0,
                    end != 0 && odd(text[at - 1], text[at]),
                    start != 0 && at >= 2 && odd(text[at - 2], text[at - 1]),
                ];
                if seeds != [false; 6] && self.look(chars, text, at, seeds, &mut found) {
                    return true;
                }
            }
            hashes = [hashes[1], hashes[2], hashes[3], hash];
            (last_but_one, last) = (last, high);
            (d, was_right) = (e, is_right);
        }
        false
    }

    /// Looks at the seeds that end at a character, where there may be one of their shape.
    #[cold]
    fn look(
        &self,
        chars: &Chars,
        text: &[char],
        at: usize,
        seeds: [bool; 6],
        found: &mut impl FnMut(Hit) -> bool,
    ) -> bool {
        let back = |n: usize| at.checked_sub(n).map_or('\0', |at| text[at]);
        let [a, b, c, d, e] = [back(4), back(3), back(2), back(1), text[at]];
        let none = '\0';
        let shapes = [
            (Shape::Row, [c, d, e], 2),
            (Shape::EarlyGap, [b, d, e], 3),
            (Shape::LateGap, [e, b, c], 3),
            (Shape::WideGap, [a, d, e], 4),
            (Shape::BeforeEnd, [none, c, d], 2),
            (Shape::AfterStart, [none, d, e], 1),
        ];
        for ((shape, [other, first, second], behind), may_be) in shapes.into_iter().zip(seeds) {
            if !may_be {
                continue;
            }
            let key = key(shape, other);
            let slot = slot(u32::from(first), u32::from(second));
            for says in self.says(slot, key) {
                let (form, edit, window) = unpack(says);
                let start = (at + 1).checked_sub(behind + window);
                let fits = start.and_then(|start| candidate(chars, text, start, form, edit));
                if fits.is_some_and(&mut *found) {
                    return true;
                }
            }
        }
        false
    }

    /// What the seeds of a slot with a key say.
    fn says(&self, slot: usize, key: u32) -> impl Iterator<Item = u32> + '_ {
        let (starts, _) = self.starts.as_chunks::<4>();
        let (seeds, _) = self.seeds.as_chunks::<8>();
        let start = |slot: usize| {
            starts
                .get(slot)
                .map_or(0, |s| u32::from_le_bytes(*s) as usize)
        };
        let own = seeds.get(start(slot)..start(slot + 1)).unwrap_or_default();
        let split = |seed: &[u8; 8]| {
            let [a, b, c, d, e, f, g, h] = *seed;
            (
                u32::from_le_bytes([a, b, c, d]),
                u32::from_le_bytes([e, f, g, h]),
            )
        };
        let first = own.partition_point(|seed| split(seed).0 < key);
        own[first..]
            .iter()
            .map(split)
            .take_while(move |s| s.0 == key)
            .map(|s| s.1)
    }
}

impl Form {
    pub(crate) fn text(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.canonical)
    }
}

/// The characters of all forms.
#[derive(Debug)]
pub(crate) struct Chars {
    chars: Vec<char>,
    /// Where each form begins, and the last ends.
    starts: Vec<usize>,
}

impl Chars {
    pub(crate) fn new(near: &Near) -> Self {
        let mut chars = Vec::with_capacity(near.forms.len() * 12);
        let mut starts = vec![0];
        for form in &near.forms {
            chars.extend(form.text().chars());
            starts.push(chars.len());
        }
        Self { chars, starts }
    }

    pub(crate) fn form(&self, nth: usize) -> &[char] {
        &self.chars[self.starts[nth]..self.starts[nth + 1]]
    }

    /// How many characters of it are [`HEAD`]; what follows is a form of its own (the short title).
    fn head(&self, nth: usize) -> usize {
        let form = self.form(nth);
        if form.len() > HEAD.len() && form.starts_with(&HEAD) {
            HEAD.len()
        } else {
            0
        }
    }
}

/// The edit that a seed speaks of, if the text around it is otherwise the form; without its head the form begins at `start`.
fn candidate(chars: &Chars, text: &[char], start: usize, nth: usize, edit: Edit) -> Option<Hit> {
    let form = chars.form(nth);
    let head = chars.head(nth);
    let tail = &form[head..];
    let len = match edit {
        Edit::Insert(_) => tail.len() + 1,
        Edit::Drop(_) => tail.len() - 1,
        _ => tail.len(),
    };
    let window = text.get(start..start + len)?;
    // Nearly all are told apart by their first or last characters.
    if let Edit::Swap(i) | Edit::Insert(i) | Edit::Drop(i) = edit {
        let place = i.checked_sub(head)?;
        let last = tail.len() - 1;
        if place > 0 && window[0] != tail[0]
            || place > 1 && window[1] != tail[1]
            || place + 1 < last && window[len - 1] != tail[last]
        {
            return None;
        }
    }
    let edit = match edit {
        Edit::Swap(i) => {
            let i = i.checked_sub(head)?;
            let fits = window[..i] == tail[..i]
                && window[i] == tail[i + 1]
                && window[i + 1] == tail[i]
                && window[i + 2..] == tail[i + 2..];
            fits.then_some(edit)?
        }
        Edit::Replace(_) | Edit::Two(..) => replaced(window, tail, head)?,
        Edit::Insert(i) => {
            let i = i.checked_sub(head)?;
            (window[..i] == tail[..i] && window[i + 1..] == tail[i..]).then_some(edit)?
        }
        Edit::Drop(i) => {
            let i = i.checked_sub(head)?;
            (window[..i] == tail[..i] && window[i..] == tail[i + 1..]).then_some(edit)?
        }
    };
    let has_head = head > 0 && start >= head && text[start - head..start] == form[..head];
    let own = if has_head { head } else { 0 };
    Some(Hit {
        form: nth,
        range: start - own..start + len,
        edit,
        from: head - own,
    })
}

/// One character that was replaced, or two in a longer form, and nothing else.
fn replaced(window: &[char], tail: &[char], head: usize) -> Option<Edit> {
    let pairs = window.iter().zip(tail).enumerate();
    let mut places = pairs.filter(|(_, (a, b))| a != b).map(|(i, _)| i + head);
    let i = places.next()?;
    let Some(j) = places.next() else {
        return Some(Edit::Replace(i));
    };
    (tail.len() + head >= TWO_SOUNDS && places.next().is_none()).then_some(Edit::Two(i, j))
}

/// A seed while they are gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seed {
    slot: usize,
    key: u32,
    says: u32,
}

/// The seeds of all forms while they are gathered.
struct Sown {
    seeds: Vec<Seed>,
    words: Vec<u128>,
}

impl Sown {
    fn new() -> Self {
        Self {
            seeds: Vec::new(),
            words: vec![0; SLOTS],
        }
    }

    fn form(&mut self, nth: u32, chars: &[char], head: usize) {
        for w in chars.windows(3) {
            self.right([w[0], w[1], w[2]]);
        }
        let tail = &chars[head..];
        // A title as it stands in 《》, then behind its head.
        let mut framed: Vec<char> = vec!['《'];
        framed.extend_from_slice(tail);
        framed.push('》');
        self.edits(nth, &framed, head, 1..framed.len() - 1);
        let [first, second, ..] = *tail else { return };
        self.right(['《', first, second]);
        if let [.., a, b] = *tail {
            self.right([a, b, '》']);
        }
        if let Some(before) = head.checked_sub(1) {
            framed[0] = chars[before];
            self.edits(nth, &framed, head, 1..2);
        } else {
            let behind = [chars[1], chars[2], '\0'];
            self.add(nth, Shape::AfterStart, behind, Edit::Replace(0), 2);
            self.add(nth, Shape::AfterStart, behind, Edit::Drop(0), 1);
            let doubled = [chars[0], chars[0], chars[1]];
            self.add(nth, Shape::Row, doubled, Edit::Insert(0), 1);
        }
        let n = chars.len();
        if tail.len() >= 3 {
            let before = [chars[n - 3], chars[n - 2], '\0'];
            let window = tail.len() - 2;
            self.add(nth, Shape::BeforeEnd, before, Edit::Replace(n - 1), window);
            self.add(nth, Shape::BeforeEnd, before, Edit::Drop(n - 1), window);
            let doubled = [chars[n - 2], chars[n - 1], chars[n - 1]];
            self.add(nth, Shape::Row, doubled, Edit::Insert(n), window + 1);
        }
    }

    /// The seeds of the edits at `places` of a framed title, whose character 1 is character `head` of the form. The window
    /// of a seed begins at a place of the frame.
    fn edits(&mut self, nth: u32, e: &[char], head: usize, places: Range<usize>) {
        for k in places {
            let i = head + k - 1;
            let here = e[k];
            match (e.get(k - 1), e.get(k + 1), e.get(k + 2)) {
                (Some(&a), Some(&b), Some(&c)) => {
                    self.add(nth, Shape::Row, [a, b, c], Edit::Drop(i), k - 1);
                    self.add(nth, Shape::EarlyGap, [a, b, c], Edit::Replace(i), k - 1);
                    if b != here && k + 2 < e.len() {
                        self.add(nth, Shape::Row, [a, b, here], Edit::Swap(i), k - 1);
                        self.add(nth, Shape::Row, [b, here, c], Edit::Swap(i), k);
                    }
                    self.add(nth, Shape::EarlyGap, [a, here, b], Edit::Insert(i), k - 1);
                }
                (Some(&a), Some(&b), None) if k >= 2 => {
                    let before = [e[k - 2], a, here];
                    self.add(nth, Shape::EarlyGap, [a, here, b], Edit::Insert(i), k - 1);
                    self.add(nth, Shape::LateGap, before, Edit::Insert(i), k - 2);
                    let after = Edit::Insert(i + 1);
                    self.add(nth, Shape::LateGap, [a, here, b], after, k - 1);
                }
                _ => {}
            }
            if k >= 2 && k + 1 < e.len() {
                let beside = [e[k - 2], e[k - 1], e[k + 1]];
                if k + 6 >= e.len() {
                    self.add(nth, Shape::LateGap, beside, Edit::Replace(i), k - 2);
                }
                if k + 3 >= e.len() {
                    self.add(nth, Shape::Row, beside, Edit::Drop(i), k - 2);
                }
            }
            if k + 3 < e.len() && e.len() >= TWO_SOUNDS + 2 {
                let wide = [e[k - 1], e[k + 2], e[k + 3]];
                self.add(nth, Shape::WideGap, wide, Edit::Two(i, i + 1), k - 1);
            }
        }
    }

    fn right(&mut self, [a, b, c]: [char; 3]) {
        self.words[slot(u32::from(b), u32::from(c))] |= 1 << (RIGHT + hash(u32::from(a)));
    }

    /// Adds a seed whose window begins at place `window` of the framed title.
    fn add(&mut self, form: u32, shape: Shape, chars: [char; 3], edit: Edit, window: usize) {
        let [a, b, c] = chars.map(u32::from);
        let [first, _, third] = chars;
        let (slot, other, bit) = match shape {
            Shape::Row => (slot(b, c), first, hash(a)),
            Shape::EarlyGap => (slot(b, c), first, EARLY + hash(a)),
            Shape::WideGap => (slot(b, c), first, WIDE + (hash(a) >> 1)),
            Shape::LateGap => (slot(a, b), third, LATE + (hash(c) >> 2)),
            Shape::BeforeEnd => (slot(a, b), '\0', END),
            Shape::AfterStart => (slot(a, b), '\0', START),
        };
        self.words[slot] |= 1 << bit;
        self.seeds.push(Seed {
            slot,
            key: key(shape, other),
            says: pack(form, edit, window),
        });
    }
}

/// Sixteen bits for the form, six for the edit's place, three for its kind, seven for where the window begins.
fn pack(form: u32, edit: Edit, window: usize) -> u32 {
    let (kind, place) = match edit {
        Edit::Swap(i) => (0, i),
        Edit::Replace(i) => (1, i),
        Edit::Insert(i) => (2, i),
        Edit::Drop(i) => (3, i),
        Edit::Two(i, _) => (4, i),
    };
    form << 16 | narrow(place) << 10 | kind << 7 | narrow(window)
}

fn unpack(says: u32) -> (usize, Edit, usize) {
    let place = (says >> 10 & 0x3F) as usize;
    let edit = match says >> 7 & 7 {
        0 => Edit::Swap(place),
        1 => Edit::Replace(place),
        2 => Edit::Insert(place),
        3 => Edit::Drop(place),
        _ => Edit::Two(place, place + 1),
    };
    ((says >> 16) as usize, edit, (says & 0x7F) as usize)
}

/// A kind of seed and its character that is not one of the slot's two; one outside the basic plane is like some other.
fn key(shape: Shape, other: char) -> u32 {
    (shape as u32) << 16 | u32::from(other) & 0xFFFF
}

#[inline]
fn slot(a: u32, b: u32) -> usize {
    ((a << 16 ^ b).wrapping_mul(0x9E37_79B1) >> (32 - SLOT_BITS)) as usize
}

/// Five bits.
#[inline]
fn hash(c: u32) -> u32 {
    c.wrapping_mul(0x9E37_79B1) >> 27
}
