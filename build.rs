//! Reads the embedded lexicon with the library's own loader, so that a run only decodes it.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the modules are the library's; a build script reads files and talks to cargo"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[path = "src/diagnostic.rs"]
mod diagnostic;
#[path = "src/error.rs"]
mod error;
#[path = "src/filter.rs"]
mod filter;
#[path = "src/index.rs"]
mod index;
#[path = "src/lexicon/load.rs"]
mod lexicon;
#[path = "src/rule/near_miss/natural.rs"]
mod natural;
#[path = "src/normal.rs"]
mod normal;
#[path = "src/source.rs"]
mod source;
#[path = "src/toml_file.rs"]
mod toml_file;

fn main() -> ExitCode {
    match write_lexicon() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            for line in message.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn write_lexicon() -> Result<(), String> {
    println!("cargo::rerun-if-changed=lexicon");
    println!("cargo::rerun-if-changed=src");
    let layer = lexicon::Layer {
        name: "builtin".to_owned(),
        files: toml_files(Path::new("lexicon"))?,
        documented: true,
        embedded: true,
    };
    let lexicon = lexicon::Lexicon::default()
        .extended(&[layer])
        .map_err(|e| e.to_string())?;
    // A run with other lexicons on top makes its own index, so that it stands apart.
    let all = (&lexicon, &*lexicon.near(), &*lexicon.index());
    let bytes = postcard::to_allocvec(&all).map_err(|e| e.to_string())?;
    let out = std::env::var("OUT_DIR").map_err(|e| e.to_string())?;
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(Path::new(&out).join(name), bytes).map_err(|e| e.to_string())
    };
    write("lexicon.bin", &bytes)?;
    let pairs = std::fs::read_to_string("src/rule/near_miss/pairs.txt");
    let pairs = pairs.map_err(|e| format!("src/rule/near_miss/pairs.txt: {e}"))?;
    write("pairs.bin", &pair_tables(&pairs))
}

/// One bit for each pair of characters that good text has, each word and each character that is one.
fn pair_tables(pairs: &str) -> Vec<u8> {
    let mut bits = vec![0; natural::SIZE];
    let mut set = |table, a, b| {
        let (byte, bit) = natural::place(table, a, b);
        bits[byte] |= bit;
    };
    let mut lines = pairs.lines();
    let mut alone = || lines.next().unwrap_or_default().chars();
    for c in alone() {
        set(natural::ALONE, '\0', c);
        set(natural::MAY_BE_ALONE, '\0', c);
    }
    for c in alone() {
        set(natural::MAY_BE_ALONE, '\0', c);
    }
    for line in lines {
        let mut chars = line.chars();
        let Some(first) = chars.next() else { continue };
        let (in_words, in_texts) = chars.as_str().split_once(' ').unwrap_or_default();
        for second in in_words.chars() {
            set(natural::WORDS, first, second);
            set(natural::PAIRS, first, second);
        }
        for second in in_texts.chars() {
            set(natural::PAIRS, first, second);
        }
    }
    bits
}

/// All TOML files in a folder and its folders, with names that are the same on every system, in the order of the names.
fn toml_files(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let mut folders = vec![folder.to_owned()];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        let fail = |e: std::io::Error| format!("{}: {e}", folder.display());
        for item in std::fs::read_dir(&folder).map_err(fail)? {
            let path = item.map_err(fail)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "toml") {
                paths.push(path);
            }
        }
    }
    let mut files = Vec::new();
    for path in paths {
        let text =
            std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.to_string_lossy().replace('\\', "/");
        files.push((name, text.replace("\r\n", "\n")));
    }
    files.sort();
    Ok(files)
}
