//! XML as Checkstyle writes it, which Jenkins, reviewdog and editors read.

use std::io;

use crate::report::Report;
use crate::report::markup::escape;
use crate::report::words::{loudness, problems, range, sentence};

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<checkstyle version="8.0">"#)?;
    for document in &report.documents {
        writeln!(out, r#"  <file name="{}">"#, escape(&document.path))?;
        for problem in problems(document, lang) {
            writeln!(
                out,
                r#"    <error severity="{}" message="{}" source="zhengming.notice.{}"/>"#,
                problem.severity.name(),
                escape(&problem.text),
                problem.code,
            )?;
        }
        for d in &document.diagnostics {
            let (start, _) = range(d);
            writeln!(
                out,
                r#"    <error line="{}" column="{}" severity="{}" message="{}" source="zhengming.{}"/>"#,
                start.line,
                start.column,
                loudness(d).name(),
                escape(&sentence(d, lang)),
                escape(&d.rule),
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
