//! The numbers of a campaign.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::judge::{Messages, Outcome};
use super::kinds::Kind;
use super::stores::Store;

/// Lines kept of one sort.
const KEPT: usize = 200;
const SHOWN: usize = 12;

#[derive(Debug, Default)]
struct Row {
    files: usize,
    crashes: usize,
    hangs: usize,
    hits: usize,
    /// Files that were hit and of which the check without contents, and the one with contents, said nothing new.
    missed: [usize; 2],
    messages: Messages,
    false_ones: usize,
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.crashes += other.crashes;
        self.hangs += other.hangs;
        self.hits += other.hits;
        self.missed = [self.missed[0] + other.missed[0], self.missed[1] + other.missed[1]];
        self.false_ones += other.false_ones;
        let (sum, one) = (&mut self.messages, &other.messages);
        sum.unhit += one.unhit;
        sum.whole += one.whole;
        sum.in_place += one.in_place;
        sum.hit += one.hit;
        sum.hit_whole += one.hit_whole;
        sum.with_losses += one.with_losses;
        sum.named += one.named;
        sum.older += one.older;
        sum.extra += one.extra;
    }

    /// Percent of the messages that were not hit.
    fn recovered(&self) -> f64 {
        let share = self.messages.whole as f64 / self.messages.unhit as f64;
        if self.messages.unhit == 0 { 100.0 } else { share * 100.0 }
    }

    fn to_json(&self) -> Value {
        let messages = &self.messages;
        json!({
            "files": self.files,
            "crashes": self.crashes,
            "hangs": self.hangs,
            "hits": self.hits,
            "missed_by_quick_check": self.missed[0],
            "missed_by_full_check": self.missed[1],
            "messages_not_hit": messages.unhit,
            "recovered_whole": messages.whole,
            "recovered_percent": self.recovered(),
            "in_their_folder": messages.in_place,
            "messages_hit": messages.hit,
            "hit_and_whole": messages.hit_whole,
            "hit_with_losses_told": messages.with_losses,
            "hit_and_gone_named": messages.named,
            "other_state_told": messages.older,
            "given_up_ones_told": messages.extra,
            "false_recoveries": self.false_ones,
        })
    }
}

/// What is to be looked into.
#[derive(Debug, Default)]
struct Lines(Vec<String>, usize);

impl Lines {
    fn push(&mut self, line: String) {
        self.1 += 1;
        if self.0.len() < KEPT {
            self.0.push(line);
        }
    }

    fn print(&self, title: &str) {
        if self.1 > 0 {
            println!("{title}: {}", self.1);
            self.0.iter().take(SHOWN).for_each(|line| println!("    {line}"));
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: BTreeMap<Kind, Row>,
    broken: Lines,
    missed: Lines,
    false_ones: Lines,
    losses: Lines,
}

impl Tally {
    pub(super) fn add(&mut self, number: u64, kind: Kind, store: &Store, what: &str, outcome: &Outcome) {
        let place = format!("{number}: {}, {} {what}", store.name, kind.name());
        for step in &outcome.crashes {
            self.broken.push(format!("{place}: panic in the {step}"));
        }
        if let Some(step) = outcome.hang {
            self.broken.push(format!("{place}: hang in the {step}"));
        }
        for (missed, check) in outcome.missed.iter().zip(["quick", "full"]) {
            if let Some(missed) = missed {
                self.missed.push(format!("{place}: {check}: {missed}"));
            }
        }
        for line in &outcome.false_ones {
            self.false_ones.push(format!("{place}: {line}"));
        }
        if let Some(first) = outcome.losses.first() {
            self.losses.push(format!("{place}: {} of {}: {first}", outcome.losses.len(), outcome.messages.unhit));
        }
        self.rows.entry(kind).or_default().add(&Row {
            files: 1,
            crashes: outcome.crashes.len(),
            hangs: usize::from(outcome.hang.is_some()),
            hits: usize::from(outcome.is_hit),
            missed: [0, 1].map(|check: usize| usize::from(outcome.missed[check].is_some())),
            messages: outcome.messages.clone(),
            false_ones: outcome.false_ones.len(),
        });
    }

    fn sum(&self) -> Row {
        let mut sum = Row::default();
        self.rows.values().for_each(|row| sum.add(row));
        sum
    }

    pub(super) fn files(&self) -> usize {
        self.sum().files
    }

    pub(super) fn print(&self) {
        println!(
            "{:25} {:>6} {:>5} {:>5} {:>6} {:>7} {:>8} {:>8} {:>7} {:>8} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6}",
            "damage",
            "files",
            "crash",
            "hang",
            "hit",
            "missed",
            "not hit",
            "whole",
            "%",
            "in place",
            "hit",
            "whole",
            "losses",
            "named",
            "older",
            "false"
        );
        let sum = self.sum();
        for (name, row) in self.rows.iter().map(|(kind, row)| (kind.name(), row)).chain([("all", &sum)]) {
            let of = &row.messages;
            println!(
                "{name:25} {:>6} {:>5} {:>5} {:>6} {:>7} {:>8} {:>8} {:>7.2} {:>8} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6}",
                row.files,
                row.crashes,
                row.hangs,
                row.hits,
                format!("{}/{}", row.missed[0], row.missed[1]),
                of.unhit,
                of.whole,
                row.recovered(),
                of.in_place,
                of.hit,
                of.hit_whole,
                of.with_losses,
                of.named,
                of.older,
                row.false_ones
            );
        }
        self.broken.print("Crashes and hangs");
        self.missed.print("Hits without a finding");
        self.false_ones.print("False recoveries");
        self.losses.print("Files with messages that were not hit and did not come back");
    }

    pub(super) fn to_json(&self, seed: u64) -> Value {
        let rows: serde_json::Map<String, Value> =
            self.rows.iter().map(|(kind, row)| (kind.name().to_owned(), row.to_json())).collect();
        json!({
            "seed": seed,
            "kinds": rows,
            "all": self.sum().to_json(),
            "crashes_and_hangs": self.broken.0,
            "hits_without_finding": self.missed.0,
            "false_recoveries": self.false_ones.0,
            "losses": self.losses.0,
        })
    }

    /// Fails if the campaign shows less than is promised.
    pub(super) fn check(&self) -> Result<()> {
        let sum = self.sum();
        let mut broken = Vec::new();
        if sum.crashes + sum.hangs > 0 {
            broken.push(format!("{} crashes, {} hangs", sum.crashes, sum.hangs));
        }
        if sum.missed[0] > 0 {
            broken.push(format!("{} of {} hits without a finding", sum.missed[0], sum.hits));
        }
        if sum.false_ones > 0 {
            broken.push(format!("{} false recoveries", sum.false_ones));
        }
        for (name, row) in self.rows.iter().map(|(kind, row)| (kind.name(), row)).chain([("all", &sum)]) {
            if name == "all" && row.recovered() < 99.5 {
                broken.push(format!("{name}: {:.2} % of messages recovered", row.recovered()));
            }
        }
        if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join("; ")) }
    }
}
