//! What each rule finds in text that is known to be clean: every one of these is a false alarm, or a slip that the
//! text was published with.
//!
//! An audit is fed document by document and keeps counts and a few lines for each rule, so that it takes no more memory
//! for an archive than for a page.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Excerpt, Severity};
use crate::document::{Document, Place};
use crate::source::Position;

/// Counts of what was found, by rule.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Lines that are kept for each rule.
    context: usize,
    documents: usize,
    characters: usize,
    rules: BTreeMap<String, RuleAudit>,
}

/// What one rule has found.
#[derive(Clone, Debug)]
pub struct RuleAudit {
    /// The rule's category.
    pub category: String,
    /// The rule's severity.
    pub severity: Severity,
    /// How often it raised an alarm.
    pub alarms: usize,
    /// How often it would have, if the context did not speak for the form.
    pub demoted: usize,
    /// The first alarms, in the order of the documents' paths.
    pub lines: Vec<AlarmLine>,
}

/// An alarm in its context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmLine {
    /// The document's path.
    pub path: String,
    /// Where it stands in the document, for a person.
    pub place: Place,
    /// Line and column.
    pub start: Position,
    /// The text around it.
    pub excerpt: Excerpt,
}

impl Audit {
    /// An audit that keeps up to `context` lines for each rule.
    #[must_use]
    pub fn new(context: usize) -> Self {
        Self {
            context,
            ..Self::default()
        }
    }

    /// Counts a document and what was found in it; the order in which documents come does not matter.
    pub fn add(&mut self, path: &str, document: &Document, diagnostics: &[Diagnostic]) {
        self.documents += 1;
        let texts = document.blocks.iter().map(|b| document.text(b));
        self.characters += texts.map(|t| t.chars().count()).sum::<usize>();
        for d in diagnostics.iter().filter(|d| d.suppressed.is_none()) {
            let rule = self
                .rules
                .entry(d.rule.clone())
                .or_insert_with(|| RuleAudit {
                    category: d.category.clone(),
                    severity: d.demoted.map_or(d.severity, |demoted| demoted.from),
                    alarms: 0,
                    demoted: 0,
                    lines: Vec::new(),
                });
            if d.demoted.is_some() {
                rule.demoted += 1;
            } else {
                rule.alarms += 1;
                rule.keep(path, d, self.context);
            }
        }
    }

    /// How many documents were counted.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// How many characters of prose they hold.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.characters
    }

    /// So many alarms, per million characters; 0 where there is no text.
    #[must_use]
    pub fn per_million(&self, alarms: usize) -> f64 {
        match self.characters {
            0 => 0.0,
            characters => alarms as f64 * 1e6 / characters as f64,
        }
    }

    /// The rules that found something, those with most alarms first.
    #[must_use]
    pub fn rules(&self) -> Vec<(&str, &RuleAudit)> {
        let mut rules: Vec<_> = self.rules.iter().map(|(id, r)| (id.as_str(), r)).collect();
        rules.sort_by(|a, b| (b.1.alarms, b.1.demoted, a.0).cmp(&(a.1.alarms, a.1.demoted, b.0)));
        rules
    }

    /// All alarms of a severity.
    #[must_use]
    pub fn alarms(&self, severity: Severity) -> usize {
        let rules = self.rules.values().filter(|r| r.severity == severity);
        rules.map(|r| r.alarms).sum()
    }

    /// Everything that the context spoke for.
    #[must_use]
    pub fn demoted(&self) -> usize {
        self.rules.values().map(|r| r.demoted).sum()
    }
}

impl RuleAudit {
    /// Keeps the alarm if it is among the first `most`.
    fn keep(&mut self, path: &str, d: &Diagnostic, most: usize) {
        let start = d.spans.first().map(|s| s.start);
        let start = start.unwrap_or_default();
        let key = |l: &AlarmLine| (l.path.clone(), l.start.line, l.start.column);
        let new = (path.to_owned(), start.line, start.column);
        let at = self.lines.partition_point(|l| key(l) <= new);
        if at < most {
            let line = AlarmLine {
                path: new.0,
                place: d.place.clone(),
                start,
                excerpt: d.excerpt.clone(),
            };
            self.lines.insert(at, line);
            self.lines.truncate(most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Layer;
    use crate::{Config, Lexicon, Linter, ReadOptions};

    #[test]
    fn an_audit_is_the_same_in_whatever_order_documents_come() {
        let layer = Layer {
            name: "t".to_owned(),
            files: vec![(
                "t.toml".to_owned(),
                "category = 't'\n[pairs]\n'按装' = '安装'\n'末来' = '未来'\n".to_owned(),
            )],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        let linter = Linter::new(&lexicon, &Config::default()).unwrap();
        let texts = [
            ("c.txt", "按装一次。按装两次。"),
            ("a.txt", "不应写成“按装”。"),
            ("b.txt", "按装三次，面向末来。"),
        ];
        let audit = |order: &[usize]| {
            let mut audit = Audit::new(2);
            for (path, text) in order.iter().map(|&n| texts[n]) {
                let bytes = text.as_bytes().to_vec();
                let document = Document::parse(path, bytes, &ReadOptions::default()).unwrap();
                audit.add(path, &document, &linter.lint(&document));
            }
            audit
        };
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let audit = audit(&order);
            assert_eq!((audit.documents(), audit.characters()), (3, 29));
            let rules = audit.rules();
            assert_eq!(rules[0].0, "t/安装");
            assert_eq!((rules[0].1.alarms, rules[0].1.demoted), (3, 1));
            assert_eq!((rules[1].1.alarms, rules[1].1.demoted), (1, 0));
            let lines = rules[0].1.lines.iter();
            let lines: Vec<_> = lines.map(|l| (l.path.as_str(), l.start.column)).collect();
            assert_eq!(lines, [("b.txt", 1), ("c.txt", 1)]);
            assert_eq!(audit.alarms(Severity::Warning), 4);
            assert_eq!(audit.demoted(), 1);
            assert!((audit.per_million(3) - 3e6 / 29.0).abs() < 1e-6);
        }
        assert!(Audit::new(0).per_million(0).abs() < 1e-9);
    }
}
