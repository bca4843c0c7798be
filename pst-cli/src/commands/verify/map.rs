//! A map of a file in one line: where in it the damage is.

use std::io::{self, Write};

use pst_core::verify::{Finding, Severity};

use crate::output::{Output, Style, bytes};

/// Cells of the map; each stands for as many bytes.
const CELLS: usize = 64;

/// The worst finding of each part of a file. Findings without a place are not on it.
pub(super) struct DamageMap {
    size: u64,
    cells: [Option<Severity>; CELLS],
}

impl DamageMap {
    pub(super) fn new(size: u64) -> Self {
        Self { size, cells: [None; CELLS] }
    }

    pub(super) fn add(&mut self, finding: &Finding) {
        let Some(offset) = finding.location.offset.filter(|_| finding.severity > Severity::Cosmetic) else { return };
        let scaled = u128::from(offset).saturating_mul(CELLS as u128).checked_div(u128::from(self.size));
        // What lies behind the end is shown at the end.
        let at = scaled.and_then(|at| usize::try_from(at).ok()).unwrap_or(CELLS).min(CELLS.saturating_sub(1));
        if let Some(cell) = self.cells.get_mut(at) {
            *cell = Some(finding.severity).max(*cell);
        }
    }

    fn line(&self) -> Option<String> {
        let mark = |cell: &Option<Severity>| match cell {
            None | Some(Severity::Cosmetic) => '.',
            Some(Severity::Degraded) => '+',
            Some(Severity::Loss | Severity::Fatal) => '#',
        };
        self.cells.iter().any(Option::is_some).then(|| self.cells.iter().map(mark).collect())
    }

    /// Writes the map, if there is anything on it.
    pub(super) fn write(&self, out: &mut Output) -> io::Result<()> {
        let Some(line) = self.line() else { return Ok(()) };
        let each = self.size.div_ceil(CELLS as u64);
        let legend = format!("each {} of the file; + degraded, # lost", bytes(each));
        let legend = out.paint(Style::Dim, legend).into_owned();
        writeln!(out, "  [{line}]  {legend}")
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
mod tests {
    use super::*;
    use pst_core::source::MemorySource;
    use pst_core::testkit::{Mailbox, StoreBuilder};
    use pst_core::verify::{VerifyOptions, verify_source};

    #[test]
    fn damage_is_shown_where_it_is() {
        let mut bytes = Mailbox::new("One").write(StoreBuilder::new(pst_core::ndb::Format::UNICODE)).finish_vec();
        // Blocks, near the beginning.
        bytes[0x4A00..0x5000].fill(0);
        let size = bytes.len() as u64;
        let report = verify_source(Box::new(MemorySource::new(bytes)), &VerifyOptions::new()).unwrap();
        let mut map = DamageMap::new(size);
        report.findings.iter().for_each(|finding| map.add(finding));
        let line = map.line().unwrap();
        assert_eq!(line.len(), CELLS);
        let cell = |offset: u64| usize::try_from(offset * CELLS as u64 / size).unwrap();
        let (before, rest) = line.split_at(cell(0x4A00));
        let (damaged, behind) = rest.split_at(cell(0x5000) - cell(0x4A00) + 1);
        assert!(damaged.contains('#') && !before.contains('#'), "{line}");
        assert_eq!(behind, ".".repeat(behind.len()));
        // Nothing is damaged in a sound file.
        assert_eq!(DamageMap::new(size).line(), None);
    }
}
