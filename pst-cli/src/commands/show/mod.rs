//! `pst show`: one message as a person reads it, its properties, or a part of it.

mod message;
mod parts;
mod props;
mod strip;

use std::path::{Path, PathBuf};

use anyhow::Context;
use pst_core::Pst;
use pst_core::messaging::{Attachment, Message};
use pst_core::ndb::{Nid, NidType};

use crate::args::{Global, at_least_one};
use crate::exit::{Exit, Failure};
use crate::folders::parse_nid;

/// Show a message as a person reads it, its properties, or a part of it
///
/// Without options: sender, recipients, date, subject, attachments, and the body as plain text. Of an HTML body the tags
/// are left out. What a terminal would obey in a mail is written as \u{1b} and the like.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("part").args(["attachment", "headers", "rtf", "html"]))]
pub(crate) struct Show {
    /// The file
    file: PathBuf,
    /// The message: a node id such as 0x200024, as `pst ls` gives it. With --props also a folder, or 0x21, the store
    #[arg(value_parser = node)]
    node: Nid,
    /// List every property with its tag, name, type and value
    #[arg(long)]
    props: bool,
    /// With --props: write long values in full
    #[arg(long, requires = "props")]
    full: bool,
    /// Show the message that is attachment N; repeat it to go deeper
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    embedded: Vec<usize>,
    /// Write the bytes of attachment N, counted as they are listed, to standard output; with --props its properties
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    attachment: Option<usize>,
    /// Write the headers the mail came with
    #[arg(long, conflicts_with = "props")]
    headers: bool,
    /// Write the RTF body, decompressed
    #[arg(long, conflicts_with = "props")]
    rtf: bool,
    /// Write the HTML body as it is stored
    #[arg(long, conflicts_with = "props")]
    html: bool,
    /// Write an attachment to the terminal all the same
    #[arg(long)]
    force: bool,
    /// Write one JSON object, `{"schema": "pst-show/1", ...}`
    #[arg(long, conflicts_with = "part")]
    json: bool,
}

fn node(text: &str) -> Result<Nid, String> {
    parse_nid(text).ok_or_else(|| "not a node id; they look like 0x200024".to_owned())
}

/// Runs the command.
pub(crate) fn run(args: &Show, global: &Global) -> anyhow::Result<Exit> {
    let pst = global.open(&args.file)?;
    let request = Request { args, pst: &pst };
    let out = global.stdout();
    let is_message = matches!(args.node.kind(), NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE);
    if !is_message {
        return request.other_node(out);
    }
    let message = request.message()?;
    if let Some(number) = args.attachment {
        let attachment = request.attachment(&message, number)?;
        if args.props {
            let properties = attachment.properties().map_err(|error| request.unread(&error))?;
            return props::write_one(&request, "attachment", attachment.id(), properties, out);
        }
        return parts::attachment(&request, &attachment, number, out);
    }
    if args.props {
        return props::write_message(&request, &message, out);
    }
    if args.headers {
        return parts::headers(&request, &message, out);
    }
    if args.rtf {
        return parts::rtf(&request, &message, out);
    }
    if args.html {
        return parts::html(&request, &message, out);
    }
    message::write(&request, &message, out)
}

/// The arguments and the open file.
struct Request<'a> {
    args: &'a Show,
    pst: &'a Pst,
}

impl Request<'_> {
    fn file(&self) -> &Path {
        &self.args.file
    }

    /// An error about something in the file.
    fn unread(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::unread(&self.args.file, error)
    }

    /// The message asked for, or the one embedded in it.
    fn message(&self) -> anyhow::Result<Message> {
        let mut message = self.pst.message(self.args.node).map_err(|error| self.unread(&error))?;
        for number in &self.args.embedded {
            let attachment = self.attachment(&message, *number)?;
            let embedded = attachment.message().map_err(|error| self.unread(&error))?;
            message = embedded.with_context(|| {
                format!("{}: attachment {number} is not a message; use --attachment {number}", self.file().display())
            })?;
        }
        Ok(message)
    }

    fn attachment(&self, message: &Message, number: usize) -> anyhow::Result<Attachment> {
        let found = message.attachments().nth(number.saturating_sub(1));
        let found = found.transpose().map_err(|error| self.unread(&error))?;
        found.with_context(|| format!("{}: the message has no attachment {number}", self.file().display()))
    }

    /// The properties of a folder, the store, or any other node that has some.
    fn other_node(&self, out: crate::output::Output) -> anyhow::Result<Exit> {
        let nid = self.args.node;
        if !self.args.props || self.args.attachment.is_some() || !self.args.embedded.is_empty() {
            let hint = match nid.kind() {
                NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER => "; list it with `pst ls`, or show its --props",
                _ => "; show its --props",
            };
            return Err(Failure::usage(format!("{nid} is not a message but: {}{hint}", nid.kind())).into());
        }
        let node = self.pst.node(nid).map_err(|error| self.unread(&error))?;
        let node = node.with_context(|| format!("{}: there is no node {nid}", self.file().display()))?;
        let properties = pst_core::ltp::PropertyContext::open(&node).map_err(|error| self.unread(&error))?;
        props::write_one(self, "node", nid, &properties, out)
    }
}
