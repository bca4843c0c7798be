//! True RTF as HTML.

use pst_core::rtf::{Encapsulation, LossKind, Options};

use super::{html, losses, to_html};

const HEAD: &str = "<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<meta charset=\"utf-8\">\r\n</head>\r\n<body>\r\n";
const TAIL: &str = "</body>\r\n</html>\r\n";

fn document(body: &str) -> String {
    format!(
        "{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0\\fcharset0 Arial;}}{{\\f3\\fcharset2 Symbol;}}{{\\f4\\fcharset2 Wingdings;}}{{\\f5\\fnil O'Font\"<;}}}}{{\\colortbl;\\red255\\green0\\blue16;\\red0\\green128\\blue0;}}{body}}}"
    )
}

/// What stands between the head and the tail, without the face of the default font.
fn body_of(html: &str) -> String {
    let body = html.strip_prefix(HEAD).and_then(|rest| rest.strip_suffix(TAIL)).expect("a whole page");
    body.replace("font-family:'Arial';", "").replace("<span style=\"font-family:'Arial'\">", "<span>")
}

fn body(rtf: &str) -> String {
    body_of(&html(document(rtf)))
}

/// The body without spans.
fn bare(rtf: &str) -> String {
    body(rtf).replace("<span>", "").replace("</span>", "")
}

#[test]
fn paragraphs_and_lines() {
    assert_eq!(
        bare(r"\pard one\par two\line three\par\par four"),
        "<div>one</div>\r\n<div>two<br>three</div>\r\n<div><br></div>\r\n<div>four</div>\r\n"
    );
    assert_eq!(
        bare(r"\pard\qc a\par\pard\qr b\par\qj c\par\pard\li720\fi-360 d\par\pard\rtlpar e\par\pard f"),
        "<div style=\"text-align:center\">a</div>\r\n<div style=\"text-align:right\">b</div>\r\n\
         <div style=\"text-align:justify\">c</div>\r\n<div style=\"margin-left:36pt;text-indent:-18pt\">d</div>\r\n\
         <div dir=\"rtl\">e</div>\r\n<div>f</div>\r\n"
    );
}

#[test]
fn an_empty_document_is_a_page() {
    assert_eq!(html(r"{\rtf1}"), format!("{HEAD}{TAIL}"));
}

#[test]
fn the_look_of_characters() {
    assert_eq!(
        bare(
            r"\b bold\i both\b0 italic\i0\ul under\ulnone\strike struck\strike0\super up\nosupersub\sub down\plain plain"
        ),
        "<div><b>bold<i>both</i></b><i>italic</i><u>under</u><s>struck</s><sup>up</sup><sub>down</sub>plain</div>\r\n"
    );
    assert_eq!(bare(r"{\b a{\i b}c}d{\uldb e}"), "<div><b>a<i>b</i>c</b>d<u>e</u></div>\r\n");
    assert_eq!(
        body(r"\fs21 a\cf1 b\cf0\highlight2 c\highlight0\fs0 d"),
        "<div><span style=\"font-size:10.5pt\">a</span><span style=\"font-size:10.5pt;color:#ff0010\">b</span>\
         <span style=\"font-size:10.5pt;background-color:#008000\">c</span><span>d</span></div>\r\n"
    );
}

#[test]
fn text_has_no_background_that_nobody_chose() {
    let rtf = r"{\rtf1\ansi{\colortbl\red0\green0\blue0;\red128\green0\blue0;}a\cf1 b\highlight1 c\highlight0 d}";
    assert_eq!(
        body_of(&html(rtf)),
        "<div><span style=\"color:#000000\">a</span><span style=\"color:#800000\">b</span>\
         <span style=\"color:#800000;background-color:#800000\">c</span><span style=\"color:#800000\">d</span></div>\r\n"
    );
}

#[test]
fn fonts_by_name() {
    let page = html(document(r"\f0 a\f5 b\f9 c"));
    assert_eq!(page, format!("{HEAD}<div><span style=\"font-family:'Arial'\">a</span>bc</div>\r\n{TAIL}"));
}

#[test]
fn text_is_escaped_and_spaces_are_kept() {
    assert_eq!(bare("a<b>&\"'\\'e9\\u8364 ?"), "<div>a&lt;b&gt;&amp;&quot;'é€</div>\r\n");
    assert_eq!(
        bare("  two   three\\tab  x\\~y"),
        "<div>&nbsp; two &nbsp; three&nbsp;&nbsp;&nbsp; &nbsp;x&nbsp;y</div>\r\n"
    );
    assert_eq!(
        bare(r"a\lquote b\rquote\endash\emdash\bullet\_\-x\emspace"),
        "<div>a‘b’–—•\u{2011}\u{AD}x\u{2003}</div>\r\n"
    );
    assert_eq!(bare(r"a\'0d\'0ab\'0bc\'09d\'07"), "<div>a<br>b<br>c&nbsp;&nbsp;&nbsp; d\u{FFFD}</div>\r\n");
}

#[test]
fn lists_keep_their_numbers() {
    assert_eq!(
        bare(r"\pard{\listtext\f0 1.\tab}\li720\fi-360 one\par{\pntext\f3\'B7\tab}two\par"),
        "<div>1.&nbsp;&nbsp;&nbsp; one</div>\r\n<div style=\"margin-left:36pt;text-indent:-18pt\">•&nbsp;&nbsp;&nbsp; two</div>\r\n"
    );
}

#[test]
fn symbol_fonts_are_characters() {
    assert_eq!(body(r"{\f3 a\'b7\u-3913 ?}{\f4 J\u-4022 ?}"), "<div>α••☺☺</div>\r\n");
    assert_eq!(
        bare(r#"{\field{\*\fldinst SYMBOL 74 \\f "Wingdings" \\s 11}{\fldrslt\f4\fs22}} ok"#),
        "<div>☺ ok</div>\r\n"
    );
}

#[test]
fn tables() {
    assert_eq!(
        bare(
            r"before\par\trowd\cellx100\cellx200\pard\intbl a\cell b\par b2\cell\row\trowd\pard\intbl\cell d\cell\row\pard after"
        ),
        "<div>before</div>\r\n<table>\r\n<tr>\r\n<td><div>a</div>\r\n</td>\r\n<td><div>b</div>\r\n<div>b2</div>\r\n</td>\r\n</tr>\r\n\
         <tr>\r\n<td></td>\r\n<td><div>d</div>\r\n</td>\r\n</tr>\r\n</table>\r\n<div>after</div>\r\n"
    );
    // A table at the end, and a row that is not ended.
    assert_eq!(
        bare(r"\trowd\intbl a\cell b"),
        "<table>\r\n<tr>\r\n<td><div>a</div>\r\n</td>\r\n<td><div>b</div>\r\n</td>\r\n</tr>\r\n</table>\r\n"
    );
    assert_eq!(bare(r"\row x\cell\row"), "<div>x</div>\r\n<table>\r\n<tr>\r\n<td></td>\r\n</tr>\r\n</table>\r\n");
}

#[test]
fn hyperlinks() {
    let field = |target: &str, shown: &str| {
        format!("{{\\field{{\\*\\fldinst{{ HYPERLINK \"{target}\" }}}}{{\\fldrslt{{\\ul {shown}}}}}}}")
    };
    assert_eq!(
        bare(&format!("see {} now", field("https://example.com/?a=1&b=\\'e9", "this"))),
        "<div>see <a href=\"https://example.com/?a=1&amp;b=é\"><u>this</u></a> now</div>\r\n"
    );
    // A paragraph may end within, and the next link is another one.
    assert_eq!(
        bare(&format!("{}{}", field("mailto:a@b.c", "one\\par two"), field("mailto:a@b.c", "three"))),
        "<div><a href=\"mailto:a@b.c\"><u>one</u></a></div>\r\n<div><a href=\"mailto:a@b.c\"><u>two</u></a><a href=\"mailto:a@b.c\"><u>three</u></a></div>\r\n"
    );
    for target in ["javascript:alert(1)", "data:text/html,x", "#top", "JaVaScRiPt:x"] {
        let (page, rendered) = to_html(document(&field(target, "click")).as_bytes(), &Options::default());
        assert!(!page.contains("<a") && page.contains("click"), "{page}");
        assert_eq!(losses(&rendered), [(LossKind::Link, 1)]);
        assert_eq!(rendered.losses[0].first, target);
    }
    // A field of another kind is its result.
    assert_eq!(bare(r"{\field{\*\fldinst PAGE}{\fldrslt 7}}"), "<div>7</div>\r\n");
    // A link in a link is the outer one.
    let inner = field("http://in/", "in");
    assert_eq!(
        bare(&field("http://out/", &format!("a{inner}b"))),
        "<div><a href=\"http://out/\"><u>ainb</u></a></div>\r\n"
    );
}

#[test]
fn places_of_attachments() {
    let rtf = document(r"a\objattph\'20b\objattph  c{\*\x\objattph}\objattph");
    let (page, rendered) = to_html(rtf.as_bytes(), &Options::default());
    assert_eq!((rendered.objects, rendered.encapsulation, losses(&rendered)), (3, Encapsulation::None, vec![]));
    let spans = |page: &str| body_of(page).replace("<span>", "").replacen("</span></div>", "</div>", 1);
    assert_eq!(
        spans(&page),
        "<div>a<span id=\"attachment-0\"></span>b<span id=\"attachment-1\"></span>c<span id=\"attachment-2\"></span></div>\r\n"
    );

    let mut options = Options::default();
    options.pictures = vec![None, Some("cid:a\"b@c".to_owned())];
    let (page, _) = to_html(rtf.as_bytes(), &options);
    assert!(page.contains("b<img id=\"attachment-1\" src=\"cid:a&quot;b@c\" alt=\"\">c"), "{page}");
}

#[test]
fn what_has_no_place_is_told() {
    for (rtf, loss) in [
        (r"{\pict\wmetafile8 0102}", LossKind::Picture),
        (r"{\*\shppict{\pict\pngblip 89504e47}}{\nonshppict{\pict\wmetafile8 01}}", LossKind::Picture),
        (r"{\b\pict 0102}", LossKind::Picture),
        (r"{\object\objemb{\*\objclass Package}{\*\objdata 0105}{\result{\pard }}}", LossKind::Object),
        (r"{\header\pard one{ two}{ three}}", LossKind::HeaderFooter),
        (r"{\footerr x}", LossKind::HeaderFooter),
        (r"{\footnote\pard note}", LossKind::Footnote),
        (r"{\*\annotation note}", LossKind::Annotation),
        (r"{\v hidden}", LossKind::Hidden),
    ] {
        let (page, rendered) = to_html(document(rtf).as_bytes(), &Options::default());
        assert_eq!(page, format!("{HEAD}{TAIL}"), "{rtf}");
        assert_eq!(losses(&rendered), [(loss, 1)], "{rtf}");
    }
    assert_eq!(body(r"{\header\pard }{\footer{\pard\plain }}"), "", "nothing is lost without text");
}

#[test]
fn what_is_no_text_is_left_out() {
    for rtf in [
        r"{\stylesheet{\s0 Normal;}{\*\cs10 Default;}}",
        r"{\info{\title x}{\author y}}",
        r"{\*\listtable{\list{\listlevel{\leveltext\'02\'00.;}}}}",
        r"{\*\themedata 504b}",
        r"{\*\bkmkstart here}{\*\bkmkend here}",
        r"{\xe index}",
        r"{\*\pn\pnlvlblt{\pntxtb\'b7}}",
        r"{\bin3 {}}}",
    ] {
        assert_eq!(body(rtf), "", "{rtf}");
    }
}

#[test]
fn text_in_shapes_and_the_better_alternative() {
    assert_eq!(
        bare(r"a{\shp{\*\shpinst\shpleft1{\sp{\sn x}{\sv y}}{\shptxt\pard box\par}}{\shprslt\par box}}"),
        "<div>abox</div>\r\n"
    );
    assert_eq!(bare(r"{\upr{ansi}{\*\ud{unicode\u8364 ?}}}"), "<div>unicode€</div>\r\n");
    let (page, rendered) =
        to_html(document(r"{\object\objemb{\*\objdata 01}{\result{\b shown}}}").as_bytes(), &Options::default());
    assert!(page.contains("<b>shown</b>"), "{page}");
    assert_eq!(losses(&rendered), [(LossKind::Object, 1)]);
}
