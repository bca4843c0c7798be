//! Every RTF body of a corpus of stores. They are in `pst` below the directory that `PST_CORPUS` names; without it this test has
//! nothing to do.

use std::path::PathBuf;

use pst_core::messaging::Message;
use pst_core::rtf::{Encapsulation, Options, encapsulation};
use pst_core::{Pst, rtf};

use super::{to_html, to_text};

fn stores() -> Vec<PathBuf> {
    let Some(dir) = std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join("pst")) else {
        println!("PST_CORPUS is not set: no corpus");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("PST_CORPUS is a directory")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pst" || extension == "ost"));
    files.sort();
    files
}

/// Characters that are no white space.
fn letters(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

#[derive(Debug, Default)]
struct Counts {
    html: u32,
    text: u32,
    none: u32,
    /// Bodies whose text view is that of the text body beside them, but for white space.
    equal: u32,
    differing: Vec<String>,
    losses: Vec<String>,
}

/// A message and those attached to it.
fn look_at(message: &Message, place: &str, counts: &mut Counts) {
    for attachment in message.attachments().flatten() {
        if let Ok(Some(inner)) = attachment.message() {
            look_at(&inner, &format!("{place} in {}", attachment.id()), counts);
        }
    }
    look_at_body(message, place, counts);
}

fn look_at_body(message: &Message, place: &str, counts: &mut Counts) {
    let Some(body) = message.body_rtf().expect("the corpus is sound") else { return };
    let options = Options::default();
    let (page, as_html) = to_html(&body.bytes, &options);
    let (text, as_text) = to_text(&body.bytes, &options);
    assert!(!page.is_empty() || as_html.encapsulation == Encapsulation::Html, "{place}");
    assert_eq!(as_html.encapsulation, encapsulation(&body.bytes), "{place}");
    assert_eq!(as_html.losses, as_text.losses, "{place}");
    counts.losses.extend(as_html.losses.iter().map(|loss| format!("{place}: {loss}")));
    match as_html.encapsulation {
        Encapsulation::Html => counts.html += 1,
        Encapsulation::Text => counts.text += 1,
        Encapsulation::None => counts.none += 1,
    }
    // Its own RTF in pieces says the same.
    let mut pieces = Vec::new();
    rtf::to_text(std::io::BufReader::with_capacity(7, &body.bytes[..]), &mut pieces, &options).expect("no I/O");
    assert_eq!(pieces, text.as_bytes(), "{place}");

    if let Some(plain) = message.body_text().expect("the corpus is sound") {
        let plain = plain.to_string_lossy();
        if letters(&plain) == letters(&text) {
            counts.equal += 1;
        } else {
            counts.differing.push(format!("{place}:\n--- text body\n{plain}\n--- RTF\n{text}"));
        }
    }
}

#[test]
fn every_body_is_converted() {
    let mut counts = Counts::default();
    let stores = stores();
    for path in &stores {
        let pst = Pst::open(path).expect("the corpus is sound");
        for entry in pst.message_entries().flatten() {
            let Ok(message) = pst.message_from_entry(entry) else { continue };
            let place = format!("{} {}", path.display(), message.id());
            look_at(&message, &place, &mut counts);
        }
    }
    println!(
        "HTML {}, text {}, RTF {}; text view equal {}, differing {}\n{}\n{}",
        counts.html,
        counts.text,
        counts.none,
        counts.equal,
        counts.differing.len(),
        counts.losses.join("\n"),
        counts.differing.join("\n"),
    );
    assert_eq!(counts.differing.len(), 0, "text bodies that the RTF beside them does not say");
}
