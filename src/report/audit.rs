//! An audit as a table for a person, and as one JSON object, schema `zhengming.audit/1`.

use std::io;

use serde_json::json;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{LexiconId, place, severity_name, visible};
use crate::audit::{AlarmLine, Audit, RuleAudit};
use crate::diagnostic::Severity;
use crate::error::Lang;

/// Columns of context on either side of the form in a table.
const COLUMNS: usize = 32;

/// Writes an audit as a table: a line for each of the `top` rules with most alarms, and the alarms kept for it.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_audit_table(
    audit: &Audit,
    top: usize,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let head = match lang {
        Lang::Zh => ["规则", "级别", "报出", "每百万字", "降级"],
        Lang::En => ["rule", "severity", "alarms", "per million", "demoted"],
    };
    let rules = audit.rules();
    let shown = &rules[..rules.len().min(top)];
    let rows: Vec<[String; 5]> = std::iter::once(head.map(str::to_owned))
        .chain(shown.iter().map(|(id, rule)| row(id, rule, audit, lang)))
        .collect();
    let widths = [0, 1, 2, 3, 4].map(|n| rows.iter().map(|r| r[n].width()).max().unwrap_or(0));
    let write_row = |row: &[String; 5], out: &mut dyn io::Write| {
        for (n, (cell, width)) in row.iter().zip(widths).enumerate() {
            let pad = " ".repeat(width - cell.width());
            // Words stand to the left of their column, numbers to the right.
            match n {
                0 => write!(out, "{cell}{pad}")?,
                1 => write!(out, "  {cell}{pad}")?,
                _ => write!(out, "  {pad}{cell}")?,
            }
        }
        writeln!(out)
    };
    write_row(&rows[0], out)?;
    for (row, (_, rule)) in rows[1..].iter().zip(shown) {
        write_row(row, out)?;
        for line in &rule.lines {
            writeln!(out, "  {}", kwic(line, lang))?;
        }
    }
    if let more @ 1.. = rules.len() - shown.len() {
        match lang {
            Lang::Zh => writeln!(out, "另有 {more} 条规则，用 --top 多列一些")?,
            Lang::En => writeln!(out, "{more} more rules: see --top")?,
        }
    }
    writeln!(out, "{}", total(audit, lang))
}

fn row(id: &str, rule: &RuleAudit, audit: &Audit, lang: Lang) -> [String; 5] {
    [
        visible(id).into_owned(),
        severity_name(rule.severity, lang).to_owned(),
        rule.alarms.to_string(),
        format!("{:.2}", audit.per_million(rule.alarms)),
        rule.demoted.to_string(),
    ]
}

fn total(audit: &Audit, lang: Lang) -> String {
    let by_severity = Severity::ALL.into_iter().rev().map(|severity| {
        let alarms = audit.alarms(severity);
        let rate = audit.per_million(alarms);
        format!("{} {alarms} ({rate:.2})", severity_name(severity, lang))
    });
    let (documents, characters) = (audit.documents(), audit.characters());
    let demoted = audit.demoted();
    match lang {
        Lang::Zh => format!(
            "{documents} 份文件，{characters} 字；报出（括号内为每百万字）：{}；降级 {demoted}",
            by_severity.collect::<Vec<_>>().join("，")
        ),
        Lang::En => format!(
            "{documents} documents, {characters} characters; alarms (per million): {}; demoted {demoted}",
            by_severity.collect::<Vec<_>>().join(", ")
        ),
    }
}

/// The form in brackets, all of them in one column, with its context on one line.
fn kwic(line: &AlarmLine, lang: Lang) -> String {
    let excerpt = &line.excerpt;
    let (before, after) = (visible(&excerpt.before), visible(&excerpt.after));
    let mut left = String::new();
    let mut width = 0;
    for c in before.chars().rev() {
        width += c.width().unwrap_or(0);
        if width > COLUMNS {
            break;
        }
        left.insert(0, c);
    }
    let mut right = String::new();
    let mut width = 0;
    for c in after.chars() {
        width += c.width().unwrap_or(0);
        if width > COLUMNS {
            break;
        }
        right.push(c);
    }
    format!(
        "{}{left}【{}】{right}  {} {}",
        " ".repeat(COLUMNS - left.width()),
        visible(&excerpt.form),
        visible(&line.path),
        place(&line.place, Some(line.start), lang),
    )
}

/// Writes an audit as JSON: the `top` rules with most alarms, and what could not be read as pairs of path and reason.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_audit_json(
    audit: &Audit,
    top: usize,
    lexicon: &LexiconId,
    unread: &[(String, String)],
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let line = |l: &AlarmLine| {
        json!({
            "path": l.path,
            "place": place(&l.place, Some(l.start), lang),
            "line": l.start.line,
            "column": l.start.column,
            "before": l.excerpt.before,
            "form": l.excerpt.form,
            "after": l.excerpt.after,
        })
    };
    let rules = audit.rules();
    let rows = rules.iter().take(top).map(|(id, rule)| {
        json!({
            "rule": id,
            "category": rule.category,
            "severity": rule.severity.name(),
            "alarms": rule.alarms,
            "per_million": audit.per_million(rule.alarms),
            "demoted": rule.demoted,
            "lines": rule.lines.iter().map(line).collect::<Vec<_>>(),
        })
    });
    let severity = |severity| {
        let alarms = audit.alarms(severity);
        json!({"alarms": alarms, "per_million": audit.per_million(alarms)})
    };
    let root = json!({
        "schema": "zhengming.audit/1",
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "lexicon": {"digest": lexicon.digest, "entries": lexicon.entries},
        "documents": audit.documents(),
        "characters": audit.characters(),
        "unread": unread.iter().map(|(path, why)| json!({"path": path, "reason": why})).collect::<Vec<_>>(),
        "summary": {
            "rules": rules.len(),
            "error": severity(Severity::Error),
            "warning": severity(Severity::Warning),
            "info": severity(Severity::Info),
            "demoted": audit.demoted(),
        },
        "rules": rows.collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &root)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Layer;
    use crate::{Config, Document, Lexicon, Linter, ReadOptions};

    fn audit() -> Audit {
        let text = "category = 't'\n[pairs]\n'按装' = '安装'\n'末来' = '未来'\n";
        let layer = Layer {
            files: vec![("t.toml".to_owned(), text.to_owned())],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        let linter = Linter::new(&lexicon, &Config::default()).unwrap();
        let mut audit = Audit::new(1);
        for (path, text) in [
            (
                "甲.txt",
                "市政府决定在全市范围内为老旧小区统一按装路灯，确保群众出行安全。",
            ),
            ("乙.txt", "按装。面向末来。"),
        ] {
            let bytes = text.as_bytes().to_vec();
            let document = Document::parse(path, bytes, &ReadOptions::default()).unwrap();
            audit.add(path, &document, &linter.lint(&document));
        }
        audit
    }

    fn table(top: usize, lang: Lang) -> String {
        let mut out = Vec::new();
        write_audit_table(&audit(), top, lang, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_with_the_forms_in_one_column() {
        let want = "\
规则    级别  报出  每百万字  降级
t/安装  警告     2  50000.00     0
                                  【按装】。面向末来。  乙.txt 第1行第1列
t/未来  警告     1  25000.00     0
                        按装。面向【末来】。  乙.txt 第1行第6列
2 份文件，40 字；报出（括号内为每百万字）：错误 0 (0.00)，警告 3 (75000.00)，提示 0 (0.00)；降级 0
";
        assert_eq!(table(9, Lang::Zh), want);
        let english = table(1, Lang::En);
        assert!(english.contains("\n1 more rules: see --top\n"), "{english}");
    }

    #[test]
    fn the_json_names_its_schema() {
        let mut out = Vec::new();
        let unread = [("丙.doc".to_owned(), "未检查".to_owned())];
        let id = LexiconId::default();
        write_audit_json(&audit(), 1, &id, &unread, Lang::Zh, &mut out).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["schema"], "zhengming.audit/1");
        assert_eq!(value["summary"]["rules"], 2);
        assert_eq!(value["summary"]["warning"]["alarms"], 3);
        assert_eq!(value["unread"][0]["path"], "丙.doc");
        assert_eq!(value["rules"].as_array().unwrap().len(), 1);
        assert_eq!(value["rules"][0]["per_million"], 50000.0);
        assert_eq!(value["rules"][0]["lines"][0]["form"], "按装");
    }
}
