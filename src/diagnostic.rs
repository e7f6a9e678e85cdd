//! The result of linting, as plain data.

use std::ops::Range;

use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Lang;
use crate::source::{Place, Position, Span};

/// How bad a diagnostic is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Severity {
    /// A hint.
    Info,
    /// Probably wrong.
    Warning,
    /// Wrong: an inspection would count it.
    #[default]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The bytes of the block's text that it is about; empty for what stands between blocks.
    pub(crate) range: Range<usize>,
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
    /// Where there is no one way: what each of the suggestions would change.
    pub(crate) alternatives: Vec<Option<Fix>>,
}

impl Diagnostic {
    /// What taking a suggestion, counted from 0, would change, however safe that is; `None` where there is no such
    /// suggestion, and where it cannot be written.
    #[must_use]
    pub fn fix_with(&self, suggestion: usize) -> Option<&Fix> {
        match (&self.fix, suggestion) {
            (Some(fix), 0) => Some(fix),
            _ => self.alternatives.get(suggestion)?.as_ref(),
        }
    }

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Bytes of the part as stored.
    pub span: Span,
    /// Line and column of the first character.
    pub start: Position,
    /// Line and column just behind the last character.
    pub end: Position,
}

/// What is wrong, with what is needed to say it in any language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// An article is cited that the statute does not have.
    NoSuchArticle {
        /// The statute.
        title: String,
        /// The article as it is cited.
        article: String,
        /// How many articles there are.
        articles: u32,
        /// The day of the version that was counted.
        amended: Option<Date>,
    },
    /// Something was to be filled in.
    Placeholder {
        /// What stands in its place.
        found: String,
    },
    /// An item of a list has the wrong number.
    OutOfOrder {
        /// Its mark.
        found: String,
        /// The mark that should follow.
        expected: String,
        /// Whether the number stands twice; otherwise one is missing.
        repeated: bool,
    },
    /// A name is spelled otherwise than elsewhere in the document.
    OtherSpelling {
        /// The spelling.
        found: String,
        /// The one that stands more often.
        usual: String,
        /// Where that stands first.
        place: Place,
        /// Its line and column, for a flat file.
        start: Option<Position>,
    },
    /// An annex is mentioned that is not listed.
    AnnexMissing {
        /// Its number.
        annex: u32,
        /// The number of the last that is listed.
        last: u32,
    },
    /// An annex is listed that is not mentioned.
    AnnexUnmentioned {
        /// Its number.
        annex: u32,
    },
    /// What a pattern of the lexicon says.
    Pattern {
        /// In Chinese.
        zh: String,
        /// In English.
        en: String,
    },
    /// Personal data that must be masked.
    PersonalData {
        /// What it is.
        kind: PersonalData,
        /// The value with its middle hidden.
        masked: String,
    },
    /// A column of a table whose cells hold personal data.
    PersonalColumn {
        /// What they hold.
        kind: PersonalData,
        /// The header.
        header: String,
        /// How many cells are not masked.
        cells: usize,
    },
    /// A mark without its partner.
    Unpaired {
        /// The mark.
        mark: char,
        /// What is missing.
        partner: char,
    },
    /// An instruction to let something stand that does not do so.
    Instruction {
        /// What is wrong with it.
        flaw: InstructionFlaw,
        /// The rule or category that it names, if it names one.
        rule: String,
    },
}

/// What differs between a text and the official form that it misses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Difference {
    fn message(&self, lang: Lang) -> String {
        match self {
            Self::Missing(c) => lang.pick(format!("缺“{c}”字"), format!("“{c}” is missing")),
            Self::Extra(c) => lang.pick(format!("多“{c}”字"), format!("“{c}” is one too many")),
            Self::Replaced { found, wanted } => lang.pick(
                format!("“{found}”应为“{wanted}”"),
                format!("“{found}” should be “{wanted}”"),
            ),
            Self::Swapped(right) => lang.pick(
                format!("前后颠倒，应为“{right}”"),
                format!("two characters have changed places: it should be “{right}”"),
            ),
            Self::Several => lang.pick(
                "有两处不同".to_owned(),
                "it differs in two places".to_owned(),
            ),
        }
    }
}

/// The kinds of personal data that are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PersonalData {
    /// 居民身份证号码.
    ResidentNumber,
    /// A mobile number.
    Mobile,
    /// The number of a bank card or account.
    BankCard,
    /// The number of a passport.
    Passport,
    /// The number of a permit for Hong Kong, Macao or Taiwan.
    Permit,
    /// A license plate.
    Plate,
    /// A mailbox.
    Email,
}

impl PersonalData {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ResidentNumber,
        Self::Mobile,
        Self::BankCard,
        Self::Passport,
        Self::Permit,
        Self::Plate,
        Self::Email,
    ];

    /// The name in rule ids: `privacy/resident-id` and so on.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ResidentNumber => "resident-id",
            Self::Mobile => "mobile",
            Self::BankCard => "bank-card",
            Self::Passport => "passport",
            Self::Permit => "permit",
            Self::Plate => "plate",
            Self::Email => "email",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::ResidentNumber => lang.pick("居民身份证号码", "resident identity number"),
            Self::Mobile => lang.pick("手机号码", "mobile number"),
            Self::BankCard => lang.pick("银行卡号", "bank card number"),
            Self::Passport => lang.pick("护照号码", "passport number"),
            Self::Permit => lang.pick("通行证号码", "permit number"),
            Self::Plate => lang.pick("车牌号码", "license plate"),
            Self::Email => lang.pick("电子邮箱", "e-mail address"),
        }
    }
}

/// What is wrong with an instruction to let something stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InstructionFlaw {
    /// It gives no reason, so it is not followed.
    NoReason,
    /// It is none of the instructions there are.
    Malformed,
    /// A start without its end, or an end without its start.
    Unmatched,
    /// There is nothing that it lets stand.
    Unused,
}

impl InstructionFlaw {
    fn message(self, rule: &str, lang: Lang) -> String {
        match self {
            Self::NoReason => lang.pick(
                "没有写理由，这条忽略不起作用；应写成 zhengming-ignore 规则: 理由".to_owned(),
                "no reason is given, so nothing is ignored: write zhengming-ignore RULE: reason"
                    .to_owned(),
            ),
            Self::Malformed => lang.pick(
                "看不懂的指令；可用的有 zhengming-ignore、-ignore-start、-ignore-end、-ignore-file，后面写规则或类别"
                    .to_owned(),
                "no known instruction: there are zhengming-ignore, -ignore-start, -ignore-end and -ignore-file, followed by a rule or category"
                    .to_owned(),
            ),
            Self::Unmatched => lang.pick(
                format!("“{rule}”的 ignore-start 与 ignore-end 没有成对出现，这条不起作用"),
                format!("ignore-start and ignore-end of “{rule}” are no pair, so nothing is ignored"),
            ),
            Self::Unused => lang.pick(
                format!("这里没有“{rule}”的问题，请删去这条忽略"),
                format!("nothing of “{rule}” is found here: remove this instruction"),
            ),
        }
    }
}

impl Message {
    /// Whether the rule behind it reads the text as it is, blanks and all.
    pub(crate) fn reads_text(&self) -> bool {
        !matches!(self, Self::Wording { .. } | Self::NearMiss { .. })
    }

    /// The same with every text that came out of a document put through `redact`.
    pub(crate) fn redacted(&self, redact: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::Placeholder { found } => Self::Placeholder {
                found: redact(found),
            },
            Self::NearMiss {
                found,
                canonical,
                difference,
            } => Self::NearMiss {
                found: redact(found),
                canonical: canonical.clone(),
                difference: difference.clone(),
            },
            Self::OtherSpelling {
                found,
                usual,
                place,
                start,
            } => Self::OtherSpelling {
                found: redact(found),
                usual: redact(usual),
                place: place.clone(),
                start: *start,
            },
            Self::Pattern { zh, en } => Self::Pattern {
                zh: redact(zh),
                en: redact(en),
            },
            other => other.clone(),
        }
    }

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
                let what = difference.message(lang);
                lang.pick(
                    format!("“{found}”疑为{}之误：{what}", list.join("或")),
                    format!(
                        "“{found}” looks like a slip for {}: {what}",
                        list.join(" or ")
                    ),
                )
            }
            Self::NoSuchArticle {
                title,
                article,
                articles,
                amended,
            } => {
                let version =
                    amended.map(|d| (format!("（{}文本）", day_zh(d)), format!(" ({d})")));
                let (zh, en) = version.unwrap_or_default();
                lang.pick(
                    format!("《{title}》{zh}共{articles}条，没有{article}"),
                    format!("《{title}》{en} has {articles} articles, and no {article}"),
                )
            }
            Self::Placeholder { found } => lang.pick(
                format!("“{found}”是没有填写的占位文字"),
                format!("“{found}” was to be filled in"),
            ),
            Self::OutOfOrder {
                found,
                expected,
                repeated: true,
            } => lang.pick(
                format!("序号“{found}”重复，应为“{expected}”"),
                format!("the number “{found}” stands twice: “{expected}” should follow"),
            ),
            Self::OutOfOrder {
                found, expected, ..
            } => lang.pick(
                format!("序号跳到“{found}”，缺少“{expected}”"),
                format!("the numbers skip to “{found}”: “{expected}” is missing"),
            ),
            Self::OtherSpelling {
                found,
                usual,
                place,
                start,
            } => lang.pick(
                format!(
                    "“{found}”与{}的“{usual}”不一致",
                    place.render(*start, Lang::Zh)
                ),
                format!(
                    "“{found}” is spelled “{usual}” elsewhere ({})",
                    place.render(*start, Lang::En)
                ),
            ),
            Self::AnnexMissing { annex, last } => lang.pick(
                format!("附件说明只列到附件{last}，没有附件{annex}"),
                format!("there is no annex {annex}: the list ends with annex {last}"),
            ),
            Self::AnnexUnmentioned { annex } => lang.pick(
                format!("正文没有提到附件{annex}"),
                format!("the text never mentions annex {annex}"),
            ),
            Self::Pattern { zh, en } => lang.pick(zh, en).clone(),
            Self::PersonalData { kind, masked } => {
                let words = kind.words(lang);
                match lang {
                    Lang::Zh => format!(
                        "泄露个人信息：{words}应隐去一部分，如“{masked}”（报告中已隐去，原文没有）"
                    ),
                    Lang::En => format!(
                        "personal data: a {words} must be masked, as in “{masked}” (the report masks it, the text does not)"
                    ),
                }
            }
            Self::PersonalColumn {
                kind,
                header,
                cells,
            } => {
                let words = kind.words(lang);
                match lang {
                    Lang::Zh => {
                        format!("泄露个人信息：“{header}”一列有 {cells} 个{words}没有隐去一部分")
                    }
                    Lang::En => format!(
                        "personal data: {cells} of the column “{header}” are not masked ({words})"
                    ),
                }
            }
            Self::Unpaired { mark, partner } => match lang {
                Lang::Zh => format!("{mark} 没有与之配对的 {partner}"),
                Lang::En => format!("{mark} has no {partner} to match it"),
            },
            Self::Instruction { flaw, rule } => flaw.message(rule, lang),
        }
    }
}

fn day_zh(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// How a text hid a form from a plain search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demotion {
    /// The severity the rule has.
    pub from: Severity,
    /// What in the context speaks for it.
    pub reason: DemotionReason,
}

/// What makes a form less than a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// `inline`, `baseline` or `config`.
    pub by: &'static str,
    /// The reason that was given.
    pub reason: String,
}

/// How a [`Suppression`] is read: then the name is not yet one of ours.
#[derive(Deserialize)]
struct Given {
    by: String,
    reason: String,
}

impl<'de> Deserialize<'de> for Suppression {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let given = Given::deserialize(from)?;
        let mut known = ["inline", "baseline", "config"].into_iter();
        let by = known.find(|k| *k == given.by);
        Ok(Self {
            by: by.ok_or_else(|| D::Error::custom("nobody who decides"))?,
            reason: given.reason,
        })
    }
}

/// The text around a diagnostic, at most 30 characters on either side, within its block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Edits of the diagnostic's part, in order, none overlapping.
    pub edits: Vec<Edit>,
    /// Whether they may be applied unattended.
    pub applicability: Applicability,
    /// The same change to the text of blocks: what a fix is checked by.
    pub(crate) text: Vec<TextEdit>,
}

/// One splice of a block's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TextEdit {
    /// Index of the block.
    pub(crate) block: usize,
    /// The bytes of its text to replace.
    pub(crate) range: Range<usize>,
    /// What to put there.
    pub(crate) content: String,
}

/// One splice of a part as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The bytes to replace.
    pub span: Span,
    /// Where they start and end in a flat file, as lines and columns; `None` in a docx.
    pub lines: Option<(Position, Position)>,
    /// What to put there, as text, already escaped for its place; it is written in the part's encoding.
    pub content: String,
}

/// Whether a fix may be applied unattended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Applicability {
    /// Shown, and applied only where somebody takes this very one.
    #[default]
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
