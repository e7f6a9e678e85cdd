//! Compile once, then linting cannot fail.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use jiff::civil::Date;

use crate::config::Config;
use crate::date::{DateSource, document_date};
use crate::diagnostic::{Diagnostic, Message, Severity};
use crate::document::{Document, Notice};
use crate::error::Result;
use crate::index::Index;
use crate::lexicon::{Entry, FixMode, Lexicon};
use crate::normal::{Sketch, fold};
use crate::resolve::{self, Places};
use crate::rule::privacy::Survey;
use crate::rule::{Across, Rules, Target};
use crate::suppress::{Baseline, Decisions};

mod variant;

pub(crate) use variant::Nth;

/// A compiled lexicon. It is immutable: the same document and day give the same diagnostics, in the same order.
#[derive(Debug)]
pub struct Linter {
    /// One for each entry of the lexicon, in its order; `None` where the configuration switches it off.
    rules: Vec<Option<Rule>>,
    entries: Vec<Arc<Entry>>,
    index: Arc<Index>,
    /// Over all forms, in their order.
    automaton: OnceLock<AhoCorasick>,
    others: Rules,
    decisions: Decisions,
    date: Option<Date>,
    today: Date,
}

/// An entry as the linter uses it.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) entry: Arc<Entry>,
    /// As configured.
    pub(crate) severity: Severity,
}

/// A block that may hold so many forms is searched for each of them: the automaton over all forms is larger than the caches of
/// a processor, and compiling it takes longer than proofreading a notice.
const FEW: usize = 8;

/// What a rule found in a block, before guards, overlaps and mentions are looked at.
#[derive(Clone, Debug)]
pub(crate) struct Match<'l> {
    pub(crate) rule: &'l Rule,
    /// Where it stands in the block's normal form.
    pub(crate) range: Range<usize>,
    /// The wrong form, as the rule spells it.
    pub(crate) found: Cow<'l, str>,
    /// What should stand there instead, best first.
    pub(crate) suggestions: Cow<'l, [String]>,
    /// What is wrong, where it is not simply the wording.
    pub(crate) message: Option<Message>,
    /// Of overlapping matches the one with the higher priority stands; among equals the longest.
    pub(crate) priority: u8,
}

/// Priority of the forms that the lexicon lists: they are known to be wrong.
pub(crate) const LISTED: u8 = 2;

impl Linter {
    /// Compiles a lexicon.
    ///
    /// # Errors
    /// When a pattern of the configuration cannot be read.
    pub fn new(lexicon: &Lexicon, config: &Config) -> Result<Self> {
        let rule = |entry: &Arc<Entry>| {
            let is_off = config.disables(&entry.id, &entry.category);
            (!is_off).then(|| Rule {
                severity: config
                    .severity_of(&entry.id, &entry.category)
                    .unwrap_or(entry.severity),
                entry: Arc::clone(entry),
            })
        };
        Ok(Self {
            rules: lexicon.shared().iter().map(rule).collect(),
            entries: lexicon.shared().to_vec(),
            index: lexicon.index(),
            automaton: OnceLock::new(),
            others: Rules::new(lexicon, config),
            decisions: Decisions::new(config)?,
            date: config.date,
            today: config.today,
        })
    }

    /// Finds the mistakes in a document, in reading order, and marks those that somebody decided to let stand.
    #[must_use]
    pub fn lint(&self, document: &Document) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let personal = Survey::of(document);
        let mut places = Places::new(document, &personal);
        let day = OnceCell::new();
        let is_due = |rule: &Rule| {
            !rule.is_dated()
                || rule
                    .entry
                    .applies_on(*day.get_or_init(|| self.day_of(document).0))
        };
        let mut across = self.others.find_across(document);
        let mut sketch = Sketch::default();
        for (index, block) in document.blocks.iter().enumerate() {
            let text = document.text(block);
            let across = across.remove(&index);
            sketch.draw(text);
            let candidates = self.index.candidates(&sketch, &self.entries);
            let others = self.others.may_match(text, &sketch, &candidates.patterns)
                || personal.concerns(index);
            if candidates.forms.is_empty() && !others && across.is_none() {
                continue;
            }
            let folded = fold(text);
            let Across {
                mut matches,
                permitted,
            } = across.unwrap_or_default();
            let listed = self.search(&candidates.forms, folded.text(), &is_due);
            let listed = listed.into_iter();
            matches.extend(listed.filter(|m| !lies_in(&m.range, &permitted)));
            if others {
                let target = Target {
                    index,
                    text,
                    wanted: &candidates.patterns,
                    folded: &folded,
                    personal: &personal,
                };
                self.others.find(&target, &mut matches);
            }
            let matches = resolve::settle(matches, &folded);
            resolve::report(&matches, &folded, index, &mut places, &mut diagnostics);
        }
        self.decisions
            .apply(document, &mut places, &mut diagnostics);
        diagnostics
    }

    /// Builds now what is else built when a document first needs it, for a program that has many to come and lets nobody
    /// wait. What is found is the same.
    pub fn prepare(&self) {
        self.automaton();
        self.others.prepare();
    }

    /// The linter with known diagnostics, which it marks and which then do not count. Documents must be named as the
    /// baseline names them.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Baseline) -> Self {
        self.decisions.set_baseline(baseline);
        self
    }

    /// What the baseline has to say about a document of that name in which these diagnostics were found: entries that
    /// fit none of them, and entries whose day is over.
    #[must_use]
    pub fn baseline_notices(&self, name: &str, diagnostics: &[Diagnostic]) -> Vec<Notice> {
        self.decisions.notices(name, diagnostics)
    }

    /// Which of [`Config::allow`] let something stand in a document of that name.
    #[must_use]
    pub fn allows_used(&self, name: &str, diagnostics: &[Diagnostic]) -> Vec<usize> {
        self.decisions.used(name, diagnostics)
    }

    /// The day by which dated entries are judged for this document, and where it was found.
    #[must_use]
    pub fn day_of(&self, document: &Document) -> (Date, DateSource) {
        if let Some(date) = document.options.date.or(self.date) {
            return (date, DateSource::Given);
        }
        document_date(document).unwrap_or((self.today, DateSource::Today))
    }

    /// The forbidden forms in a text in normal form that no canonical form or permitted phrase holds.
    ///
    /// The automaton over all forms defines what matches. `forms` are those that the filter cannot rule out for this text;
    /// a few are found the same one by one.
    fn search<'l>(
        &'l self,
        forms: &[u32],
        text: &str,
        is_due: &dyn Fn(&Rule) -> bool,
    ) -> Vec<Match<'l>> {
        if forms.len() > FEW {
            return self.search_all(text, is_due);
        }
        let found = forms.iter().flat_map(|&form| {
            let string = self.form(form);
            occurrences(text, string).map(move |at| (form, at..at + string.len()))
        });
        self.matches(found, text, is_due)
    }

    fn search_all<'l>(&'l self, text: &str, is_due: &dyn Fn(&Rule) -> bool) -> Vec<Match<'l>> {
        let found = self.automaton().find_overlapping_iter(text);
        let found = found.map(|m| (m.pattern().as_u32(), m.range()));
        self.matches(found, text, is_due)
    }

    fn automaton(&self) -> &AhoCorasick {
        self.automaton.get_or_init(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(self.index.forms.iter().map(|f| f.text(&self.entries)))
                .expect("forms are counted in 32 bits when the linter is made")
        })
    }

    fn form(&self, nth: u32) -> &str {
        self.index.forms[nth as usize].text(&self.entries)
    }

    /// The matches of rules that are on and due, of forms that were found.
    fn matches<'l>(
        &'l self,
        found: impl Iterator<Item = (u32, Range<usize>)>,
        text: &str,
        is_due: &dyn Fn(&Rule) -> bool,
    ) -> Vec<Match<'l>> {
        let matches = found.filter_map(|(nth, range)| {
            let form = &self.index.forms[nth as usize];
            let rule = self.rules[form.entry as usize].as_ref()?;
            let stands = is_due(rule) && !self.is_permitted(nth, text, &range);
            stands.then(|| Match {
                rule,
                range,
                found: Cow::Borrowed(&rule.entry.forbidden[form.nth as usize]),
                suggestions: Cow::Borrowed(&rule.entry.canonical),
                message: None,
                priority: LISTED,
            })
        });
        matches.collect()
    }

    /// Whether a canonical form or a permitted phrase holds a form that stands at `range`.
    fn is_permitted(&self, form: u32, text: &str, range: &Range<usize>) -> bool {
        let string = &text[range.clone()];
        self.index.permits_of(form).iter().any(|&(_, permit)| {
            let phrase = self.index.permits[permit as usize].as_str();
            occurrences(phrase, string).any(|before| {
                let start = range.start.checked_sub(before);
                let around = start.and_then(|start| text.get(start..));
                around.is_some_and(|text| text.starts_with(phrase))
            })
        })
    }
}

impl Rule {
    /// A rule that is not an entry of a lexicon; `None` when the configuration switches it off.
    pub(crate) fn builtin(
        category: &str,
        name: &str,
        severity: Severity,
        fix: FixMode,
        source: &str,
        config: &Config,
    ) -> Option<Self> {
        let id = format!("{category}/{name}");
        let is_off = config.without_rules || config.disables(&id, category);
        (!is_off).then(|| Self {
            severity: config.severity_of(&id, category).unwrap_or(severity),
            entry: Arc::new(Entry {
                id,
                category: category.to_owned(),
                severity,
                fix,
                source: Some(source.to_owned()),
                ..Entry::default()
            }),
        })
    }

    fn is_dated(&self) -> bool {
        self.entry.valid_from.is_some() || self.entry.valid_until.is_some()
    }
}

fn lies_in(range: &Range<usize>, others: &[Range<usize>]) -> bool {
    others
        .iter()
        .any(|o| o.start <= range.start && range.end <= o.end)
}

/// Where a string stands in a text, overlapping itself or not.
fn occurrences(text: &str, string: &str) -> impl Iterator<Item = usize> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + text.get(from..)?.find(string)?;
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
        Some(at)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lexicon::Layer;

    fn lexicon(pairs: &[(&str, &str)]) -> Lexicon {
        let rows: String = pairs
            .iter()
            .map(|(bad, good)| format!("\"{bad}\" = \"{good}\"\n"))
            .collect();
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![(
                "test.toml".to_owned(),
                format!("category = \"test\"\n[pairs]\n{rows}"),
            )],
            ..Layer::default()
        };
        Lexicon::load(&[layer]).unwrap()
    }

    fn candidates(linter: &Linter, text: &str) -> Vec<u32> {
        let mut sketch = Sketch::default();
        sketch.draw(text);
        linter.index.candidates(&sketch, &linter.entries).forms
    }

    fn found(pairs: &[(&str, &str)], text: &str) -> Vec<String> {
        let linter = Linter::new(&lexicon(pairs), &Config::default()).unwrap();
        let folded = fold(text);
        let matches = linter.search(&candidates(&linter, text), folded.text(), &|_| true);
        let matches = resolve::settle(matches, &folded);
        matches
            .iter()
            .map(|m| text[folded.original(&m.range)].to_owned())
            .collect()
    }

    #[test]
    fn the_longest_form_wins() {
        let pairs = [
            ("从严治党", "全面从严治党"),
            ("一代一路", "一带一路"),
            ("一代一路倡义", "一带一路倡议"),
            ("国家教育部", "教育部"),
        ];
        assert_eq!(found(&pairs, "坚持从严治党。"), ["从严治党"]);
        assert!(found(&pairs, "坚持全面从严治党。").is_empty());
        assert!(found(&pairs, "坚持全面 从严治党。").is_empty());
        assert_eq!(found(&pairs, "共建一代一路倡义"), ["一代一路倡义"]);
        assert_eq!(found(&pairs, "国家教育部"), ["国家教育部"]);
    }

    #[test]
    fn blanks_inside_a_form() {
        let pairs = [("习总书记", "习近平总书记")];
        assert_eq!(found(&pairs, "习总 书 记"), Vec::<String>::new());
        assert_eq!(found(&pairs, "习总 书记"), ["习总 书记"]);
        assert_eq!(found(&pairs, "习 总 书 记"), ["习 总 书 记"]);
        assert_eq!(found(&pairs, "习 总\u{3000}书 记"), Vec::<String>::new());
    }

    /// Characters that meet every step of the normal form.
    fn character() -> impl Strategy<Value = char> {
        prop::sample::select(
            "一二三带代路习总书记产业融合扫黑除险惡險掃⼀AaＡ1１ \u{A0}\u{3000}\n\r\t\u{200B}\u{FE00}。、（）"
                .chars()
                .collect::<Vec<_>>(),
        )
    }

    fn string(len: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
        prop::collection::vec(character(), len).prop_map(String::from_iter)
    }

    /// What is searched for one by one and the automaton over all forms find the same.
    fn check_filter(linter: &Linter, text: &str) -> std::result::Result<(), TestCaseError> {
        let folded = fold(text);
        let ranges = |matches: Vec<Match<'_>>| {
            let mut ranges: Vec<_> = matches
                .into_iter()
                .map(|m| (m.range.start, m.range.end))
                .collect();
            ranges.sort_unstable();
            ranges
        };
        let all = ranges(linter.search_all(folded.text(), &|_| true));
        let candidates = candidates(linter, text);
        prop_assert_eq!(
            &all,
            &ranges(linter.search(&candidates, folded.text(), &|_| true))
        );
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// The automaton defines what matches; the filter in front may only save time.
        #[test]
        fn the_filter_loses_nothing(
            forms in prop::collection::vec((string(2..=5), string(2..=6)), 1..12),
            texts in prop::collection::vec(string(0..=40), 1..8),
        ) {
            let rows: String = forms
                .iter()
                .map(|(bad, good)| format!("{bad:?} = {good:?}\n"))
                .collect();
            let layers: Vec<_> = rows
                .lines()
                .enumerate()
                .map(|(n, row)| Layer {
                    name: n.to_string(),
                    files: vec![("t.toml".to_owned(), format!("category = \"t\"\n[pairs]\n{row}\n"))],
                    ..Layer::default()
                })
                .filter(|layer| Lexicon::load(std::slice::from_ref(layer)).is_ok())
                .collect();
            let lexicon = Lexicon::load(&layers).unwrap();
            let linter = Linter::new(&lexicon, &Config::default()).unwrap();
            for text in &texts {
                check_filter(&linter, text)?;
            }
            for (form, _) in &forms {
                check_filter(&linter, form)?;
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in string(0..=60)) {
            let once = fold(&text).text().to_owned();
            let twice = fold(&once);
            prop_assert_eq!(twice.text(), once.as_str());
        }

        #[test]
        fn every_folded_character_leads_back(text in string(0..=60)) {
            let folded = fold(&text);
            for (at, c) in folded.text().char_indices() {
                let original = folded.original(&(at..at + c.len_utf8()));
                prop_assert!(text.is_char_boundary(original.start) && text.is_char_boundary(original.end));
                let own = fold(&text[original]);
                prop_assert_eq!(own.text(), c.to_string());
            }
        }
    }
}
