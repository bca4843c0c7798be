//! The text of RTF.

use pst_core::rtf::{LossKind, Options};

use super::{losses, text, to_text};

#[test]
fn paragraphs_tables_and_lists() {
    assert_eq!(
        text(r"{\rtf1 one\par two\line three\tab x\par\trowd\intbl a\cell b\cell\row{\listtext 1.\tab}item\par}"),
        "one\r\ntwo\r\nthree\tx\r\na\tb\t\r\n1.\titem\r\n"
    );
    assert_eq!(text(r"{\rtf1 a\'0d\'0ab\'0ac\'0dd\'0d\'0d\'0ae\'0d\par f}"), "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\nf");
    assert_eq!(text(r"{\rtf1 soft\-hyphen hard\_hyphen a\~b}"), "softhyphen hard\u{2011}hyphen a\u{A0}b");
}

#[test]
fn the_target_of_a_link_follows_where_the_text_does_not_say_it() {
    let link = |target: &str, shown: &str| {
        format!("{{\\rtf1 a {{\\field{{\\*\\fldinst HYPERLINK \"{target}\"}}{{\\fldrslt {shown}}}}} b}}")
    };
    assert_eq!(text(link("http://example.com/", "here")), "a here <http://example.com/> b");
    assert_eq!(text(link("http://example.com/", "http://example.com")), "a http://example.com b");
    assert_eq!(text(link("http://example.com/", "example.com")), "a example.com b");
    assert_eq!(text(link("mailto:ann@example.com", "ann@example.com")), "a ann@example.com b");
    let (shown, rendered) = to_text(link("javascript:x", "here").as_bytes(), &Options::default());
    assert_eq!((shown.as_str(), losses(&rendered)), ("a here b", vec![(LossKind::Link, 1)]));
}

#[test]
fn an_attachment_stands_for_one_character() {
    let (shown, rendered) = to_text(br"{\rtf1 a\objattph\'20b\objattph c}", &Options::default());
    assert_eq!((shown.as_str(), rendered.objects), ("a b c", 2));
}

#[test]
fn encapsulated_html_is_read_as_the_rtf_it_is() {
    let rtf = r"{\rtf1\ansi\fromhtml1{\*\htmltag <p>}one{\*\htmltag </p>}\htmlrtf\par\htmlrtf0{\*\htmltag &lt;}\htmlrtf <\htmlrtf0}";
    assert_eq!(text(rtf), "one\r\n<");
}
