//! What finds things besides the listed forms: one file per kind of rule, all of them parts of the one linter.
//!
//! A rule reads a block as [`Target`] and adds to a list of matches; guards, overlaps, mentions, places and fixes are then
//! the linter's business as for a listed form. A rule that has to see the whole document says what it found in which
//! block before the blocks are gone through.

mod checks;
pub(crate) mod citation;
mod draft;
pub(crate) mod near_miss;
mod numerals;
mod pairs;
mod pattern;
pub(crate) mod privacy;
mod signs;
mod titles;
mod variant;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::config::Config;
use crate::diagnostic::Severity;
use crate::document::Document;
use crate::lexicon::{Entry, FixMode, Lexicon};
use crate::linter::Match;
use crate::normal::{Folded, Sketch};
use crate::suppress;
use citation::Citations;
use draft::Drafts;
use near_miss::NearMiss;
use pairs::Pairs;
use pattern::Patterns;
use privacy::{Privacy, Survey};
use variant::Variants;

/// Priority of what patterns find: a listed form says more.
pub(crate) const PATTERN: u8 = 1;

/// A block as rules read it.
pub(crate) struct Target<'d> {
    /// The block's index in it.
    pub(crate) index: usize,
    /// The block's text as it is: rules on punctuation, brackets and digits read this.
    pub(crate) text: &'d str,
    /// The patterns of the lexicon of which it may hold what they need.
    pub(crate) wanted: &'d [u32],
    /// Its normal form, in whose offsets matches are given; [`Folded::range_of`] leads there from the text.
    pub(crate) folded: &'d Folded<'d>,
    /// The personal data of the document.
    pub(crate) personal: &'d Survey,
}

/// What there is to know about a rule that is not an entry or a pattern of a lexicon.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// Its id: `category/name`.
    pub id: &'static str,
    /// Its category.
    pub category: &'static str,
    /// Its severity, unless the configuration sets another.
    pub severity: Severity,
    /// How much its fix may be trusted.
    pub fix: FixMode,
    /// What it finds, in Chinese.
    pub summary_zh: &'static str,
    /// The same in English.
    pub summary_en: &'static str,
    /// Where it is laid down.
    pub source: &'static str,
    /// Texts in which it fires.
    pub bad: &'static [&'static str],
    /// Texts in which it is silent.
    pub good: &'static [&'static str],
}

/// All rules that are not entries or patterns of a lexicon.
#[must_use]
pub fn catalog() -> Vec<RuleInfo> {
    let of_instructions = suppress::catalog();
    [
        privacy::RULES,
        pairs::RULES,
        citation::RULES,
        draft::RULES,
        near_miss::RULES,
        &of_instructions,
    ]
    .concat()
}

/// What looking at a document as a whole says about one block.
#[derive(Debug, Default)]
pub(crate) struct Across<'l> {
    pub(crate) matches: Vec<Match<'l>>,
    /// Ranges of the normal form in which no listed form is a mistake.
    pub(crate) permitted: Vec<Range<usize>>,
}

/// All rules that are not listed forms.
#[derive(Debug)]
pub(crate) struct Rules {
    patterns: Patterns,
    pairs: Pairs,
    privacy: Privacy,
    variants: Option<Variants>,
    citations: Option<Citations>,
    /// `None` when no rule comes with the library: a document is then not gone through a second time.
    drafts: Option<Drafts>,
    near_miss: Option<NearMiss>,
}

impl Rules {
    /// The rules that the lexicon and the configuration call for.
    pub(crate) fn new(lexicon: &Lexicon, config: &Config) -> Self {
        Self {
            patterns: Patterns::new(lexicon, config),
            pairs: Pairs::new(config),
            privacy: Privacy::new(config),
            variants: Variants::new(config),
            citations: Citations::new(lexicon, config),
            drafts: (!config.without_rules).then(|| Drafts::new(config)),
            near_miss: NearMiss::new(lexicon, config),
        }
    }

    /// Compiles what is else compiled when it is first needed.
    pub(crate) fn prepare(&self) {
        self.patterns.prepare();
        privacy::prepare();
    }

    /// What the nth pattern has of an entry, for tests of a lexicon by mutation.
    pub(crate) fn pattern_entry(&mut self, nth: usize) -> Option<&mut Arc<Entry>> {
        self.patterns.entry_mut(nth)
    }

    /// Whether any rule may find something in a text; must be as cheap as the filter of the listed forms. `sketch`
    /// is of this text, `wanted` are the patterns of which it may hold what they need.
    pub(crate) fn may_match(&self, text: &str, sketch: &Sketch, wanted: &[u32]) -> bool {
        self.patterns.may_match(text, wanted)
            || self.variants.as_ref().is_some_and(|v| v.may_match(sketch))
            || self.near_miss.as_ref().is_some_and(|n| n.may_match(sketch))
    }

    /// What the rules find in one block for which [`Self::may_match`] holds, or that holds personal data.
    pub(crate) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        self.patterns.find(target, matches);
        self.privacy.find(target, matches);
        if let Some(variants) = &self.variants {
            variants.find(target, matches);
        }
        if let Some(near_miss) = &self.near_miss {
            near_miss.find(target, matches);
        }
    }

    /// What the rules find by looking at the document as a whole, by block.
    pub(crate) fn find_across<'l>(&'l self, document: &Document) -> BTreeMap<usize, Across<'l>> {
        let mut across = BTreeMap::new();
        self.pairs.find_across(document, &mut across);
        if let Some(citations) = &self.citations {
            citations.find_across(document, &mut across);
        }
        if let Some(drafts) = &self.drafts {
            drafts.find_across(document, &mut across);
        }
        across
    }
}

impl RuleInfo {
    /// The rule that a linter uses; `None` when the configuration switches it off.
    pub(crate) fn rule(&self, config: &Config) -> Option<crate::linter::Rule> {
        let name = self.id.rsplit('/').next().unwrap_or_default();
        let (severity, fix) = (self.severity, self.fix);
        crate::linter::Rule::builtin(self.category, name, severity, fix, self.source, config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ReadOptions;
    use crate::lexicon::Layer;
    use crate::linter::Linter;

    #[test]
    fn every_rule_of_the_catalog_keeps_to_its_examples() {
        let compile = |lexicon: &Lexicon| Linter::new(lexicon, &Config::default()).unwrap();
        let alone = compile(&Lexicon::default());
        // Citations and near misses are judged by the statutes and official forms that the lexicon knows.
        let with_statutes = compile(&Lexicon::load(&[Layer::builtin()]).unwrap());
        let fires = |info: &RuleInfo, text: &str| {
            let bytes = text.as_bytes().to_vec();
            let name = match info.category {
                // Instructions stand in comments.
                suppress::CATEGORY => "a.md",
                _ => "a.txt",
            };
            let document = Document::parse(name, bytes, &ReadOptions::default()).unwrap();
            let linter = if ["citation", near_miss::CATEGORY].contains(&info.category) {
                &with_statutes
            } else {
                &alone
            };
            linter.lint(&document).iter().any(|d| d.rule == info.id)
        };
        for info in catalog() {
            assert!(info.id.starts_with(&format!("{}/", info.category)));
            assert!(!info.bad.is_empty() && !info.good.is_empty(), "{}", info.id);
            for text in info.bad {
                assert!(fires(&info, text), "{} is silent in {text}", info.id);
            }
            for text in info.good {
                assert!(!fires(&info, text), "{} fires in {text}", info.id);
            }
        }
    }

    #[test]
    fn a_rule_can_be_switched_off_or_weighed_anew() {
        let text = "\u{FEFF}张三，身份证号11010519491231002X。（完";
        let bytes = text.as_bytes().to_vec();
        let document = Document::parse("a.txt", bytes, &ReadOptions::default()).unwrap();
        let rules = |config: &Config| -> Vec<(String, Severity)> {
            let linter = Linter::new(&Lexicon::default(), config).unwrap();
            let found = linter.lint(&document).into_iter();
            found.map(|d| (d.rule, d.severity)).collect()
        };
        let all = rules(&Config::default());
        assert_eq!(all.len(), 2, "{all:?}");
        let mut config = Config::default();
        config.disabled.push("privacy/resident-id".to_owned());
        config
            .severity
            .insert("punctuation".to_owned(), Severity::Info);
        let some = [("punctuation/unpaired".to_owned(), Severity::Info)];
        assert_eq!(rules(&config), some);
    }
}
