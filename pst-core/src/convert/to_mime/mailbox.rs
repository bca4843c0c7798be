//! From the names and addresses of a store to the mailboxes of a header (MS-OXCMAIL 2.1.3.1).

use std::fmt::Write;

use crate::messaging::{Participant, Recipient};

/// A display name and an address that may stand between angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) name: Option<String>,
    pub(super) address: String,
}

/// Somebody as the store knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Party {
    pub(super) name: Option<String>,
    pub(super) address_type: Option<String>,
    pub(super) address: Option<String>,
    pub(super) smtp: Option<String>,
}

impl From<Participant> for Party {
    fn from(from: Participant) -> Self {
        Self { name: from.name, address_type: from.address_type, address: from.address, smtp: from.smtp }
    }
}

impl From<Recipient> for Party {
    fn from(from: Recipient) -> Self {
        Self { name: from.name, address_type: from.address_type, address: from.address, smtp: from.smtp }
    }
}

/// The longest address that still fits a line.
const LONGEST: usize = 900;

impl Party {
    /// Their SMTP address, if one is known that is fit for a header.
    pub(super) fn smtp(&self) -> Option<&str> {
        let typed =
            |kind: &Option<String>| kind.as_deref().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("SMTP"));
        let address = self.address.as_deref().filter(|_| typed(&self.address_type));
        [self.smtp.as_deref(), address].into_iter().flatten().map(str::trim).find(|address| is_address(address))
    }

    /// Their mailbox, and whether the address had to be wrapped because it is none of SMTP. `None` if nothing is known.
    pub(super) fn mailbox(&self, domain: &str) -> Option<(Mailbox, bool)> {
        let text =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let name = text(&self.name);
        if let Some(address) = self.smtp() {
            // A name that only says the address again is none.
            let name = name.filter(|name| !name.trim_matches('\'').eq_ignore_ascii_case(address));
            return Some((Mailbox { name, address: address.to_owned() }, false));
        }
        let kind = text(&self.address_type).unwrap_or_else(|| "INVALID".to_owned());
        let kind = if kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) { kind } else { "INVALID".to_owned() };
        let wrapped = text(&self.address).or_else(|| text(&self.smtp)).or_else(|| name.clone())?;
        Some((Mailbox { name, address: imcea(&kind, &wrapped, domain) }, true))
    }
}

/// Whether an address can stand in a header as it is: 7-bit, without spaces, a local part and a domain.
pub(super) fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>(),;:\\\"[]@".contains(&byte))
    };
    let quoted = || {
        let inside = local.strip_prefix('"').and_then(|local| local.strip_suffix('"')).unwrap_or_default();
        !inside.is_empty() && inside.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte))
    };
    let literal = || {
        let inside = domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']')).unwrap_or_default();
        !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-".contains(&byte))
    };
    address.len() <= LONGEST && (plain(local) || quoted()) && (plain(domain) || literal())
}

/// An address of another kind in the form of an SMTP address (MS-OXCMAIL 2.1.3.1.8).
fn imcea(kind: &str, address: &str, domain: &str) -> String {
    let mut out = format!("IMCEA{}-", kind.to_ascii_uppercase());
    for byte in address.bytes() {
        // What is cut off here is no address; a display name of that length is all that can be.
        if out.len() >= LONGEST {
            break;
        }
        match byte {
            b'/' => out.push('_'),
            byte if byte.is_ascii_alphanumeric() || b"-=".contains(&byte) => out.push(char::from(byte)),
            byte => {
                let _ = write!(out, "+{byte:02X}");
            }
        }
    }
    format!("{out}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(kind: &str, address: &str, smtp: Option<&str>) -> Party {
        Party {
            name: Some("Ann".to_owned()),
            address_type: Some(kind.to_owned()),
            address: Some(address.to_owned()),
            smtp: smtp.map(str::to_owned),
        }
    }

    fn address(party: &Party) -> (String, bool) {
        let (mailbox, wrapped) = party.mailbox("pst.invalid").unwrap();
        (mailbox.address, wrapped)
    }

    #[test]
    fn smtp_first_then_wrapped() {
        let dn = "/O=ORG/CN=ANN.B";
        assert_eq!(address(&party("EX", dn, Some("ann@example.com"))), ("ann@example.com".to_owned(), false));
        assert_eq!(address(&party("smtp", " ann@example.com ", None)), ("ann@example.com".to_owned(), false));
        assert_eq!(address(&party("EX", dn, None)), ("IMCEAEX-_O=ORG_CN=ANN+2EB@pst.invalid".to_owned(), true));
        assert_eq!(address(&party("SMTP", "nobody", None)), ("IMCEASMTP-nobody@pst.invalid".to_owned(), true));
        assert_eq!(
            address(&Party { name: Some("A, B".into()), ..Party::default() }).0,
            "IMCEAINVALID-A+2C+20B@pst.invalid"
        );
        assert_eq!(Party::default().mailbox("x"), None);
    }

    #[test]
    fn a_name_that_is_the_address_is_left_out() {
        let same = Party { name: Some("'Ann@example.com'".into()), ..party("SMTP", "ann@example.com", None) };
        assert_eq!(same.mailbox("x").unwrap().0.name, None);
    }

    #[test]
    fn addresses() {
        for good in ["a@b", "a.b+c@example.com", "\"a b\"@example.com", "a@[127.0.0.1]", "o'neil@example.com"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c", "a@b>", "jürgen@example.com", "a@b@c", "a\r\n@b", "\"@b"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
