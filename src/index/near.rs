//! Official forms, made ready to find what is one edit away from one of them. For the embedded lexicon `build.rs` does this
//! once, and a run reads the tables where they lie.
//!
//! The wrong place of a wrong form is rare in good text. So a seed is not a piece of the form that is still whole, which
//! good text is full of, but what stands around the edit: for every place of a form and every kind of edit four
//! characters beside it as the edit leaves them. Most of a text is dismissed by a few bits for two neighbouring characters,
//! most of the rest by a sieve of all seeds.

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
    /// Two bits of one of these words of eight bytes for each seed. Their number is a power of two.
    #[serde(borrow)]
    sieve: Cow<'static, [u8]>,
    /// Where the seeds begin whose hash begins with each number, and where the last ones end: four bytes each.
    #[serde(borrow)]
    starts: Cow<'static, [u8]>,
    /// The seeds by their hash, eight bytes each: the low half of the hash, then what the seed says.
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

/// The characters of a text around the current one that a seed is made of: a mask over the [`View`], in which a character has
/// sixteen bits and the current one is the third from the end.
type Shape = u128;

/// What is looked at around a character: five characters before it, itself, two behind it.
type View = u128;

/// Where the current character is in a view, and how many characters follow it.
const CURRENT: usize = 5;
const BEHIND: usize = 2;

/// A shape out of what it takes of a view: `x` and `.`.
const fn shape(picture: &[u8; 8]) -> Shape {
    let mut mask = 0;
    let mut i = 0;
    while i < 8 {
        mask <<= 16;
        if picture[i] == b'x' {
            mask |= 0xFFFF;
        }
        i += 1;
    }
    mask
}

/// No shape.
const NONE: Shape = 0;

/// What is known about two neighbouring characters, sixteen bytes:
///
/// bits 0–31: by what stands before them they may be a [`Kind::Row`]; 32–63: an [`Kind::Early`]; 64–95: some form has them behind it
/// as they are; 96–111: a [`Kind::Wide`]; 112–119: by what follows a [`Kind::Late`]; 120–123: by what stands before
/// them an [`Kind::End`]; 124–127: by what follows a [`Kind::Start`].
type Word = [u8; 16];

/// Kinds of seeds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Dropped, swapped and doubled characters: three in a row, and one beside them.
    Row,
    /// Substituted and inserted characters: one, any one, two; and one beside them.
    Early,
    /// The same near the end of a form: two, any one, one; and one beside them.
    Late,
    /// Two neighbours substituted: one, any two, two; and one beside them.
    Wide,
    /// What stands in front of an odd last character, which is the current one.
    End,
    /// What stands behind an odd first character: the current one is the second of these.
    Start,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Row,
        Self::Early,
        Self::Late,
        Self::Wide,
        Self::End,
        Self::Start,
    ];

    /// How seeds of each kind are made.
    const SHAPES: [[Shape; 2]; 6] = [
        [shape(b"..xxxx.."), shape(b"...xxxx.")],
        [shape(b".xx.xx.."), shape(b"..x.xxx.")],
        [shape(b".xxx.x.."), shape(b"..xx.xx.")],
        [shape(b"xx..xx.."), shape(b".x..xxx.")],
        [shape(b".xxxx..."), NONE],
        [shape(b"....xxxx"), NONE],
    ];

    fn shapes(self) -> &'static [Shape; 2] {
        &Self::SHAPES[self as usize]
    }
}

const SLOT_BITS: u32 = 16;
const SLOTS: usize = 1 << SLOT_BITS;
const EARLY_BITS: u32 = 32;
const RIGHT_BITS: u32 = 64;
const WIDE_BITS: u32 = 96;
const LATE_BITS: u32 = 112;
const END_BITS: u32 = 120;
const START_BITS: u32 = 124;

/// A character of a text, and what kinds of seeds there may be around it, a bit for each.
struct Here<'t> {
    text: &'t [char],
    at: usize,
    view: View,
    kinds: u64,
}

/// Where the bits of a seed are: the word, and the two in it.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the shift leaves as many bits as there are words"
)]
fn sieve_bits(seed: u64, shift: u32) -> (usize, u64) {
    (
        (seed >> shift) as usize,
        1 << (seed & 63) | 1 << (seed >> 6 & 63),
    )
}

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
            sieve: Cow::Borrowed(&[]),
            starts: Cow::Borrowed(&[]),
            seeds: Cow::Borrowed(&[]),
        };
        if near.forms.is_empty() {
            return near;
        }
        let chars = Chars::new(&near);
        let mut sown = Sown::new(&near);
        for nth in 0..near.forms.len() {
            sown.form(narrow(nth), chars.form(nth), chars.head(nth));
        }
        near.keep(sown);
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
        let next_but = |at: usize, n: usize| text.get(at + n).copied().unwrap_or_default();
        let mut view = code(next_but(0, 0)) << 16 | code(next_but(0, 1));
        // Of the characters from four before the current one to the one behind it.
        let mut hashes = [0, 0, 0, 0, 0, hash(next_but(0, 0))];
        // The halves of the words of the pairs that end with the last character and the one before it.
        let (mut last, mut last_but_one) = (0_u64, 0_u64);
        let mut was_right = 0;
        let mut before = '\0';
        for (at, &c) in text.iter().enumerate() {
            view = view << 16 | code(next_but(at, BEHIND));
            let [_, h4, h3, h2, h1, h0] = hashes;
            let next = hash(next_but(at, 1));
            hashes = [h4, h3, h2, h1, h0, next];
            let word = u128::from_le_bytes(words[slot(before, c)]);
            #[expect(clippy::cast_possible_truncation, reason = "the halves of the word")]
            let (low, high) = (word as u64, (word >> 64) as u64);
            let is_right = high >> h2;
            let is_edited = !(is_right & was_right);
            let kinds = [
                low >> h2,
                low >> (EARLY_BITS + h3) & is_edited,
                last_but_one >> (LATE_BITS - 64 + (h0 >> 2)) & is_edited,
                high >> (WIDE_BITS - 64 + (h4 >> 1)) & is_edited,
                last >> (END_BITS - 64 + (h3 >> 3)) & !is_right,
                high >> (START_BITS - 64 + (next >> 3)) & !is_right,
            ];
            let kinds = (0..).zip(kinds).fold(0, |all, (n, k)| all | (k & 1) << n);
            if kinds != 0 {
                let here = Here {
                    text,
                    at,
                    view,
                    kinds,
                };
                if self.look(&here, chars, &odd, &mut found) {
                    return true;
                }
            }
            (last_but_one, last) = (last, high);
            (before, was_right) = (c, is_right);
        }
        false
    }

    /// Looks for seeds around a character.
    #[inline(never)]
    fn look(
        &self,
        here: &Here<'_>,
        chars: &Chars,
        odd: &impl Fn(char, char) -> bool,
        found: &mut impl FnMut(Hit) -> bool,
    ) -> bool {
        let &Here {
            text,
            at,
            view,
            kinds,
        } = here;
        let (sieve, _) = self.sieve.as_chunks::<8>();
        let shift = 64 - sieve.len().trailing_zeros();
        let mut rest = kinds;
        while let Some(&kind) = Kind::ALL.get(rest.trailing_zeros() as usize) {
            rest &= rest - 1;
            for shape in kind.shapes() {
                let seed = mix(view & shape);
                let (word, mask) = sieve_bits(seed, shift);
                if u64::from_le_bytes(sieve[word]) & mask != mask {
                    continue;
                }
                let is_odd = match kind {
                    Kind::End => odd(text[at - 1], text[at]),
                    Kind::Start => at >= 2 && odd(text[at - 2], text[at - 1]),
                    _ => true,
                };
                let mut fits = self.says(seed).filter_map(|says| {
                    let (form, edit, offset) = unpack(says);
                    candidate(chars, text, at.checked_sub(offset)?, form, edit)
                });
                if is_odd && fits.any(&mut *found) {
                    return true;
                }
            }
        }
        false
    }

    /// What a seed says.
    fn says(&self, seed: u64) -> impl Iterator<Item = u32> + '_ {
        let (starts, _) = self.starts.as_chunks::<4>();
        let (seeds, _) = self.seeds.as_chunks::<8>();
        let place = place(seed, starts.len() - 1);
        let start = |place: usize| u32::from_le_bytes(starts[place]) as usize;
        let own = &seeds[start(place)..start(place + 1)];
        let wanted = low_half(seed).to_le_bytes();
        own.iter()
            .filter(move |[a, b, c, d, ..]| [*a, *b, *c, *d] == wanted)
            .map(|&[.., a, b, c, d]| u32::from_le_bytes([a, b, c, d]))
    }

    /// Takes over what was sown.
    fn keep(&mut self, mut sown: Sown) {
        sown.seeds.sort_unstable();
        sown.seeds.dedup();
        let mut sieve = vec![0_u64; (sown.seeds.len() / 4).next_power_of_two().max(2)];
        let shift = 64 - sieve.len().trailing_zeros();
        let places = (sown.seeds.len() / 4).next_power_of_two().max(2);
        let mut starts = vec![0_u32; places + 1];
        let mut seeds = Vec::with_capacity(sown.seeds.len() * 8);
        for &(seed, says) in &sown.seeds {
            let (word, mask) = sieve_bits(seed, shift);
            sieve[word] |= mask;
            starts[place(seed, places) + 1] += 1;
            seeds.extend(low_half(seed).to_le_bytes());
            seeds.extend(says.to_le_bytes());
        }
        for n in 0..places {
            starts[n + 1] += starts[n];
        }
        self.words = Cow::Owned(sown.words.iter().flat_map(|w| w.to_le_bytes()).collect());
        self.sieve = Cow::Owned(sieve.iter().flat_map(|w| w.to_le_bytes()).collect());
        self.starts = Cow::Owned(starts.iter().flat_map(|s| s.to_le_bytes()).collect());
        self.seeds = Cow::Owned(seeds);
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

/// The seeds of all forms while they are gathered.
struct Sown {
    /// The hash of each seed, and what it says.
    seeds: Vec<(u64, u32)>,
    words: Vec<u128>,
    /// How often the forms put two characters beside each other: what is frequent in them is so in every text.
    pairs: HashMap<(char, char), u32>,
}

/// Characters of a form and what stands around it, after an edit; `None` is any.
type Edited = [Option<char>];

/// How a seed can be made of edited characters.
struct Seed {
    kind: Kind,
    shape: Shape,
    /// Which of the edited characters is the current one.
    at: usize,
    /// What the view holds there.
    view: [Option<char>; 8],
}

impl Sown {
    fn new(near: &Near) -> Self {
        let mut pairs = HashMap::new();
        for form in &near.forms {
            let text = form.text();
            for pair in text.chars().zip(text.chars().skip(1)) {
                *pairs.entry(pair).or_default() += 1;
            }
        }
        Self {
            seeds: Vec::new(),
            words: vec![0; SLOTS],
            pairs,
        }
    }

    fn form(&mut self, nth: u32, chars: &[char], head: usize) {
        for w in chars.windows(3) {
            self.right([w[0], w[1], w[2]]);
        }
        let tail = &chars[head..];
        if let [first, second, .., last_but_one, last] = *tail {
            self.right(['《', first, second]);
            self.right([last_but_one, last, '》']);
        }
        let stands_alone = tail.len() >= SHORTEST;
        if stands_alone {
            let title = [&['《'], tail, &['》']].concat();
            for k in 1..=tail.len() {
                self.edits(nth, &title, head, 1, k);
            }
            let [title @ .., _] = &*title else { return };
            let known = title.iter().copied().map(Some);
            let more: Vec<_> = known.chain([None, Some('》')]).collect();
            let edit = Edit::Insert(chars.len());
            self.rarest(nth, edit, 1, &more, &[(Kind::Late, more.len() - 1)]);
        }
        if head > 0 {
            // Behind its head.
            let first = 3;
            let title = [&chars[head - first..], &['》']].concat();
            let len = if stands_alone { 1 } else { tail.len() };
            for k in first..first + len {
                self.edits(nth, &title, head, first, k);
            }
        }
        self.ends(nth, chars, head);
    }

    /// The seeds of the edits of character `k` of a title, with what stands around it; the form's tail begins at `first`.
    fn edits(&mut self, nth: u32, title: &[char], head: usize, first: usize, k: usize) {
        let i = head + k - first;
        let whole: Vec<_> = title.iter().copied().map(Some).collect();
        let (before, after) = whole.split_at(k);
        let dropped = [before, &after[1..]].concat();
        let places = [(Kind::Row, k + 1), (Kind::Row, k)];
        self.rarest(nth, Edit::Drop(i), first, &dropped, &places);
        if k + 2 < title.len() && title[k] != title[k + 1] {
            let mut swapped = whole.clone();
            swapped.swap(k, k + 1);
            let places = [(Kind::Row, k + 1), (Kind::Row, k + 2)];
            self.rarest(nth, Edit::Swap(i), first, &swapped, &places);
        }
        let places = [(Kind::Early, k + 2), (Kind::Late, k + 1)];
        let more = [before, &[None], after].concat();
        self.rarest(nth, Edit::Insert(i), first, &more, &places);
        let mut replaced = whole.clone();
        replaced[k] = None;
        self.rarest(nth, Edit::Replace(i), first, &replaced, &places);
        if title.len() >= TWO_SOUNDS + 2 {
            // The second one may be wherever the rarest seed is. Near the end it may be the last but one behind this one, where
            // no seed of the other kind is left.
            let near_end = k + 6 >= title.len();
            let places = &places[..1 + usize::from(near_end)];
            self.all(nth, Edit::Replace(i), first, &replaced, places);
            replaced[k + 1] = None;
            let places = [(Kind::Wide, k + 3)];
            self.all(nth, Edit::Two(i, i + 1), first, &replaced, &places);
        }
    }

    /// The seeds of the edits of the first and the last character of a form, wherever it stands.
    fn ends(&mut self, nth: u32, chars: &[char], head: usize) {
        let n = chars.len();
        let whole: Vec<_> = chars.iter().copied().map(Some).collect();
        let mut sow = |edit, edited: &Edited, kind, at| {
            self.rarest(nth, edit, head, edited, &[(kind, at)]);
        };
        if head == 0 {
            sow(
                Edit::Insert(0),
                &[&whole[..1], &whole].concat(),
                Kind::Row,
                2,
            );
            sow(Edit::Replace(0), &whole, Kind::Start, 2);
            sow(Edit::Drop(0), &whole[1..], Kind::Start, 1);
        }
        let doubled = [&whole, &whole[n - 1..]].concat();
        sow(Edit::Insert(n), &doubled, Kind::Row, n);
        sow(Edit::Replace(n - 1), &whole, Kind::End, n - 1);
        sow(Edit::Drop(n - 1), &whole, Kind::End, n - 1);
    }

    fn right(&mut self, [a, b, c]: [char; 3]) {
        self.words[slot(b, c)] |= 1 << (RIGHT_BITS + hash(a));
    }

    /// Adds the seed of an edit that good text has least, one without the brackets of a title where there is one. `places`
    /// say of which kinds it may be, and which of the edited characters is then the current one; the form's tail begins
    /// at `first`.
    fn rarest(
        &mut self,
        nth: u32,
        edit: Edit,
        first: usize,
        edited: &Edited,
        places: &[(Kind, usize)],
    ) {
        let rank = |s: &Seed| (s.brackets(), s.kind == Kind::Late, self.commonness(s));
        if let Some(seed) = seeds(edited, places).min_by_key(rank) {
            self.add(&seed, pack(nth, edit, seed.at - first));
        }
    }

    /// Adds all seeds of an edit.
    fn all(
        &mut self,
        nth: u32,
        edit: Edit,
        first: usize,
        edited: &Edited,
        places: &[(Kind, usize)],
    ) {
        for seed in seeds(edited, places) {
            self.add(&seed, pack(nth, edit, seed.at - first));
        }
    }

    /// How often good text may have what a seed is made of, in some order.
    fn commonness(&self, seed: &Seed) -> [u32; 3] {
        let mut counts = [u32::MAX; 3];
        let pairs = seed.view.windows(2).enumerate();
        let pairs = pairs.filter_map(|(i, pair)| {
            let both = seed.takes(i) && seed.takes(i + 1);
            let (a, b) = (pair[0]?, pair[1]?);
            both.then(|| self.pairs.get(&(a, b)).copied().unwrap_or(0))
        });
        for (count, pair) in counts.iter_mut().zip(pairs) {
            *count = pair;
        }
        counts.sort_unstable();
        counts
    }

    fn add(&mut self, seed: &Seed, says: u32) {
        let at = |i: usize| seed.view[i].unwrap_or_default();
        let (pair, bit) = match seed.kind {
            Kind::Row => (4, hash(at(3))),
            Kind::Early => (4, EARLY_BITS + hash(at(2))),
            Kind::Wide => (4, WIDE_BITS + (hash(at(1)) >> 1)),
            Kind::Late => (2, LATE_BITS + (hash(at(5)) >> 2)),
            Kind::End => (3, END_BITS + (hash(at(2)) >> 3)),
            Kind::Start => (4, START_BITS + (hash(at(6)) >> 3)),
        };
        self.words[slot(at(pair), at(pair + 1))] |= 1 << bit;
        let view = seed
            .view
            .iter()
            .fold(0, |view, c| view << 16 | c.map_or(0, code));
        self.seeds.push((mix(view & seed.shape), says));
    }
}

impl Seed {
    fn takes(&self, i: usize) -> bool {
        self.shape >> (16 * (7 - i)) & 1 != 0
    }

    fn brackets(&self) -> usize {
        let is_bracket = |&i: &usize| self.takes(i) && matches!(self.view[i], Some('《' | '》'));
        (0..8).filter(is_bracket).count()
    }
}

/// The seeds that can be made of edited characters.
fn seeds<'e>(edited: &'e Edited, places: &'e [(Kind, usize)]) -> impl Iterator<Item = Seed> + 'e {
    places.iter().flat_map(move |&(kind, at)| {
        let view = std::array::from_fn(|i| {
            let at = (at + i).checked_sub(CURRENT)?;
            edited.get(at).copied().flatten()
        });
        let shapes = kind.shapes().iter().filter(|&&shape| shape != NONE);
        let seeds = shapes.map(move |&shape| Seed {
            kind,
            shape,
            at,
            view,
        });
        seeds.filter(|seed| (0..8).all(|i| !seed.takes(i) || seed.view[i].is_some()))
    })
}

/// Sixteen bits for the form, six for the edit's place, three for its kind, seven for how many characters behind the form's
/// tail's first the current one is.
fn pack(form: u32, edit: Edit, offset: usize) -> u32 {
    let (kind, place) = match edit {
        Edit::Swap(i) => (0, i),
        Edit::Replace(i) => (1, i),
        Edit::Insert(i) => (2, i),
        Edit::Drop(i) => (3, i),
        Edit::Two(i, _) => (4, i),
    };
    form << 16 | narrow(place) << 10 | kind << 7 | narrow(offset)
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

#[inline]
fn slot(a: char, b: char) -> usize {
    ((u32::from(a) << 16 ^ u32::from(b)).wrapping_mul(0x9E37_79B1) >> (32 - SLOT_BITS)) as usize
}

/// Five bits.
#[inline]
fn hash(c: char) -> u32 {
    u32::from(c).wrapping_mul(0x9E37_79B1) >> 27
}

/// Sixteen bits; a character outside the basic plane is like some other.
#[inline]
fn code(c: char) -> View {
    View::from(u32::from(c) & 0xFFFF)
}

/// A hash of what a shape takes of a view.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves of it")]
fn mix(seed: View) -> u64 {
    let (low, high) = (seed as u64, (seed >> 64) as u64);
    let product =
        u128::from(low ^ 0x9E37_79B9_7F4A_7C15) * u128::from(high ^ 0xD1B5_4A32_D192_ED03);
    product as u64 ^ (product >> 64) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the half of it")]
fn low_half(seed: u64) -> u32 {
    seed as u32
}

/// To which of `places`, a power of two that is at least 2, the beginning of a seed's hash leads.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the shift leaves as many bits as there are places"
)]
fn place(seed: u64, places: usize) -> usize {
    (seed >> (64 - places.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Layer, Lexicon};

    /// The edits of a form behind its head, with the characters that they leave; another character is one that no form has.
    fn edits(chars: &[char], head: usize) -> Vec<(Edit, Vec<char>)> {
        let mut edits = Vec::new();
        let other = '龘';
        for i in head..chars.len() {
            let (before, after) = chars.split_at(i);
            edits.push((Edit::Drop(i), [before, &after[1..]].concat()));
            edits.push((Edit::Replace(i), [before, &[other], &after[1..]].concat()));
            edits.push((Edit::Insert(i), [before, &[other], after].concat()));
            if let [a, b, rest @ ..] = after
                && a != b
            {
                edits.push((Edit::Swap(i), [before, &[*b, *a], rest].concat()));
            }
            for j in i + 1..chars.len() {
                if chars.len() >= TWO_SOUNDS {
                    let mut edited = chars.to_vec();
                    (edited[i], edited[j]) = (other, other);
                    edits.push((Edit::Two(i, j), edited));
                }
            }
        }
        edits
    }

    /// What rules a place out is hashed, and what an edit leaves may be right elsewhere: a few are lost. Of two edits more are,
    /// as those of the last two characters leave nothing behind them.
    #[test]
    fn seeds_lead_to_the_edits() {
        let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
        let near = lexicon.near();
        let chars = Chars::new(&near);
        // Of one edit and of two: how many there are, and those that were missed.
        let mut results: [(usize, Vec<_>); 2] = Default::default();
        for nth in 0..near.forms.len() {
            let head = chars.head(nth);
            for (edit, edited) in edits(chars.form(nth), head) {
                for [before, after] in [['《', '》'], ['龖', '龖']] {
                    if edit == Edit::Insert(head) && before != '《' {
                        // In running text it is no part of the form.
                        continue;
                    }
                    let text = [&[before], &*edited, &[after]].concat();
                    let whole = 1..text.len() - 1;
                    let is_it = |hit: Hit| hit.form == nth && hit.range == whole;
                    let (all, missed) = &mut results[usize::from(matches!(edit, Edit::Two(..)))];
                    *all += 1;
                    if !near.scan(&chars, &text, |_, _| true, is_it) {
                        missed.push((edit, String::from_iter(text)));
                    }
                }
            }
        }
        for ((all, missed), per_thousand) in results.iter().zip([5, 50]) {
            let many = missed.len();
            assert!(
                many * 1000 < all * per_thousand,
                "{many} of {all}: {missed:#?}"
            );
        }
    }
}
