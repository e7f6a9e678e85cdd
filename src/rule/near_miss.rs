//! Near misses of official forms: mistakes that nobody listed, found from the right forms alone.
//!
//! A text that is one edit away from an official form (two neighbours swapped, a character replaced, inserted, doubled or
//! dropped) is looked at where its [seeds](seeds) are. Whether it is a slip or other good text is then decided by what the edit
//! is, where in the form it is, and by whether good text puts the characters beside each other that the edit put there.

mod confusion;
mod natural;
mod seeds;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use self::confusion::{Class, class};
use self::natural::Natural;
use self::seeds::{Seeds, Shape, key};
use super::{RuleInfo, Target};
use crate::config::Config;
use crate::diagnostic::{Difference, Message, Severity};
use crate::lexicon::{Entry, FixMode, Lexicon};
use crate::linter::{Match, Rule};
use crate::normal::tables::is_han;
use crate::normal::{CharFold, fold_char, fold_form};

/// The category of all these rules: one for each form, `near-miss/FORM`.
pub(crate) const CATEGORY: &str = "near-miss";

/// One of them, for the catalog; the others are like it.
pub(super) const RULES: &[RuleInfo] = &[RuleInfo {
    id: "near-miss/中华人民共和国招标投标法",
    category: CATEGORY,
    severity: Severity::Warning,
    fix: FixMode::Unsafe,
    summary_zh: "与规范名称只差一处：颠倒、错字、多字、缺字；每个规范名称有一条这样的规则",
    summary_en: "one slip away from an official form: swapped, wrong, extra or missing characters; each form has such a rule",
    source: "国家法律法规数据库（flk.npc.gov.cn）：宪法、法律",
    bad: &[
        "依照中华人民共和国招标头标法办理。",
        "《中华人民共和国招投标标法》",
    ],
    good: &["依照中华人民共和国招标投标法办理。", "招标投标法律法规"],
}];

/// Near misses give way to the listed forms.
const PRIORITY: u8 = 1;

/// What the titles of national statutes begin with. It is a form of its own, so a title is looked at behind it.
const HEAD: &str = "中华人民共和国";

/// Forms with fewer characters have too much good text around them.
const SHORTEST: usize = 5;

/// The longest form of which the surroundings of a hit are compared.
const LONGEST: usize = 64;

/// Finds near misses of the official forms of a lexicon.
#[derive(Debug)]
pub(super) struct NearMiss {
    forms: Vec<Form>,
    rules: Vec<Rule>,
    seeds: Seeds<Seed>,
    right: Right,
}

/// An official form in normal form.
#[derive(Debug)]
struct Form {
    chars: Vec<char>,
    /// How many characters of it are [`HEAD`]; what follows is a form of its own (the short title).
    head: usize,
    /// Index of its rule.
    rule: u32,
    /// The form as the lexicon spells it.
    canonical: String,
}

/// What a seed says: an edit of a form, and where the seed's window begins.
#[derive(Clone, Copy, Debug)]
struct Seed {
    form: u32,
    edit: Edit,
    /// Index in the form of the window's first character, plus one: 《 in front of the title is 0.
    window: u16,
}

/// An edit of a form; the index of a character of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Edit {
    /// This one and the next have changed places.
    Swap(u16),
    /// Another one stands for it.
    Replace(u16),
    /// One too many stands before it.
    Insert(u16),
    /// It is missing.
    Drop(u16),
    /// This one and another were replaced by characters that sound the same.
    TwoSounds(u16, u16),
}

/// A place in a text that is an edit away from a form.
#[derive(Clone, Debug)]
struct Hit {
    form: usize,
    /// Characters of the text.
    range: Range<usize>,
    edit: Edit,
    /// Index of the form's first character that counts: behind the head where the text has none.
    from: usize,
    /// How unlikely a slip it is; of several the least counts.
    rank: u8,
}

impl NearMiss {
    pub(super) fn new(lexicon: &Lexicon, config: &Config) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        let mut by_id: HashMap<String, Option<u32>> = HashMap::new();
        let mut forms: Vec<Form> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let forbidden: HashSet<String> = lexicon
            .entries()
            .flat_map(|e| &e.forbidden)
            .map(|f| fold_form(f))
            .collect();
        let mut right = Right::default();
        for (form, source) in lexicon.near_miss_forms() {
            let folded = fold_form(form);
            if forbidden.contains(&folded) || !seen.insert(folded.clone()) {
                continue;
            }
            let chars: Vec<char> = folded.chars().collect();
            if !(SHORTEST..=LONGEST).contains(&chars.len()) {
                continue;
            }
            let rule = *by_id.entry(form.to_owned()).or_insert_with(|| {
                let rule = Rule::builtin(
                    CATEGORY,
                    form,
                    Severity::Warning,
                    FixMode::Unsafe,
                    source.unwrap_or_default(),
                    config,
                )?;
                rules.push(rule);
                u32::try_from(rules.len() - 1).ok()
            });
            let Some(rule) = rule else { continue };
            let head = HEAD.chars().count();
            forms.push(Form {
                head: if folded.starts_with(HEAD) && chars.len() > head {
                    head
                } else {
                    0
                },
                chars,
                rule,
                canonical: form.to_owned(),
            });
        }
        for form in &forms {
            right.insert(&form.chars);
            if form.head > 0 {
                right.insert(&form.chars[form.head..]);
            }
        }
        for wording in right_wordings(lexicon) {
            right.insert(&fold_form(wording).chars().collect::<Vec<_>>());
        }
        let mut sown = Sown::default();
        for (nth, form) in forms.iter().enumerate() {
            sown.form(crate::source::narrow(nth), form);
        }
        Self {
            seeds: Seeds::new(sown.seeds, &sown.rows, Natural::new()),
            forms,
            rules,
            right,
        }
    }

    /// Whether a text may hold a near miss.
    pub(super) fn may_match(&self, text: &str) -> bool {
        let mut any = false;
        let plain = text.chars().filter_map(|c| match fold_char(c) {
            CharFold::Same => Some(c),
            CharFold::To(to, _) => Some(to),
            CharFold::Dropped | CharFold::Space => None,
        });
        self.seeds.scan(plain, |_, _| {
            any = true;
            true
        });
        any
    }

    pub(super) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        let folded = target.folded.text();
        let text: Vec<char> = folded.chars().collect();
        let hits = self.hits(&text);
        if hits.is_empty() {
            return;
        }
        let mut offsets: Vec<usize> = folded.char_indices().map(|(at, _)| at).collect();
        offsets.push(folded.len());
        for (hit, others) in best_of(hits) {
            let form = &self.forms[hit.form];
            let range = offsets[hit.range.start]..offsets[hit.range.end];
            let canonical = |h: &Hit| -> String {
                let form = &self.forms[h.form];
                form.canonical.chars().skip(h.from).collect()
            };
            let mut suggestions = vec![canonical(&hit)];
            for other in &others {
                let other = canonical(other);
                if !suggestions.contains(&other) {
                    suggestions.push(other);
                }
            }
            let found = folded[range.clone()].to_owned();
            matches.push(Match {
                rule: &self.rules[form.rule as usize],
                range,
                message: Some(Message::NearMiss {
                    found: found.clone(),
                    canonical: suggestions.clone(),
                    difference: difference(&form.chars, &text, &hit),
                }),
                found: Cow::Owned(found),
                suggestions: Cow::Owned(suggestions),
                priority: PRIORITY,
            });
        }
    }

    /// Everything in a text that is taken for a slip.
    fn hits(&self, text: &[char]) -> Vec<Hit> {
        let mut candidates: Vec<Hit> = Vec::new();
        let mut tried: HashSet<(u32, usize, Edit)> = HashSet::new();
        self.seeds.scan(text.iter().copied(), |key, window| {
            for seed in self.seeds.get(key) {
                let head = self.forms[seed.form as usize].head;
                let Some(start) =
                    (window.saturating_add(1 + head)).checked_sub(usize::from(seed.window))
                else {
                    continue;
                };
                if tried.insert((seed.form, start, seed.edit)) {
                    candidates.extend(self.candidate(text, start, seed));
                }
            }
            false
        });
        candidates.retain_mut(|hit| self.is_slip(text, hit) && !self.right.holds(text, &hit.range));
        candidates
    }

    /// The edit that a seed speaks of, if the text around it is otherwise the form; without its head the form begins at
    /// `start`.
    fn candidate(&self, text: &[char], start: usize, seed: Seed) -> Option<Hit> {
        let form = &self.forms[seed.form as usize];
        let tail = &form.chars[form.head..];
        let at = |index: u16| usize::from(index) - form.head;
        let len = match seed.edit {
            Edit::Insert(_) => tail.len() + 1,
            Edit::Drop(_) => tail.len() - 1,
            _ => tail.len(),
        };
        let window = text.get(start..start + len)?;
        let mut edit = seed.edit;
        let fits = match seed.edit {
            Edit::Swap(i) => {
                let i = at(i);
                window[..i] == tail[..i]
                    && window[i] == tail[i + 1]
                    && window[i + 1] == tail[i]
                    && window[i + 2..] == tail[i + 2..]
            }
            Edit::Replace(i) => {
                let i = at(i);
                let fits = window[i] != tail[i]
                    && window[..i] == tail[..i]
                    && window[i + 1..] == tail[i + 1..];
                if !fits {
                    edit = two_sounds(window, tail, form.head)?;
                }
                true
            }
            Edit::Insert(i) => {
                window[..at(i)] == tail[..at(i)] && window[at(i) + 1..] == tail[at(i)..]
            }
            Edit::Drop(i) => {
                window[..at(i)] == tail[..at(i)] && window[at(i)..] == tail[at(i) + 1..]
            }
            Edit::TwoSounds(..) => {
                edit = two_sounds(window, tail, form.head)?;
                true
            }
        };
        if !fits {
            return None;
        }
        let has_head = form.head > 0
            && start >= form.head
            && text[start - form.head..start] == form.chars[..form.head];
        let head = if has_head { form.head } else { 0 };
        Some(Hit {
            form: seed.form as usize,
            range: start - head..start + len,
            edit,
            from: form.head - head,
            rank: 0,
        })
    }

    /// Whether an edited form is a slip, not other good text; sets its rank.
    fn is_slip(&self, text: &[char], hit: &mut Hit) -> bool {
        let chars = &self.forms[hit.form].chars;
        let form = &chars[hit.from..];
        let around = Around::new(text, &hit.range, form, self.seeds.natural());
        if form.len() < SHORTEST || around.is_word_of_its_own() {
            return false;
        }
        let at = |i: u16| usize::from(i) - hit.from;
        let (slip, rank) = match hit.edit {
            Edit::Swap(i) => around.swap(at(i)),
            Edit::Replace(i) => around.replace(at(i)),
            Edit::Insert(i) => around.insert(at(i)),
            Edit::Drop(i) => around.drop(at(i)),
            Edit::TwoSounds(..) => (form.len() >= 8, 1),
        };
        hit.rank = rank;
        slip
    }
}

/// An edited form and what stands around it.
struct Around<'t> {
    form: &'t [char],
    /// The edited form as it stands in the text.
    found: &'t [char],
    before: Option<char>,
    after: Option<char>,
    /// Whether it fills 《》.
    in_title: bool,
    natural: &'t Natural,
    text_before: &'t [char],
}

impl<'t> Around<'t> {
    fn new(text: &'t [char], range: &Range<usize>, form: &'t [char], natural: &'t Natural) -> Self {
        let before = range.start.checked_sub(1).map(|at| text[at]);
        let after = text.get(range.end).copied();
        Self {
            form,
            found: &text[range.clone()],
            before,
            after,
            in_title: before == Some('《') && after == Some('》'),
            natural,
            text_before: &text[..range.start],
        }
    }

    /// Words that begin or end with what looks like a form: 法律 behind 招投标, 发展中国家.
    fn is_word_of_its_own(&self) -> bool {
        let law_word = self.found.last() == Some(&'法')
            && self
                .after
                .is_some_and(|c| "律规定院庭人官制治案学".contains(c));
        let developing =
            self.found.starts_with(&['中', '国']) && self.text_before.ends_with(&['发', '展']);
        law_word || developing
    }

    /// Whether good text does not put `b` behind `a`.
    fn odd(&self, a: char, b: char) -> bool {
        !self.natural.has(a, b)
    }

    /// Whether a character at the start of the hit does not belong to what stands before it.
    fn odd_behind_before(&self, c: char) -> bool {
        self.before.is_none_or(|b| !is_han(b) || self.odd(b, c))
    }

    /// The same at its end; a bracket may go on with the word: 国(边)境.
    fn odd_before_after(&self, c: char) -> bool {
        self.after.is_none_or(|a| {
            if is_han(a) {
                self.odd(c, a)
            } else {
                !matches!(a, '(' | '（' | '〔' | '[')
            }
        })
    }

    fn swap(&self, i: usize) -> (bool, u8) {
        let (a, b) = (self.form[i], self.form[i + 1]);
        let around = self.odd(b, a)
            || i > 0 && self.odd(self.form[i - 1], b)
            || self.form.get(i + 2).is_some_and(|&next| self.odd(a, next));
        (
            is_han(a) && is_han(b) && (around || editable(a) && editable(b)),
            0,
        )
    }

    fn replace(&self, i: usize) -> (bool, u8) {
        let (wanted, found) = (self.form[i], self.found[i]);
        if !editable(found) || is_numeral(wanted) || !is_han(wanted) {
            return (false, 9);
        }
        let class = class(wanted, found);
        let rank = match class {
            Class::Sound => 0,
            Class::Shape => 1,
            Class::Other => 3,
        };
        let len = self.form.len();
        if self.in_title && len >= if class == Class::Other { 8 } else { 6 } {
            return (true, rank);
        }
        // At the ends the form may just stop there, and any word begin.
        let slip = if i == 0 {
            (class != Class::Other || len >= 10)
                && self.odd(found, self.form[1])
                && self.odd_behind_before(found)
        } else if i + 1 == len {
            (class != Class::Other || len >= 11)
                && self.odd(self.form[i - 1], found)
                && self.odd_before_after(found)
        } else {
            let odd = u8::from(self.odd(self.form[i - 1], found))
                + u8::from(self.odd(found, self.form[i + 1]));
            let deep = self.is_deep(i);
            match class {
                Class::Sound => true,
                Class::Shape => odd >= 1 || len >= 7,
                Class::Other if is_numeral(self.form[i - 1]) => false,
                Class::Other => {
                    odd == 2 || odd == 1 && (deep && len >= 8 || len >= 12) || deep && len >= 10
                }
            }
        };
        (slip, rank)
    }

    fn insert(&self, i: usize) -> (bool, u8) {
        let extra = self.found[i];
        let last = self.form.len();
        let doubled = i > 0 && self.form[i - 1] == extra || i < last && self.form[i] == extra;
        let rank = if doubled { 0 } else { 2 };
        if is_numeral(extra) || !is_han(extra) {
            return (false, 9);
        }
        if self.in_title && self.form.len() >= 6 {
            return (true, rank);
        }
        let beside_numeral = i > 0 && is_numeral(self.form[i - 1]);
        if !doubled && (is_function_word(extra) || beside_numeral) {
            return (false, 9);
        }
        let slip = if i == 0 || i == 1 && extra == self.form[0] {
            // The word before may well end as the form begins: 其中|中国, 全村|村民.
            doubled && last >= 8 && !is_place_word(extra) && self.odd_behind_before(extra)
        } else if i == last || i + 1 == last && extra == self.form[i] {
            doubled && self.odd_before_after(extra)
        } else if doubled {
            true
        } else {
            let before = self.odd(self.form[i - 1], extra);
            let after = self.odd(extra, self.form[i]);
            if i + 1 == last {
                // A word of two characters may begin here: 保护法, 保护立法.
                after
            } else {
                before || after
            }
        };
        (slip, rank)
    }

    fn drop(&self, i: usize) -> (bool, u8) {
        let missing = self.form[i];
        if is_numeral(missing) || !is_han(missing) {
            return (false, 9);
        }
        if self.in_title && self.form.len() >= 6 {
            return (true, 2);
        }
        let last = self.form.len() - 1;
        if is_function_word(missing) || is_place_word(missing) {
            return (false, 9);
        }
        if i == 0 {
            let odd = self.before.is_some_and(|b| self.odd(b, self.form[1]));
            return (odd && self.form.len() >= 8, 2);
        }
        if i == last {
            let odd = self.after.is_some_and(|a| self.odd(self.form[i - 1], a));
            return (
                odd && self.form.len() >= 8 && ends_in_half_a_word(self.form),
                2,
            );
        }
        // Beside an end the other side of the gap may belong to another word: 我国|经济.
        let long = self.form.len() >= 10;
        let odd = self.odd(self.form[i - 1], self.form[i + 1])
            && (long || i > 1 || self.odd_behind_before(self.form[0]))
            && (long || i + 1 < last || self.odd_before_after(self.form[last]));
        let slip = odd && self.form.len() > SHORTEST || self.form.len() >= 8 && self.is_deep(i);
        (slip, 2)
    }

    /// Whether two characters of the form at least stand on either side.
    fn is_deep(&self, i: usize) -> bool {
        i >= 2 && i + 3 <= self.form.len()
    }
}

/// Whether an edit of this character can be told from another wording: no mark, digit, numeral or function word.
fn editable(c: char) -> bool {
    is_han(c) && !is_numeral(c) && !is_function_word(c)
}

fn is_numeral(c: char) -> bool {
    "零〇一二三四五六七八九十百千万亿两".contains(c) || c.is_ascii_digit()
}

fn is_function_word(c: char) -> bool {
    "的地得和与及或等了其各之所者".contains(c)
}

/// What ends the name of a place, and is left out or stands beside the next name: 江苏徐州市, 昌平市市长.
fn is_place_word(c: char) -> bool {
    "省市县区州旗村国中".contains(c)
}

/// Whether a form without its last character ends in half a word, so that nobody means it to end there.
fn ends_in_half_a_word(form: &[char]) -> bool {
    const WORDS: &[[char; 2]] = &[
        ['条', '例'],
        ['细', '则'],
        ['规', '则'],
        ['准', '则'],
        ['规', '定'],
        ['决', '定'],
        ['办', '法'],
        ['政', '府'],
        ['法', '院'],
        ['大', '会'],
        ['总', '局'],
        ['制', '度'],
        ['体', '系'],
        ['思', '想'],
    ];
    WORDS.iter().any(|word| form.ends_with(word))
}

/// Two characters that were replaced by others of the same sound, and nothing else.
fn two_sounds(window: &[char], tail: &[char], head: usize) -> Option<Edit> {
    let mut places = window
        .iter()
        .zip(tail)
        .enumerate()
        .filter(|(_, (a, b))| a != b);
    let (i, (a, b)) = places.next()?;
    let (j, (c, d)) = places.next()?;
    let sounds = |a: char, b: char| editable(a) && editable(b) && class(a, b) == Class::Sound;
    (places.next().is_none() && sounds(*a, *b) && sounds(*c, *d)).then(|| {
        let index = |i: usize| u16::try_from(i + head).unwrap_or_default();
        Edit::TwoSounds(index(i), index(j))
    })
}

/// Of hits at one place the likeliest slip, with the others that are as likely.
fn best_of(mut hits: Vec<Hit>) -> Vec<(Hit, Vec<Hit>)> {
    hits.sort_by_key(|h| (h.range.start, Reverse(h.range.end), h.rank, h.form));
    let mut groups: Vec<(Hit, Vec<Hit>)> = Vec::new();
    for hit in hits {
        match groups.last_mut() {
            Some((best, others)) if best.range == hit.range => {
                if best.rank == hit.rank {
                    others.push(hit);
                }
            }
            _ => groups.push((hit, Vec::new())),
        }
    }
    groups
}

/// What differs, for a person.
fn difference(chars: &[char], text: &[char], hit: &Hit) -> Difference {
    let form = &chars[hit.from..];
    let found = &text[hit.range.clone()];
    let at = |i: u16| usize::from(i) - hit.from;
    match hit.edit {
        Edit::Swap(i) => Difference::Swapped(form[at(i)..at(i) + 2].iter().collect()),
        Edit::Replace(i) => Difference::Replaced {
            found: found[at(i)],
            wanted: form[at(i)],
        },
        Edit::Insert(i) => Difference::Extra(found[at(i)]),
        Edit::Drop(i) => Difference::Missing(form[at(i)]),
        Edit::TwoSounds(..) => Difference::Several,
    }
}

/// Whatever is right as it stands, though it may be near to a form.
fn right_wordings(lexicon: &Lexicon) -> impl Iterator<Item = &str> {
    let terms = lexicon.terms().iter();
    let terms = terms.flat_map(|t| t.forms.iter().chain(&t.variants));
    let entries = lexicon.entries();
    let once_right = |e: &&Entry| e.valid_until.is_some();
    let past = entries
        .clone()
        .filter(once_right)
        .flat_map(|e| &e.forbidden);
    let entries = entries.flat_map(|e| e.canonical.iter().chain(&e.unless_inside));
    let statutes = lexicon.statutes().iter().map(|s| &s.title);
    terms
        .chain(entries)
        .chain(past)
        .chain(statutes)
        .map(String::as_str)
}

/// The wordings inside which nothing is a near miss, by their first two characters.
#[derive(Debug, Default)]
struct Right {
    wordings: HashMap<(char, char), Vec<Box<[char]>>>,
}

impl Right {
    fn insert(&mut self, wording: &[char]) {
        if let [first, second, ..] = *wording
            && wording.len() <= LONGEST
        {
            self.wordings
                .entry((first, second))
                .or_default()
                .push(wording.into());
        }
    }

    /// Whether `range` of the text is, or lies inside, one of the wordings.
    fn holds(&self, text: &[char], range: &Range<usize>) -> bool {
        (range.start.saturating_sub(LONGEST)..=range.start).any(|start| {
            let Some(&[first, second]) = text.get(start..start + 2) else {
                return false;
            };
            let wordings = self.wordings.get(&(first, second));
            wordings.is_some_and(|list| {
                list.iter()
                    .any(|w| start + w.len() >= range.end && text[start..].starts_with(w))
            })
        })
    }
}

/// The seeds of all forms while they are gathered.
#[derive(Default)]
struct Sown {
    seeds: Vec<(u64, Seed)>,
    /// Three characters in a row that some form has.
    rows: Vec<u64>,
}

impl Sown {
    fn form(&mut self, nth: u32, form: &Form) {
        let chars = &form.chars;
        for w in chars.windows(3) {
            self.rows.push(key(Shape::Row, [w[0], w[1], w[2]]));
        }
        let tail = &chars[form.head..];
        // A title as it stands in 《》, then behind its head.
        let mut framed: Vec<char> = vec!['《'];
        framed.extend_from_slice(tail);
        framed.push('》');
        self.edits(nth, &framed, form.head, 1..framed.len() - 1);
        let [first, second, ..] = *tail else { return };
        self.rows.push(key(Shape::Row, ['《', first, second]));
        if let [.., a, b] = *tail {
            self.rows.push(key(Shape::Row, [a, b, '》']));
        }
        if let Some(before) = form.head.checked_sub(1) {
            framed[0] = chars[before];
            self.edits(nth, &framed, form.head, 1..2);
        } else {
            let replace = Edit::Replace(0);
            self.add(
                nth,
                Shape::AfterStart,
                [chars[1], chars[2], '\0'],
                replace,
                1,
            );
            self.add(
                nth,
                Shape::AfterStart,
                [chars[1], chars[2], '\0'],
                Edit::Drop(0),
                0,
            );
            let doubled = Edit::Insert(0);
            self.add(nth, Shape::Row, [chars[0], chars[0], chars[1]], doubled, 0);
        }
        let n = chars.len();
        if tail.len() >= 3 {
            let last = u16::try_from(n - 1).unwrap_or_default();
            let before = [chars[n - 3], chars[n - 2], '\0'];
            self.add(nth, Shape::BeforeEnd, before, Edit::Replace(last), n - 3);
            self.add(nth, Shape::BeforeEnd, before, Edit::Drop(last), n - 3);
            let doubled = [chars[n - 2], chars[n - 1], chars[n - 1]];
            self.add(nth, Shape::Row, doubled, Edit::Insert(last + 1), n - 2);
        }
    }

    /// The seeds of the edits at `places` of a framed title, whose character 1 is character `head` of the form.
    fn edits(&mut self, nth: u32, e: &[char], head: usize, places: Range<usize>) {
        let index = |k: usize| u16::try_from(head + k - 1).unwrap_or_default();
        // A window that begins at k of the frame begins at head + k - 1 of the form.
        let window = |k: usize| (head + k).wrapping_sub(1);
        for k in places {
            let i = index(k);
            match (e.get(k - 1), e.get(k + 1), e.get(k + 2)) {
                (Some(&a), Some(&b), Some(&c)) => {
                    self.add(nth, Shape::Row, [a, b, c], Edit::Drop(i), window(k - 1));
                    self.add(
                        nth,
                        Shape::EarlyGap,
                        [a, b, c],
                        Edit::Replace(i),
                        window(k - 1),
                    );
                    let here = e[k];
                    if b != here && k + 2 < e.len() {
                        self.add(nth, Shape::Row, [a, b, here], Edit::Swap(i), window(k - 1));
                        self.add(nth, Shape::Row, [b, here, c], Edit::Swap(i), window(k));
                    }
                    self.add(
                        nth,
                        Shape::EarlyGap,
                        [a, here, b],
                        Edit::Insert(i),
                        window(k - 1),
                    );
                }
                (Some(&a), Some(&b), None) if k >= 2 => {
                    self.add(
                        nth,
                        Shape::EarlyGap,
                        [a, e[k], b],
                        Edit::Insert(i),
                        window(k - 1),
                    );
                    let before = [e[k - 2], a, e[k]];
                    self.add(nth, Shape::LateGap, before, Edit::Insert(i), window(k - 2));
                    let after = Edit::Insert(i + 1);
                    self.add(nth, Shape::LateGap, [a, e[k], b], after, window(k - 1));
                }
                _ => {}
            }
            if k >= 2 && k + 1 < e.len() {
                let beside = [e[k - 2], e[k - 1], e[k + 1]];
                self.add(nth, Shape::LateGap, beside, Edit::Replace(i), window(k - 2));
                if k + 3 >= e.len() {
                    self.add(nth, Shape::Row, beside, Edit::Drop(i), window(k - 2));
                }
            }
            if k >= 2 && k + 2 < e.len() && e.len() >= 10 {
                let wide = [e[k - 2], e[k - 1], e[k + 2]];
                let two = Edit::TwoSounds(i, i + 1);
                self.add(nth, Shape::WideGap, wide, two, window(k - 2));
            }
        }
    }

    fn add(&mut self, form: u32, shape: Shape, chars: [char; 3], edit: Edit, window: usize) {
        let window = u16::try_from(window.wrapping_add(1)).unwrap_or_default();
        self.seeds
            .push((key(shape, chars), Seed { form, edit, window }));
    }
}
