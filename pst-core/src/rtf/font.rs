//! The font table: which code page the text in a font is in.
//!
//! `\fcharsetN` of a font names a Windows character set, `\cpgN` a code page outright. Text is bytes in the code page
//! of the current font; only where the font names none, the code page of the document counts (`\ansicpgN`).

use std::collections::BTreeMap;

use super::symbol::SymbolFont;
use crate::text::CodePage;

/// The most fonts of one document; Word writes some hundred.
const MAX_FONTS: usize = 8192;
/// The longest font name, in bytes; Windows ends them at 32 characters.
const MAX_NAME: usize = 128;

/// How the bytes of a text become characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// By a code page.
    Page(CodePage),
    /// By the pictures of a symbol font, where it is a known one.
    Symbol(Option<SymbolFont>),
}

/// A font of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Font {
    /// The name without its semicolon; empty if there is none.
    pub(super) name: String,
    charset: Option<i32>,
    code_page: Option<i32>,
}

impl Font {
    /// How text in this font is coded; `default` is the code page of the document.
    pub(super) fn coding(&self, default: CodePage) -> Coding {
        if let Some(page) = self.code_page.and_then(page) {
            return Coding::Page(page);
        }
        match self.charset {
            Some(2) if self.code_page.is_none() => Coding::Symbol(SymbolFont::named(&self.name)),
            Some(charset) => Coding::Page(charset_page(charset).unwrap_or(default)),
            None => Coding::Page(default),
        }
    }

    /// Whether the font draws pictures instead of letters.
    pub(super) fn is_symbol(&self) -> bool {
        self.charset == Some(2)
    }
}

/// A code page of RTF text by number. 0 names none; **UTF-16 cannot be meant**, as RTF is bytes, although RichEdit
/// writes `\ansicpg1200`; 42 is the symbol fonts' number.
pub(super) fn page(number: i32) -> Option<CodePage> {
    CodePage::from_property(number).filter(|page| !matches!(page.number(), 42 | 1200 | 1201))
}

/// The code page of a Windows character set; `None` for DEFAULT_CHARSET and numbers that are none.
fn charset_page(charset: i32) -> Option<CodePage> {
    Some(CodePage::new(match charset {
        0 => 1252,
        77 => 10000,
        // Mac sets of East Asia, close to the Windows pages, which have decoders.
        78 | 128 => 932,
        79 | 129 => 949,
        80 | 134 => 936,
        81 | 136 => 950,
        89 => 10007,
        130 => 1361,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 | 181 => 1255,
        178..=180 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 => 437,
        255 => 850,
        // Some writers put the number of the code page here.
        number if number > 255 => return page(number).filter(|page| page.is_supported()),
        _ => return None,
    }))
}

/// The fonts of a document, and the one under construction.
#[derive(Debug, Default)]
pub(super) struct FontTable {
    fonts: BTreeMap<i32, Font>,
    number: Option<i32>,
    font: Font,
    /// Fonts that were too many.
    pub(super) refused: u64,
}

impl FontTable {
    pub(super) fn get(&self, number: i32) -> Option<&Font> {
        self.fonts.get(&number)
    }

    /// `\fN` in the table begins a font, unless the words before it belong to it already.
    pub(super) fn begin(&mut self, number: i32) {
        if self.number.is_some() {
            self.finish();
        }
        self.number = Some(number);
    }

    /// `\fcharsetN`
    pub(super) fn charset(&mut self, charset: i32) {
        self.font.charset = Some(charset);
    }

    /// `\cpgN`
    pub(super) fn code_page(&mut self, number: i32) {
        self.font.code_page = Some(number);
    }

    /// How the name of the font under construction is coded.
    pub(super) fn name_coding(&self, default: CodePage) -> Coding {
        match self.font.coding(default) {
            Coding::Symbol(_) => Coding::Page(default),
            coding => coding,
        }
    }

    /// Text in the table: the name of a font and its semicolon.
    pub(super) fn text(&mut self, text: &str) {
        for character in text.chars() {
            if character != ';' {
                if self.font.name.len() < MAX_NAME {
                    self.font.name.push(character);
                }
            } else if self.number.is_some() {
                self.finish();
            }
        }
    }

    /// The end of a group in the table, or of the table.
    pub(super) fn finish(&mut self) {
        let mut font = std::mem::take(&mut self.font);
        font.name = font.name.trim_matches([' ', ';', '"']).to_owned();
        let Some(number) = self.number.take() else { return };
        if self.fonts.len() >= MAX_FONTS && !self.fonts.contains_key(&number) {
            self.refused = self.refused.saturating_add(1);
        } else {
            self.fonts.insert(number, font);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn font(charset: Option<i32>, code_page: Option<i32>) -> Font {
        Font { name: "Wingdings".to_owned(), charset, code_page }
    }

    #[test]
    fn the_code_page_of_a_font() {
        let default = CodePage::new(1251);
        for (charset, code_page, expected) in [
            (None, None, 1251),
            (Some(1), None, 1251),
            (Some(0), None, 1252),
            (Some(128), None, 932),
            (Some(129), None, 949),
            (Some(134), None, 936),
            (Some(136), None, 950),
            (Some(204), None, 1251),
            (Some(238), None, 1250),
            (Some(222), None, 874),
            (Some(0), Some(65001), 65001),
            (Some(128), Some(1200), 932),
            (Some(2), Some(1252), 1252),
            (Some(20127), None, 20127),
            (Some(99), None, 1251),
        ] {
            assert_eq!(
                font(charset, code_page).coding(default),
                Coding::Page(CodePage::new(expected)),
                "{charset:?} {code_page:?}"
            );
        }
        assert_eq!(font(Some(2), None).coding(default), Coding::Symbol(Some(SymbolFont::Wingdings)));
    }

    #[test]
    fn pages_that_rtf_cannot_be_in() {
        for number in [0, 42, 1200, 1201, -1, 70_000] {
            assert_eq!(page(number), None, "{number}");
        }
        assert_eq!(page(65001), Some(CodePage::UTF_8));
    }

    #[test]
    fn a_name_may_come_before_the_number() {
        let mut table = FontTable::default();
        table.charset(2);
        table.text("Wingdings;");
        table.begin(0);
        table.finish();
        table.begin(1);
        table.text("Times");
        table.text(" New Roman;");
        table.begin(2);
        table.text("\"Segoe UI\";");
        table.finish();
        assert_eq!(table.get(0).map(|font| (font.name.as_str(), font.is_symbol())), Some(("Wingdings", true)));
        assert_eq!(table.get(1).map(|font| (font.name.as_str(), font.is_symbol())), Some(("Times New Roman", false)));
        assert_eq!(table.get(2).map(|font| font.name.as_str()), Some("Segoe UI"));
        assert_eq!(table.get(3), None);
    }

    #[test]
    fn fonts_and_names_are_bounded() {
        let mut table = FontTable::default();
        table.begin(0);
        table.text(&"n".repeat(500));
        for number in 1..10_000 {
            table.begin(number);
        }
        table.finish();
        assert_eq!(table.get(0).map(|font| font.name.len()), Some(MAX_NAME));
        assert_eq!((table.fonts.len(), table.refused), (MAX_FONTS, 10_000 - MAX_FONTS as u64));
    }
}
