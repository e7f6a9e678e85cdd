//! A linter with one thing changed, so that a lexicon can be tested by mutation: compiling it anew for each of
//! thousands of guards would take minutes.

use std::sync::Arc;

use jiff::civil::Date;

use crate::lexicon::{Condition, Entry};
use crate::linter::Linter;
use crate::normal::fold_form;

/// An entry or a pattern, by its number in the lexicon.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nth {
    Entry(usize),
    Pattern(usize),
}

impl Linter {
    /// What `judge` finds while every document is of that day.
    pub(crate) fn on<T>(&mut self, day: Date, judge: impl FnOnce(&Self) -> T) -> T {
        let before = self.date.replace(day);
        let found = judge(self);
        self.date = before;
        found
    }

    /// What `judge` finds while a condition of a rule is missing.
    ///
    /// The rules count like the entries and patterns of the lexicon as long as the configuration switches none of them
    /// off.
    pub(crate) fn without<T>(
        &mut self,
        at: Nth,
        condition: &Condition,
        judge: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if let (Nth::Entry(_), Condition::Inside(phrase)) = (at, condition) {
            return self.without_permit(&fold_form(phrase), judge);
        }
        let entry = self.entry_of(at);
        let whole = Arc::clone(entry);
        let entry = Arc::make_mut(entry);
        match condition {
            Condition::PrecededBy(guard) => entry.unless_preceded_by.retain(|g| g != guard),
            Condition::FollowedBy(guard) => entry.unless_followed_by.retain(|g| g != guard),
            Condition::InSentence(guard) => entry.unless_in_sentence.retain(|g| g != guard),
            Condition::Inside(phrase) => entry.unless_inside.retain(|p| p != phrase),
            Condition::ValidFrom(_) => entry.valid_from = None,
            Condition::ValidUntil(_) => entry.valid_until = None,
        }
        let found = judge(self);
        *self.entry_of(at) = whole;
        found
    }

    fn entry_of(&mut self, at: Nth) -> &mut Arc<Entry> {
        let entry = match at {
            Nth::Entry(nth) => self.rules[nth].as_mut().map(|rule| &mut rule.entry),
            Nth::Pattern(nth) => self.others.pattern_entry(nth),
        };
        entry.expect("no rule is switched off here")
    }

    /// What `judge` finds while a phrase (in normal form) permits nothing.
    fn without_permit<T>(&mut self, phrase: &str, judge: impl FnOnce(&mut Self) -> T) -> T {
        let index = Arc::make_mut(&mut self.index);
        let permits = &index.permits;
        let others = index.permitted.iter();
        let others = others.filter(|(_, permit)| permits[*permit as usize] != phrase);
        let others = others.copied().collect();
        let all = std::mem::replace(&mut index.permitted, others);
        let found = judge(self);
        Arc::make_mut(&mut self.index).permitted = all;
        found
    }
}
