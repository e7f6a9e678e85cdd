//! The canonical layout of lexicon files.
//!
//! A file is written anew from what it says, with its comments; before anything is saved the result must say the same,
//! comment for comment.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use toml_edit::{Array, DocumentMut, Item, RawString, Table, Value};
use unicode_width::UnicodeWidthStr as _;
use zhengming::lexicon::{ENTRY_KEYS, PATTERN_KEYS};
use zhengming::{Lang, LineIndex};

use crate::args::FmtArgs;
use crate::complain;
use crate::settings::{Settings, lexicon_files};
use crate::words::{describe, shown};
use crate::write::{Original, sha256};

pub(super) fn run(args: &FmtArgs, lang: Lang) -> Result<ExitCode> {
    let mut paths = args.lexicons.clone();
    if paths.is_empty() {
        paths = Settings::new(&args.rules, lang)?.here()?.lexicons;
    }
    if paths.is_empty() {
        bail!(lang.pick(
            "没有词库文件：请给出文件，或在 zhengming.toml 中写上 lexicons",
            "no lexicon files: name one, or put `lexicons` into zhengming.toml",
        ));
    }
    let mut out = io::stdout().lock();
    let (mut changed, mut broken, mut count) = (0, false, 0);
    for path in paths {
        for file in lexicon_files(&path, lang)? {
            count += 1;
            match format_file(&file, args.check, lang) {
                Ok(false) => {}
                Ok(true) => {
                    changed += 1;
                    let words = match args.check {
                        true => lang.pick("需要整理", "not in canonical layout"),
                        false => lang.pick("已整理", "formatted"),
                    };
                    writeln!(out, "{}{}{words}", shown(&file), lang.pick("：", ": "))?;
                }
                Err(error) => {
                    broken = true;
                    complain(&describe(&error, lang), lang);
                }
            }
        }
    }
    match lang {
        Lang::Zh => writeln!(out, "{count} 个文件，{changed} 个与规范格式不同")?,
        Lang::En => writeln!(
            out,
            "{count} files, {changed} differ from the canonical layout"
        )?,
    }
    Ok(ExitCode::from(match (broken, args.check && changed > 0) {
        (true, _) => 2,
        (false, wanting) => u8::from(wanting),
    }))
}

/// Whether the file was not in canonical layout; it is then rewritten, unless it shall only be looked at.
fn format_file(path: &Path, only_check: bool, lang: Lang) -> Result<bool> {
    let name = shown(path);
    let about = || name.clone();
    let original = Original::before_reading(path).with_context(about)?;
    let bytes = fs::read(path).with_context(about)?;
    let original = original.read_as(sha256(&bytes));
    let text = String::from_utf8(bytes)
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
        .with_context(about)?;
    let formatted = format(&name, &text, lang)?;
    let changes = formatted != text;
    if changes && !only_check {
        original
            .replace(formatted.as_bytes(), false, lang)
            .with_context(about)?;
    }
    Ok(changes)
}

/// A lexicon file in canonical layout; its line ends and its byte order mark stay.
///
/// # Errors
/// When the text is no TOML, or says something that would be lost; `name` is what messages call it.
pub(super) fn format(name: &str, text: &str, lang: Lang) -> Result<String> {
    let bare = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let unix = bare.replace("\r\n", "\n");
    let document: DocumentMut = unix
        .parse()
        .map_err(|e| syntax_error(name, &unix, &e, lang))?;
    let formatted = layout(&document);
    if meaning(&formatted) != meaning(&unix)
        || sorted(comments(&formatted)) != sorted(comments(&unix))
    {
        bail!(lang.pick(
            format!("{name}：含有整理时会丢失的内容，未改动；词条请写成 [[entry]] 和 [pairs]"),
            format!("{name}: something in it would get lost, so it was left alone; write entries as [[entry]] and [pairs]"),
        ));
    }
    Ok(restored(&formatted, text))
}

/// `text` (with plain line feeds) with the byte order mark and the line ends of `like`.
pub(super) fn restored(text: &str, like: &str) -> String {
    let mark = if like.starts_with('\u{FEFF}') {
        "\u{FEFF}"
    } else {
        ""
    };
    if like.contains("\r\n") {
        format!("{mark}{}", text.replace('\n', "\r\n"))
    } else {
        format!("{mark}{text}")
    }
}

/// What the parser objects to, with its place.
pub(super) fn syntax_error(
    name: &str,
    text: &str,
    error: &toml_edit::TomlError,
    lang: Lang,
) -> anyhow::Error {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let position = LineIndex::new(text).position(text, at);
    let what = lang.pick("TOML 语法错误：", "TOML syntax: ");
    let message = error.message();
    anyhow!(
        "{name}:{}:{}: {what}{message}",
        position.line,
        position.column
    )
}

/// A string as TOML has it on one line.
pub(super) fn quoted(text: &str) -> String {
    let is_control = |c: char| c.is_control() && c != '\t';
    if text.contains(['"', '\\']) && !text.contains('\'') && !text.chars().any(is_control) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Columns that a list may take before it is broken into lines.
const WIDTH: usize = 120;

/// Keys whose value is a list even where there is one item only.
const LISTS: [&str; 7] = [
    "forbidden",
    "unless_preceded_by",
    "unless_followed_by",
    "unless_inside",
    "unless_in_sentence",
    "bad",
    "good",
];

/// The order of the sections; those that are not named stand between entries and pairs.
fn rank(section: &str) -> u8 {
    match section {
        "category" => 0,
        "entry" => 1,
        "pairs_meta" => 3,
        "pairs" => 4,
        _ => 2,
    }
}

fn layout(document: &DocumentMut) -> String {
    let mut page = Page::default();
    let root = document.as_table();
    let mut items: Vec<_> = root.iter().collect();
    items.sort_by_key(|(name, item)| (!item.is_value(), rank(name)));
    for (name, item) in items {
        match item {
            Item::Value(value) => {
                page.notes(key_prefix(root, name), true);
                page.line(name, value, name);
            }
            Item::Table(table) => page.section(&format!("[{}]", key(name)), name, table),
            Item::ArrayOfTables(tables) => {
                for table in tables {
                    page.section(&format!("[[{}]]", key(name)), name, table);
                }
            }
            Item::None => {}
        }
    }
    if !comment_lines(document.trailing()).is_empty() {
        page.blank();
        page.notes(Some(document.trailing()), true);
    }
    while page.text.ends_with("\n\n") {
        page.text.pop();
    }
    page.text
}

/// The text as far as it is laid out.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn section(&mut self, head: &str, name: &str, table: &Table) {
        self.blank();
        self.notes(table.decor().prefix(), true);
        self.text.push_str(head);
        self.same_line(&comments_of(table.decor().suffix()));
        self.text.push('\n');
        if name == "pairs" {
            self.pairs(table);
            return;
        }
        let mut items: Vec<_> = table.iter().collect();
        let order = match name {
            "entry" => ENTRY_KEYS,
            "pattern" => PATTERN_KEYS,
            _ => &[],
        };
        let place = |key: &str| order.iter().position(|k| *k == key);
        items.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
        for (key, item) in items {
            if let Item::Value(value) = item {
                self.notes(key_prefix(table, key), false);
                self.line(&self::key(key), value, key);
            }
        }
    }

    /// Pairs with the same right form stand together, in the order in which these first come; blank lines and comments
    /// part the table into groups that are ordered on their own.
    fn pairs(&mut self, table: &Table) {
        let mut groups: Vec<Vec<(&str, &Value)>> = Vec::new();
        for (key, item) in table {
            let Item::Value(value) = item else { continue };
            let begins = key_prefix(table, key)
                .and_then(RawString::as_str)
                .is_some_and(|p| p.contains(['\n', '#']));
            match groups.last_mut() {
                Some(group) if !begins => group.push((key, value)),
                _ => groups.push(vec![(key, value)]),
            }
        }
        let first = self.text.len();
        for group in groups {
            let mut known: Vec<Vec<&str>> = Vec::new();
            let mut ordered: Vec<_> = group
                .into_iter()
                .map(|(key, value)| {
                    let right = rights(value);
                    let nth = known.iter().position(|r| *r == right);
                    let nth = nth.unwrap_or_else(|| {
                        known.push(right);
                        known.len() - 1
                    });
                    (nth, key, value)
                })
                .collect();
            ordered.sort_by_key(|&(nth, ..)| nth);
            for (_, key, value) in ordered {
                let prefix = key_prefix(table, key);
                let is_apart = prefix.and_then(RawString::as_str).is_some_and(starts_blank);
                if is_apart && self.text.len() > first {
                    self.blank();
                }
                self.notes(prefix, true);
                self.line(&quoted(key), value, "canonical");
            }
        }
    }

    /// `key = value`; `kind` is the key that says what kind of value it is.
    fn line(&mut self, key: &str, value: &Value, kind: &str) {
        let tail = comments_of(value.decor().suffix());
        match value {
            Value::String(text) if LISTS.contains(&kind) => {
                self.text
                    .push_str(&format!("{key} = [{}]", quoted(text.value())));
            }
            Value::String(text) => {
                self.text
                    .push_str(&format!("{key} = {}", quoted(text.value())));
            }
            Value::Array(array) if array.iter().all(Value::is_str) => {
                self.list(key, array, kind);
            }
            other => {
                let raw = other.to_string();
                let raw = match tail.first() {
                    // The comment is in it, too.
                    Some(comment) => raw.trim_end().trim_end_matches(comment.as_str()).trim(),
                    None => raw.trim(),
                };
                self.text.push_str(&format!("{key} = {raw}"));
            }
        }
        self.same_line(&tail);
        self.text.push('\n');
    }

    fn list(&mut self, key: &str, array: &Array, kind: &str) {
        let items = ListItem::all(array);
        let texts: Vec<_> = items.iter().map(|i| i.text.as_str()).collect();
        let is_plain = items
            .iter()
            .all(|i| i.before.is_empty() && i.behind.is_empty())
            && comment_lines(array.trailing()).is_empty();
        if is_plain && texts.len() == 1 && kind == "canonical" {
            self.text.push_str(&format!("{key} = {}", texts[0]));
            return;
        }
        let line = format!("{key} = [{}]", texts.join(", "));
        if is_plain && line.width() <= WIDTH {
            self.text.push_str(&line);
            return;
        }
        self.text.push_str(&format!("{key} = [\n"));
        for item in &items {
            for comment in &item.before {
                self.text.push_str(&format!("    {comment}\n"));
            }
            self.text.push_str(&format!("    {},", item.text));
            self.same_line(&item.behind);
            self.text.push('\n');
        }
        let last = array.trailing().as_str().unwrap_or_default();
        let (_, own) = split_comments(last);
        for comment in own {
            self.text.push_str(&format!("    {comment}\n"));
        }
        self.text.push(']');
    }

    fn same_line(&mut self, comments: &[String]) {
        for comment in comments {
            self.text.push_str(&format!(" {comment}"));
        }
    }

    /// The comments in front of something; with `blanks` the blank lines between them stay, one for several.
    fn notes(&mut self, prefix: Option<&RawString>, blanks: bool) {
        let prefix = prefix.and_then(RawString::as_str).unwrap_or_default();
        let mut has_note = false;
        // What stands behind the last line break is only the indentation of what follows.
        let lines = prefix.rsplit_once('\n').map_or("", |(lines, _)| lines);
        for line in lines.split('\n').map(str::trim) {
            if line.starts_with('#') {
                self.text.push_str(line);
                self.text.push('\n');
                has_note = true;
            } else if line.is_empty() && blanks && has_note {
                self.blank();
            }
        }
    }

    /// One blank line, unless there is one or nothing to part.
    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

/// An item of a list, with its comments.
struct ListItem {
    text: String,
    /// On lines of their own in front of it.
    before: Vec<String>,
    /// On the same line.
    behind: Vec<String>,
}

impl ListItem {
    fn all(array: &Array) -> Vec<Self> {
        let mut items: Vec<Self> = Vec::new();
        for value in array {
            let prefix = value.decor().prefix().and_then(RawString::as_str);
            let (same_line, mut before) = split_comments(prefix.unwrap_or_default());
            match items.last_mut() {
                Some(last) => last.behind.extend(same_line),
                None => before.splice(0..0, same_line).for_each(drop),
            }
            items.push(Self {
                text: value.as_str().map(quoted).unwrap_or_default(),
                before,
                behind: comments_of(value.decor().suffix()),
            });
        }
        let trailing = array.trailing().as_str().unwrap_or_default();
        if let Some(last) = items.last_mut() {
            last.behind.extend(split_comments(trailing).0);
        }
        items
    }
}

/// The comments on the first line, which belong to what is before them, and those on lines of their own.
fn split_comments(raw: &str) -> (Vec<String>, Vec<String>) {
    let (first, rest) = raw.split_once('\n').unwrap_or((raw, ""));
    (lines_of(first), lines_of(rest))
}

fn comments_of(raw: Option<&RawString>) -> Vec<String> {
    raw.map(comment_lines).unwrap_or_default()
}

fn comment_lines(raw: &RawString) -> Vec<String> {
    lines_of(raw.as_str().unwrap_or_default())
}

fn lines_of(raw: &str) -> Vec<String> {
    raw.lines()
        .map(str::trim)
        .filter(|line| line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Whether there is a blank line in front of the first comment, or of what the prefix belongs to.
fn starts_blank(prefix: &str) -> bool {
    prefix.trim_start_matches([' ', '\t']).starts_with('\n')
}

fn key_prefix<'t>(table: &'t Table, key: &str) -> Option<&'t RawString> {
    table.key(key)?.leaf_decor().prefix()
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).display_repr().into_owned()
}

/// The right forms of a pair, however they are written.
fn rights(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.value()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What a file says, whatever it looks like: lists of one item and single strings are the same where either may stand.
fn meaning(text: &str) -> Option<toml::Table> {
    let mut table: toml::Table = text.parse().ok()?;
    let unlist = |value: &mut toml::Value| {
        if let toml::Value::Array(list) = value
            && let [one @ toml::Value::String(_)] = list.as_mut_slice()
        {
            *value = one.clone();
        }
    };
    let sections = table.iter_mut().map(|(_, section)| section);
    for section in sections {
        let tables = match section {
            toml::Value::Array(tables) => tables.iter_mut().collect(),
            table => vec![table],
        };
        for table in tables.into_iter().filter_map(toml::Value::as_table_mut) {
            table.iter_mut().for_each(|(_, value)| unlist(value));
        }
    }
    Some(table)
}

fn sorted(mut comments: Vec<String>) -> Vec<String> {
    comments.sort();
    comments
}

/// All comments of a TOML text.
fn comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        rest = &rest[at..];
        if rest.starts_with('#') {
            let end = rest.find('\n').unwrap_or(rest.len());
            found.push(rest[..end].trim_end().to_owned());
            rest = &rest[end..];
            continue;
        }
        let quote = ["\"\"\"", "'''", "\"", "'"]
            .into_iter()
            .find(|q| rest.starts_with(q))
            .unwrap_or("\"");
        let escapes = quote.starts_with('"');
        let mut at = quote.len();
        while at < rest.len() && !rest[at..].starts_with(quote) {
            let skip = if escapes && rest[at..].starts_with('\\') {
                2
            } else {
                1
            };
            at += rest[at..]
                .chars()
                .take(skip)
                .map(char::len_utf8)
                .sum::<usize>();
        }
        rest = rest.get(at + quote.len()..).unwrap_or_default();
        // A text in three quotes may end with up to two quotes of its own.
        if quote.len() == 3 {
            rest = rest.trim_start_matches(&quote[..1]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str) -> String {
        let once = format("t.toml", text, Lang::En).unwrap();
        assert_eq!(format("t.toml", &once, Lang::En).unwrap(), once, "twice");
        once
    }

    #[test]
    fn the_layout_of_a_file() {
        let text = "\
# 本单位的词库


# 第二段
category='office' # 类别
[pairs]
'末来'='未来'
\"按装\" = \"安装\"   # 常见
'未耒' = ['未来']

# 其他
'丁金' = ['定金','订金']
[[entry]]
good = '报自然资源部。'
  # 改革以后
bad = ['报国土资源部。']
forbidden = '国土资源部'

canonical = ['自然资源部']
valid_until = 2018-03-16
mystery = 1
# 第二条
[[entry]] # 二
canonical = \"甲\\\"乙\"
forbidden = [ # 开头
  '甲乙', # 甲
  # 再来
  '乙甲' # 乙
  , '丙',
  # 完
]
[pairs_meta]
severity = 'error'
# 尾
";
        let want = "\
# 本单位的词库

# 第二段
category = \"office\" # 类别

[[entry]]
canonical = \"自然资源部\"
forbidden = [\"国土资源部\"]
valid_until = 2018-03-16
# 改革以后
bad = [\"报国土资源部。\"]
good = [\"报自然资源部。\"]
mystery = 1

# 第二条
[[entry]] # 二
canonical = '甲\"乙'
forbidden = [
    # 开头
    \"甲乙\", # 甲
    # 再来
    \"乙甲\", # 乙
    \"丙\",
    # 完
]

[pairs_meta]
severity = \"error\"

[pairs]
\"末来\" = \"未来\"
\"未耒\" = \"未来\"
\"按装\" = \"安装\" # 常见

# 其他
\"丁金\" = [\"定金\", \"订金\"]

# 尾
";
        assert_eq!(formatted(text), want);
    }

    #[test]
    fn long_lists_stand_on_lines() {
        let long = "长".repeat(30);
        let text = format!(
            "category = \"t\"\n\n[[entry]]\ncanonical = \"短\"\nforbidden = [\"{long}\", \"{long}乙\"]\n"
        );
        let want = format!(
            "category = \"t\"\n\n[[entry]]\ncanonical = \"短\"\nforbidden = [\n    \"{long}\",\n    \"{long}乙\",\n]\n"
        );
        assert_eq!(formatted(&text), want);
    }

    #[test]
    fn line_ends_and_mark_stay() {
        let text = "\u{FEFF}category='t'\r\n\r\n\r\n[pairs]\r\n'甲乙'='乙甲'\r\n";
        assert_eq!(
            formatted(text),
            "\u{FEFF}category = \"t\"\r\n\r\n[pairs]\r\n\"甲乙\" = \"乙甲\"\r\n"
        );
        assert_eq!(formatted(""), "");
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for (text, want) in [
            ("category = \n", "t.toml:1:12: TOML syntax"),
            (
                "[pairs]\n'甲' = '乙'\n'甲' = '丙'\n",
                "t.toml:3:1: TOML syntax",
            ),
            ("[a]\n[a.b]\nc = 1\n", "would get lost"),
        ] {
            let error = format("t.toml", text, Lang::En).unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        }
    }

    #[test]
    fn comments_are_told_from_strings() {
        let text =
            "a = \"#1\\\"#\" # 一\nb = '#\\' # 二\nc = \"\"\"\n# 不是\n\"\" \"\"\"\"\" # 三\n#四";
        assert_eq!(comments(text), ["# 一", "# 二", "# 三", "#四"]);
    }
}
