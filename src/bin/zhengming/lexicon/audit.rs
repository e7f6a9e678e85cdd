//! What each rule finds in a folder of clean text.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use zhengming::audit::Audit;
use zhengming::report::{self, DocumentReport};

use crate::Ui;
use crate::args::{AuditArgs, Format, OutputArgs};
use crate::check::Run;
use crate::complain;

pub(super) fn run(args: &AuditArgs, ui: Ui) -> Result<ExitCode> {
    // The run itself writes nothing.
    let output = OutputArgs::default();
    let run = Run::prepare(&args.input, &args.rules, &output, ui)?;
    let audit = Mutex::new(Audit::new(args.context));
    let done = run.each(&|target, report| {
        let Some(bytes) = run.read(target, report) else {
            return;
        };
        let Some(document) = run.parse(bytes, target, report) else {
            return;
        };
        let diagnostics = run.lint(target, &document, report);
        let mut audit = audit.lock().unwrap_or_else(PoisonError::into_inner);
        audit.add(&report.path, &document, &diagnostics);
    });
    let audit = audit.into_inner().unwrap_or_else(PoisonError::into_inner);
    let unread: Vec<_> = done.documents.iter().flat_map(|d| unread(d, ui)).collect();
    let top = args.top.unwrap_or(usize::MAX);
    let mut out = io::BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Human => {
            for (path, why) in &unread {
                complain(&format!("{path}{}{why}", ui.lang.pick("：", ": ")), ui.lang);
            }
            report::write_audit_table(&audit, top, ui.lang, &mut out)?;
        }
        Format::Json => {
            let id = run.lexicon().unwrap_or_default();
            report::write_audit_json(&audit, top, &id, &unread, ui.lang, &mut out)?;
        }
    }
    out.flush()?;
    Ok(run.exit_code(&done, false))
}

/// What of a document was not read, and why.
fn unread(document: &DocumentReport, ui: Ui) -> Vec<(String, String)> {
    let notices = document.notices.iter();
    let unchecked = notices.filter(|n| n.code.means_unchecked());
    let reasons = unchecked.map(|n| report::notice(n, ui.lang));
    document
        .error
        .iter()
        .cloned()
        .chain(reasons)
        .map(|why| (document.path.clone(), why))
        .collect()
}
