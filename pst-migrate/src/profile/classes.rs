//! Which items are mail, by their class.

use pst_core::messaging::kind::{Evidence, Kind, StubContent, classify};

/// Which classes of items are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassRules {
    /// Patterns of what is taken, in small letters; a `*` at the end stands for any rest.
    pub include: Vec<String>,
    /// Patterns of what is not, although it is included. **The more specific pattern wins**, of two alike this one.
    pub exclude: Vec<String>,
    /// What items without class are.
    pub missing: MissingClass,
    /// What becomes of classes that the table of archiving products knows.
    pub stubs: StubTable,
}

/// What items without class are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MissingClass {
    /// Not taken.
    #[default]
    Skip,
    /// Mail.
    Note,
}

/// What becomes of classes that the table of archiving products knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StubTable {
    /// Not taken.
    #[default]
    Exclude,
    /// Taken, if a pattern includes them.
    Report,
}

/// What becomes of an item by its class. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClassVerdict {
    /// It is taken.
    Taken,
    /// Hidden settings of a folder.
    Associated,
    /// The class says that it is a shortcut into an archive.
    Shortcut,
    /// An archiving product left it in the place of an item.
    Stub,
    /// It has no class.
    NoClass,
    /// No pattern includes it.
    NotListed,
}

impl ClassVerdict {
    /// All.
    pub const ALL: &[Self] =
        &[Self::Taken, Self::Associated, Self::Shortcut, Self::Stub, Self::NoClass, Self::NotListed];

    /// The stable code of the reason: `CLASS_NOT_LISTED`; `TAKEN` if it is taken.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Taken => "TAKEN",
            Self::Associated => "FAI",
            Self::Shortcut => "STUB_SHORTCUT",
            Self::Stub => "STUB_TABLE",
            Self::NoClass => "NO_CLASS",
            Self::NotListed => "CLASS_NOT_LISTED",
        }
    }
}

impl ClassRules {
    /// What becomes of an item with this class.
    pub fn decide(&self, class: Option<&str>, is_associated: bool) -> ClassVerdict {
        if is_associated {
            return ClassVerdict::Associated;
        }
        let found = classify(class);
        if found.kind == Kind::Unclassified {
            return match self.missing {
                MissingClass::Skip => ClassVerdict::NoClass,
                MissingClass::Note => ClassVerdict::Taken,
            };
        }
        if found.class.contains("shortcut") {
            return ClassVerdict::Shortcut;
        }
        // What waits to be archived is still the whole item.
        let is_stub =
            found.stub.is_some_and(|stub| stub.evidence == Evidence::Seen && stub.content != StubContent::Whole);
        if is_stub && self.stubs == StubTable::Exclude {
            return ClassVerdict::Stub;
        }
        let best = |patterns: &[String]| patterns.iter().filter_map(|pattern| matches(pattern, &found.class)).max();
        match (best(&self.include), best(&self.exclude)) {
            (Some(include), Some(exclude)) if include > exclude => ClassVerdict::Taken,
            (Some(_), None) => ClassVerdict::Taken,
            _ => ClassVerdict::NotListed,
        }
    }
}

/// How specific a pattern is that matches: its length, and one more for a whole class. `a.*` takes `a` as well.
fn matches(pattern: &str, class: &str) -> Option<usize> {
    let length = pattern.len();
    if let Some(parent) = pattern.strip_suffix(".*") {
        let rest = class.strip_prefix(parent)?;
        return (rest.is_empty() || rest.starts_with('.')).then_some(length);
    }
    match pattern.strip_suffix('*') {
        Some(start) => class.starts_with(start).then_some(length),
        None => (pattern == class).then_some(length.saturating_add(1)),
    }
}
