//! Damages stores in many ways, and counts what the checker sees and what recovery brings back.
//!
//! ```text
//! stores   sound stores: made from the seed, or a corpus; extents says which bytes belong to what
//! kinds    one copy of one store is damaged in memory
//! judge    checked without and with contents, recovered, each message compared with what it was
//! tally    numbers per kind, as a table and as JSON
//! peers    on request, other readers on some of the same files
//! ```
//!
//! A file is known by the seed and its number: `--only` makes it again alone.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)]

mod content;
mod extents;
mod judge;
mod kinds;
mod peers;
mod random;
mod stores;
mod tally;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use self::judge::{Outcome, STEPS, judge};
use self::kinds::{Damaged, Kind};
use self::peers::Peers;
use self::random::Random;
use self::stores::Store;
use self::tally::Tally;

/// Files made of one store.
const PER_STORE: u64 = 20;
/// Other readers get so many files less.
const PEERS_EVERY: u64 = 20;
/// A file that takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(30);
/// Stores of a corpus beyond this size come round less often.
const LARGE: u64 = 2 << 20;

/// What to do.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    seed: u64,
    files: u64,
    corpus: Option<PathBuf>,
    out: Option<PathBuf>,
    only: Option<u64>,
    peers: bool,
}

impl Options {
    /// Reads the arguments; nothing if they are wrong.
    pub(crate) fn parse(args: &[&str]) -> Option<Self> {
        let mut options = Self { seed: 1, files: 20_000, corpus: None, out: None, only: None, peers: false };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--seed" => options.seed = args.next()?.parse().ok()?,
                "--files" => options.files = args.next()?.parse().ok()?,
                "--corpus" => options.corpus = Some(PathBuf::from(args.next()?)),
                "--out" => options.out = Some(PathBuf::from(args.next()?)),
                "--peers" => options.peers = true,
                "--only" => options.only = Some(args.next()?.parse().ok()?),
                _ => return None,
            }
        }
        Some(options)
    }

    /// What continuous integration asks for.
    pub(crate) fn for_ci() -> Self {
        Self { seed: 1, files: 200, corpus: None, out: None, only: None, peers: false }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let campaign = Campaign::new(options)?;
    if let Some(number) = options.only {
        return campaign.show(number);
    }
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut peers = if options.peers { Some(Peers::new(PEERS_EVERY)?) } else { None };
    let mut current: Option<(u64, Arc<Store>)> = None;
    // A hang is counted; the output of a panic would hide everything else.
    std::panic::set_hook(Box::new(|_| {}));
    for number in 0..options.files {
        let slot = number / PER_STORE;
        let store = match current.take().filter(|(known, _)| *known == slot) {
            Some((_, store)) => store,
            None => Arc::new(campaign.store(slot)?),
        };
        if let Some((kind, damaged)) = campaign.damaged(&store, number) {
            let (outcome, damaged) = watched(&store, damaged);
            tally.add(number, kind, &store, &damaged.what, &outcome);
            if let Some(peers) = &mut peers {
                let of = &outcome.messages;
                peers.add(number, kind, &store, &damaged, (store.messages.len(), of.whole + of.hit_whole))?;
            }
        }
        current = Some((slot, store));
        if number % 500 == 499 {
            eprintln!("{} files in {:.0?}", number + 1, started.elapsed());
        }
    }
    drop(std::panic::take_hook());
    tally.print();
    peers.iter().for_each(Peers::print);
    println!("{} files in {:.0?}, seed {}", tally.files(), started.elapsed(), options.seed);
    if let Some(out) = &options.out {
        std::fs::create_dir_all(out)?;
        let path = out.join("damage.json");
        let mut json = tally.to_json(options.seed);
        if let (Some(peers), Some(all)) = (&peers, json.as_object_mut()) {
            all.insert("other_readers".to_owned(), peers.to_json());
        }
        std::fs::write(&path, serde_json::to_vec_pretty(&json)?)?;
        println!("{}", path.display());
    }
    tally.check()
}

struct Campaign<'a> {
    options: &'a Options,
    small: Vec<PathBuf>,
    large: Vec<PathBuf>,
}

impl<'a> Campaign<'a> {
    fn new(options: &'a Options) -> Result<Self> {
        let found = options.corpus.as_deref().map(stores::corpus).transpose()?.unwrap_or_default();
        if options.corpus.is_some() && found.is_empty() {
            bail!("no PST or OST file in the corpus");
        }
        let is_large = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|data| data.len() > LARGE);
        let (large, small) = found.into_iter().partition(is_large);
        Ok(Self { options, small, large })
    }

    /// The store of a slot: with a corpus every fourth is from there, and every 40th is a large one.
    fn store(&self, slot: u64) -> Result<Store> {
        let of = |list: &[PathBuf], turn: u64| {
            let at = usize::try_from(turn).unwrap_or(0).checked_rem(list.len());
            at.and_then(|at| list.get(at).cloned())
        };
        let path = match slot % 40 {
            39 => of(&self.large, slot / 40),
            turn if turn % 4 == 3 => of(&self.small, slot / 4),
            _ => None,
        };
        match path {
            Some(path) => Store::read(&path),
            None => Store::make(self.options.seed, slot),
        }
    }

    fn damaged(&self, store: &Store, number: u64) -> Option<(Kind, Damaged)> {
        let kind = Kind::ALL[usize::try_from(number).unwrap_or(0) % Kind::ALL.len()];
        let mut random = Random::of(self.options.seed, 0, number);
        kind.damage(store, &mut random).map(|damaged| (kind, damaged))
    }

    /// Makes one file again, writes it, and says all there is to say of it.
    fn show(&self, number: u64) -> Result<()> {
        let store = self.store(number / PER_STORE)?;
        let (kind, damaged) = self.damaged(&store, number).context("this store cannot be damaged like that")?;
        println!("{number}: {}, {} {}", store.name, kind.name(), damaged.what);
        println!("hit: {:?}", store.extents.hit(&store.bytes, &damaged.bytes, &damaged.touched));
        if let Some(out) = &self.options.out {
            std::fs::create_dir_all(out)?;
            std::fs::write(out.join("sound.pst"), store.bytes.as_slice())?;
            std::fs::write(out.join("damaged.pst"), &damaged.bytes)?;
        }
        println!("{:#?}", judge(&store, &damaged, &AtomicU8::new(0)));
        Ok(())
    }
}

/// Judges a file in a thread of its own, and gives up on it if that takes too long. A machine that stood still does not count.
fn watched(store: &Arc<Store>, damaged: Damaged) -> (Outcome, Arc<Damaged>) {
    const TICK: Duration = Duration::from_millis(100);
    let (damaged, step) = (Arc::new(damaged), Arc::new(AtomicU8::new(0)));
    let (send, receive) = channel();
    let (for_store, for_damaged, for_step) = (store.clone(), damaged.clone(), step.clone());
    std::thread::spawn(move || {
        let _ = send.send(judge(&for_store, &for_damaged, &for_step));
    });
    let mut waited = Duration::ZERO;
    while waited < DEADLINE {
        match receive.recv_timeout(TICK) {
            Ok(outcome) => return (outcome, damaged),
            Err(RecvTimeoutError::Timeout) => waited += TICK,
            Err(RecvTimeoutError::Disconnected) => {
                return (Outcome { crashes: vec!["comparison".to_owned()], ..Outcome::default() }, damaged);
            }
        }
    }
    let step = STEPS[usize::from(step.load(Ordering::Relaxed)) % STEPS.len()];
    (Outcome { hang: Some(step), ..Outcome::default() }, damaged)
}
