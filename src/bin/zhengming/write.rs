//! Files that are replaced whole or not at all.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, anyhow, bail};
use sha2::{Digest as _, Sha256};
use zhengming::Lang;

use crate::words::HELD;

/// A file as it was when it was read.
pub(crate) struct Original {
    pub(crate) path: PathBuf,
    metadata: Metadata,
    sha256: String,
}

impl Original {
    /// What the file is like before it is read.
    pub(crate) fn before_reading(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            metadata: fs::metadata(path)?,
            sha256: String::new(),
        })
    }

    /// Remembers the hash of what was read.
    pub(crate) fn read_as(mut self, sha256: String) -> Self {
        self.sha256 = sha256;
        self
    }

    /// Puts `bytes` in the place of the file, which must not have changed since it was read; keeps mode and owner. With
    /// `backup` the old bytes are kept beside it, and the name of that copy is returned.
    ///
    /// # Errors
    /// A message for a person; then the file is untouched.
    pub(crate) fn replace(
        &self,
        bytes: &[u8],
        backup: bool,
        lang: Lang,
    ) -> Result<Option<PathBuf>> {
        self.check_writable(lang)?;
        let temporary = Temporary::beside(&self.path).with_context(|| {
            lang.pick(
                "不能在同一文件夹中写临时文件",
                "a temporary file cannot be written in the same folder",
            )
        })?;
        temporary.fill(bytes, Some(&self.metadata), lang)?;
        let old = self.check_unchanged(lang)?;
        let backup = if backup {
            let made = keep(&self.path, &old);
            Some(made.with_context(|| lang.pick("不能保留原文件", "the original cannot be kept"))?)
        } else {
            None
        };
        match temporary.rename(&self.path) {
            // The file can be written, so on Windows this is somebody who reads it and lets nobody replace it.
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
                bail!(lang.pick(HELD.0, HELD.1))
            }
            other => other?,
        }
        Ok(backup)
    }

    fn check_writable(&self, lang: Lang) -> Result<()> {
        let refusal = lang.pick(
            "文件是只读的，未改动",
            "the file is read-only and was left alone",
        );
        if self.metadata.permissions().readonly() {
            bail!(refusal);
        }
        match OpenOptions::new().write(true).open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => bail!(refusal),
            other => other.map(drop).map_err(Into::into),
        }
    }

    /// The bytes of the file, if they are still those that were read.
    fn check_unchanged(&self, lang: Lang) -> Result<Vec<u8>> {
        let changed = || {
            anyhow!(lang.pick(
                "文件在处理过程中被改动，未写入；请再运行一次",
                "the file changed while it was being fixed and was left alone: run again",
            ))
        };
        let now = fs::metadata(&self.path)?;
        if now.len() != self.metadata.len() || now.modified().ok() != self.metadata.modified().ok()
        {
            return Err(changed());
        }
        let bytes = fs::read(&self.path)?;
        if sha256(&bytes) != self.sha256 {
            return Err(changed());
        }
        Ok(bytes)
    }
}

/// Writes a file that may or may not exist; a device or pipe is written directly.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let existing = fs::metadata(&target).ok();
    if existing.as_ref().is_some_and(|m| !m.is_file()) {
        return Ok(OpenOptions::new()
            .write(true)
            .open(&target)?
            .write_all(bytes)?);
    }
    let temporary = Temporary::beside(&target)?;
    temporary.fill(bytes, None, Lang::En)?;
    if let Some(metadata) = existing {
        fs::set_permissions(&temporary.path, metadata.permissions())?;
    }
    Ok(temporary.rename(&target)?)
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// Whether a file lies in a git work tree, where every version is kept anyway.
pub(crate) fn in_work_tree(path: &Path) -> bool {
    path.ancestors().skip(1).any(|p| p.join(".git").exists())
}

/// Keeps `bytes` as NAME.orig; an older copy is never overwritten, so it may become NAME.orig.1 and so on.
fn keep(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".orig");
    let mut copy = path.with_file_name(&name);
    for n in 1.. {
        match OpenOptions::new().write(true).create_new(true).open(&copy) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                return Ok(copy);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let mut numbered = name.clone();
                numbered.push(format!(".{n}"));
                copy = path.with_file_name(numbered);
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A file that vanishes unless it is renamed.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn beside(path: &Path) -> io::Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!(".zhengming-{}-{number}.tmp", std::process::id());
            let path = path.with_file_name(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(_) => return Ok(Self { path }),
                // An earlier process of the same number was killed and left it behind.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn fill(&self, bytes: &[u8], like: Option<&Metadata>, lang: Lang) -> Result<()> {
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        if let Some(like) = like {
            own(&self.path, like).with_context(|| {
                lang.pick(
                    "不能保留文件的所有者，未改动",
                    "the owner of the file cannot be kept, so it was left alone",
                )
            })?;
            fs::set_permissions(&self.path, like.permissions())?;
        }
        file.write_all(bytes)?;
        Ok(file.sync_all()?)
    }

    fn rename(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        sync_folder(path);
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = fs::remove_file(&self.path);
    }
}

/// Gives a file the owner that another one has.
#[cfg(unix)]
fn own(path: &Path, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let now = fs::metadata(path)?;
    let uid = (now.uid() != like.uid()).then(|| like.uid());
    let gid = (now.gid() != like.gid()).then(|| like.gid());
    if uid.is_none() && gid.is_none() {
        return Ok(());
    }
    chown(path, uid, gid)
}

/// A new file on Windows gets its owner and rights from its folder, as the old one did.
#[cfg(not(unix))]
fn own(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Makes the rename last through a power cut, where folders can be synced at all.
#[cfg(unix)]
fn sync_folder(path: &Path) {
    let folder = path.parent().and_then(|p| File::open(p).ok());
    if let Some(folder) = folder {
        // The new file is in place; a folder that cannot be synced does not undo that.
        let _ = folder.sync_all();
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn original(path: &Path) -> Original {
        let before = Original::before_reading(path).unwrap();
        before.read_as(sha256(&fs::read(path).unwrap()))
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_its_originals_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("通知.docx");
        fs::write(&path, "甲").unwrap();
        let kept = original(&path)
            .replace("乙".as_bytes(), true, Lang::Zh)
            .unwrap();
        assert_eq!(kept, Some(folder.path().join("通知.docx.orig")));
        original(&path)
            .replace("丙".as_bytes(), true, Lang::Zh)
            .unwrap();
        original(&path)
            .replace("丁".as_bytes(), false, Lang::Zh)
            .unwrap();
        assert_eq!(
            names(folder.path()),
            ["通知.docx", "通知.docx.orig", "通知.docx.orig.1"]
        );
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("通知.docx"), "丁");
        assert_eq!(read("通知.docx.orig"), "甲");
        assert_eq!(read("通知.docx.orig.1"), "乙");
    }

    #[test]
    fn a_file_that_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        for (then, now) in [("甲", "甲乙"), ("甲", "乙")] {
            fs::write(&path, then).unwrap();
            let original = original(&path);
            fs::write(&path, now).unwrap();
            let error = original.replace(b"x", true, Lang::Zh).unwrap_err();
            assert!(error.to_string().contains("被改动"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), now);
        }
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "甲").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let error = original(&path).replace(b"x", false, Lang::En).unwrap_err();
        assert!(error.to_string().contains("read-only"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "甲");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_is_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "甲").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
        original(&path).replace(b"x", false, Lang::Zh).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o751
        );
    }

    #[test]
    fn an_output_file_is_created_or_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        for text in ["1", "2"] {
            create(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert!(create(&folder.path().join("no/such/file"), b"").is_err());
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn hashes() {
        assert!(sha256(b"abc").starts_with("ba7816bf8f01cfea"));
        assert_eq!(sha256(b"").len(), 64);
    }
}
