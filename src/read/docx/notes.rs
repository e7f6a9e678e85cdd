//! What the file remembers about its annotations, so that they are not made twice and decisions can be read back.
//!
//! Where an annotation stands is a bookmark, `_zm_7`; what it said is a custom document property of that name. Word,
//! `LibreOffice` and WPS all have both themselves and write them back, and reference managers keep their data in the same
//! two places. Ids of revisions and comments do not survive: Word counts them anew on every save. Comments do, but an
//! editor deletes them. A value of more than 255 characters may be cut, so a long one is split over several properties.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::additions::Additions;
use super::markup::{Mint, Root, escape};
use super::package::Package;
use super::related;
use super::xml::{Cursor, Token};
use crate::error::Result;
use crate::source::Part;

const PREFIX: &str = "_zm_";
/// Characters of a value; Word takes 255.
const MAX_VALUE: usize = 250;
/// The highest number of an annotation: far beyond what a file holds, and far from where counting ends.
const MOST: usize = 1 << 30;

/// What one annotation said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// The rule.
    #[serde(rename = "r", default, skip_serializing_if = "String::is_empty")]
    pub(super) rule: String,
    /// The forbidden form.
    #[serde(rename = "f", default, skip_serializing_if = "String::is_empty")]
    pub(super) found: String,
    /// What stood there; with asterisks where it must not be shown.
    #[serde(rename = "o", default, skip_serializing_if = "String::is_empty")]
    pub(super) original: String,
    /// Whether `original` has asterisks that stand for any character.
    #[serde(rename = "m", default, skip_serializing_if = "is_false")]
    pub(super) masked: bool,
    /// Whether the bookmark is around more than that.
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    pub(super) wide: bool,
    /// What may stand there instead.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) proposed: Vec<String>,
    /// What was written.
    #[serde(rename = "k")]
    pub(super) kind: NoteKind,
    /// Who the marks are by.
    #[serde(rename = "a", default, skip_serializing_if = "String::is_empty")]
    pub(super) author: String,
    /// The part it stands in.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub(super) part: String,
    /// The place in words; for the summary, the name of the draft.
    #[serde(rename = "w", default, skip_serializing_if = "String::is_empty")]
    pub(super) place: String,
    /// For the summary, the fingerprints of the comments that were there before.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) older: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum NoteKind {
    /// A tracked change.
    #[default]
    #[serde(rename = "t")]
    Tracked,
    /// Tracked changes in other paragraphs than the one it is about.
    #[serde(rename = "e")]
    Elsewhere,
    /// A comment.
    #[serde(rename = "c")]
    Comment,
    /// A line of the summary; a bookmark says where.
    #[serde(rename = "b")]
    Marked,
    /// A line of the summary about something that no bookmark can mark.
    #[serde(rename = "l")]
    Listed,
    /// The summary itself.
    #[serde(rename = "s")]
    Summary,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The notes of a file.
#[derive(Default)]
pub(super) struct Notes {
    part: Option<Part>,
    /// By number; number 0 is the summary.
    pub(super) notes: BTreeMap<usize, Note>,
    /// The ids of all properties.
    ids: Vec<i64>,
}

/// The name of an annotation.
pub(super) fn name(number: usize) -> String {
    format!("{PREFIX}{number}")
}

/// The number of the annotation of that name. One that we could not have given is none.
pub(super) fn number(name: &str) -> Option<usize> {
    let digits = name.strip_prefix(PREFIX)?;
    digits.parse().ok().filter(|&number| number <= MOST)
}

/// The number of the annotation that a text names.
pub(super) fn number_in(text: &str) -> Option<usize> {
    let rest = &text[text.rfind(PREFIX)? + PREFIX.len()..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    number(&format!("{PREFIX}{}", &rest[..digits]))
}

impl Notes {
    /// Reads the notes among the custom properties.
    ///
    /// # Errors
    /// When the properties cannot be read.
    pub(super) fn read(package: &mut Package<'_>) -> Result<Self> {
        let mut notes = Self::default();
        let relations = package.relations("")?;
        let mut part = None;
        for kind in ["custom-properties", "customProperties"] {
            if part.is_none() {
                part = related(package, "", &relations, kind)?;
            }
        }
        let Some(part) = part else {
            return Ok(notes);
        };
        let mut values: BTreeMap<(usize, usize), String> = BTreeMap::new();
        let mut key = None;
        let mut value = String::new();
        let mut cursor = Cursor::new(&part.name, part.text());
        while let Some(token) = cursor.next()? {
            match token {
                Token::Start(e) if e.local == "property" => {
                    let id = cursor.plain(&e, "pid");
                    notes.ids.extend(id.and_then(|v| v.parse::<i64>().ok()));
                    key = cursor.plain(&e, "name").and_then(|n| key_of(&n));
                    value.clear();
                }
                Token::Text { text, .. } | Token::Cdata { text, .. } => value.push_str(text),
                Token::Reference { character, .. } => value.push(character),
                Token::End { .. } if cursor.depth() == 1 => {
                    if let Some(key) = key.take() {
                        values.insert(key, value.trim().to_owned());
                    }
                }
                _ => {}
            }
        }
        let mut whole: BTreeMap<usize, String> = BTreeMap::new();
        for ((number, _), value) in values {
            whole.entry(number).or_default().push_str(&value);
        }
        for (number, value) in whole {
            // What somebody else has changed is as good as gone.
            if let Ok(note) = serde_json::from_str(&value) {
                notes.notes.insert(number, note);
            }
        }
        notes.part = Some(part);
        Ok(notes)
    }

    /// Whether the file has been annotated before.
    pub(super) fn has_summary(&self) -> bool {
        self.notes.contains_key(&0)
    }

    /// Adds notes to the package.
    ///
    /// # Errors
    /// When the properties cannot be written.
    pub(super) fn add(
        &self,
        new: &BTreeMap<usize, Note>,
        strict: bool,
        additions: &mut Additions<'_, '_>,
    ) -> Result<()> {
        let (namespace, types) = if strict {
            (
                "http://purl.oclc.org/ooxml/officeDocument/customProperties",
                "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
            )
        } else {
            (
                "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
                "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
            )
        };
        let root = self.part.as_ref().map(Root::find).transpose()?;
        let prefix = root.as_ref().map_or("", |r| r.prefix.as_str());
        let mut children = String::new();
        // Number 1 is reserved.
        let mut mint = Mint::new(self.ids.iter().copied().chain([1]), "", "");
        for (&number, note) in new.iter().filter(|(n, _)| !self.notes.contains_key(n)) {
            let value = serde_json::to_string(note).unwrap_or_default();
            let chars: Vec<char> = value.chars().collect();
            for (nth, chunk) in chars.chunks(MAX_VALUE).enumerate() {
                let id = mint.id();
                let name = match nth {
                    0 => name(number),
                    _ => format!("{}_{nth}", name(number)),
                };
                let value = escape(&chunk.iter().collect::<String>());
                children.push_str(&format!(
                    "<{prefix}property fmtid=\"{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}\" pid=\"{id}\" name=\"{name}\"><vt:lpwstr xmlns:vt=\"{types}\">{value}</vt:lpwstr></{prefix}property>"
                ));
            }
        }
        match (&self.part, root) {
            (Some(part), Some(root)) => additions.splice(part, &[root.append(&children)]),
            _ => {
                let content = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Properties xmlns=\"{namespace}\">{children}</Properties>"
                );
                let kind = if strict {
                    "customProperties"
                } else {
                    "custom-properties"
                };
                additions.add(
                    "",
                    "docProps/custom",
                    kind,
                    "application/vnd.openxmlformats-officedocument.custom-properties+xml",
                    content,
                )
            }
        }
    }
}

/// Number and chunk of a property of that name.
fn key_of(name: &str) -> Option<(usize, usize)> {
    let rest = name.strip_prefix(PREFIX)?;
    match rest.split_once('_') {
        Some((digits, chunk)) => Some((number(&format!("{PREFIX}{digits}"))?, chunk.parse().ok()?)),
        None => Some((number(name)?, 0)),
    }
}
