#![allow(
    clippy::cast_possible_truncation,
    reason = "the packages made here are small"
)]

use proptest::prelude::*;

use super::{explain_cfb, looks_like_zip, read, rebuild, refusal_to_write};
use crate::document::{Block, BlockKind, Document, Escape, NoticeCode, Place, ReadOptions, Story};
use crate::error::Lang;
use crate::source::{SegmentKind, SourceMap};

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const NAMESPACES: &str = concat!(
    r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" "#,
    r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" "#,
    r#"xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" "#,
    r#"xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" "#,
    r#"xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" "#,
    r#"xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" "#,
    r#"xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" "#,
    r#"xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" "#,
    r#"xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex" "#,
    r#"xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office""#,
);

// ---- making packages ----

/// How an entry is written into a test zip.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Deflated,
    Stored,
    /// Deflated, with sizes behind the data and zeros in the local header.
    Descriptor,
}

struct Zip {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    fn new() -> Self {
        Self {
            out: Vec::new(),
            directory: Vec::new(),
            count: 0,
        }
    }

    fn add(&mut self, name: &str, content: &[u8], how: How) {
        use std::io::Write;
        let mut data = content.to_vec();
        if how != How::Stored {
            let mut encoder =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(content).unwrap();
            data = encoder.finish().unwrap();
        }
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let sizes = [crc.sum(), data.len() as u32, content.len() as u32];
        let offset = self.out.len() as u32;
        let name_len = (name.len() as u16).to_le_bytes();
        let flags: u16 = if how == How::Descriptor { 8 } else { 0 };
        let method: u16 = if how == How::Stored { 0 } else { 8 };
        let mut common = vec![20, 0];
        common.extend(flags.to_le_bytes());
        common.extend(method.to_le_bytes());
        common.extend([1, 2, 3, 4]);

        self.out.extend(b"PK\x03\x04");
        self.out.extend(&common);
        for size in sizes {
            self.out.extend(if how == How::Descriptor {
                [0; 4]
            } else {
                size.to_le_bytes()
            });
        }
        self.out.extend(name_len);
        self.out.extend([0, 0]);
        self.out.extend(name.as_bytes());
        self.out.extend(&data);
        if how == How::Descriptor {
            self.out.extend(b"PK\x07\x08");
            sizes.iter().for_each(|s| self.out.extend(s.to_le_bytes()));
        }

        self.directory.extend(b"PK\x01\x02\x14\x00");
        self.directory.extend(&common);
        sizes
            .iter()
            .for_each(|s| self.directory.extend(s.to_le_bytes()));
        self.directory.extend(name_len);
        self.directory
            .extend([0, 0, 7, 0, 0, 0, 0, 0, 0x20, 0, 0, 0]);
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.directory.extend(b"comment");
        self.count += 1;
    }

    fn finish(mut self, comment: &str) -> Vec<u8> {
        let directory = self.out.len() as u32;
        self.out.extend(&self.directory);
        self.out.extend(b"PK\x05\x06\0\0\0\0");
        self.out.extend(self.count.to_le_bytes());
        self.out.extend(self.count.to_le_bytes());
        self.out.extend((self.directory.len() as u32).to_le_bytes());
        self.out.extend(directory.to_le_bytes());
        self.out.extend((comment.len() as u16).to_le_bytes());
        self.out.extend(comment.as_bytes());
        self.out
    }
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = Zip::new();
    for (name, content) in entries {
        zip.add(name, content, How::Deflated);
    }
    zip.finish("")
}

const MAIN_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

fn types(main_type: &str) -> String {
    format!(
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{main_type}"/></Types>"#
    )
}

fn relations(list: &[(&str, &str)]) -> String {
    let items: Vec<String> = list
        .iter()
        .enumerate()
        .map(|(n, (kind, target))| {
            format!(r#"<Relationship Id="rId{n}" Type="{R}/{kind}" Target="{target}"/>"#)
        })
        .collect();
    format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>"#,
        items.concat()
    )
}

fn document(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><w:document {NAMESPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"#
    )
}

/// A package with this main part, and further parts: their relationship to it, their name, their XML.
fn package(main: &[u8], further: &[(&str, &str, &str)]) -> Vec<u8> {
    let types = types(MAIN_TYPE);
    let root = relations(&[("officeDocument", "word/document.xml")]);
    let links: Vec<_> = further
        .iter()
        .map(|(kind, name, _)| (*kind, *name))
        .collect();
    let links = relations(&links);
    let mut entries = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("word/_rels/document.xml.rels", links.as_bytes()),
        ("word/document.xml", main),
    ];
    let names: Vec<String> = further
        .iter()
        .map(|(_, name, _)| format!("word/{name}"))
        .collect();
    for (name, (.., content)) in names.iter().zip(further) {
        entries.push((name, content.as_bytes()));
    }
    zip(&entries)
}

fn docx(body: &str) -> Vec<u8> {
    package(document(body).as_bytes(), &[])
}

fn open(bytes: Vec<u8>) -> Document {
    let document = read("t.docx", bytes, &ReadOptions::default()).unwrap();
    check_maps(&document);
    document
}

fn body(body: &str) -> Document {
    open(docx(body))
}

fn refused(bytes: Vec<u8>) -> String {
    match read("t.docx", bytes, &ReadOptions::default()) {
        Ok(document) => panic!("read: {:.200?}", texts(&document)),
        Err(e) => e.message(Lang::Zh),
    }
}

// ---- looking at documents ----

fn texts(document: &Document) -> Vec<&str> {
    document.blocks.iter().map(|b| document.text(b)).collect()
}

fn details(document: &Document, block: usize) -> &crate::document::Built {
    document.blocks[block].details().unwrap()
}

/// The source of `needle` in a block, piece by piece.
fn sources<'a>(document: &'a Document, block: &Block, needle: &str) -> Vec<&'a str> {
    let at = document.text(block).find(needle).unwrap();
    let part = document.parts[block.part].text();
    block
        .pieces(&(at..at + needle.len()))
        .into_iter()
        .map(|p| &part[p.source])
        .collect()
}

/// Every map covers its text, and what it calls literal is.
fn check_maps(document: &Document) {
    for block in &document.blocks {
        let text = document.text(block);
        let details = block.details().unwrap();
        let source = document.parts[block.part].text();
        let check = |map: &SourceMap| {
            let mut at = 0;
            for piece in map.pieces(&(0..text.len())) {
                assert_eq!(piece.text.start, at);
                at = piece.text.end;
                let from = source.get(piece.source.clone()).unwrap();
                match piece.kind {
                    SegmentKind::Literal => assert_eq!(&text[piece.text], from),
                    SegmentKind::Entity => assert!(from.starts_with('&'), "{from}"),
                    SegmentKind::Atom => {
                        let element = from.starts_with('<') && from.ends_with('>');
                        assert!(element || from.trim().is_empty(), "{from}");
                    }
                    SegmentKind::Virtual => assert!(from.is_empty()),
                    SegmentKind::Derived => {}
                }
            }
            assert_eq!(at, text.len());
        };
        check(&details.map);
        details.twins.iter().for_each(check);
        assert!(details.struck.iter().all(|r| text.get(r.clone()).is_some()));
    }
    for mark in &document.marks {
        assert!(document.parts[mark.part].text()[mark.at..].starts_with('<'));
        assert!(mark.block <= document.blocks.len());
    }
}

fn p(inner: &str) -> String {
    format!("<w:p>{inner}</w:p>")
}

fn r(text: &str) -> String {
    format!(r#"<w:r><w:t xml:space="preserve">{text}</w:t></w:r>"#)
}

fn field(code: &str, result: &str) -> String {
    format!(
        r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {code} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>"#
    )
}

// ---- what is read ----

#[test]
fn what_stands_in_a_paragraph() {
    let cases = [
        ("plain", r("甲乙"), "甲乙"),
        ("two runs", r("甲") + &r("乙"), "甲乙"),
        ("formatted runs", format!("{}<w:r><w:rPr><w:b/></w:rPr><w:t>乙</w:t></w:r>", r("甲")), "甲乙"),
        (
            "marks between runs",
            format!(r#"{}<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="0" w:name="x"/><w:bookmarkEnd w:id="0"/><w:r><w:lastRenderedPageBreak/></w:r>{}"#, r("甲"), r("乙")),
            "甲乙",
        ),
        ("two texts in a run", "<w:r><w:t>甲</w:t><w:t>乙</w:t></w:r>".to_owned(), "甲乙"),
        ("soft hyphen", "<w:r><w:t>甲</w:t><w:softHyphen/><w:t>乙</w:t></w:r>".to_owned(), "甲乙"),
        ("hyphen that holds", "<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r>".to_owned(), "a-b"),
        ("tab", "<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t></w:r>".to_owned(), "甲\t乙"),
        ("aligned tab", "<w:r><w:t>甲</w:t><w:ptab/><w:t>乙</w:t></w:r>".to_owned(), "甲\t乙"),
        ("tab stops are no tabs", format!("<w:pPr><w:tabs><w:tab w:pos=\"1\"/></w:tabs></w:pPr>{}", r("甲")), "甲"),
        ("line break", "<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:cr></w:cr><w:t>丙</w:t></w:r>".to_owned(), "甲\n乙\n丙"),
        ("page break", "<w:r><w:t>甲</w:t><w:br w:type=\"page\"/><w:t>乙</w:t></w:r>".to_owned(), "甲\u{C}乙"),
        ("column break", "<w:r><w:t>甲</w:t><w:br w:type=\"column\"/><w:t>乙</w:t></w:r>".to_owned(), "甲\u{C}乙"),
        ("symbol", r("甲") + "<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FC\"/></w:r>" + &r("乙"), "甲\u{FFFC}乙"),
        ("formula", format!("{}<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>", r("甲")), "甲\u{FFFC}"),
        ("inline picture", format!("{}<w:r><w:drawing><wp:inline/></w:drawing></w:r>{}", r("甲"), r("乙")), "甲\u{FFFC}乙"),
        ("floating picture", format!("{}<w:r><w:drawing><wp:anchor/></w:drawing></w:r>{}", r("甲"), r("乙")), "甲乙"),
        ("old inline picture", format!("{}<w:r><w:pict><v:shape style=\"width:1pt\"/></w:pict></w:r>", r("甲")), "甲\u{FFFC}"),
        ("old floating picture", format!("{}<w:r><w:pict><v:shape style=\"position:absolute\"/></w:pict></w:r>", r("甲")), "甲"),
        ("embedded object", format!("{}<w:r><w:object/></w:r>", r("甲")), "甲\u{FFFC}"),
        ("note reference", format!("{}<w:r><w:footnoteReference w:id=\"2\"/></w:r>{}", r("甲"), r("乙")), "甲乙"),
        ("link", format!("{}<w:hyperlink w:anchor=\"x\">{}</w:hyperlink>", r("甲"), r("乙")), "甲乙"),
        ("smart tag", format!("{}<w:smartTag w:element=\"x\">{}</w:smartTag>", r("甲"), r("乙")), "甲乙"),
        ("content control", format!("{}<w:sdt><w:sdtPr><w:alias w:val=\"x\"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>", r("甲"), r("乙")), "甲乙"),
        ("placeholder", format!("{}<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>", r("甲"), r("单击")), "甲"),
        ("placeholder filled in", format!("<w:sdt><w:sdtPr><w:showingPlcHdr w:val=\"0\"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>", r("甲")), "甲"),
        ("inserted", format!("{}<w:ins w:id=\"1\" w:author=\"x\">{}</w:ins>", r("甲"), r("乙")), "甲乙"),
        ("moved here", format!("{}<w:moveTo w:id=\"1\">{}</w:moveTo>", r("甲"), r("乙")), "甲乙"),
        ("deleted", format!("{}<w:del w:id=\"1\"><w:r><w:delText>不</w:delText></w:r></w:del>{}", r("甲"), r("乙")), "甲乙"),
        ("moved away", format!("{}<w:moveFrom w:id=\"1\">{}</w:moveFrom>{}", r("甲"), r("不"), r("乙")), "甲乙"),
        ("phonetic guide", format!("<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>{}", r("jiǎ"), r("甲"), r("乙")), "甲乙"),
        ("link field", field("HYPERLINK \"x\"", &r("甲")) + &r("乙"), "甲乙"),
        ("field without a result", "<w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>XE 甲</w:instrText><w:fldChar w:fldCharType=\"end\"/></w:r>".to_owned() + &r("乙"), "乙"),
        ("field in a field's code", field(&format!("IF {} = 1", field("PAGE", &r("一"))), &r("甲")), "甲"),
        ("field in a field's result", field("TOC", &(field("PAGEREF x", &r("一")) + &r("甲"))), "一甲"),
        ("field that never ends", "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>".to_owned() + &r("甲"), "甲"),
        ("field that never began", r("甲") + "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>" + &r("乙"), "甲乙"),
        ("entities", r("甲&#20057;&#x4E19;&amp;&lt;"), "甲乙丙&<"),
        ("CDATA", r("甲<![CDATA[<乙>]]>丙"), "甲<乙>丙"),
        ("comment in a text", r("甲<!-- x -->乙<?x y?>丙"), "甲乙丙"),
        ("line ends", r("甲\r\n乙\r丙\n丁"), "甲\n乙\n丙\n丁"),
        ("blanks that Word trims", "<w:r><w:t> 甲\n</w:t></w:r><w:r><w:t>\u{3000}乙 丙<!-- --> </w:t></w:r>".to_owned(), "甲\u{3000}乙 丙"),
        ("blanks that Word keeps", r(" 甲 ") + &r("乙"), " 甲 乙"),
        ("emoji with a fallback", "<w:r><w:t>甲</w:t><mc:AlternateContent><mc:Choice Requires=\"w16se\"><w16se:symEx/></mc:Choice><mc:Fallback><w:t>😀</w:t></mc:Fallback></mc:AlternateContent></w:r>".to_owned(), "甲\u{FFFC}"),
        ("old properties", "<w:r><w:rPr><w:rPrChange w:id=\"1\"><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>甲</w:t></w:r>".to_owned(), "甲"),
        ("bidi", format!("<w:bdo w:val=\"rtl\">{}</w:bdo>", r("甲")), "甲"),
    ];
    for (name, inner, want) in cases {
        let document = body(&p(&inner));
        assert_eq!(document.text(&document.blocks[0]), want, "{name}");
    }
}

#[test]
fn text_that_has_no_place_is_no_block() {
    for inner in [
        String::new(),
        "<w:r><w:t> </w:t></w:r>".to_owned(),
        "<w:r><w:object/></w:r>".to_owned(),
    ] {
        assert!(body(&p(&inner)).blocks.is_empty(), "{inner}");
    }
}

#[test]
fn source_of_split_and_escaped_text() {
    let document = body(&p(&format!("{}{}", r("关于习总"), r("书&#35760;的&amp;"))));
    let block = &document.blocks[0];
    assert_eq!(
        sources(&document, block, "习总书记"),
        ["习总", "书", "&#35760;"]
    );
    assert_eq!(sources(&document, block, "的&"), ["的", "&amp;"]);
    assert_eq!(block.escape(), Escape::Markup);

    let document = body(&p(
        "<w:r><w:t>甲</w:t><w:br></w:br><w:tab/><w:t>乙</w:t></w:r>",
    ));
    assert_eq!(
        sources(&document, &document.blocks[0], "\n\t"),
        ["<w:br></w:br>", "<w:tab/>"]
    );
}

#[test]
fn computed_and_hidden_text_is_not_editable() {
    let bound = "<w:sdt><w:sdtPr><w:dataBinding w:xpath=\"/x\"/></w:sdtPr><w:sdtContent>";
    let bound15 = bound.replace("w:dataBinding w:xpath", "w15:dataBinding w:xpath");
    let cases = [
        ("TOC", field(" TOC \\o ", &r("甲")), false),
        ("REF", field("REF x", &r("甲")), false),
        ("lower case", field("page", &r("甲")), false),
        ("HYPERLINK", field("HYPERLINK x", &r("甲")), true),
        (
            "HYPERLINK in TOC",
            field("TOC", &field("HYPERLINK x", &r("甲"))),
            false,
        ),
        ("FORMTEXT", field("FORMTEXT", &r("甲")), true),
        ("after a field", field("PAGE", &r("一")) + &r("甲"), true),
        (
            "simple field",
            format!(
                "<w:fldSimple w:instr=\" STYLEREF x \">{}</w:fldSimple>",
                r("甲")
            ),
            false,
        ),
        (
            "simple link",
            format!(
                "<w:fldSimple w:instr=\"HYPERLINK x\">{}</w:fldSimple>",
                r("甲")
            ),
            true,
        ),
        (
            "bound",
            format!("{bound}{}</w:sdtContent></w:sdt>", r("甲")),
            false,
        ),
        (
            "bound since 2012",
            format!("{bound15}{}</w:sdtContent></w:sdt>", r("甲")),
            false,
        ),
        (
            "behind what is bound",
            format!("{bound}{}</w:sdtContent></w:sdt>{}", r("一"), r("甲")),
            true,
        ),
        (
            "hidden",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>甲</w:t></w:r>".to_owned(),
            false,
        ),
        (
            "not hidden",
            "<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>甲</w:t></w:r>".to_owned(),
            true,
        ),
        (
            "hidden entity",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>&#30002;</w:t></w:r>".to_owned(),
            false,
        ),
        ("CDATA", r("<![CDATA[甲]]>"), false),
    ];
    for (name, inner, editable) in cases {
        let document = body(&p(&inner));
        let block = &document.blocks[0];
        let at = document.text(block).find('甲').unwrap();
        let pieces = block.pieces(&(at..at + 3));
        assert_eq!(pieces.len(), 1, "{name}");
        assert_eq!(pieces[0].kind.is_editable(), editable, "{name}");
    }
}

#[test]
fn a_field_goes_on_over_paragraphs() {
    let begin = "<w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>TOC</w:instrText><w:fldChar w:fldCharType=\"separate\"/></w:r>";
    let end = "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
    let document = body(
        &(p(&(begin.to_owned() + &r("甲"))) + &p(&r("乙")) + &p(&(end.to_owned() + &r("丙")))),
    );
    let editable: Vec<bool> = document
        .blocks
        .iter()
        .map(|b| b.pieces(&(0..3))[0].kind.is_editable())
        .collect();
    assert_eq!(texts(&document), ["甲", "乙", "丙"]);
    assert_eq!(editable, [false, false, true]);
}

#[test]
fn struck_text_is_marked() {
    let struck = |property: &str, text: &str| {
        format!("<w:r><w:rPr>{property}</w:rPr><w:t>{text}</w:t></w:r>")
    };
    let document = body(&p(&(r("甲")
        + &struck("<w:strike/>", "乙")
        + &struck("<w:dstrike/>", "丙")
        + &r("丁"))));
    assert_eq!(
        details(&document, 0).struck.as_slice(),
        std::slice::from_ref(&(3..9))
    );
    let document = body(&p(&struck("<w:strike w:val=\"false\"/>", "乙")));
    assert!(details(&document, 0).struck.is_empty());
}

#[test]
fn headings_lists_and_cells() {
    let styles = format!(
        r#"<w:styles xmlns:w="{W}"><w:style w:styleId="a1"><w:name w:val="heading 2"/></w:style><w:style w:styleId="a2"><w:name w:val="标题 3"/></w:style><w:style w:styleId="a3"><w:name w:val="我的"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style><w:style w:styleId="a4"><w:name w:val="孙"/><w:basedOn w:val="a3"/></w:style><w:style w:styleId="x"><w:basedOn w:val="x"/></w:style><w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>"#
    );
    let with = |properties: &str| p(&format!("<w:pPr>{properties}</w:pPr>{}", r("甲")));
    let cell = |inner: &str| format!("<w:tc>{}</w:tc>", p(&r(inner)));
    let text = [
        with("<w:pStyle w:val=\"a1\"/>"),
        with("<w:pStyle w:val=\"a2\"/>"),
        with("<w:pStyle w:val=\"a4\"/>"),
        with("<w:pStyle w:val=\"x\"/>"),
        with("<w:outlineLvl w:val=\"4\"/>"),
        with("<w:pStyle w:val=\"a1\"/><w:outlineLvl w:val=\"9\"/>"),
        with("<w:numPr><w:numId w:val=\"1\"/></w:numPr>"),
        with("<w:numPr><w:numId w:val=\"0\"/></w:numPr>"),
        format!(
            "<w:tbl><w:tblPr><w:tblCaption w:val=\"表一\"/></w:tblPr><w:tr>{}{}</w:tr><w:tr><w:tc><w:tbl><w:tr>{}</w:tr></w:tbl>{}</w:tc></w:tr></w:tbl>",
            cell("1"),
            cell("2"),
            cell("内"),
            p(&r("外"))
        ),
        p("<w:r><w:rPr><w:rStyle w:val=\"h\"/></w:rPr><w:t>甲</w:t></w:r>"),
    ];
    let document = open(package(
        document(&text.concat()).as_bytes(),
        &[("styles", "styles.xml", &styles)],
    ));
    let kinds: Vec<BlockKind> = document.blocks.iter().map(|b| b.kind).collect();
    let cell = |table, row, column| BlockKind::Cell { table, row, column };
    assert_eq!(
        kinds,
        [
            BlockKind::Heading(2),
            BlockKind::Heading(3),
            BlockKind::Heading(1),
            BlockKind::Paragraph,
            BlockKind::Heading(5),
            BlockKind::Heading(2),
            BlockKind::ListItem,
            BlockKind::Paragraph,
            BlockKind::Attribute,
            cell(1, 1, 1),
            cell(1, 1, 2),
            cell(2, 1, 1),
            cell(1, 2, 1),
            BlockKind::Paragraph,
        ]
    );
    let inner = Place::Cell {
        story: Story::Body,
        table: 2,
        row: 1,
        column: 1,
    };
    assert_eq!(document.blocks[11].place(), inner);
    assert_eq!(
        document.blocks[13].place(),
        Place::Paragraph {
            story: Story::Body,
            number: 13
        }
    );
    assert_eq!(details(&document, 13).paragraph, 13);
    assert!(!document.blocks[13].pieces(&(0..3))[0].kind.is_editable());
}

#[test]
fn stories_in_other_parts() {
    let part = |root: &str, inner: &str| format!("<w:{root} {NAMESPACES}>{inner}</w:{root}>");
    let notes = format!(
        "<w:footnote w:type=\"separator\" w:id=\"-1\">{}</w:footnote><w:footnote w:id=\"2\">{}</w:footnote>",
        p(&r("线")),
        p(&r("脚注"))
    );
    let chart = format!(
        "<c:chartSpace {NAMESPACES}><c:title><a:p><a:r><a:t>图题</a:t></a:r></a:p></c:title><c:cat><c:strCache><c:pt><c:v>类别</c:v></c:pt></c:strCache></c:cat><c:val><c:numCache><c:pt><c:v>3</c:v></c:pt></c:numCache></c:val></c:chartSpace>"
    );
    let diagram = format!(
        "<x:dataModel xmlns:x=\"x\" {NAMESPACES}><a:p><a:r><a:t>图形</a:t></a:r></a:p></x:dataModel>"
    );
    let further = [
        (
            "endnotes",
            "endnotes.xml",
            part(
                "endnotes",
                &format!("<w:endnote w:id=\"2\">{}</w:endnote>", p(&r("尾注"))),
            ),
        ),
        ("header", "header1.xml", part("hdr", &p(&r("页眉")))),
        ("footer", "footer1.xml", part("ftr", &p(&r("页脚")))),
        ("footnotes", "notes.xml", part("footnotes", &notes)),
        ("chart", "charts/chart1.xml", chart),
        ("diagramData", "data1.xml", diagram),
        ("chartEx", "chartEx1.xml", String::new()),
    ];
    let further: Vec<_> = further
        .iter()
        .map(|(kind, name, content)| (*kind, *name, content.as_str()))
        .collect();
    let document = open(package(document(&p(&r("正文"))).as_bytes(), &further));
    let found: Vec<_> = document
        .blocks
        .iter()
        .map(|b| (b.kind, document.text(b)))
        .collect();
    assert_eq!(
        found,
        [
            (BlockKind::Paragraph, "正文"),
            (BlockKind::Header, "页眉"),
            (BlockKind::Footer, "页脚"),
            (BlockKind::Footnote, "脚注"),
            (BlockKind::Endnote, "尾注"),
            (BlockKind::TextBox, "图题"),
            (BlockKind::TextBox, "类别"),
            (BlockKind::TextBox, "图形"),
        ]
    );
    assert_eq!(
        document.blocks[3].place(),
        Place::Paragraph {
            story: Story::Footnote,
            number: 2
        }
    );
    let editable = |n: usize| document.blocks[n].pieces(&(0..3))[0].kind.is_editable();
    assert_eq!(
        [editable(5), editable(6), editable(7)],
        [true, false, false]
    );
    let names: Vec<_> = document.parts.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names[0..2], ["word/document.xml", "word/header1.xml"]);
    let unread: Vec<_> = document
        .notices
        .iter()
        .map(|n| (n.code, n.part.as_str()))
        .collect();
    assert_eq!(unread, [(NoticeCode::PartUnread, "word/chartEx1.xml")]);
}

#[test]
fn a_part_that_is_missing_is_a_notice() {
    let types = types(MAIN_TYPE);
    let bytes = zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        (
            "_rels/.rels",
            relations(&[("officeDocument", "/word/document.xml")]).as_bytes(),
        ),
        (
            "word/_rels/document.xml.rels",
            relations(&[("header", "header9.xml")]).as_bytes(),
        ),
        ("word/document.xml", document(&p(&r("甲"))).as_bytes()),
    ]);
    let document = open(bytes);
    assert_eq!(texts(&document), ["甲"]);
    assert_eq!(document.notices[0].code, NoticeCode::PartUnread);
    assert_eq!(document.notices[0].part, "word/header9.xml");
}

#[test]
fn text_boxes_and_their_fallbacks() {
    let choice = |inner: &str| {
        format!(
            "<mc:Choice Requires=\"wps\"><w:drawing><wp:anchor><wp:docPr id=\"1\" descr=\"说明\"/><w:txbxContent>{inner}</w:txbxContent></wp:anchor></w:drawing></mc:Choice>"
        )
    };
    let fallback = |inner: &str| {
        format!(
            "<mc:Fallback><w:pict><v:shape alt=\"说明\" style=\"position:absolute\"><w:txbxContent>{inner}</w:txbxContent></v:shape></w:pict></mc:Fallback>"
        )
    };
    let both = |one: &str, other: &str| {
        let run = format!(
            "<w:r><mc:AlternateContent>{}{}</mc:AlternateContent></w:r>",
            choice(one),
            fallback(other)
        );
        body(&p(&format!("{}{run}{}", r("习总"), r("书记"))))
    };
    let inside = p(&(r("框") + &r("内"))) + &p(&r("二"));
    let document = both(&inside, &inside);
    let found: Vec<_> = document
        .blocks
        .iter()
        .map(|b| (b.kind, document.text(b)))
        .collect();
    assert_eq!(
        found,
        [
            (BlockKind::Paragraph, "习总书记"),
            (BlockKind::Attribute, "说明"),
            (BlockKind::TextBox, "框内"),
            (BlockKind::TextBox, "二"),
        ]
    );
    let source = document.parts[0].text();
    for (n, text) in [(1, "说明"), (2, "框"), (3, "二")] {
        let twins = &details(&document, n).twins;
        assert_eq!(twins.len(), 1, "{text}");
        let piece = &twins[0].pieces(&(0..text.len()))[0];
        assert_eq!(&source[piece.source.clone()], text);
        assert!(piece.source.start > source.find("mc:Fallback").unwrap());
    }
    assert_eq!(details(&document, 1).escape, Escape::Attribute(Some('"')));
    assert_eq!(details(&document, 2).paragraph, 2);

    let different = both(&p(&r("新")), &(p(&r("旧")) + &p(&r("新"))));
    assert_eq!(texts(&different), ["习总书记", "说明", "新", "旧"]);
    assert_eq!(details(&different, 2).twins.len(), 1);
    let empty = both(&p(""), &p(&r("旧")));
    assert_eq!(texts(&empty), ["习总书记", "说明", "旧"]);
}

#[test]
fn fields_and_tables_end_at_a_text_box() {
    let inner = p(&format!(
        "{}{}",
        "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>",
        r("框")
    ));
    let text = field(
        "PAGE",
        &format!(
            "<w:r><w:pict><v:shape><w:txbxContent>{inner}</w:txbxContent></v:shape></w:pict></w:r>{}",
            r("一")
        ),
    );
    let document = body(&format!(
        "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>",
        p(&(text + &r("后")))
    ));
    let found: Vec<_> = document
        .blocks
        .iter()
        .map(|b| (b.kind, document.text(b)))
        .collect();
    let cell = BlockKind::Cell {
        table: 1,
        row: 1,
        column: 1,
    };
    assert_eq!(found, [(cell, "一后"), (BlockKind::TextBox, "框")]);
    let kinds: Vec<_> = document.blocks[0]
        .pieces(&(0..6))
        .iter()
        .map(|p| p.kind)
        .collect();
    assert_eq!(kinds, [SegmentKind::Derived, SegmentKind::Literal]);
}

#[test]
fn attributes_that_a_reader_sees() {
    let inner = r#"<w:r><w:drawing><wp:inline><wp:docPr id="1" title='题"目' descr="说&amp;明&#10;二&#x9;三"/></wp:inline></w:drawing></w:r><w:r><w:pict><v:shape><v:textpath string="机密"/></v:shape></w:pict></w:r><w:hyperlink w:tooltip="提示"/>"#;
    let document = body(&p(inner));
    assert_eq!(
        texts(&document),
        ["题\"目", "说&明\n二\t三", "机密", "提示"]
    );
    assert_eq!(details(&document, 0).escape, Escape::Attribute(Some('\'')));
    assert_eq!(
        document.blocks[1].place(),
        Place::Attribute("descr".to_owned())
    );
    assert_eq!(
        sources(&document, &document.blocks[1], "&明"),
        ["&amp;", "明"]
    );
}

#[test]
fn comments_bookmarks_and_revisions() {
    let comment = |id: &str, text: &str| {
        format!(
            "<w:comment w:id=\"{id}\" w:author=\"张三\">{}</w:comment>",
            p(&r(text))
        )
    };
    let comments = format!(
        "<w:comments {NAMESPACES}>{}{}</w:comments>",
        comment("7", "正名：忽略"),
        comment("8", "另一条")
    );
    let text = [
        p(&r("一")),
        p(&format!(
            "{}<w:commentRangeStart w:id=\"7\"/>{}<w:commentRangeEnd w:id=\"7\"/><w:r><w:commentReference w:id=\"7\"/></w:r>",
            r("二"),
            r("三")
        )),
        p(""),
        "<w:bookmarkStart w:id=\"0\" w:name=\"书签\"/>".to_owned(),
        p(&format!(
            "<w:pPr><w:rPr><w:ins w:id=\"1\"/></w:rPr></w:pPr><w:ins w:id=\"2\">{}</w:ins><w:del w:id=\"3\"><w:r><w:delText>x</w:delText></w:r></w:del>",
            r("四")
        )),
    ];
    let bytes = package(
        document(&text.concat()).as_bytes(),
        &[("comments", "comments.xml", &comments)],
    );
    let document = open(bytes.clone());
    assert_eq!(texts(&document), ["一", "二三", "四"]);
    let marks: Vec<_> = document
        .marks
        .iter()
        .map(|m| (m.text.as_str(), m.block))
        .collect();
    assert_eq!(marks, [("正名：忽略", 1), ("书签", 2)]);
    assert!(document.parts[0].text()[document.marks[0].at..].starts_with("<w:commentRangeStart"));
    let notices: Vec<_> = document
        .notices
        .iter()
        .map(|n| (n.code, n.part.as_str(), n.detail.as_str()))
        .collect();
    assert_eq!(
        notices,
        [
            (NoticeCode::Comments, "word/comments.xml", "2"),
            (NoticeCode::Revisions, "", "3")
        ]
    );
    assert_eq!(document.parts.len(), 1);

    let options = ReadOptions {
        comments: true,
        ..ReadOptions::default()
    };
    let document = read("t.docx", bytes, &options).unwrap();
    check_maps(&document);
    assert_eq!(
        texts(&document),
        ["一", "二三", "四", "正名：忽略", "另一条"]
    );
    assert_eq!(document.blocks[4].kind, BlockKind::Comment);
    assert_eq!(
        document.blocks[4].place(),
        Place::Paragraph {
            story: Story::Comment,
            number: 2
        }
    );
}

#[test]
fn embedded_content_is_named() {
    let text = p(&r("甲"))
        + "<w:altChunk r:id=\"rId0\"/>"
        + &p(
            "<w:r><w:object><o:OLEObject ProgID=\"Word.Document.12\" r:id=\"rId1\"/></w:object></w:r><w:r><w:object><o:OLEObject ProgID=\"Equation.3\" r:id=\"rId2\"/></w:object></w:r>",
        );
    let bytes = package(
        document(&text).as_bytes(),
        &[
            ("aFChunk", "chunk.html", ""),
            ("package", "embeddings/a.docx", ""),
        ],
    );
    let document = open(bytes);
    let notices: Vec<_> = document
        .notices
        .iter()
        .map(|n| (n.code, n.part.as_str(), n.detail.as_str()))
        .collect();
    assert_eq!(
        notices,
        [
            (NoticeCode::EmbeddedContent, "word/chunk.html", "altChunk"),
            (
                NoticeCode::EmbeddedContent,
                "word/embeddings/a.docx",
                "Word.Document.12"
            ),
        ]
    );
}

#[test]
fn properties_give_title_and_date() {
    let core = r#"<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>关于&#20064;总书记</dc:title><dc:creator>张三</dc:creator><cp:keywords>扶贫</cp:keywords><dc:subject> </dc:subject></cp:coreProperties>"#;
    let custom = r#"<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="x"><property name="公司"><vt:lpwstr>甲</vt:lpwstr></property><property name="成文日期"><vt:lpwstr>2026年11月24日</vt:lpwstr></property></Properties>"#;
    let root = relations(&[
        ("officeDocument", "word/document.xml"),
        ("core-properties", "docProps/core.xml"),
        ("custom-properties", "docProps/custom.xml"),
    ]);
    let types = types(MAIN_TYPE);
    let document = open(zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("word/document.xml", document(&p(&r("正文"))).as_bytes()),
        ("docProps/core.xml", core.as_bytes()),
        ("docProps/custom.xml", custom.as_bytes()),
    ]));
    assert_eq!(texts(&document), ["正文", "关于习总书记", "扶贫"]);
    assert_eq!(
        (document.blocks[1].kind, document.blocks[1].place()),
        (BlockKind::Title, Place::Title)
    );
    assert_eq!(
        document.blocks[2].place(),
        Place::Meta("keywords".to_owned())
    );
    assert_eq!(
        sources(&document, &document.blocks[1], "习总"),
        ["&#20064;", "总"]
    );
    assert_eq!(document.meta.title.as_deref(), Some("关于习总书记"));
    assert_eq!(
        document.meta.date,
        Some(("2026年11月24日".to_owned(), "成文日期".to_owned()))
    );
    assert_eq!(document.parts[1].name, "docProps/core.xml");
}

#[test]
fn strict_files_other_prefixes_and_other_names() {
    let strict = "http://purl.oclc.org/ooxml/wordprocessingml/main";
    let main = format!(
        r#"<document xmlns="{strict}" xmlns:q="{strict}"><body><p><r><t>甲</t></r><q:r><q:br q:type="page"/><q:t>乙</q:t></q:r></p></body></document>"#
    );
    let root = relations(&[("officeDocument", "a/b/../Main.xml")]).replace(
        "schemas.openxmlformats.org/officeDocument/2006/relationships",
        "purl.oclc.org/ooxml/officeDocument/relationships",
    );
    let document = open(zip(&[
        ("[Content_Types].xml", types("x").as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("a/main.xml", main.as_bytes()),
    ]));
    assert_eq!(texts(&document), ["甲\u{C}乙"]);
    assert_eq!(document.parts[0].name, "a/main.xml");

    // A prefix may be bound anew further in: this is not Word's `t`.
    let other = p("<w:r><w:t xmlns:w=\"urn:other\">甲</w:t><w:t>乙</w:t></w:r>");
    assert_eq!(texts(&body(&other)), ["乙"]);
}

#[test]
fn parts_in_utf16_and_with_a_byte_order_mark() {
    let xml = document(&p(&r("甲😀乙")));
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let text = if mark {
            format!("\u{FEFF}{xml}")
        } else {
            xml.clone()
        };
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let marked = format!("\u{FEFF}{xml}").into_bytes();
    for main in [
        marked,
        utf16(false, true),
        utf16(true, true),
        utf16(false, false),
        utf16(true, false),
    ] {
        let document = open(package(&main, &[]));
        let block = &document.blocks[0];
        assert_eq!(document.text(block), "甲😀乙");
        assert_eq!(document.parts[0].bytes(), main);
        let source = block.pieces(&(7..10))[0].source.clone();
        let span = document.parts[0].stored(&source);
        let want = document.parts[0].encode("乙").unwrap();
        assert_eq!(&main[span.start..span.end], want);
    }
    let mut odd = utf16(false, true);
    odd.push(0);
    assert!(refused(package(&odd, &[])).contains("UTF-16"));
    assert!(refused(package(b"<a>\xFF</a>", &[])).contains("UTF-8"));
}

// ---- what is refused ----

#[test]
fn xml_that_is_not_well_formed_is_refused_with_its_place() {
    let cases = [
        (
            "open element",
            document("").replace("</w:document>", ""),
            "未闭合",
        ),
        (
            "open twice",
            document("").replace("</w:body></w:document>", ""),
            "未闭合",
        ),
        ("wrong end", document("<w:p></w:r>"), "XML"),
        ("end without start", document("") + "</w:p>", "XML"),
        ("two roots", document("") + "<a/>", "两个根元素"),
        ("text behind the root", document("") + "x", "根元素之外"),
        ("nothing", " ".to_owned(), "没有根元素"),
        ("unknown reference", document(&p(&r("&x;"))), "&x;"),
        (
            "reference to no character",
            document(&p(&r("&#xD800;"))),
            "未知的引用",
        ),
        ("lone ampersand", document(&p(&r("a & b"))), "XML"),
        ("attribute without quotes", document("<w:p a=b/>"), "XML"),
        (
            "DTD",
            format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{}", document("")),
            "DTD",
        ),
        (
            "too deep",
            document(&("<a>".repeat(5000) + &"</a>".repeat(5000))),
            "4096",
        ),
        (
            "alternatives too deep",
            {
                let open = "<mc:AlternateContent><mc:Choice>".repeat(40);
                document(&(open + &"</mc:Choice></mc:AlternateContent>".repeat(40)))
            },
            "AlternateContent",
        ),
    ];
    for (name, main, want) in cases {
        let message = refused(package(main.as_bytes(), &[]));
        assert!(message.contains(want), "{name}: {message}");
        assert!(message.contains("word/document.xml"), "{name}: {message}");
    }
}

#[test]
fn files_that_are_something_else_are_named() {
    let root = relations(&[("officeDocument", "word/document.xml")]);
    let with_type = |kind: &str, main: &str| {
        zip(&[
            ("[Content_Types].xml", types(kind).as_bytes()),
            ("_rels/.rels", root.as_bytes()),
            ("word/document.xml", main.as_bytes()),
        ])
    };
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
    let slides =
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml";
    let cases = [
        (with_type(sheet, "<a/>"), "xlsx"),
        (with_type(slides, "<a/>"), "pptx"),
        (with_type("x", "<workbook/>"), "workbook"),
        (
            zip(&[("mimetype", b"application/vnd.oasis.opendocument.text")]),
            "odt",
        ),
        (zip(&[("OFD.xml", b"<a/>")]), "OFD"),
        (zip(&[("a.txt", b"x")]), "普通 ZIP"),
        (zip(&[]), "普通 ZIP"),
        (
            zip(&[("[Content_Types].xml", types("x").as_bytes())]),
            "找不到 Word 文档的主体部件",
        ),
        (
            zip(&[
                ("[Content_Types].xml", types("x").as_bytes()),
                ("_rels/.rels", root.as_bytes()),
            ]),
            "找不到 Word 文档的主体部件",
        ),
    ];
    for (bytes, want) in cases {
        assert!(looks_like_zip(&bytes));
        let message = refused(bytes);
        assert!(message.contains(want), "{want}: {message}");
    }
}

#[test]
fn compound_files_are_named() {
    let file = |name: &str| {
        let mut bytes = vec![0; 512];
        bytes[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(128, 0);
        entry[64] = (2 * name.len() + 2) as u8;
        entry[66] = 2;
        bytes.extend(entry);
        bytes
    };
    for (name, want) in [
        ("EncryptedPackage", "已加密"),
        ("ENCRYPTEDPACKAGE", "已加密"),
        ("WordDocument", ".doc"),
        ("Workbook", ".xls"),
        ("PowerPoint Document", ".ppt"),
        ("Contents", "OLE"),
    ] {
        let message = explain_cfb(&file(name)).message(Lang::Zh);
        assert!(message.contains(want), "{name}: {message}");
    }
}

#[test]
fn targets_outside_the_package_are_refused() {
    for target in ["../../etc/passwd", "..\\x.xml", "file:///x.xml"] {
        let bytes = package(document("").as_bytes(), &[("header", target, "")]);
        assert!(refused(bytes).contains("包外"), "{target}");
    }
    // What leads outside by intent is never fetched.
    let links =
        relations(&[("header", "http://x/y.xml")]).replace("/>", " TargetMode=\"External\"/>");
    let document = open(zip(&[
        ("[Content_Types].xml", types(MAIN_TYPE).as_bytes()),
        (
            "_rels/.rels",
            relations(&[("officeDocument", "word/document.xml")]).as_bytes(),
        ),
        ("word/_rels/document.xml.rels", links.as_bytes()),
        ("word/document.xml", document(&p(&r("甲"))).as_bytes()),
    ]));
    assert_eq!((texts(&document), document.notices.len()), (vec!["甲"], 0));
}

#[test]
fn unsafe_and_damaged_zips_are_refused() {
    let sound = docx(&p(&r("甲")));
    let find = |bytes: &[u8], needle: &[u8]| {
        bytes
            .windows(needle.len())
            .position(|w| w == needle)
            .unwrap()
    };
    let change = |at: usize, to: &[u8]| {
        let mut bytes = sound.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    let directory = find(&sound, b"PK\x01\x02");
    let end = find(&sound, b"PK\x05\x06");
    let local_name = find(&sound, b"_rels/.rels");
    let second = directory + 46 + "[Content_Types].xml".len() + "comment".len();
    let mut twice = Zip::new();
    twice.add("a", b"1", How::Stored);
    twice.add("A", b"2", How::Stored);
    let bomb = document(&" ".repeat(32 << 20));
    let cases = [
        (
            "cut in the middle",
            sound[..sound.len() / 2].to_vec(),
            "找不到 ZIP 结尾记录",
        ),
        ("cut at the end", sound[..sound.len() - 5].to_vec(), "损坏"),
        ("wrong checksum", change(directory + 16, &[0; 4]), "校验值"),
        (
            "wrong length",
            change(directory + 24, &[1, 0, 0, 0]),
            "校验值",
        ),
        (
            "other name in the local header",
            change(local_name, b"_RELS"),
            "名称不一致",
        ),
        ("overlap", change(second + 42, &[0; 4]), "不一致"),
        (
            "longer than its room",
            change(directory + 20, &[0xFF, 1, 0, 0]),
            "重叠",
        ),
        ("encrypted entry", change(directory + 8, &[1]), "已加密"),
        (
            "unknown compression",
            change(directory + 10, &[99]),
            "压缩方式 99",
        ),
        (
            "fewer entries than said",
            change(end + 8, &[9, 0, 9]),
            "条目数",
        ),
        ("two of one name", twice.finish(""), "两个"),
        ("bomb", package(bomb.as_bytes(), &[]), "1000 倍"),
        ("no zip", b"PK\x03\x04".to_vec(), "找不到 ZIP 结尾记录"),
    ];
    for (name, bytes, want) in cases {
        let message = refused(bytes);
        assert!(message.contains(want), "{name}: {message}");
    }
    let mut many = Zip::new();
    for n in 0..10_001 {
        many.add(&n.to_string(), b"", How::Stored);
    }
    assert!(refused(many.finish("")).contains("10000"));
}

#[test]
fn two_entries_with_the_same_data_overlap() {
    let mut zip = Zip::new();
    zip.add("a", b"123", How::Stored);
    let twin = zip.directory.clone();
    zip.directory.extend(twin);
    zip.count = 2;
    assert!(refused(zip.finish("")).contains("重叠"));
}

#[test]
fn a_paragraph_that_is_too_long_is_a_notice() {
    let long = "甲乙丙丁戊己庚辛".repeat(24 << 15);
    let mut zip = Zip::new();
    zip.add(
        "[Content_Types].xml",
        types(MAIN_TYPE).as_bytes(),
        How::Stored,
    );
    zip.add(
        "_rels/.rels",
        relations(&[("officeDocument", "word/document.xml")]).as_bytes(),
        How::Stored,
    );
    zip.add(
        "word/document.xml",
        document(&(p(&r(&long)) + &p(&r("后")))).as_bytes(),
        How::Stored,
    );
    let document = read("t.docx", zip.finish(""), &ReadOptions::default()).unwrap();
    assert_eq!(texts(&document), ["后"]);
    assert_eq!(document.notices[0].code, NoticeCode::BlockTooLong);
    assert_eq!(document.notices[0].detail, "1");
}

#[test]
fn deep_and_broad_input_does_not_hang() {
    let boxes = "<w:p><w:r><w:pict><w:txbxContent>".repeat(300)
        + &p(&r("底"))
        + &"</w:txbxContent></w:pict></w:r></w:p>".repeat(300);
    assert_eq!(texts(&body(&boxes)), ["底"]);
    let tables =
        "<w:tbl><w:tr><w:tc>".repeat(1000) + &p(&r("底")) + &"</w:tc></w:tr></w:tbl>".repeat(1000);
    assert_eq!(texts(&body(&tables)), ["底"]);
    let fields = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>".repeat(20_000);
    assert_eq!(texts(&body(&p(&(fields + &r("底"))))), ["底"]);
}

// ---- writing ----

/// Local records by name, from header to the next record, in order.
fn records(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let archive = rawzip::ZipArchive::from_slice(bytes).unwrap();
    let mut starts = Vec::new();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().unwrap() {
        let name = String::from_utf8(entry.file_path().as_bytes().to_vec()).unwrap();
        starts.push((entry.local_header_offset() as usize, name));
    }
    let end = archive.directory_offset() as usize;
    let next: Vec<usize> = starts.iter().skip(1).map(|s| s.0).chain([end]).collect();
    starts
        .into_iter()
        .zip(next)
        .map(|((start, name), next)| (name, bytes[start..next].to_vec()))
        .collect()
}

fn mixed_package() -> Vec<u8> {
    let mut zip = Zip::new();
    zip.add(
        "[Content_Types].xml",
        types(MAIN_TYPE).as_bytes(),
        How::Stored,
    );
    zip.add(
        "_rels/.rels",
        relations(&[("officeDocument", "word/document.xml")]).as_bytes(),
        How::Descriptor,
    );
    zip.add(
        "word/document.xml",
        document(&p(&r("习总书记"))).as_bytes(),
        How::Descriptor,
    );
    zip.add(
        "word/media/image1.png",
        &(0..=255).collect::<Vec<u8>>(),
        How::Deflated,
    );
    zip.finish("注释")
}

#[test]
fn rebuilding_changes_only_what_is_changed() {
    let before = mixed_package();
    assert_eq!(rebuild(&before, &[]).unwrap(), before);

    let new = document(&p(&r("习近平总书记"))).replace("<w:sectPr/>", "<w:sectPr></w:sectPr>");
    for changed in ["word/document.xml", "Word/Document.XML"] {
        let after = rebuild(&before, &[(changed, new.as_bytes())]).unwrap();
        assert_eq!(texts(&open(after.clone())), ["习近平总书记"]);
        assert!(after.ends_with("注释".as_bytes()));
        for (old, new) in records(&before).iter().zip(records(&after)) {
            assert_eq!(old.0, new.0);
            assert_eq!(old.1 == new.1, old.0 != "word/document.xml", "{}", old.0);
            // Name, method and time stay; the flag for a data descriptor goes.
            assert_eq!(old.1[8..14], new.1[8..14]);
            assert!(old.0 != "word/document.xml" || new.1[6] & 8 == 0);
        }
    }

    let stored = types(MAIN_TYPE) + " ";
    let after = rebuild(&before, &[("[Content_Types].xml", stored.as_bytes())]).unwrap();
    assert!(records(&after)[0].1.ends_with(stored.as_bytes()));
    assert!(
        rebuild(&before, &[("word/none.xml", b"")])
            .unwrap_err()
            .message(Lang::En)
            .contains("no such part")
    );
}

#[test]
fn added_entries_stand_behind_the_others() {
    for before in [
        mixed_package(),
        [b"#!/bin/sh\n", &mixed_package()[..]].concat(),
    ] {
        let archive = super::zip::Archive::open(&before).unwrap();
        let new = document(&p(&r("习近平总书记")));
        let changed: [(&str, &[u8]); 1] = [("word/document.xml", new.as_bytes())];
        let added: [(&str, &[u8]); 2] = [("word/comments.xml", b"<a/>"), ("word/批注.xml", b"")];
        let after = archive.rebuild(&changed, &added).unwrap();
        assert_eq!(texts(&open(after.clone())), ["习近平总书记"]);
        assert!(after.ends_with("注释".as_bytes()));
        let (old, new) = (records(&before), records(&after));
        let names: Vec<_> = new[old.len()..].iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["word/comments.xml", "word/批注.xml"]);
        assert_eq!(old[0], new[0]);
        // The time is that of the others; a name that is not ASCII is marked as UTF-8.
        assert_eq!(new[4].1[10..14], old[0].1[10..14]);
        assert_eq!((new[4].1[7] & 8, new[5].1[7] & 8), (0, 8));
        let mut archive = super::zip::Archive::open(&after).unwrap();
        assert_eq!(archive.read("word/comments.xml").unwrap().unwrap(), b"<a/>");
        assert_eq!(archive.read("word/批注.xml").unwrap().unwrap(), b"");
        let taken = archive.rebuild(&[], &[("Word/Comments.xml", b"")]);
        let message = taken.unwrap_err().message(Lang::En);
        assert!(message.contains("such a part already"), "{message}");
    }
}

#[test]
fn what_stands_before_the_zip_and_behind_it_stays() {
    let mut before = b"#!/bin/sh\n".to_vec();
    before.extend(mixed_package());
    assert_eq!(rebuild(&before, &[]).unwrap(), before);
    let after = rebuild(
        &before,
        &[("word/document.xml", document(&p(&r("乙"))).as_bytes())],
    )
    .unwrap();
    assert!(after.starts_with(b"#!/bin/sh\nPK"));
    assert_eq!(texts(&open(after)), ["乙"]);
}

#[test]
fn wide_extra_fields_of_a_changed_entry_go() {
    // A local header that keeps its sizes in a 64-bit extra field, as streaming writers make it.
    let content = document(&p(&r("甲")));
    let mut zip = Zip::new();
    zip.add(
        "[Content_Types].xml",
        types(MAIN_TYPE).as_bytes(),
        How::Stored,
    );
    zip.add(
        "_rels/.rels",
        relations(&[("officeDocument", "word/document.xml")]).as_bytes(),
        How::Stored,
    );
    let start = zip.out.len();
    zip.add("word/document.xml", content.as_bytes(), How::Stored);
    let size = (content.len() as u64).to_le_bytes();
    zip.out[start + 18..start + 26].fill(0xFF);
    zip.out[start + 28] = 20;
    let extra_at = start + 30 + "word/document.xml".len();
    let extra: Vec<u8> = [1, 0, 16, 0].into_iter().chain(size).chain(size).collect();
    zip.out.splice(extra_at..extra_at, extra);
    let before = zip.finish("");
    assert_eq!(texts(&open(before.clone())), ["甲"]);
    let new = document(&p(&r("乙")));
    let after = rebuild(&before, &[("word/document.xml", new.as_bytes())]).unwrap();
    assert_eq!(texts(&open(after.clone())), ["乙"]);
    let record = &records(&after)[2].1;
    assert_eq!(record[28..30], [0, 0]);
    assert_eq!(record[18..22], (new.len() as u32).to_le_bytes());
}

#[test]
fn what_must_not_be_written() {
    let settings = |inner: &str| format!("<w:settings xmlns:w=\"{W}\">{inner}</w:settings>");
    let with = |inner: &str| {
        package(
            document("").as_bytes(),
            &[("settings", "settings.xml", &settings(inner))],
        )
    };
    let message = |bytes: &[u8]| refusal_to_write(bytes).map(|e| e.message(Lang::Zh));
    assert_eq!(message(&mixed_package()), None);
    assert_eq!(
        message(&with(
            "<w:documentProtection w:edit=\"readOnly\" w:enforcement=\"0\"/>"
        )),
        None
    );
    let protected = with("<w:documentProtection w:edit=\"readOnly\" w:enforcement=\"1\"/>");
    assert!(message(&protected).unwrap().contains("限制编辑"));

    let mut zip = Zip::new();
    zip.add(
        "[Content_Types].xml",
        types(MAIN_TYPE).as_bytes(),
        How::Stored,
    );
    zip.add(
        "_rels/.rels",
        relations(&[("officeDocument", "word/document.xml")]).as_bytes(),
        How::Stored,
    );
    zip.add("word/document.xml", document("").as_bytes(), How::Stored);
    zip.add("_xmlsignatures/sig1.xml", b"<a/>", How::Stored);
    assert!(message(&zip.finish("")).unwrap().contains("签名"));

    // A 64-bit end record in front of the plain one.
    let mut wide = mixed_package();
    let end = wide.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    wide.splice(end..end, b"PK\x06\x07".iter().copied().chain([0xFF; 16]));
    assert!(message(&wide).is_some());
    assert!(message(b"PK\x03\x04").unwrap().contains("ZIP"));
}

// ---- properties ----

const OPEN: [&str; 24] = [
    "w:p",
    "w:r",
    "w:t",
    "w:tbl",
    "w:tr",
    "w:tc",
    "w:txbxContent",
    "w:sdt",
    "w:sdtPr",
    "w:sdtContent",
    "w:rPr",
    "w:pPr",
    "w:ins",
    "w:del",
    "mc:AlternateContent",
    "mc:Choice",
    "mc:Fallback",
    "w:hyperlink",
    "w:instrText",
    "w:footnote",
    "w:ruby",
    "w:rt",
    "a:p",
    "a:t",
];
const EMPTY: [&str; 18] = [
    r#"<w:fldChar w:fldCharType="begin"/>"#,
    r#"<w:fldChar w:fldCharType="separate"/>"#,
    r#"<w:fldChar w:fldCharType="end"/>"#,
    "<w:tab/>",
    "<w:br/>",
    "<w:vanish/>",
    "<w:strike/>",
    "<w:showingPlcHdr/>",
    "<w:dataBinding/>",
    r#"<w:bookmarkStart w:name="x"/>"#,
    r#"<wp:docPr descr="甲"/>"#,
    "<m:oMath/>",
    "甲",
    " 乙\r\n",
    "&amp;",
    "&#20057;",
    "PAGE",
    "<![CDATA[x]]>",
];

/// Well-formed XML of the elements that mean something, nested at random.
fn arbitrary_body() -> impl Strategy<Value = String> {
    prop::collection::vec((0..3u8, any::<prop::sample::Index>()), 0..200).prop_map(|steps| {
        let mut xml = String::new();
        let mut open = Vec::new();
        for (step, index) in steps {
            match step {
                0 => {
                    let name = OPEN[index.index(OPEN.len())];
                    xml.push_str(&format!("<{name}>"));
                    open.push(name);
                }
                1 => xml.push_str(EMPTY[index.index(EMPTY.len())]),
                _ => {
                    if let Some(name) = open.pop() {
                        xml.push_str(&format!("</{name}>"));
                    }
                }
            }
        }
        while let Some(name) = open.pop() {
            xml.push_str(&format!("</{name}>"));
        }
        xml
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_nesting_is_read_with_sound_maps(text in arbitrary_body()) {
        body(&text);
    }

    #[test]
    fn any_damage_to_the_xml_is_survived(text in arbitrary_body(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut main = document(&text).into_bytes();
        let at = at.index(main.len());
        main[at] = byte;
        if let Ok(document) = read("t.docx", package(&main, &[]), &ReadOptions::default()) {
            check_maps(&document);
        }
    }

    #[test]
    fn any_damage_to_the_zip_is_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut in any::<prop::sample::Index>()) {
        let mut bytes = mixed_package();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if byte_is_low(&cut) {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read("t.docx", bytes.clone(), &ReadOptions::default());
        let _ = rebuild(&bytes, &[("word/document.xml", b"<a/>")]);
        let _ = refusal_to_write(&bytes);
        let _ = explain_cfb(&bytes);
    }

    #[test]
    fn any_content_is_written_and_read_back(content in prop::collection::vec(any::<u8>(), 0..3000)) {
        let before = mixed_package();
        let after = rebuild(&before, &[("word/media/image1.png", &content)]).unwrap();
        let (old, new) = (records(&before), records(&after));
        prop_assert_eq!(&old[..3], &new[..3]);
        let back = super::zip::Archive::open(&after).unwrap().read("word/media/image1.png").unwrap().unwrap();
        prop_assert_eq!(back, content);
    }
}

/// Every fourth case is also cut off.
fn byte_is_low(index: &prop::sample::Index) -> bool {
    index.index(4) == 0
}
