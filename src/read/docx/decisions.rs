//! Reads what an editor made of an annotated document.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::annotate::not_docx;
use super::markup::Markup;
use super::notes::{self, Note, NoteKind, Notes};
use super::package::{Package, Relation};
use super::related;
use super::xml::{Cursor, Ns, Token};
use crate::annotate::{Decision, Decisions, State};
use crate::document::{Block, Document};
use crate::error::{Lang, Result};
use crate::report;
use crate::source::Part;

/// Reads the decisions.
///
/// # Errors
/// When the document is no docx, or a part cannot be read.
pub(crate) fn decisions(document: &Document, lang: Lang) -> Result<Decisions> {
    let bytes = document.package.as_deref().ok_or_else(not_docx)?;
    let mut package = Package::open(bytes)?;
    let main = package.main.clone();
    let relations = package.relations(&main)?;
    let notes = Notes::read(&mut package)?;
    let comments = match related(&mut package, &main, &relations, "comments")? {
        Some(part) => read_comments(&part)?,
        None => Vec::new(),
    };
    let threads = Threads::read(&mut package, &main, &relations)?;
    let markup: Vec<_> = document
        .parts
        .iter()
        .map(Markup::read)
        .collect::<Result<_>>()?;
    let reader = Reader {
        document,
        comments,
        threads,
        texts: document.parts.iter().map(|_| Vec::new()).collect(),
        markup,
        remarks: Vec::new(),
        lang,
    };
    Ok(reader.with_texts().read(notes.notes))
}

/// Where the text of a part came from, in order: the source, the block, and where in its text.
type Texts = Vec<(Range<usize>, usize, Range<usize>)>;

struct Reader<'d> {
    document: &'d Document,
    comments: Vec<Comment>,
    threads: Threads,
    markup: Vec<Markup<'d>>,
    texts: Vec<Texts>,
    /// Comments of others that are no answers and came later than the annotations, by index.
    remarks: Vec<usize>,
    lang: Lang,
}

/// Where an annotation stands now.
struct Region {
    part: usize,
    range: Range<usize>,
}

impl Reader<'_> {
    fn with_texts(mut self) -> Self {
        for (n, block) in self.document.blocks.iter().enumerate() {
            let text = self.document.text(block);
            let pieces = block.pieces(&(0..text.len())).into_iter();
            self.texts[block.part].extend(pieces.map(|p| (p.source, n, p.text)));
        }
        for texts in &mut self.texts {
            texts.sort_by_key(|(source, ..)| source.start);
        }
        self
    }

    fn read(mut self, mut notes: BTreeMap<usize, Note>) -> Decisions {
        let mut result = Decisions::default();
        let mut older: HashSet<String> = HashSet::new();
        if let Some(summary) = notes.remove(&0) {
            result.draft = Some(summary.place);
            older = summary.older.into_iter().collect();
        }
        let is_remark = |c: &Comment| {
            c.number.is_none()
                && !self.threads.is_any_answer(c)
                && !older.contains(&c.fingerprint())
        };
        let numbered = self.comments.iter().enumerate();
        self.remarks = numbered
            .filter(|(_, c)| is_remark(c))
            .map(|(n, _)| n)
            .collect();
        // Where the properties are gone, the bookmarks still say that there was something.
        for name in self.markup.iter().flat_map(|m| m.bookmarks.keys()) {
            if let Some(number) = notes::number(name) {
                notes.entry(number).or_default();
            }
        }
        result.decisions = notes
            .iter()
            .map(|(&number, note)| self.decide(number, note))
            .collect();
        result
    }

    fn decide(&self, number: usize, note: &Note) -> Decision {
        let name = notes::name(number);
        let comment = self
            .comments
            .iter()
            .find(|c| c.number == Some(number))
            .filter(|_| note.kind != NoteKind::Listed);
        let region = self.region(&name, comment);
        let now = region.as_ref().map(|r| self.text(r));
        let reason = self.reason(comment, region.as_ref());
        let state = self.state(
            note,
            comment,
            region.as_ref(),
            now.as_deref(),
            reason.is_some(),
        );
        let place = region.as_ref().and_then(|r| self.place(r));
        Decision {
            id: name,
            rule: match comment {
                Some(comment) if note.rule.is_empty() => {
                    comment.rule().unwrap_or_default().to_owned()
                }
                _ => note.rule.clone(),
            },
            found: note.found.clone(),
            original: note.original.clone(),
            proposed: note.proposed.clone(),
            state,
            now: now.filter(|_| !note.masked && !note.wide && state != State::Open),
            reason,
            place: place.unwrap_or_else(|| note.place.clone()),
        }
    }

    fn state(
        &self,
        note: &Note,
        comment: Option<&Comment>,
        region: Option<&Region>,
        now: Option<&str>,
        answered: bool,
    ) -> State {
        let pending = region.is_some_and(|r| self.has_revisions(r, &note.author));
        let commented = comment.is_some_and(|c| !self.threads.is_done(c));
        let marked = match note.kind {
            NoteKind::Tracked => pending,
            NoteKind::Comment | NoteKind::Elsewhere => commented,
            NoteKind::Marked | NoteKind::Listed | NoteKind::Summary => true,
        };
        let is_lost = note.rule.is_empty();
        match now {
            _ if note.kind == NoteKind::Listed => State::Open,
            _ if is_lost && (pending || commented) => State::Open,
            _ if note.kind == NoteKind::Tracked && pending => State::Open,
            // What became of the other paragraphs is not known.
            _ if note.kind == NoteKind::Elsewhere && commented && !answered => State::Open,
            _ if note.kind == NoteKind::Elsewhere => State::Changed,
            Some(now) if note.is_proposed(now) => State::Accepted,
            Some(now) if note.is_original(now) && marked && !answered => State::Open,
            Some(now) if note.is_original(now) => State::Rejected,
            _ => State::Changed,
        }
    }

    /// What the bookmark is around; where it is lost, what the comment is about.
    fn region(&self, name: &str, comment: Option<&Comment>) -> Option<Region> {
        let mut parts = self.markup.iter().enumerate();
        let bookmark = parts.find_map(|(part, m)| Some((part, m.bookmarks.get(name)?)));
        let (part, range) = bookmark.or_else(|| {
            let mut parts = self.markup.iter().enumerate();
            parts.find_map(|(part, m)| Some((part, m.comments.get(&comment?.id)?)))
        })?;
        Some(Region {
            part,
            range: range.clone(),
        })
    }

    /// The block that a region begins in, and the pieces of its text there; what lies in a text box between them belongs
    /// to other blocks.
    fn pieces(&self, region: &Region) -> Option<(&Block, impl Iterator<Item = &Range<usize>>)> {
        let texts = &self.texts[region.part];
        let from = texts.partition_point(|(source, ..)| source.start < region.range.start);
        let inside = texts[from..]
            .iter()
            .take_while(|(source, ..)| source.start < region.range.end);
        let first = inside.clone().next()?.1;
        let pieces = inside.filter(move |(_, block, _)| *block == first);
        Some((
            self.document.blocks.get(first)?,
            pieces.map(|(.., text)| text),
        ))
    }

    fn text(&self, region: &Region) -> String {
        let Some((block, pieces)) = self.pieces(region) else {
            return String::new();
        };
        let text = self.document.text(block);
        pieces.filter_map(|range| text.get(range.clone())).collect()
    }

    fn place(&self, region: &Region) -> Option<String> {
        let (block, _) = self.pieces(region)?;
        Some(report::place(&block.place(), None, self.lang))
    }

    /// Whether revisions by this author, or by anybody for an empty name, are not yet decided.
    fn has_revisions(&self, region: &Region, author: &str) -> bool {
        self.markup[region.part].has_revisions(&region.range, author)
    }

    /// What was written behind our last line, in answers to the comment, and in other comments on the same text.
    fn reason(&self, comment: Option<&Comment>, region: Option<&Region>) -> Option<String> {
        let mut lines: Vec<&str> = Vec::new();
        if let Some(comment) = comment {
            lines.extend(comment.lines_behind());
            for other in &self.comments {
                if self.threads.is_answer(other, comment) {
                    lines.extend(other.lines.iter().map(String::as_str));
                }
            }
        }
        if let Some(region) = region {
            let about = &self.markup[region.part].comments;
            let inside = |c: &&Comment| {
                about.get(&c.id).is_some_and(|range| {
                    region.range.start <= range.end && range.start <= region.range.end
                })
            };
            let remarks = self.remarks.iter().map(|&n| &self.comments[n]);
            for other in remarks.filter(inside) {
                lines.extend(other.lines.iter().map(String::as_str));
            }
        }
        lines.retain(|line| !line.trim().is_empty());
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

impl Note {
    /// Whether `text` is what was proposed.
    fn is_proposed(&self, text: &str) -> bool {
        // What was proposed may be a piece of what stood there.
        let unchanged = text.contains(&self.original);
        let within = |p: &String| text.contains(p) && !(unchanged && self.original.contains(p));
        let mut proposed = self.proposed.iter();
        proposed.any(|p| p == text || self.wide && !p.is_empty() && within(p))
    }

    /// Whether `text` is what stood there; an asterisk in a masked text stands for any character.
    fn is_original(&self, text: &str) -> bool {
        let original = &self.original;
        if !self.masked {
            return original == text || self.wide && text.contains(original);
        }
        let same = |(a, b): (char, char)| a == '*' || a == b;
        original.chars().count() == text.chars().count()
            && original.chars().zip(text.chars()).all(same)
    }
}

/// A comment as it reads now.
#[derive(Default)]
pub(super) struct Comment {
    id: String,
    /// Which annotation it is.
    pub(super) number: Option<usize>,
    lines: Vec<String>,
    /// The id of its last paragraph, by which answers refer to it.
    paragraph: String,
}

impl Comment {
    /// What a comment is known by while nobody changes its words: programs give it another id whenever they save.
    pub(super) fn fingerprint(&self) -> String {
        let text: String = self.lines.concat().split_whitespace().collect();
        let digest = Sha256::digest(text);
        digest.iter().take(4).map(|b| format!("{b:02x}")).collect()
    }

    /// The rule that our last line names.
    fn rule(&self) -> Option<&str> {
        let mut lines = self.lines.iter().rev();
        let line = lines.find(|line| notes::number_in(line).is_some())?;
        let (front, _) = line.rsplit_once(['（', '('])?;
        let (_, rule) = front.split_once(['：', ':'])?;
        Some(rule.trim())
    }

    /// What somebody added behind our last line.
    fn lines_behind(&self) -> impl Iterator<Item = &str> {
        let last = self
            .lines
            .iter()
            .rposition(|line| notes::number_in(line).is_some());
        let from = last.map_or(0, |n| n + 1);
        self.lines[from..].iter().map(String::as_str)
    }
}

/// Reads a comments part.
///
/// # Errors
/// When it is not well-formed.
pub(super) fn read_comments(part: &Part) -> Result<Vec<Comment>> {
    let mut comments: Vec<Comment> = Vec::new();
    let mut in_text = false;
    let mut cursor = Cursor::new(&part.name, part.text());
    while let Some(token) = cursor.next()? {
        let last = comments.last_mut();
        match token {
            Token::Start(e) if e.ns == Ns::Word => {
                in_text = e.local == "t";
                match (e.local, last) {
                    ("comment", _) => comments.push(Comment {
                        id: cursor.own(&e, "id").unwrap_or_default().into_owned(),
                        ..Comment::default()
                    }),
                    ("p", Some(comment)) => {
                        let id = cursor.attribute(&e, Ns::Word2010, "paraId");
                        comment.paragraph = id.map(|v| v.text().into_owned()).unwrap_or_default();
                        comment.lines.push(String::new());
                    }
                    ("br" | "cr", Some(comment)) => comment.lines.push(String::new()),
                    _ => {}
                }
            }
            Token::Text { text, .. } | Token::Cdata { text, .. } if in_text => {
                if let Some(line) = last.and_then(|c| c.lines.last_mut()) {
                    line.push_str(text);
                }
            }
            Token::Reference { character, .. } if in_text => {
                if let Some(line) = last.and_then(|c| c.lines.last_mut()) {
                    line.push(character);
                }
            }
            Token::End { .. } => in_text = false,
            _ => {}
        }
    }
    for comment in &mut comments {
        // A summary names many annotations, itself last.
        let lines = comment.lines.iter().rev();
        comment.number = lines.filter_map(|l| notes::number_in(l)).next();
    }
    Ok(comments)
}

/// Which comments are answers, and which have been resolved; by the ids of paragraphs.
#[derive(Default)]
struct Threads {
    parents: HashMap<String, String>,
    done: HashSet<String>,
}

impl Threads {
    fn read(package: &mut Package<'_>, main: &str, relations: &[Relation]) -> Result<Self> {
        let mut threads = Self::default();
        let Some(part) = related(package, main, relations, "commentsExtended")? else {
            return Ok(threads);
        };
        let mut cursor = Cursor::new(&part.name, part.text());
        while let Some(token) = cursor.next()? {
            let Token::Start(e) = token else { continue };
            if e.ns != Ns::Word2012 || e.local != "commentEx" {
                continue;
            }
            let id = cursor.own(&e, "paraId").unwrap_or_default().into_owned();
            if let Some(parent) = cursor.own(&e, "paraIdParent") {
                threads.parents.insert(id.clone(), parent.into_owned());
            }
            if matches!(cursor.own(&e, "done").as_deref(), Some("1" | "true" | "on")) {
                threads.done.insert(id);
            }
        }
        Ok(threads)
    }

    fn is_done(&self, comment: &Comment) -> bool {
        self.done.contains(&comment.paragraph)
    }

    fn is_answer(&self, answer: &Comment, comment: &Comment) -> bool {
        let parent = self.parents.get(&answer.paragraph);
        parent.is_some_and(|parent| *parent == comment.paragraph)
    }

    fn is_any_answer(&self, comment: &Comment) -> bool {
        self.parents.contains_key(&comment.paragraph)
    }
}
