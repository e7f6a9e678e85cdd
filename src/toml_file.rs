//! Reading TOML that a person wrote: every mistake is collected, with its line and column.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Mistake;
use crate::source::LineIndex;

/// A TOML file that is being read, and what was found wrong in it.
pub(crate) struct TomlFile<'t> {
    pub(crate) name: &'t str,
    pub(crate) text: &'t str,
    pub(crate) mistakes: Vec<Mistake>,
    lines: Option<LineIndex>,
}

impl<'t> TomlFile<'t> {
    pub(crate) fn new(name: &'t str, text: &'t str) -> Self {
        Self {
            name,
            text,
            mistakes: Vec::new(),
            lines: None,
        }
    }

    /// The file's table; syntax mistakes are noted, and what could be read is returned.
    pub(crate) fn parse(&mut self) -> DeTable<'t> {
        let text = self.text.strip_prefix('\u{FEFF}').unwrap_or(self.text);
        // Spans count from the start of what is parsed.
        self.text = text;
        let (table, errors) = DeTable::parse_recoverable(text);
        for e in errors {
            let message = e.message().to_owned();
            self.mistake(
                &e.span().unwrap_or(0..0),
                format!("TOML 语法错误：{message}"),
                format!("TOML syntax: {message}"),
            );
        }
        table.into_inner()
    }

    /// Notes a mistake at a byte range of the text.
    pub(crate) fn mistake(
        &mut self,
        at: &Range<usize>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        let mistake = self.mistake_at(at, zh.into(), en.into());
        self.mistakes.push(mistake);
    }

    /// A mistake at a byte range of the text.
    pub(crate) fn mistake_at(&mut self, at: &Range<usize>, zh: String, en: String) -> Mistake {
        let text = self.text.strip_prefix('\u{FEFF}').unwrap_or(self.text);
        let lines = self.lines.get_or_insert_with(|| LineIndex::new(text));
        let position = lines.position(text, at.start.min(text.len()));
        Mistake {
            file: self.name.to_owned(),
            line: position.line,
            column: position.column,
            zh,
            en,
        }
    }

    /// Notes that something else is wanted at a place.
    pub(crate) fn wants(&mut self, at: &Range<usize>, zh: &str, en: &str) {
        self.mistake(at, format!("这里应是{zh}"), format!("this should be {en}"));
    }

    /// The 1-based line of a byte offset.
    pub(crate) fn line(&mut self, offset: usize) -> usize {
        let text = self.text;
        self.lines
            .get_or_insert_with(|| LineIndex::new(text))
            .line(offset)
    }

    /// Notes every key that is not one of `known`.
    pub(crate) fn only_keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table
            .keys()
            .filter(|k| !known.contains(&k.get_ref().as_ref()))
        {
            let name = key.get_ref();
            let (mut zh, mut en) = (
                format!("不认识的键“{name}”"),
                format!("unknown key “{name}”"),
            );
            if let Some(near) = nearest(name, known) {
                zh += &format!("，是否想写“{near}”？");
                en += &format!("; did you mean “{near}”?");
            } else {
                zh += &format!("；可用的键：{}", known.join("、"));
                en += &format!("; the keys are {}", known.join(", "));
            }
            self.mistake(&key.span(), zh, en);
        }
    }

    /// A string, or a mistake.
    pub(crate) fn string(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let string = value.get_ref().as_str().map(str::to_owned);
        if string.is_none() {
            self.wants(&value.span(), "一个字符串", "a string");
        }
        string
    }

    /// A string or a list of strings, each with its place.
    pub(crate) fn strings(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, Range<usize>)> {
        match value.get_ref() {
            DeValue::String(s) => vec![(s.to_string(), value.span())],
            DeValue::Array(list) => list
                .iter()
                .filter_map(|item| Some((self.string(item)?, item.span())))
                .collect(),
            _ => {
                self.wants(
                    &value.span(),
                    "字符串或字符串列表",
                    "a string or a list of strings",
                );
                Vec::new()
            }
        }
    }
}

/// The known key that a misspelt one is closest to, if it is close.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|k| (similar::TextDiff::from_chars(name, *k).ratio(), *k))
        .filter(|(ratio, _)| *ratio >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}
