//! Profiles: the rules of whoever takes a delivery, as data.
//!
//! ```text
//! text (TOML) -- raw: keys and lines -- checked -- on top of the profile it extends -- Profile
//! ```
//!
//! What two takers could disagree about stands in a profile: names, layout, sizes, classes, sampling, and how much each
//! [`Rule`] matters. Three are shipped: `default` takes nearly everything and tells what is odd, `mimecast-2016` and
//! `purview` are what their archives ask for. A profile of one's own says only what differs:
//!
//! ```toml
//! format = 1
//! name = "acme"
//! extends = "mimecast-2016"
//!
//! [sizes]
//! max = "20 GB"
//!
//! [rules]
//! name-address-ascii = "error"
//! ```
//!
//! `docs/delivery.md` lists all keys. A key that is not known, a value out of range and a text that is no size are errors
//! with file, line and key.

mod classes;
mod error;
mod raw;
mod rule;
mod size;

use std::collections::BTreeMap;
use std::path::Path;

pub use classes::{ClassRules, ClassVerdict, MissingClass, StubTable};
pub use error::ProfileError;
pub use rule::{Rule, Severity};
pub use size::{Units, parse as parse_size};

/// The form of profiles that this version reads.
pub const FORMAT: u32 = 1;

/// The rules of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// The version that its author gave it; 1 if none.
    pub version: u32,
    /// A sentence about it; may be empty.
    pub description: String,
    /// The names of the profiles below, nearest first.
    pub extends: Vec<String>,
    /// What GB and MB mean.
    pub units: Units,
    /// Names of files.
    pub names: NameRules,
    /// Folders.
    pub layout: LayoutRules,
    /// Types of files.
    pub files: FileRules,
    /// Sizes, in bytes.
    pub sizes: SizeRules,
    /// Classes of items.
    pub classes: ClassRules,
    /// What is looked at where not all is.
    pub sampling: Sampling,
    /// How often data may be delivered.
    pub submissions: Submissions,
    severities: BTreeMap<Rule, Severity>,
}

/// What names of files are checked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameRules {
    /// Files of one owner are called after an address: in trees for such, or everywhere if the layout asks for none.
    pub owner_addresses: bool,
    /// The domains that owners have, in small letters; empty if any will do.
    pub domains: Vec<String>,
}

/// What the folders are called. Names compare without regard to case; the first of each list is the usual one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayoutRules {
    /// Files have to be in `root/format/base/`; without, folders are free.
    pub required: bool,
    /// The root is called after company and asset tag, with `_` between.
    pub root_tag: bool,
    /// A file that is in no base folder is one of an owner.
    pub lenient: bool,
    /// Folders in folders, the delivery itself not counted.
    pub depth: u32,
    /// Entries of a folder.
    pub entries: u64,
    /// Folders for PST files.
    pub pst: Vec<String>,
    /// Folders for zipped mail.
    pub mail: Vec<String>,
    /// Base folders for files of one owner.
    pub per_user: Vec<String>,
    /// Base folders for mail of no owner (SJF, the standard journal format).
    pub journal: Vec<String>,
    /// Base folders for journal reports (EJF, the envelope journal format).
    pub envelope_journal: Vec<String>,
}

/// What types of files are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRules {
    /// The types, by their stable names: `pst`, `ost`, `pab`, `zip`, `mail`, `mbox`, `msg`.
    pub accept: Vec<String>,
    /// Names of files that systems leave everywhere, in small letters; they are counted and not looked at.
    pub ignore: Vec<String>,
}

/// Bounds on sizes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeRules {
    /// Smaller files are outside what is recommended.
    pub recommended_min: u64,
    /// Larger ones too.
    pub recommended_max: u64,
    /// Larger files are slow.
    pub slow: u64,
    /// Larger files are refused.
    pub max: u64,
    /// Files from this size on, up to [`window_to`](Self::window_to), are read whole.
    pub window_from: u64,
    /// The last size of that window.
    pub window_to: u64,
    /// Items of this size and more are left out.
    pub item: u64,
    /// Items of a folder in a store.
    pub folder_items: u64,
}

/// What is looked at where not everything is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sampling {
    /// Items read to their end in a chosen store: at least this many.
    pub items_min: u64,
    /// And at least this share of all, from 0 to 1.
    pub items_share: f64,
    /// In at least this many folders.
    pub folders: u64,
    /// The share of stores that are chosen, whatever their size, from 0 to 1.
    pub stores_share: f64,
    /// The share grows with the size: by 1 for this many bytes.
    pub stores_certain: u64,
    /// Items of each file whose content is compared with the base folder.
    pub content_items: u64,
    /// The least share of journal reports where there should be reports.
    pub reports_min: f64,
    /// The largest share of journal reports where there should be mail.
    pub reports_max: f64,
}

/// How often data may be delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Submissions {
    /// Deliveries of cured data.
    pub cured: u32,
    /// The first delivery counts as one of them.
    pub count_original: bool,
}

impl Submissions {
    /// Whether a delivery may be made: 0 is the first, 1 the first of cured data.
    pub fn allows(&self, number: u32) -> bool {
        let counted = if self.count_original { number.saturating_add(1) } else { number };
        counted <= self.cured || number == 0
    }
}

impl Default for Profile {
    /// The shipped `default`.
    fn default() -> Self {
        // The text is part of the program, and a test reads it.
        Self::shipped("default").and_then(Result::ok).unwrap_or_else(Self::bare)
    }
}

/// Shipped profiles: names and texts.
const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("shipped/default.toml")),
    ("mimecast-2016", include_str!("shipped/mimecast-2016.toml")),
    ("purview", include_str!("shipped/purview.toml")),
];

impl Profile {
    /// The names of the shipped profiles.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// The text of a shipped profile.
    pub fn shipped_text(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
    }

    /// A shipped profile; `None` if there is none of this name.
    pub fn shipped(name: &str) -> Option<Result<Self, ProfileError>> {
        Self::shipped_text(name).map(|text| Self::parse(name, text))
    }

    /// A shipped profile by its name, else a file.
    ///
    /// # Errors
    /// What is wrong with the file, or that it cannot be read.
    pub fn load(name_or_path: &str) -> Result<Self, ProfileError> {
        match Self::shipped(name_or_path) {
            Some(profile) => profile,
            None => raw::read(Path::new(name_or_path), 0),
        }
    }

    /// Reads a profile from its text. `file` stands for it in errors; what it extends is shipped, or a file beside it.
    ///
    /// # Errors
    /// What is wrong with it, the first of all in the order of the text.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        raw::parse(file, text, 0)
    }

    /// How much a rule matters.
    pub fn severity(&self, rule: Rule) -> Severity {
        self.severities.get(&rule).copied().unwrap_or(Severity::Off)
    }

    /// Sets how much a rule matters.
    pub fn set_severity(&mut self, rule: Rule, severity: Severity) {
        self.severities.insert(rule, severity);
    }

    /// A profile with nothing in it, under which the root of all is read.
    fn bare() -> Self {
        Self {
            name: String::new(),
            version: 1,
            description: String::new(),
            extends: Vec::new(),
            units: Units::Binary,
            names: NameRules::default(),
            layout: LayoutRules { depth: 200, entries: u64::MAX, ..LayoutRules::default() },
            files: FileRules::default(),
            sizes: SizeRules::default(),
            classes: ClassRules::default(),
            sampling: Sampling::default(),
            submissions: Submissions::default(),
            severities: BTreeMap::new(),
        }
    }
}
