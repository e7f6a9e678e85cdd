//! Changes to a package that go beyond the text of its parts: new parts, with their relationships and content types.

use std::ops::Range;

use super::markup::{Root, escape};
use super::package::{Package, relations_name, target};
use crate::error::{Error, Result};
use crate::source::Part;

const TYPES: &str = "[Content_Types].xml";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// Parts to be changed and to be added.
pub(super) struct Additions<'p, 'a> {
    package: &'p mut Package<'a>,
    strict: bool,
    changed: Vec<(String, Vec<u8>)>,
    added: Vec<(String, Vec<u8>)>,
    /// Content types of the added parts.
    types: String,
}

impl<'p, 'a> Additions<'p, 'a> {
    /// None yet. `strict` decides the namespace of new relationships.
    pub(super) fn new(package: &'p mut Package<'a>, strict: bool) -> Self {
        Self {
            package,
            strict,
            changed: Vec::new(),
            added: Vec::new(),
            types: String::new(),
        }
    }

    /// Changes a part by splices of decoded ranges, which must be in order and must not overlap.
    ///
    /// # Errors
    /// When the part's encoding cannot hold the text.
    pub(super) fn splice(&mut self, part: &Part, splices: &[(Range<usize>, String)]) -> Result<()> {
        let spans = splices.iter().map(|(r, s)| (part.stored(r), s.as_str()));
        let bytes = part.spliced(spans).map_err(|c| {
            Error::document(
                format!("{} 的编码容纳不下“{c}”，未写入", part.name),
                format!(
                    "the encoding of {} has no code for “{c}”; nothing was written",
                    part.name
                ),
            )
        })?;
        self.changed.push((part.name.clone(), bytes));
        Ok(())
    }

    /// Adds a part that `source` has a relationship of this kind to. It lies in the folder of `source` or below; its name
    /// is `stem` with a number where that is taken, and `.xml`.
    ///
    /// # Errors
    /// When relationships or content types cannot be read.
    pub(super) fn add(
        &mut self,
        source: &str,
        stem: &str,
        kind: &str,
        content_type: &str,
        content: String,
    ) -> Result<()> {
        let relations = self.package.relations(source)?;
        // A relationship that leads nowhere is made to lead to the new part.
        let dangling = target(&relations, source, kind)?;
        let name = match &dangling {
            Some(name) => name.clone(),
            None => self.free_name(stem),
        };
        if dangling.is_none() {
            let taken = |id: &str| relations.iter().any(|r| r.id.eq_ignore_ascii_case(id));
            let mut n = relations.len() + 1;
            while taken(&format!("rIdZm{n}")) {
                n += 1;
            }
            let space = if self.strict {
                "http://purl.oclc.org/ooxml/officeDocument/relationships"
            } else {
                "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
            };
            let folder = source.rfind('/').map_or("", |at| &source[..=at]);
            let target = name.strip_prefix(folder).unwrap_or(&name);
            let attributes = format!(
                "Id=\"rIdZm{n}\" Type=\"{space}/{kind}\" Target=\"{}\"",
                escape(target)
            );
            self.relate(source, &attributes)?;
        }
        if self.package.content_type(&name)? != content_type {
            self.types.push_str(&format!(
                "Override PartName=\"/{}\" ContentType=\"{content_type}\"/>\n",
                escape(&name)
            ));
        }
        self.added.push((name, content.into_bytes()));
        Ok(())
    }

    fn free_name(&self, stem: &str) -> String {
        let mut name = format!("{stem}.xml");
        let mut n = 1;
        while self.package.has(&name) {
            name = format!("{stem}{n}.xml");
            n += 1;
        }
        name
    }

    fn relate(&mut self, source: &str, attributes: &str) -> Result<()> {
        let name = relations_name(source);
        match self.package.part(&name)? {
            Some(part) => {
                let root = Root::find(&part)?;
                let child = format!("<{}Relationship {attributes}/>", root.prefix);
                self.splice(&part, &[root.append(&child)])
            }
            None => {
                let content = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"{RELATIONS}\"><Relationship {attributes}/></Relationships>"
                );
                self.added.push((name, content.into_bytes()));
                Ok(())
            }
        }
    }

    /// The package with all this done.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn rebuild(mut self) -> Result<Vec<u8>> {
        if !self.types.is_empty()
            && let Some(part) = self.package.part(TYPES)?
        {
            let root = Root::find(&part)?;
            let children: String = self
                .types
                .lines()
                .map(|line| format!("<{}{line}", root.prefix))
                .collect();
            self.splice(&part, &[root.append(&children)])?;
        }
        self.package
            .rebuild(&pairs(&self.changed), &pairs(&self.added))
    }
}

fn pairs(list: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    list.iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect()
}
