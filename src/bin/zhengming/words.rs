//! What the command says itself, and the day it says it on.

use std::env;
use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use zhengming::report::visible;
use zhengming::{Lang, Mistake};

/// An error and what led to it, outermost first. Errors of the library speak both languages; those of the system are
/// translated where they are common.
pub(crate) fn describe(error: &anyhow::Error, lang: Lang) -> String {
    let causes = error.chain().map(|cause| {
        if let Some(error) = cause.downcast_ref::<zhengming::Error>() {
            error.message(lang)
        } else if let Some(error) = cause.downcast_ref::<io::Error>() {
            io_reason(error, lang)
        } else {
            cause.to_string()
        }
    });
    causes.collect::<Vec<_>>().join(lang.pick("：", ": "))
}

/// Why the system refused.
pub(crate) fn io_reason(error: &io::Error, lang: Lang) -> String {
    if is_held(error) {
        return lang.pick(HELD.0, HELD.1).to_owned();
    }
    let known = match error.kind() {
        io::ErrorKind::NotFound => ("不存在", "it does not exist"),
        io::ErrorKind::PermissionDenied => ("没有权限", "no permission"),
        io::ErrorKind::IsADirectory => ("是文件夹", "it is a folder"),
        io::ErrorKind::NotADirectory => ("路径中有一段不是文件夹", "part of the path is no folder"),
        io::ErrorKind::StorageFull => ("磁盘已满", "the disk is full"),
        io::ErrorKind::ReadOnlyFilesystem => ("文件系统是只读的", "the file system is read-only"),
        io::ErrorKind::AlreadyExists => ("已存在", "it exists already"),
        io::ErrorKind::OutOfMemory => ("内存不足", "out of memory"),
        io::ErrorKind::InvalidData => ("不是 UTF-8 文本", "it is no UTF-8 text"),
        _ => return error.to_string(),
    };
    lang.pick(known.0, known.1).to_owned()
}

/// Whether another program has the file open and shares it with nobody, as Word does with a document.
fn is_held(error: &io::Error) -> bool {
    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows; elsewhere these numbers mean something else.
    let on_windows = cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33));
    let busy = [
        io::ErrorKind::ResourceBusy,
        io::ErrorKind::ExecutableFileBusy,
    ];
    on_windows || busy.contains(&error.kind())
}

/// What a person can do about a file that is held.
pub(crate) const HELD: (&str, &str) = (
    "文件正被其他程序（如 Word、WPS）打开，请关闭后再试",
    "another program, such as Word or WPS, has the file open: close it and try again",
);

/// Whether the reader of our output went away: then there is nobody to complain to.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io_errors = error.chain().filter_map(|c| c.downcast_ref::<io::Error>());
    io_errors
        .map(io::Error::kind)
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}

/// A mistake in a TOML file on one line.
pub(crate) fn mistake(m: &Mistake, lang: Lang) -> String {
    let text = lang.pick(&m.zh, &m.en);
    format!("{}:{}:{}: {text}", m.file, m.line, m.column)
}

/// A path for messages, from the current folder on: what is not Unicode is replaced, what hides is escaped.
pub(crate) fn shown(path: &Path) -> String {
    let here = env::current_dir().and_then(fs::canonicalize).ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok());
    visible(&below.unwrap_or(path).to_string_lossy()).into_owned()
}

/// The hour of China.
pub(crate) const BEIJING: Offset = Offset::constant(8);

/// The day in China: wherever the machine stands, official wording changes on a day of that calendar.
pub(crate) fn today() -> Date {
    BEIJING.to_datetime(Timestamp::now()).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn errors_in_both_languages() {
        let error = Err::<(), _>(io::Error::from(io::ErrorKind::NotFound));
        let error = error.context("甲.toml").unwrap_err();
        assert_eq!(describe(&error, Lang::Zh), "甲.toml：不存在");
        assert_eq!(describe(&error, Lang::En), "甲.toml: it does not exist");
        assert!(!is_broken_pipe(&error));
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(is_broken_pipe(&error.context("x")));
        let held = io_reason(&io::ErrorKind::ResourceBusy.into(), Lang::Zh);
        assert!(held.contains("Word"), "{held}");
    }
}
