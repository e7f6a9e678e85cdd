//! Random phrases in every disguise, container and encoding: found once, at its place, and corrected there.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use proptest::prelude::*;
use proptest::sample::select;
use zhengming::fix;
use zhengming::normal::fold;
use zhengming::{Applicability, Document, Linter, ReadOptions, Severity};

use crate::support::{docx, linter, paragraph, run};

const BEFORE: &str = "各单位要认真学习贯彻";
const AFTER: &str = "的有关要求，确保落实到位。";

/// Characters that phrases are made of: no blank, no punctuation, no word that speaks of mistakes, all of them in Big5
/// as well.
const PHRASE: &str = "人民大主力工作全心文化市安天地水火山石田土木子女少多心手口目耳足日月星光明白高低\
    左右前西北南中央政府省委市法合同共和平台北京海江河湖草花米";

/// A wrong phrase, and the right one: a character more, less, or another.
fn pair() -> impl Strategy<Value = (String, String)> {
    let character = select(
        PHRASE
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<Vec<_>>(),
    );
    let phrase = prop::collection::vec(character.clone(), 3..8);
    (phrase, character, any::<prop::sample::Index>(), 0..3)
        .prop_map(|(bad, other, at, what)| {
            let mut good = bad.clone();
            let at = at.index(bad.len());
            match what {
                0 => good.insert(at, other),
                1 => good[at] = other,
                _ => drop(good.remove(at)),
            }
            (String::from_iter(bad), String::from_iter(good))
        })
        .prop_filter("both are the same", |(bad, good)| bad != good)
}

/// A phrase in disguise: what is written for its two halves, and what between them.
struct Disguised {
    written: String,
    disguise: Option<&'static str>,
}

const FLAT: usize = 11;

/// The `nth` way to hide a phrase in plain text.
fn disguised(phrase: &str, nth: usize) -> Disguised {
    let (head, tail) = halves(phrase);
    let joined = |glue: &str| format!("{head}{glue}{tail}");
    let spaced = |blank: &str| {
        phrase
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(blank)
    };
    let (written, disguise) = match nth {
        0 => (phrase.to_owned(), None),
        1 => (joined("\u{200B}"), Some("zero-width")),
        2 => (joined("\u{2060}"), Some("zero-width")),
        3 => (joined("\u{AD}"), Some("zero-width")),
        4 => (joined("\u{FE00}"), Some("zero-width")),
        5 => (joined(" "), Some("blank")),
        6 => (joined("\u{3000}"), Some("blank")),
        7 => (spaced(" "), Some("blank")),
        8 => (joined("\n"), Some("line-wrap")),
        9 => (joined("\r\n"), Some("line-wrap")),
        _ => (joined(" \u{200B}\n  "), Some("line-wrap")),
    };
    Disguised { written, disguise }
}

fn halves(phrase: &str) -> (&str, &str) {
    let middle = phrase.chars().count() / 2;
    let (at, _) = phrase.char_indices().nth(middle).unwrap();
    phrase.split_at(at)
}

/// A file with a form in it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    options: ReadOptions,
    /// The part with the form: its name and text, and the form in it as it is written.
    part: &'static str,
    text: String,
    form: String,
    disguise: Option<&'static str>,
    /// Whether a fix may also be refused, because it would leave nothing between two markers.
    may_refuse: bool,
}

impl Case {
    fn flat(
        name: &'static str,
        text: String,
        form: String,
        disguise: Option<&'static str>,
    ) -> Self {
        Self {
            name,
            bytes: text.clone().into_bytes(),
            options: ReadOptions::default(),
            part: "",
            text,
            form,
            disguise,
            may_refuse: false,
        }
    }
}

fn encode(text: &str, encoding: &'static Encoding, mark: bool) -> Option<Vec<u8>> {
    let text = if mark {
        format!("\u{FEFF}{text}")
    } else {
        text.to_owned()
    };
    if encoding == UTF_16LE {
        return Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    } else if encoding == UTF_16BE {
        return Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    let (bytes, _, unmappable) = encoding.encode(&text);
    (!unmappable).then(|| bytes.into_owned())
}

/// Finds exactly one mistake, where it stands; the fix corrects it and leaves the rest alone.
fn check(linter: &Linter, case: &Case, good: &str) {
    let what = format!("{} “{}”", case.name, case.text);
    let document = Document::parse(case.name, case.bytes.clone(), &case.options)
        .unwrap_or_else(|e| panic!("{e}: {what}"));
    let found = linter.lint(&document);
    let [d] = found.as_slice() else {
        panic!("{} found: {what}", found.len());
    };
    assert_eq!((d.severity, &d.demoted), (Severity::Error, &None), "{what}");
    assert_eq!(d.part, case.part, "{what}");
    let part = document.parts.iter().find(|p| p.name == case.part).unwrap();
    let start = part
        .text()
        .find(&case.form)
        .unwrap_or_else(|| panic!("{what}"));
    let want = part.stored(&(start..start + case.form.len()));
    let (first, last) = (d.spans[0].span, d.spans[d.spans.len() - 1].span);
    assert_eq!(
        (first.start, last.end),
        (want.start, want.end),
        "{what}: {d:?}"
    );
    let disguises: Vec<_> = d.disguises.iter().map(|d| d.name()).collect();
    match case.disguise {
        Some(disguise) => assert!(disguises.contains(&disguise), "{what}: {disguises:?}"),
        None => assert!(disguises.is_empty(), "{what}: {disguises:?}"),
    }
    if case.part.is_empty() {
        let before = &part.text()[..start];
        let before = before.strip_prefix('\u{FEFF}').unwrap_or(before);
        let lines: Vec<_> = before.split('\n').collect();
        let column = lines[lines.len() - 1].chars().count() + 1;
        assert_eq!(
            (d.spans[0].start.line, d.spans[0].start.column),
            (lines.len(), column),
            "{what}"
        );
    }

    let fixed = fix::apply(
        linter,
        &document,
        &fix::Choice::at_least(Applicability::Safe),
    )
    .unwrap();
    if fixed.applied.is_empty() && case.may_refuse {
        assert_eq!(fixed.bytes, case.bytes, "{what}");
        return;
    }
    assert_eq!(fixed.applied.len(), 1, "{what}: {:?}", fixed.skipped);
    assert!(fixed.remaining.is_empty(), "{what}");
    let after = Document::parse(case.name, fixed.bytes.clone(), &case.options).unwrap();
    assert!(linter.lint(&after).is_empty(), "{what}: found again");
    let texts: String = after.blocks.iter().map(|b| after.text(b)).collect();
    assert!(fold(&texts).text().contains(good), "{what}: {texts}");
    if case.part.is_empty() {
        assert!(fixed.bytes.starts_with(&case.bytes[..want.start]), "{what}");
        assert!(fixed.bytes.ends_with(&case.bytes[want.end..]), "{what}");
    }
    let names = |document: &Document| {
        let part = document.parts.iter().find(|p| p.name == case.part).unwrap();
        let tags = part.text().split('<').skip(1);
        tags.map(|t| t.split(['>', ' ']).next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    if case.name != "a.txt" {
        assert_eq!(names(&document), names(&after), "{what}: markup is changed");
    }
}

fn lexicon(bad: &str, good: &str) -> String {
    format!("category = \"t\"\n[[entry]]\ncanonical = \"{good}\"\nforbidden = [\"{bad}\"]\n")
}

#[test]
fn in_text_of_every_encoding() {
    let encodings = vec![UTF_8, GB18030, BIG5, UTF_16LE, UTF_16BE];
    let tops = vec!["", "前言。\n\n", "𠮷野家😀\r\n", "　　"];
    proptest!(config(), |((bad, good) in pair(), nth in 0..FLAT, encoding in select(encodings), mark: bool, top in select(tops))| {
        let linter = linter(&lexicon(&bad, &good));
        let Disguised { written, disguise } = disguised(&bad, nth);
        let (before, after) = if encoding == BIG5 {
            ("各鄉鎮人民政府要認真學習", "的有關要求，確保落實到位。\r\n")
        } else {
            (BEFORE, AFTER)
        };
        let text = format!("{top}{before}{written}{after}");
        let marked = mark && encoding != GB18030 && encoding != BIG5;
        if let Some(bytes) = encode(&text, encoding, marked) {
            let mut case = Case::flat("a.txt", text, written, disguise);
            case.bytes = bytes;
            case.options.encoding = (!marked).then_some(encoding);
            check(&linter, &case, &good);
        }
    });
}

#[test]
fn in_markdown() {
    proptest!(config(), |((bad, good) in pair(), nth in 0..24usize)| {
        let linter = linter(&lexicon(&bad, &good));
        let (head, tail) = halves(&bad);
        let split = Some("split-markup");
        let entity = format!("{head}&#{};{}", u32::from(tail.chars().next().unwrap()), tail.chars().skip(1).collect::<String>());
        let prose = |form: &str| format!("{BEFORE}{form}{AFTER}\n");
        let (text, form, disguise) = match nth {
            0 => (prose(&format!("{head}**{tail}**")), format!("{head}**{tail}"), split),
            1 => (prose(&format!("**{head}**{tail}")), format!("{head}**{tail}"), split),
            2 => (prose(&format!("*{head}*{tail}")), format!("{head}*{tail}"), split),
            3 => (prose(&format!("{head}[{tail}](http://a.cn)")), format!("{head}[{tail}"), split),
            4 => (prose(&format!("[{head}](http://a.cn){tail}")), format!("{head}](http://a.cn){tail}"), split),
            5 => (prose(&format!("[{bad}](http://a.cn '题')")), bad.clone(), None),
            6 => (prose(&format!("{head}<b>{tail}</b>")), format!("{head}<b>{tail}"), split),
            7 => (prose(&format!("{head}<!-- x -->{tail}")), format!("{head}<!-- x -->{tail}"), split),
            8 => (prose(&entity), entity.clone(), Some("entity")),
            9 => (format!("# {BEFORE}{bad}\n\n正文。\n"), bad.clone(), None),
            10 => (format!("{BEFORE}{bad}\n===\n"), bad.clone(), None),
            11 => (format!("| 序号 | 内容 |\n|---|---|\n| 1 | a\\|{bad} |\n"), bad.clone(), None),
            12 => (format!("---\ntitle: {BEFORE}{bad}\n---\n\n正文。\n"), bad.clone(), None),
            13 => (format!("---\ntitle: '{BEFORE}{bad}'\n---\n"), bad.clone(), None),
            14 => (format!("- {BEFORE}\n  - {bad}\n"), bad.clone(), None),
            15 => (format!("> {BEFORE}{head}\n> {tail}{AFTER}\n"), format!("{head}\n> {tail}"), Some("line-wrap")),
            16 => (format!("![{bad}](a.png)\n"), bad.clone(), None),
            17 => (format!("![图](a.png \"{bad}\")\n"), bad.clone(), None),
            18 => (format!("<p>{BEFORE}{bad}</p>\n"), bad.clone(), None),
            19 => (format!("正文[^1]。\n\n[^1]: {BEFORE}{bad}\n"), bad.clone(), None),
            20 => (format!("\u{FEFF}{bad}"), bad.clone(), None),
            21 => (prose(&format!("{head}  \n{tail}")), format!("{head}  \n{tail}"), Some("line-wrap")),
            22 => (prose(&format!("{head}\\\n{tail}")), format!("{head}\\\n{tail}"), Some("line-wrap")),
            _ => (format!("{bad}{AFTER}\r\n\r\n```\n{bad}\n```\r\n"), bad.clone(), None),
        };
        let mut case = Case::flat("a.md", text, form, disguise);
        case.may_refuse = true;
        check(&linter, &case, &good);
        let Disguised { written, disguise } = disguised(&bad, nth % FLAT);
        check(&linter, &Case::flat("a.md", prose(&written), written, disguise), &good);
    });
}

#[test]
fn in_html() {
    let encodings = vec![
        (UTF_8, "utf-8"),
        (GB18030, "gb2312"),
        (UTF_8, ""),
        (UTF_16LE, ""),
    ];
    proptest!(config(), |((bad, good) in pair(), nth in 0..26usize, (encoding, label) in select(encodings))| {
        let linter = linter(&lexicon(&bad, &good));
        let (head, tail) = halves(&bad);
        let split = Some("split-markup");
        let first = u32::from(tail.chars().next().unwrap());
        let rest: String = tail.chars().skip(1).collect();
        let prose = |form: &str| format!("<p>{BEFORE}{form}{AFTER}</p>");
        let glued = |glue: &str| format!("{head}{glue}{tail}");
        let (body, form, disguise) = match nth {
            0 => (prose(&bad), bad.clone(), None),
            1 => (prose(&format!("{head}<b>{tail}</b>")), glued("<b>"), split),
            2 => (prose(&format!("<b>{head}</b>{tail}")), glued("</b>"), split),
            3 => (prose(&format!("{head}<span style='font-family:仿宋_GB2312'>{tail}</span>")), glued("<span style='font-family:仿宋_GB2312'>"), split),
            4 => (prose(&format!("{head}<a href='x'>{tail}</a>")), glued("<a href='x'>"), split),
            5 => (prose(&format!("{head}&#{first};{rest}")), format!("{head}&#{first};{rest}"), Some("entity")),
            6 => (prose(&format!("{head}&#x{first:x};{rest}")), format!("{head}&#x{first:x};{rest}"), Some("entity")),
            7 => (prose(&format!("{head}&#{first}{rest}")), format!("{head}&#{first}{rest}"), Some("entity")),
            8 => (prose(&glued("&#8203;")), glued("&#8203;"), Some("zero-width")),
            9 => (prose(&glued("&nbsp;")), glued("&nbsp;"), Some("blank")),
            10 => (prose(&glued("<!-- x -->")), glued("<!-- x -->"), split),
            11 => (prose(&glued("\n      ")), glued("\n      "), Some("line-wrap")),
            12 => (prose(&glued("<br>\r\n")), glued("<br>\r\n"), Some("line-wrap")),
            13 => (prose(&glued("<wbr>")), glued("<wbr>"), split),
            14 => (format!("<img alt=\"{bad}\">"), bad.clone(), None),
            15 => (format!("<img alt={bad}>"), bad.clone(), None),
            16 => (format!("<a href='#' title='{bad}'>详情</a>"), bad.clone(), None),
            17 => (format!("<input placeholder='{bad}'><input type=submit value='提交'>"), bad.clone(), None),
            18 => (format!("<button aria-label=\"{head}&#{first};{rest}\">好</button>"), format!("{head}&#{first};{rest}"), Some("entity")),
            19 => (format!("<table><tr><td>一<td>{bad}<tr><td>二</table>"), bad.clone(), None),
            20 => (format!("<p>{BEFORE}{bad}{AFTER}<p>又一段<br>"), bad.clone(), None),
            21 => (format!("<div><div><li>{bad}"), bad.clone(), None),
            22 => (format!("<title>{bad}</title>"), bad.clone(), None),
            23 => (format!("<meta name=description content='{bad}'>"), bad.clone(), None),
            24 => (format!("<textarea>\n{bad}</textarea>"), bad.clone(), None),
            _ => (format!("<select><option>{bad}</select><script>'{bad}'</script>"), bad.clone(), None),
        };
        let charset = if label.is_empty() { String::new() } else { format!("<meta charset={label}>") };
        let text = format!("<!DOCTYPE html>\n<html>{charset}\n{body}</html>\n");
        let mut case = Case::flat("a.html", text, form, disguise);
        case.bytes = encode(&case.text, encoding, encoding == UTF_16LE).unwrap();
        // A fix never empties a link.
        case.may_refuse = nth == 4;
        check(&linter, &case, &good);
        let Disguised { written, disguise } = disguised(&bad, nth % FLAT);
        let case = Case::flat("a.html", format!("<h1>{BEFORE}{written}</h1>"), written, disguise);
        check(&linter, &case, &good);
    });
}

#[test]
fn in_docx() {
    proptest!(config(), |((bad, good) in pair(), nth in 0..22usize)| {
        let linter = linter(&lexicon(&bad, &good));
        let (head, tail) = halves(&bad);
        let split = Some("split-markup");
        let first = u32::from(tail.chars().next().unwrap());
        let rest: String = tail.chars().skip(1).collect();
        let prose = |inner: &str| format!("<w:p>{}{inner}{}</w:p>", run(BEFORE), run(AFTER));
        let styled = |text: &str| format!("<w:r><w:rPr><w:b/><w:sz w:val=\"32\"/></w:rPr><w:t>{text}</w:t></w:r>");
        let two = |glue: &str| format!("<w:r><w:t>{head}</w:t></w:r>{glue}<w:r><w:t>{tail}</w:t></w:r>");
        let one = |glue: &str| format!("<w:r><w:t>{head}</w:t>{glue}<w:t>{tail}</w:t></w:r>");
        let within = |before: &str, after: &str| format!("<w:p>{}{before}{}{after}</w:p>", run(BEFORE), run(&bad));
        let note = |kind: &str| format!("<w:{kind} w:id=\"2\">{}</w:{kind}>", paragraph(&bad));
        let (body, other, disguise): (String, Option<(&str, String)>, _) = match nth {
            0 => (paragraph(&format!("{BEFORE}{bad}{AFTER}")), None, None),
            1 => (prose(&two("")), None, split),
            2 => (prose(&format!("{}{}", styled(head), run(tail))), None, split),
            3 => (prose(&bad.chars().map(|c| styled(&c.to_string())).collect::<String>()), None, split),
            4 => (prose(&two("<w:proofErr w:type=\"spellStart\"/><w:bookmarkStart w:id=\"0\" w:name=\"b\"/>")), None, split),
            5 => (prose(&one("<w:softHyphen/>")), None, split),
            6 => (prose(&one("<w:br/>")), None, Some("line-wrap")),
            7 => (prose(&one("<w:lastRenderedPageBreak/>")), None, split),
            8 => (prose(&format!("{}<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>", run(head), run(tail))), None, split),
            9 => (prose(&two("<w:del w:id=\"1\"><w:r><w:delText>不</w:delText></w:r></w:del>")), None, split),
            10 => (prose(&format!("<w:ins w:id=\"1\">{}</w:ins>", run(&bad))), None, None),
            11 => (prose(&format!("<w:r><w:t>{head}&#{first};{rest}</w:t></w:r>")), None, Some("entity")),
            12 => (prose(&format!("<w:r><w:t><![CDATA[{bad}]]></w:t></w:r>")), None, None),
            13 => (within("<w:smartTag w:element=\"x\">", "</w:smartTag>"), None, None),
            14 => (format!("<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>", paragraph(&bad)), None, None),
            15 => (format!("<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>", paragraph(&bad)), None, None),
            16 => (prose(&two("<w:r><w:footnoteReference w:id=\"9\"/></w:r>")), None, split),
            17 => (paragraph("正文。"), Some(("header", paragraph(&bad))), None),
            18 => (paragraph("正文。"), Some(("footer", paragraph(&bad))), None),
            19 => (paragraph("正文。"), Some(("footnotes", note("footnote"))), None),
            20 => (paragraph("正文。"), Some(("endnotes", note("endnote"))), None),
            _ => (format!("<w:p><w:r><w:txbxContent>{}</w:txbxContent></w:r></w:p>", paragraph(&bad)), None, None),
        };
        let others: Vec<_> = other.iter().map(|(kind, content)| (*kind, content.as_str())).collect();
        let bytes = docx(&body, &others);
        let part = match nth {
            17 => "word/header0.xml",
            18 => "word/footer0.xml",
            19 => "word/footnotes0.xml",
            20 => "word/endnotes0.xml",
            _ => "word/document.xml",
        };
        let text = other.map_or(body, |(_, content)| content);
        // From the first character of the form to its last, with whatever is between.
        let from = text.find(BEFORE).map_or(0, |at| at + BEFORE.len());
        let start = from + text[from..].find(head.chars().next().unwrap()).unwrap();
        let (end, last) = match nth {
            11 if rest.is_empty() => (text[start..].find(';').unwrap() + start, ';'),
            _ => {
                let last = bad.chars().last().unwrap();
                let until = text.find(AFTER).unwrap_or(text.len());
                (text[..until].rfind(last).unwrap(), last)
            }
        };
        let form = text[start..end + last.len_utf8()].to_owned();
        let case = Case { name: "a.docx", bytes, options: ReadOptions::default(), part, text, form, disguise, may_refuse: matches!(nth, 8 | 12) };
        check(&linter, &case, &good);
    });
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1024,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn a_blank_where_a_mark_belongs() {
    let linter = linter(
        "category = 't'\n[pairs]\n'中共中央国务院' = '中共中央、国务院'\n'碳达峰碳中合' = '碳达峰、碳中和'\n",
    );
    for (text, want) in [
        ("《中共中央 国务院关于某事的意见》", 0),
        ("中共中央\u{3000}国务院关于某事的意见", 0),
        ("中共中央\n国务院关于某事的意见", 0),
        ("中共中央国务院关于某事的意见", 1),
        ("中共\u{200B}中央国务院关于某事的意见", 1),
        ("中共 中央国务院关于某事的意见", 1),
        ("中 共 中 央 国 务 院", 1),
        ("碳达峰 碳中合", 1),
    ] {
        let found = linter.lint(&crate::support::document("a.txt", text));
        assert_eq!(found.len(), want, "{text}");
    }
}
