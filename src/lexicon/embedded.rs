//! The files of the embedded lexicon; a test compares the list with the folder.

/// Name and text of each file, in order of their names.
pub(super) const FILES: &[(&str, &str)] = &[
    (
        "lexicon/citations.toml",
        include_str!("../../lexicon/citations.toml"),
    ),
    (
        "lexicon/collocations.toml",
        include_str!("../../lexicon/collocations.toml"),
    ),
    (
        "lexicon/idioms.toml",
        include_str!("../../lexicon/idioms.toml"),
    ),
    (
        "lexicon/institutions.toml",
        include_str!("../../lexicon/institutions.toml"),
    ),
    (
        "lexicon/leaders.toml",
        include_str!("../../lexicon/leaders.toml"),
    ),
    (
        "lexicon/office-terms.toml",
        include_str!("../../lexicon/office-terms.toml"),
    ),
    (
        "lexicon/repealed.toml",
        include_str!("../../lexicon/repealed.toml"),
    ),
    (
        "lexicon/statutes.toml",
        include_str!("../../lexicon/statutes.toml"),
    ),
    (
        "lexicon/typos.toml",
        include_str!("../../lexicon/typos.toml"),
    ),
];
