//! `zhengming lsp`: the linter behind an editor, by the language server protocol on standard input and output.
//!
//! One thread reads messages, one works (`desk.rs`), and this one keeps the texts as they are, hands out work and is the only
//! one that writes.

mod answers;
mod desk;
mod options;
mod rules;
mod uri;
mod wire;

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use anyhow::{Result, bail};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    Cancel, DidChangeConfiguration, DidChangeTextDocument, DidChangeWatchedFiles,
    DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Exit, Initialized, LogMessage,
    Notification as _, PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{
    CodeActionRequest, CodeActionResolveRequest, HoverRequest, Initialize, RegisterCapability,
    Request as _, Shutdown, WorkspaceConfiguration,
};
use lsp_types::{
    LogMessageParams, MessageType, NumberOrString, ShowMessageParams,
    TextDocumentContentChangeEvent,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zhengming::{Kind, Lang, UnitIndex, Units};

use self::desk::{Desk, Question, Queue, Snapshot, Task};
use self::options::{Options, SECTION};
use self::rules::Rules;
use self::wire::{Incoming, Reader};
use crate::Ui;
use crate::args::{LspArgs, RuleArgs};
use crate::words::describe;

/// Where a request names its text.
const URI: &str = "/textDocument/uri";

/// What the protocol wants of a program that ends without having been told to.
const UNASKED: u8 = 1;

pub(crate) fn run(args: &LspArgs, ui: Ui) -> Result<ExitCode> {
    let (events, incoming) = mpsc::channel();
    let reader = events.clone();
    thread::spawn(move || read(&reader));
    let mut server = Server {
        rules: args.rules.clone(),
        lang: ui.lang,
        client: Client {
            units: Units::Utf16,
            root: PathBuf::new(),
            abilities: Vec::new(),
        },
        phase: Phase::New,
        texts: HashMap::new(),
        revision: 0,
        queue: Arc::default(),
        worker: None,
        events,
        asked: 0,
        configuration: None,
    };
    server.serve(&incoming)
}

/// Hands on what comes in, as fast as it comes.
fn read(events: &Sender<Event>) {
    let mut reader = Reader::new(io::stdin().lock());
    loop {
        let event = match reader.next() {
            Ok(Some(incoming)) => Event::Incoming(incoming),
            Ok(None) | Err(_) => Event::End,
        };
        let is_end = matches!(event, Event::End);
        if events.send(event).is_err() || is_end {
            return;
        }
    }
}

/// What the writing thread is told.
enum Event {
    Incoming(Incoming),
    /// Nothing more will come in.
    End,
    /// What was found in a text as it was at that revision.
    Checked(u64, Published),
    Send(Message),
}

/// What opens a text. These have URIs as the editor spells them, as it will look for them in answers: not all of them escape
/// what is not ASCII, and the types of `lsp_types` read only those that do.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    uri: String,
    language_id: String,
    version: i32,
    text: String,
}

/// What changes a text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    text_document: Versioned,
    content_changes: Vec<TextDocumentContentChangeEvent>,
}

#[derive(Deserialize)]
struct Versioned {
    uri: String,
    version: i32,
}

/// All diagnostics of a text.
#[derive(Serialize)]
struct Published {
    uri: String,
    diagnostics: Vec<lsp_types::Diagnostic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
}

impl Published {
    fn message(&self) -> Message {
        Notification::new(PublishDiagnostics::METHOD.to_owned(), self).into()
    }
}

/// The editor.
#[derive(Clone, Debug)]
struct Client {
    /// How it counts columns.
    units: Units,
    /// Where what has no place of its own belongs.
    root: PathBuf,
    abilities: Vec<Ability>,
}

/// What not every editor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ability {
    /// It wants to know which version of a text diagnostics are about.
    Versions,
    /// It takes edits that name the version of the text.
    DocumentChanges,
    /// It asks for the edits of a code action when it is chosen.
    Resolve,
    /// It tells of files that change when it is asked to.
    Watch,
    /// It answers questions about its settings.
    Configuration,
}

impl Client {
    /// Reads what `initialize` says. It is read leniently, so that no strange editor is turned away for what does not matter
    /// here.
    fn read(params: &Value) -> Self {
        let can = |pointer: &str| params.pointer(&format!("/capabilities{pointer}"));
        let is = |pointer: &str| can(pointer).and_then(Value::as_bool).unwrap_or(false);
        let listed = |pointer: &str| can(pointer).and_then(Value::as_array).into_iter().flatten();
        let action = "/textDocument/codeAction";
        let mut resolved = listed(&format!("{action}/resolveSupport/properties"));
        let abilities = [
            (
                Ability::Versions,
                is("/textDocument/publishDiagnostics/versionSupport"),
            ),
            (
                Ability::DocumentChanges,
                is("/workspace/workspaceEdit/documentChanges"),
            ),
            (
                Ability::Resolve,
                is(&format!("{action}/dataSupport")) && resolved.any(|p| p == "edit"),
            ),
            (
                Ability::Watch,
                is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            ),
            (Ability::Configuration, is("/workspace/configuration")),
        ];
        let abilities = abilities.into_iter().filter(|(_, has)| *has);
        let mut encodings = listed("/general/positionEncodings").filter_map(Value::as_str);
        let units = encodings.find_map(|name| match name {
            "utf-8" => Some(Units::Utf8),
            "utf-16" => Some(Units::Utf16),
            _ => None,
        });
        let folders = params.pointer("/workspaceFolders/0/uri");
        let root = folders.or(params.get("rootUri")).and_then(Value::as_str);
        let root = root.and_then(uri::path).filter(|root| root.is_dir());
        let here = || env::current_dir().unwrap_or_default();
        let root = root.unwrap_or_else(here);
        Self {
            units: units.unwrap_or(Units::Utf16),
            root: fs::canonicalize(&root).unwrap_or(root),
            abilities: abilities.map(|(ability, _)| ability).collect(),
        }
    }

    fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }
}

/// How far the conversation has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

/// A text that is open in the editor.
struct Text {
    version: i32,
    revision: u64,
    text: Arc<String>,
    kind: Option<Kind>,
}

struct Server {
    rules: RuleArgs,
    lang: Lang,
    client: Client,
    phase: Phase,
    texts: HashMap<String, Text>,
    revision: u64,
    queue: Arc<Queue>,
    worker: Option<JoinHandle<()>>,
    events: Sender<Event>,
    /// How many requests were sent to the editor.
    asked: i32,
    /// The request for the editor's settings that is still open.
    configuration: Option<RequestId>,
}

/// Why a request is refused: a code of the protocol, and words.
type Refusal = (ErrorCode, String);

impl Server {
    fn serve(&mut self, incoming: &Receiver<Event>) -> Result<ExitCode> {
        while let Ok(event) = incoming.recv() {
            if self.worker.as_ref().is_some_and(JoinHandle::is_finished) {
                bail!("the thread that checks texts has died");
            }
            match event {
                Event::Incoming(Incoming::Message(Message::Request(request))) => {
                    let id = request.id.clone();
                    if let Err((code, why)) = self.request(request) {
                        send(&Response::new_err(id, code as i32, why).into())?;
                    }
                }
                Event::Incoming(Incoming::Message(Message::Notification(notification))) => {
                    if notification.method == Exit::METHOD {
                        break;
                    }
                    let method = notification.method.clone();
                    if self.phase == Phase::Running
                        && let Err(error) = self.notification(notification)
                    {
                        self.log(format!("{method}: {error}"))?;
                    }
                }
                Event::Incoming(Incoming::Message(Message::Response(response))) => {
                    self.response(response)?;
                }
                Event::Incoming(Incoming::Malformed(why)) => refuse_unread(&why)?,
                Event::Checked(revision, found) => {
                    let text = self.texts.get(&found.uri);
                    if text.is_some_and(|t| t.revision == revision) {
                        send(&found.message())?;
                    }
                }
                Event::Send(message) => send(&message)?,
                Event::End => break,
            }
        }
        Ok(match self.phase {
            Phase::ShutDown => ExitCode::SUCCESS,
            Phase::New | Phase::Running => ExitCode::from(UNASKED),
        })
    }

    fn request(&mut self, request: Request) -> Result<(), Refusal> {
        let Request { id, method, params } = request;
        match (self.phase, method.as_str()) {
            (Phase::New, Initialize::METHOD) => self.initialize(id, &params),
            (Phase::New, _) => {
                let why = "initialize comes first";
                Err((ErrorCode::ServerNotInitialized, why.to_owned()))
            }
            (Phase::ShutDown, _) | (_, Initialize::METHOD) => {
                let why = format!("{method} comes too late");
                Err((ErrorCode::InvalidRequest, why))
            }
            (Phase::Running, Shutdown::METHOD) => {
                self.phase = Phase::ShutDown;
                reply(id, &Value::Null)
            }
            (Phase::Running, HoverRequest::METHOD) => {
                let position = read_params(&params, "/position")?;
                let uri: String = read_params(&params, URI)?;
                self.ask(id, Question::Hover(position), &uri)
            }
            (Phase::Running, CodeActionRequest::METHOD) => {
                let range = read_params(&params, "/range")?;
                let only = read_params(&params, "/context/only")?;
                let uri: String = read_params(&params, URI)?;
                self.ask(id, Question::Actions { range, only }, &uri)
            }
            (Phase::Running, CodeActionResolveRequest::METHOD) => {
                match params["data"]["uri"].as_str().map(str::to_owned) {
                    Some(uri) => self.ask(id, Question::Resolve(params), &uri),
                    // It had its edits all the time.
                    None => reply(id, &params),
                }
            }
            (Phase::Running, _) => {
                let why = format!("there is no {method} here");
                Err((ErrorCode::MethodNotFound, why))
            }
        }
    }

    fn initialize(&mut self, id: RequestId, params: &Value) -> Result<(), Refusal> {
        self.client = Client::read(params);
        let said = params.get("initializationOptions").unwrap_or(&Value::Null);
        let options = Options::read(said, &self.client.root);
        let (options, wrong) = match options {
            Ok(options) => (options.unwrap_or_default(), None),
            Err(wrong) => (Options::default(), Some(wrong)),
        };
        self.lang = options.lang.unwrap_or(self.lang);
        let failed =
            |error: &anyhow::Error, lang| (ErrorCode::RequestFailed, describe(error, lang));
        let rules = Rules::new(&self.rules, self.lang, options);
        let rules = rules.map_err(|e| failed(&e, self.lang))?;
        let desk = Desk::new(self.client.clone(), rules, self.events.clone());
        let queue = Arc::clone(&self.queue);
        self.worker = Some(thread::spawn(move || desk.work(&queue)));
        self.phase = Phase::Running;
        let encoding = match self.client.units {
            Units::Utf8 => "utf-8",
            Units::Utf16 => "utf-16",
        };
        let answer = json!({
            "capabilities": {
                "positionEncoding": encoding,
                "textDocumentSync": {"openClose": true, "change": 2, "save": true},
                "hoverProvider": true,
                "codeActionProvider": {
                    "codeActionKinds": ["quickfix", answers::FIX_ALL],
                    "resolveProvider": self.client.can(Ability::Resolve),
                },
            },
            "serverInfo": {"name": SECTION, "version": env!("CARGO_PKG_VERSION")},
        });
        reply(id, &answer)?;
        wrong.map_or(Ok(()), |wrong| {
            self.complain(wrong).map_err(|e| failed(&e, self.lang))
        })
    }

    /// Hands a question about a text that is open to the working thread.
    fn ask(&mut self, id: RequestId, question: Question, uri: &str) -> Result<(), Refusal> {
        match self.snapshot(uri) {
            Some(snapshot) => {
                self.queue.push(Task::Answer(id, question, snapshot));
                Ok(())
            }
            // Other languages are none of our business.
            None => reply(id, &Value::Null),
        }
    }

    fn snapshot(&self, uri: &str) -> Option<Snapshot> {
        let text = self.texts.get(uri)?;
        Some(Snapshot {
            uri: uri.to_owned(),
            version: text.version,
            revision: text.revision,
            text: Arc::clone(&text.text),
            kind: text.kind,
        })
    }

    fn notification(&mut self, notification: Notification) -> Result<()> {
        let Notification { method, params } = notification;
        match method.as_str() {
            Initialized::METHOD => self.register()?,
            DidOpenTextDocument::METHOD => {
                let item = Opened::deserialize(&params["textDocument"])?;
                if let Some(kind) = kind_of(&item.language_id, &item.uri) {
                    let text = Text {
                        version: item.version,
                        revision: 0,
                        text: Arc::new(item.text),
                        kind,
                    };
                    self.texts.insert(item.uri.clone(), text);
                    self.changed(&item.uri)?;
                }
            }
            DidChangeTextDocument::METHOD => {
                let params: Changed = serde_json::from_value(params)?;
                let Versioned { uri, version } = params.text_document;
                if let Some(text) = self.texts.get_mut(&uri) {
                    text.version = version;
                    for change in params.content_changes {
                        apply(Arc::make_mut(&mut text.text), change, self.client.units);
                    }
                    self.changed(&uri)?;
                }
            }
            DidCloseTextDocument::METHOD => {
                let uri: String = serde_json::from_value(params["textDocument"]["uri"].clone())?;
                if self.texts.remove(&uri).is_some() {
                    self.queue.push(Task::Close(uri.clone()));
                    let nothing = Published {
                        uri,
                        diagnostics: Vec::new(),
                        version: None,
                    };
                    send(&nothing.message())?;
                }
            }
            // Not every editor watches files: what is saved may be a lexicon.
            DidSaveTextDocument::METHOD | DidChangeWatchedFiles::METHOD => {
                self.queue.push(Task::Reload);
            }
            DidChangeConfiguration::METHOD => {
                let said = &params["settings"];
                let keys = ["lang", "date", "lexicons"];
                if said.get(SECTION).is_some() || keys.iter().any(|k| said.get(k).is_some()) {
                    self.configure(said)?;
                } else if self.client.can(Ability::Configuration) {
                    self.ask_for_settings()?;
                }
            }
            Cancel::METHOD => {
                let id: lsp_types::CancelParams = serde_json::from_value(params)?;
                let id = match id.id {
                    NumberOrString::Number(n) => RequestId::from(n),
                    NumberOrString::String(s) => RequestId::from(s),
                };
                if self.queue.cancel(&id) {
                    let code = ErrorCode::RequestCanceled as i32;
                    send(&Response::new_err(id, code, "cancelled".to_owned()).into())?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Has a text checked that is not as it was.
    fn changed(&mut self, uri: &str) -> Result<()> {
        self.revision += 1;
        if let Some(text) = self.texts.get_mut(uri) {
            text.revision = self.revision;
        }
        let Some(snapshot) = self.snapshot(uri) else {
            return Ok(());
        };
        for id in self.queue.push(Task::Check(snapshot)) {
            let code = ErrorCode::ContentModified as i32;
            send(&Response::new_err(id, code, "the text has changed".to_owned()).into())?;
        }
        Ok(())
    }

    /// Asks the editor to tell of files that change, and for its settings.
    fn register(&mut self) -> Result<()> {
        if self.client.can(Ability::Watch) {
            let globs = ["**/*.toml", "**/zhengming-baseline.json"];
            let watchers = globs.map(|glob| json!({"globPattern": glob}));
            let registration = json!({"registrations": [{
                "id": "files",
                "method": DidChangeWatchedFiles::METHOD,
                "registerOptions": {"watchers": watchers},
            }]});
            self.request_of_editor(RegisterCapability::METHOD, registration)?;
        }
        if self.client.can(Ability::Configuration) {
            self.ask_for_settings()?;
        }
        Ok(())
    }

    fn ask_for_settings(&mut self) -> Result<()> {
        let params = json!({"items": [{"section": SECTION}]});
        let id = self.request_of_editor(WorkspaceConfiguration::METHOD, params)?;
        self.configuration = Some(id);
        Ok(())
    }

    fn request_of_editor(&mut self, method: &str, params: Value) -> Result<RequestId> {
        self.asked += 1;
        let id = RequestId::from(self.asked);
        send(&Request::new(id.clone(), method.to_owned(), params).into())?;
        Ok(id)
    }

    fn response(&mut self, response: Response) -> Result<()> {
        let is_settings = self.configuration.as_ref() == Some(&response.id);
        match response.response_result {
            Ok(value) if is_settings => {
                self.configuration = None;
                match value.get(0).unwrap_or(&Value::Null) {
                    Value::Null => Ok(()),
                    said => self.configure(said),
                }
            }
            Ok(_) => Ok(()),
            Err(error) => self.log(error.message),
        }
    }

    fn configure(&mut self, said: &Value) -> Result<()> {
        match Options::read(said, &self.client.root) {
            Ok(None) => {}
            Ok(Some(options)) => {
                self.lang = options.lang.unwrap_or(self.lang);
                self.queue.push(Task::Configure(options));
            }
            Err(wrong) => self.complain(wrong)?,
        }
        Ok(())
    }

    /// Shows what is wrong with the settings.
    fn complain(&self, (zh, en): (String, String)) -> Result<()> {
        let message = self
            .lang
            .pick(format!("zhengming：{zh}"), format!("zhengming: {en}"));
        let typ = MessageType::WARNING;
        notify::<ShowMessage>(ShowMessageParams { typ, message })
    }

    fn log(&self, message: String) -> Result<()> {
        let typ = MessageType::WARNING;
        notify::<LogMessage>(LogMessageParams { typ, message })
    }
}

/// Whether a text is checked, and the format that it is read in where its name does not say the same.
fn kind_of(language: &str, uri: &str) -> Option<Option<Kind>> {
    let name = uri::name(uri).to_ascii_lowercase();
    let by_name = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("md" | "markdown") => Some(Kind::Markdown),
        Some("htm" | "html" | "xhtml") => Some(Kind::Html),
        Some("txt") => Some(Kind::Text),
        _ => None,
    };
    let by_language = match language.to_ascii_lowercase().as_str() {
        "markdown" => Some(Kind::Markdown),
        "html" | "xhtml" => Some(Kind::Html),
        "plaintext" | "text" => Some(Kind::Text),
        _ => None,
    };
    match (by_language, by_name) {
        (None, None) => None,
        (Some(Kind::Markdown | Kind::Html), _) if by_language != by_name => Some(by_language),
        _ => Some(None),
    }
}

/// Changes a text as the editor did. Places outside of it mean its edges.
fn apply(text: &mut String, change: TextDocumentContentChangeEvent, units: Units) {
    let Some(range) = change.range else {
        *text = change.text;
        return;
    };
    let index = UnitIndex::new(text, units);
    let start = index.offset(text, range.start.line, range.start.character);
    let end = index.offset(text, range.end.line, range.end.character);
    text.replace_range(start..end.max(start), &change.text);
}

/// What stands at `pointer` in the parameters of a request.
fn read_params<T: DeserializeOwned>(params: &Value, pointer: &str) -> Result<T, Refusal> {
    let value = params.pointer(pointer).unwrap_or(&Value::Null);
    let wrong = |e| (ErrorCode::InvalidParams, format!("{pointer}: {e}"));
    T::deserialize(value).map_err(wrong)
}

fn reply(id: RequestId, answer: &Value) -> Result<(), Refusal> {
    let sent = send(&Response::new_ok(id, answer).into());
    sent.map_err(|e| (ErrorCode::InternalError, e.to_string()))
}

fn notify<N: lsp_types::notification::Notification>(params: N::Params) -> Result<()> {
    send(&Notification::new(N::METHOD.to_owned(), params).into())
}

fn send(message: &Message) -> Result<()> {
    let mut out = io::stdout().lock();
    message.write(&mut out)?;
    Ok(out.flush()?)
}

/// Answers what could not be read, of which nobody knows the number.
fn refuse_unread(why: &str) -> Result<()> {
    let code = ErrorCode::ParseError as i32;
    let answer = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": why}});
    let answer = answer.to_string();
    let mut out = io::stdout().lock();
    write!(out, "Content-Length: {}\r\n\r\n{answer}", answer.len())?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_texts_are_checked() {
        for (language, uri, want) in [
            ("markdown", "file:///a.md", Some(None)),
            ("markdown", "file:///README", Some(Some(Kind::Markdown))),
            (
                "markdown",
                "untitled:Untitled-1",
                Some(Some(Kind::Markdown)),
            ),
            ("html", "file:///a.php", Some(Some(Kind::Html))),
            ("django-html", "file:///a.HTML", Some(None)),
            ("plaintext", "file:///a.log", Some(None)),
            ("plaintext", "file:///a.md", Some(None)),
            ("", "file:///%E9%80%9A%E7%9F%A5.txt", Some(None)),
            ("rust", "file:///a.rs", None),
            ("toml", "file:///zhengming.toml", None),
        ] {
            assert_eq!(kind_of(language, uri), want, "{language} {uri}");
        }
    }

    #[test]
    fn changes_anywhere() {
        let change = |range: Option<[u32; 4]>, text: &str| -> TextDocumentContentChangeEvent {
            let range = range.map(|[a, b, c, d]| {
                json!({"start": {"line": a, "character": b}, "end": {"line": c, "character": d}})
            });
            serde_json::from_value(json!({"range": range, "text": text})).unwrap()
        };
        for (range, content, want) in [
            (None, "x", "x"),
            (Some([0, 1, 0, 3]), "", "甲乙\r\n丙\r丁"),
            (Some([0, 2, 0, 2]), "x", "甲x😀乙\r\n丙\r丁"),
            (Some([0, 4, 1, 0]), "", "甲😀乙丙\r丁"),
            (Some([1, 1, 2, 0]), "", "甲😀乙\r\n丙丁"),
            (Some([2, 9, 9, 9]), "x", "甲😀乙\r\n丙\r丁x"),
            (Some([2, 0, 0, 0]), "x", "甲😀乙\r\n丙\rx丁"),
        ] {
            let mut text = "甲😀乙\r\n丙\r丁".to_owned();
            apply(&mut text, change(range, content), Units::Utf16);
            assert_eq!(text, want, "{range:?}");
        }
    }
}
