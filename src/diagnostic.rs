//! The result of linting, as plain data.

use std::ops::Range;

use crate::document::Place;
use crate::error::Lang;
use crate::source::{Position, Span};

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A hint.
    Info,
    /// Probably wrong.
    Warning,
    /// Wrong: an inspection would count it.
    Error,
}

impl Severity {
    /// All severities, least first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The name in files and outputs: `info`, `warning`, `error`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// A mistake that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's id: `category/canonical`, or `category/name`.
    pub rule: String,
    /// The rule's category.
    pub category: String,
    /// How bad it is, after demotion.
    pub severity: Severity,
    /// Name of the part it stands in; empty for a flat file.
    pub part: String,
    /// Index of the block it stands in.
    pub block: usize,
    /// Where it stands: more than one range where markup splits it.
    pub spans: Vec<Location>,
    /// Where the same text stands a second time in the file, and is fixed with the first.
    pub twins: Vec<Location>,
    /// Where it stands, for a person.
    pub place: Place,
    /// What is wrong.
    pub message: Message,
    /// The forbidden form that was matched.
    pub found: String,
    /// What should stand there instead, best first.
    pub suggestions: Vec<String>,
    /// Why, as the lexicon says it.
    pub reason: Option<String>,
    /// Where the canonical form is laid down.
    pub source: Option<String>,
    /// How the text hid the form.
    pub disguises: Vec<Disguise>,
    /// Set when the context makes it less than it seems.
    pub demoted: Option<Demotion>,
    /// Set when somebody decided to let it stand.
    pub suppressed: Option<Suppression>,
    /// The text around it.
    pub excerpt: Excerpt,
    /// How to repair it, if there is one way.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Whether it counts: neither suppressed nor demoted below `least`.
    #[must_use]
    pub fn counts(&self, least: Severity) -> bool {
        self.suppressed.is_none() && self.severity >= least
    }
}

/// A span with its lines and columns.
///
/// In a flat file lines and columns are those of the file; in a docx the line is the number of the paragraph in its
/// part, and the column counts the characters in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Bytes of the part as stored.
    pub span: Span,
    /// Line and column of the first character.
    pub start: Position,
    /// Line and column just behind the last character.
    pub end: Position,
}

/// What is wrong, with what is needed to say it in any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A listed forbidden form.
    Wording {
        /// The forbidden form.
        found: String,
        /// The canonical forms.
        canonical: Vec<String>,
    },
    /// Nearly an official form.
    NearMiss {
        /// What the text has.
        found: String,
        /// The official forms that it is nearest to.
        canonical: Vec<String>,
        /// What differs from the first of them.
        difference: Difference,
    },
}

/// What differs between a text and the official form that it misses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A character is missing.
    Missing(char),
    /// There is one too many.
    Extra(char),
    /// One stands for another.
    Replaced {
        /// What the text has.
        found: char,
        /// What should stand there.
        wanted: char,
    },
    /// Two neighbours have changed places; they are given in the right order.
    Swapped(String),
    /// More than one of these.
    Several,
}

impl Message {
    /// The sentence in one language.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        match self {
            Self::Wording { found, canonical } => match lang {
                Lang::Zh => {
                    let list: Vec<_> = canonical.iter().map(|c| format!("“{c}”")).collect();
                    format!("“{found}”应为{}", list.join("或"))
                }
                Lang::En => {
                    let list: Vec<_> = canonical.iter().map(|c| format!("“{c}”")).collect();
                    format!("“{found}” should be {}", list.join(" or "))
                }
            },
            Self::NearMiss {
                found,
                canonical,
                difference,
            } => {
                let list: Vec<_> = canonical.iter().map(|c| format!("“{c}”")).collect();
                match lang {
                    Lang::Zh => format!(
                        "“{found}”疑为{}之误：{}",
                        list.join("或"),
                        difference.render(lang)
                    ),
                    Lang::En => format!(
                        "“{found}” looks like a slip for {}: {}",
                        list.join(" or "),
                        difference.render(lang)
                    ),
                }
            }
        }
    }
}

impl Difference {
    fn render(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Missing(c), Lang::Zh) => format!("缺“{c}”字"),
            (Self::Missing(c), Lang::En) => format!("“{c}” is missing"),
            (Self::Extra(c), Lang::Zh) => format!("多“{c}”字"),
            (Self::Extra(c), Lang::En) => format!("“{c}” is one too many"),
            (Self::Replaced { found, wanted }, Lang::Zh) => format!("“{found}”应为“{wanted}”"),
            (Self::Replaced { found, wanted }, Lang::En) => {
                format!("“{found}” should be “{wanted}”")
            }
            (Self::Swapped(right), Lang::Zh) => format!("前后颠倒，应为“{right}”"),
            (Self::Swapped(right), Lang::En) => {
                format!("two characters have changed places, it should be “{right}”")
            }
            (Self::Several, Lang::Zh) => "有两处不同".to_owned(),
            (Self::Several, Lang::En) => "it differs in two places".to_owned(),
        }
    }
}

/// How a text hid a form from a plain search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disguise {
    /// An invisible character inside.
    ZeroWidth,
    /// A blank inside.
    Blank,
    /// A line break inside.
    LineWrap,
    /// Full-width letters or digits.
    Width,
    /// Other case of letters.
    Case,
    /// A radical or compatibility character instead of the ideograph.
    Radical,
    /// Traditional characters.
    Traditional,
    /// Markup, or a joint between two runs, inside.
    SplitMarkup,
    /// A character reference.
    Entity,
}

impl Disguise {
    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ZeroWidth => "zero-width",
            Self::Blank => "blank",
            Self::LineWrap => "line-wrap",
            Self::Width => "width",
            Self::Case => "case",
            Self::Radical => "radical",
            Self::Traditional => "traditional",
            Self::SplitMarkup => "split-markup",
            Self::Entity => "entity",
        }
    }
}

/// Why a diagnostic is less than it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demotion {
    /// The severity the rule has.
    pub from: Severity,
    /// What in the context speaks for it.
    pub reason: DemotionReason,
}

/// What makes a form less than a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemotionReason {
    /// The form is quoted as a mistake, not made.
    Mention,
    /// The form was right at the time that the sentence speaks of, or it is cited as a title.
    Historical,
}

impl DemotionReason {
    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Historical => "historical",
        }
    }
}

/// Who decided to let a diagnostic stand, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// `inline`, `baseline` or `config`.
    pub by: &'static str,
    /// The reason that was given.
    pub reason: String,
}

/// The text around a diagnostic, at most 30 characters on either side, within its block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// What stands before.
    pub before: String,
    /// The form as the block has it (not in normal form).
    pub form: String,
    /// What stands behind.
    pub after: String,
    /// Whether the block goes on before `before`.
    pub cut_before: bool,
    /// Whether the block goes on behind `after`.
    pub cut_after: bool,
}

/// A repair: edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Edits of the diagnostic's part, in order, none overlapping.
    pub edits: Vec<Edit>,
    /// Whether they may be applied unattended.
    pub applicability: Applicability,
    /// The same change to the block's text, as byte ranges of it: what a fix is checked by.
    pub(crate) text: Vec<(Range<usize>, String)>,
}

/// One splice of a part as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace.
    pub span: Span,
    /// What to put there, as text, already escaped for its place; it is written in the part's encoding.
    pub content: String,
}

/// Whether a fix may be applied unattended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Shown, never applied.
    DisplayOnly,
    /// Applied only when asked for.
    Unsafe,
    /// Applied by `fix`.
    Safe,
}

impl Applicability {
    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DisplayOnly => "display-only",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}
