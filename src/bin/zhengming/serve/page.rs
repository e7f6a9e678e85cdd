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
