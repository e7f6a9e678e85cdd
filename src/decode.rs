//! Bytes -> text. The encoding is remembered in the [`Part`], so that fixes go back in it.
//!
//! What decides, in this order: the caller's word, a byte order mark, strict UTF-8, the look of UTF-16, what the file
//! declares, and for text without any mark the share of common characters read as GB18030 and as Big5. Nothing is
//! decoded with replacement characters: text that would not go back to the same bytes is an error that names the place.

use std::cmp::Ordering;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use crate::document::{Notice, NoticeCode, ReadOptions};
use crate::error::{Error, Result};
use crate::source::{LineIndex, Part};

/// Decodes a part; UTF-8 is validated once and not copied.
///
/// `name` becomes the part's name (empty for a flat file) and stands in front of messages; `hint` is the label of the
/// encoding that the text declares for itself, in an HTML `meta` or an XML declaration.
///
/// # Errors
/// When the bytes are no text, or not wholly valid in the encoding that they are in: the message names the byte offset
/// and the line of the first bad byte.
pub(crate) fn decode(
    name: &str,
    bytes: Vec<u8>,
    options: &ReadOptions,
    hint: Option<&str>,
) -> Result<(Part, Vec<Notice>)> {
    let input = Input { name, hint };
    match options.encoding {
        Some(encoding) => Ok((input.as_told(bytes, encoding)?, Vec::new())),
        None => input.find_out(bytes),
    }
}

/// What the messages and the part need to know about the input.
#[derive(Clone, Copy)]
struct Input<'a> {
    name: &'a str,
    hint: Option<&'a str>,
}

impl Input<'_> {
    fn as_told(self, bytes: Vec<u8>, encoding: &'static Encoding) -> Result<Part> {
        if !is_supported(encoding) {
            return Err(self.unsupported(encoding.name()));
        }
        let encoding = match utf16_mark(&bytes) {
            // The label utf-16 means little endian, so a mark knows better.
            Some(marked) if encoding == UTF_16LE || encoding == UTF_16BE => marked,
            _ => encoding,
        };
        self.in_encoding(bytes, encoding, Certainty::Sure)
    }

    fn find_out(self, bytes: Vec<u8>) -> Result<(Part, Vec<Notice>)> {
        if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
            return Err(self.unsupported("UTF-32"));
        }
        if let Some(encoding) = utf16_mark(&bytes) {
            let part = self.in_encoding(bytes, encoding, Certainty::Sure)?;
            return Ok((part, Vec::new()));
        }
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            let part = self.in_encoding(bytes, UTF_8, Certainty::Sure)?;
            return Ok((part, Vec::new()));
        }
        match String::from_utf8(bytes) {
            Ok(text) => self.valid_utf8(text),
            Err(error) => self.not_utf8(error.into_bytes()),
        }
    }

    fn valid_utf8(self, text: String) -> Result<(Part, Vec<Notice>)> {
        // Only UTF-16 text in ASCII letters is valid UTF-8 with zero bytes in it.
        if memchr::memchr(0, text.as_bytes()).is_some()
            && let Some(encoding) = looks_like_utf16(text.as_bytes())
        {
            let part = self.in_encoding(text.into_bytes(), encoding, Certainty::Sure)?;
            return Ok((part, Vec::new()));
        }
        if is_junk(text.as_bytes()) {
            return Err(self.junk());
        }
        let declared = match self.declared() {
            Some(declared) if !means_utf8(declared) => declared,
            _ => return Ok((Part::utf8(self.name, text), Vec::new())),
        };
        // Text that is valid both ways is what it says it is: in ASCII alone, or in few letters that stand for few
        // ideographs of GB18030 as well. A fix would otherwise bring in bytes of another encoding.
        let says_little =
            text.is_ascii() || is_multi_byte(declared) && text.bytes().all(|b| b < FIRST_OF_THREE);
        if says_little
            && is_supported(declared)
            && let Some(decoded) = strict(declared, text.as_bytes())
        {
            let part = Part::encoded(self.name, text.into_bytes(), 0, decoded, declared);
            return Ok((part, Vec::new()));
        }
        Ok((Part::utf8(self.name, text), vec![self.conflict()]))
    }

    fn not_utf8(self, bytes: Vec<u8>) -> Result<(Part, Vec<Notice>)> {
        let (encoding, contradicts) = self.guess(&bytes)?;
        let part = self.in_encoding(bytes, encoding, Certainty::Likely)?;
        let notice = contradicts.then(|| self.conflict());
        Ok((part, notice.into_iter().collect()))
    }

    /// The encoding of bytes that are not valid UTF-8, and whether that contradicts what they declare.
    fn guess(self, bytes: &[u8]) -> Result<(&'static Encoding, bool)> {
        let junk = is_junk(bytes);
        if junk || memchr::memchr(0, bytes).is_some() {
            if let Some(encoding) = looks_like_utf16(bytes) {
                return Ok((encoding, false));
            }
            if junk {
                return Err(self.junk());
            }
        }
        let by_frequency = by_frequency(bytes);
        // A few letters in GB18030 may look like UTF-8; that the text says what it is, and is so, weighs more.
        let is_declared = self.declared().is_some_and(|declared| {
            is_multi_byte(declared)
                && by_frequency.is_some_and(|likely| same_decoder(likely, declared))
                && weigh_utf8(&bytes[..bytes.len().min(SAMPLE)]).long < 30
                && is_valid(declared, bytes)
        });
        if !is_declared && is_damaged_utf8(bytes) {
            return Ok((UTF_8, false));
        }
        match self.declared() {
            Some(declared) if is_multi_byte(declared) => match by_frequency {
                Some(other) if !same_decoder(other, declared) && !is_valid(declared, bytes) => {
                    Ok((other, true))
                }
                _ => Ok((declared, false)),
            },
            // Anything decodes in a single-byte encoding, so its declaration alone proves nothing.
            Some(declared) if declared.is_single_byte() => match by_frequency {
                Some(other) if is_valid(other, bytes) => Ok((other, true)),
                _ => Ok((declared, false)),
            },
            Some(declared) if !means_utf8(declared) => Err(self.unsupported(declared.name())),
            declared => match by_frequency {
                Some(encoding) => Ok((encoding, declared.is_some())),
                None => Err(self.bad_byte(bytes, UTF_8, Certainty::Unknown)),
            },
        }
    }

    fn in_encoding(
        self,
        bytes: Vec<u8>,
        encoding: &'static Encoding,
        certainty: Certainty,
    ) -> Result<Part> {
        if encoding == UTF_8 {
            return match String::from_utf8(bytes) {
                Ok(text) => Ok(Part::utf8(self.name, text)),
                Err(error) => Err(self.bad_byte(&error.into_bytes(), UTF_8, certainty)),
            };
        }
        let mark = if utf16_mark(&bytes) == Some(encoding) {
            2
        } else {
            0
        };
        match strict(encoding, &bytes[mark..]) {
            Some(text) => Ok(Part::encoded(self.name, bytes, mark, text, encoding)),
            None => Err(self.bad_byte(&bytes, encoding, certainty)),
        }
    }

    fn declared(self) -> Option<&'static Encoding> {
        Encoding::for_label(self.hint?.as_bytes())
    }

    fn conflict(self) -> Notice {
        Notice {
            code: NoticeCode::EncodingConflict,
            part: self.name.to_owned(),
            detail: self.hint.unwrap_or_default().trim().to_owned(),
        }
    }

    fn junk(self) -> Error {
        self.error(
            "不是文本：含有大量控制字符。如确为文本，请用 --encoding 指定编码",
            "not a text: it is full of control characters. If it is one, name its encoding with --encoding",
        )
    }

    fn unsupported(self, encoding: &str) -> Error {
        self.error(
            &format!(
                "不支持 {encoding} 编码：请另存为 UTF-8（也可读 UTF-16、GB18030、GBK、Big5 和单字节编码）"
            ),
            &format!(
                "the encoding {encoding} is not read: save the text as UTF-8 (UTF-16, GB18030, GBK, Big5 and single-byte encodings are read too)"
            ),
        )
    }

    /// Names the first byte that is not valid in `encoding`.
    fn bad_byte(self, bytes: &[u8], encoding: &'static Encoding, certainty: Certainty) -> Error {
        let offset = first_malformed(encoding, bytes);
        let (before, _) = encoding.decode_without_bom_handling(&bytes[..offset]);
        let line = LineIndex::new(&before).line(before.len());
        let byte = bytes.get(offset).copied().unwrap_or(0);
        let encoding = encoding.name();
        let zh =
            format!("第{line}行（字节偏移 {offset}）的字节 0x{byte:02X} 不是有效的 {encoding}");
        let en =
            format!("byte 0x{byte:02X} in line {line} (offset {offset}) is not valid {encoding}");
        match certainty {
            Certainty::Sure => self.error(
                &format!("{zh}：文件已损坏，或是别的编码。请修复该处，或用 --encoding 指定编码"),
                &format!(
                    "{en}: the file is damaged, or in another encoding. Repair it there, or name its encoding with --encoding"
                ),
            ),
            Certainty::Likely => self.error(
                &format!(
                    "{zh}，而其余部分是：文件已损坏，或混有几种编码。请修复该处，或用 --encoding 指定编码"
                ),
                &format!(
                    "{en}, while the rest of it is: the file is damaged, or in several encodings. Repair it there, or name its encoding with --encoding"
                ),
            ),
            Certainty::Unknown => self.error(
                &format!("{zh}，全文也不像 GB18030 或 Big5。请用 --encoding 指定编码"),
                &format!(
                    "{en}, and the text does not look like GB18030 or Big5 either. Name its encoding with --encoding"
                ),
            ),
        }
    }

    fn error(self, zh: &str, en: &str) -> Error {
        if self.name.is_empty() {
            Error::document(zh, en)
        } else {
            Error::document(
                format!("{}：{zh}", self.name),
                format!("{}: {en}", self.name),
            )
        }
    }
}

/// How sure it is that the text was meant to be in an encoding.
#[derive(Clone, Copy)]
enum Certainty {
    Sure,
    Likely,
    Unknown,
}

/// Bytes that are looked at where a part must stand for the whole.
const SAMPLE: usize = 64 << 10;

/// UTF-8 sequences of three bytes or more, which is where ideographs begin, start with such a byte.
const FIRST_OF_THREE: u8 = 0xE0;

/// Whether every character of a text in this encoding takes a whole number of bytes that can be told without state.
fn is_supported(encoding: &'static Encoding) -> bool {
    encoding == UTF_8
        || encoding == UTF_16LE
        || encoding == UTF_16BE
        || is_multi_byte(encoding)
        || encoding.is_single_byte()
}

fn is_multi_byte(encoding: &'static Encoding) -> bool {
    encoding == GB18030 || encoding == GBK || encoding == BIG5
}

/// A declaration that could be read byte by byte cannot mean UTF-16 what it says; it is taken for UTF-8, as browsers do.
fn means_utf8(declared: &'static Encoding) -> bool {
    declared == UTF_8 || declared == UTF_16LE || declared == UTF_16BE
}

fn same_decoder(a: &'static Encoding, b: &'static Encoding) -> bool {
    (a == BIG5) == (b == BIG5)
}

fn utf16_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// Decodes without replacement, or not at all.
fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut text = text.into_owned();
    // The decoder reserves for the worst case.
    text.shrink_to_fit();
    Some(text)
}

fn is_valid(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    first_malformed(encoding, bytes) == bytes.len()
}

/// The offset of the first byte that is not valid in `encoding`.
fn first_malformed(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = [0; 4096];
    let mut at = 0;
    loop {
        let (result, read, _) =
            decoder.decode_to_utf8_without_replacement(&bytes[at..], &mut out, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return bytes.len(),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, behind) => {
                return at.saturating_sub(usize::from(length) + usize::from(behind));
            }
        }
    }
}

/// Whether the text is UTF-8 with a few bad bytes, which GB18030 might accept as other characters.
///
/// Sequences of three bytes or more are the evidence: they hardly ever come about in text of another encoding, while
/// those of two bytes are common in GB18030.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let valid = Encoding::utf8_valid_up_to(bytes);
    let before = weigh_utf8(&bytes[valid.saturating_sub(SAMPLE)..valid]);
    let behind = weigh_utf8(&bytes[valid..bytes.len().min(valid + SAMPLE)]);
    let cut_off =
        std::str::from_utf8(&bytes[valid..]).is_err_and(|error| error.error_len().is_none());
    before.long >= 30
        || before.long + behind.long >= 2 * (before.other + behind.other)
        || cut_off && before.long > 0 && before.other == 0
}

/// Bytes of a text that are no ASCII.
#[derive(Default)]
struct Weight {
    /// In sequences of three bytes or more.
    long: usize,
    /// In shorter sequences, or in none.
    other: usize,
}

fn weigh_utf8(bytes: &[u8]) -> Weight {
    let mut weight = Weight::default();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c.len_utf8() {
                1 => {}
                2 => weight.other += 2,
                n => weight.long += n,
            }
        }
        weight.other += chunk.invalid().len();
    }
    weight
}

/// UTF-16 without a byte order mark, by what its pairs of bytes would be in either order.
fn looks_like_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes[..bytes.len().min(SAMPLE)].as_chunks::<2>();
    let plausible = |u: u16| {
        matches!(u, 0x09..=0x0D | 0x20..=0x7E | 0xA0..=0xFF | 0x2000..=0x206F | 0x2460..=0x24FF | 0x3000..=0x9FFF
            | 0xFF00..=0xFFEF)
    };
    let count = |test: &dyn Fn([u8; 2]) -> bool| pairs.iter().filter(|&&pair| test(pair)).count();
    let little = count(&|pair| plausible(u16::from_le_bytes(pair)));
    let big = count(&|pair| plausible(u16::from_be_bytes(pair)));
    // A pair of ASCII letters could be an ideograph, so there must be enough bytes that are neither.
    let telling = count(&|pair| pair.iter().any(|&b| b == 0 || b >= 0x80));
    if telling * 3 < pairs.len() {
        return None;
    }
    match (little * 10 >= pairs.len() * 9, big * 10 >= pairs.len() * 9) {
        (true, false) => Some(UTF_16LE),
        (false, true) => Some(UTF_16BE),
        (false, false) => None,
        // ASCII, whose letters are ideographs the wrong way round: its zero bytes come second in little endian.
        (true, true) => match count(&|pair| pair[0] == 0).cmp(&count(&|pair| pair[1] == 0)) {
            Ordering::Less => Some(UTF_16LE),
            Ordering::Greater => Some(UTF_16BE),
            Ordering::Equal => None,
        },
    }
}

/// Whether there are more control characters than a text has.
fn is_junk(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let is_control =
        |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | 0x0B | 0x0C | b'\r' | 0x1A) || b == 0x7F;
    let controls = sample.iter().filter(|&&b| is_control(b)).count();
    (controls > 4 || sample.contains(&0)) && controls * 50 > sample.len()
}

/// GB18030 or Big5, by the share of common characters that the text has in either; neither if that share is small.
fn by_frequency(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let gb18030 = common_in_gb18030(sample);
    let big5 = common_in_big5(sample);
    if gb18030.max(big5) < 50 {
        return None;
    }
    // The right one is far ahead in all but the shortest texts.
    if gb18030.abs_diff(big5) < 10 {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(sample, true);
        let is_big5 = detector.guess(None, Utf8Detection::Deny) == BIG5;
        return Some(if is_big5 { BIG5 } else { GB18030 });
    }
    Some(if big5 > gb18030 { BIG5 } else { GB18030 })
}

/// How many of a hundred codes of more than one byte, or bad bytes, are common ideographs (the first level of GB 2312)
/// or punctuation.
fn common_in_gb18030(bytes: &[u8]) -> usize {
    share(bytes, |lead, trail| match (lead, trail) {
        (0xA1..=0xA3 | 0xB0..=0xD7, 0xA1..=0xFE) => Some((2, true)),
        (0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE) => Some((2, false)),
        (0x81..=0xFE, 0x30..=0x39) => Some((4, false)),
        _ => None,
    })
}

/// The same for Big5 and the first level of it.
fn common_in_big5(bytes: &[u8]) -> usize {
    share(bytes, |lead, trail| match (lead, trail) {
        (0xA1..=0xC5, 0x40..=0x7E | 0xA1..=0xFE) | (0xC6, 0x40..=0x7E) => Some((2, true)),
        (0x81..=0xFE, 0x40..=0x7E | 0xA1..=0xFE) => Some((2, false)),
        _ => None,
    })
}

fn share(bytes: &[u8], code: impl Fn(u8, u8) -> Option<(usize, bool)>) -> usize {
    let (mut common, mut all, mut at) = (0, 0, 0);
    while at + 1 < bytes.len() {
        if bytes[at] < 0x80 {
            at += 1;
            continue;
        }
        let (width, is_common) = code(bytes[at], bytes[at + 1]).unwrap_or((1, false));
        common += usize::from(is_common);
        all += 1;
        at += width;
    }
    (common * 100).checked_div(all).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_text_is_what_it_declares_to_be() {
        let text = "<meta charset=gb2312>\n<p>田人北</p>";
        let (bytes, _, _) = GB18030.encode(text);
        let options = ReadOptions::default();
        let (part, notices) = decode("", bytes.into_owned(), &options, Some("gb2312")).unwrap();
        assert_eq!(part.text(), text);
        assert!(notices.is_empty());
    }
    use crate::error::Lang;
    use crate::source::encode;

    const NOTICE: &str =
        "各乡镇人民政府，县直各单位：\n为贯彻落实习近平总书记重要讲话精神，现通知如下。";
    const TRADITIONAL: &str =
        "各鄉鎮人民政府，縣直各單位：\n為貫徹落實重要講話精神，現將有關事項通知如下。";

    fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encode(encoding, text).unwrap()
    }

    fn found(bytes: &[u8], hint: Option<&str>) -> Result<(Part, Vec<Notice>)> {
        decode("", bytes.to_vec(), &ReadOptions::default(), hint)
    }

    fn told(bytes: &[u8], encoding: &'static Encoding) -> Result<(Part, Vec<Notice>)> {
        let options = ReadOptions {
            encoding: Some(encoding),
            ..ReadOptions::default()
        };
        decode("", bytes.to_vec(), &options, None)
    }

    fn message(result: Result<(Part, Vec<Notice>)>) -> String {
        match result {
            Ok((part, _)) => panic!("read as {}", part.encoding().name()),
            Err(error) => error.message(Lang::En),
        }
    }

    #[test]
    fn the_encoding_is_found_without_help() {
        let long = NOTICE.repeat(3000);
        let marked = |mark: &[u8], encoding, text| [mark, &bytes(encoding, text)].concat();
        let cases = [
            (NOTICE.as_bytes().to_vec(), UTF_8, NOTICE),
            (Vec::new(), UTF_8, ""),
            (b"plain\r\n".to_vec(), UTF_8, "plain\r\n"),
            (
                marked(b"\xEF\xBB\xBF", UTF_8, NOTICE),
                UTF_8,
                &format!("\u{FEFF}{NOTICE}"),
            ),
            (marked(b"\xFF\xFE", UTF_16LE, NOTICE), UTF_16LE, NOTICE),
            (marked(b"\xFE\xFF", UTF_16BE, NOTICE), UTF_16BE, NOTICE),
            (bytes(UTF_16LE, NOTICE), UTF_16LE, NOTICE),
            (bytes(UTF_16BE, NOTICE), UTF_16BE, NOTICE),
            (bytes(UTF_16LE, "ascii only\n"), UTF_16LE, "ascii only\n"),
            (bytes(UTF_16BE, "ascii only\n"), UTF_16BE, "ascii only\n"),
            (
                bytes(UTF_16LE, "没有换行的一句话。"),
                UTF_16LE,
                "没有换行的一句话。",
            ),
            (bytes(GB18030, NOTICE), GB18030, NOTICE),
            (bytes(GB18030, &long), GB18030, &long),
            (bytes(GB18030, "甲"), GB18030, "甲"),
            (bytes(GB18030, "改革"), GB18030, "改革"),
            (bytes(GB18030, "a 2026年😀\n"), GB18030, "a 2026年😀\n"),
            (bytes(GB18030, "\u{FEFF}甲乙丙"), GB18030, "\u{FEFF}甲乙丙"),
            (bytes(BIG5, TRADITIONAL), BIG5, TRADITIONAL),
            (bytes(BIG5, "通知如下"), BIG5, "通知如下"),
        ];
        for (input, encoding, text) in cases {
            let (part, notices) = found(&input, None).unwrap();
            let head: String = text.chars().take(10).collect();
            assert_eq!(part.encoding(), encoding, "{head}");
            assert_eq!(part.text(), text);
            assert_eq!(part.bytes(), input);
            assert!(notices.is_empty());
        }
    }

    #[test]
    fn a_declaration_decides_what_the_bytes_leave_open() {
        let gbk = bytes(GB18030, NOTICE);
        let big5 = bytes(BIG5, TRADITIONAL);
        let rare = bytes(GBK, "囍龘");
        let latin = b"caf\xE9";
        // input, declared, found, whether the declaration is contradicted
        let cases: [(&[u8], &str, &'static Encoding, bool); 15] = [
            (NOTICE.as_bytes(), "utf-8", UTF_8, false),
            (NOTICE.as_bytes(), "gb2312", UTF_8, true),
            (NOTICE.as_bytes(), "iso-8859-1", UTF_8, true),
            (NOTICE.as_bytes(), "no such thing", UTF_8, false),
            (b"<p>ascii</p>", "gbk", GBK, false),
            (b"<p>ascii</p>", "utf-16", UTF_8, false),
            // 模 in GBK, two Latin letters in UTF-8.
            (b"\xC4\xA3", "gbk", GBK, false),
            (&gbk, "gb2312", GBK, false),
            (&gbk, "gb18030", GB18030, false),
            (&gbk, "utf-8", GB18030, true),
            (&gbk, "iso-8859-1", GB18030, true),
            (&big5, "big5", BIG5, false),
            (&big5, " UTF-8 ", BIG5, true),
            (&rare, "gbk", GBK, false),
            (latin, "windows-1252", encoding_rs::WINDOWS_1252, false),
        ];
        for (input, declared, encoding, conflict) in cases {
            let (part, notices) = found(input, Some(declared)).unwrap();
            assert_eq!(part.encoding(), encoding, "{declared} {input:02X?}");
            assert_eq!(part.bytes(), input);
            let codes: Vec<_> = notices
                .iter()
                .map(|n| (n.code, n.detail.as_str()))
                .collect();
            let expected = [(NoticeCode::EncodingConflict, declared.trim())];
            assert_eq!(codes, &expected[..usize::from(conflict)], "{declared}");
        }
    }

    #[test]
    fn the_callers_word_goes_first() {
        let gbk = bytes(GBK, "囍龘");
        assert_eq!(told(&gbk, GBK).unwrap().0.text(), "囍龘");
        assert_eq!(
            told(b"caf\xE9", encoding_rs::WINDOWS_1252)
                .unwrap()
                .0
                .text(),
            "café"
        );
        assert_eq!(
            told(&bytes(UTF_16BE, "甲"), UTF_16BE).unwrap().0.text(),
            "甲"
        );
        // The label utf-16 is little endian; the mark says otherwise.
        let (part, _) = told(b"\xFE\xFF\x75\x32", UTF_16LE).unwrap();
        assert_eq!((part.text(), part.encoding()), ("甲", UTF_16BE));
        assert_eq!(part.stored(&(0..3)).start, 2);
        // GB18030, although it is valid UTF-8.
        assert_eq!(told(b"\xC4\xA3", GB18030).unwrap().0.text(), "模");
        for encoding in [
            encoding_rs::ISO_2022_JP,
            encoding_rs::REPLACEMENT,
            encoding_rs::SHIFT_JIS,
        ] {
            assert!(message(told(b"abc", encoding)).contains("is not read"));
        }
    }

    #[test]
    fn errors_name_the_first_bad_byte() {
        let damaged = |encoding, text: &str, bad: &[u8], rest: &str| {
            [bytes(encoding, text), bad.to_vec(), bytes(encoding, rest)].concat()
        };
        let marked = [
            b"\xFF\xFE".to_vec(),
            bytes(UTF_16LE, "甲\n乙"),
            b"\x00\xD8".to_vec(),
            bytes(UTF_16LE, "丙"),
        ];
        let cases = [
            (
                damaged(UTF_8, "一\r\n甲乙丙丁", b"\xFF", "戊己"),
                "byte 0xFF in line 2 (offset 17) is not valid UTF-8",
            ),
            (
                damaged(UTF_8, "人", b"\xE3\x80", ""),
                "byte 0xE3 in line 1 (offset 3) is not valid UTF-8, while",
            ),
            (
                damaged(UTF_8, "一\n二\n中国", b"\xE4\xB8", ""),
                "byte 0xE4 in line 3 (offset 14) is not valid UTF-8",
            ),
            // Valid GB18030 would be there: 甲 as a whole, and a truncated one between two.
            (
                damaged(UTF_8, "各乡镇人民政府", b"\xBC\xD7", "县直各单位"),
                "0xBC in line 1 (offset 21) is not valid UTF-8, while",
            ),
            (
                damaged(UTF_8, &NOTICE.repeat(4000), b"\xE7\xBB", NOTICE),
                "is not valid UTF-8, while",
            ),
            (
                damaged(UTF_8, NOTICE, &bytes(GB18030, &NOTICE.repeat(9)), ""),
                "is not valid UTF-8, while",
            ),
            (
                damaged(GB18030, NOTICE, b"\xFF", NOTICE),
                "byte 0xFF in line 2 (offset 77) is not valid gb18030, while",
            ),
            (
                damaged(GB18030, NOTICE, b"\xB0", ""),
                "byte 0xB0 in line 2 (offset 77) is not valid gb18030",
            ),
            (
                damaged(BIG5, TRADITIONAL, b"\xFF", TRADITIONAL),
                "(offset 75) is not valid Big5",
            ),
            (
                marked.concat(),
                "byte 0x00 in line 2 (offset 8) is not valid UTF-16LE: the file",
            ),
            (
                b"\xFF\xFE\x32\x75\x32".to_vec(),
                "(offset 4) is not valid UTF-16LE",
            ),
            (
                b"\xEF\xBB\xBFab\xE4".to_vec(),
                "byte 0xE4 in line 1 (offset 5) is not valid UTF-8: the file",
            ),
            (
                b"caf\xE9".to_vec(),
                "(offset 3) is not valid UTF-8, and the text does not look like",
            ),
            (b"\xFF\xFE\0\0a\0\0\0".to_vec(), "UTF-32 is not read"),
            (b"\0\0\xFE\xFF\0\0\0a".to_vec(), "UTF-32 is not read"),
            (
                b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01".to_vec(),
                "not a text",
            ),
            (
                b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0".to_vec(),
                "not a text",
            ),
        ];
        for (input, expected) in cases {
            let message = message(found(&input, None));
            assert!(message.contains(expected), "{message}\n{expected}");
        }
        assert!(message(found(b"\x93\xFA", Some("shift_jis"))).contains("Shift_JIS is not read"));
        let truncated = damaged(GB18030, NOTICE, b"\xB0", "");
        assert!(message(found(&truncated, Some("gbk"))).contains("(offset 77) is not valid GBK"));
        assert!(message(told(b"ab\xFFc", GB18030)).contains("(offset 2) is not valid gb18030"));
        let part = decode(
            "word/a.xml",
            b"\xFF".to_vec(),
            &ReadOptions::default(),
            None,
        );
        assert!(message(part).starts_with("word/a.xml: byte"));
    }

    /// Every character must map to exactly the bytes it was decoded from.
    fn assert_offsets(encoding: &'static Encoding, codes: &[Vec<u8>]) {
        let (part, _) = told(&codes.concat(), encoding).unwrap();
        let text = part.text().to_owned();
        let (mut decoded, mut stored) = (0, 0);
        for code in codes {
            let chars = strict(encoding, code).unwrap_or_default();
            let first = chars.chars().next().unwrap();
            let span = part.stored(&(decoded..decoded + first.len_utf8()));
            assert_eq!(
                (span.start, span.end),
                (stored, stored + code.len()),
                "{code:02X?}"
            );
            assert_eq!(&text[decoded..decoded + chars.len()], chars);
            assert_eq!(part.decoded_offset(stored), decoded, "{code:02X?}");
            decoded += chars.len();
            stored += code.len();
            assert_eq!(
                part.stored(&(decoded..decoded)).start,
                stored,
                "{code:02X?}"
            );
        }
        assert_eq!((decoded, stored), (text.len(), part.bytes().len()));
    }

    fn two_byte_codes(encoding: &'static Encoding) -> Vec<Vec<u8>> {
        (0x81..=0xFE)
            .flat_map(|lead| (0x40..=0xFE).map(move |trail| vec![lead, trail]))
            .filter(|code| strict(encoding, code).is_some_and(|t| !t.is_ascii()))
            .filter(|code| !code[1].is_ascii() || !is_valid(encoding, &code[..1]))
            .collect()
    }

    #[test]
    fn offsets_of_every_gb18030_code() {
        let mut codes = two_byte_codes(GB18030);
        assert_eq!(codes.len(), 23_940);
        let encoded = ('\u{80}'..='\u{FFFF}').chain(['𠮷', '😀', '\u{2FA1D}', '\u{10FFFF}']);
        let four = encoded.filter_map(|c| encode(GB18030, c.encode_utf8(&mut [0; 4])).ok());
        codes.extend(four.filter(|code| code.len() == 4));
        assert!(codes.len() > 60_000);
        // Second forms of characters that have a two-byte code as well.
        codes.push(vec![0x84, 0x31, 0x82, 0x36]);
        codes.push(vec![0x82, 0x35, 0x90, 0x37]);
        codes.extend((0..=0x80).map(|b| vec![b]));
        assert_offsets(GB18030, &codes);
        codes.reverse();
        assert_offsets(GBK, &codes);
    }

    #[test]
    fn offsets_of_every_big5_code() {
        let mut codes = two_byte_codes(BIG5);
        assert!(codes.len() > 18_000);
        assert!(
            codes.contains(&vec![0x88, 0x62]),
            "two characters in one code"
        );
        codes.extend((0..0x80).map(|b| vec![b]));
        assert_offsets(BIG5, &codes);
        codes.reverse();
        assert_offsets(BIG5, &codes);
        let mixed: Vec<_> = codes.iter().flat_map(|c| [c.clone(), vec![b'a']]).collect();
        assert_offsets(BIG5, &mixed);
    }

    #[test]
    fn offsets_of_utf16_with_surrogates() {
        for encoding in [UTF_16LE, UTF_16BE] {
            let chars = ('\u{1}'..='\u{3000}').chain('😀'..='🙏').chain('一'..='十');
            let codes: Vec<_> = chars
                .map(|c| bytes(encoding, c.encode_utf8(&mut [0; 4])))
                .collect();
            assert_offsets(encoding, &codes);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back_or_are_refused(
            input in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                // Mostly in the ranges of the encodings, with a slip here and there.
                proptest::collection::vec(prop_oneof![0xA0..=0xFEu8, Just(b'\n'), 0x40..=0x7Eu8], 0..200),
                "\\PC{0,40}".prop_map(String::into_bytes),
                "[\\u{4E00}-\\u{9FA5}。\\n]{1,40}".prop_map(|t| bytes(GB18030, &t)),
                "[\\u{4E00}-\\u{9FA5}。\\n]{1,40}".prop_map(|t| bytes(UTF_16LE, &t)),
            ],
            hint in proptest::option::of(prop_oneof![Just("gbk"), Just("big5"), Just("utf-8"), Just("latin1"), Just("x")]),
            encoding in proptest::option::of(prop_oneof![Just(UTF_8), Just(GB18030), Just(BIG5), Just(UTF_16BE)]),
        ) {
            let options = ReadOptions { encoding, ..ReadOptions::default() };
            if let Ok((part, _)) = decode("", input.clone(), &options, hint) {
                prop_assert_eq!(part.bytes(), &input[..]);
                for (at, c) in part.text().char_indices() {
                    let span = part.stored(&(at..at + c.len_utf8()));
                    prop_assert!(span.start <= span.end && span.end <= input.len());
                }
                let end = part.stored(&(0..part.text().len())).end;
                prop_assert_eq!(end, input.len());
            }
        }
    }
}
