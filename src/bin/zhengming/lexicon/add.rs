//! One more entry in the office's own file.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};
use zhengming::lexicon::Layer;
use zhengming::report::{severity_name, visible};
use zhengming::{Config, Document, Lang, Lexicon, Linter, ReadOptions};

use super::fmt::{restored, syntax_error};
use super::sound::{Known, Objection, folded, in_right_text};
use crate::args::AddArgs;
use crate::settings::{Here, Settings, lexicon_files, read_layer};
use crate::words::{shown, today};
use crate::write::{self, Original, sha256};

/// Where new entries go when nothing else is said.
const OFFICE: &str = "office.toml";

pub(super) fn run(args: &AddArgs, lang: Lang) -> Result<ExitCode> {
    let here = Settings::new(&args.rules, lang)?.here()?;
    let path = args.file.clone().unwrap_or_else(|| office_file(&here));
    let existing = existing(&path)?;
    let name = shown(&fs::canonicalize(&path).unwrap_or_else(|_| path.clone()));
    let old = existing.as_ref().map(|(_, text)| text.as_str());

    // What holds without the new entry, and what would hold with it.
    let before = lexicon(&here, &path, &name, old, lang)?;
    if let Some(objection) = Known::new(&before).objection(&args.wrong, &args.right, lang) {
        match objection {
            Objection::Present(words) => bail!(refusal(&words, false, lang)),
            Objection::Conflict(words) => bail!(refusal(&words, true, lang)),
        }
    }
    let category = match &args.category {
        Some(category) => category.clone(),
        None => category_of(&path),
    };
    let text = with_entry(&name, old, &category, args, lang)?;
    let after = lexicon(&here, &path, &name, Some(&text), lang)
        .map_err(|e| anyhow!(refusal(&crate::words::describe(&e, lang), false, lang)))?;
    prove(&after, args, lang)?;

    match existing {
        Some((original, _)) => {
            original
                .replace(text.as_bytes(), false, lang)
                .with_context(|| name.clone())?;
        }
        None => write::create(&path, text.as_bytes()).with_context(|| name.clone())?,
    }
    let mut out = io::stdout().lock();
    let right: Vec<_> = args
        .right
        .iter()
        .map(|r| format!("“{}”", visible(r)))
        .collect();
    let (wrong, right) = (visible(&args.wrong), right.join(lang.pick("或", " or ")));
    let severity = severity_name(args.about.severity, lang);
    match lang {
        Lang::Zh => writeln!(out, "已写入 {name}：“{wrong}”应为{right}（{severity}）")?,
        Lang::En => writeln!(
            out,
            "written to {name}: “{wrong}” should be {right} ({severity})"
        )?,
    }
    if !here.lexicons.iter().any(|l| holds(l, &path, lang)) {
        match lang {
            Lang::Zh => writeln!(
                out,
                "检查时还不会用到它：请在 zhengming.toml 中写上 lexicons = [\"{name}\"]，或用 --lexicon {name}"
            )?,
            Lang::En => writeln!(
                out,
                "no check uses it yet: put lexicons = [\"{name}\"] into zhengming.toml, or use --lexicon {name}"
            )?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The first lexicon of the configuration; in a folder, the office's file in it.
fn office_file(here: &Here) -> PathBuf {
    match here.lexicons.first() {
        Some(folder) if folder.is_dir() => folder.join(OFFICE),
        Some(file) => file.clone(),
        None => PathBuf::from(OFFICE),
    }
}

fn category_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match stem.trim() {
        "" => "office".to_owned(),
        stem => stem.to_owned(),
    }
}

/// The file as it is; `None` when there is none yet.
fn existing(path: &Path) -> Result<Option<(Original, String)>> {
    let about = || shown(path);
    // A link is followed, so that what it leads to is replaced and not the link.
    let path = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.with_context(about)?,
    };
    let original = Original::before_reading(&path).with_context(about)?;
    let bytes = fs::read(&path).with_context(about)?;
    let original = original.read_as(sha256(&bytes));
    let text = String::from_utf8(bytes)
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
        .with_context(about)?;
    Ok(Some((original, text)))
}

/// Whether a lexicon (a file or folder) has that file.
fn holds(lexicon: &Path, file: &Path, lang: Lang) -> bool {
    let real = fs::canonicalize(file).ok();
    let files = lexicon_files(lexicon, lang).unwrap_or_default();
    real.is_some() && files.iter().any(|f| fs::canonicalize(f).ok() == real)
}

/// Everything that holds here, with `text` in the place of the office's file.
fn lexicon(
    here: &Here,
    path: &Path,
    name: &str,
    text: Option<&str>,
    lang: Lang,
) -> Result<Lexicon> {
    let mut layers = Vec::new();
    if here.builtin {
        layers.push(Layer::builtin());
    }
    let mut is_in = false;
    for lexicon in &here.lexicons {
        // A file that the configuration names before it exists is what is written now.
        if lexicon == path && text.is_none() {
            continue;
        }
        if !lexicon.exists() && lexicon == path {
            continue;
        }
        let mut layer = read_layer(lexicon, lang)?;
        if holds(lexicon, path, lang) {
            for (file, old) in &mut layer.files {
                if file == name
                    && let Some(text) = text
                {
                    text.clone_into(old);
                    is_in = true;
                }
            }
        }
        layers.push(layer);
    }
    if let Some(text) = text.filter(|_| !is_in) {
        layers.push(Layer {
            name: name.to_owned(),
            files: vec![(name.to_owned(), text.to_owned())],
            ..Layer::default()
        });
    }
    Ok(Lexicon::load(&layers)?)
}

fn refusal(why: &str, by_hand: bool, lang: Lang) -> String {
    let mut words = lang.pick("未写入：", "nothing was written: ").to_owned() + why;
    if by_hand {
        words += lang.pick(
            "\n本单位确需另行规定的，请直接在词库文件中写入，后载入的词库优先",
            "\nif your office decides otherwise, write the entry into its file by hand: the later lexicon wins",
        );
    }
    words
}

/// The file with the new entry in it; comments and layout stay.
fn with_entry(
    name: &str,
    old: Option<&str>,
    category: &str,
    args: &AddArgs,
    lang: Lang,
) -> Result<String> {
    let text = old.unwrap_or_default();
    let unix = text
        .strip_prefix('\u{FEFF}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    let mut document: DocumentMut = unix
        .parse()
        .map_err(|e| syntax_error(name, &unix, &e, lang))?;
    if old.is_none() {
        document["category"] = Item::Value(category.into());
    }
    let is_pair = pairs_say_the_same(&document, args);
    let place = if is_pair { "pairs" } else { "entry" };
    let in_place = |item: &Item| match is_pair {
        true => item.is_table(),
        false => item.is_array_of_tables(),
    };
    if document.get(place).is_some_and(|item| !in_place(item)) {
        bail!(refusal(
            lang.pick(
                "文件的写法不便增补，请先写成 [pairs] 和 [[entry]]",
                "the file cannot be added to as it is: write it with [pairs] and [[entry]] first",
            ),
            false,
            lang
        ));
    }
    if is_pair {
        add_pair(&mut document, args);
    } else {
        add_entry(&mut document, args);
    }
    Ok(restored(&document.to_string(), text))
}

/// Whether a line in `[pairs]` would say everything: no guards, and the source, reason and level that the table has.
fn pairs_say_the_same(document: &DocumentMut, args: &AddArgs) -> bool {
    let meta = |key: &str| {
        let value = document.get("pairs_meta").and_then(|meta| meta.get(key));
        value.and_then(Item::as_str)
    };
    let guards = [
        &args.unless_preceded_by,
        &args.unless_followed_by,
        &args.unless_inside,
    ];
    let about = &args.about;
    guards.iter().all(|g| g.is_empty())
        && meta("source") == about.source.as_deref()
        && meta("reason") == about.reason.as_deref()
        && meta("severity").unwrap_or("warning") == about.severity.name()
        && meta("fix").is_none()
}

fn add_pair(document: &mut DocumentMut, args: &AddArgs) {
    let is_new = document.get("pairs").is_none();
    let pairs = document.entry("pairs").or_insert(Item::Table(Table::new()));
    if let Some(pairs) = pairs.as_table_mut() {
        if is_new {
            pairs.decor_mut().set_prefix("\n");
        }
        pairs.insert(&args.wrong, Item::Value(one_or_list(&args.right)));
        if let Some(mut key) = pairs.key_mut(&args.wrong) {
            key.leaf_decor_mut().clear();
        }
    }
}

fn add_entry(document: &mut DocumentMut, args: &AddArgs) {
    let entries = document
        .entry("entry")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(entries) = entries.as_array_of_tables_mut() else {
        return;
    };
    let text = |table: &Table, key: &str| table.get(key).and_then(Item::as_str).map(str::to_owned);
    let same_right = |table: &Table| match table.get("canonical") {
        Some(Item::Value(Value::String(one))) => args.right == [one.value().as_str()],
        Some(Item::Value(Value::Array(list))) => list
            .iter()
            .map(Value::as_str)
            .eq(args.right.iter().map(|r| Some(r.as_str()))),
        _ => false,
    };
    let has_name = entries.iter().any(same_right);
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    let mut set = |key: &str, value: Value| table.insert(key, Item::Value(value));
    if has_name {
        // Two entries with the same right form need names that differ.
        set("name", format!("{}-{}", args.right[0], args.wrong).into());
    }
    set("canonical", one_or_list(&args.right));
    set("forbidden", list(std::slice::from_ref(&args.wrong)));
    set("severity", args.about.severity.name().into());
    for (key, value) in [
        ("reason", &args.about.reason),
        ("source", &args.about.source),
    ] {
        if let Some(value) = value {
            set(key, value.into());
        }
    }
    for (key, guards) in [
        ("unless_preceded_by", &args.unless_preceded_by),
        ("unless_followed_by", &args.unless_followed_by),
        ("unless_inside", &args.unless_inside),
    ] {
        if !guards.is_empty() {
            set(key, list(guards));
        }
    }
    // An entry that says the same takes the form in.
    let is_same = |other: &Table| {
        same_right(other)
            && other.iter().all(|(key, _)| {
                matches!(key, "name" | "canonical" | "forbidden" | "bad" | "good")
                    || text(other, key) == text(&table, key) && text(other, key).is_some()
            })
            && table
                .iter()
                .all(|(key, _)| matches!(key, "name") || other.contains_key(key))
    };
    if let Some(other) = entries.iter_mut().find(|other| is_same(other))
        && let Some(forms) = other.get_mut("forbidden").and_then(Item::as_array_mut)
    {
        forms.push(&args.wrong);
        return;
    }
    entries.push(table);
}

fn one_or_list(forms: &[String]) -> Value {
    match forms {
        [one] => one.into(),
        several => list(several),
    }
}

fn list(forms: &[String]) -> Value {
    forms.iter().map(String::as_str).collect::<Array>().into()
}

/// Looks at what the new entry does: it must fire, its correction must be quiet, and it must be quiet in right text.
fn prove(lexicon: &Lexicon, args: &AddArgs, lang: Lang) -> Result<()> {
    let config = Config {
        today: today(),
        ..Config::default()
    };
    let linter = Linter::new(lexicon, &config)?;
    let form = folded(&args.wrong);
    let found = |sentence: &str| -> Result<Vec<_>> {
        let bytes = sentence.as_bytes().to_vec();
        let document = Document::parse("example.txt", bytes, &ReadOptions::default())?;
        Ok(linter.lint(&document))
    };
    // The neighbours are rare characters that no guard is likely to name.
    let carry = |words: &str| format!("㐀{words}㐀。");
    let hits = found(&carry(&args.wrong))?;
    if !hits.iter().any(|d| folded(&d.found) == form) {
        let others: Vec<_> = hits.iter().map(|d| visible(&d.rule).into_owned()).collect();
        let others = match (others.is_empty(), lang) {
            (true, Lang::Zh) => "有词条把它列为允许的词语".to_owned(),
            (true, Lang::En) => "an entry permits it".to_owned(),
            (false, Lang::Zh) => format!("它已由 {} 报出", others.join("、")),
            (false, Lang::En) => format!("{} reports it already", others.join(", ")),
        };
        let words = lang.pick(
            format!("“{}”永远不会由这个词条报出：{others}", visible(&args.wrong)),
            format!(
                "this entry would never report “{}”: {others}",
                visible(&args.wrong)
            ),
        );
        bail!(refusal(&words, false, lang));
    }
    for right in &args.right {
        if let Some(d) = found(&carry(right))?.first() {
            let (right, rule) = (visible(right), visible(&d.rule));
            let words = lang.pick(
                format!("改成“{right}”之后仍会被报告：{rule}"),
                format!("“{right}” would be reported again: {rule}"),
            );
            bail!(refusal(&words, false, lang));
        }
    }
    let alarms = in_right_text(lexicon, &|found| folded(found) == form)?;
    if let Some((_, sentence)) = alarms.first() {
        let sentence = visible(sentence);
        let words = lang.pick(
            format!("会误报正确的文字：“{sentence}”；用 --unless-inside、--unless-preceded-by 或 --unless-followed-by 加上条件"),
            format!("it would be a false alarm in “{sentence}”: add a condition with --unless-inside, --unless-preceded-by or --unless-followed-by"),
        );
        bail!(refusal(&words, false, lang));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::AboutArgs;
    use crate::args::RuleArgs;
    use zhengming::Severity;

    fn args(wrong: &str, right: &[&str]) -> AddArgs {
        AddArgs {
            wrong: wrong.to_owned(),
            right: right.iter().map(|r| (*r).to_owned()).collect(),
            file: None,
            category: None,
            about: AboutArgs {
                source: None,
                reason: None,
                severity: Severity::Warning,
            },
            unless_preceded_by: Vec::new(),
            unless_followed_by: Vec::new(),
            unless_inside: Vec::new(),
            rules: RuleArgs {
                lexicon: Vec::new(),
                no_builtin: false,
                config: None,
                isolated: true,
                date: None,
            },
        }
    }

    fn added(old: Option<&str>, args: &AddArgs) -> String {
        with_entry("office.toml", old, "office", args, Lang::En).unwrap()
    }

    #[test]
    fn a_plain_pair_is_a_line_and_anything_more_is_an_entry() {
        let pair = args("按装", &["安装"]);
        let new = added(None, &pair);
        assert_eq!(
            new,
            "category = \"office\"\n\n[pairs]\n\"按装\" = \"安装\"\n"
        );
        let several = args("丁金", &["定金", "订金"]);
        let more = added(Some(&new), &several);
        assert!(
            more.ends_with("\"按装\" = \"安装\"\n\"丁金\" = [\"定金\", \"订金\"]\n"),
            "{more}"
        );
        let mut guarded = args("末来", &["未来"]);
        guarded.unless_preceded_by = vec!["年".to_owned(), "周".to_owned()];
        guarded.about.source = Some("通报".to_owned());
        let more = added(Some(&new), &guarded);
        let want = "category = \"office\"\n\n[pairs]\n\"按装\" = \"安装\"\n\n[[entry]]\ncanonical = \"未来\"\n\
                    forbidden = [\"末来\"]\nseverity = \"warning\"\nsource = \"通报\"\n\
                    unless_preceded_by = [\"年\", \"周\"]\n";
        assert_eq!(more, want);
    }

    #[test]
    fn comments_layout_and_line_ends_stay() {
        let old = "\u{FEFF}# 本单位\r\ncategory='office' # 类别\r\n\r\n[[entry]]\r\ncanonical = '安装'\r\n\
                   forbidden = ['按装'] # 常见\r\nseverity = 'error'\r\n\r\n[pairs]\r\n# 数字\r\n'甲乙' = '乙甲'\r\n";
        let mut error = args("安裝置", &["安装"]);
        error.about.severity = Severity::Error;
        let new = added(Some(old), &error);
        assert_eq!(new, old.replace("['按装']", "['按装', \"安裝置\"]"));
        let new = added(Some(old), &args("丙丁", &["丁丙"]));
        assert_eq!(new, format!("{old}\"丙丁\" = \"丁丙\"\r\n"));
    }

    #[test]
    fn a_second_entry_with_the_same_right_form_gets_a_name() {
        let old = "category = \"office\"\n\n[[entry]]\ncanonical = \"安装\"\nforbidden = [\"按装\"]\nsource = \"甲\"\n";
        let mut other = args("安桩", &["安装"]);
        other.about.source = Some("乙".to_owned());
        let new = added(Some(old), &other);
        assert!(
            new.contains("\n\n[[entry]]\nname = \"安装-安桩\"\ncanonical = \"安装\"\n"),
            "{new}"
        );
    }
}
