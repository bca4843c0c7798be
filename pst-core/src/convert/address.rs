//! Who takes part: addresses of senders, recipients and members, and the one-off entry ids that hold them.

use std::collections::HashMap;

use crate::bytes;
use crate::text::{CodePageChoice, utf16};

/// The provider of one-off entry ids (MS-OXCDATA 2.2.5.1).
const ONE_OFF: [u8; 16] =
    [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];

/// A one-off entry id (MS-OXCDATA 2.2.5.1): name, type and address, each ended by a NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneOff {
    pub(super) name: String,
    pub(super) address_type: String,
    pub(super) address: String,
}

impl OneOff {
    /// Decodes an entry id; `None` if it is of another kind or breaks off. Text is UTF-16LE if bit 0x8000 of the flags
    /// says so, else in the code page of the item.
    pub(super) fn decode(stored: &[u8], code_page: CodePageChoice) -> Option<Self> {
        let provider: [u8; 16] = bytes::array(stored, 4)?;
        (provider == ONE_OFF).then_some(())?;
        let flags = bytes::u16(stored, 22)?;
        let mut rest = stored.get(24..)?;
        let mut next = || {
            let width = if flags & 0x8000 != 0 { 2 } else { 1 };
            let end = rest.chunks_exact(width).position(|unit| unit.iter().all(|byte| *byte == 0))?;
            let (text, after) = rest.split_at_checked(end.checked_mul(width)?)?;
            rest = after.get(width..)?;
            Some(match width {
                2 => utf16::decode_lossy(text),
                _ => crate::ltp::decode_string8(code_page, text).text.into_owned(),
            })
        };
        Some(Self { name: next()?, address_type: next()?, address: next()? })
    }
}

/// A person or list, by what the item says of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Party {
    pub(super) name: Option<String>,
    pub(super) smtp: Option<String>,
    /// Type and address of another kind: `EX:/o=...`.
    pub(super) native: Option<String>,
}

/// What an item says of one address, in the order in which it is believed.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) name: Option<String>,
    /// PidTagSmtpAddress and its like.
    pub(super) smtp: Option<String>,
    pub(super) address_type: Option<String>,
    pub(super) address: Option<String>,
    pub(super) entry_id: Option<Vec<u8>>,
}

impl Sources {
    pub(super) fn party(self, code_page: CodePageChoice) -> Party {
        let one_off = self.entry_id.and_then(|entry_id| OneOff::decode(&entry_id, code_page));
        let is_smtp = |kind: &Option<String>| kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("SMTP"));
        let typed = self.address.clone().filter(|_| is_smtp(&self.address_type));
        let of_one_off = one_off.as_ref().filter(|one| one.address_type.eq_ignore_ascii_case("SMTP"));
        let smtp = [self.smtp, typed, of_one_off.map(|one| one.address.clone())];
        let smtp = smtp.into_iter().flatten().find_map(|address| smtp_address(&address));
        let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let name = text(self.name).or_else(|| text(one_off.map(|one| one.name)));
        let native = match (text(self.address_type), text(self.address)) {
            (Some(kind), Some(address)) if !kind.eq_ignore_ascii_case("SMTP") => Some(format!("{kind}:{address}")),
            _ => None,
        };
        Party { name, smtp, native }
    }
}

impl Party {
    /// True if nothing is known.
    pub(super) fn is_unknown(&self) -> bool {
        self.smtp.is_none()
            && self.native.as_deref().is_none_or(|native| native.eq_ignore_ascii_case("UNKNOWN:Unknown"))
            && self.name.as_deref().is_none_or(|name| name == "Unknown")
    }
}

/// Gives parties without an SMTP address the one of another party with the same address of another kind.
pub(super) fn share_addresses<'a>(known: impl Iterator<Item = &'a Party>, wanting: &mut [&mut Party]) {
    let mut by_native: HashMap<String, String> = HashMap::new();
    for party in known {
        if let (Some(native), Some(smtp)) = (&party.native, &party.smtp) {
            by_native.entry(native.to_lowercase()).or_insert_with(|| smtp.clone());
        }
    }
    for party in wanting.iter_mut().filter(|party| party.smtp.is_none()) {
        party.smtp = party.native.as_ref().and_then(|native| by_native.get(&native.to_lowercase()).cloned());
    }
}

/// The address if it could be one: a local part, an `@`, a domain, and nothing that would break a URI.
pub(super) fn smtp_address(text: &str) -> Option<String> {
    let text = text.trim();
    let scheme = text.split_at_checked(7).filter(|(start, _)| start.eq_ignore_ascii_case("mailto:"));
    let text = scheme.map_or(text, |(_, rest)| rest);
    let (local, domain) = text.rsplit_once('@')?;
    let sound = !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 1024
        && !text.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>'));
    sound.then(|| text.to_owned())
}

/// A `mailto` URI (RFC 6068).
pub(super) fn mailto(address: &str) -> String {
    let mut uri = String::from("mailto:");
    for byte in address.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'\'' | b'*' | b'+' | b'@' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{CodePage, CodePageSource};

    const PAGE: CodePageChoice = CodePageChoice { page: CodePage::WINDOWS_1252, source: CodePageSource::Default };

    fn one_off(flags: u16, texts: &[u8]) -> Vec<u8> {
        [&[0; 4][..], &ONE_OFF, &[0, 0], &flags.to_le_bytes(), texts].concat()
    }

    #[test]
    fn one_off_entry_ids_in_both_widths() {
        let wide: Vec<u8> = "Änne\0SMTP\0a@example.com\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let expected = Some(OneOff {
            name: "Änne".to_owned(),
            address_type: "SMTP".to_owned(),
            address: "a@example.com".to_owned(),
        });
        assert_eq!(OneOff::decode(&one_off(0x8001, &wide), PAGE), expected);
        assert_eq!(OneOff::decode(&one_off(0, b"\xC4nne\0SMTP\0a@example.com\0"), PAGE), expected);
        let whole = one_off(0x8001, &wide);
        assert_eq!(OneOff::decode(&whole[..whole.len() - 1], PAGE), None);
        assert_eq!(OneOff::decode(&[0; 24], PAGE), None);
        assert_eq!(OneOff::decode(b"", PAGE), None);
    }

    #[test]
    fn an_address_of_the_exchange_is_no_smtp_address() {
        let text = |text: &str| Some(text.to_owned());
        let party = Sources {
            name: text("Ann"),
            address_type: text("EX"),
            address: text("/o=Org/cn=ann"),
            ..Sources::default()
        }
        .party(PAGE);
        assert_eq!((party.smtp.as_deref(), party.native.as_deref()), (None, Some("EX:/o=Org/cn=ann")));
        let known = Party { smtp: text("ann@example.com"), native: text("EX:/O=ORG/CN=ANN"), name: None };
        let mut ann = party;
        share_addresses([known].iter(), &mut [&mut ann]);
        assert_eq!(ann.smtp.as_deref(), Some("ann@example.com"));
        let unknown = Sources {
            name: text("Unknown"),
            address_type: text("UNKNOWN"),
            address: text("Unknown"),
            ..Sources::default()
        };
        assert!(unknown.party(PAGE).is_unknown());
    }

    #[test]
    fn addresses() {
        assert_eq!(smtp_address(" MAILTO:a@b "), Some("a@b".to_owned()));
        for text in ["", "a", "@b", "a@", "a b@c", "a@b>", "a@\u{1}"] {
            assert_eq!(smtp_address(text), None, "{text}");
        }
        assert_eq!(mailto("j.döe+x%/?@example.com"), "mailto:j.d%C3%B6e+x%25%2F%3F@example.com");
    }
}
