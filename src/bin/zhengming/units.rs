//! Which unit answers for which document.

use std::path::Path;

use ignore::gitignore::Gitignore;
use zhengming::report::Unit;

use crate::files::Target;
use crate::settings::Settings;

/// The units of a run, and the one that answers for each of its documents.
pub(crate) struct Units {
    pub(crate) units: Vec<Unit>,
    /// By document: an index into `units`.
    of: Vec<Option<usize>>,
}

impl Units {
    pub(crate) fn new(settings: &Settings, targets: &[Target]) -> Self {
        let mut numbers: Vec<_> = targets.iter().map(|t| t.config).collect();
        numbers.sort_unstable();
        numbers.dedup();
        // A configuration's units stand together, in its order.
        let mut units = Vec::new();
        let mut starts = Vec::new();
        for &number in &numbers {
            starts.push(units.len());
            let named = settings.get(number).units();
            units.extend(named.map(|(unit, _)| Unit {
                name: unit.name.clone(),
                column: unit.column.clone(),
                documents: 0,
            }));
        }
        let of = targets.iter().map(|target| {
            let mut named = settings.get(target.config).units();
            let nth = named.position(|(_, paths)| fits(paths, &target.path))?;
            let config = numbers.binary_search(&target.config).ok()?;
            Some(starts[config] + nth)
        });
        Self {
            of: of.collect(),
            units,
        }
    }

    /// The number of the unit that answers for a document, by the document's number.
    pub(crate) fn of(&self, document: usize) -> Option<usize> {
        self.of.get(document).copied().flatten()
    }
}

/// Whether a file or a folder above it fits; only paths below the folder of the patterns can.
fn fits(patterns: &Gitignore, path: &Path) -> bool {
    path.starts_with(patterns.path())
        && patterns
            .matched_path_or_any_parents(path, false)
            .is_ignore()
}
