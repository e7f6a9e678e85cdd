//! Odd places for a form: what is found there, and what the file looks like after the fix.

use zhengming::fix::{self, Fixed};
use zhengming::{Applicability, Document, Linter, ReadOptions};

use crate::support::{NAMESPACES, docx, linter, package, paragraph, parse, records, run};

const LEXICON: &str = r#"
category = "t"
[[entry]]
canonical = "习近平总书记"
forbidden = ["习总书记"]
[[entry]]
canonical = "教育部"
forbidden = ["国家教育部"]
[[entry]]
canonical = "AT&T公司"
forbidden = ["ATT公司"]
[[entry]]
canonical = "1. 总则"
forbidden = ["一点总则"]
[[entry]]
canonical = "甲乙子"
forbidden = ["甲乙"]
[[entry]]
canonical = "丑丙丁"
forbidden = ["丙丁"]
"#;

fn fixed(linter: &Linter, name: &str, bytes: &[u8]) -> Fixed {
    let document = parse(name, bytes);
    fix::apply(linter, &document, Applicability::Safe).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A file before and after the fix, for each format: the same twice where nothing may be written.
#[test]
fn text_markdown_and_html() {
    let linter = linter(LEXICON);
    let cases = [
        // line ends of all kinds
        ("a.txt", "一\r二习总\r书记\r", "一\r二习近平总\r书记\r"),
        (
            "a.txt",
            "a\r\n习总\n书记\r习总书记\r\n习\r\n总书记",
            "a\r\n习近平总\n书记\r习近平总书记\r\n习近平\r\n总书记",
        ),
        (
            "a.txt",
            "习\r\r总书记 习\n\r总书记",
            "习\r\r总书记 习\n\r总书记",
        ),
        // at the edges, side by side, and into each other
        ("a.txt", "习总书记", "习近平总书记"),
        ("a.txt", "习总书记习总书记", "习近平总书记习近平总书记"),
        ("a.txt", "国家教育部国家教育部", "教育部教育部"),
        ("a.txt", "说甲乙丙丁。", "说甲乙子丑丙丁。"),
        ("a.txt", "甲乙甲乙丙丁丙丁", "甲乙子甲乙子丑丙丁丑丙丁"),
        (
            "a.txt",
            "甲\u{FEFF}习\u{FEFF}总书记",
            "甲\u{FEFF}习近平\u{FEFF}总书记",
        ),
        ("a.txt", "国 家 教 育 部。", "教 育 部。"),
        ("a.txt", "习 总 书 记", "习近平 总 书 记"),
        // Markdown
        (
            "a.md",
            "[学习习总书记](a \"习总书记\") ![习总书记](b)",
            "[学习习近平总书记](a \"习近平总书记\") ![习近平总书记](b)",
        ),
        (
            "a.md",
            "|a\\|习总书记|b|\n|--|--|\n|习总\\|书记|x|\n",
            "|a\\|习近平总书记|b|\n|--|--|\n|习总\\|书记|x|\n",
        ),
        (
            "a.md",
            "[国家](http://a.cn)教育部、**国家**教育部、国家*教育部*",
            "[国家](http://a.cn)教育部、**国家**教育部、*教育部*",
        ),
        ("a.md", "<http://a.cn/习总书记>", "<http://a.cn/习总书记>"),
        (
            "a.md",
            "[习总书记][r]\n\n[r]: http://a.cn/习总书记 '习总书记'\n",
            "[习近平总书记][r]\n\n[r]: http://a.cn/习总书记 '习近平总书记'\n",
        ),
        ("a.md", "一点总则\n\n正文", "一点总则\n\n正文"),
        ("a.md", "又一点总则", "又1. 总则"),
        (
            "a.md",
            "`习总书记`习`总`书记\n\n    习总书记\n\n~~~\n习总书记\n~~~\n",
            "`习总书记`习`总`书记\n\n    习总书记\n\n~~~\n习总书记\n~~~\n",
        ),
        (
            "a.md",
            "习\\*总书记 习*总*书记 习_总_书记",
            "习\\*总书记 习近平*总*书记 习_总_书记",
        ),
        ("a.md", "ATT公司", "AT&amp;T公司"),
        (
            "a.md",
            "---\ntitle: \"习总书记\\\"讲话\"\nlist: [习总书记, b]\nname: ATT公司\n---\n",
            "---\ntitle: \"习近平总书记\\\"讲话\"\nlist: [习近平总书记, b]\nname: ATT公司\n---\n",
        ),
        // HTML
        (
            "a.html",
            "<img alt=习总书记 title=国家教育部>",
            "<img alt=习近平总书记 title=教育部>",
        ),
        (
            "a.html",
            "<img alt=ATT公司><img alt='ATT公司'><p>ATT公司",
            "<img alt=ATT公司><img alt='AT&amp;T公司'><p>AT&amp;T公司",
        ),
        (
            "a.html",
            "<p>习&#24635书记 习&#x603B;书记",
            "<p>习近平&#24635书记 习近平&#x603B;书记",
        ),
        (
            "a.html",
            "<p><![CDATA[习总书记]]>。",
            "<p><![CDATA[习总书记]]>。",
        ),
        (
            "a.html",
            "<P TITLE=\"习总书记\">习<B>总</B>书记",
            "<P TITLE=\"习近平总书记\">习近平<B>总</B>书记",
        ),
        (
            "a.html",
            "<a onclick=\"f('习总书记')\" href='习总书记' data-x='习总书记'>x</a>",
            "<a onclick=\"f('习总书记')\" href='习总书记' data-x='习总书记'>x</a>",
        ),
        (
            "a.html",
            "<p>习总<br><br>书记<p>习总</p>书记<li>习总<div>书记",
            "<p>习总<br><br>书记<p>习总</p>书记<li>习总<div>书记",
        ),
        (
            "a.html",
            "<a href=x>国家</a>教育部<b>国家</b>教育部",
            "<a href=x>国家</a>教育部<b></b>教育部",
        ),
        (
            "a.html",
            "<ruby>习<rt>xi</rt>总<rt>zong</rt></ruby>书记",
            "<ruby>习近平<rt>xi</rt>总<rt>zong</rt></ruby>书记",
        ),
        (
            "a.html",
            "<script>'习总书记'</script><style>习总书记</style><template>习总书记</template>",
            "<script>'习总书记'</script><style>习总书记</style><template>习总书记</template>",
        ),
        ("a.html", "<h1>国 家 教 育 部</h1>", "<h1>教 育 部</h1>"),
    ];
    for (name, before, after) in cases {
        let fixed = fixed(&linter, name, before.as_bytes());
        assert_eq!(
            String::from_utf8(fixed.bytes).unwrap(),
            after,
            "{name}: {before}"
        );
        assert_eq!(
            fixed.applied.is_empty(),
            before == after,
            "{name}: {before}"
        );
    }
}

#[test]
fn fixes_that_touch_are_all_applied_and_none_is_called_broken() {
    let linter = linter(LEXICON);
    let fixed = fixed(
        &linter,
        "a.txt",
        "说甲乙丙丁的国家教育部国家教育部".as_bytes(),
    );
    assert_eq!(fixed.applied.len(), 4);
    assert!(fixed.skipped.is_empty(), "{:?}", fixed.skipped);
}

/// A text without paragraphs is cut into blocks by its length, which a fix changes.
#[test]
fn long_texts_are_fixed_wherever_they_are_cut() {
    let linter = linter(LEXICON);
    for line in ["学习习总书记讲话\n", "学习习总书记讲话"] {
        let before = line.repeat(6_000);
        let fixed = fixed(&linter, "a.txt", before.as_bytes());
        let after = String::from_utf8(fixed.bytes).unwrap();
        assert!(after == before.replace("习总", "习近平总"));
        assert!(fixed.skipped.is_empty() && fixed.remaining.is_empty());
    }
}

/// One fix that cannot be made does not keep the others from being made.
#[test]
fn a_fix_that_breaks_its_markup_is_dropped_alone() {
    let linter = linter(LEXICON);
    let before =
        "**国家**教育部学习习总书记\n\n习总书记和国家教育部\n\n[国家](a)教育部\n\n".repeat(20);
    let want =
        "**国家**教育部学习习近平总书记\n\n习近平总书记和教育部\n\n[国家](a)教育部\n\n".repeat(20);
    let fixed = fixed(&linter, "a.md", before.as_bytes());
    assert_eq!(String::from_utf8(fixed.bytes).unwrap(), want);
    assert_eq!(fixed.skipped.len(), 40);
}

/// What stands on one line or in one block takes no more time for each mistake than what stands on many.
#[test]
fn many_mistakes_in_one_place_take_no_longer() {
    let linter = linter(LEXICON);
    let cases = [
        ("a.txt", "习总书记"),
        ("a.txt", "将“习总书记”错写为“国家教育部”，"),
        ("a.html", "习<b>总</b>书记，"),
        ("a.md", "[习总书记](a)"),
        ("a.md", "~~习总书记~~"),
        ("a.md", "**国家**教育部\n\n"),
    ];
    for (name, text) in cases {
        let time = |count: usize| {
            let text = text.repeat(count);
            let start = std::time::Instant::now();
            let fixed = fixed(&linter, name, text.as_bytes());
            assert!(
                fixed.applied.len() + fixed.remaining.len() >= count,
                "{name}"
            );
            start.elapsed()
        };
        let (few, many) = (time(500), time(4_000));
        // Eight times the work; sixty-four times the time would mean that each looks at all others.
        assert!(many < 40 * few, "{name} {text}: {few:?}, {many:?}");
    }
}

/// Which parts hold which text after the fix.
fn check_docx(bytes: &[u8], options: &ReadOptions, want: &[(&str, &str)]) {
    let linter = linter(LEXICON);
    let document = Document::parse("a.docx", bytes.to_vec(), options).unwrap();
    let fixed = fix::apply(&linter, &document, Applicability::Safe).unwrap();
    let after = Document::parse("a.docx", fixed.bytes.clone(), options).unwrap();
    for (name, text) in want {
        let part = after.parts.iter().find(|p| p.name == *name);
        let part = part.unwrap_or_else(|| panic!("{name} is missing"));
        assert!(
            part.text().contains(text),
            "{text} is not in {}",
            part.text()
        );
    }
    let (old, new) = (records(bytes), records(&fixed.bytes));
    let changed: Vec<_> = old.iter().zip(&new).filter(|(a, b)| a != b).collect();
    let mut changed: Vec<_> = changed.iter().map(|(a, _)| a.0.as_str()).collect();
    changed.sort_unstable();
    let mut touched: Vec<_> = fixed.applied.iter().map(|d| d.part.as_str()).collect();
    touched.sort_unstable();
    touched.dedup();
    assert_eq!(changed, touched, "only what was fixed is written");
    assert_eq!(old.len(), new.len());
}

fn text_box(text: &str) -> String {
    format!(
        "<w:r><w:txbxContent>{}</w:txbxContent></w:r>",
        paragraph(text)
    )
}

fn twins(first: &str, second: &str) -> String {
    format!(
        "<w:p><mc:AlternateContent><mc:Choice Requires=\"wps\">{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent></w:p>",
        text_box(first),
        text_box(second)
    )
}

#[test]
fn places_in_a_docx() {
    let main = "word/document.xml";
    let options = ReadOptions::default();
    let cases = [
        // an empty run is left, with its format
        (format!("<w:p>{}{}</w:p>", run("国家"), run("教育部")), "<w:t xml:space=\"preserve\"></w:t></w:r><w:r><w:t xml:space=\"preserve\">教育部"),
        // a link is never emptied
        (format!("<w:p><w:hyperlink w:anchor=\"x\">{}</w:hyperlink>{}</w:p>", run("国家"), run("教育部")), ">国家</w:t></w:r></w:hyperlink>"),
        (format!("<w:p><w:hyperlink w:anchor=\"x\">{}</w:hyperlink>{}</w:p>", run("学习国家"), run("教育部")), ">学习</w:t></w:r></w:hyperlink>"),
        ("<w:p><w:r><w:t>习总</w:t><w:tab/><w:t>书记</w:t></w:r></w:p>".to_owned(), "习总</w:t><w:tab/>"),
        (paragraph("ATT公司"), "AT&amp;T公司"),
        (twins("习总书记", "习总书记"), "习近平总书记</w:t></w:r></w:p></w:txbxContent></w:r></mc:Choice><mc:Fallback><w:r><w:txbxContent><w:p><w:r><w:t xml:space=\"preserve\">习近平总书记"),
        (twins("习总书记", "学习习总书记"), "习近平总书记</w:t></w:r></w:p></w:txbxContent></w:r></mc:Choice><mc:Fallback><w:r><w:txbxContent><w:p><w:r><w:t xml:space=\"preserve\">学习习近平总书记"),
        ("<w:p><w:r><w:t>学习国家</w:t></w:r><w:r><w:t>教育部</w:t></w:r></w:p>".to_owned(), "<w:t>学习</w:t></w:r><w:r><w:t>教育部"),
        ("<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>习总书记</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/></w:tc></w:tr></w:tbl>".to_owned(), "<w:t>习近平总书记"),
    ];
    for (body, want) in cases {
        check_docx(&docx(&body, &[]), &options, &[(main, want)]);
    }
    // Once in each part; each is fixed where it stands.
    let form = paragraph("习总书记");
    let note = format!("<w:footnote w:id=\"2\">{form}</w:footnote>");
    let comment = format!("<w:comment w:id=\"1\">{form}</w:comment>");
    let others = [
        ("header", form.as_str()),
        ("header", form.as_str()),
        ("footer", form.as_str()),
        ("footnotes", note.as_str()),
        ("comments", comment.as_str()),
    ];
    let bytes = docx(&form, &others);
    let parts = [
        "word/document.xml",
        "word/header0.xml",
        "word/header1.xml",
        "word/footer2.xml",
        "word/footnotes3.xml",
    ];
    let want = parts.map(|part| (part, "习近平总书记"));
    check_docx(&bytes, &options, &want);
    let with_comments = ReadOptions {
        comments: true,
        ..ReadOptions::default()
    };
    check_docx(
        &bytes,
        &with_comments,
        &[("word/comments4.xml", "习近平总书记")],
    );
}

#[test]
fn other_kinds_of_word_documents() {
    let body = paragraph("习总书记");
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let strict = "http://purl.oclc.org/ooxml/wordprocessingml/main";
    let document = format!("<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>");
    let mains = [
        document.replace(word, strict),
        document.replace("w:", "q:").replace("xmlns:w=", "xmlns:q="),
        document
            .replace("<w:", "<")
            .replace("</w:", "</")
            .replace("xmlns:w=", "xmlns="),
        format!("\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- 正文 -->\n{document}\n"),
    ];
    for main in mains {
        let bytes = package(&main, &[]);
        check_docx(
            &bytes,
            &ReadOptions::default(),
            &[("word/document.xml", "习近平总书记")],
        );
    }
}
