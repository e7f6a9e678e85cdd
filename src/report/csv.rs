//! A table for spreadsheets, with the columns of an inspection list.
//!
//! Excel reads the file by a double click: UTF-8 with a byte order mark, CRLF, RFC 4180. What stands in a draft or a file
//! name is never a formula.

use std::borrow::Cow;
use std::io;

use crate::report::words::{
    category_name, problems, remarks, suggestions, surroundings, where_in_file,
};
use crate::report::{DocumentReport, Report, Unit, severity_name, visible};
use crate::{Diagnostic, Lang};

const HEADERS: [(&str, &str); 11] = [
    ("序号", "No."),
    ("单位", "Unit"),
    ("文件", "File"),
    ("位置", "Place"),
    ("错误表述", "Wrong wording"),
    ("建议修改", "Suggestion"),
    ("类别", "Category"),
    ("依据", "Source"),
    ("上下文", "Context"),
    ("级别", "Severity"),
    ("备注", "Remarks"),
];

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    out.write_all("\u{FEFF}".as_bytes())?;
    write_row(&HEADERS.map(|(zh, en)| lang.pick(zh, en).to_owned()), out)?;
    let mut number = 0;
    for document in &report.documents {
        let unit = unit(report, document);
        for row in rows(document, lang) {
            number += 1;
            let [
                place,
                found,
                suggestion,
                category,
                source,
                context,
                severity,
                remarks,
            ] = row;
            let row = [
                number.to_string(),
                unit.clone(),
                document.path.clone(),
                place,
                found,
                suggestion,
                category,
                source,
                context,
                severity,
                remarks,
            ];
            write_row(&row, out)?;
        }
    }
    Ok(())
}

fn unit(report: &Report, document: &DocumentReport) -> String {
    let unit = document.unit.and_then(|n| report.units.get(n));
    unit.map(|u: &Unit| u.name.clone()).unwrap_or_default()
}

/// What the columns from the place on say about a document: first what was not checked, then the mistakes.
fn rows(document: &DocumentReport, lang: Lang) -> Vec<[String; 8]> {
    let problems = problems(document, lang).into_iter().map(|problem| {
        let mut row = [const { String::new() }; 8];
        if problem.unchecked {
            row[3] = lang.pick("未检查", "not checked").to_owned();
        }
        row[6] = severity_name(problem.severity, lang).to_owned();
        row[7] = problem.text;
        row
    });
    let diagnostics = document.diagnostics.iter().map(|d| diagnostic_row(d, lang));
    problems.chain(diagnostics).collect()
}

fn diagnostic_row(d: &Diagnostic, lang: Lang) -> [String; 8] {
    let (before, after) = surroundings(&d.excerpt);
    [
        where_in_file(d, lang),
        d.found.clone(),
        suggestions(d, lang),
        category_name(&d.category, lang).to_owned(),
        d.source.clone().unwrap_or_default(),
        format!("{before}【{}】{after}", visible(&d.excerpt.form)),
        severity_name(d.severity, lang).to_owned(),
        remarks(d, lang).join(lang.pick("；", "; ")),
    ]
}

fn write_row(cells: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    for (nth, text) in cells.iter().enumerate() {
        if nth > 0 {
            out.write_all(b",")?;
        }
        out.write_all(cell(text).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// A cell that shows the text and is no formula; the full-width signs start one in Chinese editions.
fn cell(text: &str) -> Cow<'_, str> {
    let starts_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let mut shown = visible(text);
    if starts_formula {
        shown = format!("'{shown}").into();
    }
    if shown.contains([',', '"', '\r', '\n']) || shown.starts_with(' ') || shown.ends_with(' ') {
        shown = format!("\"{}\"", shown.replace('"', "\"\"")).into();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, want) in [
            ("一带一路", "一带一路"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\u{d}=1"),
            ("\n=1", "'⏎=1"),
            ("＝1", "'＝1"),
            (
                "=HYPERLINK(\"http://x\",\"y\")",
                "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"",
            ),
            ("甲,乙", "\"甲,乙\""),
            ("“甲”\"乙\"", "\"“甲”\"\"乙\"\"\""),
            ("甲\r\n乙", "甲⏎乙"),
            (" 甲", "\" 甲\""),
            ("a-b=c", "a-b=c"),
        ] {
            assert_eq!(cell(text), want, "{text:?}");
        }
    }
}
