//! Text from drafts as text in HTML, XML and Markdown.

use std::fmt::Write as _;

use crate::report::visible;

/// Text for XML or HTML, between tags or in a quoted attribute. What hides is made visible, which also leaves no
/// character that XML forbids.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{FFFE}' | '\u{FFFF}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Text for a paragraph or table cell of Markdown: nothing in it is markup, and no address in it becomes a link.
pub(super) fn escape_markdown(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let active = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '$'
            | '@' => true,
            ':' => rest.starts_with("://"),
            '.' => text[..at].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if active {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        for (text, want) in [
            ("一带一路", "一带一路"),
            (
                "<script>alert('1')</script>",
                "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;",
            ),
            ("\" onload=x&", "&quot; onload=x&amp;"),
            (
                "]]>\0\u{1b}\u{ffff}\u{202e}",
                "]]&gt;\\u{0}\\u{1b}\\u{ffff}\\u{202e}",
            ),
            ("甲\r\n乙\t", "甲⏎乙\\t"),
        ] {
            assert_eq!(escape(text), want);
        }
    }

    #[test]
    fn markdown_becomes_text() {
        let hostile = "**a** [x](javascript:y) <b> `c` | # ![i](http://a.b) www.a.b ~~s~~ &lt; $1$ @all\n- 乙 \\";
        let escaped = escape_markdown(hostile);
        let events: Vec<_> =
            pulldown_cmark::Parser::new_ext(&escaped, pulldown_cmark::Options::all()).collect();
        let text: String = events
            .iter()
            .filter_map(|e| match e {
                pulldown_cmark::Event::Text(t) => Some(t.as_ref()),
                _ => None,
            })
            .collect();
        assert_eq!(text, hostile.replace('\n', "⏎"));
        assert!(escaped.contains("http\\://") && escaped.contains("www\\."));
        let is_text = |e: &&pulldown_cmark::Event<'_>| matches!(e, pulldown_cmark::Event::Text(_));
        // Besides the text only the paragraph that holds it.
        assert_eq!(
            events.iter().filter(|e| !is_text(e)).count(),
            2,
            "{events:?}"
        );
    }
}
