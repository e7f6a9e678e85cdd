//! Random slips in official forms, planted in sentences: what the harness for near misses makes and counts.

use std::collections::HashMap;
use std::ops::Range;

use pinyin::ToPinyinMulti as _;
use zhengming::lexicon::Lexicon;
use zhengming::{Document, Linter, ReadOptions, Severity};

/// What the titles of statutes share: they are edited behind it.
const HEAD: &str = "中华人民共和国";

/// The kinds of slips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Swapped,
    Homophone,
    Inserted,
    Doubled,
    Dropped,
    Other,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Swapped,
        Self::Homophone,
        Self::Inserted,
        Self::Doubled,
        Self::Dropped,
        Self::Other,
    ];
}

/// A slip that was planted.
pub(crate) struct Planted {
    pub(crate) kind: Kind,
    pub(crate) form: String,
    pub(crate) text: String,
    /// Whether something was reported there, as warning or error.
    pub(crate) found: bool,
}

impl Planted {
    pub(crate) fn is_long(&self) -> bool {
        self.form.chars().count() >= 10
    }
}

/// How many of the slips were found, in per cent.
pub(crate) fn share<'a>(planted: impl Iterator<Item = &'a Planted>) -> f64 {
    let (mut found, mut all) = (0_u32, 0_u32);
    for slip in planted {
        all += 1;
        found += u32::from(slip.found);
    }
    100.0 * f64::from(found) / f64::from(all.max(1))
}

/// The shipped forms whose near misses are looked for.
pub(crate) fn forms(lexicon: &Lexicon) -> Vec<String> {
    let terms = lexicon.terms().iter().filter(|t| t.near_miss);
    terms.flat_map(|t| t.forms.clone()).collect()
}

/// Plants slips.
pub(crate) struct Planter<'l> {
    pub(crate) linter: &'l Linter,
    pub(crate) sentences: Vec<String>,
    pub(crate) dice: Dice,
}

impl Planter<'_> {
    /// Plants one slip anywhere in a random sentence; `None` where the form has no place for it.
    pub(crate) fn plant(&mut self, form: &str, kind: Kind) -> Option<Planted> {
        let edited = self.dice.slip(form, kind)?;
        let nth = self.dice.below(self.sentences.len());
        let sentence: Vec<char> = self.sentences[nth].chars().collect();
        let at = self.dice.below(sentence.len() + 1);
        let before: String = sentence[..at].iter().collect();
        let after: String = sentence[at..].iter().collect();
        let text = format!("{before}{edited}{after}");
        let place = before.len()..before.len() + edited.len();
        Some(Planted {
            kind,
            form: form.to_owned(),
            found: self.reports(&text, &place),
            text: format!("{before}【{edited}】{after}"),
        })
    }

    fn reports(&self, text: &str, place: &Range<usize>) -> bool {
        let options = ReadOptions::default();
        let document = Document::parse("slip.txt", text.as_bytes().to_vec(), &options)
            .expect("a sentence can be read");
        let found = self.linter.lint(&document);
        found.iter().any(|d| {
            d.severity >= Severity::Warning
                && d.spans
                    .iter()
                    .any(|s| s.span.start < place.end && s.span.end > place.start)
        })
    }
}

/// A small generator of random numbers, so that every run plants the same slips.
pub(crate) struct Dice {
    state: u64,
    /// The common characters, and those of each syllable.
    common: Vec<char>,
    by_sound: HashMap<&'static str, Vec<char>>,
}

impl Dice {
    pub(crate) fn new() -> Self {
        // The first level of GB 2312: the 3,755 common characters, in the order of their codes.
        let mut common = Vec::new();
        for lead in 0xB0..=0xD7_u8 {
            for trail in 0xA1..=0xFE_u8 {
                let bytes = [lead, trail];
                let (text, _, _) = encoding_rs::GB18030.decode(&bytes);
                common.extend(
                    text.chars()
                        .filter(|c| !('\u{E000}'..='\u{F8FF}').contains(c)),
                );
            }
        }
        let mut by_sound: HashMap<&str, Vec<char>> = HashMap::new();
        for &c in &common {
            for sound in sounds(c) {
                by_sound.entry(sound).or_default().push(c);
            }
        }
        Self {
            state: 0x5EED,
            common,
            by_sound,
        }
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ z >> 31) % limit.max(1) as u64).unwrap_or_default()
    }

    /// The form with one slip in it.
    fn slip(&mut self, form: &str, kind: Kind) -> Option<String> {
        let mut chars: Vec<char> = form.chars().collect();
        let head = HEAD.chars().count();
        let first = if form.starts_with(HEAD) && chars.len() > head {
            head
        } else {
            0
        };
        let is_han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
        let mut places: Vec<usize> = (first..chars.len()).filter(|&n| is_han(chars[n])).collect();
        match kind {
            Kind::Swapped => {
                places.retain(|&n| {
                    chars
                        .get(n + 1)
                        .is_some_and(|&next| is_han(next) && next != chars[n])
                });
                let &at = places.get(self.below(places.len()))?;
                chars.swap(at, at + 1);
            }
            Kind::Homophone => {
                let &at = places.get(self.below(places.len()))?;
                let sound = *sounds(chars[at]).first()?;
                let mut alike = self.by_sound.get(sound)?.clone();
                alike.retain(|&c| c != chars[at]);
                chars[at] = *alike.get(self.below(alike.len()))?;
            }
            Kind::Inserted => {
                // Inside: what stands in front of a form or behind it leaves it whole.
                places.retain(|&n| n > 0);
                let &at = places.get(self.below(places.len()))?;
                let nth = self.below(self.common.len());
                let extra = self.common[nth];
                chars.insert(at, extra);
            }
            Kind::Doubled => {
                let &at = places.get(self.below(places.len()))?;
                chars.insert(at, chars[at]);
            }
            Kind::Dropped => {
                let &at = places.get(self.below(places.len()))?;
                chars.remove(at);
            }
            Kind::Other => {
                let &at = places.get(self.below(places.len()))?;
                let alike = sounds(chars[at]);
                let mut others = self.common.clone();
                others.retain(|&c| c != chars[at] && !sounds(c).iter().any(|s| alike.contains(s)));
                chars[at] = others[self.below(others.len())];
            }
        }
        Some(chars.into_iter().collect())
    }
}

fn sounds(c: char) -> Vec<&'static str> {
    let mut buffer = [0; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    text.to_pinyin_multi()
        .next()
        .flatten()
        .map(|all| all.into_iter().map(pinyin::Pinyin::plain).collect())
        .unwrap_or_default()
}
