//! One reader per format. A reader turns a decoded text into blocks, and builds each block's source map with it.

pub(crate) mod docx;
mod html;
mod markdown;
mod text;

use crate::decode::decode;
use crate::document::{Document, Kind, Meta, Notice, ReadOptions};
use crate::error::{Error, Result};
use crate::source::Part;

/// The largest part that is read, in bytes: offsets inside a part are kept in 32 bits.
pub const MAX_PART: usize = 1 << 30;

/// Decides the format, by content first and by name second, and reads the document.
pub(crate) fn parse(name: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Document> {
    check_length(bytes.len())?;
    if docx::looks_like_zip(&bytes) {
        return docx::read(name, bytes, options);
    }
    let kind = kind(name, &bytes, options)?;
    let hint = match kind {
        Kind::Html => html::declared_charset(&bytes),
        _ => None,
    };
    let (part, notices) = decode("", bytes, options, hint.as_deref())?;
    Ok(find_prose(name, kind, part, notices, options))
}

/// The same for a text that is decoded already.
pub(crate) fn parse_text(name: &str, text: String, options: &ReadOptions) -> Result<Document> {
    check_length(text.len())?;
    if docx::looks_like_zip(text.as_bytes()) {
        return docx::read(name, text.into_bytes(), options);
    }
    let kind = kind(name, text.as_bytes(), options)?;
    let part = Part::utf8("", text);
    Ok(find_prose(name, kind, part, Vec::new(), options))
}

fn check_length(length: usize) -> Result<()> {
    if length > MAX_PART {
        return Err(Error::document(
            "文件超过 1 GiB，未检查：请拆分后再检查",
            "the file is larger than 1 GiB and was not checked: split it",
        ));
    }
    Ok(())
}

/// The format of a flat file.
///
/// # Errors
/// When it is one that is not read.
fn kind(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Kind> {
    if let Some(error) = refused(bytes) {
        return Err(error);
    }
    Ok(match options.kind.unwrap_or_else(|| kind_of_name(name)) {
        kind if options.kind.is_some() => kind,
        // What browsers and office programs save as a web page often has the name of something else.
        Kind::Text | Kind::Docx if looks_like_html(bytes) => Kind::Html,
        Kind::Docx if !bytes.is_empty() => {
            return Err(Error::document(
                "文件不完整或已损坏：不是 docx（ZIP）格式。请用 Word 或 WPS 打开后重新保存",
                "the file is incomplete or damaged: it is no docx (zip). Open it in Word or WPS and save it again",
            ));
        }
        kind => kind,
    })
}

fn find_prose(
    name: &str,
    kind: Kind,
    part: Part,
    notices: Vec<Notice>,
    options: &ReadOptions,
) -> Document {
    let mut document = Document {
        name: name.to_owned(),
        kind,
        parts: vec![part],
        blocks: Vec::new(),
        marks: Vec::new(),
        meta: Meta::default(),
        notices,
        package: None,
        options: options.clone(),
    };
    // The bytes of UTF-16 do not show what they are before they are decoded.
    if options.kind.is_none()
        && document.kind == Kind::Text
        && looks_like_html(document.parts[0].text().as_bytes())
    {
        document.kind = Kind::Html;
    }
    match document.kind {
        Kind::Text | Kind::Docx => text::read(&mut document, 0),
        Kind::Markdown => markdown::read(&mut document, 0),
        Kind::Html => html::read(&mut document, 0),
    }
    document
}

/// What the extension of a file name says, without case.
fn kind_of_name(name: &str) -> Kind {
    let extension = match name.rsplit_once('.') {
        Some((_, extension)) => extension.to_ascii_lowercase(),
        None => return Kind::Text,
    };
    match extension.as_str() {
        "md" | "markdown" => Kind::Markdown,
        "htm" | "html" | "xhtml" => Kind::Html,
        "docx" | "docm" | "dotx" | "dotm" => Kind::Docx,
        _ => Kind::Text,
    }
}

/// Formats that are known by their first bytes and not read.
fn refused(bytes: &[u8]) -> Option<Error> {
    let head = without_blanks(bytes);
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Some(docx::explain_cfb(bytes));
    }
    let (zh, en) = if head.starts_with(b"{\\rtf") {
        ("RTF 格式", "RTF")
    } else if head.starts_with(b"%PDF-") {
        ("PDF 格式", "PDF")
    } else if starts_with(head, b"mime-version:") {
        ("单个文件网页（MHTML）格式", "MHTML")
    } else if starts_with(head, b"<?xml") && contains_early(head, b"<?mso-application") {
        ("Word 2003 XML 格式", "Word 2003 XML")
    } else {
        return None;
    };
    Some(Error::document(
        format!("未检查：不支持 {zh}。请另存为 docx 后再检查"),
        format!("not checked: {en} is not read. Save it as docx"),
    ))
}

/// Whether a document type or the root element says so, perhaps behind comments and an XML declaration.
fn looks_like_html(bytes: &[u8]) -> bool {
    let mut rest = without_blanks(bytes);
    loop {
        let end: &[u8] = if starts_with(rest, b"<!--") {
            b"-->"
        } else if starts_with(rest, b"<?xml") {
            b"?>"
        } else {
            break;
        };
        match memchr::memmem::find(rest, end) {
            Some(at) => rest = without_blanks(&rest[at + end.len()..]),
            None => return false,
        }
    }
    let is_tag = |tag: &[u8]| {
        starts_with(rest, tag)
            && rest
                .get(tag.len())
                .is_none_or(|b| b.is_ascii_whitespace() || *b == b'>')
    };
    is_tag(b"<!doctype html") || is_tag(b"<html")
}

/// How far into a file a sign of its format is looked for.
const EARLY: usize = 1024;

fn contains_early(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(&bytes[..bytes.len().min(EARLY)], needle).is_some()
}

fn starts_with(bytes: &[u8], lower_case: &[u8]) -> bool {
    bytes
        .get(..lower_case.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(lower_case))
}

/// What follows a byte order mark and white space.
fn without_blanks(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(bytes)
        .trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::NoticeCode;
    use crate::error::Lang;

    fn read(name: &str, bytes: &[u8]) -> Result<Document> {
        parse(name, bytes.to_vec(), &ReadOptions::default())
    }

    #[test]
    fn content_decides_before_the_name() {
        let utf16: Vec<u8> = "\u{FEFF}<html>甲"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let cases: [(&str, &[u8], Kind); 19] = [
            ("通知.txt", "甲".as_bytes(), Kind::Text),
            ("通知", "甲".as_bytes(), Kind::Text),
            ("-", b"", Kind::Text),
            ("通知.TXT", b"", Kind::Text),
            ("通知.log", "甲".as_bytes(), Kind::Text),
            ("a.md", "# 甲".as_bytes(), Kind::Markdown),
            ("a.MarkDown", "# 甲".as_bytes(), Kind::Markdown),
            ("a.html", "甲".as_bytes(), Kind::Html),
            ("a.HTM", b"", Kind::Html),
            ("a.xhtml", b"", Kind::Html),
            ("a.txt", b"<!DOCTYPE html><p>", Kind::Html),
            ("a", b"\xEF\xBB\xBF\n <HTML lang=zh>", Kind::Html),
            ("a.doc", b"<html><body>", Kind::Html),
            ("a.docx", b"<html>", Kind::Html),
            (
                "a.txt",
                b"<?xml version='1.0'?>\n<!-- a\n--> <html xmlns='x'>",
                Kind::Html,
            ),
            ("a.txt", &utf16, Kind::Html),
            ("a.txt", b"<htmlx>", Kind::Text),
            ("a.md", b"<html>", Kind::Markdown),
            ("a.docx", b"", Kind::Docx),
        ];
        for (name, bytes, kind) in cases {
            let document = read(name, bytes).unwrap();
            assert_eq!(document.kind, kind, "{name}");
            assert_eq!(document.name, name);
            assert_eq!(document.rebuild(&[]).unwrap(), bytes, "{name}");
        }
    }

    #[test]
    fn what_is_not_read_says_what_to_do() {
        let cases: [(&str, &[u8], &str); 7] = [
            ("a.rtf", b"{\\rtf1\\ansi", "另存为 docx"),
            ("a.txt", b"%PDF-1.7\n", "PDF"),
            ("a.doc", b"MIME-Version: 1.0\r\n", "MHTML"),
            (
                "a.xml",
                b"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Word.Document\"?>",
                "Word 2003",
            ),
            ("a.docx", b"PK", "不完整或已损坏"),
            ("a.DOCM", "甲".as_bytes(), "不完整或已损坏"),
            ("a.txt", b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0", "不是文本"),
        ];
        for (name, bytes, expected) in cases {
            let message = read(name, bytes).unwrap_err().message(Lang::Zh);
            assert!(message.contains(expected), "{name}: {message}");
        }
    }

    #[test]
    fn text_is_read_in_its_encoding() {
        let text = "通知\n\n各乡镇人民政府，县直各单位：\n　　现将有关\n事项通知如下。";
        let (bytes, _, _) = encoding_rs::GB18030.encode(text);
        let document = read("a.txt", &bytes).unwrap();
        let blocks: Vec<_> = document.blocks.iter().map(|b| document.text(b)).collect();
        let expected = [
            "通知",
            "各乡镇人民政府，县直各单位：",
            "现将有关\n事项通知如下。",
        ];
        assert_eq!(blocks, expected);
        assert_eq!(document.parts[0].encoding(), encoding_rs::GB18030);

        let options = ReadOptions {
            encoding: Some(encoding_rs::BIG5),
            ..ReadOptions::default()
        };
        assert!(parse("a.txt", bytes.to_vec(), &options).is_err());
    }

    #[test]
    fn a_wrong_declaration_is_a_notice() {
        let page = "<html><meta charset=\"gb2312\"><p>各乡镇人民政府";
        let document = read("a.html", page.as_bytes()).unwrap();
        assert_eq!(document.notices[0].code, NoticeCode::EncodingConflict);
        assert_eq!(document.parts[0].encoding(), encoding_rs::UTF_8);
    }

    #[test]
    fn a_text_reads_as_its_bytes_do() {
        let options = ReadOptions {
            encoding: Some(encoding_rs::UTF_8),
            ..ReadOptions::default()
        };
        for (name, text) in [
            ("a.txt", "甲\r\n\r\n乙"),
            ("a.txt", "\u{FEFF}甲"),
            ("a.txt", "\u{0}甲\u{0}"),
            ("a.txt", "<!DOCTYPE html><meta charset=gbk><p>甲"),
            ("a.md", "# 甲\n\n- 乙 `丙`"),
            ("a.docx", "甲"),
            ("a.docx", ""),
            ("a.txt", "PK\u{3}\u{4}甲"),
            ("a.txt", "{\\rtf1 甲"),
        ] {
            let told = |document: Result<Document>| {
                let document = document.map_err(|error| error.message(Lang::En))?;
                let blocks = document.blocks.iter();
                let blocks = blocks.map(|b| (b.kind, document.text(b).to_owned()));
                Ok::<_, String>((document.kind, blocks.collect::<Vec<_>>()))
            };
            assert_eq!(
                told(parse_text(name, text.to_owned(), &options)),
                told(parse(name, text.as_bytes().to_vec(), &options)),
                "{name} {text}"
            );
        }
    }
}
