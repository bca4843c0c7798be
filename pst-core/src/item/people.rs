//! The people of an item, each with what is known of the SMTP address.

use crate::address::{self, AddressFacts, AddressLookup, AddressRole, Resolved, resolve};
use crate::item::{Item, Source, transport_mail};
use crate::messaging::{self, Message, RecipientKind};
use crate::mime::{Mail, Mailbox};
use crate::{Error, ErrorKind, Result, bytes};

/// What somebody is to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// To.
    To,
    /// Cc.
    Cc,
    /// Bcc.
    Bcc,
    /// Where answers go.
    ReplyTo,
    /// The sender, among the recipients of some meeting messages in a store.
    Originator,
    /// Any other PidTagRecipientType.
    Other(i32),
}

impl Role {
    /// The stable name, in small letters: `reply-to`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::To => "to",
            Self::Cc => "cc",
            Self::Bcc => "bcc",
            Self::ReplyTo => "reply-to",
            Self::Originator => "originator",
            Self::Other(_) => "other",
        }
    }

    const fn of(kind: RecipientKind) -> Self {
        match kind {
            RecipientKind::Originator => Self::Originator,
            RecipientKind::To => Self::To,
            RecipientKind::Cc => Self::Cc,
            RecipientKind::Bcc => Self::Bcc,
            RecipientKind::Other(number) => Self::Other(number),
        }
    }
}

/// Somebody an item is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRecipient {
    /// What he is to the item.
    pub role: Role,
    /// Who.
    pub who: Resolved,
    /// The group that a header names him in. **A group without members, such as `undisclosed-recipients:;`, gives one
    /// entry of nobody.**
    pub group: Option<String>,
}

impl ItemRecipient {
    /// True for the entry of a group without members.
    pub fn is_nobody(&self) -> bool {
        self.group.is_some() && self.who.name.is_none() && self.who.stored.is_none()
    }

    fn of_mailbox(mailbox: Mailbox, role: Role, lookup: &dyn AddressLookup) -> Self {
        Self { role, who: of_mailbox(&mailbox, lookup), group: mailbox.group }
    }
}

/// The people an item is for: To, Cc and Bcc of a mail in this order; the rows of a message in a store in theirs. One error
/// per unreadable row, and the walk goes on.
#[derive(Debug)]
pub struct ItemRecipients<'m>(Walk<'m>);

enum Walk<'m> {
    Rows { rows: Box<messaging::Recipients>, lookup: &'m (dyn AddressLookup + Sync) },
    List(std::vec::IntoIter<ItemRecipient>),
}

impl std::fmt::Debug for Walk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows { rows, .. } => f.debug_tuple("Rows").field(rows).finish(),
            Self::List(list) => f.debug_tuple("List").field(list).finish(),
        }
    }
}

impl Iterator for ItemRecipients<'_> {
    type Item = Result<ItemRecipient>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Rows { rows, lookup } => Some(rows.next()?.map(|row| ItemRecipient {
                role: Role::of(row.kind()),
                who: address::of_recipient(&row, *lookup),
                group: None,
            })),
            Walk::List(list) => list.next().map(Ok),
        }
    }
}

impl<'m> Item<'m> {
    /// Who sent it: the Sender header, else the first of From; PidTagSender and its like, else
    /// [`representing`](Self::representing). `None` if nobody is named.
    ///
    /// # Errors
    /// Those of the node. A property that cannot be read is listed in the result.
    pub fn sender(&self) -> Result<Option<Resolved>> {
        match self.source {
            Source::Mail(mail) => Ok(self.first(mail.sender()).or_else(|| self.first(mail.from()))),
            Source::Message(message) => self.stored(message, [AddressRole::Sender, AddressRole::SentRepresenting]),
        }
    }

    /// On whose behalf it was sent: the first of From; PidTagSentRepresenting and its like. Without them, the sender: he
    /// sent it for himself. `None` if nobody is named.
    ///
    /// # Errors
    /// Those of the node. A property that cannot be read is listed in the result.
    pub fn representing(&self) -> Result<Option<Resolved>> {
        match self.source {
            Source::Mail(mail) => Ok(self.first(mail.from()).or_else(|| self.first(mail.sender()))),
            Source::Message(message) => self.stored(message, [AddressRole::SentRepresenting, AddressRole::Sender]),
        }
    }

    /// The authors that the From header names behind the first, which a store has no place for.
    pub fn more_authors(&self) -> Vec<Resolved> {
        let Source::Mail(mail) = self.source else { return Vec::new() };
        mail.from().iter().filter(|one| !is_group(one)).skip(1).map(|one| of_mailbox(one, self.lookup)).collect()
    }

    /// The people it is for: To, Cc, Bcc.
    pub fn recipients(&self) -> ItemRecipients<'m> {
        ItemRecipients(match self.source {
            Source::Message(message) => Walk::Rows { rows: Box::new(message.recipients()), lookup: self.lookup },
            Source::Mail(mail) => {
                let of_role = |(mailboxes, role): (Vec<Mailbox>, Role)| {
                    mailboxes.into_iter().map(move |one| ItemRecipient::of_mailbox(one, role, self.lookup))
                };
                let lists = [(mail.to(), Role::To), (mail.cc(), Role::Cc), (mail.bcc(), Role::Bcc)];
                Walk::List(lists.into_iter().flat_map(of_role).collect::<Vec<_>>().into_iter())
            }
        })
    }

    /// Where answers go: the Reply-To header; PidTagReplyRecipientEntries, else the header among the transport headers.
    /// Empty if the item does not say.
    ///
    /// # Errors
    /// Those of the properties; `Limit` if the list has more than 100,000 entries.
    pub fn reply_to(&self) -> Result<Vec<ItemRecipient>> {
        let of_mail = |mail: &Mail<'_>| {
            let mailboxes = mail.reply_to().into_iter();
            mailboxes.map(|one| ItemRecipient::of_mailbox(one, Role::ReplyTo, self.lookup)).collect::<Vec<_>>()
        };
        match self.source {
            Source::Mail(mail) => Ok(of_mail(mail)),
            Source::Message(message) => {
                let entries = self.reply_entries(message)?;
                if !entries.is_empty() {
                    return Ok(entries);
                }
                Ok(transport_mail(message, of_mail)?.unwrap_or_default())
            }
        }
    }

    fn reply_entries(&self, message: &Message) -> Result<Vec<ItemRecipient>> {
        let properties = message.properties()?;
        let Some(list) = properties.binary(REPLY_RECIPIENT_ENTRIES)? else { return Ok(Vec::new()) };
        let code_page = Some(properties.code_page().page);
        let person = |entry_id| {
            let who =
                resolve(&AddressFacts { entry_id: Some(entry_id), code_page, ..AddressFacts::default() }, self.lookup);
            ItemRecipient { role: Role::ReplyTo, who, group: None }
        };
        if flat_entries(&list).nth(MOST_REPLY_TO).is_some() {
            let text = format!("more than {MOST_REPLY_TO} entries");
            return Err(Error::text(ErrorKind::Limit, "PidTagReplyRecipientEntries", text));
        }
        Ok(flat_entries(&list).map(person).collect())
    }

    fn first(&self, mailboxes: Vec<Mailbox>) -> Option<Resolved> {
        mailboxes.iter().find(|one| !is_group(one)).map(|one| of_mailbox(one, self.lookup))
    }

    fn stored(&self, message: &Message, roles: [AddressRole; 2]) -> Result<Option<Resolved>> {
        for role in roles {
            if let Some(found) = address::of_role(message, role, self.lookup)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

const REPLY_RECIPIENT_ENTRIES: u16 = 0x004F;

/// People that answers go to. The smallest entry becomes thirty times its size.
const MOST_REPLY_TO: usize = 100_000;

/// The entry ids of a FLATENTRYLIST (MS-OXCDATA 2.3.3): count and size, then each with its size and padded to four bytes.
/// What ends early gives those before.
fn flat_entries(stored: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 8usize;
    std::iter::from_fn(move || {
        let size = usize::try_from(bytes::u32(stored, at)?).ok()?;
        let entry = bytes::slice(stored, at.checked_add(4)?, size).filter(|entry| !entry.is_empty())?;
        at = at.checked_add(4)?.checked_add(size.checked_next_multiple_of(4)?)?;
        Some(entry)
    })
}

/// A group without members.
fn is_group(mailbox: &Mailbox) -> bool {
    mailbox.name.is_none() && mailbox.address.is_none()
}

/// Somebody a header names. Addresses of headers are of the type SMTP, whatever they look like.
fn of_mailbox(mailbox: &Mailbox, lookup: &dyn AddressLookup) -> Resolved {
    let facts = AddressFacts {
        name: mailbox.name.as_deref(),
        address_type: mailbox.address.as_ref().map(|_| "SMTP"),
        address: mailbox.address.as_deref(),
        ..AddressFacts::default()
    };
    resolve(&facts, lookup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{AddressSource, Unresolved};

    fn smtp(who: &Resolved) -> Option<(&str, AddressSource)> {
        who.smtp.as_ref().map(|found| (found.address.as_str(), found.source))
    }

    #[test]
    fn the_people_of_a_mail() {
        let mail = Mail::parse(
            b"From: \"Boss\" <boss@x.example>, cfo@x.example\r\nSender: Secretary <sec@x.example>\r\n\
              To: Ann <ann@x.example>, Team: bob@x.example;\r\nCc: Nobody Known\r\n\
              Bcc: undisclosed-recipients:;\r\nReply-To: desk@x.example\r\n\r\n",
        );
        let item = Item::of_mail(&mail);
        let sender = item.sender().unwrap().unwrap();
        assert_eq!(
            (sender.name.as_deref(), smtp(&sender)),
            (Some("Secretary"), Some(("sec@x.example", AddressSource::Address)))
        );
        assert_eq!(smtp(&item.representing().unwrap().unwrap()), Some(("boss@x.example", AddressSource::Address)));
        assert_eq!(
            item.more_authors().iter().map(smtp).collect::<Vec<_>>(),
            [Some(("cfo@x.example", AddressSource::Address))]
        );
        let recipients: Vec<_> = item.recipients().map(Result::unwrap).collect();
        let short =
            |one: &ItemRecipient| (one.role, smtp(&one.who).map(|(address, _)| address.to_owned()), one.who.unresolved);
        assert_eq!(
            recipients.iter().map(short).collect::<Vec<_>>(),
            [
                (Role::To, Some("ann@x.example".to_owned()), None),
                (Role::To, Some("bob@x.example".to_owned()), None),
                (Role::Cc, None, Some(Unresolved::NameOnly)),
                (Role::Bcc, None, Some(Unresolved::NameOnly)),
            ]
        );
        assert_eq!(recipients[1].group.as_deref(), Some("Team"));
        assert!(recipients[3].is_nobody() && !recipients[1].is_nobody() && !recipients[2].is_nobody());
        let reply = item.reply_to().unwrap();
        assert_eq!((reply.len(), smtp(&reply[0].who).map(|found| found.0)), (1, Some("desk@x.example")));
    }

    #[test]
    fn who_sends_for_himself_is_both() {
        let mail = Mail::parse(b"From: ann@x.example\r\n\r\n");
        let item = Item::of_mail(&mail);
        assert_eq!(item.sender().unwrap(), item.representing().unwrap());
        assert!(item.more_authors().is_empty());
        let mail = Mail::parse(b"Subject: x\r\n\r\n");
        assert_eq!(Item::of_mail(&mail).sender().unwrap(), None);
    }

    #[test]
    fn a_list_without_end_is_refused() {
        use crate::ndb::CryptMethod;
        use crate::write::{MessageDraft, PstWriter, WriteOptions};
        let refused = |entries: usize| {
            let mut out = PstWriter::in_memory(WriteOptions::new().crypt(CryptMethod::None)).unwrap();
            let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
            let mut draft = MessageDraft::new("IPM.Note");
            let list = [vec![0; 8], [1, 0, 0, 0, 7, 0, 0, 0].repeat(entries)].concat();
            draft.properties().binary(REPLY_RECIPIENT_ENTRIES, list);
            let nid = out.message(folder, draft).unwrap();
            let pst = crate::Pst::from_bytes(out.finish().unwrap()).unwrap();
            let message = pst.message(nid).unwrap();
            Item::of_message(&message).reply_to().map(|all| all.len()).map_err(|error| error.kind())
        };
        assert_eq!(refused(2), Ok(2));
        assert_eq!(refused(MOST_REPLY_TO + 1), Err(ErrorKind::Limit));
    }

    #[test]
    fn flat_lists_end_where_they_break() {
        let list = |sizes: &[u32], bytes: &[u8]| {
            let mut out = vec![2, 0, 0, 0, 0, 0, 0, 0];
            for size in sizes {
                out.extend(size.to_le_bytes());
                out.extend(bytes);
            }
            out
        };
        let two = list(&[5, 5], b"entry\0\0\0");
        assert_eq!(flat_entries(&two).collect::<Vec<_>>(), [b"entry", b"entry"]);
        assert_eq!(flat_entries(&list(&[5, 900], b"entry\0\0\0")).count(), 1);
        assert_eq!(flat_entries(&list(&[u32::MAX], b"entry")).count(), 0);
        assert_eq!(flat_entries(&list(&[0, 0], b"")).count(), 0);
        assert_eq!(flat_entries(b"").count(), 0);
    }
}
