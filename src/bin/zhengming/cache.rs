//! Results that are kept for the next run.
//!
//! A result is found again by everything that it depends on: the content and the name of the document, the lexicon, the
//! configuration and the baseline, how drafts are read, the program, and the day. What is damaged or not understood is
//! not there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zhengming::report::DocumentReport;
use zhengming::{Diagnostic, Kind, Notice, ReadOptions};

use crate::files::Target;
use crate::settings::Checker;
use crate::words::today;
use crate::write;

const FOLDER: &str = ".zhengming-cache";

/// What a result is found by.
pub(crate) type Key = [u8; 32];

/// The results of earlier runs of the day, and those of this one.
pub(crate) struct Cache {
    folder: PathBuf,
    /// What every result of this run depends on.
    circumstances: Key,
    known: BTreeMap<Key, Vec<u8>>,
    new: Mutex<BTreeMap<Key, Vec<u8>>>,
}

/// What came of reading and linting a document.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: Option<Kind>,
    encoding: Option<String>,
    date: String,
    date_source: String,
    notices: Vec<Notice>,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize, Deserialize)]
struct File {
    day: String,
    results: BTreeMap<Key, Vec<u8>>,
}

impl Cache {
    /// The results that were kept in a folder of the project.
    pub(crate) fn open(root: &Path, options: &ReadOptions) -> Self {
        let folder = root.join(FOLDER);
        Self {
            known: load(&folder.join("results")).unwrap_or_default(),
            folder,
            circumstances: circumstances(options),
            new: Mutex::default(),
        }
    }

    /// By what the result for a document is found.
    pub(crate) fn key(&self, target: &Target, checker: &Checker, bytes: &[u8]) -> Key {
        let mut hash = Sha256::new();
        for field in [
            &self.circumstances[..],
            checker.lexicon.digest().as_bytes(),
            checker.digest.as_bytes(),
            target.name.as_bytes(),
            bytes,
        ] {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
        hash.finalize().into()
    }

    /// Fills a report with the result of that key; `false` when there is none.
    pub(crate) fn fill(&self, key: &Key, report: &mut DocumentReport) -> bool {
        let kept = self.known.get(key);
        let Some(kept) = kept.and_then(|bytes| postcard::from_bytes::<Kept>(bytes).ok()) else {
            return false;
        };
        let encoding = kept.encoding.as_ref();
        report.encoding = encoding
            .and_then(|name| Encoding::for_label(name.as_bytes()))
            .map(Encoding::name);
        report.kind = kept.kind;
        report.date = kept.date;
        report.date_source = kept.date_source;
        report.notices = kept.notices;
        report.diagnostics = kept.diagnostics;
        true
    }

    /// Keeps the result for the next run.
    pub(crate) fn keep(&self, key: Key, report: &DocumentReport) {
        let kept = Kept {
            kind: report.kind,
            encoding: report.encoding.map(str::to_owned),
            date: report.date.clone(),
            date_source: report.date_source.clone(),
            notices: report.notices.clone(),
            diagnostics: report.diagnostics.clone(),
        };
        if let (Ok(bytes), Ok(mut new)) = (postcard::to_allocvec(&kept), self.new.lock()) {
            new.insert(key, bytes);
        }
    }

    /// Writes the results down, if there are new ones.
    pub(crate) fn save(&self) -> io::Result<()> {
        let new = self.new.lock().map(|new| new.clone()).unwrap_or_default();
        if new.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        // Results belong to this machine: whoever can put some into the repository could hide mistakes.
        let ignore = self.folder.join(".gitignore");
        if !ignore.exists() {
            fs::write(ignore, "*\n")?;
        }
        let mut results = self.known.clone();
        results.extend(new);
        let file = File {
            day: today().to_string(),
            results,
        };
        let body = postcard::to_allocvec(&file).map_err(io::Error::other)?;
        let mut bytes = Sha256::digest(&body).to_vec();
        bytes.extend(body);
        write::create(&self.folder.join("results"), &bytes).map_err(io::Error::other)
    }
}

/// The results of the day in a file, if it is whole.
fn load(path: &Path) -> Option<BTreeMap<Key, Vec<u8>>> {
    let bytes = fs::read(path).ok()?;
    let (hash, body) = bytes.split_at_checked(32)?;
    if Sha256::digest(body)[..] != *hash {
        return None;
    }
    let file: File = postcard::from_bytes(body).ok()?;
    (file.day == today().to_string()).then_some(file.results)
}

fn circumstances(options: &ReadOptions) -> Key {
    let program = std::env::current_exe().and_then(fs::metadata);
    let program = program
        .map(|m| (m.len(), m.modified().ok()))
        .map_err(|e| e.kind());
    let said = format!(
        "{}\n{program:?}\n{:?}\n{}\n{}",
        env!("CARGO_PKG_VERSION"),
        options.encoding.map(Encoding::name),
        options.comments,
        today()
    );
    Sha256::digest(said.as_bytes()).into()
}
