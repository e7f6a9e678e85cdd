//! One rule in full.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use zhengming::lexicon::{FixMode, Pattern};
use zhengming::report::{severity_name, visible};
use zhengming::{Entry, Lang, Lexicon, RuleInfo, Severity, catalog};

use crate::Ui;
use crate::args::ExplainArgs;
use crate::lexicon::checker_here;

pub(crate) fn run(args: &ExplainArgs, ui: Ui) -> Result<ExitCode> {
    let checker = checker_here(&args.rules, ui.lang)?;
    let builtin = catalog();
    let rules = match find(&checker.lexicon, &builtin, &args.rule) {
        Found::Rules(rules) => rules,
        Found::Candidates(ids) => bail!(unknown(&args.rule, &ids, ui.lang)),
    };
    let mut out = io::stdout().lock();
    for (n, rule) in rules.into_iter().enumerate() {
        if n > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", visible(rule.id()))?;
        for (label, text) in rule.lines(ui.lang) {
            let colon = ui.lang.pick("：", ": ");
            writeln!(out, "  {label}{colon}{}", visible(&text))?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What is known of the rules of that id, as labels and texts.
#[cfg(feature = "lsp")]
pub(crate) fn in_words(lexicon: &Lexicon, id: &str, lang: Lang) -> Vec<(&'static str, String)> {
    match find(lexicon, &catalog(), id) {
        Found::Rules(rules) => rules.iter().flat_map(|rule| rule.lines(lang)).collect(),
        Found::Candidates(_) => Vec::new(),
    }
}

/// A rule, wherever it comes from.
#[derive(Clone, Copy)]
enum Rule<'a> {
    Entry(&'a Entry),
    Pattern(&'a Pattern),
    Builtin(&'a RuleInfo),
}

impl<'a> Rule<'a> {
    fn id(self) -> &'a str {
        match self {
            Self::Entry(entry) => &entry.id,
            Self::Pattern(pattern) => &pattern.entry.id,
            Self::Builtin(info) => info.id,
        }
    }

    /// Whether one of its forms fits.
    fn has_form(self, fits: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Entry(e) => e.forbidden.iter().chain(&e.canonical).any(|f| fits(f)),
            Self::Pattern(_) | Self::Builtin(_) => false,
        }
    }

    fn lines(self, lang: Lang) -> Vec<(&'static str, String)> {
        match self {
            Self::Entry(entry) => lines(entry, lang),
            Self::Pattern(pattern) => pattern_lines(pattern, lang),
            Self::Builtin(info) => builtin_lines(info, lang),
        }
    }
}

/// The rule of that id in full, as `lexicon list --format json` tells it and with its guards and examples.
#[cfg(feature = "serve")]
pub(crate) fn as_json(
    lexicon: &Lexicon,
    builtin: &[RuleInfo],
    id: &str,
) -> Option<serde_json::Value> {
    use crate::lexicon::{entry_as_json, pattern_as_json, rule_as_json};
    let more = |mut value: serde_json::Value, e: &Entry| {
        value["unless_preceded_by"] = e.unless_preceded_by.clone().into();
        value["unless_followed_by"] = e.unless_followed_by.clone().into();
        value["unless_inside"] = e.unless_inside.clone().into();
        value["unless_in_sentence"] = e.unless_in_sentence.clone().into();
        value["valid_from"] = e.valid_from.map(|d| d.to_string()).into();
        value["valid_until"] = e.valid_until.map(|d| d.to_string()).into();
        value["bad"] = e.bad.clone().into();
        value["good"] = e.good.clone().into();
        value
    };
    if let Some(entry) = lexicon.entries().find(|e| e.id == id) {
        return Some(more(entry_as_json(entry), entry));
    }
    if let Some(pattern) = lexicon.patterns().find(|p| p.entry.id == id) {
        return Some(more(pattern_as_json(pattern), &pattern.entry));
    }
    let rule = builtin.iter().find(|r| r.id == id)?;
    let mut value = rule_as_json(rule);
    value["summary_en"] = rule.summary_en.into();
    value["bad"] = rule.bad.into();
    value["good"] = rule.good.into();
    Some(value)
}

enum Found<'a> {
    Rules(Vec<Rule<'a>>),
    Candidates(Vec<&'a str>),
}

/// The rules of that id, or with exactly that form; else the only one whose id or forms contain the words.
fn find<'a>(lexicon: &'a Lexicon, builtin: &'a [RuleInfo], words: &str) -> Found<'a> {
    let rules = || {
        let entries = lexicon.entries().map(Rule::Entry);
        let patterns = lexicon.patterns().map(Rule::Pattern);
        let builtin = builtin.iter().map(Rule::Builtin);
        entries.chain(patterns).chain(builtin)
    };
    let exact: Vec<_> = rules()
        .filter(|r| r.id() == words || r.has_form(|f| f == words))
        .collect();
    if !exact.is_empty() {
        return Found::Rules(exact);
    }
    let near: Vec<_> = rules()
        .filter(|r| r.id().contains(words) || r.has_form(|f| f.contains(words)))
        .collect();
    match near.as_slice() {
        [one] => Found::Rules(vec![*one]),
        several => Found::Candidates(several.iter().map(|r| r.id()).collect()),
    }
}

fn unknown(words: &str, candidates: &[&str], lang: Lang) -> String {
    const SHOWN: usize = 10;
    let (words, dots) = (
        visible(words),
        if candidates.len() > SHOWN { "…" } else { "" },
    );
    let list: Vec<_> = candidates.iter().take(SHOWN).copied().collect();
    match (candidates.len(), lang) {
        (0, Lang::Zh) => format!("没有规则“{words}”；用 zhengming lexicon list 列出所有规则"),
        (0, Lang::En) => format!("there is no rule “{words}”: see zhengming lexicon list"),
        (n, Lang::Zh) => format!("有 {n} 条规则含有“{words}”：{}{dots}", list.join("、")),
        (n, Lang::En) => format!("{n} rules contain “{words}”: {}{dots}", list.join(", ")),
    }
}

fn lines(entry: &Entry, lang: Lang) -> Vec<(&'static str, String)> {
    let list = |forms: &[String]| forms.join(lang.pick("、", ", "));
    let mut lines = vec![
        (lang.pick("规范写法", "right"), list(&entry.canonical)),
        (lang.pick("错误写法", "wrong"), list(&entry.forbidden)),
    ];
    lines.extend(common_lines(entry, lang));
    lines
}

fn pattern_lines(pattern: &Pattern, lang: Lang) -> Vec<(&'static str, String)> {
    let message = pattern.message_en.as_ref().unwrap_or(&pattern.message);
    let mut lines = vec![
        (
            lang.pick("说明", "message"),
            lang.pick(&pattern.message, message).clone(),
        ),
        (lang.pick("正则表达式", "regex"), pattern.regex.clone()),
    ];
    if !pattern.suggestions.is_empty() {
        let list = pattern.suggestions.join(lang.pick("、", ", "));
        lines.push((lang.pick("建议", "suggestion"), list));
    }
    if let Some(validator) = pattern.validator {
        lines.push((lang.pick("校验", "validator"), validator.name().to_owned()));
    }
    lines.extend(common_lines(&pattern.entry, lang));
    lines
}

fn builtin_lines(info: &RuleInfo, lang: Lang) -> Vec<(&'static str, String)> {
    let summary = lang.pick(info.summary_zh, info.summary_en);
    let mut lines = vec![(lang.pick("说明", "finds"), summary.to_owned())];
    lines.extend(weight(info.severity, info.fix, lang));
    lines.push((lang.pick("依据", "source"), info.source.to_owned()));
    let bad = info.bad.iter().map(|text| (lang.pick("错例", "bad"), text));
    let good = info
        .good
        .iter()
        .map(|text| (lang.pick("正例", "good"), text));
    lines.extend(
        bad.chain(good)
            .map(|(label, text)| (label, (*text).to_owned())),
    );
    lines
}

fn weight(severity: Severity, fix: FixMode, lang: Lang) -> [(&'static str, String); 2] {
    [
        (
            lang.pick("级别", "severity"),
            severity_name(severity, lang).to_owned(),
        ),
        (lang.pick("改正", "fix"), fix_name(fix, lang).to_owned()),
    ]
}

/// What entries and patterns have in common.
fn common_lines(entry: &Entry, lang: Lang) -> Vec<(&'static str, String)> {
    let list = |forms: &[String]| forms.join(lang.pick("、", ", "));
    let mut lines = Vec::from(weight(entry.severity, entry.fix, lang));
    let guards = [
        (
            ("前面是这些时不报", "unless preceded by"),
            &entry.unless_preceded_by,
        ),
        (
            ("后面是这些时不报", "unless followed by"),
            &entry.unless_followed_by,
        ),
        (("在这些词语中不报", "unless inside"), &entry.unless_inside),
        (
            ("同一句有这些时不报", "unless the sentence holds"),
            &entry.unless_in_sentence,
        ),
    ];
    for ((zh, en), guard) in guards {
        if !guard.is_empty() {
            lines.push((lang.pick(zh, en), list(guard)));
        }
    }
    let texts = [
        (("理由", "why"), entry.reason.clone()),
        (("依据", "source"), entry.source.clone()),
        (
            ("从这一天起适用", "applies from"),
            entry.valid_from.map(|d| d.to_string()),
        ),
        (
            ("到这一天为止是对的", "right until"),
            entry.valid_until.map(|d| d.to_string()),
        ),
    ];
    for ((zh, en), text) in texts {
        lines.extend(text.map(|text| (lang.pick(zh, en), text)));
    }
    let examples = [
        (("错例", "bad"), &entry.bad),
        (("正例", "good"), &entry.good),
    ];
    for ((zh, en), sentences) in examples {
        for sentence in sentences {
            lines.push((lang.pick(zh, en), sentence.clone()));
        }
    }
    let (file, line) = &entry.place;
    lines.push((lang.pick("出处", "defined in"), format!("{file}:{line}")));
    lines
}

pub(crate) fn fix_name(fix: FixMode, lang: Lang) -> &'static str {
    match fix {
        FixMode::Safe => lang.pick("自动", "automatic"),
        FixMode::Unsafe => lang.pick(
            "需人工确认（--unsafe-fixes）",
            "on request (--unsafe-fixes)",
        ),
        FixMode::None => lang.pick("手工", "by hand"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhengming::lexicon::Layer;

    fn lexicon() -> Lexicon {
        let text = "category = 'leaders'\n\
            [[entry]]\ncanonical = '习近平总书记'\nforbidden = ['习总书记', '习近总书记']\nsource = '甲'\n\
            unless_preceded_by = ['学']\n\
            [[entry]]\nname = '中央巡视组'\ncanonical = '中央巡视组'\nforbidden = ['中央巡查组']\n";
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("test.toml".to_owned(), text.to_owned())],
            ..Layer::default()
        };
        Lexicon::load(&[layer]).unwrap()
    }

    #[test]
    fn a_rule_is_found_by_what_a_person_remembers_of_it() {
        let lexicon = lexicon();
        for (words, want) in [
            ("leaders/习近平总书记", vec!["leaders/习近平总书记"]),
            ("习近总书记", vec!["leaders/习近平总书记"]),
            ("巡查", vec!["leaders/中央巡视组"]),
        ] {
            let Found::Rules(rules) = find(&lexicon, &[], words) else {
                panic!("{words} is not found");
            };
            let ids: Vec<_> = rules.iter().map(|r| r.id()).collect();
            assert_eq!(ids, want, "{words}");
        }
        for (words, want) in [
            (
                "没有",
                "没有规则“没有”；用 zhengming lexicon list 列出所有规则",
            ),
            (
                "leaders",
                "有 2 条规则含有“leaders”：leaders/习近平总书记、leaders/中央巡视组",
            ),
        ] {
            let Found::Candidates(ids) = find(&lexicon, &[], words) else {
                panic!("{words} is found");
            };
            assert_eq!(unknown(words, &ids, Lang::Zh), want);
        }
    }

    #[test]
    fn patterns_and_built_in_rules_are_explained_too() {
        let text = "category = 'office'\n[[pattern]]\nname = 'twice'\nregex = '(，)，'\nmessage = '重复'\n\
            suggestion = '$1'\nsource = '甲'\n";
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("test.toml".to_owned(), text.to_owned())],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        let builtin = catalog();
        for (words, want) in [
            (
                "office/twice",
                "说明：重复 正则表达式：(，)， 建议：$1 级别：警告 改正：需人工确认（--unsafe-fixes） 依据：甲 出处：test.toml:2",
            ),
            (
                "privacy/plate",
                "说明：在个人名单中公开了车牌号码 级别：错误",
            ),
        ] {
            let Found::Rules(rules) = find(&lexicon, &builtin, words) else {
                panic!("{words} is not found");
            };
            let lines = rules[0].lines(Lang::Zh);
            let text: Vec<_> = lines.iter().map(|(a, b)| format!("{a}：{b}")).collect();
            assert!(text.join(" ").starts_with(want), "{text:?}");
        }
    }

    #[test]
    fn an_entry_in_words() {
        let lexicon = lexicon();
        let lines = lines(lexicon.entries().next().unwrap(), Lang::Zh);
        let text: Vec<_> = lines.iter().map(|(a, b)| format!("{a}：{b}")).collect();
        assert_eq!(
            text,
            [
                "规范写法：习近平总书记",
                "错误写法：习总书记、习近总书记",
                "级别：错误",
                "改正：自动",
                "前面是这些时不报：学",
                "依据：甲",
                "出处：test.toml:2",
            ]
        );
    }
}
