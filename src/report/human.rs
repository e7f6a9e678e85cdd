//! The output for a person: each mistake in its surroundings, with what should stand there, why, and who says so.

use std::io;

use anstyle::{Ansi256Color, AnsiColor, Style};
use ariadne::{CharSet, Color, Config, IndexType, Label, LabelAttach, ReportKind, Source};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::diagnostic::{Applicability, Diagnostic, Excerpt, Severity};
use crate::error::Lang;
use crate::report::words::{demotion, disguises, suppression, where_in_file};
use crate::report::{DocumentReport, Repair, Report, Summary, notice, severity_name, visible};

/// How to write.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    pub(super) lang: Lang,
    pub(super) color: bool,
    pub(super) width: Option<usize>,
}

impl Pen {
    pub(super) fn report(
        self,
        report: &Report,
        quiet: bool,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        for d in &report.documents {
            self.document(d, out)?;
        }
        if !quiet {
            writeln!(out, "{}", summary(&report.summary, report.lang))?;
        }
        Ok(())
    }

    fn document(self, d: &DocumentReport, out: &mut dyn io::Write) -> io::Result<()> {
        let path = visible(&d.path);
        let colon = self.lang.pick("：", ": ");
        if let Some(error) = &d.error {
            let word = self.severity(Severity::Error);
            writeln!(out, "{word}{colon}{path}{colon}{}", visible(error))?;
        }
        for n in &d.notices {
            let word = self.paint(AnsiColor::Cyan, self.lang.pick("注意", "notice"));
            let text = notice(n, self.lang);
            writeln!(out, "{word}{colon}{path}{colon}{}", visible(&text))?;
        }
        if let Some(repair) = &d.repair {
            self.repair(&path, repair, out)?;
        }
        for diagnostic in &d.diagnostics {
            match suppression(diagnostic, self.lang) {
                Some(why) => self.suppressed(&path, diagnostic, &why, out)?,
                None => self.diagnostic(&path, diagnostic, out)?,
            }
        }
        Ok(())
    }

    /// What was let stand takes one line: it is there for the record, not to be worked on.
    fn suppressed(
        self,
        path: &str,
        d: &Diagnostic,
        why: &str,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let colon = self.lang.pick("：", ": ");
        let word = self.margin(self.lang.pick("不改", "suppressed"));
        let (place, found, why) = (where_in_file(d, self.lang), visible(&d.found), visible(why));
        let rule = visible(&d.rule);
        writeln!(
            out,
            "{word}[{rule}]{colon}{path} {place}{colon}“{found}”{colon}{why}"
        )
    }

    fn repair(self, path: &str, repair: &Repair, out: &mut dyn io::Write) -> io::Result<()> {
        let Self { lang, .. } = self;
        let colon = lang.pick("：", ": ");
        let done = self.paint(AnsiColor::Green, lang.pick("已改正", "fixed"));
        // A preview shows its fixes as a diff.
        for d in repair.applied.iter().filter(|_| repair.written) {
            let place = where_in_file(d, lang);
            let found = visible(&d.found);
            let arrow = match d.suggestions.first() {
                Some(now) if *now != d.found => format!("“{found}” → “{}”", visible(now)),
                // A mask covers what was there before, too.
                _ => format!("“{found}”"),
            };
            writeln!(out, "{done}{colon}{path} {place}{colon}{arrow}")?;
        }
        for (d, reason) in &repair.skipped {
            let word = self.paint(AnsiColor::Yellow, lang.pick("未改", "not fixed"));
            let (place, found) = (where_in_file(d, lang), visible(&d.found));
            let why = reason.text(lang);
            writeln!(
                out,
                "{word}{colon}{path} {place}{colon}“{found}”{colon}{why}"
            )?;
        }
        if let Some(backup) = &repair.backup {
            let text = lang.pick("原文件保存为", "the original is kept as");
            writeln!(out, "{path}{colon}{text} {}", visible(backup))?;
        }
        Ok(())
    }

    fn diagnostic(self, path: &str, d: &Diagnostic, out: &mut dyn io::Write) -> io::Result<()> {
        let Self { lang, .. } = self;
        let colon = lang.pick("：", ": ");
        let bar = self.margin("│");
        writeln!(
            out,
            "{}[{}]{colon}{}",
            self.severity(d.severity),
            visible(&d.rule),
            visible(&d.message.render(lang))
        )?;
        let corner = self.margin("╭─");
        writeln!(out, "   {corner} {path} {}", where_in_file(d, lang))?;
        for line in self.drawing(d)? {
            writeln!(out, "{line}")?;
        }
        for (label, text) in details(d, lang) {
            writeln!(out, "   {bar} {label}{colon}{}", visible(&text))?;
        }
        let tail = self.margin("───╯");
        writeln!(out, "{tail}")
    }

    /// The excerpt with the form underlined, as ariadne draws it.
    ///
    /// Only the clipped excerpt is handed over, so a paragraph may be as long as it likes. ariadne would number it as
    /// line 1 of a file, so its heading is left out and the number is blanked: the place stands in our own heading.
    fn drawing(self, d: &Diagnostic) -> io::Result<Vec<String>> {
        let (before, form, after) = self.clipped(&d.excerpt);
        let start = before.chars().count();
        let end = start + form.chars().count();
        let text = before + &form + &after;

        let color = match d.severity {
            Severity::Error => Color::Red,
            Severity::Warning => Color::Yellow,
            Severity::Info => Color::Cyan,
        };
        let label = Label::new(start..end)
            .with_message(self.advice(d))
            .with_color(color);
        let config = Config::new()
            .with_color(self.color)
            .with_char_set(CharSet::Unicode)
            .with_index_type(IndexType::Char)
            .with_label_attach(LabelAttach::Start);
        let mut drawn = Vec::new();
        ariadne::Report::build(ReportKind::Advice, start..end)
            .with_config(config)
            .with_label(label)
            .finish()
            .write(Source::from(text), &mut drawn)?;

        const HEADING: usize = 2;
        let drawn = String::from_utf8_lossy(&drawn);
        let mut lines: Vec<_> = drawn.lines().skip(HEADING).map(str::to_owned).collect();
        lines.pop();
        for line in &mut lines {
            *line = line.trim_end().replacen("1 │", "  │", 1);
        }
        Ok(lines)
    }

    /// The three parts of an excerpt as they are shown, with … where the block goes on.
    fn clipped(self, excerpt: &Excerpt) -> (String, String, String) {
        let before = visible(&excerpt.before);
        let form = visible(&excerpt.form).into_owned();
        let after = visible(&excerpt.after);
        let side = self.width.map_or(usize::MAX, |columns| {
            columns.saturating_sub(GUTTER + form.width()) / 2
        });
        let (head, tail) = (end_within(&before, side), start_within(&after, side));
        let dots = |cut: bool| if cut { "…" } else { "" };
        let cut_head = excerpt.cut_before || head.len() < before.len();
        let cut_tail = excerpt.cut_after || tail.len() < after.len();
        let head = format!("{}{head}", dots(cut_head));
        (head, form, format!("{tail}{}", dots(cut_tail)))
    }

    fn advice(self, d: &Diagnostic) -> String {
        let Self { lang, .. } = self;
        if d.suggestions.is_empty() {
            return lang.pick("这里", "here").to_owned();
        }
        let list: Vec<_> = d
            .suggestions
            .iter()
            .map(|s| format!("“{}”", visible(s)))
            .collect();
        match lang {
            Lang::Zh => format!("应为{}", list.join("或")),
            Lang::En => format!("should be {}", list.join(" or ")),
        }
    }

    fn severity(self, severity: Severity) -> String {
        let color = match severity {
            Severity::Error => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::Cyan,
        };
        self.paint(color, severity_name(severity, self.lang))
    }

    /// The lines around an excerpt, in the grey of those that ariadne draws.
    fn margin(self, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(Ansi256Color(246).into())), text)
    }

    fn paint(self, color: AnsiColor, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(color.into())).bold(), text)
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Columns that the margin and the two … take.
const GUTTER: usize = 7;

/// As much of the start of `text` as fits into so many columns.
fn start_within(text: &str, columns: usize) -> &str {
    &text[..text.len().min(reach(text.chars(), columns))]
}

/// As much of the end of `text` as fits into so many columns.
fn end_within(text: &str, columns: usize) -> &str {
    &text[text.len() - text.len().min(reach(text.chars().rev(), columns))..]
}

/// How many bytes the first characters take that fit into so many columns.
fn reach(chars: impl Iterator<Item = char>, columns: usize) -> usize {
    let mut left = columns;
    let fitting = chars.take_while(|c| {
        let width = c.width().unwrap_or(0);
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    });
    fitting.map(char::len_utf8).sum()
}

/// What stands below the excerpt: a label and a text each.
fn details(d: &Diagnostic, lang: Lang) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(reason) = &d.reason {
        lines.push((lang.pick("理由", "why"), reason.clone()));
    }
    if let Some(source) = &d.source {
        lines.push((lang.pick("依据", "source"), source.clone()));
    }
    if !d.disguises.is_empty() {
        lines.push((lang.pick("伪装", "hidden by"), disguises(d, lang)));
    }
    if let Some(x) = &d.demoted {
        lines.push((lang.pick("降级", "demoted"), demotion(x, lang)));
    }
    if d.fix
        .as_ref()
        .is_some_and(|f| f.applicability == Applicability::Unsafe)
    {
        lines.push((
            lang.pick("改正", "fix"),
            lang.pick(
                "需人工确认，可用 fix --unsafe-fixes",
                "needs a person's consent: fix --unsafe-fixes",
            )
            .to_owned(),
        ));
    }
    lines
}

fn summary(s: &Summary, lang: Lang) -> String {
    match lang {
        Lang::Zh => summary_zh(s),
        Lang::En => summary_en(s),
    }
}

fn summary_zh(s: &Summary) -> String {
    let mut text = match s.documents {
        0 => "没有检查任何文件".to_owned(),
        n => format!("共检查 {n} 个文件"),
    };
    if s.fixed > 0 {
        text.push_str(&format!("，改正 {} 处", s.fixed));
    }
    let found = counts([
        (s.errors, " 处错误"),
        (s.warnings, " 处警告"),
        (s.infos, " 处提示"),
    ]);
    if found.is_empty() {
        if s.documents > 0 {
            text.push_str("，没有发现问题");
        }
    } else {
        let verb = if s.fixed > 0 { "还有" } else { "发现" };
        text.push_str(&format!("，{verb} {}", found.join("、")));
        text.push_str(&format!("：{}", categories(s).join("，")));
    }
    let rest = [
        (s.fixable, "可用 zhengming fix 改正 ", " 处"),
        (s.suppressed, "另有 ", " 处已标明不改"),
        (s.skipped, "未检查 ", " 项"),
    ];
    for (n, before, after) in rest.into_iter().filter(|r| r.0 > 0) {
        text.push_str(&format!("；{before}{n}{after}"));
    }
    text
}

fn summary_en(s: &Summary) -> String {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let mut text = match s.documents {
        0 => "no file checked".to_owned(),
        n => format!("{} checked", plural(n, "file")),
    };
    if s.fixed > 0 {
        text.push_str(&format!(", {} fixed", s.fixed));
    }
    let found = [
        (s.errors, "error"),
        (s.warnings, "warning"),
        (s.infos, "info"),
    ];
    let found: Vec<_> = found
        .into_iter()
        .filter(|&(n, _)| n > 0)
        .map(|(n, word)| plural(n, word))
        .collect();
    if found.is_empty() {
        if s.documents > 0 {
            text.push_str(", nothing wrong found");
        }
    } else {
        let verb = if s.fixed > 0 { "left: " } else { "found: " };
        text.push_str(&format!(", {verb}{}", found.join(", ")));
        text.push_str(&format!(" ({})", categories(s).join(", ")));
    }
    let rest = [
        (s.fixable, " can be fixed with zhengming fix"),
        (s.suppressed, " suppressed"),
        (s.skipped, " not checked"),
    ];
    for (n, words) in rest.into_iter().filter(|r| r.0 > 0) {
        text.push_str(&format!("; {n}{words}"));
    }
    text
}

fn counts<const N: usize>(numbers: [(usize, &str); N]) -> Vec<String> {
    let some = numbers.into_iter().filter(|&(n, _)| n > 0);
    some.map(|(n, words)| format!("{n}{words}")).collect()
}

/// The categories with their counts, most first.
fn categories(s: &Summary) -> Vec<String> {
    let mut list: Vec<_> = s.categories.iter().collect();
    list.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
    list.into_iter().map(|(c, n)| format!("{c} {n}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;
    use crate::diagnostic::{Demotion, DemotionReason};
    use crate::report::tests::sample;
    use crate::report::{OutputFormat, write};

    fn rendered(report: &Report, color: bool) -> String {
        let mut out = Vec::new();
        let format = OutputFormat::Human {
            color,
            quiet: false,
            width: None,
        };
        write(format, report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_mistake_in_its_surroundings() {
        let want = "\
注意：通知.docx：word/comments.xml：仍有 3 条批注，公开前须删除
错误[leaders/习近平总书记]：“习总书记”应为“习近平总书记”
   ╭─ 通知.docx 正文第3段
   │
   │ …各单位要学习“A类”习\\u{200b}总书记重要讲话，⏎抓好落实
   │                   ┬───────────────
   │                   ╰─────────────────── 应为“习近平总书记”
   │ 理由：公文中称谓要完整
   │ 依据：规范称谓
   │ 伪装：不可见字符
───╯
注意：表.xlsx：未检查：不支持这种格式，请另存为 docx
共检查 1 个文件，发现 1 处错误：leaders 1；可用 zhengming fix 改正 1 处；未检查 1 项
";
        assert_eq!(rendered(&sample(), false), want);
    }

    #[test]
    fn the_mark_stands_under_the_form() {
        let mut report = sample();
        let before = "中文ＡＢab１2\t，。“”…㎡";
        report.documents[0].diagnostics[0].excerpt.before = before.to_owned();
        let text = rendered(&report, false);
        let lines: Vec<_> = text.lines().collect();
        let at = lines.iter().position(|l| l.contains('┬')).unwrap();
        let form = lines[at - 1].find("习\\u{200b}总书记").unwrap();
        let mark = lines[at].find('┬').unwrap();
        assert_eq!(lines[at - 1][..form].width(), lines[at][..mark].width());
        assert_eq!(
            lines[at][mark..].width(),
            "习\\u{200b}总书记".width(),
            "{text}"
        );
    }

    #[test]
    fn an_excerpt_fits_the_terminal() {
        let mut excerpt = sample().documents[0].diagnostics[0].excerpt.clone();
        excerpt.before = "前".repeat(30);
        excerpt.after = "后".repeat(30);
        for width in [0, 20, 40, 80, 81, 1000] {
            let pen = Pen {
                lang: Lang::Zh,
                color: false,
                width: Some(width),
            };
            let (before, form, after) = pen.clipped(&excerpt);
            let total = 5 + before.width() + form.width() + after.width();
            assert!(total <= width.max(5 + form.width() + 2), "{width}");
            assert_eq!(after.ends_with('…'), width < 100, "{width}");
            assert!(before.starts_with('…'));
        }
    }

    #[test]
    fn colours_only_on_request() {
        assert!(!rendered(&sample(), false).contains('\u{1b}'));
        assert!(rendered(&sample(), true).contains("\u{1b}[1m\u{1b}[31m错误"));
    }

    #[test]
    fn drafts_and_file_names_cannot_write_to_the_terminal() {
        let mut report = sample();
        report.documents[0].path = "a\u{202e}\u{1b}[2J.docx".to_owned();
        let d = &mut report.documents[0].diagnostics[0];
        d.excerpt.after = "\u{1b}]0;x\u{7}".to_owned();
        d.source = Some("\u{1b}[31m".to_owned());
        report.documents[1].error = Some("\u{1b}c".to_owned());
        let text = rendered(&report, false);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        assert!(text.contains("a\\u{202e}\\u{1b}[2J.docx"));
    }

    #[test]
    fn demotions_and_english() {
        let mut report = sample();
        report.lang = Lang::En;
        let d = &mut report.documents[0].diagnostics[0];
        d.severity = Severity::Info;
        d.demoted = Some(Demotion {
            from: Severity::Error,
            reason: DemotionReason::Mention,
        });
        d.part = String::new();
        d.place = Place::Attribute("alt".to_owned());
        let text = rendered(&report, false);
        for part in [
            "info[leaders/习近平总书记]: “习总书记” should be “习近平总书记”",
            "通知.docx line 3, column 1, “alt” attribute",
            "demoted: from error; it seems to be quoted as a mistake, not made",
            "hidden by: invisible characters",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn summaries() {
        let clean = Summary {
            documents: 4,
            ..Summary::default()
        };
        assert_eq!(summary(&clean, Lang::Zh), "共检查 4 个文件，没有发现问题");
        assert_eq!(
            summary(&clean, Lang::En),
            "4 files checked, nothing wrong found"
        );
        let none = Summary {
            skipped: 1,
            ..Summary::default()
        };
        assert_eq!(summary(&none, Lang::Zh), "没有检查任何文件；未检查 1 项");
        let categories = [("leaders", 2), ("pairs", 3), ("statutes", 1)];
        let full = Summary {
            documents: 4,
            errors: 5,
            warnings: 1,
            fixed: 2,
            suppressed: 1,
            categories: categories.map(|(c, n)| (c.to_owned(), n)).into(),
            ..Summary::default()
        };
        assert_eq!(
            summary(&full, Lang::Zh),
            "共检查 4 个文件，改正 2 处，还有 5 处错误、1 处警告：pairs 3，leaders 2，statutes 1；另有 1 处已标明不改"
        );
        assert_eq!(
            summary(&full, Lang::En),
            "4 files checked, 2 fixed, left: 5 errors, 1 warning (pairs 3, leaders 2, statutes 1); 1 suppressed"
        );
    }
}
