//! Workflow commands of GitHub Actions, which become annotations, and the summary of a step.

use std::io;

use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Lang;
use crate::report::markup::escape_markdown;
use crate::report::words::{
    category_name, loudness, problems, range, ranked, remarks, sentence, suggestions, totals,
    where_in_file,
};
use crate::report::{DocumentReport, Report, severity_name, visible};

/// How many annotations of a kind GitHub shows for a step.
const SHOWN: usize = 10;

/// How much of a table is written: GitHub refuses the summary of a step that is larger than 1 MiB.
const SUMMARY_BYTES: usize = 900_000;

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    let mut commands = Vec::new();
    for document in &report.documents {
        for problem in problems(document, lang) {
            let title = lang.pick("正名", "zhengming");
            let command = command(&document.path, "", title, &problem.text);
            commands.push((problem.severity, command));
        }
    }
    for item in ranked(report) {
        let d = item.diagnostic;
        let title = visible(&d.rule);
        let command = command(&item.document.path, &lines(d), &title, &sentence(d, lang));
        commands.push((loudness(d), command));
    }
    commands.sort_by_key(|c| std::cmp::Reverse(c.0));
    for severity in Severity::ALL.into_iter().rev() {
        if severity == Severity::Info
            && let Some(text) = hidden(&commands, lang)
        {
            writeln!(out, "::notice::{}", data(&text))?;
        }
        for (_, command) in commands.iter().filter(|c| c.0 == severity) {
            writeln!(out, "::{} {command}", kind(severity))?;
        }
    }
    Ok(())
}

/// How much of it GitHub does not show.
fn hidden(commands: &[(Severity, String)], lang: Lang) -> Option<String> {
    let hidden = Severity::ALL.into_iter().map(|severity| {
        let of_kind = commands.iter().filter(|c| c.0 == severity).count();
        of_kind.saturating_sub(SHOWN)
    });
    let hidden: usize = hidden.sum();
    (hidden > 0).then(|| match lang {
        Lang::Zh => format!(
            "GitHub 每一步每种标注只显示 {SHOWN} 条，有 {hidden} 条未显示为标注，请看日志和摘要"
        ),
        Lang::En => format!(
            "GitHub shows {SHOWN} annotations of each kind for a step: {hidden} more stand in the log and the summary"
        ),
    })
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// A command without its name.
fn command(path: &str, lines: &str, title: &str, message: &str) -> String {
    let path = property(&visible(path.trim_start_matches("./")));
    format!(
        "file={path}{lines},title={}::{}",
        property(title),
        data(message)
    )
}

/// GitHub takes columns only inside one line.
fn lines(d: &Diagnostic) -> String {
    let (start, end) = range(d);
    let (first, last) = (start.line, end.line);
    if first == last {
        format!(
            ",line={first},endLine={last},col={},endColumn={}",
            start.column, end.column
        )
    } else {
        format!(",line={first},endLine={last}")
    }
}

/// Text behind the `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Text of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The table for the summary of a step, in Markdown; the most severe first.
pub(super) fn write_summary(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    let text = summary(report, SUMMARY_BYTES);
    writeln!(
        out,
        "### {}\n",
        lang.pick("正名检查结果", "What zhengming found")
    )?;
    writeln!(out, "{}\n", totals(&report.summary, lang))?;
    out.write_all(text.as_bytes())
}

fn summary(report: &Report, limit: usize) -> String {
    let lang = report.lang;
    let mut text = String::new();
    let mut cut = 0;
    for document in &report.documents {
        for problem in problems(document, lang) {
            let line = format!(
                "- {} {}{}{}\n",
                severity_name(problem.severity, lang),
                escape_markdown(&document.path),
                lang.pick("：", ": "),
                escape_markdown(&problem.text)
            );
            if text.len() + line.len() > limit {
                cut += 1;
            } else {
                text.push_str(&line);
            }
        }
    }
    let items = ranked(report);
    if !items.is_empty() {
        text.push_str(lang.pick(
            "\n| 级别 | 文件 | 位置 | 错误表述 | 建议修改 | 类别 | 备注 |\n",
            "\n| Severity | File | Place | Wrong wording | Suggestion | Category | Remarks |\n",
        ));
        text.push_str("|---|---|---|---|---|---|---|\n");
    }
    for item in &items {
        let row = row(item.document, item.diagnostic, lang);
        if cut > 0 || text.len() + row.len() > limit {
            cut += 1;
        } else {
            text.push_str(&row);
        }
    }
    if cut > 0 {
        text.push_str(&match lang {
            Lang::Zh => format!("\n另有 {cut} 条未列入：摘要不能超过 1 MiB\n"),
            Lang::En => format!("\n{cut} more are left out: a summary takes no more than 1 MiB\n"),
        });
    }
    text
}

fn row(document: &DocumentReport, d: &Diagnostic, lang: Lang) -> String {
    let cells = [
        severity_name(d.severity, lang).to_owned(),
        document.path.clone(),
        where_in_file(d, lang),
        d.found.clone(),
        suggestions(d, lang),
        category_name(&d.category, lang).to_owned(),
        remarks(d, lang).join(lang.pick("；", "; ")),
    ];
    let cells: Vec<_> = cells.iter().map(|c| escape_markdown(c)).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;
    use crate::report::{OutputFormat, write as write_report};

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        for (text, as_data, as_property) in [
            ("50%", "50%25", "50%25"),
            ("%0A", "%250A", "%250A"),
            ("a\r\nb", "a%0D%0Ab", "a%0D%0Ab"),
            ("a:b,c", "a:b,c", "a%3Ab%2Cc"),
            ("a::b", "a::b", "a%3A%3Ab"),
            ("\n::error::x", "%0A::error::x", "%0A%3A%3Aerror%3A%3Ax"),
            ("一带一路", "一带一路", "一带一路"),
        ] {
            assert_eq!(data(text), as_data);
            assert_eq!(property(text), as_property);
        }
    }

    #[test]
    fn the_most_severe_come_first_and_what_is_not_shown_is_said() {
        let mut report = sample();
        let mistake = report.documents[0].diagnostics[0].clone();
        let hint = Diagnostic {
            severity: Severity::Info,
            ..mistake.clone()
        };
        let list = &mut report.documents[0].diagnostics;
        *list = vec![hint; 12];
        list.push(mistake);
        let mut out = Vec::new();
        write_report(OutputFormat::Github, &report, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let kinds: Vec<_> = text
            .lines()
            .map(|l| l.split([' ', ':']).nth(2).unwrap())
            .collect();
        let mut want = vec!["error", "warning", "warning"];
        want.extend(["notice"; 13]);
        assert_eq!(kinds, want);
        assert!(
            text.lines().nth(3).unwrap().contains("有 2 条未显示为标注"),
            "{text}"
        );
        assert_eq!(
            text.lines().next().unwrap(),
            "::error file=通知.docx,line=3,endLine=3,col=1,endColumn=6,title=leaders/习近平总书记::“习总书记”应为“习近平总书记”（正文第3段）"
        );
    }

    #[test]
    fn a_summary_that_would_be_too_long_says_what_it_leaves_out() {
        let report = sample();
        let whole = summary(&report, usize::MAX);
        assert!(
            whole.contains("| 错误 | 通知.docx | 正文第3段 | 习总书记 | 习近平总书记 |"),
            "{whole}"
        );
        let cut = summary(&report, 300);
        assert!(
            cut.ends_with("另有 1 条未列入：摘要不能超过 1 MiB\n"),
            "{cut}"
        );
    }
}
