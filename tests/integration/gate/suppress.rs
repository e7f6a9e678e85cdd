//! Mistakes that somebody decided to let stand.

use zhengming::config::ConfigFile;
use zhengming::suppress::{Allow, Baseline};
use zhengming::{Applicability, Config, Diagnostic, Linter, Severity, fix};

use super::LEXICON;
use crate::support::{document, docx, lexicon, lint, linter, paragraph, parse, run};

/// Rule name and who let it stand, in reading order; the rules of the lexicon are told as what was found.
fn told(diagnostics: &[Diagnostic]) -> Vec<String> {
    let each = diagnostics.iter().map(|d| {
        let what = match d.rule.strip_prefix("suppressions/") {
            Some(flaw) => flaw,
            None => &d.found,
        };
        match &d.suppressed {
            Some(s) => format!("{what} {}: {}", s.by, s.reason),
            None => what.to_owned(),
        }
    });
    each.collect()
}

#[test]
fn comments_in_html_and_markdown() {
    let linter = linter(LEXICON);
    let a = "习总书记";
    for (text, want) in [
        // The next block, and only that one, by rule or by category.
        (
            "<!-- zhengming-ignore test/习近平总书记: 引文 --><p>A</p><p>A</p>",
            &["A inline: 引文", "A"][..],
        ),
        (
            "<!--zhengming-ignore test：全角冒号--><p>A</p>",
            &["A inline: 全角冒号"],
        ),
        (
            "<p><!-- zhengming-ignore test: 在段首 -->A</p>",
            &["A inline: 在段首"],
        ),
        (
            "<p>A<!-- zhengming-ignore test: 在段末，管下一段 --></p><p>A</p>",
            &["A", "A inline: 在段末，管下一段"],
        ),
        // Several before one block.
        (
            "<!-- zhengming-ignore test/习近平总书记: 一 --><!-- zhengming-ignore test/截至目前: 二 --><p>A，截止目前</p>",
            &["A inline: 一", "截止目前 inline: 二"],
        ),
        // Regions and whole files.
        (
            "<p>A</p><!-- zhengming-ignore-start test: 区域 --><p>A</p><ul><li>A</ul><!-- zhengming-ignore-end test --><p>A</p>",
            &["A", "A inline: 区域", "A inline: 区域", "A"],
        ),
        (
            "<p>A</p><table><tr><td>A</table><!-- zhengming-ignore-file test: 全文 -->",
            &["A inline: 全文", "A inline: 全文"],
        ),
        // What is wrong is said, and lets nothing stand.
        (
            "<!-- zhengming-ignore test --><p>A</p>",
            &["no-reason", "A"],
        ),
        (
            "<!-- zhengming-ignore test: --><p>A</p>",
            &["no-reason", "A"],
        ),
        ("<!-- zhengming-ignore --><p>A</p>", &["malformed", "A"]),
        (
            "<!-- zhengming-ignore-next test: x --><p>A</p>",
            &["malformed", "A"],
        ),
        (
            "<!-- zhengming-ignore other: x --><p>A</p>",
            &["unused", "A"],
        ),
        (
            "<p>A</p><!-- zhengming-ignore-end test --><p>A</p>",
            &["A", "unmatched", "A"],
        ),
        (
            "<!-- zhengming-ignore-start test: x --><p>A</p>",
            &["unmatched", "A"],
        ),
        (
            "<!-- zhengming-ignore-start test: x --><!-- zhengming-ignore-start test: y --><p>A</p><!-- zhengming-ignore-end test -->",
            &["unmatched", "A inline: x"],
        ),
        ("<p>好</p><!-- zhengming-ignore test: x -->", &["unused"]),
        ("<!-- zhengming-ignore-file test: x -->", &["unused"]),
        // Two that overlap are both of use.
        (
            "<!-- zhengming-ignore-file test: 全文 --><!-- zhengming-ignore test: 一段 --><p>A</p>",
            &["A inline: 一段"],
        ),
        // Comments of other people.
        ("<!-- ignore --><!-- zhengming --><p>A</p>", &["A"]),
    ] {
        let html = text.replace('A', a);
        let want: Vec<_> = want.iter().map(|w| w.replace('A', a)).collect();
        assert_eq!(told(&lint(&linter, "a.html", &html)), want, "{html}");
        let markdown = html
            .replace("<p>", "\n\n")
            .replace("</p>", "\n\n")
            .replace("-->", "-->\n\n");
        if !text.contains("<p><!") && !text.contains("--></p>") {
            assert_eq!(told(&lint(&linter, "a.md", &markdown)), want, "{markdown}");
        }
    }
    // A text file has no comments: what looks like one is text.
    let text = format!("<!-- zhengming-ignore test: x -->\n\n{a}");
    assert_eq!(told(&lint(&linter, "a.txt", &text)), [a]);
}

#[test]
fn what_is_wrong_with_an_instruction_has_a_place_and_a_severity() {
    let linter = linter(LEXICON);
    let text = "# 题\n\n<!-- zhengming-ignore test: 无的放矢 -->\n\n好\n\n  <!-- zhengming-ignore test -->\n";
    let found = lint(&linter, "a.md", text);
    let rows: Vec<_> = found
        .iter()
        .map(|d| {
            (
                d.rule.as_str(),
                d.severity,
                d.spans[0].start.line,
                d.spans[0].start.column,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("suppressions/unused", Severity::Warning, 3, 1),
            ("suppressions/no-reason", Severity::Error, 7, 3),
        ]
    );
    let config = "disable = ['suppressions/unused']\n[severity]\nsuppressions = 'info'";
    let file = ConfigFile::parse("c", config).unwrap();
    assert_eq!(file.unknown_names(&lexicon(LEXICON)), []);
    let milder = Linter::new(&lexicon(LEXICON), &file.config).unwrap();
    let found = lint(&milder, "a.md", text);
    assert_eq!(told(&found), ["no-reason"]);
    assert_eq!(found[0].severity, Severity::Info);
}

#[test]
fn comments_in_a_docx() {
    let linter = linter(LEXICON);
    let anchored = |id: &str, text: &str| {
        format!(
            "<w:p><w:commentRangeStart w:id=\"{id}\"/>{}<w:commentRangeEnd w:id=\"{id}\"/><w:r><w:commentReference w:id=\"{id}\"/></w:r></w:p>",
            run(text)
        )
    };
    let comment =
        |id: &str, text: &str| format!("<w:comment w:id=\"{id}\">{}</w:comment>", paragraph(text));
    let body = [
        anchored("1", "学习习总书记讲话"),
        paragraph("学习习总书记讲话"),
        anchored("2", "学习习总书记讲话"),
        anchored("3", "学习习总书记讲话"),
    ];
    let comments = [
        comment("1", "zhengming-ignore test：引文"),
        comment("2", "请核对"),
        comment("3", "zhengming-ignore test"),
    ];
    let bytes = docx(&body.concat(), &[("comments", &comments.concat())]);
    let found = linter.lint(&parse("a.docx", &bytes));
    assert_eq!(
        told(&found),
        [
            "习总书记 inline: 引文",
            "习总书记",
            "习总书记",
            "no-reason",
            "习总书记"
        ]
    );
    assert_eq!(found[3].part, "word/document.xml");
    assert_eq!(found[3].spans[0].start.line, 4);
}

#[test]
fn decisions_of_the_configuration() {
    let allow = |text: &str| {
        let text = format!("[[allow]]\n{text}\nreason = '有据'");
        ConfigFile::parse("c", &text)
            .unwrap()
            .config
            .allow
            .remove(0)
    };
    let today = "2026-11-24".parse().unwrap();
    let text = "学习习总书记讲话。截止目前，学习习 总书记讲话。";
    let (x, y) = ("习总书记", "截止目前");
    let by = |what: &str| format!("{what} config: 有据");
    for (rule, want) in [
        ("rule = 'test'", [by(x), by(y), by(x)]),
        (
            "rule = 'test/截至目前'",
            [x.to_owned(), by(y), x.to_owned()],
        ),
        ("phrase = '习总书记'", [by(x), y.to_owned(), by(x)]),
        (
            "phrase = '截止目前，学习习总书记'",
            [x.to_owned(), by(y), by(x)],
        ),
        (
            "phrase = '学习习总书记讲话。截止'",
            [by(x), by(y), x.to_owned()],
        ),
        (
            "phrase = '讲话'",
            [x.to_owned(), y.to_owned(), x.to_owned()],
        ),
        ("rule = 'test'\npath = '旧文/'", [by(x), by(y), by(x)]),
        (
            "rule = 'test'\npath = ['b.txt', '*.md']",
            [x.to_owned(), y.to_owned(), x.to_owned()],
        ),
        ("rule = 'test'\nuntil = 2026-11-24", [by(x), by(y), by(x)]),
        (
            "rule = 'test'\nuntil = 2026-11-23",
            [x.to_owned(), y.to_owned(), x.to_owned()],
        ),
    ] {
        let config = Config {
            today,
            allow: vec![allow(rule)],
            ..Config::default()
        };
        let linter = Linter::new(&lexicon(LEXICON), &config).unwrap();
        let found = lint(&linter, "旧文/a.txt", text);
        assert_eq!(told(&found), want, "{rule}");
        let used = linter.allows_used("旧文/a.txt", &found);
        let any = found.iter().any(|d| d.suppressed.is_some());
        assert_eq!(used, Vec::from_iter(any.then_some(0)), "{rule}");
    }
    let broken = Config {
        allow: vec![Allow {
            paths: vec!["a{".to_owned()],
            ..Allow::default()
        }],
        ..Config::default()
    };
    assert!(Linter::new(&lexicon(LEXICON), &broken).is_err());
}

/// A linter whose baseline knows the first diagnostic of a document.
fn knowing_first(name: &str, text: &str) -> Linter {
    let linter = linter(LEXICON);
    let found = lint(&linter, name, text);
    let entries = Baseline::entries_for(name, &found);
    linter.with_baseline(Baseline::new(entries[..1].to_vec()))
}

#[test]
fn what_is_let_stand_is_never_fixed() {
    // The second mistake stands so near that fixing it changes the words by which the baseline knows the first.
    let text = "学习习总书记讲话，扫黑险恶，习总书记强调。";
    let linter = knowing_first("a.txt", text);
    let before = document("a.txt", text);
    let found = linter.lint(&before);
    assert_eq!(
        told(&found),
        ["习总书记 baseline: ", "扫黑险恶", "习总书记"]
    );
    let display_only = |d: &Diagnostic| {
        let fix = d.fix.as_ref().unwrap();
        fix.applicability == Applicability::DisplayOnly
    };
    assert!(display_only(&found[0]) && !display_only(&found[1]));
    let fixed = fix::apply(&linter, &before, Applicability::Unsafe).unwrap();
    let want = "学习习总书记讲话，扫黑除恶，习近平总书记强调。";
    assert_eq!(String::from_utf8(fixed.bytes).unwrap(), want);
    assert_eq!(told(&fixed.remaining), ["习总书记 baseline: "]);
    assert!(display_only(&fixed.remaining[0]));

    let html = "<!-- zhengming-ignore test/习近平总书记: 引文 --><p>习总书记，扫黑险恶</p>";
    let linter = crate::support::linter(LEXICON);
    let fixed = fix::apply(&linter, &document("a.html", html), Applicability::Safe).unwrap();
    assert_eq!(
        String::from_utf8(fixed.bytes).unwrap(),
        html.replace("扫黑险恶", "扫黑除恶")
    );
}

#[test]
fn a_draft_full_of_instructions_is_not_slow() {
    let linter = linter(LEXICON);
    let one = "<!-- zhengming-ignore-file test: a --><!-- zhengming-ignore-start test: b -->\
               <!-- zhengming-ignore test: c --><p>习总书记</p><!-- zhengming-ignore x: d -->";
    let seconds = |times: usize| {
        let started = std::time::Instant::now();
        let found = lint(&linter, "a.html", &one.repeat(times));
        assert!(found.len() > 3 * times);
        started.elapsed().as_secs_f64()
    };
    // Four times as much takes about four times as long, and not sixteen; other work on the machine is forgiven.
    let is_linear = |_| seconds(12_000) < 9.0 * seconds(3_000);
    assert!((0..3).any(is_linear));
}
