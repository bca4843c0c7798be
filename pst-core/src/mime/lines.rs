//! Lines of a message, whatever ends them.

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// LF, with or without a CR before it. A CR alone is a character like any other.
    LineFeed,
    /// CR, LF and CRLF: for a file whose first line end is a CR alone.
    CarriageReturn,
}

impl LineEnds {
    /// Told by the first two line ends: a stray CR in a long header is not enough.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let Some(first) = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else { return Self::LineFeed };
        let mut rest = bytes.get(first..).unwrap_or_default();
        for _ in 0..2 {
            match rest {
                [b'\r', b'\n', ..] | [b'\n', ..] => return Self::LineFeed,
                [] => return Self::CarriageReturn,
                [_, after @ ..] => {
                    let next = after.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(after.len());
                    rest = after.get(next..).unwrap_or_default();
                }
            }
        }
        Self::CarriageReturn
    }
}

/// One line, as offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its first byte.
    pub(super) start: usize,
    /// Behind its last byte, the line end not counted.
    pub(super) end: usize,
    /// Behind its line end.
    pub(super) next: usize,
}

impl Line {
    /// The line that begins at `start`; `None` at the end.
    pub(super) fn at(bytes: &[u8], start: usize, ends: LineEnds) -> Option<Self> {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let found = match ends {
            LineEnds::LineFeed => rest.iter().position(|&byte| byte == b'\n'),
            LineEnds::CarriageReturn => rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')),
        };
        let Some(length) = found else { return Some(Self { start, end: bytes.len(), next: bytes.len() }) };
        let at = start.saturating_add(length);
        let (before, from) = (length.checked_sub(1).and_then(|last| rest.get(last)), rest.get(length..));
        let (end, next) = match (before, from) {
            (_, Some([b'\r', b'\n', ..])) => (at, at.saturating_add(2)),
            (Some(b'\r'), Some([b'\n', ..])) => (at.saturating_sub(1), at.saturating_add(1)),
            _ => (at, at.saturating_add(1)),
        };
        Some(Self { start, end, next })
    }

    pub(super) fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Nothing but blanks.
    pub(super) fn is_blank(&self, bytes: &[u8]) -> bool {
        self.of(bytes).iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }
}

/// `end` without one line end before it, but not before `start`.
pub(super) fn before_line_end(bytes: &[u8], start: usize, end: usize) -> usize {
    match bytes.get(start..end) {
        Some([.., b'\r', b'\n']) => end.saturating_sub(2),
        Some([.., b'\n' | b'\r']) => end.saturating_sub(1),
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<&[u8]> {
        let ends = LineEnds::of(bytes);
        let mut at = 0;
        let mut lines = Vec::new();
        while let Some(line) = Line::at(bytes, at, ends) {
            lines.push(line.of(bytes));
            at = line.next;
        }
        lines
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let three: [&[u8]; 3] = [b"a", b"", b"b"];
        for bytes in [&b"a\r\n\r\nb\r\n"[..], b"a\n\nb", b"a\r\rb\r", b"a\n\r\nb\n"] {
            assert_eq!(all(bytes), three);
        }
        assert_eq!(all(b""), Vec::<&[u8]>::new());
        assert_eq!(all(b"\n"), [b""]);
    }

    #[test]
    fn a_stray_cr_does_not_end_a_line_of_others() {
        assert_eq!(all(b"a\rb\r\nc\r\n"), [&b"a\rb"[..], b"c"]);
        assert_eq!(all(b"a\rb\nc"), [&b"a\rb"[..], b"c"]);
    }

    #[test]
    fn one_line_end_goes_before_a_boundary() {
        assert_eq!(before_line_end(b"x\r\n\r\n", 0, 5), 3);
        assert_eq!(before_line_end(b"x\n", 0, 2), 1);
        assert_eq!(before_line_end(b"x\r\n", 2, 3), 2);
        assert_eq!(before_line_end(b"x\n", 2, 2), 2);
    }
}
