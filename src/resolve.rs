//! Raw matches -> diagnostics: guards, overlaps, mentions, places, fixes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::diagnostic::{
    Applicability, Demotion, DemotionReason, Diagnostic, Disguise, Edit, Excerpt, Fix, Location,
    Message, Severity, TextEdit,
};
use crate::document::{Block, Document, Mark, Place};
use crate::history;
use crate::lexicon::FixMode;
use crate::linter::Match;
use crate::mention;
use crate::normal::{CharFold, Folded, fold_char, fold_form};
use crate::rule::citation;
use crate::rule::privacy::{self, Privacy, Survey};
use crate::source::{Columns, LineIndex, Piece, Position, SegmentKind, SourceMap};

/// What ends a sentence, for guards that look at one.
const SENTENCE_ENDS: [char; 6] = ['。', '！', '？', '；', '\n', '\u{C}'];

/// Characters that a sentence has at most on either side of a form.
const SENTENCE: usize = 500;

/// Characters of context that an excerpt shows on either side.
const EXCERPT: usize = 30;

/// Drops what a guard permits, and of overlapping matches keeps the longest, then the first.
pub(crate) fn settle<'l>(matches: Vec<Match<'l>>, folded: &Folded<'_>) -> Vec<Match<'l>> {
    let mut matches: Vec<_> = matches
        .into_iter()
        .filter(|m| {
            blanks_agree(m, folded)
                && !blanks_stand_for_marks(m, folded)
                && !is_guarded(m, folded.text())
        })
        .collect();
    citation::drop_parts(&mut matches, folded.text());
    matches.sort_by_key(|m| (Reverse(m.priority), Reverse(m.range.len()), m.range.start));
    let mut kept: BTreeMap<usize, Match<'l>> = BTreeMap::new();
    for m in matches {
        // What is kept does not overlap, so that only the last one that starts before the end of `m` may.
        let last = kept.range(..m.range.end).next_back();
        if last.is_none_or(|(_, k)| k.range.end <= m.range.start) {
            kept.insert(m.range.start, m);
        }
    }
    kept.into_values().collect()
}

/// The sentence around `range`, as a byte range of `text`. It reaches no further than [`SENTENCE`] characters on either
/// side: what goes on for longer is a list or no prose.
pub(crate) fn sentence(text: &str, range: &Range<usize>) -> Range<usize> {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let first = before.char_indices().rev().nth(SENTENCE - 1);
    let first = first.map_or(0, |(at, _)| at);
    let last = after.char_indices().nth(SENTENCE);
    let last = last.map_or(after.len(), |(at, _)| at);
    let start = before[first..].rfind(SENTENCE_ENDS).map_or(first, |at| {
        let at = first + at;
        at + text[at..].chars().next().map_or(1, char::len_utf8)
    });
    let end = after[..last].find(SENTENCE_ENDS).unwrap_or(last);
    start..range.end + end
}

/// A form may hold one blank, or the same blank between all its characters: anything else is a table or a list.
fn blanks_agree(m: &Match<'_>, folded: &Folded<'_>) -> bool {
    // What reads the text as it is has its own mind about blanks.
    if m.message.as_ref().is_some_and(Message::reads_text) {
        return true;
    }
    let mut blanks = folded.dropped(&m.range).iter().filter_map(|d| d.blank);
    let Some(first) = blanks.next() else {
        return true;
    };
    let mut count = 1;
    for blank in blanks {
        if blank != first {
            return false;
        }
        count += 1;
    }
    count == 1 || count + 1 == folded.text()[m.range.clone()].chars().count()
}

/// In titles and slogans a blank or a new line takes the place of a mark: 中共中央 国务院 is not 中共中央国务院.
fn blanks_stand_for_marks(m: &Match<'_>, folded: &Folded<'_>) -> bool {
    const MARKS: [char; 5] = ['、', '，', '；', '：', '·'];
    let gaps = folded.dropped(&m.range);
    let mut gaps: Vec<usize> = gaps
        .iter()
        .filter(|d| matches!(d.disguise, Disguise::Blank | Disguise::LineWrap))
        .map(|d| d.at as usize - m.range.start)
        .collect();
    gaps.dedup();
    let found = &folded.text()[m.range.clone()];
    let only_lacks_marks = |suggestion: &str| {
        let mut found = found.char_indices().peekable();
        let mut filled = 0;
        for c in suggestion.chars() {
            let next = found.peek().map(|&(at, _)| at);
            if MARKS.contains(&c) && gaps.get(filled).copied() == next {
                filled += 1;
            } else if found.next().is_none_or(|(_, f)| f != c) {
                return false;
            }
        }
        filled == gaps.len() && found.next().is_none()
    };
    m.message.is_none()
        && !gaps.is_empty()
        && !m.suggestions.is_empty()
        && m.suggestions.iter().all(|s| only_lacks_marks(s))
}

fn is_guarded(m: &Match<'_>, text: &str) -> bool {
    let (before, after) = (&text[..m.range.start], &text[m.range.end..]);
    let entry = &m.rule.entry;
    let any = |guards: &[String], holds: &dyn Fn(&str) -> bool| {
        guards.iter().any(|guard| holds(&fold_form(guard)))
    };
    // Many write the brackets of a title within a title so.
    let is_bracket = |g: &str| g == "〈" && before.ends_with(['<', '＜']);
    any(&entry.unless_preceded_by, &|g| {
        before.ends_with(g) || is_bracket(g)
    }) || any(&entry.unless_followed_by, &|g| after.starts_with(g))
        || !entry.unless_in_sentence.is_empty() && {
            let sentence = &text[sentence(text, &m.range)];
            any(&entry.unless_in_sentence, &|g| sentence.contains(g))
        }
}

/// Turns the matches of one block into diagnostics.
pub(crate) fn report(
    matches: &[Match<'_>],
    folded: &Folded<'_>,
    index: usize,
    places: &mut Places<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let document = places.document;
    let block = &document.blocks[index];
    let text = document.text(block);
    if matches.is_empty() {
        return;
    }
    let secrets = Secrets::new(matches, folded, index, places);
    for m in matches {
        let original = folded.original(&m.range);
        let pieces = block.pieces(&original);
        let disguises = disguises(m, folded, text, &original, &pieces);
        let reason = if Privacy::owns(m.rule) {
            None
        } else if mention::is_mention(document, index, folded, m) {
            Some(DemotionReason::Mention)
        } else if history::is_historical(folded.text(), m) {
            Some(DemotionReason::Historical)
        } else {
            None
        };
        let demoted = reason.map(|reason| Demotion {
            from: m.rule.severity,
            reason,
        });
        let twins = block.details().map_or(&[][..], |b| &b.twins);
        // A fix that repeats a value would show it.
        let shows = |fix: &Fix| fix.edits.iter().any(|e| secrets.are_in(&e.content));
        let (fix, mut alternatives) = fixes(m, folded, places, index);
        for alternative in &mut alternatives {
            alternative.take_if(|fix| shows(fix));
        }
        diagnostics.push(Diagnostic {
            rule: m.rule.entry.id.clone(),
            category: m.rule.entry.category.clone(),
            severity: demoted.map_or(m.rule.severity, |_| Severity::Info),
            part: document.parts[block.part].name.clone(),
            block: index,
            range: original.clone(),
            spans: places.locate(block, &pieces),
            twins: twins
                .iter()
                .flat_map(|map| places.locate(block, &map.pieces(&original)))
                .collect(),
            place: block.place(),
            message: match &m.message {
                None => Message::Wording {
                    found: m.found.to_string(),
                    canonical: m.suggestions.to_vec(),
                },
                Some(message) => message.redacted(&|text| secrets.redact(text)),
            },
            found: secrets.redact(&m.found),
            suggestions: m.suggestions.iter().map(|s| secrets.redact(s)).collect(),
            reason: m.rule.entry.reason.clone(),
            source: m.rule.entry.source.clone(),
            fix: fix.filter(|fix| !shows(fix)).map(|fix| Fix {
                applicability: if demoted.is_some() {
                    Applicability::DisplayOnly
                } else if disguises.contains(&Disguise::Traditional) {
                    fix.applicability.min(Applicability::Unsafe)
                } else {
                    fix.applicability
                },
                ..fix
            }),
            alternatives,
            disguises,
            demoted,
            suppressed: None,
            excerpt: excerpt(text, &original, &secrets),
        });
    }
}

/// How the text hid the form, each way once.
fn disguises(
    m: &Match<'_>,
    folded: &Folded<'_>,
    text: &str,
    original: &Range<usize>,
    pieces: &[Piece],
) -> Vec<Disguise> {
    let mut found: Vec<Disguise> = Vec::new();
    if text[original.clone()] != *m.found {
        found.extend(folded.dropped(&m.range).iter().map(|d| d.disguise));
        // A letter that the lexicon itself writes this way is no disguise.
        let spelled: Vec<char> = m.found.chars().collect();
        for (at, disguise) in folded.changed(&m.range) {
            let nth = folded.text()[m.range.start..at].chars().count();
            let char_range = folded.original(&(at..at + 1));
            let written = text[char_range].chars().next();
            if spelled.get(nth).copied() != written {
                found.push(disguise);
            }
        }
    }
    for (nth, piece) in pieces.iter().enumerate() {
        if piece.kind == SegmentKind::Entity {
            found.push(Disguise::Entity);
        }
        let next = pieces.get(nth + 1);
        if next.is_some_and(|n| n.source.start != piece.source.end) {
            found.push(Disguise::SplitMarkup);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What the diagnostics of a block must not show.
struct Secrets {
    /// Byte ranges of the block's text, a character each, in order.
    hidden: Vec<Range<usize>>,
    /// Finds the values, as the text and its normal form have them, in what rules say; and their masks.
    values: Option<(AhoCorasick, Vec<String>)>,
}

impl Secrets {
    fn new(matches: &[Match<'_>], folded: &Folded<'_>, index: usize, places: &Places<'_>) -> Self {
        let text = places.document.text(&places.document.blocks[index]);
        let mut hidden = places.personal.hidden(index, text);
        let (mut values, mut masks) = (Vec::new(), Vec::new());
        for value in places.personal.values(index) {
            let range = folded.range_of(&value.range);
            for written in [&text[value.range.clone()], &folded.text()[range]] {
                masks.push(privacy::masked(value.kind, written));
                values.push(written);
            }
        }
        for m in matches.iter().filter(|m| m.found.contains(privacy::MASK)) {
            let written = &folded.text()[m.range.clone()];
            if written.chars().count() != m.found.chars().count() {
                continue;
            }
            for ((at, c), shown) in written.char_indices().zip(m.found.chars()) {
                if shown == privacy::MASK && c != shown {
                    let start = m.range.start + at;
                    hidden.push(folded.original(&(start..start + c.len_utf8())));
                }
            }
        }
        hidden.sort_by_key(|r| r.start);
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest);
        let finder = (!values.is_empty())
            .then(|| builder.build(values).ok())
            .flatten();
        Self {
            hidden,
            values: finder.map(|finder| (finder, masks)),
        }
    }

    /// Whether the character at a byte of the block's text must not be shown.
    fn hide(&self, at: usize) -> bool {
        let next = self.hidden.partition_point(|r| r.end <= at);
        self.hidden.get(next).is_some_and(|r| r.start <= at)
    }

    fn are_in(&self, text: &str) -> bool {
        self.values
            .as_ref()
            .is_some_and(|(finder, _)| finder.is_match(text))
    }

    /// A text that a rule made from the block, without the values in it.
    fn redact(&self, text: &str) -> String {
        match &self.values {
            Some((finder, masks)) => finder.replace_all(text, masks),
            None => text.to_owned(),
        }
    }
}

/// The fix of a match, or what each of its suggestions would change where none of them is the one fix.
fn fixes(
    m: &Match<'_>,
    folded: &Folded<'_>,
    places: &mut Places<'_>,
    index: usize,
) -> (Option<Fix>, Vec<Option<Fix>>) {
    let mut fixes: Vec<_> = match m.message {
        Some(Message::PersonalColumn { .. }) => vec![masking(m, folded, places, index)],
        _ => {
            let suggestions = m.suggestions.iter();
            suggestions
                .map(|suggestion| rewording(m, suggestion, folded, places, index))
                .collect()
        }
    };
    let applicability = match m.rule.entry.fix {
        FixMode::Safe => Applicability::Safe,
        FixMode::Unsafe => Applicability::Unsafe,
        FixMode::None => Applicability::DisplayOnly,
    };
    let part = &places.document.parts[places.document.blocks[index].part];
    for fix in fixes.iter_mut().flatten() {
        fix.edits.sort_by_key(|e| e.span);
        if fix.edits.iter().all(|e| part.encode(&e.content).is_ok()) {
            fix.applicability = applicability;
        }
    }
    match &mut fixes[..] {
        [only] if m.rule.entry.fix != FixMode::None => (only.take(), Vec::new()),
        _ => (None, fixes),
    }
}

/// Masks the cells below a header.
fn masking(
    m: &Match<'_>,
    folded: &Folded<'_>,
    places: &mut Places<'_>,
    index: usize,
) -> Option<Fix> {
    let (document, personal) = (places.document, places.personal);
    let mut fix = Fix::default();
    let header = (index, folded.original(&m.range).start);
    for (block, value) in personal.column(header) {
        let text = document.text(&document.blocks[block]);
        let written = &text[value.range.clone()];
        let old = written.char_indices().map(|(at, c)| {
            let start = value.range.start + at;
            (c, start..start + c.len_utf8())
        });
        let change = Change::between(
            text,
            &old.collect::<Vec<_>>(),
            &privacy::masked(value.kind, written),
        );
        change?.add_to(&mut fix, places, block, &value.range)?;
    }
    Some(fix)
}

/// Turns the form into a suggestion, and changes nothing more: what both share at the ends stays.
fn rewording(
    m: &Match<'_>,
    suggestion: &str,
    folded: &Folded<'_>,
    places: &mut Places<'_>,
    index: usize,
) -> Option<Fix> {
    let mut fix = Fix::default();
    let text = places.document.text(&places.document.blocks[index]);
    let old = folded.text()[m.range.clone()]
        .char_indices()
        .map(|(at, c)| {
            let start = m.range.start + at;
            (c, folded.original(&(start..start + c.len_utf8())))
        });
    let change = Change::between(text, &old.collect::<Vec<_>>(), suggestion)?;
    change.add_to(&mut fix, places, index, &folded.original(&m.range))?;
    Some(fix)
}

/// What must change in a block's text.
struct Change {
    /// The changed characters, each as a range of the block's text; empty for an insertion.
    chars: Vec<Range<usize>>,
    /// The character before the change, or behind it where there is none before.
    anchor: (Range<usize>, Side),
    /// What takes their place.
    content: String,
}

#[derive(Clone, Copy)]
enum Side {
    /// Insert behind the anchor.
    After,
    /// Insert in front of it.
    Before,
}

impl Change {
    /// From the characters of `text`, each with its range, to what should stand there; `None` where they fold to the
    /// same.
    fn between(text: &str, old: &[(char, Range<usize>)], canonical: &str) -> Option<Self> {
        let canonical: Vec<char> = canonical.chars().collect();
        // What lies between a character and the one before it, where that is a blank.
        let blank = |nth: usize| {
            let gap = old[nth - 1].1.end..old[nth].1.start;
            let between = text.get(gap.clone())?;
            let is_blank = between.contains([' ', '\u{A0}', '\u{3000}']);
            (is_blank && !between.contains(['\n', '\r'])).then_some(gap)
        };
        let same = |o: &(char, Range<usize>), c: &char| match fold_char(*c) {
            CharFold::To(to, _) => o.0 == to,
            _ => o.0 == *c,
        };
        let most = old.len().min(canonical.len());
        let prefix = (0..most)
            .take_while(|&n| same(&old[n], &canonical[n]))
            .count();
        let suffix = (0..most - prefix)
            .take_while(|&n| same(&old[old.len() - 1 - n], &canonical[canonical.len() - 1 - n]))
            .count();
        let content: String = canonical[prefix..canonical.len() - suffix].iter().collect();
        let end = old.len() - suffix;
        let mut chars: Vec<Range<usize>> = Vec::new();
        for (nth, (_, range)) in old.iter().enumerate().take(end).skip(prefix) {
            // The blanks of a form that is spaced out go with its characters.
            let is_inside = nth > prefix || nth > 0 && content.is_empty();
            if is_inside {
                chars.extend(blank(nth));
            }
            chars.push(range.clone());
        }
        if prefix == 0 && content.is_empty() && 0 < end && end < old.len() {
            chars.extend(blank(end));
        }
        if chars.is_empty() && content.is_empty() {
            return None;
        }
        let anchor = match prefix.checked_sub(1) {
            Some(before) => (old[before].1.clone(), Side::After),
            None => (old[0].1.clone(), Side::Before),
        };
        Some(Self {
            chars,
            anchor,
            content,
        })
    }

    /// Adds the edits of the part and of the block's text, for a match at `whole`; `None` where its source cannot be
    /// edited.
    fn add_to(
        &self,
        fix: &mut Fix,
        places: &mut Places<'_>,
        index: usize,
        whole: &Range<usize>,
    ) -> Option<()> {
        let document = places.document;
        let block = &document.blocks[index];
        let content = block.escape().apply(&self.content)?;
        let part = &document.parts[block.part];
        let own = |range: &Range<usize>| block.pieces(range);
        let pieces = own(whole);
        if pieces.is_empty() || !pieces.iter().all(|p| p.kind.is_editable()) {
            return None;
        }
        let mut push = |source: Range<usize>, content| {
            fix.edits.push(Edit {
                span: part.stored(&source),
                lines: places.lines(block, &source),
                content,
            });
        };
        self.edits(&own, &content, &mut push);
        for twin in block.details().map_or(&[][..], |b| &b.twins) {
            let pieces = |range: &Range<usize>| SourceMap::pieces(twin, range);
            self.edits(&pieces, &content, &mut push);
        }
        let edits = self.text_edits().into_iter();
        fix.text.extend(edits.map(|(range, content)| TextEdit {
            block: index,
            range,
            content,
        }));
        Some(())
    }

    /// Calls `edit` for each decoded range that changes: the first gets the content, the others are emptied.
    fn edits(
        &self,
        pieces: &dyn Fn(&Range<usize>) -> Vec<Piece>,
        content: &str,
        edit: &mut dyn FnMut(Range<usize>, String),
    ) {
        let mut sources: Vec<Range<usize>> = Vec::new();
        for source in self.chars.iter().flat_map(pieces).map(|p| p.source) {
            match sources.last_mut() {
                Some(last) if last.end == source.start => last.end = source.end,
                _ => sources.push(source),
            }
        }
        if sources.is_empty() {
            let (anchor, side) = &self.anchor;
            let anchor = pieces(anchor);
            let at = match side {
                Side::After => anchor.last().map(|p| p.source.end),
                Side::Before => anchor.first().map(|p| p.source.start),
            };
            if let Some(at) = at {
                edit(at..at, content.to_owned());
            }
            return;
        }
        for (nth, source) in sources.into_iter().enumerate() {
            edit(
                source,
                if nth == 0 {
                    content.to_owned()
                } else {
                    String::new()
                },
            );
        }
    }

    /// The same change to the block's text, by which a fix is checked.
    fn text_edits(&self) -> Vec<(Range<usize>, String)> {
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for range in &self.chars {
            match edits.last_mut() {
                Some((last, _)) if last.end == range.start => last.end = range.end,
                _ => edits.push((range.clone(), String::new())),
            }
        }
        match edits.first_mut() {
            Some((_, content)) => content.clone_from(&self.content),
            None => {
                let at = match self.anchor.1 {
                    Side::After => self.anchor.0.end,
                    Side::Before => self.anchor.0.start,
                };
                edits.push((at..at, self.content.clone()));
            }
        }
        edits
    }
}

/// The text around a diagnostic, with what must not be shown covered.
fn excerpt(text: &str, range: &Range<usize>, secrets: &Secrets) -> Excerpt {
    let shown = |part: Range<usize>| -> String {
        let chars = text[part.clone()].char_indices();
        chars
            .map(|(at, c)| match secrets.hide(part.start + at) {
                true => privacy::MASK,
                false => c,
            })
            .collect()
    };
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let from = before
        .char_indices()
        .rev()
        .nth(EXCERPT - 1)
        .map_or(0, |(at, _)| at);
    let to = after
        .char_indices()
        .nth(EXCERPT)
        .map_or(after.len(), |(at, _)| at);
    Excerpt {
        before: shown(from..range.start),
        form: shown(range.clone()),
        after: shown(range.end..range.end + to),
        cut_before: from > 0,
        cut_after: to < after.len(),
    }
}

/// Finds lines and columns; the line starts of a part are looked for when the first diagnostic needs them.
pub(crate) struct Places<'d> {
    document: &'d Document,
    personal: &'d Survey,
    lines: Vec<Option<LineIndex>>,
    columns: Columns<'d>,
    /// Edits lie inside what was located before them, and counting goes on only forward.
    edit_columns: Columns<'d>,
}

impl<'d> Places<'d> {
    pub(crate) fn new(document: &'d Document, personal: &'d Survey) -> Self {
        Self {
            document,
            personal,
            lines: vec![None; document.parts.len()],
            columns: Columns::default(),
            edit_columns: Columns::default(),
        }
    }

    /// Where a comment or bookmark stands: the name of its part, the place for a person, and the location, which is empty.
    pub(crate) fn locate_mark(&mut self, mark: &Mark) -> (String, Place, Location) {
        let part = &self.document.parts[mark.part];
        let mut blocks = self.document.blocks.iter();
        let near = blocks.nth(mark.block).filter(|b| b.part == mark.part);
        let details = near.and_then(Block::details);
        let paragraph = details.map_or(0, |b| b.paragraph as usize);
        let (place, start) = if part.name.is_empty() {
            let lines = &mut self.lines[mark.part];
            let index = lines.get_or_insert_with(|| LineIndex::new(part.text()));
            let start = index.position_by(part.text(), mark.at, &mut self.columns);
            (Place::Line, start)
        } else {
            let start = Position {
                line: paragraph.max(1),
                ..Position::default()
            };
            (near.map_or(Place::Line, Block::place), start)
        };
        let location = Location {
            span: part.stored(&(mark.at..mark.at)),
            start,
            end: start,
        };
        (part.name.clone(), place, location)
    }

    /// Where a decoded range starts and ends, for a block of a flat file.
    fn lines(&mut self, block: &Block, source: &Range<usize>) -> Option<(Position, Position)> {
        if block.details().is_some_and(|b| b.paragraph > 0) {
            return None;
        }
        let text = self.document.parts[block.part].text();
        let index = self.lines[block.part].get_or_insert_with(|| LineIndex::new(text));
        Some((
            index.position_by(text, source.start, &mut self.edit_columns),
            index.position_by(text, source.end, &mut self.edit_columns),
        ))
    }

    /// The locations of pieces; pieces that touch in the source are one location.
    fn locate(&mut self, block: &'d Block, pieces: &[Piece]) -> Vec<Location> {
        let part = &self.document.parts[block.part];
        let mut joined: Vec<(Range<usize>, Range<usize>)> = Vec::new();
        for piece in pieces {
            match joined.last_mut() {
                Some((source, text)) if source.end == piece.source.start => {
                    source.end = piece.source.end;
                    text.end = piece.text.end;
                }
                _ => joined.push((piece.source.clone(), piece.text.clone())),
            }
        }
        let paragraph = block.details().map_or(0, |b| b.paragraph as usize);
        let block_text = self.document.text(block);
        let lines = &mut self.lines[block.part];
        let columns = &mut self.columns;
        joined
            .into_iter()
            .map(|(source, text)| {
                let (start, end) = if paragraph > 0 {
                    let mut column = |at: usize| Position {
                        line: paragraph,
                        column: columns.column(block_text, at),
                        byte_column: at + 1,
                    };
                    (column(text.start), column(text.end))
                } else {
                    let index = lines.get_or_insert_with(|| LineIndex::new(part.text()));
                    (
                        index.position_by(part.text(), source.start, columns),
                        index.position_by(part.text(), source.end, columns),
                    )
                };
                Location {
                    span: part.stored(&source),
                    start,
                    end,
                }
            })
            .collect()
    }
}
