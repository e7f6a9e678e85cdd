//! What is told of a text that was checked: diagnostics, what a mark means, and what can be done about it.

use std::ops::Range as Bytes;
use std::path::Path;

use lsp_types::{
    CodeActionKind, DiagnosticSeverity, Hover, HoverContents, MarkupContent, MarkupKind,
    NumberOrString, Position, Range, TextEdit,
};
use serde::Serialize;
use serde_json::{Value, json};
use zhengming::report::{self, severity_name, visible};
use zhengming::{
    Applicability, Diagnostic, Document, Fix, Kind, Lang, Message, Mistake, ReadOptions, Severity,
    Span, UnitIndex, Units, fix,
};

use super::desk::{Checked, Sound};
use super::{Ability, Client};
use crate::explain;

/// Where our diagnostics say they come from.
const SOURCE: &str = "zhengming";

/// Corrects everything that is safe.
pub(super) const FIX_ALL: &str = "source.fixAll.zhengming";

/// A decision to let something stand is offered for so many diagnostics at most: each is tried out first, and who selects
/// a whole text has no such decision in mind.
const MOST_DECISIONS: usize = 20;

/// A code action. That of `lsp_types` takes no URI as the editor may spell it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Action {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<CodeActionKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Vec<lsp_types::Diagnostic>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edit: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_preferred: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

/// The diagnostics of a text: above them what was not checked.
pub(super) fn published(checked: &Checked, lang: Lang) -> Vec<lsp_types::Diagnostic> {
    let sound = match &checked.result {
        Ok(sound) => sound,
        Err(why) => {
            let what = lang.pick("未检查：", "not checked: ");
            let why = why.trim_start_matches(what);
            return vec![at_top(DiagnosticSeverity::WARNING, format!("{what}{why}"))];
        }
    };
    let notices = sound.document.notices.iter();
    let notices = notices.map(|n| at_top(DiagnosticSeverity::INFORMATION, report::notice(n, lang)));
    let diagnostics = open(sound).map(|d| checked.diagnostic(d, lang));
    notices.chain(diagnostics).collect()
}

/// The diagnostics that nobody decided to let stand.
fn open(sound: &Sound) -> impl Iterator<Item = &Diagnostic> {
    sound.diagnostics.iter().filter(|d| d.suppressed.is_none())
}

fn at_top(severity: DiagnosticSeverity, message: String) -> lsp_types::Diagnostic {
    lsp_types::Diagnostic {
        severity: Some(severity),
        source: Some(SOURCE.to_owned()),
        message,
        ..lsp_types::Diagnostic::default()
    }
}

/// What is wrong in a configuration or lexicon file, each at its place.
pub(super) fn flaws(
    path: &Path,
    flaws: &[(bool, Mistake)],
    units: Units,
    lang: Lang,
) -> Vec<lsp_types::Diagnostic> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let index = UnitIndex::new(&text, units);
    let flaws = flaws.iter().map(|(is_broken, mistake)| {
        let line = u32::try_from(mistake.line.saturating_sub(1)).unwrap_or(u32::MAX);
        let start = index.offset(&text, line, 0);
        let end = index.offset(&text, line, u32::MAX);
        let mut characters = text[start..end].char_indices();
        let column = characters.nth(mistake.column.saturating_sub(1));
        let start = column.map_or(end, |(at, _)| start + at);
        let severity = match is_broken {
            true => DiagnosticSeverity::ERROR,
            false => DiagnosticSeverity::WARNING,
        };
        lsp_types::Diagnostic {
            range: range(&index, &text, &(start..end)),
            ..at_top(severity, lang.pick(&mistake.zh, &mistake.en).clone())
        }
    });
    flaws.collect()
}

fn range(index: &UnitIndex, text: &str, bytes: &Bytes<usize>) -> Range {
    let position = |offset| {
        let (line, character) = index.place(text, offset);
        Position { line, character }
    };
    Range {
        start: position(bytes.start),
        end: position(bytes.end),
    }
}

/// What the diagnostics at a position mean.
pub(super) fn hover(checked: &Checked, position: Position, lang: Lang) -> Option<Hover> {
    let sound = checked.result.as_ref().ok()?;
    let point = Range {
        start: position,
        end: position,
    };
    let here: Vec<_> = checked.touching(sound, point).collect();
    let range = here.first().map(|d| checked.range(d))?;
    let texts: Vec<_> = here.iter().map(|d| in_full(sound, d, lang)).collect();
    let contents = HoverContents::Markup(MarkupContent {
        // A draft may hold anything, and this kind needs no escaping.
        kind: MarkupKind::PlainText,
        value: texts.join("\n\n"),
    });
    Some(Hover {
        contents,
        range: Some(range),
    })
}

fn in_full(sound: &Sound, d: &Diagnostic, lang: Lang) -> String {
    let colon = lang.pick("：", ": ");
    let severity = severity_name(d.severity, lang);
    let mut lines = vec![
        format!("{severity}{colon}{}", told(d, lang)),
        d.rule.clone(),
    ];
    let disguises = report::disguises(d, lang);
    if !disguises.is_empty() {
        let label = lang.pick("伪装", "disguise");
        lines.push(format!("{label}{colon}{disguises}"));
    }
    for (label, text) in explain::in_words(&sound.checker.lexicon, &d.rule, lang) {
        lines.push(format!("{label}{colon}{}", visible(&text)));
    }
    lines.join("\n")
}

/// What is wrong, and what should stand there.
fn told(d: &Diagnostic, lang: Lang) -> String {
    let mut text = report::sentence(d, lang);
    if !matches!(d.message, Message::Wording { .. }) && !d.suggestions.is_empty() {
        let list: Vec<_> = d.suggestions.iter().map(|s| quoted(s, lang)).collect();
        let list = list.join(lang.pick("或", " or "));
        text.push_str(&match lang {
            Lang::Zh => format!("，应为{list}"),
            Lang::En => format!(": should be {list}"),
        });
    }
    text
}

fn quoted(text: &str, lang: Lang) -> String {
    match text {
        "" => lang.pick("无（删去）", "nothing (delete it)").to_owned(),
        text => format!("“{}”", visible(text)),
    }
}

/// What can be done about the diagnostics in a range; all of what can, or the kinds that are asked for.
pub(super) fn actions(
    checked: &Checked,
    range: Range,
    only: Option<&[String]>,
    client: &Client,
    lang: Lang,
) -> Vec<Action> {
    let Ok(sound) = &checked.result else {
        return Vec::new();
    };
    let here: Vec<_> = checked.touching(sound, range).collect();
    // A kind stands for all those below it.
    let asked = |kind: &str| {
        only.map(|only| {
            let covers =
                |o: &String| kind == o || kind.strip_prefix(o).is_some_and(|r| r.starts_with('.'));
            only.iter().any(|o| o.is_empty() || covers(o))
        })
    };
    let mut actions = Vec::new();
    if asked("quickfix").unwrap_or(true) {
        actions.extend(quick_fixes(checked, sound, &here, client, lang));
        if sound.document.kind != Kind::Text {
            let decisions = here.iter().take(MOST_DECISIONS);
            actions.extend(decisions.filter_map(|d| decision(checked, sound, d, client, lang)));
        }
    }
    if asked(FIX_ALL).unwrap_or(!here.is_empty()) {
        actions.extend(fix_all(checked, sound, client, lang));
    }
    actions
}

/// A correction for each suggestion that can be written.
fn quick_fixes(
    checked: &Checked,
    sound: &Sound,
    here: &[&Diagnostic],
    client: &Client,
    lang: Lang,
) -> Vec<Action> {
    let mut offers: Vec<(String, Diagnostic)> = Vec::new();
    let mut offer = |d: &Diagnostic, suggestion: Option<&str>, fix: Fix| {
        let title = match suggestion {
            Some("") => lang.pick("删去", "Delete it").to_owned(),
            Some(text) => {
                let text = visible(text);
                lang.pick(format!("改为“{text}”"), format!("Change to “{text}”"))
            }
            None => lang.pick("改正", "Correct it").to_owned(),
        };
        let mut offered = d.clone();
        offered.fix = Some(fix);
        offers.push((title, offered));
    };
    // A quoted mistake is not to be corrected.
    for d in here.iter().filter(|d| d.demoted.is_none()) {
        match (&d.fix, d.suggestions.as_slice()) {
            (Some(fix), [one]) => offer(d, Some(one), fix.clone()),
            (Some(fix), _) => offer(d, None, fix.clone()),
            (None, several) => {
                for (n, suggestion) in several.iter().enumerate() {
                    if let Some(fix) = d.fix_with(n) {
                        offer(d, Some(suggestion), fix.clone());
                    }
                }
            }
        }
    }
    let sound = fix::sound(&sound.document, offers.iter().map(|(_, d)| d)).unwrap_or_default();
    let mut actions = Vec::new();
    for (title, d) in &offers {
        let is_sound = sound.iter().any(|s| std::ptr::eq(*s, d));
        let Some(fix) = d.fix.as_ref().filter(|_| is_sound) else {
            continue;
        };
        let edits = fix
            .edits
            .iter()
            .map(|e| checked.edit(&bytes(e.span), &e.content));
        actions.push(Action {
            title: title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![checked.diagnostic(d, lang)]),
            edit: Some(checked.changes(&edits.collect::<Vec<_>>(), client)),
            is_preferred: Some(fix.applicability == Applicability::Safe),
            ..Action::default()
        });
    }
    actions
}

/// A comment that lets a diagnostic stand. The reason is left to the person: until it is written nothing is let stand, and
/// a diagnostic says so.
fn decision(
    checked: &Checked,
    sound: &Sound,
    d: &Diagnostic,
    client: &Client,
    lang: Lang,
) -> Option<Action> {
    let text = checked.snapshot.text.as_str();
    let block = sound.document.blocks.get(d.block)?;
    let pieces = block.pieces(&(0..sound.document.text(block).len()));
    let inside = pieces.first()?.source.start;
    let line = checked.index.place(text, inside).0;
    let start = checked.index.offset(text, line, 0);
    let indent = text.get(start..inside)?;
    let indent = &indent[..indent.len() - indent.trim_start_matches([' ', '\t']).len()];
    let end = ["\r\n", "\n", "\r"]
        .into_iter()
        .find(|end| text.contains(end));
    let end = end.unwrap_or("\n");
    let comment = |reason: &str| format!("<!-- zhengming-ignore {}: {reason} -->", d.rule);
    // On a line of its own where that reads as before, else directly in front of the words.
    let ways = [(start, indent, end), (inside, "", "")];
    let (at, before, behind) = ways.into_iter().find(|(at, before, behind)| {
        let (head, tail) = text.split_at(*at);
        let changed = format!("{head}{before}{}{behind}{tail}", comment("…"));
        lets_stand(sound, d, changed)
    })?;
    let content = format!("{before}{}{behind}", comment(""));
    Some(Action {
        title: match lang {
            Lang::Zh => format!("忽略（须写明理由）：{}", d.rule),
            Lang::En => format!("Ignore, with a reason to write: {}", d.rule),
        },
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![checked.diagnostic(d, lang)]),
        edit: Some(checked.changes(&[checked.edit(&(at..at), &content)], client)),
        ..Action::default()
    })
}

/// Whether a diagnostic is let stand in a text that reads the same otherwise.
fn lets_stand(sound: &Sound, d: &Diagnostic, changed: String) -> bool {
    let old = &sound.document;
    let options = ReadOptions {
        kind: Some(old.kind),
        ..ReadOptions::default()
    };
    let Ok(new) = Document::parse_text(&old.name, changed, &options) else {
        return false;
    };
    let blocks = |document: &Document| -> Vec<_> {
        let blocks = document.blocks.iter();
        blocks
            .map(|b| (b.kind, document.text(b).to_owned()))
            .collect()
    };
    if blocks(old) != blocks(&new) {
        return false;
    }
    let found = sound.checker.linter.lint(&new);
    let is_same = |other: &&Diagnostic| {
        other.block == d.block && other.rule == d.rule && other.excerpt == d.excerpt
    };
    let stands = found
        .iter()
        .find(is_same)
        .is_some_and(|d| d.suppressed.is_some());
    stands && found.len() == sound.diagnostics.len()
}

/// Everything that is safe, corrected at once; where the editor can wait for it, the edits are made when it is chosen.
fn fix_all(checked: &Checked, sound: &Sound, client: &Client, lang: Lang) -> Option<Action> {
    let is_safe = |d: &&Diagnostic| {
        let fix = d.fix.as_ref();
        fix.is_some_and(|f| f.applicability == Applicability::Safe)
    };
    let count = open(sound).filter(is_safe).count();
    if count == 0 {
        return None;
    }
    let mut action = Action {
        title: match lang {
            Lang::Zh => format!("改正全文中有把握的 {count} 处"),
            Lang::En => format!("Correct all {count} that are safe in this text"),
        },
        kind: Some(CodeActionKind::from(FIX_ALL)),
        ..Action::default()
    };
    if client.can(Ability::Resolve) {
        let snapshot = &checked.snapshot;
        action.data = Some(json!({"uri": snapshot.uri, "revision": snapshot.revision}));
    } else {
        action.edit = Some(checked.changes(&all_edits(checked, sound)?, client));
    }
    Some(action)
}

/// A code action with its edits.
///
/// # Errors
/// Why there are none, for a person.
pub(super) fn resolve(
    checked: &Checked,
    action: &Value,
    client: &Client,
    lang: Lang,
) -> Result<Value, String> {
    let changed = lang.pick(
        "文稿已改动，请重新选择",
        "the text has changed: choose again",
    );
    let refused = lang.pick("无法改正", "nothing can be corrected");
    let sound = checked.result.as_ref().map_err(String::clone)?;
    if action["data"]["revision"] != json!(checked.snapshot.revision) {
        return Err(changed.to_owned());
    }
    let edits = all_edits(checked, sound).ok_or(refused)?;
    let mut action = action.clone();
    action["edit"] = checked.changes(&edits, client);
    Ok(action)
}

/// What `fix` would change; `None` when that is nothing.
fn all_edits(checked: &Checked, sound: &Sound) -> Option<Vec<TextEdit>> {
    let safe = fix::Choice::at_least(Applicability::Safe);
    let fixed = fix::apply(&sound.checker.linter, &sound.document, &safe).ok()?;
    let new = String::from_utf8(fixed.bytes).ok()?;
    let edits = fix::difference(&checked.snapshot.text, &new).into_iter();
    let edits: Vec<_> = edits
        .map(|(at, content)| checked.edit(&at, &content))
        .collect();
    (!edits.is_empty()).then_some(edits)
}

fn bytes(span: Span) -> Bytes<usize> {
    span.start..span.end
}

impl Checked {
    /// Where a diagnostic stands, from its first byte to its last.
    fn range(&self, d: &Diagnostic) -> Range {
        let start = d.spans.iter().map(|l| l.span.start).min().unwrap_or(0);
        let end = d.spans.iter().map(|l| l.span.end).max().unwrap_or(start);
        range(&self.index, &self.snapshot.text, &(start..end))
    }

    /// The diagnostics that a range touches.
    fn touching<'s>(
        &'s self,
        sound: &'s Sound,
        range: Range,
    ) -> impl Iterator<Item = &'s Diagnostic> {
        open(sound).filter(move |d| {
            let own = self.range(d);
            own.start <= range.end && range.start <= own.end
        })
    }

    fn diagnostic(&self, d: &Diagnostic, lang: Lang) -> lsp_types::Diagnostic {
        let severity = match d.severity {
            // What is probably no mistake is only hinted at.
            _ if d.demoted.is_some() => DiagnosticSeverity::HINT,
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        };
        let mut message = told(d, lang);
        if let Some(source) = &d.source {
            let label = lang.pick("依据：", "source: ");
            message.push_str(&format!("\n{label}{}", visible(source)));
        }
        lsp_types::Diagnostic {
            range: self.range(d),
            code: Some(NumberOrString::String(d.rule.clone())),
            ..at_top(severity, message)
        }
    }

    fn edit(&self, at: &Bytes<usize>, content: &str) -> TextEdit {
        TextEdit {
            range: range(&self.index, &self.snapshot.text, at),
            new_text: content.to_owned(),
        }
    }

    /// Edits of this version of the text, where the editor can be told that they are.
    fn changes(&self, edits: &[TextEdit], client: &Client) -> Value {
        let snapshot = &self.snapshot;
        let uri = &snapshot.uri;
        match client.can(Ability::DocumentChanges) {
            true => json!({"documentChanges": [{
                "textDocument": {"uri": uri, "version": snapshot.version},
                "edits": edits,
            }]}),
            false => json!({"changes": {uri.as_str(): edits}}),
        }
    }
}
