//! Paths as URIs, and back.

use std::path::{Path, PathBuf};

/// The path of a file; `None` for what is no file on this machine, such as a text that was never saved.
pub(super) fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    let path = decoded(path.split(['?', '#']).next()?);
    if !cfg!(windows) {
        return matches!(host, "" | "localhost").then(|| from_bytes(path));
    }
    let path = String::from_utf8(path).ok()?;
    let is_drive = path.as_bytes().get(2) == Some(&b':');
    Some(match host {
        "" | "localhost" if is_drive => PathBuf::from(&path[1..]),
        "" | "localhost" => PathBuf::from(path),
        host => PathBuf::from(format!("//{host}{path}")),
    })
}

/// The last part of a URI of any scheme: what a text is called.
pub(super) fn name(uri: &str) -> String {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit(['/', ':']).next().unwrap_or_default();
    String::from_utf8_lossy(&decoded(last)).into_owned()
}

/// A path as a URI.
pub(super) fn of(path: &Path) -> Option<String> {
    let mut text = path.to_str()?.to_owned();
    if cfg!(windows) {
        text = text.replace('\\', "/");
        let long = text.strip_prefix("//?/").map(str::to_owned);
        text = long.unwrap_or(text);
    }
    let mut uri = String::from("file://");
    match text.strip_prefix("//") {
        Some(share) => text = share.to_owned(),
        None if !text.starts_with('/') => uri.push('/'),
        None => {}
    }
    for byte in text.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(uri)
}

/// Bytes with `%XX` undone.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let code = code.and_then(|hex| str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(unix)]
fn from_bytes(path: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    std::ffi::OsString::from_vec(path).into()
}

#[cfg(not(unix))]
fn from_bytes(path: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&path).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn paths_and_uris() {
        for (uri, want) in [
            ("file:///a/b.txt", Some("/a/b.txt")),
            ("file://localhost/a", Some("/a")),
            (
                "file:///%E9%80%9A%E7%9F%A5%20a%25%3a.md",
                Some("/通知 a%:.md"),
            ),
            ("file:///100%", Some("/100%")),
            ("file:///通知 a.md", Some("/通知 a.md")),
            ("file:///a.md#x", Some("/a.md")),
            ("file://server/a", None),
            ("file://", None),
            ("untitled:Untitled-1", None),
        ] {
            assert_eq!(path(uri).as_deref(), want.map(Path::new), "{uri}");
        }
        for text in ["/a/b.txt", "/通知 a%:#?.md", "/🀄"] {
            let uri = of(Path::new(text)).unwrap();
            assert_eq!(path(&uri).as_deref(), Some(Path::new(text)));
        }
    }

    #[test]
    fn names() {
        for (uri, want) in [
            ("untitled:Untitled-1", "Untitled-1"),
            ("file:///a/%E9%80%9A%E7%9F%A5.md?x", "通知.md"),
            ("file:///a/通知.md", "通知.md"),
            ("", ""),
        ] {
            assert_eq!(name(uri), want);
        }
    }
}
