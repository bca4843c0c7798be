//! HTML as plain text, for the places of a form that hold no markup.
//!
//! Paragraphs, rows and breaks become line ends, everything else between angle brackets goes. What is no text to read
//! (scripts, style sheets, the head) goes as a whole.

/// The text of a piece of HTML, without spaces at the ends of lines and without more than one empty line in a row.
pub(super) fn plain(html: &str) -> String {
    let mut out = Text::default();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        out.text(text);
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        rest = after;
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "script" | "style" | "head" | "title" if !tag.starts_with('/') && !tag.ends_with('/') => {
                rest = after_end_of(after, &name);
            }
            "br" | "tr" | "li" | "dt" | "dd" | "hr" | "div" | "table" | "ul" | "ol" | "pre" => out.break_line(),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" => out.break_line(),
            "td" | "th" => out.space(),
            _ => {}
        }
    }
    out.text(rest);
    out.finish()
}

/// What follows the end tag of an element; nothing if it never ends.
fn after_end_of<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("</") {
        if after.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return after.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = after;
    }
    ""
}

#[derive(Default)]
struct Text {
    out: String,
    /// White space that becomes one space if text follows in the same line.
    space: bool,
}

impl Text {
    fn text(&mut self, html: &str) {
        let mut rest = html;
        while let Some(character) = rest.chars().next() {
            let length = match character {
                '&' => match reference(rest) {
                    Some((decoded, length)) => {
                        self.push(decoded);
                        length
                    }
                    None => {
                        self.push('&');
                        1
                    }
                },
                ' ' | '\t' | '\r' | '\n' | '\u{C}' => {
                    self.space();
                    1
                }
                other => {
                    self.push(other);
                    other.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    fn push(&mut self, character: char) {
        if self.space && !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push(if character == '\u{A0}' { ' ' } else { character });
    }

    fn space(&mut self) {
        self.space = true;
    }

    fn break_line(&mut self) {
        self.space = false;
        let line = self.out.trim_end_matches([' ', '\t']).len();
        self.out.truncate(line);
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn finish(mut self) -> String {
        let length = self.out.trim_end().len();
        self.out.truncate(length);
        self.out
    }
}

/// The character of a reference at the start of a text, and the length of the reference.
fn reference(text: &str) -> Option<(char, usize)> {
    // No name is longer than that of the counter-clockwise contour integral.
    let window = text.get(1..).map(|rest| rest.chars().take(34).take_while(|c| *c != ';').collect::<String>())?;
    let length = window.len().checked_add(2)?;
    text.get(..length).filter(|whole| whole.ends_with(';'))?;
    let character = match window.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "hellip" => '…',
        "copy" => '©',
        "reg" => '®',
        "euro" => '€',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| *character != '\0')?
        }
    };
    Some((character, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_become_lines_and_the_head_goes() {
        let html = "<html><head><title>no</title><style>p{}</style></head><body>\r\n<p>One&nbsp;&amp; two</p>\r\n\
            <div>three<br>four</div><!-- <p>no --><script>if (a < b) no()</script><ul><li>a<li>b</ul></body>";
        assert_eq!(plain(html), "One & two\n\nthree\nfour\n\na\nb");
    }

    #[test]
    fn references() {
        assert_eq!(plain("&lt;&#65;&#x42;&unknown; &amp &auml;"), "<AB&unknown; &amp ä");
        assert_eq!(plain("a & b &"), "a & b &");
    }

    #[test]
    fn what_never_ends() {
        assert_eq!(plain("a<script>b"), "a");
        assert_eq!(plain("a<!-- b"), "a");
        assert_eq!(plain("a<b"), "a");
        assert_eq!(plain(""), "");
    }

    proptest! {
        #[test]
        fn any_text(html in "[<>&;a-z!/ #0-9\\-ä]{0,200}") {
            prop_assert!(plain(&html).len() <= html.len());
        }
    }
}
