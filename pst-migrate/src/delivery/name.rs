//! Names of files of one owner: the grammar, and what a name that fails it was likely meant to be.
//!
//! ```text
//! ann@example.com.pst      ann@example.com.3.pst      ann@example.com.pst.3
//! ```
//!
//! Read from the right: `.pst` with a number behind it or none; then, if there was none, a number before it; then the whole
//! address. No top-level domain is a number, so that a last label of digits is one.

use pst_core::address::{SmtpAddress, SmtpFault};

use crate::profile::{NameRules, Rule};

/// What the name of a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerName {
    /// The address as it stands.
    pub address: String,
    /// The number without zeros before it.
    pub number: Option<String>,
}

/// Why a name is none of an owner's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFault {
    /// The rule.
    pub rule: Rule,
    /// The case at hand.
    pub detail: String,
}

impl NameFault {
    fn new(rule: Rule, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into() }
    }
}

/// Extensions of other files than stores in PST form.
const OTHER_TYPES: &[&str] = &[
    "ost", "pab", "zip", "eml", "emlx", "msg", "mbox", "mbx", "7z", "rar", "gz", "tar", "bak", "csv", "txt", "nsf",
    "olm",
];

impl OwnerName {
    /// Reads a name.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(name: &str) -> Result<Self, NameFault> {
        let (rest, behind) = match strip_extension(name) {
            Some(found) => found,
            None => {
                let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
                return Err(match extension.filter(|extension| OTHER_TYPES.contains(&extension.as_str())) {
                    Some(extension) => NameFault::new(Rule::FileExtension, format!("it ends in .{extension}")),
                    None => NameFault::new(Rule::NameExtension, "it ends neither in .pst nor in .pst and a number"),
                });
            }
        };
        let double = || NameFault::new(Rule::NameDoubleExtension, "it has .pst twice");
        if strip_pst(rest).is_some() {
            return Err(double());
        }
        let (address, number) = match strip_number(rest) {
            Some((_, number)) if behind.is_some() => {
                let detail = format!("{number} before .pst and {} behind it", behind.unwrap_or_default());
                return Err(NameFault::new(Rule::NameNumberTwice, detail));
            }
            Some((address, number)) => (address, Some(number)),
            None => (rest, behind),
        };
        if strip_pst(address).is_some() {
            return Err(double());
        }
        if let Some((_, again)) = strip_number(address) {
            let detail = format!("{again} and {}", number.unwrap_or_default());
            return Err(NameFault::new(Rule::NameNumberTwice, detail));
        }
        check_address(address)?;
        let number = number.map(|digits| {
            let digits = digits.trim_start_matches('0');
            if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
        });
        Ok(Self { address: address.to_owned(), number })
    }

    /// The address in small letters, by which two are the same.
    pub fn owner(&self) -> String {
        self.address.to_lowercase()
    }

    /// What is odd about the address, without its being wrong.
    pub fn remarks(&self, rules: &NameRules) -> Vec<NameFault> {
        let mut remarks = Vec::new();
        if !self.address.is_ascii() {
            remarks.push(NameFault::new(Rule::NameAddressAscii, self.address.clone()));
        }
        let owner = self.owner();
        let domain = owner.rsplit_once('@').map_or("", |(_, domain)| domain);
        let is_expected = rules.domains.is_empty()
            || rules.domains.iter().any(|known| {
                domain == known || domain.strip_suffix(known.as_str()).is_some_and(|before| before.ends_with('.'))
            });
        if !is_plausible(domain) {
            remarks.push(NameFault::new(Rule::NameDomain, format!("no domain ends as {domain} does")));
        } else if !is_expected {
            remarks.push(NameFault::new(Rule::NameDomain, format!("{domain} is none of the expected domains")));
        }
        remarks
    }
}

/// The address of a name alone.
fn check_address(address: &str) -> Result<(), NameFault> {
    let syntax = |detail: &str| NameFault::new(Rule::NameAddressSyntax, format!("{address:?}: {detail}"));
    if !address.contains('@') {
        return Err(NameFault::new(Rule::NameAddress, format!("{address:?} has no @")));
    }
    let parsed = SmtpAddress::parse(address).map_err(|fault| match fault {
        SmtpFault::NoDot => NameFault::new(Rule::NameFullAddress, format!("{address:?} has a domain without a dot")),
        SmtpFault::Empty | SmtpFault::NoAt => NameFault::new(Rule::NameAddress, format!("{address:?} has no @")),
        SmtpFault::Local => syntax("what is before the @ is no local part"),
        _ => syntax("what is behind the @ is no domain"),
    })?;
    // Names of hosts have no underscore, and what has one is nearly always a number that was put behind.
    if parsed.domain.contains(['_', '[', ':']) || parsed.local.starts_with('"') {
        return Err(syntax("the domain is no name of a host, or the address needs quotes"));
    }
    let is_number = |label: &str| label.chars().all(char::is_numeric) && !label.is_ascii();
    if parsed.domain.split('.').any(is_number) {
        return Err(syntax("numbers have the digits 0 to 9"));
    }
    Ok(())
}

/// True for domains that end as the public ones do: two letters or more, or an encoded label.
fn is_plausible(domain: &str) -> bool {
    let last = domain.rsplit_once('.').map_or(domain, |(_, last)| last);
    last.starts_with("xn--") || (last.chars().count() >= 2 && last.chars().all(char::is_alphabetic))
}

/// What is before `.pst`, upper or lower case.
fn strip_pst(name: &str) -> Option<&str> {
    let (rest, end) = name.split_at_checked(name.len().checked_sub(4)?)?;
    end.eq_ignore_ascii_case(".pst").then_some(rest)
}

/// What is before a last label of digits, and the digits.
fn strip_number(name: &str) -> Option<(&str, &str)> {
    let (rest, digits) = name.rsplit_once('.')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some((rest, digits))
}

/// What is before `.pst`, and the number behind it.
fn strip_extension(name: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = strip_pst(name) {
        return Some((rest, None));
    }
    let (rest, digits) = strip_number(name)?;
    strip_pst(rest).map(|rest| (rest, Some(digits)))
}

/// True if the name is that of a store: it ends in `.pst`, or in `.pst` and a number.
pub fn is_store_name(name: &str) -> bool {
    strip_extension(name).is_some()
}

/// The name that a wrong one was likely meant to be. **What is proposed always passes** without a remark about its domain.
pub fn propose(name: &str) -> Option<String> {
    let is_good = |name: &str| {
        OwnerName::parse(name).is_ok_and(|owner| {
            owner.remarks(&NameRules::default()).iter().all(|remark| remark.rule != Rule::NameDomain)
        })
    };
    // Of a file of another type nobody knows what it should be called.
    if is_good(name) || OwnerName::parse(name).is_err_and(|fault| fault.rule == Rule::FileExtension) {
        return None;
    }
    let trimmed = name.trim().trim_end_matches('.').trim_end();
    let mut stem = trimmed;
    let mut behind = None;
    let mut had_extension = false;
    // Every `.pst` at the end but one, and the number behind the last.
    while let Some((rest, number)) = strip_extension(stem) {
        if behind.is_some() && number.is_some() {
            return None;
        }
        behind = behind.or(number);
        stem = rest.trim_end();
        had_extension = true;
    }
    // `Ann <ann@example.com>` names her as mail does.
    if let Some((_, inside)) = stem.split_once('<')
        && let Some((address, after)) = inside.split_once('>')
    {
        if !after.is_empty() {
            return None;
        }
        stem = address.trim();
    }
    let make = |stem: &str, number: Option<&str>| match number {
        Some(number) => format!("{stem}.{number}.pst"),
        None => format!("{stem}.pst"),
    };
    let plain = make(stem, behind);
    if is_good(&plain) && (had_extension || stem.contains('@')) {
        return (plain != name).then_some(plain);
    }
    // A number behind something else than a dot, as copying programs write it.
    if behind.is_some() {
        return None;
    }
    let inner = stem.strip_suffix(')').unwrap_or(stem);
    let rest = inner.trim_end_matches(|character: char| character.is_ascii_digit());
    let number = inner.get(rest.len()..).filter(|number| !number.is_empty())?;
    let rest = rest.trim_end_matches(['(', ' ', '_', '-', '.']);
    let numbered = make(rest, Some(number));
    (is_good(&numbered) && numbered != name && rest.len() < inner.len().saturating_sub(number.len()))
        .then_some(numbered)
}
