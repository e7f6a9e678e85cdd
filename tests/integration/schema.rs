//! As much of JSON Schema as the schemas of our outputs use; a keyword beyond that fails the test that needs it.

use regex::Regex;
use serde_json::{Map, Value};

/// Everything in `value` that `schema` does not allow, each with its place.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = Check {
        root: schema,
        found: &mut found,
    };
    check.value(schema, value, "");
    found
}

/// What says nothing about a value, or is looked at together with another keyword.
const SILENT: [&str; 6] = [
    "$schema",
    "$id",
    "title",
    "description",
    "default",
    "definitions",
];

struct Check<'s> {
    root: &'s Value,
    found: &'s mut Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, at: &str) {
        let schema = schema.as_object().unwrap();
        // Beside a reference nothing else counts in draft 7.
        if let Some(name) = schema.get("$ref") {
            let pointer = name.as_str().unwrap().strip_prefix('#').unwrap();
            let target = self.root.pointer(pointer).unwrap();
            return self.value(target, value, at);
        }
        for (keyword, wanted) in schema {
            let right = match keyword.as_str() {
                k if SILENT.contains(&k) => true,
                "type" => is_of_type(value, wanted.as_str().unwrap()),
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value.as_f64().is_none_or(|n| n >= wanted.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|n| n <= wanted.as_f64().unwrap()),
                "pattern" => {
                    let pattern = Regex::new(wanted.as_str().unwrap()).unwrap();
                    value.as_str().is_none_or(|text| pattern.is_match(text))
                }
                "format" => value.as_str().is_none_or(|text| has_format(text, wanted)),
                "minItems" => {
                    let list = value.as_array();
                    list.is_none_or(|list| list.len() as u64 >= wanted.as_u64().unwrap())
                }
                "uniqueItems" => {
                    let list = value.as_array().filter(|_| *wanted == Value::Bool(true));
                    list.is_none_or(|list| (1..list.len()).all(|n| !list[..n].contains(&list[n])))
                }
                "required" => {
                    let object = value.as_object();
                    let has = |name: &Value| {
                        object.is_none_or(|o| o.contains_key(name.as_str().unwrap()))
                    };
                    wanted.as_array().unwrap().iter().all(has)
                }
                "anyOf" | "oneOf" => {
                    let fitting = wanted
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter(|s| self.fits(s, value))
                        .count();
                    fitting == 1 || keyword == "anyOf" && fitting > 1
                }
                "items" => {
                    for (nth, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(wanted, item, &format!("{at}/{nth}"));
                    }
                    true
                }
                "properties" | "additionalProperties" => true,
                other => panic!("unknown keyword {other}"),
            };
            if !right {
                self.found
                    .push(format!("{at}: {keyword} {wanted}: {value}"));
            }
        }
        if let Some(object) = value.as_object() {
            self.members(schema, object, at);
        }
    }

    fn members(&mut self, schema: &Map<String, Value>, object: &Map<String, Value>, at: &str) {
        for (name, member) in object {
            let at = format!("{at}/{name}");
            let property = schema.get("properties").and_then(|p| p.get(name));
            match property.or(schema.get("additionalProperties")) {
                Some(Value::Bool(false)) => self.found.push(format!("{at}: not allowed")),
                None | Some(Value::Bool(true)) => {}
                Some(schema) => self.value(schema, member, &at),
            }
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let mut found = Vec::new();
        let mut check = Check {
            root: self.root,
            found: &mut found,
        };
        check.value(schema, value, "");
        found.is_empty()
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("unknown type {other}"),
    }
}

/// RFC 3986: which characters an address may have, and that what is escaped is two hexadecimal digits.
fn has_format(text: &str, format: &Value) -> bool {
    let reference =
        Regex::new(r"^([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$").unwrap();
    let scheme = Regex::new(r"^[A-Za-z][A-Za-z0-9+.-]*:").unwrap();
    match format.as_str().unwrap() {
        "uri" => reference.is_match(text) && scheme.is_match(text),
        // A colon in the first segment would make it a scheme.
        "uri-reference" => {
            let first = text.split('/').next().unwrap_or_default();
            reference.is_match(text) && (scheme.is_match(text) || !first.contains(':'))
        }
        other => panic!("unknown format {other}"),
    }
}

#[test]
fn the_check_notices_what_is_not_allowed() {
    let schema = serde_json::json!({
        "type": "object",
        "required": ["a"],
        "additionalProperties": false,
        "properties": {
            "a": {"type": "integer", "minimum": 1},
            "b": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": ["x", "y"]}},
            "c": {"type": "string", "format": "uri-reference"},
            "d": {"$ref": "#/definitions/d"},
        },
        "definitions": {"d": {"anyOf": [{"type": "string", "pattern": "^z"}, {"type": "boolean"}]}},
    });
    for (value, count) in [
        (r#"{"a": 1, "b": ["x", "y"], "c": "%E4/a", "d": "z"}"#, 0),
        (r#"{"a": 1, "d": true}"#, 0),
        (r#"{}"#, 1),
        (r#"[]"#, 1),
        (r#"{"a": 0}"#, 1),
        (r#"{"a": "1"}"#, 1),
        (r#"{"a": 1, "e": 1}"#, 1),
        (r#"{"a": 1, "b": []}"#, 1),
        (r#"{"a": 1, "b": ["x", "x"]}"#, 1),
        (r#"{"a": 1, "b": ["z"]}"#, 1),
        (r#"{"a": 1, "c": "甲"}"#, 1),
        (r#"{"a": 1, "c": "%4"}"#, 1),
        (r#"{"a": 1, "d": "y"}"#, 1),
    ] {
        let found = violations(&schema, &serde_json::from_str(value).unwrap());
        assert_eq!(found.len(), count, "{value}: {found:?}");
    }
}
