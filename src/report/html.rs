//! One page for a person: each mistake in its surroundings, by document, with filters; readable on paper.
//!
//! The page loads nothing. Everything from drafts is escaped, and the page's policy runs no script but its own.

use std::collections::BTreeMap;
use std::io;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Lang;
use crate::redact::shown_path;
use crate::report::markup::escape;
use crate::report::words::{
    category_name, disguises, is_wording, items, problems, remarks, suggestions, surroundings,
    totals, where_in_file,
};
use crate::report::{DocumentReport, Report, severity_name};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// What stands in for the severity of a diagnostic that somebody decided to let stand.
const SUPPRESSED: &str = "suppressed";

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    let title = lang.pick("正名检查报告", "zhengming report");
    write_head(title, Some(SCRIPT), lang, out)?;
    writeln!(out, "<header>\n<h1>{title}</h1>")?;
    writeln!(out, "<p>{}</p>", escape(&totals(&report.summary, lang)))?;
    writeln!(
        out,
        "<p class=\"soft\">{}</p>\n</header>",
        escape(&lexicon(report))
    )?;
    write_filters(report, out)?;
    writeln!(out, "<main>")?;
    let mut number = 0;
    for document in report.documents.iter().filter(|d| !d.is_clean()) {
        write_document(report, document, &mut number, out)?;
    }
    if report.documents.iter().all(DocumentReport::is_clean) {
        let nothing = lang.pick("没有发现问题。", "Nothing wrong was found.");
        writeln!(out, "<p>{nothing}</p>")?;
    }
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// The page up to its body.
pub(super) fn write_head(
    title: &str,
    script: Option<&str>,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let scripts = match script {
        Some(script) => format!("'sha256-{}'", base64(&Sha256::digest(script))),
        None => "'none'".to_owned(),
    };
    writeln!(
        out,
        r#"<!DOCTYPE html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src {scripts}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="zhengming {}">
<title>{title}</title>
<style>
{STYLE}</style>
</head>
<body>"#,
        lang.pick("zh-CN", "en"),
        env!("CARGO_PKG_VERSION"),
    )
}

fn lexicon(report: &Report) -> String {
    let digest: String = report.lexicon.digest.chars().take(19).collect();
    let (entries, version) = (report.lexicon.entries, env!("CARGO_PKG_VERSION"));
    match report.lang {
        Lang::Zh => format!("zhengming {version}，词库 {digest}（{entries} 条）"),
        Lang::En => format!("zhengming {version}, lexicon {digest} ({entries} entries)"),
    }
}

/// Hidden until the script that serves them runs.
fn write_filters(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    let mut severities: BTreeMap<&str, usize> = BTreeMap::new();
    let mut categories: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items(report) {
        *severities.entry(state(item.diagnostic)).or_default() += 1;
        *categories.entry(&item.diagnostic.category).or_default() += 1;
    }
    writeln!(out, "<form id=\"filters\" hidden>")?;
    writeln!(
        out,
        "<fieldset><legend>{}</legend>",
        lang.pick("级别", "Severity")
    )?;
    for name in ["error", "warning", "info", SUPPRESSED] {
        if let Some(&count) = severities.get(name) {
            write_choice("severity", name, state_name(name, lang), count, out)?;
        }
    }
    writeln!(out, "</fieldset>")?;
    writeln!(
        out,
        "<fieldset><legend>{}</legend>",
        lang.pick("类别", "Category")
    )?;
    for (category, count) in categories {
        write_choice(
            "category",
            category,
            category_name(category, lang),
            count,
            out,
        )?;
    }
    writeln!(out, "</fieldset>")?;
    writeln!(
        out,
        "<fieldset><legend>{}</legend><input type=\"search\" name=\"words\" aria-label=\"{}\"> <output id=\"shown\"></output></fieldset>",
        lang.pick("查找", "Find"),
        lang.pick("查找文字或文件名", "text or file name"),
    )?;
    writeln!(out, "</form>")
}

fn write_choice(
    name: &str,
    value: &str,
    label: &str,
    count: usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (value, label) = (escape(value), escape(label));
    writeln!(
        out,
        "<label><input type=\"checkbox\" name=\"{name}\" value=\"{value}\" checked> {label} {count}</label>"
    )
}

/// Its severity, or that it was let stand.
fn state(d: &Diagnostic) -> &'static str {
    match d.suppressed {
        Some(_) => SUPPRESSED,
        None => d.severity.name(),
    }
}

fn state_name(state: &str, lang: Lang) -> &'static str {
    match Severity::from_name(state) {
        Some(severity) => severity_name(severity, lang),
        None => lang.pick("已标明不改", "suppressed"),
    }
}

fn write_document(
    report: &Report,
    document: &DocumentReport,
    number: &mut usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let lang = report.lang;
    let path = escape(&shown_path(&document.path));
    writeln!(out, "<section>\n<h2>{path}</h2>")?;
    let about = about(report, document);
    if !about.is_empty() {
        writeln!(out, "<p class=\"soft\">{}</p>", escape(&about))?;
    }
    let mut lines: Vec<(&str, String)> = problems(document, lang)
        .into_iter()
        .map(|p| (p.severity.name(), p.text))
        .collect();
    if let Some(repair) = document.repair.as_ref().filter(|r| r.written) {
        let fixed = repair.applied.len();
        let text = match lang {
            Lang::Zh => format!("已改正 {fixed} 处"),
            Lang::En => format!("fixed: {fixed}"),
        };
        lines.push(("info", text));
    }
    if !lines.is_empty() {
        writeln!(out, "<ul>")?;
        for (class, text) in lines {
            writeln!(out, "<li class=\"problem {class}\">{}</li>", escape(&text))?;
        }
        writeln!(out, "</ul>")?;
    }
    if !document.diagnostics.is_empty() {
        writeln!(out, "<ol>")?;
        for d in &document.diagnostics {
            *number += 1;
            write_diagnostic(&path, d, *number, lang, out)?;
        }
        writeln!(out, "</ol>")?;
    }
    writeln!(out, "</section>")
}

/// Who answers for the document, what it is, and how much was found.
fn about(report: &Report, document: &DocumentReport) -> String {
    let lang = report.lang;
    let unit = document.unit.and_then(|n| report.units.get(n));
    let parts = [
        unit.map(|u| u.name.clone()),
        unit.and_then(|u| u.column.clone()),
        document.kind.map(|k| k.name().to_owned()),
        document.encoding.map(str::to_owned),
    ];
    let parts = parts.into_iter().flatten();
    let counts = ["error", "warning", "info", SUPPRESSED].map(|name| {
        let diagnostics = document.diagnostics.iter();
        (name, diagnostics.filter(|d| state(d) == name).count())
    });
    let counts = counts.into_iter().filter(|c| c.1 > 0);
    let counts = counts.map(|(name, n)| format!("{} {n}", state_name(name, lang)));
    let all: Vec<_> = parts.chain(counts).collect();
    all.join(lang.pick("，", ", "))
}

fn write_diagnostic(
    path: &str,
    d: &Diagnostic,
    number: usize,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let state = state(d);
    let category = escape(&d.category);
    writeln!(
        out,
        "<li class=\"item {state}\" data-severity=\"{state}\" data-category=\"{category}\" data-path=\"{path}\">"
    )?;
    writeln!(
        out,
        "<p class=\"head\"><span class=\"number\">{number}</span><span class=\"badge\">{}</span><span>{}</span><span class=\"category\">{}</span></p>",
        state_name(state, lang),
        escape(&where_in_file(d, lang)),
        escape(category_name(&d.category, lang)),
    )?;
    let (before, after) = surroundings(&d.excerpt);
    let mut right = String::new();
    // A mask is suggested for what is shown masked already.
    if d.suggestions.iter().any(|s| *s != d.excerpt.form) {
        right = format!("<ins>{}</ins>", escape(&suggestions(d, lang)));
    }
    writeln!(
        out,
        "<p class=\"excerpt\">{}<mark>{}</mark>{right}{}</p>",
        escape(&before),
        escape(&d.excerpt.form),
        escape(&after),
    )?;
    writeln!(out, "<dl>")?;
    let hidden = disguises(d, lang);
    let details = [
        (
            lang.pick("问题", "What"),
            Some(d.message.render(lang)).filter(|_| !is_wording(d)),
        ),
        (lang.pick("理由", "Why"), d.reason.clone()),
        (lang.pick("依据", "Source"), d.source.clone()),
        (
            lang.pick("伪装", "Hidden by"),
            Some(hidden).filter(|h| !h.is_empty()),
        ),
    ];
    let notes = remarks(d, lang).into_iter().map(Some);
    let notes = notes.map(|note| (lang.pick("备注", "Remarks"), note));
    for (label, text) in details.into_iter().chain(notes) {
        if let Some(text) = text {
            writeln!(out, "<dt>{label}</dt><dd>{}</dd>", escape(&text))?;
        }
    }
    writeln!(out, "</dl>\n</li>")
}

/// Base64, which a policy names the hash of a script in.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            let digit = (group >> (18 - 6 * n)) & 63;
            text.push(if n <= chunk.len() {
                char::from(DIGITS[digit as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_rfc_4648() {
        for (text, want) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("\u{7ff}\u{7ff}", "37/fvw=="),
        ] {
            assert_eq!(base64(text.as_bytes()), want);
        }
    }

    #[test]
    fn the_script_holds_nothing_that_ends_it() {
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }
}
