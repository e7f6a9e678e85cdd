//! How two lexicons differ, in words.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use zhengming::report::{severity_name, visible};
use zhengming::{Entry, Lang, Lexicon};

use crate::args::DiffArgs;
use crate::explain::fix_name;
use crate::settings::read_layer;

pub(super) fn run(args: &DiffArgs, lang: Lang) -> Result<ExitCode> {
    let old = Lexicon::load(&[read_layer(&args.old, lang)?])?;
    let new = Lexicon::load(&[read_layer(&args.new, lang)?])?;
    let changes = changes(&old, &new, lang);
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in &changes {
        writeln!(out, "{line}")?;
    }
    if changes.is_empty() {
        writeln!(
            out,
            "{}",
            lang.pick("两个词库相同", "the lexicons are the same")
        )?;
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(!changes.is_empty())))
}

/// An entry is known by its rule, by whether it stands in `[pairs]`, and by its number among those that share both.
type Key<'l> = (&'l str, bool, usize);

fn by_key(lexicon: &Lexicon) -> BTreeMap<Key<'_>, &Entry> {
    let mut entries = BTreeMap::new();
    for entry in lexicon.entries() {
        let mut key = (entry.id.as_str(), entry.is_pair, 0);
        while entries.contains_key(&key) {
            key.2 += 1;
        }
        entries.insert(key, entry);
    }
    entries
}

fn changes(old: &Lexicon, new: &Lexicon, lang: Lang) -> Vec<String> {
    let (old, new) = (by_key(old), by_key(new));
    let mut lines = Vec::new();
    let mut keys: Vec<_> = old.keys().chain(new.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        match (old.get(key), new.get(key)) {
            (None, Some(entry)) => lines.push(whole("+", lang.pick("新增", "added"), entry, lang)),
            (Some(entry), None) => {
                lines.push(whole("-", lang.pick("删去", "removed"), entry, lang));
            }
            (Some(old), Some(new)) => {
                let details = details(old, new, lang);
                if !details.is_empty() {
                    let colon = lang.pick("：", ": ");
                    let details = details.join(lang.pick("；", "; "));
                    let word = lang.pick("改动", "changed");
                    lines.push(format!("~ {word} {}{colon}{details}", visible(&new.id)));
                }
            }
            (None, None) => {}
        }
    }
    lines
}

fn whole(sign: &str, word: &str, entry: &Entry, lang: Lang) -> String {
    let list = |forms: &[String]| visible(&forms.join(lang.pick("、", ", "))).into_owned();
    let (rule, colon) = (visible(&entry.id), lang.pick("：", ": "));
    let (wrong, right) = (list(&entry.forbidden), list(&entry.canonical));
    format!("{sign} {word} {rule}{colon}{wrong} → {right}")
}

fn details(old: &Entry, new: &Entry, lang: Lang) -> Vec<String> {
    let mut details = Vec::new();
    let lists = [
        (("规范写法", "right"), &old.canonical, &new.canonical),
        (("错误写法", "wrong forms"), &old.forbidden, &new.forbidden),
        (
            ("前面是这些时不报", "unless preceded by"),
            &old.unless_preceded_by,
            &new.unless_preceded_by,
        ),
        (
            ("后面是这些时不报", "unless followed by"),
            &old.unless_followed_by,
            &new.unless_followed_by,
        ),
        (
            ("在这些词语中不报", "unless inside"),
            &old.unless_inside,
            &new.unless_inside,
        ),
        (
            ("同一句有这些时不报", "unless the sentence holds"),
            &old.unless_in_sentence,
            &new.unless_in_sentence,
        ),
        (("错例", "bad examples"), &old.bad, &new.bad),
        (("正例", "good examples"), &old.good, &new.good),
    ];
    for ((zh, en), old, new) in lists {
        let missing = |from: &[String], other: &[String]| {
            let gone = from.iter().filter(|f| !other.contains(f));
            let gone: Vec<_> = gone.map(|f| format!("“{}”", visible(f))).collect();
            gone.join(lang.pick("、", ", "))
        };
        let (gone, come) = (missing(old, new), missing(new, old));
        let mut parts = Vec::new();
        if !come.is_empty() {
            parts.push(format!("{}{come}", lang.pick("增加", "with ")));
        }
        if !gone.is_empty() {
            parts.push(format!("{}{gone}", lang.pick("去掉", "without ")));
        }
        if parts.is_empty() && old != new {
            parts.push(lang.pick("次序改变", "in another order").to_owned());
        }
        if !parts.is_empty() {
            let parts = parts.join(lang.pick("，", ", "));
            details.push(format!("{} {parts}", lang.pick(zh, en)));
        }
    }
    let texts = [
        (
            ("级别", "severity"),
            Some(severity_name(old.severity, lang).to_owned()),
            Some(severity_name(new.severity, lang).to_owned()),
        ),
        (
            ("改正", "fix"),
            Some(fix_name(old.fix, lang).to_owned()),
            Some(fix_name(new.fix, lang).to_owned()),
        ),
        (("理由", "reason"), old.reason.clone(), new.reason.clone()),
        (("依据", "source"), old.source.clone(), new.source.clone()),
        (
            ("从这一天起适用", "applies from"),
            old.valid_from.map(|d| d.to_string()),
            new.valid_from.map(|d| d.to_string()),
        ),
        (
            ("到这一天为止是对的", "right until"),
            old.valid_until.map(|d| d.to_string()),
            new.valid_until.map(|d| d.to_string()),
        ),
    ];
    for ((zh, en), old, new) in texts {
        if old != new {
            let words = |text: Option<String>| match text {
                Some(text) => visible(&text).into_owned(),
                None => lang.pick("无", "none").to_owned(),
            };
            details.push(format!(
                "{} {} → {}",
                lang.pick(zh, en),
                words(old),
                words(new)
            ));
        }
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhengming::lexicon::Layer;

    fn lexicon(text: &str) -> Lexicon {
        let layer = Layer {
            files: vec![("t.toml".to_owned(), format!("category = 't'\n{text}"))],
            ..Layer::default()
        };
        Lexicon::load(&[layer]).unwrap()
    }

    #[test]
    fn every_kind_of_difference() {
        let entry = "[[entry]]\ncanonical = '未来'\nforbidden = ['末来', '未耒']\n";
        let old = lexicon(
            &format!("{entry}[pairs]\n'按装' = '安装'\n'丙' = '丁'\n").replace("'丙'", "'丙丙'"),
        );
        let new = lexicon(&format!(
            "{}severity = 'warning'\nunless_preceded_by = ['年']\nvalid_until = '2018-03-16'\n[pairs]\n'按装' = '安装'\n'甲乙' = '乙甲'\n",
            entry.replace("'未耒'", "'耒来'")
        ));
        assert_eq!(
            changes(&old, &new, Lang::Zh),
            [
                "- 删去 t/丁：丙丙 → 丁",
                "+ 新增 t/乙甲：甲乙 → 乙甲",
                "~ 改动 t/未来：错误写法 增加“耒来”，去掉“未耒”；前面是这些时不报 增加“年”；级别 错误 → 警告；到这一天为止是对的 无 → 2018-03-16",
            ]
        );
        assert!(changes(&old, &old, Lang::En).is_empty());
    }
}
