//! RTF bodies as HTML and as text.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice
)]

mod corpus;
mod encapsulated;
mod hostile;
mod html;
mod text;

use pst_core::rtf::{self, LossKind, Options, Rendered};

/// The HTML and what else was found.
fn to_html(rtf: &[u8], options: &Options) -> (String, Rendered) {
    let mut out = Vec::new();
    let rendered = rtf::to_html(rtf, &mut out, options).expect("a slice and a vector do not fail");
    (String::from_utf8(out).expect("UTF-8"), rendered)
}

/// The text and what else was found.
fn to_text(rtf: &[u8], options: &Options) -> (String, Rendered) {
    let mut out = Vec::new();
    let rendered = rtf::to_text(rtf, &mut out, options).expect("a slice and a vector do not fail");
    (String::from_utf8(out).expect("UTF-8"), rendered)
}

/// The HTML of RTF that must lose nothing.
fn html(rtf: impl AsRef<[u8]>) -> String {
    let (html, rendered) = to_html(rtf.as_ref(), &Options::default());
    assert_eq!(rendered.losses, [], "{html}");
    html
}

/// The text of RTF that must lose nothing.
fn text(rtf: impl AsRef<[u8]>) -> String {
    let (text, rendered) = to_text(rtf.as_ref(), &Options::default());
    assert_eq!(rendered.losses, [], "{text}");
    text
}

/// Kinds and counts of what was lost.
fn losses(rendered: &Rendered) -> Vec<(LossKind, u64)> {
    rendered.losses.iter().map(|loss| (loss.kind, loss.count)).collect()
}
