//! Annexes: those the text mentions, those the list behind it names, and those that follow.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memmem::Finder;

use super::{ANNEX_MISSING, ANNEX_UNMENTIONED, Found, is_prose};
use crate::config::Config;
use crate::diagnostic::Message;
use crate::document::Document;
use crate::linter::Rule;
use crate::rule::numerals::number;

const WORD: &str = "附件";

/// No document has more annexes; what is above is a number of something else.
const MOST: u32 = 99;

/// The line above an annex, 附件1 and perhaps its title, has no more characters than this.
const HEADING: usize = 40;

#[derive(Debug)]
pub(crate) struct Annexes {
    missing: Option<Rule>,
    unmentioned: Option<Rule>,
    word: Finder<'static>,
}

/// What a document says about its annexes; each with the first place where it does.
#[derive(Default)]
struct Said {
    mentioned: BTreeMap<u32, (usize, Range<usize>)>,
    listed: BTreeMap<u32, (usize, Range<usize>)>,
    following: BTreeMap<u32, (usize, Range<usize>)>,
    /// Whether an annex is mentioned without a number.
    in_general: bool,
    /// How many lists there are: a collection of documents has several.
    lists: usize,
}

impl Annexes {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            missing: ANNEX_MISSING.rule(config),
            unmentioned: ANNEX_UNMENTIONED.rule(config),
            word: Finder::new(WORD),
        }
    }

    pub(crate) fn find<'l>(&'l self, document: &Document, found: &mut Vec<(usize, Found<'l>)>) {
        if self.missing.is_none() && self.unmentioned.is_none() {
            return;
        }
        let said = said(document, &self.word);
        if said.lists != 1 || said.listed.is_empty() {
            return;
        }
        let last = said.listed.keys().next_back().copied().unwrap_or(0);
        if let Some(rule) = &self.missing {
            let unknown = said
                .mentioned
                .iter()
                .filter(|(n, _)| !said.listed.contains_key(n) && !said.following.contains_key(n));
            for (&annex, (index, range)) in unknown {
                found.push((
                    *index,
                    Found {
                        rule,
                        range: range.clone(),
                        suggestions: Vec::new(),
                        message: Message::AnnexMissing { annex, last },
                    },
                ));
            }
        }
        let others = said
            .listed
            .keys()
            .filter(|n| said.mentioned.contains_key(n));
        if let Some(rule) = &self.unmentioned
            && !said.in_general
            && others.count() + 1 == said.listed.len()
            && said.listed.len() > 1
        {
            for (&annex, (index, range)) in &said.listed {
                if !said.mentioned.contains_key(&annex) {
                    found.push((
                        *index,
                        Found {
                            rule,
                            range: range.clone(),
                            suggestions: Vec::new(),
                            message: Message::AnnexUnmentioned { annex },
                        },
                    ));
                }
            }
        }
    }
}

fn said(document: &Document, word: &Finder<'_>) -> Said {
    let mut said = Said::default();
    // Whether the blocks are items of the list of annexes, and the number of the last.
    let mut list: Option<u32> = None;
    for (index, block) in document.blocks.iter().enumerate() {
        let text = document.text(block);
        if list.is_none() && word.find(text.as_bytes()).is_none() {
            continue;
        }
        let mut at = 0;
        for line in text.split_inclusive(['\n', '\r']) {
            let start = at;
            at += line.len();
            let head = line.trim();
            let head_at = start + line.len() - line.trim_start().len();
            if head.is_empty() {
                continue;
            }
            if is_prose(block)
                && let Some(items) = list_label(head)
            {
                said.lists += 1;
                list = said.item(index, head_at + head.len() - items.len(), items, 0);
                continue;
            }
            if is_prose(block) && is_only_annex(head) {
                said.lists += 1;
                list = None;
                said.listed
                    .insert(1, (index, head_at..head_at + WORD.len()));
                continue;
            }
            if let Some(last) = list {
                list = said.item(index, head_at, head, last);
                if list.is_some() {
                    continue;
                }
            }
            if is_prose(block)
                && let Some((annex, len)) = heading(head)
            {
                said.following
                    .entry(annex)
                    .or_insert((index, head_at..head_at + len));
                continue;
            }
            said.mentions(index, start, line);
        }
    }
    said
}

impl Said {
    /// Takes in `1. 名单` as an item behind number `last`; returns its number, or `None` where it is none.
    fn item(&mut self, index: usize, at: usize, text: &str, last: u32) -> Option<u32> {
        let (annex, len) = number(text)?;
        let rest = text[len..].trim_start();
        if annex <= last || annex > last + 3 || !rest.starts_with(['.', '．', '、', ' ']) {
            return None;
        }
        self.listed.insert(annex, (index, at..at + len));
        Some(annex)
    }

    /// Takes in what a line of running text mentions; `at` is where it begins in its block.
    fn mentions(&mut self, index: usize, at: usize, line: &str) {
        for (word, _) in line.match_indices(WORD) {
            let before = &line[..word];
            if is_of_others(before) {
                continue;
            }
            let numbers = numbers(&line[word + WORD.len()..]);
            if numbers.is_empty() {
                self.in_general = true;
            }
            for (annex, end) in numbers {
                self.mentioned
                    .entry(annex)
                    .or_insert((index, at + word..at + word + WORD.len() + end));
            }
        }
    }
}

/// What follows 附件： at the beginning of a line, where a numbered list begins.
fn list_label(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(WORD)?.trim_start();
    let items = rest.strip_prefix(['：', ':'])?.trim_start();
    let (first, len) = number(items)?;
    (first == 1 && items[len..].trim_start().starts_with(['.', '．', '、'])).then_some(items)
}

/// 附件：名单, where there is but one.
fn is_only_annex(line: &str) -> bool {
    let name = line
        .strip_prefix(WORD)
        .and_then(|rest| rest.trim_start().strip_prefix(['：', ':']))
        .map(str::trim);
    name.is_some_and(|name| {
        !name.is_empty()
            && name.chars().nth(HEADING).is_none()
            && !name.contains(['。', '；'])
            && number(name).is_none()
    })
}

/// 附件1 above an annex, perhaps with its title: its number, and its length.
fn heading(line: &str) -> Option<(u32, usize)> {
    let rest = line.strip_prefix(WORD)?;
    let digits = rest.trim_start();
    let (annex, len) = number(digits)?;
    let behind = &digits[len..];
    let is_short = line.chars().nth(HEADING).is_none();
    let is_title = behind.is_empty()
        || behind.starts_with(['：', ':', ' ', '\u{3000}', '.'])
        || behind.starts_with("　");
    (annex <= MOST && is_short && is_title && !line.ends_with('。'))
        .then_some((annex, WORD.len() + rest.len() - digits.len() + len))
}

/// Whether it is another document's annex: 《通知》附件1, 国发〔2019〕1号附件2, 合同附件1.
fn is_of_others(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '的', '中', '（', '(']);
    [
        "》",
        "号",
        "文",
        "合同",
        "协议",
        "公约",
        "议定书",
        "该",
        "其",
        "原",
    ]
    .iter()
    .any(|w| before.ends_with(w))
}

/// The numbers behind 附件, as in 附件1、2和4 and 附件1—3, each with the end of what names it.
fn numbers(text: &str) -> Vec<(u32, usize)> {
    let mut numbers: Vec<(u32, usize)> = Vec::new();
    let mut at = 0;
    let mut is_range = false;
    loop {
        let rest = text[at..].trim_start_matches(' ');
        let Some((annex, len)) = number(rest).filter(|&(n, _)| n <= MOST) else {
            return numbers;
        };
        let end = text.len() - rest.len() + len;
        // 附件1份, 附件3个
        if text[end..].starts_with(['份', '个', '件', '页', '项', '年', '月']) {
            return numbers;
        }
        let first = match numbers.last() {
            Some(&(first, _)) if is_range && first < annex => first + 1,
            _ => annex,
        };
        numbers.extend((first..=annex).map(|n| (n, end)));
        let rest = text[end..].trim_start_matches(' ');
        let Some(joint) = rest
            .chars()
            .next()
            .filter(|c| "、和及与至到-—–－~～".contains(*c))
        else {
            return numbers;
        };
        is_range = "至到-—–－~～".contains(joint);
        at = text.len() - rest.len() + joint.len_utf8();
        at += text[at..].len() - text[at..].trim_start_matches(['—', '-']).len();
        at += text[at..].strip_prefix(WORD).map_or(0, |_| WORD.len());
    }
}

#[cfg(test)]
mod tests {
    use crate::rule::draft::tests::found;

    #[test]
    fn annexes_that_are_not_listed() {
        for (text, want) in [
            (
                "名单见附件1，表格见附件3。\n\n附件：1. 名单\n\n2. 表格",
                "附件3",
            ),
            (
                "名单见附件1、2、4。\n\n附件：1．名单\n　　　2．表格\n　　　3．说明",
                "附件1、2、4",
            ),
            (
                "名单见附件1至附件3。\n\n附件：1. 名单\n\n2. 表格",
                "附件1至附件3",
            ),
            ("详见附件 4。\n\n附件：1. 名单\n\n2. 表格", "附件 4"),
            ("名单见附件1，表格见附件2。\n\n附件：名单", "附件2"),
        ] {
            assert_eq!(found(text, "annex-missing"), [want], "{text}");
        }
    }

    #[test]
    fn annexes_that_nothing_mentions() {
        let text = "名单见附件1，表格见附件3。\n\n附件：1. 名单\n\n2. 说明\n\n3. 表格";
        assert_eq!(found(text, "annex-unmentioned"), ["2"]);
    }

    #[test]
    fn annexes_that_are_there() {
        for text in [
            "名单见附件1，表格见附件2。\n\n附件：1. 名单\n\n2. 表格",
            "名单、表格见附件1—2。\n\n附件：1. 名单\n\n2. 表格",
            "名单见附件。\n\n附件：名单",
            "现印发给你们。\n\n附件：1. 名单\n\n2. 表格",
            "名单见附件1。\n\n附件：1. 名单\n\n2. 表格\n\n3. 说明\n\n附件3\n\n说明",
            "按照《通知》附件5执行，名单见附件1。\n\n附件：1. 名单",
            "按照国发〔2019〕1号附件5执行，名单见附件1。\n\n附件：1. 名单",
            "名单见附件1，另见附件。\n\n附件：1. 名单\n\n2. 表格",
            "名单见附件3。",
            "名单见附件1。\n\n附件：名单",
            "名单见附件1，表格见附件2。\n\n附件：名单\n\n附件：表格",
            "名单见附件2。\n\n附件：请到网站下载。",
            "名单见附件3。\n\n附件：1. 名单\n\n附件3\n\n名单",
        ] {
            let found = found(text, "annex-missing annex-unmentioned");
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
