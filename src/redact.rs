//! The texts of a document without the personal data in them, for outputs that show more than diagnostics do: a diff
//! prints whole lines.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnostic::PersonalData;
use crate::document::Document;
use crate::rule::privacy::{self, Known, Survey};

/// A document whose personal data is covered with #: not with the * of a mask, which the text itself might have.
#[derive(Debug)]
pub struct Redacted<'d> {
    document: &'d Document,
    survey: Survey,
    /// The same values, for where nothing around them says what they are: a link, another version.
    known: Option<Known>,
}

const COVER: char = '#';

impl<'d> Redacted<'d> {
    /// Finds the personal data of a document.
    #[must_use]
    pub fn new(document: &'d Document) -> Self {
        let survey = Survey::of(document);
        let known = Known::new(survey.written(document).into_iter());
        Self {
            document,
            survey,
            known,
        }
    }

    /// Two versions of a document: what is personal in one of them is covered in both.
    #[must_use]
    pub fn versions(old: &'d Document, new: &'d Document) -> [Self; 2] {
        let documents = [old, new];
        let surveys = documents.map(Survey::of);
        let mut written: BTreeSet<(PersonalData, &str)> = BTreeSet::new();
        for (document, survey) in documents.iter().zip(&surveys) {
            written.extend(survey.written(document));
        }
        let [first, second] = surveys.map(|survey| (survey, Known::new(written.iter().copied())));
        [(old, first), (new, second)].map(|(document, (survey, known))| Self {
            document,
            survey,
            known,
        })
    }

    /// What covers the values that are known from elsewhere in a text.
    fn known(&self, text: &str) -> Vec<Range<usize>> {
        let known = self.known.as_ref();
        known.map(|k| k.hidden(text)).unwrap_or_default()
    }

    /// The text of a block.
    ///
    /// # Panics
    /// When the document has no block of that index.
    #[must_use]
    pub fn block(&self, index: usize) -> Cow<'d, str> {
        let text = self.document.text(&self.document.blocks[index]);
        let mut hidden = self.survey.hidden(index, text);
        hidden.extend(self.known(text));
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
        // What no block holds (links, comments, scripts) has no surroundings that could speak for it.
        hidden.extend(privacy::resident_numbers(text));
        hidden.extend(self.known(text));
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

/// The name of a file as reports that go from hand to hand show it: people name files by the numbers of others.
pub(crate) fn shown_path(path: &str) -> Cow<'_, str> {
    let hidden = privacy::resident_numbers(path);
    if hidden.is_empty() {
        return path.into();
    }
    privacy::cover(path, &hidden, privacy::MASK).into()
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
    fn what_is_personal_in_one_place_is_covered_in_all() {
        for (name, text, want) in [
            (
                "a.html",
                "<p>申请人：李四，邮箱：lisi@example.com</p><a href=\"mailto:LiSi@example.com\">信</a>",
                "<p>申请人：李四，邮箱：l###@example.com</p><a href=\"mailto:L###@example.com\">信</a>",
            ),
            (
                "a.txt",
                "车主：赵六，陕C00A01。\n\n另见陕C00A01。",
                "车主：赵六，陕C###01。\n\n另见陕C###01。",
            ),
        ] {
            assert_eq!(redacted(name, text), want);
        }
        let parse = |text: &str| {
            let bytes = text.as_bytes().to_vec();
            Document::parse("a.txt", bytes, &ReadOptions::default()).unwrap()
        };
        let old = parse("申请人：李四，电话13800001234。\n\n来电13800001234。");
        let new = parse("申请人：李四，电话138****1234。\n\n来电13800001234。");
        let [_, new] = Redacted::versions(&old, &new);
        let want = "申请人：李四，电话138****1234。\n\n来电138####1234。";
        assert_eq!(new.part(0), want);
        assert_eq!(new.block(1), "来电138####1234。");
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
