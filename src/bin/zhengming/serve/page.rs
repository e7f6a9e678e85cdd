//! The files of the page. They are part of the program, so that the page needs no other host.

/// A file's name below `/assets/`, its type, and what is in it; the first is the page itself.
pub(super) const FILES: &[(&str, &str, &str)] = &[
    (
        "index.html",
        "text/html; charset=utf-8",
        include_str!("page/index.html"),
    ),
    (
        "style.css",
        "text/css; charset=utf-8",
        include_str!("page/style.css"),
    ),
    ("app.js", SCRIPT, include_str!("page/app.js")),
    ("editor.js", SCRIPT, include_str!("page/editor.js")),
    ("net.js", SCRIPT, include_str!("page/net.js")),
    ("reader.js", SCRIPT, include_str!("page/reader.js")),
    ("words.js", SCRIPT, include_str!("page/words.js")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;
    use zhengming::annotate::LeftReason;
    use zhengming::fix::SkipReason;
    use zhengming::lexicon::Layer;
    use zhengming::report::NotDone;
    use zhengming::{DemotionReason, Disguise, Lexicon, catalog};

    use super::FILES;

    /// Every value of a closed set, each leading to the next: the compiler misses the one that is forgotten.
    fn walk<T: Copy>(next: fn(Option<T>) -> Option<T>) -> Vec<T> {
        std::iter::successors(next(None), |&last| next(Some(last))).collect()
    }

    fn not_done() -> Vec<NotDone> {
        walk(|last| {
            Some(match last {
                None => NotDone::Unknown,
                Some(NotDone::Unknown) => NotDone::NoSuggestion,
                Some(NotDone::NoSuggestion) => NotDone::Fix(SkipReason::BreaksMarkup),
                Some(NotDone::Fix(reason)) => match reason {
                    SkipReason::BreaksMarkup => NotDone::Fix(SkipReason::Restless),
                    SkipReason::Restless => NotDone::Fix(SkipReason::Unencodable),
                    SkipReason::Unencodable => NotDone::Fix(SkipReason::NoFix),
                    SkipReason::NoFix => NotDone::Mark(LeftReason::Computed),
                },
                Some(NotDone::Mark(reason)) => match reason {
                    LeftReason::Computed => NotDone::Mark(LeftReason::NoText),
                    LeftReason::NoText => NotDone::Mark(LeftReason::NoComments),
                    LeftReason::NoComments => NotDone::Mark(LeftReason::BreaksMarkup),
                    LeftReason::BreaksMarkup => return None,
                },
            })
        })
    }

    fn disguises() -> Vec<Disguise> {
        walk(|last| {
            Some(match last {
                None => Disguise::ZeroWidth,
                Some(Disguise::ZeroWidth) => Disguise::Blank,
                Some(Disguise::Blank) => Disguise::LineWrap,
                Some(Disguise::LineWrap) => Disguise::Width,
                Some(Disguise::Width) => Disguise::Case,
                Some(Disguise::Case) => Disguise::Radical,
                Some(Disguise::Radical) => Disguise::Traditional,
                Some(Disguise::Traditional) => Disguise::SplitMarkup,
                Some(Disguise::SplitMarkup) => Disguise::Entity,
                Some(Disguise::Entity) => return None,
            })
        })
    }

    fn demotions() -> Vec<DemotionReason> {
        walk(|last| {
            Some(match last {
                None => DemotionReason::Mention,
                Some(DemotionReason::Mention) => DemotionReason::Historical,
                Some(DemotionReason::Historical) => return None,
            })
        })
    }

    fn categories() -> BTreeSet<String> {
        let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
        let entries = lexicon.entries().map(|e| e.category.clone());
        let rules = catalog().into_iter().map(|r| r.category.to_owned());
        entries.chain(rules).collect()
    }

    /// What the page says for `key`, in its languages.
    fn words(key: &str) -> Vec<String> {
        let (_, _, script) = FILES.iter().find(|f| f.0 == "words.js").unwrap();
        let starts = [format!("\n  \"{key}\": ["), format!("\n  {key}: [")];
        let start = starts.iter().find_map(|s| Some(script.find(s)? + s.len()));
        let start = start.unwrap_or_else(|| panic!("the page has no words for {key}"));
        let end = start + script[start..].find("],\n").unwrap();
        let list = script[start..end].trim().trim_end_matches(',');
        serde_json::from_str(&format!("[{list}]")).unwrap()
    }

    #[test]
    fn the_page_has_words_for_every_code() {
        let skipped = not_done().into_iter().map(|x| format!("skip-{}", x.name()));
        let hidden = disguises().into_iter().map(|x| x.name().to_owned());
        let demoted = demotions()
            .into_iter()
            .map(|x| format!("demoted-{}", x.name()));
        let suppressed = ["inline", "baseline", "config"].map(|by| format!("by-{by}"));
        let severities = ["error", "warning", "info"].map(str::to_owned);
        for key in skipped
            .chain(hidden)
            .chain(demoted)
            .chain(suppressed)
            .chain(severities)
            .chain(categories())
        {
            let words = words(&key);
            assert_eq!(words.len(), 2, "{key}");
            assert!(words.iter().all(|w| !w.is_empty()), "{key}");
        }
    }

    #[test]
    fn every_reason_is_described() {
        let described: Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
        let described = described.to_string();
        let names: BTreeSet<_> = not_done().into_iter().map(NotDone::name).collect();
        let list = described
            .split("\"enum\":[")
            .find(|l| l.contains("\"no-fix\""));
        let list = list.and_then(|l| l.split(']').next()).unwrap();
        let list: BTreeSet<&str> = list.split(',').map(|s| s.trim_matches('"')).collect();
        assert_eq!(list, names);
    }
}
