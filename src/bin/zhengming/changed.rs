//! Which lines of a document are new.

use std::collections::HashMap;

use zhengming::{Diagnostic, Document, Kind};

/// Drops diagnostics that touch no new line. A docx has no lines, so all of it counts; so does a document that was not
/// there before.
///
/// A line is new when the document did not have it before, wherever it stood: what was only moved is yesterday's debt. Of
/// lines that are alike, the first ones are the old ones.
pub(crate) fn keep(before: Option<&Document>, now: &Document, diagnostics: &mut Vec<Diagnostic>) {
    let Some(before) = before.filter(|_| now.kind != Kind::Docx) else {
        return;
    };
    let old = lines(before);
    let mut left: HashMap<&str, usize> = HashMap::new();
    for line in split(&old) {
        *left.entry(line).or_default() += 1;
    }
    let now = lines(now);
    let is_new = |line: &str| match left.get_mut(line) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    let new: Vec<bool> = split(&now).map(is_new).collect();
    diagnostics.retain(|d| {
        d.spans.iter().any(|location| {
            let lines = location.start.line..=location.end.line;
            lines
                .into_iter()
                .any(|line| new.get(line - 1).is_none_or(|new| *new))
        })
    });
}

/// The text of a flat file with one kind of line ends.
fn lines(document: &Document) -> String {
    let text = document.parts.first().map_or("", |part| part.text());
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    text.replace("\r\n", "\n")
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhengming::lexicon::Layer;
    use zhengming::{Config, Lexicon, Linter, ReadOptions};

    fn told(before: Option<&[u8]>, now: &[u8]) -> Vec<usize> {
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![(
                "test.toml".to_owned(),
                "category = 'test'\n[pairs]\n'习总书记' = '习近平总书记'\n".to_owned(),
            )],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        let linter = Linter::new(&lexicon, &Config::default()).unwrap();
        let read = |bytes: &[u8]| {
            Document::parse("a.txt", bytes.to_vec(), &ReadOptions::default()).unwrap()
        };
        let now = read(now);
        let mut diagnostics = linter.lint(&now);
        keep(before.map(read).as_ref(), &now, &mut diagnostics);
        diagnostics.iter().map(|d| d.spans[0].start.line).collect()
    }

    #[test]
    fn only_new_lines_count() {
        let old = "学习习总书记讲话\n\n二\n".as_bytes();
        for (now, want) in [
            ("学习习总书记讲话\n\n二\n", &[][..]),
            ("学习习总书记讲话\r\n\r\n二\r\n", &[]),
            ("\u{FEFF}学习习总书记讲话\n\n二\n", &[]),
            ("新\n\n二\n\n学习习总书记讲话\n", &[]),
            ("新\n\n贯彻习总书记讲话\n\n学习习总书记讲话", &[3]),
            ("学习习总书记讲话\n\n学习习总书记讲话\n", &[3]),
            ("学习习总书记讲话\n\n学习习\n总书记讲话\n", &[3]),
            ("学习习总书记讲话！\n\n二\n", &[1]),
        ] {
            assert_eq!(told(Some(old), now.as_bytes()), want, "{now}");
        }
        assert_eq!(told(None, old), [1]);
        let gbk = encoding_rs::GBK.encode("学习习总书记讲话\n二\n").0;
        assert_eq!(told(Some(old), &gbk), Vec::<usize>::new());
    }
}
