//! Many documents, all cores, one report.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use zhengming::report::{self, DocumentReport, Report, Summary, Unit, visible};
use zhengming::{DateSource, Diagnostic, Document, Lang, Notice, NoticeCode, ReadOptions};

use crate::Ui;
use crate::args::{CacheArgs, ChangeArgs, CheckArgs, InputArgs, OutputArgs, RuleArgs, With};
use crate::cache::Cache;
use crate::files::{self, Target, Task};
use crate::git::{self, Blob, Blobs, Repository};
use crate::outputs::{self, Output, deliver};
use crate::settings::{Checker, Known, Settings};
use crate::units::Units;
use crate::words::{describe, io_reason, shown, today};
use crate::{changed, record, write};

pub(crate) fn run(args: &CheckArgs, ui: Ui) -> Result<ExitCode> {
    if args.changes.changed_lines && !args.changes.staged && args.changes.changed_since.is_none() {
        bail!(ui.lang.pick(
            "--changed-lines 要与 --staged 或 --changed-since 同用",
            "--changed-lines needs --staged or --changed-since"
        ));
    }
    let request = Request {
        changes: Some(&args.changes),
        known: Known::from(&args.known),
        record: args.record.record.as_deref(),
        cache: args.cache,
        ..Request::new(&args.input, &args.rules, &args.output)
    };
    let run = Run::new(&request, ui)?;
    let done = run.each(&|target, document| run.check(target, document));
    run.save_cache()?;
    if !args.output.quiet {
        run.tell_useless(&args.input, &done)?;
    }
    let code = run.exit_code(&done, done.failed);
    let digests = run.digests(&done);
    let report = run.report(done);
    if let Some(path) = &args.record.record {
        let reviewer = args.record.reviewer.as_deref();
        record::append(path, &report, &digests, reviewer, ui)?;
    }
    deliver(&report, &args.output, ui)?;
    Ok(code)
}

/// What a run is asked to do.
pub(crate) struct Request<'a> {
    pub(crate) input: &'a InputArgs,
    pub(crate) rules: &'a RuleArgs,
    pub(crate) output: &'a OutputArgs,
    pub(crate) changes: Option<&'a ChangeArgs>,
    pub(crate) known: Known,
    /// Where a record is kept of it.
    pub(crate) record: Option<&'a Path>,
    pub(crate) cache: CacheArgs,
}

impl<'a> Request<'a> {
    /// Everything that the paths lead to, and nothing known.
    pub(crate) fn new(input: &'a InputArgs, rules: &'a RuleArgs, output: &'a OutputArgs) -> Self {
        Self {
            input,
            rules,
            output,
            changes: None,
            known: Known::None,
            record: None,
            cache: CacheArgs {
                cache: false,
                no_cache: true,
            },
        }
    }
}

/// What a run over documents works with.
pub(crate) struct Run {
    pub(crate) lang: Lang,
    targets: Vec<Target>,
    checkers: Vec<Option<Checker>>,
    blobs: Blobs,
    lines: Lines,
    cache: Option<Cache>,
    options: ReadOptions,
    limit: u64,
    jobs: usize,
    /// Whether each file's hash is wanted.
    pub(crate) hash: bool,
    /// Whether the output names documents that have nothing to tell, and each document's day.
    complete: bool,
    strict: bool,
    units: Units,
}

/// Which lines of a document diagnostics are told of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    All,
    Changed,
}

/// What came of it.
pub(crate) struct Done {
    pub(crate) documents: Vec<DocumentReport>,
    pub(crate) summary: Summary,
    units: Vec<Unit>,
    /// A document could not be read or written.
    broken: bool,
    /// A diagnostic reaches the level from which a run fails.
    pub(crate) failed: bool,
    /// The numbers of the documents' configurations.
    configs: Vec<usize>,
    /// Which `[[allow]]` let something stand: numbers of configurations and of their entries.
    allows_used: BTreeSet<(usize, usize)>,
}

impl Run {
    /// Finds the documents and compiles the linters.
    pub(crate) fn prepare(
        input: &InputArgs,
        rules: &RuleArgs,
        output: &OutputArgs,
        ui: Ui,
    ) -> Result<Self> {
        Self::new(&Request::new(input, rules, output), ui)
    }

    /// The same for any request.
    pub(crate) fn new(request: &Request<'_>, ui: Ui) -> Result<Self> {
        let Request {
            input,
            rules,
            output,
            ..
        } = *request;
        let lang = ui.lang;
        let has_stdin = input.paths.iter().any(|p| p.as_os_str() == "-");
        if input.stdin_filename.is_some() && !has_stdin {
            bail!(lang.pick(
                "--stdin-filename 只在路径为 - 时有用",
                "--stdin-filename needs the path -"
            ));
        }
        outputs::check(output, lang)?;
        let mut settings = Settings::new(rules, lang)?.knowing(request.known.clone());
        let mut targets = targets(request, &mut settings, lang)?;
        // Last time's report is no draft.
        targets.retain(|t| !outputs::is_output(output, &t.path));
        let record = request.record.and_then(|r| fs::canonicalize(r).ok());
        targets.retain(|t| record.as_ref() != Some(&t.path));
        let units = Units::new(&settings, &targets);
        // Number 0 is compiled even for no document at all: a broken lexicon is never a clean run.
        let read = targets
            .iter()
            .filter(|t| !matches!(t.task, Task::Failed(_)));
        let mut used: Vec<_> = read.map(|t| t.config).collect();
        if used.is_empty() {
            used.push(0);
        }
        let mut checkers = settings.compile(used)?;
        for checker in checkers.iter_mut().flatten() {
            if let Some(fail_on) = output.fail_on {
                checker.fail_on = fail_on;
            }
            for warning in &checker.warnings {
                let word = lang.pick("警告：", "warning: ");
                writeln!(io::stderr(), "{word}{warning}")?;
            }
        }
        let options = ReadOptions {
            encoding: input.encoding,
            comments: input.with.contains(&With::Comments),
            ..ReadOptions::default()
        };
        let lines = match request.changes.is_some_and(|c| c.changed_lines) {
            true => Lines::Changed,
            false => Lines::All,
        };
        let first = targets.first().map_or(0, |t| t.config);
        let first = checkers[first].as_ref();
        let asked = request.cache.cache || first.is_some_and(|c| c.cache);
        let cache = first.filter(|_| asked && !request.cache.no_cache && lines == Lines::All);
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Ok(Self {
            lang,
            jobs: input.jobs.map_or_else(cores, NonZeroUsize::get),
            cache: cache.map(|checker| Cache::open(&checker.root, &options)),
            targets,
            checkers,
            options,
            blobs: Blobs::default(),
            lines,
            limit: input.max_file_size,
            hash: outputs::any(output, Output::has_hash) || request.record.is_some(),
            complete: outputs::any(output, Output::is_complete) || request.record.is_some(),
            units,
            strict: output.strict,
        })
    }

    /// Works through all documents, as many at a time as there are jobs; a document is in memory only while it is
    /// worked on.
    pub(crate) fn each(&self, work: &(dyn Fn(&Target, &mut DocumentReport) + Sync)) -> Done {
        let next = AtomicUsize::new(0);
        let (send, receive) = mpsc::channel();
        let worker = |send: mpsc::Sender<(usize, DocumentReport)>| {
            while let Some((n, target)) = self.take(&next) {
                let mut report = self.blank(target);
                report.unit = self.units.of(n);
                work(target, &mut report);
                if send.send((n, report)).is_err() {
                    break;
                }
            }
        };
        let mut done = Done {
            documents: Vec::new(),
            summary: Summary::default(),
            units: self.units.units.clone(),
            broken: false,
            failed: false,
            configs: Vec::new(),
            allows_used: BTreeSet::new(),
        };
        let mut kept: Vec<(usize, DocumentReport)> = Vec::new();
        thread::scope(|scope| {
            for _ in 0..self.jobs.min(self.targets.len()) {
                let send = send.clone();
                scope.spawn(|| worker(send));
            }
            drop(send);
            let mut progress = Progress::new(self.targets.len(), self.lang);
            for (n, report) in receive {
                done.summary.add(&report);
                if let Some(unit) = report.unit {
                    done.units[unit].documents += usize::from(report.kind.is_some());
                }
                done.broken |= report.error.is_some();
                let target = &self.targets[n];
                done.failed |= self.fails(target, &report.diagnostics);
                if let Some(checker) = self.checker(target) {
                    let used = checker
                        .linter
                        .allows_used(&target.name, &report.diagnostics);
                    done.allows_used
                        .extend(used.into_iter().map(|allow| (target.config, allow)));
                }
                if self.complete || !report.is_clean() {
                    kept.push((n, report));
                }
                progress.step();
            }
        });
        kept.sort_by_key(|&(n, _)| n);
        let config = |(n, _): &(usize, DocumentReport)| self.targets[*n].config;
        done.configs = kept.iter().map(config).collect();
        done.documents = kept.into_iter().map(|(_, report)| report).collect();
        done
    }

    fn take(&self, next: &AtomicUsize) -> Option<(usize, &Target)> {
        let n = next.fetch_add(1, Ordering::Relaxed);
        self.targets.get(n).map(|target| (n, target))
    }

    fn blank(&self, target: &Target) -> DocumentReport {
        let mut path = target.shown.to_string_lossy().into_owned();
        if cfg!(windows) {
            path = path.replace('\\', "/");
        }
        let lexicon = self.checker(target).map(Checker::id);
        DocumentReport {
            path,
            date: today().to_string(),
            date_source: DateSource::Today.name(),
            fail_on: self.checker(target).map(|c| c.fail_on).unwrap_or_default(),
            lexicon: lexicon.filter(|id| Some(id) != self.lexicon().as_ref()),
            ..DocumentReport::default()
        }
    }

    pub(crate) fn check(&self, target: &Target, report: &mut DocumentReport) {
        let Some(bytes) = self.read(target, report) else {
            return;
        };
        let slot = self.cache.as_ref().zip(self.checker(target));
        let slot = slot.map(|(cache, checker)| (cache, cache.key(target, checker, &bytes)));
        if let Some((cache, key)) = &slot
            && cache.fill(key, report)
        {
            return;
        }
        let Some(document) = self.parse(bytes, target, report) else {
            return;
        };
        report.diagnostics = self.lint(target, &document, report);
        self.remark(target, report);
        if self.lines == Lines::Changed {
            match self.before(target) {
                Ok(before) => changed::keep(before.as_ref(), &document, &mut report.diagnostics),
                Err(why) => report.error = Some(why),
            }
        }
        if let Some((cache, key)) = slot {
            cache.keep(key, report);
        }
    }

    /// What stood in the place of a document before it changed.
    fn before(&self, target: &Target) -> Result<Option<Document>, String> {
        let Some(name) = &target.before else {
            return Ok(None);
        };
        match self.blobs.read(name, self.limit, self.lang) {
            // What could not be read had no lines.
            Ok(Blob::Content(bytes)) => {
                Ok(Document::parse(&target.name, bytes, &self.options).ok())
            }
            Ok(Blob::TooLarge) => Ok(None),
            Err(error) => Err(describe(&error, self.lang)),
        }
    }

    /// Adds what the baseline has to say to a document whose diagnostics are known.
    pub(crate) fn remark(&self, target: &Target, report: &mut DocumentReport) {
        if let Some(checker) = self.checker(target) {
            let found = &report.diagnostics;
            let notices = checker.linter.baseline_notices(&target.name, found);
            report.notices.extend(notices);
        }
    }

    /// The bytes of a document; `None` when there are none, and `report` says why.
    pub(crate) fn read(&self, target: &Target, report: &mut DocumentReport) -> Option<Vec<u8>> {
        match &target.task {
            Task::Failed(why) => report.error = Some(why.clone()),
            Task::Unsupported => report.notices.push(unread(NoticeCode::UnsupportedFormat)),
            Task::Submodule => report.notices.push(unread(NoticeCode::Submodule)),
            Task::File | Task::Stdin | Task::Blob(_) => match self.bytes(target) {
                Ok(bytes) if git::is_lfs_pointer(&bytes) && target.task != Task::Stdin => {
                    report.notices.push(unread(NoticeCode::LfsPointer));
                }
                Ok(bytes) => {
                    if self.hash {
                        report.sha256 = Some(write::sha256(&bytes));
                    }
                    return Some(bytes);
                }
                Err(why) => report.error = Some(why),
            },
        }
        None
    }

    fn bytes(&self, target: &Target) -> Result<Vec<u8>, String> {
        files::read(target, &self.blobs, self.limit, self.lang)
    }

    /// The document in those bytes; `None` when they are none, and `report` says why.
    pub(crate) fn parse(
        &self,
        bytes: Vec<u8>,
        target: &Target,
        report: &mut DocumentReport,
    ) -> Option<Document> {
        match Document::parse(&target.name, bytes, &self.options) {
            Ok(document) => {
                report.kind = Some(document.kind);
                report.encoding = document.parts.first().map(|p| p.encoding().name());
                report.notices.clone_from(&document.notices);
                Some(document)
            }
            Err(error) => {
                report.error = Some(error.message(self.lang));
                None
            }
        }
    }

    /// What is wrong in a document; what its day is goes into `report`.
    pub(crate) fn lint(
        &self,
        target: &Target,
        document: &Document,
        report: &mut DocumentReport,
    ) -> Vec<Diagnostic> {
        let Some(checker) = self.checker(target) else {
            return Vec::new();
        };
        if self.complete || self.cache.is_some() {
            let (date, source) = checker.linter.day_of(document);
            report.date = date.to_string();
            report.date_source = source.name();
        }
        checker.linter.lint(document)
    }

    pub(crate) fn checker(&self, target: &Target) -> Option<&Checker> {
        self.checkers[target.config].as_ref()
    }

    fn fails(&self, target: &Target, diagnostics: &[Diagnostic]) -> bool {
        let level = self.checker(target).map(|c| c.fail_on).unwrap_or_default();
        let mut counted = diagnostics.iter().filter(|d| d.suppressed.is_none());
        counted.any(|d| level.fails(d.severity))
    }

    /// The lexicon of the run: that of its first document.
    pub(crate) fn lexicon(&self) -> Option<report::LexiconId> {
        let config = self.targets.first().map_or(0, |t| t.config);
        self.checkers[config].as_ref().map(Checker::id)
    }

    pub(crate) fn report(&self, done: Done) -> Report {
        Report {
            lang: self.lang,
            lexicon: self.lexicon().unwrap_or_default(),
            documents: done.documents,
            summary: done.summary,
            units: done.units,
        }
    }

    /// What the first document is checked with.
    pub(crate) fn first_checker(&self) -> Option<&Checker> {
        let config = self.targets.first().map_or(0, |t| t.config);
        self.checkers[config].as_ref()
    }

    /// What each document was judged by besides the lexicon.
    pub(crate) fn digests(&self, done: &Done) -> Vec<String> {
        let digest = |&n: &usize| self.checkers[n].as_ref().map(|c| c.digest.clone());
        let digests = done.configs.iter().map(digest);
        digests.map(Option::unwrap_or_default).collect()
    }

    pub(crate) fn exit_code(&self, done: &Done, found: bool) -> ExitCode {
        ExitCode::from(if done.broken {
            2
        } else if self.strict && done.summary.skipped > 0 {
            3
        } else {
            u8::from(found)
        })
    }

    /// Writes results down for the next run. That they cannot be written is worth a word, and no more.
    fn save_cache(&self) -> Result<()> {
        if let Some(Err(error)) = self.cache.as_ref().map(Cache::save) {
            let what = self.lang.pick("缓存未保存", "the cache was not saved");
            let why = io_reason(&error, self.lang);
            self.warn(&format!("{what}{}{why}", self.lang.pick("：", ": ")))?;
        }
        Ok(())
    }

    /// Says which decisions were about nothing, after a run over folders: one over single files cannot know.
    fn tell_useless(&self, input: &InputArgs, done: &Done) -> Result<()> {
        let whole = input.files_from.is_none() && input.paths.iter().all(|p| p.is_dir());
        let by_git = self.targets.iter().any(|t| matches!(t.task, Task::Blob(_)));
        if !whole || by_git || self.lines == Lines::Changed {
            return Ok(());
        }
        let lang = self.lang;
        for (config, checker) in self.checkers.iter().enumerate() {
            let Some(checker) = checker else { continue };
            let file = checker.config.as_deref().map(shown).unwrap_or_default();
            for (n, allow) in checker.allow.iter().enumerate() {
                let over = allow.until.is_some_and(|until| until < today());
                if !over && !done.allows_used.contains(&(config, n)) {
                    let what = lang.pick(
                        "这条 [[allow]] 没有放过任何问题，可以删去",
                        "this [[allow]] let nothing stand and can go",
                    );
                    self.warn(&format!("{file}:{}: {what}", allow.line))?;
                }
            }
            let paths: BTreeSet<_> = checker.baseline.entries().iter().map(|e| &e.path).collect();
            for path in paths {
                if !checker.root.join(path).exists() {
                    let file = shown(&checker.baseline_path);
                    let path = visible(path);
                    self.warn(&match lang {
                        Lang::Zh => {
                            format!("{file}：{path} 已不存在，请运行 zhengming baseline update")
                        }
                        Lang::En => {
                            format!("{file}: {path} is gone, run zhengming baseline update")
                        }
                    })?;
                }
            }
        }
        Ok(())
    }

    fn warn(&self, what: &str) -> Result<()> {
        let word = self.lang.pick("警告：", "warning: ");
        Ok(writeln!(io::stderr(), "{word}{what}")?)
    }

    /// The only document, where it is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.targets.iter().any(|t| t.task == Task::Stdin)
    }
}

/// The documents that a request is about.
fn targets(request: &Request<'_>, settings: &mut Settings, lang: Lang) -> Result<Vec<Target>> {
    let input = request.input;
    let Some(changes) = request
        .changes
        .filter(|c| c.staged || c.changed_since.is_some())
    else {
        return files::find(input, settings, lang);
    };
    if input.paths.iter().any(|p| p.as_os_str() == "-") {
        bail!(lang.pick(
            "- 不能与 --staged、--changed-since 同用",
            "- cannot stand beside --staged or --changed-since"
        ));
    }
    let repository = Repository::find(lang)?;
    let changes = match &changes.changed_since {
        Some(revision) => repository.since(revision)?,
        None => repository.staged()?,
    };
    files::changed(&repository, changes, input, settings, lang)
}

fn unread(code: NoticeCode) -> Notice {
    Notice {
        code,
        part: String::new(),
        detail: String::new(),
    }
}

/// A bar on standard error, once a run takes long enough for somebody to wonder.
struct Progress {
    start: Instant,
    total: usize,
    done: u64,
    lang: Lang,
    bar: Option<ProgressBar>,
}

impl Progress {
    const PATIENCE: Duration = Duration::from_millis(500);

    fn new(total: usize, lang: Lang) -> Self {
        Self {
            start: Instant::now(),
            total,
            done: 0,
            lang,
            bar: None,
        }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.bar.is_none() && self.start.elapsed() > Self::PATIENCE {
            // The bar hides itself where standard error is no terminal.
            let bar = ProgressBar::new(self.total as u64);
            let words = self.lang.pick("检查", "checking");
            let template = format!("{words} {{bar:30}} {{pos}}/{{len}} {{eta}}");
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
