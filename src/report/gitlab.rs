//! A Code Quality report of GitLab: one JSON array.
//!
//! GitLab shows one entry for each fingerprint and compares two reports by them, so they are unique and stay the same
//! while text moves.

use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::Severity;
use crate::fingerprint::fingerprints;
use crate::report::words::{loudness, problems, range, sentence};
use crate::report::{DocumentReport, Report, visible};

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    let mut separator = "[\n";
    let mut push = |value: Value| -> io::Result<()> {
        out.write_all(separator.as_bytes())?;
        separator = ",\n";
        serde_json::to_writer(&mut *out, &value)?;
        Ok(())
    };
    for document in &report.documents {
        for (nth, problem) in problems(document, lang).into_iter().enumerate() {
            let name = format!("notice/{}", problem.code);
            push(json!({
                "description": problem.text,
                "check_name": name,
                "fingerprint": problem_fingerprint(&document.path, &name, nth),
                "severity": severity(problem.severity),
                "location": location(document, 1, 1),
            }))?;
        }
        let fingerprints = fingerprints(&document.path, &document.diagnostics);
        for (d, fingerprint) in document.diagnostics.iter().zip(fingerprints) {
            let (start, end) = range(d);
            push(json!({
                "description": sentence(d, lang),
                "check_name": visible(&d.rule),
                "fingerprint": fingerprint,
                "severity": severity(loudness(d)),
                "location": location(document, start.line, end.line),
            }))?;
        }
    }
    let end = if separator == "[\n" { "[]\n" } else { "\n]\n" };
    out.write_all(end.as_bytes())
}

fn location(document: &DocumentReport, begin: usize, end: usize) -> Value {
    json!({
        "path": document.path.trim_start_matches("./"),
        "lines": {"begin": begin, "end": end},
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}

fn problem_fingerprint(path: &str, name: &str, nth: usize) -> String {
    let digest = Sha256::new()
        .chain_update(path.trim_start_matches("./"))
        .chain_update("\0")
        .chain_update(name)
        .chain_update("\0")
        .chain_update(nth.to_string())
        .finalize();
    let mut text = String::new();
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
