//! Official forms that a lexicon lists: names, titles and set phrases that are right as they are.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use super::{Draft, FileReader, Layer, Lexicon};
use crate::error::Mistake;
use crate::filter::significant;
use crate::normal::fold_form;
use crate::toml_file::TomlFile;

/// Official forms that are right as they are: nothing inside them is reported, and near misses of them are looked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// The category of the file.
    pub category: String,
    /// The forms.
    pub forms: Vec<String>,
    /// Whether text that misses one of the forms by a character is reported.
    pub near_miss: bool,
    /// Wordings close to a form that are right all the same.
    pub variants: Vec<String>,
    /// Where the forms are laid down.
    pub source: Option<String>,
    /// The file they stand in, and its 1-based line.
    pub place: (String, usize),
}

/// Official forms as read, with the places that mistakes point at.
pub(super) struct TermsDraft {
    terms: Terms,
    file: usize,
    /// Where each form stands.
    forms_at: Vec<Range<usize>>,
}

const TERMS_KEYS: &[&str] = &["source", "near_miss", "forms", "variants"];

impl Lexicon {
    /// The official forms, in the order of their layers and files.
    #[must_use]
    pub fn terms(&self) -> &[Terms] {
        &self.terms
    }

    /// The forms whose near misses are looked for, each with its source: official forms, then canonical forms of entries,
    /// without 《》.
    pub fn near_miss_forms(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let terms = self.terms.iter().filter(|t| t.near_miss);
        let listed = terms.flat_map(|t| t.forms.iter().map(|f| (f.as_str(), t.source.as_deref())));
        let entries = self.entries().filter(|e| e.near_miss);
        let canonical = entries.flat_map(|e| {
            let forms = e.canonical.iter().map(|c| c.trim_matches(['《', '》']));
            forms.map(|f| (f, e.source.as_deref()))
        });
        listed.chain(canonical)
    }

    /// Whatever is right as it stands, though it may be near to an official form: in entries from that layer on, and where
    /// that is the first layer in all else.
    pub(crate) fn right_wordings(&self, layer: usize) -> impl Iterator<Item = &str> {
        let terms = self.terms.iter().filter(move |_| layer == 0);
        let terms = terms.flat_map(|t| t.forms.iter().chain(&t.variants));
        let entries = self.entries().filter(move |e| e.layer >= layer);
        let once_right = entries.clone().filter(|e| e.valid_until.is_some());
        let once_right = once_right.flat_map(|e| &e.forbidden);
        let entries = entries.flat_map(|e| e.canonical.iter().chain(&e.unless_inside));
        let statutes = self.statutes.iter().filter(move |_| layer == 0);
        let statutes = statutes.map(|s| &s.title);
        let all = terms.chain(entries).chain(once_right).chain(statutes);
        all.map(String::as_str)
    }

    /// Adds the official forms of a layer. What it calls right an earlier layer no longer forbids.
    pub(super) fn add_terms(&mut self, drafts: Vec<TermsDraft>) {
        if !self.entries.is_empty() {
            let mut decided: HashMap<String, &(String, usize)> = HashMap::new();
            for TermsDraft { terms, .. } in &drafts {
                for form in terms.forms.iter().chain(&terms.variants) {
                    decided.entry(fold_form(form)).or_insert(&terms.place);
                }
            }
            self.yield_forms(&decided);
        }
        self.terms.extend(drafts.into_iter().map(|d| d.terms));
    }
}

impl FileReader<'_, '_> {
    /// Reads `[[terms]]`.
    pub(super) fn terms(&mut self, table: &DeTable<'_>, terms: &mut Vec<TermsDraft>) {
        let Some(groups) = table.get("terms") else {
            return;
        };
        let category = table
            .get("category")
            .and_then(|c| c.get_ref().as_str())
            .unwrap_or_default();
        let DeValue::Array(list) = groups.get_ref() else {
            self.file.wants(&groups.span(), "[[terms]]", "[[terms]]");
            return;
        };
        for item in list.iter() {
            match item.get_ref() {
                DeValue::Table(t) => terms.push(self.group(t, &item.span(), category)),
                _ => self.file.wants(&item.span(), "[[terms]]", "[[terms]]"),
            }
        }
    }

    fn group(&mut self, table: &DeTable<'_>, span: &Range<usize>, category: &str) -> TermsDraft {
        self.file.only_keys(table, TERMS_KEYS);
        let (forms, forms_at): (Vec<_>, Vec<_>) = self.strings(table, "forms").into_iter().unzip();
        if forms.is_empty() {
            self.file.mistake(
                span,
                "缺少规范名称（forms）：[[terms]] 至少要列出一个",
                "no forms: [[terms]] must list one at least",
            );
        }
        let variants = self.strings(table, "variants");
        let variants_at = variants.iter().map(|(variant, at)| (variant, at));
        for (form, at) in forms.iter().zip(&forms_at).chain(variants_at) {
            self.check_characters(form, at);
            if significant(&fold_form(form)) < 2 {
                self.file.mistake(
                    at,
                    format!("“{form}”太短：至少要有两个字"),
                    format!("“{form}” is too short: it needs two characters at least"),
                );
            }
        }
        let source = self.text(table, "source");
        if self.documented && source.as_deref().is_none_or(|s| s.trim().is_empty()) {
            self.file.mistake(
                span,
                "缺少出处（source）：这些名称是在哪里规定的",
                "no source: say where these forms are laid down",
            );
        }
        TermsDraft {
            terms: Terms {
                category: category.to_owned(),
                forms,
                near_miss: self.flag(table, "near_miss").unwrap_or(true),
                variants: variants.into_iter().map(|(variant, _)| variant).collect(),
                source,
                place: (self.file.name.to_owned(), self.file.line(span.start)),
            },
            file: self.nth,
            forms_at,
        }
    }
}

/// Finds what the official forms of one layer say against each other and against its entries.
pub(super) fn check_terms(
    terms: &[TermsDraft],
    drafts: &[Draft],
    layer: &Layer,
    mistakes: &mut Vec<Mistake>,
) {
    if terms.is_empty() {
        return;
    }
    let mut say = |draft: &TermsDraft, at: &Range<usize>, zh: String, en: String| {
        let (name, text) = &layer.files[draft.file];
        mistakes.push(TomlFile::new(name, text).mistake_at(at, zh, en));
    };
    let mut forbidden: HashMap<String, &Draft> = HashMap::new();
    for draft in drafts {
        for form in &draft.entry.forbidden {
            forbidden.insert(fold_form(form), draft);
        }
    }
    let mut listed: HashMap<String, &TermsDraft> = HashMap::new();
    for draft in terms {
        for (form, at) in draft.terms.forms.iter().zip(&draft.forms_at) {
            let folded = fold_form(form);
            if let Some(other) = forbidden.get(&folded) {
                let place = other.place();
                say(
                    draft,
                    at,
                    format!("自相矛盾：“{form}”在这里是规范名称，{place} 把它列为错误写法"),
                    format!("a contradiction: “{form}” is official here, and {place} forbids it"),
                );
            }
            if let Some(other) = listed.insert(folded, draft) {
                let (file, line) = &other.terms.place;
                say(
                    draft,
                    at,
                    format!("“{form}”重复：{file}:{line} 已经列出"),
                    format!("“{form}” stands twice: {file}:{line} lists it already"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Lang;
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
    fn forms_and_variants_are_read() {
        let text = "category = 'office'\n[[terms]]\nsource = '三定规定'\nforms = ['甲乙丙丁局', '甲乙丙丁办']\n\
                    near_miss = false\nvariants = '甲乙丙局'";
        let lexicon = Lexicon::load(&[layer(text)]).unwrap();
        let terms = &lexicon.terms()[0];
        assert_eq!(terms.category, "office");
        assert_eq!(terms.forms, ["甲乙丙丁局", "甲乙丙丁办"]);
        assert_eq!(terms.variants, ["甲乙丙局"]);
        assert_eq!(terms.source.as_deref(), Some("三定规定"));
        assert!(!terms.near_miss);
        assert_eq!(terms.place, ("t.toml".to_owned(), 2));
    }

    #[test]
    fn every_mistake_is_reported_with_its_place() {
        let entry = "[[entry]]\ncanonical = '右'\nforbidden = '左左左左左'\nsource = 's'\nbad = '左左左左左'\ngood = '右'";
        for (text, want) in [
            ("terms = 3", "t.toml:2:9: this should be [[terms]]"),
            (
                "terms = [{ source = 's' }]",
                "t.toml:2:10: no forms: [[terms]] must list one at least",
            ),
            (
                "terms = [{ source = 's', forms = '甲' }]",
                "t.toml:2:34: “甲” is too short: it needs two characters at least",
            ),
            (
                "terms = [{ forms = '甲乙' }]",
                "t.toml:2:10: no source: say where these forms are laid down",
            ),
            (
                "terms = [{ source = 's', form = '甲乙', forms = '甲乙' }]",
                "t.toml:2:26: unknown key “form”; did you mean “forms”?",
            ),
            (
                "terms = [{ source = 's', near_miss = 'no', forms = '甲乙' }]",
                "t.toml:2:38: this should be true or false",
            ),
            (
                "terms = [{ source = 's', forms = ['甲乙', '甲 乙'] }]",
                "t.toml:2:41: “甲 乙” stands twice: t.toml:2 lists it already",
            ),
            (
                &format!("terms = [{{ source = 's', forms = '左左左左左' }}]\n{entry}"),
                "t.toml:2:34: a contradiction: “左左左左左” is official here, and t.toml:3 forbids it",
            ),
        ] {
            let error = Lexicon::load(&[layer(&format!("category = 'c'\n{text}\n"))]).unwrap_err();
            assert_eq!(error.message(Lang::En).lines().next(), Some(want));
        }
    }

    #[test]
    fn what_a_later_layer_calls_right_is_no_longer_forbidden() {
        let first = layer(
            "category = 'c'\n[[entry]]\ncanonical = '甲乙丙丁戊'\nforbidden = '甲乙丙丁己'\nsource = 's'\n\
             bad = '甲乙丙丁己'\ngood = '甲乙丙丁戊'",
        );
        let second = layer("category = 'c'\n[[terms]]\nforms = '甲乙丙丁己'\nsource = 's'");
        let lexicon = Lexicon::load(&[first, second]).unwrap();
        assert_eq!(lexicon.entries().len(), 0);
        assert_eq!(lexicon.overridden()[0].form, "甲乙丙丁己");
    }
}
