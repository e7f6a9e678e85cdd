//! What git knows: which files are about to be committed or have changed, and what is in them there.
//!
//! git is asked through its command, with names ended by NUL: it quotes Chinese names in any other form.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;

use anyhow::{Context as _, Result, anyhow, bail};
use zhengming::Lang;

/// The repository around the current folder.
pub(crate) struct Repository {
    /// The root of its work tree, links resolved.
    pub(crate) top: PathBuf,
    lang: Lang,
}

/// A file that differs from an earlier state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Where it is, below the root.
    pub(crate) path: PathBuf,
    pub(crate) now: Now,
    /// The name of its content in the earlier state, if it had one, under whatever path.
    pub(crate) before: Option<String>,
}

/// What a changed file is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Now {
    /// Content that git has under this name.
    Blob(String),
    /// What lies in the work tree.
    WorkTree,
    /// Another repository.
    Submodule,
    /// Nothing yet: a merge left it undecided.
    Conflict,
}

const LINK: &str = "120000";
const SUBMODULE: &str = "160000";

impl Repository {
    /// Finds the repository.
    ///
    /// # Errors
    /// When there is none, or git cannot be run.
    pub(crate) fn find(lang: Lang) -> Result<Self> {
        let said = git(&["rev-parse", "--show-toplevel"], None, lang)?;
        let top = said.strip_suffix(b"\n").unwrap_or(&said);
        let top = path(top.strip_suffix(b"\r").unwrap_or(top))?;
        Ok(Self {
            top: fs::canonicalize(&top).unwrap_or(top),
            lang,
        })
    }

    /// What a commit would change.
    pub(crate) fn staged(&self) -> Result<Vec<Change>> {
        let said = self.diff(&["--cached"])?;
        changes(&said, &|name| Now::Blob(name.to_owned()))
    }

    /// What differs between the work tree and the point where it left `revision`: that of their common ancestor, or the
    /// revision itself where none is known.
    pub(crate) fn since(&self, revision: &str) -> Result<Vec<Change>> {
        let lang = self.lang;
        let unknown = || match lang {
            Lang::Zh => format!("git 中没有“{revision}”这个版本；浅克隆时请先 git fetch 它"),
            Lang::En => {
                format!(
                    "git knows no revision “{revision}”; in a shallow clone, git fetch it first"
                )
            }
        };
        if revision.starts_with('-') {
            bail!(unknown());
        }
        let commit = format!("{revision}^{{commit}}");
        let commit = git(&["rev-parse", "--verify", "--quiet", &commit], None, lang)
            .with_context(unknown)?;
        let commit = word(&commit);
        let base = output(&["merge-base", "HEAD", &commit], None, lang)?;
        let base = Some(word(&base.stdout)).filter(|_| base.status.success());
        let base = base.filter(|b| !b.is_empty()).unwrap_or(commit);
        let said = self.diff(&[&base])?;
        let mut changes = changes(&said, &|_| Now::WorkTree)?;
        let others = ["ls-files", "-z", "--others", "--exclude-standard"];
        let said = git(&others, Some(&self.top), lang)?;
        for name in said.split(|&b| b == 0).filter(|n| !n.is_empty()) {
            changes.push(Change {
                path: path(name)?,
                now: Now::WorkTree,
                before: None,
            });
        }
        Ok(changes)
    }

    /// The differences in git's raw form, whatever the user's configuration says about diffs.
    fn diff(&self, what: &[&str]) -> Result<Vec<u8>> {
        let fixed = [
            "-c",
            "diff.relative=false",
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-color",
            "--no-ext-diff",
            "--find-renames",
            "--ignore-submodules=dirty",
        ];
        let words: Vec<_> = fixed.iter().chain(what).chain(&["--"]).copied().collect();
        git(&words, None, self.lang)
    }
}

/// A line of git's raw output.
struct RawChange<'g> {
    mode: &'g str,
    old: &'g str,
    new: &'g str,
    status: char,
}

impl RawChange<'_> {
    /// What the file is; `None` for what holds no text.
    fn now(&self, content: &dyn Fn(&str) -> Now) -> Option<Now> {
        match (self.status, self.mode) {
            ('D', _) | (_, LINK) => None,
            ('U', _) => Some(Now::Conflict),
            (_, SUBMODULE) => Some(Now::Submodule),
            _ => Some(content(self.new)),
        }
    }
}

/// Reads `:MODE MODE OLD NEW STATUS` and one or two paths behind it, each ended by NUL. `content` says what a file with
/// content of that name is now.
fn changes(said: &[u8], content: &dyn Fn(&str) -> Now) -> Result<Vec<Change>> {
    let strange = || anyhow!("git diff --raw: {}", String::from_utf8_lossy(said));
    let mut fields = said.split(|&b| b == 0).filter(|f| !f.is_empty());
    let mut found: Vec<Change> = Vec::new();
    while let Some(head) = fields.next() {
        let head = str::from_utf8(head).map_err(|_| strange())?;
        let words: Vec<_> = head.trim_start_matches(':').split(' ').collect();
        let [_, mode, old, new, status] = words[..] else {
            return Err(strange());
        };
        let status = status.chars().next().ok_or_else(strange)?;
        let mut name = fields.next().ok_or_else(strange)?;
        if matches!(status, 'R' | 'C') {
            name = fields.next().ok_or_else(strange)?;
        }
        let raw = RawChange {
            mode,
            old,
            new,
            status,
        };
        let Some(now) = raw.now(content) else {
            continue;
        };
        let path = path(name)?;
        // A file in conflict is named once as such and once as changed.
        match found.iter_mut().find(|c| c.path == path) {
            Some(known) if now == Now::Conflict => known.now = now,
            Some(_) => {}
            None => found.push(Change {
                path,
                now,
                before: Some(raw.old.to_owned()).filter(|name| !is_nothing(name)),
            }),
        }
    }
    Ok(found)
}

fn is_nothing(name: &str) -> bool {
    name.bytes().all(|b| b == b'0')
}

fn word(said: &[u8]) -> String {
    String::from_utf8_lossy(said).trim().to_owned()
}

/// A path as git or a list of files spells it.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn path(bytes: &[u8]) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

/// On Windows git speaks UTF-8, and a list that the command prompt has written is in the code page of China.
#[cfg(not(unix))]
pub(crate) fn path(bytes: &[u8]) -> Result<PathBuf> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .context("UTF-8")?,
    };
    Ok(PathBuf::from(text.as_ref()))
}

/// What a git command writes.
fn git(words: &[&str], folder: Option<&Path>, lang: Lang) -> Result<Vec<u8>> {
    let Output {
        status,
        stdout,
        stderr,
    } = output(words, folder, lang)?;
    if status.success() {
        return Ok(stdout);
    }
    let why = String::from_utf8_lossy(&stderr);
    let why = why.trim();
    let name = words
        .iter()
        .find(|w| !w.starts_with('-') && !w.contains('='));
    let name = name.copied().unwrap_or_default();
    match lang {
        Lang::Zh => bail!("git {name} 失败：{why}"),
        Lang::En => bail!("git {name} failed: {why}"),
    }
}

fn output(words: &[&str], folder: Option<&Path>, lang: Lang) -> Result<Output> {
    let mut command = Command::new("git");
    command.args(words).stdin(Stdio::null());
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.output().with_context(|| cannot_run(lang))
}

fn cannot_run(lang: Lang) -> &'static str {
    lang.pick(
        "不能运行 git 命令，请先安装 git",
        "the git command cannot be run: install git first",
    )
}

/// Contents by their names, read through one `git cat-file --batch`.
#[derive(Default)]
pub(crate) struct Blobs {
    batch: Mutex<Option<Batch>>,
}

struct Batch {
    child: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What came of asking for content.
pub(crate) enum Blob {
    Content(Vec<u8>),
    TooLarge,
}

impl Blobs {
    /// The content of that name, if it is no larger than `limit` bytes.
    ///
    /// # Errors
    /// When git does not have it or cannot be run.
    pub(crate) fn read(&self, name: &str, limit: u64, lang: Lang) -> Result<Blob> {
        let mut batch = self.batch.lock().map_err(|_| anyhow!("git cat-file"))?;
        if batch.is_none() {
            *batch = Some(Batch::start().with_context(|| cannot_run(lang))?);
        }
        let answer = batch.as_mut().map(|b| b.ask_for(name, limit));
        match answer {
            Some(Ok(blob)) => Ok(blob),
            Some(Err(error)) => {
                // What is left in the pipe would be taken for the next answer.
                *batch = None;
                Err(error).with_context(|| format!("git cat-file {name}"))
            }
            None => bail!("git cat-file {name}"),
        }
    }
}

impl Batch {
    fn start() -> io::Result<Self> {
        let mut child = Command::new("git")
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        let ask = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or_else(broken)?);
        Ok(Self {
            child,
            ask,
            answers,
        })
    }

    fn ask_for(&mut self, name: &str, limit: u64) -> Result<Blob> {
        let ask = self.ask.as_mut().context("stdin")?;
        writeln!(ask, "{name}")?;
        ask.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let words: Vec<_> = head.split_whitespace().collect();
        let [_, "blob", size] = words[..] else {
            bail!("{}", head.trim());
        };
        let size: u64 = size.parse()?;
        let mut content = Vec::new();
        let mut answer = (&mut self.answers).take(size);
        let blob = if size > limit {
            io::copy(&mut answer, &mut io::sink())?;
            Blob::TooLarge
        } else {
            answer.read_to_end(&mut content)?;
            Blob::Content(content)
        };
        if answer.limit() > 0 {
            bail!(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        let mut end = [0];
        self.answers.read_exact(&mut end)?;
        Ok(blob)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        drop(self.ask.take());
        // It ends when its input does; how does not matter any more.
        let _ = self.child.wait();
    }
}

/// Whether this is what Git LFS leaves in the place of a file that it keeps elsewhere.
pub(crate) fn is_lfs_pointer(bytes: &[u8]) -> bool {
    const LARGEST: usize = 1024;
    bytes.len() < LARGEST && bytes.starts_with(b"version https://git-lfs.github.com/spec/v1\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_output_is_read_whatever_the_names_are() {
        let said = ":100644 100644 aa bb M\0通知 一.txt\0\
                    :100644 100644 aa aa R100\0旧\n名.md\0新名.md\0\
                    :000000 100644 00 cc A\0新.html\0\
                    :100644 000000 aa 00 D\0删.txt\0\
                    :000000 120000 00 dd A\0链接.txt\0\
                    :000000 160000 00 ee A\0子模块\0\
                    :000000 000000 00 00 U\0争.txt\0\
                    :100644 000000 aa 00 M\0争.txt\0";
        let take = |name: &str| Now::Blob(name.to_owned());
        let found = changes(said.as_bytes(), &take).unwrap();
        let rows: Vec<_> = found
            .iter()
            .map(|c| (c.path.to_str().unwrap(), &c.now, c.before.as_deref()))
            .collect();
        let blob = |name: &str| Now::Blob(name.to_owned());
        assert_eq!(
            rows,
            [
                ("通知 一.txt", &blob("bb"), Some("aa")),
                ("新名.md", &blob("aa"), Some("aa")),
                ("新.html", &blob("cc"), None),
                ("子模块", &Now::Submodule, None),
                ("争.txt", &Now::Conflict, None),
            ]
        );
        assert!(changes(b"fatal: no repository\0", &take).is_err());
        assert!(changes(b":1 2 3 4 M\0", &take).is_err());
    }

    #[test]
    fn pointers_of_git_lfs() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert!(is_lfs_pointer(pointer));
        assert!(!is_lfs_pointer(b"version 1\n"));
        assert!(!is_lfs_pointer(&[&pointer[..], &[b'x'; 2000]].concat()));
    }
}
