//! Brings `tests/straddle-allowed.toml` up to date with the lexicon: pairs of words in which nothing is reported any more
//! are taken off; new ones are put at its end, without a reason. Give each a reason there, or its entry a guard.
//!
//! ```text
//! cargo run --example straddle
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a small program that is run by hand"
)]

use std::fs;

#[path = "../tests/integration/straddle.rs"]
mod straddle;

use straddle::{Allowed, AllowedFile, Straddles, allowed_path, straddles, without};

fn main() {
    let text = fs::read_to_string(allowed_path()).unwrap_or_default();
    let old: AllowedFile = toml::from_str(&text).unwrap();
    let found = straddles();
    let mut rest = found.clone();
    let mut groups = Vec::new();
    for group in old.allowed {
        let gone = without(&group.forms, &found);
        for (form, pairs) in &gone {
            println!("no longer reported: {form} {pairs:?}");
        }
        let forms = without(&group.forms, &gone);
        if !forms.is_empty() && !group.reason.trim().is_empty() {
            rest = without(&rest, &forms);
            groups.push((group.reason, forms));
        }
    }
    for (form, pairs) in &rest {
        println!("new: {form} {pairs:?}");
    }
    if !rest.is_empty() {
        groups.push((String::new(), rest));
    }
    fs::write(allowed_path(), written(groups)).unwrap();
}

fn written(groups: Vec<(String, Straddles)>) -> String {
    let mut text = "# Words that look like a wrong form where they meet, and why it does no harm that this would be reported.\n\
                    # By form: left word|right word. Kept up to date by: cargo run --example straddle\n"
        .to_owned();
    for (reason, forms) in groups {
        let group = Allowed { reason, forms };
        text += &format!(
            "\n[[allowed]]\nreason = {:?}\n\n[allowed.forms]\n",
            group.reason
        );
        for (form, pairs) in group.forms {
            let pairs: Vec<_> = pairs.iter().map(|p| format!("{p:?}")).collect();
            text += &format!("{form:?} = [{}]\n", pairs.join(", "));
        }
    }
    text
}
