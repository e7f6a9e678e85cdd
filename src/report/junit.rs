//! XML as JUnit writes it: a document is a test suite, each diagnostic a test case that fails where the run does.
//!
//! Most readers show only the first failure of a test case, so each diagnostic is one of its own.

use std::io;

use crate::report::markup::escape;
use crate::report::words::{problems, range, remarks, sentence, where_in_file};
use crate::report::{DocumentReport, Report, severity_name};
use crate::{Diagnostic, Lang};

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let suites = report.documents.iter().map(|d| suite(d, report.lang));
    let suites: Vec<_> = suites.collect();
    let mut total = Counts::default();
    suites.iter().for_each(|(_, counts)| total.add(counts));
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="zhengming" {}>"#,
        total.attributes()
    )?;
    for (document, (cases, counts)) in report.documents.iter().zip(&suites) {
        let name = escape(&document.path);
        writeln!(
            out,
            r#"  <testsuite name="{name}" {}>"#,
            counts.attributes()
        )?;
        for case in cases {
            case.write(&name, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// A test case, its texts escaped.
struct Case {
    name: String,
    line: Option<usize>,
    outcome: Outcome,
}

enum Outcome {
    Passed(String),
    Failure {
        kind: &'static str,
        message: String,
        text: String,
    },
    Error(String),
    Skipped(String),
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn count(&mut self, case: &Case) {
        self.tests += 1;
        match case.outcome {
            Outcome::Passed(_) => {}
            Outcome::Failure { .. } => self.failures += 1,
            Outcome::Error(_) => self.errors += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }

    fn add(&mut self, other: &Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.skipped += other.skipped;
    }

    fn attributes(&self) -> String {
        let Self {
            tests,
            failures,
            errors,
            skipped,
        } = self;
        format!(
            r#"tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}" time="0""#
        )
    }
}

fn suite(document: &DocumentReport, lang: Lang) -> (Vec<Case>, Counts) {
    let mut cases = Vec::new();
    for problem in problems(document, lang) {
        let text = escape(&problem.text);
        cases.push(Case {
            name: format!("notice/{}", problem.code),
            line: None,
            outcome: match problem.code {
                "error" => Outcome::Error(text),
                _ if problem.unchecked => Outcome::Skipped(text),
                _ => Outcome::Passed(text),
            },
        });
    }
    cases.extend(document.diagnostics.iter().map(|d| case(document, d, lang)));
    if cases.is_empty() {
        cases.push(Case {
            name: "zhengming".to_owned(),
            line: None,
            outcome: Outcome::Passed(String::new()),
        });
    }
    let mut counts = Counts::default();
    cases.iter().for_each(|c| counts.count(c));
    (cases, counts)
}

fn case(document: &DocumentReport, d: &Diagnostic, lang: Lang) -> Case {
    let place = where_in_file(d, lang);
    let message = escape(&sentence(d, lang));
    let failed = d.suppressed.is_none() && document.fail_on.fails(d.severity);
    let outcome = if failed {
        let colon = lang.pick("：", ": ");
        let mut lines = vec![format!(
            "{}{colon}{place}{colon}{}",
            severity_name(d.severity, lang),
            sentence(d, lang)
        )];
        lines.extend(d.reason.clone());
        lines.extend(d.source.clone());
        lines.extend(remarks(d, lang));
        let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
        Outcome::Failure {
            kind: d.severity.name(),
            message,
            text: lines.join("\n"),
        }
    } else {
        let colon = lang.pick("：", ": ");
        Outcome::Passed(format!(
            "{}{colon}{message}",
            severity_name(d.severity, lang)
        ))
    };
    Case {
        name: escape(&format!("{} {place}", d.rule)),
        line: Some(range(d).0.line),
        outcome,
    }
}

impl Case {
    fn write(&self, suite: &str, out: &mut dyn io::Write) -> io::Result<()> {
        let line = self
            .line
            .map(|n| format!(r#" line="{n}""#))
            .unwrap_or_default();
        let name = &self.name;
        write!(
            out,
            r#"    <testcase name="{name}" classname="{suite}" file="{suite}"{line} time="0""#
        )?;
        match &self.outcome {
            Outcome::Passed(text) if text.is_empty() => return writeln!(out, "/>"),
            Outcome::Passed(text) => write!(out, "><system-out>{text}</system-out>")?,
            Outcome::Failure {
                kind,
                message,
                text,
            } => {
                write!(
                    out,
                    r#"><failure message="{message}" type="{kind}">{text}</failure>"#
                )?;
            }
            Outcome::Error(text) => write!(out, r#"><error message="{text}" type="input"/>"#)?,
            Outcome::Skipped(text) => write!(out, r#"><skipped message="{text}"/>"#)?,
        }
        writeln!(out, "</testcase>")
    }
}
