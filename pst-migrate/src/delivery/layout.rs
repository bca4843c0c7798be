//! Where a file stands: root, format and base folder.
//!
//! ```text
//! Acme_ing1234 / Pst / PerUser / any / folders / ann@example.com.pst
//! root           format  base
//! ```

use crate::delivery::name::NameFault;
use crate::profile::{LayoutRules, Rule};

/// What the mail in a tree is, by its base folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Files of one owner each.
    PerUser,
    /// Mail of no owner, each mail for its participants (SJF).
    Journal,
    /// Journal reports, each for those its envelope names (EJF).
    EnvelopeJournal,
}

impl Purpose {
    /// All.
    pub const ALL: &[Self] = &[Self::PerUser, Self::Journal, Self::EnvelopeJournal];

    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerUser => "per-user",
            Self::Journal => "journal",
            Self::EnvelopeJournal => "envelope-journal",
        }
    }

    fn folders(self, rules: &LayoutRules) -> &[String] {
        match self {
            Self::PerUser => &rules.per_user,
            Self::Journal => &rules.journal,
            Self::EnvelopeJournal => &rules.envelope_journal,
        }
    }
}

/// What the files of a tree are, by the folder for their format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// PST files.
    Pst,
    /// Zipped mail.
    Mail,
}

/// Where a file stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placing {
    /// The folder for the format.
    pub format: Option<Format>,
    /// What the base folder says.
    pub purpose: Option<Purpose>,
    /// The name of the base folder, as the profile spells it.
    pub base: Option<String>,
    /// What is wrong with the place.
    pub faults: Vec<NameFault>,
    /// Of a base folder and a name in one word, both apart.
    pub unglued: Option<(String, String)>,
}

fn same(one: &str, two: &str) -> bool {
    one.to_lowercase() == two.to_lowercase()
}

fn format_of(rules: &LayoutRules, folder: &str) -> Option<Format> {
    let is_in = |names: &[String]| names.iter().any(|name| same(name, folder));
    if is_in(&rules.pst) { Some(Format::Pst) } else { is_in(&rules.mail).then_some(Format::Mail) }
}

/// What a base folder says, and how the profile spells it.
fn base_of<'r>(rules: &'r LayoutRules, folder: &str) -> Option<(Purpose, &'r str)> {
    let of =
        |purpose: Purpose| purpose.folders(rules).iter().find(|name| same(name, folder)).map(|name| (purpose, name));
    Purpose::ALL.iter().copied().find_map(of).map(|(purpose, name)| (purpose, name.as_str()))
}

fn purpose_of(rules: &LayoutRules, folder: &str) -> Option<Purpose> {
    base_of(rules, folder).map(|(purpose, _)| purpose)
}

/// A base folder that a name begins with, and the rest of the name.
fn glued(rules: &LayoutRules, name: &str) -> Option<(Purpose, String, String)> {
    let of = |purpose: Purpose| {
        purpose.folders(rules).iter().find_map(|folder| {
            let (start, rest) = name.split_at_checked(folder.len())?;
            (start.eq_ignore_ascii_case(folder) && !rest.is_empty())
                .then(|| (purpose, folder.clone(), rest.trim_start_matches(['_', ' ', '-']).to_owned()))
        })
    };
    Purpose::ALL.iter().copied().find_map(of)
}

/// Places a file. `above` are the names of the delivery's own directory and the one above it, nearest first; `folders` those
/// of the directories from there to the file.
pub fn place(rules: &LayoutRules, above: &[String], folders: &[&str], name: &str) -> Placing {
    let mut placing = Placing::default();
    let fault = |rule, detail: String| NameFault { rule, detail };
    let below = folders.iter().position(|folder| format_of(rules, folder).is_some());
    let delivery = above.first().map(String::as_str);
    // The folder for the format may be the delivery itself, and then the root is above it.
    let (root, inside) = match below {
        Some(at) => {
            placing.format = folders.get(at).and_then(|folder| format_of(rules, folder));
            if at > 1 {
                let detail = format!("{} is {at} folders deep, expected 1 at most", folders.get(at).unwrap_or(&""));
                placing.faults.push(fault(Rule::LayoutRoot, detail));
            }
            let root = at.checked_sub(1).map_or(delivery, |above| folders.get(above).copied());
            (root, folders.get(at.saturating_add(1)..).unwrap_or_default())
        }
        None => {
            placing.format = delivery.and_then(|name| format_of(rules, name));
            (above.get(1).map(String::as_str), folders)
        }
    };
    if !rules.required {
        // Folders are free; what a base folder says is known all the same.
        if let Some((purpose, base)) = folders.iter().rev().find_map(|folder| base_of(rules, folder)) {
            (placing.purpose, placing.base) = (Some(purpose), Some(base.to_owned()));
        }
        placing.faults.clear();
        return placing;
    }
    if placing.format.is_none() {
        let expected: Vec<_> = rules.pst.iter().chain(&rules.mail).map(String::as_str).collect();
        placing.faults.push(fault(Rule::LayoutBase, format!("it is not below {}", expected.join(" or "))));
        return placing;
    }
    if let Some(root) = root.filter(|root| rules.root_tag && !is_tagged(root)) {
        placing.faults.push(fault(Rule::LayoutRoot, format!("{root:?}, expected company, _ and asset tag")));
    }
    let Some((base, rest)) = inside.split_first() else {
        match glued(rules, name) {
            Some((purpose, folder, rest)) => {
                placing.faults.push(fault(Rule::GluedBaseFolder, format!("{folder} and {rest}")));
                (placing.purpose, placing.unglued) = (Some(purpose), Some((folder, rest)));
            }
            None if rules.lenient => placing.purpose = Some(Purpose::PerUser),
            None => placing.faults.push(fault(Rule::LayoutBase, "it lies beside the base folders".to_owned())),
        }
        return placing;
    };
    let Some((purpose, spelling)) = base_of(rules, base) else {
        if rules.lenient {
            placing.purpose = Some(Purpose::PerUser);
        } else {
            placing.faults.push(fault(Rule::LayoutBase, format!("{base:?} is no base folder")));
        }
        return placing;
    };
    (placing.purpose, placing.base) = (Some(purpose), Some(spelling.to_owned()));
    for folder in rest {
        match purpose_of(rules, folder) {
            Some(other) if (other == Purpose::PerUser) != (purpose == Purpose::PerUser) => {
                placing.faults.push(fault(Rule::GroupingMixed, format!("{folder} in {base}")));
            }
            Some(other) if other != purpose => {
                placing.faults.push(fault(Rule::FormatMixed, format!("{folder} in {base}")));
            }
            _ => {}
        }
        if format_of(rules, folder).is_some_and(|format| Some(format) != placing.format) {
            placing.faults.push(fault(Rule::TypesMixed, format!("{folder} in {base}")));
        }
    }
    placing
}

/// Company, underscore, asset tag.
fn is_tagged(root: &str) -> bool {
    root.rsplit_once('_').is_some_and(|(company, tag)| !company.trim().is_empty() && !tag.trim().is_empty())
}
