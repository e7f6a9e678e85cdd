//! Corrections written back, or shown.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use anstyle::{AnsiColor, Style};
use anyhow::{Result, bail};
use similar::TextDiff;
use zhengming::report::{self, DocumentReport, Repair, Report, visible};
use zhengming::{Applicability, Document, Kind, Lang, Redacted, fix};

use crate::Ui;
use crate::args::FixArgs;
use crate::check::{Request, Run};
use crate::files::{Target, Task};
use crate::outputs::{Output, deliver, deliver_files, tell};
use crate::record;
use crate::settings::Known;
use crate::words::{describe, io_reason};
use crate::write::{self, Original};

pub(crate) fn run(args: &FixArgs, ui: Ui) -> Result<ExitCode> {
    let request = Request {
        known: Known::from(&args.known),
        record: args.record.record.as_deref(),
        ..Request::new(&args.input, &args.rules, &args.output)
    };
    let mut run = Run::new(&request, ui)?;
    if run.is_stdin() && (args.input.paths.len() > 1 || args.input.files_from.is_some()) {
        bail!(ui.lang.pick(
            "- 不能与其他路径同用：标准输出只能写一个文件",
            "- cannot stand beside other paths: standard output takes one file"
        ));
    }
    run.hash = true;
    let fixer = Fixer {
        run: &run,
        args,
        stdout: Mutex::default(),
    };
    let done = run.each(&|target, report| fixer.fix(target, report));
    let changes = |d: &DocumentReport| d.repair.as_ref().is_some_and(|r| !r.applied.is_empty());
    let found = if args.diff {
        done.documents.iter().any(changes)
    } else {
        done.failed
    };
    let code = run.exit_code(&done, found);
    let fixed = fixer.stdout.into_inner().unwrap_or_default();
    let digests = run.digests(&done);
    let report = run.report(done);
    if let Some(path) = &args.record.record {
        let reviewer = args.record.reviewer.as_deref();
        record::append(path, &report, &digests, reviewer, ui)?;
    }
    if run.is_stdin() && !args.diff {
        let mut out = io::stdout().lock();
        out.write_all(&fixed)?;
        out.flush()?;
    }
    if args.diff && args.output.format == Output::Human {
        deliver_files(&report, &args.output, ui)?;
        write_diffs(&report, ui)?;
        tell(&without_diagnostics(report), &args.output, ui)?;
    } else if run.is_stdin() && !args.diff {
        deliver_files(&report, &args.output, ui)?;
        tell(&report, &args.output, ui)?;
    } else {
        deliver(&report, &args.output, ui)?;
    }
    Ok(code)
}

/// What fixes one document after the other.
struct Fixer<'a> {
    run: &'a Run,
    args: &'a FixArgs,
    /// The fixed file, where it goes to standard output.
    stdout: Mutex<Vec<u8>>,
}

impl Fixer<'_> {
    fn fix(&self, target: &Target, report: &mut DocumentReport) {
        let lang = self.run.lang;
        let original = match &target.task {
            Task::File => match Original::before_reading(&target.path) {
                Ok(original) => Some(original),
                Err(error) => {
                    report.error = Some(io_reason(&error, lang));
                    return;
                }
            },
            _ => None,
        };
        let Some(bytes) = self.run.read(target, report) else {
            return;
        };
        let hash = report.sha256.clone().unwrap_or_default();
        let original = original.map(|o| o.read_as(hash));
        let Some(document) = self.run.parse(bytes, target, report) else {
            return;
        };
        // A preview leaves the file as it is, and so does an error: then everything that was found remains.
        report.diagnostics = self.run.lint(target, &document, report);
        if let Err(error) = self.repair(target, original.as_ref(), &document, report) {
            report.error = Some(describe(&error, lang));
        }
        self.run.remark(target, report);
    }

    fn repair(
        &self,
        target: &Target,
        original: Option<&Original>,
        document: &Document,
        report: &mut DocumentReport,
    ) -> Result<()> {
        let Some(checker) = self.run.checker(target) else {
            return Ok(());
        };
        if report.diagnostics.iter().all(|d| d.fix.is_none()) {
            if original.is_none() {
                self.to_stdout(document.rebuild(&[])?);
            }
            return Ok(());
        }
        let least = if self.args.unsafe_fixes {
            Applicability::Unsafe
        } else {
            Applicability::Safe
        };
        let fixed = fix::apply(&checker.linter, document, &fix::Choice::at_least(least))?;
        let mut repair = Repair::default();
        if self.args.diff {
            let after = fixed.document.as_ref();
            repair.diff = after.map(|after| diff(&report.path, document, after, self.run.lang));
        } else {
            match original {
                Some(original) if !fixed.applied.is_empty() => {
                    let backup = self.wants_backup(original, report);
                    let kept = original.replace(&fixed.bytes, backup, self.run.lang)?;
                    repair.backup = kept.map(|kept| beside(&report.path, &kept));
                    repair.written = true;
                }
                Some(_) => {}
                None => repair.written = true,
            }
            report.sha256 = Some(write::sha256(&fixed.bytes));
            report.diagnostics = fixed.remaining;
            if original.is_none() {
                self.to_stdout(fixed.bytes);
            }
        }
        repair.applied = fixed.applied;
        repair.skipped = fixed.skipped;
        if !repair.applied.is_empty() || !repair.skipped.is_empty() {
            report.repair = Some(repair);
        }
        Ok(())
    }

    fn wants_backup(&self, original: &Original, report: &DocumentReport) -> bool {
        report.kind == Some(Kind::Docx)
            && !self.args.no_backup
            && !write::in_work_tree(&original.path)
    }

    fn to_stdout(&self, bytes: Vec<u8>) {
        if let Ok(mut stdout) = self.stdout.lock() {
            *stdout = bytes;
        }
    }
}

/// The path of a backup as a person calls it: beside the file they named.
fn beside(path: &str, backup: &Path) -> String {
    let name = backup.file_name().unwrap_or_default();
    Path::new(path)
        .with_file_name(name)
        .to_string_lossy()
        .into_owned()
}

/// How a document changes: a flat file as a unified diff of its decoded text, a docx by paragraph. Personal data is
/// covered in both texts.
fn diff(path: &str, before: &Document, after: &Document, lang: Lang) -> String {
    let [old, new] = Redacted::versions(before, after);
    if before.kind != Kind::Docx {
        let (old, new) = (old.part(0), new.part(0));
        let diff = TextDiff::from_lines(&*old, &*new);
        return diff.unified_diff().header(path, path).to_string();
    }
    let mut out = format!("--- {path}\n+++ {path}\n");
    for (n, block) in before.blocks.iter().enumerate() {
        let (old, new) = (old.block(n), new.block(n));
        if old != new {
            let place = report::place(&block.place(), None, lang);
            out.push_str(&format!("@@ {place} @@\n"));
            for (sign, text) in [('-', old), ('+', new)] {
                for line in text.split('\n') {
                    out.push_str(&format!("{sign}{line}\n"));
                }
            }
        }
    }
    out
}

/// Writes the diffs to standard output, coloured and with everything escaped that hides.
fn write_diffs(report: &Report, ui: Ui) -> Result<()> {
    let choice = ui.color_choice(&io::stdout());
    let out = anstream::AutoStream::new(io::stdout().lock(), choice);
    let mut out = io::BufWriter::new(out);
    let repairs = report.documents.iter().filter_map(|d| d.repair.as_ref());
    for diff in repairs.filter_map(|r| r.diff.as_deref()) {
        for line in diff.lines() {
            let style = style(line);
            let text: Vec<_> = line.split('\t').map(visible).collect();
            writeln!(out, "{style}{}{style:#}", text.join("\t"))?;
        }
    }
    Ok(out.flush()?)
}

fn style(line: &str) -> Style {
    let plain = Style::new();
    let colored = |color: AnsiColor| plain.fg_color(Some(color.into()));
    match line.as_bytes() {
        [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => plain.bold(),
        [b'-', ..] => colored(AnsiColor::Red),
        [b'+', ..] => colored(AnsiColor::Green),
        [b'@', b'@', ..] => colored(AnsiColor::Cyan),
        _ => plain,
    }
}

/// A preview has said it all in the diffs, except for notices, errors, and fixes that cannot be made.
fn without_diagnostics(mut report: Report) -> Report {
    for document in &mut report.documents {
        document.diagnostics.clear();
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhengming::lexicon::Layer;
    use zhengming::{Config, Lexicon, Linter};

    fn fixed(name: &str, bytes: &[u8]) -> String {
        fixed_at(name, bytes, Applicability::Safe)
    }

    fn fixed_at(name: &str, bytes: &[u8], least: Applicability) -> String {
        let pairs = "category = 'test'\n[pairs]\n'习总书记' = '习近平总书记'\n";
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("test.toml".to_owned(), pairs.to_owned())],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        let linter = Linter::new(&lexicon, &Config::default()).unwrap();
        let before = Document::parse(name, bytes.to_vec(), &Default::default()).unwrap();
        let fixed = fix::apply(&linter, &before, &fix::Choice::at_least(least)).unwrap();
        diff(name, &before, &fixed.document.unwrap(), Lang::Zh)
    }

    #[test]
    fn flat_files_are_compared_as_text_in_whatever_encoding() {
        let want = "\
--- a.txt
+++ a.txt
@@ -1,2 +1,2 @@
 甲
-学习贯彻习总书记讲话
+学习贯彻习近平总书记讲话
";
        let text = "甲\n学习贯彻习总书记讲话\n";
        assert_eq!(fixed("a.txt", text.as_bytes()), want);
        let utf16: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(fixed("a.txt", &utf16), want);
    }

    #[test]
    fn a_diff_shows_no_personal_data() {
        let text = "学习贯彻习总书记讲话\n张三，身份证号11010519491231002X。\n";
        let want = "\
--- a.txt
+++ a.txt
@@ -1,2 +1,2 @@
-学习贯彻习总书记讲话
-张三，身份证号110105########002X。
+学习贯彻习近平总书记讲话
+张三，身份证号110105********002X。
";
        assert_eq!(
            fixed_at("a.txt", text.as_bytes(), Applicability::Unsafe),
            want
        );
        let want = want
            .replace("-张三", " 张三")
            .replace("+张三，身份证号110105********002X。\n", "");
        let safe = fixed("a.txt", text.as_bytes());
        assert!(
            safe.contains(" 张三，身份证号110105########002X。"),
            "{safe}"
        );
        assert_eq!(safe.lines().count(), want.lines().count());
    }

    #[test]
    fn a_docx_is_compared_by_paragraph() {
        let docx = include_bytes!("../../../examples/drafts/notice.docx");
        let diff = fixed("notice.docx", docx);
        let lines: Vec<_> = diff.lines().collect();
        assert_eq!(
            lines[..3],
            ["--- notice.docx", "+++ notice.docx", "@@ 正文第4段 @@"]
        );
        assert!(lines[3].starts_with("-为深入学习贯彻习总书记"), "{diff}");
        assert!(
            lines[4].starts_with("+为深入学习贯彻习近平总书记"),
            "{diff}"
        );
        assert_eq!(lines.len(), 5);
    }
}
