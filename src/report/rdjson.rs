//! The JSON of reviewdog (`rdjson`). Its columns count bytes of UTF-8.

use std::io;

use serde_json::{Value, json};

use crate::diagnostic::{Applicability, Diagnostic, Severity};
use crate::report::words::{items, loudness, problems, range, sentence};
use crate::report::{Report, visible};
use crate::source::Position;

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    let mut diagnostics: Vec<Value> = Vec::new();
    for document in &report.documents {
        for problem in problems(document, lang) {
            diagnostics.push(json!({
                "message": problem.text,
                "location": {"path": document.path},
                "severity": severity(problem.severity),
                "code": {"value": format!("notice/{}", problem.code)},
            }));
        }
    }
    for item in items(report) {
        let d = item.diagnostic;
        let (start, end) = range(d);
        let mut value = json!({
            "message": sentence(d, lang),
            "location": {"path": item.document.path, "range": span(start, end)},
            "severity": severity(loudness(d)),
            "code": {"value": visible(&d.rule)},
        });
        if let Some(suggestion) = suggestion(d) {
            value["suggestions"] = json!([suggestion]);
        }
        diagnostics.push(value);
    }
    let root = json!({
        "source": {"name": env!("CARGO_PKG_NAME")},
        "diagnostics": diagnostics,
    });
    serde_json::to_writer_pretty(&mut *out, &root)?;
    out.write_all(b"\n")
}

/// The repair, where it is one edit of a text: several suggestions would be as many proposals.
fn suggestion(d: &Diagnostic) -> Option<Value> {
    let fix = d.fix.as_ref()?;
    if fix.applicability == Applicability::DisplayOnly {
        return None;
    }
    let [edit] = fix.edits.as_slice() else {
        return None;
    };
    let (start, end) = edit.lines?;
    Some(json!({"range": span(start, end), "text": edit.content}))
}

fn span(start: Position, end: Position) -> Value {
    let position = |p: Position| json!({"line": p.line, "column": p.byte_column});
    json!({"start": position(start), "end": position(end)})
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    }
}
