//! The texts of a document without the personal data in them, for outputs that show more than diagnostics do: a diff
//! prints whole lines.

use std::borrow::Cow;

use crate::document::Document;
use crate::rule::privacy::{self, Survey};

/// A document whose personal data is covered with #: not with the * of a mask, which the text itself might have.
#[derive(Debug)]
pub struct Redacted<'d> {
    document: &'d Document,
    survey: Survey,
}

const COVER: char = '#';

impl<'d> Redacted<'d> {
    /// Finds the personal data of a document.
    #[must_use]
    pub fn new(document: &'d Document) -> Self {
        let survey = Survey::of(document);
        Self { document, survey }
    }

    /// The text of a block.
    ///
    /// # Panics
    /// When the document has no block of that index.
    #[must_use]
    pub fn block(&self, index: usize) -> Cow<'d, str> {
        let text = self.document.text(&self.document.blocks[index]);
        let hidden = self.survey.hidden(index, text);
        if hidden.is_empty() {
            return Cow::Borrowed(text);
        }
        privacy::cover(text, &hidden, COVER).into()
    }

    /// The text of a part: its source, with markup and all.
    ///
    /// # Panics
    /// When the document has no part of that index.
    #[must_use]
    pub fn part(&self, index: usize) -> Cow<'d, str> {
        let text = self.document.parts[index].text();
        let mut hidden = Vec::new();
        for (nth, block) in self.document.blocks.iter().enumerate() {
            if block.part != index {
                continue;
            }
            for range in self.survey.hidden(nth, self.document.text(block)) {
                hidden.extend(block.pieces(&range).into_iter().map(|p| p.source));
                let twins = block.details().map_or(&[][..], |b| &b.twins);
                let twins = twins.iter().flat_map(|map| map.pieces(&range));
                hidden.extend(twins.map(|p| p.source));
            }
        }
        // What no block holds (comments, scripts) has no surroundings that could speak for it.
        hidden.extend(privacy::resident_numbers(text));
        if hidden.is_empty() {
            return Cow::Borrowed(text);
        }
        hidden.sort_by_key(|r| r.start);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for range in hidden {
            // Entities stand for a character each, and lines stay lines.
            if range.start >= at && !text[range.clone()].contains(['\n', '\r']) {
                out.push_str(&text[at..range.start]);
                let characters = if text[range.clone()].starts_with('&') {
                    1
                } else {
                    text[range.clone()].chars().count()
                };
                out.extend(std::iter::repeat_n(COVER, characters));
                at = range.end;
            }
        }
        out.push_str(&text[at..]);
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ReadOptions;

    /// The specimen that GB 11643 prints.
    const SPECIMEN: &str = "11010519491231002X";

    fn redacted(name: &str, text: &str) -> String {
        let bytes = text.as_bytes().to_vec();
        let document = Document::parse(name, bytes, &ReadOptions::default()).unwrap();
        Redacted::new(&document).part(0).into_owned()
    }

    #[test]
    fn values_are_covered_wherever_they_stand_in_the_source() {
        for (name, text, want) in [
            (
                "a.txt",
                "张三，11010519491231002X。\n第二行",
                "张三，110105########002X。\n第二行",
            ),
            ("a.txt", "没有个人信息", "没有个人信息"),
            (
                "a.html",
                "<p>张三110105<b>194912</b>31002X</p>",
                "<p>张三110105<b>######</b>##002X</p>",
            ),
            (
                "a.html",
                "<p>甲</p><!-- 11010519491231002X --><p>乙</p>",
                "<p>甲</p><!-- 110105########002X --><p>乙</p>",
            ),
            (
                "a.html",
                "<p>张三110105&#49;9491231002X</p>",
                "<p>张三110105########002X</p>",
            ),
            (
                "a.md",
                "| 姓名 | 手机号 |\n|---|---|\n| 张三 | 13800001234 |\n",
                "| 姓名 | 手机号 |\n|---|---|\n| 张三 | 138####1234 |\n",
            ),
        ] {
            assert_eq!(redacted(name, text), want);
        }
    }

    #[test]
    fn blocks_are_covered_too() {
        let text = format!("甲\n\n张三{SPECIMEN}").into_bytes();
        let document = Document::parse("a.txt", text, &ReadOptions::default()).unwrap();
        let redacted = Redacted::new(&document);
        assert_eq!(redacted.block(0), "甲");
        assert_eq!(redacted.block(1), "张三110105########002X");
    }
}
