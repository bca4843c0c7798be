//! `pst journal`: what journal reports say, as JSON.

mod record;

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use pst_core::item::AnyMessage;
use pst_core::journal::{self, JournalReader};
use pst_core::rtf;
use pst_migrate::input::{Found, Input, Seen};

use crate::args::Global;
use crate::exit::Exit;
use crate::output::{Output, escape_line, stderr_line};
use record::{Line, Record};

/// Take journal reports apart and write what they say as JSON
///
/// Reads stores, single mails, mboxes, maildirs and ZIP archives, and directories of them. Each item is one object on a line
/// of its own, in the shape `journal-truth/1`: place and file, whether it is a journal report, who sent the mail inside to
/// whom, and where that is, with its SHA-256. `kind` is `ordinary`, `journal-report`, `journal-suspect`, `journal-ndr` (a
/// report that could not be delivered), `too-deep` or `unreadable`. Reports in reports stand in `report` of the original.
#[derive(Debug, clap::Args)]
pub(crate) struct Journal {
    /// Files and directories
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Leave out ordinary items
    #[arg(long)]
    reports: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Journal, global: &Global) -> anyhow::Result<Exit> {
    let mut out = global.stdout();
    let mut unreadable = false;
    let mut result = Ok(());
    let input = Input::new().open_options(global.open_options());
    let summary = input.read(&args.paths, &mut |seen| {
        result = match seen {
            Seen::Item(found) => write_item(&found, args.reports, &mut out, &mut unreadable),
            Seen::Skipped(skipped) => {
                if skipped.reason.may_hide_mail() {
                    let detail =
                        if skipped.detail.is_empty() { String::new() } else { format!(" ({})", skipped.detail) };
                    tell(&format!("{}: left out: {}{detail}", skipped.place, skipped.reason));
                }
                Ok(())
            }
            Seen::Failed(failed) => {
                tell(&format!("{}: {}", failed.place, failed.error));
                Ok(())
            }
        };
        if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    result?;
    out.finish()?;
    if summary.items == 0 {
        if summary.failures() == 0 {
            tell("no item was found");
        }
        if summary.stores == 0 {
            return Ok(Exit::Unopened);
        }
    }
    Ok(Exit::from_findings(unreadable || summary.failures() > 0 || summary.may_hide_mail() > 0))
}

fn tell(text: &str) {
    stderr_line(&format!("pst: {}", escape_line(text)));
}

fn write_item(found: &Found<'_>, reports: bool, out: &mut Output, unreadable: &mut bool) -> anyhow::Result<()> {
    let record = match &found.message {
        AnyMessage::Mail(mail) => Record::of_mail(&journal::of_mail(mail), mail),
        AnyMessage::Message(message) => {
            // Without the names, the marker may still be among the headers.
            let names = found.store.and_then(|store| store.named_properties().ok());
            let reader = JournalReader::new().rtf(&text_of_rtf);
            let reader = names.as_deref().map_or(reader, |names| reader.names(names));
            match reader.read(message) {
                Ok(journal) => Record::of_stored(&journal),
                Err(error) => {
                    tell(&format!("{}: {error}", found.place));
                    *unreadable = true;
                    Record::unreadable(&error)
                }
            }
        }
    };
    if reports && record.is_ordinary() {
        return Ok(());
    }
    serde_json::to_writer(&mut *out, &Line::new(found.place, found.bytes, record))?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The text of an RTF body, for envelopes that are kept in no other form.
pub(crate) fn text_of_rtf(rtf: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    rtf::to_text(rtf, &mut text, &rtf::Options::default()).ok()?;
    String::from_utf8(text).ok()
}
