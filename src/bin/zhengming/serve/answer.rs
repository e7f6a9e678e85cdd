//! From drafts to an answer. Nothing here looks for terms: the linter of the library does.

use std::fmt;

use zhengming::report::{self, Detail, DocumentReport, Report, Summary, Texts};
use zhengming::{Applicability, Diagnostic, Document, ReadOptions, Suppression};

use super::engine::Loaded;
use super::refusal::Refusal;
use super::request::{Draft, Ignore, Job};
use crate::outputs::Output;
use crate::write::sha256;

/// What is sent back.
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: &'static str,
    /// What a file of it is called, where it is one.
    pub(super) attached: Option<&'static str>,
    pub(super) tally: Tally,
    pub(super) summary: Summary,
}

/// What a log may tell about a request.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    documents: usize,
    diagnostics: usize,
    /// The head of the first draft's hash.
    hash: String,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            documents,
            diagnostics,
            hash,
        } = self;
        write!(f, " documents={documents} diagnostics={diagnostics} sha256={hash}")
    }
}

/// Characters of a hash that a log shows.
const SHOWN: usize = 12;

/// Does what a request asks for.
///
/// # Errors
/// When it names a diagnostic that there is not.
pub(super) fn work(loaded: &Loaded, job: &Job) -> Result<Answer, Refusal> {
    let mut report = Report {
        lang: job.lang,
        lexicon: loaded.checker.id(),
        ..Report::default()
    };
    for draft in &job.drafts {
        let document = check(loaded, job, draft);
        report.summary.add(&document);
        report.documents.push(document);
    }
    let found = report.documents.iter().map(|d| d.diagnostics.len());
    let first = report.documents.first().and_then(|d| d.sha256.as_deref());
    let tally = Tally {
        documents: report.documents.len(),
        diagnostics: found.sum(),
        hash: first.unwrap_or_default().chars().take(SHOWN).collect(),
    };
    let mut bytes = Vec::new();
    let format = job.format.format(false, false, None);
    report::write(format, &report, &mut bytes).map_err(|_| Refusal::internal())?;
    let (media_type, attached) = media_type(job.format);
    Ok(Answer {
        bytes,
        media_type,
        attached,
        tally,
        summary: report.summary,
    })
}

fn check(loaded: &Loaded, job: &Job, draft: &Draft) -> DocumentReport {
    let checker = &loaded.checker;
    let name = loaded.name(&draft.name);
    let mut report = DocumentReport {
        path: draft.name.clone(),
        sha256: Some(sha256(&draft.bytes)),
        fail_on: checker.fail_on,
        ..DocumentReport::default()
    };
    let options = ReadOptions {
        encoding: draft.encoding,
        date: job.date,
        ..ReadOptions::default()
    };
    let document = match Document::parse(&name, draft.bytes.clone(), &options) {
        Ok(document) => document,
        Err(error) => {
            report.error = Some(error.message(job.lang));
            return report;
        }
    };
    let (date, source) = checker.linter.day_of(&document);
    report.kind = Some(document.kind);
    report.encoding = document.parts.first().map(|p| p.encoding().name());
    report.date = date.to_string();
    report.date_source = source.name().to_owned();
    report.notices.clone_from(&document.notices);
    report.diagnostics = checker.linter.lint(&document);
    let known = checker.linter.baseline_notices(&name, &report.diagnostics);
    report.notices.extend(known);
    let mut detail = Detail::new(&draft.name, &report.diagnostics);
    ignore(&mut report.diagnostics, &detail.ids, &job.options.ignore);
    if job.options.blocks {
        detail.texts = Some(Texts::new(&document, &report.diagnostics, job.lang));
    }
    report.detail = Some(detail);
    report
}

/// Lets stand what somebody decided to let stand.
fn ignore(diagnostics: &mut [Diagnostic], ids: &[String], ignored: &[Ignore]) {
    for (d, id) in diagnostics.iter_mut().zip(ids) {
        let Some(why) = ignored.iter().find(|i| i.id == *id) else {
            continue;
        };
        d.suppressed.get_or_insert_with(|| Suppression {
            by: "config",
            reason: why.reason.clone(),
        });
        if let Some(fix) = &mut d.fix {
            fix.applicability = Applicability::DisplayOnly;
        }
    }
}

/// The media type of an output, and what a file of it is called.
fn media_type(format: Output) -> (&'static str, Option<&'static str>) {
    const TEXT: &str = "text/plain; charset=utf-8";
    match format {
        Output::Json => ("application/json", None),
        Output::Jsonl => ("application/x-ndjson", None),
        Output::Gitlab | Output::Rdjson => ("application/json", None),
        Output::Human | Output::Github | Output::Unix => (TEXT, None),
        Output::Sarif => (
            "application/sarif+json",
            Some("attachment; filename=\"zhengming.sarif\""),
        ),
        Output::Checkstyle | Output::Junit => (
            "application/xml",
            Some("attachment; filename=\"zhengming.xml\""),
        ),
        Output::Csv => (
            "text/csv; charset=utf-8",
            Some("attachment; filename=\"zhengming.csv\""),
        ),
        Output::Html | Output::NoticeHtml => (
            "text/html; charset=utf-8",
            Some("attachment; filename=\"zhengming.html\""),
        ),
        Output::Notice => (
            "text/markdown; charset=utf-8",
            Some("attachment; filename=\"zhengming.md\""),
        ),
    }
}
