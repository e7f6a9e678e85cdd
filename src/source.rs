//! Where text came from: the only file that does arithmetic on offsets.
//!
//! Three coordinate systems meet here.
//!
//! * **text**: byte offsets into the text of a [`Block`](crate::Block), what the matcher reads;
//! * **decoded**: byte offsets into [`Part::text`], the part as UTF-8;
//! * **stored**: byte offsets into the part as it stands in the file, in its own encoding.
//!
//! A [`SourceMap`] leads from text to decoded offsets; a [`Part`] leads from decoded to stored ones. The two maps are
//! not composed: a diagnostic does two look-ups, everything else does none.

use std::ops::Range;

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use crate::error::Lang;

/// A range of bytes in a part as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset just behind the last byte.
    pub end: usize,
}

impl Span {
    /// Whether the two spans share a byte, or touch where one of them is empty.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
            || self.start == other.start
            || (self.start == self.end || other.start == other.end)
                && self.start <= other.end
                && other.start <= self.end
    }
}

/// How a stretch of block text stands in the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// The same bytes.
    Literal,
    /// A character reference such as `&#20195;`: all of it or nothing.
    Entity,
    /// Another notation for the text, such as `<br>` or a collapsed run of white space: all of it or nothing.
    Atom,
    /// Text without a source: the placeholder of an object. Its decoded range is empty.
    Virtual,
    /// Text that the program behind the file computes (a field result): reported, never edited.
    Derived,
}

impl SegmentKind {
    /// Whether an edit may change the source of such a segment.
    #[must_use]
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Literal | Self::Entity | Self::Atom)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Segment {
    text: Range<u32>,
    source: Range<u32>,
    kind: SegmentKind,
}

/// One stretch of a text range, with the decoded bytes it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Byte range in the block's text.
    pub text: Range<usize>,
    /// Byte range in [`Part::text`].
    pub source: Range<usize>,
    /// How the text stands there.
    pub kind: SegmentKind,
}

/// Maps ranges of a block's text to ranges of decoded bytes.
///
/// Source that no text came from (markup, deleted runs, comments) is simply a gap between two segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    segments: Vec<Segment>,
}

impl SourceMap {
    /// The pieces that make up `text`, in order; an empty range yields nothing.
    ///
    /// Neighbouring literal pieces are merged, so that two pieces always have something between them or differ in kind.
    #[must_use]
    pub fn pieces(&self, text: &Range<usize>) -> Vec<Piece> {
        let first = self
            .segments
            .partition_point(|s| s.text.end as usize <= text.start);
        let mut pieces: Vec<Piece> = Vec::new();
        for s in &self.segments[first..] {
            let (start, end) = (s.text.start as usize, s.text.end as usize);
            if start >= text.end {
                break;
            }
            let cut = start.max(text.start)..end.min(text.end);
            if cut.is_empty() {
                continue;
            }
            let source = match s.kind {
                SegmentKind::Literal | SegmentKind::Derived if s.source.len() == s.text.len() => {
                    let base = s.source.start as usize;
                    base + (cut.start - start)..base + (cut.end - start)
                }
                _ => s.source.start as usize..s.source.end as usize,
            };
            match pieces.last_mut() {
                Some(last)
                    if last.kind == s.kind
                        && s.kind == SegmentKind::Literal
                        && last.source.end == source.start =>
                {
                    last.source.end = source.end;
                    last.text.end = cut.end;
                }
                _ => pieces.push(Piece {
                    text: cut,
                    source,
                    kind: s.kind,
                }),
            }
        }
        pieces
    }
}

impl SourceMap {
    /// The offset in the text of what stands at a decoded offset, in a map whose sources are in order; `None` where no
    /// text came from.
    pub(crate) fn text_at(&self, source: usize) -> Option<usize> {
        let n = self
            .segments
            .partition_point(|s| s.source.end as usize <= source);
        let found = self.segments.get(n)?;
        let into = source.checked_sub(found.source.start as usize)?;
        let literal = found.source.len() == found.text.len();
        Some(found.text.start as usize + if literal { into } else { 0 })
    }
}

/// Where the places of a text are once it has been edited.
pub(crate) struct Moves {
    /// What was replaced, and by what, in order.
    edits: Vec<(Range<usize>, Range<usize>)>,
}

impl Moves {
    /// Those of edits that replace these ranges by so many bytes; none may overlap another.
    pub(crate) fn new(mut edits: Vec<(Range<usize>, usize)>) -> Self {
        edits.sort_by_key(|(old, _)| (old.start, old.end));
        let mut last = (0, 0);
        let edits = edits.into_iter().map(|(old, len)| {
            let start = old.start.saturating_sub(last.0) + last.1;
            last = (old.end, start + len);
            (old, start..last.1)
        });
        Self {
            edits: edits.collect(),
        }
    }

    /// Where a range is after the edits; `None` when one of them is inside.
    pub(crate) fn moved(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let n = self
            .edits
            .partition_point(|(old, _)| old.end <= range.start);
        if self
            .edits
            .get(n)
            .is_some_and(|(old, _)| old.start < range.end)
        {
            return None;
        }
        let (old, new) = match n.checked_sub(1) {
            Some(last) => (self.edits[last].0.end, self.edits[last].1.end),
            None => (0, 0),
        };
        let to = |at: usize| at.saturating_sub(old) + new;
        Some(to(range.start)..to(range.end))
    }

    /// Whether a range of the edited text holds or touches what an edit wrote.
    pub(crate) fn touch(&self, range: &Range<usize>) -> bool {
        let n = self.edits.partition_point(|(_, new)| new.end < range.start);
        self.edits
            .get(n)
            .is_some_and(|(_, new)| new.start <= range.end)
    }
}

/// Grows a block's text and its source map in one step, so that the two cannot disagree.
#[derive(Clone, Debug, Default)]
pub struct TextBuilder {
    text: String,
    map: SourceMap,
}

impl TextBuilder {
    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing has been pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends `text`, which stands literally at `source_start` of the decoded part.
    pub fn literal(&mut self, text: &str, source_start: usize) {
        self.push(
            text,
            source_start..source_start + text.len(),
            SegmentKind::Literal,
        );
    }

    /// Appends `text`, for which the decoded part has the character reference at `source`.
    pub fn entity(&mut self, text: &str, source: Range<usize>) {
        self.push(text, source, SegmentKind::Entity);
    }

    /// Appends `text`, for which the decoded part has another notation at `source`.
    pub fn atom(&mut self, text: &str, source: Range<usize>) {
        self.push(text, source, SegmentKind::Atom);
    }

    /// Appends `text` that has no source; `at` is the place in the decoded part where it would stand.
    pub fn without_source(&mut self, text: &str, at: usize) {
        self.push(text, at..at, SegmentKind::Virtual);
    }

    /// Appends computed `text` that stands at `source`: it is reported, never edited.
    pub fn derived(&mut self, text: &str, source: Range<usize>) {
        self.push(text, source, SegmentKind::Derived);
    }

    /// Takes back the last `bytes` of text (white space at the end of a block, say).
    ///
    /// `bytes` must end on the edge of a character.
    pub fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        while let Some(last) = self.map.segments.last_mut() {
            if (last.text.start as usize) >= len {
                self.map.segments.pop();
                continue;
            }
            let cut = (last.text.end as usize).saturating_sub(len);
            if cut > 0 {
                last.text.end = narrow(len);
                if last.kind == SegmentKind::Literal {
                    last.source.end -= narrow(cut);
                }
            }
            break;
        }
    }

    /// The finished text and map; the builder is empty afterwards.
    #[must_use]
    pub fn take(&mut self) -> (String, SourceMap) {
        let done = std::mem::take(self);
        (done.text, done.map)
    }

    fn push(&mut self, text: &str, source: Range<usize>, kind: SegmentKind) {
        if text.is_empty() {
            return;
        }
        let start = narrow(self.text.len());
        self.text.push_str(text);
        let segment = Segment {
            text: start..narrow(self.text.len()),
            source: narrow(source.start)..narrow(source.end),
            kind,
        };
        match self.map.segments.last_mut() {
            Some(last)
                if kind == SegmentKind::Literal
                    && last.kind == kind
                    && last.source.end == segment.source.start =>
            {
                last.text.end = segment.text.end;
                last.source.end = segment.source.end;
            }
            _ => self.map.segments.push(segment),
        }
    }
}

/// Offsets inside a block or part fit 32 bits: readers refuse parts of more than [`crate::read::MAX_PART`] bytes.
pub(crate) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// One stored text: the file itself, or one XML part of a docx.
#[derive(Clone, Debug)]
pub struct Part {
    /// Empty for a flat file; else the part's name in the package, such as `word/document.xml`.
    pub name: String,
    text: String,
    stored: Stored,
}

#[derive(Clone, Debug)]
enum Stored {
    /// The text *is* the stored bytes (a byte order mark included), so offsets are equal.
    Utf8,
    /// The stored bytes, and after every [`CHECKPOINT`] characters the pair of offsets reached.
    Encoded {
        bytes: Vec<u8>,
        encoding: &'static Encoding,
        checkpoints: Vec<(u32, u32)>,
    },
}

/// Characters between two checkpoints: a look-up walks at most this many.
const CHECKPOINT: usize = 64;

impl Part {
    /// A part that is stored as UTF-8; a byte order mark stays in the text as U+FEFF.
    #[must_use]
    pub fn utf8(name: impl Into<String>, text: String) -> Self {
        Self {
            name: name.into(),
            text,
            stored: Stored::Utf8,
        }
    }

    /// A part that is stored in another encoding. `text` is `bytes` decoded without the byte order mark, whose length
    /// is `bom`; every character of `text` must come from a whole number of bytes, in order.
    ///
    /// `width` says how many bytes the character at the head of the given rest of `bytes` takes.
    #[must_use]
    pub fn encoded(
        name: impl Into<String>,
        bytes: Vec<u8>,
        bom: usize,
        text: String,
        encoding: &'static Encoding,
    ) -> Self {
        let mut checkpoints = Vec::with_capacity(text.len() / (3 * CHECKPOINT) + 1);
        let mut at = bom;
        for (n, (decoded, c)) in text.char_indices().enumerate() {
            if n % CHECKPOINT == 0 {
                checkpoints.push((narrow(decoded), narrow(at)));
            }
            at += stored_width(encoding, &bytes[at.min(bytes.len())..], c);
        }
        Self {
            name: name.into(),
            text,
            stored: Stored::Encoded {
                bytes,
                encoding,
                checkpoints,
            },
        }
    }

    /// The part decoded to UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part as stored.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.stored {
            Stored::Utf8 => self.text.as_bytes(),
            Stored::Encoded { bytes, .. } => bytes,
        }
    }

    /// The encoding the part is stored in.
    #[must_use]
    pub fn encoding(&self) -> &'static Encoding {
        match &self.stored {
            Stored::Utf8 => encoding_rs::UTF_8,
            Stored::Encoded { encoding, .. } => encoding,
        }
    }

    /// The stored bytes of a decoded range.
    #[must_use]
    pub fn stored(&self, decoded: &Range<usize>) -> Span {
        Span {
            start: self.stored_offset(decoded.start),
            end: self.stored_offset(decoded.end),
        }
    }

    /// The decoded offset of a stored one that lies on the edge of a character.
    #[must_use]
    pub fn decoded_offset(&self, stored: usize) -> usize {
        match &self.stored {
            Stored::Utf8 => stored,
            Stored::Encoded {
                bytes,
                encoding,
                checkpoints,
            } => {
                let nth = checkpoints
                    .partition_point(|&(_, s)| s as usize <= stored)
                    .saturating_sub(1);
                let (mut d, mut s) = checkpoints
                    .get(nth)
                    .map_or((0, 0), |&(d, s)| (d as usize, s as usize));
                for c in self.text[d..].chars() {
                    s += stored_width(encoding, &bytes[s.min(bytes.len())..], c);
                    if s > stored {
                        break;
                    }
                    d += c.len_utf8();
                }
                d
            }
        }
    }

    /// `content` as bytes in the part's encoding, or the first character that the encoding cannot hold.
    ///
    /// # Errors
    /// The character, when the encoding has no code for it.
    pub fn encode(&self, content: &str) -> Result<Vec<u8>, char> {
        encode(self.encoding(), content)
    }

    /// The part as stored with some spans replaced, which must be in order and must not overlap.
    ///
    /// # Errors
    /// The first character that the encoding has no code for.
    pub(crate) fn spliced<'a>(
        &self,
        edits: impl IntoIterator<Item = (Span, &'a str)>,
    ) -> Result<Vec<u8>, char> {
        let old = self.bytes();
        let mut new = Vec::with_capacity(old.len() + old.len() / 16);
        let mut at = 0;
        for (span, content) in edits {
            new.extend_from_slice(old.get(at..span.start).unwrap_or_default());
            new.extend(self.encode(content)?);
            at = span.end;
        }
        new.extend_from_slice(old.get(at..).unwrap_or_default());
        Ok(new)
    }

    fn stored_offset(&self, decoded: usize) -> usize {
        match &self.stored {
            Stored::Utf8 => decoded,
            Stored::Encoded {
                bytes,
                encoding,
                checkpoints,
            } => {
                let nth = checkpoints
                    .partition_point(|&(d, _)| d as usize <= decoded)
                    .saturating_sub(1);
                let (mut d, mut s) = checkpoints
                    .get(nth)
                    .map_or((0, 0), |&(d, s)| (d as usize, s as usize));
                for c in self.text[d..].chars() {
                    if d >= decoded {
                        break;
                    }
                    d += c.len_utf8();
                    s += stored_width(encoding, &bytes[s.min(bytes.len())..], c);
                }
                s
            }
        }
    }
}

/// How many bytes `c` takes at the head of `rest`, in an encoding that decoded without an error.
///
/// The widths follow the WHATWG decoders: GB18030 has codes of 1, 2 and 4 bytes, Big5 of 1 and 2 (and four two-byte
/// codes that decode to two characters), UTF-16 of 2 and 4.
fn stored_width(encoding: &'static Encoding, rest: &[u8], c: char) -> usize {
    let first = rest.first().copied().unwrap_or(0);
    if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
        2 * c.len_utf16()
    } else if encoding == encoding_rs::UTF_8 {
        c.len_utf8()
    } else if encoding == encoding_rs::BIG5 && matches!(c, '\u{0304}' | '\u{030C}') {
        // 8862, 8864, 88A3 and 88A5 decode to a letter and a combining mark: the letter takes the code, the mark none.
        0
    } else if encoding.is_single_byte() || first <= 0x80 || first == 0xFF {
        1
    } else if encoding == encoding_rs::BIG5 {
        2
    } else if rest.get(1).is_some_and(u8::is_ascii_digit) {
        4
    } else {
        2
    }
}

/// Encodes without the replacement that HTML forms would get.
///
/// # Errors
/// The first character that the encoding has no code for.
pub(crate) fn encode(encoding: &'static Encoding, content: &str) -> Result<Vec<u8>, char> {
    if encoding == encoding_rs::UTF_8 {
        return Ok(content.as_bytes().to_vec());
    }
    if encoding == encoding_rs::UTF_16LE {
        return Ok(content.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    if encoding == encoding_rs::UTF_16BE {
        return Ok(content.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    let (bytes, _, unmappable) = encoding.encode(content);
    if unmappable {
        let culprit = content
            .chars()
            .find(|c| encoding.encode(c.encode_utf8(&mut [0; 4])).2);
        return Err(culprit.unwrap_or('\u{FFFD}'));
    }
    Ok(bytes.into_owned())
}

/// Lines and columns of a text, found once and asked often.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

/// A place in a text as a person counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// 1-based line; `\n`, `\r\n` and a lone `\r` end a line.
    pub line: usize,
    /// 1-based column in Unicode characters of the line as stored; a byte order mark is not counted.
    pub column: usize,
    /// 1-based column in bytes of the line as UTF-8, a byte order mark counted: some pipelines want it.
    pub byte_column: usize,
}

impl Default for Position {
    /// The start of a text.
    fn default() -> Self {
        Self {
            line: 1,
            column: 1,
            byte_column: 1,
        }
    }
}

impl LineIndex {
    /// Finds the line starts of `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            starts.push(narrow(at + 1));
        }
        Self { starts }
    }

    /// The 1-based line in which a decoded offset lies.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&s| s as usize <= offset)
    }

    /// Line and column of a decoded offset, which must lie on the edge of a character of `text`.
    #[must_use]
    pub fn position(&self, text: &str, offset: usize) -> Position {
        self.position_by(text, offset, &mut Columns::default())
    }

    /// The same, where many offsets of one line may be asked for.
    pub(crate) fn position_by<'t>(
        &self,
        text: &'t str,
        offset: usize,
        columns: &mut Columns<'t>,
    ) -> Position {
        let line = self.line(offset);
        let start = self.starts[line - 1] as usize;
        let byte_column = offset - start + 1;
        let marked = start == 0 && text.starts_with('\u{FEFF}') && offset > 0;
        let start = start + if marked { '\u{FEFF}'.len_utf8() } else { 0 };
        Position {
            line,
            column: columns.column(&text[start..], offset - start),
            byte_column,
        }
    }
}

/// What editors count the columns of a line in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// Bytes of UTF-8.
    Utf8,
    /// 16-bit units of UTF-16: a character beyond U+FFFF counts as two.
    Utf16,
}

/// Places of a text as editors count them: lines and columns from 0 on, columns in [`Units`], a byte order mark counted.
#[derive(Clone, Debug)]
pub struct UnitIndex {
    lines: LineIndex,
    units: Units,
    /// For UTF-16, how many units the characters take that begin before every [`STRIDE`]th byte.
    sums: Vec<usize>,
}

/// Bytes between two sums of a [`UnitIndex`]: a look-up counts at most this many.
const STRIDE: usize = 4096;

impl UnitIndex {
    /// Finds the lines of `text`, which all look-ups must be given.
    #[must_use]
    pub fn new(text: &str, units: Units) -> Self {
        let mut sums = vec![0];
        if units == Units::Utf16 {
            let mut sum = 0;
            for bytes in text.as_bytes().chunks(STRIDE) {
                sum += utf16_length(bytes);
                sums.push(sum);
            }
        }
        Self {
            lines: LineIndex::new(text),
            units,
            sums,
        }
    }

    /// Line and column of a decoded offset, which must lie on the edge of a character.
    #[must_use]
    pub fn place(&self, text: &str, offset: usize) -> (u32, u32) {
        let line = self.lines.line(offset) - 1;
        let start = self.lines.starts[line] as usize;
        let column = self.before(text, offset) - self.before(text, start);
        (narrow(line), narrow(column))
    }

    /// The decoded offset of a line and column. What lies behind a line means its end, before its line break; what lies
    /// behind the text means the end of the text; what lies inside a character means its start.
    #[must_use]
    pub fn offset(&self, text: &str, line: u32, column: u32) -> usize {
        let (line, column) = (line as usize, column as usize);
        let Some(&start) = self.lines.starts.get(line) else {
            return text.len();
        };
        let start = start as usize;
        let next = self.lines.starts.get(line + 1).map(|&s| s as usize);
        let end = match next {
            Some(next) => {
                let content = &text[start..next];
                start + content.trim_end_matches(['\n', '\r']).len()
            }
            None => text.len(),
        };
        match self.units {
            Units::Utf8 => {
                let at = start.saturating_add(column).min(end);
                let mut edges = (start..=at).rev();
                edges.find(|&n| text.is_char_boundary(n)).unwrap_or(start)
            }
            Units::Utf16 => {
                let mut sum = self.before(text, start);
                let wanted = sum + column;
                let mut at = start;
                let nearest = self.sums.partition_point(|&s| s <= wanted) - 1;
                if nearest * STRIDE > start {
                    (at, sum) = (nearest * STRIDE, self.sums[nearest]);
                }
                for (more, &byte) in text.as_bytes()[at.min(end)..end].iter().enumerate() {
                    let width = utf16_length(&[byte]);
                    if width > 0 && sum + width > wanted {
                        return at + more;
                    }
                    sum += width;
                }
                end
            }
        }
    }

    /// How many units stand before an offset in the whole text.
    fn before(&self, text: &str, offset: usize) -> usize {
        match self.units {
            Units::Utf8 => offset,
            Units::Utf16 => {
                let nearest = offset / STRIDE;
                let rest = &text.as_bytes()[nearest * STRIDE..offset];
                self.sums[nearest] + utf16_length(rest)
            }
        }
    }
}

/// How many units of UTF-16 the characters take whose first bytes are among these.
fn utf16_length(bytes: &[u8]) -> usize {
    let is_first = |b: u8| usize::from(b & 0xC0 != 0x80);
    let is_long = |b: u8| usize::from(b >= 0xF0);
    bytes.iter().map(|&b| is_first(b) + is_long(b)).sum()
}

/// Counts the characters of a line from where it stopped last time.
#[derive(Debug, Default)]
pub(crate) struct Columns<'t> {
    /// The text from the start of the line on, and how many bytes and characters of it were counted.
    line: &'t str,
    bytes: usize,
    characters: usize,
}

impl<'t> Columns<'t> {
    /// The 1-based column of a byte offset in the text that begins with the line.
    pub(crate) fn column(&mut self, line: &'t str, offset: usize) -> usize {
        if !std::ptr::eq(self.line, line) || self.bytes > offset {
            *self = Self {
                line,
                ..Self::default()
            };
        }
        let more = line.get(self.bytes..offset).unwrap_or("");
        self.characters += more.chars().count();
        self.bytes = offset;
        self.characters + 1
    }
}

/// Where a block stands, for a person. Renders as 第12行, 正文第37段, 表2第3行第2列 and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// A line of a flat file; the number comes from the diagnostic's span.
    Line,
    /// The nth paragraph of a docx story.
    Paragraph {
        /// Which story the paragraph belongs to.
        story: Story,
        /// 1-based number in the story's part.
        number: u32,
    },
    /// A table cell, 1-based.
    Cell {
        /// Which story the table belongs to.
        story: Story,
        /// Which table of the part.
        table: u32,
        /// Which row.
        row: u32,
        /// Which column.
        column: u32,
    },
    /// An attribute of an element, by its name.
    Attribute(String),
    /// The title.
    Title,
    /// A meta element or front matter value, by its name.
    Meta(String),
}

impl Place {
    /// The place in words; `start` is where something begins in its part.
    #[must_use]
    pub fn render(&self, start: Option<Position>, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        match self {
            Place::Line => {
                let Position { line, column, .. } = start.unwrap_or_default();
                if zh {
                    format!("第{line}行第{column}列")
                } else {
                    format!("line {line}, column {column}")
                }
            }
            Place::Paragraph { story, number } => {
                let story = story_name(*story, lang);
                if zh {
                    format!("{story}第{number}段")
                } else {
                    format!("{story}, paragraph {number}")
                }
            }
            Place::Cell {
                story,
                table,
                row,
                column,
            } => {
                let body = *story == Story::Body;
                let story = if body { "" } else { story_name(*story, lang) };
                if zh {
                    format!("{story}表{table}第{row}行第{column}列")
                } else {
                    let comma = if body { "" } else { ", " };
                    format!("{story}{comma}table {table}, row {row}, column {column}")
                }
            }
            Place::Attribute(name) if zh => format!("“{name}”属性"),
            Place::Attribute(name) => format!("“{name}” attribute"),
            Place::Title => lang.pick("标题", "title").to_owned(),
            Place::Meta(name) if zh => format!("元数据“{name}”"),
            Place::Meta(name) => format!("metadata “{name}”"),
        }
    }
}

fn story_name(story: Story, lang: Lang) -> &'static str {
    match story {
        Story::Body => lang.pick("正文", "body"),
        Story::Header => lang.pick("页眉", "header"),
        Story::Footer => lang.pick("页脚", "footer"),
        Story::Footnote => lang.pick("脚注", "footnotes"),
        Story::Endnote => lang.pick("尾注", "endnotes"),
        Story::TextBox => lang.pick("文本框", "text box"),
        Story::Comment => lang.pick("批注", "comments"),
    }
}

/// A stream of text in a docx.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Story {
    /// The body of the document, or any flat file.
    Body,
    /// A page header.
    Header,
    /// A page footer.
    Footer,
    /// The footnotes.
    Footnote,
    /// The endnotes.
    Endnote,
    /// A text box.
    TextBox,
    /// The comments.
    Comment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_literals_entities_and_gaps() {
        // 一&#20195;一<b>路</b>
        let mut b = TextBuilder::default();
        b.literal("一", 0);
        b.entity("代", 3..11);
        b.literal("一", 11);
        b.literal("路", 17);
        let (text, map) = b.take();
        assert_eq!(text, "一代一路");
        let sources: Vec<_> = map.pieces(&(0..12)).into_iter().map(|p| p.source).collect();
        assert_eq!(sources, [0..3, 3..11, 11..14, 17..20]);
        assert_eq!(map.pieces(&(3..6))[0].source, 3..11);
    }

    #[test]
    fn truncating_cuts_text_and_map() {
        let mut b = TextBuilder::default();
        b.literal("甲乙 ", 10);
        b.atom("\n", 17..21);
        b.truncate(6);
        let (text, map) = b.take();
        assert_eq!(text, "甲乙");
        assert_eq!(map.pieces(&(0..6))[0].source, 10..16);
    }

    #[test]
    fn stored_offsets_of_every_encoding() {
        let text = "a甲𠮷ü。".repeat(40);
        for encoding in [
            encoding_rs::GB18030,
            encoding_rs::UTF_16LE,
            encoding_rs::UTF_16BE,
        ] {
            let bytes = encode(encoding, &text).unwrap();
            let part = Part::encoded("", bytes, 0, text.clone(), encoding);
            for (at, _) in text.char_indices() {
                let want = encode(encoding, &text[..at]).unwrap().len();
                assert_eq!(part.stored(&(at..at)).start, want, "{}", encoding.name());
                assert_eq!(part.decoded_offset(want), at, "{}", encoding.name());
            }
        }
    }

    #[test]
    fn places_as_editors_count_them() {
        let text = "\u{FEFF}a甲😀𠀀乙\r\n丙\r\n\r丁\n";
        for units in [Units::Utf8, Units::Utf16] {
            let index = UnitIndex::new(text, units);
            for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
                let before = &text[..at];
                let line = before.replace("\r\n", "\n").matches(['\r', '\n']).count();
                // Nobody asks for the place inside a line break.
                if c == '\n' && before.ends_with('\r') {
                    continue;
                }
                let start = before.rfind(['\n', '\r']).map_or(0, |n| n + 1);
                let column = match units {
                    Units::Utf8 => at - start,
                    Units::Utf16 => text[start..at].encode_utf16().count(),
                };
                let place = index.place(text, at);
                assert_eq!(place, (narrow(line), narrow(column)), "{units:?} {at}");
                assert_eq!(index.offset(text, place.0, place.1), at, "{units:?}");
            }
            let line = |n: u32| text.split_inclusive('\n').take(n as usize + 1);
            let end = line(0).next().unwrap().trim_end().len();
            assert_eq!(index.offset(text, 0, u32::MAX), end);
            assert_eq!(index.offset(text, 9, 0), text.len());
        }
        let index = UnitIndex::new(text, Units::Utf16);
        assert_eq!(index.offset(text, 0, 4), text.find('😀').unwrap());
        let index = UnitIndex::new(text, Units::Utf8);
        assert_eq!(index.offset(text, 0, 9), text.find('😀').unwrap());
    }

    #[test]
    fn places_in_long_lines() {
        let text = format!("x\n{}", "a甲😀".repeat(5000));
        let index = UnitIndex::new(&text, Units::Utf16);
        let mut column = 0;
        for (at, c) in text[2..].char_indices() {
            assert_eq!(index.place(&text, 2 + at), (1, column));
            assert_eq!(index.offset(&text, 1, column), 2 + at);
            column += narrow(c.len_utf16());
        }
        assert_eq!(index.offset(&text, 1, column), text.len());
    }

    #[test]
    fn columns_count_characters_and_lines_end_in_every_way() {
        let text = "\u{FEFF}甲乙\r\n丙\r😀丁\n";
        let index = LineIndex::new(text);
        let at = |needle| {
            let p = index.position(text, text.find(needle).unwrap());
            (p.line, p.column)
        };
        assert_eq!(at("甲"), (1, 1));
        assert_eq!(at("乙"), (1, 2));
        assert_eq!(at("丙"), (2, 1));
        assert_eq!(at("丁"), (3, 2));
    }
}
