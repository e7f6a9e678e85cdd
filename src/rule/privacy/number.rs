//! Digits in a text: which of them belong to one number, however it is split.

use std::ops::Range;

use crate::normal::{CharFold, fold_char};

/// Groups of digits with one separator between each two.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) groups: Vec<Group>,
    /// What stands between each group and the next.
    separators: Vec<Separator>,
    /// A letter, a decimal point or the like touches the first or the last group.
    glued: (bool, bool),
    /// A plus sign stands in front of it.
    has_plus: bool,
}

/// Digits without anything that is seen between them.
#[derive(Debug)]
pub(super) struct Group {
    digits: Vec<char>,
    range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Blank,
    /// Several blanks, as between columns.
    Gap,
    Hyphen,
    Break,
}

/// Neighbouring groups that may be one number.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) digits: Vec<char>,
    /// Byte range of the text.
    pub(super) range: Range<usize>,
    /// How many groups it takes.
    pub(super) groups: usize,
    /// Something touches it that makes it part of another thing.
    pub(super) is_glued: bool,
    /// How long its groups are.
    lengths: Vec<usize>,
    /// The separator inside, and those beside it.
    inside: Option<Separator>,
    beside: [Option<Separator>; 2],
    /// Behind a plus sign and the country's code.
    is_international: bool,
}

/// The longest number that is looked for.
const LONGEST: usize = 19;

impl Run {
    /// The windows that begin with a group, longest first.
    pub(super) fn windows(&self, start: usize) -> impl Iterator<Item = Window> + '_ {
        let mut end = start + 1;
        let mut len = self.groups[start].digits.len();
        while end < self.groups.len()
            && len < LONGEST
            && (end == start + 1 || self.separators[end - 1] == self.separators[start])
        {
            len += self.groups[end].digits.len();
            end += 1;
        }
        (start + 1..=end)
            .rev()
            .map(move |end| self.window(start, end))
    }

    /// All groups as one number, where the same separator stands between them.
    pub(super) fn whole(&self) -> Option<Window> {
        let same = self.separators.windows(2).all(|w| w[0] == w[1]);
        same.then(|| self.window(0, self.groups.len()))
    }

    fn window(&self, start: usize, end: usize) -> Window {
        let groups = &self.groups[start..end];
        let is_behind_country = start == 1
            && match self.groups[0].digits.as_slice() {
                ['8', '6'] => self.has_plus,
                digits => digits == ['0', '0', '8', '6'],
            };
        let (first, last) = (&groups[0], &groups[groups.len() - 1]);
        let mut digits: Vec<char> = groups.iter().flat_map(|g| &g.digits).copied().collect();
        let glued_start = start == 0 && self.glued.0;
        let glued_end = end == self.groups.len() && self.glued.1;
        let mut range = first.range.start..last.range.end;
        // +8613812345678: the number begins behind the country's code.
        let is_international =
            end == start + 1 && digits.len() == 13 && digits.starts_with(&['8', '6']);
        if is_international {
            digits.drain(..2);
            let wide = range.len() / 13;
            range.start += 2 * wide;
        }
        Window {
            digits,
            range,
            groups: end - start,
            is_glued: glued_start || glued_end,
            lengths: groups.iter().map(|g| g.digits.len()).collect(),
            inside: (end > start + 1).then(|| self.separators[start]),
            beside: [
                start
                    .checked_sub(1)
                    .filter(|_| !is_behind_country)
                    .map(|s| self.separators[s]),
                self.separators.get(end - 1).copied(),
            ],
            is_international,
        }
    }
}

impl Window {
    /// Eleven digits as a mobile number has them, written in one or as such numbers are split.
    pub(super) fn is_mobile(&self) -> bool {
        let shape = self.digits.len() == 11
            && self.digits.iter().all(char::is_ascii_digit)
            && self.digits[0] == '1'
            && matches!(self.digits[1], '3'..='9');
        let split = match self.lengths.as_slice() {
            [11] | [13] => true,
            lengths => matches!(lengths, [3, 4, 4] | [3, 8] | [4, 4, 3] | [4, 3, 4] | [7, 4]),
        };
        // Part of a longer number that is split in the same way.
        let part = |s: &Option<Separator>| {
            s.is_some() && (*s == self.inside || *s == Some(Separator::Hyphen))
        };
        shape
            && split
            && !self.is_glued
            && self.inside != Some(Separator::Gap)
            && !self.beside.iter().any(part)
    }

    /// Sixteen to nineteen digits in one, or split as they are on a card.
    pub(super) fn is_card_shaped(&self) -> bool {
        let len = self.digits.len();
        let split = matches!(
            self.lengths.as_slice(),
            [_] | [6 | 8, _] | [4, 4, 4, 4] | [4, 4, 4, 4, 1..=3]
        );
        let part = |s: &Option<Separator>| s.is_some() && *s == self.inside;
        (16..=LONGEST).contains(&len)
            && split
            && !self.is_international
            && !matches!(self.inside, Some(Separator::Break | Separator::Gap))
            && !self.beside.iter().any(part)
    }
}

/// Whether a bank or card network gives out numbers that begin so (ISO/IEC 7812 and the networks' own ranges).
pub(super) fn is_issuer(digits: &str) -> bool {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|p| digits.starts_with(p));
    match digits.len() {
        16 => begins(&[
            "4", "51", "52", "53", "54", "55", "222", "223", "224", "225", "226", "227", "23",
            "24", "25", "26", "270", "271", "2720", "60", "62", "65", "68", "69", "352", "353",
            "354", "355", "356", "357", "358", "9",
        ]),
        _ => begins(&["60", "62", "68", "69", "9", "4", "5"]),
    }
}

/// All runs of digits in a text.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut runs = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if digit(chars[at].1).is_none() {
            at += 1;
            continue;
        }
        let (run, end) = run(text, &chars, at);
        runs.push(run);
        at = end;
    }
    runs
}

/// The run that begins at a digit, and where it ends.
fn run(text: &str, chars: &[(usize, char)], start: usize) -> (Run, usize) {
    let mut run = Run {
        groups: Vec::new(),
        separators: Vec::new(),
        glued: (is_glued_before(chars, start), false),
        has_plus: start > 0 && matches!(chars[start - 1].1, '+' | '＋'),
    };
    let mut at = start;
    loop {
        let (group, end) = group(text, chars, at);
        run.groups.push(group);
        at = end;
        let Some((separator, next)) = separator(chars, at) else {
            break;
        };
        let is_check = check(chars[next].1).is_some()
            && !chars.get(next + 1).is_some_and(|c| is_letter_or_digit(c.1));
        if digit(chars[next].1).is_none() && !is_check {
            break;
        }
        run.separators.push(separator);
        at = next;
    }
    run.glued.1 = is_glued_after(chars, at);
    (run, at)
}

/// The digits from `start` on, with the check character X behind them if there is one.
fn group(text: &str, chars: &[(usize, char)], start: usize) -> (Group, usize) {
    let mut digits = Vec::new();
    let mut at = start;
    let mut end = start;
    while let Some(&(_, c)) = chars.get(at) {
        let next_is_letter = || chars.get(at + 1).is_some_and(|c| is_letter_or_digit(c.1));
        if let Some(d) = digit(c) {
            digits.push(d);
        } else if check(c).is_some() && !next_is_letter() {
            digits.push('X');
            end = at + 1;
            break;
        } else if fold_char(c) != CharFold::Dropped {
            break;
        } else {
            at += 1;
            continue;
        }
        at += 1;
        end = at;
    }
    let stop = chars.get(end).map_or(text.len(), |c| c.0);
    let range = chars[start].0..stop;
    (Group { digits, range }, end)
}

/// One separator at `at` with a character behind it, and where that is.
fn separator(chars: &[(usize, char)], at: usize) -> Option<(Separator, usize)> {
    let mut kinds = Vec::new();
    let mut next = at;
    while let Some(&(_, c)) = chars.get(next) {
        let kind = match c {
            ' ' | '\u{A0}' | '\u{3000}' => Separator::Blank,
            '-' | '‐'..='—' | '－' | '−' => Separator::Hyphen,
            '\n' | '\r' => Separator::Break,
            _ if fold_char(c) == CharFold::Dropped => {
                next += 1;
                continue;
            }
            _ => break,
        };
        kinds.push(kind);
        next += 1;
    }
    chars.get(next)?;
    let separator = match kinds.as_slice() {
        [one] => *one,
        [Separator::Blank, Separator::Blank]
        | [Separator::Blank, Separator::Blank, Separator::Blank] => Separator::Gap,
        kinds if kinds.contains(&Separator::Break) => {
            (!kinds.contains(&Separator::Hyphen)).then_some(Separator::Break)?
        }
        [Separator::Blank, Separator::Hyphen]
        | [Separator::Hyphen, Separator::Blank]
        | [Separator::Blank, Separator::Hyphen, Separator::Blank] => Separator::Hyphen,
        _ => return None,
    };
    Some((separator, next))
}

/// Whether what stands before a run makes it part of something else: a code, a decimal, a link.
fn is_glued_before(chars: &[(usize, char)], start: usize) -> bool {
    let before = |n: usize| start.checked_sub(n).map(|at| chars[at].1);
    match before(1) {
        Some('.' | '．') => before(2).is_some_and(|c| digit(c).is_some()),
        Some('*' | '●' | '×' | '■') => matches!(before(2), Some('*' | '●' | '×' | '■')),
        Some('=' | '_' | '&' | '#' | '%') => true,
        Some(c) => is_letter_or_digit(c),
        None => false,
    }
}

/// The same for what stands behind a run.
fn is_glued_after(chars: &[(usize, char)], end: usize) -> bool {
    let after = |n: usize| chars.get(end + n).map(|c| c.1);
    match after(0) {
        Some('.' | '．') => after(1).is_some_and(is_letter_or_digit),
        Some('*' | '●' | '×' | '■') => matches!(after(1), Some('*' | '●' | '×' | '■')),
        Some('_' | '@') => true,
        // What is written so in a link.
        Some('%') => after(1).is_some_and(|c| c.is_ascii_hexdigit()),
        Some(c) => is_letter_or_digit(c),
        None => false,
    }
}

/// A digit in half-width form.
pub(super) fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => None,
    }
}

/// The check character that stands for ten.
fn check(c: char) -> Option<char> {
    matches!(c, 'X' | 'x' | 'Ｘ' | 'ｘ').then_some('X')
}

/// A letter or digit of the Latin script, of either width.
pub(super) fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}')
}
