//! Symbol fonts: fonts of character set 2, whose bytes are pictures and not letters.
//!
//! Their code page is 42 by number, but there is no table behind it: a byte means what the font draws. Word writes them
//! as bytes or as U+F020 to U+F0FF, which is the same. Two fonts matter for reading: Symbol, with its Greek letters and
//! signs of mathematics, and Wingdings, from which Outlook takes its smileys, ticks and bullets.

/// A font whose bytes are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SymbolFont {
    /// Symbol, in the encoding Adobe gave it.
    Symbol,
    /// Wingdings, of which the signs used in text are known.
    Wingdings,
}

impl SymbolFont {
    /// By the name of the font.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.trim_matches(['"', '\'', ' ']) {
            name if name.eq_ignore_ascii_case("Symbol") => Some(Self::Symbol),
            name if name.eq_ignore_ascii_case("Wingdings") => Some(Self::Wingdings),
            _ => None,
        }
    }

    /// The character that this byte draws; `None` where Unicode has none, or none is known here.
    pub(super) fn character(self, byte: u8) -> Option<char> {
        match self {
            Self::Symbol => symbol(byte),
            Self::Wingdings => wingdings(byte),
        }
    }
}

/// The private-use character that Word has for a byte of a symbol font.
pub(super) fn private_use(byte: u8) -> char {
    char::from_u32(0xF000 | u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The byte of a symbol font behind U+F020 to U+F0FF.
pub(super) fn byte_of(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ 0xF020..=0xF0FF => u8::try_from(code & 0xFF).ok(),
        _ => None,
    }
}

/// 0x20 to 0x7E.
const SYMBOL_LOW: &str =
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
/// 0xA0 to 0xFE; U+FFFD where Unicode has nothing.
const SYMBOL_HIGH: &str =
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\u{FFFD}⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭";

fn symbol(byte: u8) -> Option<char> {
    let (table, first) = if byte < 0x80 { (SYMBOL_LOW, 0x20) } else { (SYMBOL_HIGH, 0xA0) };
    let place = usize::from(byte.checked_sub(first)?);
    table.chars().nth(place).filter(|character| *character != char::REPLACEMENT_CHARACTER)
}

fn wingdings(byte: u8) -> Option<char> {
    Some(match byte {
        0x20 => ' ',
        0x21 => '🖉',
        0x22 => '✂',
        0x23 => '✁',
        0x28 => '🕿',
        0x29 => '✆',
        0x2A => '🖂',
        0x2B => '🖃',
        0x36 => '⌛',
        0x37 => '⌨',
        0x41 => '✌',
        0x43 => '👍',
        0x44 => '👎',
        0x45 => '☜',
        0x46 => '☞',
        0x47 => '☝',
        0x48 => '☟',
        0x4A => '☺',
        0x4B => '😐',
        0x4C => '☹',
        0x4D => '💣',
        0x4E => '☠',
        0x51 => '✈',
        0x52 => '☼',
        0x54 => '❄',
        0x6C => '●',
        0x6E => '■',
        0x6F => '□',
        0x71 => '❑',
        0x72 => '❒',
        0x74 => '⧫',
        0x75 => '◆',
        0x76 => '❖',
        0x78 => '⌧',
        0x80 => '⓪',
        0x81..=0x8A => char::from_u32(0x2460_u32.wrapping_add(u32::from(byte.wrapping_sub(0x81))))?,
        0x8B => '⓿',
        0x8C..=0x95 => char::from_u32(0x2776_u32.wrapping_add(u32::from(byte.wrapping_sub(0x8C))))?,
        0x9E => '·',
        0x9F => '•',
        0xA1 => '○',
        0xA7 => '▪',
        0xA8 => '◻',
        0xAB => '★',
        0xD8 => '➢',
        0xDF => '←',
        0xE0 => '→',
        0xE1 => '↑',
        0xE2 => '↓',
        0xE8 => '➔',
        0xF0 => '⇨',
        0xFB => '✗',
        0xFC => '✓',
        0xFD => '☒',
        0xFE => '☑',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_a_character_for_each_byte() {
        assert_eq!(SYMBOL_LOW.chars().count(), 0x7F - 0x20);
        assert_eq!(SYMBOL_HIGH.chars().count(), 0xFF - 0xA0);
        for (byte, character) in [
            (0x61, 'α'),
            (0x57, 'Ω'),
            (0xB7, '•'),
            (0xA3, '≤'),
            (0xE5, '∑'),
            (0x5E, '⊥'),
            (0xAE, '→'),
            (0xF2, '∫'),
            (0xD6, '√'),
        ] {
            assert_eq!(SymbolFont::Symbol.character(byte), Some(character), "{byte:#x}");
        }
        for byte in [0, 0x7F, 0x9F, 0xF0, 0xFF] {
            assert_eq!(SymbolFont::Symbol.character(byte), None, "{byte:#x}");
        }
        for (byte, character) in
            [(0x4A, '☺'), (0x4C, '☹'), (0xA7, '▪'), (0xFC, '✓'), (0x81, '①'), (0x8A, '⑩'), (0x8C, '❶'), (0x95, '❿')]
        {
            assert_eq!(SymbolFont::Wingdings.character(byte), Some(character), "{byte:#x}");
        }
    }

    #[test]
    fn names_and_private_use() {
        assert_eq!(SymbolFont::named("\"wingdings\""), Some(SymbolFont::Wingdings));
        assert_eq!(SymbolFont::named("Wingdings 2"), None);
        assert_eq!(byte_of(private_use(0x4A)), Some(0x4A));
        assert_eq!(byte_of('J'), None);
    }
}
