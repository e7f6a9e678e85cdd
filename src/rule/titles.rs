//! The titles of national statutes: which there are, and which one a wrong title was meant to be.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::lexicon::Lexicon;
use crate::normal::fold_form;

/// What the full titles of laws begin with; the short title leaves it out.
pub(crate) const HEAD: &str = "中华人民共和国";

/// The category of the lexicon's entries whose canonical forms are titles.
const CATEGORY: &str = "statutes";

/// Last characters of titles: 法, 法典, 条例, 细则, 规则, 规定.
const LAST: [char; 5] = ['法', '典', '例', '则', '定'];

/// Kinds of statutes that come after the name of the law they carry out, longest first; some are never right.
const CARRYING_OUT: &[&str] = &[
    "法实施条例",
    "法实施细则",
    "法实施办法",
    "法实施规定",
    "法执行条例",
    "法条例",
    "法细则",
    "实施条例",
    "实施细则",
];

/// A title of a statute.
#[derive(Debug)]
pub(crate) struct Title {
    /// In normal form, without [`HEAD`].
    pub(crate) core: String,
    chars: Vec<char>,
    /// A bit for each character, so that most titles are ruled out without being compared.
    signature: u64,
    /// Whether the full title begins with [`HEAD`]; `None` where only the short one is known.
    has_head: Option<bool>,
    /// How many articles it has.
    pub(crate) articles: Option<u32>,
    /// The version that was counted.
    pub(crate) amended: Option<Date>,
    /// Whether it is in force; a former title is known, but never meant by a wrong one.
    pub(crate) in_force: bool,
}

/// All titles that are known.
#[derive(Debug)]
pub(crate) struct Titles {
    titles: Vec<Title>,
    by_core: HashMap<String, usize>,
    /// The statutes that carry out a law, by what stands before their kind.
    by_stem: HashMap<String, Vec<usize>>,
}

/// What is to be said about a title.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the title with this number.
    Known(usize),
    /// 中华人民共和国 is doubled or damaged; this is right.
    Head(String),
    /// It is nearly, but not quite, one of these.
    Near(Vec<String>),
    /// The law is right, but what kind of statute it is taken for is not: one of these is meant.
    Kind(Vec<String>),
    /// Nothing: it is no national statute, as far as one can tell.
    Silent,
}

impl Titles {
    pub(crate) fn new(lexicon: &Lexicon) -> Self {
        let mut titles = Self {
            titles: Vec::new(),
            by_core: HashMap::new(),
            by_stem: HashMap::new(),
        };
        for statute in lexicon.statutes() {
            let nth = titles.add(&statute.title, true);
            titles.titles[nth].articles = statute.articles;
            titles.titles[nth].amended = statute.amended;
        }
        for entry in lexicon.entries() {
            if entry.category == CATEGORY {
                for form in entry.canonical.iter().filter(|f| is_title(f)) {
                    titles.add(form, form.starts_with(HEAD));
                }
            }
        }
        for terms in lexicon.terms().iter().filter(|t| t.category == CATEGORY) {
            for form in terms.forms.iter().filter(|f| is_title(f)) {
                titles.add(form, form.starts_with(HEAD));
            }
        }
        for entry in lexicon.entries() {
            if entry.valid_until.is_none() {
                continue;
            }
            let forms = entry.forbidden.iter();
            for form in forms.filter(|f| f.starts_with('《') || f.starts_with(HEAD)) {
                if !titles.by_core.contains_key(core(&fold_form(form))) {
                    let nth = titles.add(form, form.starts_with(HEAD));
                    titles.titles[nth].in_force = false;
                }
            }
        }
        for (nth, title) in titles.titles.iter().enumerate() {
            if title.in_force
                && let Some(stem) = CARRYING_OUT.iter().find_map(|k| title.core.strip_suffix(k))
            {
                let stem = stem.to_owned();
                titles.by_stem.entry(stem).or_default().push(nth);
            }
        }
        titles
    }

    pub(crate) fn get(&self, nth: usize) -> &Title {
        &self.titles[nth]
    }

    /// The number of the title, written with or without [`HEAD`], in normal form.
    pub(crate) fn find(&self, title: &str) -> Option<usize> {
        self.by_core.get(core(title)).copied()
    }

    /// What is to be said about a title in normal form.
    pub(crate) fn judge(&self, title: &str) -> Verdict {
        let (rest, headed) = match title.strip_prefix(HEAD) {
            Some(rest) => (rest, true),
            None => (title, false),
        };
        if let Some(&nth) = self.by_core.get(rest) {
            let known = &self.titles[nth];
            let lacks_head = known.has_head == Some(false) && known.in_force;
            return if headed && lacks_head {
                Verdict::Near(vec![known.core.clone()])
            } else {
                Verdict::Known(nth)
            };
        }
        if let Some(right) = self.damaged_head(title) {
            return Verdict::Head(right);
        }
        let near = self.near(rest, headed);
        if !near.is_empty() {
            return Verdict::Near(near);
        }
        let kind = self.other_kind(rest, headed);
        if !kind.is_empty() {
            return Verdict::Kind(kind);
        }
        Verdict::Silent
    }

    /// Adds a title, or what its full form tells about one that is there; returns its number.
    fn add(&mut self, form: &str, is_full: bool) -> usize {
        let folded = fold_form(form);
        let headed = folded.trim_matches(['《', '》']).starts_with(HEAD);
        let core = core(&folded).to_owned();
        let has_head = (is_full || headed).then_some(headed);
        if let Some(&nth) = self.by_core.get(&core) {
            let known = &mut self.titles[nth];
            if known.has_head != Some(true) && headed {
                known.has_head = Some(true);
            }
            return nth;
        }
        let nth = self.titles.len();
        self.by_core.insert(core.clone(), nth);
        let chars: Vec<char> = core.chars().collect();
        self.titles.push(Title {
            signature: signature(&chars),
            chars,
            core,
            has_head,
            articles: None,
            amended: None,
            in_force: true,
        });
        nth
    }

    /// The right title where all that is wrong is what stands for 中华人民共和国.
    fn damaged_head(&self, title: &str) -> Option<String> {
        let (nth, head) = title.char_indices().skip(1).find_map(|(at, _)| {
            let nth = *self.by_core.get(&title[at..])?;
            Some((nth, &title[..at]))
        })?;
        is_damaged_head(head).then(|| self.suggestion(nth, true))
    }

    /// The titles in force that differ least from a wrong one, if they differ by little enough.
    fn near(&self, rest: &str, headed: bool) -> Vec<String> {
        let chars: Vec<char> = rest.chars().collect();
        let most = match chars.len() {
            0..=2 => return Vec::new(),
            3 => usize::from(headed),
            4..=6 => 1,
            7 | 8 => 1 + usize::from(headed && rest.ends_with('法')),
            _ => 2,
        };
        let mut best = most;
        let mut near: Vec<usize> = Vec::new();
        let own = signature(&chars);
        for (nth, title) in self.titles.iter().enumerate() {
            if !title.in_force
                || title.chars.len().abs_diff(chars.len()) > best
                || (title.signature ^ own).count_ones() as usize > 2 * best
            {
                continue;
            }
            let distance = distance(&chars, &title.chars);
            if distance > best || !is_slip(&chars, &title.chars, distance, headed) {
                continue;
            }
            if distance < best {
                near.clear();
                best = distance;
            }
            near.push(nth);
        }
        self.suggestions(&near, headed)
    }

    /// 政府采购实施条例, 监察法实施细则, 招标投标条例: the statutes that carry out the same law, or the law itself.
    fn other_kind(&self, rest: &str, headed: bool) -> Vec<String> {
        if let Some(stem) = CARRYING_OUT.iter().find_map(|k| rest.strip_suffix(k)) {
            let right = self.by_stem.get(stem).map_or(&[][..], Vec::as_slice);
            return self.suggestions(right, headed);
        }
        let of_force = |title: String| {
            let nth = *self.by_core.get(&title)?;
            self.titles[nth].in_force.then_some(nth)
        };
        let stem = rest
            .strip_suffix("条例")
            .or_else(|| rest.strip_suffix("细则"))
            .or_else(|| rest.strip_suffix("办法").filter(|_| headed))
            .or_else(|| rest.strip_suffix("规定").filter(|_| headed));
        if let Some(stem) = stem {
            // A short stem, such as 渔业, is what a local statute is about, too.
            if stem.chars().count() < if headed { 2 } else { 4 } {
                return Vec::new();
            }
            let kinds: &[&str] = if headed {
                &["法", "条例", "办法", "规定", "细则"]
            } else {
                &["法"]
            };
            let mut right: Vec<usize> = kinds
                .iter()
                .filter_map(|kind| of_force(format!("{stem}{kind}")))
                .collect();
            right.extend(self.by_stem.get(stem).into_iter().flatten());
            return self.suggestions(&right, headed);
        }
        if let Some(stem) = rest.strip_suffix('法')
            && stem.chars().count() >= 4
        {
            let right: Vec<usize> = of_force(format!("{stem}条例")).into_iter().collect();
            return self.suggestions(&right, headed);
        }
        Vec::new()
    }

    fn suggestions(&self, titles: &[usize], headed: bool) -> Vec<String> {
        const MOST: usize = 3;
        if titles.len() > MOST {
            return Vec::new();
        }
        titles
            .iter()
            .map(|&nth| self.suggestion(nth, headed))
            .collect()
    }

    fn suggestion(&self, nth: usize, headed: bool) -> String {
        let title = &self.titles[nth];
        if headed && title.has_head != Some(false) {
            format!("{HEAD}{}", title.core)
        } else {
            title.core.clone()
        }
    }
}

/// A title without brackets and [`HEAD`].
fn core(title: &str) -> &str {
    let title = title.trim_matches(['《', '》']);
    title.strip_prefix(HEAD).unwrap_or(title)
}

fn is_title(form: &str) -> bool {
    let core = core(form);
    core.ends_with(LAST) && core.chars().nth(1).is_some()
}

/// Whether what stands before a right title was meant to be 中华人民共和国.
fn is_damaged_head(head: &str) -> bool {
    let chars: Vec<char> = head.chars().collect();
    let right: Vec<char> = HEAD.chars().collect();
    if chars.len() < 3 || chars == right || head == "中华民国" {
        return false;
    }
    let repeated = head
        .strip_prefix(HEAD)
        .is_some_and(|more| more.chars().nth(1).is_some() && is_made_of(more, HEAD));
    let is_near = distance(&chars, &right) <= 2 && chars.len() + 2 >= right.len();
    // 中华人民共和国国防 belongs to 国防教育法: more characters are a part of the title.
    repeated
        || is_part(&chars, &right)
        || is_near && (chars.len() <= right.len() || is_made_of(head, HEAD))
}

fn is_made_of(text: &str, of: &str) -> bool {
    text.chars().all(|c| of.contains(c))
}

/// Whether `part` is left when characters are taken out of `whole`.
fn is_part(part: &[char], whole: &[char]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|c| rest.any(|w| w == c))
}

/// Kinds of statutes, as titles end with them.
const KINDS: &[&str] = &["条例", "细则", "办法", "规定", "规则", "决定", "法"];

/// The kind that a title ends with.
fn kind(title: &[char]) -> Option<&'static str> {
    let ends_with = |kind: &str| {
        let tail = title.iter().rev();
        kind.chars()
            .rev()
            .eq(tail.take(kind.chars().count()).copied())
    };
    KINDS.iter().copied().find(|k| ends_with(k))
}

/// Whether a title begins with the name of a place, as those of local statutes do.
fn begins_with_place(title: &[char]) -> bool {
    title
        .iter()
        .take(5)
        .skip(2)
        .any(|c| "省市县区州盟旗".contains(*c))
}

/// Whether a title can have come from another by a slip of the pen: numbers are no slips, and neither are words that make
/// a title of something else.
fn is_slip(wrong: &[char], right: &[char], distance: usize, headed: bool) -> bool {
    let without_numbers = |chars: &[char]| -> Vec<char> {
        let is_number = |c: &char| c.is_ascii_digit() || "〇零一二三四五六七八九十百".contains(*c);
        chars.iter().copied().filter(|c| !is_number(c)).collect()
    };
    if without_numbers(wrong) == without_numbers(right) {
        return false;
    }
    // One character in the place of another makes another title of a short one: 对敌贸易法.
    if !headed && wrong.len() < SHORT && !is_dropped_or_doubled(wrong, right) {
        return false;
    }
    let (wrong_kind, right_kind) = (kind(wrong), kind(right));
    if wrong_kind != right_kind && (wrong_kind.is_some() || distance > 1) {
        return false;
    }
    // There are more regulations than anybody lists, and those of other matters begin otherwise: 民兵工作条例 is not
    // 征兵工作条例.
    if !headed && right_kind != Some("法") && wrong.get(..2) != right.get(..2) {
        let swapped: Vec<char> = wrong.iter().copied().take(2).rev().collect();
        let is_swapped = wrong.len() == right.len() && right.starts_with(&swapped);
        let is_dropped = right.get(1..) == Some(wrong);
        if !is_swapped && !is_dropped || begins_with_place(wrong) {
            return false;
        }
    }
    if distance < 2 || headed && wrong.last() == Some(&'法') {
        return true;
    }
    // Two characters more are a word that names another thing: 互联网药品信息服务管理办法.
    wrong.len() < right.len() + 2
}

/// A title with fewer characters, and without 中华人民共和国, may easily be the name of something else.
const SHORT: usize = 6;

/// Whether all that is wrong is that a character behind the first is left out or stands twice.
fn is_dropped_or_doubled(wrong: &[char], right: &[char]) -> bool {
    let same = wrong.iter().zip(right).take_while(|(w, r)| w == r).count();
    let is_doubled = wrong.len() == right.len() + 1 && same > 0 && {
        let (kept, extra) = (&wrong[same..], wrong.get(same));
        kept.get(1..) == Some(&right[same..]) && extra == Some(&right[same - 1])
    };
    let is_dropped =
        wrong.len() + 1 == right.len() && same > 0 && right[same + 1..] == wrong[same..];
    is_dropped || is_doubled
}

fn signature(chars: &[char]) -> u64 {
    chars.iter().fold(0, |bits, &c| {
        let hash = u64::from(u32::from(c)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits | 1 << (hash >> 58)
    })
}

/// How many characters must be put in, left out, replaced, or swapped with their neighbour.
pub(crate) fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let mut cost = (above[j] + usize::from(x != y))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}
