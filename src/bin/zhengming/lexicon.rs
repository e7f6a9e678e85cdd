//! What is in a lexicon, whether it is sound, and whether its examples hold; and the commands for those who keep one.

mod add;
mod audit;
mod diff;
mod fmt;
mod import;
mod sheet;
mod sound;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;
use zhengming::lexicon::{
    ExampleFailure, FixMode, Mutation, Pattern, Survivor, Validator, test_conditions, test_examples,
};
use zhengming::report::{severity_name, visible};
use zhengming::{Entry, Lang, Lexicon, RuleInfo, catalog};

use crate::Ui;
use crate::args::{Format, LexiconCommand, LexiconFiles, ListArgs, RuleArgs, TestArgs};
use crate::settings::{Checker, Settings};

pub(crate) fn run(command: &LexiconCommand, ui: Ui) -> Result<ExitCode> {
    match command {
        LexiconCommand::Check(args) => check(args, ui.lang),
        LexiconCommand::Test(args) => test(args, ui.lang),
        LexiconCommand::List(args) => list(args, ui.lang),
        LexiconCommand::Audit(args) => audit::run(args, ui),
        LexiconCommand::Add(args) => add::run(args, ui.lang),
        LexiconCommand::Import(args) => import::run(args, ui.lang),
        LexiconCommand::Fmt(args) => fmt::run(args, ui.lang),
        LexiconCommand::Diff(args) => diff::run(args, ui.lang),
    }
}

/// The lexicon and linter that hold for a file in the current folder.
pub(crate) fn checker_here(rules: &RuleArgs, lang: Lang) -> Result<Checker> {
    let mut settings = Settings::new(rules, lang)?;
    let here = std::env::current_dir()?;
    let number = settings.for_folder(&here);
    let mut checkers = settings.compile([number])?;
    checkers
        .swap_remove(number)
        .ok_or_else(|| anyhow::anyhow!("configuration {number} was not compiled"))
}

fn load(args: &LexiconFiles, lang: Lang) -> Result<Checker> {
    let mut rules = args.rules.clone();
    rules.lexicon.extend(args.files.iter().cloned());
    checker_here(&rules, lang)
}

/// Mistakes are errors, so whoever gets here has a sound lexicon.
fn check(args: &LexiconFiles, lang: Lang) -> Result<ExitCode> {
    let lexicon = load(args, lang)?.lexicon;
    let mut out = io::stdout().lock();
    for o in lexicon.overridden() {
        let ((file, line), (old_file, old_line)) = (&o.later, &o.earlier);
        let form = visible(&o.form);
        match lang {
            Lang::Zh => writeln!(
                out,
                "{file}:{line}: “{form}”覆盖了 {old_file}:{old_line} 的词条"
            )?,
            Lang::En => writeln!(
                out,
                "{file}:{line}: “{form}” overrides the entry at {old_file}:{old_line}"
            )?,
        }
    }
    let (entries, forms) = (lexicon.entries().len(), forms(&lexicon));
    match lang {
        Lang::Zh => writeln!(out, "词库没有错误：{entries} 个词条，{forms} 个错误写法")?,
        Lang::En => writeln!(out, "no mistakes: {entries} entries, {forms} wrong forms")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn test(args: &TestArgs, lang: Lang) -> Result<ExitCode> {
    let lexicon = load(&args.lexicon, lang)?.lexicon;
    let failures = test_examples(&lexicon)?;
    let mutation = test_conditions(&lexicon)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for failure in &failures {
        writeln!(out, "{}", failure_in_words(failure, lang))?;
    }
    if args.verbose {
        for survivor in &mutation.survivors {
            writeln!(out, "{}", survivor_in_words(survivor, lang))?;
        }
    }
    let entries = lexicon.entries().len();
    match (failures.len(), lang) {
        (0, Lang::Zh) => writeln!(out, "{entries} 个词条的例句全部通过")?,
        (0, Lang::En) => writeln!(out, "the examples of all {entries} entries hold")?,
        (n, Lang::Zh) => writeln!(out, "{entries} 个词条中有 {n} 句例句没有通过")?,
        (n, Lang::En) => writeln!(out, "{n} examples of {entries} entries do not hold")?,
    }
    writeln!(out, "{}", mutation_in_words(&mutation, lang))?;
    let too_low = args.min_score.filter(|&least| mutation.score() < least);
    match (too_low, lang) {
        (Some(least), Lang::Zh) => writeln!(out, "低于要求的 {least}%；用 --verbose 查看是哪些")?,
        (Some(least), Lang::En) => writeln!(out, "that is below {least} %: see --verbose")?,
        (None, _) => {}
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(
        !failures.is_empty() || too_low.is_some(),
    )))
}

fn mutation_in_words(mutation: &Mutation, lang: Lang) -> String {
    let (killed, total) = (mutation.killed(), mutation.total());
    if total == 0 {
        return lang
            .pick("词条都没有条件", "no entry has a condition")
            .to_owned();
    }
    // Rounded down, so that 100 means all.
    let score = (mutation.score() * 10.0).floor() / 10.0;
    let counts = mutation.counts.iter();
    let counts: Vec<_> = counts
        .map(|(key, (k, n))| format!("{key} {k}/{n}"))
        .collect();
    match lang {
        Lang::Zh => format!(
            "逐个去掉 {total} 个条件，例句能发现 {killed} 个（{score}%）：{}",
            counts.join("，")
        ),
        Lang::En => format!(
            "of {total} conditions taken away in turn, examples notice {killed} ({score} %): {}",
            counts.join(", ")
        ),
    }
}

fn survivor_in_words(survivor: &Survivor, lang: Lang) -> String {
    let (file, line) = &survivor.place;
    let (key, rule) = (survivor.condition.key(), visible(&survivor.rule));
    let value = survivor.condition.value();
    let value = visible(&value);
    match lang {
        Lang::Zh => format!("{file}:{line}: {rule}：去掉 {key} 的“{value}”，没有例句能发现"),
        Lang::En => format!("{file}:{line}: {rule}: no example notices {key} “{value}” taken away"),
    }
}

fn failure_in_words(failure: &ExampleFailure, lang: Lang) -> String {
    let ExampleFailure {
        rule,
        sentence,
        day,
        expected,
        found,
        place: (file, line),
    } = failure;
    let (rule, sentence) = (visible(rule), visible(sentence));
    let day = day.map_or(String::new(), |day| match lang {
        Lang::Zh => format!("（{day} 的文件）"),
        Lang::En => format!(" (in a document of {day})"),
    });
    let what = match (expected, lang) {
        (true, Lang::Zh) => "错例没有报出",
        (false, Lang::Zh) => "正例被误报",
        (true, Lang::En) => "a bad example is not reported",
        (false, Lang::En) => "a good example is reported",
    };
    let others = match (found.is_empty(), lang) {
        (true, Lang::Zh) => "没有报出任何规则".to_owned(),
        (true, Lang::En) => "no rule was reported".to_owned(),
        (false, Lang::Zh) => format!("报出的规则：{}", found.join("、")),
        (false, Lang::En) => format!("rules reported: {}", found.join(", ")),
    };
    match lang {
        Lang::Zh => format!("{file}:{line}: {rule}：{what}{day}：{sentence}（{others}）"),
        Lang::En => format!("{file}:{line}: {rule}: {what}{day}: {sentence} ({others})"),
    }
}

fn list(args: &ListArgs, lang: Lang) -> Result<ExitCode> {
    let lexicon = load(&args.lexicon, lang)?.lexicon;
    let builtin = if args.lexicon.rules.no_builtin {
        Vec::new()
    } else {
        catalog()
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Human => table(&lexicon, &builtin, lang, &mut out)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &as_json(&lexicon, &builtin))?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn table(
    lexicon: &Lexicon,
    builtin: &[RuleInfo],
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    let row = |severity, fix, id: &str, what: &str| {
        [
            severity_name(severity, lang).to_owned(),
            fix_word(fix, lang).to_owned(),
            visible(id).into_owned(),
            visible(what).into_owned(),
        ]
    };
    let entry = |e: &Entry| {
        let forms = e.forbidden.join(lang.pick("、", ", "));
        row(e.severity, e.fix, &e.id, &forms)
    };
    let pattern = |p: &Pattern| {
        let message = p.message_en.as_ref().unwrap_or(&p.message);
        let message = lang.pick(&p.message, message);
        row(p.entry.severity, p.entry.fix, &p.entry.id, message)
    };
    let rule = |r: &RuleInfo| {
        let summary = lang.pick(r.summary_zh, r.summary_en);
        row(r.severity, r.fix, r.id, summary)
    };
    let head = match lang {
        Lang::Zh => ["级别", "改正", "规则", "错误写法"],
        Lang::En => ["severity", "fix", "rule", "wrong forms"],
    };
    let rows: Vec<_> = std::iter::once(head.map(str::to_owned))
        .chain(lexicon.entries().map(entry))
        .chain(lexicon.patterns().map(pattern))
        .chain(builtin.iter().map(rule))
        .collect();
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    for row in &rows {
        let padded = row[..3].iter().zip(widths);
        for (cell, width) in padded {
            write!(out, "{cell}{:pad$}  ", "", pad = width - cell.width())?;
        }
        writeln!(out, "{}", row[3])?;
    }
    let counts = categories(lexicon);
    let counts: Vec<_> = counts.iter().map(|(c, n)| format!("{c} {n}")).collect();
    let (entries, forms) = (lexicon.entries().len(), forms(lexicon));
    match lang {
        Lang::Zh => writeln!(
            out,
            "共 {entries} 个词条，{forms} 个错误写法：{}",
            counts.join("，")
        ),
        Lang::En => writeln!(
            out,
            "{entries} entries, {forms} wrong forms: {}",
            counts.join(", ")
        ),
    }
}

fn as_json(lexicon: &Lexicon, builtin: &[RuleInfo]) -> serde_json::Value {
    let entries = lexicon.entries().map(|e| {
        json!({
            "rule": e.id,
            "category": e.category,
            "canonical": e.canonical,
            "forbidden": e.forbidden,
            "severity": e.severity.name(),
            "fix": e.fix.name(),
            "reason": e.reason,
            "source": e.source,
            "file": e.place.0,
            "line": e.place.1,
        })
    });
    let mut value = json!({
        "schema": "zhengming.lexicon/1",
        "digest": lexicon.digest(),
        "categories": categories(lexicon),
        "forms": forms(lexicon),
        "entries": entries.collect::<Vec<_>>(),
    });
    let patterns = lexicon.patterns().map(|p| {
        json!({
            "rule": p.entry.id,
            "category": p.entry.category,
            "regex": p.regex,
            "on": p.on.name(),
            "message": p.message,
            "suggestions": p.suggestions,
            "validator": p.validator.map(Validator::name),
            "severity": p.entry.severity.name(),
            "fix": p.entry.fix.name(),
            "reason": p.entry.reason,
            "source": p.entry.source,
            "file": p.entry.place.0,
            "line": p.entry.place.1,
        })
    });
    let rules = builtin.iter().map(|r| {
        json!({
            "rule": r.id,
            "category": r.category,
            "summary": r.summary_zh,
            "severity": r.severity.name(),
            "fix": r.fix.name(),
            "source": r.source,
        })
    });
    let lists = [
        ("patterns", patterns.collect::<Vec<_>>()),
        ("rules", rules.collect()),
    ];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        value[key] = list.into();
    }
    value
}

fn fix_word(fix: FixMode, lang: Lang) -> &'static str {
    let zh = match fix {
        FixMode::Safe => "自动",
        FixMode::Unsafe => "确认",
        FixMode::None => "手工",
    };
    lang.pick(zh, fix.name())
}

/// Entries by category.
fn categories(lexicon: &Lexicon) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for entry in lexicon.entries() {
        *counts.entry(entry.category.as_str()).or_default() += 1;
    }
    counts
}

fn forms(lexicon: &Lexicon) -> usize {
    lexicon.entries().map(|e| e.forbidden.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhengming::lexicon::Layer;

    #[test]
    fn columns_of_a_table_line_up() {
        let text = "category = 'office'\n[pairs]\n'截止目前' = '截至目前'\n'按装' = '安装'\n\
            [[entry]]\ncanonical = ['定金', '订金']\nforbidden = ['丁金']\n";
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("test.toml".to_owned(), text.to_owned())],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        let mut out = Vec::new();
        table(&lexicon, &[], Lang::Zh, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let want = "\
级别  改正  规则             错误写法
错误  手工  office/定金      丁金
警告  自动  office/截至目前  截止目前
警告  自动  office/安装      按装
共 3 个词条，3 个错误写法：office 3
";
        assert_eq!(text, want);
        assert_eq!(as_json(&lexicon, &[])["categories"]["office"], 3);
    }
}
