//! The linter that requests are served with, and its replacement when the files behind it change.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use anyhow::Result;
use jiff::civil::Date;
use zhengming::Lang;

use crate::args::RuleArgs;
use crate::settings::{Checker, Known, Settings, lexicon_files};
use crate::words::{describe, today};

/// What requests are served with. Those that have begun keep what they began with.
pub(super) struct Engine {
    from: From,
    loaded: RwLock<Arc<Loaded>>,
    seen: Mutex<Seen>,
}

/// What lexicon and configuration are read from.
struct From {
    rules: RuleArgs,
    known: Known,
    lang: Lang,
    /// The folder that the server was started in: drafts are checked as files in it would be.
    folder: PathBuf,
}

/// Lexicon and configuration as they were read together.
pub(super) struct Loaded {
    pub(super) checker: Checker,
    /// Whether the rules of the program are used.
    pub(super) builtin: bool,
    /// What stands before a draft's name where the configuration lies in a folder above.
    prefix: String,
    /// The day in China when it was read; every day has its own.
    pub(super) day: Date,
}

/// What the files looked like when they were read last, and what is wrong with them.
struct Seen {
    sources: Vec<PathBuf>,
    stamps: Stamps,
    day: Date,
    problem: Option<String>,
}

/// Time of change and length of each file; `None` where there is none.
type Stamps = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

impl Engine {
    /// Loads lexicon and configuration.
    ///
    /// # Errors
    /// All mistakes in them.
    pub(super) fn start(rules: &RuleArgs, known: Known, lang: Lang) -> Result<Self> {
        let folder = std::env::current_dir().and_then(fs::canonicalize)?;
        // Looked at before they are read: what changes in between is read once more.
        let from = From {
            rules: rules.clone(),
            known,
            lang,
            folder,
        };
        let sources = from.sources().unwrap_or_default();
        let stamps = stamps(&sources, lang);
        let loaded = from.load()?;
        let loaded_on = loaded.day;
        Ok(Self {
            from,
            loaded: RwLock::new(Arc::new(loaded)),
            seen: Mutex::new(Seen {
                sources,
                stamps,
                day: loaded_on,
                problem: None,
            }),
        })
    }

    /// What to serve a request with.
    pub(super) fn now(&self) -> Arc<Loaded> {
        let loaded = self.loaded.read();
        Arc::clone(&loaded.unwrap_or_else(PoisonError::into_inner))
    }

    /// What is wrong with the files as they are now, where something is.
    pub(super) fn problem(&self) -> Option<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.problem.clone()
    }

    /// Reads everything anew if a file or the day has changed: how many entries there are now, or what is wrong with the
    /// files; `None` when nothing has changed. What is wrong is not used.
    pub(super) fn refresh(&self, day: Date) -> Option<Result<usize, String>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let lang = self.from.lang;
        if seen.day == day && stamps(&seen.sources, lang) == seen.stamps {
            return None;
        }
        // While the configuration is broken, what it named before is looked at.
        if let Ok(sources) = self.from.sources() {
            seen.sources = sources;
        }
        seen.stamps = stamps(&seen.sources, lang);
        seen.day = day;
        Some(match self.from.load() {
            Ok(loaded) => {
                let entries = loaded.checker.id().entries;
                seen.problem = None;
                let mut place = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
                *place = Arc::new(loaded);
                Ok(entries)
            }
            Err(error) => {
                let why = describe(&error, lang);
                seen.problem = Some(why.clone());
                Err(why)
            }
        })
    }
}

impl Loaded {
    /// What the baseline and `[[allow]]` call a draft of that name.
    pub(super) fn name(&self, draft: &str) -> String {
        format!("{}{draft}", self.prefix)
    }
}

impl From {
    fn load(&self) -> Result<Loaded> {
        let (mut settings, number) = self.settings()?;
        let builtin = settings.here()?.builtin;
        let mut checkers = settings.compile([number])?;
        let checker = checkers.swap_remove(number);
        let checker =
            checker.ok_or_else(|| anyhow::anyhow!("configuration {number} was not compiled"))?;
        checker.linter.prepare();
        let below = self.folder.strip_prefix(&checker.root);
        let below = below.unwrap_or(Path::new("")).to_string_lossy();
        let mut prefix = below.replace('\\', "/");
        if !prefix.is_empty() {
            prefix.push('/');
        }
        Ok(Loaded {
            checker,
            builtin,
            prefix,
            day: today(),
        })
    }

    /// The files and folders that they are made of.
    fn sources(&self) -> Result<Vec<PathBuf>> {
        let (settings, number) = self.settings()?;
        Ok(settings.sources(number, &self.folder))
    }

    fn settings(&self) -> Result<(Settings, usize)> {
        let settings = Settings::new(&self.rules, self.lang)?;
        let mut settings = settings.knowing(self.known.clone());
        let number = settings.for_folder(&self.folder);
        Ok((settings, number))
    }
}

fn stamps(sources: &[PathBuf], lang: Lang) -> Stamps {
    let files = sources
        .iter()
        .flat_map(|path| lexicon_files(path, lang).unwrap_or_else(|_| vec![path.clone()]));
    let stamp = |path: PathBuf| {
        let about = fs::metadata(&path).ok();
        let stamp = about.and_then(|m| Some((m.modified().ok()?, m.len())));
        (path, stamp)
    };
    files.map(stamp).collect()
}
