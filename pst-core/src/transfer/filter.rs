//! Which items go along.

use crate::messaging::Message;
use crate::transfer::SkipReason;
use crate::{FileTime, Result};

/// A pattern for text: `*` is any number of characters, `?` is one. Case does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

impl Pattern {
    /// From its text. Every text is a pattern.
    pub fn new(text: &str) -> Self {
        Self(fold(text))
    }

    /// Whether all of the text fits.
    pub fn matches(&self, text: &str) -> bool {
        wild(&self.0, &fold(text), |wanted| *wanted == '*', |wanted, found| *wanted == '?' || wanted == found)
    }
}

fn fold(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Matches with going back to the last `many` alone, so that the time is at most the product of both lengths.
fn wild<P, T>(pattern: &[P], text: &[T], many: impl Fn(&P) -> bool, one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut read) = (0usize, 0usize);
    // Where the last `many` stands, and how much of the text it has taken.
    let mut back: Option<(usize, usize)> = None;
    while let Some(found) = text.get(read) {
        match pattern.get(at) {
            Some(wanted) if many(wanted) => {
                back = Some((at, read));
                at = at.saturating_add(1);
            }
            Some(wanted) if one(wanted, found) => {
                at = at.saturating_add(1);
                read = read.saturating_add(1);
            }
            _ => match &mut back {
                Some((many, taken)) => {
                    *taken = taken.saturating_add(1);
                    (at, read) = (many.saturating_add(1), *taken);
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(many)
}

/// A pattern for paths of folders.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PathPattern {
    /// As it was given.
    text: String,
    /// From the root, not from the top of what a person sees.
    from_root: bool,
    /// `None` stands for `**`.
    parts: Vec<Option<Pattern>>,
}

impl PathPattern {
    fn new(text: &str) -> Self {
        let parts = text.split('/').filter(|part| !part.is_empty());
        let parts = parts.map(|part| (part != "**").then(|| Pattern::new(part))).collect();
        Self { text: text.to_owned(), from_root: text.starts_with('/'), parts }
    }

    /// A path in names from the root, and from the top of what a person sees if it is there.
    fn admits(&self, from_root: &[&str], from_top: Option<&[&str]>) -> bool {
        if self.from_root { self.matches(from_root) } else { from_top.is_some_and(|names| self.matches(names)) }
    }

    fn matches(&self, names: &[&str]) -> bool {
        let one = |wanted: &Option<Pattern>, name: &&str| wanted.as_ref().is_some_and(|wanted| wanted.matches(name));
        wild(&self.parts, names, Option::is_none, one)
    }
}

/// A choice of items. Without a condition everything goes along.
///
/// An item must fit one of the folder patterns, if there are any; one of the class patterns, if there are any; and the
/// dates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    folders: Vec<PathPattern>,
    classes: Vec<Pattern>,
    since: Option<FileTime>,
    before: Option<FileTime>,
    without_associated: bool,
}

impl Filter {
    /// Everything goes along.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pattern for the paths of folders, in which `*` is any number of characters of a name, `?` is one, and `**`
    /// any number of folders, be it none: `Inbox` is that folder alone, `Inbox/*` those in it, `Inbox/**` all of them.
    /// Case does not count.
    ///
    /// A path begins at the top of the folders a person sees, or at the root if it begins with `/`. A `/` inside a name
    /// is written `%2F`, and a `%` before these digits `%25`.
    #[must_use]
    pub fn folder(mut self, pattern: &str) -> Self {
        self.folders.push(PathPattern::new(pattern));
        self
    }

    /// Adds a pattern for message classes, such as `IPM.Note*`; `*` and `?` as in a [`Pattern`].
    #[must_use]
    pub fn class(mut self, pattern: &str) -> Self {
        self.classes.push(Pattern::new(pattern));
        self
    }

    /// Items of this date and later: that of their delivery, else of their submission, else of their creation. Items
    /// without a date are left out.
    #[must_use]
    pub fn since(mut self, date: FileTime) -> Self {
        self.since = Some(date);
        self
    }

    /// Items before this date; as [`since`](Self::since).
    #[must_use]
    pub fn before(mut self, date: FileTime) -> Self {
        self.before = Some(date);
        self
    }

    /// Leaves out associated items: views, rules, settings.
    #[must_use]
    pub fn without_associated(mut self, without: bool) -> Self {
        self.without_associated = without;
        self
    }

    /// True if there are patterns for folders.
    pub fn chooses_folders(&self) -> bool {
        !self.folders.is_empty()
    }

    /// Whether a folder fits: its path in names as [`folder`](Self::folder) writes them, from the root, and from the top
    /// of what a person sees if it is there.
    pub fn admits_folder(&self, from_root: &[&str], from_top: Option<&[&str]>) -> bool {
        self.folders.is_empty() || self.folders.iter().any(|pattern| pattern.admits(from_root, from_top))
    }

    /// The patterns for folders, and whether each admits this one.
    pub(crate) fn patterns<'a>(
        &'a self,
        from_root: &'a [&str],
        from_top: Option<&'a [&str]>,
    ) -> impl Iterator<Item = (&'a str, bool)> {
        self.folders.iter().map(move |pattern| (pattern.text.as_str(), pattern.admits(from_root, from_top)))
    }

    /// Why an item of this folder is left out, as far as it need not be read for that.
    pub(crate) fn refuses(&self, in_folder: bool, associated: bool) -> Option<SkipReason> {
        if !in_folder {
            return Some(SkipReason::Folder);
        }
        (associated && self.without_associated).then_some(SkipReason::Associated)
    }

    /// Why a message is left out by its class or date.
    ///
    /// # Errors
    /// Those of the properties that are asked for.
    pub fn refuses_message(&self, message: &Message) -> Result<Option<SkipReason>> {
        if !self.classes.is_empty() {
            let class = message.class()?.unwrap_or_default();
            if !self.classes.iter().any(|pattern| pattern.matches(&class)) {
                return Ok(Some(SkipReason::Class));
            }
        }
        if self.since.is_some() || self.before.is_some() {
            let date = date_of(message)?;
            let fits = date.is_some_and(|date| {
                self.since.is_none_or(|since| date >= since) && self.before.is_none_or(|before| date < before)
            });
            if !fits {
                return Ok(Some(SkipReason::Date));
            }
        }
        Ok(None)
    }
}

/// The date an item counts under: delivered, else sent, else made. What says "no date", or lies after the year 9999, is
/// passed over.
pub(super) fn date_of(message: &Message) -> Result<Option<FileTime>> {
    let real = |date: Option<FileTime>| date.filter(|date| !date.is_none() && date.year().is_some());
    if let Some(date) = real(message.delivery_time()?) {
        return Ok(Some(date));
    }
    if let Some(date) = real(message.submit_time()?) {
        return Ok(Some(date));
    }
    Ok(real(message.creation_time()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("IPM.Note*", "ipm.note.smime", true),
            ("IPM.Note*", "IPM.Note", true),
            ("IPM.Note", "IPM.Note.x", false),
            ("*", "", true),
            ("?", "", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("ÄRGER", "ärger", true),
            ("??", "日本", true),
            ("*a*a*a*a*b", &"a".repeat(5000), false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), fits, "{pattern}");
        }
    }

    #[test]
    fn paths() {
        for (pattern, path, fits) in [
            ("Inbox", "inbox", true),
            ("Inbox", "Inbox/A", false),
            ("Inbox/*", "Inbox", false),
            ("Inbox/*", "Inbox/A", true),
            ("Inbox/**", "Inbox", true),
            ("Inbox/**", "Inbox/A/B", true),
            ("**/A", "A", true),
            ("**/A", "Inbox/X/A", true),
            ("**/A/**", "Inbox/A/B", true),
            ("In*/?", "Inbox/A", true),
            ("*", "Inbox/A", false),
            ("a%2fb", "A%2FB", true),
        ] {
            let names: Vec<_> = path.split('/').collect();
            let mut above = vec!["Top"];
            above.extend(&names);
            assert_eq!(Filter::new().folder(pattern).admits_folder(&above, Some(&names)), fits, "{pattern} {path}");
            assert_eq!(
                Filter::new().folder(&format!("/top/{pattern}")).admits_folder(&above, None),
                fits,
                "{pattern} {path}"
            );
        }
        assert!(Filter::new().admits_folder(&[], None));
        assert!(!Filter::new().folder("Inbox").admits_folder(&["Inbox"], None));
    }
}
