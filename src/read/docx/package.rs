//! The package: which part is the document, what it is related to, and what else a file with this name may really be.

use std::borrow::Cow;
use std::collections::HashMap;

use super::xml::{Cursor, Ns, Token, decode};
use super::zip::Archive;
use crate::error::{Error, Result};
use crate::source::Part;

const TYPES: &str = "[Content_Types].xml";

/// An opened package whose main part is a Word document.
pub(super) struct Package<'a> {
    archive: Archive<'a>,
    /// The name of the main part.
    pub(super) main: String,
}

/// A relationship of a part to another part of the package.
pub(super) struct Relation {
    /// Its id, which elements refer to.
    pub(super) id: String,
    /// The last segment of its type, which is the same in transitional and strict files: `header`, `comments`.
    pub(super) kind: String,
    target: String,
    external: bool,
}

impl<'a> Package<'a> {
    /// Opens the zip and finds the main part by relationship, whatever it is called.
    ///
    /// # Errors
    /// When it is no sound zip, or no Word document: the message says what it seems to be.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let mut package = Self {
            archive: Archive::open(bytes)?,
            main: String::new(),
        };
        let Some(types) = package.part(TYPES)? else {
            return Err(package.without_types());
        };
        let types = ContentTypes::read(&types)?;
        let relations = package.relations("")?;
        let main = relations.iter().find(|r| r.kind == "officeDocument");
        let Some(main) = main.map(|r| r.part_name("")).transpose()?.flatten() else {
            return Err(no_main_part());
        };
        if let Some(other) = foreign_type(&types.of(&main).to_ascii_lowercase()) {
            return Err(not_word(other.0, other.1));
        }
        package.main = package
            .archive
            .spelling(&main)
            .ok_or_else(no_main_part)?
            .to_owned();
        Ok(package)
    }

    /// Inflates and decodes a part, or gives `None` when the package has none of that name.
    ///
    /// # Errors
    /// When it is beyond the limits, damaged, or not Unicode.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part>> {
        let spelling = self.archive.spelling(name).unwrap_or(name).to_owned();
        match self.archive.read(name)? {
            Some(bytes) => decode(&spelling, bytes).map(Some),
            None => Ok(None),
        }
    }

    /// The relationships of a part, in the order of the file; of the package itself for an empty name.
    ///
    /// # Errors
    /// When the relationships part cannot be read.
    pub(super) fn relations(&mut self, source: &str) -> Result<Vec<Relation>> {
        let Some(part) = self.part(&relations_name(source))? else {
            return Ok(Vec::new());
        };
        let mut relations = Vec::new();
        let mut cursor = Cursor::new(&part.name, part.text());
        while let Some(token) = cursor.next()? {
            let Token::Start(e) = token else { continue };
            if e.local != "Relationship" {
                continue;
            }
            let get = |name| cursor.plain(&e, name).unwrap_or(Cow::Borrowed(""));
            relations.push(Relation {
                id: get("Id").into_owned(),
                kind: get("Type").rsplit('/').next().unwrap_or("").to_owned(),
                target: get("Target").into_owned(),
                external: get("TargetMode").eq_ignore_ascii_case("External"),
            });
        }
        Ok(relations)
    }

    /// The names of all entries, as they are spelt.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.archive.names()
    }

    /// Whether there is a part of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.archive.spelling(name).is_some()
    }

    /// The content type of a part; empty when none is given.
    ///
    /// # Errors
    /// When the content types cannot be read.
    pub(super) fn content_type(&mut self, name: &str) -> Result<String> {
        match self.part(TYPES)? {
            Some(part) => Ok(ContentTypes::read(&part)?.of(name).to_owned()),
            None => Ok(String::new()),
        }
    }

    /// The package with some parts replaced and others added; every other record stays as it is, byte for byte.
    ///
    /// # Errors
    /// When the package cannot be written.
    pub(super) fn rebuild(
        &self,
        changed: &[(&str, &[u8])],
        added: &[(&str, &[u8])],
    ) -> Result<Vec<u8>> {
        self.archive.rebuild(changed, added)
    }

    /// Why the package must not be written, if so.
    pub(super) fn refusal_to_write(&mut self) -> Option<Error> {
        self.archive
            .refusal_to_write()
            .or_else(|| self.signature())
            .or_else(|| self.protection().unwrap_or_else(Some))
    }

    fn signature(&mut self) -> Option<Error> {
        let mut names = self.archive.names();
        let by_name = names.any(|n| n.to_ascii_lowercase().starts_with("_xmlsignatures/"));
        drop(names);
        let relations = match self.relations("") {
            Ok(relations) => relations,
            Err(e) => return Some(e),
        };
        let signed = by_name || relations.iter().any(|r| r.kind == "origin");
        signed.then(|| {
            Error::document(
                "文件有数字签名，修改会使签名失效，未写入；请在签名前修改，或删除签名后再试",
                "the file is digitally signed and a change would break the signature; nothing was written. Fix it before it is signed, or remove the signature",
            )
        })
    }

    fn protection(&mut self) -> Result<Option<Error>> {
        let main = self.main.clone();
        let relations = self.relations(&main)?;
        let Some(settings) = relations.iter().find(|r| r.kind == "settings") else {
            return Ok(None);
        };
        let Some(name) = settings.part_name(&main)? else {
            return Ok(None);
        };
        let Some(part) = self.part(&name)? else {
            return Ok(None);
        };
        let mut cursor = Cursor::new(&part.name, part.text());
        while let Some(token) = cursor.next()? {
            let Token::Start(e) = token else { continue };
            let on = e.ns == Ns::Word
                && e.local == "documentProtection"
                && matches!(
                    cursor.own(&e, "enforcement").as_deref(),
                    Some("1" | "true" | "on")
                );
            if on {
                return Ok(Some(Error::document(
                    "文档已启用“限制编辑”保护，未写入；请先在 Word 或 WPS 中停止保护",
                    "the document is protected (editing is restricted); nothing was written. Stop the protection in Word or WPS first",
                )));
            }
        }
        Ok(None)
    }

    /// What a zip without content types is.
    fn without_types(&mut self) -> Error {
        if self.archive.spelling("OFD.xml").is_some() {
            return not_word("OFD 版式文件", "an OFD file");
        }
        match self.archive.read("mimetype") {
            Ok(Some(kind)) if kind.starts_with(b"application/vnd.oasis.opendocument") => {
                not_word("OpenDocument 文档（odt 等）", "an OpenDocument file")
            }
            Ok(Some(kind)) if kind.starts_with(b"application/epub") => {
                not_word("EPUB 电子书", "an EPUB book")
            }
            _ => not_word("普通 ZIP 压缩包", "a plain zip"),
        }
    }
}

/// The part that a relationship of that kind leads to; what lies outside of the package is none.
///
/// # Errors
/// When the target leaves the package by a path.
pub(super) fn target(relations: &[Relation], source: &str, kind: &str) -> Result<Option<String>> {
    let mut relations = relations.iter();
    let relation = relations.find(|r| r.kind == kind && !r.external);
    Ok(relation.map(|r| r.part_name(source)).transpose()?.flatten())
}

impl Relation {
    /// The part of the package that the relationship of `source` leads to; `None` when it leads outside by intent.
    ///
    /// # Errors
    /// When the target leaves the package.
    pub(super) fn part_name(&self, source: &str) -> Result<Option<String>> {
        if self.external {
            return Ok(None);
        }
        let target = self.target.split('#').next().unwrap_or("");
        let folder = source.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (base, relative) = match target.strip_prefix('/') {
            Some(absolute) => ("", absolute),
            None => (folder, target),
        };
        let mut path: Vec<&str> = base.split('/').filter(|s| !s.is_empty()).collect();
        let mut outside = relative.contains('\\') || relative.contains(':');
        for segment in relative.split('/') {
            match segment {
                "" | "." => {}
                ".." => outside |= path.pop().is_none(),
                name => path.push(name),
            }
        }
        if outside {
            return Err(Error::document(
                format!(
                    "文件不安全：{source} 的关系指向包外（{}），未检查；请用 Word 或 WPS 另存后再试",
                    self.target
                ),
                format!(
                    "the file is unsafe: a relationship of {source} leads outside the package ({}); it was not checked. Save it again with Word or WPS",
                    self.target
                ),
            ));
        }
        Ok(Some(path.join("/")))
    }
}

/// The name of the part that holds the relationships of `source`; of the package itself for an empty name.
pub(super) fn relations_name(source: &str) -> String {
    let (folder, file) = source.rsplit_once('/').unwrap_or(("", source));
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}_rels/{file}.rels")
}

/// The content types of parts, by name or by extension.
struct ContentTypes {
    by_name: HashMap<String, String>,
    by_extension: HashMap<String, String>,
}

impl ContentTypes {
    fn read(part: &Part) -> Result<Self> {
        let mut types = Self {
            by_name: HashMap::new(),
            by_extension: HashMap::new(),
        };
        let mut cursor = Cursor::new(&part.name, part.text());
        while let Some(token) = cursor.next()? {
            let Token::Start(e) = token else { continue };
            let get = |name| cursor.plain(&e, name).unwrap_or(Cow::Borrowed(""));
            let kind = get("ContentType").into_owned();
            match e.local {
                "Override" => {
                    let name = get("PartName").trim_start_matches('/').to_ascii_lowercase();
                    types.by_name.insert(name, kind);
                }
                "Default" => {
                    types
                        .by_extension
                        .insert(get("Extension").to_ascii_lowercase(), kind);
                }
                _ => {}
            }
        }
        Ok(types)
    }

    fn of(&self, name: &str) -> &str {
        let name = name.to_ascii_lowercase();
        let extension = name.rsplit('.').next().unwrap_or("");
        self.by_name
            .get(&name)
            .or_else(|| self.by_extension.get(extension))
            .map_or("", String::as_str)
    }
}

/// What the content type of a main part says, when it is not a Word document.
///
/// A type that is unknown is given a chance: the root element decides then.
fn foreign_type(kind: &str) -> Option<(&'static str, &'static str)> {
    if kind.contains("wordprocessingml") || kind.contains("ms-word") {
        None
    } else if kind.contains("spreadsheetml") || kind.contains("ms-excel") {
        Some(("Excel 工作簿（xlsx）", "an Excel workbook (xlsx)"))
    } else if kind.contains("presentationml") || kind.contains("ms-powerpoint") {
        Some((
            "PowerPoint 演示文稿（pptx）",
            "a PowerPoint presentation (pptx)",
        ))
    } else if kind.contains("visio") {
        Some(("Visio 绘图", "a Visio drawing"))
    } else {
        None
    }
}

/// The error for a file that is something else than its name says.
pub(super) fn not_word(zh: &str, en: &str) -> Error {
    Error::document(
        format!("这是{zh}，不是 Word 文档，未检查；请另存为 docx 后再检查"),
        format!("this is {en}, not a Word document, and was not checked; save it as docx first"),
    )
}

fn no_main_part() -> Error {
    Error::document(
        "文件不完整或已损坏：找不到 Word 文档的主体部件，未检查；请用 Word 或 WPS 修复后另存",
        "the file is incomplete or damaged: it has no main document part and was not checked. Repair and save it with Word or WPS",
    )
}

/// Says what an OLE compound file is, such as an encrypted docx or an old .doc: none of them is read.
///
/// Directory entries are 128 bytes long and lie on multiples of 128, whatever the sector size, so their names are found
/// without following the sector chains, which damaged and unusual files get wrong.
pub(crate) fn explain_cfb(bytes: &[u8]) -> Error {
    let mut found = None;
    for entry in bytes.chunks_exact(128) {
        let len = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
        if !(4..=64).contains(&len) || !matches!(entry[66], 1 | 2 | 5) {
            continue;
        }
        let units: Vec<u16> = entry[..len - 2]
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let name = String::from_utf16_lossy(&units).to_ascii_lowercase();
        match name.as_str() {
            "encryptedpackage" => {
                return Error::document(
                    "文件已加密（需要密码），未检查；请取消密码保护、另存为 docx 后再检查",
                    "the file is encrypted (it needs a password) and was not checked; remove the password and save it as docx",
                );
            }
            "worddocument" => {
                found = Some((
                    "旧版 Word 文档（.doc 或 .wps）",
                    "an old Word document (.doc or .wps)",
                ));
            }
            "workbook" | "book" => {
                found = found.or(Some((
                    "旧版 Excel 工作簿（.xls）",
                    "an old Excel workbook (.xls)",
                )));
            }
            "powerpoint document" => {
                found = found.or(Some((
                    "旧版 PowerPoint 演示文稿（.ppt）",
                    "an old PowerPoint presentation (.ppt)",
                )));
            }
            _ => {}
        }
    }
    let (zh, en) = found.unwrap_or((
        "OLE 复合文档（可能是 .doc、.wps 或 .xls）",
        "an OLE compound file (perhaps .doc, .wps or .xls)",
    ));
    Error::document(
        format!("这是{zh}，未检查；请另存为 docx 后再检查"),
        format!("this is {en} and was not checked; save it as docx first"),
    )
}
