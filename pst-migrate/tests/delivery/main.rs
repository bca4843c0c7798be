//! Deliveries of every kind of fault, each with the verdict it must have.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../../../examples/rust/make_delivery.rs"]
mod make_delivery;

mod docs;
mod fix;
mod hostile;
mod names;
mod profiles;
mod rules;
mod sampling;
mod tree;
mod whole;
