//! People in the lines of an envelope.
//!
//! ```text
//! joe@x.example      <joe@x.example>      [EX:/o=ORG/cn=JOE]         2007 and later
//! "Smith, Joe" <joe@x.example>      Smith, Joe </O=ORG/CN=JOE>       2000 and 2003
//! ```

use crate::address::{AddressKind, AddressList, SmtpAddress, smtp};

/// Somebody an envelope names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Party {
    /// The display name, which the later formats do not have.
    pub name: Option<String>,
    /// The address as it stands, without brackets; `None` for a name alone.
    pub address: Option<String>,
}

impl Party {
    /// Reads what is left of a line.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(bracketed) = bracketed(text) {
            return Self { name: None, address: some(bracketed) };
        }
        if let Some((before, inside)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            let address = some(without_type(smtp::clean(inside)));
            let address = address.map(|address| bracketed(&address).map_or(address.clone(), str::to_owned));
            // A program that made text of HTML writes an address and its link.
            let name = some(unquoted(before)).filter(|name| Some(name) != address.as_ref());
            return Self { name, address };
        }
        let plain = without_type(smtp::clean(unquoted(text)));
        if AddressKind::of(None, plain) == AddressKind::Name {
            return Self { name: some(plain), address: None };
        }
        Self { name: None, address: some(plain) }
    }

    /// What kind of address it is; of a name alone, [`AddressKind::Name`].
    pub fn kind(&self) -> AddressKind {
        self.address.as_deref().map_or(AddressKind::Name, |address| AddressKind::of(None, address))
    }

    /// The address, if it is a valid SMTP address **and no encapsulated one**.
    pub fn smtp(&self) -> Option<&str> {
        let address = self.address.as_deref()?;
        (SmtpAddress::parse(address).is_ok() && self.kind() == AddressKind::Smtp).then_some(address)
    }

    /// True without name and address.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.address.is_none()
    }
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The inside of `[EX:/o=ORG/cn=JOE]`.
fn bracketed(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    Some(without_type(inside.trim()))
}

/// Without `EX:` or `X500:` before a distinguished name.
fn without_type(text: &str) -> &str {
    let Some((kind, rest)) = text.split_once(':') else { return text };
    let known = kind.eq_ignore_ascii_case("EX") || kind.eq_ignore_ascii_case("X500");
    if known { rest.trim_start() } else { text }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// The people of a line that may name several: after semicolons, or as a list of addresses.
pub(super) fn several(text: &str) -> Vec<&str> {
    let is_address = |piece: &str| piece.contains('@') || piece.starts_with('[') || piece.starts_with('/');
    // An address of X.400 has semicolons of its own.
    let by_semicolon: Vec<&str> = text.split(';').map(str::trim).filter(|piece| !piece.is_empty()).collect();
    if by_semicolon.len() > 1 && by_semicolon.iter().all(|piece| is_address(piece)) {
        return by_semicolon;
    }
    vec![text.trim()]
}

/// The addresses of a list with commas, if it is nothing else.
pub(super) fn listed(text: &str) -> Option<Vec<Party>> {
    if !text.contains(',') {
        return None;
    }
    let list = AddressList::parse(text);
    let parties: Vec<Party> =
        list.mailboxes().map(|one| Party { name: one.name.clone(), address: one.address.clone() }).collect();
    let sound = list.faults.is_empty() && parties.len() > 1 && parties.iter().all(|party| party.smtp().is_some());
    sound.then_some(parties)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people() {
        let dn = "/O=DELTA/OU=LAGOS/CN=RECIPIENTS/CN=WORKSHOP";
        for (text, name, address) in [
            ("joe@x.example", None, Some("joe@x.example")),
            (" <joe@x.example> ", None, Some("joe@x.example")),
            ("\"joe@x.example\"", None, Some("joe@x.example")),
            ("smtp:joe@x.example", None, Some("joe@x.example")),
            ("joe@x.example<mailto:joe@x.example>", None, Some("joe@x.example")),
            ("[EX:/O=DELTA/OU=LAGOS/CN=RECIPIENTS/CN=WORKSHOP]", None, Some(dn)),
            ("[ex: /O=DELTA/OU=LAGOS/CN=RECIPIENTS/CN=WORKSHOP]", None, Some(dn)),
            ("<[EX:/O=DELTA/OU=LAGOS/CN=RECIPIENTS/CN=WORKSHOP]>", None, Some(dn)),
            ("EX:/O=DELTA/OU=LAGOS/CN=RECIPIENTS/CN=WORKSHOP", None, Some(dn)),
            (
                "\"Workshop (all shifts)\" </O=DELTA/OU=LAGOS/CN=RECIPIENTS/CN=WORKSHOP>",
                Some("Workshop (all shifts)"),
                Some(dn),
            ),
            ("\"Bassey, Ekaete\" <e@x.example>", Some("Bassey, Ekaete"), Some("e@x.example")),
            ("Bassey, Ekaete <e@x.example>", Some("Bassey, Ekaete"), Some("e@x.example")),
            ("Bassey, Ekaete", Some("Bassey, Ekaete"), None),
            ("\"Bassey, Ekaete\"", Some("Bassey, Ekaete"), None),
            ("Joe <>", Some("Joe"), None),
            ("\"a b\"@x.example", None, Some("\"a b\"@x.example")),
            ("", None, None),
        ] {
            let party = Party { name: name.map(str::to_owned), address: address.map(str::to_owned) };
            assert_eq!(Party::parse(text), party, "{text}");
        }
        assert_eq!(Party::parse("IMCEAEX-_O=ORG@x.example").smtp(), None);
        assert_eq!(Party::parse("Joe <joe@x.example>").smtp(), Some("joe@x.example"));
    }

    #[test]
    fn several_on_a_line() {
        assert_eq!(several("a@x.example; b@x.example;"), ["a@x.example", "b@x.example"]);
        assert_eq!(several("c=US;a= ;p=Org;s=Joe"), ["c=US;a= ;p=Org;s=Joe"]);
        assert_eq!(listed("a@x.example, b@x.example").map(|people| people.len()), Some(2));
        assert_eq!(listed("Smith, Joe"), None);
    }
}
