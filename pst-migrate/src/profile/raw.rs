//! The text form of a profile: keys, with the places they stand at, laid on top of the profile they extend.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::error::Text;
use super::size::{self, RawSize};
use super::{
    ClassRules, FORMAT, MissingClass, NameRules, Profile, ProfileError, Rule, Sampling, Severity, StubTable, Units,
};

/// Profiles that extend each other.
const DEEPEST: u32 = 8;
/// Bytes of a profile.
const LARGEST: u64 = 1 << 20;

type Key<T> = Option<Spanned<T>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    format: Spanned<u32>,
    name: Spanned<String>,
    version: Key<u32>,
    description: Option<String>,
    extends: Key<String>,
    units: Key<String>,
    #[serde(default)]
    names: RawNames,
    #[serde(default)]
    layout: RawLayout,
    #[serde(default)]
    files: RawFiles,
    #[serde(default)]
    sizes: RawSizes,
    #[serde(default)]
    classes: RawClasses,
    #[serde(default)]
    sampling: RawSampling,
    #[serde(default)]
    submissions: RawSubmissions,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawNames {
    owner_addresses: Option<bool>,
    domains: Key<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawLayout {
    required: Option<bool>,
    root_tag: Option<bool>,
    lenient: Option<bool>,
    depth: Key<u32>,
    entries: Key<u64>,
    pst: Key<Vec<String>>,
    mail: Key<Vec<String>>,
    per_user: Key<Vec<String>>,
    journal: Key<Vec<String>>,
    envelope_journal: Key<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawFiles {
    accept: Key<Vec<String>>,
    ignore: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawSizes {
    recommended_min: Key<RawSize>,
    recommended_max: Key<RawSize>,
    slow: Key<RawSize>,
    max: Key<RawSize>,
    window_from: Key<RawSize>,
    window_to: Key<RawSize>,
    item: Key<RawSize>,
    folder_items: Key<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawClasses {
    include: Key<Vec<String>>,
    exclude: Key<Vec<String>>,
    missing: Key<String>,
    stubs: Key<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawSampling {
    items_min: Key<u64>,
    items_share: Key<f64>,
    folders: Key<u64>,
    stores_share: Key<f64>,
    stores_certain: Key<RawSize>,
    content_items: Key<u64>,
    reports_min: Key<f64>,
    reports_max: Key<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawSubmissions {
    cured: Key<u32>,
    count_original: Option<bool>,
}

/// Reads a profile from a file.
pub(super) fn read(path: &Path, depth: u32) -> Result<Profile, ProfileError> {
    let file = path.display().to_string();
    let fail = |message: String| Text { file: &file, text: "" }.error(None, "", message);
    let names = || Profile::shipped_names().collect::<Vec<_>>().join(", ");
    let metadata = std::fs::metadata(path)
        .map_err(|error| fail(format!("{error}; expected a file, or one of the shipped profiles: {}", names())))?;
    if !metadata.is_file() {
        return Err(fail("it is no file".to_owned()));
    }
    if metadata.len() > LARGEST {
        return Err(fail(format!("it has {} bytes, expected {LARGEST} at most", metadata.len())));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    parse(&file, &text, depth)
}

/// Reads a profile from its text.
pub(super) fn parse(file: &str, text: &str, depth: u32) -> Result<Profile, ProfileError> {
    let text = Text { file, text };
    let raw: Raw = toml::from_str(text.text).map_err(|error| {
        let at = error.span().map(|span| span.start);
        let key = at.map(|at| key_at(text.text, at)).unwrap_or_default();
        text.error(at, &key, error.message().trim_end())
    })?;
    if *raw.format.get_ref() != FORMAT {
        let message = format!("{} is not known, expected {FORMAT}", raw.format.get_ref());
        return Err(text.error(Some(raw.format.span().start), "format", message));
    }
    if raw.name.get_ref().trim().is_empty() {
        return Err(text.error(Some(raw.name.span().start), "name", "it is empty, expected a name"));
    }
    let mut profile = match &raw.extends {
        Some(extends) => below(extends, &text, depth)?,
        None => Profile::bare(),
    };
    raw.apply(&mut profile, &text)?;
    Ok(profile)
}

/// The profile that is extended.
fn below(extends: &Spanned<String>, text: &Text<'_>, depth: u32) -> Result<Profile, ProfileError> {
    let at = Some(extends.span().start);
    if depth >= DEEPEST {
        let message = format!("more than {DEEPEST} profiles extend each other, perhaps in a circle");
        return Err(text.error(at, "extends", message));
    }
    let depth = depth.saturating_add(1);
    let name = extends.get_ref();
    if let Some(shipped) = Profile::shipped_text(name) {
        return parse(name, shipped, depth);
    }
    let beside = Path::new(text.file).parent().unwrap_or(Path::new("")).join(name);
    if !beside.is_file() {
        let names: Vec<_> = Profile::shipped_names().collect();
        let message = format!("there is no {name:?}, expected one of {} or a file beside this one", names.join(", "));
        return Err(text.error(at, "extends", message));
    }
    read(&beside, depth)
}

/// The key of the line a place is in, with its table.
fn key_at(text: &str, at: usize) -> String {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
    let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    let headers = text.get(..line_start).unwrap_or_default().lines().rev();
    let table = headers.map(str::trim).find_map(|line| line.strip_prefix('[')?.split_once(']').map(|(name, _)| name));
    match table.filter(|_| !key.is_empty()) {
        Some(table) => format!("{}.{key}", table.trim()),
        None => key.to_owned(),
    }
}

/// Places a value at its target, if it is there.
fn set<T: Clone>(target: &mut T, key: &Key<T>) {
    if let Some(value) = key {
        target.clone_from(value.get_ref());
    }
}

/// As [`set`], if the value is in a range.
fn ranged<T: Copy + PartialOrd>(
    target: &mut T,
    value: &Key<T>,
    is_good: impl Fn(T) -> bool,
    text: &Text<'_>,
    key: &str,
    expected: &str,
) -> Result<(), ProfileError> {
    if let Some(value) = value {
        if !is_good(*value.get_ref()) {
            return Err(text.error(Some(value.span().start), key, format!("expected {expected}")));
        }
        *target = *value.get_ref();
    }
    Ok(())
}

/// As [`set`], for one word of several.
fn word<T>(
    target: &mut T,
    value: &Key<String>,
    words: &[(&str, T)],
    text: &Text<'_>,
    key: &str,
) -> Result<(), ProfileError>
where
    T: Copy,
{
    let Some(value) = value else { return Ok(()) };
    match words.iter().find(|(word, _)| word == value.get_ref()) {
        Some((_, found)) => {
            *target = *found;
            Ok(())
        }
        None => {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("{:?} is not known, expected one of {}", value.get_ref(), known.join(", "));
            Err(text.error(Some(value.span().start), key, message))
        }
    }
}

fn size(target: &mut u64, value: &Key<RawSize>, units: Units, text: &Text<'_>, key: &str) -> Result<(), ProfileError> {
    if let Some(value) = value {
        let bytes = value.get_ref().bytes(units);
        *target = bytes.ok_or_else(|| text.error(Some(value.span().start), key, size::EXPECTED))?;
    }
    Ok(())
}

impl Raw {
    fn apply(&self, profile: &mut Profile, text: &Text<'_>) -> Result<(), ProfileError> {
        if !profile.name.is_empty() {
            profile.extends.insert(0, profile.name.clone());
        }
        profile.name.clone_from(self.name.get_ref());
        profile.version = 1;
        ranged(&mut profile.version, &self.version, |version| version > 0, text, "version", "1 or more")?;
        profile.description = self.description.clone().unwrap_or_default();
        let units = [("binary", Units::Binary), ("si", Units::Si)];
        word(&mut profile.units, &self.units, &units, text, "units")?;
        self.names.apply(&mut profile.names, text)?;
        self.layout.apply(profile, text)?;
        self.files.apply(profile, text)?;
        self.sizes.apply(profile, text)?;
        self.classes.apply(&mut profile.classes, text)?;
        self.sampling.apply(&mut profile.sampling, profile.units, text)?;
        set(&mut profile.submissions.cured, &self.submissions.cured);
        profile.submissions.count_original =
            self.submissions.count_original.unwrap_or(profile.submissions.count_original);
        for (id, name) in &self.rules {
            let Some(rule) = Rule::from_id(id.get_ref()) else {
                let message = format!("there is no such rule, expected one of {}", ids());
                return Err(text.error(Some(id.span().start), &format!("rules.{}", id.get_ref()), message));
            };
            let Some(severity) = Severity::from_name(name.get_ref()) else {
                let message = format!("{:?} is not known, expected off, info, warning or error", name.get_ref());
                return Err(text.error(Some(name.span().start), &format!("rules.{}", id.get_ref()), message));
            };
            profile.set_severity(rule, severity);
        }
        Ok(())
    }
}

fn ids() -> String {
    Rule::ALL.iter().map(|rule| rule.id()).collect::<Vec<_>>().join(", ")
}

impl RawNames {
    fn apply(&self, names: &mut NameRules, text: &Text<'_>) -> Result<(), ProfileError> {
        names.owner_addresses = self.owner_addresses.unwrap_or(names.owner_addresses);
        if let Some(domains) = &self.domains {
            if let Some(wrong) = domains.get_ref().iter().find(|domain| !domain.contains('.') || domain.contains('@')) {
                let message = format!("{wrong:?} is no domain, expected such as \"example.com\"");
                return Err(text.error(Some(domains.span().start), "names.domains", message));
            }
            names.domains = domains.get_ref().iter().map(|domain| domain.to_lowercase()).collect();
        }
        Ok(())
    }
}

impl RawLayout {
    fn apply(&self, profile: &mut Profile, text: &Text<'_>) -> Result<(), ProfileError> {
        let layout = &mut profile.layout;
        layout.required = self.required.unwrap_or(layout.required);
        layout.root_tag = self.root_tag.unwrap_or(layout.root_tag);
        layout.lenient = self.lenient.unwrap_or(layout.lenient);
        // One open list of names for each level.
        ranged(&mut layout.depth, &self.depth, |depth| (1..=1000).contains(&depth), text, "layout.depth", "1 to 1000")?;
        ranged(&mut layout.entries, &self.entries, |entries| entries > 0, text, "layout.entries", "1 or more")?;
        let lists = [
            ("layout.pst", &self.pst, &mut layout.pst),
            ("layout.mail", &self.mail, &mut layout.mail),
            ("layout.per-user", &self.per_user, &mut layout.per_user),
            ("layout.journal", &self.journal, &mut layout.journal),
            ("layout.envelope-journal", &self.envelope_journal, &mut layout.envelope_journal),
        ];
        for (key, value, target) in lists {
            let Some(value) = value else { continue };
            let is_bad = |name: &String| name.trim().is_empty() || name.contains(['/', '\\']);
            if value.get_ref().is_empty() || value.get_ref().iter().any(is_bad) {
                let message = "expected one or more names of folders, none empty or with a separator";
                return Err(text.error(Some(value.span().start), key, message));
            }
            target.clone_from(value.get_ref());
        }
        let names = [&layout.pst, &layout.mail, &layout.per_user, &layout.journal, &layout.envelope_journal];
        let mut known: Vec<String> = names.into_iter().flatten().map(|name| name.to_lowercase()).collect();
        known.sort_unstable();
        if let Some(twice) = known.windows(2).find_map(|pair| (pair.first() == pair.last()).then(|| pair.first())?) {
            return Err(text.error(None, "layout", format!("the folder {twice:?} stands for two things")));
        }
        Ok(())
    }
}

impl RawFiles {
    fn apply(&self, profile: &mut Profile, text: &Text<'_>) -> Result<(), ProfileError> {
        const KNOWN: &[&str] = &["pst", "ost", "pab", "zip", "mail", "mbox", "msg"];
        if let Some(accept) = &self.accept {
            if let Some(wrong) = accept.get_ref().iter().find(|name| !KNOWN.contains(&name.as_str())) {
                let message = format!("{wrong:?} is not known, expected some of {}", KNOWN.join(", "));
                return Err(text.error(Some(accept.span().start), "files.accept", message));
            }
            profile.files.accept.clone_from(accept.get_ref());
        }
        if let Some(ignore) = &self.ignore {
            profile.files.ignore = ignore.iter().map(|name| name.to_lowercase()).collect();
        }
        Ok(())
    }
}

impl RawSizes {
    fn apply(&self, profile: &mut Profile, text: &Text<'_>) -> Result<(), ProfileError> {
        let (units, sizes) = (profile.units, &mut profile.sizes);
        size(&mut sizes.recommended_min, &self.recommended_min, units, text, "sizes.recommended-min")?;
        size(&mut sizes.recommended_max, &self.recommended_max, units, text, "sizes.recommended-max")?;
        size(&mut sizes.slow, &self.slow, units, text, "sizes.slow")?;
        size(&mut sizes.max, &self.max, units, text, "sizes.max")?;
        size(&mut sizes.window_from, &self.window_from, units, text, "sizes.window-from")?;
        size(&mut sizes.window_to, &self.window_to, units, text, "sizes.window-to")?;
        size(&mut sizes.item, &self.item, units, text, "sizes.item")?;
        set(&mut sizes.folder_items, &self.folder_items);
        let ordered = [
            ("sizes.recommended-min", sizes.recommended_min, "sizes.recommended-max", sizes.recommended_max),
            ("sizes.recommended-max", sizes.recommended_max, "sizes.max", sizes.max),
            ("sizes.slow", sizes.slow, "sizes.max", sizes.max),
            ("sizes.window-from", sizes.window_from, "sizes.window-to", sizes.window_to),
        ];
        for (low, low_bytes, high, high_bytes) in ordered {
            if low_bytes > high_bytes {
                let at = [&self.max, &self.recommended_max, &self.recommended_min, &self.slow, &self.window_from];
                let at = at.into_iter().flatten().map(|value| value.span().start).min();
                let message = format!("{low_bytes} bytes is more than {high} with {high_bytes}");
                return Err(text.error(at, low, message));
            }
        }
        Ok(())
    }
}

impl RawClasses {
    fn apply(&self, classes: &mut ClassRules, text: &Text<'_>) -> Result<(), ProfileError> {
        let lists = [
            ("classes.include", &self.include, &mut classes.include),
            ("classes.exclude", &self.exclude, &mut classes.exclude),
        ];
        for (key, value, target) in lists {
            let Some(value) = value else { continue };
            let is_bad = |pattern: &String| pattern.is_empty() || pattern.trim_end_matches('*').contains('*');
            if let Some(wrong) = value.get_ref().iter().find(|pattern| is_bad(pattern)) {
                let message = format!("{wrong:?} is no pattern, expected a class, with a * at its end or none");
                return Err(text.error(Some(value.span().start), key, message));
            }
            *target = value.get_ref().iter().map(|pattern| pattern.to_ascii_lowercase()).collect();
        }
        let missing = [("skip", MissingClass::Skip), ("note", MissingClass::Note)];
        word(&mut classes.missing, &self.missing, &missing, text, "classes.missing")?;
        let stubs = [("exclude", StubTable::Exclude), ("report", StubTable::Report)];
        word(&mut classes.stubs, &self.stubs, &stubs, text, "classes.stubs")
    }
}

impl RawSampling {
    fn apply(&self, sampling: &mut Sampling, units: Units, text: &Text<'_>) -> Result<(), ProfileError> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let expected = "a number from 0 to 1, such as 0.05";
        set(&mut sampling.items_min, &self.items_min);
        ranged(&mut sampling.items_share, &self.items_share, share, text, "sampling.items-share", expected)?;
        set(&mut sampling.folders, &self.folders);
        ranged(&mut sampling.stores_share, &self.stores_share, share, text, "sampling.stores-share", expected)?;
        size(&mut sampling.stores_certain, &self.stores_certain, units, text, "sampling.stores-certain")?;
        set(&mut sampling.content_items, &self.content_items);
        ranged(&mut sampling.reports_min, &self.reports_min, share, text, "sampling.reports-min", expected)?;
        ranged(&mut sampling.reports_max, &self.reports_max, share, text, "sampling.reports-max", expected)
    }
}
