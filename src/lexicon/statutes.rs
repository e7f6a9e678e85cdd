//! The statutes that a lexicon lists: full titles, and how many articles they have.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{FileReader, Lexicon};
use crate::normal::fold_form;

/// A statute of the nation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statute {
    /// Its full title, with 中华人民共和国 where that belongs to it.
    pub title: String,
    /// How many articles it has; `None` where only the title is known.
    pub articles: Option<u32>,
    /// The day of the version that was counted.
    pub amended: Option<Date>,
    /// Where title and number are laid down.
    pub source: Option<String>,
    /// The file it stands in, and its 1-based line.
    pub place: (String, usize),
}

const STATUTE_KEYS: &[&str] = &["title", "articles", "amended", "source"];
const META_KEYS: &[&str] = &["source"];

/// More articles than any statute has: what is above was typed wrong.
const MOST_ARTICLES: i64 = 5000;

impl Lexicon {
    /// The statutes of all layers, each title once.
    #[must_use]
    pub fn statutes(&self) -> &[Statute] {
        &self.statutes
    }

    /// Adds the statutes of a layer; the number it gives for a title goes before what earlier ones said.
    pub(super) fn add_statutes(&mut self, statutes: Vec<Statute>) {
        let mut known: HashMap<String, usize> = self
            .statutes
            .iter()
            .enumerate()
            .map(|(nth, s)| (fold_form(&s.title), nth))
            .collect();
        for statute in statutes {
            match known.get(&fold_form(&statute.title)) {
                Some(&nth) => {
                    let earlier = &mut self.statutes[nth];
                    // A layer that only repeats a title knows nothing better.
                    if statute.articles.is_some() {
                        *earlier = statute;
                    }
                }
                None => {
                    known.insert(fold_form(&statute.title), self.statutes.len());
                    self.statutes.push(statute);
                }
            }
        }
    }
}

impl FileReader<'_, '_> {
    /// Reads `[[statute]]` and `[statute_meta]`; `statutes` holds those of the layer so far.
    pub(super) fn statutes(&mut self, table: &DeTable<'_>, statutes: &mut Vec<Statute>) {
        let source = table.get("statute_meta").and_then(|meta| {
            let DeValue::Table(meta) = meta.get_ref() else {
                self.file
                    .wants(&meta.span(), "表 [statute_meta]", "a table [statute_meta]");
                return None;
            };
            self.file.only_keys(meta, META_KEYS);
            self.text(meta, "source")
        });
        let Some(list) = table.get("statute") else {
            return;
        };
        let DeValue::Array(list) = list.get_ref() else {
            self.file.wants(&list.span(), "[[statute]]", "[[statute]]");
            return;
        };
        let mut known: HashMap<String, String> = statutes
            .iter()
            .map(|s| (fold_form(&s.title), format!("{}:{}", s.place.0, s.place.1)))
            .collect();
        for item in list.iter() {
            let Some(statute) = self.statute(item, source.as_deref()) else {
                continue;
            };
            let place = format!("{}:{}", statute.place.0, statute.place.1);
            let Some(first) = known.insert(fold_form(&statute.title), place) else {
                statutes.push(statute);
                continue;
            };
            let title = &statute.title;
            self.file.mistake(
                &item.span(),
                format!("法律法规“{title}”重复：{first} 已经列出"),
                format!("the statute “{title}” stands twice: {first} lists it already"),
            );
        }
    }

    fn statute(&mut self, item: &Spanned<DeValue<'_>>, source: Option<&str>) -> Option<Statute> {
        let DeValue::Table(table) = item.get_ref() else {
            self.file.wants(&item.span(), "[[statute]]", "[[statute]]");
            return None;
        };
        self.file.only_keys(table, STATUTE_KEYS);
        let title = self.text(table, "title").unwrap_or_default();
        if title.chars().count() < 2 || title.contains(['《', '》', '〈', '〉']) {
            let at = table.get("title").map_or(item.span(), Spanned::span);
            self.file.mistake(
                &at,
                "title 应是法律法规的全称，不加书名号",
                "title must be the full title of a statute, without 《》",
            );
            return None;
        }
        let source = self.text(table, "source").or(source.map(str::to_owned));
        if self.documented && source.is_none() {
            self.file.mistake(
                &item.span(),
                "缺少出处（source）：写在这里或 [statute_meta] 中",
                "no source: give it here or in [statute_meta]",
            );
        }
        Some(Statute {
            title,
            articles: self.articles(table),
            amended: self.date(table, "amended"),
            source,
            place: (self.file.name.to_owned(), self.file.line(item.span().start)),
        })
    }

    fn articles(&mut self, table: &DeTable<'_>) -> Option<u32> {
        let value = table.get("articles")?;
        let number = match value.get_ref() {
            DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|n| (1..=MOST_ARTICLES).contains(n));
        if number.is_none() {
            self.file.wants(
                &value.span(),
                "条文的总数，一个正整数",
                "the number of articles, a positive integer",
            );
        }
        u32::try_from(number?).ok()
    }
}

#[cfg(test)]
mod tests {
    use crate::lexicon::{Layer, Lexicon};

    fn layer(text: &str) -> Layer {
        Layer {
            name: "test".to_owned(),
            files: vec![("t.toml".to_owned(), text.to_owned())],
            documented: true,
            ..Layer::default()
        }
    }

    #[test]
    fn a_later_layer_knows_better() {
        let first = layer(
            "category = 'c'\n[[statute]]\ntitle = '甲法'\narticles = 10\nsource = '甲'\n\
             [[statute]]\ntitle = '乙条例'\nsource = '乙'",
        );
        let second = layer(
            "category = 'c'\nstatute = [{ title = '甲法', articles = 12, amended = 2026-01-01 }]\n\
             [statute_meta]\nsource = '公报'",
        );
        let lexicon = Lexicon::load(&[first, second]).unwrap();
        let rows: Vec<_> = lexicon
            .statutes()
            .iter()
            .map(|s| {
                let day = s.amended.map(|d| d.to_string());
                let source = s.source.clone().unwrap_or_default();
                (s.title.as_str(), s.articles, day, source)
            })
            .collect();
        assert_eq!(
            rows,
            [
                (
                    "甲法",
                    Some(12),
                    Some("2026-01-01".to_owned()),
                    "公报".to_owned()
                ),
                ("乙条例", None, None, "乙".to_owned()),
            ]
        );
    }

    #[test]
    fn every_mistake_has_its_place() {
        let text = "category = 'c'\n\
            [[statute]]\ntitle = '《甲法》'\nsource = 'x'\n\
            [[statute]]\ntitle = '甲法'\narticles = 0\nsource = 'x'\n\
            [[statute]]\ntitle = '甲法'\nsource = 'x'\n\
            [[statute]]\ntitle = '乙法'\namended = 'gestern'\n\
            [[statute]]\ntitle = '丙法'\nsource = 'x'\narticle = 3\n";
        let error = Lexicon::load(&[layer(text)]).unwrap_err();
        let lines: Vec<_> = error.as_mistakes().iter().map(|m| m.line).collect();
        assert_eq!(lines, [3, 7, 9, 12, 14, 18]);
    }
}
