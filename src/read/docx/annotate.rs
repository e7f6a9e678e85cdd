//! Puts diagnostics into a document as tracked changes and comments.
//!
//! Parts are spliced, never written anew. Everything is planned on the markup of the original; then the result is read
//! again, and a mark that makes it read otherwise than it should is dropped alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;

use super::additions::Additions;
use super::decisions::{Comment, read_comments};
use super::markup::{Markup, Mint, Names, Order, Root, Spot, Work, escape, ids};
use super::notes::{Note, NoteKind, Notes, name, number};
use super::package::Package;
use super::related;
use crate::annotate::{LeftReason, Options};
use crate::diagnostic::{Diagnostic, Fix, Message, Severity};
use crate::document::{BlockKind, Document, ReadOptions};
use crate::error::{Error, Lang, Result};
use crate::fix::{Standing, Trial, edited, standing, try_all, unexpected};
use crate::report;
use crate::source::{Part, SegmentKind};

/// Lines of the summary: more than this nobody reads in a margin.
const MAX_LISTED: usize = 100;

/// What came of marking diagnostics.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marked {
    /// The file; equal to the original when nothing was to be added.
    pub(crate) bytes: Vec<u8>,
    /// Those that became tracked changes.
    pub(crate) tracked: Vec<Diagnostic>,
    /// How many became comments, those that are tracked as well among them.
    pub(crate) comments: usize,
    /// How many had been annotated before.
    pub(crate) present: usize,
    /// Those that only the summary can speak of, and why.
    pub(crate) left: Vec<(Diagnostic, LeftReason)>,
    /// Lines of the summary.
    listed: Vec<String>,
    /// Errors, warnings, hints.
    counts: [usize; 3],
}

impl Marked {
    /// Adds what was marked in the file that this left behind.
    pub(crate) fn add(&mut self, more: Self) {
        self.bytes = more.bytes;
        self.tracked.extend(more.tracked);
        self.comments += more.comments;
        self.left.extend(more.left);
        self.listed.extend(more.listed);
        for (count, more) in self.counts.iter_mut().zip(more.counts) {
            *count += more;
        }
    }

    /// Whether there is a mark or a line for the summary in it.
    fn is_empty(&self) -> bool {
        self.counts == [0; 3]
    }
}

/// Puts diagnostics into a document: as tracked changes where `tracked` says so and the text allows it, else as comments.
/// What cannot be marked is left to the summary, and so is what has been annotated before.
///
/// # Errors
/// When it is no docx, must not be written, or cannot be.
pub(crate) fn annotate<'d>(
    document: &'d Document,
    diagnostics: &[&'d Diagnostic],
    tracked: &'d HashSet<Standing>,
    options: &'d Options,
) -> Result<Marked> {
    let desk = Desk::open(document, tracked, options)?;
    let mut known = desk.known();
    let (present, wanted): (Vec<_>, Vec<_>) = diagnostics.iter().partition(|d| known.has(&desk, d));
    let unchanged = Marked {
        bytes: desk.bytes.to_vec(),
        present: present.len(),
        ..Marked::default()
    };
    if wanted.is_empty() {
        return Ok(unchanged);
    }
    let original = desk.original()?;
    let attempt = |group: &[&'d Diagnostic], broken: &[&'d Diagnostic]| {
        let mut draft = desk.draft();
        for d in group {
            desk.mark(d, &mut draft);
        }
        for d in broken {
            let number = desk.note(d, &desk.stand(d), NoteKind::Listed, &mut draft);
            desk.list(d, number, LeftReason::BreaksMarkup, &mut draft);
        }
        desk.attempt(&original, draft)
    };
    let (accepted, broken) = try_all(wanted, &mut |group| attempt(group, &[]))?;
    let last = match accepted {
        Some((draft, _)) if broken.is_empty() => Trial::Sound(Box::new(draft)),
        Some((_, group)) => attempt(&group, &broken)?,
        None => attempt(&[], &broken)?,
    };
    let Trial::Sound(draft) = last else {
        return Err(unsound());
    };
    Ok(Marked {
        present: present.len(),
        ..draft.marked
    })
}

/// Puts the summary of what was marked at the title, unless there is one and nothing has been added. `others` is how many
/// diagnostics are not annotated because they may stand.
///
/// # Errors
/// When it must not be written, or cannot be.
pub(crate) fn summarize(
    document: &Document,
    marked: &Marked,
    others: usize,
    options: &Options,
) -> Result<Vec<u8>> {
    let none = HashSet::new();
    let desk = Desk::open(document, &none, options)?;
    if desk.notes.has_summary() && marked.is_empty() {
        return Ok(desk.bytes.to_vec());
    }
    let mut draft = desk.draft();
    draft.notes.insert(0, desk.summary_note()?);
    let main = &desk.markup[desk.main];
    if let Some(title) = &main.title {
        let id = draft.comment(desk.summary(marked, others));
        let (first, last) = comment_range(&main.names, &id);
        draft.around = main.around(title, first, &last);
    }
    match desk.attempt(&desk.original()?, draft)? {
        Trial::Sound(draft) => Ok(draft.marked.bytes),
        Trial::Differs(_) => Err(unsound()),
    }
}

/// What annotating works with.
struct Desk<'d> {
    document: &'d Document,
    bytes: &'d [u8],
    options: &'d Options,
    /// Index of the main part.
    main: usize,
    strict: bool,
    /// The markup of each part.
    markup: Vec<Markup<'d>>,
    ids: Vec<i64>,
    notes: Notes,
    comments: Option<Part>,
    /// What is to be tracked.
    tracked: &'d HashSet<Standing>,
    /// The number of the first new annotation.
    next: usize,
}

/// What is to be written.
struct Draft {
    mint: Mint,
    next: usize,
    /// What is done to each part.
    work: BTreeMap<usize, Work>,
    /// What is put around a paragraph of the main part.
    around: Vec<(Range<usize>, String)>,
    comments: Vec<(String, Vec<String>)>,
    notes: BTreeMap<usize, Note>,
    marked: Marked,
}

/// Where a diagnostic stands.
struct Stand {
    part: usize,
    /// Decoded.
    hull: Range<usize>,
    /// What stands there, and whether that is masked.
    original: String,
    masked: bool,
    /// What would stand there.
    proposed: Vec<String>,
    /// Why it cannot be marked, if so.
    barrier: Option<LeftReason>,
    /// Whether its fix is about other paragraphs, such as the cells below a header.
    elsewhere: bool,
}

impl<'d> Desk<'d> {
    /// # Errors
    /// When the document is no docx, must not be written, or cannot be read.
    fn open(
        document: &'d Document,
        tracked: &'d HashSet<Standing>,
        options: &'d Options,
    ) -> Result<Self> {
        let bytes = document.package.as_deref().ok_or_else(not_docx)?;
        let mut package = Package::open(bytes)?;
        let main_name = package.main.clone();
        let main = document.parts.iter().position(|p| p.name == main_name);
        let main = main.ok_or_else(not_docx)?;
        let markup: Vec<_> = document
            .parts
            .iter()
            .map(Markup::read)
            .collect::<Result<_>>()?;
        let relations = package.relations(&main_name)?;
        let comments = related(&mut package, &main_name, &relations, "comments")?;
        let mut used = Vec::new();
        for part in document.parts.iter().chain(&comments) {
            used.extend(ids(part)?);
        }
        // Parts that hold no text of the document, such as a glossary, have ids too; what is damaged there was damaged
        // before.
        let folder = main_name.rfind('/').map_or("", |at| &main_name[..=at]);
        let read = |name: &str| document.parts.iter().any(|p| p.name == name);
        let others: Vec<String> = package
            .names()
            .filter(|n| n.starts_with(folder) && n.ends_with(".xml") && !read(n))
            .map(str::to_owned)
            .collect();
        for name in others {
            let part = package.part(&name).ok().flatten();
            used.extend(part.and_then(|p| ids(&p).ok()).unwrap_or_default());
        }
        let notes = Notes::read(&mut package)?;
        let bookmarks = markup.iter().flat_map(|m| m.bookmarks.keys());
        let next = bookmarks
            .filter_map(|name| number(name))
            .chain(notes.notes.keys().copied())
            .max();
        Ok(Self {
            document,
            bytes,
            options,
            main,
            strict: markup[main].strict,
            markup,
            ids: used,
            notes,
            comments,
            tracked,
            next: next.map_or(1, |n| n + 1),
        })
    }

    /// Index of the part that a diagnostic stands in.
    fn part(&self, d: &Diagnostic) -> usize {
        let mut parts = self.document.parts.iter();
        parts.position(|p| p.name == d.part).unwrap_or(self.main)
    }

    /// From the first to the last character of a diagnostic, decoded.
    fn hull(&self, d: &Diagnostic) -> Range<usize> {
        let part = &self.document.parts[self.part(d)];
        let start = d.spans.first().map_or(0, |l| l.span.start);
        let end = d.spans.last().map_or(start, |l| l.span.end);
        part.decoded_offset(start)..part.decoded_offset(end)
    }

    fn stand(&self, d: &Diagnostic) -> Stand {
        let hull = self.hull(d);
        let mut stand = Stand {
            part: self.part(d),
            hull,
            original: d.excerpt.form.clone(),
            masked: false,
            proposed: d.suggestions.clone(),
            barrier: Some(LeftReason::NoText),
            elsewhere: false,
        };
        // What an instruction is reported at is a place between blocks.
        let block = match self.document.blocks.get(d.block) {
            Some(block) if !matches!(d.message, Message::Instruction { .. }) => block,
            _ => return stand,
        };
        let text = self.document.text(block);
        let from = block
            .details()
            .and_then(|b| b.map.text_at(stand.hull.start));
        let range = from.map(|from| from..from + stand.original.len());
        let shown = range.clone().and_then(|r| text.get(r));
        stand.masked = shown != Some(stand.original.as_str());
        if let Some((fix, range)) = d.fix.as_ref().zip(range.clone()) {
            stand.elsewhere = fix.text.iter().any(|e| e.block != d.block);
            if !stand.masked && !stand.elsewhere {
                stand.proposed = vec![in_place(text, &range, fix)];
            }
        }
        let pieces = range.map(|r| block.pieces(&r)).unwrap_or_default();
        stand.barrier = if pieces.iter().any(|p| p.kind == SegmentKind::Derived) {
            Some(LeftReason::Computed)
        } else {
            let apart = matches!(block.kind, BlockKind::Comment | BlockKind::Attribute);
            apart.then_some(LeftReason::NoText)
        };
        stand
    }

    /// What has been annotated before.
    fn known(&self) -> Known<'_> {
        let mut known = Known {
            marked: Vec::new(),
            listed: HashMap::new(),
        };
        for markup in &self.markup {
            let mut marked = Vec::new();
            for (name, range) in &markup.bookmarks {
                let Some(note) = number(name).map(|n| self.notes.notes.get(&n)) else {
                    continue;
                };
                // What still fires inside a change of ours that is open is new.
                let open = note.is_some_and(|n| {
                    n.kind == NoteKind::Tracked && markup.has_revisions(range, &n.author)
                });
                if !open {
                    marked.push((range.clone(), note.map(|n| n.rule.as_str())));
                }
            }
            known.marked.push(marked);
        }
        for note in self.notes.notes.values() {
            // One with a bookmark is found by it, or is gone.
            if note.kind == NoteKind::Listed {
                let key = (note.rule.clone(), note.part.clone(), note.original.clone());
                *known.listed.entry(key).or_default() += 1;
            }
        }
        known
    }

    /// The document as results are compared with it: without its comments, because they have more of them.
    ///
    /// # Errors
    /// When it must not be written, or cannot be read.
    fn original(&self) -> Result<Document> {
        if let Some(refusal) = self.document.refusal_to_write() {
            return Err(refusal);
        }
        let options = options_to_reread(self.document);
        Document::parse(&self.document.name, self.bytes.to_vec(), &options)
    }

    /// A draft with nothing in it.
    fn draft(&self) -> Draft {
        let options = self.options;
        let time = options.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Draft {
            mint: Mint::new(self.ids.iter().copied(), &options.author, &time),
            next: self.next,
            work: BTreeMap::new(),
            around: Vec::new(),
            comments: Vec::new(),
            notes: BTreeMap::new(),
            marked: Marked::default(),
        }
    }

    /// Writes a draft into the file, if that reads as it should.
    fn attempt(&self, original: &Document, mut draft: Draft) -> Result<Trial<Draft>> {
        let bytes = self.write(&mut draft)?;
        let options = options_to_reread(self.document);
        let Ok(new) = Document::parse(&self.document.name, bytes.clone(), &options) else {
            return Ok(Trial::Differs(BTreeSet::new()));
        };
        draft.marked.bytes = bytes;
        Ok(match unexpected(original, &new, &draft.expected()) {
            Some(blocks) => Trial::Differs(blocks),
            None => Trial::Sound(Box::new(draft)),
        })
    }

    /// Plans the marks of one diagnostic.
    fn mark(&self, d: &Diagnostic, draft: &mut Draft) {
        let stand = self.stand(d);
        let edges = self.edges(&stand);
        let tracked = edges.is_some() && self.track(d, &stand, draft);
        let wants_comment = self.options.mode.comments() || !tracked || stand.elsewhere;
        let takes_comment = edges.is_some_and(|(start, _)| {
            stand.part == self.main && !self.markup[stand.part].is_in_box(start)
        });
        let comments = wants_comment && takes_comment;
        let kind = match edges {
            _ if tracked && stand.elsewhere => NoteKind::Elsewhere,
            _ if tracked => NoteKind::Tracked,
            _ if comments => NoteKind::Comment,
            Some(_) => NoteKind::Marked,
            None => NoteKind::Listed,
        };
        let number = self.note(d, &stand, kind, draft);
        if let (Some((start, end)), Some(note)) = (edges, draft.notes.get_mut(&number)) {
            note.wide = !start.exact || !end.exact;
        }
        draft.marked.comments += usize::from(comments);
        if wants_comment && !comments {
            let reason = match edges {
                Some(_) => LeftReason::NoComments,
                None => stand.barrier.unwrap_or(LeftReason::NoText),
            };
            self.list(d, number, reason, draft);
        }
        if let Some(edges) = edges {
            let text = comments.then(|| comment_text(d, number, self.options.lang));
            self.surround(&stand, edges, number, text, draft);
        }
    }

    /// Where a bookmark or comment starts and ends that is about a diagnostic.
    fn edges(&self, stand: &Stand) -> Option<(Spot, Spot)> {
        if stand.barrier.is_some() {
            return None;
        }
        let markup = &self.markup[stand.part];
        let start = markup.range_start(stand.hull.start)?;
        Some((start, markup.range_end(stand.hull.end)?))
    }

    /// Plans a bookmark and perhaps a comment around a diagnostic.
    fn surround(
        &self,
        stand: &Stand,
        (start, end): (Spot, Spot),
        number: usize,
        text: Option<Vec<String>>,
        draft: &mut Draft,
    ) {
        let names = &self.markup[stand.part].names;
        let id = names.attribute("id", &draft.mint.id());
        let mut before = format!(
            "{}{id}{}/>",
            names.open("bookmarkStart"),
            names.attribute("name", &name(number))
        );
        let mut behind = format!("{}{id}/>", names.open("bookmarkEnd"));
        let comments = text.is_some();
        if let Some(text) = text {
            let id = draft.comment(text);
            let (first, last) = comment_range(names, &id);
            before.push_str(&first);
            // LibreOffice puts the end of a bookmark wrong that stands in front of a comment's.
            behind.insert_str(0, &last);
        }
        let work = draft.work.entry(stand.part).or_default();
        work.put(start, Order::Start, before, false);
        work.put(end, Order::End, behind, comments);
    }

    /// Plans the tracked changes of a diagnostic; `false` when there are none, or none that its text allows.
    fn track(&self, d: &Diagnostic, stand: &Stand, draft: &mut Draft) -> bool {
        let fix = d
            .fix
            .as_ref()
            .filter(|_| self.tracked.contains(&standing(d)));
        let Some(changes) = fix.and_then(|fix| self.changes(fix, stand)) else {
            return false;
        };
        let markup = &self.markup[stand.part];
        let work = draft.work.entry(stand.part).or_default();
        for change in changes {
            for (run, range) in change.deleted {
                work.delete(run, range);
            }
            if let Some((spot, order)) = change.insertion {
                let new = markup.inserted(change.like, &change.content, &mut draft.mint);
                work.put(spot, order, new, true);
            }
        }
        draft.marked.tracked.push(d.clone());
        true
    }

    /// A fix as deletions in runs, and insertions behind them; `None` where runs cannot be split so.
    ///
    /// Each place of the text begins with an edit that has the new text; what is emptied beside it belongs to it. Where
    /// nothing stays between them, the new text goes behind all that is deleted, as a person would do it.
    fn changes(&self, fix: &Fix, stand: &Stand) -> Option<Vec<Change>> {
        let markup = &self.markup[stand.part];
        let part = &self.document.parts[stand.part];
        let contiguous = fix.text.len() == 1;
        let mut changes: Vec<Change> = Vec::new();
        for edit in &fix.edits {
            let range = part.decoded_offset(edit.span.start)..part.decoded_offset(edit.span.end);
            let deleted = markup.deletable(&range)?;
            let is_new = !edit.content.is_empty();
            match changes.last_mut().filter(|_| !is_new) {
                Some(change) => {
                    let (run, _) = deleted.first()?;
                    let same_parent = markup.runs[*run].parent == markup.runs[change.like].parent;
                    if change.insertion.is_some() && contiguous && same_parent {
                        change.insertion = Some((markup.behind(range.end)?, Order::Insertion));
                    }
                    change.deleted.extend(deleted);
                }
                None => {
                    let (spot, order) = if !range.is_empty() {
                        (markup.behind(range.end)?, Order::Insertion)
                    } else if range.start == stand.hull.start {
                        (markup.before(range.start)?, Order::InsertionAtStart)
                    } else {
                        let at = range.start;
                        let behind = markup.behind(at).or_else(|| markup.before(at));
                        (behind?, Order::Insertion)
                    };
                    changes.push(Change {
                        like: deleted.first().map_or(spot.run, |&(run, _)| Some(run))?,
                        deleted,
                        insertion: is_new.then_some((spot, order)),
                        content: edit.content.clone(),
                    });
                }
            }
        }
        let possible = changes
            .iter()
            .filter_map(|c| c.insertion)
            .all(|(spot, _)| markup.takes_insertions(spot));
        possible.then_some(changes)
    }

    /// Notes what an annotation says; gives its number.
    fn note(&self, d: &Diagnostic, stand: &Stand, kind: NoteKind, draft: &mut Draft) -> usize {
        let number = draft.next;
        draft.next += 1;
        let start = d.spans.first().map(|l| l.start);
        let note = Note {
            rule: d.rule.clone(),
            found: d.found.clone(),
            original: stand.original.clone(),
            masked: stand.masked,
            wide: false,
            proposed: stand.proposed.clone(),
            kind,
            author: self.options.author.clone(),
            part: d.part.clone(),
            place: report::place(&d.place, start, self.options.lang),
            older: Vec::new(),
        };
        draft.notes.insert(number, note);
        let nth = match d.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Info => 2,
        };
        draft.marked.counts[nth] += 1;
        number
    }

    /// Puts a diagnostic into the summary.
    fn list(&self, d: &Diagnostic, number: usize, reason: LeftReason, draft: &mut Draft) {
        let lang = self.options.lang;
        let Some(note) = draft.notes.get(&number) else {
            return;
        };
        let tracked = matches!(note.kind, NoteKind::Tracked | NoteKind::Elsewhere);
        let place = &note.place;
        let why = if tracked {
            lang.pick("已作修订", "tracked")
        } else {
            reason.text(lang)
        };
        let text = comment_text(d, number, lang).join(lang.pick("；", "; "));
        let line = match lang {
            Lang::Zh => format!("{place}（{why}）：{text}"),
            Lang::En => format!("{place} ({why}): {text}"),
        };
        draft.marked.listed.push(line);
        if !tracked {
            draft.marked.left.push((d.clone(), reason));
        }
    }

    /// The file with the draft's marks in it.
    fn write(&self, draft: &mut Draft) -> Result<Vec<u8>> {
        let mut splices: BTreeMap<usize, Vec<(Range<usize>, String)>> = BTreeMap::new();
        for (&part, work) in &draft.work {
            let markup = &self.markup[part];
            splices.insert(part, markup.rewrite(work, &mut draft.mint));
        }
        let around = std::mem::take(&mut draft.around);
        splices.entry(self.main).or_default().extend(around);

        let mut package = Package::open(self.bytes)?;
        let mut additions = Additions::new(&mut package, self.strict);
        for (part, mut splices) in splices {
            splices.sort_by_key(|(range, _)| (range.start, range.end));
            additions.splice(&self.document.parts[part], &splices)?;
        }
        self.write_comments(draft, &mut additions)?;
        self.notes.add(&draft.notes, self.strict, &mut additions)?;
        additions.rebuild()
    }

    fn summary_note(&self) -> Result<Note> {
        let name = &self.document.name;
        let comments = self.comments.as_ref().map(read_comments).transpose()?;
        let comments = comments.unwrap_or_default();
        Ok(Note {
            kind: NoteKind::Summary,
            author: self.options.author.clone(),
            // The folder is nobody's business who gets the file.
            place: name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned(),
            older: comments
                .iter()
                .filter(|c| c.number.is_none())
                .map(Comment::fingerprint)
                .collect(),
            ..Note::default()
        })
    }

    fn write_comments(&self, draft: &mut Draft, additions: &mut Additions<'_, '_>) -> Result<()> {
        if draft.comments.is_empty() {
            return Ok(());
        }
        let (mut names, declaration) = Names::of_new_part(self.strict);
        if let Some(part) = &self.comments {
            names = Markup::read(part)?.names;
        }
        let initials: String = self.options.author.chars().take(1).collect();
        let mut children = String::new();
        for (id, lines) in &draft.comments {
            let Mint { author, date, .. } = &draft.mint;
            let attributes = [("id", id), ("author", author), ("date", date)]
                .map(|(name, value)| names.attribute(name, value))
                .concat();
            children.push_str(&names.open("comment"));
            children.push_str(&attributes);
            children.push_str(&names.attribute("initials", &escape(&initials)));
            children.push('>');
            for line in lines {
                let (open, close) = (|n| format!("{}>", names.open(n)), |n| names.close(n));
                // Writing to a string cannot fail.
                let _ = write!(
                    children,
                    "{}{}{} xml:space=\"preserve\">{}{}{}{}",
                    open("p"),
                    open("r"),
                    names.open("t"),
                    escape(line),
                    close("t"),
                    close("r"),
                    close("p")
                );
            }
            children.push_str(&names.close("comment"));
        }
        match &self.comments {
            Some(part) => additions.splice(part, &[Root::find(part)?.append(&children)]),
            None => {
                let content = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n{}{declaration}>{children}{}",
                    names.open("comments"),
                    names.close("comments")
                );
                let main = &self.document.parts[self.main].name;
                let folder = main.rfind('/').map_or("", |at| &main[..=at]);
                additions.add(
                    main,
                    &format!("{folder}comments"),
                    "comments",
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml",
                    content,
                )
            }
        }
    }

    /// The lines of the comment at the title.
    fn summary(&self, marked: &Marked, others: usize) -> Vec<String> {
        let lang = self.options.lang;
        let [errors, warnings, infos] = marked.counts;
        let (tracked, comments) = (marked.tracked.len(), marked.comments);
        let left = marked.left.len();
        let mut lines = vec![
            lang.pick("正名校对摘要", "zhengming: summary").to_owned(),
            match lang {
                Lang::Zh if errors + warnings + infos == 0 => "未发现问题".to_owned(),
                Lang::En if errors + warnings + infos == 0 => "nothing was found".to_owned(),
                Lang::Zh => format!(
                    "错误 {errors}，警告 {warnings}，提示 {infos}；修订 {tracked} 处，批注 {comments} 处，仅列于此 {left} 处"
                ),
                Lang::En => format!(
                    "{errors} errors, {warnings} warnings, {infos} infos; tracked: {tracked}, comments: {comments}, only listed here: {left}"
                ),
            },
        ];
        if others > 0 {
            lines.push(match lang {
                Lang::Zh => format!("引述、沿用旧称或已决定保留而未标注的 {others} 处"),
                Lang::En => format!("not marked because they may stand: {others}"),
            });
        }
        let notices = self.document.notices.iter();
        for notice in notices.filter(|n| n.code.means_unchecked()) {
            lines.push(report::notice(notice, lang));
        }
        let more = marked.listed.len().saturating_sub(MAX_LISTED);
        lines.extend(marked.listed.iter().take(MAX_LISTED).cloned());
        if more > 0 {
            lines.push(match lang {
                Lang::Zh => format!("另有 {more} 处未列出，请用 zhengming check 查看"),
                Lang::En => format!("{more} more are not listed: see zhengming check"),
            });
        }
        let (digest, version) = (&self.options.lexicon, env!("CARGO_PKG_VERSION"));
        lines.push(match lang {
            Lang::Zh => format!("词库 {digest}；正名 {version}（{}）", name(0)),
            Lang::En => format!("lexicon {digest}; zhengming {version} ({})", name(0)),
        });
        lines
    }
}

/// A stretch that is replaced.
struct Change {
    /// Pieces of runs.
    deleted: Vec<(usize, Range<usize>)>,
    /// Where the new text goes.
    insertion: Option<(Spot, Order)>,
    /// The run that the new text is formatted like.
    like: usize,
    /// The new text, escaped.
    content: String,
}

impl Draft {
    /// Adds a comment; gives its id.
    fn comment(&mut self, lines: Vec<String>) -> String {
        let id = self.mint.id();
        self.comments.push((id.clone(), lines));
        id
    }

    /// How the texts of blocks are to change, by block.
    fn expected(&self) -> BTreeMap<usize, Vec<(Range<usize>, &str)>> {
        let mut edits: BTreeMap<usize, Vec<(Range<usize>, &str)>> = BTreeMap::new();
        for d in &self.marked.tracked {
            for edit in d.fix.iter().flat_map(|f| &f.text) {
                let texts = edits.entry(edit.block).or_default();
                texts.push((edit.range.clone(), edit.content.as_str()));
            }
        }
        edits
    }
}

/// What has been annotated before.
struct Known<'d> {
    /// Where our bookmarks stand in each part, and which rule they are about, if that is known.
    marked: Vec<Vec<(Range<usize>, Option<&'d str>)>>,
    /// How many are in a summary, by rule, part, and what stands there.
    listed: HashMap<(String, String, String), usize>,
}

impl Known<'_> {
    /// Whether a diagnostic has been annotated: a bookmark of that rule stands around it, or a summary lists it. Each
    /// line of a summary answers for one.
    fn has(&mut self, desk: &Desk<'_>, d: &Diagnostic) -> bool {
        let hull = desk.hull(d);
        let mut marked = self.marked[desk.part(d)].iter();
        let key = (d.rule.clone(), d.part.clone(), d.excerpt.form.clone());
        marked.any(|(range, rule)| {
            range.start <= hull.start
                && hull.end <= range.end
                && rule.is_none_or(|rule| rule == d.rule)
        }) || self.listed.get_mut(&key).is_some_and(|left| {
            let has = *left > 0;
            *left -= usize::from(has);
            has
        })
    }
}

fn options_to_reread(document: &Document) -> ReadOptions {
    ReadOptions {
        comments: false,
        ..document.options.clone()
    }
}

/// What stands at `range` of `text` after a fix.
fn in_place(text: &str, range: &Range<usize>, fix: &Fix) -> String {
    let edits: Vec<_> = fix
        .text
        .iter()
        .map(|e| (e.range.clone(), e.content.as_str()))
        .collect();
    let behind = text.len() - range.end;
    let new = edited(text, &edits);
    new.get(range.start..new.len() - behind)
        .unwrap_or_default()
        .to_owned()
}

/// What a comment says about a diagnostic, line by line. The last line holds what the comment is found by again.
fn comment_text(d: &Diagnostic, number: usize, lang: Lang) -> Vec<String> {
    let severity = report::severity_name(d.severity, lang);
    let message = d.message.render(lang);
    let colon = lang.pick("：", ": ");
    let mut lines = vec![match lang {
        Lang::Zh => format!("【{severity}】{message}"),
        Lang::En => format!("[{severity}] {message}"),
    }];
    if !d.suggestions.is_empty() {
        let list = d.suggestions.join(lang.pick("、", ", "));
        lines.push(format!("{}{colon}{list}", lang.pick("建议", "Suggestion")));
    }
    let further = [
        (lang.pick("理由", "Reason"), &d.reason),
        (lang.pick("依据", "Source"), &d.source),
    ];
    for (word, text) in further {
        lines.extend(text.as_ref().map(|text| format!("{word}{colon}{text}")));
    }
    let (rule, name) = (&d.rule, name(number));
    lines.push(match lang {
        Lang::Zh => format!("规则：{rule}（{name}）"),
        Lang::En => format!("Rule: {rule} ({name})"),
    });
    lines
}

/// What goes before and behind a text that a comment is about.
fn comment_range(names: &Names, id: &str) -> (String, String) {
    let id = names.attribute("id", id);
    let before = format!("{}{id}/>", names.open("commentRangeStart"));
    let behind = format!(
        "{}{id}/>{}>{}{id}/>{}",
        names.open("commentRangeEnd"),
        names.open("r"),
        names.open("commentReference"),
        names.close("r")
    );
    (before, behind)
}

pub(super) fn not_docx() -> Error {
    Error::document(
        "只有 docx（docm、dotx、dotm）能加修订和批注；其他格式请另存为 docx",
        "only docx (docm, dotx, dotm) takes tracked changes and comments: save it as docx",
    )
}

fn unsound() -> Error {
    Error::document(
        "加入批注后文件不能照原样读回，未写入；请用 Word 或 WPS 另存后再试",
        "with comments the file does not read as before; nothing was written. Save it again with Word or WPS",
    )
}
