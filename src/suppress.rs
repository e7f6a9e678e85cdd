//! Who decided to let a diagnostic stand: an instruction in the document, the configuration, or the baseline.
//!
//! Instructions stand in comments (HTML, Markdown, docx) and need a reason:
//!
//! ```text
//! zhengming-ignore RULE: reason          the block that follows; in a docx the paragraph that the comment is anchored in
//! zhengming-ignore-start RULE: reason    from here …
//! zhengming-ignore-end RULE              … to here
//! zhengming-ignore-file RULE: reason     the whole document
//! ```
//!
//! RULE is a rule's id or a category. What is wrong with an instruction, or that it lets nothing stand, is a diagnostic of
//! the category `suppressions`. Nothing here sees bytes: marks and diagnostics are enough.

mod baseline;
mod instruction;

use std::collections::HashMap;

use jiff::civil::Date;

pub use baseline::{Baseline, BaselineEntry};

use crate::config::Config;
use crate::diagnostic::{
    Applicability, Diagnostic, Excerpt, InstructionFlaw, Message, Severity, Suppression,
};
use crate::document::{Document, Mark, Notice};
use crate::error::{Error, Result};
use crate::glob::Globs;
use crate::lexicon::FixMode;
use crate::linter::Rule;
use crate::normal::{fold, fold_form};
use crate::resolve::Places;
use crate::rule::RuleInfo;
use instruction::{Instructions, Use};

/// The category of what is wrong with instructions.
pub const CATEGORY: &str = "suppressions";

/// The longest phrase of an `[[allow]]`, in characters: what stands around a diagnostic is known so far.
pub const LONGEST_PHRASE: usize = 30;

/// An `[[allow]]` of the configuration: diagnostics that somebody decided to let stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    /// Patterns (as in `.gitignore`) of the documents it is about; none means all of them.
    pub paths: Vec<String>,
    /// The rule's id or category.
    pub rule: Option<String>,
    /// Words that the wrong form is part of.
    pub phrase: Option<String>,
    /// Why it may stand.
    pub reason: String,
    /// The last day on which it may.
    pub until: Option<Date>,
    /// The line of the configuration file, 1-based.
    pub line: usize,
}

/// Everything that a linter knows about decisions.
#[derive(Debug)]
pub(crate) struct Decisions {
    allows: Vec<Allowed>,
    baseline: Baseline,
    today: Date,
    flaws: Vec<(InstructionFlaw, Rule)>,
}

#[derive(Debug)]
struct Allowed {
    globs: Option<Globs>,
    rule: Option<String>,
    /// In normal form.
    phrase: Option<String>,
    reason: String,
    expired: bool,
}

impl Decisions {
    /// Compiles what the configuration lets stand.
    ///
    /// # Errors
    /// When a pattern cannot be read.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let compile = |allow: &Allow| {
            let globs = (!allow.paths.is_empty()).then(|| Globs::new(&allow.paths));
            Ok(Allowed {
                globs: globs.transpose()?,
                rule: allow.rule.clone(),
                phrase: allow.phrase.as_deref().map(fold_form),
                reason: allow.reason.clone(),
                expired: allow.until.is_some_and(|until| until < config.today),
            })
        };
        let allows: std::result::Result<_, globset::Error> =
            config.allow.iter().map(compile).collect();
        // Instructions are read whichever rules are used.
        let with_rules = Config {
            without_rules: false,
            ..config.clone()
        };
        let flaw = |(flaw, info): &(InstructionFlaw, RuleInfo)| {
            let rule = info.rule(&with_rules);
            rule.map(|rule| (*flaw, rule))
        };
        Ok(Self {
            allows: allows.map_err(|e| {
                Error::document(
                    format!("[[allow]] 的 path 写错了：{e}"),
                    format!("[[allow]] has a path that is no pattern: {e}"),
                )
            })?,
            baseline: Baseline::default(),
            today: config.today,
            flaws: FLAWS.iter().filter_map(flaw).collect(),
        })
    }

    pub(crate) fn set_baseline(&mut self, baseline: Baseline) {
        self.baseline = baseline;
    }

    /// Marks what may stand, and adds what is wrong with the document's instructions.
    pub(crate) fn apply(
        &self,
        document: &Document,
        places: &mut Places<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let instructions = Instructions::read(document);
        let mut used = Use::none(&instructions);
        for d in diagnostics.iter_mut() {
            // All that fit are used, so that none of two that overlap is called useless.
            if let Some(reason) = instructions.reason(document, d, &mut used) {
                suppress(d, "inline", reason);
            }
        }
        for d in diagnostics.iter_mut().filter(|d| d.suppressed.is_none()) {
            let name = document.name.as_str();
            let mut allows = self.allows.iter();
            if let Some(allow) = allows.find(|a| a.fits(name, d)) {
                suppress(d, "config", &allow.reason);
            }
        }
        self.baseline.apply(&document.name, self.today, diagnostics);
        let mut flaws = Vec::new();
        for found in instructions.flaws(&used) {
            if let Some((flaw, own)) = self.flaws.iter().find(|(f, _)| *f == found.flaw) {
                let mark = &document.marks[found.mark];
                flaws.push(flawed(*flaw, own, mark, found.rule, places));
            }
        }
        if !flaws.is_empty() {
            // An instruction stands before the block that it counts to.
            flaws.append(diagnostics);
            flaws.sort_by_key(|d| d.block);
            *diagnostics = flaws;
        }
    }

    /// What the baseline has to say about a document: entries that fit nothing, and entries whose day is over.
    pub(crate) fn notices(&self, document: &str, diagnostics: &[Diagnostic]) -> Vec<Notice> {
        self.baseline.notices(document, self.today, diagnostics)
    }

    /// Numbers of the `[[allow]]` that let something stand in a document.
    pub(crate) fn used(&self, document: &str, diagnostics: &[Diagnostic]) -> Vec<usize> {
        let by_config = |d: &&Diagnostic| d.suppressed.as_ref().is_some_and(|s| s.by == "config");
        let allowed: Vec<_> = diagnostics.iter().filter(by_config).collect();
        let fits = |a: &Allowed| allowed.iter().any(|d| a.fits(document, d));
        let numbered = self.allows.iter().enumerate();
        numbered.filter(|(_, a)| fits(a)).map(|(n, _)| n).collect()
    }
}

impl Allowed {
    fn fits(&self, document: &str, d: &Diagnostic) -> bool {
        !self.expired
            && self.rule.as_ref().is_none_or(|r| is_named(r, d))
            && self.globs.as_ref().is_none_or(|g| g.fit(document))
            && self.phrase.as_ref().is_none_or(|p| is_part_of(d, p))
    }
}

/// Whether a rule's id or a category names the rule of a diagnostic.
fn is_named(rule: &str, d: &Diagnostic) -> bool {
    rule == d.rule || rule == d.category
}

/// Whether the wrong form, or a piece of it, is part of an occurrence of the phrase.
fn is_part_of(d: &Diagnostic, phrase: &str) -> bool {
    let Excerpt {
        before,
        form,
        after,
        ..
    } = &d.excerpt;
    let text = format!("{before}{form}{after}");
    let folded = fold(&text);
    let form = folded.range_of(&(before.len()..before.len() + form.len()));
    let mut places = folded.text().match_indices(phrase);
    places.any(|(at, _)| at < form.end && form.start < at + phrase.len())
}

fn suppress(d: &mut Diagnostic, by: &'static str, reason: &str) {
    d.suppressed = Some(Suppression {
        by,
        reason: reason.to_owned(),
    });
    if let Some(fix) = &mut d.fix {
        fix.applicability = Applicability::DisplayOnly;
    }
}

/// After a fix: what was let stand still is, although the words around it, by which it was known, have changed.
pub(crate) fn carry_over(before: &[Diagnostic], after: &mut [Diagnostic]) {
    let mut owed: HashMap<(usize, &str, &str), Vec<&Suppression>> = HashMap::new();
    for d in before {
        if let Some(suppression) = &d.suppressed {
            let key = (d.block, d.rule.as_str(), d.found.as_str());
            owed.entry(key).or_default().push(suppression);
        }
    }
    if owed.is_empty() {
        return;
    }
    let mut here: HashMap<(usize, String, String), Vec<usize>> = HashMap::new();
    for (n, d) in after.iter().enumerate() {
        let key = (d.block, d.rule.clone(), d.found.clone());
        here.entry(key).or_default().push(n);
    }
    #[expect(
        clippy::iter_over_hash_type,
        reason = "each key is about diagnostics of its own"
    )]
    for ((block, rule, found), suppressions) in owed {
        let key = (block, rule.to_owned(), found.to_owned());
        let numbers = here.remove(&key).unwrap_or_default();
        let (kept, open): (Vec<usize>, Vec<usize>) = numbers
            .into_iter()
            .partition(|&n| after[n].suppressed.is_some());
        let missing = suppressions.iter().skip(kept.len());
        for (n, suppression) in open.into_iter().zip(missing) {
            suppress(&mut after[n], suppression.by, &suppression.reason);
        }
    }
}

/// What is wrong with an instruction, as a diagnostic.
fn flawed(
    flaw: InstructionFlaw,
    own: &Rule,
    mark: &Mark,
    rule: &str,
    places: &mut Places<'_>,
) -> Diagnostic {
    /// Characters of the instruction that are shown.
    const SHOWN: usize = 60;
    let form: String = mark.text.chars().take(SHOWN).collect();
    let (part, place, location) = places.locate_mark(mark);
    Diagnostic {
        rule: own.entry.id.clone(),
        category: own.entry.category.clone(),
        severity: own.severity,
        part,
        block: mark.block,
        spans: vec![location],
        twins: Vec::new(),
        place,
        message: Message::Instruction {
            flaw,
            rule: rule.to_owned(),
        },
        found: form.clone(),
        suggestions: Vec::new(),
        reason: None,
        source: None,
        disguises: Vec::new(),
        demoted: None,
        suppressed: None,
        excerpt: Excerpt {
            cut_after: form.len() < mark.text.len(),
            form,
            ..Excerpt::default()
        },
        fix: None,
    }
}

/// The rules about instructions, each with the flaw that it is about.
const FLAWS: [(InstructionFlaw, RuleInfo); 4] = [
    (
        InstructionFlaw::NoReason,
        rule(
            "suppressions/no-reason",
            Severity::Error,
            "忽略的指令没有写理由，不起作用",
            "an instruction to let something stand that gives no reason, so it is not followed",
            &["<!-- zhengming-ignore typos -->"],
            &["<!-- 这里可以不改 -->"],
        ),
    ),
    (
        InstructionFlaw::Malformed,
        rule(
            "suppressions/malformed",
            Severity::Error,
            "以 zhengming- 开头而看不懂的指令",
            "a comment that begins with zhengming- and is no instruction",
            &["<!-- zhengming-ignroe typos: 引文 -->"],
            &["<!-- 由 zhengming-ignore 说明 -->"],
        ),
    ),
    (
        InstructionFlaw::Unmatched,
        rule(
            "suppressions/unmatched",
            Severity::Error,
            "ignore-start 与 ignore-end 没有成对出现",
            "an ignore-start without its ignore-end, or the other way round",
            &["<!-- zhengming-ignore-start typos: 引文 -->"],
            &[
                "<!-- zhengming-ignore-start typos: 引文 -->\n\n全文\n\n<!-- zhengming-ignore-end typos -->",
            ],
        ),
    ),
    (
        InstructionFlaw::Unused,
        rule(
            "suppressions/unused",
            Severity::Warning,
            "没有可忽略的问题，这条忽略可以删去",
            "an instruction that lets nothing stand and can be removed",
            &["<!-- zhengming-ignore typos: 引文 -->\n\n没有问题。"],
            &[
                "<!-- zhengming-ignore privacy: 已获本人同意 -->\n\n张三，身份证号11010519491231002X。",
            ],
        ),
    ),
];

const fn rule(
    id: &'static str,
    severity: Severity,
    summary_zh: &'static str,
    summary_en: &'static str,
    bad: &'static [&'static str],
    good: &'static [&'static str],
) -> RuleInfo {
    RuleInfo {
        id,
        category: CATEGORY,
        severity,
        fix: FixMode::None,
        summary_zh,
        summary_en,
        source: "zhengming",
        bad,
        good,
    }
}

/// What there is to know about them.
pub(crate) fn catalog() -> Vec<RuleInfo> {
    FLAWS.map(|(_, info)| info).to_vec()
}
