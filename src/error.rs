//! One opaque error with a private kind: what happened is read from the message, whose language is the caller's.

use std::fmt;

/// What went wrong, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Box<Kind>,
}

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A document that cannot be read or written; both sentences say what to do.
    Document { zh: String, en: String },
    /// Mistakes in lexicon or configuration files, each with its place.
    Mistakes(Vec<Mistake>),
}

/// A mistake in a TOML file that a person wrote, with its place and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file it stands in.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters.
    pub column: usize,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// The languages that messages come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The text in this language.
    #[must_use]
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

impl Error {
    /// A document that cannot be read or written.
    pub(crate) fn document(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            kind: Box::new(Kind::Document {
                zh: zh.into(),
                en: en.into(),
            }),
        }
    }

    /// Mistakes in TOML files.
    pub(crate) fn mistakes(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort();
        mistakes.dedup();
        Self {
            kind: Box::new(Kind::Mistakes(mistakes)),
        }
    }

    /// The mistakes, when this is about a lexicon or configuration file.
    #[must_use]
    pub fn as_mistakes(&self) -> &[Mistake] {
        match &*self.kind {
            Kind::Mistakes(m) => m,
            Kind::Document { .. } => &[],
        }
    }

    /// The message in one language; several mistakes stand on a line each.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match &*self.kind {
            Kind::Document { zh, en } => lang.pick(zh, en).clone(),
            Kind::Mistakes(mistakes) => {
                let lines: Vec<_> = mistakes
                    .iter()
                    .map(|m| {
                        let text = lang.pick(&m.zh, &m.en);
                        format!("{}:{}:{}: {text}", m.file, m.line, m.column)
                    })
                    .collect();
                lines.join("\n")
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for Error {}
