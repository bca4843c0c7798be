//! What a converted form does not carry.

use std::fmt;

use crate::ltp::PropertyTag;

/// Something of an item that its converted form does not carry, or carries changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// Why it is not carried.
    pub kind: LossKind,
    /// The property, where one property is concerned.
    pub property: Option<PropertyTag>,
    /// Where in the item, and what: *attachment 0x8025: the object has no stream*.
    pub detail: String,
}

impl Loss {
    /// A loss of the item as a whole.
    pub fn new(kind: LossKind, detail: impl Into<String>) -> Self {
        Self { kind, property: None, detail: detail.into() }
    }

    /// A loss of one property.
    pub fn of(property: PropertyTag, kind: LossKind, detail: impl Into<String>) -> Self {
        Self { kind, property: Some(property), detail: detail.into() }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.property {
            Some(property) => write!(f, "{}: {property}: {}", self.kind, self.detail),
            None => write!(f, "{}: {}", self.kind, self.detail),
        }
    }
}

/// Why something is not carried. The names are stable: reports and scripts match them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LossKind {
    /// The form has no place for it.
    NoPlace,
    /// It could not be read; the detail says where and why.
    Unreadable,
    /// It was carried in another form, since it breaks the rules of the target as it stands.
    Changed,
    /// It lies deeper than the limit of nesting.
    TooDeep,
    /// It is larger than a limit.
    TooLarge,
    /// Characters that its code page does not have, replaced by U+FFFD.
    Characters,
    /// The item lacks what the form demands, and a value was made up from what is known.
    MadeUp,
}

impl LossKind {
    /// The stable name, in small letters: `no-place`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoPlace => "no-place",
            Self::Unreadable => "unreadable",
            Self::Changed => "changed",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::Characters => "characters",
            Self::MadeUp => "made-up",
        }
    }
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
