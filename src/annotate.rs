//! A draft with its diagnostics in it, as tracked changes and comments, and what an editor then made of them.
//!
//! Only docx can hold such marks. What is written keeps every other byte of the file: with all changes rejected the text is
//! the original, with all accepted it is what [`fix::apply`] gives.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::diagnostic::Diagnostic;
use crate::document::{Document, Kind};
use crate::error::{Lang, Result};
use crate::fix::{self, Choice, Decided, Round, Standing, standing};
use crate::linter::Linter;
use crate::read::docx::{self, annotate::Marked};

/// Which marks are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Tracked changes for what has a fix, comments for the rest.
    #[default]
    Tracked,
    /// Comments only: the text stays as it is.
    Comments,
    /// Tracked changes, and a comment on each.
    Both,
}

/// How to annotate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which marks are made.
    pub mode: Mode,
    /// Who the marks are by.
    pub author: String,
    /// When they were made.
    pub time: Timestamp,
    /// The language of the comments.
    pub lang: Lang,
    /// Which fixes become tracked changes; what has none of them becomes a comment.
    pub choice: Choice,
    /// The digest of the lexicon, for the summary.
    pub lexicon: String,
}

/// An annotated file.
#[derive(Clone, Debug)]
pub struct Annotated {
    /// The file; equal to the original when nothing was to be added.
    pub bytes: Vec<u8>,
    /// How many diagnostics became tracked changes.
    pub tracked: usize,
    /// How many became comments, those that are tracked as well among them.
    pub comments: usize,
    /// How many had been annotated before.
    pub present: usize,
    /// The diagnostics that stand only in the summary, and why.
    pub left: Vec<(Diagnostic, LeftReason)>,
}

/// Why a diagnostic could not be marked where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// Its text is computed by Word, or hidden.
    Computed,
    /// It stands in an attribute, a property, a chart or a comment.
    NoText,
    /// It has no fix to track, and Word takes no comments in headers, footers, notes and text boxes.
    NoComments,
    /// The mark would break the markup around it.
    BreaksMarkup,
}

/// What became of an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The name of the annotation in its file.
    pub id: String,
    /// The rule; empty when the file does not know any more.
    pub rule: String,
    /// The forbidden form.
    pub found: String,
    /// What stood there.
    pub original: String,
    /// What was proposed.
    pub proposed: Vec<String>,
    /// What was decided.
    pub state: State,
    /// What stands there now; `None` while nothing is decided, when it is gone, and when it must not be shown.
    pub now: Option<String>,
    /// What the editor wrote about it.
    pub reason: Option<String>,
    /// Where it stands, or stood, in words.
    pub place: String,
}

/// What an editor decided about an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// What was proposed stands there.
    Accepted,
    /// What stood there stands there still, and the mark has been removed, resolved or answered.
    Rejected,
    /// Something else stands there.
    Changed,
    /// Nothing has been decided.
    Open,
}

/// What an annotated file says about the decisions on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The name of the file that was annotated, without its folder.
    pub draft: Option<String>,
    /// The annotations in the order in which they were made.
    pub decisions: Vec<Decision>,
}

/// Lints a document and puts what is found into it.
///
/// What is tracked is what [`fix::apply`] would change, round for round: where a change calls for another, that is tracked
/// too. What an annotated file is found to hold is in it, so that annotating it again adds nothing. Demoted and suppressed
/// diagnostics are not annotated, and neither is what has been annotated before.
///
/// # Errors
/// When the document is no docx, must not be written (signed, protected), or cannot be; when the choice names what is not
/// found in it.
pub fn annotate(linter: &Linter, document: &Document, options: &Options) -> Result<Annotated> {
    let mut round = Round::first(document, linter.lint(document), &options.choice)?;
    let planned: Vec<HashSet<Standing>> = if options.mode.tracks() && document.kind == Kind::Docx {
        let rounds = fix::rounds(linter, document, &round)?.applied.into_iter();
        rounds.map(|r| r.iter().map(standing).collect()).collect()
    } else {
        Vec::new()
    };
    let none = HashSet::new();
    let mut all = Marked::default();
    let mut others = 0;
    let mut current = None;
    // Behind the rounds that change the text comes one for what is found in it then.
    for n in 0..=planned.len() {
        let tracked = planned.get(n).unwrap_or(&none);
        let may_mark = |n: usize, d: &Diagnostic| {
            d.suppressed.is_none() && d.demoted.is_none() && round.decided[n] != Decided::Left
                || matches!(round.decided[n], Decided::Taken(_))
        };
        let waits = |at: usize, d: &Diagnostic| {
            n < planned.len() && round.is_wanted(at) && !tracked.contains(&standing(d))
        };
        let found = round.found.iter().enumerate();
        let (marked, rest): (Vec<_>, Vec<_>) = found.partition(|(n, d)| may_mark(*n, d));
        let marked = marked.into_iter().filter(|(n, d)| !waits(*n, d));
        let marked: Vec<&Diagnostic> = marked.map(|(_, d)| d).collect();
        let before = current.as_ref().unwrap_or(document);
        let more = docx::annotate::annotate(before, &marked, tracked, options)?;
        let after = Document::parse(&document.name, more.bytes.clone(), &document.options)?;
        if n == 0 {
            others = rest.len();
            all.present = more.present;
        }
        if n < planned.len() {
            round = round.next(linter.lint(&after), &more.tracked);
        }
        current = Some(after);
        all.add(more);
    }
    let marked = current.as_ref().unwrap_or(document);
    Ok(Annotated {
        bytes: docx::annotate::summarize(marked, &all, others, options)?,
        tracked: all.tracked.len(),
        comments: all.comments,
        present: all.present,
        left: all.left,
    })
}

/// Reads what became of the annotations of a document.
///
/// # Errors
/// When the document is no docx, or a part of it cannot be read.
pub fn decisions(document: &Document, lang: Lang) -> Result<Decisions> {
    docx::decisions::decisions(document, lang)
}

impl Mode {
    pub(crate) fn tracks(self) -> bool {
        self != Self::Comments
    }

    pub(crate) fn comments(self) -> bool {
        self != Self::Tracked
    }
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Rejected, Self::Changed, Self::Open];

    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Changed => "changed",
            Self::Open => "open",
        }
    }

    /// The state in words.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Accepted => lang.pick("已接受", "accepted"),
            Self::Rejected => lang.pick("已拒绝", "rejected"),
            Self::Changed => lang.pick("另作修改", "changed otherwise"),
            Self::Open => lang.pick("未处理", "open"),
        }
    }
}

impl LeftReason {
    /// The reason in Chinese and English.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Computed => lang.pick(
                "是域结果、绑定控件或隐藏文字，须在来源处修改",
                "the text is computed or hidden: change it at its source",
            ),
            Self::NoText => lang.pick(
                "在属性、图表或批注中，Word 不能标注",
                "Word marks nothing in attributes, charts and comments",
            ),
            Self::NoComments => lang.pick(
                "Word 不能在页眉、页脚、注释和文本框中加批注",
                "Word takes no comments in headers, footers, notes and text boxes",
            ),
            Self::BreaksMarkup => lang.pick(
                "标注会破坏周围的格式标记",
                "a mark would break the markup around it",
            ),
        }
    }
}
