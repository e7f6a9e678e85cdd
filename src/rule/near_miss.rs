//! Near misses of official forms: mistakes that nobody listed, found from the right forms alone.
//!
//! A text that is one edit away from an official form (two neighbours swapped, a character replaced, inserted, doubled or
//! dropped) is looked at where its [seeds](crate::index) are. Whether it is a slip or other good text is then decided by what the edit
//! is, where in the form it is, by whether good text puts the characters beside each other that the edit put there, and by
//! whether words end and begin around it.

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
static PAIRS: &[u8; natural::SIZE] = include_bytes!(concat!(env!("OUT_DIR"), "/pairs.bin"));

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

/// How sure it is that words end and begin at two places: at both ones of several characters, at one of them, at none.
const SURE: u8 = 4;
const LIKELY: u8 = 3;
const MAYBE: u8 = 2;
const NEVER: u8 = 5;

/// What the titles of national statutes begin with.
const HEAD: &[char] = &['中', '华', '人', '民', '共', '和', '国'];

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
    text: &'t [char],
    /// Where the hit begins in the text.
    start: usize,
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
            text,
            start: range.start,
        }
    }

    /// Words that begin or end with what looks like a form: 法律 behind 招投标, 发展中国家.
    fn is_word_of_its_own(&self) -> bool {
        let law_word = self.found.last() == Some(&'法')
            && self
                .after
                .is_some_and(|c| "律规定院庭人官制治案学".contains(c));
        let developing = self.found.starts_with(&['中', '国'])
            && self.text[..self.start].ends_with(&['发', '展']);
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

    /// Whether it says by its head that it is a national statute.
    fn is_national(&self) -> bool {
        self.form.starts_with(HEAD)
    }

    /// Whether the place before a character of the form is inside a word.
    fn is_inside_word(&self, i: usize) -> bool {
        i > 0 && i < self.form.len() && self.natural.is_word(self.form[i - 1], self.form[i])
    }

    /// Whether a character of the form is no part of a word of two.
    fn is_single(&self, i: usize) -> bool {
        !self.is_inside_word(i) && !self.is_inside_word(i + 1)
    }

    /// Whether a character of the form is in the name of a place, of which there are many: 永胜县, 永仁县.
    fn names_place(&self, i: usize) -> bool {
        (i + 1..=i + 2).any(|end| {
            let ends = self
                .form
                .get(end)
                .is_some_and(|&c| "市县区旗镇乡".contains(c));
            let next = self.form.get(end + 1);
            // 市场, 区域, 县级, 乡村
            ends && !next.is_some_and(|&c| "场域级村划".contains(c))
        })
    }

    /// Whether this character of the text and the next are a word.
    fn is_word(&self, at: usize) -> bool {
        matches!(self.text.get(at..at + 2), Some(&[a, b]) if self.natural.is_word(a, b))
    }

    /// 2: a word ends before character `at` of the text; 1: that character may be one; 0: it is half a word.
    fn word_ends(&self, at: usize) -> u8 {
        match at.checked_sub(1).map(|last| (last, self.text[last])) {
            Some((last, c)) if is_han(c) && !is_particle(c) => {
                if last > 0 && self.is_word(last - 1) {
                    2
                } else {
                    u8::from(self.natural.stands_alone(c))
                }
            }
            _ => 2,
        }
    }

    /// The same for the word that begins at it.
    fn word_begins(&self, at: usize) -> u8 {
        match self.text.get(at) {
            Some(&c) if is_han(c) && !is_particle(c) && !self.is_word(at) => {
                u8::from(self.natural.stands_alone(c))
            }
            _ => 2,
        }
    }

    /// Whether words end before `start` and begin at `end`, that surely.
    fn cuts(&self, start: usize, end: usize, least: u8) -> bool {
        let (before, after) = (self.word_ends(start), self.word_begins(end));
        before > 0 && after > 0 && before + after >= least
    }

    /// Whether a character of the hit is a word between words, or makes one with a neighbour; each that surely.
    fn one_reads(&self, i: usize, alone: u8, joined: u8) -> bool {
        let at = self.start + i;
        let c = self.text[at];
        (self.natural.stands_alone(c) || is_place_short(c)) && self.cuts(at, at + 1, alone)
            || at > 0 && self.is_word(at - 1) && self.cuts(at - 1, at + 1, joined)
            || self.is_word(at) && self.cuts(at, at + 2, joined)
    }

    /// Whether a word ends and another begins before a character of the hit, or the two beside the gap are one.
    fn gap_reads(&self, i: usize, least: u8) -> bool {
        let at = self.start + i;
        self.cuts(at, at, least)
            || at > 0 && self.is_word(at - 1) && self.cuts(at - 1, at + 1, least)
    }

    fn swap(&self, i: usize) -> (bool, u8) {
        let (a, b) = (self.form[i], self.form[i + 1]);
        let at = self.start + i;
        // 党的十二大, 国民 for 民国.
        let reads = is_numeral(a) && is_numeral(b)
            || self.form.len() < 7 && self.is_word(at) && self.cuts(at, at + 2, SURE);
        let around = self.odd(b, a)
            || i > 0 && self.odd(self.form[i - 1], b)
            || self.form.get(i + 2).is_some_and(|&next| self.odd(a, next));
        (
            is_han(a) && is_han(b) && !reads && (around || editable(a) && editable(b)),
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
        if self.in_title
            && len >= if class == Class::Other { 8 } else { 6 }
            && (self.is_national() || !self.one_reads(i, MAYBE, MAYBE))
        {
            return (true, rank);
        }
        let at_end = i == 0 || i + 1 == len;
        let reads = match class {
            Class::Other if is_particle(found) || self.names_place(i) => true,
            // 穆棱市市容和环境卫生管理条例
            Class::Sound | Class::Shape if i == 0 && self.names_place(i) => {
                self.before.is_some_and(is_han)
            }
            Class::Other if self.is_single(i) => self.one_reads(i, MAYBE, MAYBE),
            Class::Other if len < 8 => {
                // 科教兴农战略
                self.natural.may_stand_alone(found)
                    || is_place_short(found)
                    || self.one_reads(i, MAYBE, MAYBE)
            }
            Class::Other => self.one_reads(i, SURE, LIKELY),
            Class::Sound | Class::Shape => len < 8 && self.one_reads(i, NEVER, SURE),
        };
        if reads || at_end && self.runs_on(i, class) {
            return (false, 9);
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

    /// Whether a character at an end of the hit belongs to what stands beside it: 救援队|较远.
    fn runs_on(&self, i: usize, class: Class) -> bool {
        let at = self.start + i;
        let beside = if i == 0 { at.checked_sub(1) } else { Some(at) };
        self.one_reads(i, LIKELY, SURE)
            || class == Class::Other
                && (self.natural.stands_alone(self.text[at])
                    || beside.is_some_and(|at| self.is_word(at)))
    }

    fn insert(&self, i: usize) -> (bool, u8) {
        let extra = self.found[i];
        let last = self.form.len();
        let doubled = i > 0 && self.form[i - 1] == extra || i < last && self.form[i] == extra;
        let rank = if doubled { 0 } else { 2 };
        if is_numeral(extra) || !is_han(extra) {
            return (false, 9);
        }
        if self.in_title && last >= 6 && (self.is_national() || !self.one_reads(i, MAYBE, MAYBE)) {
            return (true, rank);
        }
        let beside_numeral = i > 0 && is_numeral(self.form[i - 1]);
        if !doubled && (is_function_word(extra) || beside_numeral) {
            return (false, 9);
        }
        let is_word = self.natural.stands_alone(extra);
        let slip = if i == 0 || i == 1 && extra == self.form[0] {
            // The word before may well end as the form begins: 其中|中国, 全村|村民.
            doubled
                && (last >= 8 || last >= 6 && !is_word)
                && !is_place_word(extra)
                && !is_function_word(extra)
                && self.odd_behind_before(extra)
        } else if i == last || i + 1 == last && extra == self.form[i] {
            // And a word may begin as it ends: 自治州|州委, 解放军|军以上.
            let begins = self.after.is_some_and(is_han)
                && (is_place_word(extra)
                    || is_word && self.word_begins(self.start + self.found.len()) > 0);
            doubled && !begins && self.odd_before_after(extra)
        } else if doubled {
            true
        } else {
            // A word goes between words more easily than into one, and into a short form: 领导小组|副|组长.
            let (alone, joined) = match (self.is_inside_word(i), last < 10) {
                (false, true) => (MAYBE, MAYBE),
                (true, true) => (SURE, SURE),
                (_, false) => (SURE, NEVER),
            };
            let before = self.odd(self.form[i - 1], extra);
            let after = self.odd(extra, self.form[i]);
            // Before the last character a word of two may begin: 保护法, 保护立法.
            !self.one_reads(i, alone, joined) && (after || before && i + 1 < last)
        };
        (slip, rank)
    }

    fn drop(&self, i: usize) -> (bool, u8) {
        let missing = self.form[i];
        let len = self.form.len();
        let last = len - 1;
        if is_numeral(missing) || !is_han(missing) {
            return (false, 9);
        }
        if self.in_title && len >= 6 {
            return (self.is_national() || !self.gap_reads(i, MAYBE), 2);
        }
        if is_function_word(missing) || is_place_word(missing) {
            return (false, 9);
        }
        let at = self.start + i;
        let single = self.is_single(i);
        // Inside a long form, and half a word is left.
        let deep = len >= 8 && self.is_deep(i) && !single;
        // 中华人民共和国|司法机关 is no 公司法.
        let begins_behind_head = i == HEAD.len()
            && self.is_national()
            && len <= HEAD.len() + 4
            && self.word_begins(at) == 2;
        if begins_behind_head || !deep && self.gap_reads(i, SURE) {
            return (false, 9);
        }
        if i == 0 {
            let next = self.form[1];
            let odd = !is_function_word(next) && self.before.is_some_and(|b| self.odd(b, next));
            let begins = self.word_begins(at);
            let slip = if len >= 8 {
                !single || begins < 2
            } else {
                len > SHORTEST && begins == 0 && self.is_inside_word(1) && !is_place_end(next)
            };
            return (odd && slip && !self.names_place(0), 2);
        }
        if i == last {
            let odd = self.after.is_some_and(|a| self.odd(self.form[i - 1], a));
            // A title without 法 is the name of what it is about: 所得税.
            let half = missing != '法' && self.is_inside_word(i) && self.word_ends(at) == 0;
            let slip = len >= 8 && ends_in_half_a_word(self.form) || len > SHORTEST && half;
            return (odd && slip, 2);
        }
        // Beside an end the other side of the gap may belong to another word: 我国|经济.
        let long = len >= 10;
        let odd = self.odd(self.form[i - 1], self.form[i + 1])
            && (long || i > 1 || self.odd_behind_before(self.form[0]))
            && (long || i + 1 < last || self.odd_before_after(self.form[last]));
        let broken = self.word_ends(at) == 0 && self.word_begins(at) == 0 && !self.is_word(at - 1);
        // 驻香港部队, 驻港部队
        let short = is_place_short(self.form[i - 1]) || is_place_short(self.form[i + 1]);
        let slip = len > SHORTEST && (odd || broken) || deep && !short;
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

/// What is a word wherever it stands.
fn is_particle(c: char) -> bool {
    is_function_word(c)
        || "由对在向为以从按被将把是不也都并而且但已均可须应就还又再只仅更最较每该此这那"
            .contains(c)
}

/// Places by one character: 科教兴豫, 驻港部队.
fn is_place_short(c: char) -> bool {
    "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁疆港澳台".contains(c)
}

/// What the names of many places end with, so that another one may stand there: 葫芦岛, 青岛.
fn is_place_end(c: char) -> bool {
    "岛江河湖海山川州阳城门口港湾".contains(c)
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
