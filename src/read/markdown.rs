//! Markdown (`CommonMark` with the usual extensions), with front matter.
//!
//! The parser says where each stretch of text stands; emphasis markers, backslashes and line prefixes are the gaps
//! between. HTML blocks go to the HTML reader.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use crate::document::{Block, BlockKind, Built, Document, Escape, Place, Story};
use crate::read::html::{self, Flow};
use crate::source::TextBuilder;

/// Reads the whole of a part.
pub(crate) fn read(document: &mut Document, part: usize) {
    // The text is only borrowed while blocks are pushed: taking the parts out keeps it from being copied.
    let parts = std::mem::take(&mut document.parts);
    let text = parts[part].text();
    let mut start = if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len_utf8()
    } else {
        0
    };
    if let Some(front) = FrontMatter::find(text, start) {
        start = front.end;
        front.read(document, part, text);
    }
    let parser = Parser::new_ext(&text[start..], options());
    let mut titles: Vec<_> = parser
        .reference_definitions()
        .iter()
        .filter_map(|(_, definition)| {
            let title = definition.title.as_deref()?;
            let span = start + definition.span.start..start + definition.span.end;
            title_at_end(text, span, "", title)
        })
        .collect();
    titles.sort_by_key(|range| std::cmp::Reverse(range.start));
    let mut reader = Reader::new(document, part, text, titles);
    for (event, range) in parser.into_offset_iter() {
        reader.event(event, start + range.start..start + range.end);
    }
    reader.end_block();
    reader.definitions_before(text.len());
    // The comments in an image's text come after those around it.
    document.marks.sort_by_key(|mark| mark.at);
    document.parts = parts;
}

/// Smart punctuation stays off: it would report characters that do not stand in the source.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
}

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Takes what the parser reports and turns it into blocks.
struct Reader<'a> {
    document: &'a mut Document,
    part: usize,
    text: &'a str,
    flow: Flow,
    /// The kinds of the containers that are open, the block with text in it last.
    kinds: Vec<BlockKind>,
    /// What stands inside the open block and is read after it.
    deferred: Vec<Deferred>,
    image: Image,
    /// The inline HTML element whose text is not read, and how many that strike text through are open.
    hidden: Option<Vec<u8>>,
    strikes: u32,
    in_code: bool,
    /// Whether the text of a link is its address as well: an edit would lead elsewhere.
    in_address: bool,
    /// Whether a line has just ended.
    after_break: bool,
    /// The stretches of the HTML block that is open.
    html: Vec<Range<usize>>,
    tables: u32,
    row: u32,
    column: u32,
    /// Titles in link reference definitions, the first one last.
    titles: Vec<Range<usize>>,
    /// Up to where text has come from the source: it never goes back.
    reached: usize,
}

enum Deferred {
    Block(Block),
    /// The stretches of an inline tag whose attributes are to be read.
    Tag(Vec<Range<usize>>),
}

/// The text of an image is a block of its own.
#[derive(Default)]
struct Image {
    /// How many images are open.
    depth: u32,
    /// The flow around it, and where among what is deferred its text belongs.
    outer: Flow,
    nth: usize,
}

impl<'a> Reader<'a> {
    fn new(
        document: &'a mut Document,
        part: usize,
        text: &'a str,
        titles: Vec<Range<usize>>,
    ) -> Self {
        Self {
            document,
            part,
            text,
            flow: Flow::default(),
            kinds: Vec::new(),
            deferred: Vec::new(),
            image: Image::default(),
            hidden: None,
            strikes: 0,
            in_code: false,
            in_address: false,
            after_break: false,
            html: Vec::new(),
            tables: 0,
            row: 0,
            column: 0,
            titles,
            reached: 0,
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.after_break && !matches!(event, Event::End(_)) {
            // A line break reaches over the prefix of the next line, up to what stands there.
            self.flow.extend_gap(range.start);
            self.after_break = false;
        }
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag, &range),
            Event::Text(text) => self.push_text(&text, range),
            Event::Html(_) => self.push_html(range),
            Event::InlineHtml(tag) => self.inline_html(&tag, range),
            Event::SoftBreak => {
                let source = self.with_blanks_before(&range);
                self.flow.space(source, true, false);
                self.after_break = true;
            }
            Event::HardBreak => {
                let source = self.with_blanks_before(&range);
                self.flow.line_break(source);
                self.after_break = true;
            }
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                if self.hidden.is_none() {
                    self.flow.object(range.start);
                }
            }
            Event::Rule => self.end_block(),
            // A footnote's number hangs on a word and does not end it: a gap.
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Superscript | Tag::Subscript => return,
            Tag::Strikethrough => {
                if self.is_struck(&range) {
                    self.flow.strike(true);
                }
                return;
            }
            Tag::Link {
                link_type, title, ..
            } => {
                self.defer_title(*link_type, range, title);
                self.in_address = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.flow.link(true);
                return;
            }
            Tag::Image {
                link_type, title, ..
            } => {
                self.start_image(range.start);
                self.defer_title(*link_type, range, title);
                return;
            }
            _ => {}
        }
        self.end_block();
        self.definitions_before(range.start);
        match tag {
            Tag::Table(_) => {
                self.tables += 1;
                self.row = 0;
            }
            Tag::TableHead | Tag::TableRow => {
                self.row += 1;
                self.column = 0;
            }
            Tag::TableCell => self.column += 1,
            Tag::CodeBlock(_) | Tag::MetadataBlock(_) => self.in_code = true,
            _ => {}
        }
        self.kinds.push(match tag {
            Tag::Heading { level, .. } => BlockKind::Heading(level_number(*level)),
            Tag::Item => BlockKind::ListItem,
            Tag::FootnoteDefinition(_) => BlockKind::Footnote,
            Tag::TableCell => BlockKind::Cell {
                table: self.tables,
                row: self.row,
                column: self.column,
            },
            _ => self.kind(),
        });
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Superscript | TagEnd::Subscript => return,
            TagEnd::Link => {
                self.in_address = false;
                self.flow.link(false);
                return;
            }
            TagEnd::Strikethrough => {
                if self.is_struck(range) {
                    self.flow.strike(false);
                }
                return;
            }
            TagEnd::Image => {
                self.end_image();
                return;
            }
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => self.in_code = false,
            TagEnd::HtmlBlock => {
                let stretches = std::mem::take(&mut self.html);
                self.read_html(&stretches);
            }
            _ => {}
        }
        self.end_block();
        self.kinds.pop();
    }

    fn kind(&self) -> BlockKind {
        self.kinds.last().copied().unwrap_or(BlockKind::Paragraph)
    }

    fn escape(&self) -> Escape {
        Escape::Markdown {
            table: matches!(self.kind(), BlockKind::Cell { .. }),
        }
    }

    /// One tilde is struck through by some renderers only.
    fn is_struck(&self, range: &Range<usize>) -> bool {
        let source = self.text.get(range.clone());
        source.is_some_and(|source| source.starts_with("~~"))
    }

    fn end_block(&mut self) {
        self.hidden = None;
        for _ in 0..std::mem::take(&mut self.strikes) {
            self.flow.strike(false);
        }
        let kind = self.kind();
        let place = match kind {
            BlockKind::Cell { table, row, column } => Place::Cell {
                story: Story::Body,
                table,
                row,
                column,
            },
            _ => Place::Line,
        };
        let escape = self.escape();
        let index = self
            .flow
            .close(self.document, self.part, kind, place, escape);
        if let (BlockKind::Heading(1), Some(index), None) = (kind, index, &self.document.meta.title)
        {
            let heading = self.document.blocks[index].details();
            self.document.meta.title = heading.map(|built| built.text.clone());
        }
        for deferred in std::mem::take(&mut self.deferred) {
            match deferred {
                Deferred::Block(block) => self.document.blocks.push(block),
                Deferred::Tag(stretches) => self.read_html(&stretches),
            }
        }
    }

    fn read_html(&mut self, stretches: &[Range<usize>]) {
        html::read_fragment(
            self.document,
            self.part,
            self.text,
            stretches,
            &mut self.tables,
        );
    }

    fn push_text(&mut self, text: &str, range: Range<usize>) {
        if self.in_code || self.hidden.is_some() {
            return;
        }
        let source = self.text.get(range.clone()).unwrap_or("");
        if range.start < self.reached || source.is_empty() {
            self.flow.without_source(text, self.reached);
            return;
        }
        self.reached = range.end;
        if self.in_address {
            self.flow.derived(text, range);
        } else if source == text {
            for (piece, is_space) in html::words(text.as_bytes()) {
                let at = range.start + piece.start;
                if is_space {
                    let end = range.start + piece.end;
                    let white = &text[piece];
                    let newline = white.contains(['\n', '\r']);
                    self.flow.space(at..end, newline, white == " ");
                } else {
                    self.flow.literal(&text[piece], at);
                }
            }
        } else if !source.starts_with('&') {
            self.flow.atom(text, range);
        } else if text.trim_ascii().is_empty() {
            self.flow.space(range, text.contains('\n'), false);
        } else {
            self.flow.entity(text, range);
        }
    }

    /// A line break with the blanks before it, which the parser leaves out.
    fn with_blanks_before(&self, range: &Range<usize>) -> Range<usize> {
        let line = self.text.get(self.reached..range.start).unwrap_or("");
        range.start - (line.len() - line.trim_end_matches([' ', '\t']).len())..range.end
    }

    fn push_html(&mut self, range: Range<usize>) {
        if let Some(last) = self.html.last_mut()
            && let Some(between) = self.text.get(last.end..range.start)
            && between.trim_ascii().is_empty()
        {
            last.end = range.end;
        } else {
            self.html.push(range);
        }
    }

    fn inline_html(&mut self, tag: &str, range: Range<usize>) {
        if let Some(comment) = tag.strip_prefix("<!--") {
            let comment = comment.strip_suffix("-->").unwrap_or(comment);
            self.flow
                .comment(self.document, self.part, comment, range.start);
            return;
        }
        let (name, is_end) = tag_name(tag);
        let name = name.as_slice();
        if let Some(hidden) = &self.hidden {
            let is_aid = matches!(hidden.as_slice(), b"rt" | b"rp");
            if is_end && (name == hidden || is_aid && name == b"ruby") {
                self.hidden = None;
            } else if is_aid && matches!(name, b"rt" | b"rp") {
                self.hidden = Some(name.to_vec());
            }
            return;
        }
        match name {
            b"br" => self.flow.line_break(range.clone()),
            b"rt" | b"rp" | b"script" | b"style" | b"template" if !is_end => {
                self.hidden = Some(name.to_vec());
            }
            b"svg" if !is_end && !tag.ends_with("/>") => {
                self.flow.object(range.start);
                self.hidden = Some(name.to_vec());
            }
            _ if html::is_code(name) && !is_end => {
                self.flow.object(range.start);
                self.hidden = Some(name.to_vec());
            }
            _ if html::is_object(name) => self.flow.object(range.start),
            _ if html::is_strike(name) && !is_end => {
                self.flow.strike(true);
                self.strikes += 1;
            }
            _ if html::is_strike(name) && self.strikes > 0 => {
                self.flow.strike(false);
                self.strikes -= 1;
            }
            _ if html::is_block(name) => {
                // The page has two blocks here, though the parser has one paragraph or cell.
                self.flow.line_break(range.clone());
                self.flow.line_break(range.end..range.end);
            }
            _ => {}
        }
        if !is_end && tag.contains('=') {
            let stretches = self.stretches(tag, range);
            self.deferred.push(Deferred::Tag(stretches));
        }
    }

    /// Where the lines of a tag stand, without the prefixes that its lines have in the source.
    fn stretches(&self, tag: &str, range: Range<usize>) -> Vec<Range<usize>> {
        let source = self.text.get(range.clone()).unwrap_or("");
        if source == tag {
            return vec![range];
        }
        let mut at = range.start;
        let mut stretches = Vec::new();
        for (line, content) in source.split_inclusive('\n').zip(tag.split_inclusive('\n')) {
            at += line.len();
            if line.ends_with(content) {
                stretches.push(at - content.len()..at);
            }
        }
        stretches
    }

    fn start_image(&mut self, at: usize) {
        if self.image.depth == 0 {
            if self.hidden.is_none() {
                self.flow.object(at);
            }
            self.image.outer = std::mem::take(&mut self.flow);
            self.image.nth = self.deferred.len();
        }
        self.image.depth += 1;
    }

    fn end_image(&mut self) {
        self.image.depth = self.image.depth.saturating_sub(1);
        if self.image.depth > 0 {
            return;
        }
        let outer = std::mem::take(&mut self.image.outer);
        let mut inner = std::mem::replace(&mut self.flow, outer);
        self.flow.adopt_comments(&mut inner);
        let place = Place::Attribute("alt".to_owned());
        if let Some(built) = inner.finish(place, self.escape()) {
            let block = Block::built(self.part, BlockKind::Attribute, built);
            self.deferred.insert(self.image.nth, Deferred::Block(block));
        }
    }

    fn defer_title(&mut self, link: LinkType, range: Range<usize>, title: &str) {
        // The title of a reference stands in the definition.
        if link == LinkType::Inline
            && let Some(range) = title_at_end(self.text, range, ")", title)
        {
            let block = self.title(range);
            self.deferred.push(Deferred::Block(block));
        }
    }

    /// Reads the titles in link reference definitions up to an offset.
    fn definitions_before(&mut self, end: usize) {
        while let Some(range) = self.titles.pop_if(|range| range.start < end) {
            let block = self.title(range);
            self.document.blocks.push(block);
        }
    }

    fn title(&self, range: Range<usize>) -> Block {
        let mut builder = TextBuilder::default();
        builder.literal(&self.text[range.clone()], range.start);
        let (text, map) = builder.take();
        let built = Built {
            text,
            map,
            twins: Vec::new(),
            escape: self.escape(),
            struck: Vec::new(),
            links: Vec::new(),
            place: Place::Attribute("title".to_owned()),
            paragraph: 0,
        };
        Block::built(self.part, BlockKind::Attribute, built)
    }
}

/// Where `title` stands literally at the end of a link or definition, before its quote and `tail`.
fn title_at_end(text: &str, span: Range<usize>, tail: &str, title: &str) -> Option<Range<usize>> {
    if html::is_blank(title) {
        return None;
    }
    let link = text.get(span.clone())?.trim_end().strip_suffix(tail)?;
    let before = link
        .trim_end()
        .strip_suffix(['"', '\'', ')'])?
        .strip_suffix(title)?;
    before.ends_with(['"', '\'', '(']).then(|| {
        let start = span.start + before.len();
        start..start + title.len()
    })
}

/// The name of a tag in lower case, and whether it is an end tag.
fn tag_name(tag: &str) -> (Vec<u8>, bool) {
    let body = tag.strip_prefix('<').unwrap_or(tag);
    let (body, is_end) = match body.strip_prefix('/') {
        Some(body) => (body, true),
        None => (body, false),
    };
    let name = body.bytes().take_while(u8::is_ascii_alphanumeric);
    (name.map(|b| b.to_ascii_lowercase()).collect(), is_end)
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Values between two marks at the head of the text. The parser would find such blocks anywhere, and take prose
/// between two rules for one, so this is done here.
struct FrontMatter {
    lines: Range<usize>,
    /// Where the rest of the document begins.
    end: usize,
    language: Language,
}

#[derive(Clone, Copy, PartialEq)]
enum Language {
    Yaml,
    Toml,
}

/// Keys that hold the day of publication, best first.
const DATES: [&str; 13] = [
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "published",
    "published_at",
    "date",
    "发布日期",
    "发布时间",
    "印发日期",
    "成文日期",
    "日期",
    "时间",
];

impl FrontMatter {
    fn find(text: &str, start: usize) -> Option<Self> {
        let mut lines = lines(text, start..text.len());
        let first = lines.next()?;
        let language = match text[first].trim_end() {
            "---" => Language::Yaml,
            "+++" => Language::Toml,
            _ => return None,
        };
        let mut inside: Option<Range<usize>> = None;
        let mut has_key = false;
        for line in lines {
            let content = text[line.clone()].trim_end();
            let closes = match language {
                Language::Yaml => matches!(content, "---" | "..."),
                Language::Toml => content == "+++",
            };
            if closes {
                let lines = inside.filter(|_| has_key)?;
                let rest = &text[line.end..];
                let rest = rest.strip_prefix('\r').unwrap_or(rest);
                let rest = rest.strip_prefix('\n').unwrap_or(rest);
                return Some(Self {
                    lines,
                    end: text.len() - rest.len(),
                    language,
                });
            }
            has_key |= split_key(content, language).is_some();
            inside = Some(inside.map_or(line.start, |inside| inside.start)..line.end);
        }
        None
    }

    /// Reads the values line by line.
    fn read(&self, document: &mut Document, part: usize, text: &str) {
        let mut key = String::new();
        // In a text of several lines: the indentation of its key, or the quotes that end it.
        let mut indented = None;
        let mut quoted: Option<&str> = None;
        let mut date_rank = DATES.len();
        for line in lines(text, self.lines.clone()) {
            let whole = &text[line.clone()];
            let indent = whole.len() - whole.trim_start().len();
            let mut body = trim(text, line);
            if body.is_empty() || (indented.is_some_and(|key| indent > key)) {
                push_value(document, part, text, &key, body);
                continue;
            }
            indented = None;
            if let Some(quotes) = quoted {
                if text[body.clone()].ends_with(quotes) {
                    body.end -= quotes.len();
                    quoted = None;
                }
                push_value(document, part, text, &key, body);
                continue;
            }
            while self.language == Language::Yaml && text[body.clone()].starts_with("- ") {
                body = trim(text, body.start + 1..body.end);
            }
            let content = &text[body.clone()];
            let section = self.language == Language::Toml && content.starts_with('[');
            if section || content.starts_with('#') {
                continue;
            }
            if let Some((name, value)) = split_key(content, self.language) {
                key = name.to_owned();
                body.start = body.end - value.len();
            }
            let value = &text[body.clone()];
            if self.language == Language::Yaml && is_block_scalar(value) {
                indented = Some(indent);
                continue;
            }
            if let Some(quotes) = opening_quotes(value, self.language) {
                body.start += quotes.len();
                match text[body.clone()].strip_suffix(quotes) {
                    Some(inner) => body.end = body.start + inner.len(),
                    None => quoted = Some(quotes),
                }
            } else {
                body = unquote(text, body);
            }
            note_meta(document, &key, &text[body.clone()], &mut date_rank);
            push_value(document, part, text, &key, body);
        }
    }
}

/// The lines of a range of `text` without their ends.
fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = range.start;
    text[range].split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        start..start + line.len()
    })
}

/// `range` without the white space at its ends.
fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let content = &text[range.clone()];
    let start = range.start + (content.len() - content.trim_start().len());
    start..start + content.trim().len()
}

/// Key and value of a line without indentation.
fn split_key(line: &str, language: Language) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = match language {
        Language::Yaml => line.trim_start_matches("- ").trim_start(),
        Language::Toml => line,
    };
    if line.starts_with(['#', '[', '{', '|', '>']) {
        return None;
    }
    let (key, value) = match language {
        Language::Toml => line.split_once('=')?,
        Language::Yaml => {
            // A colon inside a word (a time, an address) separates nothing.
            let at = line.match_indices(':').map(|(at, _)| at).find(|at| {
                let rest = &line[at + 1..];
                rest.is_empty() || rest.starts_with([' ', '\t'])
            })?;
            (&line[..at], &line[at + 1..])
        }
    };
    let key = key.trim().trim_matches(['"', '\'']);
    (!key.is_empty()).then(|| (key, value.trim_start()))
}

/// Whether a value only says that a text of several lines follows: `|`, `>-`.
fn is_block_scalar(value: &str) -> bool {
    let value = value.split(" #").next().unwrap_or("").trim_end();
    value
        .strip_prefix(['|', '>'])
        .is_some_and(|rest| rest.chars().all(|c| matches!(c, '+' | '-' | '0'..='9')))
}

/// The quotes of a TOML text of several lines.
fn opening_quotes(value: &str, language: Language) -> Option<&'static str> {
    let quotes = ["\"\"\"", "'''"];
    quotes
        .into_iter()
        .find(|quotes| language == Language::Toml && value.starts_with(quotes))
}

/// A value without its quotes, or without the comment behind it.
fn unquote(text: &str, value: Range<usize>) -> Range<usize> {
    let content = &text[value.clone()];
    if let Some(inner) = content.strip_prefix(['"', '\'']) {
        let quote = &content[..1];
        let mut escaped = false;
        let end = inner.char_indices().find(|&(_, c)| {
            let ends = !escaped && quote.starts_with(c);
            escaped = c == '\\' && !escaped && quote == "\"";
            ends
        });
        let length = end.map_or(inner.len(), |(at, _)| at);
        return value.start + 1..value.start + 1 + length;
    }
    let content = content.split(" #").next().unwrap_or("");
    trim(text, value.start..value.start + content.len())
}

fn note_meta(document: &mut Document, key: &str, value: &str, date_rank: &mut usize) {
    if value.trim().is_empty() {
        return;
    }
    let name = key.to_ascii_lowercase();
    if matches!(name.as_str(), "title" | "标题") && document.meta.title.is_none() {
        document.meta.title = Some(value.to_owned());
    }
    if let Some(rank) = DATES.iter().position(|known| *known == name)
        && rank < *date_rank
    {
        *date_rank = rank;
        document.meta.date = Some((value.to_owned(), key.to_owned()));
    }
}

fn push_value(document: &mut Document, part: usize, text: &str, key: &str, value: Range<usize>) {
    if html::is_blank(&text[value.clone()]) {
        return;
    }
    let mut builder = TextBuilder::default();
    builder.literal(&text[value.clone()], value.start);
    let (text, map) = builder.take();
    let built = Built {
        text,
        map,
        twins: Vec::new(),
        escape: Escape::FrontMatter,
        struck: Vec::new(),
        links: Vec::new(),
        place: Place::Meta(key.to_owned()),
        paragraph: 0,
    };
    document
        .blocks
        .push(Block::built(part, BlockKind::Meta, built));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::html::check::{outline, parse, source_of, struck};

    fn blocks(text: &str) -> Vec<String> {
        outline(&parse(text, read))
    }

    #[test]
    fn each_block_is_read_on_its_own() {
        let cases: &[(&str, &[&str])] = &[
            ("# 题 {#id}\n文\n\n二\n=\n", &["h1 题", "p 文", "h1 二"]),
            (
                "- 甲\n- 乙\n\n  丙\n  - 丁\n",
                &["li 甲", "li 乙", "li 丙", "li 丁"],
            ),
            ("1. [ ] 甲\n", &["li 甲"]),
            ("> 甲\n>\n> > 乙\n", &["p 甲", "p 乙"]),
            ("> [!NOTE]\n> 甲", &["p 甲"]),
            ("甲[^1]乙\n\n[^1]: 注\n", &["p 甲乙", "Footnote 注"]),
            ("词\n: 义\n", &["p 词", "p 义"]),
            ("甲\n***\n乙", &["p 甲", "p 乙"]),
            ("```\n甲\n```\n\n    乙\n\n丙`丁`戊\n", &["p 丙\u{FFFC}戊"]),
            ("`甲`\n", &[]),
            (
                "甲 ![图](a.png \"名\") 乙",
                &["p 甲 \u{FFFC} 乙", "@alt 图", "@title 名"],
            ),
            (
                "[链](u '题')[二](v (名))",
                &["p 链二", "@title 题", "@title 名"],
            ),
            (
                "[链][r]\n\n[r]: http://a \"题\"\n\n文",
                &["p 链", "@title 题", "p 文"],
            ),
            ("<http://a.cn/甲>", &["p http://a.cn/甲"]),
            ("甲<i title='乙'>丙</i>", &["p 甲丙", "@title 乙"]),
            ("甲<code>乙</code>丙<rt>丁</rt>", &["p 甲\u{FFFC}丙"]),
            ("甲<script>乙</script>丙", &["p 甲丙"]),
            (
                "<div>\n<p>甲\n乙</p><h2>丙</h2></div>\n\n*丁*",
                &["p 甲\n乙", "h2 丙", "p 丁"],
            ),
            ("<script>\n\n甲</script>\n", &[]),
            ("> <div>甲\n> 乙</div>", &["p 甲\n乙"]),
            ("甲<p>乙", &["p 甲\n\n乙"]),
            ("", &[]),
        ];
        for (text, want) in cases {
            assert_eq!(&blocks(text), want, "{text}");
        }
    }

    #[test]
    fn tables_are_numbered_across_formats() {
        let text = "| 甲 | 乙\\|丙 |\n|--|--|\n| `x` | <b>丁</b> |\n\n<table><tr><td>戊</table>\n\n|己|\n|-|\n";
        let want = [
            "1.1.1 甲",
            "1.1.2 乙|丙",
            "1.2.2 丁",
            "2.1.1 戊",
            "3.1.1 己",
        ];
        let document = parse(text, read);
        assert_eq!(outline(&document), want);
        assert_eq!(source_of(&document, "乙|丙"), "乙\\|丙");
        assert_eq!(
            document.blocks[1].escape(),
            Escape::Markdown { table: true }
        );
        let place = Place::Cell {
            story: Story::Body,
            table: 1,
            row: 2,
            column: 2,
        };
        assert_eq!(document.blocks[2].place(), place);
        assert_eq!(document.blocks[3].escape(), Escape::Markup);
    }

    #[test]
    fn text_leads_back_to_its_source() {
        let cases = [
            ("各一**代**一路。", "一代一路", "一**代**一路"),
            ("国家**教育部**", "国家教育部", "国家**教育部"),
            (
                "[国家](http://a.cn)教育部",
                "国家教育部",
                "国家](http://a.cn)教育部",
            ),
            ("一&#20195;一路", "一代一路", "一&#20195;一路"),
            ("甲\\*乙", "甲*乙", "甲\\*乙"),
            ("一代\n一路", "一代\n一路", "一代\n一路"),
            ("一代 \r\n  一路", "代\n一", "代 \r\n  一"),
            ("> 一代  \n> 一路", "代\n一", "代  \n> 一"),
            ("> 一代\\\n>  **一路**", "代\n一", "代\\\n>  **一"),
            ("- 一代\n  一路", "代\n一", "代\n  一"),
            ("甲\n**乙**", "\n", "\n"),
            ("一代 <br>\n一路", "代\n一", "代 <br>\n一"),
            ("一代<!-- x -->一路", "一代一路", "一代<!-- x -->一路"),
            ("\u{FEFF}# 一代", "一代", "一代"),
            ("甲\0乙", "\0乙", "\0乙"),
            ("甲  乙", "甲 乙", "甲  乙"),
            ("> <i title='一\n> 代'>甲</i>", "一\n代", "一\n> 代"),
        ];
        for (text, piece, want) in cases {
            assert_eq!(source_of(&parse(text, read), piece), want, "{text}");
        }
    }

    #[test]
    fn front_matter_is_read_value_by_value() {
        let text = "\u{FEFF}---\r\ntitle: \"关于 \\\"甲\\\" 的通知\" # 注\r\nPubDate: 2026-01-02\r\n\
            date: 2026-01-01\r\nlayout: post # 注\r\n# 注\r\ntags:\r\n  - 乙\r\n  - '丙'\r\n\
            seo:\r\n  摘要: 丁: 戊\r\nbody: |\r\n  注意: 己\r\n\r\n  庚\r\nlink: http://a\r\n---\r\n正文\r\n";
        let document = parse(text, read);
        let want = [
            "meta:title 关于 \\\"甲\\\" 的通知",
            "meta:PubDate 2026-01-02",
            "meta:date 2026-01-01",
            "meta:layout post",
            "meta:tags 乙",
            "meta:tags 丙",
            "meta:摘要 丁: 戊",
            "meta:body 注意: 己",
            "meta:body 庚",
            "meta:link http://a",
            "p 正文",
        ];
        assert_eq!(outline(&document), want);
        assert_eq!(
            document.meta.title.as_deref(),
            Some("关于 \\\"甲\\\" 的通知")
        );
        let date = ("2026-01-02".to_owned(), "PubDate".to_owned());
        assert_eq!(document.meta.date, Some(date));
        assert_eq!(document.blocks[0].escape(), Escape::FrontMatter);

        let text =
            "+++\ntitle = '甲'\n日期 = 2026-01-01\n[extra]\na = \"\"\"\n乙\n丙\"\"\"\n+++\n# 丁\n";
        let document = parse(text, read);
        let want = [
            "meta:title 甲",
            "meta:日期 2026-01-01",
            "meta:a 乙",
            "meta:a 丙",
            "h1 丁",
        ];
        assert_eq!(outline(&document), want);
        assert_eq!(
            document.meta.date.map(|(_, field)| field).as_deref(),
            Some("日期")
        );
    }

    #[test]
    fn rules_around_prose_are_no_front_matter() {
        let cases: &[(&str, &[&str])] = &[
            ("---\n甲\n\n---\n乙: 丙\n---\n", &["p 甲", "h2 乙: 丙"]),
            ("---\n甲: 乙\n", &["p 甲: 乙"]),
            ("文\n\n---\n甲: 乙\n---\n", &["p 文", "h2 甲: 乙"]),
            ("---\n---\n甲", &["p 甲"]),
        ];
        for (text, want) in cases {
            assert_eq!(&blocks(text), want, "{text}");
        }
    }

    #[test]
    fn the_first_heading_is_the_title_where_no_value_says_so() {
        assert_eq!(
            parse("## 甲\n# 乙\n# 丙\n", read).meta.title.as_deref(),
            Some("乙")
        );
        let text = "---\ntitle: 甲\n---\n# 乙\n";
        assert_eq!(parse(text, read).meta.title.as_deref(), Some("甲"));
    }

    #[test]
    fn struck_text_is_noted() {
        let text = "甲~~乙~~ <del>丙</del>\n\n~丁~ 5~10日、3~5日\n\n戊<s>己\n\n庚\n";
        let document = parse(text, read);
        assert_eq!(struck(&document), ["乙", "丙", "己"]);
        assert_eq!(outline(&document)[1], "p 丁 5~10日、3~5日");
    }

    #[test]
    fn comments_are_marks_before_the_block_that_follows_them() {
        let text = "<!-- a -->\n甲<!--b-->\n\n<!-- c -->\n\n![乙<!-- d -->](u)<!-- e -->\n\n丙\n";
        let document = parse(text, read);
        let marks: Vec<_> = document
            .marks
            .iter()
            .map(|m| (m.text.as_str(), m.block, &text[m.at..m.at + 4]))
            .collect();
        assert_eq!(outline(&document), ["p 甲", "@alt 乙", "p 丙"]);
        let want = [("a", 0), ("b", 1), ("c", 1), ("d", 1), ("e", 1)];
        assert_eq!(marks, want.map(|(text, block)| (text, block, "<!--")));
    }

    #[test]
    fn deep_and_long_drafts_are_read_in_linear_time() {
        assert_eq!(blocks(&format!("{} 甲", ">".repeat(20_000))), ["p 甲"]);
        let long = "甲**乙**`丙`<br>\n".repeat(20_000);
        assert_eq!(blocks(&long).len(), 1);
        let links = "[a](b \"c\")".repeat(20_000) + &"![".repeat(20_000);
        assert_eq!(blocks(&links).len(), 20_001);
        let html = "> <div>甲\n".repeat(20_000);
        assert_eq!(blocks(&html).len(), 20_000);
        let open = "---\na: b\n".repeat(20_000) + "a: b\n";
        blocks(&open);
    }

    fn snippet() -> impl Strategy<Value = String> {
        let fixed = [
            "# ",
            "\n",
            "\r\n",
            "\n\n",
            "  \n",
            "\\\n",
            "\r",
            "> ",
            "- ",
            "1. ",
            "    ",
            "\t",
            "**",
            "*",
            "_",
            "~~",
            "~",
            "`",
            "```\n",
            "| ",
            "|--|--|\n",
            "|",
            "\\|",
            "\\",
            "[",
            "](",
            ")",
            "![",
            "](a \"",
            "\")",
            "[^1]",
            "[^1]: ",
            "[r]: http://a '",
            "'",
            ": ",
            "---\n",
            "+++\n",
            "a: b\n",
            "<br>",
            "<b>",
            "</b>",
            "<div>",
            "</div>",
            "<!-- ",
            "-->",
            "<del>",
            "</del>",
            "<code>",
            "</code>",
            "<table><tr><td>",
            "<script>",
            "<i title='",
            "&amp;",
            "&#20195;",
            "&#32;",
            "&nbsp;",
            "&",
            "<",
            ">",
            "\0",
            "　",
            "\u{FEFF}",
            "𠮷",
            "a",
            " ",
            "=\n",
            "***\n",
            "{#a}",
            "[ ] ",
            "$",
            "<http://a>",
            "[!NOTE]\n",
            "^",
            "||",
            "\"",
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

        #[test]
        fn every_value_stands_where_the_map_says(
            pieces in proptest::collection::vec(snippet(), 0..30)
        ) {
            parse(&format!("---\nkey: {}\n---\n", pieces.concat()), read);
            parse(&format!("+++\nkey = {}\n+++\n", pieces.concat()), read);
        }
    }
}
