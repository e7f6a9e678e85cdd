//! TOML -> validated entries; a mistake points at its file and line.

use crate::diagnostic::Severity;
use crate::error::Result;

/// One layer of a lexicon: contradictions inside it are mistakes; a later layer overrides an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// What the layer is called in messages.
    pub name: String,
    /// Its files: name and text.
    pub files: Vec<(String, String)>,
}

impl Layer {
    /// The lexicon that is embedded in the library.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }
}

/// How much a fix may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixMode {
    /// Applied by `fix`.
    Safe,
    /// Applied on request.
    Unsafe,
    /// Only shown.
    None,
}

/// An entry of the lexicon.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The rule id: `category/canonical` or `category/name`.
    pub id: String,
    /// The category.
    pub category: String,
    /// The canonical forms, best first.
    pub canonical: Vec<String>,
    /// The forbidden forms.
    pub forbidden: Vec<String>,
    /// How bad a forbidden form is.
    pub severity: Severity,
    /// How much its fix may be trusted.
    pub fix: FixMode,
    /// Why it is wrong.
    pub reason: Option<String>,
    /// Where the canonical form is laid down.
    pub source: Option<String>,
    /// Strings that permit a forbidden form directly before them.
    pub unless_followed_by: Vec<String>,
    /// Strings that permit a forbidden form directly behind them.
    pub unless_preceded_by: Vec<String>,
    /// Longer phrases that permit the form inside them.
    pub unless_inside: Vec<String>,
    /// Strings that permit the form anywhere in the same sentence.
    pub unless_in_sentence: Vec<String>,
    /// First day on which the form is wrong, as `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day on which the form was right, as `YYYY-MM-DD`.
    pub valid_until: Option<String>,
    /// Sentences in which the entry must fire.
    pub bad: Vec<String>,
    /// Sentences in which it must be silent.
    pub good: Vec<String>,
    /// The file the entry stands in, and its 1-based line.
    pub place: (String, usize),
}

/// A form for which a later layer replaced an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overridden {
    /// The form.
    pub form: String,
    /// File and line of the entry that lost it.
    pub earlier: (String, usize),
    /// File and line of the entry that has it now.
    pub later: (String, usize),
}

/// A validated lexicon.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    entries: Vec<Entry>,
    overridden: Vec<Overridden>,
    digest: String,
}

impl Lexicon {
    /// Reads and validates layers, earliest first.
    ///
    /// # Errors
    /// All mistakes in all files, each with file, line and column.
    pub fn load(layers: &[Layer]) -> Result<Self> {
        let _ = layers;
        Ok(Self::default())
    }

    /// The entries that are in force, in the order of their layers and files.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The forms that a later layer took over.
    #[must_use]
    pub fn overridden(&self) -> &[Overridden] {
        &self.overridden
    }

    /// SHA-256 of the layers, as `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The entry of that rule id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.id == id)
    }
}
