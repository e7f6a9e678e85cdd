//! What finds things besides the listed forms: one file per kind of rule, all of them parts of the one linter.
//!
//! A rule reads a block as [`Target`] and adds to a list of matches; guards, overlaps, mentions, places and fixes are then
//! the linter's business as for a listed form. A rule that has to see the whole document says what it found in which
//! block before the blocks are gone through.

mod citation;
mod draft;
mod numerals;
mod titles;
mod variant;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::config::Config;
use crate::diagnostic::Severity;
use crate::document::Document;
use crate::lexicon::Lexicon;
use crate::linter::Match;
use crate::normal::Folded;
use variant::Variants;

/// A block as rules read it.
pub(crate) struct Target<'d> {
    /// The document, for rules that look at the neighbours.
    pub(crate) document: &'d Document,
    /// The block's index in it.
    pub(crate) index: usize,
    /// The block's text as it is: rules on punctuation, brackets and digits read this.
    pub(crate) text: &'d str,
    /// Its normal form, in whose offsets matches are given; [`Folded::range_of`] leads there from the text.
    pub(crate) folded: &'d Folded<'d>,
}

/// A rule that is not an entry of a lexicon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// The first half of its id.
    pub category: &'static str,
    /// The second half of its id.
    pub name: &'static str,
    /// How bad what it finds is, unless the configuration says otherwise.
    pub severity: Severity,
    /// What it finds, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// Where it is laid down.
    pub source: &'static str,
    /// Texts in which it must fire.
    pub bad: &'static [&'static str],
    /// Texts in which it must be silent.
    pub good: &'static [&'static str],
}

impl RuleInfo {
    /// The rule's id: `category/name`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.category, self.name)
    }
}

/// All rules that are not entries of a lexicon, by category.
#[must_use]
pub fn catalog() -> Vec<RuleInfo> {
    [&citation::RULES[..], &draft::RULES[..]].concat()
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
    variants: Option<Variants>,
    citations: Option<citation::Citations>,
    drafts: Option<draft::Drafts>,
}

impl Rules {
    /// The rules that the lexicon and the configuration call for.
    pub(crate) fn new(lexicon: &Lexicon, config: &Config) -> Self {
        let on = !config.without_rules;
        Self {
            variants: on.then(|| Variants::new(config)).flatten(),
            citations: on
                .then(|| citation::Citations::new(lexicon, config))
                .flatten(),
            drafts: on.then(|| draft::Drafts::new(config)).flatten(),
        }
    }

    /// Whether any rule may find something in a text; must be as cheap as the filter of the listed forms.
    pub(crate) fn may_match(&self, text: &str) -> bool {
        self.variants.as_ref().is_some_and(|v| v.may_match(text))
    }

    /// What the rules find in one block for which [`Self::may_match`] holds.
    pub(crate) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        if let Some(variants) = &self.variants {
            variants.find(target, matches);
        }
    }

    /// What the rules find by looking at the document as a whole, by block.
    pub(crate) fn find_across<'l>(&'l self, document: &Document) -> BTreeMap<usize, Across<'l>> {
        let mut across = BTreeMap::new();
        if let Some(citations) = &self.citations {
            citations.find_across(document, &mut across);
        }
        if let Some(drafts) = &self.drafts {
            drafts.find_across(document, &mut across);
        }
        across
    }
}
