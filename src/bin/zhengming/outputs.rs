//! Where reports go: standard output, files, and the summary of a step of GitHub Actions.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::ValueEnum;
use zhengming::Lang;
use zhengming::report::{self, OutputFormat, Report};

use crate::Ui;
use crate::args::OutputArgs;
use crate::words::shown;
use crate::write;

/// The formats as the command line names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    #[default]
    Human,
    Json,
    Jsonl,
    Sarif,
    Github,
    Gitlab,
    Checkstyle,
    Junit,
    Rdjson,
    Unix,
    Csv,
    Html,
    Notice,
    NoticeHtml,
}

impl Output {
    /// Whether it names documents that have nothing to tell, and each document's day.
    pub(crate) fn is_complete(self) -> bool {
        matches!(
            self,
            Self::Json | Self::Jsonl | Self::Checkstyle | Self::Junit
        )
    }

    /// Whether it names each file's hash.
    pub(crate) fn has_hash(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl | Self::Sarif)
    }

    /// The format that the ending of a file's name tells.
    fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let endings = [
            (".sarif", Self::Sarif),
            (".sarif.json", Self::Sarif),
            (".json", Self::Json),
            (".jsonl", Self::Jsonl),
            (".ndjson", Self::Jsonl),
            (".xml", Self::Junit),
            (".csv", Self::Csv),
            (".html", Self::Html),
            (".htm", Self::Html),
            (".md", Self::Notice),
            (".txt", Self::Human),
        ];
        let found = endings
            .into_iter()
            .find(|(ending, _)| name.ends_with(ending));
        found.map(|(_, format)| format)
    }

    fn format(self, color: bool, quiet: bool, width: Option<usize>) -> OutputFormat {
        match self {
            Self::Human => OutputFormat::Human {
                color,
                quiet,
                width,
            },
            Self::Json => OutputFormat::Json,
            Self::Jsonl => OutputFormat::Jsonl,
            Self::Sarif => OutputFormat::Sarif,
            Self::Github => OutputFormat::Github,
            Self::Gitlab => OutputFormat::Gitlab,
            Self::Checkstyle => OutputFormat::Checkstyle,
            Self::Junit => OutputFormat::Junit,
            Self::Rdjson => OutputFormat::Rdjson,
            Self::Unix => OutputFormat::Unix,
            Self::Csv => OutputFormat::Csv,
            Self::Html => OutputFormat::Html,
            Self::Notice => OutputFormat::Notice,
            Self::NoticeHtml => OutputFormat::NoticeHtml,
        }
    }
}

/// A file that a report goes to: `PATH`, or `FORMAT=PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputFile {
    /// `None` where neither the argument nor the name of the file tells.
    format: Option<Output>,
    path: PathBuf,
}

impl OutputFile {
    pub(crate) fn new(argument: PathBuf) -> Self {
        let named = argument.to_str().and_then(|text| {
            let (name, path) = text.split_once('=')?;
            let format = Output::from_str(name, false).ok()?;
            Some((format, PathBuf::from(path)))
        });
        match named {
            Some((Output::Notice, path)) if Output::of_name(&path) == Some(Output::Html) => Self {
                format: Some(Output::NoticeHtml),
                path,
            },
            Some((format, path)) => Self {
                format: Some(format),
                path,
            },
            None => Self {
                format: Output::of_name(&argument),
                path: argument,
            },
        }
    }
}

/// Everything that a run writes, each with its format.
fn all(output: &OutputArgs) -> impl Iterator<Item = Output> {
    let files = output.output_file.iter();
    let files = files.map(|f| f.format.unwrap_or(output.format));
    std::iter::once(output.format).chain(files)
}

/// Whether anything that a run writes is such a format.
pub(crate) fn any(output: &OutputArgs, is: fn(Output) -> bool) -> bool {
    all(output).any(is)
}

/// Whether a file is one that the run is about to replace with a report.
pub(crate) fn is_output(output: &OutputArgs, path: &Path) -> bool {
    let mut files = output.output_file.iter();
    files.any(|f| std::fs::canonicalize(&f.path).is_ok_and(|real| real == path))
}

/// Checks what can be checked before anything else is done.
///
/// # Errors
/// When two reports would go to the same file.
pub(crate) fn check(output: &OutputArgs, lang: Lang) -> Result<()> {
    let files = &output.output_file;
    for (nth, file) in files.iter().enumerate() {
        if files[..nth].iter().any(|f| f.path == file.path) {
            let path = shown(&file.path);
            return Err(match lang {
                Lang::Zh => anyhow!("--output-file 两次写同一个文件 {path}"),
                Lang::En => anyhow!("--output-file names {path} twice"),
            });
        }
    }
    Ok(())
}

/// Writes the report everywhere it was asked for.
pub(crate) fn deliver(report: &Report, output: &OutputArgs, ui: Ui) -> Result<()> {
    deliver_files(report, output, ui)?;
    if output.format != Output::Human {
        let mut out = io::BufWriter::new(io::stdout().lock());
        report::write(
            output.format.format(false, output.quiet, None),
            report,
            &mut out,
        )?;
        return Ok(out.flush()?);
    }
    let choice = ui.color_choice(&io::stdout());
    let color = choice != anstream::ColorChoice::Never;
    let out = anstream::AutoStream::new(io::stdout().lock(), choice);
    let mut out = io::BufWriter::new(out);
    let format = Output::Human.format(color, output.quiet, width());
    report::write(format, report, &mut out)?;
    Ok(out.flush()?)
}

/// Writes the files among them.
pub(crate) fn deliver_files(report: &Report, output: &OutputArgs, ui: Ui) -> Result<()> {
    for file in &output.output_file {
        let color = ui.color == clap::ColorChoice::Always;
        let format = file.format.unwrap_or(output.format);
        let mut bytes = Vec::new();
        report::write(format.format(color, output.quiet, None), report, &mut bytes)?;
        write::create(&file.path, &bytes).with_context(|| shown(&file.path))?;
    }
    if any(output, |format| format == Output::Github) {
        summarize_step(report)?;
    }
    Ok(())
}

/// Writes a report for a person to standard error, because standard output holds something else.
pub(crate) fn tell(report: &Report, output: &OutputArgs, ui: Ui) -> Result<()> {
    let choice = ui.color_choice(&io::stderr());
    let color = choice != anstream::ColorChoice::Never;
    let format = output.format.format(color, output.quiet, None);
    let mut out = anstream::AutoStream::new(io::stderr().lock(), choice);
    report::write(format, report, &mut out)?;
    Ok(out.flush()?)
}

/// Adds a table to the summary of the step, where GitHub Actions names a file for it.
fn summarize_step(report: &Report) -> Result<()> {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = PathBuf::from(path);
    let mut bytes = Vec::new();
    report::write(OutputFormat::GithubSummary, report, &mut bytes)?;
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(&bytes))
        .with_context(|| shown(&path))
}

/// Terminals narrower than this are rare, and a mark under a torn line helps nobody.
fn width() -> Option<usize> {
    const COLUMNS: usize = 80;
    io::stdout().is_terminal().then_some(COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_of_a_file() {
        for (argument, format, path) in [
            ("sarif=a.json", Some(Output::Sarif), "a.json"),
            ("a.sarif", Some(Output::Sarif), "a.sarif"),
            ("A.SARIF.JSON", Some(Output::Sarif), "A.SARIF.JSON"),
            ("报告/a.json", Some(Output::Json), "报告/a.json"),
            ("a.jsonl", Some(Output::Jsonl), "a.jsonl"),
            ("a.xml", Some(Output::Junit), "a.xml"),
            ("checkstyle=a.xml", Some(Output::Checkstyle), "a.xml"),
            ("a.csv", Some(Output::Csv), "a.csv"),
            ("a.HTM", Some(Output::Html), "a.HTM"),
            ("notice=a.html", Some(Output::NoticeHtml), "a.html"),
            ("notice=a.md", Some(Output::Notice), "a.md"),
            ("notice-html=a", Some(Output::NoticeHtml), "a"),
            ("a.md", Some(Output::Notice), "a.md"),
            ("a.txt", Some(Output::Human), "a.txt"),
            ("a", None, "a"),
            ("a=b.csv", Some(Output::Csv), "a=b.csv"),
            ("unix=a=b", Some(Output::Unix), "a=b"),
        ] {
            let want = OutputFile {
                format,
                path: PathBuf::from(path),
            };
            assert_eq!(OutputFile::new(PathBuf::from(argument)), want, "{argument}");
        }
    }
}
