//! Messages on standard input: a header with the length, and JSON behind it.

use std::io::{self, BufRead, Read as _};

use lsp_server::Message;

/// The longest message that is read, in bytes.
const LONGEST: u64 = 1 << 30;

/// The longest line of a header.
const LONGEST_LINE: u64 = 4096;

const LENGTH: &[u8] = b"content-length:";
const TYPE: &[u8] = b"content-type:";

/// What came in.
pub(super) enum Incoming {
    Message(Message),
    /// It was no message, and this is why. The next one may well be.
    Malformed(String),
}

/// Reads messages. What is no message is told once and passed over until the next header.
pub(super) struct Reader<R> {
    input: R,
    lost: bool,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, lost: false }
    }

    /// The next message; `None` when there will be no more.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Incoming>> {
        let mut length = None;
        loop {
            let mut line = Vec::new();
            let mut limited = (&mut self.input).take(LONGEST_LINE);
            if limited.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            let line = line.trim_ascii().to_ascii_lowercase();
            let mut bad = None;
            // A message that is longer than it says leaves its end in front of the next header.
            if let Some(at) = memchr::memmem::rfind(&line, LENGTH) {
                let digits = str::from_utf8(line[at + LENGTH.len()..].trim_ascii());
                length = digits.ok().and_then(|digits| digits.parse().ok());
                bad = length.is_none().then_some("Content-Length is no number");
            } else if line.is_empty() {
                if let Some(length) = length {
                    self.lost = false;
                    return self.body(length);
                }
            } else if length.is_none() && !line.starts_with(TYPE) {
                bad = Some("there is no Content-Length");
            }
            if let Some(why) = bad.filter(|_| !self.lost) {
                self.lost = true;
                return Ok(Some(Incoming::Malformed(why.to_owned())));
            }
        }
    }

    fn body(&mut self, length: u64) -> io::Result<Option<Incoming>> {
        let mut body = (&mut self.input).take(length);
        if length > LONGEST {
            io::copy(&mut body, &mut io::sink())?;
            let why = format!("{length} bytes are more than {LONGEST}");
            return Ok(Some(Incoming::Malformed(why)));
        }
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length {
            return Ok(None);
        }
        let message = serde_json::from_slice(&bytes).or_else(|error| match mended(&bytes) {
            Some(bytes) => serde_json::from_slice(&bytes),
            None => Err(error),
        });
        Ok(Some(match message {
            Ok(message) => Incoming::Message(message),
            Err(error) => Incoming::Malformed(error.to_string()),
        }))
    }
}

/// JSON with U+FFFD in the place of each half of a surrogate pair that stands alone; `None` where there is none. Editors
/// whose strings are UTF-16 send them while a person deletes an emoji half, and U+FFFD takes as many units.
fn mended(json: &[u8]) -> Option<Vec<u8>> {
    let unit = |at: usize| {
        let escape = json.get(at..at + 6)?;
        let digits = str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let is_low = |unit: u16| (0xDC00..0xE000).contains(&unit);
    let mut out = json.to_vec();
    let (mut at, mut found) = (0, false);
    while let Some(next) = memchr::memchr(b'\\', &json[at..]) {
        at += next;
        at += match unit(at) {
            Some(0xD800..0xDC00) if unit(at + 6).is_some_and(is_low) => 12,
            Some(0xD800..0xE000) => {
                out[at..at + 6].copy_from_slice(b"\\ufffd");
                found = true;
                6
            }
            _ => 2,
        };
        at = at.min(json.len());
    }
    found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8]) -> Vec<String> {
        let mut reader = Reader::new(input);
        let mut seen = Vec::new();
        while let Some(incoming) = reader.next().unwrap() {
            seen.push(match incoming {
                Incoming::Message(message) => serde_json::to_string(&message).unwrap(),
                Incoming::Malformed(why) => format!("malformed: {why}"),
            });
        }
        seen
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        let exit = r#"{"method":"exit"}"#;
        let framed = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let good = framed(exit);
        let no_header = "malformed: there is no Content-Length";
        let no_number = "malformed: Content-Length is no number";
        for (input, want) in [
            (good.clone(), vec![exit]),
            (format!("{good}{good}"), vec![exit, exit]),
            (
                format!("content-LENGTH:17\r\nContent-Type: x\r\n\r\n{exit}"),
                vec![exit],
            ),
            (
                format!("Content-Type: x\n\ncontent-length: 17\n\n{exit}"),
                vec![exit],
            ),
            (
                format!("hello\r\nworld\r\n\r\n{good}"),
                vec![no_header, exit],
            ),
            (
                format!("Content-Length: x\r\n\r\n{good}"),
                vec![no_number, exit],
            ),
            (
                format!("Content-Length: -1\r\n\r\n{good}"),
                vec![no_number, exit],
            ),
            (format!("{good}rest{good}"), vec![exit, exit]),
            (format!("Content-Length: 99\r\n\r\n{exit}"), vec![]),
            ("Content-Length: 99".to_owned(), vec![]),
            (
                "Content-Length: 18446744073709551615\r\n\r\nx".to_owned(),
                vec!["malformed: 18446744073709551615 bytes are more than 1073741824"],
            ),
            (
                format!("{}{good}", "x".repeat(10_000)),
                vec![no_header, exit],
            ),
        ] {
            assert_eq!(read(input.as_bytes()), want, "{input}");
        }
        for body in [
            "",
            "{",
            "[]",
            "null",
            "{}",
            "\u{FEFF}{}",
            &"[".repeat(10_000),
        ] {
            let seen = read(format!("{}{good}", framed(body)).as_bytes());
            assert!(seen[0].starts_with("malformed: "), "{seen:?}");
            assert_eq!(seen[1], exit, "{body}");
        }
        let seen = read(b"Content-Length: 2\r\n\r\n\xFF\xFE");
        assert!(seen[0].starts_with("malformed: "), "{seen:?}");
    }

    #[test]
    fn halves_of_characters_are_replaced() {
        for (text, want) in [
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d", "\u{FFFD}"),
            (r"\ude00\ud83d", "\u{FFFD}\u{FFFD}"),
            (r"\ud83d\ud83d\ude00", "\u{FFFD}😀"),
            (r"\\ud83d\ud83d", "\\ud83d\u{FFFD}"),
        ] {
            let body = format!(r#"{{"method":"x","params":"{text}"}}"#);
            let message = format!("Content-Length: {}\r\n\r\n{body}", body.len());
            let Some(Incoming::Message(Message::Notification(n))) =
                Reader::new(message.as_bytes()).next().unwrap()
            else {
                panic!("{text}");
            };
            assert_eq!(n.params, want);
        }
    }
}
