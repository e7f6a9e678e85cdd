//! A lexicon file from the table in which an office keeps its words.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use similar::TextDiff;
use zhengming::lexicon::Layer;
use zhengming::report::visible;
use zhengming::{Lang, Lexicon, Severity};

use super::fmt::{format as canonical, quoted};
use super::sheet::{self, Sheet};
use super::sound::{Known, Objection, folded, in_right_text};
use crate::args::ImportArgs;
use crate::settings::{Settings, read_layer};
use crate::words::shown;
use crate::write;

pub(super) fn run(args: &ImportArgs, lang: Lang) -> Result<ExitCode> {
    let output = output_path(args);
    if output.as_deref().is_some_and(Path::exists) {
        let path = output.as_deref().map(shown).unwrap_or_default();
        bail!(lang.pick(
            format!("{path} 已存在，未写入；用 -o 另取一个文件名"),
            format!("{path} exists already and was left alone: name another file with -o"),
        ));
    }
    let here = Settings::new(&args.rules, lang)?.here()?;
    let mut layers = Vec::new();
    if here.builtin {
        layers.push(Layer::builtin());
    }
    for path in &here.lexicons {
        layers.push(read_layer(path, lang)?);
    }
    let before = Lexicon::load(&layers)?;
    let known = Known::new(&before);

    let sheets = sheet::read(&args.table, lang)?;
    let mut problems = Problems::new(lang);
    let mut rows = Vec::new();
    for sheet in &sheets {
        rows.extend(rows_of(sheet, &known, &mut problems));
    }
    let rows = sound_rows(rows, &known, &mut problems);
    let rows = quiet_rows(rows, &layers, args, &mut problems)?;
    problems.tell()?;
    if rows.is_empty() {
        bail!(lang.pick(
            "没有可以导入的行，未写入文件",
            "there is no row to import, and nothing was written",
        ));
    }
    let (count, left_out) = (rows.len(), problems.list.len());
    let text = file_text(&rows, args);
    let text = canonical("import", &text, lang)?;
    let mut out = io::stdout().lock();
    match &output {
        None => out.write_all(text.as_bytes())?,
        Some(path) => {
            write::create(path, text.as_bytes()).with_context(|| shown(path))?;
            let path = shown(path);
            match lang {
                Lang::Zh => writeln!(out, "已写入 {path}：{count} 行，另有 {left_out} 行未导入")?,
                Lang::En => writeln!(out, "written to {path}: {count} rows; {left_out} left out")?,
            }
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Where the lexicon goes; `None` is standard output.
fn output_path(args: &ImportArgs) -> Option<PathBuf> {
    match &args.output {
        Some(path) if path.as_os_str() == "-" => None,
        Some(path) => Some(path.clone()),
        None => {
            let name = args.table.file_name().unwrap_or_default();
            Some(Path::new(name).with_extension("toml"))
        }
    }
}

/// A row of a table with what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// Sheet and row, for a person.
    place: String,
    wrong: Vec<String>,
    right: Vec<String>,
    source: Option<String>,
    reason: Option<String>,
}

/// The rows that are left out, and why.
struct Problems {
    lang: Lang,
    list: Vec<(String, String)>,
}

impl Problems {
    fn new(lang: Lang) -> Self {
        Self {
            lang,
            list: Vec::new(),
        }
    }

    fn add(&mut self, place: &str, zh: impl Into<String>, en: impl Into<String>) {
        let words = self.lang.pick(zh.into(), en.into());
        self.list.push((place.to_owned(), words));
    }

    fn tell(&self) -> Result<()> {
        let mut err = io::stderr().lock();
        for (place, words) in &self.list {
            let left_out = self.lang.pick("未导入：", "left out: ");
            writeln!(err, "{place}{left_out}{words}")?;
        }
        Ok(())
    }
}

/// Which column holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    wrong: usize,
    right: usize,
    source: Option<usize>,
    reason: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heading {
    Wrong,
    Right,
    Source,
    Reason,
}

/// What a cell says as the head of a column.
fn heading(cell: &str) -> Option<Heading> {
    const WRONG: &[&str] = &[
        "错误",
        "误",
        "错",
        "不规范",
        "不正确",
        "不准确",
        "不当",
        "易错",
        "错敏",
        "错别",
        "错字",
        "敏感",
        "禁用",
        "原",
        "原文",
        "wrong",
        "incorrect",
        "bad",
        "from",
    ];
    const RIGHT: &[&str] = &[
        "正确",
        "正",
        "对",
        "规范",
        "准确",
        "标准",
        "推荐",
        "建议",
        "建议修改为",
        "建议改为",
        "修改为",
        "修改",
        "修改建议",
        "应",
        "应为",
        "应改为",
        "改为",
        "正字",
        "right",
        "correct",
        "good",
        "to",
    ];
    const SOURCE: &[&str] = &[
        "出处",
        "来源",
        "依据",
        "文件依据",
        "规范依据",
        "source",
        "reference",
    ];
    const REASON: &[&str] = &[
        "备注", "说明", "理由", "原因", "解释", "注释", "note", "reason", "remark",
    ];
    const ENDINGS: &[&str] = &[
        "写法", "表述", "用语", "用法", "用词", "词语", "词汇", "词条", "字词", "形式", "内容",
        "示例", "名称", "表达", "说法", "词", "字", "的", "是",
    ];
    let mut stem = cell.trim().to_lowercase();
    stem.retain(|c| !c.is_whitespace() && !"：:（）()“”\"*".contains(c));
    loop {
        for (words, heading) in [
            (WRONG, Heading::Wrong),
            (RIGHT, Heading::Right),
            (SOURCE, Heading::Source),
            (REASON, Heading::Reason),
        ] {
            if words.contains(&stem.as_str()) {
                return Some(heading);
            }
        }
        let shorter = ENDINGS.iter().find_map(|e| stem.strip_suffix(e));
        stem = shorter?.to_owned();
    }
}

/// The columns that a row names, if it is the head of a table.
fn columns(cells: &[String]) -> Option<Columns> {
    let find = |wanted| cells.iter().position(|c| heading(c) == Some(wanted));
    Some(Columns {
        wrong: find(Heading::Wrong)?,
        right: find(Heading::Right)?,
        source: find(Heading::Source),
        reason: find(Heading::Reason),
    })
}

/// How far down the head of a table is looked for: titles and notes may stand above it.
const HEAD_ROWS: usize = 10;

fn rows_of(sheet: &Sheet, known: &Known<'_>, problems: &mut Problems) -> Vec<Row> {
    let head = sheet.rows.iter().take(HEAD_ROWS).enumerate();
    let head = head
        .filter_map(|(n, (_, cells))| Some((n, columns(cells)?)))
        .next();
    let (first, columns) = match head {
        Some((n, columns)) => (n + 1, columns),
        None => (0, guessed(&sheet.rows, known)),
    };
    let place = |number: usize| match (&sheet.name, problems.lang) {
        (None, Lang::Zh) => format!("第{number}行"),
        (None, Lang::En) => format!("row {number}, "),
        (Some(name), Lang::Zh) => format!("“{}”第{number}行", visible(name)),
        (Some(name), Lang::En) => format!("“{}”, row {number}, ", visible(name)),
    };
    let mut rows = Vec::new();
    let mut above = Vec::new();
    for (n, (number, cells)) in sheet.rows.iter().enumerate() {
        if n < first {
            if n + 1 < first {
                above.push(place(*number));
            }
            continue;
        }
        let cell = |n: usize| cells.get(n).map(String::as_str).unwrap_or_default();
        let text = |n: Option<usize>| n.map(cell).filter(|c| !c.is_empty()).map(str::to_owned);
        let (wrong, right) = (cell(columns.wrong), cell(columns.right));
        rows.push(Row {
            place: place(*number),
            right: several(right, wrong),
            wrong: several(wrong, right),
            source: text(columns.source),
            reason: text(columns.reason),
        });
    }
    for place in above {
        problems.add(
            &place,
            "在表头之上",
            "it stands above the head of the table",
        );
    }
    rows
}

/// The columns of a table without a head: the first two that hold words, the wrong form first unless the lexicon
/// knows better.
fn guessed(rows: &[(usize, Vec<String>)], known: &Known<'_>) -> Columns {
    let width = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let is_words = |n: &usize| {
        let cells = rows.iter().filter_map(|(_, cells)| cells.get(*n));
        let filled: Vec<_> = cells.filter(|c| !c.is_empty()).collect();
        let numbers = filled.iter().filter(|c| c.parse::<f64>().is_ok()).count();
        !filled.is_empty() && numbers * 2 < filled.len()
    };
    let mut words = (0..width).filter(is_words);
    let first = words.next().unwrap_or(0);
    let second = words.next().unwrap_or(first + 1);
    let agreement = |wrong: usize, right: usize| {
        let rows = rows.iter().map(|(_, cells)| cells);
        let pairs = rows.filter_map(|cells| Some((cells.get(wrong)?, cells.get(right)?)));
        pairs
            .filter(|(wrong, right)| known.has_pair(wrong, right))
            .count()
    };
    let is_reversed = agreement(second, first) > agreement(first, second);
    let (wrong, right) = if is_reversed {
        (second, first)
    } else {
        (first, second)
    };
    Columns {
        wrong,
        right,
        source: None,
        reason: None,
    }
}

/// The forms of a cell: one, or several that are parted by a stroke, an enumeration comma or a semicolon. Where the whole
/// is more like `other` than any part of it is, the sign belongs to the form: 中共中央、国务院.
fn several(cell: &str, other: &str) -> Vec<String> {
    let parts: Vec<_> = cell
        .split(['/', '／', '、', '；', ';', '|'])
        .map(|p| p.trim().trim_matches(['“', '”', '"']).to_owned())
        .filter(|p| !p.is_empty())
        .collect();
    let whole = || {
        let trimmed = cell.trim();
        (!trimmed.is_empty())
            .then(|| trimmed.to_owned())
            .into_iter()
            .collect()
    };
    if parts.len() < 2 {
        return whole();
    }
    // 踏石留印、抓铁有痕 beside 抓铁有痕、踏石留印 is one phrase, as the other is.
    if cell.contains('、') && other.contains('、') {
        return whole();
    }
    let likeness = |form: &str| TextDiff::from_chars(form, other).ratio();
    if parts.iter().all(|p| likeness(p) < likeness(cell)) {
        return whole();
    }
    parts
}

/// A row with one wrong form.
type Pair = (String, Row);

/// Leaves out what no lexicon could hold, what the table says twice or says against itself, and what is in force already.
fn sound_rows(rows: Vec<Row>, known: &Known<'_>, problems: &mut Problems) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for row in rows {
        let place = row.place.clone();
        if row.wrong.is_empty() {
            problems.add(&place, "没有错误写法", "it has no wrong form");
        } else if row.right.is_empty() {
            problems.add(&place, "没有正确写法", "it has no right form");
        }
        if row.right.is_empty() {
            continue;
        }
        for wrong in row.wrong.clone() {
            let form = folded(&wrong);
            let shown = visible(&wrong).into_owned();
            if row.right.iter().any(|r| folded(r) == form) {
                problems.add(
                    &place,
                    format!("“{shown}”与正确写法相同"),
                    format!("“{shown}” equals the right form"),
                );
            } else if form.chars().filter(|c| !c.is_whitespace()).count() < 2 {
                problems.add(
                    &place,
                    format!("“{shown}”太短，至少要有两个字"),
                    format!("“{shown}” is too short: it needs two characters at least"),
                );
            } else {
                pairs.push((wrong, row.clone()));
            }
        }
    }
    let pairs = without_contradictions(pairs, problems);
    let mut kept = Vec::new();
    for (wrong, row) in pairs {
        match known.objection(&wrong, &row.right, problems.lang) {
            Some(Objection::Present(words) | Objection::Conflict(words)) => {
                problems.list.push((row.place.clone(), words));
            }
            None => kept.push((wrong, row)),
        }
    }
    kept
}

/// Of rows that say the same the first stays; of rows that say different things about a form none does, nor does one
/// whose correction another row calls wrong.
fn without_contradictions(pairs: Vec<Pair>, problems: &mut Problems) -> Vec<Pair> {
    let mut by_form: HashMap<String, Vec<usize>> = HashMap::new();
    for (n, (wrong, _)) in pairs.iter().enumerate() {
        by_form.entry(folded(wrong)).or_default().push(n);
    }
    let mut dropped = HashSet::new();
    for (n, (wrong, row)) in pairs.iter().enumerate() {
        let same = &by_form[&folded(wrong)];
        let form = visible(wrong);
        let other = same.iter().find(|&&m| pairs[m].1.right != row.right);
        if let Some(&m) = other {
            let (other, right) = (&pairs[m].1.place, visible(&pairs[m].1.right[0]));
            problems.add(
                &row.place,
                format!("“{form}”的正确写法与{other}（“{right}”）矛盾"),
                format!("what is right for “{form}” contradicts {other}“{right}”"),
            );
            dropped.insert(n);
        } else if same[0] < n {
            let first = &pairs[same[0]].1.place;
            problems.add(
                &row.place,
                format!("“{form}”与{first}重复"),
                format!("“{form}” stands in {first}too"),
            );
            dropped.insert(n);
        } else if let Some((again, at)) = row
            .right
            .iter()
            .find_map(|r| Some((r, by_form.get(&folded(r))?[0])))
        {
            let (again, at) = (visible(again), &pairs[at].1.place);
            problems.add(
                &row.place,
                format!("改成“{again}”之后又是{at}的错误写法"),
                format!("“{again}” is itself wrong in {at}whatever is right there"),
            );
            dropped.insert(n);
        }
    }
    let pairs = pairs.into_iter().enumerate();
    pairs
        .filter(|(n, _)| !dropped.contains(n))
        .map(|(_, pair)| pair)
        .collect()
}

/// Leaves out the forms that are found in text that is known to be right.
fn quiet_rows(
    rows: Vec<Pair>,
    layers: &[Layer],
    args: &ImportArgs,
    problems: &mut Problems,
) -> Result<Vec<Pair>> {
    if rows.is_empty() {
        return Ok(rows);
    }
    let mut layers = layers.to_vec();
    layers.push(Layer {
        name: "import".to_owned(),
        files: vec![("import".to_owned(), file_text(&rows, args))],
        ..Layer::default()
    });
    let whole = Lexicon::load(&layers)?;
    let forms: HashSet<_> = rows.iter().map(|(wrong, _)| folded(wrong)).collect();
    let alarms = in_right_text(&whole, &|found| forms.contains(&folded(found)))?;
    let alarms: HashMap<_, _> = alarms
        .into_iter()
        .map(|(form, sentence)| (folded(&form), sentence))
        .collect();
    let mut kept = Vec::new();
    for (wrong, row) in rows {
        let Some(sentence) = alarms.get(&folded(&wrong)) else {
            kept.push((wrong, row));
            continue;
        };
        let (form, sentence) = (visible(&wrong), visible(sentence));
        problems.add(
            &row.place,
            format!("“{form}”会误报正确的文字：“{sentence}”；可用 zhengming lexicon add 加上条件"),
            format!("“{form}” would be a false alarm in “{sentence}”: zhengming lexicon add can give it a condition"),
        );
    }
    Ok(kept)
}

/// The lexicon file: what most rows have in common stands over the table of pairs, the others are entries.
fn file_text(rows: &[Pair], args: &ImportArgs) -> String {
    let mut by_about: BTreeMap<(Option<&str>, Option<&str>), Vec<&Pair>> = BTreeMap::new();
    for pair in rows {
        let source = pair.1.source.as_deref().or(args.about.source.as_deref());
        let reason = pair.1.reason.as_deref().or(args.about.reason.as_deref());
        by_about.entry((source, reason)).or_default().push(pair);
    }
    let most = by_about.values().map(Vec::len).max().unwrap_or(0);
    let common = by_about
        .iter()
        .find(|(_, pairs)| pairs.len() == most)
        .map(|(a, _)| *a);
    let severity = args.about.severity;
    let table = args.table.file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!(
        "# {}\ncategory = {}\n",
        visible(&table),
        quoted(&category(args))
    );
    let mut names: HashSet<String> = HashSet::new();
    for (about, pairs) in by_about.iter().filter(|(about, _)| Some(**about) != common) {
        let mut by_right: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
        for (wrong, row) in pairs {
            by_right.entry(&row.right).or_default().push(wrong);
        }
        for (right, wrong) in by_right {
            let mut name = right[0].clone();
            while !names.insert(name.clone()) {
                name = format!("{}-{}", right[0], names.len());
            }
            text += &entry(&name, right, &wrong, severity, *about);
        }
    }
    let (source, reason) = common.unwrap_or_default();
    text += &format!("\n[pairs_meta]\n{}", about_lines(source, reason, severity));
    text += "\n[pairs]\n";
    for (wrong, row) in by_about.get(&(source, reason)).into_iter().flatten() {
        text += &format!("{} = {}\n", quoted(wrong), one_or_list(&row.right));
    }
    text
}

fn entry(
    name: &str,
    right: &[String],
    wrong: &[&str],
    severity: Severity,
    about: (Option<&str>, Option<&str>),
) -> String {
    let mut text = "\n[[entry]]\n".to_owned();
    if name != right[0] {
        text += &format!("name = {}\n", quoted(name));
    }
    let wrong: Vec<_> = wrong.iter().map(|w| quoted(w)).collect();
    text += &format!("canonical = {}\n", one_or_list(right));
    text += &format!("forbidden = [{}]\n", wrong.join(", "));
    text + &about_lines(about.0, about.1, severity)
}

fn about_lines(source: Option<&str>, reason: Option<&str>, severity: Severity) -> String {
    let mut text = format!("severity = {}\n", quoted(severity.name()));
    for (key, value) in [("reason", reason), ("source", source)] {
        if let Some(value) = value {
            text += &format!("{key} = {}\n", quoted(value));
        }
    }
    text
}

fn one_or_list(forms: &[String]) -> String {
    let forms: Vec<_> = forms.iter().map(|f| quoted(f)).collect();
    match forms.as_slice() {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

/// The category that was asked for, else the name of the file.
fn category(args: &ImportArgs) -> String {
    let named = args.category.clone();
    let path = output_path(args).unwrap_or_else(|| args.table.clone());
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let category = named.unwrap_or_else(|| stem.replace('/', "-").trim().to_owned());
    if category.is_empty() {
        "office".to_owned()
    } else {
        category
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{AboutArgs, RuleArgs};

    fn args() -> ImportArgs {
        ImportArgs {
            table: PathBuf::from("错敏词.xlsx"),
            output: None,
            category: None,
            about: AboutArgs {
                source: None,
                reason: None,
                severity: Severity::Warning,
            },
            rules: RuleArgs {
                lexicon: Vec::new(),
                no_builtin: true,
                config: None,
                isolated: true,
                date: None,
            },
        }
    }

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let cells = |row: &&[&str]| row.iter().map(|c| (*c).to_owned()).collect();
        Sheet {
            name: None,
            rows: rows
                .iter()
                .enumerate()
                .map(|(n, row)| (n + 1, cells(row)))
                .collect(),
        }
    }

    fn imported(rows: &[&[&str]]) -> (Vec<Pair>, Vec<String>) {
        let lexicon = Lexicon::load(&[Layer {
            files: vec![(
                "known.toml".to_owned(),
                "category = 'known'\n[pairs]\n'截止目前' = '截至目前'\n'帐户' = '账户'\n"
                    .to_owned(),
            )],
            ..Layer::default()
        }]);
        let lexicon = lexicon.unwrap();
        let known = Known::new(&lexicon);
        let mut problems = Problems::new(Lang::Zh);
        let rows = rows_of(&sheet(rows), &known, &mut problems);
        let pairs = sound_rows(rows, &known, &mut problems);
        let problems = problems.list.into_iter();
        (pairs, problems.map(|(place, why)| place + &why).collect())
    }

    fn plain(pairs: &[Pair]) -> Vec<(&str, Vec<&str>)> {
        pairs
            .iter()
            .map(|(wrong, row)| {
                (
                    wrong.as_str(),
                    row.right.iter().map(String::as_str).collect(),
                )
            })
            .collect()
    }

    #[test]
    fn heads_of_columns() {
        for (cell, want) in [
            ("错误", Some(Heading::Wrong)),
            ("误", Some(Heading::Wrong)),
            ("不规范表述", Some(Heading::Wrong)),
            ("错敏词", Some(Heading::Wrong)),
            ("错误的写法：", Some(Heading::Wrong)),
            ("正确", Some(Heading::Right)),
            ("规范 用语", Some(Heading::Right)),
            ("应改为", Some(Heading::Right)),
            ("依据", Some(Heading::Source)),
            ("备注", Some(Heading::Reason)),
            ("序号", None),
            ("误会", None),
            ("正当", None),
            ("", None),
        ] {
            assert_eq!(heading(cell), want, "{cell}");
        }
    }

    #[test]
    fn tables_with_and_without_a_head() {
        let want = vec![("按装", vec!["安装"])];
        for rows in [
            &[&["按装", "安装"][..]][..],
            &[&["1", "按装", "安装"]],
            &[&["误", "正"], &["按装", "安装"]],
            &[&["序号", "规范", "不规范"], &["1", "安装", "按装"]],
            // The lexicon shows that the right form comes first.
            &[&["截至目前", "截止目前"], &["安装", "按装"]],
        ] {
            assert_eq!(plain(&imported(rows).0), want, "{rows:?}");
        }
        let (pairs, problems) = imported(&[
            &["某县错敏词库"],
            &["错误写法", "正确写法", "出处", "备注"],
            &["按装", "安装", "现代汉语词典", "同音"],
        ]);
        assert_eq!(pairs[0].1.source.as_deref(), Some("现代汉语词典"));
        assert_eq!(pairs[0].1.reason.as_deref(), Some("同音"));
        assert_eq!(problems, ["第1行在表头之上"]);
    }

    #[test]
    fn several_forms_in_a_cell() {
        for (cell, other, want) in [
            ("定金/订金", "丁金", vec!["定金", "订金"]),
            ("定金、订金", "丁金", vec!["定金", "订金"]),
            ("“定金”；“订金”", "丁金", vec!["定金", "订金"]),
            (
                "中共中央、国务院",
                "中共中央国务院",
                vec!["中共中央、国务院"],
            ),
            (
                "踏石留印、抓铁有痕",
                "抓铁有痕、踏石留印",
                vec!["踏石留印、抓铁有痕"],
            ),
            ("安装", "按装", vec!["安装"]),
            (" ", "按装", vec![]),
        ] {
            assert_eq!(several(cell, other), want, "{cell}");
        }
    }

    #[test]
    fn rows_that_cannot_stand_are_told_and_left_out() {
        let (pairs, problems) = imported(&[
            &["错误", "正确"],
            &["按装", "安装"],
            &["按装", "安装"],
            &["", "安装"],
            &["未耒", ""],
            &["安装", "安装"],
            &["按", "安"],
            &["座标", "坐标"],
            &["座标", "坐镖"],
            &["甲乙", "乙甲"],
            &["乙甲", "甲乙"],
            &["帐户", "账户"],
            &["账户", "帐户"],
            &["末来", "未来"],
        ]);
        assert_eq!(
            plain(&pairs),
            [("按装", vec!["安装"]), ("末来", vec!["未来"])]
        );
        assert_eq!(
            problems,
            [
                "第4行没有错误写法",
                "第5行没有正确写法",
                "第6行“安装”与正确写法相同",
                "第7行“按”太短，至少要有两个字",
                "第3行“按装”与第2行重复",
                "第8行“座标”的正确写法与第9行（“坐镖”）矛盾",
                "第9行“座标”的正确写法与第8行（“坐标”）矛盾",
                "第10行改成“乙甲”之后又是第11行的错误写法",
                "第11行改成“甲乙”之后又是第10行的错误写法",
                "第12行改成“账户”之后又是第13行的错误写法",
                "第13行改成“帐户”之后又是第12行的错误写法",
            ]
        );
    }

    #[test]
    fn what_the_lexicon_has_or_contradicts_is_left_out() {
        let (pairs, problems) = imported(&[
            &["错误", "正确"],
            &["截止目前", "截至目前"],
            &["账户", "户头"],
            &["户口", "帐户"],
        ]);
        assert!(pairs.is_empty());
        assert_eq!(
            problems,
            [
                "第2行词库中已有“截止目前”：known/截至目前（known.toml:3）",
                "第3行与已有词条矛盾：known/账户 以“账户”为规范写法",
                "第4行改成“帐户”之后仍会被报告：known/账户 把它列为错误写法",
            ]
        );
    }

    #[test]
    fn the_file_that_is_written() {
        let (pairs, _) = imported(&[
            &["错误", "正确", "出处"],
            &["按装", "安装", ""],
            &["末来", "未来", ""],
            &["丁金", "定金/订金", "合同范本"],
            &["未耒", "未来", "通报"],
            &["耒来", "未来", "简报"],
        ]);
        let text = file_text(&pairs, &args());
        let want = "\
# 错敏词.xlsx
category = \"错敏词\"

[[entry]]
canonical = [\"定金\", \"订金\"]
forbidden = [\"丁金\"]
severity = \"warning\"
source = \"合同范本\"

[[entry]]
canonical = \"未来\"
forbidden = [\"耒来\"]
severity = \"warning\"
source = \"简报\"

[[entry]]
name = \"未来-2\"
canonical = \"未来\"
forbidden = [\"未耒\"]
severity = \"warning\"
source = \"通报\"

[pairs_meta]
severity = \"warning\"

[pairs]
\"按装\" = \"安装\"
\"末来\" = \"未来\"
";
        assert_eq!(text, want);
        assert_eq!(canonical("t", &text, Lang::En).unwrap(), want);
        let layer = Layer {
            files: vec![("t.toml".to_owned(), text)],
            ..Layer::default()
        };
        assert_eq!(Lexicon::load(&[layer]).unwrap().entries().len(), 5);
    }
}
