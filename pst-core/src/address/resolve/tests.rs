use super::*;
use crate::address::LearnedMap;

const DN: &str = "/O=ORG/OU=SITE/CN=RECIPIENTS/CN=JOE";

fn one_off(address_type: &str, address: &str) -> Vec<u8> {
    let (name, address_type, address) = ("Joe".to_owned(), address_type.to_owned(), address.to_owned());
    OneOffEntryId { name, address_type, address }.encode()
}

fn book(name: &str) -> Vec<u8> {
    AddressBookEntryId { object_type: 0, distinguished_name: name.to_owned() }.encode().unwrap()
}

/// Knows what it was told twice.
fn told(address_type: &str, address: &str) -> LearnedMap {
    let mut map = LearnedMap::new();
    (1..=2).for_each(|item| map.learn(item, address_type, address, "learned@x.example"));
    map
}

/// Everything there is, each rung with an address of its own.
struct Everything {
    smtp: String,
    one_off: Vec<u8>,
    proxies: Vec<String>,
    header: Mailbox,
    search_key: Vec<u8>,
}

impl Everything {
    fn new() -> Self {
        Self {
            smtp: "property@x.example".to_owned(),
            one_off: one_off("SMTP", "one-off@x.example"),
            proxies: ["x500:/o=old", "smtp:second@x.example", "SMTP:proxy@x.example"].map(str::to_owned).to_vec(),
            header: Mailbox { name: None, address: Some("header@x.example".to_owned()) },
            search_key: b"SMTP:KEY@X.EXAMPLE\0".to_vec(),
        }
    }
}

#[test]
fn each_rung_in_its_turn() {
    let all = Everything::new();
    let map = told("EX", DN);
    let mut facts = AddressFacts {
        name: Some("Joe"),
        address_type: Some("SMTP"),
        address: Some("address@x.example"),
        smtp: Some(&all.smtp),
        entry_id: Some(&all.one_off),
        proxy_addresses: &all.proxies,
        header: Some(&all.header),
        search_key: Some(&all.search_key),
        code_page: None,
    };
    let expect = |facts: &AddressFacts<'_>, source, address: &str| {
        let found = resolve(facts, &map);
        assert_eq!(found.smtp, Some(FoundAddress { address: address.to_owned(), source }));
        assert_eq!((found.unresolved, found.name.as_deref()), (None, Some("Joe")));
    };
    expect(&facts, AddressSource::SmtpProperty, "property@x.example");
    // An encapsulated address leads to a gateway, and an invalid one nowhere.
    facts.smtp = Some("IMCEAEX-_O=ORG_CN=JOE@x.example");
    expect(&facts, AddressSource::Address, "address@x.example");
    facts.smtp = Some("joe");
    expect(&facts, AddressSource::Address, "address@x.example");
    facts.smtp = None;
    (facts.address_type, facts.address) = (Some("EX"), Some(DN));
    expect(&facts, AddressSource::EntryId, "one-off@x.example");
    facts.entry_id = None;
    facts.address = Some("IMCEASMTP-inner+40x+2Eexample@gateway.example");
    expect(&facts, AddressSource::Encapsulated, "inner@x.example");
    facts.address = Some(DN);
    expect(&facts, AddressSource::ProxyAddress, "proxy@x.example");
    facts.proxy_addresses = &[];
    expect(&facts, AddressSource::TransportHeaders, "header@x.example");
    facts.header = None;
    expect(&facts, AddressSource::SearchKey, "KEY@X.EXAMPLE");
    facts.search_key = Some(b"EX:/O=ORG\0");
    expect(&facts, AddressSource::Learned, "learned@x.example");
}

/// As gateways between Notes and Exchange left them.
#[test]
fn notes_addresses_that_lead_to_the_internet() {
    for (address_type, address, smtp) in [
        ("SMTP", "IMCEANOTES-+22Joe+20Doe+22+20+3CJoe+40x+2Eexample+3E+40ORG@gateway.example", Some("Joe@x.example")),
        (
            "SMTP",
            "IMCEANOTES-+22Doe+2C+20Joe+22+20+3Cjoe+40x+2Eexample+3E+40ORG@gateway.example",
            Some("joe@x.example"),
        ),
        ("SMTP", "IMCEANOTES-joe+40x+2Eexample+20+28Joe+20Doe+29+40ORG@gateway.example", Some("joe@x.example")),
        ("SMTP", "IMCEANOTES-joe+40x+2Eexample+40ORG@gateway.example", Some("joe@x.example")),
        ("NOTES", "joe@x.example@ORG", Some("joe@x.example")),
        ("SMTP", "IMCEANOTES-+3CUndisclosed-Recipient+3A+40x+2Eexample+3B+3E@gateway.example", None),
        ("SMTP", "IMCEANOTES-Joe+20Doe_Sales_Org+40ORG@gateway.example", None),
        ("SMTP", "IMCEANOTES-joe+40x+2Eexample@gateway.example", None),
        ("NOTES", "Joe Doe/Sales/Org@ORG", None),
    ] {
        let facts =
            AddressFacts { address_type: Some(address_type), address: Some(address), ..AddressFacts::default() };
        let source = AddressSource::Encapsulated;
        let expected = smtp.map(|address| FoundAddress { address: address.to_owned(), source });
        assert_eq!(resolve(&facts, &()).smtp, expected, "{address}");
    }
}

#[test]
fn the_map_knows_an_address_in_any_of_its_forms() {
    let map = told("EX", DN);
    let book = book(DN);
    let imcea = "IMCEAEX-_O=ORG_OU=SITE_CN=RECIPIENTS_CN=JOE@gateway.example";
    for facts in [
        AddressFacts { address_type: Some("EX"), address: Some(DN), ..AddressFacts::default() },
        AddressFacts {
            address_type: Some("ex\0"),
            address: Some("/o=org/ou=Site/cn=Recipients/cn=joe\0"),
            ..AddressFacts::default()
        },
        AddressFacts { address_type: Some("SMTP"), address: Some(imcea), ..AddressFacts::default() },
        AddressFacts { entry_id: Some(&book), ..AddressFacts::default() },
    ] {
        let found = resolve(&facts, &map);
        let expected = FoundAddress { address: "learned@x.example".to_owned(), source: AddressSource::Learned };
        assert_eq!(found.smtp, Some(expected), "{facts:?}");
    }
}

#[test]
fn why_there_is_none() {
    let fax = one_off("FAX", "Joe@+1 555");
    for (address_type, address, entry_id, unresolved) in [
        (None, None, None, Unresolved::NameOnly),
        (None, Some("Smith, John"), None, Unresolved::NameOnly),
        (Some("SMTP"), Some("joe"), None, Unresolved::NotValid),
        (Some("EX"), Some(DN), None, Unresolved::Kind(AddressKind::Ex)),
        (Some("SMTP"), Some("IMCEAEX-_O=ORG@gateway.example"), None, Unresolved::Kind(AddressKind::Imcea)),
        (Some("NOTES"), Some("First Last/Sales/Acme"), None, Unresolved::Kind(AddressKind::Notes)),
        (Some("X400"), Some("c=US;a= ;p=Org;s=Joe"), None, Unresolved::Kind(AddressKind::X400)),
        (Some("MAPIPDL"), Some("Friends"), None, Unresolved::Kind(AddressKind::PersonalList)),
        (None, None, Some(&fax[..]), Unresolved::Kind(AddressKind::Fax)),
        (None, None, Some(&fax[..30]), Unresolved::NameOnly),
    ] {
        let facts =
            AddressFacts { name: Some("joe@x.example"), address_type, address, entry_id, ..AddressFacts::default() };
        let found = resolve(&facts, &());
        assert_eq!((found.smtp, found.unresolved), (None, Some(unresolved)), "{address:?}");
    }
    let mut map = told("EX", DN);
    (3..=4).for_each(|item| map.learn(item, "EX", DN, "other@x.example"));
    let facts = AddressFacts { address_type: Some("EX"), address: Some(DN), ..AddressFacts::default() };
    assert_eq!(resolve(&facts, &map).unresolved, Some(Unresolved::Ambiguous));
}

#[test]
fn what_one_row_says_is_learned_for_others() {
    let mut map = LearnedMap::new();
    let full = AddressFacts {
        address_type: Some("EX"),
        address: Some(DN),
        smtp: Some("joe@x.example"),
        ..AddressFacts::default()
    };
    let bare = AddressFacts { smtp: None, ..full.clone() };
    map.observe(1, &resolve(&full, &()));
    map.observe(2, &resolve(&full, &()));
    let found = resolve(&bare, &map);
    assert_eq!(found.smtp.as_ref().map(|found| found.address.as_str()), Some("joe@x.example"));
    // What came out of the map is no new sighting.
    let mut other = LearnedMap::new();
    other.observe(1, &found);
    assert!(other.is_empty());
}

#[test]
fn an_address_that_stays_unknown_can_still_be_carried() {
    for (address_type, address, carried) in [
        (Some("EX"), "/O=ORG/CN=JOE B", "IMCEAEX-_O=ORG_CN=JOE+20B@unresolved.invalid"),
        (Some("NOTES"), "First Last/Acme@DOM", "IMCEANOTES-First+20Last_Acme+40DOM@unresolved.invalid"),
        (Some("CCMAIL"), "Joe at Site", "IMCEACCMAIL-Joe+20at+20Site@unresolved.invalid"),
        (Some("SMTP"), "IMCEAEX-_O=ORG@gateway.example", "IMCEAEX-_O=ORG@gateway.example"),
        (Some("SMTP"), "joe", "IMCEAINVALID-joe@unresolved.invalid"),
        (None, "Smith, John", "IMCEAINVALID-Smith+2C+20John@unresolved.invalid"),
    ] {
        let facts = AddressFacts { address_type, address: Some(address), ..AddressFacts::default() };
        let stored = resolve(&facts, &()).stored.unwrap();
        assert_eq!(stored.encapsulated("unresolved.invalid"), carried);
        assert!(SmtpAddress::parse(carried).is_ok());
    }
}
