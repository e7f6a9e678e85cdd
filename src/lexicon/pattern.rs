//! `[[pattern]]`: mistakes that have a shape, not a listed form.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use regex::Regex;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, FileReader, FixMode, Layer};
use crate::diagnostic::Severity;
use crate::error::Mistake;
use crate::filter::significant;
use crate::normal::fold_form;
use crate::toml_file::TomlFile;

/// A mistake that a regular expression describes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pattern {
    /// Its id, severity, fix, guards, source and examples; it has no forms.
    pub entry: Arc<Entry>,
    /// The expression, in the syntax of the `regex` crate. What its group `found` matches is the mistake, or else the
    /// whole match: what stands around the group is context.
    pub regex: String,
    /// What it is matched against.
    pub on: On,
    /// What is wrong, in Chinese; `$1` or `${name}` stands for what a group matched.
    pub message: String,
    /// The same in English.
    pub message_en: Option<String>,
    /// What should stand there instead, best first, with `$1` as in `message`.
    pub suggestions: Vec<String>,
    /// What else must hold for a match to be a mistake.
    pub validator: Option<Validator>,
    /// Strings of two characters and more, in normal form, of which every match holds one: a text without any of them
    /// need not be matched. Empty where nothing of the kind is known.
    pub(crate) needs: Vec<String>,
}

/// What a pattern is matched against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum On {
    /// The text as it stands: for punctuation, brackets and digits.
    #[default]
    Text,
    /// The normal form of the text, in which blanks inside words, width and case make no difference.
    Normal,
}

impl On {
    /// The name in files: `text`, `normal`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Normal => "normal",
        }
    }
}

/// A check that an expression cannot make. A match that it does not confirm is no mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Validator {
    /// The match is a resident identity number: region, date of birth and check digit (GB 11643) are right. What is found
    /// is shown masked.
    ResidentNumber,
    /// The digits of the match pass the Luhn check, as those of a bank card do. What is found is shown masked.
    Luhn,
    /// The groups `year` (which may be left out), `month` and `day` make no day of the calendar.
    Date,
    /// The group `weekday` does not fit the day of the groups `year`, `month` and `day`; suggests the right one.
    Weekday,
    /// The match, in Chinese numerals, has a zero that is not written 〇; suggests 〇.
    Zero,
    /// The groups `year`, `month` and `day`, in Chinese numerals, make a day; suggests it in Arabic numerals.
    Arabic,
}

impl Validator {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ResidentNumber,
        Self::Luhn,
        Self::Date,
        Self::Weekday,
        Self::Zero,
        Self::Arabic,
    ];

    /// The name in files: `gb11643`, `luhn`, `date`, `weekday`, `zero`, `arabic`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ResidentNumber => "gb11643",
            Self::Luhn => "luhn",
            Self::Date => "date",
            Self::Weekday => "weekday",
            Self::Zero => "zero",
            Self::Arabic => "arabic",
        }
    }

    /// Whether what it confirms must not be shown.
    #[must_use]
    pub fn is_personal(self) -> bool {
        matches!(self, Self::ResidentNumber | Self::Luhn)
    }

    /// The groups that it reads.
    fn groups(self) -> &'static [&'static str] {
        match self {
            Self::ResidentNumber | Self::Luhn | Self::Zero => &[],
            Self::Date => &["month", "day"],
            Self::Arabic => &["year", "month", "day"],
            Self::Weekday => &["year", "month", "day", "weekday"],
        }
    }
}

/// The keys of a pattern, in the order in which files have them.
pub const KEYS: &[&str] = &[
    "name",
    "regex",
    "on",
    "message",
    "message_en",
    "suggestion",
    "validator",
    "needs",
    "severity",
    "fix",
    "reason",
    "source",
    "unless_preceded_by",
    "unless_followed_by",
    "unless_inside",
    "unless_in_sentence",
    "bad",
    "good",
];

/// A pattern as read, and where mistakes about its name point at.
pub(super) struct PatternDraft {
    pub(super) pattern: Pattern,
    pub(super) file: usize,
    pub(super) name_at: Range<usize>,
}

impl FileReader<'_, '_> {
    /// Reads all `[[pattern]]` tables of a file.
    pub(super) fn patterns(
        &mut self,
        table: &DeTable<'_>,
        category: &str,
        drafts: &mut Vec<PatternDraft>,
    ) {
        let Some(patterns) = table.get("pattern") else {
            return;
        };
        let DeValue::Array(list) = patterns.get_ref() else {
            self.file
                .wants(&patterns.span(), "[[pattern]]", "[[pattern]]");
            return;
        };
        for item in list.iter() {
            match item.get_ref() {
                DeValue::Table(t) => drafts.extend(self.pattern(t, &item.span(), category)),
                _ => self.file.wants(&item.span(), "[[pattern]]", "[[pattern]]"),
            }
        }
    }

    fn pattern(
        &mut self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        category: &str,
    ) -> Option<PatternDraft> {
        self.file.only_keys(table, KEYS);
        let (name, name_at) = self.required(
            table,
            span,
            "name",
            "规则的名称，例如 name = \"half-width-comma\"",
            "the rule's name, such as name = \"half-width-comma\"",
        );
        let (message, _) = self.required(
            table,
            span,
            "message",
            "错在哪里，例如 message = \"“$0”应为“$1”\"",
            "what is wrong, such as message = \"“$0” should be “$1”\"",
        );
        let regex = self.regex(table, span);
        let validator = self.choice(table, "validator", &Validator::ALL, Validator::name);
        let suggestions = self.strings(table, "suggestion");
        if let Some((regex, _)) = &regex {
            self.check_templates(table, regex, validator);
            self.check_groups(table, regex, validator);
        }
        let mut guards = |key| {
            let strings = self.strings(table, key);
            self.no_empty_guards(&strings, key);
            strings.into_iter().map(|(s, _)| s).collect::<Vec<_>>()
        };
        let entry = Entry {
            unless_preceded_by: guards("unless_preceded_by"),
            unless_followed_by: guards("unless_followed_by"),
            unless_inside: guards("unless_inside"),
            unless_in_sentence: guards("unless_in_sentence"),
            id: format!("{category}/{name}"),
            category: category.to_owned(),
            severity: self.severity(table, Severity::Warning),
            fix: self.pattern_fix(table, suggestions.len(), validator),
            reason: self.text(table, "reason"),
            source: self.text(table, "source"),
            bad: self.plain_strings(table, "bad"),
            good: self.plain_strings(table, "good"),
            place: (self.file.name.to_owned(), self.file.line(span.start)),
            ..Entry::default()
        };
        self.check_documented(&entry, span);
        let message_en = self.text(table, "message_en");
        if self.documented && message_en.is_none() {
            self.file.mistake(
                span,
                "缺少英文说明（message_en）",
                "no message in English (message_en)",
            );
        }
        let on = self.choice(table, "on", &[On::Text, On::Normal], On::name);
        let (regex, needs) = regex?;
        Some(PatternDraft {
            pattern: Pattern {
                entry: Arc::new(entry),
                regex: regex.as_str().to_owned(),
                on: on.unwrap_or_default(),
                message,
                message_en,
                suggestions: suggestions.into_iter().map(|(s, _)| s).collect(),
                validator,
                needs,
            },
            file: self.nth,
            name_at,
        })
    }

    /// A string that must be there and not be empty, and its place.
    fn required(
        &mut self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        key: &str,
        zh: &str,
        en: &str,
    ) -> (String, Range<usize>) {
        let at = table.get(key).map_or(span.clone(), Spanned::span);
        let text = match table.get(key) {
            Some(value) => self.file.string(value),
            None => Some(String::new()),
        };
        if text.as_ref().is_some_and(|t| t.trim().is_empty()) {
            self.file.mistake(
                &at,
                format!("缺少 {key}：{zh}"),
                format!("no `{key}`: {en}"),
            );
        }
        (text.unwrap_or_default(), at)
    }

    /// The compiled expression, and the strings of which every match holds one.
    fn regex(&mut self, table: &DeTable<'_>, span: &Range<usize>) -> Option<(Regex, Vec<String>)> {
        let Some(value) = table.get("regex") else {
            self.file.mistake(
                span,
                "缺少正则表达式（regex）",
                "no regular expression (`regex`)",
            );
            return None;
        };
        let written = self.file.string(value)?;
        let hir = match regex_syntax::Parser::new().parse(&written) {
            Ok(hir) => hir,
            Err(error) => {
                let (offset, why) = match &error {
                    regex_syntax::Error::Parse(e) => (e.span().start.offset, e.kind().to_string()),
                    regex_syntax::Error::Translate(e) => {
                        (e.span().start.offset, e.kind().to_string())
                    }
                    other => (0, other.to_string()),
                };
                let at = self.inside(&value.span(), &written, offset);
                self.file.mistake(
                    &at,
                    format!("正则表达式有误：{why}"),
                    format!("the regular expression is broken: {why}"),
                );
                return None;
            }
        };
        let regex = match Regex::new(&written) {
            Ok(regex) => regex,
            Err(error) => {
                self.file.mistake(
                    &value.span(),
                    format!("正则表达式无法编译：{error}"),
                    format!("the regular expression cannot be compiled: {error}"),
                );
                return None;
            }
        };
        if hir.properties().minimum_len().is_none_or(|len| len == 0) {
            self.file.mistake(
                &value.span(),
                "正则表达式能匹配空字符串，会处处报告",
                "the regular expression matches the empty string, which is everywhere",
            );
            return None;
        }
        let needs = match table.get("needs") {
            Some(value) => self.given_needs(value),
            None => needs(&hir),
        };
        Some((regex, needs))
    }

    /// The author's word for what every match holds, where it does not follow from the expression.
    fn given_needs(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let strings = self.file.strings(value);
        for (string, at) in &strings {
            if significant(&fold_form(string)) < 2 {
                self.file.mistake(
                    at,
                    format!("needs 中的“{string}”太短：至少要有两个字符"),
                    format!("“{string}” in `needs` is too short: it takes two characters at least"),
                );
            }
        }
        strings.iter().map(|(s, _)| fold_form(s)).collect()
    }

    /// The place of a byte of a string's value, where the file spells the value as it is; else that of the string.
    fn inside(&self, string: &Range<usize>, value: &str, offset: usize) -> Range<usize> {
        let raw = self.file.text.get(string.clone()).unwrap_or_default();
        match raw.find(value) {
            Some(start) => string.start + start + offset..string.end,
            None => string.clone(),
        }
    }

    /// Templates may only speak of groups that the expression has.
    fn check_templates(
        &mut self,
        table: &DeTable<'_>,
        regex: &Regex,
        validator: Option<Validator>,
    ) {
        let known = |name: &str| match name.parse::<usize>() {
            Ok(number) => number < regex.captures_len(),
            Err(_) => regex.capture_names().flatten().any(|n| n == name),
        };
        let personal = validator.is_some_and(Validator::is_personal);
        for key in ["message", "message_en", "suggestion"] {
            for (template, at) in self.strings(table, key) {
                for name in references(&template) {
                    if personal {
                        self.file.mistake(
                            &at,
                            format!("{key} 不能引用“${name}”：这里会显示个人信息"),
                            format!(
                                "`{key}` must not refer to ${name}: personal data would be shown"
                            ),
                        );
                    } else if !known(name) {
                        self.file.mistake(
                            &at,
                            format!("{key} 引用了“${name}”，正则表达式没有这个组"),
                            format!("`{key}` refers to ${name}, which is no group of the regular expression"),
                        );
                    }
                }
            }
        }
        if personal && let Some(value) = table.get("suggestion") {
            self.file.mistake(
                &value.span(),
                "个人信息的建议总是隐去中间部分，不能另写 suggestion",
                "the suggestion for personal data is always its mask: leave `suggestion` out",
            );
        }
    }

    /// A validator needs the groups that it reads.
    fn check_groups(&mut self, table: &DeTable<'_>, regex: &Regex, validator: Option<Validator>) {
        let Some(validator) = validator else {
            return;
        };
        let has = |name: &str| regex.capture_names().flatten().any(|n| n == name);
        let missing: Vec<_> = validator
            .groups()
            .iter()
            .copied()
            .filter(|name| !has(name))
            .map(|name| format!("(?<{name}>…)"))
            .collect();
        if missing.is_empty() {
            return;
        }
        let at = table.get("validator").map_or(0..0, Spanned::span);
        let name = validator.name();
        self.file.mistake(
            &at,
            format!(
                "validator = \"{name}\" 要求正则表达式有这些组：{}",
                missing.join("、")
            ),
            format!(
                "validator = \"{name}\" needs these groups in the regular expression: {}",
                missing.join(", ")
            ),
        );
    }

    fn pattern_fix(
        &mut self,
        table: &DeTable<'_>,
        suggestions: usize,
        validator: Option<Validator>,
    ) -> FixMode {
        let personal = validator.is_some_and(Validator::is_personal);
        let default = if suggestions == 1 || personal {
            FixMode::Unsafe
        } else {
            FixMode::None
        };
        let modes = [FixMode::Safe, FixMode::Unsafe, FixMode::None];
        let Some(mode) = self.choice(table, "fix", &modes, FixMode::name) else {
            return default;
        };
        let at = table.get("fix").map_or(0..0, Spanned::span);
        if mode == FixMode::Safe && validator.is_some() {
            self.file.mistake(
                &at,
                "有 validator 的规则不能自动修改：请改为 fix = \"unsafe\" 或 \"none\"",
                "a pattern with a validator cannot be fixed unattended: use fix = \"unsafe\" or \"none\"",
            );
        } else if mode != FixMode::None && suggestions != 1 && !personal {
            self.file.mistake(
                &at,
                "要能修改，须有且只有一个 suggestion",
                "a fix needs exactly one `suggestion`",
            );
        }
        mode
    }

    /// One of a closed set of names.
    fn choice<T: Copy>(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let value = table.get(key)?;
        let written = value.get_ref().as_str();
        let found = all.iter().copied().find(|&v| Some(name(v)) == written);
        if found.is_none() {
            let names: Vec<_> = all.iter().map(|&v| format!("\"{}\"", name(v))).collect();
            self.file.mistake(
                &value.span(),
                format!("{key} 只能是 {}", names.join("、")),
                format!("{key} must be one of {}", names.join(", ")),
            );
        }
        found
    }
}

/// The groups that a template refers to, as `regex::Captures::expand` reads it.
fn references(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            rest = behind;
        } else if let Some(braced) = rest.strip_prefix('{') {
            let Some(end) = braced.find('}') else {
                break;
            };
            names.push(&braced[..end]);
            rest = &braced[end + 1..];
        } else {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            if end > 0 {
                names.push(&rest[..end]);
            }
            rest = &rest[end..];
        }
    }
    names
}

/// More strings than this rule out too little.
const MOST_NEEDS: usize = 256;

/// Strings of which every match holds one, chosen so that few texts hold one by chance; empty where none follow.
///
/// A match of A|B holds a string that A needs or one that B needs.
fn needs(hir: &Hir) -> Vec<String> {
    let branches = match uncaptured(hir).kind() {
        HirKind::Alternation(branches) => branches.iter().collect(),
        _ => vec![hir],
    };
    let mut all = Vec::new();
    for branch in branches {
        let needs = needs_of_sequence(branch);
        if needs.is_empty() {
            return needs;
        }
        all.extend(needs);
    }
    all.sort();
    all.dedup();
    all
}

/// Of an expression A B C a match begins with one of the strings that A B C can begin with, and holds one of those that
/// B C can begin with, and so on: the rarest set is taken.
fn needs_of_sequence(hir: &Hir) -> Vec<String> {
    let parts: Vec<Hir> = match uncaptured(hir).kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flat).cloned().collect(),
        _ => vec![hir.clone()],
    };
    let mut best: Option<(u64, Vec<String>)> = None;
    for first in 0..parts.len() {
        let rest = Hir::concat(parts[first..].to_vec());
        // Where classes are wide, shorter strings are all that can be listed.
        for class in [3, 10, 20] {
            for len in [4, 6, 9, 12] {
                let mut extractor = Extractor::new();
                extractor.kind(ExtractKind::Prefix);
                extractor.limit_class(class).limit_literal_len(len);
                let set = extractor.extract(&rest);
                let literals = set.literals().map(|set| {
                    let strings = set.iter().map(|l| whole_characters(l.as_bytes()));
                    strings.collect::<Option<BTreeSet<String>>>()
                });
                let Some(strings) = literals.flatten().as_ref().and_then(rarest_forms) else {
                    continue;
                };
                let cost = strings.iter().map(|s| commonness(s)).sum();
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, strings));
                }
            }
        }
    }
    best.map(|(_, strings)| strings).unwrap_or_default()
}

/// The strings in normal form, without those that hold another one; `None` when they are no use to the filter: none at
/// all, too many, or too short.
fn rarest_forms(strings: &BTreeSet<String>) -> Option<Vec<String>> {
    let mut forms: Vec<String> = strings.iter().map(|s| fold_form(s)).collect();
    forms.sort_by_key(|s| (s.len(), s.clone()));
    forms.dedup();
    let mut kept: Vec<String> = Vec::new();
    for form in forms {
        if !kept.iter().any(|k| form.contains(k.as_str())) {
            kept.push(form);
        }
    }
    let is_useful =
        (1..=MOST_NEEDS).contains(&kept.len()) && kept.iter().all(|s| significant(s) >= 2);
    is_useful.then_some(kept)
}

fn uncaptured(hir: &Hir) -> &Hir {
    match hir.kind() {
        HirKind::Capture(capture) => &capture.sub,
        _ => hir,
    }
}

/// What a concatenation inside a group consists of: (年)(月) is as good as 年月.
fn flat(hir: &Hir) -> Vec<&Hir> {
    let inner = uncaptured(hir);
    match inner.kind() {
        HirKind::Concat(parts) => parts.iter().collect(),
        _ => vec![inner],
    }
}

/// The literal without the bytes of a character that was cut; `None` when nothing is left.
fn whole_characters(literal: &[u8]) -> Option<String> {
    let end = match std::str::from_utf8(literal) {
        Ok(_) => literal.len(),
        Err(e) => e.valid_up_to(),
    };
    let text = std::str::from_utf8(&literal[..end]).unwrap_or_default();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Roughly how often a string stands in a hundred million characters of official prose.
fn commonness(string: &str) -> u64 {
    let of = |c: char| match c {
        '，' | '。' | '、' | '的' => 4_000_000,
        '0'..='9' | '（' | '）' | '“' | '”' | '；' | '：' | '《' | '》' => 1_000_000,
        '年' | '月' | '日' | '号' | '第' | '一' | '二' | '三' => 400_000,
        ' ' | '\n' | '.' | '-' | '%' => 200_000,
        _ => 50_000,
    };
    let rarest = string.chars().map(of).min().unwrap_or(u64::MAX);
    let length = u32::try_from(string.chars().count()).unwrap_or(u32::MAX);
    // Each further character makes a string some twenty times rarer.
    (rarest / 20_u64.saturating_pow(length - 1)).max(1)
}

/// Two patterns of one layer must not share an id.
pub(super) fn check_ids(drafts: &[PatternDraft], layer: &Layer, mistakes: &mut Vec<Mistake>) {
    for (nth, draft) in drafts.iter().enumerate() {
        let entry = &draft.pattern.entry;
        let mut before = drafts[..nth].iter();
        let Some(twin) = before.find(|d| d.pattern.entry.id == entry.id) else {
            continue;
        };
        let (file, line) = &twin.pattern.entry.place;
        let (name, text) = &layer.files[draft.file];
        mistakes.push(TomlFile::new(name, text).mistake_at(
            &draft.name_at,
            format!("规则编号“{}”重复（{file}:{line}）：请换一个 name", entry.id),
            format!(
                "the rule id “{}” stands twice ({file}:{line}): take another `name`",
                entry.id
            ),
        ));
    }
}
