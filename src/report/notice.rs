//! An inspection notice (检查通报): the mistakes by the unit and the column that answer for them, a sentence each.
//!
//! Errors and warnings are listed. Hints are counted, for they need a person to judge them; what somebody
//! decided to let stand is listed apart with its reason, and so is what was not checked.

use std::collections::BTreeMap;
use std::io;

use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Lang;
use crate::redact::shown_path;
use crate::report::html::write_head;
use crate::report::markup::{escape, escape_markdown};
use crate::report::words::{
    category_name, is_wording, items, problems, suppression, totals, where_in_file,
};
use crate::report::{DocumentReport, Report};

/// Markdown.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let page = Page::of(report);
    writeln!(out, "# {}\n\n{}", page.title, escape_markdown(&page.totals))?;
    if let Some((head, rows)) = page.table.split_first() {
        writeln!(out, "\n| {} |", head.join(" | "))?;
        writeln!(out, "|---|---|---:|---:|---:|")?;
        for row in rows {
            let cells: Vec<_> = row.iter().map(|c| escape_markdown(c)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    for section in &page.sections {
        writeln!(out, "\n## {}", escape_markdown(&section.title))?;
        for (title, lines) in &section.lists {
            if !title.is_empty() {
                writeln!(out, "\n### {}", escape_markdown(title))?;
            }
            writeln!(out)?;
            for (nth, line) in lines.iter().enumerate() {
                writeln!(out, "{}. {}", nth + 1, escape_markdown(line))?;
            }
        }
    }
    if let Some(remark) = &page.remark {
        writeln!(out, "\n{}", escape_markdown(remark))?;
    }
    Ok(())
}

/// A page without any script.
pub(super) fn write_html(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let page = Page::of(report);
    write_head(page.title, None, report.lang, out)?;
    writeln!(
        out,
        "<h1>{}</h1>\n<p>{}</p>",
        page.title,
        escape(&page.totals)
    )?;
    if let Some((head, rows)) = page.table.split_first() {
        let head: String = head.iter().map(|c| format!("<th>{c}</th>")).collect();
        writeln!(out, "<table>\n<thead><tr>{head}</tr></thead>\n<tbody>")?;
        for row in rows {
            let [unit, column, counts @ ..] = row;
            write!(
                out,
                "<tr><td>{}</td><td>{}</td>",
                escape(unit),
                escape(column)
            )?;
            for count in counts {
                write!(out, "<td class=\"count\">{count}</td>")?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody>\n</table>")?;
    }
    for section in &page.sections {
        writeln!(out, "<section>\n<h2>{}</h2>", escape(&section.title))?;
        for (title, lines) in &section.lists {
            if !title.is_empty() {
                writeln!(out, "<h3>{}</h3>", escape(title))?;
            }
            writeln!(out, "<ol class=\"mistakes\">")?;
            for line in lines {
                writeln!(out, "<li>{}</li>", escape(line))?;
            }
            writeln!(out, "</ol>")?;
        }
        writeln!(out, "</section>")?;
    }
    if let Some(remark) = &page.remark {
        writeln!(out, "<p class=\"soft\">{}</p>", escape(remark))?;
    }
    writeln!(out, "</body>\n</html>")
}

/// A notice as plain text, before it is written in either markup.
struct Page {
    title: &'static str,
    totals: String,
    /// Unit, column, documents, errors, warnings; the heads first. Empty where no units are configured.
    table: Vec<[String; 5]>,
    sections: Vec<Section>,
    remark: Option<String>,
}

struct Section {
    title: String,
    /// A heading, which may be empty, and the lines below it.
    lists: Vec<(String, Vec<String>)>,
}

/// What a unit answers for; the last one of a notice is for documents that no unit is configured for.
struct Group<'r> {
    name: &'r str,
    columns: Vec<Column<'r>>,
}

struct Column<'r> {
    name: Option<&'r str>,
    documents: usize,
    mistakes: Vec<(&'r DocumentReport, &'r Diagnostic)>,
}

impl Column<'_> {
    fn count(&self, severity: Severity) -> usize {
        let mistakes = self.mistakes.iter();
        mistakes.filter(|(_, d)| d.severity == severity).count()
    }
}

impl Page {
    fn of(report: &Report) -> Self {
        let lang = report.lang;
        let groups = groups(report);
        let mut sections = Vec::new();
        for group in &groups {
            let lists = lists(group, lang);
            if !lists.is_empty() {
                let count = group.columns.iter().map(|c| c.mistakes.len()).sum();
                let title = counted(group.name, count, lang);
                let title = format!("{}{title}", ordinal(sections.len() + 1, lang));
                sections.push(Section { title, lists });
            }
        }
        for (title, lines) in [
            (lang.pick("依据", "Sources"), sources(&groups, lang)),
            (
                lang.pick("未检查的内容和注意事项", "Not checked, and notices"),
                noticed(report),
            ),
            (
                lang.pick("已标明不改的内容", "Suppressed"),
                suppressed(report),
            ),
        ] {
            if !lines.is_empty() {
                let title = format!("{}{title}", ordinal(sections.len() + 1, lang));
                let lists = vec![(String::new(), lines)];
                sections.push(Section { title, lists });
            }
        }
        Self {
            title: lang.pick("表述检查情况通报", "Inspection notice"),
            totals: totals(&report.summary, lang),
            table: table(report, &groups),
            sections,
            remark: remark(report),
        }
    }
}

/// The units in their order, those of one name together, then what no unit answers for.
fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    // Where each unit of the report went.
    let mut places = Vec::new();
    for unit in &report.units {
        let group = groups.iter().position(|g| g.name == unit.name);
        let group = group.unwrap_or_else(|| {
            groups.push(Group {
                name: &unit.name,
                columns: Vec::new(),
            });
            groups.len() - 1
        });
        let columns = &mut groups[group].columns;
        let name = unit.column.as_deref();
        let column = columns.iter().position(|c| c.name == name);
        let column = column.unwrap_or_else(|| {
            columns.push(Column {
                name,
                documents: 0,
                mistakes: Vec::new(),
            });
            columns.len() - 1
        });
        columns[column].documents += unit.documents;
        places.push((group, column));
    }
    let of_units: usize = report.units.iter().map(|u| u.documents).sum();
    let mut rest = Column {
        name: None,
        documents: report.summary.documents.saturating_sub(of_units),
        mistakes: Vec::new(),
    };
    for item in items(report).filter(|i| i.diagnostic.counts(Severity::Warning)) {
        let place = item.document.unit.and_then(|n| places.get(n));
        let column = match place {
            Some(&(group, column)) => &mut groups[group].columns[column],
            None => &mut rest,
        };
        column.mistakes.push((item.document, item.diagnostic));
    }
    if rest.documents > 0 || !rest.mistakes.is_empty() {
        let name = if report.units.is_empty() {
            report.lang.pick("问题清单", "Mistakes")
        } else {
            report.lang.pick("未列明单位", "No unit given")
        };
        groups.push(Group {
            name,
            columns: vec![rest],
        });
    }
    groups
}

fn table(report: &Report, groups: &[Group<'_>]) -> Vec<[String; 5]> {
    if report.units.is_empty() {
        return Vec::new();
    }
    let heads = [
        ("单位", "Unit"),
        ("栏目", "Column"),
        ("检查文件", "Files"),
        ("错误", "Errors"),
        ("警告", "Warnings"),
    ];
    let mut table = vec![heads.map(|(zh, en)| report.lang.pick(zh, en).to_owned())];
    for group in groups {
        for column in &group.columns {
            table.push([
                group.name.to_owned(),
                column.name.unwrap_or_default().to_owned(),
                column.documents.to_string(),
                column.count(Severity::Error).to_string(),
                column.count(Severity::Warning).to_string(),
            ]);
        }
    }
    table
}

/// The mistakes of a unit by column; what stands in no column comes first, without a heading.
fn lists(group: &Group<'_>, lang: Lang) -> Vec<(String, Vec<String>)> {
    let mut columns: Vec<_> = group.columns.iter().collect();
    columns.sort_by_key(|c| c.name.is_some());
    let columns = columns.into_iter().filter(|c| !c.mistakes.is_empty());
    let list = |column: &Column<'_>| {
        let title = column.name.map(|name| {
            let title = match lang {
                Lang::Zh => format!("“{name}”栏目"),
                Lang::En => format!("Column “{name}”"),
            };
            counted(&title, column.mistakes.len(), lang)
        });
        let lines = column.mistakes.iter();
        let lines = lines.map(|(document, d)| mistake(document, d, lang));
        (title.unwrap_or_default(), lines.collect())
    };
    columns.map(list).collect()
}

fn counted(title: &str, count: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{title}（{count} 处）"),
        Lang::En => format!("{title} ({count})"),
    }
}

/// One mistake as a notice says it.
fn mistake(document: &DocumentReport, d: &Diagnostic, lang: Lang) -> String {
    let (path, place) = (shown_path(&document.path), where_in_file(d, lang));
    let sentence = miswritten(d, lang);
    match lang {
        Lang::Zh => format!("{sentence}（{path}，{place}）。"),
        Lang::En => format!("{sentence} ({path}, {place})."),
    }
}

/// 将“…”错写为“…”, where a wording is what is wrong.
fn miswritten(d: &Diagnostic, lang: Lang) -> String {
    if !is_wording(d) {
        return d.message.render(lang);
    }
    let right: Vec<_> = d.suggestions.iter().map(|s| format!("“{s}”")).collect();
    let right = right.join(lang.pick("或", " or "));
    let sure = d.severity == Severity::Error;
    let found = &d.found;
    match lang {
        Lang::Zh if sure => format!("将{right}错写为“{found}”"),
        Lang::Zh => format!("疑将{right}错写为“{found}”"),
        Lang::En if sure => format!("“{found}” is written for {right}"),
        Lang::En => format!("“{found}” is probably written for {right}"),
    }
}

/// Where the right wordings are laid down, each source once with all that it is cited for.
fn sources(groups: &[Group<'_>], lang: Lang) -> Vec<String> {
    let mut sources: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let columns = groups.iter().flat_map(|g| &g.columns);
    for (_, d) in columns.flat_map(|c| &c.mistakes) {
        let Some(source) = &d.source else {
            continue;
        };
        let right = if is_wording(d) {
            format!("“{}”", d.suggestions[0])
        } else {
            category_name(&d.category, lang).to_owned()
        };
        let cited = sources.entry(source).or_default();
        if !cited.contains(&right) {
            cited.push(right);
        }
    }
    let lines = sources.into_iter().map(|(source, cited)| match lang {
        Lang::Zh => format!("{}：{source}", cited.join("、")),
        Lang::En => format!("{}: {source}", cited.join(", ")),
    });
    lines.collect()
}

fn noticed(report: &Report) -> Vec<String> {
    let lang = report.lang;
    let colon = lang.pick("：", ": ");
    let documents = report.documents.iter();
    let lines = documents.flat_map(|document| {
        let problems = problems(document, lang).into_iter();
        problems.map(move |p| format!("{}{colon}{}", shown_path(&document.path), p.text))
    });
    lines.collect()
}

fn suppressed(report: &Report) -> Vec<String> {
    let lang = report.lang;
    let lines = items(report).filter_map(|item| {
        let d = item.diagnostic;
        let why = suppression(d, lang)?;
        let path = shown_path(&item.document.path);
        let place = where_in_file(d, lang);
        let message = d.message.render(lang);
        Some(match lang {
            Lang::Zh => format!("{message}（{path}，{place}）：{why}"),
            Lang::En => format!("{message} ({path}, {place}): {why}"),
        })
    });
    lines.collect()
}

fn remark(report: &Report) -> Option<String> {
    let hints = report.summary.infos;
    let text = match report.lang {
        Lang::Zh => {
            format!("另有提示 {hints} 处未列入，须人工核对。")
        }
        Lang::En => format!("Hints not listed: {hints}; a person should look at them."),
    };
    (hints > 0).then_some(text)
}

/// The number of a section: 一、 二、 … as documents count, up to 99.
fn ordinal(n: usize, lang: Lang) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (lang, n) {
        (Lang::Zh, 1..=9) => format!("{}、", DIGITS[n]),
        (Lang::Zh, 10..=19) => format!("十{}、", DIGITS[n % 10]),
        (Lang::Zh, 20..=99) => format!("{}十{}、", DIGITS[n / 10], DIGITS[n % 10]),
        (Lang::Zh, _) => format!("{n}、"),
        (Lang::En, _) => format!("{n}. "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_counted_as_documents_count() {
        for (n, want) in [
            (1, "一、"),
            (10, "十、"),
            (12, "十二、"),
            (20, "二十、"),
            (35, "三十五、"),
            (100, "100、"),
        ] {
            assert_eq!(ordinal(n, Lang::Zh), want);
        }
        assert_eq!(ordinal(2, Lang::En), "2. ");
    }
}
