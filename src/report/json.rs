//! The machine's output: one JSON object, schema `zhengming.check/1`.

use std::io::{self, Write as _};

use serde::{Serialize, Serializer};

use crate::diagnostic::{Diagnostic, Location};
use crate::error::Lang;
use crate::report::{DocumentReport, LexiconId, Report};
use crate::source::Position;

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &root(report))?;
    out.write_all(b"\n")
}

pub(super) fn write_compact(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    // It is written in many small pieces.
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer(&mut out, &root(report))?;
    out.flush()
}

fn root(report: &Report) -> Root<'_> {
    let summary = &report.summary;
    Root {
        schema: "zhengming.check/1",
        tool: TOOL,
        lexicon: lexicon(&report.lexicon),
        skipped: summary.skipped,
        documents: Documents(report),
        summary: summarized(summary),
    }
}

#[derive(Serialize)]
struct Root<'a> {
    schema: &'static str,
    tool: Tool,
    lexicon: Lexicon<'a>,
    skipped: usize,
    documents: Documents<'a>,
    summary: Summary,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Lexicon<'a> {
    digest: &'a str,
    entries: usize,
}

#[derive(Serialize)]
pub(super) struct Summary {
    documents: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
}

/// Written one by one, so that only one document at a time exists as JSON values.
struct Documents<'a>(&'a Report);

impl Serialize for Documents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lang = self.0.lang;
        serializer.collect_seq(self.0.documents.iter().map(|d| document(d, lang)))
    }
}

#[derive(Serialize)]
struct Document<'a> {
    path: &'a str,
    kind: Option<&'static str>,
    encoding: Option<&'static str>,
    sha256: Option<&'a str>,
    error: Option<&'a str>,
    date: &'a str,
    date_source: &'a str,
    notices: Vec<Notice<'a>>,
    diagnostics: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lexicon: Option<Lexicon<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<Repair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<Block<'a>>>,
    #[serde(flatten)]
    outcome: Option<Outcome<'a>>,
}

#[derive(Serialize)]
struct Block<'a> {
    part: &'a str,
    place: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    text: &'a str,
}

#[derive(Serialize)]
struct Outcome<'a> {
    output: Output<'a>,
    applied: usize,
    skipped: Vec<NotDone<'a>>,
}

#[derive(Serialize)]
struct Output<'a> {
    filename: &'a str,
    media_type: &'static str,
    base64: &'a str,
}

#[derive(Serialize)]
struct NotDone<'a> {
    id: &'a str,
    reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct Notice<'a> {
    code: &'static str,
    part: &'a str,
    message: String,
}

#[derive(Serialize)]
struct Repair<'a> {
    written: bool,
    backup: Option<&'a str>,
    diff: Option<&'a str>,
    applied: Vec<Item<'a>>,
    skipped: Vec<Skipped<'a>>,
}

#[derive(Serialize)]
struct Skipped<'a> {
    reason: &'static str,
    diagnostic: Item<'a>,
}

#[derive(Serialize)]
pub(super) struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ranges: Option<Vec<[usize; 2]>>,
    rule: &'a str,
    category: &'a str,
    severity: &'static str,
    message: String,
    found: &'a str,
    suggestions: &'a [String],
    source: Option<&'a str>,
    disguises: Vec<&'static str>,
    demoted: Option<Demoted>,
    suppressed: Option<Suppressed<'a>>,
    part: &'a str,
    place: String,
    spans: Vec<Range>,
    twins: Vec<Range>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Demoted {
    from: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct Suppressed<'a> {
    by: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    offset: usize,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Fix<'a> {
    applicability: &'static str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: usize,
    end: usize,
    content: &'a str,
}

pub(super) fn lexicon(id: &LexiconId) -> Lexicon<'_> {
    Lexicon {
        digest: &id.digest,
        entries: id.entries,
    }
}

pub(super) const TOOL: Tool = Tool {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
};

pub(super) fn summarized(summary: &super::Summary) -> Summary {
    Summary {
        documents: summary.documents,
        errors: summary.errors,
        warnings: summary.warnings,
        infos: summary.infos,
        suppressed: summary.suppressed,
    }
}

pub(super) fn notices(d: &DocumentReport, lang: Lang) -> Vec<Notice<'_>> {
    let notices = d.notices.iter().map(|n| Notice {
        code: n.code.name(),
        part: &n.part,
        message: super::notice(n, lang),
    });
    notices.collect()
}

fn document(d: &DocumentReport, lang: Lang) -> Document<'_> {
    let detail = d.detail.as_ref();
    let texts = detail.and_then(|x| x.texts.as_ref());
    Document {
        path: &d.path,
        kind: d.kind.map(crate::Kind::name),
        encoding: d.encoding,
        sha256: d.sha256.as_deref(),
        error: d.error.as_deref(),
        date: &d.date,
        date_source: &d.date_source,
        notices: notices(d, lang),
        diagnostics: items(d, lang),
        lexicon: d.lexicon.as_ref().map(lexicon),
        repair: d.repair.as_ref().map(|r| repair(r, lang)),
        blocks: texts.map(|texts| texts.blocks.iter().map(block).collect()),
        outcome: detail.and_then(|x| x.outcome.as_ref()).map(outcome),
    }
}

fn items(d: &DocumentReport, lang: Lang) -> Vec<Item<'_>> {
    let detail = d.detail.as_ref();
    let texts = detail.and_then(|x| x.texts.as_ref());
    let ranges = |n: usize| {
        let own = texts.and_then(|texts| texts.ranges.get(n));
        // A list, in case a diagnostic ever stands in several places of its block.
        own.map(|r| Vec::from_iter((!r.is_empty()).then_some([r.start, r.end])))
    };
    let each = d.diagnostics.iter().enumerate();
    let each = each.map(|(n, d)| Item {
        id: detail.and_then(|x| x.ids.get(n)).map(String::as_str),
        block: texts.map(|_| d.block),
        ranges: ranges(n),
        ..item(d, lang)
    });
    each.collect()
}

fn block(block: &super::BlockText) -> Block<'_> {
    Block {
        part: &block.part,
        place: &block.place,
        kind: block.kind,
        level: block.level,
        text: &block.text,
    }
}

fn outcome(outcome: &super::Outcome) -> Outcome<'_> {
    let skipped = outcome.skipped.iter();
    Outcome {
        output: Output {
            filename: &outcome.filename,
            media_type: outcome.media_type,
            base64: &outcome.base64,
        },
        applied: outcome.applied,
        skipped: skipped
            .map(|(id, reason)| NotDone {
                id,
                reason: reason.name(),
            })
            .collect(),
    }
}

fn repair(r: &super::Repair, lang: Lang) -> Repair<'_> {
    let skipped = r.skipped.iter().map(|(d, reason)| Skipped {
        reason: skip_name(*reason),
        diagnostic: item(d, lang),
    });
    Repair {
        written: r.written,
        backup: r.backup.as_deref(),
        diff: r.diff.as_deref(),
        applied: r.applied.iter().map(|d| item(d, lang)).collect(),
        skipped: skipped.collect(),
    }
}

pub(super) fn skip_name(reason: crate::fix::SkipReason) -> &'static str {
    use crate::fix::SkipReason;
    match reason {
        SkipReason::BreaksMarkup => "breaks-markup",
        SkipReason::Restless => "restless",
        SkipReason::Unencodable => "unencodable",
        SkipReason::NoFix => "no-fix",
    }
}

pub(super) fn item(d: &Diagnostic, lang: Lang) -> Item<'_> {
    let start = d.spans.first().map(|s| s.start);
    let demoted = d.demoted.as_ref().map(|x| Demoted {
        from: x.from.name(),
        reason: x.reason.name(),
    });
    let suppressed = d.suppressed.as_ref().map(|x| Suppressed {
        by: x.by,
        reason: &x.reason,
    });
    let fix = d.fix.as_ref().map(|f| Fix {
        applicability: f.applicability.name(),
        edits: f.edits.iter().map(edit).collect(),
    });
    Item {
        id: None,
        block: None,
        ranges: None,
        rule: &d.rule,
        category: &d.category,
        severity: d.severity.name(),
        message: d.message.render(lang),
        found: &d.found,
        suggestions: &d.suggestions,
        source: d.source.as_deref(),
        disguises: d.disguises.iter().map(|x| x.name()).collect(),
        demoted,
        suppressed,
        part: &d.part,
        place: super::place(&d.place, start, lang),
        spans: d.spans.iter().map(range).collect(),
        twins: d.twins.iter().map(range).collect(),
        fix,
    }
}

fn range(location: &Location) -> Range {
    let point = |offset, Position { line, column, .. }| Point {
        offset,
        line,
        column,
    };
    Range {
        start: point(location.span.start, location.start),
        end: point(location.span.end, location.end),
    }
}

fn edit(e: &crate::Edit) -> Edit<'_> {
    Edit {
        start: e.span.start,
        end: e.span.end,
        content: &e.content,
    }
}

#[cfg(test)]
mod tests {
    use crate::report::tests::sample;
    use crate::report::{OutputFormat, write};

    #[test]
    fn the_shape_of_the_contract() {
        let mut out = Vec::new();
        write(OutputFormat::Json, &sample(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let squeezed: String = text.split_whitespace().collect();
        let version = env!("CARGO_PKG_VERSION");
        let want = format!(
            r#"{{"schema":"zhengming.check/1",
"tool":{{"name":"zhengming","version":"{version}"}},
"lexicon":{{"digest":"sha256:00","entries":1234}},
"skipped":1,
"documents":[{{
"path":"通知.docx","kind":"docx","encoding":"UTF-8","sha256":"ab","error":null,
"date":"2026-11-24","date_source":"today",
"notices":[{{"code":"comments","part":"word/comments.xml","message":"word/comments.xml：仍有3条批注，公开前须删除"}}],
"diagnostics":[{{
"rule":"leaders/习近平总书记","category":"leaders","severity":"error",
"message":"“习总书记”应为“习近平总书记”","found":"习总书记","suggestions":["习近平总书记"],
"source":"规范称谓","disguises":["zero-width"],"demoted":null,"suppressed":null,
"part":"word/document.xml","place":"正文第3段",
"spans":[{{"start":{{"offset":0,"line":3,"column":1}},"end":{{"offset":15,"line":3,"column":6}}}}],
"twins":[],
"fix":{{"applicability":"safe","edits":[{{"start":3,"end":6,"content":"近平"}}]}}}}]}},
{{"path":"表.xlsx","kind":null,"encoding":null,"sha256":null,"error":null,
"date":"2026-11-24","date_source":"today",
"notices":[{{"code":"unsupported-format","part":"","message":"未检查：不支持这种格式，请另存为docx"}}],
"diagnostics":[]}}],
"summary":{{"documents":1,"errors":1,"warnings":0,"infos":0,"suppressed":0}}}}"#
        );
        assert_eq!(squeezed, want.split_whitespace().collect::<String>());
    }
}
