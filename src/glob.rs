//! Which paths a configuration means: patterns as in a `.gitignore` file.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A set of patterns, all of them relative to one folder.
#[derive(Clone, Debug)]
pub(crate) struct Globs {
    set: GlobSet,
}

impl Globs {
    /// Compiles patterns: without `/` in it one fits at any depth, and what fits a folder fits all that is in it. There
    /// is no negation.
    ///
    /// # Errors
    /// What is wrong with the first pattern that is none.
    pub(crate) fn new(patterns: &[String]) -> Result<Self, globset::Error> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let folder_only = pattern.ends_with('/');
            let core = pattern.trim_end_matches('/');
            let base = match core.strip_prefix('/') {
                Some(anchored) => anchored.to_owned(),
                None if core.contains('/') => core.to_owned(),
                None => format!("**/{core}"),
            };
            let glob = |text: &str| GlobBuilder::new(text).literal_separator(true).build();
            if !folder_only {
                set.add(glob(&base)?);
            }
            set.add(glob(&format!("{base}/**"))?);
        }
        Ok(Self { set: set.build()? })
    }

    /// Whether a path fits, which is relative to the folder of the patterns and has `/` between its parts.
    pub(crate) fn fit(&self, path: &str) -> bool {
        self.set.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_a_gitignore_file() {
        for (pattern, fits, fits_not) in [
            ("*.md", &["a.md", "x/b.md"][..], &["a.mdx", "a.txt"][..]),
            (
                "旧文",
                &["旧文", "旧文/a.txt", "x/旧文/y/a.txt"],
                &["旧文件.txt"],
            ),
            ("旧文/", &["旧文/a.txt", "x/旧文/a.txt"], &["旧文"]),
            ("/旧 文/", &["旧 文/a.txt"], &["x/旧 文/a.txt"]),
            (
                "docs/*.txt",
                &["docs/a.txt"],
                &["docs/x/a.txt", "x/docs/a.txt"],
            ),
            (
                "docs/**/a.txt",
                &["docs/a.txt", "docs/x/y/a.txt"],
                &["a.txt"],
            ),
            ("{甲,乙}.txt", &["甲.txt", "x/乙.txt"], &["丙.txt"]),
        ] {
            let globs = Globs::new(&[pattern.to_owned()]).unwrap();
            for path in fits {
                assert!(globs.fit(path), "{pattern} {path}");
            }
            for path in fits_not {
                assert!(!globs.fit(path), "{pattern} {path}");
            }
        }
        assert!(Globs::new(&["a{b".to_owned()]).is_err());
        assert!(!Globs::new(&[]).unwrap().fit("a"));
    }
}
