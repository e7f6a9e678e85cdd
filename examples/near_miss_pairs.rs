//! Makes `src/rule/near_miss/pairs.txt`: which characters good text puts beside each other, and which are words.
//!
//! ```text
//! cargo run --release --example near_miss_pairs -- FOLDER WORDS [--without=PART]... > src/rule/near_miss/pairs.txt
//! ```
//!
//! FOLDER holds texts of statutes and regulations. WORDS is a word list such as the dictionary of jieba, which knows words
//! that statutes do not use: a word, its frequency and its part of speech on each line. `--without` leaves out the files that
//! have PART in their paths, so that a build with the outcome can be measured on texts that it has not seen.

#![allow(clippy::print_stdout, reason = "a small program that is run by hand")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

/// How often the texts must have a pair, and the words all together.
const IN_TEXTS: u32 = 3;
const IN_WORDS: u32 = 50;

/// How frequent a word of two characters must be, one of one character, and one of one character that is a word at times.
const WORD: u32 = 5;
const ALONE: u32 = 10_000;
const MAY_BE_ALONE: u32 = 2_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let without: Vec<&str> = arguments
        .iter()
        .filter_map(|a| a.strip_prefix("--without="))
        .collect();
    let mut plain = arguments.iter().filter(|a| !a.starts_with("--"));
    let (Some(folder), Some(words)) = (plain.next(), plain.next()) else {
        println!("usage: near_miss_pairs FOLDER WORDS [--without=PART]...");
        return ExitCode::from(2);
    };
    let words = std::fs::read_to_string(words).expect("the word list can be read");
    let mut in_words: BTreeMap<(char, char), u32> = BTreeMap::new();
    let mut words_of_two = BTreeSet::new();
    let (mut alone, mut may_be_alone) = (BTreeSet::new(), BTreeSet::new());
    for line in words.lines() {
        let mut fields = line.split_whitespace();
        let (Some(word), Some(count)) = (fields.next(), fields.next()) else {
            continue;
        };
        let is_person = fields.next().is_some_and(|part| part.starts_with("nr"));
        if is_person || !word.chars().all(is_ideograph) {
            continue;
        }
        let count: u32 = count.parse().unwrap_or(0);
        let chars: Vec<char> = word.chars().collect();
        match *chars {
            [c] if count >= ALONE => _ = alone.insert(c),
            [c] if count >= MAY_BE_ALONE => _ = may_be_alone.insert(c),
            [a, b] if count >= WORD => _ = words_of_two.insert((a, b)),
            _ => {}
        }
        for pair in pairs(word) {
            *in_words.entry(pair).or_default() += count;
        }
    }
    let enough = |counts: BTreeMap<(char, char), u32>, least| {
        counts
            .into_iter()
            .filter(move |&(_, count)| count >= least)
            .map(|(pair, _)| pair)
    };
    let in_texts = count_pairs(PathBuf::from(folder), &without);
    let mut known: BTreeSet<(char, char)> = enough(in_texts, IN_TEXTS).collect();
    known.extend(enough(in_words, IN_WORDS));
    let mut rows: BTreeMap<char, [String; 2]> = BTreeMap::new();
    for &(first, second) in known.union(&words_of_two) {
        let [of_words, of_texts] = rows.entry(first).or_default();
        if words_of_two.contains(&(first, second)) {
            of_words.push(second);
        } else {
            of_texts.push(second);
        }
    }
    println!("{}", String::from_iter(alone));
    println!("{}", String::from_iter(may_be_alone));
    for (first, [of_words, of_texts]) in rows {
        println!("{first}{of_words} {of_texts}");
    }
    ExitCode::SUCCESS
}

/// How often each pair stands in the files of a folder.
fn count_pairs(folder: PathBuf, without: &[&str]) -> BTreeMap<(char, char), u32> {
    let mut counts: BTreeMap<(char, char), u32> = BTreeMap::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("the folder can be read");
        for entry in entries.flatten() {
            let path = entry.path();
            let name = path.to_string_lossy();
            if without.iter().any(|part| name.contains(part)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                for pair in pairs(&text) {
                    *counts.entry(pair).or_default() += 1;
                }
            }
        }
    }
    counts
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> + '_ {
    let next = text.chars().skip(1);
    text.chars()
        .zip(next)
        .filter(|&(a, b)| is_ideograph(a) && is_ideograph(b))
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '〇')
}
