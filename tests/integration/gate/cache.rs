//! Results that are kept for the next run never change one.

use super::{office, zhengming};
use crate::support::{Folder, Run, docx, paragraph};

fn both(folder: &Folder, words: &str) -> Run {
    let cached = zhengming(folder, &format!("check --format json --cache {words}"));
    let fresh = zhengming(folder, &format!("check --format json --no-cache {words}"));
    assert_eq!(cached.code, fresh.code, "{words}");
    assert_eq!(cached.json(), fresh.json(), "{words}");
    cached
}

#[test]
fn cached_and_uncached_runs_agree_over_random_edits() {
    let folder = office(&[]);
    let pieces = [
        "学习习总书记讲话。",
        "截止目前，完成。",
        "扫黑险恶",
        "2026年11月24日",
        "<!-- zhengming-ignore test: 引文 -->",
        "很好",
        "\n\n",
        "&#20064;",
    ];
    let mut state = 20_261_124_u64;
    let mut random = |below: usize| {
        // A linear congruential generator is random enough, and the same on every run.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    let names = ["a.txt", "b.md", "c.html", "下 级/d.txt", "e.docx"];
    for round in 0..25 {
        for _ in 0..2 {
            let name = names[random(names.len())];
            let text: String = (0..random(6))
                .map(|_| pieces[random(pieces.len())])
                .collect();
            match random(8) {
                0 => drop(std::fs::remove_file(folder.path(name))),
                _ if name == "e.docx" => {
                    let text = text.replace(['<', '>', '&'], "");
                    folder.write(name, &docx(&paragraph(&text), &[]));
                }
                1 => folder.write(name, &encoding_rs::GB18030.encode(&text).0),
                _ => folder.write(name, text.as_bytes()),
            }
        }
        match random(6) {
            0 => {
                zhengming(&folder, "baseline update --add");
            }
            1 => folder.write(
                "zhengming.toml",
                format!(
                    "{}[[allow]]\nrule = 'test/扫黑除恶'\nreason = '{round}'\n",
                    super::CONFIG
                )
                .as_bytes(),
            ),
            2 => folder.write("zhengming.toml", super::CONFIG.as_bytes()),
            3 => folder.write(
                "词库.toml",
                format!("{}'很好' = '优良{round}'\n", super::LEXICON).as_bytes(),
            ),
            _ => {}
        }
        if round == 5 {
            zhengming(&folder, "baseline write");
        }
        let words = [
            "",
            "--with comments",
            "--date 2020-01-01",
            "--encoding gb18030",
        ];
        both(&folder, words[random(words.len())]);
        both(&folder, "");
    }
    assert!(folder.path(".zhengming-cache/results").exists());
}

#[test]
fn a_cache_is_used_and_a_broken_one_is_not() {
    let folder = office(&[("a.txt", "学习习总书记讲话。\n"), ("b.txt", "好\n")]);
    let first = both(&folder, "");
    let path = ".zhengming-cache/results";
    let whole = folder.read(path);
    assert_eq!(folder.read(".zhengming-cache/.gitignore"), b"*\n");
    // Nothing new, nothing written.
    let before = std::fs::metadata(folder.path(path))
        .unwrap()
        .modified()
        .unwrap();
    both(&folder, "");
    let after = std::fs::metadata(folder.path(path))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after);
    for at in (0..whole.len()).step_by(whole.len() / 30) {
        let mut broken = whole.clone();
        broken[at] ^= 1;
        folder.write(path, &broken);
        assert_eq!(both(&folder, "").json(), first.json());
        folder.write(path, &whole[..at]);
        assert_eq!(both(&folder, "").json(), first.json());
    }
    // One that cannot be written is worth a word and no more.
    std::fs::remove_dir_all(folder.path(".zhengming-cache")).unwrap();
    folder.write(".zhengming-cache", b"");
    let run = zhengming(&folder, "check --cache --format json");
    assert_eq!(run.code, first.code);
    assert_eq!(run.json(), first.json());
    assert!(run.stderr.contains("缓存未保存"), "{run:?}");
    // The configuration may ask for it, and the command line has the last word.
    std::fs::remove_file(folder.path(".zhengming-cache")).unwrap();
    folder.write(
        "zhengming.toml",
        format!("{}cache = true", super::CONFIG).as_bytes(),
    );
    zhengming(&folder, "check --no-cache");
    assert!(!folder.path(path).exists());
    zhengming(&folder, "check");
    assert!(folder.path(path).exists());
}
