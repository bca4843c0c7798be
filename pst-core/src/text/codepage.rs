//! Windows code pages by number: bytes to text and back.
//!
//! `encoding_rs` brings the tables of the web (WHATWG), `oem_cp` the DOS pages (feature `dos-codepages`), `encodify`
//! UTF-7. Own code is the way from number to table, and the few pages that the web reads as another: **28591 is
//! ISO-8859-1 and 28599 is ISO-8859-9 here, not windows-1252 and windows-1254**, and 20127 is ASCII.
//!
//! Where WHATWG and Windows differ within a page, this is WHATWG: 936 reads all of GB 18030, 950 reads the Hong Kong
//! characters where Windows has private-use ones, and 949 has nothing in the rows left to users.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{self as web, Encoding, mem};

/// The number of a Windows code page. Any number can be held; [`is_supported`](CodePage::is_supported) tells whether it
/// can be decoded.
///
/// `Display` gives `cp932`, `cp65001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CodePage(u16);

/// Text that was decoded, and whether something was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text. Borrowed where the bytes were UTF-8 as they stood.
    pub text: Cow<'a, str>,
    /// Some bytes have no character in the page, and U+FFFD stands in `text` for them.
    pub lossy: bool,
}

/// There is no decoder for this code page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no decoder for code page {}", .0.number())]
pub struct UnsupportedCodePage(pub CodePage);

/// Who named the code page of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum CodePageSource {
    /// The caller's override.
    Caller,
    /// PidTagMessageCodepage (0x3FFD) of the message.
    Message,
    /// PidTagMessageLocaleId (0x3FF1) of the message, by its ANSI code page; see [`ansi_code_page`](super::ansi_code_page).
    Locale,
    /// PidTagInternetCodepage (0x3FDE) of the message, which is about its HTML body first of all.
    Internet,
    /// The HTML body itself: a byte order mark, its meta tag, or valid UTF-8.
    Content,
    /// The store's own property 0x66C3, which Outlook keeps.
    Store,
    /// The first items of the store that name a page.
    Sampled,
    /// Nobody: windows-1252.
    Default,
}

impl CodePageSource {
    /// The source as one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Message => "message",
            Self::Locale => "locale",
            Self::Internet => "internet",
            Self::Store => "store",
            Self::Sampled => "sampled",
            Self::Content => "content",
            Self::Default => "default",
        }
    }
}

impl fmt::Display for CodePageSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The code page that a text is read in, and who named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CodePageChoice {
    /// The page.
    pub page: CodePage,
    /// Who named it.
    pub source: CodePageSource,
}

/// How the bytes of a page become text.
#[derive(Clone, Copy)]
enum Codec {
    /// A table of WHATWG with one byte to a character.
    Single(&'static Encoding),
    /// A table of WHATWG with several. Its encoder may fold characters into similar ones.
    Multi(&'static Encoding),
    /// A subset of a table of WHATWG: good for decoding, too large for encoding.
    Within(&'static Encoding),
    Utf8,
    Utf16Le,
    Utf16Be,
    Utf7,
    Ascii,
    Latin1,
    Latin5,
    #[cfg(feature = "dos-codepages")]
    Dos(u16),
}

impl CodePage {
    /// windows-1252, Western European.
    pub const WINDOWS_1252: Self = Self(1252);
    /// UTF-8.
    pub const UTF_8: Self = Self(65001);
    /// US-ASCII. Decoding reads bytes above 0x7F as windows-1252.
    pub const US_ASCII: Self = Self(20127);

    /// The code page of this number.
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// From a charset label as mail and HTML have it, such as `utf-8`; case does not count. `None` if it is not known.
    ///
    /// Labels mean what browsers take them for: `iso-8859-1` is windows-1252.
    pub fn from_name(label: &str) -> Option<Self> {
        let number = match encoding_rs::Encoding::for_label(label.as_bytes())?.name() {
            "UTF-8" => 65001,
            "UTF-16LE" => 1200,
            "UTF-16BE" => 1201,
            "windows-874" => 874,
            "Shift_JIS" => 932,
            "GBK" => 936,
            "EUC-KR" => 949,
            "Big5" => 950,
            "gb18030" => 54936,
            "EUC-JP" => 51932,
            "ISO-2022-JP" => 50220,
            "windows-1250" => 1250,
            "windows-1251" => 1251,
            "windows-1252" => 1252,
            "windows-1253" => 1253,
            "windows-1254" => 1254,
            "windows-1255" => 1255,
            "windows-1256" => 1256,
            "windows-1257" => 1257,
            "windows-1258" => 1258,
            "macintosh" => 10000,
            "x-mac-cyrillic" => 10007,
            "IBM866" => 866,
            "KOI8-R" => 20866,
            "KOI8-U" => 21866,
            "ISO-8859-2" => 28592,
            "ISO-8859-3" => 28593,
            "ISO-8859-4" => 28594,
            "ISO-8859-5" => 28595,
            "ISO-8859-6" => 28596,
            "ISO-8859-7" => 28597,
            "ISO-8859-8" => 28598,
            "ISO-8859-8-I" => 38598,
            "ISO-8859-10" => 28600,
            "ISO-8859-13" => 28603,
            "ISO-8859-14" => 28604,
            "ISO-8859-15" => 28605,
            "ISO-8859-16" => 28606,
            _ => return None,
        };
        Some(Self(number))
    }

    /// The code page in a PtypInteger32 such as PidTagMessageCodepage (0x3FFD). `None` for 0, which names no page, and
    /// for what does not fit 16 bits.
    pub fn from_property(value: i32) -> Option<Self> {
        u16::try_from(value).ok().filter(|&number| number != 0).map(Self)
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether [`decode`](CodePage::decode) knows the page.
    ///
    /// Not known are EBCDIC, 1361 (Johab), 50225 (ISO-2022-KR), 50227 and 52936 (HZ), 57002 to 57011 (ISCII), and
    /// without the feature `dos-codepages` the DOS pages other than 866 and 874.
    pub fn is_supported(self) -> bool {
        self.codec().is_some()
    }

    /// The name of the page as registered with IANA, or the name most used where there is none, such as `cp720`. `None`
    /// for numbers without a name here; a page with a name need not be supported.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            437 => "IBM437",
            720 => "cp720",
            737 => "cp737",
            775 => "IBM775",
            850 => "IBM850",
            852 => "IBM852",
            855 => "IBM855",
            857 => "IBM857",
            858 => "IBM00858",
            860 => "IBM860",
            861 => "IBM861",
            862 => "IBM862",
            863 => "IBM863",
            864 => "IBM864",
            865 => "IBM865",
            866 => "IBM866",
            869 => "IBM869",
            874 => "windows-874",
            932 => "Shift_JIS",
            936 => "GBK",
            949 => "windows-949",
            950 => "Big5",
            1200 => "UTF-16LE",
            1201 => "UTF-16BE",
            1250 => "windows-1250",
            1251 => "windows-1251",
            1252 => "windows-1252",
            1253 => "windows-1253",
            1254 => "windows-1254",
            1255 => "windows-1255",
            1256 => "windows-1256",
            1257 => "windows-1257",
            1258 => "windows-1258",
            1361 => "Johab",
            10000 => "macintosh",
            10007 => "x-mac-cyrillic",
            10017 => "x-mac-ukrainian",
            20127 => "US-ASCII",
            20866 => "KOI8-R",
            21866 => "KOI8-U",
            28591 => "ISO-8859-1",
            28592 => "ISO-8859-2",
            28593 => "ISO-8859-3",
            28594 => "ISO-8859-4",
            28595 => "ISO-8859-5",
            28596 => "ISO-8859-6",
            28597 => "ISO-8859-7",
            28598 => "ISO-8859-8",
            28599 => "ISO-8859-9",
            28600 => "ISO-8859-10",
            28603 => "ISO-8859-13",
            28604 => "ISO-8859-14",
            28605 => "ISO-8859-15",
            28606 => "ISO-8859-16",
            38598 => "ISO-8859-8-I",
            50220..=50222 => "ISO-2022-JP",
            50225 => "ISO-2022-KR",
            50227 => "ISO-2022-CN",
            51932 => "EUC-JP",
            51936 => "GB2312",
            51949 => "EUC-KR",
            52936 => "HZ-GB-2312",
            54936 => "GB18030",
            65000 => "UTF-7",
            65001 => "UTF-8",
            _ => return None,
        })
    }

    fn codec(self) -> Option<Codec> {
        Some(match self.0 {
            866 => Codec::Single(web::IBM866),
            874 => Codec::Single(web::WINDOWS_874),
            932 => Codec::Multi(web::SHIFT_JIS),
            936 => Codec::Multi(web::GBK),
            949 => Codec::Multi(web::EUC_KR),
            950 => Codec::Multi(web::BIG5),
            1200 => Codec::Utf16Le,
            1201 => Codec::Utf16Be,
            1250 => Codec::Single(web::WINDOWS_1250),
            1251 => Codec::Single(web::WINDOWS_1251),
            1252 => Codec::Single(web::WINDOWS_1252),
            1253 => Codec::Single(web::WINDOWS_1253),
            1254 => Codec::Single(web::WINDOWS_1254),
            1255 => Codec::Single(web::WINDOWS_1255),
            1256 => Codec::Single(web::WINDOWS_1256),
            1257 => Codec::Single(web::WINDOWS_1257),
            1258 => Codec::Single(web::WINDOWS_1258),
            10000 => Codec::Single(web::MACINTOSH),
            10007 | 10017 => Codec::Single(web::X_MAC_CYRILLIC),
            20127 => Codec::Ascii,
            20866 => Codec::Single(web::KOI8_R),
            21866 => Codec::Single(web::KOI8_U),
            28591 => Codec::Latin1,
            28592 => Codec::Single(web::ISO_8859_2),
            28593 => Codec::Single(web::ISO_8859_3),
            28594 => Codec::Single(web::ISO_8859_4),
            28595 => Codec::Single(web::ISO_8859_5),
            28596 => Codec::Single(web::ISO_8859_6),
            28597 => Codec::Single(web::ISO_8859_7),
            28598 => Codec::Single(web::ISO_8859_8),
            28599 => Codec::Latin5,
            28600 => Codec::Single(web::ISO_8859_10),
            28603 => Codec::Single(web::ISO_8859_13),
            28604 => Codec::Single(web::ISO_8859_14),
            28605 => Codec::Single(web::ISO_8859_15),
            28606 => Codec::Single(web::ISO_8859_16),
            38598 => Codec::Single(web::ISO_8859_8_I),
            50220..=50222 => Codec::Multi(web::ISO_2022_JP),
            51932 => Codec::Multi(web::EUC_JP),
            51936 => Codec::Within(web::GBK),
            51949 => Codec::Within(web::EUC_KR),
            54936 => Codec::Multi(web::GB18030),
            65000 => Codec::Utf7,
            65001 => Codec::Utf8,
            #[cfg(feature = "dos-codepages")]
            437 | 720 | 737 | 775 | 850 | 852 | 855 | 857 | 858 | 860..=865 | 869 => Codec::Dos(self.0),
            _ => return None,
        })
    }

    /// The text of `bytes`.
    ///
    /// Never fails on the bytes: what has no character becomes U+FFFD and is reported in [`Decoded::lossy`]. A byte order
    /// mark is text like any other and does not change the page. NULs are kept.
    ///
    /// # Errors
    ///
    /// [`UnsupportedCodePage`] with the number if there is no decoder.
    pub fn decode(self, bytes: &[u8]) -> Result<Decoded<'_>, UnsupportedCodePage> {
        let codec = self.codec().ok_or(UnsupportedCodePage(self))?;
        let (text, lossy) = match codec {
            Codec::Single(table) | Codec::Multi(table) | Codec::Within(table) => {
                table.decode_without_bom_handling(bytes)
            }
            Codec::Utf8 => web::UTF_8.decode_without_bom_handling(bytes),
            Codec::Utf16Le => web::UTF_16LE.decode_without_bom_handling(bytes),
            Codec::Utf16Be => web::UTF_16BE.decode_without_bom_handling(bytes),
            Codec::Ascii => web::WINDOWS_1252.decode_without_bom_handling(bytes),
            Codec::Utf7 => decode_utf7(bytes),
            Codec::Latin1 => (mem::decode_latin1(bytes), false),
            Codec::Latin5 => (decode_latin5(bytes), false),
            #[cfg(feature = "dos-codepages")]
            Codec::Dos(number) => dos::decode(number, bytes).ok_or(UnsupportedCodePage(self))?,
        };
        Ok(Decoded { text, lossy })
    }

    /// The bytes of `text`, which decode to the same text again.
    ///
    /// `None` if a character is not in the page, or if there is no encoder: for the pages that cannot be decoded, and for
    /// 51936 and 51949. Nothing is replaced by a similar character; a yen sign is not in 932, for one.
    pub fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        let borrowed = Cow::Borrowed(text.as_bytes());
        match self.codec()? {
            Codec::Within(_) => None,
            Codec::Utf8 => Some(borrowed),
            Codec::Utf16Le => Some(Cow::Owned(text.encode_utf16().flat_map(u16::to_le_bytes).collect())),
            Codec::Utf16Be => Some(Cow::Owned(text.encode_utf16().flat_map(u16::to_be_bytes).collect())),
            Codec::Utf7 => Some(Cow::Owned(encodify::utf7::MAIL.encode(text).into_bytes())),
            Codec::Ascii => text.is_ascii().then_some(borrowed),
            Codec::Latin1 => mem::is_str_latin1(text).then(|| mem::encode_latin1_lossy(text)),
            Codec::Latin5 if text.is_ascii() => Some(borrowed),
            Codec::Latin5 => text.chars().map(encode_latin5).collect::<Option<Vec<u8>>>().map(Cow::Owned),
            Codec::Single(table) => encode_web(table, text),
            Codec::Multi(table) => encode_web(table, text).filter(|bytes| {
                table.decode_without_bom_handling_and_without_replacement(bytes).as_deref() == Some(text)
            }),
            #[cfg(feature = "dos-codepages")]
            Codec::Dos(_) if text.is_ascii() => Some(borrowed),
            #[cfg(feature = "dos-codepages")]
            Codec::Dos(number) => dos::encode(number, text).map(Cow::Owned),
        }
    }
}

impl fmt::Display for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cp{}", self.0)
    }
}

fn encode_web<'a>(table: &'static Encoding, text: &'a str) -> Option<Cow<'a, [u8]>> {
    let (bytes, _, unmappable) = table.encode(text);
    (!unmappable).then_some(bytes)
}

/// RFC 2152. What is not UTF-7 becomes U+FFFD.
fn decode_utf7(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let utf7 = encodify::utf7::MAIL;
    match utf7.decode(bytes) {
        Ok(text) => (Cow::Owned(text), false),
        Err(_) => (Cow::Owned(utf7.decode_lossy(bytes)), true),
    }
}

/// ISO-8859-9 is ISO-8859-1 with these six places taken by Turkish letters.
const LATIN5: [(u8, char); 6] = [(0xD0, 'Ğ'), (0xDD, 'İ'), (0xDE, 'Ş'), (0xF0, 'ğ'), (0xFD, 'ı'), (0xFE, 'ş')];

fn decode_latin5(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(
            bytes
                .iter()
                .map(|&byte| LATIN5.iter().find(|pair| pair.0 == byte).map_or(char::from(byte), |pair| pair.1))
                .collect(),
        ),
    }
}

fn encode_latin5(character: char) -> Option<u8> {
    if let Some(pair) = LATIN5.iter().find(|pair| pair.1 == character) {
        return Some(pair.0);
    }
    u8::try_from(character).ok().filter(|&byte| LATIN5.iter().all(|pair| pair.0 != byte))
}

#[cfg(feature = "dos-codepages")]
mod dos {
    use std::borrow::Cow;

    use oem_cp::code_table::{DECODING_TABLE_CP_MAP, ENCODING_TABLE_CP_MAP};

    pub(super) fn decode(number: u16, bytes: &[u8]) -> Option<(Cow<'_, str>, bool)> {
        let table = DECODING_TABLE_CP_MAP.get(&number)?;
        if bytes.is_ascii() {
            return std::str::from_utf8(bytes).ok().map(|text| (Cow::Borrowed(text), false));
        }
        Some(match table.decode_string_checked(bytes) {
            Some(text) => (Cow::Owned(text), false),
            None => (Cow::Owned(table.decode_string_lossy(bytes)), true),
        })
    }

    pub(super) fn encode(number: u16, text: &str) -> Option<Vec<u8>> {
        oem_cp::encode_string_checked(text, ENCODING_TABLE_CP_MAP.get(&number)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(number: u16, bytes: &[u8]) -> (String, bool) {
        let decoded = CodePage::new(number).decode(bytes).expect("supported");
        (decoded.text.into_owned(), decoded.lossy)
    }

    fn exact(text: &str) -> (String, bool) {
        (text.to_owned(), false)
    }

    fn encode(number: u16, text: &str) -> Option<Vec<u8>> {
        CodePage::new(number).encode(text).map(Cow::into_owned)
    }

    fn supported() -> impl Iterator<Item = CodePage> {
        (0..=u16::MAX).map(CodePage::new).filter(|page| page.is_supported())
    }

    #[test]
    fn one_word_in_each_page() {
        let table: [(u16, &[u8], &str); 41] = [
            (866, b"\x8F\xE0\xA8\xA2\xA5\xE2", "Привет"),
            (874, b"\xCA\xC7\xD1\xCA", "สวัส"),
            (932, b"\x93\xFA\x96\x7B\x8C\xEA \xB1", "日本語 ｱ"),
            (936, b"\xD6\xD0\xCE\xC4", "中文"),
            (949, b"\xC7\xD1\xB1\xB9\xBE\xEE \x8C\x63", "한국어 똠"),
            (950, b"\xA4\xA4\xA4\xE5", "中文"),
            (1200, b"\xFF\xFEa\0\x31\x04", "\u{FEFF}aб"),
            (1201, b"\0a\x04\x31", "aб"),
            (1250, b"\x8Elu\x9Dou\xE8k\xFD", "Žluťoučký"),
            (1251, b"\xCF\xF0\xE8\xE2\xE5\xF2", "Привет"),
            (1252, b"\x80 na\xEFve \x93x\x94", "€ naïve “x”"),
            (1253, b"\xC5\xEB\xEB\xE7\xED\xE9\xEA\xDC", "Ελληνικά"),
            (1254, b"\xDD\xFE\xF0", "İşğ"),
            (1255, b"\xF9\xEC\xE5\xED", "שלום"),
            (1256, b"\xE3\xD1\xCD\xC8\xC7", "مرحبا"),
            (1257, b"\xF0\xE0\xFB", "šąū"),
            (1258, b"Vi\xEA\xF2t \xFE", "Viê\u{323}t ₫"),
            (10000, b"caf\x8E", "café"),
            (10007, b"\x8F\xF0", "П\u{440}"),
            (20127, b"plain \x93x\x94", "plain “x”"),
            (20866, b"\xF0\xD2\xC9\xD7\xC5\xD4", "Привет"),
            (21866, b"\xA4\xA6\xA7\xAD", "єіїґ"),
            (28591, b"\x80\x9F\xE9", "\u{80}\u{9F}é"),
            (28592, b"\xA1\xB9", "Ąš"),
            (28593, b"\xA1\xB1", "Ħħ"),
            (28594, b"\xA2\xE0", "ĸā"),
            (28595, b"\xBF\xE0", "Пр"),
            (28596, b"\xC7\xE4", "ال"),
            (28597, b"\xC5\xEB", "Ελ"),
            (28598, b"\xF9\xEC", "של"),
            (28599, b"\x93\xD0\xDD\xDE\xF0\xFD\xFE\xE9", "\u{93}ĞİŞğışé"),
            (28600, b"\xA1\xB1", "Ąą"),
            (28603, b"\xF0\xE0\xFB", "šąū"),
            (28604, b"\xA1\xB8", "Ḃẁ"),
            (28605, b"\xA4\xBC\xBD", "€Œœ"),
            (28606, b"\xAA\xBA", "Șș"),
            (38598, b"\xF9\xEC", "של"),
            (51932, b"\xC6\xFC\xCB\xDC", "日本"),
            (54936, b"\xD6\xD0\x81\x30\x81\x30", "中\u{80}"),
            (65000, b"Hi Mom -+Jjo--! +2D3eAA- +-", "Hi Mom -☺-! 😀 +"),
            (65001, b"\xEF\xBB\xBFa\xE2\x82\xAC", "\u{FEFF}a€"),
        ];
        for (number, bytes, text) in table {
            assert_eq!(decode(number, bytes), exact(text), "cp{number}");
        }
    }

    #[test]
    fn the_three_japanese_mail_pages_share_a_decoder() {
        for number in 50220..=50222 {
            assert_eq!(decode(number, b"\x1B$BF|K\\8l\x1B(B ok"), exact("日本語 ok"));
            assert_eq!(decode(number, b"\x1B(I1\x1B(B"), exact("ｱ"));
        }
    }

    #[cfg(feature = "dos-codepages")]
    #[test]
    fn one_word_in_each_dos_page() {
        let table: [(u16, &[u8], &str); 16] = [
            (437, b"\x81ber \xE3\xF7", "über π≈"),
            (720, b"\x91\x93", "\u{651}ô"),
            (737, b"\x80\xA8\xAE", "Αρχ"),
            (775, b"\xD0\xD1", "ąč"),
            (850, b"\x81ber \xB5", "über Á"),
            (852, b"\xA6lu", "Žlu"),
            (855, b"\xDD\xE1", "Пр"),
            (857, b"\x98\x9F", "İş"),
            (858, b"\xD5", "€"),
            (860, b"\x84", "ã"),
            (861, b"\x8D", "Þ"),
            (862, b"\x80\x81", "אב"),
            (863, b"\x84", "Â"),
            (864, b"\xC7", "\u{FE8D}"),
            (865, b"\x9B", "ø"),
            (869, b"\xA4", "Α"),
        ];
        for (number, bytes, text) in table {
            assert_eq!(decode(number, bytes), exact(text), "cp{number}");
            assert_eq!(encode(number, text).as_deref(), Some(bytes), "cp{number}");
        }
        assert_eq!(decode(857, b"a\xD5"), ("a\u{FFFD}".to_owned(), true));
        assert_eq!(encode(437, "日"), None);
    }

    #[cfg(not(feature = "dos-codepages"))]
    #[test]
    fn without_the_feature_dos_pages_are_unsupported() {
        assert!(!CodePage::new(437).is_supported());
        assert!(CodePage::new(866).is_supported());
    }

    #[test]
    fn unsupported_pages_say_their_number() {
        for number in [0, 37, 500, 708, 1140, 1361, 28601, 28602, 50225, 50227, 52936, 57002, 57011, 65535] {
            let page = CodePage::new(number);
            assert_eq!(page.decode(b"x"), Err(UnsupportedCodePage(page)));
            assert!(!page.is_supported());
            assert_eq!(page.encode("x"), None);
        }
        assert_eq!(UnsupportedCodePage(CodePage::new(1361)).to_string(), "no decoder for code page 1361");
    }

    #[test]
    fn bytes_without_a_character_are_reported() {
        for (number, bytes) in [
            (874, &b"a\xFFb"[..]),
            (932, b"a\xFFb"),
            (949, b"a\xFFb"),
            (1253, b"a\xAAb"),
            (1255, b"a\xFFb"),
            (28596, b"a\xFFb"),
            (65001, b"a\xFFb"),
            (65000, b"a\xFFb"),
        ] {
            assert_eq!(decode(number, bytes), ("a\u{FFFD}b".to_owned(), true), "cp{number}");
        }
        assert_eq!(decode(1200, b"a\0b"), ("a\u{FFFD}".to_owned(), true));
        assert_eq!(decode(932, b"a\x93"), ("a\u{FFFD}".to_owned(), true));
    }

    #[test]
    fn western_and_central_european_have_no_gaps() {
        let every: Vec<u8> = (0..=255).collect();
        for number in [1250, 1251, 1252, 1254, 1256, 28591, 28592, 28599, 10000, 20866, 20127] {
            let (text, lossy) = decode(number, &every);
            assert!(!lossy, "cp{number}");
            assert_eq!(text.chars().count(), 256, "cp{number}");
        }
        assert_eq!(decode(28591, &every).0.chars().map(u32::from).collect::<Vec<_>>(), (0..256).collect::<Vec<_>>());
    }

    #[test]
    fn rows_left_to_users_are_read_as_the_web_does() {
        assert_eq!(decode(932, b"\xF0\x40"), exact("\u{E000}"));
        assert_eq!(decode(936, b"\xAA\xA1 \x94\x39\xFC\x36"), exact("\u{E000} 😀"));
        assert_eq!(decode(949, b"\xC9\xA1"), ("\u{FFFD}".to_owned(), true));
        assert_eq!(decode(950, b"\xFA\x40"), exact("\u{20547}"));
    }

    #[test]
    fn a_byte_order_mark_does_not_change_the_page() {
        assert_eq!(decode(1252, b"\xEF\xBB\xBFa"), exact("ï»¿a"));
        assert_eq!(decode(1252, b"\xFF\xFEa"), exact("ÿþa"));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_not_replaced() {
        assert_eq!(encode(1252, "€é"), Some(vec![0x80, 0xE9]));
        assert_eq!(encode(1252, "Ж"), None);
        assert_eq!(encode(20127, "é"), None);
        assert_eq!(encode(20127, "e"), Some(vec![b'e']));
        assert_eq!(encode(28591, "é\u{80}"), Some(vec![0xE9, 0x80]));
        assert_eq!(encode(28591, "€"), None);
        assert_eq!(encode(28599, "Ğı"), Some(vec![0xD0, 0xFD]));
        assert_eq!(encode(28599, "Ð"), None);
        assert_eq!(encode(28599, "€"), None);
        assert_eq!(encode(932, "日本"), Some(vec![0x93, 0xFA, 0x96, 0x7B]));
        // WHATWG writes a yen sign as a backslash here, and half-width katakana as full-width ones.
        assert_eq!(encode(932, "¥"), None);
        assert_eq!(encode(932, "\u{2212}"), None);
        assert_eq!(encode(50220, "ｱ"), None);
        assert_eq!(encode(50220, "日"), Some(b"\x1B$BF|\x1B(B".to_vec()));
        assert_eq!(encode(936, "中"), Some(vec![0xD6, 0xD0]));
        assert_eq!(encode(936, "😀"), None);
        assert_eq!(encode(54936, "😀"), Some(vec![0x94, 0x39, 0xFC, 0x36]));
        assert_eq!(encode(950, "中"), Some(vec![0xA4, 0xA4]));
        assert_eq!(encode(51949, "한"), None);
        assert_eq!(encode(65001, "é"), Some(vec![0xC3, 0xA9]));
        assert_eq!(encode(65000, "é"), Some(b"+AOk-".to_vec()));
        assert_eq!(encode(1200, "é"), Some(vec![0xE9, 0]));
        assert_eq!(encode(1201, "é"), Some(vec![0, 0xE9]));
    }

    #[test]
    fn bytes_are_lent_where_they_are_text_already() {
        for number in [437, 1252, 932, 28591, 28599, 20127, 65001] {
            let page = CodePage::new(number);
            if page.is_supported() {
                assert!(matches!(page.decode(b"Subject").expect("supported").text, Cow::Borrowed(_)), "{page}");
                assert!(matches!(page.encode("Subject"), Some(Cow::Borrowed(_))), "{page}");
            }
        }
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(CodePage::new(932).to_string(), "cp932");
        assert_eq!(CodePage::UTF_8.to_string(), "cp65001");
        assert_eq!(CodePage::US_ASCII.name(), Some("US-ASCII"));
        assert_eq!(CodePage::new(28591).name(), Some("ISO-8859-1"));
        assert_eq!(CodePage::new(12).name(), None);
        assert!(supported().all(|page| page.name().is_some()));
        assert_eq!(CodePage::from_property(1252), Some(CodePage::WINDOWS_1252));
        for value in [0, -1, 65536, i32::MAX, i32::MIN] {
            assert_eq!(CodePage::from_property(value), None);
        }
    }

    #[test]
    fn names_are_those_of_the_web_where_it_knows_them() {
        for page in supported() {
            let name = page.name().expect("every supported page has a name");
            let by_name = Encoding::for_label(name.as_bytes());
            if let (Some(Codec::Single(table) | Codec::Multi(table)), Some(by_name)) = (page.codec(), by_name) {
                assert_eq!(by_name, table, "{page} {name}");
            }
        }
    }

    #[test]
    fn sources_have_one_word_each() {
        let words: Vec<_> = [
            CodePageSource::Caller,
            CodePageSource::Message,
            CodePageSource::Locale,
            CodePageSource::Internet,
            CodePageSource::Store,
            CodePageSource::Sampled,
            CodePageSource::Default,
        ]
        .map(CodePageSource::as_str)
        .to_vec();
        assert_eq!(words, ["caller", "message", "locale", "internet", "store", "sampled", "default"]);
        assert_eq!(CodePageSource::Store.to_string(), "store");
    }

    proptest! {
        #[test]
        fn lossy_means_a_replacement_character(bytes in any::<Vec<u8>>()) {
            for page in supported() {
                let decoded = page.decode(&bytes).expect("supported");
                if decoded.lossy {
                    prop_assert!(decoded.text.contains('\u{FFFD}'), "{}", page);
                }
            }
        }

        #[test]
        fn what_encodes_decodes_to_the_same(text in any::<String>(), latin in "[ -~¡-ÿĀ-ſА-я一-鿿]{0,8}") {
            for page in supported() {
                for text in [&text, &latin] {
                    if let Some(bytes) = page.encode(text) {
                        let decoded = page.decode(&bytes).expect("supported");
                        prop_assert_eq!(decoded.text.as_ref(), text.as_str(), "{}", page);
                        prop_assert!(!decoded.lossy, "{}", page);
                    }
                }
            }
        }
    }
}
