//! A picture of a file as an SVG: what is where, and where the damage is.
//!
//! Cells stand for equal parts of the file, row by row, as many for every file. A cell is filled from below as far as its
//! part is in use, in the colour of what most of that is. Damage has a cross as well, so that no colour has to be told from
//! another. Colours follow the viewer's, light or dark.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use pst_core::verify::{Finding, Region, RegionKind, Rule, Severity, Verdict};

use crate::output::bytes;

const COLUMNS: usize = 64;
const ROWS: usize = 32;
const CELLS: usize = COLUMNS * ROWS;

/// What a part of the file can be in use for, in the order of the legend.
const KINDS: [(RegionKind, &str, &str); 4] = [
    (RegionKind::Data, "data", "data"),
    // They hold data together.
    (RegionKind::Internal, "tree", "inner blocks"),
    (RegionKind::Page, "page", "index pages"),
    (RegionKind::Map, "map", "maps of room"),
];

#[derive(Clone, Copy, Default)]
struct Cell {
    /// Bytes in use, by kind.
    used: [u64; KINDS.len()],
    worst: Option<Severity>,
    unreadable: bool,
}

/// Which cells have a mark.
type Picks<'p> = &'p dyn Fn(&Cell) -> bool;

/// The picture while the check runs.
pub(super) struct Picture {
    size: u64,
    cells: Vec<Cell>,
}

impl Picture {
    pub(super) fn new(size: u64) -> Self {
        Self { size, cells: vec![Cell::default(); CELLS] }
    }

    /// Where a cell begins.
    fn start(&self, cell: usize) -> u64 {
        let scaled = u128::from(self.size).saturating_mul(cell as u128).div_ceil(CELLS as u128);
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }

    fn cell(&self, offset: u64) -> usize {
        let scaled = u128::from(offset).saturating_mul(CELLS as u128).checked_div(u128::from(self.size));
        scaled.and_then(|cell| usize::try_from(cell).ok()).unwrap_or(0).min(CELLS.saturating_sub(1))
    }

    pub(super) fn region(&mut self, region: &Region) {
        let end = region.offset.saturating_add(region.length).min(self.size);
        let mut at = region.offset;
        while at < end {
            let cell = self.cell(at);
            // The last cell ends where the file does.
            let next = if cell.saturating_add(1) < CELLS { self.start(cell.saturating_add(1)) } else { end };
            let upto = next.clamp(at.saturating_add(1), end);
            if let Some(cell) = self.cells.get_mut(cell) {
                // A damaged block is data that is lost.
                let kind = if region.kind == RegionKind::Damaged { RegionKind::Data } else { region.kind };
                for ((known, ..), used) in KINDS.iter().zip(&mut cell.used) {
                    *used = used.saturating_add(if *known == kind { upto.saturating_sub(at) } else { 0 });
                }
                if region.kind == RegionKind::Damaged {
                    cell.worst = cell.worst.max(Some(Severity::Loss));
                }
            }
            at = upto;
        }
    }

    pub(super) fn finding(&mut self, finding: &Finding) {
        let Some(offset) = finding.location.offset.filter(|_| finding.severity > Severity::Cosmetic) else { return };
        let cell = self.cell(offset);
        if let Some(cell) = self.cells.get_mut(cell) {
            cell.worst = cell.worst.max(Some(finding.severity));
            cell.unreadable |= finding.rule == Rule::I1;
        }
    }

    /// Writes the picture as a file.
    pub(super) fn write(&self, to: &Path, name: &str, verdict: Verdict) -> io::Result<()> {
        std::fs::write(to, self.svg(name, verdict))
    }

    fn count(&self, is: impl Fn(&Cell) -> bool) -> usize {
        self.cells.iter().filter(|cell| is(cell)).count()
    }

    fn svg(&self, name: &str, verdict: Verdict) -> String {
        const SIDE: usize = 12;
        const LEFT: usize = 84;
        const TOP: usize = 64;
        let bottom = TOP.saturating_add(ROWS.saturating_mul(SIDE));
        let right = LEFT.saturating_add(COLUMNS.saturating_mul(SIDE));
        let (width, height) = (right.saturating_add(24), bottom.saturating_add(88));
        let name = escape(name);
        let lost = self.count(|cell| cell.worst >= Some(Severity::Loss) && !cell.unreadable);
        let degraded = self.count(|cell| cell.worst == Some(Severity::Degraded));
        let unreadable = self.count(|cell| cell.unreadable);
        let each = bytes(self.size.div_ceil(CELLS as u64));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
             <title id=\"title\">{name}: {verdict}</title>\n\
             <desc id=\"desc\">A map of the {} of the file, {CELLS} cells of {each} from left to right and top to bottom. \
             Damaged: {lost} cells; to be corrected: {degraded}; unreadable: {unreadable}.</desc>\n{STYLE}\
             <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n\
             <text class=\"name\" x=\"24\" y=\"28\">{name}</text>\n\
             <text x=\"24\" y=\"48\">{verdict}, {}; each cell {each}</text>\n\
             <rect class=\"free\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\"/>\n",
            bytes(self.size),
            bytes(self.size),
            right.saturating_sub(LEFT),
            bottom.saturating_sub(TOP),
        );
        for row in (0..ROWS).step_by(4) {
            let y = TOP.saturating_add(row.saturating_mul(SIDE)).saturating_add(10);
            let offset = self.start(row.saturating_mul(COLUMNS));
            let x = LEFT.saturating_sub(8);
            let _ = writeln!(out, "<text class=\"axis\" x=\"{x}\" y=\"{y}\">{offset:#x}</text>");
        }
        for (number, (_, class, _)) in KINDS.iter().enumerate() {
            let bars = self.path(|cell, room| {
                let used = cell.used.iter().fold(0u64, |sum, used| sum.saturating_add(*used));
                let most =
                    cell.used.iter().enumerate().max_by_key(|(at, used)| (**used, KINDS.len().saturating_sub(*at)));
                let bar = u128::from(used).saturating_mul(SIDE as u128).div_ceil(u128::from(room.max(1)));
                let bar = usize::try_from(bar).unwrap_or(SIDE).min(SIDE.saturating_sub(1));
                (used > 0 && most.is_some_and(|(most, _)| most == number)).then(|| {
                    let inner = SIDE.saturating_sub(1);
                    format!("m0 {}h{inner}v{bar}h-{inner}z", inner.saturating_sub(bar))
                })
            });
            let _ = writeln!(out, "<path class=\"{class}\" d=\"{bars}\"/>");
        }
        let side = SIDE.saturating_sub(1);
        let square = format!("h{side}v{side}h-{side}z");
        let cross = format!("m2 2l{0} {0}m0 -{0}l-{0} {0}", side.saturating_sub(4));
        let slash = format!("m2 {}l{1} -{1}", side.saturating_sub(2), side.saturating_sub(4));
        let is_lost = |cell: &Cell| cell.worst >= Some(Severity::Loss) && !cell.unreadable;
        let is_degraded = |cell: &Cell| cell.worst == Some(Severity::Degraded) && !cell.unreadable;
        let is_unreadable = |cell: &Cell| cell.unreadable;
        let marks: [(&str, Picks<'_>, &str); 3] =
            [("degraded", &is_degraded, &slash), ("lost", &is_lost, &cross), ("unread", &is_unreadable, &cross)];
        for (class, is, sign) in marks {
            let cells = self.path(|cell, _| is(cell).then(|| square.clone()));
            let signs = self.path(|cell, _| is(cell).then(|| sign.to_owned()));
            let _ = writeln!(out, "<path class=\"{class}\" d=\"{cells}\"/>\n<path class=\"sign\" d=\"{signs}\"/>");
        }
        let free = self.count(|cell| cell.used.iter().all(|used| *used == 0));
        let counts = KINDS.iter().enumerate().map(|(number, (_, class, text))| {
            let used = self.cells.iter().filter_map(|cell| cell.used.get(number));
            (*class, format!("{text}: {}", bytes(used.fold(0u64, |sum, used| sum.saturating_add(*used)))), "")
        });
        let rest = [
            ("free", format!("free: {free} cells"), ""),
            ("lost", format!("damaged: {lost} cells"), cross.as_str()),
            ("degraded", format!("to be corrected: {degraded} cells"), slash.as_str()),
            ("unread", format!("unreadable: {unreadable} cells"), cross.as_str()),
        ];
        for (number, (class, text, sign)) in counts.chain(rest).enumerate() {
            let (column, row) = (number & 3, number >> 2);
            let x = 24usize.saturating_add(column.saturating_mul(212));
            let y = bottom.saturating_add(24).saturating_add(row.saturating_mul(28));
            let (text_x, text_y) = (x.saturating_add(20), y.saturating_add(10));
            let _ = write!(out, "<rect class=\"{class} key\" x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\"/>");
            if !sign.is_empty() {
                let _ = write!(out, "<path class=\"sign\" d=\"M{x} {y}{sign}\"/>");
            }
            let _ = writeln!(out, "<text x=\"{text_x}\" y=\"{text_y}\">{text}</text>");
        }
        out.push_str("</svg>\n");
        return out;

        const STYLE: &str = "<style>\n\
            svg{--back:#fff;--text:#1b1f24;--free:#e7eaee;--data:#3f74b5;--tree:#7a56a8;--page:#1d8a7a;--map:#8a919a;\
            --lost:#c8102e;--degraded:#e09f00;--unread:#111;--sign:#fff;color-scheme:light dark}\n\
            @media (prefers-color-scheme:dark){svg{--back:#14171b;--text:#e6e9ed;--free:#2a3037;--data:#6ea3e4;\
            --tree:#b08fe0;--page:#4cc3b0;--map:#7f8791;--lost:#ff5a6e;--degraded:#ffc846;--unread:#f4f4f4;--sign:#111}}\n\
            text{font:13px system-ui,sans-serif;fill:var(--text)}\n\
            .name{font-size:16px;font-weight:600}\n.axis{font:11px ui-monospace,monospace;text-anchor:end}\n\
            .back{fill:var(--back)}.free{fill:var(--free)}.data{fill:var(--data)}.tree{fill:var(--tree)}\n\
            .page{fill:var(--page)}.map{fill:var(--map)}.lost{fill:var(--lost)}.degraded{fill:var(--degraded)}\n\
            .unread{fill:var(--unread)}.sign{fill:none;stroke:var(--sign);stroke-width:1.5}\n\
            .key{stroke:var(--text);stroke-width:.5}\n</style>\n";
    }

    /// A path of a shape in each cell that has one; the shape begins at the corner of the cell.
    fn path(&self, shape: impl Fn(&Cell, u64) -> Option<String>) -> String {
        const SIDE: usize = 12;
        let mut path = String::new();
        for (number, cell) in self.cells.iter().enumerate() {
            let room = self.start(number.saturating_add(1)).saturating_sub(self.start(number));
            if let Some(shape) = shape(cell, room) {
                let column = number.checked_rem(COLUMNS).unwrap_or(0);
                let row = number.checked_div(COLUMNS).unwrap_or(0);
                let (x, y) =
                    (column.saturating_mul(SIDE).saturating_add(84), row.saturating_mul(SIDE).saturating_add(64));
                let _ = write!(path, "M{x} {y}{shape}");
            }
        }
        path
    }
}

/// Text as XML has it; characters XML cannot have are shown as such.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars().take(100) {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            character if character.is_control() => out.push('\u{FFFD}'),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
mod tests {
    use super::*;
    use pst_core::source::MemorySource;
    use pst_core::testkit::{Mailbox, StoreBuilder};
    use pst_core::verify::{Event, VerifyOptions, verify_with};
    use std::ops::ControlFlow;

    fn picture(bytes: Vec<u8>) -> Picture {
        let mut picture = Picture::new(bytes.len() as u64);
        let pst = pst_core::Pst::from_source(Box::new(MemorySource::new(bytes))).unwrap();
        verify_with(&pst, &VerifyOptions::new().regions(true), &mut |event| {
            match event {
                Event::Found(finding) => picture.finding(finding),
                Event::Region(region) => picture.region(&region),
                _ => {}
            }
            ControlFlow::Continue(())
        });
        picture
    }

    #[test]
    fn every_byte_in_use_is_shown_once_and_damage_where_it_is() {
        let store = || Mailbox::new("One").write(StoreBuilder::new(pst_core::ndb::Format::UNICODE)).finish_vec();
        let bytes = store();
        let pst = pst_core::Pst::from_bytes(bytes.clone()).unwrap();
        let stored: u64 = pst
            .blocks()
            .map(|block| pst.format().block_size_on_disk(usize::from(block.unwrap().stored_size)) as u64)
            .sum();
        let sound = picture(bytes);
        let used = |number: usize| sound.cells.iter().map(|cell| cell.used[number]).sum::<u64>();
        assert_eq!(used(0) + used(1), stored);
        assert!(used(2) >= 1024 && used(2) % 512 == 0 && used(3) >= 512);
        assert_eq!(sound.count(|cell| cell.worst.is_some()), 0);

        let mut bytes = store();
        let at = pst.blocks().next().unwrap().unwrap().offset;
        bytes[usize::try_from(at).unwrap()] ^= 1;
        let hurt = picture(bytes);
        assert_eq!(hurt.cells[hurt.cell(at)].worst, Some(Severity::Loss));
        assert!(hurt.count(|cell| cell.worst.is_some()) < 10);
        let svg = hurt.svg("a<b>&\u{7}\".pst", Verdict::Damaged);
        assert!(svg.contains("<title id=\"title\">a&lt;b&gt;&amp;\u{FFFD}&quot;.pst: damaged</title>"), "{svg}");
        assert!(svg.len() < 400_000);
    }

    #[test]
    fn any_size_gives_a_picture() {
        for size in [0, 1, 511, CELLS as u64, u64::MAX] {
            let mut picture = Picture::new(size);
            for kind in [RegionKind::Data, RegionKind::Damaged] {
                for offset in [0, size / 2, size.saturating_sub(1), u64::MAX] {
                    let mut region = sample_region();
                    (region.offset, region.length, region.kind) = (offset, 8192, kind);
                    picture.region(&region);
                }
            }
            assert!(picture.svg("x", Verdict::Sound).ends_with("</svg>\n"));
        }
    }

    /// One the checker told: they cannot be made outside.
    fn sample_region() -> Region {
        let bytes = Mailbox::new("One").write(StoreBuilder::new(pst_core::ndb::Format::UNICODE)).finish_vec();
        let pst = pst_core::Pst::from_bytes(bytes).unwrap();
        let mut found = None;
        verify_with(&pst, &VerifyOptions::new().regions(true).contents(false), &mut |event| {
            if let Event::Region(region) = event {
                found.get_or_insert(region);
            }
            ControlFlow::Continue(())
        });
        found.unwrap()
    }
}
