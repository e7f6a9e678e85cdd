//! What the editor's settings say.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::Value;
use zhengming::Lang;

/// The name under which editors keep them.
pub(super) const SECTION: &str = "zhengming";

/// The editor's settings: they go before the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) lang: Option<Lang>,
    pub(super) date: Option<Date>,
    /// Lexicon files and folders.
    pub(super) lexicons: Option<Vec<PathBuf>>,
}

impl Options {
    /// Reads the settings, as they are or under their name; relative paths are below `root`. `None` when there are none.
    ///
    /// # Errors
    /// What is wrong with them, in both languages.
    pub(super) fn read(value: &Value, root: &Path) -> Result<Option<Self>, (String, String)> {
        let table = value.get(SECTION).unwrap_or(value);
        if table.is_null() {
            return Ok(None);
        }
        let Some(table) = table.as_object() else {
            return Err(wants(SECTION, "一个对象", "an object"));
        };
        // An editor that was told nothing may answer with nothing.
        if table.is_empty() {
            return Ok(None);
        }
        let mut options = Self::default();
        for (key, value) in table {
            let text = value.as_str();
            if value.is_null() || text == Some("") {
                continue;
            }
            match key.as_str() {
                "lang" => {
                    let lang = match text {
                        Some("zh") => Lang::Zh,
                        Some("en") => Lang::En,
                        _ => return Err(wants("lang", "zh 或 en", "zh or en")),
                    };
                    options.lang = Some(lang);
                }
                "date" => match text.and_then(|t| t.parse().ok()) {
                    Some(date) => options.date = Some(date),
                    None => {
                        let (zh, en) = ("日期，如 2026-11-24", "a date such as 2026-11-24");
                        return Err(wants("date", zh, en));
                    }
                },
                "lexicons" => {
                    let list = value.as_array().map(Vec::as_slice);
                    let paths = list.unwrap_or(std::slice::from_ref(value)).iter();
                    let paths = paths.map(|p| p.as_str().map(|p| root.join(p)));
                    let Some(paths) = paths.collect() else {
                        let (zh, en) = ("词库的路径，可写多个", "paths of lexicons");
                        return Err(wants("lexicons", zh, en));
                    };
                    options.lexicons = Some(paths);
                }
                _ => {
                    return Err((
                        format!("不认识的设置“{key}”；可用的有 lang、date、lexicons"),
                        format!("unknown setting “{key}”: there are lang, date and lexicons"),
                    ));
                }
            }
        }
        Ok(Some(options))
    }
}

fn wants(key: &str, zh: &str, en: &str) -> (String, String) {
    (
        format!("设置 {key} 应为{zh}"),
        format!("the setting {key} should be {en}"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings() {
        let root = Path::new("/w");
        let read = |value| Options::read(&value, root);
        let all = Options {
            lang: Some(Lang::En),
            date: Some("2026-11-24".parse().unwrap()),
            lexicons: Some(vec!["/w/a.toml".into(), "/b".into()]),
        };
        let said = json!({"lang": "en", "date": "2026-11-24", "lexicons": ["a.toml", "/b"]});
        assert_eq!(read(said.clone()), Ok(Some(all.clone())));
        assert_eq!(read(json!({"zhengming": said, "x": 1})), Ok(Some(all)));
        assert_eq!(read(json!(null)), Ok(None));
        assert_eq!(read(json!({"zhengming": null})), Ok(None));
        assert_eq!(read(json!({})), Ok(None));
        let empty = json!({"date": "", "lang": null});
        assert_eq!(read(empty), Ok(Some(Options::default())));
        for (said, want) in [
            (json!({"lang": "fr"}), "lang should be zh or en"),
            (json!({"date": "soon"}), "date should be a date"),
            (json!({"lexicons": [1]}), "lexicons should be paths"),
            (json!({"lexicon": "a"}), "unknown setting “lexicon”"),
            (json!(3), "zhengming should be an object"),
        ] {
            let (_, en) = read(said).unwrap_err();
            assert!(en.contains(want), "{en}");
        }
    }
}
