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
    let bytes = postcard::to_allocvec(&(&lexicon, &*lexicon.index())).map_err(|e| e.to_string())?;
    let out = std::env::var("OUT_DIR").map_err(|e| e.to_string())?;
    std::fs::write(Path::new(&out).join("lexicon.bin"), bytes).map_err(|e| e.to_string())
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
