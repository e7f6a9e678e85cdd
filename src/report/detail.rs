//! What a page or another program is told about a document besides its diagnostics: names that last from one request to
//! the next, and the texts with the places of the diagnostics in them.

use std::ops::Range;

use crate::annotate::LeftReason;
use crate::diagnostic::Diagnostic;
use crate::document::{Block, BlockKind, Document};
use crate::error::Lang;
use crate::fingerprint::fingerprints;
use crate::fix::SkipReason;
use crate::redact::Redacted;
use crate::source::LineIndex;

/// More about a document than the command tells.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// For each diagnostic the name that the same document gives it every time.
    pub ids: Vec<String>,
    /// The texts, where they are asked for.
    pub texts: Option<Texts>,
    /// What a fix made of the document.
    pub outcome: Option<Outcome>,
}

impl Detail {
    /// The names of all diagnostics of a document that is called `path`.
    #[must_use]
    pub fn new(path: &str, diagnostics: &[Diagnostic]) -> Self {
        Self {
            ids: fingerprints(path, diagnostics),
            ..Self::default()
        }
    }
}

/// The texts of a document, and where the diagnostics stand in them.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// The blocks in reading order.
    pub blocks: Vec<BlockText>,
    /// For each diagnostic its range in the text of its block, in Unicode characters; empty for what stands in no text,
    /// such as a comment.
    pub ranges: Vec<Range<usize>>,
}

/// A block as a person sees it.
#[derive(Clone, Debug, Default)]
pub struct BlockText {
    /// The name of its part; empty for a flat file.
    pub part: String,
    /// Where it stands, in words.
    pub place: String,
    /// What it is, as [`BlockKind::name`] calls it.
    pub kind: &'static str,
    /// The level of a heading.
    pub level: Option<u8>,
    /// Its text, with personal data covered character by character.
    pub text: String,
}

/// What a fix made of a document.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What the file should be called.
    pub filename: String,
    /// What is in it.
    pub media_type: &'static str,
    /// Its bytes, in base 64.
    pub base64: String,
    /// How many diagnostics were fixed, or marked in the file.
    pub applied: usize,
    /// The names of the diagnostics that were to be fixed or marked and were not, and why.
    pub skipped: Vec<(String, NotDone)>,
}

/// Why a diagnostic was neither fixed nor marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// There is no such diagnostic in the document.
    Unknown,
    /// It has no suggestion of that number.
    NoSuggestion,
    /// It could not be fixed.
    Fix(SkipReason),
    /// It could not be marked where it stands.
    Mark(LeftReason),
}

impl NotDone {
    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NoSuggestion => "no-suggestion",
            Self::Fix(reason) => super::json::skip_name(reason),
            Self::Mark(LeftReason::Computed) => "computed",
            Self::Mark(LeftReason::NoText) => "no-text",
            Self::Mark(LeftReason::NoComments) => "no-comments",
            Self::Mark(LeftReason::BreaksMarkup) => "breaks-markup",
        }
    }
}

impl Texts {
    /// The texts of a document in which these diagnostics were found.
    #[must_use]
    pub fn new(document: &Document, diagnostics: &[Diagnostic], lang: Lang) -> Self {
        let redacted = Redacted::new(document);
        let mut lines: Vec<Option<LineIndex>> = vec![None; document.parts.len()];
        let blocks = document.blocks.iter().enumerate();
        let blocks = blocks.map(|(n, block)| BlockText {
            part: document.parts[block.part].name.clone(),
            place: place(document, block, &mut lines[block.part], lang),
            kind: block.kind.name(),
            level: match block.kind {
                BlockKind::Heading(level) => Some(level),
                _ => None,
            },
            text: redacted.block(n).into_owned(),
        });
        Self {
            blocks: blocks.collect(),
            ranges: ranges(document, diagnostics),
        }
    }
}

fn place(document: &Document, block: &Block, lines: &mut Option<LineIndex>, lang: Lang) -> String {
    let text = document.parts[block.part].text();
    let length = document.text(block).len();
    let start = block.pieces(&(0..length)).first().map(|p| p.source.start);
    let start = start.map(|at| {
        let index = lines.get_or_insert_with(|| LineIndex::new(text));
        index.position(text, at)
    });
    super::place(&block.place(), start, lang)
}

/// Bytes are counted out in characters block by block, so that a long block is gone through once.
fn ranges(document: &Document, diagnostics: &[Diagnostic]) -> Vec<Range<usize>> {
    let mut found = vec![0..0; diagnostics.len()];
    let mut order: Vec<usize> = (0..diagnostics.len()).collect();
    order.sort_by_key(|&n| diagnostics[n].block);
    for group in order.chunk_by(|&a, &b| diagnostics[a].block == diagnostics[b].block) {
        let Some(block) = document.blocks.get(diagnostics[group[0]].block) else {
            continue;
        };
        let ends = group.iter().map(|&n| &diagnostics[n].range);
        let mut edges: Vec<usize> = ends.flat_map(|r| [r.start, r.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let text = document.text(block);
        let (mut at, mut characters) = (0, 0);
        let counts: Vec<usize> = edges
            .iter()
            .map(|&edge| {
                characters += text.get(at..edge).map_or(0, |t| t.chars().count());
                at = edge;
                characters
            })
            .collect();
        let count = |edge: usize| edges.binary_search(&edge).map_or(0, |n| counts[n]);
        for &n in group {
            let range = &diagnostics[n].range;
            found[n] = count(range.start)..count(range.end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Layer, Lexicon};
    use crate::{Config, Linter, ReadOptions};

    fn linter() -> Linter {
        let pairs = "category = 'test'\n[pairs]\n'一代一路' = '一带一路'\n";
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("test.toml".to_owned(), pairs.to_owned())],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        Linter::new(&lexicon, &Config::default()).unwrap()
    }

    /// For each diagnostic of the test's lexicon its block, place and what its range cuts out of the text.
    fn marked(name: &str, bytes: &[u8]) -> Vec<(String, String)> {
        let document = Document::parse(name, bytes.to_vec(), &ReadOptions::default()).unwrap();
        let diagnostics = linter().lint(&document);
        let texts = Texts::new(&document, &diagnostics, Lang::Zh);
        assert_eq!(texts.blocks.len(), document.blocks.len());
        let listed = diagnostics.iter().zip(&texts.ranges);
        let listed = listed.filter(|(d, _)| d.category == "test");
        listed
            .map(|(d, range)| {
                let block = &texts.blocks[d.block];
                let text: Vec<char> = block.text.chars().collect();
                (block.place.clone(), text[range.clone()].iter().collect())
            })
            .collect()
    }

    #[test]
    fn ranges_cut_the_form_out_of_the_text() {
        let utf16: Vec<u8> = "\u{FEFF}𠮷😀一代一路\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (name, bytes, place, want) in [
            (
                "a.txt",
                "甲。\n\n推进😀𠮷一代一路建设".as_bytes(),
                "第3行第1列",
                &["一代一路"][..],
            ),
            ("a.txt", &utf16, "第1行第1列", &["一代一路"]),
            (
                "a.md",
                "# 题\n\n推进一**代**一\\路".as_bytes(),
                "第3行第1列",
                &[],
            ),
            (
                "a.md",
                "# 题\n\n推进一**代**一路".as_bytes(),
                "第3行第1列",
                &["一代一路"],
            ),
            (
                "a.html",
                "<p>推进一<b>&#20195;</b>一路</p>".as_bytes(),
                "第1行第4列",
                &["一代一路"],
            ),
            (
                "a.txt",
                "一代一路，一代\u{200b}一路".as_bytes(),
                "第1行第1列",
                &["一代一路", "一代\u{200b}一路"],
            ),
        ] {
            let found = marked(name, bytes);
            let cut: Vec<_> = found.iter().map(|(_, cut)| cut.as_str()).collect();
            assert_eq!(cut, want, "{name} {}", String::from_utf8_lossy(bytes));
            assert!(found.iter().all(|(p, _)| p == place), "{found:?}");
        }
    }

    #[test]
    fn personal_data_is_covered_and_moves_nothing() {
        let text = "张三11010519491231002X推进一代一路";
        let found = marked("a.txt", text.as_bytes());
        assert_eq!(found[0].1, "一代一路");
        let document =
            Document::parse("a.txt", text.as_bytes().to_vec(), &ReadOptions::default()).unwrap();
        let texts = Texts::new(&document, &[], Lang::Zh);
        assert_eq!(texts.blocks[0].text, "张三110105########002X推进一代一路");
    }
}
