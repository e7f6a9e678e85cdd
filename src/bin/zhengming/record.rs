//! The record of checks (审核台账): a line of JSON for each document, chained by hashes.
//!
//! A line ends with `"hash":"…"}`: the SHA-256 of everything before it on the line, the hash of the line before among it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhengming::report::{self, DocumentReport, Report, Summary, visible};
use zhengming::{Diagnostic, Lang, Notice};

use crate::args::RecordVerifyArgs;
use crate::files;
use crate::settings::io_error;
use crate::words::{BEIJING, io_reason, shown};
use crate::write::sha256;
use crate::{BROKEN, Ui};

const SCHEMA: &str = "zhengming.record/1";

/// What stands before the first line.
const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How each line begins.
const BEGINNING: &[u8] = b"{\"schema\":\"zhengming.record/1\",\"previous\":";

/// A line without its hash.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    previous: &'a str,
    time: &'a str,
    path: &'a str,
    sha256: Option<&'a str>,
    lexicon: &'a str,
    config: &'a str,
    version: &'static str,
    reviewer: Option<&'a str>,
    error: Option<&'a str>,
    counts: Counts,
    notices: Vec<&'static str>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    place: String,
    found: &'a str,
    suggestions: &'a [String],
    suppressed: Option<&'a zhengming::Suppression>,
}

/// What is read back of a line.
#[derive(Deserialize)]
struct Read {
    schema: String,
    previous: String,
    time: String,
    path: String,
    sha256: Option<String>,
    error: Option<String>,
    counts: Counts,
    hash: String,
}

/// Appends a line for each document of a report, in one write, and says what the head is now. `configs` are the digests
/// of what each document was judged by besides the lexicon.
pub(crate) fn append(
    path: &Path,
    report: &Report,
    configs: &[String],
    reviewer: Option<&str>,
    ui: Ui,
) -> Result<()> {
    let about = || {
        let what = ui.lang.pick("写审核台账", "writing the record");
        format!("{what} {}", shown(path))
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(about)?;
    file.lock().with_context(about)?;
    let (end, last) = last_line(&mut file).with_context(about)?;
    let last = last.as_deref();
    let mut head = match (last.map(split_hash), has_torn_line(&mut file, end)?) {
        (None, true) => START.to_owned(),
        (Some(Some((_, hash))), true) => hash.to_owned(),
        _ => bail!(
            "{}{}{}",
            about(),
            ui.lang.pick("：", ": "),
            ui.lang.pick(
                "这个文件不是审核台账，请另选文件",
                "this file is no record: choose another"
            )
        ),
    };
    let time = now();
    let mut lines = String::new();
    for (document, config) in report.documents.iter().zip(configs) {
        let lexicon = document.lexicon.as_ref().unwrap_or(&report.lexicon);
        let line = Line {
            schema: SCHEMA,
            previous: &head,
            time: &time,
            path: &document.path,
            sha256: document.sha256.as_deref(),
            lexicon: &lexicon.digest,
            config,
            version: env!("CARGO_PKG_VERSION"),
            reviewer,
            error: document.error.as_deref(),
            counts: counts(document),
            notices: document.notices.iter().map(name).collect(),
            findings: document
                .diagnostics
                .iter()
                .map(|d| finding(d, report.lang))
                .collect(),
        };
        let text = serde_json::to_string(&line)?;
        let body = text.strip_suffix('}').unwrap_or(&text);
        let hash = sha256(body.as_bytes());
        lines.push_str(&format!("{body},\"hash\":\"{hash}\"}}\n"));
        head = hash;
    }
    // Behind the last whole line: what a killed run left there is overwritten.
    file.set_len(end).with_context(about)?;
    file.seek(SeekFrom::Start(end)).with_context(about)?;
    file.write_all(lines.as_bytes()).with_context(about)?;
    file.sync_all().with_context(about)?;
    let word = ui.lang.pick("台账链头", "head of the record");
    writeln!(io::stderr(), "{word} {head}")?;
    Ok(())
}

/// Whether what stands behind the last whole line, which ends there, is nothing but the beginning of another one.
fn has_torn_line(file: &mut File, end: u64) -> io::Result<bool> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(end))?;
    file.take(BEGINNING.len() as u64).read_to_end(&mut start)?;
    Ok(BEGINNING.starts_with(&start))
}

/// Where the last whole line ends, and what it says.
fn last_line(file: &mut File) -> io::Result<(u64, Option<Vec<u8>>)> {
    const STEP: u64 = 64 * 1024;
    let length = file.seek(SeekFrom::End(0))?;
    let mut from = length;
    let mut tail: Vec<u8> = Vec::new();
    loop {
        let mut ends = memchr::memrchr_iter(b'\n', &tail);
        if let Some(end) = ends.next() {
            let start = ends.next().map(|at| at + 1);
            if let Some(start) = start.or((from == 0).then_some(0)) {
                let end_in_file = from + end as u64 + 1;
                return Ok((end_in_file, Some(tail[start..end].to_vec())));
            }
        } else if from == 0 {
            return Ok((0, None));
        }
        let step = STEP.min(from);
        from -= step;
        let mut piece = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        (&mut *file).take(step).read_to_end(&mut piece)?;
        piece.append(&mut tail);
        tail = piece;
    }
}

/// What the hash of a line is made of, and the hash that it states.
fn split_hash(line: &[u8]) -> Option<(&[u8], &str)> {
    const MARK: &[u8] = b",\"hash\":\"";
    let at = memchr::memmem::rfind(line, MARK)?;
    let hash = line[at + MARK.len()..].strip_suffix(b"\"}")?;
    let hash = str::from_utf8(hash).ok()?;
    let is_hash = hash.len() == START.len() && hash.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then_some((&line[..at], hash))
}

fn counts(document: &DocumentReport) -> Counts {
    let mut summary = Summary::default();
    summary.add(document);
    Counts {
        errors: summary.errors,
        warnings: summary.warnings,
        infos: summary.infos,
        suppressed: summary.suppressed,
    }
}

fn name(notice: &Notice) -> &'static str {
    notice.code.name()
}

fn finding(d: &Diagnostic, lang: Lang) -> Finding<'_> {
    Finding {
        rule: &d.rule,
        severity: d.severity.name(),
        place: report::place(&d.place, d.spans.first().map(|s| s.start), lang),
        found: &d.found,
        suggestions: &d.suggestions,
        suppressed: d.suppressed.as_ref(),
    }
}

/// The time in China, to the second.
fn now() -> String {
    let now = Timestamp::now().as_second();
    let now = Timestamp::from_second(now).unwrap_or_default();
    now.display_with_offset(BEIJING).to_string()
}

/// Says whether a record is whole and holds the given files.
pub(crate) fn verify(args: &RecordVerifyArgs, ui: Ui) -> Result<ExitCode> {
    let lang = ui.lang;
    let file = File::open(&args.record_file).with_context(|| shown(&args.record_file))?;
    // While somebody writes, a line may be half there.
    file.lock_shared()
        .with_context(|| shown(&args.record_file))?;
    let mut text = Vec::new();
    (&file)
        .read_to_end(&mut text)
        .with_context(|| shown(&args.record_file))?;
    let mut out = io::stdout().lock();
    let colon = lang.pick("：", ": ");
    let name = shown(&args.record_file);
    let (lines, broken) = chain(&text);
    let mut wrong = false;
    if let Some((line, why)) = broken {
        writeln!(out, "{name}:{line}{colon}{}", why.text(lang))?;
        wrong = true;
    }
    let head = lines.last().map_or(START, |l| &l.hash);
    let whole = match lang {
        Lang::Zh => format!("{} 行相连，链头 {head}", lines.len()),
        Lang::En => format!("{} lines are chained, head {head}", lines.len()),
    };
    writeln!(out, "{name}{colon}{whole}")?;
    if let Some(expected) = &args.expect_head {
        let expected = expected.trim().to_ascii_lowercase();
        if *expected != *head {
            let later = lines.iter().position(|l| l.hash == expected);
            let says = match (later, lang) {
                (Some(n), Lang::Zh) => {
                    format!(
                        "给出的链头是第 {} 行，其后又追加了 {} 行",
                        n + 1,
                        lines.len() - n - 1
                    )
                }
                (Some(n), Lang::En) => format!(
                    "the given head is line {}; {} lines were appended since",
                    n + 1,
                    lines.len() - n - 1
                ),
                (None, Lang::Zh) => "给出的链头不在台账中：台账被改写或截短".to_owned(),
                (None, Lang::En) => {
                    "the given head is not in the record: it was rewritten or cut off".to_owned()
                }
            };
            writeln!(out, "{name}{colon}{says}")?;
            wrong |= later.is_none();
        }
    }
    let mut unread = false;
    for path in files::published(&args.published) {
        let bytes = match path {
            Ok(path) => (shown(&path), fs::read(&path)),
            Err(error) => {
                let path = error.path().map(shown).unwrap_or_default();
                (path, Err(io_error(error)))
            }
        };
        match bytes {
            (path, Err(error)) => {
                writeln!(out, "{path}{colon}{}", io_reason(&error, lang))?;
                unread = true;
            }
            (path, Ok(bytes)) => {
                let (known, says) = checked(&lines, &sha256(&bytes), lang);
                writeln!(out, "{path}{colon}{says}")?;
                wrong |= !known;
            }
        }
    }
    out.flush()?;
    Ok(if unread {
        ExitCode::from(BROKEN)
    } else {
        ExitCode::from(u8::from(wrong))
    })
}

/// What is wrong with a line of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    /// It is no line of a record.
    Foreign,
    /// It does not have the hash that it states.
    Altered,
    /// It does not follow the line before.
    Unchained,
    /// It has no end.
    Torn,
}

impl Broken {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Foreign => lang.pick("这一行不是台账记录", "this is no line of a record"),
            Self::Altered => lang.pick("这一行被改动过", "this line was altered"),
            Self::Unchained => lang.pick(
                "这一行与上一行不相连：中间有行被改写、插入或删去",
                "this line does not follow the one before: lines were rewritten, put in or taken out",
            ),
            Self::Torn => lang.pick(
                "最后一行不完整，写入时被中断；下次检查会重写它",
                "the last line is torn, since a run was killed while it wrote; the next one overwrites it",
            ),
        }
    }
}

/// The lines of a record up to the first that is broken, and which that is (1-based).
fn chain(text: &[u8]) -> (Vec<Read>, Option<(usize, Broken)>) {
    let mut lines: Vec<Read> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let number = lines.len() + 1;
        let Some(end) = memchr::memchr(b'\n', rest) else {
            return (lines, Some((number, Broken::Torn)));
        };
        let (line, behind) = (&rest[..end], &rest[end + 1..]);
        rest = behind;
        let Some((body, hash)) = split_hash(line) else {
            return (lines, Some((number, Broken::Foreign)));
        };
        if sha256(body) != hash {
            return (lines, Some((number, Broken::Altered)));
        }
        let read = serde_json::from_slice::<Read>(line).ok();
        let Some(read) = read.filter(|l| l.schema == SCHEMA) else {
            return (lines, Some((number, Broken::Foreign)));
        };
        let previous = lines.last().map_or(START, |l| &l.hash);
        if read.previous != previous {
            return (lines, Some((number, Broken::Unchained)));
        }
        lines.push(read);
    }
    (lines, None)
}

/// Whether a file of that hash was checked, and how it came out the last time.
fn checked(lines: &[Read], hash: &str, lang: Lang) -> (bool, String) {
    let mut latest = lines.iter().enumerate().rev();
    let read = |l: &&Read| l.error.is_none() && l.sha256.as_deref() == Some(hash);
    let Some((n, line)) = latest.find(|(_, l)| read(l)) else {
        let says = lang.pick("这个内容没有检查过", "this content was not checked");
        return (false, says.to_owned());
    };
    let Read {
        time, path, counts, ..
    } = line;
    let path = visible(path);
    let Counts {
        errors,
        warnings,
        suppressed,
        ..
    } = counts;
    let says = match lang {
        Lang::Zh => format!(
            "已检查，第 {} 行，{time}，{path}，错误 {errors}、警告 {warnings}、放过 {suppressed}",
            n + 1
        ),
        Lang::En => format!(
            "checked: line {}, {time}, {path}, errors {errors}, warnings {warnings}, suppressed {suppressed}",
            n + 1
        ),
    };
    (true, says)
}
