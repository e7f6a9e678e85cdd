//! Apply edits to bytes: what does not come out as foretold is not applied.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use similar::{Algorithm, DiffOp, TextDiff, capture_diff_slices};

use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::document::{Block, Document, Kind};
use crate::error::{Lang, Result};
use crate::linter::Linter;
use crate::resolve;
use crate::source::Span;
use crate::suppress;

/// How often a block is linted again before it counts as restless.
const ROUNDS: usize = 8;

/// What came of applying fixes.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The file with the fixes in it; equal to the original when none was applied.
    pub bytes: Vec<u8>,
    /// The diagnostics whose fixes were applied, in the order of the rounds.
    pub applied: Vec<Diagnostic>,
    /// The diagnostics whose fix was asked for and not applied, and why.
    pub skipped: Vec<(Diagnostic, SkipReason)>,
    /// What a lint of `bytes` finds.
    pub remaining: Vec<Diagnostic>,
    /// The fixed file as it reads now; `None` when nothing was applied.
    pub document: Option<Document>,
}

/// Why a fix was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// It would break the markup around it.
    BreaksMarkup,
    /// Its block would not come to rest: each fix there calls for another.
    Restless,
    /// The encoding has no code for a character.
    Unencodable,
}

/// Applies the fixes that are at least as safe as `least`, lints again, and goes on until nothing is left to apply.
///
/// Every round is read again before it counts: blocks, kinds and texts must equal the old ones with the edits applied.
/// A fix that fails this is dropped alone.
///
/// # Errors
/// When the document must not be written (signed, protected), or its container cannot be.
pub fn apply(linter: &Linter, document: &Document, least: Applicability) -> Result<Fixed> {
    let found = linter.lint(document);
    if found.iter().any(|d| is_wanted(d, least))
        && let Some(refusal) = document.refusal_to_write()
    {
        return Err(refusal);
    }
    let mut skipped: Vec<_> = found
        .iter()
        .filter(|d| is_unencodable(document, d))
        .map(|d| (d.clone(), SkipReason::Unencodable))
        .collect();
    let mut restless = BTreeSet::new();
    loop {
        let run = run(linter, document, &found, least, &restless)?;
        if run.restless.is_empty() {
            skipped.extend(run.skipped);
            let unfixed = found
                .iter()
                .filter(|d| restless.contains(&d.block) && is_wanted(d, least));
            skipped.extend(unfixed.map(|d| (d.clone(), SkipReason::Restless)));
            skipped.sort_by_key(|(d, _)| (d.block, d.spans.first().map(|l| l.span)));
            return Ok(Fixed {
                bytes: match &run.document {
                    Some(fixed) => fixed.rebuild(&[])?,
                    None => document.rebuild(&[])?,
                },
                applied: run.applied,
                skipped,
                remaining: run.remaining,
                document: run.document,
            });
        }
        restless.extend(run.restless);
    }
}

/// Of these diagnostics those whose fix, whatever its applicability, leaves the document reading as it should. This is for
/// fixes that a person takes one at a time, and nothing is linted again.
///
/// # Errors
/// When the document's container cannot be written.
pub fn sound<'d>(
    document: &Document,
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) -> Result<Vec<&'d Diagnostic>> {
    let mut sound = Vec::new();
    let mut left: Vec<_> = diagnostics.into_iter().collect();
    left.retain(|d| d.fix.is_some());
    while !left.is_empty() {
        let now = apart(left.clone());
        left.retain(|d| !now.iter().any(|n| std::ptr::eq(*n, *d)));
        let (accepted, _) = try_all(document, now)?;
        sound.extend(accepted.into_iter().flat_map(|(_, fixes)| fixes));
    }
    Ok(sound)
}

/// The fix that puts one suggestion of several in the place of a diagnostic, when a person chose it; `None` where that
/// cannot be written. It is [`Applicability::Unsafe`], and [`sound`] says whether the document survives it.
#[must_use]
pub fn choose(document: &Document, diagnostic: &Diagnostic, suggestion: &str) -> Option<Fix> {
    resolve::choose(document, diagnostic, suggestion)
}

/// What must change in a text to make another of it: byte ranges of `old`, in order and apart, and what takes their place.
#[must_use]
pub fn difference(old: &str, new: &str) -> Vec<(Range<usize>, String)> {
    /// Lines that changed are compared character by character only as far as that is quick.
    const MOST: usize = 10_000;
    let mut edits = Vec::new();
    let mut at = 0;
    let lines = TextDiff::from_lines(old, new);
    for op in lines.ops() {
        let was: String = op.old_range().filter_map(|n| lines.old_slice(n)).collect();
        let is: String = op.new_range().filter_map(|n| lines.new_slice(n)).collect();
        if !matches!(op, DiffOp::Equal { .. }) {
            if was.len() + is.len() <= MOST {
                characters(at, &was, &is, &mut edits);
            } else {
                edits.push((at..at + was.len(), is));
            }
        }
        at += was.len();
    }
    edits
}

/// The difference of two short texts, the first of which stands at `base`.
fn characters(base: usize, old: &str, new: &str, edits: &mut Vec<(Range<usize>, String)>) {
    let (was, is): (Vec<_>, Vec<_>) = (old.chars().collect(), new.chars().collect());
    let mut at = base;
    for op in capture_diff_slices(Algorithm::Myers, &was, &is) {
        let length: usize = was[op.old_range()].iter().map(|c| c.len_utf8()).sum();
        if !matches!(op, DiffOp::Equal { .. }) {
            edits.push((at..at + length, is[op.new_range()].iter().collect()));
        }
        at += length;
    }
}

struct Run {
    document: Option<Document>,
    applied: Vec<Diagnostic>,
    skipped: Vec<(Diagnostic, SkipReason)>,
    remaining: Vec<Diagnostic>,
    /// Blocks that still called for fixes after the last round.
    restless: BTreeSet<usize>,
}

fn run(
    linter: &Linter,
    original: &Document,
    found: &[Diagnostic],
    least: Applicability,
    restless: &BTreeSet<usize>,
) -> Result<Run> {
    let mut run = Run {
        document: None,
        applied: Vec::new(),
        skipped: Vec::new(),
        remaining: found.to_vec(),
        restless: BTreeSet::new(),
    };
    for round in 0..=ROUNDS {
        let current = run.document.as_ref().unwrap_or(original);
        let wanted: Vec<&Diagnostic> = run
            .remaining
            .iter()
            .filter(|d| is_wanted(d, least) && !restless.contains(&d.block))
            .filter(|d| !run.skipped.iter().any(|(s, _)| is_same(s, d)))
            .collect();
        let wanted = apart(wanted);
        if wanted.is_empty() {
            break;
        }
        if round == ROUNDS {
            run.restless = wanted.iter().map(|d| d.block).collect();
            break;
        }
        let (accepted, broken) = try_all(current, wanted)?;
        run.skipped.extend(
            broken
                .into_iter()
                .map(|d| (d.clone(), SkipReason::BreaksMarkup)),
        );
        let Some((fixed, applied)) = accepted else {
            break;
        };
        let applied: Vec<Diagnostic> = applied.into_iter().cloned().collect();
        run.applied.extend(applied);
        let mut remaining = linter.lint(&fixed);
        suppress::carry_over(&run.remaining, &mut remaining);
        run.remaining = remaining;
        run.document = Some(fixed);
    }
    Ok(run)
}

fn is_wanted(diagnostic: &Diagnostic, least: Applicability) -> bool {
    diagnostic.suppressed.is_none()
        && diagnostic
            .fix
            .as_ref()
            .is_some_and(|f| f.applicability >= least)
}

/// Those fixes whose edits do not touch; the others wait for the next round, when what they touched stands already.
fn apart(wanted: Vec<&Diagnostic>) -> Vec<&Diagnostic> {
    let mut taken: BTreeSet<(&str, Span)> = BTreeSet::new();
    let mut chosen = Vec::new();
    for d in wanted {
        let edits = d.fix.iter().flat_map(|fix| &fix.edits);
        let edits: Vec<_> = edits.map(|e| (d.part.as_str(), e.span)).collect();
        let free = edits.iter().all(|edit| {
            let before = taken.range(..=edit).next_back();
            let after = taken.range(edit..).next();
            let mut near = before.into_iter().chain(after);
            near.all(|(part, span)| *part != edit.0 || !span.overlaps(edit.1))
        });
        if free {
            taken.extend(edits);
            chosen.push(d);
        }
    }
    chosen
}

fn is_unencodable(document: &Document, diagnostic: &Diagnostic) -> bool {
    let part = document.parts.iter().find(|p| p.name == diagnostic.part);
    diagnostic.demoted.is_none()
        && diagnostic.fix.as_ref().is_some_and(|fix| {
            let fits = |e: &Edit| part.is_none_or(|p| p.encode(&e.content).is_ok());
            !fix.edits.iter().all(fits)
        })
}

/// The same form at the same place of its block: offsets move when a fix before it changes the file.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.block == b.block
        && a.rule == b.rule
        && a.found == b.found
        && a.excerpt.before == b.excerpt.before
}

type Accepted<'d> = Option<(Document, Vec<&'d Diagnostic>)>;

/// Applies as many of the fixes as the document survives. What stands in blocks that do not read as foretold is tried
/// apart from the rest, and what cannot be told apart that way is halved until the culprits stand alone.
fn try_all<'d>(
    document: &Document,
    wanted: Vec<&'d Diagnostic>,
) -> Result<(Accepted<'d>, Vec<&'d Diagnostic>)> {
    let mut accepted: Vec<&Diagnostic> = Vec::new();
    let mut result = None;
    let mut broken = Vec::new();
    let mut groups = vec![wanted];
    while let Some(group) = groups.pop() {
        let mut trial = accepted.clone();
        trial.extend(&group);
        trial.sort_by_key(|d| (d.block, d.spans.first().map(|l| l.span)));
        let culprits = match attempt(document, &trial)? {
            Trial::Sound(fixed) => {
                result = Some(*fixed);
                accepted = trial;
                continue;
            }
            Trial::Differs(blocks) => blocks,
        };
        let size = group.len();
        let (bad, good): (Vec<_>, Vec<_>) = group.iter().partition(|d| culprits.contains(&d.block));
        if size == 1 || bad.len() == size && bad.len() == culprits.len() {
            broken.extend(group);
        } else if bad.is_empty() || good.is_empty() {
            let (left, right) = group.split_at(size / 2);
            groups.push(right.to_vec());
            groups.push(left.to_vec());
        } else {
            groups.push(bad);
            groups.push(good);
        }
    }
    Ok((result.map(|fixed| (fixed, accepted)), broken))
}

/// What came of writing some fixes into a document.
enum Trial {
    /// It reads as it should.
    Sound(Box<Document>),
    /// It does not: in these blocks, or in none when one cannot tell.
    Differs(BTreeSet<usize>),
}

/// The document with these fixes in it, if it reads as it should.
fn attempt(document: &Document, fixes: &[&Diagnostic]) -> Result<Trial> {
    let unclear = Trial::Differs(BTreeSet::new());
    let mut by_part: BTreeMap<usize, Vec<&Edit>> = BTreeMap::new();
    let mut by_block: BTreeMap<usize, Vec<(Range<usize>, &str)>> = BTreeMap::new();
    for d in fixes {
        let Some(fix) = &d.fix else { continue };
        let part = document.blocks[d.block].part;
        by_part.entry(part).or_default().extend(&fix.edits);
        for edit in &fix.text {
            let texts = by_block.entry(edit.block).or_default();
            texts.push((edit.range.clone(), edit.content.as_str()));
        }
    }
    let mut changed = Vec::new();
    for (part, mut edits) in by_part {
        edits.sort_by_key(|e| e.span);
        if edits.windows(2).any(|w| w[0].span.overlaps(w[1].span)) {
            return Ok(unclear);
        }
        let Some(bytes) = splice(document, part, &edits) else {
            return Ok(unclear);
        };
        changed.push((part, bytes));
    }
    let bytes = document.rebuild(&changed)?;
    let Ok(fixed) = Document::parse(&document.name, bytes, &document.options_to_reread()) else {
        return Ok(unclear);
    };
    // Plain text has no markup to break, and where its blocks are cut depends on their length.
    if document.kind == Kind::Text && fixed.kind == Kind::Text {
        return Ok(Trial::Sound(Box::new(fixed)));
    }
    Ok(match unexpected(document, &fixed, &by_block) {
        Some(blocks) => Trial::Differs(blocks),
        None => Trial::Sound(Box::new(fixed)),
    })
}

/// A part as stored, with edits applied; `None` when the encoding cannot hold one of them.
fn splice(document: &Document, part: usize, edits: &[&Edit]) -> Option<Vec<u8>> {
    let part = &document.parts[part];
    let old = part.bytes();
    let grown: usize = edits.iter().map(|e| e.content.len()).sum();
    let mut new = Vec::with_capacity(old.len() + grown);
    let mut at = 0;
    for edit in edits {
        new.extend_from_slice(&old[at..edit.span.start]);
        new.extend(part.encode(&edit.content).ok()?);
        at = edit.span.end;
    }
    new.extend_from_slice(&old[at..]);
    Some(new)
}

/// The blocks that do not read as the old ones with the edits applied; `None` when all of them do, and an empty set when
/// there are more or fewer blocks.
fn unexpected(
    old: &Document,
    new: &Document,
    edits: &BTreeMap<usize, Vec<(Range<usize>, &str)>>,
) -> Option<BTreeSet<usize>> {
    if old.kind != new.kind || old.blocks.len() != new.blocks.len() {
        return Some(BTreeSet::new());
    }
    let links = |b: &Block| b.details().map_or(0, |built| built.links.len());
    let same_shape =
        |a: &Block, b: &Block| a.kind == b.kind && a.part == b.part && links(a) == links(b);
    let same_text = |at: usize, a: &Block, b: &Block| match edits.get(&at) {
        None => old.text(a) == new.text(b),
        Some(edits) => edited(old.text(a), edits) == new.text(b),
    };
    let pairs = old.blocks.iter().zip(&new.blocks).enumerate();
    let blocks: BTreeSet<usize> = pairs
        .filter(|&(at, (a, b))| !same_shape(a, b) || !same_text(at, a, b))
        .map(|(at, _)| at)
        .collect();
    (!blocks.is_empty()).then_some(blocks)
}

fn edited(text: &str, edits: &[(Range<usize>, &str)]) -> String {
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for (range, content) in edits {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(content);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

impl SkipReason {
    /// The reason in Chinese and English.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::BreaksMarkup => lang.pick(
                "修改会破坏周围的格式标记，未改",
                "the fix would break the markup around it",
            ),
            Self::Restless => lang.pick(
                "词库中的词条互相牵动，修改无法收敛，未改",
                "the lexicon's entries call for each other's fixes without end",
            ),
            Self::Unencodable => lang.pick(
                "文件的编码容纳不下规范写法中的字，未改",
                "the file's encoding has no code for a character of the canonical form",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        let chars: Vec<char> = "甲乙😀𠀀\u{301}a\r\n\n".chars().collect();
        prop::collection::vec(prop::sample::select(chars), 0..40).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn the_difference_makes_one_text_of_the_other(old in text(), new in text()) {
            let edits = difference(&old, &new);
            for pair in edits.windows(2) {
                prop_assert!(pair[0].0.end <= pair[1].0.start);
            }
            let mut made = old.clone();
            for (range, content) in edits.iter().rev() {
                prop_assert!(!range.is_empty() || !content.is_empty());
                made.replace_range(range.clone(), content);
            }
            prop_assert_eq!(made, new);
        }
    }

    #[test]
    fn a_difference_is_as_small_as_it_can_be() {
        let old = "甲\r\n学习习总书记讲话，共建一代一路。\r\n乙";
        let new = old
            .replace("习总", "习近平总")
            .replace("一代一路", "一带一路");
        let edits = difference(old, &new);
        let texts: Vec<_> = edits
            .iter()
            .map(|(range, new)| (&old[range.clone()], new.as_str()))
            .collect();
        assert_eq!(texts, [("", "近平"), ("代", "带")]);
        assert!(difference(old, old).is_empty());
        let long = "甲".repeat(10_000);
        assert_eq!(difference(&long, "乙"), [(0..long.len(), "乙".to_owned())]);
    }
}
