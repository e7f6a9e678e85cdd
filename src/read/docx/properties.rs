//! The document properties: title and keywords are published with the file, and a date may be among the custom ones.

use super::xml::{Cursor, Ns, Token};
use crate::document::{BlockKind, Built, Escape, Place};
use crate::error::Result;
use crate::source::{Part, TextBuilder};

/// Custom properties that hold the day a draft is dated.
const DATES: [&str; 4] = ["成文日期", "发文日期", "印发日期", "发布日期"];

/// The title, subject, keywords, description and category properties that have a value.
///
/// # Errors
/// When the part is not well-formed.
pub(super) fn core(part: &Part) -> Result<Vec<(BlockKind, Built)>> {
    let mut found = Vec::new();
    let mut current: Option<&str> = None;
    let mut builder = TextBuilder::default();
    let mut cursor = Cursor::new(&part.name, part.text());
    while let Some(token) = cursor.next()? {
        match token {
            Token::Start(e) if cursor.depth() == 2 => {
                current = match (e.ns, e.local) {
                    (Ns::DublinCore, name @ ("title" | "subject" | "description"))
                    | (Ns::CoreProperties, name @ ("keywords" | "category")) => Some(name),
                    _ => None,
                };
            }
            Token::Text { text, at } if current.is_some() => builder.literal(text, at),
            Token::Reference { character, source } if current.is_some() => {
                builder.entity(character.encode_utf8(&mut [0; 4]), source);
            }
            // An edit would be escaped as text, which a CDATA section would show.
            Token::Cdata { text, at } if current.is_some() => {
                builder.derived(text, at..at + text.len());
            }
            Token::End { .. } if cursor.depth() == 1 => {
                let (text, map) = builder.take();
                let Some(name) = current.take().filter(|_| !text.trim().is_empty()) else {
                    continue;
                };
                let (kind, place) = match name {
                    "title" => (BlockKind::Title, Place::Title),
                    _ => (BlockKind::Meta, Place::Meta(name.to_owned())),
                };
                let built = Built {
                    text,
                    map,
                    twins: Vec::new(),
                    escape: Escape::Markup,
                    struck: Vec::new(),
                    links: Vec::new(),
                    place,
                    paragraph: 0,
                };
                found.push((kind, built));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The date among the custom properties, with the name of the property.
///
/// # Errors
/// When the part is not well-formed.
pub(super) fn date(part: &Part) -> Result<Option<(String, String)>> {
    let mut name = String::new();
    let mut value = String::new();
    let mut cursor = Cursor::new(&part.name, part.text());
    while let Some(token) = cursor.next()? {
        match token {
            Token::Start(e) if e.local == "property" => {
                name = cursor.plain(&e, "name").unwrap_or_default().into_owned();
                value.clear();
            }
            Token::Text { text, .. } => value.push_str(text),
            Token::Reference { character, .. } => value.push(character),
            Token::End { .. } if cursor.depth() == 1 => {
                let value = value.trim();
                if DATES.contains(&name.trim()) && !value.is_empty() {
                    return Ok(Some((value.to_owned(), name.trim().to_owned())));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}
