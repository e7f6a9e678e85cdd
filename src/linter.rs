//! Compile once, then linting cannot fail.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use jiff::civil::Date;

use crate::config::Config;
use crate::date::{DateSource, document_date};
use crate::diagnostic::{Diagnostic, Message, Severity};
use crate::document::Document;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::lexicon::{Entry, FixMode, Lexicon};
use crate::normal::{fold, fold_form};
use crate::resolve::{self, Places};
use crate::rule::{Rules, Target};

/// A compiled lexicon. It is immutable: the same document and day give the same diagnostics, in the same order.
#[derive(Debug)]
pub struct Linter {
    rules: Vec<Rule>,
    patterns: Vec<Pattern>,
    automaton: AhoCorasick,
    filter: Filter,
    others: Rules,
    date: Option<Date>,
    today: Date,
}

/// An entry as the linter needs it: guards in normal form, severity as configured.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) category: String,
    pub(crate) severity: Severity,
    pub(crate) fix: FixMode,
    pub(crate) canonical: Vec<String>,
    pub(crate) reason: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) preceded_by: Vec<String>,
    pub(crate) followed_by: Vec<String>,
    pub(crate) in_sentence: Vec<String>,
    pub(crate) valid_from: Option<Date>,
    pub(crate) valid_until: Option<Date>,
}

/// What it means when the automaton finds a string.
#[derive(Debug, Default)]
struct Pattern {
    /// The rule that forbids it, and the form as the lexicon spells it.
    forbidden: Option<(u32, Box<str>)>,
    /// Whether it is a canonical form or a phrase that permits what is inside it.
    permits: bool,
}

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
    /// When the forms do not fit into an automaton.
    pub fn new(lexicon: &Lexicon, config: &Config) -> Result<Self> {
        let mut strings: Vec<String> = Vec::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut pattern = |string: String, patterns: &mut Vec<Pattern>| {
            *known.entry(string).or_insert_with_key(|s| {
                strings.push(s.clone());
                patterns.push(Pattern::default());
                patterns.len() - 1
            })
        };
        let mut rules = Vec::new();
        for entry in lexicon
            .entries()
            .iter()
            .filter(|e| !config.disables(&e.id, &e.category))
        {
            let nth = u32::try_from(rules.len())
                .map_err(|_| Error::document("词条太多", "too many entries"))?;
            for form in &entry.forbidden {
                let at = pattern(fold_form(form), &mut patterns);
                patterns[at].forbidden = Some((nth, form.as_str().into()));
            }
            rules.push(Rule::new(entry, config));
        }
        let permits: Vec<String> = permitting(lexicon);
        let forms: Vec<&str> = known_forms(&patterns);
        let folded: Vec<String> = forms.iter().map(|f| fold_form(f)).collect();
        let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
        let filter = Filter::new(&folded, permits.iter().map(String::as_str));
        // Only what may hold a forbidden form needs to be looked for beside the forbidden forms.
        for phrase in permits.iter().filter(|p| filter.may_match(p)) {
            let at = pattern(phrase.clone(), &mut patterns);
            // A later layer may forbid what an earlier one calls canonical.
            patterns[at].permits = patterns[at].forbidden.is_none();
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&strings)
            .map_err(|e| {
                Error::document(
                    format!("词库太大，无法编译：{e}"),
                    format!("the lexicon is too large: {e}"),
                )
            })?;
        Ok(Self {
            rules,
            patterns,
            automaton,
            filter,
            others: Rules::new(lexicon, config),
            date: config.date,
            today: config.today,
        })
    }

    /// Finds the mistakes in a document, in reading order.
    #[must_use]
    pub fn lint(&self, document: &Document) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let mut places = Places::new(document);
        let day = OnceCell::new();
        let is_due = |rule: &Rule| {
            !rule.is_dated() || rule.applies_on(*day.get_or_init(|| self.day_of(document).0))
        };
        let mut across = self.others.find_across(document);
        for (index, block) in document.blocks.iter().enumerate() {
            let text = document.text(block);
            let across = across.remove(&index);
            let (listed, others) = (self.filter.may_match(text), self.others.may_match(text));
            if !listed && !others && across.is_none() {
                continue;
            }
            let folded = fold(text);
            let mut matches = across.unwrap_or_default();
            if listed {
                matches.extend(self.search(folded.text(), &is_due));
            }
            if others {
                let target = Target {
                    document,
                    index,
                    text,
                    folded: &folded,
                };
                self.others.find(&target, &mut matches);
            }
            let matches = resolve::settle(matches, &folded);
            resolve::report(&matches, &folded, index, &mut places, &mut diagnostics);
        }
        diagnostics
    }

    /// The day by which dated entries are judged for this document, and where it was found.
    #[must_use]
    pub fn day_of(&self, document: &Document) -> (Date, DateSource) {
        if let Some(date) = self.date {
            return (date, DateSource::Given);
        }
        document_date(document).unwrap_or((self.today, DateSource::Today))
    }

    /// The forbidden forms in a text in normal form that no canonical form or permitted phrase holds.
    fn search<'l>(&'l self, text: &str, is_due: &dyn Fn(&Rule) -> bool) -> Vec<Match<'l>> {
        let mut matches = Vec::new();
        let mut permitted: Vec<Range<usize>> = Vec::new();
        for found in self.automaton.find_overlapping_iter(text) {
            let pattern = &self.patterns[found.pattern()];
            if pattern.permits {
                permitted.push(found.range());
            }
            if let Some((rule, form)) = &pattern.forbidden {
                let rule = &self.rules[*rule as usize];
                if is_due(rule) {
                    matches.push(Match {
                        rule,
                        range: found.range(),
                        found: Cow::Borrowed(form),
                        suggestions: Cow::Borrowed(&rule.canonical),
                        message: None,
                        priority: LISTED,
                    });
                }
            }
        }
        matches.retain(|m| {
            !permitted
                .iter()
                .any(|p| p.start <= m.range.start && m.range.end <= p.end)
        });
        matches
    }

    #[cfg(test)]
    pub(crate) fn search_unfiltered(&self, text: &str) -> Vec<(usize, usize)> {
        let folded = fold(text);
        self.search(folded.text(), &|_| true)
            .into_iter()
            .map(|m| (m.range.start, m.range.end))
            .collect()
    }

    #[cfg(test)]
    pub(crate) fn passes_filter(&self, text: &str) -> bool {
        self.filter.may_match(text)
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
        (!config.disables(&id, category)).then(|| Self {
            severity: config.severity_of(&id, category).unwrap_or(severity),
            id,
            category: category.to_owned(),
            fix,
            canonical: Vec::new(),
            reason: None,
            source: Some(source.to_owned()),
            preceded_by: Vec::new(),
            followed_by: Vec::new(),
            in_sentence: Vec::new(),
            valid_from: None,
            valid_until: None,
        })
    }

    fn new(entry: &Entry, config: &Config) -> Self {
        let folded = |guards: &[String]| guards.iter().map(|g| fold_form(g)).collect();
        Self {
            id: entry.id.clone(),
            category: entry.category.clone(),
            severity: config
                .severity_of(&entry.id, &entry.category)
                .unwrap_or(entry.severity),
            fix: entry.fix,
            canonical: entry.canonical.clone(),
            reason: entry.reason.clone(),
            source: entry.source.clone(),
            preceded_by: folded(&entry.unless_preceded_by),
            followed_by: folded(&entry.unless_followed_by),
            in_sentence: folded(&entry.unless_in_sentence),
            valid_from: entry.valid_from,
            valid_until: entry.valid_until,
        }
    }

    fn is_dated(&self) -> bool {
        self.valid_from.is_some() || self.valid_until.is_some()
    }

    fn applies_on(&self, day: Date) -> bool {
        self.valid_until.is_none_or(|last| day > last)
            && self.valid_from.is_none_or(|first| day >= first)
    }
}

/// The forms that are forbidden, as the lexicon spells them.
fn known_forms(patterns: &[Pattern]) -> Vec<&str> {
    patterns
        .iter()
        .filter_map(|p| p.forbidden.as_ref())
        .map(|(_, form)| form.as_ref())
        .collect()
}

/// The official forms, canonical forms and permitted phrases of the whole lexicon, in normal form, each once.
fn permitting(lexicon: &Lexicon) -> Vec<String> {
    let mut seen = HashSet::new();
    let terms = lexicon.terms().iter();
    lexicon
        .entries()
        .iter()
        .flat_map(|e| e.canonical.iter().chain(&e.unless_inside))
        .chain(terms.flat_map(|t| t.forms.iter().chain(&t.variants)))
        .map(|phrase| fold_form(phrase))
        .filter(|phrase| seen.insert(phrase.clone()))
        .collect()
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
            documented: false,
        };
        Lexicon::load(&[layer]).unwrap()
    }

    fn found(pairs: &[(&str, &str)], text: &str) -> Vec<String> {
        let linter = Linter::new(&lexicon(pairs), &Config::default()).unwrap();
        let folded = fold(text);
        let matches = linter.search(folded.text(), &|_| true);
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
                    files: vec![("t.toml".to_owned(), format!("category = \"t\"\n[pairs]\n{}\n", row.replace("\\u{", "\\u{")))],
                    documented: false,
                })
                .filter(|layer| Lexicon::load(std::slice::from_ref(layer)).is_ok())
                .collect();
            let lexicon = Lexicon::load(&layers).unwrap();
            let linter = Linter::new(&lexicon, &Config::default()).unwrap();
            for text in &texts {
                if !linter.passes_filter(text) {
                    prop_assert_eq!(linter.search_unfiltered(text), Vec::new());
                }
            }
            for (form, _) in &forms {
                if !linter.passes_filter(form) {
                    prop_assert_eq!(linter.search_unfiltered(form), Vec::new());
                }
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
