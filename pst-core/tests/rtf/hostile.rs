//! RTF that is damaged, or meant to do harm.

use std::io;

use proptest::prelude::*;
use pst_core::rtf::{LossKind, Options, to_html as convert_html};

use super::{losses, to_html, to_text};

fn lost(rtf: &[u8]) -> (String, Vec<(LossKind, u64)>) {
    let (text, rendered) = to_text(rtf, &Options::default());
    (text, losses(&rendered))
}

#[test]
fn every_fault_is_told_and_the_text_is_there() {
    for (rtf, text, loss) in [
        (&b"just text"[..], "just text", (LossKind::NotRtf, 1)),
        (b"{\\b text}", "text", (LossKind::NotRtf, 1)),
        (b"", "", (LossKind::NotRtf, 1)),
        (b"{\\rtf1 {open", "open", (LossKind::Unbalanced, 2)),
        (b"{\\rtf1 a}}}\r\n\0", "a", (LossKind::Unbalanced, 2)),
        (b"{\\rtf1 a}bcd\r\n", "a", (LossKind::AfterEnd, 3)),
        (b"{\\rtf1 a\\'zzb}", "azzb", (LossKind::Malformed, 1)),
        (b"{\\rtf1\\ansi\\ansicpg65001 a\\'ffb}", "a\u{FFFD}b", (LossKind::Characters, 1)),
        (b"{\\rtf1 a\\u-10179 ?b}", "a\u{FFFD}b", (LossKind::Characters, 1)),
        (b"{\\rtf1 a\\u-8704 ?b}", "a\u{FFFD}b", (LossKind::Characters, 1)),
        (b"{\\rtf1 a\\u2000000 ?b}", "a\u{FFFD}b", (LossKind::Characters, 1)),
        (b"{\\rtf1\\ansi\\ansicpg1361 a\\'e9b}", "aéb", (LossKind::CodePage, 1)),
        (b"{\\rtf1{\\fonttbl{\\f1\\fcharset2 Webdings;}}\\f1 a}", "\u{F061}", (LossKind::Characters, 1)),
    ] {
        assert_eq!(lost(rtf), (text.to_owned(), vec![loss]), "{}", String::from_utf8_lossy(rtf));
    }
}

#[test]
fn depth_is_bounded() {
    let deep = |depth: usize| format!("{{\\rtf1 a{}b{}c}}", "{".repeat(depth), "}".repeat(depth));
    assert_eq!(lost(deep(4000).as_bytes()), ("abc".to_owned(), vec![]));
    assert_eq!(lost(deep(100_000).as_bytes()), ("ac".to_owned(), vec![(LossKind::TooDeep, 1)]));
    let open = "{\\rtf1 a".to_owned() + &"{".repeat(1_000_000);
    assert_eq!(lost(open.as_bytes()).1, [(LossKind::TooDeep, 1), (LossKind::Unbalanced, 1_000_001)]);
}

#[test]
fn tables_and_instructions_are_bounded() {
    let colours = format!("{{\\rtf1{{\\colortbl{}}}x}}", ";".repeat(5000));
    assert_eq!(lost(colours.as_bytes()), ("x".to_owned(), vec![(LossKind::TooLarge, 904)]));
    let field = format!("{{\\rtf1{{\\field{{\\*\\fldinst HYPERLINK {}}}{{\\fldrslt x}}}}}}", "y".repeat(1 << 20));
    let (text, losses) = lost(field.as_bytes());
    assert_eq!((text.as_str(), losses[0].0), ("x", LossKind::TooLarge));
}

#[test]
fn a_link_is_not_repeated_for_ever() {
    let link = |target: &str, shown: &str| {
        format!("{{\\rtf1{{\\field{{\\*\\fldinst HYPERLINK http://x/{target}}}{{\\fldrslt {shown}}}}}}}")
    };
    let (html, rendered) = to_html(link(&"y".repeat(4000), &"a\\par ".repeat(1000)).as_bytes(), &Options::default());
    assert_eq!(losses(&rendered), [(LossKind::Link, 1)]);
    assert_eq!((html.matches("<a href").count(), html.matches("<div>").count()), (64, 1000));
    // What is written counts, and `&` is written as a reference.
    let (html, rendered) = to_html(link(&"&".repeat(4000), &"a\\par ".repeat(1000)).as_bytes(), &Options::default());
    assert_eq!((html.matches("<a href").count(), losses(&rendered)), (26, vec![(LossKind::Link, 1)]));
    let (html, rendered) = to_html(link(&"y".repeat(5000), "a").as_bytes(), &Options::default());
    assert_eq!((html.contains("<a"), losses(&rendered)), (false, vec![(LossKind::Link, 1)]));
}

/// Each result used to be a link anew, with the instruction read again.
#[test]
fn a_field_is_one_link_however_many_results_it_has() {
    let start = std::time::Instant::now();
    let results = "{\\fldrslt a}".repeat(200_000);
    let rtf = format!("{{\\rtf1{{\\field{{\\*\\fldinst HYPERLINK http://x/{}}}{results}}}}}", "y".repeat(4000));
    let (html, rendered) = to_html(rtf.as_bytes(), &Options::default());
    assert_eq!((html.matches("<a href").count(), html.matches('a').count() > 200_000), (1, true));
    assert_eq!(losses(&rendered), []);
    let (text, _) = to_text(rtf.as_bytes(), &Options::default());
    assert!(text.starts_with(&format!("a <http://x/{}>aaa", "y".repeat(4000))) && text.ends_with("aaa"));
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

/// The target used to be copied and written anew to compare it, at every change of look.
#[test]
fn a_link_over_many_looks_costs_what_it_shows() {
    let start = std::time::Instant::now();
    let shown = "\\b a\\b0 a".repeat(100_000);
    let rtf =
        format!("{{\\rtf1{{\\field{{\\*\\fldinst HYPERLINK http://x/{}}}{{\\fldrslt {shown}}}}}}}", "&".repeat(4000));
    let (html, rendered) = to_html(rtf.as_bytes(), &Options::default());
    assert_eq!(losses(&rendered), []);
    let count = |what: &str| html.matches(what).count();
    assert_eq!((count("<a href=\"http://x/&amp;"), count("</a></div>"), count("<b>a</b>a")), (1, 1, 100_000));
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn a_long_text_streams() {
    /// Endless letters of two bytes, counted.
    struct Letters(usize);
    impl io::Read for Letters {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = out.len().min(self.0);
            out[..count]
                .iter_mut()
                .enumerate()
                .for_each(|(place, byte)| *byte = if (self.0 - place).is_multiple_of(2) { 0x82 } else { 0xA0 });
            self.0 -= count;
            Ok(count)
        }
    }
    struct Count(usize, u32);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            self.1 += u32::from(bytes.contains(&0xBD));
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    use io::Read;
    let rtf = (&b"{\\rtf1\\ansi\\ansicpg932 "[..]).chain(Letters(2_000_000)).chain(&b"}"[..]);
    let mut count = Count(0, 0);
    let rendered = pst_core::rtf::to_text(rtf, &mut count, &Options::default()).unwrap();
    assert_eq!((count.0, count.1), (3_000_000, 0), "a million letters of three bytes, no U+FFFD among them");
    assert_eq!(rendered.losses, []);
}

#[test]
fn errors_of_reading_and_writing_are_passed_on() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let read = convert_html(Broken, Vec::new(), &Options::default()).unwrap_err();
    assert_eq!(read.kind(), io::ErrorKind::ConnectionReset);
    let written = convert_html(&b"{\\rtf1 a}"[..], Broken, &Options::default()).unwrap_err();
    assert_eq!(written.kind(), io::ErrorKind::StorageFull);
}

/// Words, symbols and bytes that mean something to the reader.
fn snippets() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "{",
        "}",
        "{",
        "}",
        "\\*",
        "\\rtf1",
        "\\ansi",
        "\\ansicpg932 ",
        "\\fromhtml1",
        "\\fromtext",
        "\\htmlrtf ",
        "\\htmlrtf0 ",
        "{\\*\\htmltag64 ",
        "<p>",
        "{\\fonttbl",
        "\\f1",
        "\\f0",
        "\\fcharset128 ",
        "\\fcharset2 ",
        "\\cpg949 ",
        " Symbol;",
        "{\\colortbl;",
        "\\red9",
        ";",
        "{\\field",
        "{\\*\\fldinst ",
        "HYPERLINK \"http://x/\"",
        "HYPERLINK \"javascript:x\"",
        "{\\fldrslt ",
        "SYMBOL 74",
        "\\par ",
        "\\line",
        "\\tab",
        "\\cell",
        "\\row",
        "\\trowd",
        "\\intbl",
        "\\pard",
        "\\plain",
        "\\b",
        "\\b0",
        "\\i",
        "\\ul",
        "\\super",
        "\\cf1",
        "\\fs20 ",
        "\\v ",
        "\\u8364 ?",
        "\\u-10179 ?",
        "\\u-8704 ?",
        "\\uc0",
        "\\uc2 ",
        "\\'83",
        "\\'e9",
        "\\'5c",
        "\\'zz",
        "\\~",
        "\\_",
        "\\-",
        "\\{",
        "\\\\",
        "{\\pict ",
        "{\\header ",
        "{\\footnote ",
        "{\\object",
        "\\objattph ",
        "{\\upr",
        "{\\*\\ud",
        "{\\*\\shpinst",
        "{\\shptxt ",
        "{\\listtext ",
        "\\bin3 ",
        "<script>",
        "</a>",
        "&",
        "\"",
        "text",
        "  ",
        "\r\n",
        "\0",
        "\u{FEFF}",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..80).prop_map(|words| words.concat().into_bytes())
}

/// Checks that elements are closed in the order they were opened, and that there are no others.
fn well_nested(html: &str) {
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').expect("a tag ends") + at;
        let tag = &rest[at + 1..end];
        let name = tag.split(' ').next().expect("one at least");
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{html}"),
            None if matches!(name, "!DOCTYPE" | "meta" | "br" | "img") => {}
            None => {
                let known = [
                    "html", "head", "body", "div", "pre", "table", "tr", "td", "a", "span", "b", "i", "u", "s", "sup",
                    "sub",
                ];
                assert!(known.contains(&name), "{name}: {html}");
                open.push(name);
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{open:?}: {html}");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(rtf in prop::collection::vec(any::<u8>(), 0..2000)) {
        let options = Options::default();
        well_nested(&to_html(&rtf, &options).0);
        to_text(&rtf, &options);
    }

    #[test]
    fn any_words_are_survived(rtf in snippets(), whole: bool) {
        let rtf = if whole { [b"{\\rtf1\\ansi", &rtf[..], b"}"].concat() } else { rtf };
        let options = Options::default();
        let (html, rendered) = to_html(&rtf, &options);
        if rendered.encapsulation != pst_core::rtf::Encapsulation::Html {
            well_nested(&html);
            prop_assert!(!html.contains("href=\"javascript:"), "{}", html);
        }
        let (text, as_text) = to_text(&rtf, &options);
        prop_assert_eq!(rendered.encapsulation, as_text.encapsulation);
        prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{:?}", text);
        let again = to_html(&rtf, &options);
        prop_assert_eq!(again, (html, rendered));
    }
}
