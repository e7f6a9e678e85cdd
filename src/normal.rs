//! The normal form that is matched, and the map back.
//!
//! Folding undoes what hides a form from a plain search without changing what a reader sees: width, case, invisible
//! characters, blanks and line breaks between Han characters, radicals that PDF copies give, traditional characters.
//! It is for matching only; nothing of it is ever written into a file.

// The path is spelled out for build.rs, which includes this file from elsewhere.
#[path = "normal/tables.rs"]
pub(crate) mod tables;

use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::Disguise;
use tables::{is_han, is_special, radical, simplified, starts_paragraph};

/// A text in normal form, with the way back.
#[derive(Debug)]
pub struct Folded<'a> {
    text: Cow<'a, str>,
    /// Empty when the text is in normal form already.
    chars: Vec<FoldedChar>,
    dropped: Vec<Dropped>,
}

/// Where a character of the normal form came from.
#[derive(Clone, Copy, Debug)]
struct FoldedChar {
    /// Byte offset in the normal form.
    at: u32,
    /// Byte range in the original.
    from: (u32, u32),
    /// What was done to it.
    disguise: Option<Disguise>,
}

/// Something of the original that the normal form leaves out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dropped {
    /// Byte offset in the normal form where it would stand.
    pub(crate) at: u32,
    /// What it was.
    pub(crate) disguise: Disguise,
    /// The blank, where it was one.
    pub(crate) blank: Option<char>,
}

impl Folded<'_> {
    /// The normal form.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the original that `range` of the normal form came from, without what was dropped at its edges.
    #[must_use]
    pub fn original(&self, range: &Range<usize>) -> Range<usize> {
        if self.chars.is_empty() || range.is_empty() {
            return range.clone();
        }
        let first = self.char_at(range.start);
        let last = self.char_at(range.end - 1);
        first.from.0 as usize..last.from.1 as usize
    }

    /// The range of the normal form that `range` of the original became; empty when nothing of it was kept.
    #[must_use]
    pub fn range_of(&self, range: &Range<usize>) -> Range<usize> {
        if self.chars.is_empty() {
            return range.clone();
        }
        let kept = |at: usize| {
            self.chars
                .get(at)
                .map_or(self.text.len(), |c| c.at as usize)
        };
        let first = self
            .chars
            .partition_point(|c| (c.from.0 as usize) < range.start);
        let end = self
            .chars
            .partition_point(|c| (c.from.1 as usize) <= range.end);
        kept(first)..kept(end.max(first))
    }

    /// What was left out between the first and the last character of `range`.
    pub(crate) fn dropped(&self, range: &Range<usize>) -> &[Dropped] {
        let first = self
            .dropped
            .partition_point(|d| d.at as usize <= range.start);
        let end = self
            .dropped
            .partition_point(|d| (d.at as usize) < range.end);
        &self.dropped[first.min(end)..end]
    }

    /// What was done to the characters of `range`, each with its byte offset in the normal form.
    pub(crate) fn changed(
        &self,
        range: &Range<usize>,
    ) -> impl Iterator<Item = (usize, Disguise)> + '_ {
        let first = self
            .chars
            .partition_point(|c| (c.at as usize) < range.start);
        let end = range.end;
        self.chars[first.min(self.chars.len())..]
            .iter()
            .take_while(move |c| (c.at as usize) < end)
            .filter_map(|c| Some((c.at as usize, c.disguise?)))
    }

    fn char_at(&self, offset: usize) -> FoldedChar {
        let after = self.chars.partition_point(|c| c.at as usize <= offset);
        self.chars[after.saturating_sub(1)]
    }
}

/// What folding does to a character on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CharFold {
    /// Nothing.
    Same,
    /// Another character stands for it.
    To(char, Disguise),
    /// It is left out wherever it stands.
    Dropped,
    /// A blank or line break: its neighbours decide.
    Space,
}

/// What folding does to `c` on its own.
pub(crate) fn fold_char(c: char) -> CharFold {
    match c {
        ' ' | '\t' | '\n' | '\r' | '\u{A0}' | '\u{3000}' => CharFold::Space,
        'A'..='Z' => CharFold::To(c.to_ascii_lowercase(), Disguise::Case),
        '\0'..='\u{AC}' => CharFold::Same,
        '\u{AD}'
        | '\u{061C}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{E0100}'..='\u{E01EF}' => CharFold::Dropped,
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            let half = char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c);
            CharFold::To(half.to_ascii_lowercase(), Disguise::Width)
        }
        _ => {
            if let Some(to) = radical(c) {
                CharFold::To(to, Disguise::Radical)
            } else if let Some(to) = simplified(c) {
                CharFold::To(to, Disguise::Traditional)
            } else {
                CharFold::Same
            }
        }
    }
}

/// Brings a text into normal form. Folding a folded text changes nothing.
#[must_use]
pub fn fold(text: &str) -> Folded<'_> {
    let Some(first) = text
        .char_indices()
        .find_map(|(at, c)| (is_special(c) && fold_char(c) != CharFold::Same).then_some(at))
    else {
        return Folded {
            text: Cow::Borrowed(text),
            chars: Vec::new(),
            dropped: Vec::new(),
        };
    };
    Folder::new(text, first).run()
}

/// A text in normal form as far as that is decided character by character: enough to see that nothing is wrong in it, which
/// is nearly always so. Blanks between ideographs are left out, other runs of them are one.
#[derive(Debug, Default)]
pub(crate) struct Sketch {
    chars: Vec<char>,
    is_exact: bool,
}

impl Sketch {
    /// Puts another text in the place of the last one.
    pub(crate) fn draw(&mut self, text: &str) {
        self.chars.clear();
        // A character has a byte at least.
        self.chars.reserve(text.len());
        self.is_exact = true;
        let mut blank = false;
        for c in text.chars() {
            let c = if is_special(c) {
                match fold_char(c) {
                    CharFold::Same => c,
                    CharFold::To(to, _) => to,
                    CharFold::Dropped => continue,
                    CharFold::Space => {
                        blank = true;
                        continue;
                    }
                }
            } else {
                c
            };
            if blank {
                blank = false;
                if is_han(c) && self.chars.last().is_some_and(|&last| is_han(last)) {
                    self.is_exact = false;
                } else {
                    self.chars.push(' ');
                }
            }
            self.chars.push(c);
        }
    }

    pub(crate) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Whether no blank was left out that the normal form may keep.
    pub(crate) fn is_exact(&self) -> bool {
        self.is_exact
    }
}

/// The normal form alone, for forms of the lexicon.
pub(crate) fn fold_form(form: &str) -> String {
    fold(form).text.into_owned()
}

struct Folder<'a> {
    original: &'a str,
    text: String,
    chars: Vec<FoldedChar>,
    dropped: Vec<Dropped>,
    last: Option<char>,
}

impl<'a> Folder<'a> {
    /// `first` is where the first character stands that may change.
    fn new(original: &'a str, first: usize) -> Self {
        let mut folder = Self {
            original,
            text: String::with_capacity(original.len()),
            chars: Vec::with_capacity(original.len() / 2),
            dropped: Vec::new(),
            last: None,
        };
        for (at, c) in original[..first].char_indices() {
            folder.keep(c, at, c.len_utf8(), None);
        }
        folder
    }

    fn run(mut self) -> Folded<'a> {
        let mut at = self.text.len();
        while let Some(c) = self.original[at..].chars().next() {
            let len = c.len_utf8();
            if !is_special(c) {
                self.keep(c, at, len, None);
                at += len;
                continue;
            }
            match fold_char(c) {
                CharFold::Same => self.keep(c, at, len, None),
                CharFold::To(to, disguise) => self.keep(to, at, len, Some(disguise)),
                CharFold::Dropped => self.drop(Disguise::ZeroWidth, None),
                CharFold::Space => {
                    at = self.space(at);
                    continue;
                }
            }
            at += len;
        }
        Folded {
            text: Cow::Owned(self.text),
            chars: self.chars,
            dropped: self.dropped,
        }
    }

    fn keep(&mut self, c: char, at: usize, len: usize, disguise: Option<Disguise>) {
        self.chars.push(FoldedChar {
            at: crate::source::narrow(self.text.len()),
            from: (crate::source::narrow(at), crate::source::narrow(at + len)),
            disguise,
        });
        self.text.push(c);
        self.last = Some(c);
    }

    fn drop(&mut self, disguise: Disguise, blank: Option<char>) {
        self.dropped.push(Dropped {
            at: crate::source::narrow(self.text.len()),
            disguise,
            blank,
        });
    }

    /// Decides about the run of blanks and line breaks at `at`; returns where it ends.
    fn space(&mut self, at: usize) -> usize {
        let rest = &self.original[at..];
        let len = rest
            .char_indices()
            .find(|&(_, c)| !matches!(fold_char(c), CharFold::Space | CharFold::Dropped))
            .map_or(rest.len(), |(end, _)| end);
        let run = &rest[..len];
        let next = rest[len..].chars().next().map(plain);
        let between_han = self.last.is_some_and(is_han) && next.is_some_and(is_han);
        let what = if between_han {
            transparent(run, &rest[len..])
        } else {
            None
        };
        for (offset, c) in run.char_indices() {
            match (fold_char(c), what) {
                (CharFold::Dropped, _) => self.drop(Disguise::ZeroWidth, None),
                (_, Some(_)) => {}
                (_, None) => self.keep(c, at + offset, c.len_utf8(), None),
            }
        }
        match what {
            Some(Transparent::Blank(blank)) => self.drop(Disguise::Blank, Some(blank)),
            Some(Transparent::Break) => self.drop(Disguise::LineWrap, None),
            None => {}
        }
        at + len
    }
}

#[derive(Clone, Copy)]
enum Transparent {
    Blank(char),
    Break,
}

/// Whether a run of blanks and line breaks between two Han characters is no boundary: exactly one blank, or one line
/// break with its indentation that does not start a paragraph. `after` is what follows the run.
fn transparent(run: &str, after: &str) -> Option<Transparent> {
    let spaces = || run.chars().filter(|&c| fold_char(c) == CharFold::Space);
    let mut all = spaces();
    if let (Some(blank), None) = (all.next(), all.next())
        && !matches!(blank, '\t' | '\n' | '\r')
    {
        return Some(Transparent::Blank(blank));
    }
    let mut breaks = 0;
    let mut previous = ' ';
    let mut indentation = String::new();
    for c in spaces() {
        match c {
            '\n' if previous == '\r' => {}
            '\n' | '\r' => breaks += 1,
            '\t' if breaks == 0 => return None,
            _ if breaks > 0 => indentation.push(c),
            _ => {}
        }
        previous = c;
    }
    if breaks != 1 {
        return None;
    }
    // A list mark is short: look at the start of the line only, in normal form.
    let line: String = indentation
        .chars()
        .chain(
            after
                .chars()
                .take(24)
                .take_while(|c| !matches!(c, '\n' | '\r'))
                .filter(|&c| fold_char(c) != CharFold::Dropped)
                .map(plain),
        )
        .collect();
    (!starts_paragraph(&line)).then_some(Transparent::Break)
}

/// The character that stands for `c` in the normal form, where it is kept.
fn plain(c: char) -> char {
    match fold_char(c) {
        CharFold::To(to, _) => to,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text).text().to_owned()
    }

    #[test]
    fn every_step_of_the_normal_form() {
        for (text, want) in [
            ("一带一路", "一带一路"),
            ("１２３４５热线ＡＰＥＣ", "12345热线apec"),
            ("习\u{200B}总\u{2060}书\u{AD}记\u{FE00}", "习总书记"),
            ("习 总\u{3000}书\u{A0}记", "习总书记"),
            ("习  总书记", "习  总书记"),
            ("习\t总书记", "习\t总书记"),
            ("一代\n一路", "一代一路"),
            ("一代  \r\n   一路", "一代一路"),
            ("一代\n\n一路", "一代\n\n一路"),
            ("一代\n\u{3000}\u{3000}一路", "一代\n\u{3000}\u{3000}一路"),
            ("目标\n一、总则", "目标\n一、总则"),
            ("GDP 增长", "gdp 增长"),
            ("⼀带⼀路", "一带一路"),
            ("掃黑險惡", "扫黑险恶"),
            ("乾隆", "乾隆"),
        ] {
            assert_eq!(folded(text), want, "{text:?}");
            assert_eq!(folded(want), want, "twice: {text:?}");
        }
    }

    #[test]
    fn every_character_that_folds_is_special() {
        for c in '\0'..=char::MAX {
            assert!(fold_char(c) == CharFold::Same || is_special(c), "{c:?}");
        }
    }

    #[test]
    fn the_way_back() {
        let text = "甲１习\u{200B}总\n书记乙";
        let f = fold(text);
        assert_eq!(f.text(), "甲1习总书记乙");
        let at = f.text().find('习').unwrap();
        let range = at..at + "习总书记".len();
        assert_eq!(&text[f.original(&range)], "习\u{200B}总\n书记");
        let dropped: Vec<_> = f.dropped(&range).iter().map(|d| d.disguise).collect();
        assert_eq!(dropped, [Disguise::ZeroWidth, Disguise::LineWrap]);
        let all = 0..f.text().len();
        assert_eq!(f.changed(&all).collect::<Vec<_>>(), [(3, Disguise::Width)]);
    }
}
