//! A name for each diagnostic that lasts while the text around it is moved, wrapped or indented anew.
//!
//! Baselines and the pipelines that compare two runs know a diagnostic by it.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::Diagnostic;
use crate::normal::fold;

/// Characters of context that count on either side, blanks left out. Fewer would mix up different places of one mistake;
/// with more of them, work on the next sentence would make an old mistake look new.
const CONTEXT: usize = 12;

/// Stands before what is hashed: another way of hashing gets another number.
const VERSION: &str = "zhengming-fingerprint/1";

/// The fingerprints of one document's diagnostics, in their order: 64 hexadecimal digits each, no two alike.
///
/// A fingerprint is made of the path, the rule, what was found, the context without blanks and invisible characters, and,
/// where all of these agree, the how-manieth it is. Lines, columns, severity, encoding and the other diagnostics do not
/// count. `diagnostics` must be all of the document's, suppressed ones too, or the counting goes wrong; `path` should be
/// the same wherever the run starts, so it is best relative to the root of what is checked. Its separators are `/`, and a
/// leading `./` does not count.
#[must_use]
pub fn fingerprints(path: &str, diagnostics: &[Diagnostic]) -> Vec<String> {
    let path = path.trim_start_matches("./");
    let mut seen: HashMap<[u8; 32], u64> = HashMap::new();
    let each = diagnostics.iter().map(|d| {
        let before = significant(&d.excerpt.before);
        let after = significant(&d.excerpt.after);
        let from = before.len().saturating_sub(CONTEXT);
        let to = after.len().min(CONTEXT);
        let before: String = before[from..].iter().collect();
        let after: String = after[..to].iter().collect();
        let alike = hash(&[VERSION, path, &d.rule, &d.found, &before, &after]);
        let ordinal = seen.entry(alike).or_default();
        *ordinal += 1;
        let digest = Sha256::new()
            .chain_update(alike)
            .chain_update(ordinal.to_le_bytes());
        hexadecimal(&digest.finalize())
    });
    each.collect()
}

/// The characters in normal form, without blanks and line breaks.
fn significant(text: &str) -> Vec<char> {
    let folded = fold(text);
    let chars = folded.text().chars();
    chars.filter(|c| !c.is_whitespace()).collect()
}

fn hash(fields: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

fn hexadecimal(digest: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or_default();
    let digits = digest.iter().flat_map(|b| [b >> 4, b & 15]);
    digits.map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Layer, Lexicon};
    use crate::{Config, Document, Linter, ReadOptions};

    fn of(path: &str, text: &str) -> Vec<String> {
        let pairs =
            "category = 'test'\n[pairs]\n'习总书记' = '习近平总书记'\n'截止目前' = '截至目前'\n";
        let layer = Layer {
            name: "test".to_owned(),
            files: vec![("test.toml".to_owned(), pairs.to_owned())],
            ..Layer::default()
        };
        let lexicon = Lexicon::load(&[layer]).unwrap();
        let linter = Linter::new(&lexicon, &Config::default()).unwrap();
        let bytes = text.as_bytes().to_vec();
        let document = Document::parse(path, bytes, &ReadOptions::default()).unwrap();
        fingerprints(path, &linter.lint(&document))
    }

    const SENTENCE: &str = "全市各级各部门要认真学习贯彻习总书记重要讲话精神，结合实际抓好落实。";

    #[test]
    fn what_moves_keeps_its_fingerprint() {
        let before = of("a.txt", SENTENCE);
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].len(), 64);
        for text in [
            format!("新的一段。\n\n又一段。\n\n{SENTENCE}"),
            SENTENCE.replace("重要讲话", "重要\n讲话"),
            SENTENCE.replace("重要讲话", "重要\u{200b}讲话"),
            SENTENCE.replace("全市各级", "全县各级"),
            SENTENCE.replace("落实。", "工作，截止目前已有成效。"),
        ] {
            let after = of("a.txt", &text);
            assert!(after.contains(&before[0]), "{text}");
        }
        assert_eq!(of("./a.txt", SENTENCE), before);
    }

    #[test]
    fn what_differs_differs() {
        let mut all = of("a.txt", SENTENCE);
        all.extend(of("b.txt", SENTENCE));
        all.extend(of("a.txt", &SENTENCE.replace("认真学习", "深入学习")));
        all.extend(of("a.txt", &SENTENCE.replace("习总书记", "截止目前")));
        assert_eq!(all.len(), 4);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn what_is_alike_is_counted() {
        let one = of("a.txt", SENTENCE);
        let three = of("a.txt", &format!("{SENTENCE}\n\n{SENTENCE}\n\n{SENTENCE}"));
        assert_eq!(three.len(), 3);
        assert_eq!(three[0], one[0]);
        assert_ne!(three[1], three[0]);
        assert_ne!(three[1], three[2]);
        assert_ne!(three[0], three[2]);
    }
}
