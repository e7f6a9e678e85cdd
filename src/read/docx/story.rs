//! One story of a document, such as the body or a header, read into drafts of blocks.
//!
//! A story is walked once, with a frame on the heap for each open element. What a frame must undo when its element ends
//! is its [`Tag`]. Runs, bookmarks, spelling marks and the like are no boundary: they are gaps in a block's source map.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

use super::styles::{Styles, outline_level};
use super::xml::{Cursor, Element, Ns, Token, Value};
use crate::document::{BlockKind, Built, Escape, Place, Story};
use crate::error::{Error, Result};
use crate::source::{Part, SourceMap, TextBuilder};

/// The longest text of one block, in bytes.
const MAX_BLOCK: usize = 16 << 20;
/// How deep `AlternateContent` may nest: each level compares all blocks inside it.
const MAX_ALTERNATIVES: usize = 32;
/// How much of a field code is kept: its first word says what it is.
const MAX_CODE: usize = 256;
/// Stands for an object or a character without a text of its own.
const OBJECT: &str = "\u{FFFC}";
/// The blanks of XML: what Word takes from the edges of a `w:t`.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// What a part holds, which decides how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// `WordprocessingML`.
    Word(Story),
    /// A chart: its titles are text, its labels are copies of cells.
    Chart,
    /// The data of a diagram. Word shows a drawing made from it, so an edit would not be seen: all of it is computed.
    Diagram,
}

/// A block before the blocks of all parts are put together.
pub(super) struct Draft {
    /// What kind of prose it is.
    pub(super) kind: BlockKind,
    /// Its text and the rest.
    pub(super) built: Built,
}

/// A comment's anchor or a bookmark.
pub(super) struct Anchor {
    /// Offset in the decoded part.
    pub(super) at: usize,
    /// Index into [`Reading::drafts`] of the paragraph it stands in, or of the next one.
    pub(super) draft: usize,
    /// Which of the two it is.
    pub(super) what: Anchored,
}

/// What an [`Anchor`] is for.
pub(super) enum Anchored {
    /// A bookmark, with its name.
    Bookmark(String),
    /// A comment, with its id.
    Comment(String),
}

/// What a story holds.
#[derive(Default)]
pub(super) struct Reading {
    /// The blocks in the order in which their elements start; `None` for a paragraph without text.
    pub(super) drafts: Vec<Option<Draft>>,
    /// Comment anchors and bookmarks.
    pub(super) anchors: Vec<Anchor>,
    /// How many revisions are not yet accepted.
    pub(super) revisions: usize,
    /// Content from other files: the relationship id, and what it is.
    pub(super) embedded: Vec<(String, String)>,
    /// The comments of a comments part: id, and the first of their drafts.
    pub(super) comments: Vec<(String, usize)>,
    /// The numbers of the paragraphs that were left out because they are too long.
    pub(super) too_long: Vec<u32>,
}

/// Reads a story.
///
/// # Errors
/// When the part is not well-formed, nests too deep, or is no such story.
pub(super) fn read(part: &Part, content: Content, styles: &Styles) -> Result<Reading> {
    let mut reader = Reader::new(part, content, styles, HashSet::new());
    reader.walk()?;
    if reader.unclosed.is_empty() {
        return Ok(reader.out);
    }
    // A field that never ends would hide all that follows: read again as if it had not begun.
    let ignored = std::mem::take(&mut reader.unclosed);
    let mut reader = Reader::new(part, content, styles, ignored.into_iter().collect());
    reader.walk()?;
    Ok(reader.out)
}

/// An open element.
struct Frame {
    tag: Tag,
    start: usize,
    /// `xml:space="preserve"`, here or further out.
    preserve: bool,
}

/// What is to be done when an element ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// Nothing.
    Other,
    /// Nothing, but all in it is left out.
    Skip,
    /// A paragraph ends.
    Paragraph,
    /// A run, whose `rPr` counts.
    Run,
    /// Text, whose blanks at the end fall away.
    Text,
    /// A chart label: a paragraph, text, and computed.
    Label,
    /// Part of a field code.
    Code,
    /// Another notation for text: known only when its element ends.
    Atom(&'static str),
    /// Properties, not content.
    Properties,
    /// The properties of a run.
    RunProperties,
    /// A table ends.
    Table,
    /// A link ends.
    Link,
    /// A story of its own: a text box, a note, a comment.
    Context,
    /// A content control ends.
    Control,
    /// What is in it is computed.
    Computed,
    /// `AlternateContent`.
    Alternatives,
    /// The first alternative, which is read.
    First,
    /// Another alternative, which may hold the same text.
    Another,
}

struct Paragraph {
    draft: usize,
    number: u32,
    story: Story,
    cell: Option<Table>,
    heading: Option<u8>,
    outline: Option<u8>,
    list: bool,
    run: Run,
    builder: TextBuilder,
    struck: Vec<Range<usize>>,
    links: Vec<Range<usize>>,
    /// Where the text of the open link begins.
    link_from: Option<usize>,
}

#[derive(Clone, Copy, Default)]
struct Run {
    hidden: bool,
    strike: bool,
    double_strike: bool,
}

#[derive(Clone, Copy)]
struct Table {
    table: u32,
    row: u32,
    column: u32,
}

struct Field {
    start: usize,
    /// Between begin and separate: what follows is code.
    in_code: bool,
    computed: bool,
    code: String,
}

/// Fields and tables inside a text box have nothing to do with those around it.
#[derive(Clone, Copy)]
struct Context {
    story: Story,
    /// How many fields and tables were open outside.
    fields: usize,
    tables: usize,
    /// How many of the open fields are at their code, and how many computed ones at their result.
    codes: usize,
    computed: usize,
}

#[derive(Default)]
struct Control {
    bound: bool,
    placeholder: bool,
}

/// The drafts of the alternatives of an `AlternateContent`.
#[derive(Default)]
struct Alternatives {
    first: Option<Range<usize>>,
    another: usize,
}

/// The blanks at the edges of a `w:t` without `xml:space="preserve"`.
#[derive(Default)]
struct Edges<'a> {
    trim: bool,
    started: bool,
    /// Blanks that fall away unless more text follows.
    pending: Vec<(&'a str, usize)>,
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    part: &'a str,
    content: Content,
    styles: &'a Styles,
    /// Where the fields begin that never end.
    ignored: HashSet<usize>,
    unclosed: Vec<usize>,
    frames: Vec<Frame>,
    /// The depth of the element that is being left out.
    skip: Option<usize>,
    paragraphs: Vec<Paragraph>,
    paragraph_count: u32,
    tables: Vec<Table>,
    table_count: u32,
    fields: Vec<Field>,
    context: Context,
    contexts: Vec<Context>,
    controls: Vec<Control>,
    alternatives: Vec<Alternatives>,
    /// How many open elements are a second alternative: what they hold has been counted in the first.
    repeats: usize,
    /// How many open elements hold computed text.
    computed: usize,
    /// How many open elements are properties; and whether they are those of a run.
    properties: usize,
    run_properties: bool,
    edges: Edges<'a>,
    /// A VML picture has begun, and whether it floats is not yet known.
    picture: bool,
    anchored: HashSet<String>,
    out: Reading,
}

impl<'a> Reader<'a> {
    fn new(part: &'a Part, content: Content, styles: &'a Styles, ignored: HashSet<usize>) -> Self {
        let story = match content {
            Content::Word(story) => story,
            Content::Chart | Content::Diagram => Story::TextBox,
        };
        Self {
            cursor: Cursor::new(&part.name, part.text()),
            part: &part.name,
            content,
            styles,
            ignored,
            unclosed: Vec::new(),
            frames: Vec::new(),
            skip: None,
            paragraphs: Vec::new(),
            paragraph_count: 0,
            tables: Vec::new(),
            table_count: 0,
            fields: Vec::new(),
            context: Context {
                story,
                fields: 0,
                tables: 0,
                codes: 0,
                computed: 0,
            },
            contexts: Vec::new(),
            controls: Vec::new(),
            alternatives: Vec::new(),
            repeats: 0,
            computed: usize::from(content == Content::Diagram),
            properties: 0,
            run_properties: false,
            edges: Edges::default(),
            picture: false,
            anchored: HashSet::new(),
            out: Reading::default(),
        }
    }

    fn walk(&mut self) -> Result<()> {
        while let Some(token) = self.cursor.next()? {
            match token {
                Token::Start(e) => self.start(&e)?,
                Token::End { end } => self.end(end),
                _ if self.skip.is_some() => {}
                Token::Text { text, at } => self.characters(text, at),
                Token::Reference { character, source } => self.reference(character, source),
                Token::Cdata { text, at } => self.cdata(text, at),
            }
        }
        self.forget_fields(0);
        Ok(())
    }

    fn start(&mut self, e: &Element<'a>) -> Result<()> {
        if self.frames.is_empty() && self.skip.is_none() {
            self.check_root(e)?;
        }
        self.count(e);
        if self.skip.is_some() {
            return Ok(());
        }
        let tag = if self.properties > 0 {
            self.property(e)
        } else {
            match e.ns {
                Ns::Word => self.word(e),
                Ns::Drawing => self.drawing(e),
                Ns::Chart => self.chart(e),
                Ns::Compatibility => self.alternative(e)?,
                Ns::Vml | Ns::Office => self.vml(e),
                Ns::WordDrawing => self.word_drawing(e),
                Ns::Math if e.local == "oMath" => self.object_and_skip(e.start),
                Ns::Symbol if e.local == "symEx" => self.object_and_skip(e.start),
                _ => Tag::Other,
            }
        };
        if tag == Tag::Skip {
            self.skip = Some(self.cursor.depth());
            return Ok(());
        }
        let outer = self.frames.last().is_some_and(|f| f.preserve);
        let preserve = match self.cursor.attribute(e, Ns::Xml, "space") {
            Some(value) => value.text() == "preserve",
            None => outer,
        };
        if matches!(tag, Tag::Text | Tag::Label) {
            let trim = !preserve && e.ns == Ns::Word;
            self.edges = Edges {
                trim,
                ..Edges::default()
            };
        }
        self.frames.push(Frame {
            tag,
            start: e.start,
            preserve,
        });
        Ok(())
    }

    fn end(&mut self, end: usize) {
        if let Some(depth) = self.skip {
            if self.cursor.depth() < depth {
                self.skip = None;
            }
            return;
        }
        let Some(frame) = self.frames.pop() else {
            return;
        };
        match frame.tag {
            Tag::Other | Tag::Skip | Tag::Run | Tag::Text | Tag::Code => {}
            Tag::Paragraph => self.close_paragraph(),
            Tag::Label => {
                self.close_paragraph();
                self.computed -= 1;
            }
            Tag::Atom(text) => {
                self.put(|b, computed| match computed {
                    true => b.derived(text, frame.start..end),
                    false => b.atom(text, frame.start..end),
                });
            }
            Tag::Properties => self.properties -= 1,
            Tag::RunProperties => {
                self.properties -= 1;
                self.run_properties = false;
            }
            Tag::Table => {
                self.tables.pop();
            }
            Tag::Link => self.close_link(),
            Tag::Context => self.close_context(),
            Tag::Control => {
                self.controls.pop();
            }
            Tag::Computed => self.computed -= 1,
            Tag::First => {
                let len = self.out.drafts.len();
                if let Some(first) = self.alternatives.last_mut().and_then(|a| a.first.as_mut()) {
                    first.end = len;
                }
            }
            Tag::Another => self.close_alternative(),
            Tag::Alternatives => {
                self.alternatives.pop();
            }
        }
    }

    fn check_root(&self, e: &Element<'a>) -> Result<()> {
        let expected = match self.content {
            Content::Word(Story::Body) => e.ns == Ns::Word && e.local == "document",
            Content::Word(_) => e.ns == Ns::Word,
            Content::Chart | Content::Diagram => true,
        };
        if expected {
            return Ok(());
        }
        let part = self.part;
        Err(Error::document(
            format!(
                "{part} 不是 Word 文档部件（根元素为 {}），未检查；请另存为 docx 后再检查",
                e.local
            ),
            format!(
                "{part} is no part of a Word document (its root is {}) and was not checked; save the file as docx first",
                e.local
            ),
        ))
    }

    /// Counts what is counted even where text is left out.
    fn count(&mut self, e: &Element<'a>) {
        let paragraph = match self.content {
            Content::Word(_) => e.ns == Ns::Word && e.local == "p",
            Content::Chart => {
                e.ns == Ns::Drawing && e.local == "p" || e.ns == Ns::Chart && e.local == "v"
            }
            Content::Diagram => e.ns == Ns::Drawing && e.local == "p",
        };
        if paragraph {
            self.paragraph_count += 1;
        } else if e.ns == Ns::Word && self.repeats == 0 && is_revision(e.local) {
            self.out.revisions += 1;
        }
    }

    fn word(&mut self, e: &Element<'a>) -> Tag {
        match e.local {
            "p" => self.open_paragraph(),
            "r" => self.open_run(),
            "t" => Tag::Text,
            "instrText" => Tag::Code,
            "tab" | "ptab" => Tag::Atom("\t"),
            "cr" => Tag::Atom("\n"),
            "br" => match self.cursor.own(e, "type").as_deref() {
                Some("page" | "column") => Tag::Atom("\u{000C}"),
                _ => Tag::Atom("\n"),
            },
            "noBreakHyphen" => Tag::Atom("-"),
            "sym" => self.object_and_skip(e.start),
            "object" => {
                self.object(e.start);
                Tag::Other
            }
            "pict" => {
                self.picture = true;
                Tag::Other
            }
            "fldChar" => {
                self.field_character(e);
                Tag::Other
            }
            "fldSimple" => match self.cursor.own(e, "instr") {
                Some(code) if is_computed(&code) => self.open_computed(),
                _ => Tag::Other,
            },
            "del" | "moveFrom" | "delText" | "delInstrText" | "rt" => Tag::Skip,
            "tbl" => {
                self.table_count += 1;
                self.tables.push(Table {
                    table: self.table_count,
                    row: 0,
                    column: 0,
                });
                Tag::Table
            }
            "tr" | "tc" => self.row_or_cell(e.local == "tr"),
            "txbxContent" => self.open_context(Story::TextBox),
            "footnote" | "endnote" => match self.cursor.own(e, "type").as_deref() {
                Some("separator" | "continuationSeparator" | "continuationNotice") => Tag::Skip,
                _ => self.open_context(self.context.story),
            },
            "comment" => {
                let id = self.cursor.own(e, "id").unwrap_or_default().into_owned();
                self.out.comments.push((id, self.out.drafts.len()));
                self.open_context(self.context.story)
            }
            "sdt" => {
                self.controls.push(Control::default());
                Tag::Control
            }
            "sdtContent" => match self.controls.last() {
                Some(Control {
                    placeholder: true, ..
                }) => Tag::Skip,
                Some(Control { bound: true, .. }) => self.open_computed(),
                _ => Tag::Other,
            },
            "bookmarkStart" => {
                let name = self.cursor.own(e, "name").unwrap_or_default().into_owned();
                self.anchor(e.start, Anchored::Bookmark(name));
                Tag::Other
            }
            "commentRangeStart" | "commentReference" => {
                let id = self.cursor.own(e, "id").unwrap_or_default().into_owned();
                if self.repeats == 0 && self.anchored.insert(id.clone()) {
                    self.anchor(e.start, Anchored::Comment(id));
                }
                Tag::Other
            }
            "hyperlink" => {
                if let Some(value) = self.cursor.attribute(e, Ns::Word, "tooltip") {
                    self.push_attribute(&value, "tooltip");
                }
                self.open_link()
            }
            "altChunk" | "subDoc" => {
                self.embedded(e, e.local);
                Tag::Other
            }
            "rPr" if self.frames.last().is_some_and(|f| f.tag == Tag::Run) => {
                self.properties += 1;
                self.run_properties = true;
                Tag::RunProperties
            }
            "pPr" | "rPr" | "tblPr" | "tblPrEx" | "trPr" | "tcPr" | "sectPr" | "sdtPr"
            | "sdtEndPr" | "rubyPr" | "customXmlPr" | "smartTagPr" => {
                self.properties += 1;
                Tag::Properties
            }
            _ => Tag::Other,
        }
    }

    /// An element inside properties.
    fn property(&mut self, e: &Element<'a>) -> Tag {
        if e.ns == Ns::Word && e.local.ends_with("Change") {
            // What the properties were before a revision.
            return Tag::Skip;
        }
        match (e.ns, e.local) {
            (Ns::Word, "showingPlcHdr") => {
                let on = self.cursor.is_on(e);
                if let Some(control) = self.controls.last_mut() {
                    control.placeholder = on;
                }
            }
            (Ns::Word | Ns::Word2012, "dataBinding") => {
                if let Some(control) = self.controls.last_mut() {
                    control.bound = true;
                }
            }
            (Ns::Word, "tblCaption" | "tblDescription") => {
                if let Some(value) = self.cursor.attribute(e, Ns::Word, "val") {
                    self.push_attribute(&value, e.local);
                }
            }
            (Ns::Word, "pStyle" | "outlineLvl" | "numId") => {
                let value = self.cursor.own(e, "val").unwrap_or_default();
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    match e.local {
                        "pStyle" => paragraph.heading = self.styles.heading(&value),
                        "outlineLvl" => paragraph.outline = outline_level(&value),
                        _ => paragraph.list = value != "0",
                    }
                }
            }
            (Ns::Word, "rStyle" | "vanish" | "strike" | "dstrike") if self.run_properties => {
                let on = self.cursor.is_on(e);
                let value = self.cursor.own(e, "val").unwrap_or_default();
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    match e.local {
                        "rStyle" => {
                            paragraph.run.hidden = self.styles.hidden(&value);
                            paragraph.run.strike = self.styles.struck(&value);
                        }
                        "vanish" => paragraph.run.hidden = on,
                        "strike" => paragraph.run.strike = on,
                        _ => paragraph.run.double_strike = on,
                    }
                }
            }
            _ => {}
        }
        Tag::Other
    }

    fn drawing(&mut self, e: &Element<'a>) -> Tag {
        match e.local {
            "p" => self.open_paragraph(),
            "r" => self.open_run(),
            "t" => Tag::Text,
            "br" => Tag::Atom("\n"),
            "fld" => self.open_computed(),
            _ => Tag::Other,
        }
    }

    fn chart(&mut self, e: &Element<'a>) -> Tag {
        match e.local {
            "v" => {
                self.open_paragraph();
                self.computed += 1;
                Tag::Label
            }
            "numCache" | "numLit" => Tag::Skip,
            _ => Tag::Other,
        }
    }

    fn word_drawing(&mut self, e: &Element<'a>) -> Tag {
        match e.local {
            // A drawing with `wp:anchor` floats: the text goes on beneath it.
            "inline" => self.object(e.start),
            "docPr" => {
                for name in ["title", "descr"] {
                    if let Some(value) = self.cursor.attribute(e, Ns::None, name) {
                        self.push_attribute(&value, name);
                    }
                }
            }
            _ => {}
        }
        Tag::Other
    }

    fn vml(&mut self, e: &Element<'a>) -> Tag {
        match (e.ns, e.local) {
            (Ns::Vml, "textpath") => {
                if let Some(value) = self.cursor.attribute(e, Ns::None, "string") {
                    self.push_attribute(&value, "string");
                }
            }
            (Ns::Vml, _) => {
                if self.picture
                    && let Some(style) = self.cursor.plain(e, "style")
                {
                    self.picture = false;
                    if !style.contains("position:absolute") {
                        self.object(e.start);
                    }
                }
                if let Some(value) = self.cursor.attribute(e, Ns::None, "alt") {
                    self.push_attribute(&value, "alt");
                }
            }
            (_, "OLEObject") => {
                let program = self.cursor.plain(e, "ProgID").unwrap_or_default();
                // The formula editors hold formulas.
                if !program.starts_with("Equation") {
                    self.embedded(e, &program);
                }
            }
            _ => {}
        }
        Tag::Other
    }

    fn alternative(&mut self, e: &Element<'a>) -> Result<Tag> {
        if e.local == "AlternateContent" {
            if self.alternatives.len() >= MAX_ALTERNATIVES {
                let part = self.part;
                return Err(Error::document(
                    format!(
                        "{part} 中的 AlternateContent 嵌套超过 {MAX_ALTERNATIVES} 层，未检查；请用 Word 或 WPS 另存后再试"
                    ),
                    format!(
                        "{part}: AlternateContent nested more than {MAX_ALTERNATIVES} deep; it was not checked. Save the file again with Word or WPS"
                    ),
                ));
            }
            self.alternatives.push(Alternatives::default());
            return Ok(Tag::Alternatives);
        }
        let inside = self
            .frames
            .last()
            .is_some_and(|f| f.tag == Tag::Alternatives);
        let len = self.out.drafts.len();
        let Some(alternatives) = self.alternatives.last_mut().filter(|_| inside) else {
            return Ok(Tag::Other);
        };
        if alternatives.first.is_none() {
            alternatives.first = Some(len..len);
            return Ok(Tag::First);
        }
        if self.context.codes > 0 {
            return Ok(Tag::Skip);
        }
        alternatives.another = len;
        // Text of the second alternative must not join the paragraph, where that of the first stands already.
        if let Some(around) = self.paragraphs.last() {
            let (number, run) = (around.number, around.run);
            self.push_paragraph(number, run);
        }
        let computed = self.context.computed;
        self.open_context(self.context.story);
        self.context.computed = computed;
        self.repeats += 1;
        Ok(Tag::Another)
    }

    /// Ends a second alternative: where it repeats a text of the first, its place becomes a twin of the first's.
    fn close_alternative(&mut self) {
        self.repeats -= 1;
        self.close_context();
        let Some((first, another)) = self
            .alternatives
            .last()
            .and_then(|a| Some((a.first.clone()?, a.another)))
        else {
            return;
        };
        if self.paragraphs.last().is_some_and(|p| p.draft == another) {
            self.close_paragraph();
        }
        let (before, after) = self.out.drafts.split_at_mut(another);
        let mut by_text: HashMap<String, VecDeque<usize>> = HashMap::new();
        for n in first {
            if let Some(draft) = before.get(n).and_then(Option::as_ref) {
                by_text
                    .entry(draft.built.text.clone())
                    .or_default()
                    .push_back(n);
            }
        }
        for slot in after {
            let Some(draft) = slot.as_ref() else {
                continue;
            };
            let Some(candidates) = by_text.get_mut(&draft.built.text) else {
                continue;
            };
            let same = candidates.iter().position(|&n| {
                before[n]
                    .as_ref()
                    .is_some_and(|d| d.built.escape == draft.built.escape)
            });
            let Some(n) = same.and_then(|i| candidates.remove(i)) else {
                continue;
            };
            if let (Some(kept), Some(repeated)) = (before[n].as_mut(), slot.take()) {
                kept.built.twins.push(repeated.built.map);
                kept.built.twins.extend(repeated.built.twins);
            }
        }
    }

    fn row_or_cell(&mut self, row: bool) -> Tag {
        if self.tables.len() > self.context.tables
            && let Some(table) = self.tables.last_mut()
        {
            if row {
                table.row += 1;
                table.column = 0;
            } else {
                table.column += 1;
            }
        }
        Tag::Other
    }

    fn open_paragraph(&mut self) -> Tag {
        self.push_paragraph(self.paragraph_count, Run::default());
        Tag::Paragraph
    }

    fn push_paragraph(&mut self, number: u32, run: Run) {
        let in_table = self.tables.len() > self.context.tables;
        let cell = self
            .tables
            .last()
            .filter(|t| in_table && t.row > 0 && t.column > 0);
        self.paragraphs.push(Paragraph {
            draft: self.out.drafts.len(),
            number,
            story: self.context.story,
            cell: cell.copied(),
            heading: None,
            outline: None,
            list: false,
            run,
            builder: TextBuilder::default(),
            struck: Vec::new(),
            links: Vec::new(),
            link_from: None,
        });
        self.out.drafts.push(None);
    }

    fn open_link(&mut self) -> Tag {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.link_from = Some(paragraph.builder.text().len());
        }
        Tag::Link
    }

    fn close_link(&mut self) {
        if let Some(paragraph) = self.paragraphs.last_mut()
            && let Some(from) = paragraph.link_from.take()
        {
            let to = paragraph.builder.text().len();
            paragraph.links.extend((from < to).then_some(from..to));
        }
    }

    fn close_paragraph(&mut self) {
        let Some(mut paragraph) = self.paragraphs.pop() else {
            return;
        };
        let (text, map) = paragraph.builder.take();
        if text.len() > MAX_BLOCK {
            self.out.too_long.push(paragraph.number);
            return;
        }
        let story = paragraph.story;
        let (kind, place) = match paragraph.cell {
            Some(Table { table, row, column }) => (
                BlockKind::Cell { table, row, column },
                Place::Cell {
                    story,
                    table,
                    row,
                    column,
                },
            ),
            None => {
                let heading = paragraph.outline.or(paragraph.heading);
                let kind = match story {
                    Story::Body => match heading {
                        Some(level) => BlockKind::Heading(level),
                        None if paragraph.list => BlockKind::ListItem,
                        None => BlockKind::Paragraph,
                    },
                    Story::Header => BlockKind::Header,
                    Story::Footer => BlockKind::Footer,
                    Story::Footnote => BlockKind::Footnote,
                    Story::Endnote => BlockKind::Endnote,
                    Story::TextBox => BlockKind::TextBox,
                    Story::Comment => BlockKind::Comment,
                };
                (
                    kind,
                    Place::Paragraph {
                        story,
                        number: paragraph.number,
                    },
                )
            }
        };
        let built = built(text, map, Escape::Markup, place, paragraph.number);
        self.fill(
            paragraph.draft,
            kind,
            Built {
                struck: paragraph.struck,
                links: paragraph.links,
                ..built
            },
        );
    }

    fn push_attribute(&mut self, value: &Value<'a>, name: &str) {
        let mut builder = TextBuilder::default();
        value.push_to(&mut builder);
        let (text, map) = builder.take();
        let number = self
            .paragraphs
            .last()
            .map_or(self.paragraph_count, |p| p.number);
        let draft = self.out.drafts.len();
        self.out.drafts.push(None);
        let escape = Escape::Attribute(Some(value.quote));
        let built = built(text, map, escape, Place::Attribute(name.to_owned()), number);
        self.fill(draft, BlockKind::Attribute, built);
    }

    /// Keeps a block, unless it is only blanks and objects.
    fn fill(&mut self, draft: usize, kind: BlockKind, built: Built) {
        let says_something = |c: char| !c.is_whitespace() && c != '\u{FFFC}';
        if built.text.contains(says_something)
            && let Some(slot) = self.out.drafts.get_mut(draft)
        {
            *slot = Some(Draft { kind, built });
        }
    }

    fn open_run(&mut self) -> Tag {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.run = Run::default();
        }
        Tag::Run
    }

    fn open_computed(&mut self) -> Tag {
        self.computed += 1;
        Tag::Computed
    }

    fn open_context(&mut self, story: Story) -> Tag {
        self.contexts.push(self.context);
        self.context = Context {
            story,
            fields: self.fields.len(),
            tables: self.tables.len(),
            codes: 0,
            computed: 0,
        };
        Tag::Context
    }

    fn close_context(&mut self) {
        self.forget_fields(self.context.fields);
        if let Some(outer) = self.contexts.pop() {
            self.context = outer;
        }
    }

    /// Drops the fields that should have ended by now.
    fn forget_fields(&mut self, keep: usize) {
        self.unclosed
            .extend(self.fields.drain(keep..).map(|f| f.start));
    }

    fn field_character(&mut self, e: &Element<'a>) {
        let kind = self.cursor.own(e, "fldCharType");
        if kind.as_deref() == Some("begin") {
            if !self.ignored.contains(&e.start) {
                let field = Field {
                    start: e.start,
                    in_code: true,
                    computed: false,
                    code: String::new(),
                };
                self.fields.push(field);
                self.context.codes += 1;
            }
            return;
        }
        if self.fields.len() <= self.context.fields {
            return;
        }
        let Some(field) = self.fields.last_mut() else {
            return;
        };
        match kind.as_deref() {
            Some("separate") if field.in_code => {
                field.in_code = false;
                field.computed = is_computed(&field.code);
                self.context.codes -= 1;
                self.context.computed += usize::from(field.computed);
            }
            Some("end") => {
                self.context.codes -= usize::from(field.in_code);
                self.context.computed -= usize::from(field.computed);
                self.fields.pop();
            }
            _ => {}
        }
    }

    fn anchor(&mut self, at: usize, what: Anchored) {
        if self.repeats == 0 {
            let next = self.out.drafts.len();
            let draft = self.paragraphs.last().map_or(next, |p| p.draft);
            self.out.anchors.push(Anchor { at, draft, what });
        }
    }

    fn embedded(&mut self, e: &Element<'a>, what: &str) {
        if self.repeats == 0 {
            let id = self.cursor.attribute(e, Ns::Relations, "id");
            let id = id.map(|v| v.text().into_owned()).unwrap_or_default();
            self.out.embedded.push((id, what.to_owned()));
        }
    }

    fn object(&mut self, at: usize) {
        self.put(|b, _| b.without_source(OBJECT, at));
    }

    fn object_and_skip(&mut self, at: usize) -> Tag {
        self.object(at);
        Tag::Skip
    }

    fn characters(&mut self, text: &'a str, at: usize) {
        match self.frames.last().map(|f| f.tag) {
            Some(Tag::Text | Tag::Label) => {
                if let Some((text, at)) = self.inner(text, at) {
                    self.literal(text, at);
                }
            }
            Some(Tag::Code) => self.code(text),
            _ => {}
        }
    }

    fn reference(&mut self, character: char, source: Range<usize>) {
        let mut buffer = [0; 4];
        let text = &*character.encode_utf8(&mut buffer);
        match self.frames.last().map(|f| f.tag) {
            Some(Tag::Text | Tag::Label) => {
                self.release_blanks();
                self.put(|b, computed| match computed {
                    true => b.derived(text, source),
                    false => b.entity(text, source),
                });
            }
            Some(Tag::Code) => self.code(text),
            _ => {}
        }
    }

    /// Text in a CDATA section is read but not edited: an edit is escaped as text, and the section would show that.
    fn cdata(&mut self, text: &'a str, at: usize) {
        match self.frames.last().map(|f| f.tag) {
            Some(Tag::Text | Tag::Label) => {
                self.release_blanks();
                self.put(|b, _| b.derived(text, at..at + text.len()));
            }
            Some(Tag::Code) => self.code(text),
            _ => {}
        }
    }

    fn code(&mut self, text: &str) {
        if self.fields.len() > self.context.fields
            && let Some(field) = self.fields.last_mut()
            && field.code.len() < MAX_CODE
        {
            field.code.extend(text.chars().take(MAX_CODE));
        }
    }

    /// The text without the blanks at the edges of its element; blanks at its end are kept back until more follows.
    fn inner(&mut self, text: &'a str, at: usize) -> Option<(&'a str, usize)> {
        if !self.edges.trim {
            return Some((text, at));
        }
        let (mut text, mut at) = (text, at);
        if !self.edges.started {
            let rest = text.trim_start_matches(BLANKS);
            at += text.len() - rest.len();
            text = rest;
        }
        let body = text.trim_end_matches(BLANKS);
        if !body.is_empty() {
            self.release_blanks();
        }
        if body.len() < text.len() {
            self.edges
                .pending
                .push((&text[body.len()..], at + body.len()));
        }
        (!body.is_empty()).then_some((body, at))
    }

    fn release_blanks(&mut self) {
        self.edges.started = true;
        for (text, at) in std::mem::take(&mut self.edges.pending) {
            self.literal(text, at);
        }
    }

    /// Appends literal text; as XML has it, `\r\n` and a lone `\r` are one line end.
    fn literal(&mut self, text: &str, at: usize) {
        let (mut rest, mut at) = (text, at);
        while !rest.is_empty() {
            let len = match rest.find('\r') {
                Some(0) => {
                    let len = if rest.starts_with("\r\n") { 2 } else { 1 };
                    self.put(|b, computed| match computed {
                        true => b.derived("\n", at..at + len),
                        false => b.atom("\n", at..at + len),
                    });
                    len
                }
                found => {
                    let len = found.unwrap_or(rest.len());
                    let text = &rest[..len];
                    self.put(|b, computed| match computed {
                        true => b.derived(text, at..at + len),
                        false => b.literal(text, at),
                    });
                    len
                }
            };
            at += len;
            rest = &rest[len..];
        }
    }

    /// Appends to the paragraph what `push` pushes, unless a field code is being read. `push` is told whether the text is
    /// computed or hidden: then it is reported, never edited.
    fn put(&mut self, push: impl FnOnce(&mut TextBuilder, bool)) {
        if self.context.codes > 0 {
            return;
        }
        let computed = self.computed > 0 || self.context.computed > 0;
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        let before = paragraph.builder.text().len();
        push(&mut paragraph.builder, computed || paragraph.run.hidden);
        let after = paragraph.builder.text().len();
        if paragraph.run.strike || paragraph.run.double_strike {
            match paragraph.struck.last_mut() {
                Some(last) if last.end == before => last.end = after,
                _ => paragraph.struck.push(before..after),
            }
        }
    }
}

fn built(text: String, map: SourceMap, escape: Escape, place: Place, paragraph: u32) -> Built {
    Built {
        text,
        map,
        twins: Vec::new(),
        escape,
        struck: Vec::new(),
        links: Vec::new(),
        place,
        paragraph,
    }
}

/// Whether the result of a field with this code is made by Word and made again when fields are updated.
///
/// A link's text and a form's entry were typed by a person; all other results come from somewhere else.
fn is_computed(code: &str) -> bool {
    let word = code.split_whitespace().next().unwrap_or("");
    !["HYPERLINK", "FORMTEXT"]
        .iter()
        .any(|typed| word.eq_ignore_ascii_case(typed))
}

fn is_revision(local: &str) -> bool {
    matches!(
        local,
        "ins"
            | "del"
            | "moveFrom"
            | "moveTo"
            | "cellIns"
            | "cellDel"
            | "cellMerge"
            | "rPrChange"
            | "pPrChange"
            | "sectPrChange"
            | "tblPrChange"
            | "tblPrExChange"
            | "tblGridChange"
            | "trPrChange"
            | "tcPrChange"
            | "numberingChange"
    )
}
