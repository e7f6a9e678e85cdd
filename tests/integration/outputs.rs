//! Every output against its schema or its reader's rules, with hostile drafts and file names.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::process::Stdio;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Value, json};
use zhengming::lexicon::Layer;
use zhengming::report::{DocumentReport, LexiconId, OutputFormat, Report, Summary, Unit, write};
use zhengming::{Diagnostic, Lang, Lexicon, Severity, Suppression, catalog};

use crate::schema::violations;
use crate::support::{Folder, Run, document, docx, linter, paragraph};

const LEXICON: &str = r#"
category = "leaders"

[[entry]]
canonical = "习近平总书记"
forbidden = ["习总书记"]
reason = "公文中称谓要完整"
source = "规范称谓，<第1条>"

[[entry]]
canonical = ["一般预算", "一般公共预算"]
forbidden = ["公共预算"]
severity = "warning"
"#;

/// Text that would be markup, a formula, a command or hidden, around two mistakes.
const HOSTILE: &str =
    "=1+1\",<img src=x onerror=a()>'习总书记]]>&amp;::error::\u{202e}\u{1b}[31m%0A**公共预算**|`x`";

/// A file name that Windows does not allow; elsewhere it is as bad as a name can be.
const BAD_NAME: &str = if cfg!(windows) {
    "=a&'%,{}.txt"
} else {
    "=a<b>&'\",:%\u{202e}\n.txt"
};

/// How many diagnostics and notices the drafts have.
const DIAGNOSTICS: usize = 11;
const NOTICES: usize = 2;

/// A folder with a lexicon, and drafts of every kind.
fn drafts() -> Folder {
    let body = format!(
        "{}{}",
        paragraph("各部门："),
        paragraph("学习习总书记讲话。")
    );
    let comments = docx(&body, &[("comments", "<w:comment w:id=\"1\"/>")]);
    let gbk = encoding_rs::GB18030
        .encode("学习习总书记讲话")
        .0
        .into_owned();
    Folder::with(&[
        ("l.toml", LEXICON.as_bytes()),
        (
            "甲/a.txt",
            "第一行\n学习习总书记讲话，习总书记\n强调".as_bytes(),
        ),
        ("甲/b c.md", "\u{feff}**习**总书记、公共\n预算".as_bytes()),
        (
            "乙/d.html",
            "<p title='习总书记'>习总&#20070;记</p>".as_bytes(),
        ),
        ("乙/gbk.txt", &gbk),
        ("乙/e.docx", &comments),
        ("乙/好.txt", "习近平总书记".as_bytes()),
        ("乙/引.txt", "把“习近平总书记”错写为“习总书记”。".as_bytes()),
        ("旧/旧.doc", b""),
        (BAD_NAME, HOSTILE.as_bytes()),
    ])
}

fn check(folder: &Folder, words: &str) -> Run {
    folder.run(&format!("check --no-builtin --lexicon l.toml {words}"))
}

/// What a format says about all drafts.
fn checked(format: &str) -> Run {
    let run = check(&drafts(), &format!("--format {format}"));
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.stderr, "");
    run
}

/// A report on one text, whose diagnostics `change` may change.
fn report(text: &str, change: &dyn Fn(&mut Vec<Diagnostic>)) -> Report {
    let document = document("a.txt", text);
    let mut diagnostics = linter(LEXICON).lint(&document);
    change(&mut diagnostics);
    let document = DocumentReport {
        path: "a.txt".to_owned(),
        kind: Some(document.kind),
        encoding: Some("UTF-8"),
        diagnostics,
        ..DocumentReport::default()
    };
    let mut summary = Summary::default();
    summary.add(&document);
    Report {
        lexicon: LexiconId::default(),
        documents: vec![document],
        summary,
        ..Report::default()
    }
}

fn written(format: OutputFormat, report: &Report) -> String {
    let mut out = Vec::new();
    write(format, report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn suppress(diagnostic: &mut Diagnostic, by: &'static str) {
    diagnostic.suppressed = Some(Suppression {
        by,
        reason: "引用原文<b>".to_owned(),
    });
}

// ---- SARIF

#[test]
fn sarif_fits_its_schema_and_says_where() {
    let schema = include_str!("../schemas/sarif-2.1.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let log = checked("sarif").json();
    assert_eq!(violations(&schema, &log), [""; 0]);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    let mut fingerprints = HashSet::new();
    for result in results {
        let number = result["ruleIndex"].as_u64().unwrap();
        assert_eq!(rules[number as usize]["id"], result["ruleId"]);
        let fingerprint = &result["partialFingerprints"]["primaryLocationLineHash"];
        assert!(fingerprints.insert(fingerprint.as_str().unwrap()));
    }
    let levels: Vec<_> = results
        .iter()
        .map(|r| r["level"].as_str().unwrap())
        .collect();
    let rank = |level: &&str| ["error", "warning", "note"].iter().position(|l| l == level);
    assert!(levels.is_sorted_by_key(rank), "{levels:?}");
    let regions = |uri: &str| -> Vec<[u64; 4]> {
        let at = |r: &Value| r["locations"][0]["physicalLocation"].clone();
        let of_file = results
            .iter()
            .map(at)
            .filter(|l| l["artifactLocation"]["uri"] == uri);
        let names = ["startLine", "startColumn", "endLine", "endColumn"];
        of_file
            .map(|l| names.map(|n| l["region"][n].as_u64().unwrap()))
            .collect()
    };
    assert_eq!(regions("%E7%94%B2/a.txt"), [[2, 3, 2, 7], [2, 10, 2, 14]]);
    // Over a line break, and behind a byte order mark.
    assert_eq!(regions("%E7%94%B2/b%20c.md"), [[1, 3, 1, 9], [1, 10, 2, 3]]);
    // The paragraph of a docx.
    assert_eq!(regions("%E4%B9%99/e.docx"), [[2, 3, 2, 7]]);
    let notified: Vec<_> = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["descriptor"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(notified, ["comments", "unsupported-format"]);
    let encodings: HashSet<_> = run["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|a| a["encoding"].as_str())
        .collect();
    assert_eq!(encodings, HashSet::from(["UTF-8", "gb18030"]));
}

#[test]
fn the_fixes_of_sarif_and_reviewdog_repair_the_text() {
    let text = "第一行\n学习习总书记讲话，<b>习总书记</b>\n";
    let folder = Folder::with(&[("l.toml", LEXICON.as_bytes()), ("a.html", text.as_bytes())]);
    let sarif = check(&folder, "--format sarif a.html").json();
    let rdjson = check(&folder, "--format rdjson a.html").json();
    let after = text.replace("习总书记", "习近平总书记");

    let mut lines: Vec<Vec<char>> = text.lines().map(|l| l.chars().collect()).collect();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    for result in results.iter().rev() {
        let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        let region = |name: &str| replacement["deletedRegion"][name].as_u64().unwrap() as usize;
        assert_eq!(region("startLine"), region("endLine"));
        let line = &mut lines[region("startLine") - 1];
        let content = replacement["insertedContent"]["text"].as_str().unwrap();
        line.splice(
            region("startColumn") - 1..region("endColumn") - 1,
            content.chars(),
        );
    }
    let repaired: String = lines
        .iter()
        .map(|l| l.iter().collect::<String>() + "\n")
        .collect();
    assert_eq!(repaired, after);

    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for diagnostic in rdjson["diagnostics"].as_array().unwrap().iter().rev() {
        let suggestion = &diagnostic["suggestions"][0];
        let at = |end: &str, unit: &str| suggestion["range"][end][unit].as_u64().unwrap() as usize;
        let range = at("start", "column") - 1..at("end", "column") - 1;
        let line = &mut lines[at("start", "line") - 1];
        line.replace_range(range, suggestion["text"].as_str().unwrap());
    }
    assert_eq!(lines.join("\n") + "\n", after);
}

#[test]
fn fingerprints_in_outputs_survive_moved_lines() {
    let moved = |text: &str| {
        let folder = Folder::with(&[("l.toml", LEXICON.as_bytes()), ("a.txt", text.as_bytes())]);
        let sarif = check(&folder, "--format sarif a.txt").json();
        let gitlab = check(&folder, "--format gitlab a.txt").json();
        let sarif = &sarif["runs"][0]["results"][0]["partialFingerprints"];
        (
            sarif["primaryLocationLineHash"].clone(),
            gitlab[0]["fingerprint"].clone(),
        )
    };
    let before = moved("学习习总书记讲话");
    assert_eq!(before.0, before.1);
    assert_eq!(moved("新的一行\n\n学习习总书记讲话"), before);
}

#[test]
fn what_was_let_stand_is_marked_and_never_dropped() {
    let schema: Value = serde_json::from_str(include_str!("../schemas/sarif-2.1.0.json")).unwrap();
    let report = report(
        "习总书记、习总书记、习总书记、公共预算",
        &|diagnostics| {
            suppress(&mut diagnostics[0], "baseline");
            suppress(&mut diagnostics[1], "inline");
        },
    );
    let log: Value = serde_json::from_str(&written(OutputFormat::Sarif, &report)).unwrap();
    assert_eq!(violations(&schema, &log), [""; 0]);
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let marks: Vec<_> = results
        .map(|r| {
            (
                r["level"].clone(),
                r["baselineState"].clone(),
                r["suppressions"][0]["kind"].clone(),
            )
        })
        .collect();
    assert_eq!(
        json!(marks),
        json!([
            ["error", "new", null],
            ["warning", "new", null],
            ["error", "unchanged", "external"],
            ["error", "new", "inSource"],
        ])
    );
    // In formats without a place for it the sentence says so, and the diagnostic is no more than a hint.
    for format in [
        OutputFormat::Gitlab,
        OutputFormat::Checkstyle,
        OutputFormat::Junit,
        OutputFormat::Rdjson,
        OutputFormat::Unix,
        OutputFormat::Csv,
        OutputFormat::Html,
        OutputFormat::Notice,
        OutputFormat::NoticeHtml,
        OutputFormat::Github,
        OutputFormat::GithubSummary,
        OutputFormat::Human {
            color: false,
            quiet: true,
            width: None,
        },
    ] {
        let text = written(format, &report);
        assert!(text.contains("已列入基线：引用原文"), "{text}");
        assert!(text.contains("文中已标明不改：引用原文"), "{text}");
    }
    let gitlab: Value = serde_json::from_str(&written(OutputFormat::Gitlab, &report)).unwrap();
    let severities: Vec<_> = gitlab
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["severity"].clone())
        .collect();
    assert_eq!(json!(severities), json!(["info", "info", "major", "minor"]));
    let commands = written(OutputFormat::Github, &report);
    let kinds: Vec<_> = commands
        .lines()
        .filter_map(|l| l.split(' ').next())
        .collect();
    assert_eq!(kinds, ["::error", "::warning", "::notice", "::notice"]);
    let junit = written(OutputFormat::Junit, &report);
    assert!(junit.contains(r#"tests="4" failures="1""#), "{junit}");
}

// ---- other JSON

#[test]
fn gitlab_reads_unique_findings() {
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string"},
                "check_name": {"type": "string"},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^./]"},
                        "lines": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["begin"],
                            "properties": {
                                "begin": {"type": "integer", "minimum": 1},
                                "end": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                },
            },
        },
    });
    let run = checked("gitlab");
    assert!(run.stdout.starts_with(b"["), "no byte order mark");
    let list = run.json();
    assert_eq!(violations(&schema, &list), [""; 0]);
    let list = list.as_array().unwrap();
    let unique: HashSet<_> = list
        .iter()
        .map(|i| i["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(unique.len(), list.len());
    assert_eq!(list.len(), DIAGNOSTICS + NOTICES);
    let nothing = check(&drafts(), "--format gitlab 乙/好.txt");
    assert_eq!((nothing.code, nothing.json()), (Some(0), json!([])));
}

#[test]
fn reviewdog_reads_diagnostics_with_bytes_as_columns() {
    let position = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["line", "column"],
        "properties": {
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "integer", "minimum": 1},
        },
    });
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["diagnostics"],
        "properties": {
            "source": {"$ref": "#/definitions/source"},
            "severity": {"$ref": "#/definitions/severity"},
            "diagnostics": {"type": "array", "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["message", "location"],
                "properties": {
                    "message": {"type": "string"},
                    "location": {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["path"],
                        "properties": {"path": {"type": "string"}, "range": {"$ref": "#/definitions/range"}},
                    },
                    "severity": {"$ref": "#/definitions/severity"},
                    "source": {"$ref": "#/definitions/source"},
                    "code": {
                        "type": "object",
                        "additionalProperties": false,
                        "properties": {"value": {"type": "string"}, "url": {"type": "string"}},
                    },
                    "suggestions": {"type": "array", "items": {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["range", "text"],
                        "properties": {"range": {"$ref": "#/definitions/range"}, "text": {"type": "string"}},
                    }},
                    "original_output": {"type": "string"},
                },
            }},
        },
        "definitions": {
            "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
            "source": {
                "type": "object",
                "additionalProperties": false,
                "properties": {"name": {"type": "string"}, "url": {"type": "string"}},
            },
            "range": {
                "type": "object",
                "additionalProperties": false,
                "required": ["start"],
                "properties": {"start": position, "end": position},
            },
        },
    });
    let result = checked("rdjson").json();
    assert_eq!(violations(&schema, &result), [""; 0]);
    let ranges = |path: &str| -> Vec<Value> {
        let list = result["diagnostics"].as_array().unwrap().iter();
        let of_file = list.filter(|d| d["location"]["path"] == path);
        let columns = of_file.map(|d| {
            let range = &d["location"]["range"];
            json!([
                range["start"]["line"],
                range["start"]["column"],
                range["end"]["column"]
            ])
        });
        columns.collect()
    };
    assert_eq!(ranges("甲/a.txt"), [json!([2, 7, 19]), json!([2, 28, 40])]);
    // The byte order mark counts, and so would the text of a file in another encoding as UTF-8.
    assert_eq!(ranges("甲/b c.md")[0], json!([1, 6, 20]));
    assert_eq!(ranges("乙/gbk.txt"), [json!([1, 7, 19])]);
}

#[test]
fn every_line_of_jsonl_is_an_object() {
    let run = checked("jsonl");
    let lines: Vec<Value> = run
        .text()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let types: Vec<_> = lines.iter().map(|l| l["type"].as_str().unwrap()).collect();
    assert_eq!(types.first(), Some(&"run"));
    assert_eq!(types.last(), Some(&"summary"));
    assert_eq!(lines[0]["schema"], "zhengming.check/1");
    let count = |name: &str| types.iter().filter(|t| **t == name).count();
    assert_eq!((count("document"), count("diagnostic")), (9, DIAGNOSTICS));
    // The diagnostics are those of the JSON output.
    let json = checked("json").json();
    let all = json["documents"].as_array().unwrap().iter();
    let mut all = all.flat_map(|d| d["diagnostics"].as_array().unwrap());
    for line in lines.iter().filter(|l| l["type"] == "diagnostic") {
        let mut line = line.clone();
        let object = line.as_object_mut().unwrap();
        object.remove("type");
        assert!(object.remove("path").is_some());
        assert_eq!(Some(&line), all.next());
    }
    let folder = drafts();
    let fixed = folder.run("fix --no-builtin --lexicon l.toml --format jsonl 甲/a.txt");
    let fixed: Vec<Value> = fixed
        .text()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let types: Vec<_> = fixed.iter().map(|l| l["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["run", "document", "fixed", "fixed", "summary"]);
    assert_eq!(fixed[2]["written"], true);
}

// ---- XML

/// An element with its attributes, its children and its text.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn parse(xml: &str) -> Self {
        let mut reader = Reader::from_str(xml);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => open.push(Self::named(&tag)),
                Event::Empty(tag) => open.last_mut().unwrap().children.push(Self::named(&tag)),
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(done);
                }
                Event::Text(text) => open.last_mut().unwrap().text += &text,
                Event::GeneralRef(name) => {
                    let name: &str = &name;
                    let text = quick_xml::escape::unescape(&format!("&{name};"))
                        .unwrap()
                        .into_owned();
                    open.last_mut().unwrap().text += &text;
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(open.len(), 1);
        open.remove(0).children.remove(0)
    }

    fn named(tag: &BytesStart<'_>) -> Self {
        let attributes = tag.attributes().map(|a| {
            let a = a.unwrap();
            let name = a.key.as_ref().to_owned();
            let raw = a.value.into_owned();
            assert!(!raw.contains('<'), "{raw}");
            (
                name,
                quick_xml::escape::unescape(&raw).unwrap().into_owned(),
            )
        });
        Self {
            name: tag.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    /// Checks that it has these attributes, those in brackets perhaps, and children of these names only.
    fn fits(&self, attributes: &[&str], children: &[&str]) {
        for name in self.attributes.keys() {
            let known = attributes
                .iter()
                .any(|a| a.trim_matches(['[', ']']) == name);
            assert!(known, "{self:?}");
        }
        for name in attributes.iter().filter(|a| !a.starts_with('[')) {
            assert!(self.attributes.contains_key(*name), "{name}: {self:?}");
        }
        for child in &self.children {
            assert!(children.contains(&child.name.as_str()), "{self:?}");
        }
    }
}

/// XML 1.0 allows no control characters but these three, in whatever form.
fn assert_xml_characters(xml: &str) {
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r') || c >= ' ' && c != '\u{FFFE}' && c != '\u{FFFF}';
    assert!(xml.chars().all(allowed));
}

#[test]
fn checkstyle_has_its_structure() {
    let run = checked("checkstyle");
    assert_xml_characters(run.text());
    let root = Element::parse(run.text());
    assert_eq!(root.name, "checkstyle");
    root.fits(&["version"], &["file"]);
    let mut errors = 0;
    for file in &root.children {
        file.fits(&["name"], &["error"]);
        for error in &file.children {
            error.fits(
                &["[line]", "[column]", "severity", "message", "source"],
                &[],
            );
            let severity = error.attributes["severity"].as_str();
            assert!(["info", "warning", "error"].contains(&severity));
            errors += 1;
        }
    }
    assert_eq!(errors, DIAGNOSTICS + NOTICES);
    let named = |name: &str| {
        root.children
            .iter()
            .filter(|f| f.attributes["name"] == name)
            .count()
    };
    assert_eq!(named("甲/a.txt"), 1);
    assert_eq!(named(&zhengming::report::visible(BAD_NAME)), 1);
}

#[test]
fn junit_fails_where_the_run_does() {
    let run = checked("junit");
    assert_xml_characters(run.text());
    let root = Element::parse(run.text());
    assert_eq!(root.name, "testsuites");
    let counts = ["tests", "failures", "errors", "skipped"];
    root.fits(
        &["name", "tests", "failures", "errors", "skipped", "time"],
        &["testsuite"],
    );
    let mut totals = [0; 4];
    for suite in &root.children {
        suite.fits(
            &["name", "tests", "failures", "errors", "skipped", "time"],
            &["testcase"],
        );
        let mut found = [suite.children.len(), 0, 0, 0];
        for case in &suite.children {
            case.fits(
                &["name", "classname", "file", "[line]", "time"],
                &["failure", "error", "skipped", "system-out"],
            );
            assert!(case.children.len() <= 1);
            for outcome in &case.children {
                match outcome.name.as_str() {
                    "failure" => {
                        outcome.fits(&["message", "type"], &[]);
                        found[1] += 1;
                    }
                    "error" => found[2] += 1,
                    "skipped" => {
                        outcome.fits(&["message"], &[]);
                        found[3] += 1;
                    }
                    _ => outcome.fits(&[], &[]),
                }
            }
        }
        let said = counts.map(|name| suite.attributes[name].parse::<usize>().unwrap());
        assert_eq!(said, found, "{suite:?}");
        for (total, n) in totals.iter_mut().zip(found) {
            *total += n;
        }
    }
    let said = counts.map(|name| root.attributes[name].parse::<usize>().unwrap());
    assert_eq!(said, totals);
    // A clean document passes.
    let clean = root
        .children
        .iter()
        .find(|s| s.attributes["name"] == "乙/好.txt")
        .unwrap();
    assert_eq!(clean.attributes["tests"], "1");
    let failures = |words: &str| {
        let run = check(&drafts(), &format!("--format junit {words}"));
        let root = Element::parse(run.text());
        (
            run.code.unwrap(),
            root.attributes["failures"].parse::<usize>().unwrap(),
        )
    };
    let (code, all) = failures("--fail-on info 甲 乙");
    assert_eq!((code, all), (1, 9));
    assert_eq!(failures("甲 乙"), (1, 7));
    assert_eq!(failures("乙/引.txt"), (0, 0));
    assert_eq!(failures("--fail-on never 甲 乙"), (0, 0));
}

// ---- lines

#[test]
fn workflow_commands_stay_on_their_lines() {
    let run = checked("github");
    let lines: Vec<_> = run.text().lines().collect();
    assert_eq!(lines.len(), DIAGNOSTICS + NOTICES, "{lines:?}");
    for line in &lines {
        let (head, data) = line.split_once("::").unwrap().1.split_once("::").unwrap();
        let (kind, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&kind), "{line}");
        assert!(properties.split(',').all(|p| p.contains('=')), "{line}");
        assert!(!data.contains(['\u{1b}', '\u{202e}']), "{line}");
    }
    let kinds: Vec<_> = lines.iter().map(|l| &l[..5]).collect();
    assert!(kinds.is_sorted_by_key(|k| ["::err", "::war", "::not"].iter().position(|x| x == k)));
    assert!(lines.contains(
        &"::error file=甲/a.txt,line=2,endLine=2,col=3,endColumn=7,title=leaders/习近平总书记::“习总书记”应为“习近平总书记”"
    ));
    // Columns only inside a line.
    assert!(
        lines
            .iter()
            .any(|l| l.starts_with("::warning file=甲/b c.md,line=1,endLine=2,title="))
    );
}

#[test]
fn the_summary_of_a_step_is_added_to() {
    let folder = drafts();
    folder.write("s.md", "前一步\n".as_bytes());
    let mut command = folder.command();
    command
        .args([
            "check",
            "--no-builtin",
            "--lexicon",
            "l.toml",
            "--format",
            "github",
        ])
        .env("GITHUB_STEP_SUMMARY", folder.path("s.md"));
    let run = crate::support::run_command(&mut command, b"");
    assert_eq!(run.code, Some(1), "{run:?}");
    let summary = String::from_utf8(folder.read("s.md")).unwrap();
    assert!(
        summary.starts_with("前一步\n### 正名检查结果\n\n"),
        "{summary}"
    );
    let rows = summary.lines().filter(|l| l.starts_with("| ")).count();
    assert_eq!(rows, 1 + DIAGNOSTICS, "{summary}");
    assert!(summary.contains("未检查：不支持这种格式"), "{summary}");
    for line in summary.lines().filter(|l| l.starts_with('|')) {
        let bars = line.replace("\\\\", "").replace("\\|", "");
        assert_eq!(bars.matches('|').count(), 8, "{line}");
        assert!(!line.replace("\\<", "").contains('<'), "{line}");
    }
    // Nobody asked for it.
    let run = check(&folder, "--format unix");
    assert_eq!(run.code, Some(1));
    assert_eq!(String::from_utf8(folder.read("s.md")).unwrap(), summary);
}

#[test]
fn unix_lines_hold_one_diagnostic_each() {
    let run = checked("unix");
    let lines: Vec<_> = run.text().lines().collect();
    assert_eq!(lines.len(), DIAGNOSTICS + NOTICES, "{lines:?}");
    assert!(!run.text().contains(['\u{1b}', '\u{202e}']));
    assert!(
        lines.contains(&"甲/a.txt:2:3: error: [leaders/习近平总书记] “习总书记”应为“习近平总书记”")
    );
}

// ---- CSV

/// The records of a table after the rules of RFC 4180, with CRLF as the only line end.
fn records(csv: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut chars = csv.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        let record = records.last_mut().unwrap();
        let cell = record.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'));
                records.push(vec![String::new()]);
            }
            c => {
                assert!(c != '"' && c != '\n', "{csv}");
                cell.push(c);
            }
        }
    }
    assert!(!quoted);
    assert_eq!(
        records.pop(),
        Some(vec![String::new()]),
        "the last line ends"
    );
    records
}

#[test]
fn tables_for_spreadsheets() {
    let run = checked("csv");
    let text = run
        .text()
        .strip_prefix('\u{FEFF}')
        .expect("a byte order mark");
    let records = records(text);
    assert_eq!(
        records[0],
        [
            "序号",
            "单位",
            "文件",
            "位置",
            "错误表述",
            "建议修改",
            "类别",
            "依据",
            "上下文",
            "级别",
            "备注"
        ]
    );
    assert_eq!(records.len(), 1 + DIAGNOSTICS + NOTICES);
    for (number, record) in records.iter().enumerate().skip(1) {
        assert_eq!(record.len(), 11);
        assert_eq!(record[0], number.to_string());
        for cell in record {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
            assert!(!cell.contains(['\u{1b}', '\u{202e}', '\r', '\n']), "{cell}");
        }
    }
    let of = |path: &str| records.iter().find(|r| r[2] == path).unwrap();
    assert_eq!(
        of("甲/a.txt")[3..],
        [
            "第2行第3列",
            "习总书记",
            "习近平总书记",
            "领导人和职务",
            "规范称谓，<第1条>",
            "第一行⏎学习【习总书记】讲话，习总书记⏎强调",
            "错误",
            ""
        ]
    );
    let bad = of(&format!("'{}", zhengming::report::visible(BAD_NAME)));
    assert!(bad[8].starts_with("'=1+1\",<img src=x"), "{bad:?}");
    assert_eq!(of("旧/旧.doc")[6], "未检查");
    let english = check(&drafts(), "--format csv --lang en 乙/好.txt");
    assert!(english.text().starts_with("\u{FEFF}No.,Unit,File,Place,"));
}

// ---- HTML

/// Everything of a page that is markup, and all of its text, script and style apart.
fn page(html: &str) -> (Vec<String>, String) {
    let mut tags = Vec::new();
    let mut text = String::new();
    let mut inside = String::new();
    for token in html5gum::Tokenizer::new(html).flatten() {
        match token {
            html5gum::Token::StartTag(tag) => {
                inside = String::from_utf8(tag.name.to_vec()).unwrap();
                let attributes = tag.attributes.iter().map(|(name, value)| {
                    let name = String::from_utf8(name.to_vec()).unwrap();
                    (name, String::from_utf8(value.to_vec()).unwrap())
                });
                let attributes: Vec<_> = attributes.collect();
                for (name, value) in &attributes {
                    assert!(
                        !name.starts_with("on") && name != "src" && name != "href",
                        "{html}"
                    );
                    assert!(!value.contains("://"), "{value}");
                }
                tags.push(inside.clone());
            }
            html5gum::Token::EndTag(_) => inside.clear(),
            html5gum::Token::String(s) if inside != "style" && inside != "script" => {
                text += std::str::from_utf8(&s).unwrap();
            }
            _ => {}
        }
    }
    (tags, text)
}

#[test]
fn pages_show_hostile_text_and_run_none() {
    let folder = drafts();
    for (format, scripts) in [("html", 1), ("notice-html", 0)] {
        let run = check(&folder, &format!("--format {format}"));
        let html = run.text();
        let (tags, text) = page(html);
        let known = [
            "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "p",
            "form", "fieldset", "legend", "label", "input", "output", "main", "section", "ul",
            "ol", "li", "span", "mark", "ins", "dl", "dt", "dd", "script", "table", "thead",
            "tbody", "tr", "th", "td",
        ];
        for tag in &tags {
            assert!(known.contains(&tag.as_str()), "{format}: <{tag}>");
        }
        assert_eq!(
            tags.iter().filter(|t| *t == "script").count(),
            scripts,
            "{format}"
        );
        assert!(
            !text.contains(['\u{202e}', '\u{1b}', '\u{200b}']),
            "{format}"
        );
        let name = zhengming::report::visible(BAD_NAME);
        assert!(text.contains(name.as_ref()), "{format}");
        if format == "html" {
            assert!(text.contains("<img src=x onerror=a()>'"), "{text}");
            assert!(text.contains("\\u{202e}\\u{1b}[31m"), "{text}");
        }
        // Nothing is loaded, and no script runs but the page's own.
        assert!(html.contains("default-src 'none'"), "{format}");
        assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("url("));
    }
}

#[test]
fn a_page_has_every_diagnostic_with_its_surroundings() {
    let folder = drafts();
    let run = check(&folder, "--format html");
    let html = run.text();
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"));
    assert_eq!(html.matches("<li class=\"item ").count(), DIAGNOSTICS);
    assert!(
        html.contains("学习<mark>习总书记</mark><ins>习近平总书记</ins>讲话"),
        "{html}"
    );
    assert!(html.contains("<dd>规范称谓，&lt;第1条&gt;</dd>"));
    assert!(html.contains("未检查：不支持这种格式"));
    assert!(html.contains("@media print"));
    let english = check(&folder, "--format html --lang en 甲/a.txt");
    assert!(english.text().contains("<html lang=\"en\">"));
    assert!(english.text().contains("line 2, column 3"));
    let clean = check(&folder, "--format html 乙/好.txt");
    assert!(clean.text().contains("没有发现问题"));
}

// ---- the notice

#[test]
fn a_notice_lists_mistakes_by_unit_and_column() {
    let folder = drafts();
    let config = r#"
[[unit]]
name = "甲局"
column = "通知公告"
paths = ["甲/a*"]

[[unit]]
name = "乙局"
paths = ["乙/"]

[[unit]]
name = "甲局"
column = "工作动态"
paths = ["甲/"]

[[unit]]
name = "丙局"
paths = ["丙/"]
"#;
    folder.write("zhengming.toml", config.as_bytes());
    folder.write(".git/HEAD", b"");
    let run = check(&folder, "--format notice 甲 乙 旧");
    assert_eq!(run.code, Some(1));
    let want = "\
# 表述检查情况通报

检查文件 7 个：错误 7 处，警告 1 处，提示 1 处；未检查 1 项

| 单位 | 栏目 | 检查文件 | 错误 | 警告 |
|---|---|---:|---:|---:|
| 甲局 | 通知公告 | 1 | 2 | 0 |
| 甲局 | 工作动态 | 1 | 1 | 1 |
| 乙局 |  | 5 | 4 | 0 |
| 丙局 |  | 0 | 0 | 0 |

## 一、甲局（4 处）

### “通知公告”栏目（2 处）

1. 将“习近平总书记”错写为“习总书记”（甲/a.txt，第2行第3列）。
2. 将“习近平总书记”错写为“习总书记”（甲/a.txt，第2行第10列）。

### “工作动态”栏目（2 处）

1. 将“习近平总书记”错写为“习总书记”（甲/b c.md，第1行第3列）。
2. 疑将“一般预算”或“一般公共预算”错写为“公共预算”（甲/b c.md，第1行第10列）。

## 二、乙局（4 处）

1. 将“习近平总书记”错写为“习总书记”（乙/d.html，第1行第11列，“title”属性）。
2. 将“习近平总书记”错写为“习总书记”（乙/d.html，第1行第17列）。
3. 将“习近平总书记”错写为“习总书记”（乙/e.docx，正文第2段）。
4. 将“习近平总书记”错写为“习总书记”（乙/gbk.txt，第1行第3列）。

## 三、依据

1. “习近平总书记”：规范称谓，\\<第1条\\>

## 四、未检查的内容和注意事项

1. 乙/e.docx：word/comments0.xml：仍有 1 条批注，公开前须删除
2. 旧/旧.doc：未检查：不支持这种格式，请另存为 docx

另有提示 1 处未列入，须人工核对。
";
    assert_eq!(run.text(), want);
    let csv = check(&folder, "--format csv 甲 乙");
    let records = records(csv.text());
    let of = |path: &str| records.iter().find(|r| r[2] == path).unwrap()[1].clone();
    assert_eq!(of("甲/a.txt"), "甲局");
    assert_eq!(of("乙/d.html"), "乙局");
    let html = check(&folder, "--format notice-html 甲 乙");
    let (_, text) = page(html.text());
    assert!(
        text.contains("将“习近平总书记”错写为“习总书记”（甲/a.txt，第2行第3列）。"),
        "{text}"
    );
    // Without units there is one list.
    let run = check(&folder, "--isolated --format notice 甲/a.txt --lang en");
    let want = "\
# Inspection notice

files: 1; errors: 2, warnings: 0, infos: 0

## 1. Mistakes (2)

1. “习总书记” is written for “习近平总书记” (甲/a.txt, line 2, column 3).
2. “习总书记” is written for “习近平总书记” (甲/a.txt, line 2, column 10).

## 2. Sources

1. “习近平总书记”: 规范称谓，\\<第1条\\>
";
    assert_eq!(run.text(), want);
}

// ---- the command

const FORMATS: [&str; 14] = [
    "human",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "checkstyle",
    "junit",
    "rdjson",
    "unix",
    "csv",
    "html",
    "notice",
    "notice-html",
];

#[test]
fn no_format_changes_the_exit_code() {
    let folder = drafts();
    folder.write("坏.txt", b"\xFF\xFE\0\0");
    for (words, want) in [
        ("乙/好.txt", 0),
        ("乙/引.txt", 0),
        ("甲/a.txt", 1),
        ("甲/a.txt --fail-on never", 0),
        ("甲/a.txt 坏.txt", 2),
        ("甲/a.txt 旧 --strict", 3),
    ] {
        for format in FORMATS {
            for more in ["", "--lang en"] {
                let run = check(&folder, &format!("{words} --format {format} {more}"));
                assert_eq!(run.code, Some(want), "{words} {format}: {run:?}");
                assert_eq!(run.stderr, "", "{words} {format}");
                let named = words.contains("坏") && run.text().contains("坏.txt");
                assert!(
                    named || !words.contains("坏") || format == "sarif",
                    "{format}: {run:?}"
                );
            }
        }
    }
}

#[test]
fn several_files_in_one_run() {
    let folder = drafts();
    let words = "--output-file a.sarif --output-file html=b --output-file notice=n.html --output-file c.csv \
                 --output-file unix=d=e --output-file f --format gitlab 甲 乙";
    let run = check(&folder, words);
    assert_eq!(run.code, Some(1), "{run:?}");
    let text = |name: &str| String::from_utf8(folder.read(name)).unwrap();
    let same = |name: &str, format: &str| {
        let words = format!("--format {format} 甲 乙");
        assert_eq!(text(name), check(&folder, &words).text(), "{name}");
    };
    same("a.sarif", "sarif");
    same("b", "html");
    same("n.html", "notice-html");
    same("c.csv", "csv");
    same("d=e", "unix");
    same("f", "gitlab");
    assert_eq!(text("f"), run.text());
    // A report of last time is replaced, and is no draft.
    let before = text("n.html");
    let run = check(&folder, "--output-file notice=n.html --format unix");
    assert!(!run.text().contains("n.html"), "{run:?}");
    assert_ne!(text("n.html"), before);
    let run = check(
        &folder,
        "--output-file a.sarif --output-file json=a.sarif 甲",
    );
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("两次写同一个文件"), "{run:?}");
    let run = check(&folder, "--output-file 没有/a.csv 甲");
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("没有/a.csv"), "{run:?}");
    // No temporary file is left.
    assert!(
        folder.names().iter().all(|n| !n.ends_with(".tmp")),
        "{:?}",
        folder.names()
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    folder.write("l.toml", LEXICON.as_bytes());
    folder.write("a.txt", "习总书记。".repeat(200).as_bytes());
    for format in FORMATS {
        let mut command = folder.command();
        command.args([
            "check",
            "--no-builtin",
            "--lexicon",
            "l.toml",
            "a.txt",
            "--format",
            format,
        ]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = Run::new(child.wait_with_output().unwrap());
        assert_eq!(run.stderr, "", "{format}");
    }
}

#[test]
fn every_category_of_ours_has_a_name() {
    let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
    let entries = lexicon.entries().map(|e| e.category.clone());
    let patterns = lexicon.patterns().map(|p| p.entry.category.clone());
    let rules = catalog().into_iter().map(|r| r.category.to_owned());
    let categories: BTreeSet<_> = entries.chain(patterns).chain(rules).collect();
    assert!(categories.len() > 15, "{categories:?}");
    for category in categories {
        let report = report("习总书记", &|diagnostics| {
            diagnostics[0].category.clone_from(&category);
        });
        let csv = written(OutputFormat::Csv, &report);
        let named = records(csv.trim_start_matches('\u{FEFF}'))[1][6].clone();
        assert_ne!(
            named, category,
            "add it to CATEGORIES in src/report/words.rs"
        );
    }
}

#[test]
fn units_that_a_caller_gives_are_listed() {
    let mut report = report("习总书记", &|_| {});
    report.lang = Lang::En;
    report.units = vec![Unit {
        name: "A|B".to_owned(),
        column: None,
        documents: 1,
    }];
    report.documents[0].unit = Some(0);
    assert_eq!(report.documents[0].diagnostics[0].severity, Severity::Error);
    let notice = written(OutputFormat::Notice, &report);
    assert!(notice.contains("| A\\|B |  | 1 | 1 | 0 |"), "{notice}");
    // An index that leads nowhere is no reason to fail.
    report.documents[0].unit = Some(7);
    assert!(written(OutputFormat::Notice, &report).contains("No unit given"));
    written(OutputFormat::Html, &report);
    written(OutputFormat::Csv, &report);
}
