//! Near misses of official forms: mistakes that nobody listed, found from the right forms alone.
//!
//! A text that is one edit away from an official form (two neighbours swapped, a character replaced, inserted, doubled or
//! dropped) is looked at where its [seeds](crate::index) are. Whether it is a slip or other good text is then decided by what the edit
//! is, where in the form it is, and by whether good text puts the characters beside each other that the edit put there.

mod confusion;
mod natural;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use self::confusion::{Class, class};
use self::natural::Natural;
use super::{RuleInfo, Target};
use crate::config::Config;
use crate::diagnostic::{Difference, Message, Severity};
use crate::index::near::{Chars, Edit, Hit, LONGEST, Near, SHORTEST, TWO_SOUNDS};
use crate::lexicon::{FixMode, Lexicon};
use crate::linter::{Match, Rule};
use crate::normal::tables::is_han;
use crate::normal::{Sketch, fold_form};

/// `pairs.txt` as `build.rs` wrote it.
static PAIRS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pairs.bin"));

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
        "依照中华人民共和国招投标标法办理。",
        "依照中华人民共和国招标投标标法办理。",
    ],
    good: &["依照中华人民共和国招标投标法办理。", "招标投标法律法规"],
}];

/// Near misses give way to the listed forms.
const PRIORITY: u8 = 1;

/// Finds near misses of the official forms of a lexicon.
#[derive(Debug)]
pub(super) struct NearMiss {
    near: Arc<Near>,
    chars: Chars,
    natural: Natural,
    /// What stands right in later layers than the forms.
    right_later: Vec<String>,
    right: OnceLock<Right>,
    /// Forms that a later layer forbids.
    forbidden: HashSet<String>,
    /// One for each form, made when it is first needed; `None` where the configuration switches it off.
    rules: Vec<OnceLock<Option<Box<Rule>>>>,
    config: Config,
}

/// A slip: a hit, and how unlikely it is to be one; of several the least counts.
struct Slip {
    hit: Hit,
    rank: u8,
}

impl NearMiss {
    /// `None` when the configuration leaves nothing to look for.
    pub(super) fn new(lexicon: &Lexicon, config: &Config) -> Option<Self> {
        let near = lexicon.near();
        if near.forms.is_empty() || config.without_rules || config.disables(CATEGORY, CATEGORY) {
            return None;
        }
        let later = lexicon.entries().filter(|e| e.layer > 0);
        Some(Self {
            chars: Chars::new(&near),
            natural: Natural::new(PAIRS),
            right_later: lexicon.right_wordings(1).map(fold_form).collect(),
            right: OnceLock::new(),
            forbidden: later
                .flat_map(|e| &e.forbidden)
                .map(|f| fold_form(f))
                .collect(),
            rules: near.forms.iter().map(|_| OnceLock::new()).collect(),
            near,
            config: config.clone(),
        })
    }

    /// Whether a text holds a near miss, as far as a sketch shows.
    pub(super) fn may_match(&self, sketch: &Sketch) -> bool {
        let text = sketch.chars();
        let odd = |a, b| !self.natural.has(a, b);
        self.near.scan(&self.chars, text, odd, |hit| {
            !sketch.is_exact() || self.slip(text, hit).is_some()
        })
    }

    pub(super) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        let folded = target.folded.text();
        let text: Vec<char> = folded.chars().collect();
        let mut slips: Vec<Slip> = Vec::new();
        let odd = |a, b| !self.natural.has(a, b);
        self.near.scan(&self.chars, &text, odd, |hit| {
            if !slips.iter().rev().take(64).any(|s| s.hit == hit) {
                slips.extend(self.slip(&text, hit));
            }
            false
        });
        if slips.is_empty() {
            return;
        }
        let mut offsets: Vec<usize> = folded.char_indices().map(|(at, _)| at).collect();
        offsets.push(folded.len());
        for (hit, others) in best_of(slips) {
            let Some(rule) = self.rule(hit.form) else {
                continue;
            };
            let range = offsets[hit.range.start]..offsets[hit.range.end];
            let canonical = |h: &Hit| -> String {
                let form = &self.near.forms[h.form];
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
                rule,
                range,
                message: Some(Message::NearMiss {
                    found: found.clone(),
                    canonical: suggestions.clone(),
                    difference: difference(self.chars.form(hit.form), &text, &hit),
                }),
                found: Cow::Owned(found),
                suggestions: Cow::Owned(suggestions),
                priority: PRIORITY,
            });
        }
    }

    /// The rule of a form.
    fn rule(&self, form: usize) -> Option<&Rule> {
        let make = || {
            let form = &self.near.forms[form];
            let source = form.source.map(|s| self.near.sources[s as usize].as_str());
            let rule = Rule::builtin(
                CATEGORY,
                &form.canonical,
                Severity::Warning,
                FixMode::Unsafe,
                source.unwrap_or_default(),
                &self.config,
            );
            rule.filter(|_| !self.forbidden.contains(form.text()))
                .map(Box::new)
        };
        self.rules[form].get_or_init(make).as_deref()
    }

    /// What an edited form is if it is a slip, not other good text.
    fn slip(&self, text: &[char], hit: Hit) -> Option<Slip> {
        let chars = self.chars.form(hit.form);
        let form = &chars[hit.from..];
        let around = Around::new(text, &hit.range, form, &self.natural);
        if form.len() < SHORTEST || around.is_word_of_its_own() {
            return None;
        }
        let at = |i: usize| i - hit.from;
        let (is_slip, rank) = match hit.edit {
            Edit::Swap(i) => around.swap(at(i)),
            Edit::Replace(i) => around.replace(at(i)),
            Edit::Insert(i) => around.insert(at(i)),
            Edit::Drop(i) => around.drop(at(i)),
            Edit::Two(i, j) => around.two_sounds(at(i), at(j)),
        };
        let right = || {
            self.right.get_or_init(|| {
                let right = self.near.right.iter().chain(&self.right_later);
                Right::new(right.map(|wording| wording.chars().collect()))
            })
        };
        (is_slip && !right().holds(text, &hit.range)).then_some(Slip { hit, rank })
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

    fn two_sounds(&self, i: usize, j: usize) -> (bool, u8) {
        let sound = |i: usize| {
            let (wanted, found) = (self.form[i], self.found[i]);
            editable(wanted) && editable(found) && class(wanted, found) == Class::Sound
        };
        (self.form.len() >= TWO_SOUNDS && sound(i) && sound(j), 1)
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

/// Of hits at one place the likeliest slip, with the others that are as likely.
fn best_of(mut slips: Vec<Slip>) -> Vec<(Hit, Vec<Hit>)> {
    slips.sort_by_key(|s| {
        (
            s.hit.range.start,
            Reverse(s.hit.range.end),
            s.rank,
            s.hit.form,
        )
    });
    let mut groups: Vec<(Slip, Vec<Hit>)> = Vec::new();
    for slip in slips {
        match groups.last_mut() {
            Some((best, others)) if best.hit.range == slip.hit.range => {
                if best.rank == slip.rank {
                    others.push(slip.hit);
                }
            }
            _ => groups.push((slip, Vec::new())),
        }
    }
    groups
        .into_iter()
        .map(|(best, others)| (best.hit, others))
        .collect()
}

/// What differs, for a person.
fn difference(chars: &[char], text: &[char], hit: &Hit) -> Difference {
    let form = &chars[hit.from..];
    let found = &text[hit.range.clone()];
    let at = |i: usize| i - hit.from;
    match hit.edit {
        Edit::Swap(i) => Difference::Swapped(form[at(i)..at(i) + 2].iter().collect()),
        Edit::Replace(i) => Difference::Replaced {
            found: found[at(i)],
            wanted: form[at(i)],
        },
        Edit::Insert(i) => Difference::Extra(found[at(i)]),
        Edit::Drop(i) => Difference::Missing(form[at(i)]),
        Edit::Two(..) => Difference::Several,
    }
}

/// The wordings inside which nothing is a near miss, by their first two characters.
#[derive(Debug, Default)]
struct Right {
    wordings: HashMap<(char, char), Vec<Box<[char]>>>,
    /// A bit for each hashed first character, so that most places of a text are ruled out.
    firsts: Vec<bool>,
    longest: usize,
}

impl Right {
    fn new(wordings: impl Iterator<Item = Vec<char>>) -> Self {
        let mut right = Self {
            firsts: vec![false; 1 << 12],
            ..Self::default()
        };
        for wording in wordings {
            if let [first, second, ..] = *wording
                && wording.len() <= LONGEST
            {
                let list = right.wordings.entry((first, second)).or_default();
                right.firsts[first_slot(first)] = true;
                right.longest = right.longest.max(wording.len());
                list.push(wording.into());
            }
        }
        right
    }

    /// Whether `range` of the text is, or lies inside, one of the wordings.
    fn holds(&self, text: &[char], range: &Range<usize>) -> bool {
        let earliest = range.end.saturating_sub(self.longest);
        (earliest..=range.start).any(|start| {
            let Some(&[first, second]) = text.get(start..start + 2) else {
                return false;
            };
            if !self.firsts[first_slot(first)] {
                return false;
            }
            let wordings = self.wordings.get(&(first, second));
            wordings.is_some_and(|list| {
                list.iter().any(|w| {
                    start + w.len() >= range.end
                        && text.get(start + w.len() - 1) == w.last()
                        && text[start..].starts_with(w)
                })
            })
        })
    }
}

fn first_slot(c: char) -> usize {
    (u32::from(c) & 0xFFF) as usize
}
