//! Plain text: lines -> paragraphs.
//!
//! A block is a run of lines that the normal form would join, so that a form wrapped over two lines is found; it ends
//! wherever the normal form has a boundary. Text that is not looked at does not exist: what lies between two blocks is
//! white space.

use memchr::{memchr_iter, memchr3_iter, memmem};

use crate::document::{Block, BlockKind, Document};
use crate::normal::tables::{CLOSERS, ends_paragraph, is_blank, starts_paragraph};

/// Finds the paragraphs of a part.
pub(crate) fn read(document: &mut Document, part: usize) {
    let text = document.parts[part].text();
    let bytes = text.as_bytes();
    let mut paragraphs = Paragraphs {
        text,
        part,
        blocks: std::mem::take(&mut document.blocks),
        start: 0,
        end: 0,
        ended: true,
    };
    // Few blocks are shorter than a line. What is reserved and not used costs no memory.
    let lines = memchr_iter(b'\n', bytes).count() + 1;
    paragraphs.blocks.reserve(lines.min(bytes.len() / 32 + 1));
    let mut start = 0;
    for at in memchr3_iter(b'\n', b'\r', b'\x0C', bytes) {
        // The empty line inside \r\n is no blank line.
        if start < at || bytes[at] != b'\n' || at == 0 || bytes[at - 1] != b'\r' {
            paragraphs.line(start, at);
        }
        if bytes[at] == b'\x0C' {
            paragraphs.ended = true;
        }
        start = at + 1;
    }
    paragraphs.line(start, bytes.len());
    paragraphs.finish();
    document.blocks = paragraphs.blocks;
}

/// A block longer than this ends at the next line break.
const LONG_BLOCK: usize = 64 << 10;

/// A line longer than this is cut behind a full stop, if it has one.
const LONG_LINE: usize = 1 << 20;

struct Paragraphs<'a> {
    text: &'a str,
    part: usize,
    blocks: Vec<Block>,
    /// Where the paragraph at hand starts and its last line ends, without white space around it.
    start: usize,
    end: usize,
    /// Whether the next line starts a new paragraph, whatever it looks like.
    ended: bool,
}

impl Paragraphs<'_> {
    /// Takes in the line from `start` to `end`, without its line break.
    fn line(&mut self, start: usize, end: usize) {
        let line = &self.text[start..end];
        let head = line.trim_start_matches(is_blank);
        if head.is_empty() {
            self.ended = true;
            return;
        }
        let tail = line.trim_end_matches(is_blank);
        if self.ended || end - self.start > LONG_BLOCK || starts_paragraph(line) {
            self.finish();
            self.start = end - head.len();
        }
        self.end = start + tail.len();
        self.ended = ends_paragraph(tail);
    }

    /// Makes a block of the paragraph at hand, if there is one.
    fn finish(&mut self) {
        while self.end - self.start > LONG_LINE {
            let cut = self.start + cut(&self.text[self.start..self.end]);
            self.push(self.start, cut);
            self.start = self.end - self.text[cut..self.end].trim_start_matches(is_blank).len();
        }
        self.push(self.start, self.end);
        self.start = self.end;
    }

    fn push(&mut self, start: usize, end: usize) {
        if start < end {
            self.blocks
                .push(Block::slice(self.part, BlockKind::Paragraph, &(start..end)));
        }
    }
}

/// Where to cut a long text: behind the last sentence that ends within [`LONG_LINE`] bytes, else behind the first one.
fn cut(text: &str) -> usize {
    const STOP: &str = "。";
    let within = &text.as_bytes()[..LONG_LINE];
    let stop = memmem::rfind(within, STOP.as_bytes())
        .or_else(|| memmem::find(text.as_bytes(), STOP.as_bytes()));
    match stop {
        None => text.len(),
        Some(at) => {
            let behind = &text[at + STOP.len()..];
            text.len() - behind.trim_start_matches(|c| CLOSERS.contains(c)).len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Kind, Meta, ReadOptions};
    use crate::source::Part;

    fn document(text: &str) -> Document {
        let mut document = Document {
            name: "通知.txt".to_owned(),
            kind: Kind::Text,
            parts: vec![Part::utf8("", text.to_owned())],
            blocks: Vec::new(),
            marks: Vec::new(),
            meta: Meta::default(),
            notices: Vec::new(),
            package: None,
            options: ReadOptions::default(),
        };
        read(&mut document, 0);
        document
    }

    fn blocks(document: &Document) -> Vec<&str> {
        document.blocks.iter().map(|b| document.text(b)).collect()
    }

    #[test]
    fn paragraphs_end_where_the_normal_form_has_a_boundary() {
        let cases: [(&str, &[&str]); 28] = [
            ("", &[]),
            (" \n\t\r\n　　\n", &[]),
            ("\u{FEFF}", &[]),
            ("甲", &["甲"]),
            ("\u{FEFF}甲\n", &["甲"]),
            ("甲\n乙", &["甲\n乙"]),
            ("甲\r\n乙\r丙\n", &["甲\r\n乙\r丙"]),
            ("甲\n  乙\n　丙", &["甲\n  乙\n　丙"]),
            ("甲\n\n乙", &["甲", "乙"]),
            ("甲\r\n\r\n乙", &["甲", "乙"]),
            ("甲\r\r乙", &["甲", "乙"]),
            ("甲\n\r乙", &["甲", "乙"]),
            ("甲\n 　\t\n乙", &["甲", "乙"]),
            ("甲\x0C乙", &["甲", "乙"]),
            ("甲\n\x0C乙", &["甲", "乙"]),
            ("甲。\n乙", &["甲。", "乙"]),
            ("甲。”\r\n乙", &["甲。”", "乙"]),
            ("甲：\n乙；\r丙", &["甲：", "乙；", "丙"]),
            ("甲。乙\n丙", &["甲。乙\n丙"]),
            ("甲，\n乙", &["甲，\n乙"]),
            ("甲\n　　乙", &["甲", "乙"]),
            ("　　甲\n乙  \n　　丙　\n", &["甲\n乙", "丙"]),
            ("甲\n一、乙\n（二）丙", &["甲", "一、乙", "（二）丙"]),
            ("甲\n1.乙\n2.5倍\n① 丙", &["甲", "1.乙\n2.5倍", "① 丙"]),
            (
                "甲\n第一章　乙\n第一条　丙\n第三条规定",
                &["甲", "第一章　乙", "第一条　丙\n第三条规定"],
            ),
            ("  甲 乙\t丙  ", &["甲 乙\t丙"]),
            ("甲\u{200B}\n\u{200B}\n乙", &["甲", "乙"]),
            ("甲 \n 乙 \n\n", &["甲 \n 乙"]),
        ];
        for (text, expected) in cases {
            assert_eq!(blocks(&document(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn a_long_paragraph_ends_at_a_line_break() {
        let line = "甲".repeat(100) + "\n";
        let text = line.repeat(1000);
        let document = document(&text);
        let blocks = blocks(&document);
        assert_eq!(blocks.len(), 5);
        assert!(
            blocks
                .iter()
                .all(|b| b.len() <= LONG_BLOCK && b.len() > LONG_BLOCK / 2 - 302)
        );
        let back = blocks.join("\n") + "\n";
        assert_eq!(back, text);
    }

    #[test]
    fn a_very_long_line_is_cut_behind_a_sentence_and_nothing_is_lost() {
        let sentence = "甲".repeat(1000) + "。”";
        let text = sentence.repeat(1000);
        let document = document(&text);
        let blocks = blocks(&document);
        assert_eq!(blocks.concat(), text);
        assert!(blocks.len() > 2);
        assert!(
            blocks
                .iter()
                .all(|b| b.len() <= LONG_LINE + 3 && b.ends_with("。”"))
        );

        for text in [
            "乙".repeat(LONG_LINE),
            "乙".repeat(LONG_LINE) + "。丙",
            "。".repeat(LONG_LINE),
        ] {
            let document = self::document(&text);
            assert_eq!(self::blocks(&document).concat(), text);
        }
    }

    #[test]
    fn only_white_space_lies_between_blocks() {
        let text = "\u{FEFF}关于印发\n\n各单位：\r\n　　甲\n乙\r\r一、丙。\n\x0C 丁\u{200B} \n";
        let document = document(text);
        let mut end = 0;
        for block in &document.blocks {
            let range = &block.pieces(&(0..document.text(block).len()))[0].source;
            assert!(text[end..range.start].chars().all(is_blank), "{range:?}");
            assert!(
                !document.text(block).starts_with(is_blank)
                    && !document.text(block).ends_with(is_blank)
            );
            end = range.end;
        }
        assert!(text[end..].chars().all(is_blank));
    }
}
