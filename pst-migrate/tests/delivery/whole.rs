//! A delivery of many files with a known answer.

use std::collections::BTreeMap;

use pst_migrate::delivery::{DeliveryCheck, Purpose};
use pst_migrate::profile::{Profile, Rule, Severity};

use crate::tree::{EML, Room, check, mail, plain, report, store, zip};

/// Path, content, and what must be told of it: decision and codes. Sizes are all far below what is recommended, which is not
/// repeated in each line.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let reports = || store((0..4).map(|number| report(&number.to_string())));
    let archive = zip(&[("a.eml", EML), ("b/c.eml", EML)]);
    let ejf: Vec<u8> = "X-MS-Journal-Report: \r\nFrom: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>\r\n\
        Subject: Hi\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSender: ann@example.com\r\nSubject: Hi\r\n\
        Message-Id: <1@example.com>\r\nTo: bob@example.com\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        .bytes()
        .chain(EML.iter().copied())
        .chain(*b"\r\n--b--\r\n")
        .collect();
    vec![
        ("acme_ing1234/EML/NotPerUser_EJF/a.zip", zip(&[("1.eml", &ejf), ("2.eml", &ejf)]), "accepted"),
        ("acme_ing1234/EML/NotPerUser_SJF/a.zip", archive.clone(), "accepted"),
        ("acme_ing1234/EML/NotPerUser_SJF/b.zip", zip(&[("1.eml", &ejf)]), "refused FORMAT_MISMATCH"),
        ("acme_ing1234/EML/PerUser/loose.eml", EML.to_vec(), "refused EML_NOT_ZIPPED"),
        ("acme_ing1234/pst/NoUser_EJF/deep/er/any name.pst", reports(), "accepted"),
        ("acme_ing1234/pst/NotPerUser_EJF/no reports.PST", plain(), "refused FORMAT_MISMATCH"),
        ("acme_ing1234/pst/NotPerUser_SJF/mail.pst", plain(), "accepted"),
        ("acme_ing1234/pst/NotPerUser_SJF/mail.pst.57", plain(), "accepted"),
        ("acme_ing1234/pst/NotPerUser_SJF/reports.pst", reports(), "refused FORMAT_MISMATCH"),
        ("acme_ing1234/pst/NotPerUser_SJF/zipped.zip", archive, "refused TYPES_MIXED"),
        ("acme_ing1234/pst/PerUser/.DS_Store", b"\0\0\0\x01Bud1".to_vec(), "ignored"),
        ("acme_ing1234/pst/PerUser/Thumbs.db", Vec::new(), "ignored"),
        ("acme_ing1234/pst/PerUser/ann@example.com.007.pst", plain(), "accepted"),
        ("acme_ing1234/pst/PerUser/ann@example.com.7.pst", plain(), "accepted NUMBER_DUPLICATE"),
        ("acme_ing1234/pst/PerUser/ann@example.com.pst", plain(), "accepted"),
        ("acme_ing1234/pst/PerUser/ann@example.com.pst.58", plain(), "accepted"),
        ("acme_ing1234/pst/PerUser/bob.pst", plain(), "refused NOT_AN_ADDRESS"),
        ("acme_ing1234/pst/PerUser/bob@example.com.pst.pst", plain(), "refused DOUBLE_EXTENSION"),
        ("acme_ing1234/pst/PerUser/cid@example.com_1.pst", plain(), "refused ADDRESS_SYNTAX"),
        ("acme_ing1234/pst/PerUser/dan@example.com.pst", Vec::new(), "refused FILE_EMPTY TYPE_NOT_ACCEPTED"),
        ("acme_ing1234/pst/PerUser/readme.txt", b"read me".to_vec(), "refused TYPE_NOT_ACCEPTED"),
        ("acme_ing1234/pst/peruserx/eve@example.com.pst", plain(), "refused BASE_FOLDER_MISSING"),
    ]
}

#[test]
fn every_file_has_the_verdict_that_is_known() {
    let room = Room::new();
    let mut refused: BTreeMap<&str, u64> = BTreeMap::new();
    for (path, bytes, expected) in files() {
        room.file(path, bytes);
        if let Some(codes) = expected.strip_prefix("refused ") {
            *refused.entry(codes.split(' ').next().unwrap()).or_default() += 1;
        }
    }
    let mut profile = Profile::load("mimecast-2016").unwrap();
    profile.set_severity(Rule::SizeRecommended, Severity::Off);
    let check_ = DeliveryCheck::new(profile).full(true);
    let told = check(&check_, room.path());
    let expected: Vec<String> = files().iter().map(|(path, _, expected)| format!("{path}: {expected}")).collect();
    let lines = told.lines();
    for (line, expected) in lines.iter().zip(&expected) {
        // An empty file has one reason, whatever else may be said of it.
        assert_eq!(line, &expected.replace("FILE_EMPTY TYPE_NOT_ACCEPTED", "FILE_EMPTY"));
    }
    assert_eq!(lines.len(), expected.len());
    let account = &told.account;
    assert_eq!((account.seen, account.accepted, account.ignored), (22, 9, 2));
    assert_eq!(account.refused, refused);
    assert_eq!(account.directories, 14);
    assert_eq!(account.kinds["pst"], 13);
    assert_eq!(account.items_unreadable, 0);
    let owner = told.file("acme_ing1234/pst/PerUser/ann@example.com.pst.58");
    assert_eq!((owner.owner.as_deref(), owner.number.as_deref()), (Some("ann@example.com"), Some("58")));
    assert_eq!(owner.purpose, Some(Purpose::PerUser));
    assert_eq!(told.delivery.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::NameVariants]);
    // The same again gives the same.
    let again = check(&check_, room.path());
    assert_eq!((again.files, again.account), (told.files, told.account));
}

/// The root may be the directory that is checked, and so may `Pst`.
#[test]
fn from_any_of_the_upper_folders() {
    let room = Room::new();
    room.file("Acme_ing1234/Pst/PerUser/ann@example.com.pst", plain());
    let check_ = DeliveryCheck::new(Profile::load("mimecast-2016").unwrap());
    for start in ["", "Acme_ing1234", "Acme_ing1234/Pst"] {
        let told = check(&check_, &room.path().join(start));
        assert_eq!(told.account.accepted, 1, "{start}: {:?}", told.lines());
    }
    assert_eq!(check(&check_, &room.path().join("Acme_ing1234/Pst/PerUser")).account.accepted, 0);
    let wrong = Room::new();
    wrong.file("Acme/Pst/PerUser/ann@example.com.pst", plain());
    for start in ["", "Acme", "Acme/Pst"] {
        let told = check(&check_, &wrong.path().join(start));
        assert_eq!(told.account.refused.get("ROOT_NAME"), Some(&1), "{start}: {:?}", told.lines());
    }
}

#[test]
fn other_profiles_take_other_things() {
    let room = Room::new();
    room.file("anything/a.pst", store([mail("one"), mail("two")]));
    room.file("anything/b/A.PST", plain());
    room.file("anything/b/mail.eml", EML);
    room.file("anything/b/mail.zip", zip(&[("a.eml", EML)]));
    room.file("anything/b/report.pdf", "%PDF-1.4");
    let lines = |name| check(&DeliveryCheck::new(Profile::load(name).unwrap()), room.path()).lines();
    assert_eq!(
        lines("default"),
        [
            "anything/a.pst: accepted",
            "anything/b/A.PST: accepted",
            "anything/b/mail.eml: accepted",
            "anything/b/mail.zip: accepted",
            "anything/b/report.pdf: refused TYPE_NOT_ACCEPTED",
        ]
    );
    assert_eq!(
        lines("purview"),
        [
            "anything/a.pst: accepted",
            "anything/b/A.PST: refused NAME_NOT_UNIQUE",
            "anything/b/mail.eml: refused EML_NOT_ZIPPED",
            "anything/b/mail.zip: refused TYPE_NOT_ACCEPTED",
            "anything/b/report.pdf: refused TYPE_NOT_ACCEPTED",
        ]
    );
}

#[test]
fn too_large_files_are_to_be_split() {
    let room = Room::new();
    let path = "Acme_ing1234/Pst/PerUser/ann@example.com.pst";
    let check_ = DeliveryCheck::new(Profile::load("mimecast-2016").unwrap()).names_only(true);
    for (size, parts) in [(21_474_836_480, None), (21_474_836_481, Some(3)), (53_687_091_201, Some(6))] {
        room.sparse(path, plain(), size);
        assert_eq!(check(&check_, room.path()).file(path).split_into, parts, "{size}");
    }
}

/// The delivery that the examples make has the answer that is written beside it.
#[test]
fn the_delivery_of_the_examples() {
    let room = Room::new();
    crate::make_delivery::write(room.path()).unwrap();
    let told = check(&DeliveryCheck::new(Profile::load("mimecast-2016").unwrap()).full(true), room.path());
    let lines: Vec<String> = told
        .files
        .iter()
        .map(|file| {
            let bad = file.findings.iter().filter(|finding| finding.severity > Severity::Info);
            let codes: String = bad.map(|finding| format!(" {}", finding.code())).collect();
            format!("{}: {}{codes}", file.path.display(), file.decision.name())
        })
        .collect();
    let expected = crate::make_delivery::EXPECTED.iter().map(|(path, verdict)| format!("{path}: {verdict}"));
    assert_eq!(lines, expected.collect::<Vec<_>>());
    assert_eq!((told.account.seen, told.account.accepted, told.account.ignored), (13, 5, 1));
    // The archive, the three journals, and the five stores that are opened; of the one that is cut short what is left.
    assert!(told.account.items_read >= 20 + 40 + 10 + 40 + 5 * 5);
}
