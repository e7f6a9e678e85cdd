//! Numbered lists: each number is one more than the one before, on its level.

use std::ops::Range;

use memchr::memchr2_iter;
use memchr::memmem::Finder;

use super::{ARTICLES, Found, NUMBERING, is_prose};
use crate::config::Config;
use crate::diagnostic::Message;
use crate::document::Document;
use crate::linter::Rule;
use crate::rule::numerals::{chinese, number};

/// How an item is marked. A mark of one kind never continues a list of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// 第一编, 第一章, 第一节, 第一条, by the last character.
    Part(char),
    /// 一、
    Comma,
    /// （一）
    Brackets,
    /// 1. or 1．
    Point,
    /// 1、
    ArabicComma,
    /// （1）
    ArabicBrackets,
    /// 1）
    ArabicBracket,
    /// ①
    Circled,
    /// 一是
    Is,
}

/// A mark at the beginning of an item.
struct Mark {
    kind: Kind,
    number: u32,
    /// How long it is in bytes.
    len: usize,
}

/// A list that is being read.
struct List {
    kind: Kind,
    last: u32,
    /// How many items followed each other as they should, up to the last.
    run: u32,
}

/// A gap wider than this is no slip: another list goes on.
const WIDEST: u32 = 3;

/// The rules: for lists, and for the chapters and articles of a statute.
#[derive(Debug)]
pub(crate) struct Numbering {
    lists: Option<Rule>,
    articles: Option<Rule>,
    /// Finds 一是, without which a paragraph has no list of that kind.
    first_is: Finder<'static>,
}

impl Numbering {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            lists: NUMBERING.rule(config),
            articles: ARTICLES.rule(config),
            first_is: Finder::new("一是"),
        }
    }

    /// Adds what skips or repeats in a document's lists.
    pub(crate) fn find<'l>(&'l self, document: &Document, found: &mut Vec<(usize, Found<'l>)>) {
        if self.lists.is_none() && self.articles.is_none() {
            return;
        }
        let mut lists = Lists::default();
        for (index, block) in document.blocks.iter().enumerate() {
            if !is_prose(block) {
                continue;
            }
            let text = document.text(block);
            let mut at = 0;
            for end in memchr2_iter(b'\n', b'\r', text.as_bytes()) {
                self.line(index, text, at..end, &mut lists, found);
                at = end + 1;
            }
            self.line(index, text, at..text.len(), &mut lists, found);
            if let Some(rule) = &self.lists
                && self.first_is.find(text.as_bytes()).is_some()
            {
                in_one_paragraph(rule, index, text, found);
            }
        }
    }

    fn line<'l>(
        &'l self,
        index: usize,
        text: &str,
        line: Range<usize>,
        lists: &mut Lists,
        found: &mut Vec<(usize, Found<'l>)>,
    ) {
        let mut head = text[line.clone()].trim_start();
        if head.starts_with("附件") {
            *lists = Lists::default();
            head = behind_label(head);
        }
        // What does not begin with a mark has none inside that belongs to a list of lines.
        let mut next = mark(head);
        while let Some(item) = next {
            let start = line.end - head.len();
            let range = start..start + item.len;
            let rule = match item.kind {
                Kind::Part(_) => &self.articles,
                _ => &self.lists,
            };
            if let Some(expected) = lists.take(&item)
                && let Some(rule) = rule
            {
                found.push((index, out_of_order(rule, text, range, &item, expected)));
            }
            next = None;
            while let Some(len) = next_item(head) {
                head = &head[len..];
                next = mark(head);
                if next.is_some() {
                    break;
                }
            }
        }
    }
}

/// Where in a line the next （二） begins that follows the end of a clause.
fn next_item(line: &str) -> Option<usize> {
    line.match_indices(['；', '。', ';']).find_map(|(at, end)| {
        let rest = &line[at + end.len()..];
        let head = rest.trim_start();
        head.starts_with(['（', '('])
            .then_some(line.len() - head.len())
    })
}

/// 一是…；二是…；四是… inside one paragraph.
fn in_one_paragraph<'l>(
    rule: &'l Rule,
    index: usize,
    text: &str,
    found: &mut Vec<(usize, Found<'l>)>,
) {
    let mut list: Option<List> = None;
    for (at, _) in text.match_indices("是") {
        let Some((start, number)) = number_before(&text[..at]) else {
            continue;
        };
        let mark = Mark {
            kind: Kind::Is,
            number,
            len: at + '是'.len_utf8() - start,
        };
        match &mut list {
            Some(list) => {
                if let Some(expected) = list.take(mark.number) {
                    let range = start..start + mark.len;
                    found.push((index, out_of_order(rule, text, range, &mark, expected)));
                }
            }
            None if mark.number == 1 => list = Some(List::new(&mark)),
            None => return,
        }
    }
}

/// The Chinese number at the end of a text, behind the end of a clause: where it begins, and what it is.
fn number_before(text: &str) -> Option<(usize, u32)> {
    const MOST: usize = 3;
    let head = text.trim_end_matches(|c| "一二三四五六七八九十".contains(c));
    let digits = &text[head.len()..];
    let is_clause =
        head.is_empty() || head.ends_with(|c: char| "：；。，、！？:; \n\u{3000}".contains(c));
    if digits.is_empty() || digits.chars().nth(MOST).is_some() || !is_clause {
        return None;
    }
    let (number, len) = number(digits)?;
    (len == digits.len()).then_some((head.len(), number))
}

fn out_of_order<'l>(
    rule: &'l Rule,
    text: &str,
    range: Range<usize>,
    mark: &Mark,
    expected: u32,
) -> Found<'l> {
    let found = text[range.clone()].trim_end().to_owned();
    Found {
        rule,
        range: range.start..range.start + found.len(),
        suggestions: Vec::new(),
        message: Message::OutOfOrder {
            expected: spelled(&found, mark, expected),
            repeated: expected > mark.number,
            found,
        },
    }
}

/// The mark with another number, spelled in the same way.
fn spelled(found: &str, mark: &Mark, number: u32) -> String {
    if mark.kind == Kind::Circled {
        return char::from_u32(u32::from('①') + number - 1)
            .unwrap_or('①')
            .to_string();
    }
    let is_number = |c: char| c.is_ascii_digit() || "〇零一二三四五六七八九十百千".contains(c);
    let digits = if found.contains(|c: char| c.is_ascii_digit()) {
        number.to_string()
    } else {
        chinese(number)
    };
    let start = found.find(is_number).unwrap_or(0);
    let end = start
        + found[start..]
            .find(|c| !is_number(c))
            .unwrap_or(found.len() - start);
    format!("{}{digits}{}", &found[..start], &found[end..])
}

/// The lists that are open.
#[derive(Default)]
struct Lists {
    /// The outermost first.
    open: Vec<List>,
    /// Articles are counted through all chapters.
    articles: Option<List>,
}

impl Lists {
    /// Takes in an item; returns the number it should have had.
    fn take(&mut self, mark: &Mark) -> Option<u32> {
        if mark.kind == Kind::Part('条') {
            self.open.retain(|l| matches!(l.kind, Kind::Part(_)));
            return match &mut self.articles {
                Some(list) => list.take(mark.number),
                None => {
                    self.articles = Some(List::new(mark));
                    None
                }
            };
        }
        match self.open.iter().position(|l| l.kind == mark.kind) {
            Some(level) => {
                self.open.truncate(level + 1);
                self.open[level].take(mark.number)
            }
            None => {
                self.open.push(List::new(mark));
                None
            }
        }
    }
}

impl List {
    fn new(mark: &Mark) -> Self {
        Self {
            kind: mark.kind,
            last: mark.number,
            run: u32::from(mark.number == 1),
        }
    }

    fn take(&mut self, number: u32) -> Option<u32> {
        let expected = self.last + 1;
        let is_established = self.run >= self.kind.least_run();
        self.last = number;
        if number == expected {
            self.run += u32::from(self.run > 0);
            return None;
        }
        if number == 1 {
            self.run = 1;
            return None;
        }
        let is_slip = number + 1 == expected || number > expected && number - expected < WIDEST;
        if is_established && is_slip {
            return Some(expected);
        }
        self.run = 0;
        None
    }
}

impl Kind {
    /// How many items must have been counted before a gap is one.
    fn least_run(self) -> u32 {
        match self {
            Self::Part(_) => 3,
            Self::Point | Self::ArabicComma | Self::ArabicBracket | Self::Circled => 2,
            Self::Comma | Self::Brackets | Self::ArabicBrackets | Self::Is => 2,
        }
    }
}

/// What follows 附件：, where that begins a list.
fn behind_label(line: &str) -> &str {
    let rest = line.trim_start_matches("附件");
    rest.trim_start()
        .strip_prefix(['：', ':'])
        .map_or(line, str::trim_start)
}

/// Whether something else than running text follows the number of an article.
fn ends_mark(after: &str) -> bool {
    after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || "：【".contains(c))
}

/// Whether a line is short enough for the heading of a chapter, and no sentence.
fn is_heading(line: &str) -> bool {
    const LONGEST: usize = 30;
    let line = line.lines().next().unwrap_or_default();
    line.chars().nth(LONGEST).is_none() && !line.contains(['。', '，', '；'])
}

/// The mark at the beginning of a line.
fn mark(line: &str) -> Option<Mark> {
    let first = line.chars().next()?;
    if let '①'..='⑳' = first {
        return Some(Mark {
            kind: Kind::Circled,
            number: u32::from(first) - u32::from('①') + 1,
            len: first.len_utf8(),
        });
    }
    let open = match first {
        '第' | '（' | '(' => first.len_utf8(),
        _ => 0,
    };
    let rest = &line[open..];
    let is_arabic = rest.starts_with(|c: char| c.is_ascii_digit());
    let (number, digits) = number(rest)?;
    let behind = &rest[digits..];
    let close = behind.chars().next()?;
    let after = &behind[close.len_utf8()..];
    let kind = match (first, close, is_arabic) {
        ('第', '编' | '章' | '节', false) if is_heading(line) => Kind::Part(close),
        ('第', '条', false) if ends_mark(after) => Kind::Part(close),
        ('（' | '(', '）' | ')', false) => Kind::Brackets,
        ('（' | '(', '）' | ')', true) => Kind::ArabicBrackets,
        (_, '、', false) if open == 0 => Kind::Comma,
        (_, '、', true) if open == 0 => Kind::ArabicComma,
        (_, '.' | '．', true) if open == 0 && !after.starts_with(|c: char| c.is_ascii_digit()) => {
            Kind::Point
        }
        (_, '）' | ')', true) if open == 0 => Kind::ArabicBracket,
        _ => return None,
    };
    Some(Mark {
        kind,
        number,
        len: open + digits + close.len_utf8(),
    })
}

#[cfg(test)]
mod tests {
    use crate::rule::draft::tests::found;

    #[test]
    fn what_skips_or_repeats() {
        for (text, want) in [
            ("一、甲\n\n二、乙\n\n四、丙", "四、"),
            ("一、甲\n\n二、乙\n\n二、丙\n\n三、丁", "二、"),
            ("（一）甲。\n（二）乙。\n（四）丙。", "（四）"),
            ("1. 甲\n2. 乙\n4. 丙", "4."),
            ("1．甲\n2．乙\n2．丙", "2．"),
            ("1、甲\n2、乙\n4、丙", "4、"),
            ("(1)甲；\n(2)乙；\n(4)丙。", "(4)"),
            ("①甲；\n②乙；\n④丙。", "④"),
            (
                "第一条 甲。\n第二条 乙。\n第三条 丙。\n第五条 丁。",
                "第五条",
            ),
            (
                "第一章 甲\n第一条 甲。\n第二条 乙。\n第三条 丙。\n第二章 乙\n第五条 丁。",
                "第五条",
            ),
            (
                "一、甲\n（一）乙。\n（二）丙。\n二、丁\n（一）戊。\n（二）己。\n（四）庚。",
                "（四）",
            ),
            ("一是甲；二是乙；四是丙。", "四是"),
            ("主要做法：一是甲。二是乙。二是丙。", "二是"),
            ("（一）甲；（二）乙；\n（四）丙。", "（四）"),
            ("附件：1. 甲\n2. 乙\n4. 丙", "4."),
        ] {
            assert_eq!(found(text, "numbering article-numbering"), [want], "{text}");
        }
    }

    #[test]
    fn lists_that_count_on() {
        for text in [
            "一、甲\n\n二、乙\n\n三、丙",
            "一、甲\n（一）乙。\n（二）丙。\n二、丁\n（一）戊。",
            "1. 甲\n2. 乙\n1. 丙\n2. 丁",
            "三、甲\n四、乙",
            "1.5万元\n2.5万元\n4.5万元",
            "第一条规定，甲。\n第三条规定，乙。",
            "一是甲；二是乙；三是丙。",
            "这三个问题之一是甲，其二是乙，四是丙。",
            "第一章 甲\n第一条 甲。\n第二章 乙\n第二条 乙。",
            "（一）甲；（二）乙；\n（三）丙。",
            "第一章总则\n第二章 甲、乙\n第三章附则",
            "附件1\n1. 甲\n2. 乙\n附件2\n3. 丙",
        ] {
            let found = found(text, "numbering article-numbering");
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
