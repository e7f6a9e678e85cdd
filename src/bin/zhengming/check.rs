//! Many documents, all cores, one report.

use std::io::{self, IsTerminal as _, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use zhengming::report::{self, DocumentReport, OutputFormat, Report, Summary};
use zhengming::{DateSource, Diagnostic, Document, Lang, Notice, NoticeCode, ReadOptions};

use crate::Ui;
use crate::args::{CheckArgs, Format, InputArgs, OutputArgs, RuleArgs, With};
use crate::files::{self, Target, Task};
use crate::settings::{Checker, Settings};
use crate::words::{shown, today};
use crate::write;

pub(crate) fn run(args: &CheckArgs, ui: Ui) -> Result<ExitCode> {
    let run = Run::prepare(&args.input, &args.rules, &args.output, ui)?;
    let done = run.each(&|target, document| run.check(target, document));
    let code = run.exit_code(&done, done.failed);
    let report = run.report(done);
    deliver(&report, &args.output, ui)?;
    Ok(code)
}

/// What a run over documents works with.
pub(crate) struct Run {
    pub(crate) lang: Lang,
    targets: Vec<Target>,
    checkers: Vec<Option<Checker>>,
    options: ReadOptions,
    limit: u64,
    jobs: usize,
    /// Whether each file's hash is wanted.
    pub(crate) hash: bool,
    /// Whether the output names documents that have nothing to tell, and each document's day.
    complete: bool,
    strict: bool,
}

/// What came of it.
pub(crate) struct Done {
    pub(crate) documents: Vec<DocumentReport>,
    pub(crate) summary: Summary,
    /// A document could not be read or written.
    broken: bool,
    /// A diagnostic reaches the level from which a run fails.
    pub(crate) failed: bool,
}

impl Run {
    /// Finds the documents and compiles the linters.
    pub(crate) fn prepare(
        input: &InputArgs,
        rules: &RuleArgs,
        output: &OutputArgs,
        ui: Ui,
    ) -> Result<Self> {
        let lang = ui.lang;
        let has_stdin = input.paths.iter().any(|p| p.as_os_str() == "-");
        if input.stdin_filename.is_some() && !has_stdin {
            bail!(lang.pick(
                "--stdin-filename 只在路径为 - 时有用",
                "--stdin-filename needs the path -"
            ));
        }
        let mut settings = Settings::new(rules, lang)?;
        let targets = files::find(input, &mut settings, lang)?;
        // Number 0 is compiled even for no document at all: a broken lexicon is never a clean run.
        let mut used: Vec<_> = targets.iter().map(|t| t.config).collect();
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
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let json = output.format == Format::Json;
        Ok(Self {
            lang,
            jobs: input.jobs.map_or_else(cores, NonZeroUsize::get),
            targets,
            checkers,
            options: ReadOptions {
                encoding: input.encoding,
                comments: input.with.contains(&With::Comments),
            },
            limit: input.max_file_size,
            hash: json,
            complete: json,
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
                work(target, &mut report);
                if send.send((n, report)).is_err() {
                    break;
                }
            }
        };
        let mut done = Done {
            documents: Vec::new(),
            summary: Summary::default(),
            broken: false,
            failed: false,
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
                done.broken |= report.error.is_some();
                done.failed |= self.fails(&self.targets[n], &report.diagnostics);
                if self.complete || !report.is_clean() {
                    kept.push((n, report));
                }
                progress.step();
            }
        });
        kept.sort_by_key(|&(n, _)| n);
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
            lexicon: lexicon.filter(|id| Some(id) != self.lexicon().as_ref()),
            ..DocumentReport::default()
        }
    }

    fn check(&self, target: &Target, report: &mut DocumentReport) {
        let Some(bytes) = self.read(target, report) else {
            return;
        };
        let Some(document) = self.parse(bytes, report) else {
            return;
        };
        report.diagnostics = self.lint(target, &document, report);
    }

    /// The bytes of a document; `None` when there are none, and `report` says why.
    pub(crate) fn read(&self, target: &Target, report: &mut DocumentReport) -> Option<Vec<u8>> {
        match &target.task {
            Task::Failed(why) => report.error = Some(why.clone()),
            Task::Unsupported => report.notices.push(Notice {
                code: NoticeCode::UnsupportedFormat,
                part: String::new(),
                detail: String::new(),
            }),
            Task::File | Task::Stdin => match files::read(target, self.limit, self.lang) {
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

    /// The document in those bytes; `None` when they are none, and `report` says why.
    pub(crate) fn parse(&self, bytes: Vec<u8>, report: &mut DocumentReport) -> Option<Document> {
        match Document::parse(&report.path, bytes, &self.options) {
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
        if self.complete {
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
        }
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

    /// The only document, where it is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.targets.iter().any(|t| t.task == Task::Stdin)
    }
}

/// Writes the report where it was asked for.
pub(crate) fn deliver(report: &Report, output: &OutputArgs, ui: Ui) -> Result<()> {
    match &output.output_file {
        Some(path) => {
            let color = ui.color == clap::ColorChoice::Always;
            let format = format(output, color, None);
            let mut bytes = Vec::new();
            report::write(format, report, &mut bytes)?;
            write::create(path, &bytes).with_context(|| shown(path))
        }
        None if output.format == Format::Json => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            report::write(OutputFormat::Json, report, &mut out)?;
            Ok(out.flush()?)
        }
        None => {
            let choice = ui.color_choice(&io::stdout());
            let format = format(output, choice != anstream::ColorChoice::Never, width());
            let out = anstream::AutoStream::new(io::stdout().lock(), choice);
            let mut out = io::BufWriter::new(out);
            report::write(format, report, &mut out)?;
            Ok(out.flush()?)
        }
    }
}

pub(crate) fn format(output: &OutputArgs, color: bool, width: Option<usize>) -> OutputFormat {
    match output.format {
        Format::Human => OutputFormat::Human {
            color,
            quiet: output.quiet,
            width,
        },
        Format::Json => OutputFormat::Json,
    }
}

/// Terminals narrower than this are rare, and a mark under a torn line helps nobody.
fn width() -> Option<usize> {
    const COLUMNS: usize = 80;
    io::stdout().is_terminal().then_some(COLUMNS)
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
