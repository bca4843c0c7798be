//! Kinds of addresses: by the type a writer gave, and by what the value looks like.

use std::fmt;

use crate::address::{Imcea, SmtpAddress, smtp};

/// The system an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressKind {
    /// `joe@x.example`.
    Smtp,
    /// A distinguished name of an Exchange directory: `/o=ORG/ou=SITE/cn=RECIPIENTS/cn=JOE`.
    Ex,
    /// An address of another system in the form of SMTP, as a gateway writes it.
    Imcea,
    /// X.400: `c=US;a= ;p=Org;o=Site;s=Name`.
    X400,
    /// Lotus Notes: `CN=First Last/OU=Sales/O=Acme@DOMAIN`.
    Notes,
    /// Novell GroupWise: `user.postoffice.domain`.
    GroupWise,
    /// A telephone number for text messages.
    Mobile,
    /// A number to fax to.
    Fax,
    /// A list in somebody's contacts (type MAPIPDL); its members are rows of their own.
    PersonalList,
    /// A type that is not known.
    Other,
    /// No type, and a value that is a name rather than an address.
    Name,
}

impl AddressKind {
    /// The kind of an address with this type and value.
    ///
    /// **The form of a value goes before its type** where no other system writes that form: a distinguished name under the
    /// type SMTP is one all the same.
    pub fn of(address_type: Option<&str>, value: &str) -> Self {
        let value = smtp::clean(value);
        if Imcea::is_one(value) {
            return Self::Imcea;
        }
        if is_distinguished_name(value) {
            return Self::Ex;
        }
        let blank = |character: char| character == '\0' || character.is_whitespace();
        match address_type.unwrap_or_default().trim_matches(blank).to_ascii_uppercase().as_str() {
            "SMTP" => match Self::guess(value) {
                // Gateways put the address of the other system under the type of their own.
                other @ (Self::Notes | Self::X400) => other,
                _ => Self::Smtp,
            },
            "EX" if SmtpAddress::parse(value).is_ok() => Self::Smtp,
            "EX" | "X500" => Self::Ex,
            "X400" => Self::X400,
            "NOTES" | "LOTUSNOTES" => Self::Notes,
            "GWISE" | "GROUPWISE" | "NGW" => Self::GroupWise,
            "MOBILE" | "SMS" | "MMS" => Self::Mobile,
            "FAX" => Self::Fax,
            "MAPIPDL" => Self::PersonalList,
            "" | "UNKNOWN" => Self::guess(value),
            _ => Self::Other,
        }
    }

    /// The kind of an address without type.
    fn guess(value: &str) -> Self {
        let lower = value.to_ascii_lowercase();
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| lower.starts_with(prefix));
        let labels = || {
            value.split('.').all(|label| {
                !label.is_empty()
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
            })
        };
        if starts(&["c=", "/c="]) && (lower.contains("a=") || lower.contains("p=")) {
            Self::X400
        } else if is_notes(&lower) {
            Self::Notes
        } else if SmtpAddress::parse(value).is_ok() {
            Self::Smtp
        } else if value.starts_with('+')
            && value.bytes().skip(1).all(|byte| byte.is_ascii_digit() || b" ()-./".contains(&byte))
        {
            Self::Mobile
        } else if value.split('.').count() == 3 && labels() {
            Self::GroupWise
        } else {
            Self::Name
        }
    }

    /// The stable name, in small letters: `smtp`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Ex => "ex",
            Self::Imcea => "imcea",
            Self::X400 => "x400",
            Self::Notes => "notes",
            Self::GroupWise => "groupwise",
            Self::Mobile => "mobile",
            Self::Fax => "fax",
            Self::PersonalList => "personal-list",
            Self::Other => "other",
            Self::Name => "name",
        }
    }
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `/o=` in either case, or `/` and another attribute followed by `/ou=` or `/cn=`.
fn is_distinguished_name(value: &str) -> bool {
    let starts = |prefix: &str| value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    starts("/o=") || starts("/ou=") || starts("/cn=")
}

/// `cn=first last/o=acme`, with or without domain, or `first last/acme@domain`, where a domain has no dot.
fn is_notes(lower: &str) -> bool {
    let (name, domain) = lower.rsplit_once('@').map_or((lower, None), |(name, domain)| (name, Some(domain)));
    let in_full = name.starts_with("cn=") && name.contains("/o=");
    let in_short = name.contains('/') && !name.starts_with('/') && domain.is_some_and(|domain| !domain.is_empty());
    (in_full || in_short) && !domain.is_some_and(|domain| domain.contains(['.', ' ']))
}

/// The last common name of a distinguished name: **a hint at a person, and no address**.
///
/// Directories in the cloud put 32 hexadecimal digits and a hyphen before it; they are left out.
pub fn alias_of(distinguished_name: &str) -> Option<&str> {
    let last = distinguished_name.rsplit('/').next()?;
    let alias = last.get(..3).filter(|start| start.eq_ignore_ascii_case("cn=")).and(last.get(3..))?;
    let alias = match alias.split_at_checked(32) {
        Some((id, name)) if id.bytes().all(|byte| byte.is_ascii_hexdigit()) => name.strip_prefix('-').unwrap_or(alias),
        _ => alias,
    };
    (!alias.is_empty()).then_some(alias)
}

/// The one spelling by which two addresses of a type are the same: type, colon, address, in lower case.
pub fn key(address_type: &str, address: &str) -> String {
    let blank = |character: char| character == '\0' || character.is_whitespace();
    format!("{}:{}", address_type.trim_matches(blank), address.trim_matches(blank)).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        use AddressKind::*;
        for (address_type, value, kind) in [
            (Some("SMTP"), "joe@x.example", Smtp),
            (Some("smtp\0"), "not an address", Smtp),
            (Some("SMTP"), "/O=ORG/OU=SITE/CN=RECIPIENTS/CN=JOE", Ex),
            (Some("SMTP"), "IMCEAEX-_O=ORG_CN=JOE@x.example", Imcea),
            (Some("EX"), "/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=joe", Ex),
            (Some("EX"), "joe@x.example", Smtp),
            (Some("EX"), "", Ex),
            (None, "/o=ORG/cn=joe@x.example", Ex),
            (Some("X400"), "c=US;a= ;p=Org;o=Site;s=Name;g=Given;", X400),
            (None, "/C=US/A= /P=Org/O=Site/S=Name", X400),
            (Some("NOTES"), "First Last/Sales/Acme@DOMAIN", Notes),
            (None, "CN=First Last/OU=Sales/O=Acme@DOMAIN", Notes),
            (None, "CN=First Last/O=Acme", Notes),
            (Some("SMTP"), "First Last/Sales/Acme@Domain", Notes),
            (Some("SMTP"), "a/b@x.example", Smtp),
            (None, "Sales/Marketing", Name),
            (Some("NGW"), "user.po.domain", GroupWise),
            (None, "user.po.domain", GroupWise),
            (Some("MOBILE"), "+1 555", Mobile),
            (None, "+1 (425) 555-0100", Mobile),
            (Some("FAX"), "Joe@+1 555", Fax),
            (Some("MAPIPDL"), "Friends", PersonalList),
            (Some("CCMAIL"), "Joe at Site", Other),
            (Some("UNKNOWN"), "joe@x.example", Smtp),
            (None, "<joe@x.example>", Smtp),
            (None, "Smith, John", Name),
            (None, "", Name),
        ] {
            assert_eq!(AddressKind::of(address_type, value), kind, "{address_type:?} {value}");
        }
    }

    #[test]
    fn aliases() {
        for (name, alias) in [
            ("/O=ORG/OU=SITE/CN=RECIPIENTS/CN=JOE", Some("JOE")),
            ("/o=ExchangeLabs/cn=Recipients/cn=0123456789abcdef0123456789abcdef-joe", Some("joe")),
            ("/o=ExchangeLabs/cn=0123456789abcdef0123456789abcdef", Some("0123456789abcdef0123456789abcdef")),
            ("/o=ORG/ou=SITE", None),
            ("/o=ORG/cn=", None),
            ("", None),
        ] {
            assert_eq!(alias_of(name), alias, "{name}");
        }
    }

    #[test]
    fn keys() {
        assert_eq!(key("EX", " /O=Org/CN=Jörg\0"), "ex:/o=org/cn=jörg");
    }
}
