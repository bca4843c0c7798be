//! Fields: what their instruction says, and which targets a hyperlink may have.

use super::symbol::SymbolFont;
use crate::text::CodePage;

/// What a field instruction asks for, as far as it matters for text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    /// `HYPERLINK "target"`, with the target as written, or a place in the document (`\l`) after a `#`.
    Hyperlink(String),
    /// `SYMBOL 74 \f "Wingdings"`: one character. **Word leaves the result of this field empty.**
    Symbol(char),
    /// Anything else; its result stands for it.
    Other,
}

/// Reads a field instruction: a name, then arguments, quoted where they hold spaces, and switches.
pub(super) fn parse(instruction: &str) -> Instruction {
    let mut words = Words(instruction);
    match words.next().map(str::to_ascii_uppercase).as_deref() {
        Some("HYPERLINK") => hyperlink(words),
        Some("SYMBOL") => symbol(words).map_or(Instruction::Other, Instruction::Symbol),
        _ => Instruction::Other,
    }
}

fn hyperlink(mut words: Words<'_>) -> Instruction {
    let (mut target, mut place) = (None, None);
    while let Some(word) = words.next() {
        match word {
            "\\l" | "\\L" => place = words.next(),
            "\\o" | "\\O" | "\\t" | "\\T" => {
                words.next();
            }
            switch if switch.starts_with('\\') => {}
            word => target = target.or(Some(word)),
        }
    }
    let mut whole = target.unwrap_or_default().trim().to_owned();
    if let Some(place) = place {
        whole.push('#');
        whole.push_str(place);
    }
    if whole.is_empty() { Instruction::Other } else { Instruction::Hyperlink(whole) }
}

fn symbol(mut words: Words<'_>) -> Option<char> {
    let number = words.next()?;
    let code = match number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse::<u32>().ok()?,
    };
    let (mut font, mut unicode) = (None, false);
    while let Some(word) = words.next() {
        match word {
            "\\f" | "\\F" => font = words.next().and_then(SymbolFont::named),
            "\\u" | "\\U" => unicode = true,
            _ => {}
        }
    }
    let byte = u8::try_from(if matches!(code, 0xF020..=0xF0FF) { code & 0xFF } else { code }).ok();
    match (font, byte) {
        (Some(font), Some(byte)) => font.character(byte),
        (None, Some(byte)) if !unicode => {
            CodePage::WINDOWS_1252.decode(&[byte]).ok().and_then(|decoded| decoded.text.chars().next())
        }
        _ => char::from_u32(code),
    }
}

/// The words of an instruction; a quoted one without its quotes.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let (word, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None if rest.is_empty() => return None,
            None => rest.split_at(rest.find([' ', '\t', '"']).unwrap_or(rest.len())),
        };
        self.0 = rest;
        Some(word)
    }
}

/// Whether a link to `target` may stand in HTML: a URL of a scheme that shows something and runs nothing.
pub(super) fn is_safe(target: &str) -> bool {
    const SCHEMES: [&str; 7] = ["http", "https", "mailto", "ftp", "file", "cid", "tel"];
    let Some((scheme, _)) = target.split_once(':') else { return false };
    SCHEMES.iter().any(|safe| scheme.eq_ignore_ascii_case(safe)) && !target.contains(|c: char| c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(target: &str) -> Instruction {
        Instruction::Hyperlink(target.to_owned())
    }

    #[test]
    fn hyperlinks() {
        assert_eq!(parse("HYPERLINK \"http://example.com/a b\""), link("http://example.com/a b"));
        assert_eq!(parse(" hyperlink http://example.com/ \\t \"_blank\""), link("http://example.com/"));
        assert_eq!(parse("HYPERLINK \"http://x/\" \\l \"top\" \\o \"a tip\""), link("http://x/#top"));
        assert_eq!(parse("HYPERLINK \\l \"_Toc1\""), link("#_Toc1"));
        assert_eq!(parse("HYPERLINK \"http://unclosed"), link("http://unclosed"));
        assert_eq!(parse("HYPERLINK"), Instruction::Other);
        assert_eq!(parse("HYPERLINK \"\""), Instruction::Other);
        assert_eq!(parse("PAGE \\* MERGEFORMAT"), Instruction::Other);
        assert_eq!(parse(""), Instruction::Other);
    }

    #[test]
    fn symbols() {
        assert_eq!(parse("SYMBOL 74 \\f \"Wingdings\" \\s 11"), Instruction::Symbol('☺'));
        assert_eq!(parse("SYMBOL 0xF0B7 \\f Symbol"), Instruction::Symbol('•'));
        assert_eq!(parse("SYMBOL 169"), Instruction::Symbol('©'));
        assert_eq!(parse("SYMBOL 8364 \\u"), Instruction::Symbol('€'));
        assert_eq!(parse("SYMBOL x"), Instruction::Other);
        assert_eq!(parse("SYMBOL 4294967295"), Instruction::Other);
    }

    #[test]
    fn only_harmless_schemes_are_links() {
        for target in ["http://x", "HTTPS://x", "mailto:a@b.c", "ftp://x", "file:///c:/x", "cid:1@2", "tel:+49"] {
            assert!(is_safe(target), "{target}");
        }
        for target in [
            "javascript:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            " http://x",
            "java\tscript:x",
            "http:\n//x",
            "#top",
            "x/y",
            "outlook:00",
            "",
        ] {
            assert!(!is_safe(target), "{target}");
        }
    }
}
