//! One mail, several reports: the reports put together.
//!
//! A server splits what it journals: where it expands a list, where recipients are more than it handles at once, where some
//! of them are elsewhere, where several rules or systems journal. The parts tell of the same mail and of different
//! recipients. **What comes out does not depend on the order in which they come in**: everything is a union of sets.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::envelope::bare_message_id;
use crate::journal::{Envelope, JournalRecipient, JournalRole, Party, Redirection};

/// A digest of the bytes of an original, such as SHA-256. The caller makes it.
pub type Digest = [u8; 32];

/// What makes two originals the same: Message-ID and bytes. Without Message-ID the bytes alone.
///
/// **The bytes count**: systems that change a mail on its way leave the Message-ID as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MergeKey {
    /// The Message-ID of the original, without brackets.
    pub message_id: Option<String>,
    /// The digest of its bytes.
    pub digest: Digest,
}

impl MergeKey {
    /// The key of an original.
    pub fn new(message_id: Option<&str>, digest: Digest) -> Self {
        Self { message_id: message_id.and_then(bare_message_id).map(str::to_owned), digest }
    }
}

/// A recipient, as all reports together tell of him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedRecipient {
    /// The address, or the name of one without; of several spellings the first in order.
    pub address: String,
    /// The names the reports give.
    pub names: BTreeSet<String>,
    /// The role that says most: To, Cc, Bcc, Recipient.
    pub role: JournalRole,
    /// Whom the mail was addressed to, if not to him.
    pub via: BTreeSet<Redirection>,
    /// The reports that name him.
    pub reports: BTreeSet<u64>,
}

/// The envelopes of one original.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergedEnvelope {
    /// Who sent it. More than one is a contradiction between reports.
    pub senders: BTreeSet<Party>,
    /// Whom it was sent for.
    pub on_behalf_of: BTreeSet<Party>,
    /// The subjects.
    pub subjects: BTreeSet<String>,
    /// The labels.
    pub labels: BTreeSet<String>,
    /// The mailboxes it was found in.
    pub mailboxes: BTreeSet<Party>,
    /// When it was sent, as the reports write it.
    pub sent: BTreeSet<String>,
    /// When it was received, as the reports write it.
    pub received: BTreeSet<String>,
    /// The fields nobody knows, by name.
    pub extras: BTreeSet<(String, String)>,
    /// Recipients by the spelling under which two are the same: the address in lower case.
    pub recipients: BTreeMap<String, MergedRecipient>,
    /// The reports that were put together.
    pub reports: BTreeSet<u64>,
}

impl MergedEnvelope {
    /// Puts a report to the others. `report` is any number that is the report's own; the same report twice is one.
    pub fn add(&mut self, report: u64, envelope: &Envelope) {
        let Envelope { sender, on_behalf_of, subject, label, mailbox, sent, received, recipients, extras, .. } =
            envelope;
        self.reports.insert(report);
        self.senders.extend(sender.clone());
        self.on_behalf_of.extend(on_behalf_of.clone());
        self.subjects.extend(subject.clone());
        self.labels.extend(label.clone());
        self.mailboxes.extend(mailbox.clone());
        self.sent.extend(sent.clone());
        self.received.extend(received.clone());
        self.extras.extend(extras.iter().map(|extra| (extra.name.clone(), extra.value.clone())));
        recipients.iter().for_each(|recipient| self.recipient(report, recipient));
    }

    fn recipient(&mut self, report: u64, recipient: &JournalRecipient) {
        let JournalRecipient { role, party, via } = recipient;
        let Some(address) = party.address.as_ref().or(party.name.as_ref()) else { return };
        self.put(
            address.to_lowercase(),
            MergedRecipient {
                address: address.clone(),
                names: party.name.iter().cloned().collect(),
                role: *role,
                via: via.iter().cloned().collect(),
                reports: BTreeSet::from([report]),
            },
        );
    }

    fn put(&mut self, key: String, new: MergedRecipient) {
        match self.recipients.get_mut(&key) {
            None => {
                self.recipients.insert(key, new);
            }
            Some(old) => {
                old.role = old.role.min(new.role);
                old.names.extend(new.names);
                old.via.extend(new.via);
                old.reports.extend(new.reports);
                if new.address < old.address {
                    old.address = new.address;
                }
            }
        }
    }

    /// Puts what others put together to this.
    pub fn merge(&mut self, other: Self) {
        self.reports.extend(other.reports);
        self.senders.extend(other.senders);
        self.on_behalf_of.extend(other.on_behalf_of);
        self.subjects.extend(other.subjects);
        self.labels.extend(other.labels);
        self.mailboxes.extend(other.mailboxes);
        self.sent.extend(other.sent);
        self.received.extend(other.received);
        self.extras.extend(other.extras);
        for (key, recipient) in other.recipients {
            self.put(key, recipient);
        }
    }
}

/// An original, with what all its reports tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Which original.
    pub key: MergeKey,
    /// What the reports tell.
    pub envelope: MergedEnvelope,
    /// Of originals with one Message-ID and different bytes, all but the first in order of their digests name the first.
    /// They are linked and never one.
    pub variant_of: Option<Digest>,
}

/// Puts reports together by their originals.
///
/// It holds all envelopes it was given; one who has more than fit gives it the reports of one Message-ID at a time.
#[derive(Clone, Debug, Default)]
pub struct Merger {
    merged: BTreeMap<MergeKey, MergedEnvelope>,
}

impl Merger {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts in a report on an original. `report` is any number that is the report's own.
    pub fn add(&mut self, report: u64, original: MergeKey, envelope: &Envelope) {
        self.merged.entry(original).or_default().add(report, envelope);
    }

    /// Puts in what another one has.
    pub fn merge(&mut self, other: Self) {
        for (key, envelope) in other.merged {
            self.merged.entry(key).or_default().merge(envelope);
        }
    }

    /// The originals in the order of their keys.
    pub fn finish(self) -> Vec<Merged> {
        let mut first: Option<MergeKey> = None;
        let link = |(key, envelope): (MergeKey, MergedEnvelope)| {
            let same = first.as_ref().filter(|first| key.message_id.is_some() && first.message_id == key.message_id);
            let variant_of = same.map(|first| first.digest);
            if variant_of.is_none() {
                first = Some(key.clone());
            }
            Merged { key, envelope, variant_of }
        };
        self.merged.into_iter().map(link).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn envelope(recipients: &str) -> Envelope {
        Envelope::parse(&format!("Sender: s@x.example\nSubject: x\nMessage-ID: <1>\n{recipients}"))
    }

    #[test]
    fn parts_of_one_mail_become_one() {
        let mut merger = Merger::new();
        let key = MergeKey::new(Some(" <1@x.example> "), [1; 32]);
        assert_eq!(key, MergeKey::new(Some("1@x.example"), [1; 32]));
        merger.add(10, key.clone(), &envelope("Recipient: A@x.example\nCc: b@x.example, Expanded: l@x.example\n"));
        merger.add(11, key.clone(), &envelope("To: a@x.example\nCc: B@x.example, Expanded: m@x.example\n"));
        let merged = merger.finish();
        assert_eq!(merged.len(), 1);
        let envelope = &merged[0].envelope;
        assert_eq!(envelope.reports, BTreeSet::from([10, 11]));
        let [a, b] = [&envelope.recipients["a@x.example"], &envelope.recipients["b@x.example"]];
        assert_eq!((a.role, a.address.as_str(), a.reports.len()), (JournalRole::To, "A@x.example", 2));
        assert_eq!((b.role, b.via.len()), (JournalRole::Cc, 2));
        assert_eq!(envelope.recipients.len(), 2);
    }

    #[test]
    fn other_bytes_are_another_mail() {
        let mut merger = Merger::new();
        for (id, digest) in
            [(Some("<1>"), 2), (Some("<1>"), 1), (Some("<1>"), 3), (None, 1), (Some("<>"), 2), (Some("<2>"), 1)]
        {
            merger.add(0, MergeKey::new(id, [digest; 32]), &envelope("To: a@x.example\n"));
        }
        let found: Vec<_> = merger
            .finish()
            .into_iter()
            .map(|merged| (merged.key.message_id, merged.key.digest[0], merged.variant_of.map(|digest| digest[0])))
            .collect();
        let id = |id: &str| Some(id.to_owned());
        let expected = [
            (None, 1, None),
            (None, 2, None),
            (id("1"), 1, None),
            (id("1"), 2, Some(1)),
            (id("1"), 3, Some(1)),
            (id("2"), 1, None),
        ];
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn neither_order_nor_partition_matters(
            reports in prop::collection::vec(
                (0u64..6, prop::option::of(0u8..3), 0u8..3, prop::collection::vec((0usize..4, 0usize..4, any::<bool>()), 0..4)),
                0..10,
            ),
            cut in 0usize..10,
            seed in any::<u64>(),
        ) {
            let roles = ["To", "Cc", "Bcc", "Recipient"];
            let people = ["a@x.example", "A@x.example", "b@x.example", "[EX:/o=c]"];
            let read = |lines: &Vec<(usize, usize, bool)>| {
                let lines = lines.iter().map(|(role, who, list)| {
                    let via = if *list { ", Expanded: l@x.example" } else { "" };
                    format!("{}: {}{via}\n", roles[*role], people[*who])
                });
                envelope(&lines.collect::<String>())
            };
            let key = |id: &Option<u8>, digest: &u8| MergeKey::new(id.map(|id| id.to_string()).as_deref(), [*digest; 32]);
            let mut straight = Merger::new();
            for (report, id, digest, lines) in &reports {
                straight.add(*report, key(id, digest), &read(lines));
            }
            let mut shuffled: Vec<_> = reports.iter().enumerate().collect();
            shuffled.sort_by_key(|(at, _)| (*at as u64).wrapping_add(1).wrapping_mul(seed | 1));
            let (mut one, mut two) = (Merger::new(), Merger::new());
            for (at, (_, (report, id, digest, lines))) in shuffled.into_iter().enumerate() {
                let merger = if at < cut { &mut one } else { &mut two };
                merger.add(*report, key(id, digest), &read(lines));
            }
            two.merge(one);
            prop_assert_eq!(two.finish(), straight.finish());
        }
    }
}
