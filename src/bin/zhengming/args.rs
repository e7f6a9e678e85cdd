//! The command line as clap reads it. The texts of its help stand in one table in `help.rs`.

use std::ffi::OsString;
use std::fmt;
#[cfg(feature = "serve")]
use std::net::SocketAddr;
#[cfg(feature = "serve")]
use std::num::NonZeroU64;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use encoding_rs::Encoding;
use jiff::Timestamp;
use jiff::civil::Date;
use zhengming::annotate::Mode;
use zhengming::config::FailOn;
use zhengming::{Lang, Severity};

use crate::help;
use crate::outputs::{Output, OutputFile};

#[derive(Debug, Parser)]
#[command(name = "zhengming", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[arg(long, global = true, value_name = "LANG")]
    lang: Option<LangName>,
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: clap::ColorChoice,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(CheckArgs),
    Fix(FixArgs),
    Annotate(AnnotateArgs),
    Decisions(DecisionsArgs),
    Explain(ExplainArgs),
    #[command(subcommand)]
    Lexicon(LexiconCommand),
    #[command(subcommand)]
    Baseline(BaselineCommand),
    #[command(subcommand)]
    Record(RecordCommand),
    #[cfg(feature = "lsp")]
    Lsp(LspArgs),
    Init,
    #[cfg(feature = "serve")]
    Serve(ServeArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum LexiconCommand {
    Check(LexiconFiles),
    Test(TestArgs),
    List(ListArgs),
    Audit(AuditArgs),
    Add(AddArgs),
    Import(ImportArgs),
    Fmt(FmtArgs),
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) changes: ChangeArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) known: KnownArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FixArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[arg(long)]
    pub(crate) diff: bool,
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    #[arg(long)]
    pub(crate) no_backup: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) known: KnownArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AnnotateArgs {
    #[arg(value_name = "DRAFT")]
    pub(crate) draft: PathBuf,
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    #[arg(long, value_name = "MODE", default_value = "tracked")]
    pub(crate) mode: ModeName,
    #[arg(long, value_name = "NAME", default_value = "正名")]
    pub(crate) author: String,
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) time: Option<Timestamp>,
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<String>,
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size)]
    pub(crate) max_file_size: u64,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) known: KnownArgs,
    #[arg(long, value_name = "LEVEL", value_parser = PossibleValuesParser::new(FailOn::NAMES).map(|n| FailOn::from_name(&n).unwrap_or_default()))]
    pub(crate) fail_on: Option<FailOn>,
    #[arg(long)]
    pub(crate) strict: bool,
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DecisionsArgs {
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: DecisionsFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LexiconFiles {
    #[arg(value_name = "PATH")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) lexicon: LexiconFiles,
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    Write(BaselineWriteArgs),
    Update(BaselineUpdateArgs),
    Show(BaselineShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BaselineWriteArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) terms: TermArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineUpdateArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    #[arg(long)]
    pub(crate) add: bool,
    #[command(flatten)]
    pub(crate) terms: TermArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineShowArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
}

/// On what terms new entries of a baseline may stand.
#[derive(Debug, Args)]
pub(crate) struct TermArgs {
    #[arg(id = "term_reason", long = "reason", value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) until: Option<Date>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordCommand {
    Verify(RecordVerifyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RecordVerifyArgs {
    #[arg(value_name = "FILE")]
    pub(crate) record_file: PathBuf,
    #[arg(value_name = "PATH")]
    pub(crate) published: Vec<PathBuf>,
    #[arg(long, value_name = "HASH")]
    pub(crate) expect_head: Option<String>,
}

#[cfg(feature = "serve")]
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = address)]
    pub(crate) addr: SocketAddr,
    #[arg(long)]
    pub(crate) open: bool,
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub(crate) max_body: u64,
    #[arg(long, value_name = "N", default_value = "256")]
    pub(crate) max_requests: NonZeroUsize,
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub(crate) timeout: NonZeroU64,
    #[arg(id = "quiet_log", long = "quiet", short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) known: KnownArgs,
    /// Whether another port will do where this one is taken.
    #[arg(skip)]
    pub(crate) any_port: bool,
}

#[cfg(feature = "lsp")]
#[derive(Debug, Args)]
pub(crate) struct LspArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// There is no other way, but many editors say so.
    #[arg(long)]
    stdio: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    #[arg(value_name = "COMMAND")]
    pub(crate) page: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    pub(crate) lexicon: LexiconFiles,
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) min_score: Option<f64>,
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    #[arg(long, value_name = "N", default_value = "3")]
    pub(crate) context: usize,
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[arg(value_name = "WRONG")]
    pub(crate) wrong: String,
    #[arg(value_name = "RIGHT", required = true)]
    pub(crate) right: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(crate) category: Option<String>,
    #[command(flatten)]
    pub(crate) about: AboutArgs,
    #[arg(long, value_name = "WORDS")]
    pub(crate) unless_preceded_by: Vec<String>,
    #[arg(long, value_name = "WORDS")]
    pub(crate) unless_followed_by: Vec<String>,
    #[arg(long, value_name = "PHRASE")]
    pub(crate) unless_inside: Vec<String>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[arg(value_name = "TABLE")]
    pub(crate) table: PathBuf,
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(crate) category: Option<String>,
    #[command(flatten)]
    pub(crate) about: AboutArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

/// What is said about new entries.
#[derive(Clone, Debug, Args)]
pub(crate) struct AboutArgs {
    #[arg(long, value_name = "TEXT")]
    pub(crate) source: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[arg(long, value_name = "LEVEL", default_value = "warning", value_parser = PossibleValuesParser::new(Severity::ALL.map(Severity::name)).map(|n| Severity::from_name(&n).unwrap_or(Severity::Warning)))]
    pub(crate) severity: Severity,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    #[arg(value_name = "FILE")]
    pub(crate) lexicons: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
}

/// Which drafts are read, and how.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    #[arg(long, requires = "files_from")]
    pub(crate) null: bool,
    #[arg(long)]
    pub(crate) force_exclude: bool,
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    #[arg(long, value_name = "LABEL", value_parser = encoding)]
    pub(crate) encoding: Option<&'static Encoding>,
    #[arg(long, value_name = "WHAT")]
    pub(crate) with: Vec<With>,
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size)]
    pub(crate) max_file_size: u64,
    #[arg(long, short = 'j', value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// Which drafts are read as git knows them.
#[derive(Debug, Default, Args)]
pub(crate) struct ChangeArgs {
    #[arg(long, conflicts_with_all = ["changed_since", "files_from"])]
    pub(crate) staged: bool,
    #[arg(long, value_name = "REV", conflicts_with = "files_from")]
    pub(crate) changed_since: Option<String>,
    #[arg(long)]
    pub(crate) changed_lines: bool,
}

/// Which diagnostics are known.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct KnownArgs {
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub(crate) baseline: Option<PathBuf>,
    #[arg(long)]
    pub(crate) no_baseline: bool,
}

/// What is kept of a run.
#[derive(Debug, Default, Args)]
pub(crate) struct RecordArgs {
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    #[arg(long, value_name = "NAME", requires = "record")]
    pub(crate) reviewer: Option<String>,
}

/// Whether results of an earlier run are used.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct CacheArgs {
    #[arg(long, conflicts_with = "no_cache")]
    pub(crate) cache: bool,
    #[arg(long)]
    pub(crate) no_cache: bool,
}

/// Which rules they are checked by.
#[derive(Clone, Debug, Args)]
pub(crate) struct RuleArgs {
    #[arg(long, value_name = "PATH")]
    pub(crate) lexicon: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) no_builtin: bool,
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(crate) config: Option<PathBuf>,
    #[arg(long)]
    pub(crate) isolated: bool,
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) date: Option<Date>,
}

/// What is told, and what the exit code answers for.
#[derive(Debug, Default, Args)]
pub(crate) struct OutputArgs {
    #[arg(
        id = "output_format",
        long = "format",
        value_name = "FORMAT",
        default_value = "human"
    )]
    pub(crate) format: Output,
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().map(OutputFile::new))]
    pub(crate) output_file: Vec<OutputFile>,
    #[arg(long, value_name = "LEVEL", value_parser = PossibleValuesParser::new(FailOn::NAMES).map(|n| FailOn::from_name(&n).unwrap_or_default()))]
    pub(crate) fail_on: Option<FailOn>,
    #[arg(long)]
    pub(crate) strict: bool,
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Human,
    Json,
}

/// The marks that `annotate` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeName {
    Tracked,
    Comments,
    Both,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Tracked => Self::Tracked,
            ModeName::Comments => Self::Comments,
            ModeName::Both => Self::Both,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecisionsFormat {
    Human,
    Json,
    Allow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum With {
    Comments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LangName {
    Zh,
    En,
}

/// Parses the command line. The error is clap's: help and version are among them.
pub(crate) fn parse(args: &[OsString], lang: Lang) -> Result<Cli, clap::Error> {
    let mut command = help::command(lang);
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches).map_err(|e| e.format(&mut command))
}

/// The language asked for, found before clap runs, because help texts and clap's own messages depend on it.
pub(crate) fn language(args: &[OsString]) -> Lang {
    let mut args = args.iter().skip(1).map(|a| a.to_string_lossy());
    let mut lang = Lang::default();
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix("--lang") {
            Some("") => args.next(),
            Some(rest) => rest.strip_prefix('=').map(|v| v.to_owned().into()),
            None if arg == "--" => break,
            None => None,
        };
        match value.as_deref() {
            Some("zh") => lang = Lang::Zh,
            Some("en") => lang = Lang::En,
            _ => {}
        }
    }
    lang
}

/// A value that was not understood, said in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadValue {
    pub(crate) zh: String,
    en: String,
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for BadValue {}

fn encoding(label: &str) -> Result<&'static Encoding, BadValue> {
    Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| BadValue {
        zh: "不认识的编码；常用的有 utf-8、gb18030、gbk、big5、utf-16le、utf-16be".to_owned(),
        en: "unknown encoding; common ones are utf-8, gb18030, gbk, big5, utf-16le, utf-16be"
            .to_owned(),
    })
}

/// A share of a hundred.
fn percent(text: &str) -> Result<f64, BadValue> {
    let number = text.trim().trim_end_matches('%').parse::<f64>().ok();
    let number = number.filter(|n| (0.0..=100.0).contains(n));
    number.ok_or_else(|| BadValue {
        zh: "应为 0 到 100 之间的数".to_owned(),
        en: "write a number from 0 to 100".to_owned(),
    })
}

/// An address and a port to listen at.
#[cfg(feature = "serve")]
fn address(text: &str) -> Result<SocketAddr, BadValue> {
    let text = text.trim();
    let local = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    let parsed = local.as_deref().unwrap_or(text).parse();
    parsed.map_err(|_| BadValue {
        zh: "应写成 127.0.0.1:8787 或 [::1]:8787 的样子".to_owned(),
        en: "an address is written like 127.0.0.1:8787 or [::1]:8787".to_owned(),
    })
}

fn date(text: &str) -> Result<Date, BadValue> {
    text.trim().parse().map_err(|_| BadValue {
        zh: "日期应写成 2026-11-24 的样子".to_owned(),
        en: "a date is written like 2026-11-24".to_owned(),
    })
}

fn time(text: &str) -> Result<Timestamp, BadValue> {
    text.trim().parse().map_err(|_| BadValue {
        zh: "时间应写成 2026-11-24T10:00:00Z 的样子".to_owned(),
        en: "a time is written like 2026-11-24T10:00:00Z".to_owned(),
    })
}

/// Bytes, as a whole number with an optional unit: `1000`, `10MB` (decimal), `1GiB` (binary); K, M and G are decimal.
fn size(text: &str) -> Result<u64, BadValue> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: Option<u64> = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" => Some(1_000),
        "kib" => Some(1 << 10),
        "m" | "mb" => Some(1_000_000),
        "mib" => Some(1 << 20),
        "g" | "gb" => Some(1_000_000_000),
        "gib" => Some(1 << 30),
        _ => None,
    };
    let number = number.parse::<u64>().ok().filter(|&n| n > 0);
    let bytes = number
        .zip(factor)
        .and_then(|(n, factor)| n.checked_mul(factor));
    bytes.ok_or_else(|| BadValue {
        zh: "应为正整数加单位，如 10MB、1GiB".to_owned(),
        en: "write a whole number and a unit, such as 10MB or 1GiB".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn sizes() {
        for (text, want) in [
            ("1000", Some(1000)),
            ("10MB", Some(10_000_000)),
            ("1GiB", Some(1 << 30)),
            ("512 kib", Some(512 << 10)),
            ("2g", Some(2_000_000_000)),
            ("0", None),
            ("", None),
            ("-1", None),
            ("1.5GB", None),
            ("1TB", None),
            ("99999999999999999999", None),
            ("99999999999GiB", None),
        ] {
            assert_eq!(size(text).ok(), want, "{text}");
        }
    }

    #[test]
    fn the_language_is_found_anywhere_before_a_double_dash() {
        for (line, want) in [
            ("zhengming check", Lang::Zh),
            ("zhengming check --lang en a.txt", Lang::En),
            ("zhengming --lang=en --help", Lang::En),
            ("zhengming --lang=en --lang zh", Lang::Zh),
            ("zhengming --lang fr", Lang::Zh),
            ("zhengming check -- --lang=en", Lang::Zh),
        ] {
            assert_eq!(language(&words(line)), want, "{line}");
        }
    }

    #[test]
    fn command_lines() {
        let parsed = parse(
            &words("zhengming check -j 2 -q --fail-on never - a"),
            Lang::Zh,
        );
        let Command::Check(check) = parsed.unwrap().command else {
            panic!("not a check");
        };
        assert_eq!(check.output.fail_on, Some(FailOn::Never));
        assert_eq!(check.input.paths.len(), 2);
        assert_eq!(check.input.max_file_size, 1 << 30);
        for wrong in [
            "zhengming",
            "zhengming fix",
            "zhengming chekc",
            "zhengming check --fail-on fatal",
            "zhengming check --config a --isolated",
            "zhengming check --encoding klingon",
            "zhengming check -j 0",
        ] {
            assert!(parse(&words(wrong), Lang::Zh).is_err(), "{wrong}");
        }
    }
}
