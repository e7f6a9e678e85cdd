//! A draft for an editor who works in Word, and what the editor decided.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use zhengming::annotate::{self, Annotated, Options, State};
use zhengming::fix::Choice;
use zhengming::report::decisions::{self, DecisionFormat};
use zhengming::report::{self, DocumentReport, OutputFormat, Report, Summary, visible};
use zhengming::{Applicability, Document, Kind, Lang, ReadOptions};

use crate::Ui;
use crate::args::{AnnotateArgs, DecisionsArgs, DecisionsFormat, InputArgs, OutputArgs};
use crate::check::{Request, Run};
use crate::files::{Target, Task};
use crate::outputs::{Output, tell};
use crate::settings::{Checker, Known};
use crate::words::{describe, shown};
use crate::write;

pub(crate) fn run(args: &AnnotateArgs, ui: Ui) -> Result<ExitCode> {
    if args.draft.is_dir() {
        bail!(ui.lang.pick(
            "annotate 一次标注一个文件，不能给文件夹",
            "annotate takes one file at a time, not a folder"
        ));
    }
    if args.author.trim().is_empty() {
        bail!(
            ui.lang
                .pick("--author 不能为空", "--author must not be empty")
        );
    }
    let (input, output) = (input(args), output(args));
    let request = Request {
        known: Known::from(&args.known),
        ..Request::new(&input, &args.rules, &output)
    };
    let mut run = Run::new(&request, ui)?;
    run.hash = true;
    let annotator = Annotator {
        run: &run,
        args,
        outcome: Mutex::default(),
    };
    let done = run.each(&|target, report| annotator.annotate(target, report));
    let code = run.exit_code(&done, done.failed);
    let outcome = annotator.outcome.into_inner().unwrap_or_default();
    // The marks say what was found; here is left what they cannot say.
    let mut report = run.report(done);
    for document in &mut report.documents {
        document.diagnostics.clear();
    }
    tell(&report, &output, ui)?;
    if let Some(outcome) = outcome {
        outcome.tell(args.quiet, ui.lang)?;
    }
    Ok(code)
}

/// Where the marked file goes, and what is in it.
#[derive(Default)]
struct Outcome {
    /// `None` for standard output.
    path: Option<PathBuf>,
    bytes: Vec<u8>,
    /// `None` for a report in the place of a marked file.
    annotated: Option<Annotated>,
}

struct Annotator<'a> {
    run: &'a Run,
    args: &'a AnnotateArgs,
    outcome: Mutex<Option<Outcome>>,
}

impl Annotator<'_> {
    fn annotate(&self, target: &Target, report: &mut DocumentReport) {
        let Some(bytes) = self.run.read(target, report) else {
            return;
        };
        let Some(document) = self.run.parse(bytes, target, report) else {
            return;
        };
        report.diagnostics = self.run.lint(target, &document, report);
        self.run.remark(target, report);
        match self.mark(target, &document, report) {
            Ok(outcome) => {
                if let Ok(mut slot) = self.outcome.lock() {
                    *slot = Some(outcome);
                }
            }
            Err(error) => report.error = Some(describe(&error, self.run.lang)),
        }
    }

    fn mark(
        &self,
        target: &Target,
        document: &Document,
        report: &DocumentReport,
    ) -> Result<Outcome> {
        let lang = self.run.lang;
        let checker = self.run.checker(target);
        let checker = checker.with_context(|| lang.pick("没有词库", "no lexicon"))?;
        let path = self.path(target, document.kind)?;
        let (bytes, annotated) = if document.kind == Kind::Docx {
            let options = self.options(checker);
            let annotated = annotate::annotate(&checker.linter, document, &options)?;
            (annotated.bytes.clone(), Some(annotated))
        } else {
            (self.page(target, document, report)?, None)
        };
        if let Some(path) = &path {
            write::create(path, &bytes).with_context(|| shown(path))?;
        }
        Ok(Outcome {
            path,
            bytes,
            annotated,
        })
    }

    fn options(&self, checker: &Checker) -> Options {
        Options {
            mode: self.args.mode.into(),
            author: self.args.author.trim().to_owned(),
            time: self.args.time.unwrap_or_else(Timestamp::now),
            lang: self.run.lang,
            choice: Choice::at_least(if self.args.unsafe_fixes {
                Applicability::Unsafe
            } else {
                Applicability::Safe
            }),
            lexicon: checker.id().digest,
        }
    }

    /// The report on a draft that takes no marks, as one page.
    fn page(
        &self,
        target: &Target,
        document: &Document,
        report: &DocumentReport,
    ) -> Result<Vec<u8>> {
        let mut shown = DocumentReport {
            unit: None,
            ..report.clone()
        };
        if let Some(checker) = self.run.checker(target) {
            let (date, source) = checker.linter.day_of(document);
            shown.date = date.to_string();
            shown.date_source = source.name();
        }
        let mut summary = Summary::default();
        summary.add(&shown);
        let report = Report {
            lang: self.run.lang,
            lexicon: self.run.lexicon().unwrap_or_default(),
            documents: vec![shown],
            summary,
            units: Vec::new(),
        };
        let mut page = Vec::new();
        report::write(OutputFormat::Html, &report, &mut page)?;
        Ok(page)
    }

    /// Where the result goes: beside the draft, unless told otherwise; `None` for standard output.
    fn path(&self, target: &Target, kind: Kind) -> Result<Option<PathBuf>> {
        let lang = self.run.lang;
        if let Some(path) = &self.args.output {
            return Ok((path.as_os_str() != "-").then(|| path.clone()));
        }
        if target.task == Task::Stdin {
            return Ok(None);
        }
        let path = beside(&target.path, kind);
        if path.exists() {
            let path = shown(&path);
            bail!(match lang {
                Lang::Zh => format!("{path} 已存在，未覆盖；请用 -o 指定输出文件"),
                Lang::En => format!("{path} exists and was left alone; name the output with -o"),
            });
        }
        Ok(Some(path))
    }
}

/// NAME.annotated.docx for NAME.docx; a page for what takes no marks.
fn beside(draft: &Path, kind: Kind) -> PathBuf {
    let mut name = draft.file_stem().unwrap_or_default().to_owned();
    name.push(".annotated.");
    match draft.extension().filter(|_| kind == Kind::Docx) {
        Some(extension) => name.push(extension),
        None if kind == Kind::Docx => name.push("docx"),
        None => name.push("html"),
    }
    draft.with_file_name(name)
}

impl Outcome {
    fn tell(&self, quiet: bool, lang: Lang) -> Result<()> {
        let Some(path) = &self.path else {
            let mut out = io::stdout().lock();
            out.write_all(&self.bytes)?;
            return Ok(out.flush()?);
        };
        let mut out = io::stdout().lock();
        if quiet {
            return Ok(());
        }
        let path = shown(path);
        match lang {
            Lang::Zh => writeln!(out, "已写入 {path}")?,
            Lang::En => writeln!(out, "written: {path}")?,
        }
        let Some(done) = &self.annotated else {
            return Ok(());
        };
        let left = done.left.len();
        let mut counts = vec![
            (done.tracked, lang.pick("修订", "tracked: ")),
            (done.comments, lang.pick("批注", "comments: ")),
        ];
        for further in [
            (left, lang.pick("只列入摘要", "only in the summary: ")),
            (done.present, lang.pick("以前已标注", "annotated before: ")),
        ] {
            counts.extend((further.0 > 0).then_some(further));
        }
        let counts: Vec<_> = counts
            .iter()
            .map(|(n, word)| match lang {
                Lang::Zh => format!("{word} {n} 处"),
                Lang::En => format!("{word}{n}"),
            })
            .collect();
        writeln!(out, "{}", counts.join(lang.pick("，", ", ")))?;
        for (d, reason) in &done.left {
            let place = report::place(&d.place, d.spans.first().map(|l| l.start), lang);
            let colon = lang.pick("：", ": ");
            let message = d.message.render(lang);
            let reason = reason.text(lang);
            match lang {
                Lang::Zh => writeln!(out, "  {place}{colon}{}（{reason}）", visible(&message))?,
                Lang::En => writeln!(out, "  {place}{colon}{} ({reason})", visible(&message))?,
            }
        }
        Ok(())
    }
}

/// The draft, as the commands that take many are told it.
fn input(args: &AnnotateArgs) -> InputArgs {
    InputArgs {
        paths: vec![args.draft.clone()],
        stdin_filename: args.stdin_filename.clone(),
        files_from: None,
        null: false,
        force_exclude: false,
        include: Vec::new(),
        exclude: Vec::new(),
        encoding: None,
        with: Vec::new(),
        max_file_size: args.max_file_size,
        jobs: None,
    }
}

fn output(args: &AnnotateArgs) -> OutputArgs {
    OutputArgs {
        format: Output::Human,
        output_file: Vec::new(),
        fail_on: args.fail_on,
        strict: args.strict,
        quiet: true,
    }
}

pub(crate) fn decide(args: &DecisionsArgs, ui: Ui) -> Result<ExitCode> {
    let about = || shown(&args.file);
    let bytes = fs::read(&args.file).with_context(about)?;
    let name = args.file.to_string_lossy();
    let document = Document::parse(&name, bytes, &ReadOptions::default()).with_context(about)?;
    let found = annotate::decisions(&document, ui.lang).with_context(about)?;
    let format = match args.format {
        DecisionsFormat::Human => DecisionFormat::Human,
        DecisionsFormat::Json => DecisionFormat::Json,
        DecisionsFormat::Allow => DecisionFormat::Allow,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    decisions::write(format, &name, &found, ui.lang, &mut out)?;
    out.flush()?;
    let open = found.decisions.iter().any(|d| d.state == State::Open);
    Ok(ExitCode::from(u8::from(open)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_lies_beside_the_draft() {
        for (draft, kind, want) in [
            ("a/通知.docx", Kind::Docx, "a/通知.annotated.docx"),
            ("通知.v2.DOCM", Kind::Docx, "通知.v2.annotated.DOCM"),
            ("通知", Kind::Docx, "通知.annotated.docx"),
            ("a/notice.md", Kind::Markdown, "a/notice.annotated.html"),
        ] {
            assert_eq!(beside(Path::new(draft), kind), Path::new(want));
        }
    }
}
