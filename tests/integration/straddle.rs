//! Words that look like a wrong form where they meet: 公平|合理 holds 平合, 自己|经营 holds 己经.
//!
//! For each short form of the embedded lexicon the frequent words that may meet in it are put side by side and read by the
//! real linter. What it reports is a false alarm in waiting: the entry needs a guard, or the form must go, unless
//! `tests/straddle-allowed.toml` says why the two words never meet. `cargo run --example straddle` brings that file up to
//! date; what is new there has no reason yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use jieba_rs::Jieba;
use serde::{Deserialize, Serialize};
use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Config, Document, Linter, ReadOptions};

/// The words of a word list of sixty million running words that count as frequent.
const FREQUENT: usize = 500;

/// Words of one character are everywhere; only the commonest count.
const FREQUENT_ALONE: usize = 50_000;

/// Two words are put side by side when that would happen so often in the word list's texts if all words came by chance.
const LIKELY: f64 = 0.1;

/// The running words that the word list was counted in.
const RUNNING_WORDS: f64 = 6e7;

/// How many words are tried on either side of a form: the most frequent ones.
const NEIGHBOURS: usize = 12;

/// By form: the pairs of words, `left|right`, in which it is reported.
pub(crate) type Straddles = BTreeMap<String, BTreeSet<String>>;

/// Pairs that may be reported, and why that does not matter.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allowed {
    pub(crate) reason: String,
    pub(crate) forms: Straddles,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllowedFile {
    #[serde(default)]
    pub(crate) allowed: Vec<Allowed>,
}

#[test]
fn no_two_frequent_words_meet_in_a_wrong_form() {
    let text = fs::read_to_string(allowed_path()).unwrap();
    let file: AllowedFile = toml::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    let mut allowed = Straddles::new();
    for group in file.allowed {
        if group.reason.trim().is_empty() {
            wrong.push(format!("no reason is given for {:?}", group.forms));
        }
        for (form, pairs) in group.forms {
            allowed.entry(form).or_default().extend(pairs);
        }
    }
    let found = straddles();
    for (form, pairs) in without(&found, &allowed) {
        wrong.push(format!(
            "{form} is reported in {pairs:?}: guard the entry, drop the form, or allow it"
        ));
    }
    for (form, pairs) in without(&allowed, &found) {
        wrong.push(format!(
            "{form} is no longer reported in {pairs:?}: take it off the list"
        ));
    }
    assert!(
        wrong.is_empty(),
        "tests/straddle-allowed.toml (see cargo run --example straddle):\n{}",
        wrong.join("\n")
    );
}

/// Where the list of what is allowed stands.
pub(crate) fn allowed_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/straddle-allowed.toml")
}

/// What is in `all` and not in `others`.
pub(crate) fn without(all: &Straddles, others: &Straddles) -> Straddles {
    let none = BTreeSet::new();
    all.iter()
        .map(|(form, pairs)| {
            let others = others.get(form).unwrap_or(&none);
            (form.clone(), pairs.difference(others).cloned().collect())
        })
        .filter(|(_, pairs): &(String, BTreeSet<String>)| !pairs.is_empty())
        .collect()
}

/// The pairs of frequent words in which the linter reports a short form of the embedded lexicon.
pub(crate) fn straddles() -> Straddles {
    let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
    let forms: BTreeSet<Vec<char>> = lexicon
        .entries()
        .flat_map(|e| &e.forbidden)
        .map(|form| form.chars().collect::<Vec<_>>())
        .filter(|form| matches!(form.len(), 2 | 3))
        .collect();
    let words = Words::for_forms(&forms);
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut text = String::new();
    for form in &forms {
        for cut in 1..form.len() {
            let (head, rest) = (
                String::from_iter(&form[..cut]),
                String::from_iter(&form[cut..]),
            );
            for (left, right) in words.pairs(&head, &rest) {
                text.push_str(&format!("说明{left}{right}。\n\n"));
                pairs.push((String::from_iter(form), format!("{left}|{right}")));
            }
        }
    }
    let document = Document::parse("pairs.txt", text.into_bytes(), &ReadOptions::default());
    let document = document.unwrap();
    let linter = Linter::new(&lexicon, &Config::default()).unwrap();
    let mut found = Straddles::new();
    for d in linter.lint(&document) {
        let nth = (d.spans[0].start.line - 1) / 2;
        let (form, pair) = &pairs[nth];
        if d.found == *form {
            found.entry(form.clone()).or_default().insert(pair.clone());
        }
    }
    found
}

/// Frequent words by how they begin and how they end, the most frequent first.
struct Words {
    frequency: HashMap<String, usize>,
    by_head: HashMap<String, Vec<String>>,
    by_tail: HashMap<String, Vec<String>>,
}

impl Words {
    /// The words that may meet in one of the forms. The word list cannot be listed, only asked; so it is asked for every
    /// word of two characters with one of the forms' characters in it, and for the longer words of the clean corpus.
    fn for_forms(forms: &BTreeSet<Vec<char>>) -> Self {
        let jieba = Jieba::new();
        let corpus = corpus();
        let common: BTreeSet<char> = corpus.chars().filter(|c| is_han(*c)).collect();
        let met: BTreeSet<char> = forms.iter().flatten().copied().collect();
        let mut candidates: BTreeSet<String> = common.iter().map(char::to_string).collect();
        let mut all = String::new();
        for &c in &met {
            all.clear();
            for &other in &common {
                all.extend([other, c]);
            }
            let words = jieba.cut_all(&all).into_iter();
            candidates.extend(words.filter(|w| w.len() == 6).map(str::to_owned));
        }
        let words = jieba.cut_all(&corpus).into_iter();
        candidates.extend(words.filter(|w| w.chars().all(is_han)).map(str::to_owned));
        Self::frequent(&jieba, candidates)
    }

    fn frequent(jieba: &Jieba, candidates: BTreeSet<String>) -> Self {
        let mut ranked: Vec<(usize, String)> = candidates
            .into_iter()
            .filter_map(|word| {
                let frequency = jieba.suggest_freq(&word);
                let least = if word.chars().count() == 1 {
                    FREQUENT_ALONE
                } else {
                    FREQUENT
                };
                // Names of persons meet anything, but seldom.
                let is_name = || jieba.tag(&word, false)[0].tag.starts_with("nr");
                (frequency >= least && !is_name()).then_some((frequency, word))
            })
            .collect();
        ranked.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
        let mut words = Self {
            frequency: HashMap::new(),
            by_head: HashMap::new(),
            by_tail: HashMap::new(),
        };
        for (frequency, word) in ranked {
            let cuts: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
            let len = cuts.len();
            for n in 1..=len.min(2) {
                let head = cuts.get(n).copied().unwrap_or(word.len());
                let tail = cuts[len - n];
                let heads = words.by_head.entry(word[..head].to_owned());
                heads.or_default().push(word.clone());
                let tails = words.by_tail.entry(word[tail..].to_owned());
                tails.or_default().push(word.clone());
            }
            words.frequency.insert(word, frequency);
        }
        words
    }

    /// The likely pairs of a word that ends with `head` and one that begins with `rest`.
    fn pairs(&self, head: &str, rest: &str) -> Vec<(&str, &str)> {
        let lefts = self.by_tail.get(head).into_iter().flatten();
        let rights = self.by_head.get(rest).into_iter().flatten();
        let mut pairs = Vec::new();
        for left in lefts.take(NEIGHBOURS) {
            for right in rights.clone().take(NEIGHBOURS) {
                let by_chance =
                    self.frequency[left] as f64 * self.frequency[right] as f64 / RUNNING_WORDS;
                let is_form = left.len() + right.len() == head.len() + rest.len();
                if by_chance >= LIKELY && !is_form {
                    pairs.push((left.as_str(), right.as_str()));
                }
            }
        }
        pairs
    }
}

fn is_han(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

fn corpus() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}
