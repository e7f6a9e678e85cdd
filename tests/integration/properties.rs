//! What must hold for every input: nothing panics, every place is exact, and a fix changes what it says and no more.

use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use zhengming::fix::{self, Fixed};
use zhengming::normal::fold;
use zhengming::{
    Applicability, Block, Diagnostic, Document, Kind, Linter, Part, ReadOptions, SegmentKind,
};

use crate::support::{self, NAMESPACES, docx, linter, package, paragraph, records};

/// Entries that lengthen, shorten, overlap, call for each other, and write what has to be escaped.
const LEXICON: &str = r##"
category = "t"
[[entry]]
canonical = "习近平总书记"
forbidden = ["习总书记", "习近总书记"]
[[entry]]
canonical = "全面从严治党"
forbidden = ["从严治党"]
[[entry]]
canonical = "账户"
forbidden = ["帐户"]
fix = "none"
[pairs]
"国家教育部" = "教育部"
"国家国家" = "国家"
"部部" = "部"
"一代一路" = "一带一路"
"代一路书" = "代一路，书"
"路书记" = "路总书记"
"一二三产融合" = "一二三产业融合"
"12345热钱" = "12345热线"
"扫黑险恶" = "扫黑除恶"
"甲A" = "A甲A"
"A类" = "甲类"
"A产融" = "<产>&融"
"教书记" = "教*书_记"
"育总" = "# 育`总|总"
"近近" = "“近”"
"治治" = "𠮷治"
"##;

/// So many cases, or as many as `PROPTEST_CASES` says.
fn config(cases: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: wanted.and_then(|n| n.parse().ok()).unwrap_or(cases),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

// ---- what must hold for a document ----

/// Reads, lints and fixes a file, and checks everything that can be checked about it. A file may be refused.
fn examine(linter: &Linter, name: &str, bytes: &[u8], options: &ReadOptions) -> Option<Document> {
    let document = Document::parse(name, bytes.to_vec(), options).ok()?;
    let part = |n: usize| &document.parts[n];
    assert_eq!(
        document.rebuild(&[]).unwrap(),
        bytes,
        "{name} is changed by reading"
    );
    for block in &document.blocks {
        check_map(part(block.part), document.text(block), block);
    }
    let found = linter.lint(&document);
    assert_eq!(found, linter.lint(&document));
    for diagnostic in &found {
        check_place(&document, diagnostic);
    }
    match fix::apply(linter, &document, Applicability::Safe) {
        Ok(fixed) => check_fix(linter, &document, options, bytes, &fixed),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    Some(document)
}

/// Every byte of a block's text has one source, in whole characters, and literal text stands there as it is.
fn check_map(part: &Part, text: &str, block: &Block) {
    let mut at = 0;
    for piece in block.pieces(&(0..text.len())) {
        assert_eq!(piece.text.start, at, "a gap in the map of “{text}”");
        at = piece.text.end;
        let own = text.get(piece.text.clone());
        let source = part.text().get(piece.source.clone());
        assert!(
            own.is_some() && source.is_some(),
            "a cut character in “{text}”"
        );
        if piece.kind == SegmentKind::Literal {
            assert_eq!(own, source);
        }
    }
    assert_eq!(at, text.len(), "the map of “{text}” ends early");
}

/// The place of a diagnostic is in order, in whole characters, and holds the form that was found.
fn check_place(document: &Document, d: &Diagnostic) {
    let block = &document.blocks[d.block];
    let part = &document.parts[block.part];
    assert_eq!(d.part, part.name);
    assert!(!d.spans.is_empty(), "{d:?}");
    let mut spans: Vec<Range<usize>> = Vec::new();
    for location in &d.spans {
        let span = location.span;
        assert!(
            span.start < span.end && span.end <= part.bytes().len(),
            "{d:?}"
        );
        let decoded = part.decoded_offset(span.start)..part.decoded_offset(span.end);
        assert_eq!(part.stored(&decoded), span, "a cut character: {d:?}");
        assert!(part.text().get(decoded.clone()).is_some(), "{d:?}");
        assert!(spans.last().is_none_or(|s| s.end < decoded.start), "{d:?}");
        assert!(location.start.line >= 1 && location.start.column >= 1);
        assert!(location.start <= location.end, "{d:?}");
        spans.push(decoded);
    }
    if d.category == "t" {
        // Rules that are not listed forms may say what they found in other words.
        let written = text_at(document.text(block), block, &spans);
        assert_eq!(fold(&written).text(), fold(&d.found).text(), "{d:?}");
    }
    if let Some(fix) = &d.fix {
        let mut end = 0;
        for edit in &fix.edits {
            assert!(edit.span.start >= end, "edits overlap: {d:?}");
            assert!(edit.span.start <= edit.span.end && edit.span.end <= part.bytes().len());
            end = edit.span.end;
        }
    }
}

/// The text of a block that came from some ranges of its part.
fn text_at(text: &str, block: &Block, sources: &[Range<usize>]) -> String {
    let mut found = String::new();
    for piece in block.pieces(&(0..text.len())) {
        for source in sources {
            let cut = piece.source.start.max(source.start)..piece.source.end.min(source.end);
            if cut.is_empty() {
                continue;
            }
            let is_whole = !matches!(piece.kind, SegmentKind::Literal | SegmentKind::Derived)
                || piece.text.len() != piece.source.len();
            found.push_str(if is_whole {
                &text[piece.text.clone()]
            } else {
                let start = piece.text.start + cut.start - piece.source.start;
                &text[start..start + cut.len()]
            });
        }
    }
    found
}

/// A fix writes its edits and nothing else, leaves nothing to do, and does nothing the second time.
fn check_fix(
    linter: &Linter,
    document: &Document,
    options: &ReadOptions,
    bytes: &[u8],
    fixed: &Fixed,
) {
    assert_eq!(fixed.applied.is_empty(), fixed.document.is_none());
    if fixed.applied.is_empty() {
        assert_eq!(fixed.bytes, bytes, "changed without a fix");
        return;
    }
    let after = fixed.document.as_ref().unwrap();
    assert_eq!(after.rebuild(&[]).unwrap(), fixed.bytes);
    assert_eq!(linter.lint(after), fixed.remaining);
    let again = fix::apply(linter, after, Applicability::Safe).unwrap();
    assert!(
        again.applied.is_empty(),
        "a second fix finds {:#?}",
        again.applied
    );
    assert_eq!(again.bytes, fixed.bytes);

    let parts = replay(linter, document, options, &fixed.applied);
    assert_eq!(after.parts.len(), parts.len());
    for (part, want) in after.parts.iter().zip(&parts) {
        assert!(
            part.bytes() == *want,
            "{} is not what the edits say",
            part.name
        );
    }
    if document.kind == Kind::Docx && !bytes.is_empty() {
        let changed = |name: &str| fixed.applied.iter().any(|d| d.part == name);
        let (old, new) = (records(bytes), records(&fixed.bytes));
        assert_eq!(old.len(), new.len());
        for ((name, record), (new_name, new_record)) in old.iter().zip(&new) {
            assert_eq!(name, new_name);
            assert!(changed(name) || record == new_record, "{name} is changed");
        }
    }
}

/// The parts as they are when the edits of `applied` are spliced in by hand, round by round.
fn replay(
    linter: &Linter,
    document: &Document,
    options: &ReadOptions,
    applied: &[Diagnostic],
) -> Vec<Vec<u8>> {
    let mut left: Vec<&Diagnostic> = applied.iter().collect();
    let mut current = document.clone();
    while !left.is_empty() {
        let found = linter.lint(&current);
        let (round, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|d| found.contains(d));
        assert!(!round.is_empty(), "nobody asked for {rest:#?}");
        left = rest;
        let mut changed = Vec::new();
        for (nth, part) in current.parts.iter().enumerate() {
            let own = round.iter().filter(|d| d.part == part.name);
            let mut edits: Vec<_> = own.flat_map(|d| &d.fix.as_ref().unwrap().edits).collect();
            if edits.is_empty() {
                continue;
            }
            edits.sort_by_key(|e| std::cmp::Reverse(e.span));
            let mut bytes = part.bytes().to_vec();
            for edit in edits {
                let content = part.encode(&edit.content).unwrap();
                bytes.splice(edit.span.start..edit.span.end, content);
            }
            changed.push((nth, bytes));
        }
        let bytes = current.rebuild(&changed).unwrap();
        let options = ReadOptions {
            encoding: (current.kind != Kind::Docx).then(|| current.parts[0].encoding()),
            ..options.clone()
        };
        current = Document::parse(&current.name, bytes, &options).unwrap();
    }
    current.parts.iter().map(|p| p.bytes().to_vec()).collect()
}

// ---- inputs ----

const NAMES: [&str; 4] = ["a.txt", "a.md", "a.html", "a.docx"];

/// Words that forms are made of, and all that hides them.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "习总书记", "习近总书记", "习", "近", "平", "总", "书", "记", "国家教育部", "国家", "教", "育", "部", "部部", "从严治党", "全面",
    "从严", "治", "党", "一代一路", "一", "代", "带", "路", "书记", "一二三产融合", "产", "融", "业", "12345热钱", "１２３４５热钱",
    "扫黑险恶", "掃黑險惡", "险", "甲", "A", "Ａ", "a", "类", "甲乙", "\u{200B}", "\u{AD}", "\u{FE00}", "\u{2060}", "\u{FEFF}",
    " ", "\u{A0}", "\u{3000}", "\n", "\r\n", "\r", "\n\n", "\n　　", "  ", "\t", "\u{C}", "。", "，", "：", "“", "”", "应为", "错写为",
    "一、", "（一）", "⼈", "⼆", "𠮷", "😀", "é", "1", "&", "<", ">", "*", "_", "|", "`", "#", "\\", "'", "\"", "=", "-",
];

#[rustfmt::skip]
const MARKDOWN: &[&str] = &[
    "**", "*", "_", "~~", "`", "```\n", "# ", "> ", "- ", "1. ", "    ", "| ", "|\n", "\n|--|--|\n", "[", "](http://a.cn)", "](", ")",
    "![", "\\|", "\\*", "<b>", "</b>", "<br>", "<!-- ", "-->", "&#24635;", "&amp;", "&#8203;", "---\n", "title: ", "[^1]", "[^1]: ",
    "<p>", "</p>", "<i title='", "'>", "  \n", "\\\n", "[r]: http://a '", "***\n", "==\n", "<del>", "</del>",
];

#[rustfmt::skip]
const HTML: &[&str] = &[
    "<p>", "</p>", "<b>", "</b>", "<br>", "<br/>", "<span class=a>", "</span>", "<!-- ", "-->", "<!-->", "<![CDATA[", "]]>", "&#24635;",
    "&#x4E60;", "&#8203;", "&amp;", "&lt;", "&nbsp;", "&nbsp", "&#24635", "&", "<td>", "<table><tr><td>", "</table>", "<a href=x>", "</a>",
    "<img alt=\"", "<img alt='", "<img alt=", "\">", "'>", ">", "<title>", "</title>", "<script>", "</script>", "<style>", "</style>",
    "<textarea>", "</textarea>", "<pre>", "</pre>", "<code>", "</code>", "<ruby>", "<rt>", "</rt>", "</ruby>", "<meta charset=utf-8>",
    "<meta name=description content='", "<svg>", "<text>", "</svg>", "<template>", "</template>", "<del>", "</del>", "<option label=\"",
    "<noscript>", "</noscript>", "<?xml version='1.0'?>", "<!DOCTYPE html>", "<li>", "<h1>", "</h1>", "<button value='", "<", "</", "\0",
];

/// Elements of a docx body; what opens is closed by [`balanced`].
#[rustfmt::skip]
const WORD_OPEN: &[&str] = &[
    "w:p", "w:r", "w:t", "w:t xml:space=\"preserve\"", "w:hyperlink", "w:ins", "w:del", "w:delText", "w:tbl", "w:tr", "w:tc", "w:sdt",
    "w:sdtContent", "w:txbxContent", "mc:AlternateContent", "mc:Choice Requires=\"wps\"", "mc:Fallback", "w:fldSimple w:instr=\"PAGE\"",
    "w:rPr", "w:smartTag", "w:instrText", "w:ruby", "w:rt", "w:rubyBase", "x:y xmlns:x=\"x\"",
];

#[rustfmt::skip]
const WORD_EMPTY: &[&str] = &[
    "<w:br/>", "<w:br w:type=\"page\"/>", "<w:tab/>", "<w:cr/>", "<w:softHyphen/>", "<w:noBreakHyphen/>", "<w:proofErr w:type=\"x\"/>",
    "<w:fldChar w:fldCharType=\"begin\"/>", "<w:fldChar w:fldCharType=\"separate\"/>", "<w:fldChar w:fldCharType=\"end\"/>", "<w:vanish/>",
    "<w:strike/>", "<w:bookmarkStart w:id=\"0\" w:name=\"b\"/>", "<w:sym w:char=\"F0A8\"/>", "<!-- c -->", "<![CDATA[习总书记]]>",
    "&#24635;", "&amp;", "<w:lastRenderedPageBreak/>", "<w:noBreakHyphen/>", "<w:footnoteReference w:id=\"2\"/>",
];

fn words(more: &'static [&'static str], len: usize) -> impl Strategy<Value = String> {
    let word =
        prop_oneof![3 => select(WORDS), 2 => select(if more.is_empty() { WORDS } else { more })];
    prop::collection::vec(word, 0..len).prop_map(|w| w.concat())
}

/// A body of elements around words: a step down, a step up, or something in between.
fn balanced() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        4 => select(WORDS).prop_map(|w| Step::Text(w.replace('&', "&amp;").replace('<', "&lt;"))),
        3 => select(WORD_OPEN).prop_map(|e| Step::Open(e.to_owned())),
        1 => select(WORD_EMPTY).prop_map(|e| Step::Text(e.to_owned())),
        2 => Just(Step::Close),
        1 => Just(Step::NextRun),
    ];
    prop::collection::vec(step, 0..40).prop_map(|steps| {
        let mut out = String::from("<w:p><w:r><w:t>");
        let mut open = vec!["w:p".to_owned(), "w:r".to_owned(), "w:t".to_owned()];
        for step in steps {
            match step {
                Step::Text(text) => out += &text,
                Step::Open(tag) => {
                    out += &format!("<{tag}>");
                    open.push(tag.split(' ').next().unwrap().to_owned());
                }
                Step::Close => {
                    if let Some(tag) = open.pop() {
                        out += &format!("</{tag}>");
                    }
                }
                Step::NextRun if open.ends_with(&["w:r".to_owned(), "w:t".to_owned()]) => {
                    out += "</w:t></w:r><w:r><w:t>";
                }
                Step::NextRun => {}
            }
        }
        while let Some(tag) = open.pop() {
            out += &format!("</{tag}>");
        }
        out
    })
}

#[derive(Clone, Debug)]
enum Step {
    Text(String),
    Open(String),
    Close,
    NextRun,
}

/// Sound files of each format.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let root = env!("CARGO_MANIFEST_DIR");
    let draft = |name| std::fs::read(format!("{root}/examples/drafts/{name}")).unwrap();
    let twin = "<w:p><mc:AlternateContent><mc:Choice><w:r><w:txbxContent><w:p><w:r><w:t>习总书记</w:t></w:r></w:p></w:txbxContent></w:r></mc:Choice>\
        <mc:Fallback><w:r><w:txbxContent><w:p><w:r><w:t>习总书记</w:t></w:r></w:p></w:txbxContent></w:r></mc:Fallback></mc:AlternateContent></w:p>";
    vec![
        ("a.txt", draft("notice.txt")),
        ("a.txt", draft("notice-gb18030.txt")),
        ("a.md", draft("notice.md")),
        ("a.html", draft("notice.html")),
        ("a.docx", draft("notice.docx")),
        (
            "a.docx",
            docx(
                &(paragraph("学习习总书记讲话") + twin),
                &[
                    ("header", &paragraph("国家教育部")),
                    (
                        "comments",
                        &format!(
                            "<w:comment w:id=\"1\">{}</w:comment>",
                            paragraph("习总书记")
                        ),
                    ),
                ],
            ),
        ),
    ]
}

#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index, u8),
    Insert(Index, Vec<u8>),
    Repeat(Index, u8),
    End(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, b)| Damage::Flip(at, b)),
        2 => (at(), any::<u8>()).prop_map(|(at, n)| Damage::Cut(at, n)),
        4 => (at(), prop_oneof![select(WORDS), select(HTML), select(MARKDOWN)]).prop_map(|(at, w)| Damage::Insert(at, w.as_bytes().to_vec())),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..5)).prop_map(|(at, w)| Damage::Insert(at, w)),
        1 => (at(), any::<u8>()).prop_map(|(at, n)| Damage::Repeat(at, n)),
        1 => at().prop_map(Damage::End),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        let len = bytes.len();
        match damage {
            Damage::Flip(at, b) => bytes[at.index(len)] ^= b,
            Damage::Cut(at, n) => {
                let at = at.index(len);
                bytes.drain(at..(at + usize::from(*n)).min(len));
            }
            Damage::Insert(at, what) => {
                let at = at.index(len);
                bytes.splice(at..at, what.iter().copied());
            }
            Damage::Repeat(at, n) => {
                let at = at.index(len);
                let again = bytes[at..(at + usize::from(*n)).min(len)].to_vec();
                bytes.splice(at..at, again);
            }
            Damage::End(at) => bytes.truncate(at.index(len)),
        }
    }
    bytes
}

/// The content of the main part of a docx.
fn main_part(bytes: &[u8]) -> Vec<u8> {
    let document = support::parse("a.docx", bytes);
    let main = document
        .parts
        .iter()
        .find(|p| p.name == "word/document.xml");
    main.unwrap().bytes().to_vec()
}

#[test]
fn any_bytes_are_read_or_refused() {
    let linter = linter(LEXICON);
    proptest!(config(1024), |(bytes in prop::collection::vec(any::<u8>(), 0..300), name in select(&NAMES[..]))| {
        examine(&linter, name, &bytes, &ReadOptions::default());
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend(bytes);
        examine(&linter, name, &zip, &ReadOptions::default());
    });
}

#[test]
fn damaged_files_are_read_or_refused() {
    let linter = linter(LEXICON);
    let seeds = seeds();
    proptest!(config(1024), |(seed in 0..seeds.len(), damages in prop::collection::vec(damage(), 1..5), comments: bool)| {
        let (name, bytes) = &seeds[seed];
        let options = ReadOptions { comments, ..ReadOptions::default() };
        examine(&linter, name, &damaged(bytes.clone(), &damages), &options);
        if *name == "a.docx" {
            // Nearly all damage to a zip is noticed; that to a part must get as far as the readers.
            let main = damaged(main_part(bytes), &damages);
            let main = String::from_utf8_lossy(&main);
            examine(&linter, name, &package(&main, &[]), &options);
        }
    });
}

#[test]
fn text_in_every_encoding() {
    use encoding_rs::{BIG5, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
    let linter = linter(LEXICON);
    let encodings = [UTF_8, GB18030, GBK, BIG5, UTF_16LE, UTF_16BE];
    proptest!(config(1024), |(text in words(&[], 30), encoding in select(encodings.to_vec()), mark: bool)| {
        let text = if mark { format!("\u{FEFF}{text}") } else { text };
        let bytes: Vec<u8> = if encoding == UTF_16LE {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else if encoding == UTF_16BE {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        } else {
            // What the encoding does not have becomes an entity here, which is only text.
            encoding.encode(&text).0.into_owned()
        };
        let options = ReadOptions { encoding: Some(encoding), ..ReadOptions::default() };
        prop_assert!(examine(&linter, "a.txt", &bytes, &options).is_some());
        examine(&linter, "a.txt", &bytes, &ReadOptions::default());
    });
}

#[test]
fn any_markdown() {
    let linter = linter(LEXICON);
    proptest!(config(1024), |(text in words(MARKDOWN, 40))| {
        examine(&linter, "a.md", text.as_bytes(), &ReadOptions::default());
    });
}

#[test]
fn any_html() {
    let linter = linter(LEXICON);
    proptest!(config(1024), |(text in words(HTML, 40))| {
        examine(&linter, "a.html", text.as_bytes(), &ReadOptions::default());
    });
}

#[test]
fn any_docx() {
    let linter = linter(LEXICON);
    proptest!(config(1024), |(body in balanced(), header in balanced())| {
        let note = format!("<w:footnote w:id=\"2\">{header}</w:footnote>");
        let main = format!("<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>");
        let bytes = package(&main, &[("header", &header), ("footnotes", &note)]);
        prop_assert!(examine(&linter, "a.docx", &bytes, &ReadOptions::default()).is_some());
    });
}

#[test]
fn the_normal_form_of_a_normal_form_is_itself() {
    proptest!(config(1024), |(text in prop_oneof![words(&[], 40), any::<String>()])| {
        let once = fold(&text).text().to_owned();
        let twice = fold(&once);
        prop_assert_eq!(twice.text(), once.as_str());
    });
}
