//! What a run tells: one function per output format.
//!
//! Everything that becomes words for a person does so here, in Chinese or in English.

mod audit;
mod checkstyle;
mod csv;
pub mod decisions;
mod detail;
mod github;
mod gitlab;
mod html;
#[cfg(feature = "cli")]
mod human;
mod json;
mod jsonl;
mod junit;
mod markup;
mod notice;
mod rdjson;
mod sarif;
mod unix;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use crate::config::FailOn;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Kind, Notice, NoticeCode, Place};
use crate::error::Lang;
use crate::fix::SkipReason;
use crate::source::Position;

pub use audit::{write_audit_json, write_audit_table};
pub use detail::{BlockText, Detail, NotDone, Outcome, Texts};

/// What a run found, without the documents themselves.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The language of messages.
    pub lang: Lang,
    /// The lexicon that the documents were checked with.
    pub lexicon: LexiconId,
    /// The documents in order; those with nothing to tell may be left out, as long as the summary counts them.
    pub documents: Vec<DocumentReport>,
    /// All documents counted.
    pub summary: Summary,
    /// The units that drafts belong to, in the order in which a notice lists them.
    pub units: Vec<Unit>,
}

/// Who answers for some of the drafts: a unit, or one column of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// The unit's name.
    pub name: String,
    /// The column (栏目) that it publishes them in.
    pub column: Option<String>,
    /// How many of its documents were read.
    pub documents: usize,
}

/// Which lexicon it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LexiconId {
    /// SHA-256 of its files, as `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// How many entries it has.
    pub entries: usize,
}

/// What was found in one document.
#[derive(Clone, Debug, Default)]
pub struct DocumentReport {
    /// The path as a person gave it.
    pub path: String,
    /// Its format; `None` when it was not read.
    pub kind: Option<Kind>,
    /// The encoding of its first part.
    pub encoding: Option<&'static str>,
    /// SHA-256 of the file in hexadecimal digits, where the output needs it.
    pub sha256: Option<String>,
    /// Why it could not be read or written.
    pub error: Option<String>,
    /// The day that dated entries were judged by, as `YYYY-MM-DD`.
    pub date: String,
    /// Where that day was found: `today`, or the name of the document's field.
    pub date_source: String,
    /// What was not checked, and what must not be published.
    pub notices: Vec<Notice>,
    /// The mistakes; after a fix, those that remain.
    pub diagnostics: Vec<Diagnostic>,
    /// The lexicon, where it is not the one of the report.
    pub lexicon: Option<LexiconId>,
    /// What a fix did.
    pub repair: Option<Repair>,
    /// Index of the unit that answers for it in [`Report::units`].
    pub unit: Option<usize>,
    /// From which severity on its diagnostics make a run fail.
    pub fail_on: FailOn,
    /// More about it, for programs that ask for more: [`OutputFormat::Json`] tells it.
    pub detail: Option<Detail>,
}

/// What a fix did to a document.
#[derive(Clone, Debug, Default)]
pub struct Repair {
    /// The diagnostics whose fixes were applied.
    pub applied: Vec<Diagnostic>,
    /// The diagnostics whose fixes could not be applied, and why.
    pub skipped: Vec<(Diagnostic, SkipReason)>,
    /// Whether the file was written; `false` for a preview.
    pub written: bool,
    /// The change as a unified diff, when it was asked for.
    pub diff: Option<String>,
    /// What the original was kept as.
    pub backup: Option<String>,
}

/// Counts over all documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents that were read.
    pub documents: usize,
    /// Diagnostics by severity, suppressed ones left out.
    pub errors: usize,
    /// See `errors`.
    pub warnings: usize,
    /// See `errors`.
    pub infos: usize,
    /// Diagnostics that somebody decided to let stand.
    pub suppressed: usize,
    /// Diagnostics by category, suppressed ones left out.
    pub categories: BTreeMap<String, usize>,
    /// Diagnostics with a fix that is applied unattended.
    pub fixable: usize,
    /// Fixes that were applied.
    pub fixed: usize,
    /// Files and parts that were not checked.
    pub skipped: usize,
}

/// The output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// For a person at a terminal.
    #[cfg(feature = "cli")]
    Human {
        /// Whether to colour.
        color: bool,
        /// Whether to leave the summary out.
        quiet: bool,
        /// Columns that an excerpt may take, so that the mark below it is not torn off; `None` for no limit.
        width: Option<usize>,
    },
    /// One JSON object, schema `zhengming.check/1`.
    Json,
    /// The same without blanks and line breaks, for answers over a network.
    JsonCompact,
    /// The same, one JSON object a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A table in Markdown for the summary of a step of GitHub Actions.
    GithubSummary,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// XML as Checkstyle writes it.
    Checkstyle,
    /// XML as JUnit writes it, one test suite for each document.
    Junit,
    /// The JSON of reviewdog.
    Rdjson,
    /// `path:line:column: severity: [rule] message`, a line each.
    Unix,
    /// A table for spreadsheets, with the columns of an inspection list.
    Csv,
    /// A page for a person.
    Html,
    /// An inspection notice in Markdown.
    Notice,
    /// An inspection notice as a page.
    NoticeHtml,
}

/// Writes a report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(format: OutputFormat, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        #[cfg(feature = "cli")]
        OutputFormat::Human {
            color,
            quiet,
            width,
        } => {
            let pen = human::Pen {
                lang: report.lang,
                color,
                width,
            };
            pen.report(report, quiet, out)
        }
        OutputFormat::Json => json::write(report, out),
        OutputFormat::JsonCompact => json::write_compact(report, out),
        OutputFormat::Jsonl => jsonl::write(report, out),
        OutputFormat::Sarif => sarif::write(report, out),
        OutputFormat::Github => github::write(report, out),
        OutputFormat::GithubSummary => github::write_summary(report, out),
        OutputFormat::Gitlab => gitlab::write(report, out),
        OutputFormat::Checkstyle => checkstyle::write(report, out),
        OutputFormat::Junit => junit::write(report, out),
        OutputFormat::Rdjson => rdjson::write(report, out),
        OutputFormat::Unix => unix::write(report, out),
        OutputFormat::Csv => csv::write(report, out),
        OutputFormat::Html => html::write(report, out),
        OutputFormat::Notice => notice::write(report, out),
        OutputFormat::NoticeHtml => notice::write_html(report, out),
    }
}

impl DocumentReport {
    /// Whether there is nothing to tell a person about it.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.error.is_none()
            && self.notices.is_empty()
            && self.diagnostics.is_empty()
            && self.repair.is_none()
    }
}

impl Summary {
    /// Counts a document in.
    pub fn add(&mut self, document: &DocumentReport) {
        self.documents += usize::from(document.kind.is_some());
        let unread = document.error.is_some() && document.kind.is_none();
        let notices = document.notices.iter();
        let unchecked = notices.filter(|n| n.code.means_unchecked()).count();
        self.skipped += usize::from(unread) + unchecked;
        if let Some(repair) = document.repair.as_ref().filter(|r| r.written) {
            self.fixed += repair.applied.len();
        }
        let mut fixable = 0;
        for d in &document.diagnostics {
            if d.suppressed.is_some() {
                self.suppressed += 1;
                continue;
            }
            match d.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Info => self.infos += 1,
            }
            fixable += usize::from(is_fixable(d));
            *self.categories.entry(d.category.clone()).or_default() += 1;
        }
        // What has been refused once will be refused again.
        if document.error.is_none() {
            let skipped = document.repair.iter().flat_map(|r| &r.skipped);
            let refused = skipped.filter(|(d, _)| is_fixable(d)).count();
            self.fixable += fixable.saturating_sub(refused);
        }
    }
}

fn is_fixable(d: &Diagnostic) -> bool {
    d.fix
        .as_ref()
        .is_some_and(|f| f.applicability == crate::Applicability::Safe)
}

/// A place in words; `start` is where the diagnostic begins in its part.
#[must_use]
pub fn place(place: &Place, start: Option<Position>, lang: Lang) -> String {
    place.render(start, lang)
}

/// A notice in words.
#[must_use]
pub fn notice(notice: &Notice, lang: Lang) -> String {
    let Notice { code, part, detail } = notice;
    let brackets = in_brackets(detail, lang);
    let (zh, en) = match code {
        NoticeCode::Comments => (
            format!("仍有 {detail} 条批注，公开前须删除"),
            format!("comments are left ({detail}): delete them before it is published"),
        ),
        NoticeCode::Revisions => (
            format!("仍有 {detail} 处未接受的修订，公开前须接受或拒绝"),
            format!(
                "unaccepted revisions are left ({detail}): accept or reject them before it is published"
            ),
        ),
        NoticeCode::EmbeddedContent => (
            format!("嵌入的其他文件内容{brackets}未检查，请在 Word 中打开并另存后再检查"),
            format!(
                "content embedded from another file{brackets} was not checked: open and save it in Word first"
            ),
        ),
        NoticeCode::EncodingConflict => (
            format!("声明的编码{brackets}与内容不符，已按内容读取"),
            format!("the declared encoding{brackets} contradicts the content, which won"),
        ),
        NoticeCode::PartUnread => (
            format!("这一部分未检查{brackets}，请在 Word 中核对"),
            format!("this part was not checked{brackets}: look at it in Word"),
        ),
        NoticeCode::UnsupportedFormat => (
            "未检查：不支持这种格式，请另存为 docx".to_owned(),
            "not checked: this format is not supported, save it as docx".to_owned(),
        ),
        NoticeCode::BlockTooLong => (
            format!("有一段文字{brackets}超过 16 MiB，未检查，请分段"),
            format!("a text block{brackets} of more than 16 MiB was not checked: split it"),
        ),
        NoticeCode::LfsPointer => (
            "未检查：这里只有 Git LFS 指针，请先运行 git lfs pull".to_owned(),
            "not checked: this is a Git LFS pointer, run git lfs pull first".to_owned(),
        ),
        NoticeCode::Submodule => (
            "未检查：这是子模块，请在它自己的仓库中检查".to_owned(),
            "not checked: a submodule is checked in its own repository".to_owned(),
        ),
        NoticeCode::BaselineStale => (
            format!("基线中的这一条已不存在{brackets}，请运行 zhengming baseline update"),
            format!(
                "an entry of the baseline fits nothing any more{brackets}: run zhengming baseline update"
            ),
        ),
        NoticeCode::BaselineOver => (
            format!("基线中的这一条已过期{brackets}，重新计入"),
            format!("an entry of the baseline is over{brackets}, so it counts again"),
        ),
    };
    let text = lang.pick(zh, en);
    match (part.as_str(), lang) {
        ("", _) => text,
        (part, Lang::Zh) => format!("{part}：{text}"),
        (part, Lang::En) => format!("{part}: {text}"),
    }
}

fn in_brackets(detail: &str, lang: Lang) -> String {
    match (detail, lang) {
        ("", _) => String::new(),
        (_, Lang::Zh) => format!("（{detail}）"),
        (_, Lang::En) => format!(" ({detail})"),
    }
}

/// What is wrong, and what speaks for letting it stand.
#[must_use]
pub fn sentence(diagnostic: &Diagnostic, lang: Lang) -> String {
    words::sentence(diagnostic, lang)
}

/// How the text hid the form, in words; empty where it did not.
#[must_use]
pub fn disguises(diagnostic: &Diagnostic, lang: Lang) -> String {
    words::disguises(diagnostic, lang)
}

/// A severity in words.
#[must_use]
pub fn severity_name(severity: Severity, lang: Lang) -> &'static str {
    match severity {
        Severity::Error => lang.pick("错误", "error"),
        Severity::Warning => lang.pick("警告", "warning"),
        Severity::Info => lang.pick("提示", "info"),
    }
}

/// `text` with everything escaped that would hide in a terminal or act on it: control characters, escape sequences,
/// direction marks, invisible characters. A line break becomes ⏎.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => out.push('⏎'),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Story;
    use crate::diagnostic::{Applicability, Disguise, Edit, Excerpt, Fix, Location, Message};
    use crate::source::Span;

    /// A report made by hand: a docx with a mistake and a notice, and a format that is not read.
    pub(super) fn sample() -> Report {
        let at = |offset, column| {
            let byte_column = offset + 1;
            let position = Position {
                line: 3,
                column,
                byte_column,
            };
            (offset, position)
        };
        let ((start, first), (end, last)) = (at(0, 1), at(15, 6));
        let diagnostic = Diagnostic {
            rule: "leaders/习近平总书记".to_owned(),
            category: "leaders".to_owned(),
            severity: Severity::Error,
            part: "word/document.xml".to_owned(),
            block: 2,
            range: 0..0,
            spans: vec![Location {
                span: Span { start, end },
                start: first,
                end: last,
            }],
            twins: Vec::new(),
            place: Place::Paragraph {
                story: Story::Body,
                number: 3,
            },
            message: Message::Wording {
                found: "习总书记".to_owned(),
                canonical: vec!["习近平总书记".to_owned()],
            },
            found: "习总书记".to_owned(),
            suggestions: vec!["习近平总书记".to_owned()],
            reason: Some("公文中称谓要完整".to_owned()),
            source: Some("规范称谓".to_owned()),
            disguises: vec![Disguise::ZeroWidth],
            demoted: None,
            suppressed: None,
            excerpt: Excerpt {
                before: "各单位要学习“A类”".to_owned(),
                form: "习\u{200b}总书记".to_owned(),
                after: "重要讲话，\n抓好落实".to_owned(),
                cut_before: true,
                cut_after: false,
            },
            fix: Some(Fix {
                edits: vec![Edit {
                    span: Span { start: 3, end: 6 },
                    lines: None,
                    content: "近平".to_owned(),
                }],
                applicability: Applicability::Safe,
                text: Vec::new(),
            }),
            alternatives: Vec::new(),
        };
        let notice = |code, part: &str, detail: &str| Notice {
            code,
            part: part.to_owned(),
            detail: detail.to_owned(),
        };
        let document = |path: &str| DocumentReport {
            path: path.to_owned(),
            date: "2026-11-24".to_owned(),
            date_source: "today".to_owned(),
            ..DocumentReport::default()
        };
        let documents = vec![
            DocumentReport {
                kind: Some(Kind::Docx),
                encoding: Some("UTF-8"),
                sha256: Some("ab".to_owned()),
                notices: vec![notice(NoticeCode::Comments, "word/comments.xml", "3")],
                diagnostics: vec![diagnostic],
                ..document("通知.docx")
            },
            DocumentReport {
                notices: vec![notice(NoticeCode::UnsupportedFormat, "", "")],
                ..document("表.xlsx")
            },
        ];
        let mut summary = Summary::default();
        documents.iter().for_each(|d| summary.add(d));
        Report {
            lang: Lang::Zh,
            lexicon: LexiconId {
                digest: "sha256:00".to_owned(),
                entries: 1234,
            },
            documents,
            summary,
            units: Vec::new(),
        }
    }

    #[test]
    fn places_in_words() {
        let at = Some(Position {
            line: 12,
            column: 5,
            byte_column: 13,
        });
        let cell = |story| Place::Cell {
            story,
            table: 2,
            row: 3,
            column: 4,
        };
        let paragraph = |story| Place::Paragraph { story, number: 37 };
        for (given, zh, en) in [
            (Place::Line, "第12行第5列", "line 12, column 5"),
            (paragraph(Story::Body), "正文第37段", "body, paragraph 37"),
            (
                paragraph(Story::Header),
                "页眉第37段",
                "header, paragraph 37",
            ),
            (
                paragraph(Story::Footnote),
                "脚注第37段",
                "footnotes, paragraph 37",
            ),
            (
                cell(Story::Body),
                "表2第3行第4列",
                "table 2, row 3, column 4",
            ),
            (
                cell(Story::TextBox),
                "文本框表2第3行第4列",
                "text box, table 2, row 3, column 4",
            ),
            (
                Place::Attribute("alt".to_owned()),
                "“alt”属性",
                "“alt” attribute",
            ),
            (Place::Title, "标题", "title"),
            (
                Place::Meta("description".to_owned()),
                "元数据“description”",
                "metadata “description”",
            ),
        ] {
            assert_eq!(place(&given, at, Lang::Zh), zh);
            assert_eq!(place(&given, at, Lang::En), en);
        }
    }

    #[test]
    fn what_hides_is_escaped() {
        for (text, want) in [
            ("一带一路 a“b”", "一带一路 a“b”"),
            ("a\u{202e}cod.txt", "a\\u{202e}cod.txt"),
            ("\u{1b}[31m红", "\\u{1b}[31m红"),
            ("习\u{200b}总", "习\\u{200b}总"),
            ("一代\r\n一路\n\t。", "一代⏎一路⏎\\t。"),
            ("\r", "\\u{d}"),
            ("\u{9b}m\u{7f}", "\\u{9b}m\\u{7f}"),
            ("人\u{fe00}\u{e0100}", "人\\u{fe00}\\u{e0100}"),
        ] {
            assert_eq!(visible(text), want);
        }
    }

    #[test]
    fn notices_name_their_part() {
        let n = Notice {
            code: NoticeCode::Comments,
            part: "word/comments.xml".to_owned(),
            detail: "3".to_owned(),
        };
        assert_eq!(
            notice(&n, Lang::Zh),
            "word/comments.xml：仍有 3 条批注，公开前须删除"
        );
        let n = Notice {
            code: NoticeCode::UnsupportedFormat,
            part: String::new(),
            detail: String::new(),
        };
        assert_eq!(
            notice(&n, Lang::Zh),
            "未检查：不支持这种格式，请另存为 docx"
        );
    }
}
