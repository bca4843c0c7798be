//! From people of a store to mailboxes of a header (MS-OXCMAIL 2.1.3.1).

use super::identity::Hash;
use crate::address::{Imcea, Resolved};

/// A display name and an address that may stand between angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) name: Option<String>,
    pub(super) address: String,
}

/// How an address got into its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is an SMTP address.
    Smtp,
    /// It is none, and was encapsulated (2.1.3.1.8); it can be read back.
    Encapsulated,
    /// It is none, and too long for a line even so; a number stands for it.
    TooLong,
}

/// The longest address that still fits a line.
const LONGEST: usize = 900;

/// The SMTP address of somebody, if they have one that is fit for a header.
pub(super) fn smtp(person: &Resolved) -> Option<&str> {
    person.smtp.as_ref().map(|found| found.address.as_str()).filter(|address| is_address(address))
}

/// The mailbox of somebody, with `domain` behind addresses that are none of SMTP. `None` if nothing is known of them.
pub(super) fn mailbox(person: &Resolved, domain: &str) -> Option<(Mailbox, Fit)> {
    let name = person.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if let Some(address) = smtp(person) {
        // A name that only says the address again is none.
        let name = name.filter(|name| !name.trim_matches('\'').eq_ignore_ascii_case(address)).map(str::to_owned);
        return Some((Mailbox { name, address: address.to_owned() }, Fit::Smtp));
    }
    let encapsulate = |address_type: &str, value: &str| {
        let imcea = Imcea { address_type: address_type.to_owned(), value: value.to_owned(), domain: domain.to_owned() };
        imcea.encode()
    };
    let address = match (&person.smtp, &person.stored, name) {
        // A valid address with letters that no header can have.
        (Some(found), ..) => encapsulate("SMTP", &found.address),
        (None, Some(stored), _) => stored.encapsulated(domain),
        (None, None, Some(name)) => encapsulate("INVALID", name),
        (None, None, None) => return None,
    };
    let name = name.map(str::to_owned);
    if is_address(&address) {
        return Some((Mailbox { name, address }, Fit::Encapsulated));
    }
    let mut hash = Hash::new();
    hash.add(address.as_bytes());
    let address = format!("IMCEAINVALID-{:032x}@{domain}", hash.finish());
    Some((Mailbox { name, address }, Fit::TooLong))
}

/// Whether an address can stand in a header as it is: 7-bit, without spaces outside quotes, a local part and a domain.
fn is_address(address: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{AddressFacts, resolve};

    fn of(facts: &AddressFacts<'_>) -> Option<(Option<String>, String, Fit)> {
        let (mailbox, fit) = mailbox(&resolve(facts, &()), "pst.invalid")?;
        Some((mailbox.name, mailbox.address, fit))
    }

    fn facts<'a>(kind: &'a str, address: &'a str) -> AddressFacts<'a> {
        AddressFacts { name: Some("Ann"), address_type: Some(kind), address: Some(address), ..AddressFacts::default() }
    }

    #[test]
    fn smtp_first_then_encapsulated() {
        let ann = Some("Ann".to_owned());
        let dn = "/O=ORG/CN=ANN.B";
        let known = AddressFacts { smtp: Some("ann@example.com"), ..facts("EX", dn) };
        assert_eq!(of(&known), Some((ann.clone(), "ann@example.com".to_owned(), Fit::Smtp)));
        let unknown = "IMCEAEX-_O=ORG_CN=ANN+2EB@pst.invalid".to_owned();
        assert_eq!(of(&facts("EX", dn)), Some((ann.clone(), unknown, Fit::Encapsulated)));
        let wide = of(&facts("SMTP", "jürgen@example.com")).unwrap();
        assert_eq!((wide.1.as_str(), wide.2), ("IMCEASMTP-j+C3+BCrgen+40example+2Ecom@pst.invalid", Fit::Encapsulated));
        let only = AddressFacts { name: Some("A, B"), ..AddressFacts::default() };
        assert_eq!(of(&only).unwrap().1, "IMCEAINVALID-A+2C+20B@pst.invalid");
        let long = of(&facts("X400", &"ü".repeat(900))).unwrap();
        assert!(long.2 == Fit::TooLong && long.1.len() < 100);
        assert_eq!(of(&AddressFacts::default()), None);
    }

    #[test]
    fn a_name_that_is_the_address_is_left_out() {
        let same = AddressFacts { name: Some("'Ann@example.com'"), ..facts("SMTP", "ann@example.com") };
        assert_eq!(of(&same), Some((None, "ann@example.com".to_owned(), Fit::Smtp)));
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
