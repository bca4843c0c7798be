//! Names of owners' files, as a table.

use proptest::prelude::*;
use pst_migrate::delivery::name::{OwnerName, propose};
use pst_migrate::profile::{NameRules, Rule};

/// Address and number, the code it is refused for, or an accepted name with the code of a remark.
fn outcome(name: &str) -> String {
    match OwnerName::parse(name) {
        Err(fault) => format!("refused {}", fault.rule.code()),
        Ok(owner) => {
            let mut text = format!("{} {}", owner.owner(), owner.number.as_deref().unwrap_or("-"));
            for remark in owner.remarks(&NameRules::default()) {
                text.push_str(&format!(" {}", remark.rule.code()));
            }
            text
        }
    }
}

#[test]
fn the_names_that_were_told() {
    let table = [
        ("joblogs@josco.com.pst", "joblogs@josco.com -", None),
        ("bettyblogs@josco.com.pst", "bettyblogs@josco.com -", None),
        ("broblogs@josco.com.1.pst", "broblogs@josco.com 1", None),
        ("broblogs@josco.com.2.pst", "broblogs@josco.com 2", None),
        ("bettyBlogs@josco.com.pst.57", "bettyblogs@josco.com 57", None),
        ("bettyBlogs@josco.com.pst.58", "bettyblogs@josco.com 58", None),
        ("JOBLOGS@JOSCO.COM.PST", "joblogs@josco.com -", None),
        ("joblogs@josco.com.007.pst", "joblogs@josco.com 7", None),
        ("joblogs@josco.com.000.pst", "joblogs@josco.com 0", None),
        ("joblogs@josco.com.100.pst", "joblogs@josco.com 100", None),
        (
            "joblogs@josco.com.123456789012345678901234567890.pst",
            "joblogs@josco.com 123456789012345678901234567890",
            None,
        ),
        ("first.last+tag@mail.josco.co.uk.3.pst", "first.last+tag@mail.josco.co.uk 3", None),
        ("sales-archive@josco.com.pst", "sales-archive@josco.com -", None),
        ("o'neil@josco.com.pst", "o'neil@josco.com -", None),
        ("jürgen@josco.de.pst", "jürgen@josco.de - ADDRESS_NON_ASCII", None),
        ("joblogs@josco.com.pst.pst", "refused DOUBLE_EXTENSION", Some("joblogs@josco.com.pst")),
        ("joblogs@josco.com.PST.pst.pst", "refused DOUBLE_EXTENSION", Some("joblogs@josco.com.pst")),
        ("joblogs@josco.com.pst.4.pst", "refused DOUBLE_EXTENSION", Some("joblogs@josco.com.4.pst")),
        ("joblogs@josco.com", "refused EXT_MISSING", Some("joblogs@josco.com.pst")),
        ("joblogs@josco.com.1", "refused EXT_MISSING", Some("joblogs@josco.com.1.pst")),
        ("joblogs.pst", "refused NOT_AN_ADDRESS", None),
        (".pst", "refused NOT_AN_ADDRESS", None),
        ("5.pst", "refused NOT_AN_ADDRESS", None),
        ("joblogs@josco.pst", "refused NOT_FULL_ADDRESS", None),
        ("@josco.com.pst", "refused ADDRESS_SYNTAX", None),
        ("joblogs@.com.pst", "refused ADDRESS_SYNTAX", None),
        ("joblogs@@josco.com.pst", "refused ADDRESS_SYNTAX", None),
        ("joblogs@josco.com.1.pst.2", "refused NUMBER_TWICE", None),
        ("joblogs@josco.com.1.5.pst", "refused NUMBER_TWICE", None),
        ("joblogs@josco.com.a.pst", "joblogs@josco.com.a - DOMAIN_UNKNOWN", None),
        ("joblogs@josco.com.pst.a", "refused EXT_MISSING", None),
        ("joblogs@josco.com_1.pst", "refused ADDRESS_SYNTAX", Some("joblogs@josco.com.1.pst")),
        ("joblogs@josco.com (2).pst", "refused ADDRESS_SYNTAX", Some("joblogs@josco.com.2.pst")),
        ("joblogs@josco.com-1.pst", "joblogs@josco.com-1 - DOMAIN_UNKNOWN", Some("joblogs@josco.com.1.pst")),
        ("joblogs@josco.com.-1.pst", "refused ADDRESS_SYNTAX", Some("joblogs@josco.com.1.pst")),
        ("joblogs@josco.com.٣.pst", "refused ADDRESS_SYNTAX", None),
        ("Joe Bloggs <joblogs@josco.com>.pst", "refused ADDRESS_SYNTAX", Some("joblogs@josco.com.pst")),
        ("joblogs@josco.com.ost", "refused TYPE_NOT_ACCEPTED", None),
        ("joblogs@josco.com.pst.zip", "refused TYPE_NOT_ACCEPTED", None),
        (" joblogs@josco.com.pst", "refused ADDRESS_SYNTAX", Some("joblogs@josco.com.pst")),
        ("joblogs@josco.com .pst", "refused ADDRESS_SYNTAX", Some("joblogs@josco.com.pst")),
        ("joblogs@josco.com.pst.", "refused EXT_MISSING", Some("joblogs@josco.com.pst")),
        ("", "refused EXT_MISSING", None),
        ("pst", "refused EXT_MISSING", None),
    ];
    for (name, expected, proposal) in table {
        assert_eq!(outcome(name), expected, "{name:?}");
        assert_eq!(propose(name).as_deref(), proposal, "{name:?}");
    }
}

#[test]
fn domains_that_are_expected() {
    let rules = NameRules { owner_addresses: true, domains: vec!["josco.com".to_owned()] };
    for (name, is_known) in [
        ("a@josco.com.pst", true),
        ("a@JOSCO.com.pst", true),
        ("a@mail.josco.com.pst", true),
        ("a@xjosco.com.pst", false),
        ("a@example.org.pst", false),
    ] {
        let remarks = OwnerName::parse(name).unwrap().remarks(&rules);
        assert_eq!(remarks.iter().all(|remark| remark.rule != Rule::NameDomain), is_known, "{name}");
    }
}

proptest! {
    #[test]
    fn what_is_proposed_passes_and_stays(name in "[ a-c@.<>()_0-9-]{0,12}(@example\\.com)?[ .()_0-9a-]{0,4}(\\.pst|\\.PST){0,2}[ .0-9]{0,3}") {
        if let Some(better) = propose(&name) {
            let owner = OwnerName::parse(&better).unwrap();
            prop_assert!(owner.remarks(&NameRules::default()).iter().all(|remark| remark.rule != Rule::NameDomain));
            prop_assert_ne!(&better, &name);
            prop_assert_eq!(propose(&better), None, "{} then again", better);
        }
    }

    #[test]
    fn any_name_has_an_outcome(name in "\\PC{0,40}") {
        let _ = outcome(&name);
        let _ = propose(&name);
    }

    #[test]
    fn the_three_forms_say_the_same(local in "[a-z][a-z0-9]{0,8}", number in 0_u32..100_000) {
        let address = format!("{local}@example.com");
        for name in [format!("{address}.{number}.pst"), format!("{address}.pst.{number}")] {
            let owner = OwnerName::parse(&name).unwrap();
            prop_assert_eq!((owner.address, owner.number), (address.clone(), Some(number.to_string())));
        }
        prop_assert_eq!(OwnerName::parse(&format!("{address}.pst")).unwrap().number, None);
    }
}
