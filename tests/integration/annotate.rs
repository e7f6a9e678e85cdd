//! Annotated documents: what is written, what it says once its changes are accepted or rejected, what is read back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zhengming::annotate::{self, Annotated, Decision, LeftReason, Mode, Options, State};
use zhengming::{Applicability, Document, Lang, Linter, ReadOptions, fix};

use crate::support::linter;

const OURS: &str = "正名";
const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const STRICT: &str = "http://purl.oclc.org/ooxml/wordprocessingml/main";

const LEXICON: &str = r#"
category = "test"

[[entry]]
canonical = "习近平总书记"
forbidden = ["习总书记"]
reason = "写全称"
source = "规范称谓 <甲>"

[[entry]]
canonical = "全面从严治党"
forbidden = ["从严冶党"]
fix = "unsafe"

[[entry]]
canonical = ["截至目前", "到目前为止"]
forbidden = ["截止目前"]
severity = "warning"

[pairs]
"扫黑除恶斗争" = "扫黑除恶专项斗争"
"防汛抗旱抗旱" = "防汛抗旱"
"#;

// ---- making packages ----

/// A zip of stored entries.
fn zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let number = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
    for (name, content) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut common = vec![20, 0, 0, 0, 0, 0, 1, 2, 3, 4];
        common.extend(crc.sum().to_le_bytes());
        common.extend(number(content.len()));
        common.extend(number(content.len()));
        common.extend(short(name.len()));
        let at = out.len();
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend([0, 0]);
        out.extend(name.as_bytes());
        out.extend(content);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA4, 0x81]);
        directory.extend(number(at));
        directory.extend(name.as_bytes());
    }
    let at = out.len();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(short(entries.len()));
    out.extend(short(entries.len()));
    out.extend(number(directory.len()));
    out.extend(number(at));
    out.extend([0, 0]);
    out
}

/// The entries of a zip: name, whole local record, content.
fn unzip(bytes: &[u8]) -> BTreeMap<String, (Vec<u8>, Vec<u8>)> {
    use std::io::Read as _;
    let archive = rawzip::ZipArchive::from_slice(bytes).unwrap();
    let mut found = BTreeMap::new();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().unwrap() {
        let name = String::from_utf8(entry.file_path().as_bytes().to_vec()).unwrap();
        let local = archive.get_entry(entry.wayfinder()).unwrap();
        let (start, end) = local.compressed_data_range();
        let [start, end] = [start, end].map(|n| usize::try_from(n).unwrap());
        let head = usize::try_from(entry.local_header_offset()).unwrap();
        let mut content = Vec::new();
        match entry.compression_method().as_u16() {
            0 => content.extend_from_slice(&bytes[start..end]),
            _ => {
                flate2::read::DeflateDecoder::new(&bytes[start..end])
                    .read_to_end(&mut content)
                    .unwrap();
            }
        }
        let again = found.insert(name.clone(), (bytes[head..end].to_vec(), content));
        assert!(again.is_none(), "two entries named {name}");
    }
    found
}

fn text_of(bytes: &[u8], part: &str) -> String {
    String::from_utf8(unzip(bytes)[part].1.clone()).unwrap()
}

struct Package {
    main: Vec<u8>,
    /// Relationship kind, name, content type, content.
    further: Vec<(&'static str, &'static str, &'static str, String)>,
    /// Entries without a relationship of the main part.
    loose: Vec<(&'static str, String)>,
    strict: bool,
    root_relations: String,
}

fn package(body: &str) -> Package {
    Package {
        main: document(body).into_bytes(),
        further: Vec::new(),
        loose: Vec::new(),
        strict: false,
        root_relations: String::new(),
    }
}

fn document(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<w:document xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex" xmlns:v="urn:schemas-microsoft-com:vml"><w:body>{body}<w:sectPr/></w:body></w:document>"#
    )
}

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

impl Package {
    fn with(
        mut self,
        kind: &'static str,
        name: &'static str,
        content_type: &'static str,
        content: &str,
    ) -> Self {
        self.further
            .push((kind, name, content_type, content.to_owned()));
        self
    }

    fn zip(self) -> Vec<u8> {
        let space = if self.strict {
            "http://purl.oclc.org/ooxml/officeDocument/relationships"
        } else {
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        };
        let relation = |n: usize, kind: &str, target: &str| {
            format!(r#"<Relationship Id="rId{n}" Type="{space}/{kind}" Target="{target}"/>"#)
        };
        let relations = |list: String| {
            format!(
                r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{list}</Relationships>"#
            )
        };
        let mut types = format!(
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>"#
        );
        let mut links = String::new();
        for (n, (kind, name, content_type, _)) in self.further.iter().enumerate() {
            links.push_str(&relation(n + 1, kind, name));
            types.push_str(&format!(
                r#"<Override PartName="/word/{name}" ContentType="{content_type}"/>"#
            ));
        }
        types.push_str("</Types>");
        let root = relation(1, "officeDocument", "word/document.xml") + &self.root_relations;
        let mut entries = vec![
            ("[Content_Types].xml".to_owned(), types.into_bytes()),
            ("_rels/.rels".to_owned(), relations(root).into_bytes()),
            ("word/document.xml".to_owned(), self.main),
        ];
        if !links.is_empty() {
            let links = relations(links).into_bytes();
            entries.push(("word/_rels/document.xml.rels".to_owned(), links));
        }
        for (_, name, _, content) in self.further {
            if !content.is_empty() {
                entries.push((format!("word/{name}"), content.into_bytes()));
            }
        }
        for (name, content) in self.loose {
            entries.push((name.to_owned(), content.into_bytes()));
        }
        entries.push(("word/media/image1.png".to_owned(), vec![0, 1, 2, 255]));
        zip(&entries)
    }
}

fn p(inner: &str) -> String {
    format!("<w:p>{inner}</w:p>")
}

fn r(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

fn bold(text: &str) -> String {
    format!("<w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r>")
}

fn field(code: &str, result: &str) -> String {
    let mark = |kind| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    format!(
        "{}<w:r><w:instrText> {code} </w:instrText></w:r>{}{result}{}",
        mark("begin"),
        mark("separate"),
        mark("end")
    )
}

fn by(kind: &str, id: usize, inner: &str) -> String {
    format!(
        "<w:{kind} w:id=\"{id}\" w:author=\"他人\" w:date=\"2026-01-01T00:00:00Z\">{inner}</w:{kind}>"
    )
}

// ---- annotating ----

fn options(mode: Mode) -> Options {
    Options {
        mode,
        author: OURS.to_owned(),
        time: "2026-11-24T10:00:00Z".parse().unwrap(),
        lang: Lang::Zh,
        choice: fix::Choice::at_least(Applicability::Safe),
        lexicon: "sha256:00".to_owned(),
    }
}

fn open(bytes: &[u8]) -> Document {
    Document::parse("甲/通知.docx", bytes.to_vec(), &ReadOptions::default())
        .unwrap_or_else(|e| panic!("{e}"))
}

fn annotated(linter: &Linter, bytes: &[u8], options: &Options) -> Annotated {
    annotate::annotate(linter, &open(bytes), options).unwrap_or_else(|e| panic!("{e}"))
}

fn decisions(bytes: &[u8]) -> Vec<Decision> {
    annotate::decisions(&open(bytes), Lang::Zh)
        .unwrap()
        .decisions
}

// ---- looking at parts ----

/// How our revisions are taken; those of others count as accepted.
#[derive(Clone, Copy, PartialEq)]
enum View {
    Accept,
    Reject,
}

fn local(e: &BytesStart<'_>) -> String {
    let name = e.name();
    let name: &str = name.as_ref();
    name.rsplit(':').next().unwrap().to_owned()
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    e.attributes().find_map(|a| {
        let a = a.unwrap();
        let key: &str = a.key.as_ref();
        (key == name).then(|| a.value.clone().into_owned())
    })
}

/// The text of each paragraph of a part. Checks on the way that revisions nest as Word wants them.
fn paragraphs(xml: &str, view: View) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let mut out: Vec<String> = Vec::new();
    let mut order: Vec<usize> = Vec::new();
    let mut open: Vec<(String, bool, bool)> = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(e) | Event::Empty(e) => {
                let name = local(e);
                let author = attribute(e, "w:author").or_else(|| attribute(e, "zm:author"));
                let ours = author.as_deref() == Some(OURS);
                let inside = |what: &str| open.iter().any(|(n, ..)| n == what);
                let runs = inside("r") && !inside("txbxContent") && !inside("ruby");
                match name.as_str() {
                    "ins" if ours => assert!(!inside("ins") && !inside("del") && !runs, "{xml}"),
                    "del" if ours => assert!(!inside("del") && !runs, "{xml}"),
                    "delText" => assert!(inside("del") || inside("moveFrom"), "{xml}"),
                    "p" => {
                        order.push(out.len());
                        out.push(String::new());
                    }
                    "br" | "cr" | "tab" if !open.iter().any(|o| o.2) && inside("r") => {
                        out[*order.last().unwrap()].push('\n');
                    }
                    _ => {}
                }
                let is_gone = matches!(
                    (name.as_str(), ours, view),
                    ("ins", true, View::Reject)
                        | ("del", true, View::Accept)
                        | ("del" | "moveFrom", false, _)
                        | ("instrText" | "rt", ..)
                );
                if matches!(event, Event::Start(_)) {
                    let preserve = attribute(e, "xml:space").as_deref() == Some("preserve");
                    let gone = is_gone || open.last().is_some_and(|o| o.2);
                    open.push((name, preserve, gone));
                } else if name == "p" {
                    order.pop();
                }
            }
            Event::End(_) => {
                let is_paragraph = open.pop().unwrap().0 == "p";
                order.truncate(order.len() - usize::from(is_paragraph));
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                let Some((name, preserve, gone)) = open.last() else {
                    continue;
                };
                if !matches!(name.as_str(), "t" | "delText") || *gone {
                    continue;
                }
                let text = match &event {
                    Event::Text(t) => t.to_string(),
                    Event::CData(t) => t.to_string(),
                    Event::GeneralRef(t) => format!("&{};", &**t),
                    _ => unreachable!(),
                };
                let text = if *preserve {
                    &text[..]
                } else {
                    text.trim_matches([' ', '\n'])
                };
                if let Some(&at) = order.last() {
                    out[at].push_str(text);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    out
}

/// The values of an attribute on all elements, `element` or any.
fn values(xml: &str, element: Option<&str>, name: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let mut out = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) | Event::Empty(e) if element.is_none_or(|want| local(&e) == want) => {
                out.extend(attribute(&e, name));
            }
            Event::Eof => return out,
            _ => {}
        }
    }
}

/// Checks what must hold of every annotated file.
fn check(linter: &Linter, before: &[u8], options: &Options, context: &str) -> Annotated {
    let done = check_rejected(linter, before, options, context);
    if options.mode == Mode::Comments {
        return done;
    }
    let fixed = fix::apply(linter, &open(before), &options.choice).unwrap();
    let (fixed, new) = (unzip(&fixed.bytes), unzip(&done.bytes));
    for (name, (_, content)) in &fixed {
        if let (Some(want), Some(got)) = (story_text(name, content), new.get(name)) {
            let got = story_text(name, &got.1).unwrap();
            assert_eq!(
                paragraphs(&want, View::Accept),
                paragraphs(&got, View::Accept),
                "{context}: {name}, accepted: {got}"
            );
        }
    }
    done
}

/// The text of a part that has prose of Word in it.
fn story_text(name: &str, content: &[u8]) -> Option<String> {
    let text = String::from_utf8(content.to_vec()).ok()?;
    let is_story = name.starts_with("word/")
        && name.ends_with(".xml")
        && !name.contains("comments")
        && !name.contains("remarks")
        && (text.contains(W) || text.contains(STRICT));
    is_story.then_some(text)
}

/// Checks all but what the text is once all changes are accepted.
fn check_rejected(linter: &Linter, before: &[u8], options: &Options, context: &str) -> Annotated {
    let done = annotated(linter, before, options);
    let (old, new) = (unzip(before), unzip(&done.bytes));
    let text = |entry: &(Vec<u8>, Vec<u8>)| String::from_utf8(entry.1.clone()).ok();

    let mut ids: Vec<String> = Vec::new();
    for (name, entry) in &new {
        let Some(original) = old.get(name) else {
            continue;
        };
        let touched = name.contains("_rels")
            || name.starts_with('[')
            || name == "word/document.xml"
            || name.starts_with("docProps")
            || text(entry).is_some_and(|t| t.contains(OURS) || t.contains("_zm_"));
        assert!(
            touched || entry.0 == original.0,
            "{context}: {name} was rewritten"
        );
        if let Some(after) = story_text(name, &entry.1) {
            let before = story_text(name, &original.1).unwrap();
            assert_eq!(
                paragraphs(&before, View::Accept),
                paragraphs(&after, View::Reject),
                "{context}: {name}, rejected: {after}"
            );
        }
    }
    assert!(old.keys().all(|name| new.contains_key(name)), "{context}");
    for (name, entry) in &new {
        // What an id stands on twice by right: the end of a range, the anchor of a comment.
        for element in [
            "ins",
            "del",
            "moveTo",
            "moveFrom",
            "bookmarkStart",
            "comment",
            "rPrChange",
        ] {
            if name.starts_with("word/") && name.ends_with(".xml") {
                let text = text(entry).unwrap();
                ids.extend(values(&text, Some(element), "w:id"));
            }
        }
    }
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{context}: {ids:?}");

    let again = annotated(linter, &done.bytes, options);
    assert!(again.bytes == done.bytes, "{context}: annotated twice");
    assert_eq!(
        again.tracked + again.comments + again.left.len(),
        0,
        "{context}"
    );
    assert!(
        decisions(&done.bytes)
            .iter()
            .all(|d| d.state == State::Open),
        "{context}: {:?}",
        decisions(&done.bytes)
    );
    done
}

// ---- the containers of text ----

/// What is expected of a form in a container, in mode tracked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    Tracked,
    Commented,
    Left(LeftReason),
}

fn containers() -> Vec<(&'static str, String, Want)> {
    use Want::{Commented, Tracked};
    let computed = Want::Left(LeftReason::Computed);
    let form = || bold("学习习") + &r("总") + &bold("书记讲话");
    let control = |properties: &str, inner: &str| {
        format!(
            "<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"
        )
    };
    vec![
        ("one run", r("学习习总书记讲话"), Tracked),
        ("the whole run", r("习总书记"), Tracked),
        ("runs with formats", form(), Tracked),
        ("a run with old properties", "<w:r><w:rPr><w:b/><w:rPrChange w:id=\"7\" w:author=\"他人\"><w:rPr/></w:rPrChange></w:rPr><w:t>学习习总书记讲话</w:t></w:r>".to_owned(), Tracked),
        ("several texts in a run", "<w:r><w:t>学习</w:t><w:t>习</w:t><w:lastRenderedPageBreak/><w:t>总书</w:t><w:t>记</w:t></w:r>".to_owned(), Tracked),
        ("a run with a break", "<w:r><w:t>甲</w:t><w:br/><w:t>习总书记</w:t><w:tab/><w:t>乙</w:t></w:r>".to_owned(), Tracked),
        ("a break inside", "<w:r><w:t>防汛抗旱</w:t><w:br/><w:t>抗旱工作</w:t></w:r>".to_owned(), Tracked),
        ("marks between runs", format!("{}<w:proofErr w:type=\"spellStart\"/><w:bookmarkStart w:id=\"5\" w:name=\"x\"/>{}<w:bookmarkEnd w:id=\"5\"/>", r("习总"), r("书记")), Tracked),
        ("blanks that Word trims", "<w:r><w:t> 学习 习总书记 讲话\n</w:t></w:r>".to_owned(), Tracked),
        ("entities", r("&lt;习&#24635;书记&amp;&gt;"), Tracked),
        ("a comment in the text", r("学习习<!-- x -->总书记"), Tracked),
        ("link", format!("{}<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>{}", r("见"), form(), r("。")), Tracked),
        ("half in a link", format!("{}<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>", r("学习习总"), r("书记")), Tracked),
        ("deletion over the end of a link", format!("<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>{}", r("防汛抗旱抗"), r("旱工作")), Tracked),
        ("smart tag", format!("<w:smartTag w:element=\"x\">{}</w:smartTag>", form()), Tracked),
        ("content control", control("<w:alias w:val=\"x\"/>", &form()), Tracked),
        ("direction", format!("<w:bdo w:val=\"ltr\">{}</w:bdo><w:dir w:val=\"ltr\">{}</w:dir>", form(), r("乙")), Tracked),
        ("link field", field("HYPERLINK \"x\"", &form()), Tracked),
        ("simple link field", format!("<w:fldSimple w:instr=\"HYPERLINK x\">{}</w:fldSimple>", form()), Tracked),
        ("a field in one run", "<w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>HYPERLINK x</w:instrText><w:fldChar w:fldCharType=\"separate\"/><w:t>截止目前</w:t><w:fldChar w:fldCharType=\"end\"/></w:r>".to_owned(), Commented),
        ("inserted by another", by("ins", 7, &form()), Tracked),
        ("first of an insertion", by("ins", 7, &(r("习总书记") + &r("讲话"))), Tracked),
        ("last of an insertion", by("ins", 7, &(r("学习") + &r("习总书记"))), Tracked),
        ("half inserted", format!("{}{}", r("习"), by("ins", 7, &r("总书记"))), Tracked),
        ("insertion at the start of an insertion", by("ins", 7, &r("防汛抗旱抗旱")), Tracked),
        ("moved here", by("moveTo", 7, &form()), Tracked),
        ("around a deletion", format!("{}{}{}", r("习"), by("del", 7, "<w:r><w:delText>大</w:delText></w:r>"), r("总书记")), Tracked),
        ("phonetic guide", format!("<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>{}", r("xí"), r("习"), r("总书记")), Tracked),
        ("all in a phonetic guide", format!("<w:r><w:rPr><w:i/></w:rPr><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>", r("xí"), r("习总书记")), Tracked),
        ("picture in the run", "<w:r><w:t>习总</w:t><w:drawing><wp:anchor/></w:drawing><w:t>书记</w:t></w:r>".to_owned(), Tracked),
        ("note reference", format!("{}<w:r><w:footnoteReference w:id=\"2\"/></w:r>{}", r("习总"), r("书记")), Tracked),
        ("no single fix", bold("截止") + &r("目前"), Commented),
        ("no single fix, inserted", by("ins", 7, &r("截止目前")), Commented),
        ("no single fix, in a phonetic guide", format!("<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>", r("a"), r("截止目前")), Commented),
        ("not safe", r("要从严冶党"), Commented),
        ("computed field", field("REF x", &form()), computed),
        ("bound control", control("<w:dataBinding w:xpath=\"x\"/>", &form()), computed),
        ("hidden", "<w:r><w:rPr><w:vanish/></w:rPr><w:t>习总书记</w:t></w:r>".to_owned(), computed),
        ("CDATA", r("<![CDATA[习总书记]]>"), computed),
    ]
}

#[test]
fn every_container_of_text() {
    let linter = linter(LEXICON);
    for (name, inner, want) in containers() {
        let bytes = package(&(p(&r("标题")) + &p(&inner))).zip();
        for mode in [Mode::Tracked, Mode::Both, Mode::Comments] {
            let done = check(&linter, &bytes, &options(mode), &format!("{name} {mode:?}"));
            let got = match done.left.first() {
                Some((_, reason)) => Want::Left(*reason),
                None if done.tracked == 1 => Want::Tracked,
                None if done.comments == 1 => Want::Commented,
                None => panic!("{name}: nothing was found"),
            };
            let want = match want {
                Want::Tracked if mode == Mode::Comments => Want::Commented,
                want => want,
            };
            assert_eq!(got, want, "{name} {mode:?}");
            let commented =
                matches!(want, Want::Commented) || mode == Mode::Both && want == Want::Tracked;
            assert_eq!(done.comments, usize::from(commented), "{name} {mode:?}");
        }
    }
}

#[test]
fn many_in_one_paragraph() {
    let linter = linter(LEXICON);
    let inner: String = containers()
        .into_iter()
        .map(|(_, inner, _)| inner + &r("；"))
        .collect();
    // Ids in the cases are those of cases.
    let mut n = 100;
    let mut parts = inner.split("w:id=\"7\"");
    let mut distinct = parts.next().unwrap().to_owned();
    for part in parts {
        n += 1;
        distinct.push_str(&format!("w:id=\"{n}\"{part}"));
    }
    let bytes = package(&p(&distinct)).zip();
    for mode in [Mode::Tracked, Mode::Both, Mode::Comments] {
        let done = check(&linter, &bytes, &options(mode), &format!("all, {mode:?}"));
        assert!(done.tracked + done.comments > 30);
    }
}

#[test]
fn only_what_differs_is_changed_and_keeps_its_format() {
    let linter = linter(LEXICON);
    let body = p(&bold("学习习总书记讲话")) + &p(&(bold("防汛抗旱抗") + &r("旱")));
    let done = annotated(&linter, &package(&body).zip(), &options(Mode::Tracked));
    let xml = text_of(&done.bytes, "word/document.xml");
    let ins = r#"<w:ins w:id="1" w:author="正名" w:date="2026-11-24T10:00:00Z"><w:r w:rsidR="00A1"><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">近平</w:t></w:r></w:ins>"#;
    assert!(xml.contains(ins), "{xml}");
    assert!(xml.contains(r#"<w:r w:rsidR="00A1"><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">总书记</w:t></w:r>"#), "{xml}");
    let deletions: Vec<_> = xml.match_indices("<w:del ").collect();
    assert_eq!(deletions.len(), 2, "{xml}");
    assert!(xml.contains(r#"<w:r w:rsidR="00A1"><w:rPr><w:b/></w:rPr><w:delText xml:space="preserve">抗</w:delText></w:r></w:del>"#), "{xml}");
    assert!(
        xml.contains(r#"<w:r><w:delText xml:space="preserve">旱</w:delText></w:r></w:del>"#),
        "{xml}"
    );
}

#[test]
fn unsafe_fixes_are_tracked_on_request() {
    let linter = linter(LEXICON);
    let bytes = package(&p(&r("要从严冶党"))).zip();
    let asked = Options {
        choice: fix::Choice::at_least(Applicability::Unsafe),
        ..options(Mode::Tracked)
    };
    let done = check(&linter, &bytes, &asked, "unsafe");
    assert_eq!((done.tracked, done.comments), (1, 0));
}

#[test]
fn changes_that_touch_come_one_behind_the_other() {
    let linter = linter(LEXICON);
    for text in [
        "防汛抗旱抗旱防汛抗旱抗旱",
        // One change calls for another.
        "防汛抗旱抗旱抗旱抗旱",
        "习总书记习总书记",
        "扫黑除恶斗争习总书记防汛抗旱抗旱",
    ] {
        let apart = text.chars().map(|c| bold(&c.to_string())).collect();
        for inner in [r(text), apart] {
            let bytes = package(&p(&inner)).zip();
            let done = check(&linter, &bytes, &options(Mode::Both), text);
            assert!(done.tracked >= 2, "{text}");
        }
    }
}

/// Every second change here would empty a link or a control, and is no fix: it is commented, the first is tracked.
#[test]
fn a_change_may_call_for_one_that_cannot_be_made() {
    let linter = linter(LEXICON);
    let link = |text: &str| format!("<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>", r(text));
    let moved = |texts: &[&str]| by("moveTo", 7, &texts.iter().map(|t| r(t)).collect::<String>());
    for inner in [
        r("防汛") + &moved(&["抗旱", "抗旱"]) + &link("抗") + &r("旱"),
        r("防汛抗旱抗旱") + &link("抗旱") + &r("工作"),
        r("防汛抗旱抗旱") + &link("抗") + &link("旱"),
        // The same form stands there twice, and each of the changes calls for another.
        (r("防汛抗旱抗旱") + &link("抗") + &r("旱，")).repeat(2),
        r("习总书记防汛抗旱抗旱") + &link("抗旱") + &r("防汛抗旱抗旱"),
    ] {
        let bytes = package(&(p(&r("标题")) + &p(&inner))).zip();
        for mode in [Mode::Tracked, Mode::Both] {
            let done = check(&linter, &bytes, &options(mode), &inner);
            let fixed = fix::apply(&linter, &open(&bytes), &options(mode).choice).unwrap();
            assert_eq!(done.tracked, fixed.applied.len(), "{inner}");
            assert!(!fixed.skipped.is_empty(), "{inner}");
        }
    }
}

#[test]
fn a_column_of_personal_data_is_tracked_in_its_cells() {
    let linter = linter(LEXICON);
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", p(&r(text)));
    let row = |cells: &[&str]| {
        let cells: String = cells.iter().map(|text| cell(text)).collect();
        format!("<w:tr>{cells}</w:tr>")
    };
    let table = format!(
        "<w:tbl>{}{}{}</w:tbl>",
        row(&["姓名", "手机号"]),
        row(&["张三", "13800001234"]),
        row(&["李四", "13900005678"])
    );
    let bytes = package(&(p(&r("名单")) + &table)).zip();
    let done = check(&linter, &bytes, &options(Mode::Tracked), "column");
    assert_eq!((done.tracked, done.comments), (0, 1));
    let asked = Options {
        choice: fix::Choice::at_least(Applicability::Unsafe),
        ..options(Mode::Tracked)
    };
    let done = check(&linter, &bytes, &asked, "column, tracked");
    assert_eq!((done.tracked, done.comments), (1, 1));
    let xml = text_of(&done.bytes, "word/document.xml");
    assert_eq!(xml.matches("<w:del ").count(), 2, "{xml}");
    // What became of the cells is not known once the comment is gone.
    let none = text_of(&done.bytes, "word/comments.xml").replace("_zm_1", "");
    let bytes = replace(&done.bytes, "word/comments.xml", &none);
    assert_eq!(states(&bytes), [State::Changed]);
}

#[test]
fn instructions_in_comments_are_heeded_and_not_commented() {
    let linter = linter(LEXICON);
    let comment = |text: &str| {
        story(
            "comments",
            &format!(
                "<w:comment w:id=\"41\" w:author=\"他人\">{}</w:comment>",
                p(&r(text))
            ),
        )
    };
    let anchor = "<w:r><w:commentReference w:id=\"41\"/></w:r>";
    for (text, comments, left) in [
        ("zhengming-ignore test: 引用原文", 0, 0),
        ("zhengming-ignore test", 1, 1),
    ] {
        for body in [p(&(r("截止目前") + anchor)), p(&r("截止目前")) + &p(anchor)] {
            let bytes = package(&(p(&r("标题")) + &body))
                .with(
                    "comments",
                    "comments.xml",
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml",
                    &comment(text),
                )
                .zip();
            let done = annotated(&linter, &bytes, &options(Mode::Tracked));
            let in_place = body.contains(&(r("截止目前") + anchor));
            if in_place {
                assert_eq!((done.comments, done.left.len()), (comments, left), "{text}");
            }
            let again = annotated(&linter, &done.bytes, &options(Mode::Tracked));
            assert!(again.bytes == done.bytes, "{text}");
        }
    }
}

/// One of the ways to put text into a paragraph.
fn contained(kind: usize, id: usize, text: &str) -> String {
    match kind {
        0 => r(text),
        1 => bold(text),
        2 => by("ins", id, &bold(text)),
        3 => format!("<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>", r(text)),
        4 => format!(
            "<w:sdt><w:sdtPr><w:id w:val=\"{id}\"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>",
            bold(text)
        ),
        5 => format!(
            "<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>",
            r(text)
        ),
        6 => {
            by(
                "del",
                id,
                &format!("<w:r><w:delText>{text}</w:delText></w:r>"),
            ) + &r(text)
        }
        7 => format!("<w:r><w:t> {text} </w:t><w:lastRenderedPageBreak/></w:r>"),
        8 => by("moveTo", id, &(r(text) + &r(text))),
        9 => format!(
            "<w:smartTag w:element=\"x\">{}</w:smartTag>",
            by("ins", id, &r(text))
        ),
        10 => by(
            "ins",
            id,
            &format!("<w:smartTag w:element=\"x\">{}</w:smartTag>", r(text)),
        ),
        11 => format!(
            "<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>",
            r("a"),
            r(text)
        ),
        12 => {
            format!("<w:r><w:t>{text}</w:t><w:br/><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
        }
        _ => format!(
            "<w:r><w:rPr><w:i/><w:rPrChange w:id=\"{id}\" w:author=\"他人\"><w:rPr/></w:rPrChange></w:rPr><w:t>{text}</w:t></w:r>"
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Forms cut anywhere, in any containers.
    #[test]
    fn any_mix_of_containers(
        pieces in prop::collection::vec((0..14_usize, 1..5_usize), 1..14),
        start in 0..30_usize,
        mode in 0..3_usize,
    ) {
        let text = "学习习总书记讲话防汛抗旱抗旱工作截止目前扫黑除恶斗争要从严冶党";
        let mut chars = text.chars().cycle().skip(start);
        let inner: String = pieces
            .iter()
            .enumerate()
            .map(|(n, &(kind, len))| {
                let text: String = chars.by_ref().take(len).collect();
                contained(kind, 100 + n, &text)
            })
            .collect();
        let mode = [Mode::Tracked, Mode::Both, Mode::Comments][mode];
        // An insertion of another around something else takes none of ours; then less is tracked than is fixed.
        let whole = !pieces.iter().any(|&(kind, _)| kind == 10);
        let bytes = package(&(p(&r("标题")) + &p(&inner))).zip();
        let linter = linter(LEXICON);
        if whole {
            check(&linter, &bytes, &options(mode), &inner);
        } else {
            check_rejected(&linter, &bytes, &options(mode), &inner);
        }
    }
}

// ---- other parts ----

fn story(root: &str, inner: &str) -> String {
    format!("<w:{root} xmlns:w=\"{W}\">{inner}</w:{root}>")
}

#[test]
fn headers_and_notes_take_changes_and_no_comments() {
    let linter = linter(LEXICON);
    let note = |id, inner: &str| format!("<w:footnote w:id=\"{id}\">{inner}</w:footnote>");
    let both = p(&r("习总书记")) + &p(&r("截止目前"));
    let bytes = package(&p(&r("标题")))
        .with(
            "header",
            "header1.xml",
            "application/xml",
            &story("hdr", &both),
        )
        .with(
            "footer",
            "footer1.xml",
            "application/xml",
            &story("ftr", &both),
        )
        .with(
            "footnotes",
            "footnotes.xml",
            "application/xml",
            &story("footnotes", &note(1, &both)),
        )
        .zip();
    for mode in [Mode::Tracked, Mode::Both, Mode::Comments] {
        let done = check(&linter, &bytes, &options(mode), &format!("{mode:?}"));
        let tracked = if mode == Mode::Comments { 0 } else { 3 };
        assert_eq!(
            (done.tracked, done.comments, done.left.len()),
            (tracked, 0, 6 - tracked)
        );
        assert!(
            done.left
                .iter()
                .all(|(_, why)| *why == LeftReason::NoComments)
        );
        for part in ["header1", "footer1", "footnotes"] {
            let xml = text_of(&done.bytes, &format!("word/{part}.xml"));
            assert!(!xml.contains("comment"), "{xml}");
            assert_eq!(values(&xml, Some("bookmarkStart"), "w:name").len(), 2);
        }
        let comments = text_of(&done.bytes, "word/comments.xml");
        assert_eq!(values(&comments, Some("comment"), "w:id").len(), 1);
        assert!(
            comments.contains("页眉第2段（Word 不能在页眉"),
            "{comments}"
        );
    }
}

#[test]
fn text_boxes_and_what_repeats_them() {
    let linter = linter(LEXICON);
    let paragraph = p(&(bold("习总") + &r("书记"))) + &p(&r("截止目前"));
    let inside = format!("<w:txbxContent>{paragraph}</w:txbxContent>");
    let body = p(&format!(
        "{}<w:r><w:rPr><w:noProof/></w:rPr><w:t>防汛抗旱抗</w:t><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing>{inside}</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape style=\"position:absolute\">{inside}</v:shape></w:pict></mc:Fallback></mc:AlternateContent><w:t>旱工作</w:t></w:r>",
        r("标题")
    ));
    let bytes = package(&body).zip();
    for mode in [Mode::Tracked, Mode::Both, Mode::Comments] {
        let done = check(&linter, &bytes, &options(mode), &format!("{mode:?}"));
        let xml = text_of(&done.bytes, "word/document.xml");
        let (tracked, changes) = if mode == Mode::Comments {
            (0, 0)
        } else {
            (2, 2)
        };
        assert_eq!(done.tracked, tracked, "{mode:?}");
        assert_eq!(xml.matches("近平</w:t>").count(), changes, "{xml}");
        // Comments stand on the text around the box only: one on what is deleted there.
        let comments = values(&xml, Some("commentReference"), "w:id").len();
        assert_eq!(comments, 1 + usize::from(mode != Mode::Tracked), "{mode:?}");
    }
}

#[test]
fn what_is_no_text_of_word_is_listed() {
    let linter = linter(LEXICON);
    let mut package = package(&p(&(r("标题")
        + "<w:r><w:drawing><wp:docPr id=\"1\" name=\"x\" descr=\"习总书记\"/></w:drawing></w:r>")));
    package.root_relations = "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>".to_owned();
    package.loose = vec![("docProps/core.xml", "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>习总书记</dc:title></cp:coreProperties>".to_owned())];
    let bytes = package.zip();
    let done = annotated(&linter, &bytes, &options(Mode::Tracked));
    let reasons: Vec<_> = done.left.iter().map(|(_, why)| *why).collect();
    assert_eq!(reasons, [LeftReason::NoText; 2], "{:?}", done.left);
    let again = annotated(&linter, &done.bytes, &options(Mode::Tracked));
    assert!(again.bytes == done.bytes && again.present == 2);
    let listed = decisions(&done.bytes);
    assert_eq!(listed.len(), 2);
    assert!(
        listed
            .iter()
            .all(|d| d.state == State::Open && d.place.contains(['标', '属'])),
        "{listed:?}"
    );
}

#[test]
fn what_is_there_is_extended() {
    let linter = linter(LEXICON);
    let comments = format!(
        "<x:comments xmlns:x=\"{W}\"><x:comment x:id=\"41\" x:author=\"他人\"><x:p><x:r><x:t>原有</x:t></x:r></x:p></x:comment></x:comments>"
    );
    // What another said about the same text before says nothing about ours.
    let body = p(&r("标题"))
        + &p(&format!(
            "<w:commentRangeStart w:id=\"41\"/>{}<w:commentRangeEnd w:id=\"41\"/><w:r><w:commentReference w:id=\"41\"/></w:r>",
            r("截止目前")
        ));
    let mut with = package(&body).with(
        "comments",
        "notes/remarks.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml",
        &comments,
    );
    with.root_relations = "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties\" Target=\"docProps/own.xml\"/>".to_owned();
    with.loose = vec![("docProps/own.xml", "<p:Properties xmlns:p=\"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties\"><p:property fmtid=\"{D5CDD505-2E9C-101B-9397-08002B2CF9AE}\" pid=\"9\" name=\"成文日期\"><v xmlns=\"x\">2026-01-02</v></p:property></p:Properties>".to_owned())];
    let bytes = with.zip();
    let done = check(&linter, &bytes, &options(Mode::Tracked), "extended");
    let names: Vec<_> = unzip(&done.bytes).into_keys().collect();
    let before: Vec<_> = unzip(&bytes).into_keys().collect();
    assert_eq!(names, before);
    let remarks = text_of(&done.bytes, "word/notes/remarks.xml");
    assert!(
        remarks.starts_with(comments.strip_suffix("</x:comments>").unwrap()),
        "{remarks}"
    );
    assert_eq!(
        values(&remarks, Some("comment"), "x:id"),
        ["41", "43", "44"]
    );
    let own = text_of(&done.bytes, "docProps/own.xml");
    assert_eq!(values(&own, Some("property"), "pid"), ["9", "10", "11"]);
    assert_eq!(
        values(&own, Some("property"), "name"),
        ["成文日期", "_zm_1", "_zm_0"]
    );
}

#[test]
fn parts_and_relationships_are_added_where_there_are_none() {
    let linter = linter(LEXICON);
    let bytes = package(&p(&r("截止目前"))).zip();
    let done = check(&linter, &bytes, &options(Mode::Tracked), "added");
    let entries = unzip(&done.bytes);
    let relations = text_of(&done.bytes, "word/_rels/document.xml.rels");
    assert_eq!(
        values(&relations, Some("Relationship"), "Target"),
        ["comments.xml"]
    );
    let types = text_of(&done.bytes, "[Content_Types].xml");
    let names = values(&types, Some("Override"), "PartName");
    assert_eq!(
        names,
        [
            "/word/document.xml",
            "/word/comments.xml",
            "/docProps/custom.xml"
        ]
    );
    assert!(
        entries.contains_key("word/comments.xml") && entries.contains_key("docProps/custom.xml")
    );

    // A relationship that leads nowhere gets the part that it lacks; a name that is taken is left alone.
    let dangling = package(&p(&r("截止目前")))
        .with(
            "comments",
            "remarks.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml",
            "",
        )
        .zip();
    let done = check(&linter, &dangling, &options(Mode::Tracked), "dangling");
    assert!(unzip(&done.bytes).contains_key("word/remarks.xml"));
    let mut taken = package(&p(&r("截止目前")));
    taken.loose = vec![("word/Comments.xml", "<a/>".to_owned())];
    let done = check(&linter, &taken.zip(), &options(Mode::Tracked), "taken");
    assert!(unzip(&done.bytes).contains_key("word/comments1.xml"));

    // One that leads out of the package is not ours to follow, before ours or behind it.
    let outside = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" TargetMode=\"External\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments\" Target=\"https://x/y.xml\"/></Relationships>";
    let mut with = package(&p(&r("截止目前")));
    with.loose = vec![("word/_rels/document.xml.rels", outside.to_owned())];
    let done = check(&linter, &with.zip(), &options(Mode::Tracked), "outside");
    assert_eq!(done.comments, 1);
}

#[test]
fn numbers_at_their_limits_are_not_counted_on_from() {
    let linter = linter(LEXICON);
    let body = format!(
        "<w:bookmarkStart w:id=\"{}\" w:name=\"_zm_{}\"/><w:bookmarkEnd w:id=\"{0}\"/>{}",
        i64::MAX,
        u64::MAX,
        r("习总书记")
    );
    for pid in [
        u32::MAX.to_string(),
        i32::MAX.to_string(),
        "-1".to_owned(),
        "9".repeat(30),
    ] {
        let mut with = package(&p(&body));
        with.root_relations = "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties\" Target=\"docProps/custom.xml\"/>".to_owned();
        with.loose = vec![(
            "docProps/custom.xml",
            format!(
                "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties\"><property fmtid=\"{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}\" pid=\"{pid}\" name=\"_zm_{}\"/></Properties>",
                usize::MAX
            ),
        )];
        let done = check(&linter, &with.zip(), &options(Mode::Tracked), &pid);
        let own = text_of(&done.bytes, "docProps/custom.xml");
        assert_eq!(values(&own, Some("property"), "pid")[1..], ["2", "3"]);
        assert_eq!(decisions(&done.bytes).len(), 1, "{pid}");
    }
}

#[test]
fn strict_files_other_prefixes_and_encodings() {
    let linter = linter(LEXICON);
    let body = p(&r("标题")) + &p(&by("ins", 7, &r("学习习总书记"))) + &p(&r("截止目前"));
    let strict = Package {
        main: document(&body).replace(W, STRICT).into_bytes(),
        strict: true,
        ..package("")
    };
    let done = check(&linter, &strict.zip(), &options(Mode::Both), "strict");
    assert!(text_of(&done.bytes, "word/comments.xml").contains(STRICT));
    assert!(
        text_of(&done.bytes, "docProps/custom.xml")
            .contains("http://purl.oclc.org/ooxml/officeDocument/customProperties")
    );
    for (part, kind) in [
        ("_rels/.rels", "customProperties"),
        ("word/_rels/document.xml.rels", "comments"),
    ] {
        let relations = text_of(&done.bytes, part);
        let want = format!("http://purl.oclc.org/ooxml/officeDocument/relationships/{kind}");
        assert!(relations.contains(&want), "{relations}");
    }

    for (name, prefix, declared) in [("another", "x:", "xmlns:x"), ("none", "", "xmlns")] {
        let renamed = document(&body)
            .replace("xmlns:w=", &format!("{declared}="))
            .replace("<w:", &format!("<{prefix}"))
            .replace("</w:", &format!("</{prefix}"))
            .replace(" w:", &format!(" {prefix}"));
        let bytes = Package {
            main: renamed.into_bytes(),
            ..package("")
        }
        .zip();
        let done = annotated(&linter, &bytes, &options(Mode::Tracked));
        let xml = text_of(&done.bytes, "word/document.xml");
        assert_eq!((done.tracked, done.comments), (1, 1), "{name}: {xml}");
        assert!(
            xml.contains(&format!(
                "<{prefix}t xml:space=\"preserve\">近平</{prefix}t>"
            )),
            "{xml}"
        );
        let own = if prefix.is_empty() { "zm:" } else { prefix };
        assert!(
            xml.contains(&format!("<{own}ins ")) && !xml.contains("<w:"),
            "{xml}"
        );
        let again = annotated(&linter, &done.bytes, &options(Mode::Tracked));
        assert!(again.bytes == done.bytes);
    }

    let utf16: Vec<u8> = "\u{FEFF}"
        .encode_utf16()
        .chain(document(&body).replace("UTF-8", "UTF-16").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let bytes = Package {
        main: utf16,
        ..package("")
    }
    .zip();
    let done = annotated(&linter, &bytes, &options(Mode::Both));
    assert_eq!((done.tracked, done.comments), (1, 2));
    assert_eq!(unzip(&done.bytes)["word/document.xml"].1[..2], [0xFF, 0xFE]);
    assert_eq!(decisions(&done.bytes).len(), 2);
}

#[test]
fn documents_without_anything() {
    let linter = linter(LEXICON);
    for (name, body) in [
        ("nothing found", p(&r("标题"))),
        ("an empty paragraph", "<w:p/>".to_owned()),
        (
            "an empty paragraph with properties",
            "<w:p><w:pPr/></w:p>".to_owned(),
        ),
    ] {
        let done = check(
            &linter,
            &package(&body).zip(),
            &options(Mode::Tracked),
            name,
        );
        let comments = text_of(&done.bytes, "word/comments.xml");
        assert!(comments.contains("未发现问题"), "{name}: {comments}");
        assert!(comments.contains("词库 sha256:00；正名"), "{comments}");
        let xml = text_of(&done.bytes, "word/document.xml");
        assert_eq!(
            values(&xml, Some("commentReference"), "w:id").len(),
            1,
            "{xml}"
        );
    }
    let done = check(
        &linter,
        &package("").zip(),
        &options(Mode::Tracked),
        "no paragraph",
    );
    assert!(!unzip(&done.bytes).contains_key("word/comments.xml"));
}

#[test]
fn the_summary_stands_at_the_title() {
    let linter = linter(LEXICON);
    let body = "<w:p><w:pPr/></w:p>".to_owned()
        + &p(
            "<w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></w:drawing></w:r>",
        )
        + &format!(
            "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>{}</w:p>",
            r("习总书记的标题")
        )
        + &p(&r("与会者把“截止目前”误写为“截至目前”。"));
    let done = annotated(&linter, &package(&body).zip(), &options(Mode::Tracked));
    let xml = text_of(&done.bytes, "word/document.xml");
    assert!(
        xml.contains("<w:pPr><w:jc w:val=\"center\"/></w:pPr><w:commentRangeStart "),
        "{xml}"
    );
    let comments = text_of(&done.bytes, "word/comments.xml");
    assert!(comments.contains("修订 1 处"), "{comments}");
}

#[test]
fn comments_say_what_why_and_where_it_is_laid_down() {
    let linter = linter(LEXICON);
    let bytes = package(&p(&r("学习习总书记，截止目前"))).zip();
    let done = annotated(&linter, &bytes, &options(Mode::Both));
    let comments = text_of(&done.bytes, "word/comments.xml");
    let xml = paragraphs(&comments, View::Accept);
    assert_eq!(
        xml[..8],
        [
            "【错误】“习总书记”应为“习近平总书记”",
            "建议：习近平总书记",
            "理由：写全称",
            "依据：规范称谓 &lt;甲&gt;",
            "规则：test/习近平总书记（_zm_1）",
            "【警告】“截止目前”应为“截至目前”或“到目前为止”",
            "建议：截至目前、到目前为止",
            "规则：test/截至目前（_zm_2）",
        ]
    );
}

#[test]
fn an_author_may_be_called_anything() {
    let linter = linter(LEXICON);
    let bytes = package(&p(&r("学习习总书记，截止目前"))).zip();
    let odd = Options {
        author: "甲\"<&>\u{1}乙".to_owned(),
        ..options(Mode::Both)
    };
    let done = annotated(&linter, &bytes, &odd);
    let xml = text_of(&done.bytes, "word/document.xml");
    assert!(
        xml.contains("w:author=\"甲&quot;&lt;&amp;&gt;乙\""),
        "{xml}"
    );
    let again = annotated(&linter, &done.bytes, &odd);
    assert!(again.bytes == done.bytes);
}

#[test]
fn what_must_not_be_written_is_refused() {
    let linter = linter(LEXICON);
    let settings = story(
        "settings",
        "<w:documentProtection w:edit=\"readOnly\" w:enforcement=\"1\"/>",
    );
    let protected = package(&p(&r("习总书记")))
        .with("settings", "settings.xml", "application/xml", &settings)
        .zip();
    let mut signed = package(&p(&r("习总书记")));
    signed.loose = vec![("_xmlsignatures/sig1.xml", "<a/>".to_owned())];
    for (bytes, want) in [(protected, "限制编辑"), (signed.zip(), "数字签名")] {
        let error =
            annotate::annotate(&linter, &open(&bytes), &options(Mode::Tracked)).unwrap_err();
        assert!(error.message(Lang::Zh).contains(want), "{error}");
    }
    let text = Document::parse("a.txt", "习总书记".into(), &ReadOptions::default()).unwrap();
    let error = annotate::annotate(&linter, &text, &options(Mode::Tracked)).unwrap_err();
    assert!(error.message(Lang::Zh).contains("另存为 docx"), "{error}");
    assert!(annotate::decisions(&text, Lang::Zh).is_err());
}

#[test]
fn only_what_is_new_is_added_to_an_annotated_file() {
    let linter = linter(LEXICON);
    let bytes = package(&(p(&r("标题")) + &p(&r("截止目前")))).zip();
    let first = annotated(&linter, &bytes, &options(Mode::Tracked));
    let xml = text_of(&first.bytes, "word/document.xml");
    // The editor types another mistake.
    let edited = replace(
        &first.bytes,
        "word/document.xml",
        &xml.replace("标题", "习总书记"),
    );
    let second = annotated(&linter, &edited, &options(Mode::Tracked));
    assert_eq!((second.tracked, second.comments, second.present), (1, 0, 1));
    let names = values(
        &text_of(&second.bytes, "word/document.xml"),
        Some("bookmarkStart"),
        "w:name",
    );
    assert_eq!(names, ["_zm_2", "_zm_1"]);
    let properties = text_of(&second.bytes, "docProps/custom.xml");
    assert_eq!(
        values(&properties, Some("property"), "name"),
        ["_zm_1", "_zm_0", "_zm_2"]
    );
}

/// A package with one part replaced.
fn replace(bytes: &[u8], part: &str, content: &str) -> Vec<u8> {
    let entries: Vec<_> = unzip(bytes)
        .into_iter()
        .map(|(name, (_, old))| {
            let new = if name == part {
                content.as_bytes().to_vec()
            } else {
                old
            };
            (name, new)
        })
        .collect();
    zip(&entries)
}

#[test]
fn a_masked_value_is_written_nowhere() {
    let linter = linter(LEXICON);
    let body = p(&r("标题")) + &p(&r("低保户张三，手机13812345678。")) + &p(&r("截止目前"));
    let done = annotated(&linter, &package(&body).zip(), &options(Mode::Both));
    assert_eq!(done.comments, 2);
    for (name, (_, content)) in unzip(&done.bytes) {
        let count = String::from_utf8_lossy(&content)
            .matches("13812345678")
            .count();
        assert_eq!(count, usize::from(name == "word/document.xml"), "{name}");
    }
    let state = |xml: &str| {
        let edited = replace(&done.bytes, "word/document.xml", xml);
        let list = decisions(&edited);
        assert!(
            list.iter()
                .all(|d| d.rule != "privacy/mobile" || d.now.is_none())
        );
        list[0].state
    };
    let xml = text_of(&done.bytes, "word/document.xml");
    assert_eq!(state(&xml), State::Open);
    assert_eq!(
        state(&xml.replace("13812345678", "138****5678")),
        State::Accepted
    );
    assert_eq!(
        state(&xml.replace("13812345678", "13912345678")),
        State::Changed
    );
}

// ---- decisions ----

/// Takes our revisions in one way, as Word does: elements of them go, bookmarks stay.
fn decided(xml: &str, view: View) -> String {
    let mut out = xml.to_owned();
    let (unwrap, remove) = match view {
        View::Accept => ("ins", "del"),
        View::Reject => ("del", "ins"),
    };
    while let Some(at) = out.find(&format!("<w:{remove} ")) {
        let close = format!("</w:{remove}>");
        let end = at + out[at..].find(&close).unwrap() + close.len();
        out.replace_range(at..end, "");
    }
    while let Some(at) = out.find(&format!("<w:{unwrap} ")) {
        let end = at + out[at..].find('>').unwrap() + 1;
        out.replace_range(at..end, "");
    }
    out.replace(&format!("</w:{unwrap}>"), "")
        .replace("w:delText", "w:t")
}

fn states(bytes: &[u8]) -> Vec<State> {
    decisions(bytes).iter().map(|d| d.state).collect()
}

#[test]
fn what_became_of_tracked_changes() {
    let linter = linter(LEXICON);
    let body = p(&r("标题")) + &p(&(bold("学习习总") + &r("书记"))) + &p(&r("防汛抗旱抗旱工作"));
    let done = annotated(&linter, &package(&body).zip(), &options(Mode::Tracked));
    let xml = text_of(&done.bytes, "word/document.xml");
    let with = |xml: &str| replace(&done.bytes, "word/document.xml", xml);
    assert_eq!(states(&done.bytes), [State::Open; 2]);
    assert_eq!(
        states(&with(&decided(&xml, View::Accept))),
        [State::Accepted; 2]
    );
    let rejected = with(&decided(&xml, View::Reject));
    assert_eq!(states(&rejected), [State::Rejected; 2]);
    let found = &decisions(&rejected)[0];
    assert_eq!(
        (found.rule.as_str(), found.found.as_str()),
        ("test/习近平总书记", "习总书记")
    );
    assert_eq!(found.now.as_deref(), Some("习总书记"));
    assert_eq!(found.place, "正文第2段");
    let other = decided(&xml, View::Accept).replace("近平", "主席");
    assert_eq!(states(&with(&other)), [State::Changed, State::Accepted]);
    // The paragraph is gone, and the bookmark with it.
    let at = xml.rfind("<w:p>").unwrap();
    let gone = xml[..at].to_owned() + "<w:sectPr/></w:body></w:document>";
    assert_eq!(states(&with(&gone)), [State::Open, State::Changed]);
    let draft = annotate::decisions(&open(&done.bytes), Lang::Zh)
        .unwrap()
        .draft;
    assert_eq!(draft.as_deref(), Some("通知.docx"));
}

#[test]
fn what_became_of_comments() {
    let linter = linter(LEXICON);
    let body = p(&r("标题")) + &p(&r("甲截止目前乙"));
    let done = annotated(&linter, &package(&body).zip(), &options(Mode::Tracked));
    let xml = text_of(&done.bytes, "word/document.xml");
    let comments = text_of(&done.bytes, "word/comments.xml");
    let with = |part: &str, content: &str| replace(&done.bytes, part, content);
    let first = |bytes: &[u8]| {
        let list = decisions(bytes);
        (list[0].state, list[0].reason.clone())
    };
    assert_eq!(first(&done.bytes), (State::Open, None));
    for text in ["截至目前", "到目前为止"] {
        let fixed = with("word/document.xml", &xml.replace("截止目前", text));
        assert_eq!(first(&fixed), (State::Accepted, None));
    }
    let other = with("word/document.xml", &xml.replace("截止目前", "目前"));
    assert_eq!(first(&other), (State::Changed, None));
    // Deleted without a word.
    let at = comments.find("<w:comment ").unwrap();
    let end = comments.find("</w:comment>").unwrap() + "</w:comment>".len();
    let none = comments[..at].to_owned() + &comments[end..];
    assert_eq!(
        first(&with("word/comments.xml", &none)),
        (State::Rejected, None)
    );
    // A line behind ours.
    let line = comments.replacen(
        "</w:comment>",
        "<w:p><w:r><w:t>引用原文</w:t></w:r></w:p></w:comment>",
        1,
    );
    let reason = Some("引用原文".to_owned());
    assert_eq!(
        first(&with("word/comments.xml", &line)),
        (State::Rejected, reason.clone())
    );
    // Another comment on the same text.
    let range = xml
        .replace(
            "<w:commentRangeStart w:id=\"2\"/>",
            "<w:commentRangeStart w:id=\"2\"/><w:commentRangeStart w:id=\"90\"/>",
        )
        .replace(
            "<w:commentRangeEnd w:id=\"2\"/>",
            "<w:commentRangeEnd w:id=\"2\"/><w:commentRangeEnd w:id=\"90\"/>",
        );
    assert_ne!(range, xml);
    let other = comments.replace("</w:comments>", "<w:comment w:id=\"90\" w:author=\"他人\"><w:p><w:r><w:t>引用原文</w:t></w:r></w:p></w:comment></w:comments>");
    let bytes = replace(
        &with("word/document.xml", &range),
        "word/comments.xml",
        &other,
    );
    assert_eq!(first(&bytes), (State::Rejected, reason));
}

#[test]
fn answers_and_resolved_comments() {
    let linter = linter(LEXICON);
    let body = p(&r("标题")) + &p(&r("甲截止目前乙"));
    let bytes = package(&body)
        .with(
            "comments",
            "comments.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml",
            &story("comments", ""),
        )
        .with(
            "commentsExtended",
            "commentsExtended.xml",
            "application/xml",
            "<w15:commentsEx xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\"/>",
        )
        .zip();
    let done = annotated(&linter, &bytes, &options(Mode::Tracked));
    let comments = text_of(&done.bytes, "word/comments.xml");
    // Word gives paragraphs ids when it saves: here the last paragraph of the first comment gets one.
    let key = comments.find("规则：test").unwrap();
    let at = comments[..key].rfind("<w:p>").unwrap();
    let id = "<w:p xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" w14:paraId=";
    let mut saved = comments.clone();
    saved.replace_range(at..at + "<w:p>".len(), &format!("{id}\"0A\">"));
    let answer = format!(
        "<w:comment w:id=\"90\" w:author=\"他人\">{id}\"0B\"><w:r><w:t>文件原标题如此</w:t></w:r></w:p></w:comment></w:comments>"
    );
    let saved = saved.replace("</w:comments>", &answer);
    let bytes = replace(&done.bytes, "word/comments.xml", &saved);
    assert_eq!(states(&bytes), [State::Open]);
    for (extended, reason) in [
        (
            "<w15:commentEx w15:paraId=\"0A\" w15:done=\"0\"/><w15:commentEx w15:paraId=\"0B\" w15:paraIdParent=\"0A\" w15:done=\"0\"/>",
            Some("文件原标题如此"),
        ),
        ("<w15:commentEx w15:paraId=\"0A\" w15:done=\"1\"/>", None),
    ] {
        let part = format!(
            "<w15:commentsEx xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\">{extended}</w15:commentsEx>"
        );
        let bytes = replace(&bytes, "word/commentsExtended.xml", &part);
        let found = &decisions(&bytes)[0];
        assert_eq!(
            (found.state, found.reason.as_deref()),
            (State::Rejected, reason)
        );
    }
}

#[test]
fn decisions_without_the_properties() {
    let linter = linter(LEXICON);
    let body = p(&r("标题")) + &p(&r("甲截止目前乙习总书记"));
    let done = annotated(&linter, &package(&body).zip(), &options(Mode::Both));
    let bytes = replace(
        &done.bytes,
        "docProps/custom.xml",
        "<Properties xmlns=\"x\"/>",
    );
    let found = decisions(&bytes);
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|d| d.state == State::Open && d.rule.starts_with("test/")),
        "{found:?}"
    );
    // And what is there is not annotated a second time.
    let again = annotated(&linter, &bytes, &options(Mode::Both));
    assert_eq!((again.tracked, again.comments, again.present), (0, 0, 1));
}
