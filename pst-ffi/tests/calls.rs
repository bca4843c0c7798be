//! Exported functions called as C would, where C is a poor place to look from: handles that threads free under each other's
//! hands, and texts that stay where they are.
#![allow(
    unsafe_code,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::ptr;
use std::thread;

use pst_ffi::error::{Error, pst_error_free, pst_error_status, pst_error_text};
use pst_ffi::message::{Message, pst_message_free, pst_message_parse, pst_message_plain_text, pst_message_subject};
use pst_ffi::status::Status;
use pst_ffi::store::{Store, pst_store_file_size, pst_store_free, pst_store_open};
use pst_ffi::view::Str;

/// Calls with a place for a result, and gives both.
fn ask<T: Copy>(nothing: T, call: impl FnOnce(Option<&mut MaybeUninit<T>>) -> Status) -> (Status, T) {
    let mut place = MaybeUninit::new(nothing);
    let status = call(Some(&mut place));
    // SAFETY: it was written before the call.
    (status, unsafe { place.assume_init() })
}

fn text(text: &Str) -> &[u8] {
    // SAFETY: the object it was asked of is there, and a NUL stands behind it.
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.length + 1) };
    assert_eq!(bytes.last(), Some(&0));
    &bytes[..text.length]
}

#[test]
fn a_failure_makes_an_error_and_nothing_else() {
    let path = CString::new("/is/not/there.pst").unwrap();
    let mut store = MaybeUninit::new(ptr::without_provenance_mut::<Store>(7));
    let (status, error) =
        ask(ptr::null_mut::<Error>(), |error| pst_store_open(path.as_ptr(), ptr::null(), Some(&mut store), error));
    assert_eq!(status, Status::FileNotFound);
    // SAFETY: it was written before the call.
    assert_eq!(unsafe { store.assume_init() }.addr(), 7);
    assert_eq!(pst_error_status(error), Status::FileNotFound);
    // SAFETY: the error is there.
    let sentence = unsafe { CStr::from_ptr(pst_error_text(error)) }.to_str().unwrap();
    assert!(sentence.contains("No such file"), "{sentence}");
    pst_error_free(error);
    assert!(pst_error_text(error).is_null());
}

#[test]
fn texts_hold_nuls_and_stay_where_they_are() {
    let mail = b"Subject: one\r\n\r\nbefore\0behind";
    let (status, message) =
        ask(ptr::null_mut::<Message>(), |place| pst_message_parse(mail.as_ptr(), mail.len(), place, None));
    assert_eq!(status, Status::Ok);
    let none = Str { data: ptr::null(), length: 0 };
    let (_, first) = ask(none, |place| pst_message_plain_text(message, place, None));
    for _ in 0..3 {
        let (status, again) = ask(none, |place| pst_message_plain_text(message, place, None));
        assert_eq!((status, again.data), (Status::Ok, first.data));
    }
    assert_eq!(text(&first), b"before\0behind");
    let (_, subject) = ask(none, |place| pst_message_subject(message, place, None));
    assert_eq!(text(&subject), b"one");
    pst_message_free(message);
    assert_eq!(ask(none, |place| pst_message_subject(message, place, None)).0, Status::BadHandle);
}

#[test]
fn freeing_under_another_threads_hands_is_refused_or_waited_for() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/sample.pst");
    let size = std::fs::metadata(sample).unwrap().len();
    let path = CString::new(sample).unwrap();
    for _ in 0..50 {
        let (status, store) =
            ask(ptr::null_mut::<Store>(), |place| pst_store_open(path.as_ptr(), ptr::null(), place, None));
        assert_eq!(status, Status::Ok);
        let address = store.addr();
        let users: Vec<_> = (0..2)
            .map(|_| {
                thread::spawn(move || {
                    let store = ptr::without_provenance::<Store>(address);
                    loop {
                        match ask(0u64, |place| pst_store_file_size(store, place, None)) {
                            (Status::Ok, found) => assert_eq!(found, size),
                            (status, found) => break (status, found),
                        }
                    }
                })
            })
            .collect();
        pst_store_free(store);
        pst_store_free(store);
        for user in users {
            assert_eq!(user.join().unwrap(), (Status::BadHandle, 0));
        }
    }
}
