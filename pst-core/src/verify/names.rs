//! F8: the map of named properties.

use crate::bytes;
use crate::ltp::PropertyContext;
use crate::ndb::checksum::crc;
use crate::ndb::{Nid, Node};
use crate::source::Bytes;
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

const ENTRY: usize = 8;
/// Entries there can be: one for each id from 0x8000 on.
const MAX_ENTRIES: usize = 0x8000;

fn note(severity: Severity, text: &str, field: &'static str) -> Note {
    Note::new(Rule::F8, severity, text).node(Nid::NAME_TO_ID_MAP).field("NAMEID", field)
}

/// Length of a name in the string stream and its bytes.
fn name_at(strings: &[u8], at: u32) -> Option<&[u8]> {
    let at = usize::try_from(at).ok()?;
    let length = usize::try_from(bytes::u32(strings, at)?).ok()?;
    bytes::slice(strings, at.checked_add(4)?, length)
}

impl Check<'_> {
    pub(super) fn check_names(&mut self, node: &Node) {
        let Some(checked) = self.check_properties(node) else { return };
        let map = &checked.context;
        let stream = |id: u16| map.binary(id).ok().flatten();
        for (id, name) in [(1, "bucket count"), (2, "GUID stream"), (3, "entry stream"), (4, "string stream")] {
            if let Ok(None) = map.get(id) {
                let note = note(Severity::Degraded, "a stream of the name map is missing", "");
                self.found(note.values("absent", format_args!("the {name} ({id:#06x})")));
            }
        }
        let (guids, entries, strings) = (
            stream(2).unwrap_or_else(Bytes::empty),
            stream(3).unwrap_or_else(Bytes::empty),
            stream(4).unwrap_or_else(Bytes::empty),
        );
        for (stream, unit, name) in [(&guids, 16, "GUID stream"), (&entries, ENTRY, "entry stream")] {
            if stream.len().checked_rem(unit) != Some(0) {
                let note = note(Severity::Degraded, "a stream of the name map does not hold whole entries", "");
                self.found(note.values(
                    format_args!("{} bytes in the {name}", stream.len()),
                    format_args!("a multiple of {unit}"),
                ));
            }
        }
        let buckets = map.integer(1).ok().flatten().and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
        let mut used = vec![false; MAX_ENTRIES];
        for entry in entries.chunks_exact(ENTRY) {
            if !self.pay(64) {
                return;
            }
            self.check_name(map, entry, &guids, &strings, buckets, &mut used);
        }
        let last = u16::try_from(buckets.saturating_add(0x0FFF)).unwrap_or(0x1FFF).min(0x1FFF);
        for id in 0x1000..=last {
            let Some(bucket) = stream(id) else { continue };
            if !self.pay_for(bucket.len()) {
                return;
            }
            let is_known = |record: &[u8]| {
                let index = bytes::u16(record, 6).map_or(usize::MAX, usize::from);
                used.get(index).is_some_and(|used| *used)
            };
            let strange = bucket.chunks_exact(ENTRY).filter(|record| !is_known(record)).count();
            if strange > 0 || bucket.len().checked_rem(ENTRY) != Some(0) {
                let note =
                    note(Severity::Degraded, "a bucket of the name map names what the map does not have", "wPropIdx");
                let actual = format!("{strange} such records in {} bytes of bucket {id:#06x}", bucket.len());
                self.found(note.values(actual, "records of named properties"));
            }
        }
    }

    fn check_name(
        &mut self,
        map: &PropertyContext,
        entry: &[u8],
        guids: &[u8],
        strings: &[u8],
        buckets: u32,
        used: &mut [bool],
    ) {
        let number = bytes::u32(entry, 0).unwrap_or(0);
        let [flags, index] = [4, 6].map(|at| bytes::u16(entry, at).unwrap_or(0));
        match used.get_mut(usize::from(index)) {
            None => {
                let note = note(Severity::Degraded, "a named property has an impossible id", "wPropIdx");
                self.found(note.values(format_args!("{index:#x}"), "at most 0x7fff"));
            }
            Some(used) if *used => {
                let note = note(Severity::Degraded, "two named properties have one id", "wPropIdx");
                self.found(note.values(format_args!("{index:#x} twice"), "an index of its own"));
            }
            Some(used) => *used = true,
        }
        let set = usize::from(flags >> 1);
        let sets = guids.len() >> 4;
        if set >= sets.saturating_add(3) {
            let note = note(Severity::Loss, "a named property is of a set that does not exist", "wGuid");
            self.found(note.values(set, format_args!("less than {}", sets.saturating_add(3))));
        }
        let hashed = if flags & 1 == 0 {
            number
        } else if let Some(name) = name_at(strings, number) {
            crc(name)
        } else {
            let note = note(Severity::Loss, "the name of a named property is missing", "dwPropertyID");
            return self.found(note.values(format_args!("{number:#x}"), "the place of a name in the string stream"));
        };
        let Some(bucket) = (hashed ^ u32::from(flags)).checked_rem(buckets) else { return };
        let id = u16::try_from(bucket.saturating_add(0x1000)).unwrap_or(u16::MAX);
        let wanted = [&hashed.to_le_bytes()[..], entry.get(4..8).unwrap_or_default()].concat();
        let stored = map.binary(id).ok().flatten();
        let has = stored.as_ref().is_some_and(|stored| {
            // A full bucket is read for each of its entries; there are 251 of them.
            stored.chunks_exact(ENTRY).any(|known| known == wanted)
        });
        if !self.pay_for(stored.map_or(0, |stored| stored.len())) || has {
            return;
        }
        let note = note(Severity::Degraded, "a named property is not in its bucket: writers will name it again", "");
        let property = u32::from(index).saturating_add(0x8000);
        self.found(note.values(format_args!("{property:#x} is absent"), format_args!("an entry in bucket {id:#06x}")));
    }
}
