//! Which items are exported.

use pst_core::address::Resolved;
use pst_core::item::Item;
use pst_core::transfer::{Filter, Pattern};
use pst_core::{FileTime, Result};
use serde::Serialize;

use super::facts;

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $code:literal;)*) => {
        /// Why an item was not chosen. The codes are stable, and none is one of [`SkipReason`](crate::input::SkipReason).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum NotChosen {
            $($(#[$doc])* $reason,)*
        }

        impl NotChosen {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$reason,)*];

            /// The stable code, in small letters: `folder`.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$reason => $code,)*
                }
            }
        }
    };
}

reasons! {
    /// An associated item: a view, a rule, settings.
    Associated = "associated";
    /// An item of another folder.
    Folder = "folder";
    /// An item of another class.
    Class = "class";
    /// An item of another date, or without one.
    Date = "date";
    /// An item from somebody else.
    From = "from";
    /// An item to somebody else.
    To = "to";
}

/// A choice of items. Without a condition everything goes along but associated items. An item must fit one pattern of each
/// kind that there is, and the dates.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    folders: Vec<String>,
    classes: Vec<String>,
    since: Option<String>,
    before: Option<String>,
    from: Vec<String>,
    to: Vec<String>,
    associated: bool,
    #[serde(skip)]
    made: Made,
}

/// The conditions, ready for use.
#[derive(Clone, Debug, Default)]
struct Made {
    folders: Vec<Filter>,
    classes: Vec<Pattern>,
    since: Option<FileTime>,
    before: Option<FileTime>,
    from: Vec<Pattern>,
    to: Vec<Pattern>,
}

impl Choice {
    /// Everything but associated items.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pattern for paths of folders, as [`Filter::folder`] has it. Folders of what is in no store begin at the top.
    #[must_use]
    pub fn folder(mut self, pattern: &str) -> Self {
        self.folders.push(pattern.to_owned());
        self.made.folders.push(Filter::new().folder(pattern));
        self
    }

    /// Adds a pattern for message classes, such as `IPM.Note*`. A mail has the class that a store would give it.
    #[must_use]
    pub fn class(mut self, pattern: &str) -> Self {
        self.classes.push(pattern.to_owned());
        self.made.classes.push(Pattern::new(pattern));
        self
    }

    /// Items of this date and later: that of their delivery, else of their sending, else of their creation.
    #[must_use]
    pub fn since(mut self, date: FileTime) -> Self {
        self.since = Some(date.to_rfc3339());
        self.made.since = Some(date);
        self
    }

    /// Items before this date.
    #[must_use]
    pub fn before(mut self, date: FileTime) -> Self {
        self.before = Some(date.to_rfc3339());
        self.made.before = Some(date);
        self
    }

    /// Adds a pattern for who sent an item, himself or on whose behalf: the SMTP address, the address as stored, or the
    /// name.
    #[must_use]
    pub fn from(mut self, pattern: &str) -> Self {
        self.from.push(pattern.to_owned());
        self.made.from.push(Pattern::new(pattern));
        self
    }

    /// Adds a pattern for who an item is for, openly or blindly; as [`from`](Self::from).
    #[must_use]
    pub fn to(mut self, pattern: &str) -> Self {
        self.to.push(pattern.to_owned());
        self.made.to.push(Pattern::new(pattern));
        self
    }

    /// Takes associated items along.
    #[must_use]
    pub fn associated(mut self, with: bool) -> Self {
        self.associated = with;
        self
    }

    /// The patterns for folders as they were given.
    pub fn folder_patterns(&self) -> &[String] {
        &self.folders
    }

    /// Why an item is left out by its folder, whose names are given from the root, and from the top of what a person sees
    /// if it is there. Counts in `fits` the patterns that fit.
    pub(super) fn refuses_folder(&self, names: &[String], top: Option<&[String]>, fits: &mut [u64]) -> bool {
        if self.made.folders.is_empty() {
            return false;
        }
        let escaped = |names: &[String]| -> Vec<String> {
            names.iter().map(|name| name.replace("%2F", "%252F").replace('/', "%2F")).collect()
        };
        let (names, top) = (escaped(names), top.map(escaped));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let top: Option<Vec<&str>> = top.as_ref().map(|top| top.iter().map(String::as_str).collect());
        let mut refused = true;
        for (pattern, fits) in self.made.folders.iter().zip(fits) {
            if pattern.admits_folder(&names, top.as_deref()) {
                *fits = fits.saturating_add(1);
                refused = false;
            }
        }
        refused
    }

    /// Why an item is left out.
    ///
    /// # Errors
    /// Those of what is asked for.
    pub(super) fn refuses(&self, item: &Item<'_>) -> Result<Option<NotChosen>> {
        let made = &self.made;
        if item.is_associated() && !self.associated {
            return Ok(Some(NotChosen::Associated));
        }
        if !made.classes.is_empty() {
            let class = item.class()?.class.unwrap_or_default();
            if !made.classes.iter().any(|pattern| pattern.matches(&class)) {
                return Ok(Some(NotChosen::Class));
            }
        }
        if made.since.is_some() || made.before.is_some() {
            let fits = facts::date_of(item)?.is_some_and(|date| {
                made.since.is_none_or(|since| date >= since) && made.before.is_none_or(|before| date < before)
            });
            if !fits {
                return Ok(Some(NotChosen::Date));
            }
        }
        if !made.from.is_empty() {
            let mut people = [item.sender()?, item.representing()?].into_iter().flatten().chain(item.more_authors());
            if !people.any(|who| fits(&made.from, &who)) {
                return Ok(Some(NotChosen::From));
            }
        }
        if !made.to.is_empty() {
            let mut found = false;
            for recipient in item.recipients() {
                found |= fits(&made.to, &recipient?.who);
            }
            if !found {
                return Ok(Some(NotChosen::To));
            }
        }
        Ok(None)
    }
}

fn fits(patterns: &[Pattern], who: &Resolved) -> bool {
    let smtp = who.smtp.as_ref().map(|smtp| smtp.address.as_str());
    let stored = who.stored.as_ref().map(|stored| stored.value.as_str());
    let texts = [smtp, stored, who.name.as_deref()];
    texts.into_iter().flatten().any(|text| patterns.iter().any(|pattern| pattern.matches(text)))
}
