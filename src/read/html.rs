//! HTML and XHTML, read with a tokeniser and no tree: positions are exact, nesting costs nothing, and broken markup is
//! read as far as it goes.
//!
//! A block tag ends a block wherever it stands; everything else inside a word (inline tags, comments, character
//! references) is a gap or a piece of the source map. White space collapses as it does on the page.

use std::borrow::Cow;
use std::convert::Infallible;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, Span, State, Tokenizer};

use crate::document::{
    Block, BlockKind, Built, Document, Escape, Mark, Notice, NoticeCode, Place, Story,
};
use crate::source::TextBuilder;

/// Reads the whole of a part.
pub(crate) fn read(document: &mut Document, part: usize) {
    // The text is only borrowed while blocks are pushed: taking the parts out keeps it from being copied.
    let parts = std::mem::take(&mut document.parts);
    let text = parts[part].text();
    let start = if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len_utf8()
    } else {
        0
    };
    read_fragment(
        document,
        part,
        text,
        std::slice::from_ref(&(start..text.len())),
        &mut 0,
    );
    document.parts = parts;
}

/// Reads markup that stands in `stretches` of a part's `text`, in order: more than one where line prefixes of another
/// format (a block quote in Markdown) lie between. `tables` counts the tables of the part.
pub(super) fn read_fragment(
    document: &mut Document,
    part: usize,
    text: &str,
    stretches: &[Range<usize>],
    tables: &mut u32,
) {
    let source = Source::new(text, stretches);
    let reader = Reader::new(document, part, &source, tables);
    // Reading from memory cannot fail: the error type is empty.
    let Ok(()) = Tokenizer::new_with_emitter(&*source.text, reader).finish();
}

/// The encoding that the first 1024 bytes of a page or XML file declare, as they spell it.
pub(crate) fn declared_charset(head: &[u8]) -> Option<String> {
    let head = &head[..head.len().min(1024)];
    if let Some(label) = declared_in_xml(head) {
        return Some(label);
    }
    let mut meta = false;
    let mut name = Vec::new();
    let (mut charset, mut pragma, mut content) = (None, false, None);
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                meta = name == b"meta";
                (charset, pragma, content) = (None, false, None);
            }
            CallbackEvent::AttributeName { name: n } if meta => n.clone_into(&mut name),
            CallbackEvent::AttributeValue { value } if meta => {
                let text = String::from_utf8_lossy(value).trim().to_owned();
                match name.as_slice() {
                    b"charset" => charset = Some(text),
                    b"content" => content = charset_parameter(&text),
                    b"http-equiv" => pragma = text.eq_ignore_ascii_case("content-type"),
                    _ => {}
                }
            }
            CallbackEvent::CloseStartTag { .. } if meta => {
                let declared = charset.take().or(content.take().filter(|_| pragma));
                return declared.filter(|label| !label.is_empty());
            }
            _ => {}
        }
        None
    });
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(head, emitter).find_map(Result::ok)
}

fn declared_in_xml(head: &[u8]) -> Option<String> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = memchr::memchr(b'>', declaration)?;
    let declaration = String::from_utf8_lossy(&declaration[..end]);
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?.trim();
    (!label.is_empty()).then(|| label.to_owned())
}

/// `gb2312` of `text/html; charset=gb2312`.
fn charset_parameter(content: &str) -> Option<String> {
    let at = content.to_ascii_lowercase().find("charset")?;
    let value = content[at + "charset".len()..].trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let label = value
        .trim_start_matches(['"', '\''])
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '"' | '\''))
        .next()?;
    Some(label.to_owned())
}

const BYTE_ORDER_MARK: char = '\u{FEFF}';
/// Stands in the text for something that is no text, so that no word joins across it.
const PLACEHOLDER: &str = "\u{FFFC}";
/// The longest block that is kept, in bytes.
const MAX_BLOCK: usize = 16 << 20;

/// Grows the text of one block, with its white space collapsed and its comments and struck ranges noted.
///
/// All offsets that it takes are decoded offsets.
#[derive(Default)]
pub(super) struct Flow {
    builder: TextBuilder,
    gap: Option<Gap>,
    struck: Vec<Range<usize>>,
    links: Vec<Range<usize>>,
    /// Where the text of the open link begins.
    link_from: Option<usize>,
    /// How many elements that strike text through are open, and where in the text the first of them begins.
    strikes: u32,
    struck_from: usize,
    /// Comments behind the first text of the block: their places and texts.
    comments: Vec<(usize, String)>,
}

/// White space and line breaks that become text only if more text of the block follows.
struct Gap {
    source: Range<usize>,
    /// How many explicit line breaks are among it.
    breaks: usize,
    /// Whether it holds a line break of the source.
    newline: bool,
    /// Whether it is one blank, which may stand as it is.
    blank: bool,
}

impl Flow {
    /// Whether the block has no text yet.
    pub(super) fn is_empty(&self) -> bool {
        self.builder.is_empty()
    }

    /// Text that stands as it is at `at`.
    pub(super) fn literal(&mut self, text: &str, at: usize) {
        self.settle();
        self.builder.literal(text, at);
    }

    /// Text for which a character reference stands at `source`.
    pub(super) fn entity(&mut self, text: &str, source: Range<usize>) {
        self.settle();
        self.builder.entity(text, source);
    }

    /// Text for which something else stands at `source`.
    pub(super) fn atom(&mut self, text: &str, source: Range<usize>) {
        self.settle();
        self.builder.atom(text, source);
    }

    /// Text that stands at `source` and must stay as it is.
    pub(super) fn derived(&mut self, text: &str, source: Range<usize>) {
        self.settle();
        self.builder.derived(text, source);
    }

    /// Text that stands nowhere; `at` is where it would.
    pub(super) fn without_source(&mut self, text: &str, at: usize) {
        self.settle();
        self.builder.without_source(text, at);
    }

    /// White space that collapses; `blank` says that it is one blank and nothing else.
    pub(super) fn space(&mut self, source: Range<usize>, newline: bool, blank: bool) {
        match &mut self.gap {
            Some(gap) => {
                gap.newline |= newline;
                if gap.source.end == source.start {
                    gap.source.end = source.end;
                    gap.blank = false;
                }
            }
            None => {
                self.gap = Some(Gap {
                    source,
                    breaks: 0,
                    newline,
                    blank,
                });
            }
        }
    }

    /// An explicit line break; white space around it does not count.
    pub(super) fn line_break(&mut self, source: Range<usize>) {
        match &mut self.gap {
            Some(gap) if gap.source.end == source.start => {
                gap.source.end = source.end;
                gap.breaks += 1;
            }
            // Of two breaks that do not touch the first stays, of white space and a break the break.
            Some(gap) if gap.breaks > 0 => gap.breaks += 1,
            _ => {
                self.gap = Some(Gap {
                    source,
                    breaks: 1,
                    newline: false,
                    blank: false,
                });
            }
        }
    }

    /// Extends the white space or break behind the text so far up to `end`: over the prefix of the next line.
    pub(super) fn extend_gap(&mut self, end: usize) {
        if let Some(gap) = &mut self.gap {
            gap.source.end = gap.source.end.max(end);
        }
    }

    /// Something at `at` that is no text, and that no word joins across.
    pub(super) fn object(&mut self, at: usize) {
        if self.is_empty() {
            return;
        }
        self.settle();
        self.builder.without_source(PLACEHOLDER, at);
    }

    /// The beginning (`true`) or end of an element that strikes its text through.
    pub(super) fn strike(&mut self, open: bool) {
        if open {
            if self.strikes == 0 {
                self.struck_from = self.builder.text().len();
            }
            self.strikes += 1;
        } else if self.strikes > 0 {
            self.strikes -= 1;
            if self.strikes == 0 {
                self.struck
                    .push(self.struck_from..self.builder.text().len());
            }
        }
    }

    /// The beginning (`true`) or end of a link.
    pub(super) fn link(&mut self, open: bool) {
        let at = self.builder.text().len();
        if let Some(from) = self.link_from.take() {
            self.links.push(from..at);
        }
        self.link_from = open.then_some(at);
    }

    /// A comment at `at`.
    pub(super) fn comment(&mut self, document: &mut Document, part: usize, text: &str, at: usize) {
        let text = text.trim().to_owned();
        if self.is_empty() {
            document.marks.push(Mark {
                part,
                text,
                at,
                block: document.blocks.len(),
            });
        } else {
            self.comments.push((at, text));
        }
    }

    /// Takes over the comments of a flow inside this one.
    pub(super) fn adopt_comments(&mut self, inner: &mut Self) {
        self.comments.append(&mut inner.comments);
    }

    /// Ends the block and pushes it, unless there is nothing to read in it; its index if it was pushed.
    pub(super) fn close(
        &mut self,
        document: &mut Document,
        part: usize,
        kind: BlockKind,
        place: Place,
        escape: Escape,
    ) -> Option<usize> {
        let built = self.finish(place, escape);
        let mut index = None;
        if let Some(built) = built {
            if built.text.len() > MAX_BLOCK {
                document.notices.push(Notice {
                    code: NoticeCode::BlockTooLong,
                    part: String::new(),
                    detail: built.text.chars().take(20).collect(),
                });
            } else {
                index = Some(document.blocks.len());
                document.blocks.push(Block::built(part, kind, built));
            }
        }
        for (at, text) in self.comments.drain(..) {
            document.marks.push(Mark {
                part,
                text,
                at,
                block: document.blocks.len(),
            });
        }
        index
    }

    /// Ends the block; `None` when there is nothing to read in it.
    pub(super) fn finish(&mut self, place: Place, escape: Escape) -> Option<Built> {
        self.gap = None;
        if self.is_empty() {
            self.struck.clear();
            self.struck_from = 0;
            self.links.clear();
            self.link_from = self.link_from.map(|_| 0);
            return None;
        }
        if let Some(from) = self.link_from {
            self.links.push(from..self.builder.text().len());
            self.link_from = Some(0);
        }
        if self.strikes > 0 {
            self.struck
                .push(self.struck_from..self.builder.text().len());
            self.struck_from = 0;
        }
        let text = self.builder.text();
        let len = text
            .trim_end_matches(|c: char| c.is_ascii_whitespace() || PLACEHOLDER.contains(c))
            .len();
        self.builder.truncate(len);
        let (text, map) = self.builder.take();
        let trimmed = |ranges: &mut Vec<Range<usize>>| {
            ranges.drain(..).filter_map(|r| trim(&text, r)).collect()
        };
        let struck = trimmed(&mut self.struck);
        let links = trimmed(&mut self.links);
        (!is_blank(&text)).then_some(Built {
            text,
            map,
            twins: Vec::new(),
            escape,
            struck,
            links,
            place,
            paragraph: 0,
        })
    }

    fn settle(&mut self) {
        let Some(gap) = self.gap.take() else { return };
        if self.builder.is_empty() {
            return;
        }
        if gap.blank && !gap.newline {
            self.builder.literal(" ", gap.source.start);
        } else {
            let text = match (gap.breaks, gap.newline) {
                (0, false) => " ",
                (0, true) | (1, _) => "\n",
                _ => "\n\n",
            };
            self.builder.atom(text, gap.source);
        }
    }
}

/// `text` as words and the white space between them: their ranges, and whether each is white space.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = (Range<usize>, bool)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_space = text.get(at)?.is_ascii_whitespace();
        let rest = &text[at..];
        let length = rest
            .iter()
            .position(|b| b.is_ascii_whitespace() != is_space)
            .unwrap_or(rest.len());
        let piece = at..at + length;
        at = piece.end;
        Some((piece, is_space))
    })
}

/// `range` of `text` without the white space at its ends and without what lies behind the text.
fn trim(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let range = range.start..range.end.min(text.len());
    let inner = text.get(range.clone())?;
    let start = range.start + (inner.len() - inner.trim_start().len());
    let end = start + inner.trim().len();
    (start < end).then_some(start..end)
}

/// Whether a reader sees nothing of `text`.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{FFFC}' | '\u{AD}'
            )
    })
}

/// Elements whose tags end a block, wherever they stand.
#[rustfmt::skip]
pub(super) fn is_block(element: &[u8]) -> bool {
    matches!(
        element,
        b"p" | b"div" | b"td" | b"tr" | b"li" | b"th" | b"ul" | b"ol" | b"h1" | b"h2" | b"h3"
            | b"h4" | b"h5" | b"h6" | b"dd" | b"dl" | b"dt" | b"hr" | b"nav" | b"pre" | b"body"
            | b"head" | b"html" | b"main" | b"form" | b"menu" | b"aside" | b"table" | b"tbody"
            | b"thead" | b"tfoot" | b"title" | b"center" | b"header" | b"footer" | b"button"
            | b"dialog" | b"figure" | b"hgroup" | b"legend" | b"option" | b"search" | b"select"
            | b"address" | b"article" | b"caption" | b"details" | b"listing" | b"marquee"
            | b"section" | b"summary" | b"fieldset" | b"frameset" | b"noframes" | b"optgroup"
            | b"textarea" | b"blockquote" | b"figcaption" | b"colgroup" | b"dir" | b"xmp"
            | b"plaintext" | b"isindex"
    )
}

/// Elements whose text is no prose.
const CODE: [&[u8]; 6] = [b"code", b"kbd", b"samp", b"var", b"math", b"xml"];

/// Whether an element's text is no prose.
pub(super) fn is_code(element: &[u8]) -> bool {
    CODE.contains(&element)
}

/// Elements of an svg that show text or name something.
fn holds_svg_text(element: &[u8]) -> bool {
    matches!(element, b"text" | b"title" | b"desc" | b"foreignobject")
}

/// Elements that show something other than text.
pub(super) fn is_object(element: &[u8]) -> bool {
    matches!(
        element,
        b"img"
            | b"input"
            | b"svg"
            | b"object"
            | b"embed"
            | b"video"
            | b"audio"
            | b"canvas"
            | b"iframe"
    )
}

/// Elements that strike their text through.
pub(super) fn is_strike(element: &[u8]) -> bool {
    matches!(element, b"del" | b"s" | b"strike")
}

/// The text that is tokenised, and where it stands in the part.
struct Source<'a> {
    text: Cow<'a, str>,
    /// Where each stretch begins: its offset in `text` and its decoded offset in the part.
    joins: Vec<(usize, usize)>,
}

impl<'a> Source<'a> {
    fn new(text: &'a str, stretches: &[Range<usize>]) -> Self {
        let mut joins = Vec::with_capacity(stretches.len().max(1));
        let mut joined = Cow::Borrowed("");
        for stretch in stretches {
            joins.push((joined.len(), stretch.start));
            let piece = text.get(stretch.clone()).unwrap_or("");
            if joined.is_empty() {
                joined = Cow::Borrowed(piece);
            } else {
                joined.to_mut().push_str(piece);
            }
        }
        if joins.is_empty() {
            joins.push((0, 0));
        }
        Self {
            text: joined,
            joins,
        }
    }

    /// The decoded offset of an offset in `text`; at a join, where the next stretch begins.
    fn decoded(&self, at: usize) -> usize {
        let nth = self.joins.partition_point(|&(start, _)| start <= at);
        let (start, decoded) = self.joins[nth.saturating_sub(1)];
        decoded + (at - start)
    }

    fn decoded_range(&self, range: &Range<usize>) -> Range<usize> {
        self.decoded(range.start)..self.decoded(range.end)
    }

    /// Hands over a range of `text` with its decoded offset, in one call for each stretch that it touches.
    fn each(&self, range: &Range<usize>, mut take: impl FnMut(&str, usize)) {
        let mut at = range.start;
        while at < range.end {
            let nth = self.joins.partition_point(|&(start, _)| start <= at);
            let end = self.joins.get(nth).map_or(range.end, |&(start, _)| start);
            let end = end.min(range.end);
            if let Some(text) = self.text.get(at..end) {
                take(text, self.decoded(at));
            }
            at = end;
        }
    }

    /// The smallest range of whole characters around `range`.
    fn whole(&self, mut range: Range<usize>) -> Range<usize> {
        while !self.text.is_char_boundary(range.start) {
            range.start -= 1;
        }
        while !self.text.is_char_boundary(range.end) {
            range.end += 1;
        }
        range
    }
}

/// Takes what the tokeniser reports and turns it into blocks.
struct Reader<'a> {
    document: &'a mut Document,
    part: usize,
    source: &'a Source<'a>,
    tables: &'a mut u32,
    /// Whether the text is XML, where `<script/>` is a whole element.
    xml: bool,

    /// Offset up to which the tokeniser has read, and up to which its text has been found in the source.
    position: usize,
    mapped: usize,
    /// Literal text that was found and not yet handed on: it comes in pieces that may cut a character.
    run: Range<usize>,
    target: Target,
    tag: Tag,
    last_start_tag: Vec<u8>,
    attribute_name: Vec<u8>,
    attributes: Vec<Attribute>,

    flow: Flow,
    /// Attributes that stand inside the block that is open.
    deferred: Vec<Block>,
    skip: Skip,
    context: Context,
    /// Place in [`META_DATES`] of the field that the document's date came from.
    date_rank: usize,
    second_title: Option<String>,
}

/// Where text goes.
#[derive(Clone, Copy)]
enum Target {
    Flow,
    /// Index into [`Reader::attributes`].
    Attribute(usize),
    Nowhere,
}

#[derive(Default)]
struct Tag {
    start: usize,
    name: Vec<u8>,
    is_end: bool,
    self_closing: bool,
}

struct Attribute {
    name: &'static str,
    text: TextBuilder,
    /// `None` for a value without quotes.
    quote: Option<char>,
}

/// Why text is not read just now.
#[derive(Clone, Copy, PartialEq)]
enum Skip {
    Nothing,
    /// Up to the next end tag, which the tokeniser lets through only if it is the right one.
    Raw,
    /// Up to the end tag of such an element, or to the end of the block.
    Element(&'static [u8]),
    /// Up to the end of a reading aid.
    Ruby,
}

/// The open elements that matter, as far as one can tell without a tree.
#[derive(Default)]
struct Context {
    tables: Vec<Table>,
    /// For each open list whether an item of it is open; the first entry is for items outside of any list.
    lists: Vec<bool>,
    /// Level of the open heading, or 0.
    heading: u8,
    pre: u32,
    template: u32,
    svg: u32,
    /// Elements with text inside an svg.
    svg_text: u32,
    title: bool,
    head: bool,
}

struct Table {
    number: u32,
    row: u32,
    column: u32,
    in_cell: bool,
}

/// Attributes whose values are read, or say whether another one is.
#[rustfmt::skip]
const ATTRIBUTES: [&str; 11] = [
    "alt", "title", "placeholder", "aria-label", "label", "value", "type", "content", "name",
    "property", "itemprop",
];

/// Names of meta elements whose content people read; the later ones are those of Chinese government sites.
#[rustfmt::skip]
const META_TEXT: [&str; 22] = [
    "description", "keywords", "title", "abstract", "subject", "headline", "og:title",
    "og:description", "og:site_name", "og:image:alt", "twitter:title", "twitter:description",
    "twitter:image:alt", "dc.title", "dc.subject", "dc.description", "articletitle", "sitename",
    "columnname", "columndescription", "columnkeywords", "contentsource",
];

/// Names of meta elements that hold the day of publication, best first.
#[rustfmt::skip]
const META_DATES: [&str; 14] = [
    "pubdate", "publishdate", "publish-date", "publish_date", "publishtime", "publish_time",
    "article:published_time", "datepublished", "og:release_date", "dc.date.issued",
    "dcterms.issued", "dc.date", "dcterms.date", "date",
];

/// What a chunk of text is in the source.
enum Found {
    Literal(Range<usize>),
    Reference(Range<usize>),
    /// Something that the tokeniser replaced.
    Other(Range<usize>),
}

impl<'a> Reader<'a> {
    fn new(
        document: &'a mut Document,
        part: usize,
        source: &'a Source<'a>,
        tables: &'a mut u32,
    ) -> Self {
        Self {
            date_rank: if document.meta.date.is_some() {
                0
            } else {
                META_DATES.len()
            },
            document,
            part,
            xml: source.text.trim_start().starts_with("<?xml"),
            source,
            tables,
            position: 0,
            mapped: 0,
            run: 0..0,
            target: Target::Flow,
            tag: Tag::default(),
            last_start_tag: Vec::new(),
            attribute_name: Vec::new(),
            attributes: Vec::new(),
            flow: Flow::default(),
            deferred: Vec::new(),
            skip: Skip::Nothing,
            context: Context {
                lists: vec![false],
                ..Context::default()
            },
            second_title: None,
        }
    }

    /// Finds where `chunk`, which ends at the tokeniser's position, came from. The order of the tests matters:
    /// `&amp;` must not be taken for a literal `&`, nor `&#59;` for a literal `;`.
    fn find(&self, chunk: &[u8]) -> Found {
        let bytes = self.source.text.as_bytes();
        let end = self.position.min(bytes.len());
        let start = self.mapped.min(end);
        let gap = &bytes[start..end];
        if gap == chunk {
            Found::Literal(start..end)
        } else if gap == b"\r" && chunk == b"\n" {
            // The tokeniser makes one line feed of CR LF, and has not yet passed the LF.
            let line_feed = usize::from(bytes.get(end) == Some(&b'\n'));
            Found::Literal(start..end + line_feed)
        } else if is_reference(gap) {
            Found::Reference(start..end)
        } else if gap.starts_with(chunk) {
            Found::Literal(start..start + chunk.len())
        } else if gap.ends_with(chunk) {
            Found::Literal(end - chunk.len()..end)
        } else {
            Found::Other(self.source.whole(start..end))
        }
    }

    fn chunk(&mut self, chunk: &[u8]) {
        if chunk.is_empty() {
            return;
        }
        let found = self.find(chunk);
        match found {
            Found::Literal(range) => {
                self.mapped = range.end;
                if self.run.end == range.start && !self.run.is_empty() {
                    self.run.end = range.end;
                } else {
                    self.flush();
                    self.run = range;
                }
            }
            Found::Reference(range) => {
                self.mapped = range.end;
                self.flush();
                let text = String::from_utf8_lossy(chunk);
                let source = self.source.decoded_range(&range);
                match self.target {
                    Target::Attribute(nth) => self.attributes[nth].text.entity(&text, source),
                    Target::Flow if self.context.pre == 0 && text.trim_ascii().is_empty() => {
                        self.flow.space(source, text.contains('\n'), false);
                    }
                    Target::Flow => self.flow.entity(&text, source),
                    Target::Nowhere => {}
                }
            }
            Found::Other(range) => {
                self.mapped = range.end;
                self.flush();
                let text = String::from_utf8_lossy(chunk);
                let source = self.source.decoded_range(&range);
                match self.target {
                    Target::Attribute(nth) => self.attributes[nth].text.atom(&text, source),
                    Target::Flow => self.flow.atom(&text, source),
                    Target::Nowhere => {}
                }
            }
        }
    }

    /// Hands the literal text on that has been gathered.
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = self.source.whole(std::mem::take(&mut self.run));
        match self.target {
            Target::Attribute(nth) => {
                let builder = &mut self.attributes[nth].text;
                self.source.each(&run, |text, at| builder.literal(text, at));
            }
            Target::Flow => self.text(run),
            Target::Nowhere => {}
        }
    }

    fn text(&mut self, mut run: Range<usize>) {
        let bytes = self.source.text.as_bytes();
        if self.context.pre > 0 {
            if self.flow.is_empty() {
                // The line break behind <pre> is not shown.
                while run.start < run.end && matches!(bytes[run.start], b'\n' | b'\r') {
                    run.start += 1;
                }
            }
            self.source
                .each(&run, |text, at| self.flow.literal(text, at));
            return;
        }
        for (piece, is_space) in words(&bytes[run.clone()]) {
            let range = run.start + piece.start..run.start + piece.end;
            if is_space {
                let white = &bytes[range.clone()];
                let newline = white.iter().any(|b| matches!(b, b'\n' | b'\r'));
                let source = self.source.decoded_range(&range);
                self.flow.space(source, newline, white == b" ");
            } else {
                self.source
                    .each(&range, |text, at| self.flow.literal(text, at));
            }
        }
    }

    fn is_hidden(&self) -> bool {
        self.skip != Skip::Nothing
            || self.context.template > 0
            || (self.context.svg > 0 && self.context.svg_text == 0)
    }

    fn end_block(&mut self) {
        let (kind, place) = self.context.kind();
        let index = self
            .flow
            .close(self.document, self.part, kind, place, Escape::Markup);
        self.document.blocks.append(&mut self.deferred);
        if let (BlockKind::Title, Some(index), None) = (kind, index, &self.document.meta.title) {
            let title = self.document.blocks[index].details();
            self.document.meta.title = title.map(|built| built.text.clone());
        }
    }

    fn start_tag(&mut self, name: &[u8]) -> Option<State> {
        let raw = self.raw_state(name);
        if self.context.template > 0 {
            self.context.template += u32::from(name == b"template");
            return raw;
        }
        let svg_text = self.context.svg > 0 && holds_svg_text(name);
        if is_block(name) && !svg_text {
            self.end_block();
            self.leave_inline();
        }
        self.read_attributes(name);
        let closed = self.tag.self_closing;
        let at = self.source.decoded(self.tag.start);
        match name {
            b"br" if !self.is_hidden() => {
                let tag = self.tag.start..self.position;
                if self.context.pre > 0 {
                    self.flow.atom("\n", self.source.decoded_range(&tag));
                } else {
                    self.flow.line_break(self.source.decoded_range(&tag));
                }
            }
            b"rt" | b"rp" | b"rtc" if matches!(self.skip, Skip::Nothing | Skip::Ruby) => {
                self.skip = Skip::Ruby;
            }
            b"rb" if self.skip == Skip::Ruby => self.skip = Skip::Nothing,
            b"template" => self.context.template = 1,
            b"noscript" if self.context.head => self.skip = Skip::Element(b"noscript"),
            b"svg" => {
                if !self.is_hidden() {
                    self.flow.object(at);
                }
                self.context.svg += u32::from(!closed);
            }
            _ if svg_text => {
                self.end_block();
                self.context.svg_text += u32::from(!closed);
            }
            _ if is_code(name) && !self.is_hidden() => {
                self.flow.object(at);
                let name = CODE.iter().find(|code| **code == name);
                self.skip = name.map_or(Skip::Nothing, |name| Skip::Element(name));
            }
            _ if is_object(name) && !self.is_hidden() => self.flow.object(at),
            b"a" => self.flow.link(true),
            _ if is_strike(name) => self.flow.strike(true),
            _ => self.context.open(name, self.tables),
        }
        match name {
            _ if raw.is_none() => {}
            b"title" => self.context.title = true,
            b"textarea" => self.context.pre += 1,
            _ => self.skip = Skip::Raw,
        }
        raw
    }

    fn end_tag(&mut self, name: &[u8]) {
        if self.context.template > 0 {
            self.context.template -= u32::from(name == b"template");
            return;
        }
        if self.skip == Skip::Raw {
            self.skip = Skip::Nothing;
        }
        let svg_text = self.context.svg > 0 && holds_svg_text(name);
        if is_block(name) && !svg_text {
            self.end_block();
            self.leave_inline();
        }
        match name {
            b"rt" | b"rp" | b"rtc" | b"ruby" if self.skip == Skip::Ruby => {
                self.skip = Skip::Nothing;
            }
            b"svg" if self.context.svg > 0 => {
                self.context.svg -= 1;
                if self.context.svg == 0 && self.context.svg_text > 0 {
                    self.end_block();
                    self.context.svg_text = 0;
                }
            }
            _ if svg_text => {
                self.end_block();
                self.context.svg_text = self.context.svg_text.saturating_sub(1);
            }
            // A stray </br> is a line break for browsers.
            b"br" if !self.xml && !self.is_hidden() => {
                let tag = self.tag.start..self.position;
                self.flow.line_break(self.source.decoded_range(&tag));
            }
            _ if matches!(self.skip, Skip::Element(open) if open == name) => {
                self.skip = Skip::Nothing;
            }
            b"a" => self.flow.link(false),
            _ if is_strike(name) => self.flow.strike(false),
            _ => self.context.close(name),
        }
    }

    /// What an unclosed inline element would swallow ends with the block.
    fn leave_inline(&mut self) {
        if matches!(self.skip, Skip::Element(_) | Skip::Ruby) {
            self.skip = Skip::Nothing;
        }
        if self.context.svg_text == 0 {
            self.context.svg = 0;
        }
    }

    /// The tokeniser's state behind a start tag whose content is no markup.
    fn raw_state(&self, name: &[u8]) -> Option<State> {
        let foreign = self.xml || self.context.svg > 0;
        if self.tag.self_closing && foreign {
            return None;
        }
        match name {
            b"title" if self.context.svg > 0 => None,
            b"title" | b"textarea" => Some(State::RcData),
            b"script" => Some(State::ScriptData),
            b"style" | b"iframe" | b"xmp" | b"noembed" | b"noframes" => Some(State::RawText),
            _ => None,
        }
    }

    fn read_attributes(&mut self, element: &[u8]) {
        if self.attributes.is_empty() {
            return;
        }
        let mut attributes = std::mem::take(&mut self.attributes);
        if element == b"meta" {
            self.read_meta(&mut attributes);
        } else {
            let button = attributes.iter().any(|a| {
                let kinds = ["button", "submit", "reset"];
                a.name == "type" && kinds.iter().any(|k| k.eq_ignore_ascii_case(a.text.text()))
            });
            for attribute in &mut attributes {
                let read = match attribute.name {
                    "alt" | "title" | "placeholder" | "aria-label" => true,
                    "label" => matches!(element, b"option" | b"optgroup" | b"track"),
                    "value" => element == b"input" && button,
                    _ => false,
                };
                if read {
                    let place = Place::Attribute(attribute.name.to_owned());
                    self.push_attribute(attribute, BlockKind::Attribute, place);
                }
            }
        }
        attributes.clear();
        self.attributes = attributes;
    }

    fn read_meta(&mut self, attributes: &mut [Attribute]) {
        let named = |a: &&Attribute| matches!(a.name, "name" | "property" | "itemprop");
        let Some(name) = attributes.iter().find(named) else {
            return;
        };
        let name = name.text.text().trim().to_owned();
        let Some(content) = attributes.iter_mut().find(|a| a.name == "content") else {
            return;
        };
        let text = content.text.text().trim();
        if text.is_empty() {
            return;
        }
        let is = |known: &str| known.eq_ignore_ascii_case(&name);
        if let Some(rank) = META_DATES.iter().position(|known| is(known))
            && rank < self.date_rank
        {
            self.date_rank = rank;
            self.document.meta.date = Some((text.to_owned(), name.clone()));
        }
        if ["articletitle", "og:title"].iter().any(|known| is(known)) {
            self.second_title.get_or_insert_with(|| text.to_owned());
        }
        if META_TEXT.iter().any(|known| is(known)) {
            self.push_attribute(content, BlockKind::Meta, Place::Meta(name));
        }
    }

    fn push_attribute(&mut self, attribute: &mut Attribute, kind: BlockKind, place: Place) {
        if is_blank(attribute.text.text()) {
            return;
        }
        let (text, map) = attribute.text.take();
        let built = Built {
            text,
            map,
            twins: Vec::new(),
            escape: Escape::Attribute(attribute.quote),
            struck: Vec::new(),
            links: Vec::new(),
            place,
            paragraph: 0,
        };
        let block = Block::built(self.part, kind, built);
        // Blocks stand in the order in which they begin.
        if self.flow.is_empty() {
            self.document.blocks.push(block);
        } else {
            self.deferred.push(block);
        }
    }
}

impl Context {
    fn kind(&self) -> (BlockKind, Place) {
        let cell = self.tables.last().filter(|table| table.in_cell);
        if self.title {
            (BlockKind::Title, Place::Title)
        } else if self.heading > 0 {
            (BlockKind::Heading(self.heading), Place::Line)
        } else if let Some(&Table {
            number: table,
            row,
            column,
            ..
        }) = cell
        {
            let place = Place::Cell {
                story: Story::Body,
                table,
                row,
                column,
            };
            (BlockKind::Cell { table, row, column }, place)
        } else if self.lists.last() == Some(&true) {
            (BlockKind::ListItem, Place::Line)
        } else {
            (BlockKind::Paragraph, Place::Line)
        }
    }

    fn open(&mut self, name: &[u8], tables: &mut u32) {
        if is_block(name) && !matches!(name, b"title" | b"head" | b"html") {
            self.head = false;
        }
        match name {
            b"head" => self.head = true,
            b"pre" | b"listing" => self.pre += 1,
            b"ul" | b"ol" | b"menu" | b"dir" => self.lists.push(false),
            b"li" => self.set_item(true),
            b"table" => {
                *tables += 1;
                self.tables.push(Table {
                    number: *tables,
                    row: 0,
                    column: 0,
                    in_cell: false,
                });
            }
            b"tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row += 1;
                    table.column = 0;
                    table.in_cell = false;
                }
            }
            b"td" | b"th" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row = table.row.max(1);
                    table.column += 1;
                    table.in_cell = true;
                }
            }
            [b'h', level @ b'1'..=b'6'] => self.heading = level - b'0',
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8]) {
        match name {
            b"title" => self.title = false,
            b"head" => self.head = false,
            b"pre" | b"listing" | b"textarea" => self.pre = self.pre.saturating_sub(1),
            b"ul" | b"ol" | b"menu" | b"dir" if self.lists.len() > 1 => {
                self.lists.pop();
            }
            b"li" => self.set_item(false),
            b"table" => {
                self.tables.pop();
            }
            b"tr" | b"td" | b"th" => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_cell = false;
                }
            }
            [b'h', b'1'..=b'6'] => self.heading = 0,
            _ => {}
        }
    }

    fn set_item(&mut self, open: bool) {
        if let Some(item) = self.lists.last_mut() {
            *item = open;
        }
    }
}

/// Whether `bytes` have the form of one character reference.
fn is_reference(bytes: &[u8]) -> bool {
    let Some(body) = bytes.strip_prefix(b"&") else {
        return false;
    };
    let body = body.strip_suffix(b";").unwrap_or(body);
    let (digits, is_digit): (&[u8], fn(&u8) -> bool) = match body {
        [b'#', b'x' | b'X', hex @ ..] => (hex, u8::is_ascii_hexdigit),
        [b'#', decimal @ ..] => (decimal, u8::is_ascii_digit),
        name => (name, u8::is_ascii_alphanumeric),
    };
    !digits.is_empty() && digits.iter().all(is_digit)
}

impl Emitter for Reader<'_> {
    type Token = Infallible;

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        name.unwrap_or_default()
            .clone_into(&mut self.last_start_tag);
    }

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_error(&mut self, _: html5gum::Error) {}

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_eof(&mut self) {
        self.flush();
        self.end_block();
        if self.document.meta.title.is_none() {
            self.document.meta.title = self.second_title.take();
        }
    }

    #[inline]
    fn init_string(&mut self) {
        self.mapped = self.position;
    }

    #[inline]
    fn emit_string(&mut self, chunk: &[u8]) {
        if self.is_hidden() {
            self.mapped = self.position;
        } else {
            self.chunk(chunk);
        }
    }

    fn start_open_tag(&mut self) {
        self.tag.start = self.position.saturating_sub(1);
    }

    fn init_start_tag(&mut self) {
        self.flush();
        self.tag.name.clear();
        self.tag.is_end = false;
        self.tag.self_closing = false;
        self.attributes.clear();
        self.target = Target::Nowhere;
    }

    fn init_end_tag(&mut self) {
        self.flush();
        self.tag.name.clear();
        self.tag.is_end = true;
        self.tag.self_closing = false;
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tag.name.extend(name);
    }

    fn set_self_closing(&mut self) {
        self.tag.self_closing = true;
    }

    fn init_attribute(&mut self) {
        self.flush();
        self.target = Target::Nowhere;
        self.attribute_name.clear();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.attribute_name.extend(name);
    }

    fn init_attribute_value(&mut self) {
        self.mapped = self.position;
        let name = ATTRIBUTES
            .into_iter()
            .find(|known| known.as_bytes() == self.attribute_name);
        let Some(name) = name else { return };
        // The first of two attributes with one name counts.
        if self.tag.is_end || self.attributes.iter().any(|a| a.name == name) {
            return;
        }
        let before = self.position.checked_sub(1);
        let quote = match before.and_then(|at| self.source.text.as_bytes().get(at)) {
            Some(b'"') => Some('"'),
            Some(b'\'') => Some('\''),
            _ => None,
        };
        self.target = Target::Attribute(self.attributes.len());
        self.attributes.push(Attribute {
            name,
            text: TextBuilder::default(),
            quote,
        });
    }

    #[inline]
    fn push_attribute_value(&mut self, chunk: &[u8]) {
        if let Target::Attribute(_) = self.target {
            self.chunk(chunk);
        }
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush();
        self.target = Target::Flow;
        let name = std::mem::take(&mut self.tag.name);
        let state = if self.tag.is_end {
            self.end_tag(&name);
            None
        } else {
            name.clone_into(&mut self.last_start_tag);
            self.start_tag(&name)
        };
        self.tag.name = name;
        self.mapped = self.position;
        state
    }

    fn init_comment(&mut self) {
        self.flush();
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn emit_current_comment(&mut self) {
        let comment = self.source.text.get(self.tag.start..self.position);
        // What does not begin so is a comment to browsers only: <?xml ...?>, <![endif]>, </1>.
        let Some(text) = comment.and_then(|c| c.strip_prefix("<!--")) else {
            return;
        };
        let text = text
            .strip_suffix("-->")
            .or_else(|| text.strip_suffix("--!>"))
            .unwrap_or(text);
        let at = self.source.decoded(self.tag.start);
        self.flow.comment(self.document, self.part, text, at);
    }

    fn init_doctype(&mut self) {
        self.flush();
    }

    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn set_force_quirks(&mut self) {}
    fn emit_current_doctype(&mut self) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.tag.is_end && !self.tag.name.is_empty() && self.tag.name == self.last_start_tag
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.xml || self.context.svg > 0 || self.skip == Skip::Element(b"math")
    }
}

/// What the tests of this reader and of the Markdown reader share.
#[cfg(test)]
pub(super) mod check {
    use super::*;
    use crate::document::{Kind, Meta, ReadOptions};
    use crate::source::{Part, SegmentKind};

    /// A document of one part, read by `read`.
    pub(crate) fn parse(text: &str, read: fn(&mut Document, usize)) -> Document {
        let mut document = Document {
            name: "draft".to_owned(),
            kind: Kind::Html,
            parts: vec![Part::utf8("", text.to_owned())],
            blocks: Vec::new(),
            marks: Vec::new(),
            meta: Meta::default(),
            notices: Vec::new(),
            package: None,
            options: ReadOptions::default(),
        };
        read(&mut document, 0);
        assert_sound(&document);
        document
    }

    /// Kinds and texts of the blocks, such as `h1 标题` or `1.2.3 单元格`.
    pub(crate) fn outline(document: &Document) -> Vec<String> {
        let label = |block: &Block| match (block.kind, block.place()) {
            (BlockKind::Paragraph, _) => "p".to_owned(),
            (BlockKind::Heading(level), _) => format!("h{level}"),
            (BlockKind::Cell { table, row, column }, _) => format!("{table}.{row}.{column}"),
            (BlockKind::ListItem, _) => "li".to_owned(),
            (_, Place::Attribute(name)) => format!("@{name}"),
            (_, Place::Meta(name)) => format!("meta:{name}"),
            (kind, _) => format!("{kind:?}"),
        };
        let line = |block: &Block| format!("{} {}", label(block), document.text(block));
        document.blocks.iter().map(line).collect()
    }

    /// The source that a stretch of text came from: from the first to the last byte of the only place where it stands.
    pub(crate) fn source_of<'a>(document: &'a Document, text: &str) -> &'a str {
        let mut found = document.blocks.iter().filter_map(|block| {
            let at = document.text(block).find(text)?;
            Some(block.pieces(&(at..at + text.len())))
        });
        let outline = outline(document);
        let pieces = found
            .next()
            .unwrap_or_else(|| panic!("{text:?} is not in {outline:?}"));
        assert!(found.next().is_none(), "{text:?} is twice in {outline:?}");
        let hull = pieces[0].source.start..pieces[pieces.len() - 1].source.end;
        &document.parts[0].text()[hull]
    }

    /// The texts that are struck through.
    pub(crate) fn struck(document: &Document) -> Vec<&str> {
        let of = |block| {
            let text = document.text(block);
            let ranges = block.details().map_or(&[][..], |built| &built.struck);
            ranges.iter().map(|range| &text[range.clone()])
        };
        document.blocks.iter().flat_map(of).collect()
    }

    fn assert_sound(document: &Document) {
        let source = document.parts[0].text();
        for block in &document.blocks {
            let text = document.text(block);
            assert!(!is_blank(text));
            let mut at = 0;
            let mut reached = 0;
            for piece in block.pieces(&(0..text.len())) {
                assert_eq!(piece.text.start, at, "a gap in the text of {text:?}");
                at = piece.text.end;
                assert!(piece.source.start >= reached, "{text:?} goes back");
                reached = piece.source.end;
                let stands = source.get(piece.source.clone());
                let stands = stands.expect("a piece cuts a character");
                match piece.kind {
                    SegmentKind::Literal => assert_eq!(stands, &text[piece.text.clone()]),
                    SegmentKind::Virtual => assert!(stands.is_empty()),
                    SegmentKind::Entity => assert!(stands.starts_with('&')),
                    // The address of a link that is its own text is never rewritten.
                    SegmentKind::Atom | SegmentKind::Derived => assert!(!stands.is_empty()),
                }
            }
            assert_eq!(at, text.len());
            let struck = &block.details().expect("blocks are built").struck;
            assert!(struck.iter().all(|range| text.get(range.clone()).is_some()));
        }
        for mark in &document.marks {
            assert!(mark.block <= document.blocks.len());
            assert!(source.is_char_boundary(mark.at));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::check::{outline, parse, source_of, struck};
    use super::*;

    fn blocks(text: &str) -> Vec<String> {
        outline(&parse(text, read))
    }

    #[test]
    fn block_tags_end_a_block_and_inline_tags_do_not() {
        let cases: &[(&str, &[&str])] = &[
            ("<p>一</p><p>二</p>", &["p 一", "p 二"]),
            ("<p>一<p>二<br>", &["p 一", "p 二"]),
            ("一<b>代</b>一<o:p></o:p>路", &["p 一代一路"]),
            ("一<!-- x -->代", &["p 一代"]),
            ("一<![endif]>代<?x?>一<wbr>路", &["p 一代一路"]),
            ("<h2>题</h2>文<h6>尾</h6>", &["h2 题", "p 文", "h6 尾"]),
            (
                "<ul><li>甲<li><p>乙</p></ul>丙",
                &["li 甲", "li 乙", "p 丙"],
            ),
            ("<li>甲</li>乙", &["li 甲", "p 乙"]),
            ("</div></table></li>甲</p>", &["p 甲"]),
            ("<div>甲<div>乙</div>丙</div>", &["p 甲", "p 乙", "p 丙"]),
            ("<select><option>甲<option>乙</select>", &["p 甲", "p 乙"]),
            ("<title>甲 &amp;\n乙</title>丙", &["Title 甲 &\n乙", "p 丙"]),
            ("<p>&nbsp;</p><p>　</p><p> \n</p>", &[]),
            ("a < b <3 &c &amp;amp; <", &["p a < b <3 &c &amp; <"]),
            ("甲<b", &["p 甲"]),
        ];
        for (text, want) in cases {
            assert_eq!(&blocks(text), want, "{text}");
        }
    }

    #[test]
    fn white_space_collapses_as_on_the_page() {
        let cases = [
            ("<p> \n 甲 \n</p>", "甲"),
            ("<p>甲\r\n   乙</p>", "甲\n乙"),
            ("<p>甲  乙 丙\t丁</p>", "甲 乙 丙 丁"),
            ("<p>甲 <b> 乙</b></p>", "甲 乙"),
            ("<p>甲 <b>\n乙</b></p>", "甲\n乙"),
            ("<p><br>甲 <br/>\n 乙<br></p>", "甲\n乙"),
            ("<p>甲<br><br>乙</p>", "甲\n\n乙"),
            ("<p>甲<br> <b><br>乙</b></p>", "甲\n\n乙"),
            ("<p>甲&nbsp; 乙　　丙</p>", "甲\u{A0} 乙　　丙"),
            ("<p>甲&#32; &#10;乙</p>", "甲\n乙"),
            ("<pre>\n甲\r\n  乙<br>丙\n</pre>", "甲\r\n  乙\n丙"),
            ("<textarea>\r\n甲 &lt;\n\n乙<b></textarea>", "甲 <\n\n乙<b>"),
        ];
        for (text, want) in cases {
            assert_eq!(blocks(text), [format!("p {want}")], "{text}");
        }
    }

    #[test]
    fn text_leads_back_to_its_source() {
        let cases = [
            ("<p>各一<b>代</b>一路。</p>", "一代一路", "一<b>代</b>一路"),
            ("<p>一代<b>一路</b></p>", "一代一路", "一代<b>一路"),
            ("<p>一&#20195;一路</p>", "一代一路", "一&#20195;一路"),
            ("<p>一&#x4EE3;</p>", "代", "&#x4EE3;"),
            ("<p>甲&amp;乙</p>", "&", "&amp;"),
            ("<p>甲&ampx乙</p>", "&", "&amp"),
            ("<p>甲&#59;乙</p>", ";", "&#59;"),
            ("<p>甲&amp;amp;乙</p>", "&amp;", "&amp;amp;"),
            ("<p>&unknown;甲</p>", "&unknown;甲", "&unknown;甲"),
            ("<p>&lt政</p>", "<政", "&lt政"),
            ("<p>a&lt\r\nb</p>", "<\n", "&lt\r\n"),
            ("<p>一代\n      一路</p>", "代\n一", "代\n      一"),
            ("<p>一代 <br>\r\n一路</p>", "代\n一", "代 <br>\r\n一"),
            ("<p>一代<br>一路</p>", "\n", "<br>"),
            ("<title>a</b>x</title>", "</b>x", "</b>x"),
            ("\u{FEFF}甲", "甲", "甲"),
            (
                "<svg><text>甲<![CDATA[乙<]]]></text></svg>",
                "甲乙<]",
                "甲<![CDATA[乙<]",
            ),
        ];
        for (text, piece, want) in cases {
            assert_eq!(source_of(&parse(text, read), piece), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_prose_is_left_out() {
        let cases = [
            ("甲<script>var a = '<p>乙';</script>丙", "甲丙"),
            ("甲<style>/* 乙 */</style>丙", "甲丙"),
            (
                "甲<template><p>乙<template></template>丁</p></template>丙",
                "甲丙",
            ),
            ("甲<iframe>乙</iframe>丙", "甲\u{FFFC}丙"),
            ("甲<code>乙<b>丁</b></code>丙", "甲\u{FFFC}丙"),
            ("甲<img src=a>丙<img src=b>", "甲\u{FFFC}丙"),
            ("<img src=a>丙<kbd>乙</kbd> ", "丙"),
            ("甲<svg viewBox='0 0 1 1'><g>乙</g></svg>丙", "甲\u{FFFC}丙"),
            ("甲<math><mi>乙</mi></math>丙", "甲\u{FFFC}丙"),
            ("甲<xml><w:View>乙</w:View></xml>丙", "甲\u{FFFC}丙"),
            ("<ruby>甲<rp>(</rp><rt>jia</rt><rp>)</rp>丙</ruby>", "甲丙"),
            ("<ruby>甲<rt>jia</ruby>丙", "甲丙"),
            ("<head><noscript>乙</noscript></head>甲", "甲"),
            ("<p hidden>甲</p>", "甲"),
            ("<noscript>甲</noscript>", "甲"),
        ];
        for (text, want) in cases {
            assert_eq!(blocks(text), [format!("p {want}")], "{text}");
        }
    }

    #[test]
    fn unclosed_inline_elements_end_with_their_block() {
        assert_eq!(blocks("<p>甲<code>乙<p>丙"), ["p 甲", "p 丙"]);
        assert_eq!(blocks("<p>甲<ruby><rt>乙</p>丙"), ["p 甲", "p 丙"]);
        assert_eq!(blocks("<p>甲<svg><path><p>丙"), ["p 甲", "p 丙"]);
        assert_eq!(blocks("<pre><code>乙\n</code></pre>丙"), ["p 丙"]);
    }

    #[test]
    fn svg_text_and_names_are_blocks() {
        let text =
            "<svg><title>甲</title><text>乙<tspan>丙</tspan></text>丁</svg><title>戊</title>";
        assert_eq!(blocks(text), ["p 甲", "p 乙丙", "Title 戊"]);
        assert_eq!(blocks("<svg><title/><style/></svg>甲"), ["p 甲"]);
        assert_eq!(
            blocks("<?xml version='1.0'?><html><script src='a'/><title/>甲"),
            ["p 甲"]
        );
    }

    #[test]
    fn cells_are_numbered_in_nested_tables() {
        let text = "<table><caption>表</caption><tr><th>甲<th>乙<tr><td><p>丙</p>丁</td>\
            <td>戊<table><td>己</table>庚</table><table><tr><td>辛</table>壬";
        let want = [
            "p 表",
            "1.1.1 甲",
            "1.1.2 乙",
            "1.2.1 丙",
            "1.2.1 丁",
            "1.2.2 戊",
            "2.1.1 己",
            "1.2.2 庚",
            "3.1.1 辛",
            "p 壬",
        ];
        let document = parse(text, read);
        assert_eq!(outline(&document), want);
        let place = Place::Cell {
            story: Story::Body,
            table: 1,
            row: 2,
            column: 1,
        };
        assert_eq!(document.blocks[3].place(), place);
    }

    #[test]
    fn attributes_that_people_read_are_blocks() {
        let cases: &[(&str, &[&str])] = &[
            ("<img alt='甲&amp;乙' src='丙'>", &["@alt 甲&乙"]),
            (
                "<p>文<a title=\"甲\" href='丙'>字</a>尾",
                &["p 文字尾", "@title 甲"],
            ),
            (
                "<input type=SUBMIT value=甲><input value=乙>",
                &["@value 甲"],
            ),
            (
                "<input placeholder=甲 aria-label=乙>",
                &["@placeholder 甲", "@aria-label 乙"],
            ),
            ("<option label=甲>乙", &["@label 甲", "p 乙"]),
            ("<p label=甲>乙", &["p 乙"]),
            ("<img ALT=甲 alt=乙 title='' title>", &["@alt 甲"]),
            ("<template><img alt=甲></template></p title=乙>", &[]),
            ("<img alt='甲", &[]),
        ];
        for (text, want) in cases {
            assert_eq!(&blocks(text), want, "{text}");
        }
        let document = parse("<i title=\"一&#20195;\"><i alt='乙'><i alt=丙>", read);
        let escapes: Vec<_> = document.blocks.iter().map(Block::escape).collect();
        let quotes = [Some('"'), Some('\''), None];
        assert_eq!(escapes, quotes.map(Escape::Attribute));
        assert_eq!(source_of(&document, "一代"), "一&#20195;");
    }

    #[test]
    fn the_head_gives_title_date_and_descriptions() {
        let text = "<head><title>通知_某县</title><meta name=Description content='甲&lt;'>\
            <meta content=乙 name=keywords><meta property='og:title' content=丙>\
            <meta name='viewport' content='width=1'>\
            <meta name='article:published_time' content='2026-01-01'>\
            <meta name='PubDate' content=' 2026-01-02 10:00 '></head>";
        let document = parse(text, read);
        let want = [
            "Title 通知_某县",
            "meta:Description 甲<",
            "meta:keywords 乙",
            "meta:og:title 丙",
        ];
        assert_eq!(outline(&document), want);
        assert_eq!(document.meta.title.as_deref(), Some("通知_某县"));
        let date = ("2026-01-02 10:00".to_owned(), "PubDate".to_owned());
        assert_eq!(document.meta.date, Some(date));
        let document = parse("<meta name=ArticleTitle content=甲>", read);
        assert_eq!(document.meta.title.as_deref(), Some("甲"));
    }

    #[test]
    fn struck_text_is_noted() {
        let document = parse("<p>甲 <del> 乙<s>丙</s></del> 丁</del><strike>戊", read);
        assert_eq!(struck(&document), ["乙丙", "戊"]);
        assert_eq!(
            struck(&parse("<del><p>甲</p><p>乙</p></del>丙", read)),
            ["甲", "乙"]
        );
    }

    #[test]
    fn comments_are_marks_before_the_block_that_follows_them() {
        let text = "<!-- a --><p>甲<!--b--></p><p><!-- c -->乙<img alt=丙><!--d--></p><!-- e";
        let document = parse(text, read);
        let marks: Vec<_> = document
            .marks
            .iter()
            .map(|m| (m.text.as_str(), m.block, &text[m.at..m.at + 4]))
            .collect();
        let want = [("a", 0), ("b", 1), ("c", 1), ("d", 2), ("e", 3)];
        assert_eq!(marks, want.map(|(text, block)| (text, block, "<!--")));
    }

    #[test]
    fn fragments_of_several_stretches_keep_their_places() {
        let text = "> <div title='甲\n> 乙'>丙\n> 丁</div>\n";
        let read = |document: &mut Document, part: usize| {
            let parts = std::mem::take(&mut document.parts);
            let text = parts[part].text();
            let lines: Vec<_> = text
                .match_indices("> ")
                .filter(|&(at, _)| at == 0 || text[..at].ends_with('\n'))
                .map(|(at, _)| at + 2..at + text[at..].find('\n').unwrap() + 1)
                .collect();
            read_fragment(document, part, text, &lines, &mut 0);
            document.parts = parts;
        };
        let document = parse(text, read);
        assert_eq!(outline(&document), ["@title 甲\n乙", "p 丙\n丁"]);
        assert_eq!(source_of(&document, "甲\n乙"), "甲\n> 乙");
        assert_eq!(source_of(&document, "\n丁"), "\n> 丁");
    }

    #[test]
    fn deep_and_long_markup_is_read_in_linear_time() {
        let deep = "<div>".repeat(100_000) + "甲" + &"</div>".repeat(100_000);
        assert_eq!(blocks(&deep), ["p 甲"]);
        let tables = "<table><tr><td>".repeat(50_000) + "乙";
        assert_eq!(blocks(&tables), ["50000.1.1 乙"]);
        let long = "丙".repeat(300_000);
        assert_eq!(
            blocks(&format!("<img alt='{long}'>")),
            [format!("@alt {long}")]
        );
        let references = "&#20195;".repeat(50_000) + &"&amp".repeat(50_000);
        assert_eq!(blocks(&references).len(), 1);
        let breaks = "<a ".repeat(50_000)
            + "\r<".repeat(50_000).as_str()
            + "</title".repeat(50_000).as_str();
        blocks(&breaks);
        blocks(&format!("<title>{breaks}"));
    }

    #[test]
    fn a_block_beyond_the_limit_is_a_notice() {
        let document = parse(&format!("<p>甲{}<p>乙", "x".repeat(MAX_BLOCK)), read);
        assert_eq!(outline(&document), ["p 乙"]);
        assert_eq!(document.notices[0].code, NoticeCode::BlockTooLong);
    }

    #[test]
    fn charsets_are_found_where_they_are_declared() {
        let cases = [
            ("<meta charset=gb2312>", Some("gb2312")),
            ("<head><META CharSet = ' GBK '/>", Some("GBK")),
            (
                "<meta content='text/html; charset=\"Big5\"' http-equiv=Content-Type>",
                Some("Big5"),
            ),
            (
                "<meta http-equiv=content-type content='text/html;charset=utf-8;x'>",
                Some("utf-8"),
            ),
            ("<meta name=x content='charset=gbk'>", None),
            (
                "<!-- <meta charset=gbk> --><meta charset=utf-8>",
                Some("utf-8"),
            ),
            ("<script>'<meta charset=gbk>'</script>", None),
            (
                "<?xml version=\"1.0\" encoding='GB18030'?><html>",
                Some("GB18030"),
            ),
            ("<?xml version=\"1.0\"?><meta charset=gbk>", Some("gbk")),
            ("<meta charset=''>", None),
            ("", None),
        ];
        for (head, want) in cases {
            assert_eq!(declared_charset(head.as_bytes()).as_deref(), want, "{head}");
        }
        let far = " ".repeat(1024) + "<meta charset=gbk>";
        assert_eq!(declared_charset(far.as_bytes()), None);
        let gbk = b"<title>\xCD\xA8\xD6\xAA</title><meta charset=\"gb2312\">";
        assert_eq!(declared_charset(gbk).as_deref(), Some("gb2312"));
    }

    fn snippet() -> impl Strategy<Value = String> {
        let fixed = [
            "<p>",
            "</p>",
            "<br>",
            "<b>",
            "</b>",
            "<td>",
            "<table>",
            "</table>",
            "<tr>",
            "<pre>",
            "</pre>",
            "<title>",
            "</title>",
            "<textarea>",
            "</textarea>",
            "<script>",
            "</script>",
            "<svg>",
            "</svg>",
            "<text>",
            "<code>",
            "</code>",
            "<ruby><rt>",
            "</ruby>",
            "<del>",
            "</del>",
            "<template>",
            "</template>",
            "<!-- ",
            "-->",
            "<![CDATA[",
            "]]>",
            "<li>",
            "<img alt=\"",
            "<a title='",
            "<meta name=description content=",
            "\"",
            "'",
            ">",
            "<",
            "</",
            "&amp;",
            "&amp",
            "&#20195;",
            "&#x4ee3",
            "&#59;",
            "&nbsp;",
            "&x",
            "&",
            ";",
            "\r",
            "\r\n",
            "\n",
            " ",
            "  ",
            "\t",
            "\u{c}",
            "\0",
            "　",
            "\u{FEFF}",
            "𠮷",
            "a",
            "1",
            "/>",
            "<option label=",
            "<!",
            "<?xml",
            "=",
            "<noscript>",
            "<iframe>",
            "<math>",
        ];
        prop_oneof![
            3 => proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned),
            1 => "[一-龥]{1,4}",
            1 => "\\PC{0,3}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn every_piece_stands_where_the_map_says(
            pieces in proptest::collection::vec(snippet(), 0..60)
        ) {
            parse(&pieces.concat(), read);
        }
    }
}
