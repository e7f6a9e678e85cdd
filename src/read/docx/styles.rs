//! What the named styles of a document mean for reading: which are headings, which hide or strike their text.

use std::collections::HashMap;

use super::xml::{Cursor, Ns, Token};
use crate::error::Result;
use crate::source::Part;

/// How many `basedOn` steps are followed: a cycle must end.
const MAX_STEPS: usize = 32;

/// The styles of a document by id.
#[derive(Default)]
pub(super) struct Styles {
    by_id: HashMap<String, Style>,
}

#[derive(Default)]
struct Style {
    /// Heading level, 1 to 9.
    heading: Option<u8>,
    hidden: Option<bool>,
    struck: Option<bool>,
    based_on: String,
}

impl Styles {
    /// Reads the styles part.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub(super) fn read(part: &Part) -> Result<Self> {
        let mut styles = Self::default();
        let mut id = String::new();
        let mut style = Style::default();
        let mut cursor = Cursor::new(&part.name, part.text());
        while let Some(token) = cursor.next()? {
            match token {
                Token::Start(e) if e.ns == Ns::Word => {
                    let value = |name| cursor.own(&e, name).unwrap_or_default();
                    match e.local {
                        "style" => {
                            id = value("styleId").into_owned();
                            style = Style::default();
                        }
                        "name" => style.heading = style.heading.or(heading_by_name(&value("val"))),
                        "basedOn" => style.based_on = value("val").into_owned(),
                        "outlineLvl" => {
                            style.heading = outline_level(&value("val")).or(style.heading);
                        }
                        "vanish" => style.hidden = Some(cursor.is_on(&e)),
                        "strike" | "dstrike" => {
                            style.struck = Some(cursor.is_on(&e) || style.struck == Some(true));
                        }
                        _ => {}
                    }
                }
                // Children of `w:styles`: a style ends here, and nothing else has an id.
                Token::End { .. } if cursor.depth() == 1 && !id.is_empty() => {
                    styles
                        .by_id
                        .insert(std::mem::take(&mut id), std::mem::take(&mut style));
                }
                _ => {}
            }
        }
        Ok(styles)
    }

    /// The heading level of paragraphs in this style.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        self.inherited(id, |s| s.heading)
    }

    /// Whether text in this style is hidden.
    pub(super) fn hidden(&self, id: &str) -> bool {
        self.inherited(id, |s| s.hidden).unwrap_or(false)
    }

    /// Whether text in this style is struck through.
    pub(super) fn struck(&self, id: &str) -> bool {
        self.inherited(id, |s| s.struck).unwrap_or(false)
    }

    fn inherited<T>(&self, id: &str, get: impl Fn(&Style) -> Option<T>) -> Option<T> {
        let mut style = self.by_id.get(id);
        for _ in 0..MAX_STEPS {
            let here = style?;
            if let Some(found) = get(here) {
                return Some(found);
            }
            style = self.by_id.get(&here.based_on);
        }
        None
    }
}

/// The heading level that an outline level stands for: 0 is level 1, and 9 is body text.
pub(super) fn outline_level(value: &str) -> Option<u8> {
    value.parse::<u8>().ok().filter(|&n| n < 9).map(|n| n + 1)
}

/// `heading 1` in files of Word and WPS, `标题 1` in files of other programs.
fn heading_by_name(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase();
    let number = name
        .strip_prefix("heading")
        .or_else(|| name.strip_prefix("标题"))?;
    number.trim().parse().ok().filter(|n| (1..=9).contains(n))
}
