//! Yesterday's debt: diagnostics that are known, and tolerated until they are dealt with.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::document::{Notice, NoticeCode};
use crate::error::{Error, Result};
use crate::fingerprint::fingerprints;
use crate::suppress::{CATEGORY, suppress};

/// What a baseline file calls itself.
const SCHEMA: &str = "zhengming.baseline/1";

/// Known diagnostics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<BaselineEntry>,
    /// Numbers of the entries by path.
    by_path: HashMap<String, Vec<usize>>,
}

/// A known diagnostic.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// The document, relative to the folder of the configuration, with `/` between its parts.
    pub path: String,
    /// The rule's id.
    pub rule: String,
    /// The words around it, for a person who reads the file.
    pub excerpt: String,
    /// By which it is known again; see [`fingerprints`].
    pub fingerprint: String,
    /// Why it may stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day on which it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    entries: Vec<BaselineEntry>,
}

impl Baseline {
    /// A baseline of these entries.
    #[must_use]
    pub fn new(mut entries: Vec<BaselineEntry>) -> Self {
        entries.sort();
        entries.dedup_by(|b, a| a.fingerprint == b.fingerprint && a.path == b.path);
        let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, entry) in entries.iter().enumerate() {
            by_path.entry(entry.path.clone()).or_default().push(n);
        }
        Self { entries, by_path }
    }

    /// Reads a baseline file.
    ///
    /// # Errors
    /// When it is none, with line and column where it is no JSON.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let file: File = serde_json::from_str(text).map_err(|e| {
            Error::document(
                format!("不是基线文件：{e}；可恢复旧版本，或删去后重新运行 zhengming baseline write"),
                format!("it is no baseline: {e}; restore it, or delete it and run zhengming baseline write again"),
            )
        })?;
        if file.schema != SCHEMA {
            return Err(Error::document(
                format!("基线文件的 schema 应为 {SCHEMA}，不是 {}", file.schema),
                format!("the schema of a baseline is {SCHEMA}, not {}", file.schema),
            ));
        }
        Ok(Self::new(file.entries))
    }

    /// The file: an entry on a line each, so that two branches that change it can be merged.
    ///
    /// # Errors
    /// None that a baseline can cause.
    pub fn to_json(&self) -> Result<String> {
        let mut text = format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"entries\": [");
        for (n, entry) in self.entries.iter().enumerate() {
            let line = serde_json::to_string(entry)
                .map_err(|e| Error::document(e.to_string(), e.to_string()))?;
            text.push_str(if n == 0 { "\n    " } else { ",\n    " });
            text.push_str(&line);
        }
        text.push_str(if self.entries.is_empty() {
            "]\n}\n"
        } else {
            "\n  ]\n}\n"
        });
        Ok(text)
    }

    /// The entries, by path, rule and words.
    #[must_use]
    pub fn entries(&self) -> &[BaselineEntry] {
        &self.entries
    }

    /// The entries that diagnostics of a document would have: of those that are not let stand for another reason. What is
    /// wrong with instructions cannot be known debt.
    #[must_use]
    pub fn entries_for(path: &str, diagnostics: &[Diagnostic]) -> Vec<BaselineEntry> {
        let named = fingerprints(path, diagnostics).into_iter().zip(diagnostics);
        named
            .filter(|(_, d)| {
                let by = d.suppressed.as_ref().map(|s| s.by);
                d.category != CATEGORY && by.is_none_or(|by| by == "baseline")
            })
            .map(|(fingerprint, d)| BaselineEntry {
                path: path.to_owned(),
                rule: d.rule.clone(),
                excerpt: words_around(d),
                fingerprint,
                reason: None,
                until: None,
            })
            .collect()
    }

    /// Marks the diagnostics that are known.
    pub(super) fn apply(&self, path: &str, today: Date, diagnostics: &mut [Diagnostic]) {
        if !self.by_path.contains_key(path) {
            return;
        }
        let prints = fingerprints(path, diagnostics);
        for (d, print) in diagnostics.iter_mut().zip(prints) {
            let entry = self.of(path).find(|e| e.fingerprint == print);
            let holds = entry.filter(|e| d.suppressed.is_none() && !e.is_over(today));
            if let Some(entry) = holds {
                suppress(d, "baseline", entry.reason.as_deref().unwrap_or_default());
            }
        }
    }

    /// Entries about a document that fit none of its diagnostics, and entries that fit but no longer hold.
    pub(super) fn notices(
        &self,
        path: &str,
        today: Date,
        diagnostics: &[Diagnostic],
    ) -> Vec<Notice> {
        if !self.by_path.contains_key(path) {
            return Vec::new();
        }
        let prints = fingerprints(path, diagnostics);
        let mut notices = Vec::new();
        for entry in self.of(path) {
            let (code, until) = if !prints.contains(&entry.fingerprint) {
                (NoticeCode::BaselineStale, None)
            } else if entry.is_over(today) {
                (NoticeCode::BaselineOver, entry.until)
            } else {
                continue;
            };
            let until = until.map(|day| format!("{day} ")).unwrap_or_default();
            notices.push(Notice {
                code,
                part: String::new(),
                detail: format!("{until}{} {}", entry.rule, entry.excerpt),
            });
        }
        notices
    }

    fn of<'b>(&'b self, path: &str) -> impl Iterator<Item = &'b BaselineEntry> {
        let numbers = self.by_path.get(path).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|&n| &self.entries[n])
    }
}

impl BaselineEntry {
    /// Whether its last day is past.
    #[must_use]
    pub fn is_over(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

fn words_around(d: &Diagnostic) -> String {
    /// Characters on either side: enough to find the place again.
    const SIDE: usize = 10;
    let excerpt = &d.excerpt;
    let before: Vec<char> = excerpt.before.chars().collect();
    let before = before[before.len().saturating_sub(SIDE)..].iter();
    let after = excerpt.after.chars().take(SIDE);
    let text: String = before
        .copied()
        .chain(excerpt.form.chars())
        .chain(after)
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
