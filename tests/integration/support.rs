//! What several tests need: a lexicon from a few lines, a document from a text.

use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Config, Diagnostic, Document, Linter, ReadOptions};

/// A lexicon of one file.
pub(crate) fn lexicon(toml: &str) -> Lexicon {
    Lexicon::load(&[Layer {
        name: "test".to_owned(),
        files: vec![("test.toml".to_owned(), toml.to_owned())],
        ..Layer::default()
    }])
    .unwrap_or_else(|e| panic!("{e}"))
}

/// A linter over a lexicon of one file.
pub(crate) fn linter(toml: &str) -> Linter {
    Linter::new(&lexicon(toml), &Config::default()).unwrap()
}

/// What a linter finds in a file of that name.
pub(crate) fn lint(linter: &Linter, name: &str, text: &str) -> Vec<Diagnostic> {
    linter.lint(&document(name, text))
}

/// A document that can be read.
pub(crate) fn document(name: &str, text: &str) -> Document {
    Document::parse(name, text.as_bytes().to_vec(), &ReadOptions::default())
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}
