//! Renames: what is proposed, made, and undone.

use std::fs;
use std::path::{Path, PathBuf};

use pst_migrate::delivery::DeliveryCheck;
use pst_migrate::delivery::fix::{Obstacle, Planned, Undone, apply, plan, undo};
use pst_migrate::profile::Profile;

use crate::tree::{PER_USER, Room, check, plain};

fn planned(room: &Room) -> Vec<Planned> {
    let told = check(&DeliveryCheck::new(Profile::load("mimecast-2016").unwrap()).names_only(true), room.path());
    plan(room.path(), told.files.iter().filter_map(|file| file.rename.clone()))
}

/// Every file below a directory with its content, by its path.
fn files(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push((path.clone(), fs::read(&path).unwrap())) }
    }
    found.sort();
    found
}

#[test]
fn made_and_undone() {
    let room = Room::new();
    let list = Room::new();
    let list = list.path().join("list.jsonl");
    let names = ["ann@example.com.pst.pst", "bob@example.com (2).pst", "cid@example.com", "dan@example.com.3.pst"];
    for (number, name) in names.into_iter().enumerate() {
        let mut bytes = plain();
        bytes.push(number as u8);
        room.file(&format!("{PER_USER}/{name}"), bytes);
    }
    room.file("Acme_ing1234/Pst/PerUsereve@example.com.pst", plain());
    room.file("Acme_ing1234/Pst/NotPerUser_SJF/journal", plain());
    let before = files(room.path());
    let plan = planned(&room);
    assert_eq!(files(room.path()), before, "a plan changes nothing");
    let pairs: Vec<_> = plan
        .iter()
        .map(|planned| (planned.rename.from.display().to_string(), planned.rename.to.display().to_string()))
        .collect();
    let per_user = |name: &str| format!("{PER_USER}/{name}");
    assert_eq!(
        pairs,
        [
            (
                "Acme_ing1234/Pst/NotPerUser_SJF/journal".to_owned(),
                "Acme_ing1234/Pst/NotPerUser_SJF/journal.pst".to_owned()
            ),
            (per_user("ann@example.com.pst.pst"), per_user("ann@example.com.pst")),
            (per_user("bob@example.com (2).pst"), per_user("bob@example.com.2.pst")),
            (per_user("cid@example.com"), per_user("cid@example.com.pst")),
            ("Acme_ing1234/Pst/PerUsereve@example.com.pst".to_owned(), per_user("eve@example.com.pst")),
        ]
    );
    let mut out = fs::File::create_new(&list).unwrap();
    assert_eq!(apply(room.path(), &plan, &mut out).unwrap(), 5);
    assert!(planned(&room).is_empty(), "nothing is left to be done");
    let told = check(&DeliveryCheck::new(Profile::load("mimecast-2016").unwrap()), room.path());
    assert_eq!(told.account.accepted, 6, "{:?}", told.lines());
    // A line that was cut short by a sudden end is of a rename that was not made.
    let text = fs::read_to_string(&list).unwrap();
    assert_eq!(text.lines().count(), 5);
    fs::write(&list, format!("{text}{{\"from\":\"a")).unwrap();
    assert_eq!(undo(room.path(), &list).unwrap(), Undone { done: 5, passed_over: 0 });
    assert_eq!(files(room.path()), before);
    assert_eq!(undo(room.path(), &list).unwrap(), Undone { done: 0, passed_over: 5 });
}

#[test]
fn nothing_is_overwritten() {
    let room = Room::new();
    for name in ["ann@example.com.pst", "ann@example.com.pst.pst", "bob@example.com_1.pst", "bob@example.com (1).pst"] {
        room.file(&format!("{PER_USER}/{name}"), plain());
    }
    let before = files(room.path());
    let plan = planned(&room);
    let obstacles: Vec<_> = plan.iter().map(|planned| planned.obstacle).collect();
    assert_eq!(obstacles, [Some(Obstacle::Taken), None, Some(Obstacle::Wanted)]);
    // What takes the name after the plan was made is not overwritten either.
    let mut late = plan.clone();
    late.iter_mut().for_each(|planned| planned.obstacle = None);
    let mut out = tempfile::tempfile().unwrap();
    assert_eq!(apply(room.path(), &late, &mut out).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(files(room.path()), before);
    fs::remove_file(room.path().join(&plan[1].rename.from)).unwrap();
    assert_eq!(planned(&room).len(), 2);
    assert_eq!(
        pst_migrate::delivery::fix::plan(room.path(), [plan[1].rename.clone()])[0].obstacle,
        Some(Obstacle::Gone)
    );
}

#[cfg(unix)]
#[test]
fn no_rename_leads_out_through_a_link() {
    let room = Room::new();
    let outside = Room::new();
    room.file("Acme_ing1234/Pst/PerUserann@example.com.pst", plain());
    std::os::unix::fs::symlink(outside.path(), room.path().join(PER_USER)).unwrap();
    let plan = planned(&room);
    assert_eq!(plan[0].obstacle, Some(Obstacle::NoDirectory));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn lists_that_lead_elsewhere_are_not_undone() {
    let room = Room::new();
    let outside = Room::new();
    let kept = outside.file("a", "x");
    let list = outside.path().join("list");
    for (from, to) in [("b", kept.to_str().unwrap()), ("../b", "a"), ("a", ""), ("./b", "../a")] {
        fs::write(&list, format!("{{\"from\":{from:?},\"to\":{to:?}}}\n")).unwrap();
        let result = undo(room.path(), &list);
        assert!(result.is_err() || result.unwrap().done == 0, "{from} {to}");
        assert!(kept.exists());
    }
    for text in ["{}\n", "x\n", "{\"from\":\"a\",\"to\":\"b\",\"more\":1}\n"] {
        fs::write(&list, text).unwrap();
        assert!(undo(room.path(), &list).unwrap_err().to_string().starts_with("line 1: "));
    }
}
