//! Marks that come in pairs: an opening one without its closing one, and the other way round (GB/T 15834).

use std::collections::BTreeMap;

use crate::config::Config;
use crate::diagnostic::{Message, Severity};
use crate::document::Document;
use crate::lexicon::FixMode;
use crate::linter::{Match, Rule};
use crate::normal::fold;
use crate::rule::{PATTERN, RuleInfo};

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
        across: &mut BTreeMap<usize, Vec<Match<'l>>>,
    ) {
        let Some(rule) = &self.rule else { return };
        let mut singles = Vec::new();
        for (index, block) in document.blocks.iter().enumerate() {
            let text = document.text(block);
            if !is_balanced(text) {
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
            across.entry(single.block).or_default().push(Match {
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

/// Whether as many marks open as close, by one pass over the bytes.
fn is_balanced(text: &str) -> bool {
    let mut balance = [0_i32; 3];
    let bytes = text.as_bytes();
    for w in bytes.windows(3) {
        let (open, close) = match (w[0], w[1]) {
            (0xE2, 0x80) => (0x9C, 0x9D),
            (0xE3, 0x80) => (0x8A, 0x8B),
            (0xEF, 0xBC) => (0x88, 0x89),
            _ => continue,
        };
        let nth = match w[0] {
            0xE2 => 0,
            0xE3 => 1,
            _ => 2,
        };
        balance[nth] += i32::from(w[2] == open) - i32::from(w[2] == close);
    }
    balance == [0; 3]
}

/// The marks of a block that find no partner in it.
fn unpaired(block: usize, text: &str) -> Vec<Single> {
    let mut singles = Vec::new();
    let mut open: Vec<Single> = Vec::new();
    for (at, c) in text.char_indices() {
        let Some((pair, opens)) = PAIRS.iter().enumerate().find_map(|(n, &(o, l))| {
            (c == o)
                .then_some((n, true))
                .or((c == l).then_some((n, false)))
        }) else {
            continue;
        };
        let single = Single {
            block,
            at,
            pair,
            opens,
        };
        if opens {
            open.push(single);
        } else if let Some(partner) = open.iter().rposition(|s| s.pair == pair) {
            open.remove(partner);
        } else if !is_list_mark(&text[..at], c) {
            singles.push(single);
        }
    }
    singles.extend(open);
    singles.sort_by_key(|s| s.at);
    singles
}

/// 1）, a）, 5”: a closing mark behind a number needs no opening one.
fn is_list_mark(before: &str, mark: char) -> bool {
    let last = before.chars().next_back();
    mark != '》'
        && last.is_some_and(|c| c.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(c))
}

/// How many blocks a quotation or a remark may go on for.
const FAR: usize = 300;

/// A quotation of several paragraphs opens in one and closes in another; each of them may open it again (GB/T 15834,
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
    left.extend(open.into_iter().flatten());
    left.sort_by_key(|s| (s.block, s.pair, s.at));
    left.dedup_by_key(|s| (s.block, s.pair));
    left
}

/// This rule for the catalog.
pub(super) const RULES: &[RuleInfo] = &[RuleInfo {
    id: "punctuation/unpaired",
    category: "punctuation",
    severity: Severity::Warning,
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
