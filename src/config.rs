//! What the file says -> what the run uses.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Severity;
use crate::error::{Error, Mistake, Result};
use crate::glob::Globs;
use crate::lexicon::Lexicon;
use crate::rule::catalog;
use crate::suppress::{Allow, LONGEST_PHRASE};
use crate::toml_file::TomlFile;

/// What a run uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Rules (ids) and categories that are switched off.
    pub disabled: Vec<String>,
    /// Severities by rule id or category; a rule's own goes before its category's.
    pub severity: BTreeMap<String, Severity>,
    /// Leaves out the rules that come with the library beside its lexicon.
    pub without_rules: bool,
    /// The day of every document, whatever it says itself.
    pub date: Option<Date>,
    /// The day of the run: that of documents that say none, and the one by which decisions end.
    pub today: Date,
    /// Diagnostics that somebody decided to let stand.
    pub allow: Vec<Allow>,
}

/// What a `zhengming.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// What concerns the linter.
    pub config: Config,
    /// Lexicon files and folders as written, relative to the folder of the configuration file.
    pub lexicons: Vec<String>,
    /// Whether the embedded lexicon is used; `true` unless the file says otherwise.
    pub builtin: bool,
    /// Patterns (as in `.gitignore`) of files that a walk takes besides those with a known ending.
    pub include: Vec<String>,
    /// Patterns (as in `.gitignore`) of files and folders that a walk leaves out.
    pub exclude: Vec<String>,
    /// From which severity on a run fails.
    pub fail_on: Option<FailOn>,
    /// Whether results are kept for the next run.
    pub cache: bool,
    /// Who answers for which drafts; of several that a path fits the first counts.
    pub units: Vec<UnitPaths>,
    /// Every rule and category that the file names, as a mistake to make when there is none.
    names: Vec<(String, Mistake)>,
}

/// A unit, or one column of it, and the drafts that it answers for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitPaths {
    /// The unit's name.
    pub name: String,
    /// The column (栏目) that it publishes them in.
    pub column: Option<String>,
    /// Patterns (as in `.gitignore`) of files and folders.
    pub paths: Vec<String>,
}

/// From which severity on a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// This severity, and every worse one.
    At(Severity),
    /// A diagnostic never makes a run fail.
    Never,
}

impl Config {
    /// Whether a rule is switched off, by its own id or by its category.
    #[must_use]
    pub fn disables(&self, rule: &str, category: &str) -> bool {
        self.disabled.iter().any(|d| d == rule || d == category)
    }

    /// The severity that is set for a rule or else for its category.
    #[must_use]
    pub fn severity_of(&self, rule: &str, category: &str) -> Option<Severity> {
        self.severity
            .get(rule)
            .or_else(|| self.severity.get(category))
            .copied()
    }
}

const KEYS: &[&str] = &[
    "lexicons", "builtin", "disable", "severity", "include", "exclude", "fail_on", "root", "unit",
    "allow", "cache",
];

const ALLOW_KEYS: &[&str] = &["path", "rule", "phrase", "reason", "until"];

const UNIT_KEYS: &[&str] = &["name", "column", "paths"];

impl ConfigFile {
    /// Reads a configuration file; `name` is what messages call it.
    ///
    /// `root = true` is accepted and changes nothing here: it ends the search for configuration files, which is the
    /// caller's.
    ///
    /// # Errors
    /// All mistakes in the file, each with line and column: wrong syntax, unknown keys and values, wrong types.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let mut file = TomlFile::new(name, text);
        let table = file.parse();
        // What the parser made up to go on after a syntax error is not worth a second message on the same line.
        let mut mistakes = std::mem::take(&mut file.mistakes);
        let broken: Vec<_> = mistakes.iter().map(|m| m.line).collect();
        file.only_keys(&table, KEYS);
        let mut config = Self::default();
        for (key, value) in &table {
            config.read(key.get_ref(), value, &mut file);
        }
        let others = file.mistakes.into_iter();
        mistakes.extend(others.filter(|m| !broken.contains(&m.line)));
        if mistakes.is_empty() {
            Ok(config)
        } else {
            Err(Error::mistakes(mistakes))
        }
    }

    /// The rules and categories that the file names and `lexicon` does not have: a misspelt name would silently switch
    /// nothing off.
    #[must_use]
    pub fn unknown_names(&self, lexicon: &Lexicon) -> Vec<Mistake> {
        let rules = catalog();
        let known = |name: &str| {
            let patterns = lexicon.patterns().map(|p| &*p.entry);
            let mut entries = lexicon.entries().chain(patterns);
            let mut rules = rules.iter();
            entries.any(|e| e.id == name || e.category == name)
                || rules.any(|r| r.id == name || r.category == name)
        };
        let unknown = self.names.iter().filter(|(name, _)| !known(name));
        unknown.map(|(_, mistake)| mistake.clone()).collect()
    }

    fn read(&mut self, key: &str, value: &Spanned<DeValue<'_>>, file: &mut TomlFile<'_>) {
        match key {
            "lexicons" => self.lexicons = texts(file, value),
            "include" => self.include = texts(file, value),
            "exclude" => self.exclude = texts(file, value),
            "cache" => self.cache = boolean(file, value).unwrap_or_default(),
            "allow" => match value.get_ref() {
                DeValue::Array(tables) => {
                    let allows = tables.iter().filter_map(|table| self.allow(table, file));
                    let allows: Vec<_> = allows.collect();
                    self.config.allow = allows;
                }
                _ => file.wants(
                    &value.span(),
                    "表的列表：每条以 [[allow]] 开头",
                    "a list of tables: each begins with [[allow]]",
                ),
            },
            "builtin" => self.builtin = boolean(file, value).unwrap_or(true),
            "root" => {
                boolean(file, value);
            }
            "fail_on" => self.fail_on = choice(file, value, FailOn::from_name),
            "disable" => {
                for (name, at) in file.strings(value) {
                    self.name(&name, &at, file);
                    self.config.disabled.push(name);
                }
            }
            "severity" => match value.get_ref() {
                DeValue::Table(table) => self.severities(table, file),
                _ => file.wants(
                    &value.span(),
                    "一张表：[severity] 下写 leaders = \"warning\" 等",
                    "a table: [severity] with lines such as leaders = \"warning\"",
                ),
            },
            "unit" => match value.get_ref() {
                DeValue::Array(list) if list.iter().all(|v| v.get_ref().is_table()) => {
                    let tables = list
                        .iter()
                        .filter_map(|v| Some((v.get_ref().as_table()?, v.span())));
                    self.units = tables
                        .filter_map(|(table, at)| unit(table, &at, file))
                        .collect();
                }
                _ => file.wants(
                    &value.span(),
                    "若干张表：每个单位写一个 [[unit]]",
                    "tables: a [[unit]] for each unit",
                ),
            },
            _ => {} // noted by `only_keys`
        }
    }

    fn severities(&mut self, table: &DeTable<'_>, file: &mut TomlFile<'_>) {
        for (key, value) in table {
            if let Some(severity) = choice(file, value, Severity::from_name) {
                self.name(key.get_ref(), &key.span(), file);
                self.config
                    .severity
                    .insert(key.get_ref().to_string(), severity);
            }
        }
    }

    fn allow(&mut self, value: &Spanned<DeValue<'_>>, file: &mut TomlFile<'_>) -> Option<Allow> {
        let DeValue::Table(table) = value.get_ref() else {
            file.wants(&value.span(), "一张表", "a table");
            return None;
        };
        file.only_keys(table, ALLOW_KEYS);
        let mut allow = Allow {
            line: file.line(value.span().start),
            ..Allow::default()
        };
        let text = |key, file: &mut TomlFile<'_>| {
            let value = table.get(key)?;
            let text = file.string(value)?.trim().to_owned();
            if text.is_empty() {
                let (zh, en) = ("空字符串，请删去", "an empty string: remove it");
                file.mistake(&value.span(), zh, en);
            }
            Some(text)
        };
        allow.reason = text("reason", file).unwrap_or_default();
        allow.phrase = text("phrase", file);
        allow.rule = text("rule", file);
        if let Some((rule, value)) = allow.rule.as_ref().zip(table.get("rule")) {
            self.name(rule, &value.span(), file);
        }
        if let Some(value) = table.get("path") {
            allow.paths = texts(file, value);
            if let Err(error) = Globs::new(&allow.paths) {
                file.mistake(
                    &value.span(),
                    format!("通配符写错了：{error}"),
                    format!("not a pattern: {error}"),
                );
            }
        }
        if let Some(value) = table.get("until") {
            let written = match value.get_ref() {
                DeValue::String(s) => s.to_string(),
                DeValue::Datetime(d) => d.to_string(),
                _ => String::new(),
            };
            allow.until = written.parse().ok();
            if allow.until.is_none() {
                file.wants(
                    &value.span(),
                    "日期，如 2027-01-31",
                    "a date such as 2027-01-31",
                );
            }
        }
        if let Some((_, value)) = allow.phrase.as_ref().zip(table.get("phrase"))
            && allow
                .phrase
                .iter()
                .any(|p| p.chars().count() > LONGEST_PHRASE)
        {
            file.mistake(
                &value.span(),
                format!("phrase 最多 {LONGEST_PHRASE} 个字，写错误表述及其前后几个字即可"),
                format!("a phrase has at most {LONGEST_PHRASE} characters: the wrong form and a few around it"),
            );
        }
        if allow.rule.is_none() && allow.phrase.is_none() {
            file.mistake(
                &value.span(),
                "[[allow]] 要写 rule 或 phrase，否则什么都放过",
                "[[allow]] needs a rule or a phrase, or it would let everything stand",
            );
        }
        if !table.contains_key("reason") {
            file.mistake(
                &value.span(),
                "[[allow]] 要写理由：reason = \"…\"",
                "[[allow]] needs a reason = \"…\"",
            );
        }
        Some(allow)
    }

    fn name(&mut self, name: &str, at: &Range<usize>, file: &mut TomlFile<'_>) {
        let mistake = file.mistake_at(
            at,
            format!("词库中没有名为“{name}”的规则或类别；用 zhengming lexicon list 查看"),
            format!("the lexicon has no rule or category “{name}”: see zhengming lexicon list"),
        );
        self.names.push((name.to_owned(), mistake));
    }
}

impl Default for ConfigFile {
    fn default() -> Self {
        Self {
            config: Config::default(),
            lexicons: Vec::new(),
            builtin: true,
            include: Vec::new(),
            exclude: Vec::new(),
            fail_on: None,
            cache: false,
            units: Vec::new(),
            names: Vec::new(),
        }
    }
}

impl FailOn {
    /// The names that files and the command line use.
    pub const NAMES: [&str; 4] = ["error", "warning", "info", "never"];

    /// The value of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "never" => Some(Self::Never),
            _ => Severity::from_name(name).map(Self::At),
        }
    }

    /// Whether a diagnostic of this severity makes a run fail.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::At(least) => severity >= least,
            Self::Never => false,
        }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        Self::At(Severity::Error)
    }
}

/// A unit with its name and at least one path, or mistakes.
fn unit(table: &DeTable<'_>, at: &Range<usize>, file: &mut TomlFile<'_>) -> Option<UnitPaths> {
    file.only_keys(table, UNIT_KEYS);
    let mut name_of = |key: &str| {
        let value = table.get(key)?;
        let name = file.string(value)?;
        if name.trim().is_empty() {
            file.mistake(
                &value.span(),
                "空字符串，请删去",
                "an empty string: remove it",
            );
        }
        Some(name)
    };
    let (name, column) = (name_of("name"), name_of("column"));
    let paths = table.get("paths").map(|value| texts(file, value));
    for (key, missing) in [
        ("name", !table.contains_key("name")),
        ("paths", paths.as_ref().is_none_or(Vec::is_empty)),
    ] {
        if missing {
            file.mistake(
                at,
                format!("这个 [[unit]] 缺少 {key}"),
                format!("this [[unit]] has no {key}"),
            );
        }
    }
    Some(UnitPaths {
        name: name?,
        column,
        paths: paths?,
    })
}

/// A list of strings, none of them empty.
fn texts(file: &mut TomlFile<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let strings = file.strings(value);
    for (_, at) in strings.iter().filter(|(text, _)| text.trim().is_empty()) {
        file.mistake(at, "空字符串，请删去", "an empty string: remove it");
    }
    strings.into_iter().map(|(text, _)| text).collect()
}

fn boolean(file: &mut TomlFile<'_>, value: &Spanned<DeValue<'_>>) -> Option<bool> {
    let found = value.get_ref().as_bool();
    if found.is_none() {
        file.wants(&value.span(), "true 或 false", "true or false");
    }
    found
}

/// One of a closed set of names: those of [`FailOn`], or only the severities among them.
fn choice<T>(
    file: &mut TomlFile<'_>,
    value: &Spanned<DeValue<'_>>,
    from_name: fn(&str) -> Option<T>,
) -> Option<T> {
    let found = value.get_ref().as_str().and_then(from_name);
    if found.is_none() {
        let names = FailOn::NAMES.into_iter().filter(|n| from_name(n).is_some());
        let names: Vec<_> = names.map(|n| format!("\"{n}\"")).collect();
        file.wants(&value.span(), &names.join("、"), &names.join(", "));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let text = r#"
root = true
lexicons = ["office.toml", "词库"]
builtin = false
disable = ["leaders/习近平总书记", "statutes"]
include = ["*.shtml"]
exclude = ["草稿/"]
fail_on = "warning"
cache = true

[[allow]]
path = ["历史/", "a.md"]
phrase = "国家教育部"
reason = "历史文件"
until = 2027-01-31

[[allow]]
rule = "leaders"
reason = "引文"

[severity]
leaders = "info"
"set-phrases/一带一路" = "warning"

[[unit]]
name = "县应急管理局"
column = "通知公告"
paths = ["yjglj/*.html", "应急/"]

[[unit]]
name = "县教育局"
paths = "jyj/"
"#;
        let file = ConfigFile::parse("zhengming.toml", text).unwrap();
        assert_eq!(file.lexicons, ["office.toml", "词库"]);
        assert!(!file.builtin);
        assert_eq!(file.config.disabled, ["leaders/习近平总书记", "statutes"]);
        assert_eq!(file.include, ["*.shtml"]);
        assert_eq!(file.exclude, ["草稿/"]);
        assert_eq!(file.fail_on, Some(FailOn::At(Severity::Warning)));
        assert_eq!(file.config.severity["leaders"], Severity::Info);
        assert_eq!(
            file.config.severity["set-phrases/一带一路"],
            Severity::Warning
        );
        assert!(file.cache);
        assert_eq!(
            file.config.allow,
            [
                Allow {
                    paths: vec!["历史/".to_owned(), "a.md".to_owned()],
                    phrase: Some("国家教育部".to_owned()),
                    reason: "历史文件".to_owned(),
                    until: Some("2027-01-31".parse().unwrap()),
                    line: 11,
                    ..Allow::default()
                },
                Allow {
                    rule: Some("leaders".to_owned()),
                    reason: "引文".to_owned(),
                    line: 17,
                    ..Allow::default()
                },
            ]
        );
        let unit = |name: &str, column: Option<&str>, paths: &[&str]| UnitPaths {
            name: name.to_owned(),
            column: column.map(str::to_owned),
            paths: paths.iter().map(|&p| p.to_owned()).collect(),
        };
        assert_eq!(
            file.units,
            [
                unit("县应急管理局", Some("通知公告"), &["yjglj/*.html", "应急/"]),
                unit("县教育局", None, &["jyj/"]),
            ]
        );
    }

    #[test]
    fn what_an_allow_needs() {
        for (text, want) in [
            ("reason = 'x'", "1:1: [[allow]] needs a rule or a phrase"),
            ("rule = 'a'", "1:1: [[allow]] needs a reason"),
            ("rule = 'a'\nreason = ' '", "3:10: an empty string"),
            (
                "rule = 'a'\nreason = 'x'\nuntil = 'soon'",
                "4:9: this should be a date",
            ),
            (
                "rule = 'a'\nreason = 'x'\npath = 'a{b'",
                "4:8: not a pattern",
            ),
            (
                "rule = 'a'\nreason = 'x'\nrules = 'b'",
                "4:1: unknown key “rules”",
            ),
            (
                "reason = 'x'\nphrase = '一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一'",
                "3:10: a phrase has at most 30",
            ),
        ] {
            let error = ConfigFile::parse("c", &format!("[[allow]]\n{text}\n")).unwrap_err();
            let message = error.message(crate::Lang::En);
            assert!(message.starts_with(&format!("c:{want}")), "{message}");
        }
        let error = ConfigFile::parse("c", "allow = 'a'").unwrap_err();
        assert!(
            error.message(crate::Lang::En).contains("[[allow]]"),
            "{error}"
        );
    }

    #[test]
    fn units_with_mistakes() {
        let text = "[[unit]]\nname = '甲'\npath = ['a/']\n\n[[unit]]\nname = ''\ncolumn = 3\npaths = []\n\n[[unit]]\n";
        let error = ConfigFile::parse("c", text).unwrap_err();
        let message = error.message(crate::Lang::En);
        let lines: Vec<_> = message.lines().collect();
        assert_eq!(
            lines,
            [
                "c:1:1: this [[unit]] has no paths",
                "c:3:1: unknown key “path”; did you mean “paths”?",
                "c:5:1: this [[unit]] has no paths",
                "c:6:8: an empty string: remove it",
                "c:7:10: this should be a string",
                "c:10:1: this [[unit]] has no name",
                "c:10:1: this [[unit]] has no paths",
            ]
        );
        for text in ["unit = '甲'", "[unit]\nname = '甲'"] {
            let error = ConfigFile::parse("c", text).unwrap_err();
            let message = error.message(crate::Lang::En);
            assert!(
                message.ends_with("this should be tables: a [[unit]] for each unit"),
                "{message}"
            );
        }
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        for text in ["", "\u{FEFF}", "# 说明\r\n"] {
            assert_eq!(ConfigFile::parse("c", text).unwrap(), ConfigFile::default());
        }
    }

    #[test]
    fn every_mistake_is_reported_with_its_place() {
        let text = "\u{FEFF}lexicon = [\"a.toml\"]\r\n\
                    builtin = \"no\"\r\n\
                    disable = [\"a\", 3]\r\n\
                    fail_on = \"eror\"\r\n\
                    include = [\" \"]\r\n\
                    [severity]\r\n\
                    \"领导人\" = \"never\"\r\n";
        let error = ConfigFile::parse("zhengming.toml", text).unwrap_err();
        let message = error.message(crate::Lang::En);
        let lines: Vec<_> = message.lines().collect();
        assert_eq!(
            lines,
            [
                "zhengming.toml:1:1: unknown key “lexicon”; did you mean “lexicons”?",
                "zhengming.toml:2:11: this should be true or false",
                "zhengming.toml:3:17: this should be a string",
                "zhengming.toml:4:11: this should be \"error\", \"warning\", \"info\", \"never\"",
                "zhengming.toml:5:12: an empty string: remove it",
                "zhengming.toml:7:9: this should be \"error\", \"warning\", \"info\"",
            ]
        );
    }

    #[test]
    fn syntax_errors_stand_beside_the_others() {
        let error = ConfigFile::parse("c", "fail_on = erorr\nexcludes = []\n").unwrap_err();
        let places: Vec<_> = error
            .as_mistakes()
            .iter()
            .map(|m| (m.line, &m.en))
            .collect();
        assert_eq!(places[0].0, 1);
        assert!(places[0].1.starts_with("TOML syntax"), "{places:?}");
        assert_eq!(places.last().unwrap().0, 2);
    }

    #[test]
    fn names_that_the_lexicon_does_not_have() {
        let file = ConfigFile::parse("c", "disable = [\"leaders\"]").unwrap();
        let unknown = file.unknown_names(&Lexicon::default());
        assert_eq!(unknown.len(), 1);
        assert_eq!((unknown[0].line, unknown[0].column), (1, 12));
    }
}
