//! Writes the safe fixes into a docx, in memory: every other part of the package stays as it is, byte for byte.
//!
//! `cargo run --example fix_docx`

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example reads its draft from a file and prints"
)]

use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Applicability, Config, Document, Linter, ReadOptions, Result, fix};

fn main() -> Result<()> {
    let lexicon = Lexicon::load(&[Layer::builtin()])?;
    let linter = Linter::new(&lexicon, &Config::default())?;

    let bytes =
        std::fs::read("examples/drafts/notice.docx").expect("run it from the project folder");
    let document = Document::parse("notice.docx", bytes, &ReadOptions::default())?;
    let fixed = fix::apply(&linter, &document, Applicability::Safe)?;
    for diagnostic in &fixed.applied {
        println!("{} -> {}", diagnostic.found, diagnostic.suggestions[0]);
    }
    println!(
        "{} bytes, {} left",
        fixed.bytes.len(),
        fixed.remaining.len()
    );
    Ok(())
}
