//! HTML and text taken out of the RTF around them (MS-OXRTFEX).

use proptest::prelude::*;
use pst_core::rtf::{Encapsulation, LossKind, Options, encapsulation};
use pst_core::text::CodePage;

use super::{html, losses, text, to_html, to_text};

/// RTF in windows-1252 around encapsulated HTML.
fn wrapped(body: &str) -> String {
    format!(
        "{{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{{\\fonttbl{{\\f0\\fswiss Arial;}}{{\\f4\\fcharset128 MS PGothic;}}{{\\f5\\fcharset204 Arial;}}{{\\f6\\fcharset2 Symbol;}}}}{body}}}"
    )
}

#[test]
fn the_mark_is_among_the_first_ten_tokens() {
    use Encapsulation::{Html, None, Text};
    for (head, expected) in [
        ("{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl", Html),
        ("{\\rtf1\\ansi\\ansicpg1252\\fromtext \\deff0{\\fonttbl", Text),
        ("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}}", None),
        // The mark as the tenth token, and as the eleventh.
        ("{\\rtf1\\a\\a\\a\\a\\a\\a\\a\\fromhtml1", Html),
        ("{\\rtf1\\a\\a\\a\\a\\a\\a\\a\\a\\fromhtml1", None),
        // Beginnings of groups are tokens too.
        ("{\\rtf1\\ansi{{{\\fromhtml1", Html),
        // Anything else in front of it ends the search.
        ("{\\rtf1\\ansi text\\fromhtml1", None),
        ("{\\rtf1\\ansi{\\*\\x}\\fromhtml1", None),
        ("{\\rtf1{}\\fromhtml1", None),
        ("{\\rtf1\\'41\\fromhtml1", None),
        // Only version 1 is HTML, and only RTF is RTF.
        ("{\\rtf1\\fromhtml", None),
        ("{\\rtf1\\fromhtml0", None),
        ("{\\fromhtml1", None),
        ("\\rtf1\\fromhtml1", None),
        ("<html>", None),
        ("", None),
        // Line ends and a byte order mark are nothing.
        ("\u{FEFF}\r\n{\r\n\\rtf1\r\n\\fromhtml1}", Html),
    ] {
        assert_eq!(encapsulation(head.as_bytes()), expected, "{head}");
    }
}

/// The example of MS-OXRTFEX section 3, whole.
#[test]
fn the_example_of_the_specification() {
    let rtf = r#"{\rtf1\ANSI\ansicpg1251\fromhtml1 \deff0
{\fonttbl {\f0\fmodern Courier New;}{\f1\fswiss Arial;}{\f2\fswiss\fcharset0 Arial;}}
{\colortbl\red0\green0\blue0;\red0\green0\blue255;}
{\*\htmltag64}
\uc1\pard\plain\deftab360 \f0\fs24
{\*\htmltag <HTML><head>\par
<style>\par
<!--\par
/* Style Definitions */\par
p.MsoNormal, li.MsoNormal \{font-family:Arial;\}\par
-->\par
</style>\par
\tab <!-- This is a HTML comment.\par
There is a horizontal tab (%x09) character before the comment, \par
and some new lines inside the comment. -->\par
</head>\par
<body>\par
<p\par
class="MsoNormal">}
{\htmlrtf \f1 \htmlrtf0 Note the line break inside a P tag. {\*\htmltag <b>}{\htmlrtf \b
\htmlrtf0 This is bold text{\*\htmltag </b>}} \htmlrtf\par\htmlrtf0}
\htmlrtf \par \htmlrtf0
{\*\htmltag </p>\par
<p class="MsoNormal">\par}
{\htmlrtf \f1 \htmlrtf0 This is a normal text with a character references: 
{\*\htmltag &nbsp;}\htmlrtf \'a0\htmlrtf0  {\*\htmltag &lt;}\htmlrtf <\htmlrtf0  {\*\htmltag
&uml;}\htmlrtf {\f2\'a8}\htmlrtf0{\*\htmltag <br>\par}\htmlrtf\line\htmlrtf0
characters that have special meaning in RTF: \{\}\\{\*\htmltag
<br>\par}\htmlrtf\line\htmlrtf0\htmlrtf\par\htmlrtf0}
{\*\htmltag </p>\par
<ol>\par
<li class="MsoNormal">}{\htmlrtf
{{\*\pn\pnlvlbody\pndec\pnstart1\pnindent360{\pntxta.}}\li360\fi-360{\pntext 1.\tab} \f1
\htmlrtf0 This is a list item}\htmlrtf\par\htmlrtf0}
{\*\htmltag \par
</ol>\par
</body>\par
</HTML>\par }}
"#;
    let expected = r#"<HTML><head>
<style>
<!--
/* Style Definitions */
p.MsoNormal, li.MsoNormal {font-family:Arial;}
-->
</style>
	<!-- This is a HTML comment.
There is a horizontal tab (%x09) character before the comment, 
and some new lines inside the comment. -->
</head>
<body>
<p
class="MsoNormal">Note the line break inside a P tag. <b>This is bold text</b> </p>
<p class="MsoNormal">
This is a normal text with a character references: &nbsp; &lt; &uml;<br>
characters that have special meaning in RTF: {}\<br>
</p>
<ol>
<li class="MsoNormal">This is a list item
</ol>
</body>
</HTML>
"#;
    assert_eq!(html(rtf), expected.replace('\n', "\r\n"));
    // The same RTF for readers that know nothing of HTML.
    let shown = text(rtf);
    assert!(shown.starts_with("Note the line break inside a P tag. This is bold text \r\n\r\n"), "{shown:?}");
    assert!(shown.contains("\r\n1.\tThis is a list item") || shown.contains("1.\t This is a list item"), "{shown:?}");
}

#[test]
fn words_for_characters_become_references_between_tags() {
    let rtf = wrapped(
        r"a\par b\line c\tab d\lquote e\rquote f\ldblquote g\rdblquote h\bullet i\endash j\emdash k\~l\_m\-n\{\}\\",
    );
    assert_eq!(
        html(rtf),
        "a\r\nb\r\nc\td&lsquo;e&rsquo;f&ldquo;g&rdquo;h&bull;i&ndash;j&mdash;k&nbsp;l&shy;m&shy;n{}\\"
    );
}

#[test]
fn words_for_characters_are_characters_in_tags() {
    let rtf = wrapped(
        r#"{\*\htmltag148 <p title="\ldblquote a\rquote s\~\emdash\_">\par\tab x\{\}\\\'e9\u8364 ?\uc0\u8364}"#,
    );
    assert_eq!(html(rtf), "<p title=\"“a’s\u{A0}—\u{AD}\">\r\n\tx{}\\é€€");
}

#[test]
fn other_words_are_nothing() {
    assert_eq!(html(wrapped(r"\pard\plain\f0\fs20\b x\b0\cell\row\sect0{\*\htmltag84 \b <b>\fs3}y")), "x\r\n<b>y");
}

#[test]
fn text_between_tags_is_no_markup() {
    assert_eq!(html(wrapped(r"{\*\htmltag <p>}a < b > c & d{\*\htmltag </p>}")), "<p>a &lt; b &gt; c & d</p>");
}

#[test]
fn htmlrtf_is_left_out_and_belongs_to_its_group() {
    assert_eq!(html(wrapped(r"a\htmlrtf b\htmlrtf0 c\htmlrtf1 d\htmlrtf0 e")), "ace");
    // The example of 2.1.3.1.3, with \htmlrtf in the place of \b.
    assert_eq!(
        html(wrapped(r"\htmlrtf on { on \htmlrtf0 off1 } on \htmlrtf0 off2 { off3 \htmlrtf on } off4")),
        "off1 off2  off3  off4"
    );
    // Words within a tag as well; seen in mail.
    assert_eq!(
        html(wrapped(r"{\*\htmltag241 <!--[if mso]>&nbsp;\htmlrtf .\u32  \htmlrtf0<![endif]-->}")),
        "<!--[if mso]>&nbsp;<![endif]-->"
    );
}

#[test]
fn what_is_no_text_is_left_out() {
    for body in [
        r"{\colortbl;\red1\green2\blue3;}",
        r"{\stylesheet{\s1 Heading;}}",
        r"{\*\generator Microsoft Exchange Server;}",
        r"{\*\formatConverter converted from html;}",
        r"{\*\unknown some {\field text}}",
        r"{\*\mhtmltag84 <a href=3D}",
        r"{\info{\title a}}",
        r"{\pntext *\tab}",
        r"{\*\htmltag64}",
        r"{\*\htmltag}",
    ] {
        assert_eq!(html(wrapped(body)), "", "{body}");
    }
}

#[test]
fn text_is_in_the_code_page_of_its_font() {
    // 932 over hex escapes and a letter; 1251; no charset: the page of the document; a symbol font: the code itself.
    let rtf = wrapped(r"{\f4 \'94\'4e\'83e\'5c}{\f5 \'cf\'f0}\f0\'e9{\f6 \'b7}{\f99 \'e9}");
    assert_eq!(html(rtf), "年テ\\Прé·é");
    // A lead byte and a trail byte that is escaped as RTF, in 932 and 950.
    assert_eq!(html(wrapped(r"{\f4 \'83\\\'83\{\'83\}}")), "ソボマ");
    let big5 = r"{\rtf1\ansi\ansicpg950\fromhtml1 \deff0{\fonttbl{\f0\fcharset136 MingLiU;}}\'a4\'a4\'a4\'e5\'b3\\}";
    assert_eq!(html(big5), "中文許");
}

#[test]
fn tags_are_in_the_code_page_of_the_document() {
    let rtf = r"{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fcharset0 Arial;}}\f0{\*\htmltag <p title='\'cf\'f0'>}\'e9}";
    assert_eq!(html(rtf), "<p title='Пр'>é");
}

#[test]
fn fonts_change_within_htmlrtf_and_with_groups() {
    let rtf = wrapped(
        r"\htmlrtf{\f5\htmlrtf0 \'cf{\f0 \'e9}\'f0\htmlrtf}\htmlrtf0 \'e9\htmlrtf\f5\htmlrtf0\'cf\htmlrtf\plain\htmlrtf0\'e9",
    );
    assert_eq!(html(rtf), "ПéрéПé");
}

#[test]
fn the_named_code_page_of_a_font_comes_first() {
    let rtf =
        r"{\rtf1\ansi\ansicpg1252\fromhtml1\uc0\deff0{\fonttbl{\f0\fcharset0\cpg65001 Arial;}}\'e2\'80\'98hi\u8217}";
    assert_eq!(html(rtf), "‘hi’");
    // UTF-16 cannot be meant by it.
    let rtf = r"{\rtf1\ansi\ansicpg1200\fromtext\deff0{\fonttbl{\f0\fcharset0 Calibri;}{\f1\fcharset1 SimSun;}}\f0 \'a4\f1 a\par}";
    assert_eq!(text(rtf), "¤a\r\n");
}

#[test]
fn rtf_without_a_code_page_takes_the_one_given() {
    let rtf = br"{\rtf1\ansi\fromhtml1{\fonttbl{\f0\fnil Arial;}}\f0\'cf{\*\htmltag\'f0}}";
    assert_eq!(to_html(rtf, &Options::default()).0, "Ïð");
    let mut options = Options::default();
    options.code_page = CodePage::new(1251);
    let (html, rendered) = to_html(rtf, &options);
    assert_eq!((html.as_str(), rendered.code_page), ("Пр", CodePage::new(1251)));
}

#[test]
fn unicode_and_what_stands_in_for_it() {
    for (body, expected) in [
        (r"\u8226 ?x", "•x"),
        (r"\u8226\'95x", "•x"),
        (r"\uc0\u8226 x", "•x"),
        (r"\uc2\u20320\'c4\'e3x", "你x"),
        (r"{\uc3\u8226 abc}\u8226 abc", "••bc"),
        (r"\u-4064 ?x", "\u{F020}x"),
        (r"\u65279 ?x", "\u{FEFF}x"),
        (r"\u-10179 ?\u-8704 ?x", "😀x"),
        (r"\u55357\'20\u56832 ?x", "😀x"),
        (r"\u128512 ?x", "😀x"),
        // A group ends what is passed over.
        (r"\uc9\u8226 ab{cd}", "•cd"),
        (r"\u8226\bullet x", "•x"),
        // Left out by some writers: what is no character is not passed over.
        (r"\u8220\par x", "“\r\nx"),
        (r"\u8220\u8221?x", "“”x"),
        (r"\u8220\htmlrtf\f5\htmlrtf0 ?x", "“x"),
    ] {
        assert_eq!(html(wrapped(body)), expected, "{body}");
    }
}

#[test]
fn a_second_rtf_within_the_first_is_part_of_it() {
    // Signature software adds its text so.
    let rtf = wrapped(
        r"{\*\htmltag27 </html>}{\rtf1\ansi\ansicpg1250\deff3{\fonttbl{\f0\fnil\fcharset0 ;}}\plain **\par \'e9}",
    );
    assert_eq!(html(rtf), "</html>**\r\né");
}

#[test]
fn groups_that_close_too_often_in_rtf_alone_do_not_end_the_document() {
    let (html, rendered) = to_html(wrapped(r"a\htmlrtf}}}b\htmlrtf0 c").as_bytes(), &Options::default());
    assert_eq!(html, "ac");
    assert_eq!(losses(&rendered), [(LossKind::Unbalanced, 3)]);
}

#[test]
fn plain_text_comes_back() {
    let rtf = r#"{\rtf1\ansi\ansicpg1252\fromtext \fbidis \deff0{\fonttbl
{\f0\fswiss\fcharset0 Arial;}
{\f4\fswiss\fcharset128 MS PGothic;}}
{\colortbl\red0\green0\blue0;\red0\green0\blue255;}
\uc1\pard\plain\deftab360 \f0\fs20 Text: ! < > & " ' \'80 \'9c\tab\{\u-10179 ?\u-8704 ?\line
\htmlrtf{\f4\fs20\htmlrtf0 2004\'94\'4e5\'8c\'8e\htmlrtf\f0}\htmlrtf0 \par
}
"#;
    assert_eq!(text(rtf), "Text: ! < > & \" ' € œ\t{😀\r\n2004年5月\r\n");
    let page = html(rtf);
    assert!(
        page.contains(
            "<pre style=\"white-space:pre-wrap\">\r\nText: ! &lt; &gt; &amp; &quot; ' € œ\t{😀\r\n2004年5月\r\n</pre>"
        ),
        "{page}"
    );
}

#[test]
fn what_was_found_is_told() {
    let (_, rendered) = to_html(wrapped("x").as_bytes(), &Options::default());
    assert_eq!((rendered.encapsulation, rendered.objects), (Encapsulation::Html, 0));
    assert_eq!(rendered.code_page, CodePage::WINDOWS_1252);
    let (_, rendered) = to_text(br"{\rtf1\fromtext x}", &Options::default());
    assert_eq!(rendered.encapsulation, Encapsulation::Text);
}

/// A piece of HTML: markup or text.
#[derive(Clone, Debug)]
enum Piece {
    Tag(String),
    Text(String),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let tag = "<[a-z]{1,8}( [a-z]{1,5}=\"[a-zé€日本 {}\\\\;&#0-9\r\n\t]{0,12}\")?>|<!--[ -;?-~]{0,20}-->|&[a-z]{2,6};";
    let text = "[ -;=?-~éà€Ж日本語中文한😀\r\t]{0,24}";
    prop::collection::vec(
        prop_oneof![
            tag.prop_map(|tag| Piece::Tag(tag.replace('\r', "\r\n"))),
            text.prop_map(|text| Piece::Text(text.replace('\r', "\r\n")))
        ],
        0..20,
    )
}

/// RTF for characters: escapes, hex in the page where it has them, else Unicode.
fn escaped(text: &str, page: CodePage, out: &mut Vec<u8>) {
    for character in text.replace("\r\n", "\r").chars() {
        match character {
            '\r' => out.extend(b"\\par\r\n"),
            '\n' => out.extend(b"\\'0a"),
            '\t' => out.extend(b"\\tab "),
            '{' | '}' | '\\' => out.extend([b'\\', character as u8]),
            ' '..='~' => out.push(character as u8),
            character => match page.encode(character.encode_utf8(&mut [0; 4])) {
                Some(bytes) => bytes.iter().for_each(|byte| match byte {
                    b'0'..=b'9' | b'A'..=b'Z' => out.push(*byte),
                    byte => out.extend(format!("\\'{byte:02x}").bytes()),
                }),
                None => character
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .for_each(|unit| out.extend(format!("\\u{} ?", *unit as i16).bytes())),
            },
        }
    }
}

proptest! {
    /// A small writer of MS-OXRTFEX: markup in tags, text between them, with RTF for other readers around it.
    #[test]
    fn html_comes_back_as_it_was(
        pieces in pieces(),
        document in prop::sample::select(vec![1252_u16, 1251, 932, 936, 949, 950, 65001]),
        fonts in prop::collection::vec(0_usize..5, 20),
    ) {
        let charsets = [(0, 1252), (128, 932), (129, 949), (134, 936), (136, 950)];
        let mut rtf = format!("{{\\rtf1\\ansi\\ansicpg{document}\\fromhtml1 \\deff0{{\\fonttbl").into_bytes();
        for (number, (charset, _)) in charsets.iter().enumerate() {
            rtf.extend(format!("{{\\f{number}\\fnil\\fcharset{charset} Font;}}").bytes());
        }
        rtf.extend(b"}\r\n{\\*\\htmltag64}\\uc1\\pard\\plain\\f0\\fs24 ");
        let mut expected = String::new();
        for (piece, font) in pieces.iter().zip(fonts) {
            match piece {
                Piece::Tag(tag) => {
                    rtf.extend(b"{\\*\\htmltag84 ");
                    escaped(tag, CodePage::new(document), &mut rtf);
                    rtf.extend(b"}\\htmlrtf {\\b shown instead\\par}\\htmlrtf0 \r\n");
                    expected.push_str(tag);
                }
                Piece::Text(text) => {
                    rtf.extend(format!("\\htmlrtf {{\\f{font}\\htmlrtf0 ").bytes());
                    escaped(text, CodePage::new(charsets[font].1), &mut rtf);
                    rtf.extend(b"\\htmlrtf}\\htmlrtf0 ");
                    expected.push_str(text);
                }
            }
        }
        rtf.extend(b"}\0");
        prop_assert_eq!(html(rtf), expected);
    }
}
