//! A linter with one thing changed, so that a lexicon can be tested by mutation: compiling it anew for each of
//! thousands of guards would take minutes.

use jiff::civil::Date;

use crate::lexicon::Condition;
use crate::linter::Linter;
use crate::normal::fold_form;

impl Linter {
    /// What `judge` finds while every document is of that day.
    pub(crate) fn on<T>(&mut self, day: Date, judge: impl FnOnce(&Self) -> T) -> T {
        let before = self.date.replace(day);
        let found = judge(self);
        self.date = before;
        found
    }

    /// What `judge` finds while a condition of the nth rule is missing.
    ///
    /// The rules count like the entries of the lexicon as long as the configuration switches none of them off.
    pub(crate) fn without<T>(
        &mut self,
        nth: usize,
        condition: &Condition,
        judge: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let rule = &mut self.rules[nth];
        let without = |list: &[String], guard: &str| {
            let guard = fold_form(guard);
            list.iter().filter(|g| **g != guard).cloned().collect()
        };
        match condition {
            Condition::PrecededBy(guard) => {
                let fewer = without(&rule.preceded_by, guard);
                let all = std::mem::replace(&mut rule.preceded_by, fewer);
                let found = judge(self);
                self.rules[nth].preceded_by = all;
                found
            }
            Condition::FollowedBy(guard) => {
                let fewer = without(&rule.followed_by, guard);
                let all = std::mem::replace(&mut rule.followed_by, fewer);
                let found = judge(self);
                self.rules[nth].followed_by = all;
                found
            }
            Condition::InSentence(guard) => {
                let fewer = without(&rule.in_sentence, guard);
                let all = std::mem::replace(&mut rule.in_sentence, fewer);
                let found = judge(self);
                self.rules[nth].in_sentence = all;
                found
            }
            Condition::ValidFrom(_) => {
                let day = rule.valid_from.take();
                let found = judge(self);
                self.rules[nth].valid_from = day;
                found
            }
            Condition::ValidUntil(_) => {
                let day = rule.valid_until.take();
                let found = judge(self);
                self.rules[nth].valid_until = day;
                found
            }
            Condition::Inside(phrase) => {
                let Some(at) = self.permitting_pattern(&fold_form(phrase)) else {
                    return judge(self);
                };
                self.patterns[at].permits = false;
                let found = judge(self);
                self.patterns[at].permits = true;
                found
            }
        }
    }

    /// The pattern that permits what stands inside exactly this phrase.
    fn permitting_pattern(&self, phrase: &str) -> Option<usize> {
        self.automaton
            .find_overlapping_iter(phrase)
            .filter(|m| m.range() == (0..phrase.len()))
            .map(|m| m.pattern().as_usize())
            .find(|&at| self.patterns[at].permits)
    }
}
