//! What is written down is what is done.

use std::fmt::Write;
use std::fs;

use pst_migrate::profile::{ClassVerdict, Profile, Rule};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/delivery-rules.md");

fn text() -> String {
    let profiles: Vec<Profile> = Profile::shipped_names().map(|name| Profile::load(name).unwrap()).collect();
    let mut text = String::from(
        "# Rules of a delivery\n\n\
         Ids and codes are stable: profiles name rules by their ids, and reports and scripts match codes. How much a rule matters\n\
         is up to the profile. This list is made from the code (`PST_WRITE_DOCS=1 cargo test -p pst-migrate --test delivery docs`).\n\n\
         | rule | code |",
    );
    profiles.iter().for_each(|profile| write!(text, " `{}` |", profile.name).unwrap());
    text.push_str("\n|---|---|");
    profiles.iter().for_each(|_| text.push_str("---|"));
    text.push('\n');
    for rule in Rule::ALL {
        write!(text, "| `{}` | `{}` |", rule.id(), rule.code()).unwrap();
        profiles.iter().for_each(|profile| write!(text, " {} |", profile.severity(*rule)).unwrap());
        text.push('\n');
    }
    text.push_str("\n## What they say\n\n");
    for rule in Rule::ALL {
        writeln!(text, "- `{}`: {} *{}*", rule.id(), rule.about(), rule.fix()).unwrap();
    }
    text.push_str("\n## What becomes of an item by its class\n\n");
    let codes: Vec<_> = ClassVerdict::ALL.iter().map(|verdict| format!("`{}`", verdict.code())).collect();
    writeln!(text, "{}", codes.join(", ")).unwrap();
    text
}

#[test]
fn every_rule_is_listed() {
    let text = text();
    if std::env::var_os("PST_WRITE_DOCS").is_some() {
        fs::write(PATH, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(PATH).unwrap(), text);
}

/// Each key of the shipped profiles is told of in the documentation.
#[test]
fn every_key_is_explained() {
    let docs = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/delivery.md")).unwrap();
    let text = Profile::shipped_text("default").unwrap();
    let mut table = "";
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ")
            && table != "rules"
            && !line.starts_with('#')
        {
            let key = if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") };
            assert!(docs.contains(&format!("`{key}`")), "{key}");
        }
    }
}
