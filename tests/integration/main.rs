//! One test binary: behaviour through the public seams.

#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

mod annotate;
mod mentions;
mod support;
