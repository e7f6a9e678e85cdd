//! TOML -> validated entries; a mistake points at its file, line and column.
//!
//! A lexicon is read in layers: the embedded one, those the configuration names, those of the command line. Inside a
//! layer contradictions are mistakes; across layers the later one wins for the form in question, so that an office's
//! own list never stops working because the embedded one changed.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::ops::Range;

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Severity;
use crate::error::{Error, Mistake, Result};
use crate::filter::significant;
use crate::normal::fold_form;
use crate::toml_file::TomlFile;

mod embedded;
mod examples;

pub use examples::{ExampleFailure, test_examples};

/// One layer of a lexicon: contradictions inside it are mistakes; a later layer overrides an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// What the layer is called in messages.
    pub name: String,
    /// Its files: name and text.
    pub files: Vec<(String, String)>,
    /// Whether every entry must cite a source and bring examples, as the embedded ones must.
    pub documented: bool,
}

impl Layer {
    /// The lexicon that is embedded in the library.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            name: "builtin".to_owned(),
            files: embedded::FILES
                .iter()
                .map(|&(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
            documented: true,
        }
    }
}

/// How much a fix may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixMode {
    /// Applied by `fix`.
    Safe,
    /// Applied on request.
    Unsafe,
    /// Only shown.
    None,
}

impl FixMode {
    /// The name in files and outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::None => "none",
        }
    }
}

/// An entry of the lexicon.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The rule id: `category/canonical` or `category/name`.
    pub id: String,
    /// The category.
    pub category: String,
    /// The canonical forms, best first.
    pub canonical: Vec<String>,
    /// The forbidden forms.
    pub forbidden: Vec<String>,
    /// How bad a forbidden form is.
    pub severity: Severity,
    /// How much its fix may be trusted.
    pub fix: FixMode,
    /// Why it is wrong.
    pub reason: Option<String>,
    /// Where the canonical form is laid down.
    pub source: Option<String>,
    /// Strings that permit a forbidden form directly behind them.
    pub unless_preceded_by: Vec<String>,
    /// Strings that permit a forbidden form directly before them.
    pub unless_followed_by: Vec<String>,
    /// Longer phrases that permit the form inside them.
    pub unless_inside: Vec<String>,
    /// Strings that permit the form anywhere in the same sentence.
    pub unless_in_sentence: Vec<String>,
    /// First day of a document on which the entry applies.
    pub valid_from: Option<Date>,
    /// Last day of a document on which the forbidden form was right.
    pub valid_until: Option<Date>,
    /// Whether text that misses a canonical form by a character is reported, too.
    pub near_miss: bool,
    /// Sentences in which the entry must fire.
    pub bad: Vec<String>,
    /// Sentences in which it must be silent.
    pub good: Vec<String>,
    /// Whether it comes from a `[pairs]` table; its examples are then derived.
    pub is_pair: bool,
    /// Index of the layer it comes from.
    pub layer: usize,
    /// The file it stands in, and its 1-based line.
    pub place: (String, usize),
}

impl Entry {
    /// Whether the entry speaks about a document of that day.
    #[must_use]
    pub fn applies_on(&self, day: Date) -> bool {
        self.valid_until.is_none_or(|last| day > last)
            && self.valid_from.is_none_or(|first| day >= first)
    }
}

/// Official forms that are right as they are: nothing inside them is reported, and near misses of them are looked for.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The category of the file.
    pub category: String,
    /// The forms.
    pub forms: Vec<String>,
    /// Whether text that misses one of the forms by a character is reported.
    pub near_miss: bool,
    /// Wordings close to a form that are right all the same.
    pub variants: Vec<String>,
    /// Where the forms are laid down.
    pub source: Option<String>,
    /// Index of the layer they come from.
    pub layer: usize,
    /// The file they stand in, and its 1-based line.
    pub place: (String, usize),
}

/// A form for which a later layer replaced an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overridden {
    /// The form.
    pub form: String,
    /// File and line of the entry that lost it.
    pub earlier: (String, usize),
    /// File and line of the entry that has it now.
    pub later: (String, usize),
}

/// A validated lexicon.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    entries: Vec<Entry>,
    terms: Vec<Terms>,
    overridden: Vec<Overridden>,
    digest: String,
}

impl Lexicon {
    /// Reads and validates layers, earliest first.
    ///
    /// # Errors
    /// All mistakes in all files, each with file, line and column.
    pub fn load(layers: &[Layer]) -> Result<Self> {
        let mut mistakes = Vec::new();
        let mut lexicon = Self {
            digest: digest(layers),
            ..Self::default()
        };
        for (nth, layer) in layers.iter().enumerate() {
            let (drafts, terms) = read_layer(layer, &mut mistakes);
            check_layer(&drafts, layer, &mut mistakes);
            check_terms(&terms, &drafts, layer, &mut mistakes);
            lexicon.add_layer(drafts, terms, nth);
        }
        if mistakes.is_empty() {
            Ok(lexicon)
        } else {
            Err(Error::mistakes(mistakes))
        }
    }

    /// The entries that are in force, in the order of their layers and files.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The official forms, in the order of their layers and files.
    #[must_use]
    pub fn terms(&self) -> &[Terms] {
        &self.terms
    }

    /// The forms that a later layer took over.
    #[must_use]
    pub fn overridden(&self) -> &[Overridden] {
        &self.overridden
    }

    /// SHA-256 of the layers, as `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The entries of that rule id: usually one, more where `[pairs]` or several layers speak about one canonical form.
    pub fn rule<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |e| e.id == id)
    }

    /// Adds the entries of a layer, and takes from earlier ones the forms that the new layer decides about.
    fn add_layer(&mut self, drafts: Vec<Draft>, terms: Vec<TermsDraft>, layer: usize) {
        let mut decided: HashMap<String, (String, usize)> = HashMap::new();
        if !self.entries.is_empty() {
            for draft in &terms {
                let wordings = draft.terms.forms.iter().chain(&draft.terms.variants);
                for form in wordings {
                    decided
                        .entry(fold_form(form))
                        .or_insert_with(|| draft.terms.place.clone());
                }
            }
            for draft in &drafts {
                let place = &draft.entry.place;
                for form in draft.entry.forbidden.iter().chain(&draft.entry.canonical) {
                    decided
                        .entry(fold_form(form))
                        .or_insert_with(|| place.clone());
                }
            }
        }
        if !decided.is_empty() {
            for entry in &mut self.entries {
                entry.forbidden.retain(|form| {
                    let Some(later) = decided.get(&fold_form(form)) else {
                        return true;
                    };
                    self.overridden.push(Overridden {
                        form: form.clone(),
                        earlier: entry.place.clone(),
                        later: later.clone(),
                    });
                    false
                });
            }
            self.entries.retain(|e| !e.forbidden.is_empty());
        }
        self.entries
            .extend(drafts.into_iter().map(|d| Entry { layer, ..d.entry }));
        self.terms
            .extend(terms.into_iter().map(|d| Terms { layer, ..d.terms }));
    }
}

/// The digest says which wordings were checked, whatever the files are called.
fn digest(layers: &[Layer]) -> String {
    let mut hash = Sha256::new();
    for (_, text) in layers.iter().flat_map(|l| &l.files) {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let mut digest = "sha256:".to_owned();
    for byte in hash.finalize() {
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

/// An entry as read, with the places that mistakes point at.
struct Draft {
    entry: Entry,
    file: usize,
    /// Where each forbidden form stands.
    forbidden_at: Vec<Range<usize>>,
    canonical_at: Range<usize>,
}

/// Official forms as read, with the places that mistakes point at.
struct TermsDraft {
    terms: Terms,
    file: usize,
    /// Where each form stands.
    forms_at: Vec<Range<usize>>,
}

const FILE_KEYS: &[&str] = &["category", "entry", "pairs", "pairs_meta", "terms"];
const TERMS_KEYS: &[&str] = &["source", "forms", "near_miss", "variants"];
const META_KEYS: &[&str] = &["source", "severity", "reason", "fix"];
const ENTRY_KEYS: &[&str] = &[
    "name",
    "canonical",
    "forbidden",
    "severity",
    "fix",
    "reason",
    "source",
    "unless_preceded_by",
    "unless_followed_by",
    "unless_inside",
    "unless_in_sentence",
    "valid_from",
    "valid_until",
    "near_miss",
    "bad",
    "good",
];

/// Categories whose canonical forms are names or titles: near misses of them are looked for unless the entry says no.
const NEAR_MISS_CATEGORIES: &[&str] = &["institutions", "statutes", "set-phrases"];

fn read_layer(layer: &Layer, mistakes: &mut Vec<Mistake>) -> (Vec<Draft>, Vec<TermsDraft>) {
    let mut drafts = Vec::new();
    let mut terms = Vec::new();
    for (nth, (name, text)) in layer.files.iter().enumerate() {
        let mut file = TomlFile::new(name, text);
        let table = file.parse();
        FileReader {
            file: &mut file,
            nth,
            documented: layer.documented,
        }
        .read(&table, &mut drafts, &mut terms);
        mistakes.append(&mut file.mistakes);
    }
    (drafts, terms)
}

/// Reads one file; what is wrong is collected, and the rest is read all the same.
struct FileReader<'f, 't> {
    file: &'f mut TomlFile<'t>,
    nth: usize,
    documented: bool,
}

impl FileReader<'_, '_> {
    fn read(
        &mut self,
        table: &DeTable<'_>,
        drafts: &mut Vec<Draft>,
        terms: &mut Vec<TermsDraft>,
    ) {
        self.file.only_keys(table, FILE_KEYS);
        let category = self.category(table);
        if let Some(entries) = table.get("entry") {
            match entries.get_ref() {
                DeValue::Array(list) => {
                    for item in list.iter() {
                        match item.get_ref() {
                            DeValue::Table(t) => {
                                drafts.extend(self.entry(t, &item.span(), &category));
                            }
                            _ => self.file.wants(&item.span(), "[[entry]]", "[[entry]]"),
                        }
                    }
                }
                _ => self.file.wants(&entries.span(), "[[entry]]", "[[entry]]"),
            }
        }
        self.pairs(table, &category, drafts);
        let Some(groups) = table.get("terms") else {
            return;
        };
        match groups.get_ref() {
            DeValue::Array(list) => {
                for item in list.iter() {
                    match item.get_ref() {
                        DeValue::Table(t) => terms.push(self.terms(t, &item.span(), &category)),
                        _ => self.file.wants(&item.span(), "[[terms]]", "[[terms]]"),
                    }
                }
            }
            _ => self.file.wants(&groups.span(), "[[terms]]", "[[terms]]"),
        }
    }

    fn terms(&mut self, table: &DeTable<'_>, span: &Range<usize>, category: &str) -> TermsDraft {
        self.file.only_keys(table, TERMS_KEYS);
        let (forms, forms_at): (Vec<_>, Vec<_>) = self.strings(table, "forms").into_iter().unzip();
        if forms.is_empty() {
            self.file.mistake(
                span,
                "缺少规范名称（forms）：[[terms]] 至少要列出一个",
                "no forms: [[terms]] must list one at least",
            );
        }
        let variants = self.strings(table, "variants");
        let variants_at = variants.iter().map(|(v, at)| (v, at));
        for (form, at) in forms.iter().zip(&forms_at).chain(variants_at) {
            if significant(&fold_form(form)) < 2 {
                self.file.mistake(
                    at,
                    format!("“{form}”太短：至少要有两个字"),
                    format!("“{form}” is too short: it needs two characters at least"),
                );
            }
        }
        let source = self.text(table, "source");
        if self.documented && source.as_deref().is_none_or(|s| s.trim().is_empty()) {
            self.file.mistake(
                span,
                "缺少出处（source）：这些名称是在哪里规定的",
                "no source: say where these forms are laid down",
            );
        }
        TermsDraft {
            terms: Terms {
                category: category.to_owned(),
                forms,
                near_miss: self.flag(table, "near_miss").unwrap_or(true),
                variants: variants.into_iter().map(|(v, _)| v).collect(),
                source,
                layer: 0,
                place: (self.file.name.to_owned(), self.file.line(span.start)),
            },
            file: self.nth,
            forms_at,
        }
    }

    fn category(&mut self, table: &DeTable<'_>) -> String {
        match table.get("category") {
            Some(value) => {
                let category = self.file.string(value).unwrap_or_default();
                if category.trim().is_empty() || category.contains('/') {
                    self.file.mistake(
                        &value.span(),
                        "类别（category）不能为空，也不能含有“/”",
                        "the category must not be empty nor contain \"/\"",
                    );
                }
                category
            }
            None => {
                self.file.mistake(
                    &(0..0),
                    "缺少 category：请在文件开头写上类别，例如 category = \"office\"",
                    "no category: begin the file with one, such as category = \"office\"",
                );
                String::new()
            }
        }
    }

    fn entry(&mut self, table: &DeTable<'_>, span: &Range<usize>, category: &str) -> Option<Draft> {
        self.file.only_keys(table, ENTRY_KEYS);
        let canonical_at = table.get("canonical").map_or(span.clone(), Spanned::span);
        let canonical = self.strings(table, "canonical");
        let canonical: Vec<String> = canonical.into_iter().map(|(s, _)| s).collect();
        if canonical.is_empty() || canonical.iter().any(|c| c.trim().is_empty()) {
            self.file.mistake(
                &canonical_at,
                "缺少规范写法（canonical）：每个词条都要说明应当怎样写",
                "no canonical form: an entry must say what the wording should be",
            );
        }
        let forbidden = self.strings(table, "forbidden");
        if forbidden.is_empty() && !canonical.is_empty() {
            self.file
                .mistake(span, "缺少错误写法（forbidden）", "no forbidden form");
        }
        let name = self.text(table, "name");
        let fix = self.fix_mode(table, canonical.len());
        let severity = self.severity(table, Severity::Error);
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
            id: format!(
                "{category}/{}",
                name.as_deref()
                    .or(canonical.first().map(String::as_str))
                    .unwrap_or_default()
            ),
            category: category.to_owned(),
            forbidden: forbidden.iter().map(|(s, _)| s.clone()).collect(),
            severity,
            fix,
            reason: self.text(table, "reason"),
            source: self.text(table, "source"),
            valid_from: self.date(table, "valid_from"),
            valid_until: self.date(table, "valid_until"),
            near_miss: self
                .flag(table, "near_miss")
                .unwrap_or(NEAR_MISS_CATEGORIES.contains(&category)),
            bad: self.plain_strings(table, "bad"),
            good: self.plain_strings(table, "good"),
            is_pair: false,
            layer: 0,
            place: (self.file.name.to_owned(), self.file.line(span.start)),
            canonical,
        };
        self.check_documented(&entry, span);
        self.check_inside(table, &entry);
        Some(self.draft(
            entry,
            forbidden.into_iter().map(|(_, at)| at).collect(),
            canonical_at,
        ))
        .filter(|d| !d.entry.canonical.is_empty())
    }

    fn pairs(&mut self, table: &DeTable<'_>, category: &str, drafts: &mut Vec<Draft>) {
        let empty = DeTable::new();
        let meta = match table.get("pairs_meta") {
            None => &empty,
            Some(value) => match value.get_ref() {
                DeValue::Table(t) => t,
                _ => {
                    self.file
                        .wants(&value.span(), "表 [pairs_meta]", "a table [pairs_meta]");
                    &empty
                }
            },
        };
        self.file.only_keys(meta, META_KEYS);
        let source = self.text(meta, "source");
        let reason = self.text(meta, "reason");
        let severity = self.severity(meta, Severity::Warning);
        let Some(pairs) = table.get("pairs") else {
            return;
        };
        let DeValue::Table(pairs_table) = pairs.get_ref() else {
            self.file
                .wants(&pairs.span(), "表 [pairs]", "a table [pairs]");
            return;
        };
        if self.documented && source.is_none() {
            self.file.mistake(
                &pairs.span(),
                "[pairs_meta] 缺少出处（source）",
                "[pairs_meta] has no source",
            );
        }
        // One entry for each right form, in the order of the file.
        let mut rows: Vec<_> = pairs_table.iter().collect();
        rows.sort_by_key(|(key, _)| key.span().start);
        let first_of_table = drafts.len();
        let mut by_canonical: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (key, value) in rows {
            let canonical: Vec<String> = self
                .file
                .strings(value)
                .into_iter()
                .map(|(s, _)| s)
                .collect();
            if canonical.is_empty() {
                continue;
            }
            let form = key.get_ref().to_string();
            if let Some(&nth) = by_canonical.get(&canonical) {
                let draft: &mut Draft = &mut drafts[nth];
                self.check_form(&form, &key.span(), &canonical);
                draft.entry.forbidden.push(form);
                draft.forbidden_at.push(key.span());
                continue;
            }
            let fix = self.fix_mode(meta, canonical.len());
            let entry = Entry {
                id: format!("{category}/{}", canonical[0]),
                category: category.to_owned(),
                canonical: canonical.clone(),
                forbidden: vec![form],
                severity,
                fix,
                reason: reason.clone(),
                source: source.clone(),
                unless_preceded_by: Vec::new(),
                unless_followed_by: Vec::new(),
                unless_inside: Vec::new(),
                unless_in_sentence: Vec::new(),
                valid_from: None,
                valid_until: None,
                near_miss: false,
                bad: Vec::new(),
                good: Vec::new(),
                is_pair: true,
                layer: 0,
                place: (self.file.name.to_owned(), self.file.line(key.span().start)),
            };
            by_canonical.insert(canonical, drafts.len());
            let draft = self.draft(entry, vec![key.span()], value.span());
            drafts.push(draft);
        }
        debug_assert!(first_of_table <= drafts.len());
    }

    fn draft(
        &mut self,
        entry: Entry,
        forbidden_at: Vec<Range<usize>>,
        canonical_at: Range<usize>,
    ) -> Draft {
        for (form, at) in entry.forbidden.iter().zip(&forbidden_at) {
            self.check_form(form, at, &entry.canonical);
        }
        Draft {
            entry,
            file: self.nth,
            forbidden_at,
            canonical_at,
        }
    }

    fn check_form(&mut self, form: &str, at: &Range<usize>, canonical: &[String]) {
        let folded = fold_form(form);
        if significant(&folded) < 2 {
            self.file.mistake(
                at,
                format!("错误写法“{form}”太短：至少要有两个字，否则会误伤正常文字"),
                format!(
                    "the forbidden form “{form}” is too short: it needs two characters at least"
                ),
            );
        }
        if canonical.iter().any(|c| fold_form(c) == folded) {
            self.file.mistake(
                at,
                format!("错误写法“{form}”与规范写法相同（忽略全半角、大小写、空格和繁简）"),
                format!(
                    "the forbidden form “{form}” equals the canonical one (width, case, blanks and traditional forms aside)"
                ),
            );
        }
    }

    fn check_documented(&mut self, entry: &Entry, span: &Range<usize>) {
        if !self.documented {
            return;
        }
        if entry.source.as_deref().is_none_or(|s| s.trim().is_empty()) {
            self.file.mistake(
                span,
                "缺少出处（source）：规范写法是在哪里规定的",
                "no source: say where the canonical form is laid down",
            );
        }
        if entry.bad.is_empty() || entry.good.is_empty() {
            self.file.mistake(
                span,
                "缺少例句：bad 和 good 各要至少一句",
                "no examples: at least one sentence each in `bad` and `good`",
            );
        }
    }

    /// A phrase that permits a form inside it must hold one.
    fn check_inside(&mut self, table: &DeTable<'_>, entry: &Entry) {
        let Some(value) = table.get("unless_inside") else {
            return;
        };
        let forms: Vec<_> = entry.forbidden.iter().map(|f| fold_form(f)).collect();
        for (phrase, at) in self.file.strings(value) {
            let folded = fold_form(&phrase);
            if !forms.iter().any(|f| folded.contains(f.as_str())) {
                self.file.mistake(
                    &at,
                    format!("unless_inside 中的“{phrase}”不含任何错误写法，不起作用"),
                    format!("“{phrase}” in unless_inside holds none of the forbidden forms and has no effect"),
                );
            }
        }
    }

    fn no_empty_guards(&mut self, guards: &[(String, Range<usize>)], key: &str) {
        for (_, at) in guards.iter().filter(|(g, _)| g.is_empty()) {
            self.file.mistake(
                at,
                format!("{key} 中有空字符串，会使词条完全失效"),
                format!("an empty string in {key} would silence the entry altogether"),
            );
        }
    }

    fn fix_mode(&mut self, table: &DeTable<'_>, candidates: usize) -> FixMode {
        let default = if candidates == 1 {
            FixMode::Safe
        } else {
            FixMode::None
        };
        let Some(value) = table.get("fix") else {
            return default;
        };
        match value.get_ref().as_str() {
            Some("safe") if candidates > 1 => {
                self.file.mistake(
                    &value.span(),
                    "有多个规范写法时不能自动修改：请改为 fix = \"none\"，或只留一个规范写法",
                    "several canonical forms cannot be fixed unattended: use fix = \"none\", or keep one of them",
                );
                default
            }
            Some("safe") => FixMode::Safe,
            Some("unsafe") => FixMode::Unsafe,
            Some("none") => FixMode::None,
            _ => {
                self.file.mistake(
                    &value.span(),
                    "fix 只能是 \"safe\"、\"unsafe\" 或 \"none\"",
                    "fix must be \"safe\", \"unsafe\" or \"none\"",
                );
                default
            }
        }
    }

    fn severity(&mut self, table: &DeTable<'_>, default: Severity) -> Severity {
        let Some(value) = table.get("severity") else {
            return default;
        };
        value
            .get_ref()
            .as_str()
            .and_then(Severity::from_name)
            .unwrap_or_else(|| {
                self.file.mistake(
                    &value.span(),
                    "severity 只能是 \"error\"、\"warning\" 或 \"info\"",
                    "severity must be \"error\", \"warning\" or \"info\"",
                );
                default
            })
    }

    /// A date, written as a TOML date or as a string.
    fn date(&mut self, table: &DeTable<'_>, key: &str) -> Option<Date> {
        let value = table.get(key)?;
        let written = match value.get_ref() {
            DeValue::String(s) => s.to_string(),
            DeValue::Datetime(d) => d.to_string(),
            _ => String::new(),
        };
        let date = written.parse().ok();
        if date.is_none() {
            self.file.mistake(
                &value.span(),
                format!("{key} 应是日期，例如 2018-03-17"),
                format!("{key} must be a date such as 2018-03-17"),
            );
        }
        date
    }

    fn flag(&mut self, table: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.file
                .wants(&value.span(), "true 或 false", "true or false");
        }
        flag
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        self.file.string(table.get(key)?)
    }

    fn strings(&mut self, table: &DeTable<'_>, key: &str) -> Vec<(String, Range<usize>)> {
        table
            .get(key)
            .map(|v| self.file.strings(v))
            .unwrap_or_default()
    }

    fn plain_strings(&mut self, table: &DeTable<'_>, key: &str) -> Vec<String> {
        self.strings(table, key)
            .into_iter()
            .map(|(s, _)| s)
            .collect()
    }
}

/// Finds what the entries of one layer say against each other.
fn check_layer(drafts: &[Draft], layer: &Layer, mistakes: &mut Vec<Mistake>) {
    let mut say = |draft: &Draft, at: &Range<usize>, zh: String, en: String| {
        let (name, text) = &layer.files[draft.file];
        mistakes.push(TomlFile::new(name, text).mistake_at(at, zh, en));
    };
    // Who forbids a form, and who permits it; keyed by the normal form.
    let mut forbidden: HashMap<String, (&Draft, &str)> = HashMap::new();
    let mut permitted: HashMap<String, &Draft> = HashMap::new();
    let mut ids: HashMap<&str, &Draft> = HashMap::new();
    for draft in drafts {
        let entry = &draft.entry;
        for phrase in &entry.unless_inside {
            permitted.entry(fold_form(phrase)).or_insert(draft);
        }
        for (form, at) in entry.forbidden.iter().zip(&draft.forbidden_at) {
            match forbidden.get(fold_form(form).as_str()) {
                Some((other, _)) => {
                    let place = other.place();
                    if other.entry.canonical == entry.canonical {
                        say(
                            draft,
                            at,
                            format!("错误写法“{form}”重复：{place} 已经列出"),
                            format!(
                                "the forbidden form “{form}” stands twice: {place} lists it already"
                            ),
                        );
                    } else {
                        say(
                            draft,
                            at,
                            format!(
                                "“{form}”的规范写法自相矛盾：这里是“{}”，{place} 是“{}”",
                                entry.canonical[0], other.entry.canonical[0]
                            ),
                            format!(
                                "“{form}” is given two canonical forms: “{}” here, “{}” in {place}",
                                entry.canonical[0], other.entry.canonical[0]
                            ),
                        );
                    }
                }
                None => {
                    forbidden.insert(fold_form(form), (draft, form));
                }
            }
        }
        if !entry.is_pair {
            match ids.get(entry.id.as_str()) {
                Some(other) => say(
                    draft,
                    &draft.canonical_at,
                    format!(
                        "规则编号“{}”重复（{}）：请给其中一个加上 name",
                        entry.id,
                        other.place()
                    ),
                    format!(
                        "the rule id “{}” stands twice ({}): give one of them a `name`",
                        entry.id,
                        other.place()
                    ),
                ),
                None => {
                    ids.insert(&entry.id, draft);
                }
            }
        }
    }
    for draft in drafts {
        for canonical in &draft.entry.canonical {
            let Some((other, form)) = forbidden.get(fold_form(canonical).as_str()) else {
                continue;
            };
            if std::ptr::eq(*other, draft) {
                continue;
            }
            let back: Vec<_> = draft.entry.forbidden.iter().map(|f| fold_form(f)).collect();
            let cycle = other
                .entry
                .canonical
                .iter()
                .any(|c| back.contains(&fold_form(c)));
            let place = other.place();
            if cycle {
                say(
                    draft,
                    &draft.canonical_at,
                    format!(
                        "循环：这里以“{canonical}”为规范写法，{place} 又把它列为错误写法并改回来"
                    ),
                    format!(
                        "a cycle: “{canonical}” is canonical here, and {place} forbids it and leads back"
                    ),
                );
            } else {
                say(
                    draft,
                    &draft.canonical_at,
                    format!("改成“{canonical}”之后仍会被报告：{place} 把“{form}”列为错误写法"),
                    format!(
                        "the fix “{canonical}” would be flagged again: {place} forbids “{form}”"
                    ),
                );
            }
        }
        for (form, at) in draft.entry.forbidden.iter().zip(&draft.forbidden_at) {
            let folded = fold_form(form);
            let inside = permitted
                .get(&folded)
                .map(|other| ("unless_inside", *other));
            let sentence = draft.entry.unless_in_sentence.iter();
            let silenced = sentence
                .map(|s| fold_form(s))
                .any(|s| !s.is_empty() && folded.contains(&s))
                .then_some(("unless_in_sentence", draft));
            if let Some((key, other)) = inside.or(silenced) {
                let place = other.place();
                say(
                    draft,
                    at,
                    format!("错误写法“{form}”永远不会被报告：{place} 的 {key} 完全遮住了它"),
                    format!(
                        "the forbidden form “{form}” can never be reported: {key} in {place} shadows it completely"
                    ),
                );
            }
        }
    }
}

/// Finds what the official forms of one layer say against each other and against its entries.
fn check_terms(
    terms: &[TermsDraft],
    drafts: &[Draft],
    layer: &Layer,
    mistakes: &mut Vec<Mistake>,
) {
    let mut say = |draft: &TermsDraft, at: &Range<usize>, zh: String, en: String| {
        let (name, text) = &layer.files[draft.file];
        mistakes.push(TomlFile::new(name, text).mistake_at(at, zh, en));
    };
    let mut forbidden: HashMap<String, &Draft> = HashMap::new();
    for draft in drafts.iter().filter(|_| !terms.is_empty()) {
        for form in &draft.entry.forbidden {
            forbidden.insert(fold_form(form), draft);
        }
    }
    let mut listed: HashMap<String, &TermsDraft> = HashMap::new();
    for draft in terms {
        for (form, at) in draft.terms.forms.iter().zip(&draft.forms_at) {
            let folded = fold_form(form);
            if let Some(other) = forbidden.get(&folded) {
                let place = other.place();
                say(
                    draft,
                    at,
                    format!("自相矛盾：“{form}”在这里是规范名称，{place} 把它列为错误写法"),
                    format!("a contradiction: “{form}” is official here, and {place} forbids it"),
                );
            }
            if let Some(other) = listed.insert(folded, draft) {
                let (file, line) = &other.terms.place;
                say(
                    draft,
                    at,
                    format!("“{form}”重复：{file}:{line} 已经列出"),
                    format!("“{form}” stands twice: {file}:{line} lists it already"),
                );
            }
        }
    }
}

impl Draft {
    fn place(&self) -> String {
        format!("{}:{}", self.entry.place.0, self.entry.place.1)
    }
}
