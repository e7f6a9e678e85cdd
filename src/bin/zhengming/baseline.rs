//! Known mistakes: written down once, and fewer from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Context as _, Result, anyhow, bail};
use zhengming::Lang;
use zhengming::report::{DocumentReport, visible};
use zhengming::suppress::{Baseline, BaselineEntry};

use crate::args::{
    BaselineCommand, BaselineShowArgs, BaselineUpdateArgs, BaselineWriteArgs, InputArgs,
    OutputArgs, RuleArgs, TermArgs,
};
use crate::check::{Request, Run};
use crate::files::Target;
use crate::settings::{Checker, Known, Settings};
use crate::words::{shown, today};
use crate::{BROKEN, Ui, complain, write};

pub(crate) fn run(command: &BaselineCommand, ui: Ui) -> Result<ExitCode> {
    match command {
        BaselineCommand::Write(args) => write_new(args, ui),
        BaselineCommand::Update(args) => update(args, ui),
        BaselineCommand::Show(args) => show(args, ui),
    }
}

fn write_new(args: &BaselineWriteArgs, ui: Ui) -> Result<ExitCode> {
    let lang = ui.lang;
    let known = Known::New(args.baseline.clone());
    let survey = Survey::make(&args.input, &args.rules, known, ui)?;
    for file in &survey.files {
        if file.path.exists() {
            let exists = lang.pick(
                "基线已存在，其中的理由和期限不能丢；请用 zhengming baseline update --add，或先删去它",
                "there is a baseline already, whose reasons and dates must not be lost: use zhengming baseline update --add, or remove it first",
            );
            return Err(anyhow!(exists)).with_context(|| shown(&file.path));
        }
    }
    for file in &survey.files {
        let entries = with_terms(file.found.values().cloned(), &args.terms);
        let baseline = Baseline::new(entries.collect());
        let count = baseline.entries().len();
        save(&file.path, &baseline)?;
        let name = shown(&file.path);
        let says = match lang {
            Lang::Zh => format!("{name}：已写入 {count} 条"),
            Lang::En => format!("{name}: {count} entries written"),
        };
        writeln!(io::stdout(), "{says}")?;
    }
    Ok(survey.exit_code())
}

fn update(args: &BaselineUpdateArgs, ui: Ui) -> Result<ExitCode> {
    let lang = ui.lang;
    let has_terms = args.terms.reason.is_some() || args.terms.until.is_some();
    if has_terms && !args.add {
        bail!(lang.pick(
            "--reason、--until 只用于新条目，要与 --add 同用",
            "--reason and --until are for new entries and need --add"
        ));
    }
    let known = Known::New(args.baseline.clone());
    let survey = Survey::make(&args.input, &args.rules, known, ui)?;
    for mut file in survey.files.iter().cloned() {
        let old = match read(&file.path) {
            Ok(old) => old,
            // Another folder of the same run may have none.
            Err(_) if !file.path.exists() && survey.files.len() > 1 && !args.add => continue,
            Err(error) => return Err(error),
        };
        let before = old.entries().len();
        let mut entries = Vec::new();
        for mut entry in old.entries().iter().cloned() {
            if let Some(found) = file.found.remove(&entry.fingerprint) {
                entry.excerpt = found.excerpt;
                entries.push(entry);
            } else if !file.read.contains(&entry.path) && file.root.join(&entry.path).exists() {
                entries.push(entry); // not looked at this time
            }
        }
        let (kept, new) = (entries.len(), file.found.len());
        if args.add {
            entries.extend(with_terms(file.found.into_values(), &args.terms));
        }
        save(&file.path, &Baseline::new(entries))?;
        let (name, gone) = (shown(&file.path), before - kept);
        let says = match (lang, args.add) {
            (Lang::Zh, true) => format!("{name}：保留 {kept} 条，删去 {gone} 条，新增 {new} 条"),
            (Lang::Zh, false) => {
                format!("{name}：保留 {kept} 条，删去 {gone} 条；另有 {new} 处问题不在基线中")
            }
            (Lang::En, true) => format!("{name}: {kept} kept, {gone} removed, {new} added"),
            (Lang::En, false) => {
                format!("{name}: {kept} kept, {gone} removed; {new} mistakes are not in it")
            }
        };
        writeln!(io::stdout(), "{says}")?;
    }
    Ok(survey.exit_code())
}

fn show(args: &BaselineShowArgs, ui: Ui) -> Result<ExitCode> {
    let lang = ui.lang;
    let known = Known::New(args.baseline.clone());
    let mut settings = Settings::new(&args.rules, lang)?.knowing(known);
    let number = settings.for_folder(&fs::canonicalize(".")?);
    let root = settings.get(number).root.clone();
    let mut checkers = settings.compile([number])?;
    let path = checkers[number].take().map(|c| c.baseline_path);
    let path = path.unwrap_or_default();
    let baseline = read(&path)?;
    let mut out = io::stdout().lock();
    let colon = lang.pick("：", ": ");
    for entry in baseline.entries() {
        let (path, rule) = (visible(&entry.path), visible(&entry.rule));
        writeln!(out, "{path}{colon}[{rule}] {}", visible(&entry.excerpt))?;
        if let Some(reason) = &entry.reason {
            writeln!(
                out,
                "  {}{colon}{}",
                lang.pick("理由", "reason"),
                visible(reason)
            )?;
        }
        if let Some(until) = entry.until {
            let over = match entry.is_over(today()) {
                true => lang.pick("（已过期）", " (over)"),
                false => "",
            };
            writeln!(out, "  {}{colon}{until}{over}", lang.pick("期限", "until"))?;
        }
        if !root.join(&entry.path).exists() {
            writeln!(out, "  {}", lang.pick("文件已不存在", "the file is gone"))?;
        }
    }
    let (name, count) = (shown(&path), baseline.entries().len());
    match lang {
        Lang::Zh => writeln!(out, "{name}：{count} 条")?,
        Lang::En => writeln!(out, "{name}: {count} entries")?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What a run found, by the baseline that it belongs into.
struct Survey {
    files: Vec<Found>,
    /// Some documents could not be read.
    broken: bool,
}

#[derive(Clone, Default)]
struct Found {
    path: PathBuf,
    root: PathBuf,
    /// The documents that were read.
    read: BTreeSet<String>,
    /// Entries by fingerprint.
    found: BTreeMap<String, BaselineEntry>,
}

impl Survey {
    fn make(input: &InputArgs, rules: &RuleArgs, known: Known, ui: Ui) -> Result<Self> {
        let output = OutputArgs::default();
        let request = Request {
            known,
            ..Request::new(input, rules, &output)
        };
        let run = Run::new(&request, ui)?;
        let files: Mutex<BTreeMap<PathBuf, Found>> = Mutex::default();
        let add = |target: &Target, checker: &Checker, report: &DocumentReport| {
            let Ok(mut files) = files.lock() else { return };
            let file = files.entry(checker.baseline_path.clone()).or_default();
            file.path.clone_from(&checker.baseline_path);
            file.root.clone_from(&checker.root);
            file.read.insert(target.name.clone());
            let entries = Baseline::entries_for(&target.name, &report.diagnostics);
            let named = entries.into_iter().map(|e| (e.fingerprint.clone(), e));
            file.found.extend(named);
        };
        let done = run.each(&|target, report| {
            run.check(target, report);
            if report.kind.is_some()
                && let Some(checker) = run.checker(target)
            {
                add(target, checker, report);
            }
        });
        for document in &done.documents {
            if let Some(error) = &document.error {
                let colon = ui.lang.pick("：", ": ");
                complain(&format!("{}{colon}{error}", document.path), ui.lang);
            }
        }
        let broken = done.documents.iter().any(|d| d.error.is_some());
        let mut files: Vec<_> = files
            .into_inner()
            .unwrap_or_default()
            .into_values()
            .collect();
        if files.is_empty()
            && let Some(checker) = run.first_checker()
        {
            files.push(Found {
                path: checker.baseline_path.clone(),
                root: checker.root.clone(),
                ..Found::default()
            });
        }
        Ok(Self { files, broken })
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.broken { BROKEN } else { 0 })
    }
}

fn with_terms(
    entries: impl Iterator<Item = BaselineEntry>,
    terms: &TermArgs,
) -> impl Iterator<Item = BaselineEntry> {
    entries.map(|entry| BaselineEntry {
        reason: terms.reason.clone(),
        until: terms.until,
        ..entry
    })
}

fn read(path: &Path) -> Result<Baseline> {
    let text = fs::read_to_string(path).with_context(|| shown(path))?;
    Baseline::parse(&text).with_context(|| shown(path))
}

fn save(path: &Path, baseline: &Baseline) -> Result<()> {
    write::create(path, baseline.to_json()?.as_bytes()).with_context(|| shown(path))
}
