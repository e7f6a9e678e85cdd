//! Personal data that must not be published: resident numbers, mobile numbers, bank cards, documents, plates, mailboxes.
//!
//! A number with a check digit speaks for itself. Of the others the surroundings decide: a mobile number in a list of
//! people is personal, that of the contact of a notice is meant to be known. What is found never leaves the library
//! whole: it is masked when a diagnostic is built, and so is every other value of its block.

mod context;
mod number;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::config::Config;
use crate::diagnostic::{Message, PersonalData, Severity};
use crate::document::Document;
use crate::lexicon::FixMode;
use crate::linter::{LISTED, Match, Rule};
use crate::normal::fold;
use crate::rule::{RuleInfo, Target, checks};
pub(crate) use context::FAMILY_NAMES;
use context::Surroundings;
use number::Run;

/// What personal data a document holds. It depends on nothing else: switching a rule off hides no less.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// By block.
    values: BTreeMap<usize, Vec<Value>>,
    /// By the block of their header.
    columns: BTreeMap<usize, Vec<Column>>,
}

/// A value that must not be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) kind: PersonalData,
    /// Byte range of the block's text.
    pub(crate) range: Range<usize>,
    /// The column of a table that is reported as a whole.
    column: Option<Header>,
    /// Whether it is hidden only because it is the same as another one.
    is_repeated: bool,
}

/// Block and first byte of a header.
type Header = (usize, usize);

/// A column of a table whose header says that it holds personal data.
#[derive(Debug)]
struct Column {
    kind: PersonalData,
    /// Byte range of the header in its block.
    header: Range<usize>,
    /// The blocks with its values.
    blocks: Vec<usize>,
    /// How many values there are.
    count: usize,
}

/// What stands in the place of a hidden character.
pub(crate) const MASK: char = '*';

impl Survey {
    /// Looks through a document.
    pub(crate) fn of(document: &Document) -> Self {
        let mut survey = Self::default();
        let candidates: Vec<usize> = document
            .blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| may_hold(document.text(block)))
            .map(|(index, _)| index)
            .collect();
        if candidates.is_empty() {
            return survey;
        }
        let mut draft = Draft::default();
        let labels = table::find(document, &candidates, &mut draft);
        for (index, around) in context::surroundings(document, &candidates, labels) {
            let text = document.text(&document.blocks[index]);
            let mut found = Vec::new();
            for run in number::runs(text) {
                numbers(text, &run, &around, &mut found);
            }
            documents_and_more(text, &around, &mut found);
            for value in found {
                draft.add(index, value);
            }
        }
        draft.add_repeated(document, &candidates);
        survey.values = draft
            .values
            .into_iter()
            .map(|(block, values)| (block, values.into_values().collect()))
            .collect();
        survey.columns = draft.columns;
        survey
    }

    /// The values in a block.
    pub(crate) fn values(&self, block: usize) -> &[Value] {
        self.values.get(&block).map_or(&[], Vec::as_slice)
    }

    /// The byte ranges of a block's text whose characters must not be shown, in order.
    pub(crate) fn hidden(&self, block: usize, text: &str) -> Vec<Range<usize>> {
        let values = self.values(block).iter();
        values.flat_map(|v| v.hidden(text)).collect()
    }

    /// The values of the document as it writes them, each once.
    pub(crate) fn written<'d>(&self, document: &'d Document) -> BTreeSet<(PersonalData, &'d str)> {
        let values = self.values.iter();
        written(
            document,
            values.flat_map(|(&block, values)| values.iter().map(move |v| (block, v))),
        )
    }

    /// Whether a block holds values, or the header of a column of them.
    pub(crate) fn concerns(&self, block: usize) -> bool {
        self.values.contains_key(&block) || self.columns.contains_key(&block)
    }

    /// The values of the column whose header begins in this place, with their blocks.
    pub(crate) fn column(&self, header: Header) -> Vec<(usize, &Value)> {
        let columns = self.columns.get(&header.0).map_or(&[][..], Vec::as_slice);
        let column = columns.iter().find(|c| c.header.start == header.1);
        let blocks = column.map_or(&[][..], |c| &c.blocks).iter();
        blocks
            .flat_map(|&block| self.values(block).iter().map(move |v| (block, v)))
            .filter(|(_, v)| v.column == Some(header))
            .collect()
    }
}

/// A survey in the making.
#[derive(Debug, Default)]
struct Draft {
    /// By block and first byte, none overlapping.
    values: BTreeMap<usize, BTreeMap<usize, Value>>,
    columns: BTreeMap<usize, Vec<Column>>,
}

impl Draft {
    /// What is personal in one place is not shown in another, though nothing there says that it is personal.
    fn add_repeated(&mut self, document: &Document, candidates: &[usize]) {
        self.add_repeated_text(document, candidates);
        let mut known: HashMap<Vec<char>, PersonalData> = HashMap::new();
        for (&block, values) in &self.values {
            let text = document.text(&document.blocks[block]);
            for value in values.values() {
                let digits = text[value.range.clone()].chars().filter_map(number::digit);
                known.insert(digits.collect(), value.kind);
            }
        }
        known.retain(|digits, _| digits.len() >= 8);
        if known.is_empty() {
            return;
        }
        for &block in candidates {
            let text = document.text(&document.blocks[block]);
            for run in number::runs(text) {
                for window in (0..run.groups.len()).flat_map(|n| run.windows(n)) {
                    let digits: Vec<char> = window
                        .digits
                        .iter()
                        .copied()
                        .filter(char::is_ascii_digit)
                        .collect();
                    if let Some(&kind) = known.get(&digits) {
                        let value = Value::new(kind, window.range);
                        let is_repeated = true;
                        self.add(
                            block,
                            Value {
                                is_repeated,
                                ..value
                            },
                        );
                    }
                }
            }
        }
    }

    /// Plates, mailboxes and numbers with letters, as they are written.
    fn add_repeated_text(&mut self, document: &Document, candidates: &[usize]) {
        let values = self.values.iter();
        let values = values.flat_map(|(&block, values)| values.values().map(move |v| (block, v)));
        let with_letters = written(document, values).into_iter().filter(|(_, text)| {
            text.chars().any(|c| c.is_alphabetic()) && text.chars().nth(6).is_some()
        });
        let Some(known) = Known::new(with_letters) else {
            return;
        };
        for &block in candidates {
            for value in known.find(document.text(&document.blocks[block])) {
                let is_repeated = true;
                self.add(
                    block,
                    Value {
                        is_repeated,
                        ..value
                    },
                );
            }
        }
    }

    /// Takes a value in, unless one that overlaps it is known.
    fn add(&mut self, block: usize, value: Value) -> bool {
        let known = self.values.get(&block);
        let last = known.and_then(|values| values.range(..value.range.end).next_back());
        let is_new = last.is_none_or(|(_, v)| v.range.end <= value.range.start);
        if is_new {
            let values = self.values.entry(block).or_default();
            values.insert(value.range.start, value);
        }
        is_new
    }
}

/// Values, each with its block, as a document writes them.
fn written<'d, 'v>(
    document: &'d Document,
    values: impl Iterator<Item = (usize, &'v Value)>,
) -> BTreeSet<(PersonalData, &'d str)> {
    let text = |block: usize| document.text(&document.blocks[block]);
    values
        .map(|(block, value)| (value.kind, &text(block)[value.range.clone()]))
        .collect()
}

impl Value {
    fn new(kind: PersonalData, range: Range<usize>) -> Self {
        Self {
            kind,
            range,
            column: None,
            is_repeated: false,
        }
    }

    /// The byte ranges of the block's text that the mask hides.
    fn hidden(&self, text: &str) -> Vec<Range<usize>> {
        let value = &text[self.range.clone()];
        hidden(self.kind, value)
            .into_iter()
            .map(|r| self.range.start + r.start..self.range.start + r.end)
            .collect()
    }
}

/// Values that are looked for as they were written.
#[derive(Debug)]
pub(crate) struct Known {
    finder: AhoCorasick,
    kinds: Vec<PersonalData>,
}

impl Known {
    /// `None` where there are none.
    pub(crate) fn new(
        written: impl Iterator<Item = (PersonalData, impl AsRef<[u8]>)>,
    ) -> Option<Self> {
        let (kinds, texts): (Vec<_>, Vec<_>) = written.unzip();
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest);
        builder.ascii_case_insensitive(true);
        let finder = (!kinds.is_empty()).then(|| builder.build(texts).ok())??;
        Some(Self { finder, kinds })
    }

    fn find(&self, text: &str) -> impl Iterator<Item = Value> {
        let found = self.finder.find_iter(text);
        found.map(|m| Value::new(self.kinds[m.pattern().as_usize()], m.range()))
    }

    /// The byte ranges of a text whose characters must not be shown.
    pub(crate) fn hidden(&self, text: &str) -> Vec<Range<usize>> {
        self.find(text).flat_map(|v| v.hidden(text)).collect()
    }
}

/// What hides the resident numbers of a text that nothing is known about.
pub(crate) fn resident_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for run in number::runs(text) {
        for window in (0..run.groups.len()).flat_map(|n| run.windows(n)) {
            if !window.is_glued && checks::is_resident_number(&window.digits) {
                let value = Value::new(PersonalData::ResidentNumber, window.range);
                found.extend(value.hidden(text));
            }
        }
    }
    found
}

/// A value as it may be shown.
pub(crate) fn masked(kind: PersonalData, value: &str) -> String {
    let shown = cover(value, &hidden(kind, value), MASK);
    match kind {
        PersonalData::Email => shown,
        _ => shown.to_ascii_uppercase(),
    }
}

/// `text` with all letters and digits hidden but the first and the last few.
pub(crate) fn mask(text: &str, head: usize, tail: usize) -> String {
    cover(text, &middle(text, head, tail), MASK)
}

/// `text` with `with` in the place of every character of `hidden`.
pub(crate) fn cover(text: &str, hidden: &[Range<usize>], with: char) -> String {
    text.char_indices()
        .map(|(at, c)| {
            let is_hidden = hidden.iter().any(|r| r.contains(&at));
            if is_hidden { with } else { c }
        })
        .collect()
}

fn hidden(kind: PersonalData, value: &str) -> Vec<Range<usize>> {
    match kind {
        PersonalData::ResidentNumber => match value
            .chars()
            .filter(|&c| number::is_letter_or_digit(c))
            .count()
        {
            15 => middle(value, 6, 3),
            _ => middle(value, 6, 4),
        },
        PersonalData::Mobile => middle(value, 3, 4),
        PersonalData::BankCard => middle(value, 4, 4),
        PersonalData::Passport | PersonalData::Permit => middle(value, 1, 3),
        PersonalData::Plate => middle(value, 1, 2),
        PersonalData::Email => {
            let at = value.find(['@', '＠']).unwrap_or(value.len());
            let kept = value[..at].chars().next().map_or(0, char::len_utf8);
            // A name of one letter is hidden altogether.
            let kept = if kept == at { 0 } else { kept };
            value[kept..at]
                .char_indices()
                .map(|(n, c)| kept + n..kept + n + c.len_utf8())
                .collect()
        }
    }
}

/// The letters and digits between the first `head` and the last `tail`.
fn middle(value: &str, head: usize, tail: usize) -> Vec<Range<usize>> {
    let significant: Vec<Range<usize>> = value
        .char_indices()
        .filter(|(_, c)| number::is_letter_or_digit(*c))
        .map(|(at, c)| at..at + c.len_utf8())
        .collect();
    let end = significant.len().saturating_sub(tail);
    significant[head.min(end)..end].to_vec()
}

/// Whether a text may hold a value at all: one pass over the bytes, without a look at what they mean.
fn may_hold(text: &str) -> bool {
    /// A plate has three digits at least, everything else seven.
    const FEW: usize = 3;
    const MANY: usize = 7;
    let (digits, has_at) = digits_and_at(text.as_bytes());
    digits >= MANY || has_at || digits >= FEW && text.contains(table::PLATE_PROVINCES)
}

/// How many digits there are, those of full width (EF BC 90 to EF BC 99) among them, and whether there is an @ of either
/// width (EF BC A0). Written so that many bytes are looked at in one step.
fn digits_and_at(bytes: &[u8]) -> (usize, bool) {
    /// As many as can be counted in a byte.
    const CHUNK: usize = 248;
    let is_digit = |b: u8| b.wrapping_sub(b'0') < 10;
    // What stands in the first two bytes has no two before it.
    let head = &bytes[..bytes.len().min(2)];
    let mut digits = head.iter().filter(|b| is_digit(**b)).count();
    let mut has_at = head.contains(&b'@');
    let mut at = 2;
    while at < bytes.len() {
        let end = bytes.len().min(at + CHUNK);
        let (mut count, mut ats) = (0u8, 0u8);
        let before = bytes[at - 2..end - 2].iter().zip(&bytes[at - 1..end - 1]);
        for ((&first, &second), &b) in before.zip(&bytes[at..end]) {
            let is_wide = (first == 0xEF) & (second == 0xBC);
            count += u8::from(is_digit(b) | is_wide & (b.wrapping_sub(0x90) < 10));
            ats |= u8::from((b == b'@') | is_wide & (b == 0xA0));
        }
        digits += usize::from(count);
        has_at |= ats > 0;
        at = end;
    }
    (digits, has_at)
}

/// What is found in a run of digits.
fn numbers(text: &str, run: &Run, around: &Surroundings, found: &mut Vec<Value>) {
    let mut start = 0;
    while start < run.groups.len() {
        let known = run.windows(start).find_map(|window| {
            let kind = if is_resident_number(text, &window, around) {
                PersonalData::ResidentNumber
            } else if is_bank_card(text, &window, around) {
                PersonalData::BankCard
            } else if window.is_mobile() && around.is_personal(text, window.range.start) {
                PersonalData::Mobile
            } else {
                return None;
            };
            Some((kind, window))
        });
        match known {
            Some((kind, window)) => {
                start += window.groups;
                found.push(Value::new(kind, window.range));
            }
            None => start += 1,
        }
    }
}

fn is_resident_number(text: &str, window: &number::Window, around: &Surroundings) -> bool {
    if window.is_glued {
        return false;
    }
    let named = || around.speaks_of(text, window.range.start, context::RESIDENT_NUMBER);
    match window.digits.len() {
        18 => {
            checks::is_resident_number(&window.digits)
                && (!checks::is_credit_code(&window.digits) || named())
                && !is_serial_number(text, window, around)
        }
        15 => checks::is_old_resident_number(&window.digits) && named(),
        _ => false,
    }
}

/// 采购编号：610326202403010012: region, day and a running number pass for a resident number once in eleven times. Their
/// day is one of the last decades.
fn is_serial_number(text: &str, window: &number::Window, around: &Surroundings) -> bool {
    const SERIALS_SINCE: [char; 4] = ['2', '0', '0', '5'];
    window.digits[6..10] >= SERIALS_SINCE[..]
        && around.is_called(
            text,
            window.range.start,
            context::OTHER_NUMBER,
            context::PERSONAL,
        )
}

fn is_bank_card(text: &str, window: &number::Window, around: &Surroundings) -> bool {
    if window.is_glued || !window.is_card_shaped() || !checks::is_luhn(&window.digits) {
        return false;
    }
    let digits: String = window.digits.iter().collect();
    let start = window.range.start;
    let says = |words| around.speaks_of(text, start, words);
    let is_ours = digits.starts_with("62") || digits.starts_with("9558");
    if says(context::CARD) {
        return is_ours || number::is_issuer(&digits);
    }
    // Without a word that says so only the cards of the country's own network are taken for cards, and an order number
    // that happens to pass is none.
    is_ours && (says(context::ACCOUNT) || window.groups == 1 && !says(context::OTHER_NUMBER))
}

struct Shapes {
    disability: Regex,
    passport: Regex,
    permit: Regex,
    plate: Regex,
    email: Regex,
}

/// Compiles the expressions, which is else done when a text first needs them.
pub(crate) fn prepare() {
    shapes();
}

/// All of them are matched against the normal form, where letters are lower case.
fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let compile = |pattern: &str| Regex::new(pattern).expect("a constant expression");
        let provinces: String = table::PLATE_PROVINCES.iter().collect();
        Shapes {
            disability: compile(r"(?:^|[^a-z0-9])(?<v>\d{17}[0-9x]\d{2})(?:[^a-z0-9]|$)"),
            passport: compile(r"(?:^|[^a-z0-9])(?<v>(?:[degsp][a-z]?[ \u{A0}]?|1[45])\d{7,8})(?:[^a-z0-9]|$)"),
            permit: compile(
                r"(?:^|[^a-z0-9])(?<v>[hmcwlt][a-z]?(?:\d{10}|\d{7,8})|\d{8}(?:\d{2})?)(?:[^a-z0-9年]|$)",
            ),
            plate: compile(&format!(
                "(?<v>[{provinces}][a-hj-z][·•\\- ]?[a-hj-np-z0-9]{{4,5}}[a-hj-np-z0-9挂学警港澳])(?:[^a-z0-9]|$)"
            )),
            email: compile(
                r"(?:^|[^a-z0-9._%+-])(?<v>[a-z0-9][a-z0-9._%+-]*[@＠][a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})",
            ),
        }
    })
}

/// Passports, permits, plates and mailboxes.
fn documents_and_more(text: &str, around: &Surroundings, found: &mut Vec<Value>) {
    let mut take = |kind, holds: &dyn Fn(&Range<usize>) -> bool| {
        for value in shaped(text, kind) {
            let free =
                |v: &Value| v.range.end <= value.range.start || value.range.end <= v.range.start;
            if found.iter().all(free) && holds(&value.range) {
                found.push(value);
            }
        }
    };
    if around.mentions(text, &[context::DISABILITY]) {
        take(PersonalData::ResidentNumber, &|_| true);
    }
    if around.mentions(text, &[context::PASSPORT]) {
        take(PersonalData::Passport, &|v| {
            around.speaks_of(text, v.start, &[context::PASSPORT])
        });
    }
    if around.mentions(text, context::PERMIT) {
        take(PersonalData::Permit, &|v| {
            let has_letter = !text[v.clone()].starts_with(|c| number::digit(c).is_some());
            if has_letter {
                around.speaks_of(text, v.start, context::PERMIT)
            } else {
                around.is_labelled(text, v.start, context::TAIWAN_PERMIT)
            }
        });
    }
    if text.contains(table::PLATE_PROVINCES) {
        take(PersonalData::Plate, &|v| around.is_personal(text, v.start));
    }
    if text.contains(['@', '＠']) {
        take(PersonalData::Email, &|v| around.is_personal(text, v.start));
    }
}

/// What has the shape of such a document, plate or mailbox, wherever it stands.
fn shaped(text: &str, kind: PersonalData) -> Vec<Value> {
    let all = shapes();
    let shape = match kind {
        PersonalData::Passport => &all.passport,
        PersonalData::Permit => &all.permit,
        PersonalData::Plate => &all.plate,
        PersonalData::Email => &all.email,
        PersonalData::ResidentNumber => &all.disability,
        PersonalData::Mobile | PersonalData::BankCard => return Vec::new(),
    };
    let folded = fold(text);
    let holds = |value: &str| match kind {
        PersonalData::Plate => {
            value
                .chars()
                .filter(|&c| number::digit(c).is_some())
                .count()
                >= 3
        }
        PersonalData::Email => is_private_mailbox(value),
        // The number of a certificate of disability is a resident number with two digits behind it.
        PersonalData::ResidentNumber => {
            let chars: Vec<char> = value.to_ascii_uppercase().chars().collect();
            chars.get(..18).is_some_and(checks::is_resident_number)
        }
        _ => true,
    };
    shape
        .captures_iter(folded.text())
        .filter_map(|c| Some(folded.original(&c.name("v")?.range())))
        .filter(|range| holds(&text[range.clone()]))
        .map(|range| Value::new(kind, range))
        .collect()
}

/// A mailbox of the government is an office's, whoever reads it.
fn is_private_mailbox(mailbox: &str) -> bool {
    let mailbox = mailbox.to_ascii_lowercase();
    !mailbox.ends_with(".gov.cn") && !mailbox.ends_with("@gov.cn")
}

/// The rules that report what a [`Survey`] finds.
#[derive(Debug)]
pub(crate) struct Privacy {
    /// In the order of [`PersonalData::ALL`]; `None` where the configuration switches one off.
    rules: Vec<Option<Rule>>,
    column: Option<Rule>,
}

const CATEGORY: &str = "privacy";

impl Privacy {
    pub(crate) fn new(config: &Config) -> Self {
        let mut rules: Vec<Option<Rule>> = RULES.iter().map(|info| info.rule(config)).collect();
        let column = rules.pop().flatten();
        Self { rules, column }
    }

    /// Whether a rule is about personal data: what it finds is leaked even where it is only mentioned.
    pub(crate) fn owns(rule: &Rule) -> bool {
        rule.entry.category == CATEGORY
    }

    /// The matches of a block.
    pub(crate) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        let (folded, index) = (target.folded, target.index);
        let values = target.personal.values(index).iter();
        for value in values.filter(|v| v.column.is_none() && !v.is_repeated) {
            let nth = PersonalData::ALL.iter().position(|k| *k == value.kind);
            let Some(rule) = nth.and_then(|n| self.rules[n].as_ref()) else {
                continue;
            };
            let range = folded.range_of(&value.range);
            let masked = masked(value.kind, &folded.text()[range.clone()]);
            matches.push(Match {
                rule,
                range,
                message: Some(Message::PersonalData {
                    kind: value.kind,
                    masked: masked.clone(),
                }),
                found: masked.clone().into(),
                suggestions: vec![masked].into(),
                priority: LISTED,
            });
        }
        let Some(rule) = &self.column else { return };
        let columns = target.personal.columns.get(&index);
        for column in columns.into_iter().flatten() {
            let range = folded.range_of(&column.header);
            let header = folded.text()[range.clone()].to_owned();
            matches.push(Match {
                rule,
                range,
                found: header.clone().into(),
                suggestions: Vec::new().into(),
                message: Some(Message::PersonalColumn {
                    kind: column.kind,
                    header,
                    cells: column.count,
                }),
                priority: LISTED,
            });
        }
    }
}

const SOURCE: &str =
    "《中华人民共和国个人信息保护法》第二十五条；《中华人民共和国政府信息公开条例》第十五条";

const fn info(
    id: &'static str,
    summary_zh: &'static str,
    summary_en: &'static str,
    bad: &'static [&'static str],
    good: &'static [&'static str],
) -> RuleInfo {
    RuleInfo {
        id,
        category: CATEGORY,
        severity: Severity::Error,
        fix: FixMode::Unsafe,
        summary_zh,
        summary_en,
        source: SOURCE,
        bad,
        good,
    }
}

/// The rules in the order of [`PersonalData::ALL`], that of columns last. The numbers in the examples are specimens, or
/// made up with a right check digit.
pub(super) const RULES: &[RuleInfo] = &[
    info(
        "privacy/resident-id",
        "公开了没有隐去一部分的居民身份证号码（校验码、出生日期和地区码都对）",
        "a resident identity number that is not masked (region, date of birth and check digit are right)",
        &["申请人张三，身份证号11010519491231002X。"],
        &[
            "申请人张三，身份证号110105********002X。",
            "统一社会信用代码：91350100M000100Y43",
        ],
    ),
    info(
        "privacy/mobile",
        "公开了个人的手机号码；单位的电话和通知里的联系人不算",
        "a person's mobile number; an office's line and the contact of a notice are meant to be known",
        &["申请人：李四，联系电话：13800001234。"],
        &[
            "申请人：李四，联系电话：138****1234。",
            "联系人：李四，联系电话：13800001234。",
        ],
    ),
    info(
        "privacy/bank-card",
        "公开了没有隐去一部分的银行卡号（发卡行标识和校验位都对）",
        "a bank card number that is not masked (issuer and check digit are right)",
        &["补助资金转入银行卡6222020000000000000。"],
        &[
            "补助资金转入银行卡6222***********0000。",
            "订单编号6222020000000000000。",
        ],
    ),
    info(
        "privacy/passport",
        "公开了护照号码",
        "a passport number",
        &["王五，护照号码：E00000001。"],
        &["王五，护照号码：E*****001。", "产品型号E00000001。"],
    ),
    info(
        "privacy/permit",
        "公开了往来港澳台的通行证号码",
        "the number of a permit for Hong Kong, Macao or Taiwan",
        &["持港澳居民来往内地通行证H00000001。"],
        &["持港澳居民来往内地通行证H*****001。"],
    ),
    info(
        "privacy/plate",
        "在个人名单中公开了车牌号码",
        "a license plate in a list of people",
        &["车主：赵六，车牌号陕C00A01。"],
        &["车主：赵六，车牌号陕C***01。", "公务用车陕C00A01已报废。"],
    ),
    info(
        "privacy/email",
        "公开了个人的电子邮箱；单位的邮箱不算",
        "a person's e-mail address; an office's is meant to be known",
        &["申请人：李四，邮箱：lisi@example.com。"],
        &["联系人：李四，邮箱：lisi@example.com。"],
    ),
    info(
        "privacy/column",
        "表格中有一列是身份证号、手机号、银行卡号等，其中的内容没有隐去一部分",
        "a table column of identity, mobile or bank card numbers and the like that are not masked",
        &["姓名\t身份证号\n张三\t11010519491231002X"],
        &["姓名\t身份证号\n张三\t110105********002X"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_in_either_width() {
        for (text, want) in [
            ("", (0, false)),
            ("1", (1, false)),
            ("@", (0, true)),
            ("电话１２3４", (4, false)),
            ("a＠b", (0, true)),
            ("，。；０９：", (2, false)),
            ("不含数字", (0, false)),
        ] {
            assert_eq!(digits_and_at(text.as_bytes()), want, "{text}");
            // Wherever the chunks of bytes end.
            for pad in 1..300 {
                let padded = format!("{}{text}", "a".repeat(pad));
                assert_eq!(digits_and_at(padded.as_bytes()), want, "{pad} {text}");
            }
        }
    }
}
