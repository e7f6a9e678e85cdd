//! From paths to the list of documents, and from a document's path to its bytes.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use encoding_rs::Encoding;
use ignore::gitignore::Gitignore;
use walkdir::{DirEntry, WalkDir};
use zhengming::Lang;

use crate::args::InputArgs;
use crate::git::{Blob, Blobs, Change, Now, Repository, path as path_of};
use crate::settings::{Settings, io_error, patterns};
use crate::words::{describe, io_reason, shown};

/// Something to report on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// Where it is: absolute, links resolved.
    pub(crate) path: PathBuf,
    /// What a person calls it.
    pub(crate) shown: PathBuf,
    /// The number of its configuration.
    pub(crate) config: usize,
    /// What the baseline and `[[allow]]` call it: relative to the folder of the configuration, with `/` between its parts.
    pub(crate) name: String,
    pub(crate) task: Task,
    /// What git calls its content before it changed, if it is known to have had one.
    pub(crate) before: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Task {
    /// Read the file and check it.
    File,
    /// Read standard input and check it.
    Stdin,
    /// Take the content of that name from git and check it.
    Blob(String),
    /// A repository in the repository.
    Submodule,
    /// An office format that is not read.
    Unsupported,
    /// It could not even be looked at.
    Failed(String),
}

/// Everything that the paths lead to, each file once, in the order of the paths shown.
pub(crate) fn find(input: &InputArgs, settings: &mut Settings, lang: Lang) -> Result<Vec<Target>> {
    let mut finder = Finder::new(input, settings, lang)?;
    let mut paths = input.paths.clone();
    if let Some(list) = &input.files_from {
        paths.extend(listed(list, input, lang)?);
    } else if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    // Files first, so that a walk that meets one of them again is the one that yields.
    let (folders, files): (Vec<_>, Vec<_>) = paths.iter().partition(|p| p.is_dir());
    for path in files {
        if path.as_os_str() == "-" {
            finder.stdin(input.stdin_filename.as_deref());
        } else {
            finder.file(path);
        }
    }
    let named = finder.targets.len();
    for path in folders {
        finder.walk(&absolute(path), path);
    }
    // Folders that links lead to come last: most of them were walked already under their own name.
    while let Some((real, shown)) = finder.links.pop() {
        finder.walk(&real, &shown);
    }
    let targets = std::mem::take(&mut finder.targets);
    Ok(each_once(targets, named))
}

/// Of the files that changed those that a walk would take, in the order of the paths shown; where paths are given, only
/// what lies there.
pub(crate) fn changed(
    repository: &Repository,
    changes: Vec<Change>,
    input: &InputArgs,
    settings: &mut Settings,
    lang: Lang,
) -> Result<Vec<Target>> {
    let mut finder = Finder::new(input, settings, lang)?;
    let here = absolute(Path::new("."));
    let wanted: Vec<_> = input.paths.iter().map(|p| absolute(p)).collect();
    for change in changes {
        let path = repository.top.join(&change.path);
        let hidden = change.path.iter().any(|part| is_hidden(Path::new(part)));
        let elsewhere = !wanted.is_empty() && !wanted.iter().any(|w| path.starts_with(w));
        if hidden || elsewhere || finder.is_excluded_whole(&path, false) {
            continue;
        }
        let task = match (change.now, finder.class(&path)) {
            (Now::Submodule, _) => Task::Submodule,
            (_, Class::Other) => continue,
            (_, Class::Unsupported) => Task::Unsupported,
            (Now::Blob(name), Class::Draft) => Task::Blob(name),
            (Now::WorkTree, Class::Draft) => Task::File,
            (Now::Conflict, Class::Draft) => Task::Failed(
                lang.pick("合并冲突尚未解决", "a merge left it undecided")
                    .to_owned(),
            ),
        };
        let (config, name) = finder.settings.place(&path);
        finder.targets.push(Target {
            shown: relative(&path, &here),
            path,
            config,
            name,
            task,
            before: change.before,
        });
    }
    let targets = std::mem::take(&mut finder.targets);
    Ok(each_once(targets, 0))
}

/// The files that paths lead to, as published: every file that is named, and the drafts in folders.
pub(crate) fn published(
    paths: &[PathBuf],
) -> impl Iterator<Item = Result<PathBuf, walkdir::Error>> {
    let is_wanted = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry.path());
    let walk = move |path: &PathBuf| {
        let entries = WalkDir::new(path).follow_links(true).sort_by_file_name();
        entries.into_iter().filter_entry(is_wanted)
    };
    paths.iter().flat_map(walk).filter_map(|entry| match entry {
        Ok(entry) if entry.file_type().is_dir() => None,
        Ok(entry) if entry.depth() > 0 && class_by_name(entry.path()) != Class::Draft => None,
        entry => Some(entry.map(DirEntry::into_path)),
    })
}

/// The paths in a list of them.
fn listed(list: &Path, input: &InputArgs, lang: Lang) -> Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    if list.as_os_str() == "-" {
        io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = fs::read(list).with_context(|| shown(list))?;
    }
    // PowerShell writes UTF-16.
    let bytes = match Encoding::for_bom(&bytes) {
        Some((encoding, mark)) => encoding
            .decode_without_bom_handling(&bytes[mark..])
            .0
            .into_owned()
            .into_bytes(),
        None => bytes,
    };
    let end = if input.null { 0 } else { b'\n' };
    let mut paths = Vec::new();
    for name in bytes.split(|&b| b == end) {
        let name = match name.strip_suffix(b"\r") {
            Some(name) if !input.null => name,
            _ => name,
        };
        if !name.is_empty() {
            let path = path_of(name).with_context(|| {
                let what = lang.pick("路径的编码无法识别", "a path in an unknown encoding");
                format!("{} {what}", shown(list))
            })?;
            // A file of that name, not standard input.
            paths.push(if path.as_os_str() == "-" {
                Path::new(".").join(path)
            } else {
                path
            });
        }
    }
    Ok(paths)
}

/// Drops what leads to the same file, in favour of what was named (the first `named` targets), then of its own path.
fn each_once(targets: Vec<Target>, named: usize) -> Vec<Target> {
    let mut ranked: Vec<_> = targets.into_iter().enumerate().collect();
    let rank = |&(n, ref t): &(usize, Target)| (n >= named, !t.path.ends_with(&t.shown));
    ranked.sort_by(|a, b| (&a.1.path, rank(a), &a.1.shown).cmp(&(&b.1.path, rank(b), &b.1.shown)));
    ranked.dedup_by(|later, first| later.1.path == first.1.path);
    let mut targets: Vec<_> = ranked.into_iter().map(|(_, t)| t).collect();
    targets.sort_by(|a, b| a.shown.cmp(&b.shown));
    targets
}

struct Finder<'a> {
    settings: &'a mut Settings,
    include: Gitignore,
    exclude: Gitignore,
    /// Whether that goes for named paths too.
    force_exclude: bool,
    lang: Lang,
    /// Folders that were walked.
    seen: HashSet<PathBuf>,
    /// Folders that links lead to.
    links: Vec<(PathBuf, PathBuf)>,
    targets: Vec<Target>,
}

impl<'a> Finder<'a> {
    fn new(input: &InputArgs, settings: &'a mut Settings, lang: Lang) -> Result<Self> {
        let here = absolute(Path::new("."));
        Ok(Self {
            include: patterns(&here, &input.include, lang)?,
            exclude: patterns(&here, &input.exclude, lang)?,
            force_exclude: input.force_exclude,
            settings,
            lang,
            seen: HashSet::new(),
            links: Vec::new(),
            targets: Vec::new(),
        })
    }

    fn stdin(&mut self, name: Option<&str>) {
        let shown = PathBuf::from(name.unwrap_or("-"));
        let (config, name) = self.settings.place(&absolute(&shown));
        self.targets.push(Target {
            path: PathBuf::from("-"),
            shown,
            config,
            name,
            task: Task::Stdin,
            before: None,
        });
    }

    fn file(&mut self, path: &Path) {
        if self.force_exclude && self.is_excluded_whole(&absolute_here(path), false) {
            return;
        }
        match fs::metadata(path) {
            // A pipe or device has no better name than the one that was given.
            Ok(found) if !found.is_file() => self.push(path.to_owned(), path, Task::File),
            Ok(_) => self.push(absolute(path), path, Task::File),
            Err(error) => self.fail(path, path, &error),
        }
    }

    /// Walks the folder `real`, which a person calls `shown`.
    fn walk(&mut self, real: &Path, shown: &Path) {
        if self.force_exclude && self.is_excluded_whole(real, true) {
            return;
        }
        let above = ignores_above(real);
        let mut ignores: Vec<(usize, Gitignore)> = Vec::new();
        let mut entries = WalkDir::new(real).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(real).to_owned();
                    let shown = shown_below(shown, real, &path);
                    self.fail(&path, &shown, &io_error(error));
                    continue;
                }
            };
            while ignores.last().is_some_and(|(d, _)| *d >= entry.depth()) {
                ignores.pop();
            }
            let path = entry.path();
            let is_folder = entry.file_type().is_dir();
            if entry.depth() > 0 {
                let layers = above.iter().chain(ignores.iter().map(|(_, i)| i));
                if is_hidden(path)
                    || is_ignored(layers.rev(), path, is_folder)
                    || self.is_excluded(path, is_folder)
                {
                    if is_folder {
                        entries.skip_current_dir();
                    }
                    continue;
                }
            }
            if is_folder {
                if !self.seen.insert(path.to_owned()) {
                    entries.skip_current_dir();
                    continue;
                }
                let (ignore, _) = Gitignore::new(path.join(".gitignore"));
                if !ignore.is_empty() {
                    ignores.push((entry.depth(), ignore));
                }
                continue;
            }
            let shown = shown_below(shown, real, path);
            if entry.path_is_symlink() {
                self.link(path, &shown);
            } else if entry.file_type().is_file() {
                self.found(path, path, &shown);
            }
        }
    }

    fn link(&mut self, path: &Path, shown: &Path) {
        match fs::canonicalize(path) {
            // Nobody who names a folder means the one around it.
            Ok(real) if real.is_dir() => {
                if !path.starts_with(&real) {
                    self.links.push((real, shown.to_owned()));
                }
            }
            Ok(real) if real.is_file() => self.found(path, &real, shown),
            Ok(_) => {}
            Err(error) => {
                if self.class(path) == Class::Draft {
                    self.fail(path, shown, &error);
                }
            }
        }
    }

    /// A file that a walk met as `path`; `real` is where it is.
    fn found(&mut self, path: &Path, real: &Path, shown: &Path) {
        let task = match self.class(path) {
            Class::Draft => Task::File,
            Class::Unsupported => Task::Unsupported,
            Class::Other => return,
        };
        let (config, name) = self.settings.place(path);
        self.targets.push(Target {
            path: real.to_owned(),
            shown: shown.to_owned(),
            config,
            name,
            task,
            before: None,
        });
    }

    fn push(&mut self, real: PathBuf, shown: &Path, task: Task) {
        let (config, name) = self.settings.place(&absolute_here(shown));
        self.targets.push(Target {
            path: real,
            shown: shown.to_owned(),
            config,
            name,
            task,
            before: None,
        });
    }

    fn fail(&mut self, real: &Path, shown: &Path, error: &io::Error) {
        let why = io_reason(error, self.lang);
        self.targets.push(Target {
            path: real.to_owned(),
            shown: shown.to_owned(),
            config: 0,
            name: String::new(),
            task: Task::Failed(why),
            before: None,
        });
    }

    fn config_beside(&mut self, path: &Path) -> usize {
        let folder = path.parent().unwrap_or(path);
        self.settings.for_folder(folder)
    }

    fn class(&mut self, path: &Path) -> Class {
        let config = self.config_beside(path);
        let include = &self.settings.get(config).include;
        if names_it(&self.include, path, false) || names_it(include, path, false) {
            return Class::Draft;
        }
        class_by_name(path)
    }

    fn is_excluded(&mut self, path: &Path, is_folder: bool) -> bool {
        let config = self.config_beside(path);
        let exclude = &self.settings.get(config).exclude;
        self.exclude.matched(path, is_folder).is_ignore()
            || exclude.matched(path, is_folder).is_ignore()
    }
}

impl Finder<'_> {
    /// Whether a walk would leave out the file or folder, or a folder above it.
    fn is_excluded_whole(&mut self, path: &Path, is_folder: bool) -> bool {
        let config = self.config_beside(path);
        let exclude = &self.settings.get(config).exclude;
        names_it(&self.exclude, path, is_folder) || names_it(exclude, path, is_folder)
    }
}

/// What a walk does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Draft,
    /// An office document that a person would expect to be checked.
    Unsupported,
    Other,
}

fn class_by_name(path: &Path) -> Class {
    const DRAFTS: [&str; 10] = [
        "txt", "md", "markdown", "htm", "html", "xhtml", "docx", "docm", "dotx", "dotm",
    ];
    const UNSUPPORTED: [&str; 16] = [
        "doc", "dot", "wps", "wpt", "rtf", "pdf", "ofd", "xls", "xlsx", "xlsm", "et", "ppt",
        "pptx", "dps", "odt", "ceb",
    ];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let extension = extension.to_ascii_lowercase();
    if name.starts_with("~$") {
        Class::Other // Word's note that somebody has the file open
    } else if DRAFTS.contains(&extension.as_str()) {
        Class::Draft
    } else if UNSUPPORTED.contains(&extension.as_str()) {
        Class::Unsupported
    } else {
        Class::Other
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|n| n.to_string_lossy().starts_with('.'))
}

/// The innermost `.gitignore` that says something decides.
fn is_ignored<'a>(
    innermost_first: impl Iterator<Item = &'a Gitignore>,
    path: &Path,
    is_folder: bool,
) -> bool {
    let mut answers = innermost_first.map(|i| i.matched(path, is_folder));
    answers
        .find(|a| !a.is_none())
        .is_some_and(|a| a.is_ignore())
}

/// Whether a pattern names the file or folder, or a folder above it.
fn names_it(patterns: &Gitignore, path: &Path, is_folder: bool) -> bool {
    if patterns.is_empty() {
        return false;
    }
    let root = patterns.path();
    let above = path.ancestors().skip(1);
    let above = above.take_while(|p| *p != root && p.starts_with(root));
    let mut answers = std::iter::once(path)
        .chain(above)
        .map(|p| patterns.matched(p, is_folder || p != path));
    answers
        .find(|a| !a.is_none())
        .is_some_and(|a| a.is_ignore())
}

/// The `.gitignore` files between the folder and the root of its repository, outermost first; none without a
/// repository.
fn ignores_above(folder: &Path) -> Vec<Gitignore> {
    let mut found = Vec::new();
    if folder.join(".git").exists() {
        return found;
    }
    for above in folder.ancestors().skip(1) {
        let (ignore, _) = Gitignore::new(above.join(".gitignore"));
        found.push(ignore);
        if above.join(".git").exists() {
            found.reverse();
            return found;
        }
    }
    Vec::new()
}

/// `path`, which lies below `real`, in the words of a person who calls that folder `shown`.
fn shown_below(shown: &Path, real: &Path, path: &Path) -> PathBuf {
    let rest = path.strip_prefix(real).unwrap_or(path);
    if shown == Path::new(".") {
        rest.to_owned()
    } else {
        shown.join(rest)
    }
}

/// `path` as seen from the folder `here`; both are absolute.
fn relative(path: &Path, here: &Path) -> PathBuf {
    let shared = path.iter().zip(here).take_while(|(a, b)| a == b).count();
    let up = here.iter().skip(shared).map(|_| OsStr::new(".."));
    up.chain(path.iter().skip(shared)).collect()
}

/// Absolute, with links resolved where that is possible.
fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| absolute_here(path))
}

/// Absolute, with links left alone: the folder of a link, not of its target, says which configuration holds.
pub(crate) fn absolute_here(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = fs::canonicalize(parent.unwrap_or(Path::new(".")));
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// The bytes of a file, of standard input for `-`, or of what git has staged; no more than `limit` of them.
///
/// # Errors
/// A message for a person, when it cannot be read or is larger.
pub(crate) fn read(
    target: &Target,
    blobs: &Blobs,
    limit: u64,
    lang: Lang,
) -> Result<Vec<u8>, String> {
    let too_large = || {
        let size = limit_in_words(limit);
        match lang {
            Lang::Zh => format!("超过 {size}，未读取；可用 --max-file-size 放宽"),
            Lang::En => format!("larger than {size} and not read: raise --max-file-size"),
        }
    };
    let failed = |error: io::Error| io_reason(&error, lang);
    let most = limit.saturating_add(1);
    let mut bytes = Vec::new();
    if let Task::Blob(name) = &target.task {
        return match blobs.read(name, limit, lang) {
            Ok(Blob::Content(bytes)) => Ok(bytes),
            Ok(Blob::TooLarge) => Err(too_large()),
            Err(error) => Err(describe(&error, lang)),
        };
    }
    if target.task == Task::Stdin {
        let stdin = io::stdin().lock();
        stdin.take(most).read_to_end(&mut bytes)
    } else {
        let file = File::open(&target.path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length > limit {
            return Err(too_large());
        }
        bytes.reserve(usize::try_from(length).unwrap_or(0));
        file.take(most).read_to_end(&mut bytes)
    }
    .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes)
}

fn limit_in_words(limit: u64) -> String {
    for (unit, factor) in [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if limit >= factor && limit.is_multiple_of(factor) {
            return format!("{} {unit}", limit / factor);
        }
    }
    format!("{limit} B")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    /// What `zhengming check` with these arguments finds in a folder of these files; `/` ends the name of a folder.
    fn found(files: &[(&str, &str)], arguments: &[&str]) -> Vec<(String, Task)> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match text.strip_prefix("-> ") {
                Some(target) => link(target, &path),
                None => fs::write(path, text).unwrap(),
            }
        }
        let place = |a: &&str| match a.strip_prefix("./") {
            Some(rest) => folder.path().join(rest).into_os_string(),
            None => a.into(),
        };
        let words = ["zhengming", "check"].iter().chain(arguments);
        let cli = Cli::try_parse_from(words.map(place)).unwrap();
        let Command::Check(args) = cli.command else {
            panic!("not a check");
        };
        let mut settings = Settings::new(&args.rules, Lang::Zh).unwrap();
        let targets = find(&args.input, &mut settings, Lang::Zh).unwrap();
        let below = |t: Target| {
            let path = t.shown.strip_prefix(folder.path()).unwrap_or(&t.shown);
            (path.to_str().unwrap().replace('\\', "/"), t.task)
        };
        targets.into_iter().map(below).collect()
    }

    #[cfg(unix)]
    fn link(target: &str, path: &Path) {
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    #[cfg(not(unix))]
    fn link(_: &str, _: &Path) {}

    fn names(found: &[(String, Task)]) -> Vec<&str> {
        found.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn a_walk_takes_drafts_and_names_what_it_cannot_read() {
        let all = found(
            &[
                ("a.txt", ""),
                ("b.HTM", ""),
                ("b/通知.DocX", ""),
                ("b/旧.DOC", ""),
                ("b/~$通知.docx", ""),
                ("b/照片.png", ""),
                ("b/无扩展名", ""),
                (".git/x.txt", ""),
                (".hidden.txt", ""),
            ],
            &["./"],
        );
        assert_eq!(
            all,
            [
                ("a.txt".to_owned(), Task::File),
                ("b/旧.DOC".to_owned(), Task::Unsupported),
                ("b/通知.DocX".to_owned(), Task::File),
                ("b.HTM".to_owned(), Task::File),
            ]
        );
    }

    #[test]
    fn the_innermost_gitignore_decides() {
        let files = [
            (".git/HEAD", ""),
            (".gitignore", "*.md\n/out/\n"),
            ("a.md", ""),
            ("out/a.txt", ""),
            ("docs/.gitignore", "!a.md\n"),
            ("docs/a.md", ""),
            ("docs/out/a.txt", ""),
            ("docs/b.md", ""),
        ];
        let docs = ["docs/a.md", "docs/out/a.txt"];
        assert_eq!(names(&found(&files, &["./"])), docs);
        assert_eq!(names(&found(&files, &["./docs"])), docs);
        // What is named is tried, whatever is ignored.
        assert_eq!(
            names(&found(&files, &["./a.md", "./out"])),
            ["a.md", "out/a.txt"]
        );
    }

    #[test]
    fn patterns_add_and_leave_out() {
        let files = [
            ("a.txt", ""),
            ("b.shtml", ""),
            ("old/c.txt", ""),
            (
                "sub/zhengming.toml",
                "include = ['/web/']\nexclude = ['d.*']",
            ),
            ("sub/d.txt", ""),
            ("sub/web/e.tpl", ""),
            ("d.txt", ""),
        ];
        assert_eq!(
            names(&found(
                &files,
                &["./", "--include", "*.shtml", "--exclude", "old"]
            )),
            ["a.txt", "b.shtml", "d.txt", "sub/web/e.tpl"]
        );
        assert_eq!(
            names(&found(&files, &["./sub", "--isolated"])),
            ["sub/d.txt"]
        );
    }

    #[test]
    fn a_file_that_is_named_twice_is_found_once() {
        let files = [("a/b.txt", "")];
        let all = found(&files, &["./a", "./", "./a/b.txt", "./a/../a/b.txt"]);
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn a_path_that_does_not_exist_is_a_failure_and_not_the_end() {
        let all = found(&[("a.txt", "")], &["./nothing.txt", "./a.txt"]);
        assert_eq!(all[0], ("a.txt".to_owned(), Task::File));
        assert_eq!(
            all[1],
            ("nothing.txt".to_owned(), Task::Failed("不存在".to_owned()))
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_never_upward() {
        let files = [
            ("a/b.txt", ""),
            ("a/up", "-> .."),
            ("a/loop", "-> ."),
            ("a/same.txt", "-> b.txt"),
            ("a/gone.txt", "-> nothing"),
            ("a/away", "-> ../c"),
            ("c/d.txt", ""),
            ("c/back", "-> ../a"),
        ];
        assert_eq!(
            names(&found(&files, &["./a"])),
            ["a/away/d.txt", "a/b.txt", "a/gone.txt"]
        );
        assert_eq!(
            names(&found(&files, &["./"])),
            ["a/b.txt", "a/gone.txt", "c/d.txt"]
        );
    }

    #[test]
    fn no_more_is_read_than_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "1234567890").unwrap();
        let target = Target {
            shown: path.clone(),
            path,
            config: 0,
            name: "a.txt".to_owned(),
            task: Task::File,
            before: None,
        };
        let blobs = Blobs::default();
        assert_eq!(read(&target, &blobs, 10, Lang::Zh).unwrap().len(), 10);
        let error = read(&target, &blobs, 9, Lang::Zh).unwrap_err();
        assert_eq!(error, "超过 9 B，未读取；可用 --max-file-size 放宽");
        assert_eq!(limit_in_words(1 << 30), "1 GiB");
    }
}
