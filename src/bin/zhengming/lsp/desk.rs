//! The thread that works: it checks texts and answers questions about them, one after the other, while the other threads
//! read and write messages.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use lsp_server::{ErrorCode, Message, Notification, RequestId, Response};
use lsp_types::notification::{LogMessage, ShowMessage};
use lsp_types::{LogMessageParams, MessageType, Range, ShowMessageParams};
use serde_json::{Value, json};
use zhengming::{Diagnostic, Document, Kind, ReadOptions, UnitIndex};

use super::options::Options;
use super::rules::Rules;
use super::{Ability, Client, Event, Published, answers, uri};
use crate::settings::Checker;

/// A text as it stood at one time.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) uri: String,
    pub(super) version: i32,
    /// Counts the changes of all texts, whatever the editor calls its versions.
    pub(super) revision: u64,
    pub(super) text: Arc<String>,
    /// The format that the editor knows it by, where its name does not tell.
    pub(super) kind: Option<Kind>,
}

/// A question about a text.
pub(super) enum Question {
    Hover(lsp_types::Position),
    Actions {
        range: Range,
        only: Option<Vec<String>>,
    },
    /// A code action whose edits are wanted now.
    Resolve(Value),
}

/// What is to be done.
pub(super) enum Task {
    Check(Snapshot),
    Answer(RequestId, Question, Snapshot),
    Close(String),
    Reload,
    Configure(Options),
}

/// Tasks in their order. A text that changed again before it was checked is checked once.
#[derive(Default)]
pub(super) struct Queue {
    tasks: Mutex<VecDeque<Task>>,
    ready: Condvar,
}

impl Queue {
    /// Adds a task, and gives the questions that it overtakes: those about a text that has changed since.
    pub(super) fn push(&self, task: Task) -> Vec<RequestId> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut overtaken = Vec::new();
        match &task {
            Task::Check(new) => tasks.retain(|old| match old {
                Task::Check(s) => s.uri != new.uri,
                Task::Answer(id, _, s) if s.uri == new.uri && s.revision != new.revision => {
                    overtaken.push(id.clone());
                    false
                }
                _ => true,
            }),
            Task::Close(closed) => tasks.retain(|old| match old {
                Task::Check(s) => s.uri != *closed,
                _ => true,
            }),
            Task::Reload => tasks.retain(|old| !matches!(old, Task::Reload)),
            Task::Answer(..) | Task::Configure(_) => {}
        }
        tasks.push_back(task);
        self.ready.notify_one();
        overtaken
    }

    /// Takes a question back; `false` when it is too late.
    pub(super) fn cancel(&self, id: &RequestId) -> bool {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tasks.len();
        tasks.retain(|task| !matches!(task, Task::Answer(i, ..) if i == id));
        tasks.len() < before
    }

    fn pop(&self) -> Task {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(task) = tasks.pop_front() {
                return task;
            }
            let woken = self.ready.wait(tasks);
            tasks = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A text that has been checked.
pub(super) struct Checked {
    pub(super) snapshot: Snapshot,
    pub(super) index: UnitIndex,
    /// What it was checked with; else why it was not.
    pub(super) result: Result<Sound, String>,
}

pub(super) struct Sound {
    pub(super) checker: Arc<Checker>,
    pub(super) document: Document,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What the working thread keeps.
pub(super) struct Desk {
    client: Client,
    rules: Rules,
    checked: HashMap<String, Checked>,
    events: Sender<Event>,
    /// What is published of configurations and lexicons.
    told: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>>,
    /// The problems that were shown.
    shown: Vec<String>,
}

impl Desk {
    pub(super) fn new(client: Client, rules: Rules, events: Sender<Event>) -> Self {
        Self {
            client,
            rules,
            checked: HashMap::new(),
            events,
            told: BTreeMap::new(),
            shown: Vec::new(),
        }
    }

    /// Works until nobody listens any more.
    pub(super) fn work(mut self, queue: &Queue) {
        loop {
            let done = match queue.pop() {
                Task::Check(snapshot) => self.check_and_tell(snapshot),
                Task::Answer(id, question, snapshot) => self.answer(id, &question, snapshot),
                Task::Close(uri) => {
                    self.checked.remove(&uri);
                    Some(())
                }
                Task::Reload => {
                    self.rules.reload();
                    self.check_all()
                }
                Task::Configure(options) => {
                    self.rules.configure(options);
                    self.check_all()
                }
            };
            if done.is_none() {
                return;
            }
        }
    }

    /// Checks everything again that is open.
    fn check_all(&mut self) -> Option<()> {
        let mut snapshots: Vec<_> = self.checked.values().map(|c| c.snapshot.clone()).collect();
        snapshots.sort_by_key(|s| s.revision);
        for snapshot in snapshots {
            self.publish_check(snapshot)?;
        }
        self.tell_problems()
    }

    fn check_and_tell(&mut self, snapshot: Snapshot) -> Option<()> {
        if self.rules.is_old() {
            self.rules.reload();
            self.check_all()?;
        }
        self.publish_check(snapshot)?;
        self.tell_problems()
    }

    fn publish_check(&mut self, snapshot: Snapshot) -> Option<()> {
        let (uri, revision, version) = (snapshot.uri.clone(), snapshot.revision, snapshot.version);
        let checked = self.check(snapshot);
        let diagnostics = answers::published(&checked, self.rules.lang());
        self.checked.insert(uri.clone(), checked);
        let found = Published {
            uri,
            diagnostics,
            version: self.client.can(Ability::Versions).then_some(version),
        };
        self.events.send(Event::Checked(revision, found)).ok()
    }

    fn check(&mut self, snapshot: Snapshot) -> Checked {
        let lang = self.rules.lang();
        let index = UnitIndex::new(&snapshot.text, self.client.units);
        let uri = &snapshot.uri;
        // A text that was never saved lies in the editor's folder.
        let path = uri::path(uri).unwrap_or_else(|| self.client.root.join(uri::name(uri)));
        let (checker, name) = self.rules.find(&path);
        let options = ReadOptions {
            kind: snapshot.kind,
            ..ReadOptions::default()
        };
        let text = String::clone(&snapshot.text);
        let result = checker.and_then(|checker| {
            let document = Document::parse_text(&name, text, &options);
            let document = document.map_err(|error| error.message(lang))?;
            let diagnostics = checker.linter.lint(&document);
            Ok(Sound {
                checker,
                document,
                diagnostics,
            })
        });
        Checked {
            snapshot,
            index,
            result,
        }
    }

    fn answer(&mut self, id: RequestId, question: &Question, snapshot: Snapshot) -> Option<()> {
        let is_done = |c: &Checked| c.snapshot.revision == snapshot.revision;
        let uri = snapshot.uri.clone();
        if !self.checked.get(&uri).is_some_and(is_done) {
            self.check_and_tell(snapshot)?;
        }
        let lang = self.rules.lang();
        let checked = self.checked.get(&uri)?;
        let answer = match question {
            Question::Hover(position) => Ok(json!(answers::hover(checked, *position, lang))),
            Question::Actions { range, only } => {
                let only = only.as_deref();
                let actions = answers::actions(checked, *range, only, &self.client, lang);
                Ok(json!(actions))
            }
            Question::Resolve(action) => answers::resolve(checked, action, &self.client, lang),
        };
        let response = match answer {
            Ok(value) => Response::new_ok(id, value),
            Err(why) => Response::new_err(id, ErrorCode::RequestFailed as i32, why),
        };
        self.events.send(Event::Send(response.into())).ok()
    }

    /// Publishes what is wrong with configurations and lexicons where that has changed, and shows it once.
    fn tell_problems(&mut self) -> Option<()> {
        let lang = self.rules.lang();
        let flaws = self.rules.flaws();
        let units = self.client.units;
        let now: BTreeMap<_, _> = flaws
            .into_iter()
            .map(|(path, flaws)| {
                let diagnostics = answers::flaws(&path, &flaws, units, lang);
                (path, diagnostics)
            })
            .collect();
        let gone: Vec<_> = self.told.keys().filter(|p| !now.contains_key(*p)).collect();
        let gone = gone.into_iter().map(|path| (path.clone(), Vec::new()));
        let changed = now
            .iter()
            .filter(|(path, new)| self.told.get(*path) != Some(new));
        let changed = changed.map(|(path, new)| (path.clone(), new.clone()));
        for (path, diagnostics) in gone.chain(changed).collect::<Vec<_>>() {
            self.publish(&path, diagnostics)?;
        }
        self.told = now;
        let problems = self.rules.problems();
        let problems: Vec<_> = problems.iter().map(|p| p.message.clone()).collect();
        let news = problems.iter().filter(|p| !self.shown.contains(p));
        for message in news.cloned().collect::<Vec<_>>() {
            let what = lang.pick(
                "zhengming：配置或词库有错误，改正以前沿用原来的：\n",
                "zhengming: a configuration or lexicon is broken, and the old one is used until it is mended:\n",
            );
            self.show(format!("{what}{message}"))?;
        }
        let mended = !self.shown.is_empty() && problems.is_empty();
        if mended {
            let message = lang.pick(
                "zhengming：配置和词库已重新载入",
                "zhengming: configuration and lexicons are loaded again",
            );
            let params = LogMessageParams {
                typ: MessageType::INFO,
                message: message.to_owned(),
            };
            self.notify::<LogMessage>(params)?;
        }
        self.shown = problems;
        Some(())
    }

    fn publish(&self, path: &Path, diagnostics: Vec<lsp_types::Diagnostic>) -> Option<()> {
        let Some(uri) = uri::of(path) else {
            return Some(());
        };
        let found = Published {
            uri,
            diagnostics,
            version: None,
        };
        self.events.send(Event::Send(found.message())).ok()
    }

    fn show(&self, message: String) -> Option<()> {
        let typ = MessageType::ERROR;
        self.notify::<ShowMessage>(ShowMessageParams { typ, message })
    }

    fn notify<N: lsp_types::notification::Notification>(&self, params: N::Params) -> Option<()> {
        let message = Notification::new(N::METHOD.to_owned(), params);
        self.events
            .send(Event::Send(Message::Notification(message)))
            .ok()
    }
}
