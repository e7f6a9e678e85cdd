//! What a request asks for.

use std::str::FromStr as _;

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, multipart::Field};
use axum::http::{HeaderMap, Request, StatusCode, header};
use clap::ValueEnum as _;
use encoding_rs::UTF_8;
use jiff::civil::Date;
use serde::Deserialize;
use zhengming::Lang;
use zhengming::annotate::Mode;

use super::Server;
use super::body::{Meter, Metered, broken_off, collect};
use super::refusal::Refusal;
use crate::outputs::Output;

/// Parts of a form at most.
const PARTS: usize = 100;

/// What a text without a name is called.
const PASTED: &str = "粘贴.txt";

/// Who marks a file, unless the request says who does.
const AUTHOR: &str = "正名";

/// The longest name of an author, in characters.
const AUTHOR_LENGTH: usize = 100;

/// The longest name of a file, in bytes: longer ones only fill answers.
const NAME: usize = 1024;

/// What is to be done with drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Check,
    Fix,
    Annotate,
}

/// What is asked about drafts.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) act: Act,
    /// The language of messages.
    pub(super) lang: Lang,
    pub(super) date: Option<Date>,
    pub(super) format: Output,
    /// Whether the texts come with the diagnostics.
    pub(super) blocks: bool,
    /// Diagnostics that somebody decided to let stand.
    pub(super) ignore: Vec<Ignore>,
    /// What is to be corrected, or tracked.
    pub(super) take: Take,
    /// How a file is marked, and who does it.
    pub(super) mode: Mode,
    pub(super) author: String,
}

/// A draft as it was sent.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) content: Content,
}

/// What a draft holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A text in JSON.
    Text(String),
    /// A file in a form.
    File(Vec<u8>),
}

impl Content {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::File(bytes) => bytes,
        }
    }
}

/// The same as it is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    text: Option<String>,
    filename: Option<String>,
    lang: Option<String>,
    date: Option<String>,
    format: Option<String>,
    #[serde(default)]
    blocks: bool,
    #[serde(default)]
    ignore: Vec<Ignore>,
    take: Option<Take>,
    mode: Option<String>,
    author: Option<String>,
}

/// A diagnostic that somebody decided to let stand, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ignore {
    pub(super) id: String,
    pub(super) reason: String,
}

/// What is to be corrected.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "“take” is \"safe\", \"unsafe\" or a list of {\"id\", \"suggestion\"}"
)]
pub(super) enum Take {
    Level(Level),
    These(Vec<Choose>),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Safe,
    Unsafe,
}

/// A diagnostic, and which of its suggestions is taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choose {
    pub(super) id: String,
    #[serde(default)]
    pub(super) suggestion: usize,
}

/// The language that a client prefers, as far as its head tells.
pub(super) fn language(headers: &HeaderMap, default: Lang) -> Lang {
    let wanted = headers.get(header::ACCEPT_LANGUAGE);
    let wanted = wanted.and_then(|v| v.to_str().ok()).unwrap_or_default();
    match wanted.get(..2) {
        Some(name) if name.eq_ignore_ascii_case("zh") => Lang::Zh,
        Some(name) if name.eq_ignore_ascii_case("en") => Lang::En,
        _ => default,
    }
}

/// Reads a request to the end.
///
/// # Errors
/// When it is none that can be served.
pub(super) async fn read(
    server: &Server,
    act: Act,
    request: Request<Body>,
    meter: &std::sync::Arc<Meter>,
    lang: Lang,
) -> Result<(Vec<Draft>, Ask), Refusal> {
    let (head, body) = request.into_parts();
    let kind = media_type(&head.headers);
    let metered = |body| Metered::new(&head.headers, body, meter, server.limits.time);
    let (drafts, options) = match kind.as_str() {
        "application/json" => from_json(&collect(metered(body)?).await?)?,
        "multipart/form-data" => {
            let body = Body::new(metered(body)?);
            let request = Request::from_parts(head, body);
            from_form(request, meter).await?
        }
        _ => {
            super::body::drain(body);
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media_type",
                "Content-Type 应为 application/json 或 multipart/form-data",
                "the Content-Type must be application/json or multipart/form-data",
            ));
        }
    };
    Ok((drafts, ask(act, options, lang)?))
}

/// The media type without its parameters.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let name = value.split(';').next().unwrap_or_default();
    name.trim().to_ascii_lowercase()
}

fn from_json(bytes: &[u8]) -> Result<(Vec<Draft>, Options), Refusal> {
    let mut options: Options = parse(bytes)?;
    let Some(text) = options.text.take() else {
        return Err(Refusal::bad(
            "缺少 text：要检查的文字",
            "“text” is missing: the text to check",
        ));
    };
    let name = options.filename.take();
    let draft = Draft {
        name: named(
            name.filter(|n| !n.is_empty())
                .unwrap_or_else(|| PASTED.to_owned()),
        )?,
        content: Content::Text(text),
    };
    Ok((vec![draft], options))
}

async fn from_form(
    request: Request<Body>,
    meter: &Meter,
) -> Result<(Vec<Draft>, Options), Refusal> {
    let broken = |why: &axum::extract::multipart::MultipartError| {
        meter.failure().unwrap_or_else(|| {
            let why = why.body_text();
            Refusal::bad(
                format!("表单无法读取或没有传完：{why}"),
                format!("the form cannot be read or is not complete: {why}"),
            )
        })
    };
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|why| {
        let why = why.body_text();
        Refusal::bad(
            format!("表单无法读取：{why}"),
            format!("the form cannot be read: {why}"),
        )
    })?;
    let mut drafts = Vec::new();
    let mut options = None;
    let mut parts = 0;
    while let Some(field) = form.next_field().await.map_err(|why| broken(&why))? {
        parts += 1;
        if parts > PARTS {
            return Err(Refusal::bad(
                format!("一次最多 {PARTS} 个部分"),
                format!("a form may have {PARTS} parts"),
            ));
        }
        match field.name() {
            Some("file") => {
                let name = field.file_name().map(unescaped);
                let name = name.filter(|n| !n.is_empty()).ok_or_else(|| {
                    Refusal::bad(
                        "file 部分缺少 UTF-8 文件名",
                        "a part “file” has no filename in UTF-8",
                    )
                })?;
                drafts.push(Draft {
                    name: named(name)?,
                    content: Content::File(content(field).await.map_err(|why| broken(&why))?),
                });
            }
            Some("options") if options.is_none() => {
                let bytes = content(field).await.map_err(|why| broken(&why))?;
                let given: Options = parse(&bytes)?;
                if given.text.is_some() || given.filename.is_some() {
                    return Err(Refusal::bad(
                        "options 中不能有 text 和 filename，文件放在 file 部分",
                        "“options” has no text or filename: files go into parts “file”",
                    ));
                }
                options = Some(given);
            }
            _ => {
                return Err(Refusal::bad(
                    "表单只能有 file 部分和一个 options 部分",
                    "a form has parts “file” and one part “options”",
                ));
            }
        }
    }
    if drafts.is_empty() {
        return Err(meter.failure().unwrap_or_else(|| {
            Refusal::bad("表单中没有 file 部分", "the form has no part “file”")
        }));
    }
    Ok((drafts, options.unwrap_or_default()))
}

async fn content(
    mut field: Field<'_>,
) -> Result<Vec<u8>, axum::extract::multipart::MultipartError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A name as forms escape it.
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

fn named(name: String) -> Result<String, Refusal> {
    if name.len() > NAME {
        return Err(Refusal::bad("文件名太长", "the filename is too long"));
    }
    Ok(name)
}

fn parse(bytes: &[u8]) -> Result<Options, Refusal> {
    // The standard library takes nine times as long to see that Chinese is UTF-8, which serde_json would ask it to.
    let options = match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => serde_json::from_str(&text),
        None => serde_json::from_slice(bytes),
    };
    options.map_err(|why| {
        if why.is_eof() && bytes.is_empty() {
            return broken_off();
        }
        // What serde says may quote the text; it goes back to whoever sent that, and into no log.
        Refusal::bad(
            format!("JSON 有错：{why}"),
            format!("the JSON is not what it should be: {why}"),
        )
    })
}

fn ask(act: Act, options: Options, lang: Lang) -> Result<Ask, Refusal> {
    let lang = match options.lang.as_deref() {
        None => lang,
        Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        Some(_) => {
            return Err(Refusal::bad("lang 应为 zh 或 en", "“lang” is zh or en"));
        }
    };
    let date = options.date.as_deref().map(Date::from_str).transpose();
    let date = date.map_err(|_| {
        Refusal::bad(
            "date 应写成 2026-11-24 的样子",
            "“date” is written like 2026-11-24",
        )
    })?;
    let misplaced = [
        ("format", options.format.is_some() && act != Act::Check),
        ("take", options.take.is_some() && act == Act::Check),
        ("mode", options.mode.is_some() && act != Act::Annotate),
        ("author", options.author.is_some() && act != Act::Annotate),
    ];
    if let Some((name, _)) = misplaced.iter().find(|(_, is_misplaced)| *is_misplaced) {
        return Err(Refusal::bad(
            format!("这个地址不接受 {name}"),
            format!("“{name}” does not go with this address"),
        ));
    }
    if options.ignore.iter().any(|i| i.reason.trim().is_empty()) {
        return Err(Refusal::bad(
            "ignore 须写明理由",
            "what is in “ignore” needs a reason",
        ));
    }
    let mode = match options.mode.as_deref() {
        None | Some("tracked") => Mode::Tracked,
        Some("comments") => Mode::Comments,
        Some("both") => Mode::Both,
        Some(_) => {
            return Err(Refusal::bad(
                "mode 应为 tracked、comments 或 both",
                "“mode” is tracked, comments or both",
            ));
        }
    };
    let author = options.author.unwrap_or_else(|| AUTHOR.to_owned());
    let author = author.trim();
    if author.is_empty() || author.chars().count() > AUTHOR_LENGTH {
        return Err(Refusal::bad(
            format!("author 应有 1 到 {AUTHOR_LENGTH} 个字"),
            format!("“author” has 1 to {AUTHOR_LENGTH} characters"),
        ));
    }
    let format = match options.format.as_deref() {
        None => Output::Json,
        Some(name) => Output::from_str(name, false).map_err(|_| {
            let known: Vec<_> = Output::value_variants()
                .iter()
                .filter_map(|v| Some(v.to_possible_value()?.get_name().to_owned()))
                .collect();
            let known = known.join("、");
            Refusal::bad(
                format!("没有这种 format；可用的有 {known}"),
                format!("no such “format”; there are {known}"),
            )
        })?,
    };
    Ok(Ask {
        act,
        lang,
        date,
        format,
        blocks: options.blocks,
        ignore: options.ignore,
        take: options.take.unwrap_or(Take::Level(Level::Safe)),
        mode,
        author: author.to_owned(),
    })
}
