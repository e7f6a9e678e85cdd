//! What several outputs say in the same words, and the order in which they say it.

use std::cmp::Reverse;

use crate::diagnostic::{
    Demotion, DemotionReason, Diagnostic, Disguise, Excerpt, Message, Severity,
};
use crate::document::{NoticeCode, Place};
use crate::error::Lang;
use crate::report::{DocumentReport, Report, Summary, notice, place, severity_name, visible};
use crate::source::Position;

/// A diagnostic with its document, and their numbers.
#[derive(Clone, Copy)]
pub(super) struct Item<'r> {
    pub(super) document: &'r DocumentReport,
    pub(super) diagnostic: &'r Diagnostic,
    /// Index of the document in the report, and of the diagnostic in the document.
    pub(super) at: (usize, usize),
}

/// All diagnostics in the order of their documents.
pub(super) fn items(report: &Report) -> impl Iterator<Item = Item<'_>> {
    let documents = report.documents.iter().enumerate();
    documents.flat_map(|(d, document)| {
        let diagnostics = document.diagnostics.iter().enumerate();
        diagnostics.map(move |(n, diagnostic)| Item {
            document,
            diagnostic,
            at: (d, n),
        })
    })
}

/// All diagnostics, the most severe first; what somebody decided to let stand comes last.
pub(super) fn ranked(report: &Report) -> Vec<Item<'_>> {
    let mut items: Vec<_> = items(report).collect();
    items.sort_by_key(|i| {
        let d = i.diagnostic;
        (d.suppressed.is_some(), Reverse(d.severity))
    });
    items
}

/// What is wrong, where that is if lines do not say it, and what speaks for letting it stand: for outputs that show one
/// text for each diagnostic.
pub(super) fn sentence(d: &Diagnostic, lang: Lang) -> String {
    let mut text = d.message.render(lang);
    let mut add = |remark: &str| match lang {
        Lang::Zh => text.push_str(&format!("（{remark}）")),
        Lang::En => text.push_str(&format!(" ({remark})")),
    };
    if d.place != Place::Line {
        add(&place(&d.place, d.spans.first().map(|s| s.start), lang));
    }
    remarks(d, lang).iter().for_each(|remark| add(remark));
    visible(&text).into_owned()
}

/// What speaks for letting it stand.
pub(super) fn remarks(d: &Diagnostic, lang: Lang) -> Vec<String> {
    let demoted = d.demoted.as_ref().map(|x| demotion(x, lang));
    demoted.into_iter().chain(suppression(d, lang)).collect()
}

/// How loud an output says it that knows no suppressions of its own: what was let stand is only told.
pub(super) fn loudness(d: &Diagnostic) -> Severity {
    match d.suppressed {
        Some(_) => Severity::Info,
        None => d.severity,
    }
}

/// Who let it stand, and why.
pub(super) fn suppression(d: &Diagnostic, lang: Lang) -> Option<String> {
    let suppressed = d.suppressed.as_ref()?;
    let by = match suppressed.by {
        "inline" => lang.pick("文中已标明不改", "suppressed in the text"),
        "baseline" => lang.pick("已列入基线", "in the baseline"),
        "config" => lang.pick("配置中已标明不改", "suppressed by the configuration"),
        other => other,
    };
    Some(match suppressed.reason.as_str() {
        "" => by.to_owned(),
        reason => format!("{by}{}{reason}", lang.pick("：", ": ")),
    })
}

/// From what it was demoted, and why.
pub(super) fn demotion(demotion: &Demotion, lang: Lang) -> String {
    let from = severity_name(demotion.from, lang);
    let why = demotion_name(demotion.reason, lang);
    match lang {
        Lang::Zh => format!("原为{from}；{why}"),
        Lang::En => format!("from {from}; {why}"),
    }
}

pub(super) fn demotion_name(reason: DemotionReason, lang: Lang) -> &'static str {
    match reason {
        DemotionReason::Mention => lang.pick(
            "像是在引用错误写法，不是在使用",
            "it seems to be quoted as a mistake, not made",
        ),
        DemotionReason::Historical => lang.pick(
            "这里说的是过去，或是引用的名称",
            "it speaks of the past, or cites a title",
        ),
    }
}

/// How the text hid the form, in words; empty where it did not.
pub(super) fn disguises(d: &Diagnostic, lang: Lang) -> String {
    let names: Vec<_> = d
        .disguises
        .iter()
        .map(|&x| disguise_name(x, lang))
        .collect();
    names.join(lang.pick("、", ", "))
}

fn disguise_name(disguise: Disguise, lang: Lang) -> &'static str {
    match disguise {
        Disguise::ZeroWidth => lang.pick("不可见字符", "invisible characters"),
        Disguise::Blank => lang.pick("空格", "blanks"),
        Disguise::LineWrap => lang.pick("换行", "a line break"),
        Disguise::Width => lang.pick("全角字符", "full-width characters"),
        Disguise::Case => lang.pick("字母大小写", "letter case"),
        Disguise::Radical => lang.pick("部首字", "radicals"),
        Disguise::Traditional => lang.pick("繁体字", "traditional characters"),
        Disguise::SplitMarkup => lang.pick("中间的标记", "markup inside"),
        Disguise::Entity => lang.pick("字符引用", "character references"),
    }
}

/// Where a person finds it: in a flat file always with line and column.
pub(super) fn where_in_file(d: &Diagnostic, lang: Lang) -> String {
    let start = d.spans.first().map(|s| s.start);
    let words = place(&d.place, start, lang);
    let words = visible(&words);
    if d.part.is_empty() && d.place != Place::Line {
        let comma = lang.pick("，", ", ");
        return format!("{}{comma}{words}", place(&Place::Line, start, lang));
    }
    words.into_owned()
}

/// A category in words; an office's own categories are called as they are.
pub(super) fn category_name(category: &str, lang: Lang) -> &str {
    let row = CATEGORIES.iter().find(|row| row.0 == category);
    row.map_or(category, |row| lang.pick(row.1, row.2))
}

/// The categories of the embedded lexicon and of the rules beside it.
const CATEGORIES: &[(&str, &str, &str)] = &[
    ("citation", "法规引用", "citations"),
    ("collocations", "词语搭配", "collocations"),
    ("dates", "日期", "dates"),
    ("divisions", "行政区划", "divisions"),
    ("draft", "文稿疏漏", "oversights of a draft"),
    ("format", "公文格式", "format"),
    ("hmt", "港澳台表述", "Hong Kong, Macao and Taiwan"),
    ("idioms", "成语", "idioms"),
    ("institutions", "机构名称", "institutions"),
    ("leaders", "领导人和职务", "leaders and posts"),
    ("meetings", "会议和历史", "meetings and history"),
    ("names", "地名和译名", "names of places and countries"),
    ("near-miss", "近似误写", "near misses"),
    ("numbers", "数字和计量", "numbers"),
    ("office-terms", "公文用语", "office terms"),
    ("privacy", "个人信息", "personal data"),
    ("punctuation", "标点符号", "punctuation"),
    ("repealed", "已废止的法规", "repealed statutes"),
    ("set-phrases", "固定表述", "set phrases"),
    ("statutes", "法律法规名称", "statutes"),
    ("suppressions", "不改的标记", "suppressions"),
    ("terms", "术语", "terms"),
    ("typos", "错别字", "typos"),
];

/// The counts of a run in one line.
pub(super) fn totals(s: &Summary, lang: Lang) -> String {
    let Summary {
        documents,
        errors,
        warnings,
        infos,
        ..
    } = s;
    let mut text = match lang {
        Lang::Zh => {
            format!(
                "检查文件 {documents} 个：错误 {errors} 处，警告 {warnings} 处，提示 {infos} 处"
            )
        }
        Lang::En => {
            format!("files: {documents}; errors: {errors}, warnings: {warnings}, infos: {infos}")
        }
    };
    let more = [
        (s.fixed, "已改正", "处", "fixed"),
        (s.suppressed, "已标明不改", "处", "suppressed"),
        (s.skipped, "未检查", "项", "not checked"),
    ];
    for (n, zh, unit, en) in more.into_iter().filter(|m| m.0 > 0) {
        text.push_str(&match lang {
            Lang::Zh => format!("；{zh} {n} {unit}"),
            Lang::En => format!("; {en}: {n}"),
        });
    }
    text
}

/// What is told about a document besides its diagnostics: why it could not be read, what was not checked.
pub(super) struct Problem {
    /// `error`, or the notice's code.
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    /// Whether something was not checked.
    pub(super) unchecked: bool,
    pub(super) text: String,
}

pub(super) fn problems(d: &DocumentReport, lang: Lang) -> Vec<Problem> {
    let error = d.error.iter().map(|text| Problem {
        code: "error",
        severity: Severity::Error,
        unchecked: d.kind.is_none(),
        text: visible(text).into_owned(),
    });
    let notices = d.notices.iter().map(|n| Problem {
        code: n.code.name(),
        severity: match n.code {
            NoticeCode::EncodingConflict => Severity::Info,
            _ => Severity::Warning,
        },
        unchecked: n.code.means_unchecked(),
        text: visible(&notice(n, lang)).into_owned(),
    });
    error.chain(notices).collect()
}

/// Whether the form and the suggestions say it all.
pub(super) fn is_wording(d: &Diagnostic) -> bool {
    !d.suggestions.is_empty() && matches!(d.message, Message::Wording { .. })
}

/// Line and column where it begins, and where it ends.
pub(super) fn range(d: &Diagnostic) -> (Position, Position) {
    let start = d.spans.first().map_or_else(Position::default, |s| s.start);
    (start, d.spans.last().map_or(start, |s| s.end))
}

/// The suggestions in one text.
pub(super) fn suggestions(d: &Diagnostic, lang: Lang) -> String {
    let list: Vec<_> = d.suggestions.iter().map(|s| visible(s)).collect();
    list.join(lang.pick(" 或 ", " or "))
}

/// The excerpt before and behind the form, with … where the block goes on.
pub(super) fn surroundings(excerpt: &Excerpt) -> (String, String) {
    let dots = |cut: bool| if cut { "…" } else { "" };
    let before = format!("{}{}", dots(excerpt.cut_before), visible(&excerpt.before));
    let after = format!("{}{}", visible(&excerpt.after), dots(excerpt.cut_after));
    (before, after)
}
