//! Every shape of the format, built by the encoders and read back.

#![cfg(feature = "testkit")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod blocks;
mod heaps;
mod mail;
mod scale;
mod stores;
mod tables;
mod text;

use pst_core::Pst;
use pst_core::ltp::{PropertyContext, TableContext};
use pst_core::ndb::{Format, Nid};
use pst_core::testkit::{Props, StoreBuilder};

const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];
/// A node of a message's type, for what needs no messaging layer.
const NODE: Nid = Nid::new(0x20_0024);
const NO_NODE: Nid = Nid::new(0);

fn open(bytes: Vec<u8>) -> Pst {
    Pst::from_bytes(bytes).expect("a good file")
}

/// Bytes that tell when one of them is missing or in another place.
fn pattern(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect()
}

/// A file with one node of these properties.
fn with_props(mut store: StoreBuilder, props: &Props) -> Pst {
    let (data, subnodes) = props.write(&mut store, Vec::new());
    store.node(NODE, data, subnodes, NO_NODE);
    open(store.finish_vec())
}

fn properties(pst: &Pst, nid: Nid) -> PropertyContext {
    PropertyContext::open(&pst.node(nid).unwrap().expect("the node")).unwrap()
}

fn table(pst: &Pst, nid: Nid) -> TableContext {
    TableContext::open(&pst.node(nid).unwrap().expect("the node")).unwrap()
}
