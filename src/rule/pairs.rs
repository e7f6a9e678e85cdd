//! Marks that come in pairs: an opening one without its closing one, and the other way round (GB/T 15834).

use std::collections::BTreeMap;

use crate::config::Config;
use crate::diagnostic::{Message, Severity};
use crate::document::Document;
use crate::lexicon::FixMode;
use crate::linter::{Match, Rule};
use crate::normal::fold;
use crate::normal::tables::is_han;
use crate::rule::{Across, PATTERN, RuleInfo};

/// The pairs that are looked at.
const PAIRS: [(char, char); 3] = [('“', '”'), ('《', '》'), ('（', '）')];

/// Finds marks without their partner.
#[derive(Debug)]
pub(crate) struct Pairs {
    rule: Option<Rule>,
}

/// A mark whose partner is not in its block.
#[derive(Debug)]
struct Single {
    block: usize,
    at: usize,
    /// Whether the mark begins its block, or announces the next ones: 修改为：“……
    spreads: bool,
    /// Which of [`PAIRS`].
    pair: usize,
    opens: bool,
}

impl Pairs {
    pub(crate) fn new(config: &Config) -> Self {
        let rule = RULES.first().and_then(|info| info.rule(config));
        Self { rule }
    }

    /// Adds what is found to the matches of each block.
    pub(crate) fn find_across<'l>(
        &'l self,
        document: &Document,
        across: &mut BTreeMap<usize, Across<'l>>,
    ) {
        let Some(rule) = &self.rule else { return };
        let mut singles = Vec::new();
        for (index, block) in document.blocks.iter().enumerate() {
            let text = document.text(block);
            // Other scripts have other habits: „so“ is a pair.
            if !is_balanced(text) && text.chars().any(is_han) {
                singles.extend(unpaired(index, text));
            }
        }
        for single in without_distant_partners(singles) {
            let text = document.text(&document.blocks[single.block]);
            let (open, close) = PAIRS[single.pair];
            let (mark, partner) = if single.opens {
                (open, close)
            } else {
                (close, open)
            };
            let range = single.at..single.at + mark.len_utf8();
            across.entry(single.block).or_default().matches.push(Match {
                rule,
                range: fold(text).range_of(&range),
                found: mark.to_string().into(),
                suggestions: Vec::new().into(),
                message: Some(Message::Unpaired { mark, partner }),
                priority: PATTERN,
            });
        }
    }
}

/// Whether as many marks open as close; a half-width bracket counts as a full-width one. Plain sums over bytes, so that a
/// processor takes many of them at once.
fn is_balanced(text: &str) -> bool {
    /// So few that a sum of one for each stays in a byte.
    const FEW: usize = 100;
    let bytes = text.as_bytes();
    let mut balance = [0_i32; 3];
    for start in (0..bytes.len()).step_by(FEW) {
        let part = &bytes[start..bytes.len().min(start + FEW + 2)];
        let [mut quotes, mut titles, mut rounds] = [0_i8; 3];
        for w in part.windows(3) {
            let mark = |a, b, c| i8::from((w[0] == a) & (w[1] == b) & (w[2] == c));
            quotes += mark(0xE2, 0x80, 0x9C) - mark(0xE2, 0x80, 0x9D);
            titles += mark(0xE3, 0x80, 0x8A) - mark(0xE3, 0x80, 0x8B);
            rounds += mark(0xEF, 0xBC, 0x88) - mark(0xEF, 0xBC, 0x89);
        }
        for &byte in &part[..part.len().min(FEW)] {
            rounds += i8::from(byte == b'(') - i8::from(byte == b')');
        }
        for (sum, part) in balance.iter_mut().zip([quotes, titles, rounds]) {
            *sum += i32::from(part);
        }
    }
    balance == [0; 3]
}

/// The marks of a block that find no partner in it.
fn unpaired(block: usize, text: &str) -> Vec<Single> {
    let mut singles = Vec::new();
    let mut open: [Vec<Single>; 3] = Default::default();
    for (at, c) in text.char_indices() {
        let full_width = match c {
            '(' => '（',
            ')' => '）',
            _ => c,
        };
        let Some((pair, opens)) = PAIRS.iter().enumerate().find_map(|(n, &(o, l))| {
            let opens = full_width == o;
            (opens || full_width == l).then_some((n, opens))
        }) else {
            continue;
        };
        let single = Single {
            block,
            at,
            spreads: spreads(&text[..at]),
            pair,
            opens,
        };
        if opens {
            open[pair].push(single);
        } else if open[pair].pop().is_some() {
            continue;
        } else if c == full_width && !is_list_mark(&text[..at], c) && !ends_a_title_note(text, at) {
            singles.push(single);
        }
    }
    // A half-width bracket alone may be anything.
    let open = open.into_iter().flatten();
    singles.extend(open.filter(|s| !text[s.at..].starts_with('(')));
    singles.sort_by_key(|s| s.at);
    singles
}

/// Whether a quotation that opens behind this may go on in the next paragraphs, each of which opens it again.
fn spreads(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty() || before.ends_with(['：', ':'])
}

/// 1）, a）, 5”: a closing mark behind a number needs no opening one.
fn is_list_mark(before: &str, mark: char) -> bool {
    let last = before.chars().next_back();
    mark != '》'
        && last.is_some_and(|c| c.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(c))
}

/// The note below a statute's title is one remark in brackets with a line for each change: 2024年12月6日……修订）.
fn ends_a_title_note(text: &str, at: usize) -> bool {
    let is_break = |c: char| c == '\n' || c == '\r';
    let behind = text[at..].chars().skip(1);
    let mut behind = behind.skip_while(|c| c.is_whitespace() && !is_break(*c));
    // Only the last mark of a line is worth a look at the whole of it.
    behind.next().is_none_or(is_break) && {
        let line = text[..at].rsplit(is_break).next().unwrap_or_default();
        line.trim_start().starts_with(|c: char| c.is_ascii_digit())
    }
}

/// How many blocks a quotation or a remark may go on for.
const FAR: usize = 300;

/// A quotation of several paragraphs opens in one and closes in another, and each of them opens it again (GB/T 15834,
/// 4.8.3.4). What is left is reported once a block and pair.
fn without_distant_partners(singles: Vec<Single>) -> Vec<Single> {
    let mut left: Vec<Single> = Vec::new();
    let mut open: [Vec<Single>; 3] = Default::default();
    for single in singles {
        let pending = &mut open[single.pair];
        if single.opens {
            pending.push(single);
            continue;
        }
        let (near, far) = std::mem::take(pending)
            .into_iter()
            .partition(|s| single.block - s.block <= FAR);
        *pending = near;
        left.extend::<Vec<Single>>(far);
        if pending.is_empty() {
            left.push(single);
        } else {
            pending.clear();
        }
    }
    let [quotes, ..] = &mut open;
    quotes.retain(|s| !s.spreads);
    left.extend(open.into_iter().flatten());
    left.sort_by_key(|s| (s.block, s.pair, s.at));
    left.dedup_by_key(|s| (s.block, s.pair));
    left
}

/// This rule for the catalog.
pub(super) const RULES: &[RuleInfo] = &[RuleInfo {
    id: "punctuation/unpaired",
    category: "punctuation",
    severity: Severity::Info,
    fix: FixMode::None,
    summary_zh: "引号、括号、书名号只有一半",
    summary_en: "a quotation mark, bracket or title mark without its partner",
    source: "GB/T 15834—2011《标点符号用法》4.8、4.9、4.15",
    bad: &[
        "现将《关于做好防汛工作的通知印发给你们。",
        "各单位（含下属单位要认真落实。",
    ],
    good: &[
        "现将《关于做好防汛工作的通知》印发给你们。",
        "包括：1）宣传；2）检查。",
    ],
}];
