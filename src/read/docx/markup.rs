//! What stands around the text of a part: runs, revisions, bookmarks, the anchors of comments. The reader of prose needs
//! none of it; who writes tracked changes, or reads back what became of them, does.
//!
//! All offsets are bytes of the decoded part.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use super::xml::{Cursor, Element, Ns, Token};
use crate::error::Result;
use crate::source::Part;

/// The blanks of XML: what Word takes from the edges of a `w:t`.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];
const STRICT: &str = "http://purl.oclc.org/ooxml/wordprocessingml/main";
const TRANSITIONAL: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// The markup of one part.
pub(super) struct Markup<'a> {
    text: &'a str,
    /// Whether the part is written in the namespaces of the strict kind.
    pub(super) strict: bool,
    /// How elements of `WordprocessingML` are written here.
    pub(super) names: Names,
    /// In the order in which they start; a run in a text box lies inside another.
    pub(super) runs: Vec<Run>,
    /// Children of runs that stand for text, in order; none lies inside another.
    leaves: Vec<Leaf>,
    /// Insertions, deletions and moves, in the order in which they start.
    pub(super) revisions: Vec<Revision>,
    /// Content controls within a paragraph that take nothing but text, in order: neither bookmarks nor comments can
    /// stand in them.
    plain_controls: Vec<Range<usize>>,
    /// Bookmarks that end in this part, by name.
    pub(super) bookmarks: BTreeMap<String, Range<usize>>,
    /// What comments are about, by id; empty where only the reference stands.
    pub(super) comments: BTreeMap<String, Range<usize>>,
    /// The first paragraph of the story with text, outside of tables if there is one; or else the first.
    pub(super) title: Option<Paragraph>,
}

/// How to write elements: with the file's own prefix, or with one that each element declares.
#[derive(Clone, Default)]
pub(super) struct Names {
    prefix: String,
    declaration: String,
}

impl Names {
    /// Those of a new part, and the declaration for its root.
    pub(super) fn of_new_part(strict: bool) -> (Self, String) {
        let names = Self {
            prefix: "w".to_owned(),
            declaration: String::new(),
        };
        let uri = if strict { STRICT } else { TRANSITIONAL };
        (names, format!(" xmlns:w=\"{uri}\""))
    }

    /// `<w:name`, to be followed by attributes.
    pub(super) fn open(&self, name: &str) -> String {
        format!("<{}:{name}{}", self.prefix, self.declaration)
    }

    /// An attribute with its value, which must be escaped.
    pub(super) fn attribute(&self, name: &str, value: &str) -> String {
        format!(" {}:{name}=\"{value}\"", self.prefix)
    }

    /// `</w:name>`.
    pub(super) fn close(&self, name: &str) -> String {
        format!("</{}:{name}>", self.prefix)
    }
}

/// A `w:r`.
pub(super) struct Run {
    /// All of it.
    pub(super) whole: Range<usize>,
    open_end: usize,
    /// Its `w:rPr`, or empty.
    properties: Range<usize>,
    /// Values of ids in the properties, which a copy must not repeat.
    ids: Vec<Range<usize>>,
    /// What the properties were before a revision of them, or empty.
    change: Range<usize>,
    children: Vec<Child>,
    /// Where its parent starts, by which two runs know whether they have the same.
    pub(super) parent: usize,
    inserted: Inserted,
    outer: Option<usize>,
    /// Whether it is the base of a phonetic guide.
    ruby: bool,
    /// Whether it stands in a text box.
    pub(super) in_box: bool,
    /// Whether it holds a field character: then it stays as it is.
    rigid: bool,
}

/// Whether a run stands in an insertion or at the new place of a move.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inserted {
    No,
    /// That is its parent, so that it can be closed in front of something and opened again behind it.
    Directly(usize),
    /// Something stands between them.
    Deeper,
}

struct Child {
    whole: Range<usize>,
    /// Between the tags, for a `w:t`.
    content: Option<Range<usize>>,
    preserve: bool,
}

struct Leaf {
    run: usize,
    child: usize,
}

/// An insertion, a deletion, or one side of a move.
pub(super) struct Revision {
    /// All of it.
    pub(super) whole: Range<usize>,
    open_end: usize,
    close_start: usize,
    id: Option<Range<usize>>,
    /// Who made it.
    pub(super) author: String,
}

/// A `w:p`.
#[derive(Clone)]
pub(super) struct Paragraph {
    open: Range<usize>,
    /// Behind its properties.
    body: usize,
    /// In front of its end tag; `None` for an empty element.
    close: Option<usize>,
    /// How much like a title it is.
    rank: u8,
}

/// Where something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Index of the run that is split there; `None` for a place between runs.
    pub(super) run: Option<usize>,
    at: usize,
    /// Whether it is where it was asked for, and not further out.
    pub(super) exact: bool,
}

/// What is done to a part.
#[derive(Default)]
pub(super) struct Work {
    runs: BTreeMap<usize, RunWork>,
    between: Vec<Event>,
}

#[derive(Default)]
struct RunWork {
    deleted: Vec<Range<usize>>,
    events: Vec<Event>,
}

struct Event {
    at: usize,
    order: Order,
    markup: String,
    /// Whether it must not stand in another author's insertion.
    outside: bool,
}

/// What comes first where several things stand at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// New text that ends what stands before it.
    Insertion,
    /// The end of a range.
    End,
    /// The start of a range.
    Start,
    /// New text that begins what follows.
    InsertionAtStart,
}

/// Gives ids that no other element of the file has, and says who made a change and when.
pub(super) struct Mint {
    used: HashSet<i64>,
    next: i64,
    /// Author and date, escaped.
    pub(super) author: String,
    pub(super) date: String,
}

impl Mint {
    /// A mint for a file that uses these ids.
    pub(super) fn new(used: impl IntoIterator<Item = i64>, author: &str, date: &str) -> Self {
        /// Ids are 32 bits wide in Word; above this there may not be enough of them left.
        const HIGH: i64 = 1 << 30;
        let used: HashSet<i64> = used.into_iter().collect();
        let most = used.iter().copied().max().unwrap_or(0);
        Self {
            next: if most < HIGH { most.max(0) + 1 } else { 1 },
            used,
            author: escape(author),
            date: escape(date),
        }
    }

    /// The next id.
    pub(super) fn id(&mut self) -> String {
        while self.used.contains(&self.next) {
            self.next += 1;
        }
        self.next += 1;
        (self.next - 1).to_string()
    }

    /// The attributes of a revision or comment.
    pub(super) fn signed(&mut self, names: &Names) -> String {
        let id = self.id();
        [("id", &id), ("author", &self.author), ("date", &self.date)]
            .map(|(name, value)| names.attribute(name, value))
            .concat()
    }
}

impl Revision {
    fn tag<'t>(&self, text: &'t str) -> &'t str {
        &text[self.whole.start..self.open_end]
    }

    /// Its start tag again, with an id of its own.
    fn reopened(&self, text: &str, mint: &mut Mint) -> String {
        let tag = self.whole.start..self.open_end;
        with_new_ids(text, &tag, self.id.as_slice(), mint)
    }
}

impl<'a> Markup<'a> {
    /// Walks through a part.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub(super) fn read(part: &'a Part) -> Result<Self> {
        let mut walk = Walk::new(part);
        while let Some(token) = walk.cursor.next()? {
            match token {
                Token::Start(e) => walk.start(&e),
                Token::End { end } => walk.end(end),
                Token::Text { text, .. } | Token::Cdata { text, .. } => {
                    walk.characters(!text.trim_matches(BLANKS).is_empty());
                }
                Token::Reference { .. } => walk.characters(true),
            }
        }
        Ok(walk.out)
    }

    /// Where something goes in front of the character at `at`, in a run that can be split there.
    pub(super) fn before(&self, at: usize) -> Option<Spot> {
        let n = self
            .leaves
            .partition_point(|l| self.child(l).whole.end <= at);
        self.spot(n, at)
    }

    /// Where something goes behind the character that ends at `at`, in a run that can be split there.
    pub(super) fn behind(&self, at: usize) -> Option<Spot> {
        let n = self
            .leaves
            .partition_point(|l| self.child(l).whole.end < at);
        self.spot(n, at)
    }

    fn spot(&self, leaf: usize, at: usize) -> Option<Spot> {
        let leaf = self.leaves.get(leaf)?;
        let child = self.child(leaf);
        if at < child.whole.start || at > child.whole.end || self.runs[leaf.run].rigid {
            return None;
        }
        let at = match &child.content {
            Some(content) if at > content.start && at < content.end => at,
            Some(content) if at <= content.start => child.whole.start,
            Some(_) => child.whole.end,
            None if at == child.whole.start || at == child.whole.end => at,
            None => return None,
        };
        Some(Spot {
            run: Some(leaf.run),
            at,
            exact: true,
        })
    }

    /// Where a range starts that begins with the character at `at`: there, or else in front of what cannot be cut.
    pub(super) fn range_start(&self, at: usize) -> Option<Spot> {
        match self.plain_control(at) {
            Some(control) => Some(Spot::between(control.start)),
            None => self.cut(self.before(at), at, |run| run.start),
        }
    }

    /// Where a range ends that ends with the character in front of `at`: there, or else behind what cannot be cut.
    pub(super) fn range_end(&self, at: usize) -> Option<Spot> {
        let last = at.checked_sub(1)?;
        match self.plain_control(last) {
            Some(control) => Some(Spot::between(control.end)),
            None => self.cut(self.behind(at), last, |run| run.end),
        }
    }

    /// A spot, unless it is in a phonetic guide; else at the side of the run around `at`.
    fn cut(
        &self,
        spot: Option<Spot>,
        at: usize,
        side: impl Fn(&Range<usize>) -> usize,
    ) -> Option<Spot> {
        let in_ruby = |s: &Spot| s.run.is_some_and(|run| self.runs[run].ruby);
        spot.filter(|s| !in_ruby(s)).or_else(|| {
            let run = self.outermost(at)?;
            Some(Spot {
                run: Some(run),
                at: side(&self.runs[run].whole),
                exact: false,
            })
        })
    }

    /// The content control around `at`, if it takes nothing but text.
    fn plain_control(&self, at: usize) -> Option<&Range<usize>> {
        let n = self.plain_controls.partition_point(|c| c.start <= at);
        let control = self.plain_controls[..n].last()?;
        (at < control.end).then_some(control)
    }

    /// Whether revisions by this author, or by anybody for an empty name, lie in a range.
    pub(super) fn has_revisions(&self, range: &Range<usize>, author: &str) -> bool {
        let n = self
            .revisions
            .partition_point(|r| r.whole.start < range.end);
        self.revisions[..n]
            .iter()
            .rev()
            .any(|r| range.start < r.whole.end && (author.is_empty() || r.author == author))
    }

    /// Whether a spot is in a text box.
    pub(super) fn is_in_box(&self, spot: Spot) -> bool {
        let run = spot.run.or_else(|| self.outermost(spot.at));
        run.is_some_and(|run| self.runs[run].in_box)
    }

    /// Whether new text of another author may be put there.
    pub(super) fn takes_insertions(&self, spot: Spot) -> bool {
        let run = spot.run.map(|run| &self.runs[run]);
        run.is_some_and(|run| run.inserted != Inserted::Deeper)
    }

    /// The run around `at` that is not part of a phonetic guide.
    fn outermost(&self, at: usize) -> Option<usize> {
        let mut run = self
            .runs
            .partition_point(|r| r.whole.start <= at)
            .checked_sub(1);
        while let Some(n) = run {
            if at < self.runs[n].whole.end && !self.runs[n].ruby {
                return run;
            }
            run = self.runs[n].outer;
        }
        None
    }

    /// The pieces of runs that make up `range`, or `None` where it cannot be cut out of them.
    pub(super) fn deletable(&self, range: &Range<usize>) -> Option<Vec<(usize, Range<usize>)>> {
        let mut pieces = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let n = self
                .leaves
                .partition_point(|l| self.child(l).whole.end <= at);
            let leaf = self.leaves.get(n)?;
            let child = self.child(leaf);
            if at < child.whole.start || self.runs[leaf.run].rigid {
                return None;
            }
            let piece = match &child.content {
                Some(content) => at.max(content.start)..range.end.min(content.end),
                None => child.whole.clone(),
            };
            let goes_on = piece.end < range.end;
            if piece.start != at || piece.end > range.end || goes_on && child.content.is_some() {
                return None;
            }
            at = piece.end;
            pieces.push((leaf.run, piece));
        }
        Some(pieces)
    }

    /// New text, formatted like this run.
    pub(super) fn inserted(&self, like: usize, content: &str, mint: &mut Mint) -> String {
        let run = &self.runs[like];
        let mut properties = self.text[run.properties.clone()].to_owned();
        if !run.change.is_empty() {
            let from = run.change.start - run.properties.start;
            properties.replace_range(from..from + run.change.len(), "");
        }
        let (open, close) = (self.names.open("ins"), self.names.close("ins"));
        let prefix = self.prefix(run);
        format!(
            "{open}{}>{}{properties}<{prefix}t xml:space=\"preserve\">{content}</{prefix}t></{prefix}r>{close}",
            mint.signed(&self.names),
            self.tag(run),
        )
    }

    /// The splices that do this work; none overlaps another.
    pub(super) fn rewrite(&self, work: &Work, mint: &mut Mint) -> Vec<(Range<usize>, String)> {
        let mut splices = Vec::new();
        for (&run, work) in &work.runs {
            let mut rewriter = Rewriter::new(self, run, work, mint);
            rewriter.run();
            splices.append(&mut rewriter.splices);
        }
        let mut between: Vec<&Event> = work.between.iter().collect();
        between.sort_by_key(|e| (e.at, e.order));
        splices.extend(between.iter().map(|e| (e.at..e.at, e.markup.clone())));
        splices
    }

    /// The splices that put `before` and `behind` around all that a paragraph holds.
    pub(super) fn around(
        &self,
        paragraph: &Paragraph,
        before: String,
        behind: &str,
    ) -> Vec<(Range<usize>, String)> {
        let open = paragraph.open.clone();
        match paragraph.close {
            Some(close) => vec![
                (paragraph.body..paragraph.body, before),
                (close..close, behind.to_owned()),
            ],
            None => {
                let tag = &self.text[open.clone()];
                let name = tag_name(tag);
                let slash = open.end - "/>".len();
                vec![(slash..open.end, format!(">{before}{behind}</{name}>"))]
            }
        }
    }

    fn child(&self, leaf: &Leaf) -> &Child {
        &self.runs[leaf.run].children[leaf.child]
    }

    fn tag(&self, run: &Run) -> &'a str {
        &self.text[run.whole.start..run.open_end]
    }

    /// The prefix of a run's name, with its colon.
    fn prefix(&self, run: &Run) -> &'a str {
        let name = tag_name(self.tag(run));
        name.rfind(':').map_or("", |at| &name[..=at])
    }
}

impl Spot {
    fn between(at: usize) -> Self {
        Self {
            run: None,
            at,
            exact: false,
        }
    }
}

impl Work {
    /// Takes this text out of a run.
    pub(super) fn delete(&mut self, run: usize, range: Range<usize>) {
        self.runs.entry(run).or_default().deleted.push(range);
    }

    /// Puts `markup` there, and with `outside` not into another author's insertion.
    pub(super) fn put(&mut self, spot: Spot, order: Order, markup: String, outside: bool) {
        let event = Event {
            at: spot.at,
            order,
            markup,
            outside,
        };
        match spot.run {
            Some(run) => self.runs.entry(run).or_default().events.push(event),
            None => self.between.push(event),
        }
    }
}

/// Writes one run anew, as pieces of it in and outside of deletions, with markup between them. Children that stay whole
/// are not written: the splices go around them, because a text box may be in them.
struct Rewriter<'m, 'a> {
    markup: &'m Markup<'a>,
    run: &'m Run,
    mint: &'m mut Mint,
    deleted: Vec<Range<usize>>,
    events: std::vec::IntoIter<&'m Event>,
    next: Option<&'m Event>,
    splices: Vec<(Range<usize>, String)>,
    out: String,
    from: usize,
    /// Whether a run is open, and whether in a deletion.
    open: Option<bool>,
    around: Around,
    /// Whether the run's properties have been written: a copy has other ids.
    copied: bool,
}

/// The state of another author's insertion around the run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// There is none, or it stays as it is.
    None,
    Open,
    /// Its start tag has been taken back.
    Unopened,
    Closed,
}

impl<'m, 'a> Rewriter<'m, 'a> {
    fn new(markup: &'m Markup<'a>, run: usize, work: &'m RunWork, mint: &'m mut Mint) -> Self {
        let run = &markup.runs[run];
        let mut events: Vec<&Event> = work.events.iter().collect();
        events.sort_by_key(|e| (e.at, e.order));
        let mut events = events.into_iter();
        let next = events.next();
        let mut deleted = work.deleted.clone();
        deleted.sort_by_key(|r| r.start);
        let mut rewriter = Self {
            markup,
            run,
            mint,
            deleted,
            next,
            events,
            splices: Vec::new(),
            out: String::new(),
            from: run.whole.start,
            open: None,
            around: Around::None,
            copied: false,
        };
        if let Some(around) = rewriter.revision() {
            let first = around.open_end == run.whole.start;
            let begins = run.children.first().map_or(0, |c| c.whole.start);
            rewriter.around = Around::Open;
            if first && next.is_some_and(|e| e.at <= begins) {
                rewriter.from = around.whole.start;
                rewriter.around = Around::Unopened;
            }
        }
        rewriter
    }

    fn revision(&self) -> Option<&'m Revision> {
        match self.run.inserted {
            Inserted::Directly(n) => self.markup.revisions.get(n),
            Inserted::No | Inserted::Deeper => None,
        }
    }

    fn run(&mut self) {
        for child in &self.run.children {
            self.events_until(child.whole.start);
            match &child.content {
                Some(content) if self.is_cut(content) => self.text(child, content.clone()),
                _ if self.is_deleted(child.whole.start) => {
                    self.enter(true);
                    self.out.push_str(&self.markup.text[child.whole.clone()]);
                }
                _ => {
                    self.enter(false);
                    self.flush(child.whole.start);
                    self.from = child.whole.end;
                }
            }
        }
        self.events_until(usize::MAX);
        self.leave();
        let mut end = self.run.whole.end;
        if let (Around::Closed, Some(around)) = (self.around, self.revision()) {
            if around.close_start == end {
                end = around.whole.end;
            } else {
                self.reopen();
            }
        }
        self.splices
            .push((self.from..end, std::mem::take(&mut self.out)));
    }

    /// Whether a text is not left as it is.
    fn is_cut(&self, content: &Range<usize>) -> bool {
        let inside = |at: usize| content.start < at && at < content.end;
        let later = self
            .next
            .into_iter()
            .chain(self.events.as_slice().iter().copied());
        later
            .take_while(|e| e.at < content.end)
            .any(|e| inside(e.at))
            || self
                .deleted
                .iter()
                .any(|d| d.start < content.end && content.start < d.end)
    }

    fn is_deleted(&self, at: usize) -> bool {
        self.deleted.iter().any(|d| d.contains(&at))
    }

    fn text(&mut self, child: &Child, mut content: Range<usize>) {
        let source = self.markup.text;
        if !child.preserve {
            let raw = &source[content.clone()];
            content.end = content.start + raw.trim_end_matches(BLANKS).len();
            content.start = content.end - raw.trim_matches(BLANKS).len();
        }
        let later = self
            .next
            .into_iter()
            .chain(self.events.as_slice().iter().copied());
        let mut cuts: Vec<usize> = later.map(|e| e.at).collect();
        cuts.extend(self.deleted.iter().flat_map(|d| [d.start, d.end]));
        cuts.push(content.end);
        cuts.retain(|&at| content.start < at && at <= content.end);
        cuts.sort_unstable();
        cuts.dedup();
        let mut at = content.start;
        for cut in cuts {
            self.events_until(at);
            let deleted = self.is_deleted(at);
            self.enter(deleted);
            let prefix = self.markup.prefix(self.run);
            let name = if deleted { "delText" } else { "t" };
            self.out.push_str(&format!(
                "<{prefix}{name} xml:space=\"preserve\">{}</{prefix}{name}>",
                &source[at..cut]
            ));
            at = cut;
        }
    }

    fn events_until(&mut self, at: usize) {
        while let Some(event) = self.next.filter(|e| e.at <= at) {
            self.leave();
            if event.outside && self.around == Around::Open {
                let tag = self.revision().map_or("", |r| r.tag(self.markup.text));
                self.out.push_str(&format!("</{}>", tag_name(tag)));
                self.around = Around::Closed;
            }
            self.out.push_str(&event.markup);
            self.next = self.events.next();
        }
    }

    fn enter(&mut self, deleted: bool) {
        if self.open == Some(deleted) {
            return;
        }
        self.leave();
        self.reopen();
        if deleted {
            let names = &self.markup.names;
            let signed = self.mint.signed(names);
            self.out
                .push_str(&format!("{}{signed}>", names.open("del")));
        }
        self.out.push_str(self.markup.tag(self.run));
        let ids = if std::mem::replace(&mut self.copied, true) {
            &self.run.ids[..]
        } else {
            &[]
        };
        let properties = with_new_ids(self.markup.text, &self.run.properties, ids, self.mint);
        self.out.push_str(&properties);
        self.open = Some(deleted);
    }

    fn leave(&mut self) {
        if let Some(deleted) = self.open.take() {
            let prefix = self.markup.prefix(self.run);
            self.out.push_str(&format!("</{prefix}r>"));
            if deleted {
                self.out.push_str(&self.markup.names.close("del"));
            }
        }
    }

    fn reopen(&mut self) {
        if let Some(around) = self.revision() {
            match self.around {
                Around::Unopened => self.out.push_str(around.tag(self.markup.text)),
                Around::Closed => {
                    let tag = around.reopened(self.markup.text, self.mint);
                    self.out.push_str(&tag);
                }
                Around::None | Around::Open => return,
            }
            self.around = Around::Open;
        }
    }

    /// Puts what has been written in front of `to`; nothing written means that nothing changes there.
    fn flush(&mut self, to: usize) {
        if !self.out.is_empty() {
            self.splices
                .push((self.from..to, std::mem::take(&mut self.out)));
        }
    }
}

/// `range` of `text` with the ids at `ids` replaced by new ones.
fn with_new_ids(text: &str, range: &Range<usize>, ids: &[Range<usize>], mint: &mut Mint) -> String {
    let mut out = String::with_capacity(range.len() + 8);
    let mut at = range.start;
    for id in ids {
        out.push_str(&text[at..id.start]);
        out.push_str(&mint.id());
        at = id.end;
    }
    out.push_str(&text[at..range.end]);
    out
}

/// `text` as the text of an element or the value of an attribute; what XML cannot hold is left out.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{0}'..='\u{8}'
            | '\u{B}'
            | '\u{C}'
            | '\u{E}'..='\u{1F}'
            | '\u{FFFE}'
            | '\u{FFFF}' => {}
            _ => out.push(c),
        }
    }
    out
}

/// The name in a start tag, with its prefix.
fn tag_name(tag: &str) -> &str {
    let name = tag.trim_start_matches('<');
    let end = name.find([' ', '\t', '\r', '\n', '/', '>']);
    &name[..end.unwrap_or(name.len())]
}

/// All ids that stand on elements of Word in a part: of bookmarks, revisions, comments and notes.
///
/// # Errors
/// When the part is not well-formed.
pub(super) fn ids(part: &Part) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    let mut cursor = Cursor::new(&part.name, part.text());
    while let Some(token) = cursor.next()? {
        if let Token::Start(e) = token {
            let id = cursor.attribute(&e, Ns::Word, "id");
            ids.extend(id.and_then(|v| v.text().trim().parse::<i64>().ok()));
        }
    }
    Ok(ids)
}

/// A root element, and where children can be added to it.
pub(super) struct Root {
    /// Its prefix with the colon, or nothing.
    pub(super) prefix: String,
    name: String,
    open: Range<usize>,
    close: Option<usize>,
}

impl Root {
    /// Finds the root of a part.
    ///
    /// # Errors
    /// When the part is not well-formed.
    pub(super) fn find(part: &Part) -> Result<Self> {
        let mut root = None;
        let mut close = None;
        let mut cursor = Cursor::new(&part.name, part.text());
        while let Some(token) = cursor.next()? {
            match token {
                Token::Start(e) if root.is_none() => {
                    root = Some((e.start..cursor.position(), cursor.is_empty_element()));
                }
                Token::End { end } if cursor.depth() == 0 => {
                    close = part.text()[..end].rfind("</");
                }
                _ => {}
            }
        }
        let (open, is_empty) = root.unwrap_or((0..0, false));
        let name = tag_name(&part.text()[open.clone()]).to_owned();
        Ok(Self {
            prefix: name.rfind(':').map_or("", |at| &name[..=at]).to_owned(),
            name,
            open,
            close: close.filter(|_| !is_empty),
        })
    }

    /// The splice that adds `children` at the end.
    pub(super) fn append(&self, children: &str) -> (Range<usize>, String) {
        match self.close {
            Some(close) => (close..close, children.to_owned()),
            None => {
                let slash = self.open.end.saturating_sub("/>".len());
                (slash..self.open.end, format!(">{children}</{}>", self.name))
            }
        }
    }
}

struct Frame {
    start: usize,
    preserve: bool,
    tag: Tag,
}

enum Tag {
    Other,
    Run(usize),
    /// A child of a run: the run, and where the child's start tag ends.
    Child(usize, usize, ChildKind),
    RunProperties(usize),
    /// What the properties of a run were.
    Change(usize),
    /// A revision; and the one around it.
    Revision(usize, Option<usize>),
    Box,
    Ruby,
    Paragraph(Paragraph),
    ParagraphProperties,
    Table,
    Control,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ChildKind {
    Text,
    /// Another notation for a character.
    Character,
    Other,
}

/// An open content control.
#[derive(Default)]
struct Control {
    /// Its content comes from elsewhere.
    bound: bool,
    /// It takes nothing but text.
    plain: bool,
}

struct Walk<'a> {
    cursor: Cursor<'a>,
    out: Markup<'a>,
    frames: Vec<Frame>,
    run: Option<usize>,
    around: Option<usize>,
    boxes: usize,
    rubies: usize,
    /// Whether the open paragraph has shown text.
    says_something: bool,
    controls: Vec<Control>,
    /// How many paragraphs and tables are open.
    paragraphs: usize,
    tables: usize,
    /// Ids of bookmarks and comments whose range is open: where it started, and the bookmark's name.
    open_bookmarks: HashMap<String, (usize, String)>,
}

impl<'a> Walk<'a> {
    fn new(part: &'a Part) -> Self {
        Self {
            cursor: Cursor::new(&part.name, part.text()),
            out: Markup {
                text: part.text(),
                strict: false,
                names: Names::default(),
                runs: Vec::new(),
                leaves: Vec::new(),
                revisions: Vec::new(),
                plain_controls: Vec::new(),
                bookmarks: BTreeMap::new(),
                comments: BTreeMap::new(),
                title: None,
            },
            frames: Vec::new(),
            run: None,
            around: None,
            boxes: 0,
            rubies: 0,
            says_something: false,
            controls: Vec::new(),
            paragraphs: 0,
            tables: 0,
            open_bookmarks: HashMap::new(),
        }
    }

    fn start(&mut self, e: &Element<'a>) {
        if self.frames.is_empty() {
            self.out.names = self.names(e.start);
        }
        let outer = self.frames.last().is_some_and(|f| f.preserve);
        let preserve = match self.cursor.attribute(e, Ns::Xml, "space") {
            Some(value) => value.text() == "preserve",
            None => outer,
        };
        let tag = match self.frames.last().map(|f| &f.tag) {
            Some(&Tag::Run(run)) => self.in_run(run, e),
            Some(&Tag::RunProperties(run)) => {
                if let Some(id) = self.cursor.attribute(e, Ns::Word, "id") {
                    self.out.runs[run].ids.push(id.range());
                }
                match e.local {
                    "rPrChange" => Tag::Change(run),
                    _ => Tag::Other,
                }
            }
            _ if e.ns == Ns::Word => self.word(e),
            _ => Tag::Other,
        };
        self.frames.push(Frame {
            start: e.start,
            preserve,
            tag,
        });
    }

    /// The file's own prefix for Word, or one that is declared where it is used.
    fn names(&mut self, start: usize) -> Names {
        let tag = &self.out.text[start..self.cursor.position()];
        self.out.strict = tag.contains(STRICT);
        match self.cursor.prefix_of(Ns::Word) {
            Some(prefix) => Names {
                prefix: prefix.to_owned(),
                declaration: String::new(),
            },
            None => {
                let uri = if self.out.strict {
                    STRICT
                } else {
                    TRANSITIONAL
                };
                Names {
                    prefix: "zm".to_owned(),
                    declaration: format!(" xmlns:zm=\"{uri}\""),
                }
            }
        }
    }

    fn in_run(&mut self, run: usize, e: &Element<'a>) -> Tag {
        let is_word = e.ns == Ns::Word;
        if is_word && e.local == "rPr" && self.out.runs[run].children.is_empty() {
            return Tag::RunProperties(run);
        }
        if is_word && matches!(e.local, "fldChar" | "instrText" | "delInstrText") {
            self.out.runs[run].rigid = true;
        }
        if is_word && e.local == "ruby" {
            self.rubies += 1;
            return Tag::Ruby;
        }
        let kind = match e.local {
            "t" if is_word => ChildKind::Text,
            "br" | "cr" | "tab" | "ptab" | "noBreakHyphen" if is_word => ChildKind::Character,
            _ => ChildKind::Other,
        };
        if is_word {
            self.anchor(e);
        }
        Tag::Child(run, self.cursor.position(), kind)
    }

    fn word(&mut self, e: &Element<'a>) -> Tag {
        match e.local {
            "r" => {
                let parent = self.frames.last();
                let inserted = match (parent.map(|f| &f.tag), self.around) {
                    (Some(&Tag::Revision(n, _)), Some(around)) if n == around => {
                        Inserted::Directly(n)
                    }
                    (_, Some(_)) => Inserted::Deeper,
                    (_, None) => Inserted::No,
                };
                let run = Run {
                    whole: e.start..e.start,
                    open_end: self.cursor.position(),
                    properties: self.cursor.position()..self.cursor.position(),
                    ids: Vec::new(),
                    change: 0..0,
                    children: Vec::new(),
                    parent: parent.map_or(0, |f| f.start),
                    inserted,
                    outer: self.run,
                    ruby: self.rubies > 0,
                    in_box: self.boxes > 0,
                    rigid: false,
                };
                self.run = Some(self.out.runs.len());
                self.out.runs.push(run);
                Tag::Run(self.out.runs.len() - 1)
            }
            "ins" | "moveTo" | "del" | "moveFrom" => {
                let id = self.cursor.attribute(e, Ns::Word, "id");
                self.out.revisions.push(Revision {
                    whole: e.start..e.start,
                    open_end: self.cursor.position(),
                    close_start: 0,
                    id: id.map(|v| v.range()),
                    author: self
                        .cursor
                        .own(e, "author")
                        .unwrap_or_default()
                        .into_owned(),
                });
                let n = self.out.revisions.len() - 1;
                let outer = self.around;
                if matches!(e.local, "ins" | "moveTo") {
                    self.around = Some(n);
                }
                Tag::Revision(n, outer)
            }
            "txbxContent" => {
                self.boxes += 1;
                Tag::Box
            }
            "p" => {
                self.paragraphs += 1;
                Tag::Paragraph(Paragraph {
                    open: e.start..self.cursor.position(),
                    body: self.cursor.position(),
                    close: None,
                    rank: 0,
                })
            }
            "tbl" => {
                self.tables += 1;
                Tag::Table
            }
            "pPr" => Tag::ParagraphProperties,
            "sdt" => {
                self.controls.push(Control::default());
                Tag::Control
            }
            "dataBinding" => {
                if let Some(control) = self.controls.last_mut() {
                    control.bound = true;
                }
                Tag::Other
            }
            "text" | "dropDownList" | "comboBox" | "date" => {
                if let Some(control) = self.controls.last_mut() {
                    control.plain = true;
                }
                Tag::Other
            }
            _ => {
                self.anchor(e);
                Tag::Other
            }
        }
    }

    /// Bookmarks and the anchors of comments.
    fn anchor(&mut self, e: &Element<'a>) {
        let id = || self.cursor.own(e, "id").unwrap_or_default().into_owned();
        match e.local {
            "bookmarkStart" => {
                let name = self.cursor.own(e, "name").unwrap_or_default().into_owned();
                self.open_bookmarks.insert(id(), (e.start, name));
            }
            "bookmarkEnd" => {
                if let Some((start, name)) = self.open_bookmarks.remove(&id()) {
                    self.out.bookmarks.insert(name, start..e.start);
                }
            }
            "commentRangeStart" => {
                self.out.comments.insert(id(), e.start..e.start);
            }
            "commentRangeEnd" => {
                if let Some(range) = self.out.comments.get_mut(&id()) {
                    range.end = e.start;
                }
            }
            "commentReference" => {
                self.out.comments.entry(id()).or_insert(e.start..e.start);
            }
            _ => {}
        }
    }

    fn end(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let is_empty = self.out.text[..end].ends_with("/>") && {
            // The tag that ends here is the one that started the element.
            let last = self.out.text[..end].rfind('<');
            last == Some(frame.start)
        };
        let close = if is_empty {
            None
        } else {
            self.out.text[..end].rfind("</")
        };
        match frame.tag {
            Tag::Run(run) => {
                let run = &mut self.out.runs[run];
                run.whole.end = end;
                self.run = run.outer;
            }
            Tag::Child(run, open_end, kind) => {
                let close = close.filter(|_| kind == ChildKind::Text);
                let child = Child {
                    whole: frame.start..end,
                    content: close.map(|close| open_end..close),
                    preserve: frame.preserve,
                };
                self.end_child(run, kind, child);
            }
            Tag::RunProperties(run) => self.out.runs[run].properties = frame.start..end,
            Tag::Change(run) => self.out.runs[run].change = frame.start..end,
            Tag::Revision(n, outer) => {
                let revision = &mut self.out.revisions[n];
                revision.whole.end = end;
                revision.close_start = close.unwrap_or(end);
                self.around = outer;
            }
            Tag::Box => self.boxes -= 1,
            Tag::Ruby => {
                self.rubies -= 1;
                if let Some(&Tag::Run(run)) = self.frames.last().map(|f| &f.tag) {
                    self.out.runs[run].children.push(Child {
                        whole: frame.start..end,
                        content: None,
                        preserve: false,
                    });
                }
            }
            Tag::Paragraph(paragraph) => self.end_paragraph(paragraph, close),
            Tag::ParagraphProperties => {
                if let Some(Tag::Paragraph(paragraph)) = self.frames.last_mut().map(|f| &mut f.tag)
                {
                    paragraph.body = end;
                }
            }
            Tag::Control => {
                let control = self.controls.pop();
                if self.paragraphs > 0 && control.is_some_and(|c| c.plain) {
                    let inner = |c: &mut Range<usize>| c.start >= frame.start;
                    let controls = &mut self.out.plain_controls;
                    while controls.pop_if(inner).is_some() {}
                    controls.push(frame.start..end);
                }
            }
            Tag::Table => self.tables -= 1,
            Tag::Other => {}
        }
    }

    fn end_child(&mut self, run: usize, kind: ChildKind, child: Child) {
        let children = &mut self.out.runs[run].children;
        let is_leaf = match kind {
            ChildKind::Text => child.content.as_ref().is_some_and(|c| !c.is_empty()),
            ChildKind::Character => true,
            ChildKind::Other => false,
        };
        children.push(child);
        if is_leaf {
            let child = children.len() - 1;
            self.out.leaves.push(Leaf { run, child });
        }
    }

    fn end_paragraph(&mut self, mut paragraph: Paragraph, close: Option<usize>) {
        self.paragraphs -= 1;
        if self.boxes > 0 {
            return;
        }
        let has_text = std::mem::take(&mut self.says_something);
        if self.controls.iter().any(|c| c.bound) {
            return;
        }
        paragraph.close = close;
        // A title stands in a table only where all stands there.
        paragraph.rank = match (has_text, self.tables) {
            (true, 0) => 2,
            (true, _) => 1,
            (false, _) => 0,
        };
        match &self.out.title {
            Some(title) if title.rank >= paragraph.rank => {}
            _ => self.out.title = Some(paragraph),
        }
    }

    /// Text has been read; `visible` when it is not only blanks.
    fn characters(&mut self, visible: bool) {
        let is_text = |f: &Frame| matches!(f.tag, Tag::Child(_, _, ChildKind::Text));
        if visible && self.boxes == 0 && self.frames.last().is_some_and(is_text) {
            self.says_something = true;
        }
    }
}
