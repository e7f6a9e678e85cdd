//! Raw matches -> diagnostics: guards, overlaps, mentions, places, fixes.

use std::cmp::Reverse;
use std::ops::Range;

use crate::diagnostic::{
    Applicability, Demotion, DemotionReason, Diagnostic, Disguise, Edit, Excerpt, Fix, Location,
    Message, Severity,
};
use crate::document::{Block, Document};
use crate::history;
use crate::lexicon::FixMode;
use crate::linter::Match;
use crate::mention;
use crate::normal::{CharFold, Folded, fold_char, fold_form};
use crate::source::{LineIndex, Piece, Position, SegmentKind, SourceMap};

/// What ends a sentence, for guards that look at one.
const SENTENCE_ENDS: [char; 6] = ['。', '！', '？', '；', '\n', '\u{C}'];

/// Characters of context that an excerpt shows on either side.
const EXCERPT: usize = 30;

/// Drops what a guard permits, and of overlapping matches keeps the longest, then the first.
pub(crate) fn settle<'l>(matches: Vec<Match<'l>>, folded: &Folded<'_>) -> Vec<Match<'l>> {
    let mut matches: Vec<_> = matches
        .into_iter()
        .filter(|m| blanks_agree(m, folded) && !is_guarded(m, folded.text()))
        .collect();
    matches.sort_by_key(|m| (Reverse(m.priority), Reverse(m.range.len()), m.range.start));
    let mut kept: Vec<Match<'l>> = Vec::new();
    for m in matches {
        let free = |k: &Match<'_>| m.range.end <= k.range.start || k.range.end <= m.range.start;
        if kept.iter().all(free) {
            kept.push(m);
        }
    }
    kept.sort_by_key(|m| m.range.start);
    kept
}

/// The sentence around `range`, as a byte range of `text`.
pub(crate) fn sentence(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind(SENTENCE_ENDS).map_or(0, |at| {
        at + text[at..].chars().next().map_or(1, char::len_utf8)
    });
    let end = text[range.end..]
        .find(SENTENCE_ENDS)
        .map_or(text.len(), |at| range.end + at);
    start..end
}

/// A form may hold one blank, or the same blank between all its characters: anything else is a table or a list.
fn blanks_agree(m: &Match<'_>, folded: &Folded<'_>) -> bool {
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

fn is_guarded(m: &Match<'_>, text: &str) -> bool {
    let (before, after) = (&text[..m.range.start], &text[m.range.end..]);
    let entry = &m.rule.entry;
    let any = |guards: &[String], holds: &dyn Fn(&str) -> bool| {
        guards.iter().any(|guard| holds(&fold_form(guard)))
    };
    any(&entry.unless_preceded_by, &|g| before.ends_with(g))
        || any(&entry.unless_followed_by, &|g| after.starts_with(g))
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
    for m in matches {
        let original = folded.original(&m.range);
        let pieces = block.pieces(&original);
        let disguises = disguises(m, folded, text, &original, &pieces);
        let reason = if mention::is_mention(document, index, folded.text(), m) {
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
        diagnostics.push(Diagnostic {
            rule: m.rule.entry.id.clone(),
            category: m.rule.entry.category.clone(),
            severity: demoted.map_or(m.rule.severity, |_| Severity::Info),
            part: document.parts[block.part].name.clone(),
            block: index,
            spans: places.locate(block, &pieces),
            twins: twins
                .iter()
                .flat_map(|map| places.locate(block, &map.pieces(&original)))
                .collect(),
            place: block.place(),
            message: m.message.clone().unwrap_or_else(|| Message::Wording {
                found: m.found.to_string(),
                canonical: m.suggestions.to_vec(),
            }),
            found: m.found.to_string(),
            suggestions: m.suggestions.to_vec(),
            reason: m.rule.entry.reason.clone(),
            source: m.rule.entry.source.clone(),
            fix: fix(m, folded, document, block, &pieces).map(|fix| Fix {
                applicability: if demoted.is_some() {
                    Applicability::DisplayOnly
                } else if disguises.contains(&Disguise::Traditional) {
                    fix.applicability.min(Applicability::Unsafe)
                } else {
                    fix.applicability
                },
                ..fix
            }),
            disguises,
            demoted,
            suppressed: None,
            excerpt: excerpt(text, &original),
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

/// The edits that turn the form into the first canonical one, and nothing more: what both share at the ends stays.
fn fix(
    m: &Match<'_>,
    folded: &Folded<'_>,
    document: &Document,
    block: &Block,
    pieces: &[Piece],
) -> Option<Fix> {
    let applicability = match m.rule.entry.fix {
        FixMode::Safe => Applicability::Safe,
        FixMode::Unsafe => Applicability::Unsafe,
        FixMode::None => return None,
    };
    if m.suggestions.len() != 1 {
        return None;
    }
    if pieces.is_empty() || !pieces.iter().all(|p| p.kind.is_editable()) {
        return None;
    }
    let change = Change::between(m, folded)?;
    let content = block.escape().apply(&change.content)?;
    let part = &document.parts[block.part];
    let mut edits = Vec::new();
    let own = |range: &Range<usize>| block.pieces(range);
    change.edits(&own, &content, &mut |source, content| {
        edits.push(Edit {
            span: part.stored(&source),
            content,
        });
    });
    for twin in block.details().map_or(&[][..], |b| &b.twins) {
        let twin_pieces = |range: &Range<usize>| SourceMap::pieces(twin, range);
        change.edits(&twin_pieces, &content, &mut |source, content| {
            edits.push(Edit {
                span: part.stored(&source),
                content,
            });
        });
    }
    edits.sort_by_key(|e| e.span);
    let encodable = edits.iter().all(|e| part.encode(&e.content).is_ok());
    Some(Fix {
        edits,
        applicability: if encodable {
            applicability
        } else {
            Applicability::DisplayOnly
        },
        text: change.text_edits(),
    })
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
    /// `None` where form and canonical form fold to the same.
    fn between(m: &Match<'_>, folded: &Folded<'_>) -> Option<Self> {
        let old: Vec<(char, Range<usize>)> = folded.text()[m.range.clone()]
            .char_indices()
            .map(|(at, c)| {
                let start = m.range.start + at;
                (c, folded.original(&(start..start + c.len_utf8())))
            })
            .collect();
        let canonical: Vec<char> = m.suggestions.first()?.chars().collect();
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
        let chars: Vec<_> = old[prefix..old.len() - suffix]
            .iter()
            .map(|(_, range)| range.clone())
            .collect();
        let content: String = canonical[prefix..canonical.len() - suffix].iter().collect();
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

fn excerpt(text: &str, range: &Range<usize>) -> Excerpt {
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
        before: before[from..].to_owned(),
        form: text[range.clone()].to_owned(),
        after: after[..to].to_owned(),
        cut_before: from > 0,
        cut_after: to < after.len(),
    }
}

/// Finds lines and columns; the line starts of a part are looked for when the first diagnostic needs them.
pub(crate) struct Places<'d> {
    document: &'d Document,
    lines: Vec<Option<LineIndex>>,
}

impl<'d> Places<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self {
            document,
            lines: vec![None; document.parts.len()],
        }
    }

    /// The locations of pieces; pieces that touch in the source are one location.
    fn locate(&mut self, block: &Block, pieces: &[Piece]) -> Vec<Location> {
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
        joined
            .into_iter()
            .map(|(source, text)| {
                let (start, end) = if paragraph > 0 {
                    let column = |at: usize| Position {
                        line: paragraph,
                        column: block_text[..at].chars().count() + 1,
                    };
                    (column(text.start), column(text.end))
                } else {
                    let index = lines.get_or_insert_with(|| LineIndex::new(part.text()));
                    (
                        index.position(part.text(), source.start),
                        index.position(part.text(), source.end),
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
