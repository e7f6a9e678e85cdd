//! Patterns of lexicon files: what they match, what is wrong with them, and how they are fixed.

use zhengming::lexicon::{Layer, Lexicon, test_examples};
use zhengming::{Applicability, Config, Lang, Linter, Severity, fix};

use crate::support::{document, lexicon, lint, linter};

fn found(toml: &str, text: &str) -> Vec<String> {
    let linter = linter(toml);
    let found = lint(&linter, "a.txt", text).into_iter();
    found.map(|d| d.found).collect()
}

#[test]
fn what_a_pattern_matches() {
    let pattern =
        |keys: &str| format!("category = 't'\n[[pattern]]\nname = 'p'\nmessage = '有误'\n{keys}\n");
    let cases: &[(&str, &str, &[&str])] = &[
        ("regex = '甲+'", "甲甲乙甲", &["甲甲", "甲"]),
        ("regex = '甲'", "乙", &[]),
        // What stands around the group is context.
        ("regex = '[0-9](?<found>甲)乙'", "1甲乙，2甲丙", &["甲"]),
        ("regex = '(?i)gdp'", "GDP增长", &["gdp"]),
        // The text as it is, or the normal form.
        ("regex = '甲乙'", "甲 乙", &[]),
        ("regex = '甲乙'\non = 'normal'", "甲 乙", &["甲乙"]),
        (
            "regex = '[0-9]{4}甲'\non = 'normal'",
            "２０２４甲",
            &["2024甲"],
        ),
        ("regex = '[0-9]{4}甲'", "２０２４甲", &[]),
        ("regex = '[０-９]{4}甲'", "２０２４甲", &["2024甲"]),
        // Nothing that could be looked for.
        ("regex = '[0-9]+'", "甲12乙3", &["12", "3"]),
        ("regex = '\\p{Han}'", "a甲", &["甲"]),
        ("regex = '(?:甲|乙)(?:丙|丁)'", "甲丁", &["甲丁"]),
        ("regex = '甲.*乙'", "甲丙丙乙", &["甲丙丙乙"]),
        ("regex = '甲丙'\nneeds = ['甲丙']", "乙甲丙", &["甲丙"]),
        // Guards.
        (
            "regex = '甲乙'\nunless_preceded_by = ['丙']",
            "丙甲乙，甲乙",
            &["甲乙"],
        ),
        ("regex = '甲乙'\nunless_followed_by = ['丙']", "甲乙丙", &[]),
        (
            "regex = '甲乙'\nunless_inside = ['丙甲乙丁']",
            "丙甲乙丁和丙甲乙",
            &["甲乙"],
        ),
        (
            "regex = '甲乙'\nunless_in_sentence = ['丁']",
            "甲乙丙丁。甲乙",
            &["甲乙"],
        ),
        // Validators.
        (
            "regex = '(?<year>[0-9]{4})-(?<month>[0-9]+)-(?<day>[0-9]+)'\nvalidator = 'date'",
            "2024-02-30和2024-02-29",
            &["2024-02-30"],
        ),
        (
            "regex = '[0-9]{17}[0-9X]'\nvalidator = 'gb11643'",
            "号11010519491231002X，110105194912310021",
            &["110105********002X"],
        ),
        (
            "regex = '卡[0-9]{11}'\nvalidator = 'luhn'",
            "卡49927398716卡49927398717",
            &["卡4992***8716"],
        ),
        (
            "regex = '[一二零〇四]{4}年'\nvalidator = 'zero'",
            "二零二四年，二〇二四年",
            &["二零二四年"],
        ),
    ];
    for (keys, text, want) in cases {
        assert_eq!(found(&pattern(keys), text), *want, "{keys}: {text}");
    }
}

#[test]
fn suggestions_speak_of_groups() {
    let toml = "category = 't'\n[[pattern]]\nname = 'range'\nregex = '([0-9]+)-(?<to>[0-9]+)%'\n\
        message = '应为$1%—${to}%'\nmessage_en = 'from $1 to $to'\nsuggestion = '$1%—${to}%'\nfix = 'safe'\n";
    let linter = linter(toml);
    let document = document("a.txt", "增长4-6%，２-3%。");
    let found = linter.lint(&document);
    assert_eq!(found.len(), 1, "the text is read as it is");
    assert_eq!(found[0].message.render(Lang::Zh), "应为4%—6%");
    assert_eq!(found[0].message.render(Lang::En), "from 4 to 6");
    assert_eq!(found[0].suggestions, ["4%—6%"]);
    assert_eq!(found[0].severity, Severity::Warning);
    let fixed = fix::apply(&linter, &document, Applicability::Safe).unwrap();
    assert_eq!(
        String::from_utf8(fixed.bytes).unwrap(),
        "增长4%—6%，２-3%。"
    );
}

#[test]
fn a_listed_form_goes_before_a_pattern() {
    let toml = "category = 't'\n[pairs]\n'截止目前' = '截至目前'\n[[pattern]]\nname = 'p'\nregex = '截止目前为止'\nmessage = '有误'\n";
    let linter = linter(toml);
    let rules: Vec<_> = lint(&linter, "a.txt", "截止目前为止")
        .into_iter()
        .map(|d| d.rule)
        .collect();
    assert_eq!(rules, ["t/截至目前"]);
}

#[test]
fn a_later_layer_replaces_a_pattern() {
    let layer = |regex: &str| Layer {
        name: regex.to_owned(),
        files: vec![(
            format!("{regex}.toml"),
            format!(
                "category = 't'\n[[pattern]]\nname = 'p'\nregex = '{regex}'\nmessage = '有误'\n"
            ),
        )],
        ..Layer::default()
    };
    let lexicon = Lexicon::load(&[layer("甲乙"), layer("丙丁")]).unwrap();
    let regexes: Vec<_> = lexicon.patterns().map(|p| p.regex.as_str()).collect();
    assert_eq!(regexes, ["丙丁"]);
    assert_eq!(lexicon.overridden()[0].form, "t/p");
    assert_eq!(lexicon.overridden()[0].later.0, "丙丁.toml");
}

#[test]
fn examples_are_run() {
    let lexicon = lexicon(
        "category = 't'\n[[pattern]]\nname = 'p'\nregex = '甲乙'\nmessage = '有误'\nbad = ['甲乙', '丙']\ngood = ['甲', '甲乙']\n",
    );
    let failures = test_examples(&lexicon).unwrap();
    let sentences: Vec<_> = failures
        .iter()
        .map(|f| (f.sentence.as_str(), f.expected))
        .collect();
    assert_eq!(sentences, [("丙", true), ("甲乙", false)]);
}

#[test]
fn mistakes_have_their_place() {
    let head = "category = 't'\n[[pattern]]\nname = 'p'\nmessage = '有误'\n";
    let cases: &[(&str, &str)] = &[
        (
            "regex = '甲(乙'",
            "5:11: the regular expression is broken: unclosed group",
        ),
        (
            "regex = '[z-a]'",
            "5:11: the regular expression is broken: invalid character class range, the start must be <= the end",
        ),
        (
            "regex = \"甲\\\\q\"",
            "5:9: the regular expression is broken: unrecognized escape sequence",
        ),
        (
            "regex = '甲*'",
            "5:9: the regular expression matches the empty string, which is everywhere",
        ),
        ("", "2:1: no regular expression (`regex`)"),
        ("regex = 3", "5:9: this should be a string"),
        (
            "regexp = '甲'\nregex = '甲'",
            "5:1: unknown key “regexp”; did you mean “regex”?",
        ),
        (
            "regex = '甲'\non = 'form'",
            "6:6: on must be one of \"text\", \"normal\"",
        ),
        (
            "regex = '甲'\nvalidator = 'iban'",
            "6:13: validator must be one of \"gb11643\", \"luhn\", \"date\", \"weekday\", \"zero\", \"arabic\"",
        ),
        (
            "regex = '甲'\nvalidator = 'date'",
            "6:13: validator = \"date\" needs these groups in the regular expression: (?<month>…), (?<day>…)",
        ),
        (
            "regex = '甲'\nsuggestion = '$1'",
            "6:14: `suggestion` refers to $1, which is no group of the regular expression",
        ),
        (
            "regex = '甲'\nsuggestion = '${b}'",
            "6:14: `suggestion` refers to $b, which is no group of the regular expression",
        ),
        ("regex = '甲'\nsuggestion = '$$1'", ""),
        (
            "regex = '[0-9]'\nvalidator = 'luhn'\nmessage_en = 'x $0'",
            "7:14: `message_en` must not refer to $0: personal data would be shown",
        ),
        (
            "regex = '[0-9]'\nvalidator = 'luhn'\nsuggestion = 'x'",
            "7:14: the suggestion for personal data is always its mask: leave `suggestion` out",
        ),
        (
            "regex = '甲'\nfix = 'safe'",
            "6:7: a fix needs exactly one `suggestion`",
        ),
        (
            "regex = '甲'\nsuggestion = ['乙', '丙']\nfix = 'unsafe'",
            "7:7: a fix needs exactly one `suggestion`",
        ),
        (
            "regex = '[一零]{4}'\nvalidator = 'zero'\nsuggestion = '〇'\nfix = 'safe'",
            "8:7: a pattern with a validator cannot be fixed unattended: use fix = \"unsafe\" or \"none\"",
        ),
        (
            "regex = '甲'\nfix = 'now'",
            "6:7: fix must be one of \"safe\", \"unsafe\", \"none\"",
        ),
        (
            "regex = '甲'\nseverity = 'bad'",
            "6:12: severity must be \"error\", \"warning\" or \"info\"",
        ),
        (
            "regex = '甲'\nunless_preceded_by = ['']",
            "6:23: an empty string in unless_preceded_by would silence the entry altogether",
        ),
        (
            "regex = '甲'\nneeds = ['甲']",
            "6:10: “甲” in `needs` is too short: it takes two characters at least",
        ),
        (
            "regex = '甲'\n[[pattern]]\nname = 'p'\nregex = '乙'\nmessage = '有误'",
            "7:8: the rule id “t/p” stands twice (t.toml:2): take another `name`",
        ),
    ];
    for (keys, want) in cases {
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("t.toml".to_owned(), format!("{head}{keys}\n"))],
            ..Layer::default()
        };
        let message = match Lexicon::load(&[layer]) {
            Ok(_) => String::new(),
            Err(error) => error.message(Lang::En),
        };
        let want = if want.is_empty() {
            String::new()
        } else {
            format!("t.toml:{want}")
        };
        assert_eq!(message, want, "{keys}");
    }
    for (toml, want) in [
        (
            "category = 't'\n[[pattern]]\nregex = '甲'\nmessage = '有误'\n",
            "t.toml:2:1: no `name`: the rule's name, such as name = \"half-width-comma\"",
        ),
        (
            "category = 't'\n[[pattern]]\nname = 'p'\nregex = '甲'\n",
            "t.toml:2:1: no `message`: what is wrong, such as message = \"“$0” should be “$1”\"",
        ),
        (
            "category = 't'\npattern = 3\n",
            "t.toml:2:11: this should be [[pattern]]",
        ),
    ] {
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("t.toml".to_owned(), toml.to_owned())],
            ..Layer::default()
        };
        assert_eq!(Lexicon::load(&[layer]).unwrap_err().message(Lang::En), want);
    }
}

#[test]
fn an_embedded_pattern_must_be_documented() {
    let layer = Layer {
        name: "test".to_owned(),
        files: vec![(
            "t.toml".to_owned(),
            "category = 't'\n[[pattern]]\nname = 'p'\nregex = '甲'\nmessage = '有误'\n".to_owned(),
        )],
        documented: true,
        ..Layer::default()
    };
    let message = Lexicon::load(&[layer]).unwrap_err().message(Lang::En);
    for want in ["no source", "no examples", "no message in English"] {
        assert!(message.contains(want), "{message}");
    }
}

/// What a pattern needs is found by the filter, however the text is written.
#[test]
fn the_filter_loses_no_match() {
    let embedded = Lexicon::load(&[Layer::builtin()]).unwrap();
    let linter = Linter::new(&embedded, &Config::default()).unwrap();
    for pattern in embedded.patterns() {
        for text in &pattern.entry.bad {
            let padded = format!("{}\n\n{text}\n", "各单位要认真落实。\n".repeat(3));
            let rules: Vec<_> = lint(&linter, "a.txt", &padded)
                .into_iter()
                .map(|d| d.rule)
                .collect();
            let own = lint(&linter, "a.txt", text)
                .into_iter()
                .any(|d| d.rule == pattern.entry.id);
            assert!(own, "{}: {text}: {rules:?}", pattern.entry.id);
        }
    }
}
