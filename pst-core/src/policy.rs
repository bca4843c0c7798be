//! What to do about items that cannot be carried whole: go on, or stop after so many.
//!
//! ```
//! use pst_core::policy::BadItemLimit;
//!
//! let limit = BadItemLimit::default();
//! assert!(limit.allows(0) && !limit.allows(1));
//! assert!(BadItemLimit::at_most(50).allows(50));
//! assert!(BadItemLimit::UNLIMITED.is_large() && BadItemLimit::at_most(51).is_large());
//! ```
//!
//! It is the policy of Exchange's `New-MailboxExportRequest -BadItemLimit`, so that whoever knows that knows this. A **bad
//! item** is an item of which something cannot be read or written, wholly or in part; a folder with such properties; and a
//! place, such as a page of a B-tree, of which nobody knows how many items it held. What is left out on request is not bad.

use std::fmt;

use crate::{Error, ErrorKind};

/// How many bad items are tolerated. The default is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BadItemLimit(Option<u64>);

impl BadItemLimit {
    /// Stops at the first bad item.
    pub const STRICT: Self = Self(Some(0));
    /// Goes on whatever there is.
    pub const UNLIMITED: Self = Self(None);
    /// From here on it takes a word of consent, as in Exchange.
    pub const LARGE: u64 = 51;

    /// Goes on after so many, and stops at the next one.
    pub const fn at_most(items: u64) -> Self {
        Self(Some(items))
    }

    /// The number; `None` if there is no limit.
    pub const fn get(self) -> Option<u64> {
        self.0
    }

    /// Whether to go on after so many bad items.
    pub const fn allows(self, bad_items: u64) -> bool {
        match self.0 {
            Some(most) => bad_items <= most,
            None => true,
        }
    }

    /// Whether so much may be lost that a person should have said so.
    pub const fn is_large(self) -> bool {
        match self.0 {
            Some(most) => most >= Self::LARGE,
            None => true,
        }
    }

    /// The error that ends work beyond the limit. The item at which it stopped is told before.
    pub(crate) fn exceeded(self, bad_items: u64) -> Error {
        let text = format!("bad item {bad_items} is beyond the bad-item limit of {self}");
        Error::text(ErrorKind::Limit, Self::STRUCTURE, text)
    }

    /// Whether an error is that of a bad-item limit.
    pub fn is_cause_of(error: &Error) -> bool {
        error.kind() == ErrorKind::Limit && error.location().structure == Some(Self::STRUCTURE)
    }

    const STRUCTURE: &str = "bad-item limit";
}

impl Default for BadItemLimit {
    fn default() -> Self {
        Self::STRICT
    }
}

impl fmt::Display for BadItemLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(most) => most.fmt(f),
            None => f.pad("unlimited"),
        }
    }
}

/// `unlimited` or a number.
impl std::str::FromStr for BadItemLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("unlimited") {
            return Ok(Self::UNLIMITED);
        }
        text.parse().map(Self::at_most).map_err(|_| "neither a number nor \"unlimited\"".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        for (text, most, allowed, large) in [
            ("0", Some(0), [true, false, false], false),
            ("1", Some(1), [true, true, false], false),
            ("50", Some(50), [true, true, true], false),
            ("51", Some(51), [true, true, true], true),
            ("Unlimited", None, [true, true, true], true),
        ] {
            let limit: BadItemLimit = text.parse().unwrap();
            assert_eq!(limit.get(), most);
            assert_eq!([0, 1, 2].map(|bad| limit.allows(bad)), allowed, "{text}");
            assert_eq!(limit.is_large(), large, "{text}");
            assert_eq!(limit.to_string(), text.to_lowercase());
        }
        for text in ["", "-1", "many", "99999999999999999999"] {
            assert!(text.parse::<BadItemLimit>().is_err(), "{text}");
        }
        assert_eq!(BadItemLimit::default(), BadItemLimit::STRICT);
    }

    #[test]
    fn its_error_is_known() {
        let error = BadItemLimit::at_most(3).exceeded(4);
        assert!(BadItemLimit::is_cause_of(&error));
        assert!(error.to_string().contains("bad item 4 is beyond the bad-item limit of 3"), "{error}");
        assert!(!BadItemLimit::is_cause_of(&Error::text(ErrorKind::Limit, "message", "deep")));
    }
}
