//! From drafts to an answer. Nothing here looks for terms: the linter of the library does.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use zhengming::annotate::{self, Annotated, Mode};
use zhengming::fix::{self, Choice};
use zhengming::report::{
    self, Detail, DocumentReport, NotDone, Outcome, OutputFormat, Report, Summary, Texts,
};
use zhengming::{Applicability, DateSource, Diagnostic, Document, Kind, ReadOptions, Suppression};

use super::engine::Loaded;
use super::refusal::Refusal;
use super::request::{Act, Ask, Choose, Content, Draft, Level, Take};
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
        write!(
            f,
            " documents={documents} diagnostics={diagnostics} sha256={hash}"
        )
    }
}

/// Characters of a hash that a log shows.
const SHOWN: usize = 12;

/// Does what a request asks for.
///
/// # Errors
/// When the answer cannot be written, which memory does not refuse.
pub(super) fn work(loaded: &Loaded, drafts: Vec<Draft>, ask: &Ask) -> Result<Answer, Refusal> {
    let mut report = Report {
        lang: ask.lang,
        lexicon: loaded.checker.id(),
        ..Report::default()
    };
    let mut unknown = names(ask);
    for draft in drafts {
        let document = attend(loaded, ask, draft, &mut unknown);
        report.summary.add(&document);
        report.documents.push(document);
    }
    let details = report.documents.iter_mut();
    let mut outcomes = details.filter_map(|d| d.detail.as_mut()?.outcome.as_mut());
    if let Some(first) = outcomes.next() {
        let unknown = unknown.into_iter();
        first
            .skipped
            .extend(unknown.map(|id| (id.to_owned(), NotDone::Unknown)));
    }
    let found = report.documents.iter().map(|d| d.diagnostics.len());
    let first = report.documents.first().and_then(|d| d.sha256.as_deref());
    let tally = Tally {
        documents: report.documents.len(),
        diagnostics: found.sum(),
        hash: first.unwrap_or_default().chars().take(SHOWN).collect(),
    };
    let mut bytes = Vec::with_capacity(4 << 10);
    let format = match ask.format {
        Output::Json => OutputFormat::JsonCompact,
        other => other.format(false, false, None),
    };
    report::write(format, &report, &mut bytes).map_err(|_| Refusal::internal())?;
    let (media_type, attached) = media_type(ask.format);
    Ok(Answer {
        bytes,
        media_type,
        attached,
        tally,
        summary: report.summary,
    })
}

/// The names of the diagnostics that decisions are about.
fn names(ask: &Ask) -> BTreeSet<&str> {
    let taken = match &ask.take {
        Take::Level(_) => &[][..],
        Take::These(choices) => choices,
    };
    let ignored = ask.ignore.iter().map(|i| i.id.as_str());
    taken.iter().map(|c| c.id.as_str()).chain(ignored).collect()
}

/// Reads and lints a draft, and does what is asked. The names that it knows are taken out of `unknown`.
fn attend(
    loaded: &Loaded,
    ask: &Ask,
    draft: Draft,
    unknown: &mut BTreeSet<&str>,
) -> DocumentReport {
    let checker = &loaded.checker;
    let name = loaded.name(&draft.name);
    let mut report = DocumentReport {
        sha256: Some(sha256(draft.content.bytes())),
        path: draft.name,
        date: loaded.day.to_string(),
        date_source: DateSource::Today.name(),
        fail_on: checker.fail_on,
        ..DocumentReport::default()
    };
    let options = ReadOptions {
        date: ask.date,
        ..ReadOptions::default()
    };
    let document = match draft.content {
        Content::Text(text) => Document::parse_text(&name, text, &options),
        Content::File(bytes) => Document::parse(&name, bytes, &options),
    };
    let document = match document {
        Ok(document) => document,
        Err(error) => {
            report.error = Some(error.message(ask.lang));
            return report;
        }
    };
    let (date, source) = checker.linter.day_of(&document);
    report.kind = Some(document.kind);
    report.encoding = document.parts.first().map(|p| p.encoding().name());
    report.date = date.to_string();
    report.date_source = source.name();
    report.notices.clone_from(&document.notices);
    report.diagnostics = checker.linter.lint(&document);
    let known = checker.linter.baseline_notices(&name, &report.diagnostics);
    report.notices.extend(known);
    let mut detail = Detail::new(&name, &report.diagnostics);
    for id in &detail.ids {
        unknown.remove(id.as_str());
    }
    let (choice, skipped) = choose(ask, &report.diagnostics, &detail.ids);
    let_stand(&mut report.diagnostics, &detail.ids, &choice);
    let done = match ask.act {
        Act::Check => Ok(None),
        Act::Fix => repair(loaded, &document, &choice, &mut report, &mut detail).map(Some),
        Act::Annotate => mark(loaded, ask, &document, choice, &mut report, &detail),
    };
    match done {
        Ok(Some(made)) => {
            if ask.blocks {
                let document = made.document.as_ref().unwrap_or(&document);
                detail.texts = Some(Texts::new(document, &report.diagnostics, ask.lang));
            }
            let mut outcome = made.outcome;
            outcome.skipped.splice(0..0, skipped);
            detail.outcome = Some(outcome);
        }
        Ok(None) if ask.blocks => {
            detail.texts = Some(Texts::new(&document, &report.diagnostics, ask.lang));
        }
        Ok(None) => {}
        Err(why) => report.error = Some(why.message(ask.lang)),
    }
    report.detail = Some(detail);
    report
}

/// What is chosen among the diagnostics of one document, and what of that it has but cannot be done.
fn choose(
    ask: &Ask,
    diagnostics: &[Diagnostic],
    ids: &[String],
) -> (Choice, Vec<(String, NotDone)>) {
    let mut choice = Choice::default();
    let mut skipped = Vec::new();
    let numbers: HashMap<&str, usize> = ids.iter().map(String::as_str).zip(0..).collect();
    for i in &ask.ignore {
        if numbers.contains_key(i.id.as_str()) {
            choice.left.push((i.id.clone(), i.reason.clone()));
        }
    }
    match &ask.take {
        Take::Level(Level::Safe) => choice.least = Some(Applicability::Safe),
        Take::Level(Level::Unsafe) => choice.least = Some(Applicability::Unsafe),
        Take::These(choices) => {
            for Choose { id, suggestion } in choices {
                let Some(&n) = numbers.get(id.as_str()) else {
                    continue;
                };
                if ask.ignore.iter().any(|i| i.id == *id) {
                    continue;
                }
                if *suggestion < diagnostics[n].suggestions.len().max(1) {
                    choice.taken.push((id.clone(), *suggestion));
                } else {
                    skipped.push((id.clone(), NotDone::NoSuggestion));
                }
            }
        }
    }
    (choice, skipped)
}

/// Marks what somebody decided to let stand.
fn let_stand(diagnostics: &mut [Diagnostic], ids: &[String], choice: &Choice) {
    for (d, id) in diagnostics.iter_mut().zip(ids) {
        let Some((_, reason)) = choice.left.iter().find(|(left, _)| left == id) else {
            continue;
        };
        d.suppressed.get_or_insert_with(|| Suppression {
            by: "config",
            reason: reason.clone(),
        });
        if let Some(fix) = &mut d.fix {
            fix.applicability = Applicability::DisplayOnly;
        }
    }
}

/// A file that was made of a draft.
struct Made {
    outcome: Outcome,
    /// The draft as it reads now, where that has changed.
    document: Option<Document>,
}

/// Corrects a draft. Afterwards `report` and `detail` are about what remains.
fn repair(
    loaded: &Loaded,
    document: &Document,
    choice: &Choice,
    report: &mut DocumentReport,
    detail: &mut Detail,
) -> Result<Made, zhengming::Error> {
    let fixed = fix::apply(&loaded.checker.linter, document, choice)?;
    let before = (
        std::mem::replace(&mut report.diagnostics, fixed.remaining),
        std::mem::take(&mut detail.ids),
    );
    *detail = Detail::new(&document.name, &report.diagnostics);
    // What came up only while others were fixed is called what it is called now.
    let id =
        |d| id_of(d, &before.0, &before.1).or_else(|| id_of(d, &report.diagnostics, &detail.ids));
    let skipped = fixed.skipped.iter();
    let skipped = skipped.filter_map(|(d, why)| Some((id(d)?, NotDone::Fix(*why))));
    let outcome = Outcome {
        skipped: skipped.collect(),
        applied: fixed.applied.len(),
        filename: file_name(&report.path),
        media_type: media_type_of(document.kind, &report.path),
        base64: BASE64_STANDARD.encode(&fixed.bytes),
    };
    report.sha256 = Some(sha256(&fixed.bytes));
    Ok(Made {
        outcome,
        document: fixed.document,
    })
}

/// Puts what was found into a docx, as the editor will see it in Word; any other draft gets a report of its own.
fn mark(
    loaded: &Loaded,
    ask: &Ask,
    document: &Document,
    choice: Choice,
    report: &mut DocumentReport,
    detail: &Detail,
) -> Result<Option<Made>, zhengming::Error> {
    let path = Path::new(&report.path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let outcome = if document.kind == Kind::Docx {
        let lexicon = loaded.checker.id().digest;
        let options = annotate::Options {
            mode: ask.mode,
            author: ask.author.clone(),
            time: Timestamp::now(),
            lang: ask.lang,
            choice,
            lexicon,
        };
        let marked = annotate::annotate(&loaded.checker.linter, document, &options)?;
        let id = |d| id_of(d, &report.diagnostics, &detail.ids);
        let left = marked.left.iter();
        let left = left.filter_map(|(d, why)| Some((id(d)?, NotDone::Mark(*why))));
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        Outcome {
            skipped: left.collect(),
            applied: count(&marked, ask.mode),
            filename: format!("{stem}.annotated.{extension}"),
            media_type: media_type_of(document.kind, &report.path),
            base64: BASE64_STANDARD.encode(&marked.bytes),
        }
    } else {
        let mut page = Vec::new();
        let mut summary = Summary::default();
        summary.add(report);
        let alone = Report {
            lang: ask.lang,
            lexicon: loaded.checker.id(),
            documents: vec![report.clone()],
            summary,
            units: Vec::new(),
        };
        // Memory takes everything.
        let _ = report::write(OutputFormat::Html, &alone, &mut page);
        let shown = report.diagnostics.iter().filter(|d| d.suppressed.is_none());
        Outcome {
            skipped: Vec::new(),
            applied: shown.count(),
            filename: format!("{stem}.annotated.html"),
            media_type: "text/html; charset=utf-8",
            base64: BASE64_STANDARD.encode(&page),
        }
    };
    Ok(Some(Made {
        outcome,
        document: None,
    }))
}

/// How many diagnostics have a mark in the file: with comments on tracked changes, each has a comment where Word takes one.
fn count(marked: &Annotated, mode: Mode) -> usize {
    match mode {
        Mode::Both => marked.tracked.max(marked.comments),
        Mode::Tracked | Mode::Comments => marked.tracked + marked.comments,
    }
}

/// The name of a diagnostic by what it is.
fn id_of(d: &Diagnostic, diagnostics: &[Diagnostic], ids: &[String]) -> Option<String> {
    let is_same = |a: &Diagnostic| {
        (a.block, &a.rule, &a.spans) == (d.block, &d.rule, &d.spans) && a.found == d.found
    };
    ids.get(diagnostics.iter().position(is_same)?).cloned()
}

/// The last part of a name, whichever system's separators it has.
fn file_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.to_owned()
}

fn media_type_of(kind: Kind, path: &str) -> &'static str {
    let extension = Path::new(path).extension().unwrap_or_default();
    match kind {
        Kind::Text => "text/plain",
        Kind::Markdown => "text/markdown",
        Kind::Html => "text/html",
        Kind::Docx if extension.eq_ignore_ascii_case("docm") => {
            "application/vnd.ms-word.document.macroEnabled.12"
        }
        Kind::Docx if extension.eq_ignore_ascii_case("dotm") => {
            "application/vnd.ms-word.template.macroEnabled.12"
        }
        Kind::Docx if extension.eq_ignore_ascii_case("dotx") => {
            "application/vnd.openxmlformats-officedocument.wordprocessingml.template"
        }
        Kind::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
}

/// The media type of an output, and what a file of it is called.
fn media_type(format: Output) -> (&'static str, Option<&'static str>) {
    const TEXT: &str = "text/plain; charset=utf-8";
    match format {
        Output::Json | Output::Gitlab | Output::Rdjson => ("application/json", None),
        Output::Jsonl => ("application/x-ndjson", None),
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
