//! docx, docm, dotx and dotm: a zip of XML parts. Reads the parts that hold text, and writes the zip again so that only
//! the changed parts differ.
//!
//! Left out by design, without a notice: style, font and author names, glossary parts (building blocks that the document
//! does not show), numbering patterns, placeholders of empty content controls, formulas, and pictures.

mod additions;
pub(crate) mod annotate;
pub(crate) mod decisions;
mod markup;
mod notes;
mod package;
mod properties;
mod story;
mod styles;
mod xml;
mod zip;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};

use self::package::{Package, Relation};
use self::story::{Anchored, Content, Reading};
use self::styles::Styles;
use crate::document::{
    Block, BlockKind, Document, Kind, Mark, Meta, Notice, NoticeCode, ReadOptions, Story,
};
use crate::error::{Error, Result};
use crate::source::Part;

pub(crate) use self::package::explain_cfb;

/// The kinds of related parts that hold text, in reading order.
const STORIES: [(&str, Content); 7] = [
    ("header", Content::Word(Story::Header)),
    ("footer", Content::Word(Story::Footer)),
    ("footnotes", Content::Word(Story::Footnote)),
    ("endnotes", Content::Word(Story::Endnote)),
    ("chart", Content::Chart),
    ("chartUserShapes", Content::Chart),
    ("diagramData", Content::Diagram),
];

/// The kinds of related parts that hold text which is not read.
const UNREAD: [&str; 1] = ["chartEx"];

/// Whether the bytes are a zip, whatever the file is called.
pub(crate) fn looks_like_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Reads a Word document from its package.
///
/// A mark's block is the one of the paragraph it stands in, or else the next: a comment on a word in the middle of a
/// paragraph is about that paragraph.
///
/// # Errors
/// When the package or one of the parts with text is damaged, unsafe, beyond the limits, or no Word document.
pub(crate) fn read(name: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Document> {
    let mut document = Document {
        name: name.to_owned(),
        kind: Kind::Docx,
        parts: Vec::new(),
        blocks: Vec::new(),
        marks: Vec::new(),
        meta: Meta::default(),
        notices: Vec::new(),
        package: None,
        options: options.clone(),
    };
    let mut package = Package::open(&bytes)?;
    let main = package.main.clone();
    let relations = package.relations(&main)?;
    let styles = match related(&mut package, &main, &relations, "styles")? {
        Some(part) => Styles::read(&part)?,
        None => Styles::default(),
    };
    let comments = Comments::read(&mut package, &main, &relations, &styles)?;
    let revisions = read_stories(&mut package, &styles, &comments, &mut document)?;
    read_properties(&mut package, &mut document)?;
    if let Some(part) = comments.part {
        let count = comments.reading.comments.len();
        if count > 0 {
            document.notices.push(Notice {
                code: NoticeCode::Comments,
                part: part.name.clone(),
                detail: count.to_string(),
            });
        }
        if options.comments {
            add_story(&mut document, part, comments.reading, &HashMap::new());
        }
    }
    if revisions > 0 {
        document.notices.push(Notice {
            code: NoticeCode::Revisions,
            part: String::new(),
            detail: revisions.to_string(),
        });
    }
    document.package = Some(bytes);
    Ok(document)
}

/// The package with the named parts replaced; every other record stays as it is, byte for byte.
///
/// # Errors
/// When the package has no such part, or cannot be written.
pub(crate) fn rebuild(package: &[u8], changed: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    zip::Archive::open(package)?.rebuild(changed, &[])
}

/// Why a package that can be read must not be written: it is signed, protected, or of a kind that cannot be written.
pub(crate) fn refusal_to_write(package: &[u8]) -> Option<Error> {
    match Package::open(package) {
        Ok(mut package) => package.refusal_to_write(),
        Err(e) => Some(e),
    }
}

/// Reads the body and all parts with text that it leads to; gives the number of revisions.
fn read_stories(
    package: &mut Package<'_>,
    styles: &Styles,
    comments: &Comments,
    document: &mut Document,
) -> Result<usize> {
    let mut revisions = 0;
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([(package.main.clone(), Content::Word(Story::Body))]);
    while let Some((name, content)) = queue.pop_front() {
        if !seen.insert(name.to_ascii_lowercase()) {
            continue;
        }
        let Some(part) = package.part(&name)? else {
            document.notices.push(unread(name));
            continue;
        };
        let relations = package.relations(&name)?;
        for (kind, content) in STORIES {
            for relation in relations.iter().filter(|r| r.kind == kind) {
                queue.extend(relation.part_name(&name)?.map(|target| (target, content)));
            }
        }
        for relation in relations
            .iter()
            .filter(|r| UNREAD.contains(&r.kind.as_str()))
        {
            document
                .notices
                .extend(relation.part_name(&name)?.map(unread));
        }
        let reading = story::read(&part, content, styles)?;
        revisions += reading.revisions;
        for (id, what) in &reading.embedded {
            let relation = relations.iter().find(|r| r.id == *id);
            let target = relation.and_then(|r| r.part_name(&name).ok().flatten());
            document.notices.push(Notice {
                code: NoticeCode::EmbeddedContent,
                part: target.unwrap_or_else(|| name.clone()),
                detail: what.clone(),
            });
        }
        add_story(document, part, reading, &comments.texts);
    }
    Ok(revisions)
}

/// Adds a part that has been read, with its blocks and marks, to the document.
fn add_story(
    document: &mut Document,
    part: Part,
    reading: Reading,
    comments: &HashMap<String, String>,
) {
    let index = document.parts.len();
    let mut first_block = Vec::with_capacity(reading.drafts.len() + 1);
    for draft in reading.drafts {
        first_block.push(document.blocks.len());
        document
            .blocks
            .extend(draft.map(|d| Block::built(index, d.kind, d.built)));
    }
    first_block.push(document.blocks.len());
    for anchor in reading.anchors {
        let text = match anchor.what {
            Anchored::Bookmark(name) => Some(name),
            Anchored::Comment(id) => comments.get(&id).cloned(),
        };
        let block = first_block.get(anchor.draft).copied();
        if let (Some(text), Some(block)) = (text, block) {
            document.marks.push(Mark {
                part: index,
                text,
                at: anchor.at,
                block,
            });
        }
    }
    document
        .notices
        .extend(reading.too_long.into_iter().map(|number| Notice {
            code: NoticeCode::BlockTooLong,
            part: part.name.clone(),
            detail: number.to_string(),
        }));
    document.parts.push(part);
}

/// The comments of a document. They are always counted, and their texts may be instructions to us; whether they are
/// prose to be checked is an option.
#[derive(Default)]
struct Comments {
    part: Option<Part>,
    reading: Reading,
    /// By id.
    texts: HashMap<String, String>,
}

impl Comments {
    fn read(
        package: &mut Package<'_>,
        main: &str,
        relations: &[Relation],
        styles: &Styles,
    ) -> Result<Self> {
        let Some(part) = related(package, main, relations, "comments")? else {
            return Ok(Self::default());
        };
        let reading = story::read(&part, Content::Word(Story::Comment), styles)?;
        let mut texts = HashMap::new();
        for (n, (id, first)) in reading.comments.iter().enumerate() {
            let next = reading.comments.get(n + 1);
            let end = next.map_or(reading.drafts.len(), |&(_, start)| start);
            let lines: Vec<&str> = reading.drafts[*first..end]
                .iter()
                .flatten()
                .map(|draft| draft.built.text.as_str())
                .collect();
            texts.insert(id.clone(), lines.join("\n"));
        }
        Ok(Self {
            part: Some(part),
            reading,
            texts,
        })
    }
}

/// Reads title, keywords and date from the document properties.
fn read_properties(package: &mut Package<'_>, document: &mut Document) -> Result<()> {
    let relations = package.relations("")?;
    if let Some(part) = related(package, "", &relations, "core-properties")? {
        let index = document.parts.len();
        let found = properties::core(&part)?;
        if !found.is_empty() {
            document.parts.push(part);
        }
        for (kind, built) in found {
            if kind == BlockKind::Title {
                document.meta.title = Some(built.text.trim().to_owned());
            }
            document.blocks.push(Block::built(index, kind, built));
        }
    }
    for kind in ["custom-properties", "customProperties"] {
        if let Some(part) = related(package, "", &relations, kind)? {
            document.meta.date = document.meta.date.take().or(properties::date(&part)?);
        }
    }
    Ok(())
}

/// The part that the first relationship of this kind leads to, if there is one.
fn related(
    package: &mut Package<'_>,
    source: &str,
    relations: &[Relation],
    kind: &str,
) -> Result<Option<Part>> {
    match package::target(relations, source, kind)? {
        Some(name) => package.part(&name),
        None => Ok(None),
    }
}

fn unread(part: String) -> Notice {
    Notice {
        code: NoticeCode::PartUnread,
        part,
        detail: String::new(),
    }
}
