//! A few short strings, looked for in much text: what a rule needs to see before it reads a block.

use aho_corasick::{AhoCorasick, Match, packed::Searcher};

/// The strings, compiled.
#[derive(Debug)]
pub(crate) enum Signs {
    /// Many bytes at once, where the processor can.
    Packed(Searcher),
    /// One by one.
    Automaton(AhoCorasick),
}

impl Signs {
    /// `None` for more strings than can be compiled.
    pub(crate) fn new(strings: &[&str]) -> Option<Self> {
        match Searcher::new(strings) {
            Some(searcher) => Some(Self::Packed(searcher)),
            None => AhoCorasick::new(strings).ok().map(Self::Automaton),
        }
    }

    pub(crate) fn are_in(&self, text: &str) -> bool {
        match self {
            Self::Packed(searcher) => searcher.find(text).is_some(),
            Self::Automaton(automaton) => automaton.is_match(text),
        }
    }

    /// All that stand in a text, none overlapping.
    pub(crate) fn find_iter<'t>(&'t self, text: &'t str) -> Box<dyn Iterator<Item = Match> + 't> {
        match self {
            Self::Packed(searcher) => Box::new(searcher.find_iter(text)),
            Self::Automaton(automaton) => Box::new(automaton.find_iter(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same() {
        let strings = ["《", "法第", "条例第", "XX"];
        let ways = [
            Signs::new(&strings).unwrap(),
            Signs::Automaton(AhoCorasick::new(strings).unwrap()),
        ];
        let long = "依照《甲法》第一条、本法第二条、乙条例第三条，由XXX局办理。".repeat(3);
        for text in ["", "甲", "《", "甲乙丙丁", &long] {
            let [a, b] = ways.each_ref().map(|way| {
                let found = way.find_iter(text);
                let found: Vec<_> = found.map(|m| (m.pattern(), m.range())).collect();
                (way.are_in(text), found)
            });
            assert_eq!(a, b, "{text}");
        }
    }
}
