//! From the language of a message to the code page in which Windows writes it.
//!
//! An LCID (MS-LCID) is a number of 32 bits:
//!
//! ```text
//!  31      20 19   16 15          10 9               0
//! | reserved | sort  | sublanguage  | primary language |
//! ```
//!
//! The primary language nearly always settles the page. **A few languages are written in two scripts, and there the
//! sublanguage decides.** The table is that of the default ANSI code page (`LOCALE_IDEFAULTANSICODEPAGE`) of the Windows
//! versions that had one for the language: later ones list Kazakh and Mongolian as Unicode only.

use super::CodePage;

/// The default ANSI code page of the Windows locale `lcid` (MS-LCID), as in PidTagMessageLocaleId (0x3FF1).
///
/// The sort order in bits 16 to 19 does not matter. An unlisted sublanguage of a listed language has the page of the
/// language. `None` for 0, for LCIDs without a language (such as 0x0400 "user default", 0x007F "invariant"), for
/// languages that Windows writes in Unicode only (such as Hindi), and for anything unknown.
pub const fn ansi_code_page(lcid: u32) -> Option<CodePage> {
    if lcid > 0x000F_FFFF {
        return None;
    }
    let primary = lcid & 0x03FF;
    let sublanguage = (lcid >> 10) & 0x3F;
    let number = match (primary, sublanguage) {
        // Chinese: Taiwan, Hong Kong, Macao and "traditional" against the People's Republic, Singapore and the rest.
        (0x04, 0x01 | 0x03 | 0x05 | 0x1F) => 950,
        (0x04, _) => 936,
        // Croatian, Bosnian, Serbian. The Cyrillic ones: Serbian of Serbia and Montenegro, Bosnia, Serbia, Montenegro;
        // Bosnian; both as neutral locales.
        (0x1A, 0x03 | 0x07 | 0x08 | 0x0A | 0x0C | 0x19 | 0x1B) => 1251,
        (0x1A, _) => 1250,
        // Azerbaijani and Uzbek in Cyrillic (the second one of each is the neutral locale) or in Latin.
        (0x2C, 0x02 | 0x1D) | (0x43, 0x02 | 0x1E) => 1251,
        (0x2C | 0x43, _) => 1254,
        // Punjabi and Sindhi in Arabic; Gurmukhi and Devanagari have no page.
        (0x46 | 0x59, 0x02 | 0x1F) => 1256,
        // Mongolian in Cyrillic; the Mongolian script has no page.
        (0x50, 0x00 | 0x01 | 0x1E) => 1251,
        // Inuktitut in Latin; syllabics have no page.
        (0x5D, 0x02 | 0x1F) => 1252,
        // Tamazight in Arabic and in Latin; Tifinagh has no page.
        (0x5F, 0x01) => 1256,
        (0x5F, 0x00 | 0x02 | 0x1F) => 1252,

        // Thai.
        (0x1E, _) => 874,
        // Japanese.
        (0x11, _) => 932,
        // Korean.
        (0x12, _) => 949,
        // Czech, Hungarian, Polish, Romanian, Slovak, Albanian, Slovenian, Turkmen.
        (0x05 | 0x0E | 0x15 | 0x18 | 0x1B | 0x1C | 0x24 | 0x42, _) => 1250,
        // Bulgarian, Russian, Ukrainian, Belarusian, Tajik, Macedonian, Kazakh, Kyrgyz, Tatar, Bashkir, Sakha.
        (0x02 | 0x19 | 0x22 | 0x23 | 0x28 | 0x2F | 0x3F | 0x40 | 0x44 | 0x6D | 0x85, _) => 1251,
        // Greek.
        (0x08, _) => 1253,
        // Turkish.
        (0x1F, _) => 1254,
        // Hebrew.
        (0x0D, _) => 1255,
        // Arabic, Urdu, Persian, Uyghur, Dari, Central Kurdish.
        (0x01 | 0x20 | 0x29 | 0x80 | 0x8C | 0x92, _) => 1256,
        // Estonian, Latvian, Lithuanian.
        (0x25..=0x27, _) => 1257,
        // Vietnamese.
        (0x2A, _) => 1258,
        // Catalan, Danish, German, English, Spanish, Finnish, French, Icelandic, Italian, Dutch, Norwegian, Portuguese,
        // Romansh, Swedish, Indonesian, Basque.
        (
            0x03 | 0x06 | 0x07 | 0x09 | 0x0A | 0x0B | 0x0C | 0x0F | 0x10 | 0x13 | 0x14 | 0x16 | 0x17 | 0x1D | 0x21
            | 0x2D,
            _,
        )
        // Sorbian, Setswana, Xhosa, Zulu, Afrikaans, Faroese, Sami, Irish, Malay, Swahili, Welsh, Galician, Frisian,
        // Filipino, Edo, Fulah, Hausa, Ibibio, Yoruba, Quechua, Northern Sotho, Luxembourgish, Greenlandic, Igbo.
        | (
            0x2E | 0x32 | 0x34 | 0x35 | 0x36 | 0x38 | 0x3B | 0x3C | 0x3E | 0x41 | 0x52 | 0x56 | 0x62 | 0x64 | 0x66
            | 0x67 | 0x68 | 0x69 | 0x6A | 0x6B | 0x6C | 0x6E | 0x6F | 0x70,
            _,
        )
        // Guarani, Hawaiian, Latin, Papiamento, Mapudungun, Mohawk, Breton, Occitan, Corsican, Alsatian, K'iche',
        // Kinyarwanda, Wolof, Scottish Gaelic.
        | (
            0x74 | 0x75 | 0x76 | 0x79 | 0x7A | 0x7C | 0x7E | 0x82 | 0x83 | 0x84 | 0x86 | 0x87 | 0x88 | 0x91,
            _,
        ) => 1252,
        _ => return None,
    };
    Some(CodePage::new(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(lcid: u32) -> Option<u16> {
        ansi_code_page(lcid).map(CodePage::number)
    }

    #[test]
    fn well_known_locales() {
        let table = [
            (0x0401, 1256),
            (0x0402, 1251),
            (0x0405, 1250),
            (0x0407, 1252),
            (0x0408, 1253),
            (0x0409, 1252),
            (0x040A, 1252),
            (0x040D, 1255),
            (0x040E, 1250),
            (0x0411, 932),
            (0x0412, 949),
            (0x0415, 1250),
            (0x0416, 1252),
            (0x0418, 1250),
            (0x0419, 1251),
            (0x041B, 1250),
            (0x041C, 1250),
            (0x041E, 874),
            (0x041F, 1254),
            (0x0420, 1256),
            (0x0422, 1251),
            (0x0424, 1250),
            (0x0425, 1257),
            (0x0426, 1257),
            (0x0427, 1257),
            (0x0429, 1256),
            (0x042A, 1258),
            (0x042F, 1251),
            (0x043F, 1251),
            (0x0442, 1250),
            (0x0444, 1251),
            (0x046D, 1251),
            (0x047E, 1252),
            (0x0480, 1256),
            (0x0483, 1252),
            (0x0485, 1251),
            (0x048C, 1256),
            (0x4009, 1252),
        ];
        for (lcid, page) in table {
            assert_eq!(number(lcid), Some(page), "{lcid:#06x}");
        }
    }

    #[test]
    fn the_sublanguage_settles_the_script() {
        let table = [
            // Chinese: Taiwan, PRC, Hong Kong, Singapore, Macao; neutral simplified, simplified, traditional.
            (0x0404, 950),
            (0x0804, 936),
            (0x0C04, 950),
            (0x1004, 936),
            (0x1404, 950),
            (0x0004, 936),
            (0x7804, 936),
            (0x7C04, 950),
            // Croatian and Croatian of Bosnia.
            (0x041A, 1250),
            (0x101A, 1250),
            // Serbian, Latin then Cyrillic: Serbia and Montenegro, Bosnia, Serbia, Montenegro, neutral.
            (0x081A, 1250),
            (0x0C1A, 1251),
            (0x181A, 1250),
            (0x1C1A, 1251),
            (0x241A, 1250),
            (0x281A, 1251),
            (0x2C1A, 1250),
            (0x301A, 1251),
            (0x701A, 1250),
            (0x6C1A, 1251),
            // Bosnian, Latin then Cyrillic: Bosnia, neutral.
            (0x141A, 1250),
            (0x201A, 1251),
            (0x681A, 1250),
            (0x641A, 1251),
            // Azerbaijani and Uzbek, Latin then Cyrillic.
            (0x042C, 1254),
            (0x082C, 1251),
            (0x782C, 1254),
            (0x742C, 1251),
            (0x0443, 1254),
            (0x0843, 1251),
            (0x7C43, 1254),
            (0x7843, 1251),
            // Punjabi of Pakistan, Sindhi of Pakistan, Mongolian in Cyrillic, Inuktitut in Latin.
            (0x0846, 1256),
            (0x0859, 1256),
            (0x0450, 1251),
            (0x085D, 1252),
            (0x085F, 1252),
        ];
        for (lcid, page) in table {
            assert_eq!(number(lcid), Some(page), "{lcid:#06x}");
        }
    }

    #[test]
    fn the_sort_order_does_not_matter() {
        assert_eq!(number(0x0001_0407), Some(1252)); // German, phone book
        assert_eq!(number(0x0002_0804), Some(936)); // Chinese of the PRC, strokes
        assert_eq!(number(0x0003_0404), Some(950)); // Chinese of Taiwan, bopomofo
        assert_eq!(number(0x0001_0411), Some(932)); // Japanese, Unicode order
        assert_eq!(number(0x0010_0409), None); // a reserved bit
    }

    #[test]
    fn unicode_only_and_unknown_locales_have_none() {
        // Hindi, Bengali, Punjabi, Tamil, Assamese, Mongolian script, Tibetan, Khmer, Lao, Syriac, Inuktitut syllabics,
        // Amharic, Nepali, Pashto, Divehi, Maori, Armenian, Georgian, Maltese.
        for lcid in [
            0x0439, 0x0445, 0x0446, 0x0449, 0x044D, 0x0850, 0x0451, 0x0453, 0x0454, 0x045A, 0x045D, 0x045E, 0x0461,
            0x0463, 0x0465, 0x0481, 0x042B, 0x0437, 0x043A,
        ] {
            assert_eq!(number(lcid), None, "{lcid:#06x}");
        }
        // No language: neutral, user default, system default, custom, invariant. Then nonsense.
        for lcid in [0, 0x0400, 0x0800, 0x0C00, 0x1000, 0x1400, 0x007F, 0x03FF, 0x07FF, u32::MAX] {
            assert_eq!(number(lcid), None, "{lcid:#06x}");
        }
    }

    #[test]
    fn every_page_of_the_table_can_be_decoded() {
        let pages: std::collections::BTreeSet<_> = (0..=0xFFFF).filter_map(ansi_code_page).collect();
        let numbers: Vec<_> = pages.iter().map(|page| page.number()).collect();
        assert_eq!(numbers, [874, 932, 936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258]);
        assert!(pages.iter().all(|page| page.is_supported()));
    }
}
