//! Bytes per second of each stage: decode, read, fold, scan, and the whole way.
//!
//! `cargo bench` prints the median and the throughput of each. The text is the project's own corpus of laws, so that what
//! is rare in good text is rare here too.

use divan::Bencher;
use divan::counter::BytesCount;
use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Config, Document, Linter, ReadOptions};

fn main() {
    divan::main();
}

/// About a megabyte of good prose, a paragraph a line.
fn prose() -> String {
    let draft = include_str!("../examples/drafts/notice.txt")
        .replace("习总书记", "习近平总书记")
        .replace("从严治党", "全面从严治党")
        .replace("一二三产融合", "一二三产业融合")
        .replace("巩固拓展脱贫成果", "巩固拓展脱贫攻坚成果")
        .replace("政府采购实施条例", "政府采购法实施条例");
    draft.repeat(1_000_000 / draft.len() + 1)
}

fn markdown() -> String {
    prose().replace("\n　　", "\n\n")
}

fn html() -> String {
    let paragraphs: String = prose().lines().map(|l| format!("<p>{l}</p>\n")).collect();
    format!("<!DOCTYPE html><meta charset=\"utf-8\"><title>通知</title>\n{paragraphs}")
}

fn builtin() -> Linter {
    let lexicon = Lexicon::load(&[Layer::builtin()]).expect("the embedded lexicon is valid");
    Linter::new(&lexicon, &Config::default()).expect("the embedded lexicon compiles")
}

fn parse(name: &str, bytes: Vec<u8>) -> Document {
    Document::parse(name, bytes, &ReadOptions::default()).expect("the bench's own text")
}

/// Decoding with a reader that does nearly nothing.
#[divan::bench(args = ["utf-8", "gb18030", "utf-16le"])]
fn decode(bencher: Bencher<'_, '_>, encoding: &str) {
    let text = prose();
    let bytes = match encoding {
        "gb18030" => encoding_rs::GB18030.encode(&text).0.into_owned(),
        "utf-16le" => [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect(),
        _ => text.into_bytes(),
    };
    bencher
        .counter(BytesCount::new(bytes.len()))
        .with_inputs(|| bytes.clone())
        .bench_values(|bytes| parse("a.txt", bytes));
}

/// Decoding and reading.
#[divan::bench(args = ["txt", "md", "html", "docx"])]
fn read(bencher: Bencher<'_, '_>, extension: &str) {
    let bytes = match extension {
        "md" => markdown().into_bytes(),
        "html" => html().into_bytes(),
        "docx" => include_bytes!("../examples/drafts/notice.docx").to_vec(),
        _ => prose().into_bytes(),
    };
    let name = format!("a.{extension}");
    bencher
        .counter(BytesCount::new(bytes.len()))
        .with_inputs(|| bytes.clone())
        .bench_values(|bytes| parse(&name, bytes));
}

/// The normal form, on text in which every third paragraph needs it.
#[divan::bench]
fn fold(bencher: Bencher<'_, '_>) {
    let text = prose();
    let lines: Vec<&str> = text.lines().collect();
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        lines
            .iter()
            .map(|l| zhengming::normal::fold(l).text().len())
            .sum::<usize>()
    });
}

/// Filter and automaton, on a document that has been read.
#[divan::bench]
fn scan(bencher: Bencher<'_, '_>) {
    let linter = builtin();
    let text = prose();
    let document = parse("a.txt", text.clone().into_bytes());
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| linter.lint(&document));
}

/// From bytes to diagnostics.
#[divan::bench]
fn whole(bencher: Bencher<'_, '_>) {
    let linter = builtin();
    let text = prose();
    bencher
        .counter(BytesCount::of_str(&text))
        .with_inputs(|| text.clone().into_bytes())
        .bench_values(|bytes| linter.lint(&parse("a.txt", bytes)));
}

/// Loading and compiling the embedded lexicon: what every run pays.
#[divan::bench]
fn start(bencher: Bencher<'_, '_>) {
    bencher.bench(builtin);
}
