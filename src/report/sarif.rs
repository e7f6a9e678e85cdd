//! SARIF 2.1.0, as code scanning platforms take it.
//!
//! Lines and columns are those of the diagnostics. In a docx the artifact is the docx itself, a line is a paragraph, and
//! the logical location says in words where that is.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::diagnostic::{Applicability, Diagnostic, Location, Severity};
use crate::error::Lang;
use crate::fingerprint::fingerprints;
use crate::report::words::{
    Item, problems, range, ranked, sentence, suggestions, surroundings, where_in_file,
};
use crate::report::{Report, visible};
use crate::source::Position;

/// What GitHub takes of one run: more results are refused, and so is a file of more than 10 MB after compression.
const LIMIT: Limit = Limit {
    results: 25_000,
    bytes: 9_000_000,
};

/// How many results GitHub shows.
const SHOWN: usize = 5_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_within(&LIMIT, report, out)
}

/// How much is written at most.
struct Limit {
    results: usize,
    /// Bytes that the results take when they are compressed.
    bytes: usize,
}

fn write_within(limit: &Limit, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut log = Log::new(report);
    let all = log.items.len();
    log.items.truncate(limit.results);
    let fitting = log.fitting(limit.bytes)?;
    log.items.truncate(fitting);
    let run = Run {
        tool: log.tool(),
        invocations: [log.invocation(all)],
        artifacts: log.artifacts(),
        language: report.lang.pick("zh-CN", "en-US"),
        column_kind: "unicodeCodePoints",
        newline_sequences: ["\r\n", "\n", "\r"],
        results: Results(&log),
    };
    let root = Root {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    serde_json::to_writer_pretty(&mut *out, &root)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Root<'l> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'l>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'l> {
    tool: Value,
    invocations: [Value; 1],
    artifacts: Vec<Value>,
    language: &'static str,
    column_kind: &'static str,
    newline_sequences: [&'static str; 3],
    results: Results<'l>,
}

/// Written one by one, so that only one of them at a time exists as JSON values.
struct Results<'l>(&'l Log<'l>);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.items.iter().map(|item| self.0.result(item)))
    }
}

/// What goes into a run.
struct Log<'r> {
    report: &'r Report,
    /// The most severe first.
    items: Vec<Item<'r>>,
    /// By document and diagnostic.
    fingerprints: Vec<Vec<String>>,
    /// The rules' numbers, in the order in which the items need them.
    rules: HashMap<&'r str, usize>,
    /// Whether there was a baseline to compare with.
    has_baseline: bool,
}

impl<'r> Log<'r> {
    fn new(report: &'r Report) -> Self {
        let items = ranked(report);
        let mut rules = HashMap::new();
        for item in &items {
            let next = rules.len();
            rules.entry(item.diagnostic.rule.as_str()).or_insert(next);
        }
        let documents = report.documents.iter();
        Self {
            report,
            fingerprints: documents
                .map(|d| fingerprints(&d.path, &d.diagnostics))
                .collect(),
            rules,
            has_baseline: items.iter().any(|i| is_by(i.diagnostic, "baseline")),
            items,
        }
    }

    /// How many of the items fit into so many bytes after compression.
    fn fitting(&self, bytes: usize) -> io::Result<usize> {
        let mut compressed = GzEncoder::new(Count(0), Compression::fast());
        for (nth, item) in self.items.iter().enumerate() {
            serde_json::to_writer(&mut compressed, &self.result(item))?;
            if compressed.get_ref().0 > bytes {
                return Ok(nth);
            }
        }
        Ok(self.items.len())
    }

    fn tool(&self) -> Value {
        let mut rules: Vec<Value> = Vec::new();
        for item in &self.items {
            let number = self.rules[item.diagnostic.rule.as_str()];
            if number == rules.len() {
                rules.push(self.rule(item.diagnostic));
            }
        }
        json!({"driver": {
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "shortDescription": {"text": self.report.lang.pick(
                "校对政府公文：找出写错的规范表述",
                "Proofreads government drafts: finds wrong official wording",
            )},
            "rules": rules,
            "properties": {"lexicon": {
                "digest": self.report.lexicon.digest,
                "entries": self.report.lexicon.entries,
            }},
        }})
    }

    /// A rule as its first diagnostic tells it.
    fn rule(&self, d: &Diagnostic) -> Value {
        let lang = self.report.lang;
        let colon = lang.pick("：", ": ");
        let mut lines = Vec::new();
        if !d.suggestions.is_empty() {
            let label = lang.pick("规范写法", "Official wording");
            lines.push(format!("{label}{colon}{}", suggestions(d, lang)));
        }
        for (label, text) in [
            (lang.pick("理由", "Why"), &d.reason),
            (lang.pick("依据", "Source"), &d.source),
        ] {
            if let Some(text) = text {
                lines.push(format!("{label}{colon}{}", visible(text)));
            }
        }
        let short = lines.first().unwrap_or(&d.rule).clone();
        let full = d
            .reason
            .as_ref()
            .map_or_else(|| d.message.render(lang), Clone::clone);
        lines.push(format!("zhengming explain {}", visible(&d.rule)));
        let severity = d.demoted.map_or(d.severity, |x| x.from);
        json!({
            "id": d.rule,
            "shortDescription": {"text": short},
            "fullDescription": {"text": visible(&full)},
            "help": {"text": lines.join("\n")},
            "defaultConfiguration": {"level": level(severity)},
            "properties": {
                "tags": [d.category],
                "problem.severity": match severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Info => "recommendation",
                },
            },
        })
    }

    /// How the run went: what was not read, and what was cut. `all` results there were.
    fn invocation(&self, all: usize) -> Value {
        let lang = self.report.lang;
        let mut notifications = Vec::new();
        let written = self.items.len();
        if written < all {
            let text = match lang {
                Lang::Zh => format!(
                    "共发现 {all} 处，按严重程度只写入前 {written} 处：GitHub 每次最多接收 {} 处、压缩后 10 MB",
                    LIMIT.results
                ),
                Lang::En => format!(
                    "{all} results were found and the {written} most severe are written: GitHub takes no more than {} results and 10 MB after compression",
                    LIMIT.results
                ),
            };
            notifications.push(json!({
                "descriptor": {"id": "cut"},
                "level": "warning",
                "message": {"text": text},
            }));
        }
        if written > SHOWN {
            let text = match lang {
                Lang::Zh => format!("共写入 {written} 处，GitHub 只显示最严重的 {SHOWN} 处"),
                Lang::En => format!(
                    "{written} results are written, of which GitHub shows the {SHOWN} most severe"
                ),
            };
            notifications.push(json!({
                "descriptor": {"id": "shown"},
                "level": "note",
                "message": {"text": text},
            }));
        }
        for document in &self.report.documents {
            for problem in problems(document, lang) {
                notifications.push(json!({
                    "descriptor": {"id": problem.code},
                    "level": level(problem.severity),
                    "message": {"text": problem.text},
                    "locations": [{"physicalLocation": {"artifactLocation": artifact(&document.path)}}],
                }));
            }
        }
        json!({
            "executionSuccessful": self.report.documents.iter().all(|d| d.error.is_none()),
            "toolExecutionNotifications": notifications,
        })
    }

    /// The documents that something is written about.
    fn artifacts(&self) -> Vec<Value> {
        let mut numbers: Vec<_> = self.items.iter().map(|i| i.at.0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let documents = numbers.into_iter().map(|n| &self.report.documents[n]);
        let each = documents.map(|d| {
            let mut value = json!({"location": artifact(&d.path)});
            if let Some(sha256) = &d.sha256 {
                value["hashes"] = json!({"sha-256": sha256});
            }
            // The encoding of a docx is that of its parts, which are no artifacts.
            if let Some(encoding) = d.encoding.filter(|_| d.kind != Some(crate::Kind::Docx)) {
                value["encoding"] = json!(encoding);
            }
            value
        });
        each.collect()
    }

    fn result(&self, item: &Item<'_>) -> Value {
        let lang = self.report.lang;
        let d = item.diagnostic;
        let artifact = artifact(&item.document.path);
        let fingerprint = &self.fingerprints[item.at.0][item.at.1];
        let (before, after) = surroundings(&d.excerpt);
        let form = visible(&d.excerpt.form);
        let mut result = json!({
            "ruleId": d.rule,
            "ruleIndex": self.rules[d.rule.as_str()],
            "level": level(d.severity),
            "message": {"text": sentence(d, lang)},
            "locations": [location(&artifact, d, lang)],
            // GitHub looks at this name alone, and makes it up from the lines of the file where it is missing.
            "partialFingerprints": {"primaryLocationLineHash": fingerprint},
            "properties": {"context": format!("{before}【{form}】{after}")},
        });
        let mut add = |name: &str, value: Value| {
            if value.as_array().is_none_or(|list| !list.is_empty()) {
                result[name] = value;
            }
        };
        let twins = d
            .twins
            .iter()
            .map(|twin| twin_location(&artifact, twin, lang));
        add("relatedLocations", twins.collect());
        add("fixes", fixes(&artifact, d, lang));
        if let Some(suppressed) = &d.suppressed {
            let kind = if suppressed.by == "inline" {
                "inSource"
            } else {
                "external"
            };
            let justification = visible(&suppressed.reason);
            add(
                "suppressions",
                json!([{"kind": kind, "justification": justification}]),
            );
        }
        if self.has_baseline {
            let state = if is_by(d, "baseline") {
                "unchanged"
            } else {
                "new"
            };
            add("baselineState", json!(state));
        }
        result
    }
}

fn is_by(d: &Diagnostic, who: &str) -> bool {
    d.suppressed.as_ref().is_some_and(|s| s.by == who)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// The whole form, from its first character to its last, even where markup splits it.
fn location(artifact: &Value, d: &Diagnostic, lang: Lang) -> Value {
    let (start, end) = range(d);
    let mut logical = json!({"name": where_in_file(d, lang)});
    if !d.part.is_empty() {
        logical["fullyQualifiedName"] = json!(visible(&d.part));
    }
    json!({
        "physicalLocation": {"artifactLocation": artifact, "region": region(start, end)},
        "logicalLocations": [logical],
    })
}

fn twin_location(artifact: &Value, twin: &Location, lang: Lang) -> Value {
    let text = lang.pick("同一段文字的另一份", "the same text a second time");
    json!({
        "message": {"text": text},
        "physicalLocation": {"artifactLocation": artifact, "region": region(twin.start, twin.end)},
    })
}

fn region(start: Position, end: Position) -> Value {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// The repair, where the artifact is a text and a person may apply it.
fn fixes(artifact: &Value, d: &Diagnostic, lang: Lang) -> Value {
    let Some(fix) = d
        .fix
        .as_ref()
        .filter(|f| f.applicability > Applicability::DisplayOnly)
    else {
        return json!([]);
    };
    let replacements: Option<Vec<_>> = fix
        .edits
        .iter()
        .map(|edit| {
            let (start, end) = edit.lines?;
            let region = region(start, end);
            Some(json!({"deletedRegion": region, "insertedContent": {"text": edit.content}}))
        })
        .collect();
    let Some(replacements) = replacements else {
        return json!([]);
    };
    let text = match lang {
        Lang::Zh => format!("改为“{}”", suggestions(d, lang)),
        Lang::En => format!("change to “{}”", suggestions(d, lang)),
    };
    json!([{
        "description": {"text": text},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    }])
}

/// Where a document is: relative to the root of the sources unless its path is absolute.
fn artifact(path: &str) -> Value {
    let path = path.trim_start_matches("./");
    let drive = matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    match path.strip_prefix('/') {
        Some(rest) => json!({"uri": format!("file:///{}", percent(rest))}),
        None if drive => json!({"uri": format!("file:///{}:{}", &path[..1], percent(&path[2..]))}),
        None => json!({"uri": percent(path), "uriBaseId": "%SRCROOT%"}),
    }
}

/// Everything but what may stand in a path as it is (RFC 3986, and the colon not even there).
fn percent(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for &byte in path.as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Counts what is written to it.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    fn written(limit: &Limit, report: &Report) -> Value {
        let mut out = Vec::new();
        write_within(limit, report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn paths_become_addresses() {
        for (path, want) in [
            ("a/b-c_1.md", "a/b-c_1.md"),
            ("./通知 1.docx", "%E9%80%9A%E7%9F%A5%201.docx"),
            ("a:b%20?#.txt", "a%3Ab%2520%3F%23.txt"),
            ("../x.txt", "../x.txt"),
        ] {
            assert_eq!(
                artifact(path),
                json!({"uri": want, "uriBaseId": "%SRCROOT%"})
            );
        }
        assert_eq!(artifact("/甲.txt"), json!({"uri": "file:///%E7%94%B2.txt"}));
        assert_eq!(
            artifact("C:/a b.txt"),
            json!({"uri": "file:///C:/a%20b.txt"})
        );
    }

    #[test]
    fn the_most_severe_are_kept_and_the_cut_is_said() {
        let mut report = sample();
        let mistake = report.documents[0].diagnostics[0].clone();
        let hint = Diagnostic {
            severity: Severity::Info,
            rule: "b/b".to_owned(),
            ..mistake.clone()
        };
        report.documents[0].diagnostics =
            vec![hint.clone(), hint.clone(), mistake.clone(), hint, mistake];
        let levels = |log: &Value| -> Vec<String> {
            let results = log["runs"][0]["results"].as_array().unwrap().iter();
            results
                .map(|r| r["level"].as_str().unwrap().to_owned())
                .collect()
        };
        let rules = |log: &Value| {
            log["runs"][0]["tool"]["driver"]["rules"]
                .as_array()
                .unwrap()
                .len()
        };
        let notified = |log: &Value| -> Vec<String> {
            let list = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
            let ids = list.as_array().unwrap().iter();
            ids.map(|n| n["descriptor"]["id"].as_str().unwrap().to_owned())
                .collect()
        };
        let whole = written(&LIMIT, &report);
        assert_eq!(levels(&whole), ["error", "error", "note", "note", "note"]);
        assert_eq!(rules(&whole), 2);
        assert_eq!(notified(&whole), ["comments", "unsupported-format"]);
        let limit = Limit {
            results: 2,
            ..LIMIT
        };
        let cut = written(&limit, &report);
        assert_eq!(levels(&cut), ["error", "error"]);
        assert_eq!(rules(&cut), 1);
        assert_eq!(notified(&cut), ["cut", "comments", "unsupported-format"]);
        report.documents[0].diagnostics = vec![report.documents[0].diagnostics[0].clone(); 50_000];
        let limit = Limit {
            bytes: 100_000,
            ..LIMIT
        };
        let cut = written(&limit, &report);
        let kept = levels(&cut).len();
        assert!((100..LIMIT.results).contains(&kept), "{kept}");
        assert_eq!(notified(&cut)[..2], ["cut", "comments"]);
    }
}
