//! The syntax of Internet addresses (RFC 5321 4.1.2, RFC 6531 3.3).

use std::fmt;

/// An address of the form `local@domain`, as it stands.
///
/// Addresses of the international form pass (RFC 6531: any character outside ASCII in either part), quoted local parts and
/// domains in brackets too. A domain of names needs a dot, and its last label a character that is no digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SmtpAddress<'a> {
    /// What is before the `@`, quotes included. Upper and lower case may differ in meaning, and never do.
    pub local: &'a str,
    /// What is behind it, without regard to case.
    pub domain: &'a str,
}

/// Why a text is not an SMTP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SmtpFault {
    /// Nothing there.
    Empty,
    /// No `@` outside quotes.
    NoAt,
    /// The local part is empty, has a character that needs quotes, or quotes that do not close.
    Local,
    /// The domain is empty, has an empty label or a character no domain has.
    Domain,
    /// The domain is a single label.
    NoDot,
    /// The last label is nothing but digits.
    NumericLabel,
}

impl<'a> SmtpAddress<'a> {
    /// Takes an address apart. Nothing is trimmed: see [`clean`].
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &'a str) -> Result<Self, SmtpFault> {
        if text.is_empty() {
            return Err(SmtpFault::Empty);
        }
        let at = if text.starts_with('"') { after_quotes(text).ok_or(SmtpFault::Local)? } else { text.find('@') };
        let (local, domain) = at.and_then(|at| text.split_at_checked(at)).ok_or(SmtpFault::NoAt)?;
        let domain = domain.strip_prefix('@').ok_or(SmtpFault::NoAt)?;
        if local.is_empty() || (!local.starts_with('"') && !local.chars().all(is_atom_or_dot)) {
            return Err(SmtpFault::Local);
        }
        check_domain(domain)?;
        Ok(Self { local, domain })
    }

    /// True without characters outside ASCII, so that any server takes it.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }

    /// True if the letter of RFC 5321 allows it: dots only between atoms, 64 octets at most before the `@`, 255 behind it.
    /// Addresses exist that it does not allow.
    pub fn is_strict(&self) -> bool {
        let dots = self.local.starts_with('"') || self.local.split('.').all(|atom| !atom.is_empty());
        dots && self.local.len() <= 64 && self.domain.len() <= 255
    }

    /// The address in lower case, by which two are the same.
    pub fn key(&self) -> String {
        self.to_string().to_lowercase()
    }
}

impl fmt::Display for SmtpAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl SmtpFault {
    /// The stable name, in small letters: `no-at`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoAt => "no-at",
            Self::Local => "local-part",
            Self::Domain => "domain",
            Self::NoDot => "no-dot",
            Self::NumericLabel => "numeric-label",
        }
    }
}

impl fmt::Display for SmtpFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What programs put around an address, taken off: blanks and NUL, `smtp:` or `mailto:`, angle brackets, single quotes.
pub fn clean(stored: &str) -> &str {
    let blank = |character: char| character == '\0' || character.is_whitespace();
    let mut text = stored.trim_matches(blank);
    for prefix in ["smtp:", "mailto:"] {
        if let Some((start, rest)) = text.split_at_checked(prefix.len())
            && start.eq_ignore_ascii_case(prefix)
        {
            text = rest.trim_start_matches(blank);
        }
    }
    for (open, close) in [('\'', '\''), ('<', '>'), ('\'', '\'')] {
        if let Some(inner) = text.strip_prefix(open).and_then(|text| text.strip_suffix(close)) {
            text = inner.trim_matches(blank);
        }
    }
    text
}

/// The place of the `@` behind a quoted local part; `None` if the quotes do not close, `Some(None)` without `@` there.
fn after_quotes(text: &str) -> Option<Option<usize>> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let next = at.saturating_add(1);
                return Some(text.get(next..).is_some_and(|rest| rest.starts_with('@')).then_some(next));
            }
            _ if character.is_control() => return None,
            _ => {}
        }
    }
    None
}

/// RFC 5322 3.2.3 atext, the dot, and RFC 6531 everything outside ASCII that can be seen.
fn is_atom_or_dot(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        '.' | '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^' | '_' | '`' | '{' | '|'
        | '}' | '~' => true,
        _ => !character.is_ascii() && !character.is_control() && !character.is_whitespace(),
    }
}

fn check_domain(domain: &str) -> Result<(), SmtpFault> {
    if let Some(literal) = domain.strip_prefix('[') {
        let inner = literal.strip_suffix(']').filter(|inner| !inner.is_empty()).ok_or(SmtpFault::Domain)?;
        let fine = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | ':' | '-');
        return if inner.chars().all(fine) { Ok(()) } else { Err(SmtpFault::Domain) };
    }
    // The underscore is no character of host names, and is in use.
    let is_label = |label: &str| {
        let fine = |character: char| {
            character.is_ascii_alphanumeric()
                || matches!(character, '-' | '_')
                || (!character.is_ascii() && !character.is_control() && !character.is_whitespace())
        };
        !label.is_empty() && label.chars().all(fine) && !label.starts_with('-') && !label.ends_with('-')
    };
    if !domain.split('.').all(is_label) {
        return Err(SmtpFault::Domain);
    }
    let (_, last) = domain.rsplit_once('.').ok_or(SmtpFault::NoDot)?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SmtpFault::NumericLabel);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, local, domain) in [
            ("joblogs@josco.com", "joblogs", "josco.com"),
            ("first.last+tag@mail.josco.co.uk", "first.last+tag", "mail.josco.co.uk"),
            ("o'neil@josco.com", "o'neil", "josco.com"),
            ("jürgen@josco.de", "jürgen", "josco.de"),
            ("用户@例子.广告", "用户", "例子.广告"),
            ("\"john doe\"@x.example", "\"john doe\"", "x.example"),
            ("\"a@b\\\"c\"@x.example", "\"a@b\\\"c\"", "x.example"),
            ("a@[192.0.2.1]", "a", "[192.0.2.1]"),
            ("a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]"),
            ("a@josco.com-1", "a", "josco.com-1"),
            ("x@my_host.example", "x", "my_host.example"),
            ("q=r.tester@x.example", "q=r.tester", "x.example"),
            ("dots..inside.@x.example", "dots..inside.", "x.example"),
        ] {
            assert_eq!(SmtpAddress::parse(text), Ok(SmtpAddress { local, domain }), "{text}");
        }
    }

    #[test]
    fn no_addresses() {
        for (text, fault) in [
            ("", SmtpFault::Empty),
            ("joblogs", SmtpFault::NoAt),
            ("\"joblogs\"", SmtpFault::NoAt),
            ("joblogs@josco", SmtpFault::NoDot),
            ("@josco.com", SmtpFault::Local),
            ("Joe Bloggs@josco.com", SmtpFault::Local),
            ("Joe <joe@josco.com>", SmtpFault::Local),
            ("\"joe@josco.com", SmtpFault::Local),
            ("joblogs@.com", SmtpFault::Domain),
            ("joblogs@josco.com.", SmtpFault::Domain),
            ("joblogs@-josco.com", SmtpFault::Domain),
            ("joblogs@josco.com (2)", SmtpFault::Domain),
            ("a@b@josco.com", SmtpFault::Domain),
            ("a@[]", SmtpFault::Domain),
            ("a@[1 2]", SmtpFault::Domain),
            ("joblogs@josco.com.1", SmtpFault::NumericLabel),
            ("joblogs@192.0.2.1", SmtpFault::NumericLabel),
            ("CN=First Last/O=Acme@DOMAIN", SmtpFault::Local),
        ] {
            assert_eq!(SmtpAddress::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn the_letter_of_the_rfc() {
        let strict = |text| SmtpAddress::parse(text).unwrap().is_strict();
        assert!(strict("a.b@x.example"));
        assert!(!strict("a..b@x.example"));
        assert!(!strict(&format!("{}@x.example", "a".repeat(65))));
        assert_eq!(SmtpAddress::parse("JÖrg@X.Example").unwrap().key(), "jörg@x.example");
        assert!(!SmtpAddress::parse("jörg@x.example").unwrap().is_ascii());
    }

    #[test]
    fn wrappings_come_off() {
        for stored in [
            " a@x.example\0",
            "<a@x.example>",
            "'a@x.example'",
            "SMTP:a@x.example",
            "mailto: a@x.example",
            "'<a@x.example>'",
        ] {
            assert_eq!(clean(stored), "a@x.example", "{stored:?}");
        }
        assert_eq!(clean("o'neil@x.example"), "o'neil@x.example");
        assert_eq!(clean("'"), "'");
    }
}
