//! Makes `src/rule/near_miss/pairs.txt`: which characters good text puts beside each other.
//!
//! ```text
//! cargo run --release --example near_miss_pairs -- FOLDER WORDS > src/rule/near_miss/pairs.txt
//! ```
//!
//! FOLDER holds texts of statutes and regulations. WORDS is a word list, a word and its frequency on each line, such as the
//! dictionary of jieba: it knows words that statutes do not use.

#![allow(clippy::print_stdout, reason = "a small program that is run by hand")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

/// How often the texts must have a pair, and the words.
const IN_TEXTS: u32 = 3;
const IN_WORDS: u32 = 50;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(words)) = (arguments.next(), arguments.next()) else {
        println!("usage: near_miss_pairs FOLDER WORDS");
        return ExitCode::from(2);
    };
    let mut in_texts: BTreeMap<(char, char), u32> = BTreeMap::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)
            .expect("the folder can be read")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                for pair in pairs(&text) {
                    *in_texts.entry(pair).or_default() += 1;
                }
            }
        }
    }
    let mut in_words: BTreeMap<(char, char), u32> = BTreeMap::new();
    for line in std::fs::read_to_string(words)
        .expect("the word list can be read")
        .lines()
    {
        let mut fields = line.split_whitespace();
        let (Some(word), Some(count)) = (fields.next(), fields.next()) else {
            continue;
        };
        if word.chars().all(is_ideograph) {
            for pair in pairs(word) {
                *in_words.entry(pair).or_default() += count.parse().unwrap_or(0);
            }
        }
    }
    let enough = |counts: BTreeMap<(char, char), u32>, least| {
        counts
            .into_iter()
            .filter(move |&(_, count)| count >= least)
            .map(|(pair, _)| pair)
    };
    let mut known: BTreeSet<(char, char)> = enough(in_texts, IN_TEXTS).collect();
    known.extend(enough(in_words, IN_WORDS));
    let mut rows: BTreeMap<char, String> = BTreeMap::new();
    for (first, second) in known {
        rows.entry(first).or_default().push(second);
    }
    for (first, others) in rows {
        println!("{first}{others}");
    }
    ExitCode::SUCCESS
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
