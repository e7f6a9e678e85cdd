//! What finds things besides the listed forms: one file per kind of rule, all of them parts of the one linter.
//!
//! A rule reads a block as [`Target`] and adds to a list of matches; guards, overlaps, mentions, places and fixes are then
//! the linter's business as for a listed form. A rule that has to see the whole document says what it found in which
//! block before the blocks are gone through.

mod near_miss;

use std::collections::BTreeMap;

use self::near_miss::NearMiss;
use crate::config::Config;
use crate::document::Document;
use crate::lexicon::Lexicon;
use crate::linter::Match;
use crate::normal::Folded;

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

/// All rules that are not listed forms.
#[derive(Debug)]
pub(crate) struct Rules {
    near_miss: NearMiss,
}

impl Rules {
    /// The rules that the lexicon and the configuration call for.
    pub(crate) fn new(lexicon: &Lexicon, config: &Config) -> Self {
        Self {
            near_miss: NearMiss::new(lexicon, config),
        }
    }

    /// Whether any rule may find something in a text; must be as cheap as the filter of the listed forms.
    pub(crate) fn may_match(&self, text: &str) -> bool {
        self.near_miss.may_match(text)
    }

    /// What the rules find in one block for which [`Self::may_match`] holds.
    pub(crate) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        self.near_miss.find(target, matches);
    }

    /// What the rules find by looking at the document as a whole, by block.
    pub(crate) fn find_across<'l>(
        &'l self,
        document: &Document,
    ) -> BTreeMap<usize, Vec<Match<'l>>> {
        let _ = document;
        BTreeMap::new()
    }
}
