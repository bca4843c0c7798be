//! Replays seeded mutations of good input through every fuzz body: the same ones in every run.
//!
//! A panic fails the test, an input that takes longer than its deadline fails it, and an allocation beyond the limit
//! aborts it.

#![allow(missing_docs, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::expect_used)]

use std::alloc::System;
use std::time::{Duration, Instant};

use cap::Cap;

/// What one input may have allocated at once, the harness included: the limits of the library are 256 MiB for a value.
const MEMORY: usize = 320 << 20;
/// What one input may take, in an unoptimised build on a busy machine.
const DEADLINE: Duration = Duration::from_secs(10);

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, MEMORY);

/// xorshift64*: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize
    }

    fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { self.next() % limit }
    }
}

/// Numbers that break things.
const ODD: [u64; 10] = [0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, u64::MAX];

fn mutate(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(data.len());
        match random.below(6) {
            0 if !data.is_empty() => data[at] ^= 1 << random.below(8),
            1 if !data.is_empty() => data[at] = random.next() as u8,
            2 | 3 => {
                let size = [1, 2, 4, 8][random.below(4)];
                let value = ODD[random.below(ODD.len())].to_le_bytes();
                let end = (at + size).min(data.len());
                let place = &mut data[at..end];
                let length = place.len();
                place.copy_from_slice(&value[..length]);
            }
            4 => {
                // A piece of the input over another.
                let from = random.below(data.len());
                let length = random.below(64).min(data.len() - at).min(data.len() - from);
                data.copy_within(from..from + length, at);
            }
            _ if random.below(8) == 0 => data.truncate(at),
            _ => {}
        }
    }
    data
}

fn replay(name: &str, body: fn(&[u8]), seeds: &[Vec<u8>], runs: usize) {
    let mut random = Random(0x5EED_0000_0000_0001 ^ name.len() as u64);
    let mut slowest = Duration::ZERO;
    for seed in seeds {
        body(seed);
    }
    for run in 0..runs {
        let data = mutate(&seeds[run % seeds.len()], &mut random);
        let start = Instant::now();
        body(&data);
        let took = start.elapsed();
        slowest = slowest.max(took);
        assert!(took < DEADLINE, "{name}: run {run} took {took:?}");
    }
    println!("{name}: {runs} mutations of {} seeds, the slowest took {slowest:?}", seeds.len());
}

#[test]
fn header() {
    replay("header", pst_fuzz::header, &pst_fuzz::seeds::headers(), 20_000);
}

#[test]
fn page() {
    replay("page", pst_fuzz::page, &pst_fuzz::seeds::pages(), 400);
}

#[test]
fn block() {
    replay("block", pst_fuzz::block, &pst_fuzz::seeds::blocks(), 50_000);
}

#[test]
fn heap() {
    replay("heap", pst_fuzz::heap, &pst_fuzz::seeds::heaps(), 2_000);
}

#[test]
fn table() {
    replay("table", pst_fuzz::table, &pst_fuzz::seeds::tables(), 2_000);
}

#[test]
fn rtf() {
    replay("rtf", pst_fuzz::rtf, &pst_fuzz::seeds::rtfs(), 20_000);
}

#[test]
fn rtf_text() {
    replay("rtf_text", pst_fuzz::rtf_text, &pst_fuzz::seeds::rtf_texts(), 20_000);
}

#[test]
fn tnef() {
    replay("tnef", pst_fuzz::tnef, &pst_fuzz::seeds::tnefs(), 50_000);
}

/// The seeds are sound, so that mutations begin behind every check.
#[test]
fn the_seeds_of_tnef_have_nothing_wrong() {
    for seed in pst_fuzz::seeds::tnefs() {
        let tnef = pst_core::tnef::Tnef::parse(&seed, &Default::default()).expect("TNEF");
        assert_eq!(tnef.findings, []);
        assert!(tnef.attachments.iter().all(|one| one.data().is_some()));
    }
}

#[test]
fn to_mail() {
    replay("to_mail", pst_fuzz::to_mail, &pst_fuzz::to_mails(), 3_000);
}

#[test]
fn address() {
    replay("address", pst_fuzz::address, &pst_fuzz::seeds::addresses(), 20_000);
}

#[test]
fn journal() {
    replay("journal", pst_fuzz::journal, &pst_fuzz::seeds::journals(), 10_000);
}

#[test]
fn calendar() {
    replay("calendar", pst_fuzz::calendar, &pst_fuzz::seeds::calendars(), 4_000);
}

#[test]
fn archive() {
    replay("archive", pst_fuzz::archive, &pst_fuzz::input_seeds::archives(), 4_000);
}

#[test]
fn input_mbox() {
    replay("input_mbox", pst_fuzz::input_mbox, &pst_fuzz::input_seeds::mboxes(), 10_000);
}

#[test]
fn file() {
    replay("file", pst_fuzz::file, &pst_fuzz::seeds::files(), 1_000);
}

#[test]
fn recover() {
    replay("recover", pst_fuzz::recover, &pst_fuzz::seeds::files(), 400);
}

/// The limit is in force: without this test, an allocator that counts nothing would pass all others.
#[test]
fn the_allocator_counts() {
    // The sum of all allocations only grows, whatever the other tests free meanwhile.
    let before = ALLOCATOR.total_allocated();
    let bytes = std::hint::black_box(vec![1u8; 1 << 20]);
    assert!(ALLOCATOR.total_allocated() >= before + bytes.len());
    assert_eq!(ALLOCATOR.limit(), MEMORY);
}

#[test]
fn mail() {
    replay("mail", pst_fuzz::mail, &pst_fuzz::mail_seeds::mails(), 20_000);
}

#[test]
fn mbox() {
    replay("mbox", pst_fuzz::mbox, &pst_fuzz::mail_seeds::mboxes(), 20_000);
}

#[test]
fn item() {
    replay("item", pst_fuzz::item, &pst_fuzz::mail_seeds::mails(), 1_000);
}
