//! The content of the JSON output, one object a line, for programs that read while they go.
//!
//! The first line says `"type": "run"`, the last one `"summary"`. Each document has a line, and behind it those of its
//! diagnostics: `diagnostic`, and after a fix `fixed` and `not-fixed`.

use std::io;

use serde::Serialize;

use crate::report::json::{
    Item, Lexicon, Notice, Summary, TOOL, Tool, item, lexicon, notices, skip_name, summarized,
};
use crate::report::{DocumentReport, Report};
use crate::{Diagnostic, Kind, Lang};

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lang = report.lang;
    let run = Line::Run {
        schema: "zhengming.check/1",
        tool: TOOL,
        lexicon: lexicon(&report.lexicon),
    };
    run.write(out)?;
    for document in &report.documents {
        write_document(document, lang, out)?;
    }
    let end = Line::Summary {
        skipped: report.summary.skipped,
        summary: summarized(&report.summary),
    };
    end.write(out)
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Run {
        schema: &'static str,
        tool: Tool,
        lexicon: Lexicon<'a>,
    },
    Document {
        path: &'a str,
        kind: Option<&'static str>,
        encoding: Option<&'static str>,
        sha256: Option<&'a str>,
        error: Option<&'a str>,
        date: &'a str,
        date_source: &'a str,
        notices: Vec<Notice<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        lexicon: Option<Lexicon<'a>>,
    },
    Diagnostic {
        path: &'a str,
        #[serde(flatten)]
        item: Item<'a>,
    },
    Fixed {
        path: &'a str,
        written: bool,
        #[serde(flatten)]
        item: Item<'a>,
    },
    NotFixed {
        path: &'a str,
        why: &'static str,
        #[serde(flatten)]
        item: Item<'a>,
    },
    Summary {
        skipped: usize,
        #[serde(flatten)]
        summary: Summary,
    },
}

impl Line<'_> {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

fn write_document(d: &DocumentReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Line::Document {
        path: &d.path,
        kind: d.kind.map(Kind::name),
        encoding: d.encoding,
        sha256: d.sha256.as_deref(),
        error: d.error.as_deref(),
        date: &d.date,
        date_source: &d.date_source,
        notices: notices(d, lang),
        lexicon: d.lexicon.as_ref().map(lexicon),
    };
    document.write(out)?;
    let path = d.path.as_str();
    let item = |x| item(x, lang);
    if let Some(repair) = &d.repair {
        let written = repair.written;
        for x in &repair.applied {
            let item = item(x);
            Line::Fixed {
                path,
                written,
                item,
            }
            .write(out)?;
        }
        for (x, reason) in &repair.skipped {
            let (why, item) = (skip_name(*reason), item(x));
            Line::NotFixed { path, why, item }.write(out)?;
        }
    }
    let diagnostics = d.diagnostics.iter();
    diagnostics
        .map(|x: &Diagnostic| Line::Diagnostic {
            path,
            item: item(x),
        })
        .try_for_each(|line| line.write(out))
}
