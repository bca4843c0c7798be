//! Profiles: what is shipped, what one of one's own may say, and what is told of a wrong one.

use std::fs;

use pst_migrate::profile::{ClassVerdict, Profile, ProfileError, Rule, Severity};

use crate::tree::Room;

#[test]
fn what_the_archive_of_2016_asked_for() {
    let profile = Profile::load("mimecast-2016").unwrap();
    assert_eq!(profile.extends, ["default"]);
    let sizes = profile.sizes;
    assert_eq!((sizes.recommended_min, sizes.recommended_max), (5_368_709_120, 10_737_418_240));
    assert_eq!((sizes.slow, sizes.max, sizes.item), (21_474_836_480, 53_687_091_200, 536_870_912));
    assert_eq!((sizes.window_from, sizes.window_to), (2_104_533_975, 2_147_483_648));
    assert_eq!((sizes.folder_items, profile.layout.entries), (60_000, 60_000));
    assert_eq!(profile.sampling.items_min, 20);
    assert_eq!((profile.sampling.reports_min, profile.sampling.reports_max), (0.95, 0.05));
    assert_eq!(profile.layout.journal, ["NotPerUser_SJF", "NoUser_Standard"]);
    assert!(profile.submissions.allows(0) && profile.submissions.allows(2) && !profile.submissions.allows(3));
    // Every rule of that archive is in its text, with the exception of those that all profiles share.
    let text = Profile::shipped_text("mimecast-2016").unwrap();
    let shared =
        ["name-unique", "file-link", "file-special", "file-unreadable", "file-changed", "access-open", "access-items"];
    for rule in Rule::ALL.iter().filter(|rule| !shared.contains(&rule.id())) {
        assert!(text.contains(&format!("\n{} = ", rule.id())), "{rule}");
    }
}

#[test]
fn every_shipped_profile_is_read_and_says_something_of_every_rule() {
    let names: Vec<_> = Profile::shipped_names().collect();
    assert_eq!(names, ["default", "mimecast-2016", "purview"]);
    for name in names {
        let profile = Profile::load(name).unwrap();
        assert_eq!(profile.name, name);
        assert!(!profile.description.is_empty() && profile.version == 1);
    }
    let text = Profile::shipped_text("default").unwrap();
    for rule in Rule::ALL {
        assert!(text.contains(&format!("\n{} = ", rule.id())), "{rule}");
    }
    assert_eq!(Profile::default(), Profile::load("default").unwrap());
    assert_eq!(Profile::load("purview").unwrap().sizes.item, 150 << 20);
}

#[test]
fn one_of_ones_own_says_what_differs() {
    let room = Room::new();
    let path = room.file(
        "acme.toml",
        "format = 1\nname = \"acme\"\nversion = 3\nextends = \"base.toml\"\nunits = \"si\"\n[sizes]\nmax = \"20 GB\"\nslow = 7\n",
    );
    room.file(
        "base.toml",
        "format = 1\nname = \"base\"\nextends = \"mimecast-2016\"\n[rules]\nname-domain = \"error\"\n",
    );
    let profile = Profile::load(path.to_str().unwrap()).unwrap();
    assert_eq!((profile.name.as_str(), profile.version), ("acme", 3));
    assert_eq!(profile.extends, ["base", "mimecast-2016", "default"]);
    assert_eq!((profile.sizes.max, profile.sizes.slow, profile.sizes.item), (20_000_000_000, 7, 536_870_912));
    assert_eq!(profile.severity(Rule::NameDomain), Severity::Error);
    assert_eq!(profile.severity(Rule::SizeSlow), Severity::Warning);
}

fn error(text: &str) -> ProfileError {
    Profile::parse("p.toml", text).unwrap_err()
}

#[test]
fn what_is_wrong_is_told_with_line_and_key() {
    let head = "format = 1\nname = \"x\"\nextends = \"default\"\n";
    let table = [
        ("[sizes]\nmax = \"much\"", 5, "sizes.max", "expected a number of bytes, or a text such as"),
        ("[sizes]\nmaximum = 1", 5, "sizes.maximum", "unknown field `maximum`, expected one of"),
        ("[sizes]\nslow = \"60 GB\"\nmax = \"50 GB\"", 5, "sizes.slow", "is more than sizes.max"),
        ("[size]", 4, "", "unknown field `size`, expected one of"),
        ("[layout]\ndepth = 0", 5, "layout.depth", "expected 1 to 1000"),
        ("[layout]\ndepth = \"deep\"", 5, "layout.depth", "invalid type: string \"deep\", expected u32"),
        ("[layout]\npst = []", 5, "layout.pst", "expected one or more names of folders"),
        ("[layout]\npst = [\"a/b\"]", 5, "layout.pst", "expected one or more names of folders"),
        ("[files]\naccept = [\"doc\"]", 5, "files.accept", "\"doc\" is not known, expected some of pst, ost"),
        ("[names]\ndomains = [\"com\"]", 5, "names.domains", "\"com\" is no domain"),
        ("[classes]\ninclude = [\"a*b\"]", 5, "classes.include", "\"a*b\" is no pattern"),
        ("[classes]\nstubs = \"drop\"", 5, "classes.stubs", "expected one of exclude, report"),
        ("[sampling]\nitems-share = 1.5", 5, "sampling.items-share", "expected a number from 0 to 1"),
        (
            "[rules]\nname-adress = \"error\"",
            5,
            "rules.name-adress",
            "there is no such rule, expected one of name-unicode",
        ),
        (
            "[rules]\nname-address = \"bad\"",
            5,
            "rules.name-address",
            "\"bad\" is not known, expected off, info, warning or error",
        ),
        ("[rules", 4, "", ""),
    ];
    for (rest, line, key, message) in table {
        let error = error(&format!("{head}{rest}\n"));
        assert_eq!(
            (error.file.as_str(), error.line, error.key.as_str()),
            ("p.toml", Some(line), key),
            "{rest}: {error}"
        );
        assert!(error.message.contains(message), "{rest}: {error}");
    }
    assert_eq!(error("format = 2\nname = \"x\"").to_string(), "p.toml:1: format: 2 is not known, expected 1");
    assert_eq!(error("format = 1\nname = \" \"").key, "name");
    assert!(error("name = \"x\"").message.contains("missing field `format`"));
    assert!(error("format = 1\nname = \"x\"\nextends = \"none\"").message.contains("default, mimecast-2016, purview"));
    let twice = error("format = 1\nname = \"x\"\nextends = \"default\"\n[layout]\nmail = [\"PST\"]");
    assert!(twice.message.contains("stands for two things"), "{twice}");
}

#[test]
fn files_that_are_no_profiles() {
    let room = Room::new();
    let circle = room.file("a.toml", "format = 1\nname = \"a\"\nextends = \"b.toml\"\n");
    room.file("b.toml", "format = 1\nname = \"b\"\nextends = \"a.toml\"\n");
    assert!(Profile::load(circle.to_str().unwrap()).unwrap_err().message.contains("in a circle"));
    let large = room.file("large.toml", vec![b'#'; (1 << 20) + 1]);
    assert!(Profile::load(large.to_str().unwrap()).unwrap_err().message.contains("at most"));
    let bytes = room.file("bytes.toml", b"\xff\xfe");
    assert!(Profile::load(bytes.to_str().unwrap()).is_err());
    fs::create_dir(room.path().join("d")).unwrap();
    assert_eq!(Profile::load(room.path().join("d").to_str().unwrap()).unwrap_err().message, "it is no file");
    assert!(Profile::load("no such").unwrap_err().message.contains("default, mimecast-2016, purview"));
}

#[test]
fn classes_as_the_archive_takes_them() {
    use ClassVerdict::{NoClass, NotListed, Shortcut, Stub, Taken};
    let classes = Profile::load("mimecast-2016").unwrap().classes;
    let table = [
        ("IPM.Note", Taken),
        ("ipm.note.", Taken),
        ("IPM.Note.SMIME.MultipartSigned", Taken),
        ("IPM.Notebook", NotListed),
        ("IPM", NotListed),
        ("REPORT.IPM.Note.NDR", Taken),
        ("Report.IPM.Note.IPNRN", Taken),
        ("IPM.Report", NotListed),
        ("IPM.Schedule.Meeting.Request", Taken),
        ("IPM.Schedule", Taken),
        ("IPM.Scheduled", NotListed),
        ("IPM.Notification.Meeting", NotListed),
        ("IPM.Appointment", NotListed),
        ("IPM.Contact", NotListed),
        ("IPM.Post", NotListed),
        ("IPM.Note.EnterpriseVault.Shortcut", Shortcut),
        ("IPM.Contact.SomeShortcutThing", Shortcut),
        ("IPM.Note.EnterpriseVault.PendingArchive", Taken),
        ("IPM.Note.CommVault.Galaxy.Stub", Stub),
        ("IPM.Note.BMA.Stub", Stub),
        ("", NoClass),
        ("\0 ", NoClass),
    ];
    for (class, verdict) in table {
        assert_eq!(classes.decide(Some(class), false), verdict, "{class:?}");
    }
    assert_eq!(classes.decide(None, false), NoClass);
    assert_eq!(classes.decide(Some("IPM.Note"), true), ClassVerdict::Associated);
    let own = "format = 1\nname = \"x\"\nextends = \"mimecast-2016\"\n[classes]\nmissing = \"note\"\nstubs = \"report\"\n\
        include = [\"ipm.*\"]\nexclude = [\"ipm.contact\", \"ipm.note.secret.*\"]\n";
    let classes = Profile::parse("x", own).unwrap().classes;
    for (class, verdict) in [
        ("", Taken),
        ("IPM.Note.BMA.Stub", Taken),
        ("IPM.Contact", NotListed),
        ("IPM.Contact.Old", Taken),
        ("IPM.Note.Secret", NotListed),
        ("IPM.Note.Secrets", Taken),
        ("REPORT.IPM.Note.NDR", NotListed),
    ] {
        assert_eq!(classes.decide(Some(class), false), verdict, "{class:?}");
    }
    let codes: Vec<_> = ClassVerdict::ALL.iter().map(|verdict| verdict.code()).collect();
    assert_eq!(codes, ["TAKEN", "FAI", "STUB_SHORTCUT", "STUB_TABLE", "NO_CLASS", "CLASS_NOT_LISTED"]);
}
