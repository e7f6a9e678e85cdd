//! The instructions in a document's comments.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, InstructionFlaw};
use crate::document::Document;

/// What a comment begins with that is meant for us.
const WORD: &str = "zhengming-";

/// The instructions of a document that can be followed, and what is wrong with the others.
#[derive(Debug, Default)]
pub(super) struct Instructions<'d> {
    good: Vec<Instruction<'d>>,
    bad: Vec<Flaw<'d>>,
    by_rule: HashMap<&'d str, OfRule>,
}

/// Something wrong with the instruction in the mark of that number, which names that rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flaw<'d> {
    pub(super) mark: usize,
    pub(super) flaw: InstructionFlaw,
    pub(super) rule: &'d str,
}

#[derive(Debug)]
struct Instruction<'d> {
    mark: usize,
    rule: &'d str,
    /// Empty where none is given: then nothing may stand.
    reason: &'d str,
}

/// Numbers of the instructions for one rule or category. There is one for each place, so that a document full of them
/// is not slow.
#[derive(Debug, Default)]
struct OfRule {
    file: Option<usize>,
    /// By part and block.
    next: HashMap<(usize, usize), usize>,
    /// In order, none overlapping: part, first block, block behind the last.
    regions: Vec<(usize, usize, usize, usize)>,
}

/// Which of the instructions fit something.
pub(super) struct Use(Vec<bool>);

impl Use {
    pub(super) fn none(instructions: &Instructions<'_>) -> Self {
        Self(vec![false; instructions.good.len()])
    }
}

impl<'d> Instructions<'d> {
    /// Reads the marks of a document.
    pub(super) fn read(document: &'d Document) -> Self {
        let mut all = Self::default();
        // Regions whose end was not met yet: instructions by part and rule.
        let mut open: HashMap<(usize, &str), usize> = HashMap::new();
        for (number, mark) in document.marks.iter().enumerate() {
            let Some(rest) = mark.text.trim_start().strip_prefix(WORD) else {
                continue;
            };
            let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let (rule, reason) = rest.split_once([':', '：']).unwrap_or((rest, ""));
            let (rule, reason) = (rule.trim(), reason.trim());
            if rule.is_empty() {
                all.note(number, InstructionFlaw::Malformed, rule);
                continue;
            }
            let new = all.good.len();
            let of_rule = all.by_rule.entry(rule).or_default();
            match word {
                "ignore" => {
                    of_rule.next.entry((mark.part, mark.block)).or_insert(new);
                }
                "ignore-file" => {
                    of_rule.file.get_or_insert(new);
                }
                "ignore-start" if open.contains_key(&(mark.part, rule)) => {
                    all.note(number, InstructionFlaw::Unmatched, rule);
                    continue;
                }
                "ignore-start" => {
                    open.insert((mark.part, rule), new);
                }
                "ignore-end" => {
                    match open.remove(&(mark.part, rule)) {
                        Some(start) => {
                            let first = document.marks[all.good[start].mark].block;
                            of_rule.regions.push((mark.part, first, mark.block, start));
                        }
                        None => all.note(number, InstructionFlaw::Unmatched, rule),
                    }
                    continue;
                }
                _ => {
                    all.note(number, InstructionFlaw::Malformed, rule);
                    continue;
                }
            }
            if reason.is_empty() {
                all.note(number, InstructionFlaw::NoReason, rule);
            }
            all.good.push(Instruction {
                mark: number,
                rule,
                reason,
            });
        }
        // Where these were meant to end nobody knows, so they let nothing stand.
        for instruction in &all.good {
            let mark = &document.marks[instruction.mark];
            let key = (mark.part, instruction.rule);
            if open
                .get(&key)
                .is_some_and(|&n| std::ptr::eq(&all.good[n], instruction))
            {
                all.bad.push(Flaw {
                    mark: instruction.mark,
                    flaw: InstructionFlaw::Unmatched,
                    rule: instruction.rule,
                });
            }
        }
        all
    }

    fn note(&mut self, mark: usize, flaw: InstructionFlaw, rule: &'d str) {
        self.bad.push(Flaw { mark, flaw, rule });
    }

    /// Why a diagnostic may stand, if an instruction says so; all that fit are noted in `used`.
    pub(super) fn reason(
        &self,
        document: &Document,
        d: &Diagnostic,
        used: &mut Use,
    ) -> Option<&'d str> {
        if self.good.is_empty() {
            return None;
        }
        let part = document.blocks.get(d.block).map(|b| b.part)?;
        let rules = [d.rule.as_str(), d.category.as_str()];
        let mut reason = None;
        for n in rules
            .iter()
            .filter_map(|rule| self.by_rule.get(rule))
            .flat_map(|of_rule| of_rule.at(part, d.block))
        {
            used.0[n] = true;
            let given = Some(self.good[n].reason).filter(|r| !r.is_empty());
            reason = reason.or(given);
        }
        reason
    }

    /// Everything that is wrong with the instructions, in the order of the marks.
    pub(super) fn flaws(&self, used: &Use) -> Vec<Flaw<'d>> {
        let mut flaws = self.bad.clone();
        flaws.sort_by_key(|f| f.mark);
        let told = flaws.len();
        for (instruction, used) in self.good.iter().zip(&used.0) {
            let is_told = flaws[..told]
                .binary_search_by_key(&instruction.mark, |f| f.mark)
                .is_ok();
            if !used && !is_told {
                flaws.push(Flaw {
                    mark: instruction.mark,
                    flaw: InstructionFlaw::Unused,
                    rule: instruction.rule,
                });
            }
        }
        flaws.sort_by_key(|f| f.mark);
        flaws
    }
}

impl OfRule {
    /// The instructions that reach a block.
    fn at(&self, part: usize, block: usize) -> impl Iterator<Item = usize> {
        let next = self.next.get(&(part, block)).copied();
        let after = self
            .regions
            .partition_point(|&(p, first, ..)| (p, first) <= (part, block));
        let region = self.regions[..after].last();
        let region = region
            .filter(|&&(p, _, end, _)| p == part && block < end)
            .map(|&(.., n)| n);
        next.into_iter().chain(region).chain(self.file)
    }
}
