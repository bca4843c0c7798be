//! Text out of HTML, crudely: enough to read a mail, not to keep it.

/// Leaves out tags, scripts and styles, turns blocks into lines and character references into characters.
pub(super) fn tags(html: &str) -> String {
    let mut text = Collapse::default();
    let mut rest = html;
    // Behind the last '>' no tag ends; looking for one from every '<' would take quadratic time.
    let behind_tags = html.rfind('>').map_or(html.len(), |last| html.len().saturating_sub(last).saturating_sub(1));
    while let Some((before, after)) = rest.split_once('<') {
        text.push_references(before);
        let cut = if after.len() > behind_tags { cut_tag(after) } else { None };
        let Some((tag, after)) = cut else {
            // A sign that opens no tag.
            text.push('<');
            rest = after;
            continue;
        };
        rest = after;
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "script" | "style" | "head" | "title" if !tag.starts_with('/') => rest = after_end_of(rest, &name),
            "br" => text.line(),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "ul" | "ol" | "blockquote" => text.paragraph(),
            "div" | "tr" | "hr" | "pre" => text.new_line(),
            "li" => {
                text.new_line();
                if !tag.starts_with('/') {
                    text.push_references("- ");
                }
            }
            "td" | "th" => text.push(' '),
            _ => {}
        }
    }
    text.push_references(rest);
    text.finish()
}

/// The inside of a tag or comment, and what follows it.
fn cut_tag(after: &str) -> Option<(&str, &str)> {
    if let Some(comment) = after.strip_prefix("!--") {
        return Some(("", comment.split_once("-->").map_or("", |(_, rest)| rest)));
    }
    let opens = after.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '!' | '?'));
    if opens { after.split_once('>') } else { None }
}

/// What follows the end tag of `name`; nothing if it has none.
fn after_end_of<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("</") {
        if after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return after.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = after;
    }
    ""
}

/// Text whose white space counts once.
#[derive(Default)]
struct Collapse {
    out: String,
    space: bool,
    lines: u8,
}

impl Collapse {
    fn push(&mut self, character: char) {
        if matches!(character, ' ' | '\t' | '\r' | '\n') {
            self.space = true;
            return;
        }
        if self.lines > 0 {
            if !self.out.is_empty() {
                (0..self.lines).for_each(|_| self.out.push('\n'));
            }
        } else if self.space && !self.out.is_empty() {
            self.out.push(' ');
        }
        (self.space, self.lines) = (false, 0);
        self.out.push(character);
    }

    /// One more line, up to an empty one.
    fn line(&mut self) {
        self.lines = self.lines.saturating_add(1).min(2);
        self.space = false;
    }

    fn new_line(&mut self) {
        self.lines = self.lines.max(1);
        self.space = false;
    }

    fn paragraph(&mut self) {
        self.lines = 2;
        self.space = false;
    }

    fn push_references(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            before.chars().for_each(|character| self.push(character));
            // No name is longer.
            let end = after.bytes().take(11).position(|byte| byte == b';');
            let reference = end.and_then(|end| Some((after.get(..end)?, after.get(end.saturating_add(1)..)?)));
            match reference.and_then(|(name, rest)| Some((character(name)?, rest))) {
                Some((character, after)) => {
                    self.push(character);
                    rest = after;
                }
                None => {
                    self.push('&');
                    rest = after;
                }
            }
        }
        rest.chars().for_each(|character| self.push(character));
    }

    fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).map(|character| if character == '\u{A0}' { ' ' } else { character });
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "copy" => '©',
        "reg" => '®',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "bull" => '•',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
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
        "agrave" => 'à',
        "ccedil" => 'ç',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_can_be_read() {
        let html = "<html><head><title>x</title><style>p {}</style></head><body><!-- <b> --><P>Dear&nbsp;Ann,<br>\r\n\
            1 &lt; 2 &amp; 3 < 4 &unknown; &#x20AC;&#8364;</p>  <ul><li>one<LI>two</ul><script>if (a<b) {}</SCRIPT>end";
        assert_eq!(tags(html), "Dear Ann,\n1 < 2 & 3 < 4 &unknown; €€\n\n- one\n- two\n\nend\n");
    }

    /// Each of these used to be searched to its end from every sign.
    #[test]
    fn signs_without_an_end_take_linear_time() {
        let start = std::time::Instant::now();
        for sign in ["<a", "&", "</", "&#", "<!-"] {
            let text = tags(&sign.repeat(1_000_000));
            assert!(text.len() >= 1_000_000, "{sign}");
        }
        assert!(start.elapsed() < std::time::Duration::from_secs(20));
    }

    #[test]
    fn anything_ends() {
        for html in ["", "<", "<a", "&", "&#;", "<script>", "</", "<!--", "&#xD800;", "<<<>>>", "&amp", "<style></styl"]
        {
            assert!(tags(html).ends_with('\n'));
        }
    }
}
