//! One line for each diagnostic, as compilers write them: `path:line:column: severity: [rule] message`.

use std::io;

use crate::report::words::{loudness, problems, range, sentence};
use crate::report::{Report, visible};

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    for document in &report.documents {
        let path = visible(&document.path);
        for problem in problems(document, lang) {
            let (severity, code) = (problem.severity.name(), problem.code);
            writeln!(
                out,
                "{path}:1:1: {severity}: [notice/{code}] {}",
                problem.text
            )?;
        }
        for d in &document.diagnostics {
            let (start, _) = range(d);
            writeln!(
                out,
                "{path}:{}:{}: {}: [{}] {}",
                start.line,
                start.column,
                loudness(d).name(),
                visible(&d.rule),
                sentence(d, lang),
            )?;
        }
    }
    Ok(())
}
