//! A case for every rule: what is delivered, and the verdict and reason it must have. None is missing.

use std::cell::Cell;
use std::fs;

use pst_core::ltp::id;
use pst_core::ndb::{Client, Format};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder};
use pst_migrate::delivery::DeliveryCheck;
use pst_migrate::profile::{Profile, Rule, Severity};

use crate::tree::{EML, PER_USER, Room, Told, check, check_stopping, mail, plain, report, store, store_in, zip};

/// Where the finding must be.
enum At {
    File(&'static str),
    Directory(&'static str),
    Delivery,
}

struct Case {
    rule: Rule,
    severity: Severity,
    at: At,
    /// A part of the detail.
    detail: &'static str,
    /// What the profile says otherwise than `mimecast-2016`.
    profile: &'static str,
    set_up: fn(&Room),
    run: fn(&DeliveryCheck, &Room) -> Told,
}

fn simply(delivery: &DeliveryCheck, room: &Room) -> Told {
    check(delivery, room.path())
}

/// Reads everything.
fn wholly(delivery: &DeliveryCheck, room: &Room) -> Told {
    check(&delivery.clone().full(true), room.path())
}

fn case(rule: Rule, severity: Severity, path: &'static str, detail: &'static str, set_up: fn(&Room)) -> Case {
    Case { rule, severity, at: At::File(path), detail, profile: "", set_up, run: simply }
}

const NAMED: &str = "Acme_ing1234/Pst/PerUser/ann@example.com.pst";

fn named(room: &Room, name: &str) {
    room.file(&format!("{PER_USER}/{name}"), plain());
}

fn at(room: &Room, path: &str) {
    room.file(path, plain());
}

fn names() -> Vec<Case> {
    use Severity::{Error, Warning};
    vec![
        #[cfg(target_os = "linux")]
        case(Rule::NameUnicode, Error, "Acme_ing1234/Pst/PerUser/\u{FFFD}@example.com.pst", "", |room| {
            use std::os::unix::ffi::OsStrExt;
            let directory = room.path().join(PER_USER);
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join(std::ffi::OsStr::from_bytes(b"\xff@example.com.pst")), plain()).unwrap();
        }),
        case(Rule::NameExtension, Error, "Acme_ing1234/Pst/PerUser/ann@example.com", "neither in .pst", |room| {
            named(room, "ann@example.com");
        }),
        case(Rule::NameExtension, Error, "Acme_ing1234/Pst/NotPerUser_SJF/journal.bak", "", |room| {
            at(room, "Acme_ing1234/Pst/NotPerUser_SJF/journal.bak");
        }),
        case(Rule::NameDoubleExtension, Error, "Acme_ing1234/Pst/PerUser/ann@example.com.pst.pst", "twice", |room| {
            named(room, "ann@example.com.pst.pst");
        }),
        case(Rule::NameNumberTwice, Error, "Acme_ing1234/Pst/PerUser/ann@example.com.1.pst.2", "1 before", |room| {
            named(room, "ann@example.com.1.pst.2");
        }),
        case(Rule::NameAddress, Error, "Acme_ing1234/Pst/PerUser/ann.pst", "\"ann\" has no @", |room| {
            named(room, "ann.pst");
        }),
        case(Rule::NameFullAddress, Error, "Acme_ing1234/Pst/PerUser/ann@example.pst", "without a dot", |room| {
            named(room, "ann@example.pst");
        }),
        case(
            Rule::NameAddressSyntax,
            Error,
            "Acme_ing1234/Pst/PerUser/Ann <ann@example.com>.pst",
            "local part",
            |room| {
                named(room, "Ann <ann@example.com>.pst");
            },
        ),
        case(Rule::NameAddressAscii, Warning, "Acme_ing1234/Pst/PerUser/jürgen@example.com.pst", "jürgen@", |room| {
            named(room, "jürgen@example.com.pst");
        }),
        case(Rule::NameDomain, Warning, "Acme_ing1234/Pst/PerUser/ann@example.com-1.pst", "example.com-1", |room| {
            named(room, "ann@example.com-1.pst");
        }),
        Case {
            profile: "[names]\ndomains = [\"example.org\"]",
            ..case(Rule::NameDomain, Warning, NAMED, "none of the expected", |room| named(room, "ann@example.com.pst"))
        },
        Case {
            run: |delivery, room| check(&delivery.clone().owners(["bob@example.com"]), room.path()),
            ..case(Rule::NameOwner, Error, NAMED, "ann@example.com", |room| named(room, "ann@example.com.pst"))
        },
        case(
            Rule::NameNumberDuplicate,
            Warning,
            "Acme_ing1234/Pst/PerUser/ann@example.com.7.pst",
            "com.007.pst",
            |room| {
                named(room, "ann@example.com.007.pst");
                named(room, "ann@example.com.7.pst");
            },
        ),
        case(Rule::NameNumberDuplicate, Warning, "Acme_ing1234/Pst/PerUser/b/ANN@example.com.pst", "a/ann@", |room| {
            named(room, "a/ann@example.com.pst");
            named(room, "b/ANN@example.com.pst");
        }),
        Case {
            profile: "[rules]\nname-unique = \"error\"",
            ..case(Rule::NameUnique, Error, "Acme_ing1234/Pst/NotPerUser_SJF/b/JOURNAL.pst", "a/journal.pst", |room| {
                at(room, "Acme_ing1234/Pst/NotPerUser_SJF/a/journal.pst");
                at(room, "Acme_ing1234/Pst/NotPerUser_SJF/b/JOURNAL.pst");
            })
        },
    ]
}

fn layout() -> Vec<Case> {
    use Severity::{Error, Info};
    vec![
        case(Rule::GluedBaseFolder, Error, "Acme_ing1234/Pst/PerUserann@example.com.pst", "PerUser and ann@", |room| {
            at(room, "Acme_ing1234/Pst/PerUserann@example.com.pst");
        }),
        case(Rule::LayoutBase, Error, "Acme_ing1234/ann@example.com.pst", "not below Pst or Eml", |room| {
            at(room, "Acme_ing1234/ann@example.com.pst");
        }),
        case(Rule::LayoutBase, Error, "Acme_ing1234/Pst/ann@example.com.pst", "beside the base folders", |room| {
            at(room, "Acme_ing1234/Pst/ann@example.com.pst");
        }),
        case(Rule::LayoutBase, Error, "Acme_ing1234/Pst/Users/ann@example.com.pst", "\"Users\" is no base", |room| {
            at(room, "Acme_ing1234/Pst/Users/ann@example.com.pst");
        }),
        case(Rule::LayoutRoot, Error, "Acme/Pst/PerUser/ann@example.com.pst", "\"Acme\", expected company", |room| {
            at(room, "Acme/Pst/PerUser/ann@example.com.pst");
        }),
        case(Rule::LayoutRoot, Error, "a/Acme_ing1234/Pst/PerUser/ann@example.com.pst", "2 folders deep", |room| {
            at(room, "a/Acme_ing1234/Pst/PerUser/ann@example.com.pst");
        }),
        Case {
            at: At::Delivery,
            ..case(Rule::NameVariants, Info, "", "journal: NoUser_Standard, NotPerUser_SJF", |room| {
                at(room, "Acme_ing1234/Pst/NotPerUser_SJF/a.pst");
                at(room, "Acme_ing1234/Pst/NoUser_Standard/b.pst");
            })
        },
        case(
            Rule::GroupingMixed,
            Error,
            "Acme_ing1234/Pst/PerUser/NotPerUser_SJF/ann@example.com.pst",
            "in PerUser",
            |room| {
                at(room, "Acme_ing1234/Pst/PerUser/NotPerUser_SJF/ann@example.com.pst");
            },
        ),
        case(Rule::FormatMixed, Error, "Acme_ing1234/Pst/NotPerUser_SJF/NoUser_EJF/a.pst", "NoUser_EJF in", |room| {
            at(room, "Acme_ing1234/Pst/NotPerUser_SJF/NoUser_EJF/a.pst");
        }),
        case(Rule::TypesMixed, Error, "Acme_ing1234/Pst/PerUser/mail.zip", "zip among PST files", |room| {
            room.file("Acme_ing1234/Pst/PerUser/mail.zip", zip(&[("a.eml", EML)]));
        }),
        case(Rule::TypesMixed, Error, "Acme_ing1234/Eml/PerUser/ann@example.com.pst", "a store among", |room| {
            at(room, "Acme_ing1234/Eml/PerUser/ann@example.com.pst");
        }),
        Case {
            profile: "[layout]\ndepth = 3",
            ..case(Rule::TreeTooDeep, Error, "Acme_ing1234/Pst/PerUser/deep", "more than 3 folders", |room| {
                named(room, "deep/ann@example.com.pst");
            })
        },
        Case {
            profile: "[layout]\nentries = 3",
            at: At::Directory("Acme_ing1234/Pst/NotPerUser_SJF"),
            ..case(Rule::DirectoryEntries, Error, "", "4 entries, 3 may be", |room| {
                (0..4).for_each(|number| at(room, &format!("Acme_ing1234/Pst/NotPerUser_SJF/{number}.pst")));
            })
        },
    ]
}

fn files() -> Vec<Case> {
    use Severity::{Error, Warning};
    let mut cases = vec![
        case(Rule::FileType, Error, "Acme_ing1234/Pst/PerUser/notes.pdf", "it is pdf", |room| {
            room.file("Acme_ing1234/Pst/PerUser/notes.pdf", "%PDF-1.4");
        }),
        case(Rule::FileType, Error, NAMED, "called .pst, and is zeros", |room| {
            room.file(NAMED, [0; 2000]);
        }),
        case(Rule::FileType, Error, NAMED, "it is ost", |room| {
            let mailbox = Mailbox::new("x").folder(FolderBuilder::new("Inbox").message(mail("one")));
            room.file(NAMED, mailbox.write(StoreBuilder::new(Format::UNICODE).client(Client::Ost)).finish_vec());
        }),
        case(Rule::FileExtension, Error, "Acme_ing1234/Pst/PerUser/ann@example.com.ost", "ends in .ost", |room| {
            named(room, "ann@example.com.ost");
        }),
        case(Rule::FileExtension, Error, "Acme_ing1234/Eml/PerUser/mail.pst", "called .pst, and is zip", |room| {
            room.file("Acme_ing1234/Eml/PerUser/mail.pst", zip(&[("a.eml", EML)]));
        }),
        case(Rule::FileMsg, Error, "Acme_ing1234/Pst/PerUser/a.msg", "it is msg", |room| {
            room.file("Acme_ing1234/Pst/PerUser/a.msg", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        }),
        case(Rule::FileMail, Error, "Acme_ing1234/Eml/PerUser/a.eml", "it is mail", |room| {
            room.file("Acme_ing1234/Eml/PerUser/a.eml", EML);
        }),
        case(Rule::FileEmpty, Error, NAMED, "", |room| {
            room.file(NAMED, "");
        }),
        // Names are listed before the first of them is looked at, so that this one is gone by then.
        Case {
            run: |delivery, room| {
                let last = room.path().join("Acme_ing1234/Pst/PerUser/zoe@example.com.pst");
                check_stopping(delivery, room.path(), &|| {
                    if room.path().join(NAMED).exists() {
                        let _ = fs::remove_file(&last);
                    }
                    false
                })
            },
            ..case(Rule::FileUnreadable, Error, "Acme_ing1234/Pst/PerUser/zoe@example.com.pst", "os error 2", |room| {
                named(room, "ann@example.com.pst");
                named(room, "zoe@example.com.pst");
            })
        },
        Case {
            run: |delivery, room| {
                let asked = Cell::new(0);
                check_stopping(delivery, room.path(), &|| {
                    asked.set(asked.get() + 1);
                    // Once before the file, then while its items are counted.
                    if asked.get() == 3 {
                        let mut longer = fs::read(room.path().join(NAMED)).unwrap();
                        longer.push(0);
                        fs::write(room.path().join(NAMED), longer).unwrap();
                    }
                    false
                })
            },
            ..case(Rule::FileChanged, Error, NAMED, "bytes before", |room| named(room, "ann@example.com.pst"))
        },
        Case {
            run: wholly,
            ..case(
                Rule::ArchiveContent,
                Warning,
                "Acme_ing1234/Eml/PerUser/mail.zip",
                "1 entries, the first b.pdf: not-mail",
                |room| {
                    room.file("Acme_ing1234/Eml/PerUser/mail.zip", zip(&[("a.eml", EML), ("b.pdf", b"%PDF-1.4")]));
                },
            )
        },
        case(Rule::ArchiveContent, Warning, "Acme_ing1234/Eml/PerUser/mail.zip", "no entries", |room| {
            room.file("Acme_ing1234/Eml/PerUser/mail.zip", zip(&[]));
        }),
    ];
    #[cfg(unix)]
    cases.extend([
        case(Rule::FileLink, Error, NAMED, "", |room| {
            let target = room.file("elsewhere.pst", plain());
            fs::create_dir_all(room.path().join(PER_USER)).unwrap();
            std::os::unix::fs::symlink(target, room.path().join(NAMED)).unwrap();
        }),
        case(Rule::FileSpecial, Error, NAMED, "", |room| {
            fs::create_dir_all(room.path().join(PER_USER)).unwrap();
            drop(std::os::unix::net::UnixListener::bind(room.path().join(NAMED)).unwrap());
        }),
    ]);
    cases
}

fn sizes() -> Vec<Case> {
    use Severity::{Error, Info, Warning};
    vec![
        case(Rule::SizeRecommended, Info, NAMED, "5368709120 to 10737418240", |room| {
            named(room, "ann@example.com.pst")
        }),
        case(Rule::SizeSlow, Warning, NAMED, "21474836481 bytes", |room| room.sparse(NAMED, plain(), 21_474_836_481)),
        case(Rule::SizeMax, Error, NAMED, "53687091201 bytes", |room| room.sparse(NAMED, plain(), 53_687_091_201)),
        case(Rule::SizeWindow, Info, NAMED, "2104533975 bytes; 1 items read", |room| {
            room.sparse(NAMED, plain(), 2_104_533_975);
        }),
        case(Rule::SizeAnsi, Error, NAMED, "2147000000 bytes of the 2 GB", |room| {
            room.sparse(NAMED, store_in(Format::ANSI, [mail("one")]), 2_147_000_000);
        }),
        case(Rule::SizeAnsi, Error, NAMED, "512 bytes are missing", |room| {
            let bytes = store_in(Format::ANSI, [mail("one")]);
            room.file(NAMED, &bytes[..bytes.len() - 512]);
        }),
    ]
}

/// A store whose attachment has one wrong byte.
fn damaged() -> Vec<u8> {
    let noise: Vec<u8> = (0..40_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut bytes = store([mail("one"), mail("two").attach(AttachmentBuilder::by_value("noise", noise.clone()))]);
    let at = bytes.windows(64).position(|part| part == &noise[1000..1064]).expect("the attachment as it is");
    bytes[at] ^= 1;
    bytes
}

fn contents() -> Vec<Case> {
    use Severity::{Error, Warning};
    vec![
        case(Rule::StoreOpen, Error, NAMED, "", |room| {
            let mut bytes = plain();
            bytes[200] ^= 1;
            room.file(NAMED, bytes);
        }),
        case(Rule::StoreOpen, Error, NAMED, "512 bytes are missing", |room| {
            let bytes = plain();
            room.file(NAMED, &bytes[..bytes.len() - 512]);
        }),
        Case {
            run: wholly,
            ..case(Rule::ItemAccess, Error, NAMED, "1 of 2 items read", |room| {
                room.file(NAMED, damaged());
            })
        },
        case(Rule::ItemSize, Warning, NAMED, "1 items, the first 0x200024 with 536870912 bytes", |room| {
            let large = mail("large").prop(Prop::i32(id::MESSAGE_SIZE, 536_870_912));
            let small = mail("small").prop(Prop::i32(id::MESSAGE_SIZE, 536_870_911));
            room.file(NAMED, store([large, small]));
        }),
        Case {
            profile: "[sizes]\nfolder-items = 2",
            ..case(Rule::FolderItems, Warning, NAMED, "/Inbox with 3 items", |room| {
                room.file(NAMED, store([mail("a"), mail("b"), mail("c")]));
            })
        },
        case(Rule::ContentFormat, Error, NAMED, "1 of 2 items are journal reports", |room| {
            room.file(NAMED, store([mail("a"), report("b")]));
        }),
        case(Rule::ContentFormat, Error, "Acme_ing1234/Pst/NotPerUser_SJF/a.pst", "1 of 1 items", |room| {
            room.file("Acme_ing1234/Pst/NotPerUser_SJF/a.pst", store([report("b")]));
        }),
        case(Rule::ContentFormat, Error, "Acme_ing1234/Pst/NoUser_EJF/a.pst", "1 of 2 items", |room| {
            room.file("Acme_ing1234/Pst/NoUser_EJF/a.pst", store([mail("a"), report("b")]));
        }),
        case(Rule::ContentClass, Warning, NAMED, "2 items were looked at", |room| {
            room.file(NAMED, store([MessageBuilder::new("IPM.Contact"), MessageBuilder::new("IPM.Task")]));
        }),
        case(Rule::ContentStubs, Warning, NAMED, "2 of 3 items", |room| {
            let classes = ["IPM.Note", "IPM.Note.EnterpriseVault.Shortcut", "IPM.Note.BMA.Stub"];
            room.file(NAMED, store(classes.map(MessageBuilder::new)));
        }),
        Case {
            at: At::Delivery,
            run: |delivery, room| check(&delivery.clone().submission(3), room.path()),
            ..case(Rule::Submissions, Error, "", "cured delivery 3, 2 may be", |room| {
                named(room, "ann@example.com.pst")
            })
        },
    ]
}

fn cases() -> Vec<Case> {
    [names(), layout(), files(), sizes(), contents()].into_iter().flatten().collect()
}

#[test]
fn every_rule_has_its_verdict_and_reason() {
    for case in cases() {
        let room = Room::new();
        (case.set_up)(&room);
        let text = format!("format = 1\nname = \"case\"\nextends = \"mimecast-2016\"\n{}\n", case.profile);
        let told = (case.run)(&DeliveryCheck::new(Profile::parse("case", &text).unwrap()), &room);
        let what = format!("{} {}", case.rule, case.detail);
        let findings = match case.at {
            At::File(path) => {
                let file = told.files.iter().find(|file| file.path.to_string_lossy() == path);
                let file = file.unwrap_or_else(|| panic!("{what}: {path} has no verdict: {:#?}", told.files));
                let has_error = file.findings.iter().any(|finding| finding.severity == Severity::Error);
                assert_eq!(file.decision.name(), if has_error { "refused" } else { "accepted" }, "{what}");
                if case.severity == Severity::Error {
                    assert!(has_error, "{what}");
                    assert!(told.account.refused_total() > 0, "{what}");
                }
                &file.findings
            }
            At::Directory(path) => {
                let found = told.directories.iter().find(|directory| directory.path.to_string_lossy() == path);
                assert_eq!(told.account.directories_refused.get(case.rule.code()), Some(&1), "{what}");
                &found.unwrap().findings
            }
            At::Delivery => &told.delivery,
        };
        let found = findings.iter().find(|finding| finding.rule == case.rule);
        let found = found.unwrap_or_else(|| panic!("{what} was not found: {findings:#?}"));
        assert_eq!(found.severity, case.severity, "{what}");
        assert_eq!(found.code(), case.rule.code());
        assert!(found.detail.contains(case.detail), "{what}: {:?}", found.detail);
        assert!(told.account.findings[&(case.rule, case.severity)] > 0, "{what}");
    }
}

#[test]
fn no_rule_is_without_a_case() {
    let tested: Vec<Rule> = cases().iter().map(|case| case.rule).collect();
    let missing: Vec<_> = Rule::ALL.iter().filter(|rule| !tested.contains(rule)).collect();
    let not_here: &[Rule] = if cfg!(target_os = "linux") {
        &[]
    } else if cfg!(unix) {
        &[Rule::NameUnicode]
    } else {
        &[Rule::NameUnicode, Rule::FileLink, Rule::FileSpecial]
    };
    assert_eq!(missing, not_here.iter().collect::<Vec<_>>());
}

/// A rule that is off is never told of, whatever is delivered; but what cannot be read is not accepted.
#[test]
fn rules_that_are_off_say_nothing() {
    let mut profile = Profile::load("mimecast-2016").unwrap();
    Rule::ALL.iter().for_each(|rule| profile.set_severity(*rule, Severity::Off));
    for case in cases() {
        let room = Room::new();
        (case.set_up)(&room);
        let told = (case.run)(&DeliveryCheck::new(profile.clone()), &room);
        let forced = [Rule::FileLink, Rule::FileSpecial, Rule::FileUnreadable, Rule::TreeTooDeep];
        let others: Vec<_> = told.account.findings.keys().filter(|(rule, _)| !forced.contains(rule)).collect();
        assert!(others.is_empty(), "{}: {others:?}", case.rule);
    }
}
