//! What became of the annotations of a file, for a person, for a program, and for the configuration.

use std::io;

use serde_json::json;

use super::visible;
use crate::annotate::{Decision, Decisions, State};
use crate::error::Lang;
use crate::suppress::LONGEST_PHRASE;

/// The forms in which decisions are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionFormat {
    /// A line each, by what was decided.
    Human,
    /// One JSON object, schema `zhengming.decisions/1`.
    Json,
    /// `[[allow]]` tables for `zhengming.toml`: what was rejected, with the editor's reason.
    Allow,
}

/// Writes the decisions on the file at `path`.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(
    format: DecisionFormat,
    path: &str,
    decisions: &Decisions,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        DecisionFormat::Human => human(&decisions.decisions, lang, out),
        DecisionFormat::Json => json(path, decisions, out),
        DecisionFormat::Allow => allow(path, decisions, lang, out),
    }
}

fn human(decisions: &[Decision], lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    for state in State::ALL {
        let list: Vec<_> = decisions.iter().filter(|d| d.state == state).collect();
        if list.is_empty() {
            continue;
        }
        let colon = lang.pick("：", ": ");
        writeln!(out, "{} {}", state.text(lang), list.len())?;
        for d in list {
            let proposed = d.proposed.join(lang.pick("、", ", "));
            let (original, place) = (visible(&d.original), visible(&d.place));
            write!(
                out,
                "  {place}{colon}“{original}” → “{}”",
                visible(&proposed)
            )?;
            if let (State::Changed, Some(now)) = (d.state, &d.now) {
                let word = lang.pick("，现为", ", now ");
                write!(out, "{word}“{}”", visible(now))?;
            }
            writeln!(out, "  [{}]", visible(&d.rule))?;
            if let Some(reason) = &d.reason {
                let word = lang.pick("理由", "reason");
                writeln!(out, "    {word}{colon}{}", visible(reason))?;
            }
        }
    }
    if decisions.is_empty() {
        let none = lang.pick("文件中没有正名的标注", "the file has no annotations");
        writeln!(out, "{none}")?;
    }
    Ok(())
}

fn json(path: &str, decisions: &Decisions, out: &mut dyn io::Write) -> io::Result<()> {
    let list = decisions.decisions.iter();
    let count = |state| list.clone().filter(|d| d.state == state).count();
    let all: Vec<_> = list
        .clone()
        .map(|d| {
            json!({
                "id": d.id,
                "rule": d.rule,
                "found": d.found,
                "original": d.original,
                "proposed": d.proposed,
                "state": d.state.name(),
                "now": d.now,
                "reason": d.reason,
                "place": d.place,
            })
        })
        .collect();
    let value = json!({
        "schema": "zhengming.decisions/1",
        "tool": {"name": "zhengming", "version": env!("CARGO_PKG_VERSION")},
        "path": path,
        "draft": decisions.draft,
        "decisions": all,
        "summary": {
            "accepted": count(State::Accepted),
            "rejected": count(State::Rejected),
            "changed": count(State::Changed),
            "open": count(State::Open),
        },
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

/// An editor who keeps a form says that it may stand: for the draft as it is called, whatever the annotated copy is.
fn allow(path: &str, decisions: &Decisions, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let path = decisions.draft.as_deref().unwrap_or(path);
    let mut written: Vec<(&str, &str, &str)> = Vec::new();
    let kept = decisions.decisions.iter();
    for d in kept.filter(|d| d.state == State::Rejected && !d.rule.is_empty()) {
        let without = lang.pick(
            "编辑保留原文，未写理由",
            "the editor kept the text and gave no reason",
        );
        let reason = d.reason.as_deref().unwrap_or(without);
        let entry = (d.rule.as_str(), d.found.as_str(), reason);
        if written.contains(&entry) {
            continue;
        }
        written.push(entry);
        // A longer phrase is refused; a piece of it says as much.
        let phrase: String = d.found.chars().take(LONGEST_PHRASE).collect();
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        writeln!(
            out,
            "[[allow]]\npath = {}\nrule = {}\nphrase = {}\nreason = {}\n",
            quoted(&globset::escape(path)),
            quoted(&d.rule),
            quoted(&phrase),
            quoted(&reason.replace('\n', " ")),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Decisions {
        let decision = |state, reason: Option<&str>, now: Option<&str>| Decision {
            id: "_zm_1".to_owned(),
            rule: "test/习近平总书记".to_owned(),
            found: "习总书记".to_owned(),
            original: "习\u{200b}总书记".to_owned(),
            proposed: vec!["习近平总书记".to_owned()],
            state,
            now: now.map(str::to_owned),
            reason: reason.map(str::to_owned),
            place: "正文第3段".to_owned(),
        };
        Decisions {
            draft: Some("通知 \"甲\".docx".to_owned()),
            decisions: vec![
                decision(State::Open, None, None),
                decision(State::Rejected, Some("引用\n原文"), None),
                decision(State::Rejected, None, None),
                decision(State::Rejected, None, None),
                decision(State::Changed, None, Some("总\u{1b}书记")),
            ],
        }
    }

    fn written(format: DecisionFormat, decisions: &Decisions) -> String {
        let mut out = Vec::new();
        write(format, "a.docx", decisions, Lang::Zh, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_person_reads_them_by_what_was_decided() {
        let text = written(DecisionFormat::Human, &sample());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "已拒绝 3");
        assert_eq!(
            lines[1],
            "  正文第3段：“习\\u{200b}总书记” → “习近平总书记”  [test/习近平总书记]"
        );
        assert_eq!(lines[2], "    理由：引用⏎原文");
        assert!(text.contains("，现为“总\\u{1b}书记”"), "{text}");
        assert!(text.contains("未处理 1"), "{text}");
        let none = written(DecisionFormat::Human, &Decisions::default());
        assert_eq!(none, "文件中没有正名的标注\n");
    }

    #[test]
    fn a_program_reads_json() {
        let text = written(DecisionFormat::Json, &sample());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["schema"], "zhengming.decisions/1");
        assert_eq!(value["summary"]["rejected"], 3);
        assert_eq!(value["decisions"][1]["reason"], "引用\n原文");
        assert_eq!(value["decisions"][1]["now"], serde_json::Value::Null);
    }

    #[test]
    fn what_was_rejected_may_stand() {
        let text = written(DecisionFormat::Allow, &sample());
        let value: toml::Table = text.parse().unwrap();
        let list = value["allow"].as_array().unwrap();
        // The third is the same as the fourth.
        assert_eq!(list.len(), 2);
        assert_eq!(list[0]["path"].as_str(), Some("通知 \"甲\".docx"));
        assert_eq!(list[0]["phrase"].as_str(), Some("习总书记"));
        assert_eq!(list[0]["reason"].as_str(), Some("引用 原文"));
        assert_eq!(list[1]["reason"].as_str(), Some("编辑保留原文，未写理由"));
    }
}
