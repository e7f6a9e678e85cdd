//! What documents are checked with: configurations and lexicons, read again when they change. A broken one is told of, and
//! what was read before goes on working.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use jiff::civil::Date;
use zhengming::{Lang, Mistake};

use super::options::Options;
use crate::args::RuleArgs;
use crate::files;
use crate::settings::{Checker, Known, Settings};
use crate::words::{describe, today};

/// The configurations that documents were met in.
pub(super) struct Rules {
    /// As on the command line.
    args: RuleArgs,
    lang: Lang,
    options: Options,
    settings: Settings,
    /// The day on which that was read: what is over changes with it.
    day: Date,
    /// By configuration file, `None` where there is none.
    loaded: BTreeMap<Option<PathBuf>, Loaded>,
    /// Why the configuration of the command line could not be read again.
    broken: Option<Problem>,
}

struct Loaded {
    /// The last one that could be read.
    checker: Option<Arc<Checker>>,
    problem: Option<Problem>,
    /// Whether it has been read since the last change.
    is_fresh: bool,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) message: String,
    /// The mistakes that have a place.
    mistakes: Vec<Mistake>,
}

/// What is wrong in one configuration or lexicon file: whether nothing works because of it, and what it is.
pub(super) type Flaws = BTreeMap<PathBuf, Vec<(bool, Mistake)>>;

impl Rules {
    /// # Errors
    /// When a configuration that the command line names cannot be read.
    pub(super) fn new(args: &RuleArgs, lang: Lang, options: Options) -> Result<Self> {
        Ok(Self {
            settings: settings(args, lang, &options)?,
            args: args.clone(),
            lang,
            options,
            day: today(),
            loaded: BTreeMap::new(),
            broken: None,
        })
    }

    pub(super) fn lang(&self) -> Lang {
        self.options.lang.unwrap_or(self.lang)
    }

    /// Whether something may have changed since it was read: the day has.
    pub(super) fn is_old(&self) -> bool {
        self.day != today()
    }

    pub(super) fn configure(&mut self, options: Options) {
        self.options = options;
        self.reload();
    }

    /// Has everything read again when it is next needed; what was read before is kept for the case that it is broken now.
    pub(super) fn reload(&mut self) {
        self.day = today();
        match settings(&self.args, self.lang(), &self.options) {
            Ok(settings) => {
                self.settings = settings;
                self.broken = None;
            }
            Err(error) => self.broken = Some(Problem::new(&error, self.lang())),
        }
        for loaded in self.loaded.values_mut() {
            loaded.is_fresh = false;
            loaded.problem = None;
        }
    }

    /// What the file at that path is checked with, and what its configuration calls it.
    ///
    /// # Errors
    /// Why there is nothing to check it with.
    pub(super) fn find(&mut self, path: &Path) -> (Result<Arc<Checker>, String>, String) {
        let (number, name) = self.settings.place(&files::absolute_here(path));
        let key = self.settings.get(number).path.clone();
        let loaded = self.loaded.entry(key).or_insert(Loaded {
            checker: None,
            problem: None,
            is_fresh: false,
        });
        if !loaded.is_fresh {
            loaded.is_fresh = true;
            let lang = self.options.lang.unwrap_or(self.lang);
            let checker = match self.settings.problem(number) {
                Some(error) => Err(Problem::new(error, lang)),
                None => {
                    let checker = self.settings.checker(number);
                    checker.map_err(|error| Problem::new(&error, lang))
                }
            };
            match checker {
                Ok(checker) => loaded.checker = Some(Arc::new(checker)),
                Err(problem) => loaded.problem = Some(problem),
            }
        }
        let why = loaded.problem.as_ref().map(|p| p.message.clone());
        let checker = loaded.checker.clone().ok_or(why.unwrap_or_default());
        (checker, name)
    }

    /// Everything that cannot be read.
    pub(super) fn problems(&self) -> Vec<&Problem> {
        let loaded = self.loaded.values().filter_map(|l| l.problem.as_ref());
        let mut problems: Vec<_> = loaded.chain(&self.broken).collect();
        problems.sort_by_key(|p| &p.message);
        problems.dedup();
        problems
    }

    /// The mistakes in configuration and lexicon files, by file.
    pub(super) fn flaws(&self) -> Flaws {
        let here = env::current_dir().and_then(fs::canonicalize);
        let here = here.unwrap_or_default();
        // Of what was read before it broke nothing is told.
        let sound = self.loaded.values();
        let sound = sound.filter(|l| l.is_fresh && l.problem.is_none());
        let checkers = sound.filter_map(|l| l.checker.as_ref());
        let unknown = checkers.flat_map(|c| &c.unknown).map(|m| (false, m));
        let problems = self.problems().into_iter();
        let broken = problems.flat_map(|p| &p.mistakes).map(|m| (true, m));
        let mut flaws = Flaws::new();
        for (is_broken, mistake) in broken.chain(unknown) {
            let of_file = flaws.entry(here.join(&mistake.file)).or_default();
            of_file.push((is_broken, mistake.clone()));
        }
        for of_file in flaws.values_mut() {
            of_file.sort();
            of_file.dedup();
        }
        flaws
    }
}

impl Problem {
    fn new(error: &anyhow::Error, lang: Lang) -> Self {
        let ours = error
            .chain()
            .find_map(|e| e.downcast_ref::<zhengming::Error>());
        Self {
            message: describe(error, lang),
            mistakes: ours.map_or(&[][..], zhengming::Error::as_mistakes).to_vec(),
        }
    }
}

fn settings(args: &RuleArgs, lang: Lang, options: &Options) -> Result<Settings> {
    let mut args = args.clone();
    args.date = options.date.or(args.date);
    args.lexicon
        .extend(options.lexicons.iter().flatten().cloned());
    let lang = options.lang.unwrap_or(lang);
    Ok(Settings::new(&args, lang)?.knowing(Known::Beside))
}
