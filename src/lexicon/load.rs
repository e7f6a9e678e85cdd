//! TOML -> validated entries; a mistake points at its file, line and column.
//!
//! A lexicon is read in layers: the embedded one, those the configuration names, those of the command line. Inside a
//! layer contradictions are mistakes; across layers the later one wins for the form in question, so that an office's
//! own list never stops working because the embedded one changed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Severity;
use crate::error::{Error, Mistake, Result};
use crate::filter::significant;
use crate::index::Index;
use crate::index::near::Near;
use crate::normal::fold_form;
use crate::toml_file::TomlFile;

// The paths are spelled out for build.rs, which includes this file from elsewhere.
#[path = "pattern.rs"]
pub(crate) mod pattern;

pub(crate) use pattern::Pattern;
use pattern::PatternDraft;
#[path = "statutes.rs"]
mod statutes;

pub use statutes::Statute;

#[path = "terms.rs"]
mod terms;

pub use terms::Terms;
use terms::{TermsDraft, check_terms};

/// One layer of a lexicon: contradictions inside it are mistakes; a later layer overrides an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// What the layer is called in messages.
    pub name: String,
    /// Its files: name and text.
    pub files: Vec<(String, String)>,
    /// Whether every entry must cite a source and bring examples, as the embedded ones must.
    pub documented: bool,
    /// Whether this stands for the embedded lexicon; it has no files then, since it was read when the crate was built.
    pub embedded: bool,
}

impl Layer {
    /// The lexicon that is embedded in the library.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            name: "builtin".to_owned(),
            embedded: true,
            ..Self::default()
        }
    }
}

/// How much a fix may be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FixMode {
    /// Applied by `fix`.
    #[default]
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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

/// A form for which a later layer replaced an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overridden {
    /// The form.
    pub form: String,
    /// File and line of the entry that lost it.
    pub earlier: (String, usize),
    /// File and line of the entry that has it now.
    pub later: (String, usize),
}

/// A validated lexicon.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lexicon {
    entries: Vec<Arc<Entry>>,
    statutes: Vec<Statute>,
    terms: Vec<Terms>,
    patterns: Vec<Arc<Pattern>>,
    overridden: Vec<Overridden>,
    digest: String,
    /// Made when a linter first asks for it.
    #[serde(skip)]
    index: OnceLock<Arc<Index>>,
    #[serde(skip)]
    near: OnceLock<Arc<Near>>,
}

impl Lexicon {
    /// The forms of the entries, ready to be searched for.
    pub(crate) fn index(&self) -> Arc<Index> {
        let make = || {
            let titles = self.statutes.iter().map(|s| &s.title);
            let terms = self.terms.iter();
            let terms = terms.flat_map(|t| t.forms.iter().chain(&t.variants));
            Arc::new(Index::new(
                &self.entries,
                &self.patterns,
                titles.chain(terms),
            ))
        };
        Arc::clone(self.index.get_or_init(make))
    }

    /// The official forms, ready to find what is an edit away from them.
    pub(crate) fn near(&self) -> Arc<Near> {
        let make = || {
            let entries = self.entries();
            let forbidden: HashSet<String> = entries
                .flat_map(|e| &e.forbidden)
                .map(|f| fold_form(f))
                .collect();
            let right = self.right_wordings(0);
            Arc::new(Near::new(self.near_miss_forms(), &forbidden, right))
        };
        Arc::clone(self.near.get_or_init(make))
    }

    /// The same lexicon with the index that was made for it before.
    pub(crate) fn with_index(mut self, index: Index) -> Self {
        self.index = OnceLock::from(Arc::new(index));
        self
    }

    /// The same for the official forms.
    pub(crate) fn with_near(mut self, near: Near) -> Self {
        self.near = OnceLock::from(Arc::new(near));
        self
    }

    /// Reads and validates layers on top of a lexicon, earliest first.
    ///
    /// # Errors
    /// All mistakes in all files, each with file, line and column.
    pub(crate) fn extended(mut self, layers: &[Layer]) -> Result<Self> {
        let mut mistakes = Vec::new();
        if !layers.is_empty() {
            self.index = OnceLock::new();
        }
        for layer in layers {
            let Read {
                drafts,
                patterns,
                statutes,
                terms,
            } = read_layer(layer, &mut mistakes);
            check_layer(&drafts, layer, &mut mistakes);
            check_terms(&terms, &drafts, layer, &mut mistakes);
            pattern::check_ids(&patterns, layer, &mut mistakes);
            // Without official forms of its own a layer only forbids and permits, which is looked up.
            let more = !terms.is_empty() || !statutes.is_empty();
            if more || drafts.iter().any(|d| d.entry.near_miss) {
                self.near = OnceLock::new();
            }
            self.add_patterns(patterns);
            self.add_terms(terms);
            self.add_layer(drafts);
            self.add_statutes(statutes);
            self.digest = digest(&self.digest, layer);
        }
        if mistakes.is_empty() {
            Ok(self)
        } else {
            Err(Error::mistakes(mistakes))
        }
    }

    /// The entries that are in force, in the order of their layers and files.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> + Clone {
        self.entries.iter().map(|e| &**e)
    }

    /// The patterns that are in force, in the order of their layers and files.
    pub fn patterns(&self) -> impl ExactSizeIterator<Item = &Pattern> + Clone {
        self.patterns.iter().map(|p| &**p)
    }

    /// The same patterns, to keep.
    pub(crate) fn shared_patterns(&self) -> &[Arc<Pattern>] {
        &self.patterns
    }

    /// The same entries, to keep.
    pub(crate) fn shared(&self) -> &[Arc<Entry>] {
        &self.entries
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
        self.entries().filter(move |e| e.id == id)
    }

    /// Adds the entries of a layer, and takes from earlier ones the forms that the new layer decides about.
    fn add_layer(&mut self, drafts: Vec<Draft>) {
        let layer = self.entries.last().map_or(0, |e| e.layer + 1);
        if !self.entries.is_empty() {
            self.yield_to(&drafts);
        }
        self.entries.extend(
            drafts
                .into_iter()
                .map(|d| Arc::new(Entry { layer, ..d.entry })),
        );
    }

    /// Adds the patterns of a layer; one with the id of an earlier one takes its place.
    fn add_patterns(&mut self, drafts: Vec<PatternDraft>) {
        for PatternDraft { pattern, .. } in drafts {
            let id = &pattern.entry.id;
            match self.patterns.iter_mut().find(|p| p.entry.id == *id) {
                Some(earlier) => {
                    self.overridden.push(Overridden {
                        form: id.clone(),
                        earlier: earlier.entry.place.clone(),
                        later: pattern.entry.place.clone(),
                    });
                    *earlier = Arc::new(pattern);
                }
                None => self.patterns.push(Arc::new(pattern)),
            }
        }
    }

    fn yield_to(&mut self, drafts: &[Draft]) {
        let mut decided: HashMap<String, &(String, usize)> = HashMap::new();
        for Draft { entry, .. } in drafts {
            for form in entry.forbidden.iter().chain(&entry.canonical) {
                decided.entry(fold_form(form)).or_insert(&entry.place);
            }
        }
        self.yield_forms(&decided);
    }

    /// Takes from the entries the forms that a later layer decides about, each with the place that does.
    fn yield_forms(&mut self, decided: &HashMap<String, &(String, usize)>) {
        for entry in &mut self.entries {
            let lost: Vec<_> = entry
                .forbidden
                .iter()
                .filter_map(|form| Some((form.clone(), *decided.get(&fold_form(form))?)))
                .collect();
            for (form, later) in lost {
                let entry = Arc::make_mut(entry);
                entry.forbidden.retain(|f| *f != form);
                self.overridden.push(Overridden {
                    form,
                    earlier: entry.place.clone(),
                    later: later.clone(),
                });
            }
        }
        self.entries.retain(|e| !e.forbidden.is_empty());
    }
}

/// The digest says which wordings were checked, whatever the files are called: that of the layers before, and the texts.
fn digest(before: &str, layer: &Layer) -> String {
    let mut hash = Sha256::new();
    hash.update(before.as_bytes());
    for (_, text) in &layer.files {
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

const FILE_KEYS: &[&str] = &[
    "category",
    "entry",
    "pairs",
    "pairs_meta",
    "pattern",
    "terms",
    "statute",
    "statute_meta",
];
const META_KEYS: &[&str] = &["source", "severity", "reason", "fix"];
/// The keys of an entry, in the order in which files have them.
pub const ENTRY_KEYS: &[&str] = &[
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

/// Categories whose canonical forms are names, titles and phrases: near misses of them are looked for unless an entry says no.
const NEAR_MISS_CATEGORIES: &[&str] = &["institutions", "statutes", "set-phrases"];

/// What one layer says.
#[derive(Default)]
struct Read {
    drafts: Vec<Draft>,
    patterns: Vec<PatternDraft>,
    statutes: Vec<Statute>,
    terms: Vec<TermsDraft>,
}

fn read_layer(layer: &Layer, mistakes: &mut Vec<Mistake>) -> Read {
    let mut read = Read::default();
    for (nth, (name, text)) in layer.files.iter().enumerate() {
        let mut file = TomlFile::new(name, text);
        let table = file.parse();
        let mut reader = FileReader {
            file: &mut file,
            nth,
            documented: layer.documented,
        };
        reader.read(&table, &mut read.drafts, &mut read.patterns);
        reader.statutes(&table, &mut read.statutes);
        reader.terms(&table, &mut read.terms);
        mistakes.append(&mut file.mistakes);
    }
    read
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
        patterns: &mut Vec<PatternDraft>,
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
        self.patterns(table, &category, patterns);
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
            self.no_canonical(&canonical_at);
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
            let is_list_of_none = matches!(value.get_ref(), DeValue::Array(a) if a.is_empty());
            if is_list_of_none || canonical.iter().any(|c| c.trim().is_empty()) {
                self.no_canonical(&value.span());
                continue;
            }
            if canonical.is_empty() {
                continue; // it is no string, which has been noted
            }
            let form = key.get_ref().to_string();
            if let Some(&nth) = by_canonical.get(&canonical) {
                let draft: &mut Draft = &mut drafts[nth];
                self.check_form(&form, &key.span(), &canonical);
                self.check_characters(&form, &key.span());
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
            self.check_characters(form, at);
        }
        for form in &entry.canonical {
            self.check_characters(form, &canonical_at);
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

    /// A fix writes a canonical form into any format, and some have no place for control characters and line breaks.
    fn check_characters(&mut self, form: &str, at: &Range<usize>) {
        let is_unfit = |c: &char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        if let Some(c) = form.chars().find(is_unfit) {
            let code = u32::from(c);
            self.file.mistake(
                at,
                format!("写法中有控制字符或换行（U+{code:04X}），请删去"),
                format!(
                    "the form holds a control character or line break (U+{code:04X}): remove it"
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

    fn no_canonical(&mut self, at: &Range<usize>) {
        self.file.mistake(
            at,
            "缺少规范写法（canonical）：每个词条都要说明应当怎样写",
            "no canonical form: an entry must say what the wording should be",
        );
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

impl Draft {
    fn place(&self) -> String {
        format!("{}:{}", self.entry.place.0, self.entry.place.1)
    }
}
