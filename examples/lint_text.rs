//! Proofreads a text with the embedded lexicon and prints what should stand there instead.
//!
//! `cargo run --example lint_text`

#![allow(clippy::print_stdout, reason = "an example prints what it found")]

use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Config, Document, Linter, ReadOptions, Result};

fn main() -> Result<()> {
    let lexicon = Lexicon::load(&[Layer::builtin()])?;
    let linter = Linter::new(&lexicon, &Config::default())?;

    let draft = "　　深入学习习总书记重要讲话精神，推进扫黑险恶斗争。";
    let document = Document::parse("notice.txt", draft.into(), &ReadOptions::default())?;
    for diagnostic in linter.lint(&document) {
        let start = diagnostic.spans[0].start;
        println!(
            "{}:{}: {} -> {}",
            start.line,
            start.column,
            diagnostic.found,
            diagnostic.suggestions.join(" / ")
        );
    }
    Ok(())
}
