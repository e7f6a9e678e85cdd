//! What every reader produces: a document as parts, and the prose in them as blocks.

use std::ops::Range;

use encoding_rs::Encoding;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::read;
use crate::source::{Part, Piece, SegmentKind, SourceMap, narrow};
pub use crate::source::{Place, Story};

/// The format a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Plain text.
    Text,
    /// Markdown, with or without front matter.
    Markdown,
    /// HTML or XHTML.
    Html,
    /// Office Open XML text: docx, docm, dotx, dotm.
    Docx,
}

impl Kind {
    /// The name in outputs: `text`, `markdown`, `html`, `docx`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Docx => "docx",
        }
    }
}

/// How a document is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The encoding to decode with, whatever the bytes look like.
    pub encoding: Option<&'static Encoding>,
    /// Also read the text of comments (docx).
    pub comments: bool,
    /// The day that dated entries are judged by, whatever the document says of itself.
    pub date: Option<Date>,
    /// The format, for a flat file whose name and content do not decide it.
    pub kind: Option<Kind>,
}

/// A draft that has been read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The name it was given: a path, or what standard input is called.
    pub name: String,
    /// Its format, decided by content first and by name second.
    pub kind: Kind,
    /// The stored texts: one for a flat file, the XML parts that were read for a docx.
    pub parts: Vec<Part>,
    /// The prose, in reading order.
    pub blocks: Vec<Block>,
    /// Comments and bookmarks, from which suppressions are read.
    pub marks: Vec<Mark>,
    /// What the document says about itself.
    pub meta: Meta,
    /// What was not checked, and why; and what must not be published.
    pub notices: Vec<Notice>,
    /// The whole file where it is not simply its one part: the zip of a docx.
    pub(crate) package: Option<Vec<u8>>,
    /// How it was read.
    pub(crate) options: ReadOptions,
}

impl Document {
    /// Reads a document: decides its format, decodes it, and finds its prose.
    ///
    /// # Errors
    /// When the bytes are no document that can be read whole: unknown encoding, damaged or encrypted container,
    /// a part beyond the limits. The message says what to do.
    pub fn parse(name: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Self> {
        read::parse(name, bytes, options)
    }

    /// Reads a document that its caller has as text: for a front end whose protocol decodes for it. The encoding in
    /// `options` counts for nothing; UTF-8 is what a fix is written in.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_text(name: &str, text: String, options: &ReadOptions) -> Result<Self> {
        read::parse_text(name, text, options)
    }

    /// The text of a block of this document.
    #[must_use]
    pub fn text<'a>(&'a self, block: &'a Block) -> &'a str {
        match &block.body {
            Body::Slice(range) => {
                &self.parts[block.part].text()[range.start as usize..range.end as usize]
            }
            Body::Built(built) => &built.text,
        }
    }

    /// How to read this document again: in the encoding it has, whatever its bytes look like after a fix.
    pub(crate) fn options_to_reread(&self) -> ReadOptions {
        let flat = self.package.is_none().then(|| self.parts.first()).flatten();
        ReadOptions {
            encoding: flat.map(Part::encoding),
            ..self.options.clone()
        }
    }

    /// Why the file must not be changed: it is signed, or protected against editing.
    pub(crate) fn refusal_to_write(&self) -> Option<Error> {
        read::docx::refusal_to_write(self.package.as_deref()?)
    }

    /// The file with some parts replaced by other bytes; everything else stays as it is, byte for byte.
    ///
    /// # Errors
    /// When the container cannot be written again.
    pub fn rebuild(&self, changed: &[(usize, Vec<u8>)]) -> Result<Vec<u8>> {
        match &self.package {
            None => Ok(match changed.first() {
                Some((_, bytes)) => bytes.clone(),
                None => self.parts[0].bytes().to_vec(),
            }),
            Some(package) if changed.is_empty() => Ok(package.clone()),
            Some(package) => {
                let named: Vec<_> = changed
                    .iter()
                    .map(|(part, bytes)| (self.parts[*part].name.as_str(), bytes.as_slice()))
                    .collect();
                read::docx::rebuild(package, &named)
            }
        }
    }
}

/// What kind of prose a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// A paragraph of running text.
    Paragraph,
    /// A heading with its level, 1 to 9.
    Heading(u8),
    /// A table cell; all numbers are 1-based.
    Cell {
        /// Which table of the part.
        table: u32,
        /// Which row of the table.
        row: u32,
        /// Which column of the row.
        column: u32,
    },
    /// An item of a list.
    ListItem,
    /// The document's title: `<title>`, or the title property.
    Title,
    /// An attribute that a reader sees or hears: alt, title, placeholder, aria-label, a button's value.
    Attribute,
    /// A description or keyword list in the head, a front matter value.
    Meta,
    /// A page header.
    Header,
    /// A page footer.
    Footer,
    /// A footnote.
    Footnote,
    /// An endnote.
    Endnote,
    /// A paragraph in a text box.
    TextBox,
    /// A comment, read only on request.
    Comment,
}

impl BlockKind {
    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Paragraph => "paragraph",
            Self::Heading(_) => "heading",
            Self::Cell { .. } => "cell",
            Self::ListItem => "list-item",
            Self::Title => "title",
            Self::Attribute => "attribute",
            Self::Meta => "meta",
            Self::Header => "header",
            Self::Footer => "footer",
            Self::Footnote => "footnote",
            Self::Endnote => "endnote",
            Self::TextBox => "text-box",
            Self::Comment => "comment",
        }
    }
}

/// A piece of prose that is matched on its own: no match crosses the end of a block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Index into [`Document::parts`].
    pub part: usize,
    /// What kind of prose it is.
    pub kind: BlockKind,
    body: Body,
}

/// Large plain texts have a block per paragraph, so the common case is kept small: it borrows from the part.
#[derive(Clone, Debug)]
enum Body {
    Slice(Range<u32>),
    Built(Box<Built>),
}

/// What a block holds when its text is not simply a slice of its part.
#[derive(Clone, Debug)]
pub struct Built {
    /// What the matcher reads.
    pub text: String,
    /// Where each stretch of it came from.
    pub map: SourceMap,
    /// Further places in the same part where the same text stands (the fallback of an `AlternateContent`): a
    /// diagnostic is reported once and fixed in all of them.
    pub twins: Vec<SourceMap>,
    /// How text is written where the block stands.
    pub escape: Escape,
    /// Byte ranges of `text` that are struck through.
    pub struck: Vec<Range<usize>>,
    /// Byte ranges of `text` that are the text of a link, none of them empty: a fix must not empty one.
    pub links: Vec<Range<usize>>,
    /// Where it stands, for a person.
    pub place: Place,
    /// The paragraph's 1-based number in its part, for a docx; 0 for a flat file.
    pub paragraph: u32,
}

/// How replacement text must be written at a block's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As it is.
    None,
    /// As text of an XML or HTML element.
    Markup,
    /// As an attribute value in these quotes; `None` for an unquoted value.
    Attribute(Option<char>),
    /// As Markdown prose; in a table cell `|` needs a backslash too.
    Markdown {
        /// Whether the block is a table cell.
        table: bool,
    },
    /// As a front matter value: nothing can be escaped there safely, so only plain text is written.
    FrontMatter,
}

impl Escape {
    /// `text` as it must be written, or `None` where it cannot be written safely.
    #[must_use]
    pub fn apply(self, text: &str) -> Option<String> {
        let escaped = |special: &dyn Fn(char) -> Option<&'static str>| {
            let mut out = String::with_capacity(text.len());
            for c in text.chars() {
                match special(c) {
                    Some(s) => out.push_str(s),
                    None => out.push(c),
                }
            }
            Some(out)
        };
        let markup = |c| match c {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            _ => None,
        };
        match self {
            Self::None => Some(text.to_owned()),
            Self::Markup => escaped(&markup),
            Self::Attribute(Some('"')) => {
                escaped(&|c| if c == '"' { Some("&quot;") } else { markup(c) })
            }
            Self::Attribute(Some(_)) => {
                escaped(&|c| if c == '\'' { Some("&#39;") } else { markup(c) })
            }
            Self::Attribute(None) => text
                .chars()
                .all(|c| !c.is_whitespace() && !"\"'`=<>&".contains(c))
                .then(|| text.to_owned()),
            Self::Markdown { table } => escaped(&|c| match c {
                '\\' => Some("\\\\"),
                '*' => Some("\\*"),
                '_' => Some("\\_"),
                '[' => Some("\\["),
                ']' => Some("\\]"),
                '<' => Some("\\<"),
                '`' => Some("\\`"),
                '&' => Some("&amp;"),
                '|' if table => Some("\\|"),
                _ => None,
            }),
            Self::FrontMatter => text
                .chars()
                .all(|c| !c.is_ascii_punctuation() && c != '\n')
                .then(|| text.to_owned()),
        }
    }
}

impl Block {
    /// A block whose text stands literally at `range` of the decoded part.
    #[must_use]
    pub fn slice(part: usize, kind: BlockKind, range: &Range<usize>) -> Self {
        Self {
            part,
            kind,
            body: Body::Slice(narrow(range.start)..narrow(range.end)),
        }
    }

    /// A block whose text was put together by a reader.
    #[must_use]
    pub fn built(part: usize, kind: BlockKind, built: Built) -> Self {
        Self {
            part,
            kind,
            body: Body::Built(Box::new(built)),
        }
    }

    /// The details, unless the block is a plain slice of its part.
    #[must_use]
    pub fn details(&self) -> Option<&Built> {
        match &self.body {
            Body::Slice(_) => None,
            Body::Built(built) => Some(built),
        }
    }

    /// The decoded bytes that a range of the block's text came from.
    #[must_use]
    pub fn pieces(&self, text: &Range<usize>) -> Vec<Piece> {
        match &self.body {
            Body::Slice(slice) if text.is_empty() => {
                let _ = slice;
                Vec::new()
            }
            Body::Slice(slice) => {
                let base = slice.start as usize;
                vec![Piece {
                    text: text.clone(),
                    source: base + text.start..base + text.end,
                    kind: SegmentKind::Literal,
                }]
            }
            Body::Built(built) => built.map.pieces(text),
        }
    }

    /// How replacement text is written at the block's place.
    #[must_use]
    pub fn escape(&self) -> Escape {
        self.details().map_or(Escape::None, |b| b.escape)
    }

    /// Where the block stands, for a person.
    #[must_use]
    pub fn place(&self) -> Place {
        self.details().map_or(Place::Line, |b| b.place.clone())
    }
}

/// A comment or bookmark in the source, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Index into [`Document::parts`] of the part whose blocks it stands among.
    pub part: usize,
    /// Its text.
    pub text: String,
    /// Decoded offset in the part where it stands.
    pub at: usize,
    /// Index of the first block that follows it.
    pub block: usize,
}

/// What a document says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Its title.
    pub title: Option<String>,
    /// A date as its metadata spells it, and the name of the field it was found in.
    pub date: Option<(String, String)>,
}

/// Something that was not checked, or that must not be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub code: NoticeCode,
    /// The part it is about; empty for the whole file.
    pub part: String,
    /// A number or a name that the message needs.
    pub detail: String,
}

/// The kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoticeCode {
    /// The file still holds this many comments.
    Comments,
    /// The file still holds this many unaccepted revisions.
    Revisions,
    /// Content embedded from another file is not read (`w:altChunk`).
    EmbeddedContent,
    /// The declared encoding contradicts the bytes; the bytes won.
    EncodingConflict,
    /// A part could not be read.
    PartUnread,
    /// A format that is not read; save it as docx.
    UnsupportedFormat,
    /// A text block of more than 16 MiB was left out.
    BlockTooLong,
    /// The file is kept elsewhere (Git LFS), and this is only the pointer to it.
    LfsPointer,
    /// A repository inside the repository is not looked into.
    Submodule,
    /// A known diagnostic of the baseline is there no longer.
    BaselineStale,
    /// A known diagnostic of the baseline is there, but its day is over.
    BaselineOver,
}

impl NoticeCode {
    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Comments => "comments",
            Self::Revisions => "revisions",
            Self::EmbeddedContent => "embedded-content",
            Self::EncodingConflict => "encoding-conflict",
            Self::PartUnread => "part-unread",
            Self::UnsupportedFormat => "unsupported-format",
            Self::BlockTooLong => "block-too-long",
            Self::LfsPointer => "lfs-pointer",
            Self::Submodule => "submodule",
            Self::BaselineStale => "baseline-stale",
            Self::BaselineOver => "baseline-over",
        }
    }

    /// Whether it says that something was not checked, which `--strict` refuses.
    #[must_use]
    pub fn means_unchecked(self) -> bool {
        !matches!(
            self,
            Self::Comments
                | Self::Revisions
                | Self::EncodingConflict
                | Self::BaselineStale
                | Self::BaselineOver
        )
    }
}
