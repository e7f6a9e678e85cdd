//! Adds an office's own list to the embedded lexicon; where both speak about a form, the office's list wins.
//!
//! `cargo run --example own_lexicon`

#![allow(clippy::print_stdout, reason = "an example prints what it found")]

use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Config, Document, Linter, ReadOptions, Result};

const OFFICE: &str = r#"
category = "office"

[[entry]]
canonical = "青山县融媒体中心"
forbidden = ["青山县广播电视台"]
severity = "warning"
source = "青山县机构改革方案（2019年）"
unless_preceded_by = ["原"]

[pairs]
"青山县政务服务大厅" = "青山县政务服务中心"
"#;

fn main() -> Result<()> {
    let office = Layer {
        name: "office".to_owned(),
        files: vec![("office.toml".to_owned(), OFFICE.to_owned())],
        ..Layer::default()
    };
    let lexicon = Lexicon::load(&[Layer::builtin(), office])?;
    let linter = Linter::new(&lexicon, &Config::default())?;

    let draft = "请到青山县政务服务大厅办理，并在青山县广播电视台公告。";
    let document = Document::parse("notice.txt", draft.into(), &ReadOptions::default())?;
    for diagnostic in linter.lint(&document) {
        println!(
            "{}: {}",
            diagnostic.rule,
            diagnostic.suggestions.join(" / ")
        );
    }
    Ok(())
}
