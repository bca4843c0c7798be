//! Addresses of other systems in the clothes of SMTP (MS-OXCMAIL 2.1.3.1.8 and 2.2.3.1.2).
//!
//! ```text
//! IMCEA EX - _O=ORG_OU=SITE_CN=RECIPIENTS_CN=JOE+2EDOE @ gateway.example
//!       type address, "/" as "_", other octets as "+hh"  the gateway, and not the domain of the person
//! ```

use std::borrow::Cow;
use std::fmt::Write as _;

/// An encapsulated address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imcea {
    /// The type in upper case: `EX`, `X400`, `FAX`, `NOTES`, `INVALID`.
    pub address_type: String,
    /// The address of that type.
    pub value: String,
    /// The domain of the gateway that made it.
    pub domain: String,
}

const PREFIX: &str = "IMCEA";
/// Longer types do not exist: MS-OXCMAIL allows eight characters, and some gateways a few more.
const LONGEST_TYPE: usize = 32;

impl Imcea {
    /// True if the text begins like an encapsulated address.
    pub fn is_one(text: &str) -> bool {
        text.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX)) && Self::decode(text).is_some()
    }

    /// Decodes an encapsulated address; `None` if it is none. Octets outside UTF-8 are read as windows-1252.
    pub fn decode(text: &str) -> Option<Self> {
        let (start, rest) = text.split_at_checked(PREFIX.len())?;
        start.eq_ignore_ascii_case(PREFIX).then_some(())?;
        let (local, domain) = rest.rsplit_once('@')?;
        let (address_type, value) = local.split_once('-')?;
        // The type may have been encoded along with the address.
        let address_type = unescape(address_type);
        let sound = !address_type.is_empty()
            && address_type.len() <= LONGEST_TYPE
            && address_type.chars().all(|character| character.is_ascii_graphic());
        (sound && !domain.is_empty()).then(|| Self {
            address_type: address_type.to_ascii_uppercase(),
            value: unescape(value),
            domain: domain.to_owned(),
        })
    }

    /// The encapsulated address: on one line, ASCII, and a valid SMTP address if the domain is one.
    pub fn encode(&self) -> String {
        let mut out = String::from(PREFIX);
        escape(&self.address_type.to_ascii_uppercase(), "", &mut out);
        out.push('-');
        escape(&self.value, "-", &mut out);
        out.push('@');
        out.push_str(&self.domain);
        out
    }
}

/// A hyphen in the type would end it.
fn escape(text: &str, plain: &str, out: &mut String) {
    for byte in text.bytes() {
        let character = char::from(byte);
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '=' => out.push(character),
            '/' => out.push('_'),
            _ if plain.contains(character) => out.push(character),
            _ => {
                let _ = write!(out, "+{byte:02X}");
            }
        }
    }
}

/// `_` and `+hh` back to octets; a `+` that no digits follow stands for itself.
fn unescape(text: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut octets = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        bytes = rest;
        match (first, rest) {
            (b'_', _) => octets.push(b'/'),
            (b'+', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    octets.push((high << 4) | low);
                    bytes = after;
                }
                _ => octets.push(b'+'),
            },
            _ => octets.push(*first),
        }
    }
    match String::from_utf8(octets) {
        Ok(text) => text,
        Err(error) => {
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(error.as_bytes());
            Cow::into_owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_what_gateways_write() {
        for (text, address_type, value, domain) in [
            (
                "IMCEAEX-_O=DELTA_OU=LAGOS_CN=RECIPIENTS_CN=STORES@delta-ports.example",
                "EX",
                "/O=DELTA/OU=LAGOS/CN=RECIPIENTS/CN=STORES",
                "delta-ports.example",
            ),
            ("imceaex-_o=First+20Organization_cn=a+2Eb@x.example", "EX", "/o=First Organization/cn=a.b", "x.example"),
            ("IMCEANOTES-First+20Last_Sales_Acme+40DOM@x.example", "NOTES", "First Last/Sales/Acme@DOM", "x.example"),
            ("IMCEAFAX-John+20Doe+40+2B1+20+28425+29+20555@x.example", "FAX", "John Doe@+1 (425) 555", "x.example"),
            ("IMCEAX400-c=US+3Ba=+20+3Bp=Org@x.example", "X400", "c=US;a= ;p=Org", "x.example"),
            ("IMCEASMTP-joe+40x+2Eexample@gw.example", "SMTP", "joe@x.example", "gw.example"),
            ("IMCEAINVALID-a-b@gw.example", "INVALID", "a-b", "gw.example"),
            ("IMCEACC+3AMAIL-Joe+20at+20Site@gw.example", "CC:MAIL", "Joe at Site", "gw.example"),
            ("IMCEAEX-_CN=J+F6rg@gw.example", "EX", "/CN=Jörg", "gw.example"),
            ("IMCEAEX-_CN=J+C3+B6rg@gw.example", "EX", "/CN=Jörg", "gw.example"),
            ("IMCEAEX-a+b+@gw.example", "EX", "a+b+", "gw.example"),
        ] {
            let expected =
                Imcea { address_type: address_type.to_owned(), value: value.to_owned(), domain: domain.to_owned() };
            assert_eq!(Imcea::decode(text), Some(expected), "{text}");
            assert!(Imcea::is_one(text));
        }
        for text in [
            "",
            "IMCEA",
            "IMCEAEX_no_hyphen@x.example",
            "IMCEA-x@x.example",
            "IMCEAEX-x",
            "IMCEAEX-x@",
            "joe@x.example",
        ] {
            assert_eq!(Imcea::decode(text), None, "{text}");
        }
    }

    #[test]
    fn encodes_as_the_specification_has_it() {
        let imcea = Imcea {
            address_type: "EX".to_owned(),
            value: "/o=First Organization/cn=a.b-c".to_owned(),
            domain: "x.example".to_owned(),
        };
        assert_eq!(imcea.encode(), "IMCEAEX-_o=First+20Organization_cn=a+2Eb-c@x.example");
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(address_type in "[A-Z0-9:.]{1,8}", value in "\\PC{0,40}") {
            let imcea = Imcea { address_type, value, domain: "x.example".to_owned() };
            prop_assert_eq!(Imcea::decode(&imcea.encode()), Some(imcea.clone()));
            prop_assert!(crate::address::SmtpAddress::parse(&imcea.encode()).is_ok());
        }
    }
}
