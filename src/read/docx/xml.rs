//! Walks an XML part: elements with resolved namespaces, text with its offsets, and nothing that is not well-formed.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{UTF_16BE, UTF_16LE};
use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use crate::error::{Error, Result};
use crate::source::{Part, TextBuilder};

/// How deep elements may nest. Word stays below 200; nothing here recurses, but what each level costs adds up.
const MAX_DEPTH: usize = 4096;
/// How many namespace declarations may be in scope: each element looks through them.
const MAX_SCOPES: usize = 1024;
/// The longest start tag, in bytes.
const MAX_TAG: usize = 1 << 20;

/// The namespaces that matter, transitional and strict alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ns {
    /// No namespace: an attribute without a prefix.
    None,
    /// `WordprocessingML`.
    Word,
    /// Its extensions of 2010 (`w14`).
    Word2010,
    /// Its extensions of 2012 (`w15`).
    Word2012,
    /// Its emoji extension (`w16se`).
    Symbol,
    /// Markup compatibility (`mc`).
    Compatibility,
    /// References to relationships (`r`).
    Relations,
    /// A drawing's place in the text (`wp`).
    WordDrawing,
    /// `DrawingML`.
    Drawing,
    /// Charts.
    Chart,
    /// Formulas.
    Math,
    /// VML.
    Vml,
    /// The Office extensions of VML (`o`).
    Office,
    /// Dublin Core, for the title property.
    DublinCore,
    /// The other core properties.
    CoreProperties,
    /// `xml:`.
    Xml,
    /// Any other.
    Other,
}

impl Ns {
    fn of(uri: &str) -> Self {
        match uri {
            "" => Self::None,
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
            | "http://purl.oclc.org/ooxml/wordprocessingml/main" => Self::Word,
            "http://schemas.microsoft.com/office/word/2010/wordml" => Self::Word2010,
            "http://schemas.microsoft.com/office/word/2012/wordml" => Self::Word2012,
            "http://schemas.microsoft.com/office/word/2015/wordml/symex" => Self::Symbol,
            "http://schemas.openxmlformats.org/markup-compatibility/2006" => Self::Compatibility,
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
            | "http://purl.oclc.org/ooxml/officeDocument/relationships" => Self::Relations,
            "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
            | "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing" => Self::WordDrawing,
            "http://schemas.openxmlformats.org/drawingml/2006/main"
            | "http://purl.oclc.org/ooxml/drawingml/main" => Self::Drawing,
            "http://schemas.openxmlformats.org/drawingml/2006/chart"
            | "http://purl.oclc.org/ooxml/drawingml/chart" => Self::Chart,
            "http://schemas.openxmlformats.org/officeDocument/2006/math"
            | "http://purl.oclc.org/ooxml/officeDocument/math" => Self::Math,
            "urn:schemas-microsoft-com:vml" => Self::Vml,
            "urn:schemas-microsoft-com:office:office" => Self::Office,
            "http://purl.org/dc/elements/1.1/" => Self::DublinCore,
            "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
            | "http://purl.oclc.org/ooxml/package/metadata/core-properties" => Self::CoreProperties,
            _ => Self::Other,
        }
    }
}

/// What comes next in a part. All offsets are bytes of [`Part::text`].
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// A start tag; an empty element is one too, and its end follows.
    Start(Element<'a>),
    /// An end tag.
    End {
        /// Just behind it.
        end: usize,
    },
    /// Character data that stands literally at `at`.
    Text {
        /// The data.
        text: &'a str,
        /// Where it starts.
        at: usize,
    },
    /// A reference such as `&amp;` or `&#25919;`.
    Reference {
        /// The character it stands for.
        character: char,
        /// Where it stands, `&` and `;` included.
        source: Range<usize>,
    },
    /// The contents of a CDATA section.
    Cdata {
        /// The contents.
        text: &'a str,
        /// Where they start.
        at: usize,
    },
}

/// A start tag.
#[derive(Clone, Debug)]
pub(super) struct Element<'a> {
    /// The namespace of its name.
    pub(super) ns: Ns,
    /// Its name without the prefix.
    pub(super) local: &'a str,
    /// Where its `<` stands.
    pub(super) start: usize,
    /// What stands between its name and `>` or `/>`.
    attributes: &'a str,
}

/// The value of an attribute, not yet decoded.
#[derive(Clone, Debug)]
pub(super) struct Value<'a> {
    raw: &'a str,
    at: usize,
    /// The quote it stands in.
    pub(super) quote: char,
}

impl<'a> Value<'a> {
    /// The value with its references undone; a reference that means nothing stays as it is.
    pub(super) fn text(&self) -> Cow<'a, str> {
        if self.raw.contains(['&', '\t', '\n', '\r']) {
            let mut builder = TextBuilder::default();
            self.push_to(&mut builder);
            Cow::Owned(builder.take().0)
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Where the value stands, without its quotes.
    pub(super) fn range(&self) -> Range<usize> {
        self.at..self.at + self.raw.len()
    }

    /// Appends the value to a block. As XML has it, a line end or tab in an attribute is a blank.
    pub(super) fn push_to(&self, builder: &mut TextBuilder) {
        let mut rest = self.raw;
        let mut at = self.at;
        while !rest.is_empty() {
            let literal = rest.find(['&', '\t', '\n', '\r']).unwrap_or(rest.len());
            builder.literal(&rest[..literal], at);
            at += literal;
            rest = &rest[literal..];
            let len = if let Some(body) = rest.strip_prefix('&') {
                let reference = body
                    .find(';')
                    .and_then(|end| Some((character(&body[..end])?, end + 2)));
                let (c, len) = reference.unwrap_or(('&', 1));
                builder.entity(c.encode_utf8(&mut [0; 4]), at..at + len);
                len
            } else if rest.is_empty() {
                0
            } else {
                let len = if rest.starts_with("\r\n") { 2 } else { 1 };
                builder.atom(" ", at..at + len);
                len
            };
            at += len;
            rest = &rest[len..];
        }
    }
}

/// Reads the tokens of one part in order and checks that it is well-formed.
pub(super) struct Cursor<'a> {
    part: &'a str,
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// Length of the byte order mark in front of what the reader sees.
    base: usize,
    /// Where the last token ended.
    at: usize,
    depth: usize,
    /// Whether the root element has been seen.
    rooted: bool,
    /// Whether the last start tag was an empty element, whose end comes next.
    empty: bool,
    /// Namespace declarations in scope: the depth of their element, their prefix, what they mean.
    scopes: Vec<(usize, &'a str, Ns)>,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of `text`; `part` is what errors call it.
    pub(super) fn new(part: &'a str, text: &'a str) -> Self {
        let body = text.trim_start_matches('\u{FEFF}');
        Self {
            part,
            text,
            reader: Reader::from_str(body),
            base: text.len() - body.len(),
            at: text.len() - body.len(),
            depth: 0,
            rooted: false,
            empty: false,
            scopes: Vec::new(),
        }
    }

    /// Where the last token ended: behind a start tag, when that was one.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Whether the last token was the tag of an empty element, whose end comes next.
    pub(super) fn is_empty_element(&self) -> bool {
        self.empty
    }

    /// A prefix in scope that stands for `ns`; the default namespace is none, because attributes do not use it.
    pub(super) fn prefix_of(&self, ns: Ns) -> Option<&'a str> {
        let mut scopes = self.scopes.iter().rev();
        let found = scopes.find(|&&(_, prefix, meant)| {
            meant == ns && !prefix.is_empty() && self.resolve(prefix) == ns
        });
        found.map(|&(_, prefix, _)| prefix)
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The next token, or `None` behind the last.
    ///
    /// # Errors
    /// When the part is not well-formed, has a DTD, or nests too deep.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>> {
        if std::mem::take(&mut self.empty) {
            self.leave();
            return Ok(Some(Token::End { end: self.at }));
        }
        loop {
            let start = self.at;
            let event = self.reader.read_event().map_err(|e| {
                let at = self.base + usize::try_from(self.reader.error_position()).unwrap_or(0);
                self.ill_formed(at, &e.to_string(), &e.to_string())
            })?;
            self.at =
                self.base + usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
            let source = self.text.get(start..self.at).unwrap_or("");
            match event {
                Event::Start(_) => {
                    return self.enter(start, &source[1..source.len() - 1]).map(Some);
                }
                Event::Empty(_) => {
                    self.empty = true;
                    return self.enter(start, &source[1..source.len() - 2]).map(Some);
                }
                Event::End(_) => {
                    self.leave();
                    return Ok(Some(Token::End { end: self.at }));
                }
                Event::Text(_) if self.depth > 0 => {
                    return Ok(Some(Token::Text {
                        text: source,
                        at: start,
                    }));
                }
                Event::Text(_) if source.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
                Event::CData(_) if self.depth > 0 => {
                    let (open, close) = ("<![CDATA[".len(), "]]>".len());
                    let text = &source[open..source.len() - close];
                    return Ok(Some(Token::Cdata {
                        text,
                        at: start + open,
                    }));
                }
                Event::GeneralRef(name) if self.depth > 0 => {
                    let character = character(&name).ok_or_else(|| {
                        self.ill_formed(
                            start,
                            &format!("未知的引用 &{};", &*name),
                            &format!("unknown reference &{};", &*name),
                        )
                    })?;
                    return Ok(Some(Token::Reference {
                        character,
                        source: start..self.at,
                    }));
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(self.ill_formed(
                        start,
                        "根元素之外有文字",
                        "text outside the root element",
                    ));
                }
                Event::DocType(_) => return Err(self.doctype(start)),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof if self.depth > 0 => {
                    return Err(self.ill_formed(
                        self.at,
                        "到部件结尾仍有元素未闭合",
                        "an element is left open at the end of the part",
                    ));
                }
                Event::Eof if !self.rooted => {
                    return Err(self.ill_formed(self.at, "没有根元素", "there is no root element"));
                }
                Event::Eof => return Ok(None),
            }
        }
    }

    /// The value of an attribute of the element that was just started.
    pub(super) fn attribute(
        &self,
        element: &Element<'a>,
        ns: Ns,
        local: &str,
    ) -> Option<Value<'a>> {
        Attributes::new(element.attributes, 0)
            .with_checks(false)
            .filter_map(|a| a.ok())
            .find_map(|a| {
                let (prefix, name) = split(a.key.into_inner());
                let Cow::Borrowed(raw) = a.value else {
                    return None;
                };
                (name == local && self.resolve_attribute(prefix) == ns).then(|| {
                    let at = raw.as_ptr().addr() - self.text.as_ptr().addr();
                    let quote = if self.text[..at].ends_with('\'') {
                        '\''
                    } else {
                        '"'
                    };
                    Value { raw, at, quote }
                })
            })
    }

    /// The decoded value of an attribute in the element's own namespace, as `WordprocessingML` has them.
    pub(super) fn own(&self, element: &Element<'a>, local: &str) -> Option<Cow<'a, str>> {
        self.attribute(element, element.ns, local).map(|v| v.text())
    }

    /// The decoded value of an attribute without a prefix.
    pub(super) fn plain(&self, element: &Element<'a>, local: &str) -> Option<Cow<'a, str>> {
        self.attribute(element, Ns::None, local).map(|v| v.text())
    }

    /// Whether an on/off property such as `<w:vanish/>` is on.
    pub(super) fn is_on(&self, element: &Element<'a>) -> bool {
        !matches!(
            self.own(element, "val").as_deref(),
            Some("0" | "false" | "off")
        )
    }

    fn enter(&mut self, start: usize, tag: &'a str) -> Result<Token<'a>> {
        if tag.len() > MAX_TAG {
            return Err(self.ill_formed(start, "一个标记超过 1 MiB", "a tag of more than 1 MiB"));
        }
        let name_len = tag.find([' ', '\t', '\r', '\n']).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_len);
        if self.depth == 0 && std::mem::replace(&mut self.rooted, true) {
            return Err(self.ill_formed(start, "有两个根元素", "a second root element"));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.ill_formed(
                start,
                "元素嵌套超过 4096 层",
                "elements nested more than 4096 deep",
            ));
        }
        for attribute in Attributes::new(attributes, 0).with_checks(false) {
            let attribute =
                attribute.map_err(|e| self.ill_formed(start, &e.to_string(), &e.to_string()))?;
            let declared = match split(attribute.key.into_inner()) {
                ("xmlns", prefix) => prefix,
                ("", "xmlns") => "",
                _ => continue,
            };
            if self.scopes.len() >= MAX_SCOPES {
                return Err(self.ill_formed(
                    start,
                    "命名空间声明超过 1024 个",
                    "more than 1024 namespace declarations",
                ));
            }
            self.scopes
                .push((self.depth, declared, Ns::of(&attribute.value)));
        }
        let (prefix, local) = split(name);
        Ok(Token::Start(Element {
            ns: self.resolve(prefix),
            local,
            start,
            attributes,
        }))
    }

    fn leave(&mut self) {
        while self
            .scopes
            .last()
            .is_some_and(|&(depth, ..)| depth >= self.depth)
        {
            self.scopes.pop();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn resolve(&self, prefix: &str) -> Ns {
        let found = self.scopes.iter().rev().find(|&&(_, p, _)| p == prefix);
        found.map_or(Ns::Other, |&(.., ns)| ns)
    }

    fn resolve_attribute(&self, prefix: &str) -> Ns {
        match prefix {
            "" => Ns::None,
            "xml" => Ns::Xml,
            _ => self.resolve(prefix),
        }
    }

    fn ill_formed(&self, at: usize, zh: &str, en: &str) -> Error {
        let part = self.part;
        Error::document(
            format!(
                "{part} 第 {at} 字节处的 XML 有误（{zh}），未检查；请用 Word 或 WPS 打开修复后另存"
            ),
            format!(
                "{part}: byte {at}: the XML is wrong ({en}); it was not checked. Open, repair and save it with Word or WPS"
            ),
        )
    }

    fn doctype(&self, at: usize) -> Error {
        let part = self.part;
        Error::document(
            format!(
                "{part} 第 {at} 字节处有 DTD（<!DOCTYPE>），OOXML 不允许，可能不安全，未检查；请用 Word 或 WPS 另存后再试"
            ),
            format!(
                "{part}: byte {at}: a DTD (<!DOCTYPE>), which OOXML forbids and which may be unsafe; it was not checked. Save the file again with Word or WPS"
            ),
        )
    }
}

/// Decodes an XML part: UTF-8 or UTF-16, as the packaging rules allow.
///
/// # Errors
/// When the bytes are neither.
pub(super) fn decode(name: &str, bytes: Vec<u8>) -> Result<Part> {
    let (encoding, bom) = match bytes.as_slice() {
        [0xFF, 0xFE, ..] => (UTF_16LE, 2),
        [0xFE, 0xFF, ..] => (UTF_16BE, 2),
        [b'<', 0, ..] => (UTF_16LE, 0),
        [0, b'<', ..] => (UTF_16BE, 0),
        _ => {
            return String::from_utf8(bytes)
                .map(|text| Part::utf8(name, text))
                .map_err(|e| not_unicode(name, e.utf8_error().valid_up_to()));
        }
    };
    let decoded = encoding
        .decode_without_bom_handling_and_without_replacement(&bytes[bom..])
        .map(Cow::into_owned);
    match decoded {
        Some(text) => Ok(Part::encoded(name, bytes, bom, text, encoding)),
        None => Err(not_unicode(name, 0)),
    }
}

fn not_unicode(name: &str, at: usize) -> Error {
    Error::document(
        format!(
            "{name} 第 {at} 字节处不是有效的 UTF-8 或 UTF-16，文件已损坏，未检查；请用 Word 或 WPS 修复后另存"
        ),
        format!(
            "{name}: byte {at}: neither UTF-8 nor UTF-16; the file is damaged and was not checked. Repair and save it with Word or WPS"
        ),
    )
}

/// The character that a reference stands for, by its name without `&` and `;`.
fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code).filter(|&c| c != '\0')
        }
    }
}

/// Prefix and local name.
fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}
