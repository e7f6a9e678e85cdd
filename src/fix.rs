//! Apply edits to bytes: what does not come out as foretold is not applied.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use similar::{Algorithm, DiffOp, TextDiff, capture_diff_slices};

use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::document::{Block, Document, Kind};
use crate::error::{Error, Lang, Result};
use crate::fingerprint::fingerprints;
use crate::linter::Linter;
use crate::source::{Moves, Span};
use crate::suppress::suppress;

/// How often a block is linted again before it counts as restless.
pub(crate) const ROUNDS: usize = 8;

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
    /// It was taken, and the text there cannot be changed, or nobody knows how.
    NoFix,
}

/// Which fixes are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Fixes that are at least this safe are made; with `None` only those that are taken.
    pub least: Option<Applicability>,
    /// Single diagnostics, by fingerprint, each with the number of the suggestion that is taken, counted from 0. Their
    /// fixes are made however safe they are.
    pub taken: Vec<(String, usize)>,
    /// Diagnostics, by fingerprint, that stay as they are, each with the reason: they are suppressed like those of an
    /// `[[allow]]`. An annotated file says nothing about them.
    pub left: Vec<(String, String)>,
}

impl Choice {
    /// All fixes that are at least this safe.
    #[must_use]
    pub fn at_least(least: Applicability) -> Self {
        Self {
            least: Some(least),
            ..Self::default()
        }
    }
}

/// Makes the fixes that are chosen, lints again, and goes on until nothing is left to fix: what a fix calls for is fixed
/// too, as far as it is safe.
///
/// Every round is read again before it counts: blocks, kinds and texts must equal the old ones with the edits applied.
/// A fix that fails this is dropped alone. The fingerprints of a choice are those of [`fingerprints`] for the document's
/// name and all that [`Linter::lint`] finds in it.
///
/// # Errors
/// When the document must not be written (signed, protected), or its container cannot be; when a choice names what is not
/// found in the document.
pub fn apply(linter: &Linter, document: &Document, choice: &Choice) -> Result<Fixed> {
    let first = Round::first(document, linter.lint(document), choice)?;
    Ok(rounds(linter, document, &first)?.fixed)
}

/// What [`apply`] does, round by round.
pub(crate) struct Rounds {
    pub(crate) fixed: Fixed,
    /// The diagnostics that each round fixed.
    pub(crate) applied: Vec<Vec<Diagnostic>>,
}

pub(crate) fn rounds(linter: &Linter, document: &Document, first: &Round<'_>) -> Result<Rounds> {
    let is_wanted = |n: &usize| first.is_wanted(*n);
    if (0..first.found.len()).any(|n| is_wanted(&n))
        && let Some(refusal) = document.refusal_to_write()
    {
        return Err(refusal);
    }
    let mut skipped: Vec<_> = first
        .found
        .iter()
        .zip(&first.decided)
        .filter_map(|(d, decided)| match decided {
            Decided::Failed(reason) => Some((d.clone(), *reason)),
            _ => None,
        })
        .collect();
    let mut restless = BTreeSet::new();
    loop {
        let run = run(linter, document, first.clone(), &restless)?;
        if !run.restless.is_empty() {
            restless.extend(run.restless);
            continue;
        }
        skipped.extend(run.skipped);
        let unfixed = (0..first.found.len()).filter(is_wanted);
        let unfixed = unfixed.map(|n| &first.found[n]);
        let unfixed = unfixed.filter(|d| restless.contains(&d.block));
        skipped.extend(unfixed.map(|d| (d.clone(), SkipReason::Restless)));
        skipped.sort_by_key(|(d, _)| (d.block, d.spans.first().map(|l| l.span)));
        let fixed = Fixed {
            bytes: match &run.document {
                Some(fixed) => fixed.rebuild(&[])?,
                None => document.rebuild(&[])?,
            },
            applied: run.applied.concat(),
            skipped,
            remaining: run.round.found,
            document: run.document,
        };
        return Ok(Rounds {
            fixed,
            applied: run.applied,
        });
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
        let (accepted, _) = try_all(now, &mut |fixes| attempt(document, fixes))?;
        sound.extend(accepted.into_iter().flat_map(|(_, fixes)| fixes));
    }
    Ok(sound)
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

struct Run<'c> {
    document: Option<Document>,
    /// By round.
    applied: Vec<Vec<Diagnostic>>,
    skipped: Vec<(Diagnostic, SkipReason)>,
    round: Round<'c>,
    /// Blocks that still called for fixes after the last round.
    restless: BTreeSet<usize>,
}

fn run<'c>(
    linter: &Linter,
    original: &Document,
    first: Round<'c>,
    restless: &BTreeSet<usize>,
) -> Result<Run<'c>> {
    let mut run = Run {
        document: None,
        applied: Vec::new(),
        skipped: Vec::new(),
        round: first,
        restless: BTreeSet::new(),
    };
    for round in 0..=ROUNDS {
        let current = run.document.as_ref().unwrap_or(original);
        let found = run.round.found.iter().enumerate();
        let wanted: Vec<&Diagnostic> = found
            .filter(|(n, d)| run.round.is_wanted(*n) && !restless.contains(&d.block))
            .map(|(_, d)| d)
            .collect();
        let wanted = apart(wanted);
        if wanted.is_empty() {
            break;
        }
        if round == ROUNDS {
            run.restless = wanted.iter().map(|d| d.block).collect();
            break;
        }
        let (accepted, broken) = try_all(wanted, &mut |fixes| attempt(current, fixes))?;
        let applied = accepted.map(|(fixed, applied)| {
            let applied: Vec<Diagnostic> = applied.into_iter().cloned().collect();
            (fixed, applied)
        });
        let broken: Vec<Diagnostic> = broken.into_iter().cloned().collect();
        run.round.fail(&broken);
        let skipped = broken.into_iter().map(|d| (d, SkipReason::BreaksMarkup));
        run.skipped.extend(skipped);
        let Some((fixed, applied)) = applied else {
            continue;
        };
        run.round = run.round.next(linter.lint(&fixed), &applied);
        run.applied.push(applied);
        run.document = Some(fixed);
    }
    Ok(run)
}

/// The diagnostics of a round, and what is to become of them.
#[derive(Clone)]
pub(crate) struct Round<'c> {
    choice: &'c Choice,
    pub(crate) found: Vec<Diagnostic>,
    pub(crate) decided: Vec<Decided>,
}

/// What has been decided about a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    /// Nothing: its fix is made when it is safe enough.
    Nothing,
    /// The suggestion of this number is taken, and is its fix.
    Taken(usize),
    /// It stays.
    Left,
    /// It cannot be fixed.
    Failed(SkipReason),
}

impl<'c> Round<'c> {
    /// What is chosen among the diagnostics of a document.
    ///
    /// # Errors
    /// When the choice names what is not there.
    pub(crate) fn first(
        document: &Document,
        mut found: Vec<Diagnostic>,
        choice: &'c Choice,
    ) -> Result<Self> {
        let mut decided = vec![Decided::Nothing; found.len()];
        if !choice.taken.is_empty() || !choice.left.is_empty() {
            let names = fingerprints(&document.name, &found);
            let numbers: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
            let number = |name: &str| numbers.get(name).copied().ok_or_else(|| not_found(name));
            for (name, suggestion) in &choice.taken {
                let n = number(name)?;
                if *suggestion >= found[n].suggestions.len().max(1) {
                    return Err(no_suggestion(&found[n], *suggestion));
                }
                found[n].fix = found[n].fix_with(*suggestion).cloned();
                decided[n] = match found[n].fix {
                    Some(_) => Decided::Taken(*suggestion),
                    None => Decided::Failed(SkipReason::NoFix),
                };
            }
            for (name, reason) in &choice.left {
                let n = number(name)?;
                decided[n] = Decided::Left;
                if found[n].suppressed.is_none() {
                    suppress(&mut found[n], "config", reason);
                }
            }
        }
        for (d, decided) in found.iter().zip(&mut decided) {
            let is_asked_for = match decided {
                Decided::Taken(_) => true,
                Decided::Nothing => choice.least.is_some() && d.demoted.is_none(),
                Decided::Left | Decided::Failed(_) => false,
            };
            if is_asked_for && is_unencodable(document, d) {
                *decided = Decided::Failed(SkipReason::Unencodable);
            }
        }
        Ok(Self {
            choice,
            found,
            decided,
        })
    }

    /// What is decided about the diagnostics of the document with the fixes of `applied` in it. Those of this round that
    /// the edits have only moved are known by where they stand now: their words may stand there many times.
    pub(crate) fn next(&self, mut found: Vec<Diagnostic>, applied: &[Diagnostic]) -> Self {
        let mut edits: BTreeMap<usize, Vec<(Range<usize>, usize)>> = BTreeMap::new();
        for edit in applied
            .iter()
            .filter_map(|d| d.fix.as_ref())
            .flat_map(|f| &f.text)
        {
            let edits = edits.entry(edit.block).or_default();
            edits.push((edit.range.clone(), edit.content.len()));
        }
        let moves: BTreeMap<usize, Moves> = edits
            .into_iter()
            .map(|(block, edits)| (block, Moves::new(edits)))
            .collect();
        let mut before: HashMap<Standing, usize> = HashMap::new();
        for (n, d) in self.found.iter().enumerate() {
            let (block, range, rule) = standing(d);
            let range = match moves.get(&block) {
                Some(moves) => moves.moved(&range),
                None => Some(range),
            };
            if let Some(range) = range {
                before.insert((block, range, rule), n);
            }
        }
        let follow = |d: &mut Diagnostic| {
            let Some(&n) = before.get(&standing(d)) else {
                // What a change calls for is as good as chosen with it.
                let is_called_for = moves.get(&d.block).is_some_and(|m| m.touch(&d.range));
                let is_safe = is_safe_enough(d, Some(Applicability::Safe));
                return if is_called_for && is_safe {
                    Decided::Taken(0)
                } else {
                    Decided::Nothing
                };
            };
            if let (Some(known), None) = (&self.found[n].suppressed, &d.suppressed) {
                // The words around it, by which it was known, have changed.
                suppress(d, known.by, &known.reason);
            }
            if let Decided::Taken(suggestion) = self.decided[n] {
                d.fix = d.fix_with(suggestion).cloned();
            }
            self.decided[n]
        };
        let decided = found.iter_mut().map(follow).collect();
        Self {
            choice: self.choice,
            found,
            decided,
        }
    }

    /// Their fixes break the markup around them.
    fn fail(&mut self, broken: &[Diagnostic]) {
        let broken: HashSet<Standing> = broken.iter().map(standing).collect();
        for (d, decided) in self.found.iter().zip(&mut self.decided) {
            if !broken.is_empty() && broken.contains(&standing(d)) {
                *decided = Decided::Failed(SkipReason::BreaksMarkup);
            }
        }
    }

    /// Whether the fix of a diagnostic is to be made.
    pub(crate) fn is_wanted(&self, n: usize) -> bool {
        match self.decided[n] {
            Decided::Nothing => is_safe_enough(&self.found[n], self.choice.least),
            Decided::Taken(_) => self.found[n].fix.is_some(),
            Decided::Left | Decided::Failed(_) => false,
        }
    }
}

fn is_safe_enough(diagnostic: &Diagnostic, least: Option<Applicability>) -> bool {
    let fix = diagnostic.fix.as_ref();
    diagnostic.suppressed.is_none()
        && fix
            .zip(least)
            .is_some_and(|(fix, least)| fix.applicability >= least)
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
    diagnostic.fix.as_ref().is_some_and(|fix| {
        let fits = |e: &Edit| part.is_none_or(|p| p.encode(&e.content).is_ok());
        !fix.edits.iter().all(fits)
    })
}

/// What a diagnostic is known by in one state of its document: block, range and rule.
pub(crate) type Standing = (usize, Range<usize>, String);

pub(crate) fn standing(d: &Diagnostic) -> Standing {
    (d.block, d.range.clone(), d.rule.clone())
}

/// What came of the last attempt that succeeded, and the diagnostics that were in it.
pub(crate) type Accepted<'d, T> = Option<(T, Vec<&'d Diagnostic>)>;

/// Applies as many of the fixes as the document survives, and gives those that it does not survive. What stands in blocks
/// that do not read as foretold is tried apart from the rest, and what cannot be told apart that way is halved until the
/// culprits stand alone.
pub(crate) fn try_all<'d, T>(
    wanted: Vec<&'d Diagnostic>,
    attempt: &mut dyn FnMut(&[&'d Diagnostic]) -> Result<Trial<T>>,
) -> Result<(Accepted<'d, T>, Vec<&'d Diagnostic>)> {
    let mut accepted: Vec<&Diagnostic> = Vec::new();
    let mut result = None;
    let mut broken = Vec::new();
    let mut groups = vec![wanted];
    while let Some(group) = groups.pop() {
        let mut trial = accepted.clone();
        trial.extend(&group);
        trial.sort_by_key(|d| (d.block, d.spans.first().map(|l| l.span)));
        let culprits = match attempt(&trial)? {
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
pub(crate) enum Trial<T> {
    /// It reads as it should.
    Sound(Box<T>),
    /// It does not: in these blocks, or in none when one cannot tell.
    Differs(BTreeSet<usize>),
}

/// The document with these fixes in it, if it reads as it should.
fn attempt(document: &Document, fixes: &[&Diagnostic]) -> Result<Trial<Document>> {
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
        let spans = edits.iter().map(|e| (e.span, e.content.as_str()));
        let Ok(bytes) = document.parts[part].spliced(spans) else {
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

/// The blocks that do not read as the old ones with the edits applied; `None` when all of them do, and an empty set when
/// there are more or fewer blocks.
pub(crate) fn unexpected(
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

/// A text with edits applied, none of which may overlap another.
pub(crate) fn edited(text: &str, edits: &[(Range<usize>, &str)]) -> String {
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
            Self::NoFix => lang.pick(
                "没有可以写入的修改，请在来源处修改",
                "there is no change that can be written there: change it at its source",
            ),
        }
    }
}

fn not_found(fingerprint: &str) -> Error {
    Error::document(
        format!("选中的问题 {fingerprint} 不在这份文件里；请重新检查后再选"),
        format!(
            "the chosen diagnostic {fingerprint} is not found in this document: check it again"
        ),
    )
}

fn no_suggestion(diagnostic: &Diagnostic, number: usize) -> Error {
    let (found, count) = (&diagnostic.found, diagnostic.suggestions.len());
    Error::document(
        format!("“{found}”只有 {count} 个建议，没有序号 {number}（从 0 数起）"),
        format!("“{found}” has {count} suggestions, and none is number {number}, counted from 0"),
    )
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
