//! `pst addresses test`.

use std::io::Write;
use std::path::PathBuf;

use pst_migrate::addresses::{Estimator, Interval};
use serde_json::{Value, json};

use crate::args::Global;
use crate::exit::Exit;
use crate::output::{Style, Table, thousands};

/// Estimate from a sample how many addresses are none of the Internet
///
/// Items are sampled at random by a seed, each equally likely. Shares are given with the interval in which the truth is in 95
/// of 100 samples. What other items of the sample resolve counts as resolved.
#[derive(Debug, clap::Args)]
pub(super) struct Test {
    /// Files and directories
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How many items to look at
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    sample: u64,
    /// Choose items by this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Answers that are known already
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Write one JSON object, `{"schema": "pst-addresses-test/1", ...}`
    #[arg(long)]
    json: bool,
}

fn interval(interval: Interval) -> Value {
    json!({"share": interval.share, "low": interval.low, "high": interval.high})
}

fn percent(interval: Interval) -> [String; 2] {
    let of = |share: f64| format!("{:.1}", share * 100.0);
    [format!("{} %", of(interval.share)), format!("{} to {} %", of(interval.low), of(interval.high))]
}

/// Runs the command.
pub(super) fn run(args: &Test, global: &Global) -> anyhow::Result<Exit> {
    let map = super::map(args.map.as_ref())?;
    let mut estimator = Estimator::new(args.sample, args.seed, &map);
    let rest = super::read(&args.paths, global, &mut |found| estimator.add(found.item()));
    let estimate = estimator.finish();
    let mut out = global.stdout();
    if args.json {
        let object = json!({
            "schema": "pst-addresses-test/1",
            "seed": args.seed,
            "items": estimate.items,
            "sampled": estimate.sampled,
            "occurrences": estimate.occurrences,
            "unresolved": estimate.unresolved,
            "unresolved_distinct": estimate.unresolved_distinct,
            "by_kind": estimate.by_kind,
            "unresolved_share": interval(estimate.occurrence_share),
            "items_touched": estimate.touched,
            "items_touched_share": interval(estimate.touched_share),
            "items_of_strangers": estimate.strangers,
            "items_of_strangers_share": interval(estimate.stranger_share),
            "unreadable": estimate.unreadable,
            "complete": !rest.is_partial,
        });
        serde_json::to_writer(&mut out, &object)?;
        out.write_all(b"\n")?;
    } else {
        writeln!(
            out,
            "{} items, {} sampled, seed {}",
            thousands(estimate.items),
            thousands(estimate.sampled),
            args.seed
        )?;
        let mut table = Table::new("lrrl");
        for (what, count, share) in [
            ("addresses without SMTP form", estimate.unresolved, estimate.occurrence_share),
            ("items in which there is one", estimate.touched, estimate.touched_share),
            ("items of which nobody is known", estimate.strangers, estimate.stranger_share),
        ] {
            let [share, range] = percent(share);
            table.row(Style::Plain, [what.to_owned(), thousands(count), share, range]);
        }
        table.row(Style::Plain, ["addresses in all", &thousands(estimate.occurrences)]);
        table.row(Style::Plain, ["different ones without SMTP form", &thousands(estimate.unresolved_distinct)]);
        for (kind, count) in &estimate.by_kind {
            table.row(Style::Dim, [format!("  {kind}"), thousands(*count)]);
        }
        table.write(&mut out, "")?;
    }
    out.finish()?;
    if rest.items == 0 {
        super::tell("no item was found");
        return Ok(Exit::Unopened);
    }
    Ok(Exit::from_findings(rest.is_partial || estimate.unreadable > 0))
}
