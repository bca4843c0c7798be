//! One walk over the lines of a message finds headers, parts and their exact ranges (RFC 2046 5.1).
//!
//! A line is compared with the boundaries of all multiparts that are open, innermost first, so a part that lost its end
//! boundary ends where the multipart around it goes on. Nothing is decoded and nothing is copied.

use std::ops::Range;

use super::finding::{FindingKind, Findings};
use super::header::{self, Field};
use super::limits;
use super::lines::{Line, LineEnds, before_line_end};
use super::parameters::{self, ContentType, Disposition};
use super::transfer::TransferEncoding;
use crate::text::CodePage;

/// A part: headers and body.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    /// Its fields in [`Scan::fields`].
    pub(super) fields: Range<usize>,
    /// From the first header to the first byte of the body.
    pub(super) header: Range<usize>,
    /// The body, without the line end that belongs to the boundary behind it.
    pub(super) body: Range<usize>,
    pub(super) content_type: ContentType,
    /// The header says so, and it was understood.
    pub(super) type_is_stated: bool,
    pub(super) disposition: Option<Disposition>,
    pub(super) encoding: TransferEncoding,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    pub(super) preamble: Range<usize>,
    pub(super) epilogue: Range<usize>,
}

/// What the walk found.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    pub(super) fields: Vec<Field>,
    /// In the order in which they begin; the first is the message itself.
    pub(super) entities: Vec<Entity>,
}

/// A multipart whose end has not been met.
struct Open {
    entity: usize,
    boundary: Vec<u8>,
    /// Its end boundary was met: what follows is epilogue.
    ended: bool,
}

struct Walk<'a> {
    bytes: &'a [u8],
    end: usize,
    ends: LineEnds,
    scan: Scan,
    open: Vec<Open>,
    /// The part that lines belong to now; `None` between parts.
    current: Option<usize>,
    findings: &'a mut Findings,
}

/// Walks over `range` of `bytes`.
pub(super) fn scan(bytes: &[u8], range: Range<usize>, findings: &mut Findings) -> Scan {
    let text = bytes.get(..range.end).unwrap_or_default();
    let ends = LineEnds::of(text.get(range.start..).unwrap_or_default());
    let mut walk =
        Walk { bytes: text, end: text.len(), ends, scan: Scan::default(), open: Vec::new(), current: None, findings };
    walk.run(range.start);
    let scan = walk.scan;
    tell_line_ends(text, range.start, findings);
    scan
}

/// Tells line ends other than CRLF.
fn tell_line_ends(bytes: &[u8], start: usize, findings: &mut Findings) {
    let text = bytes.get(start..).unwrap_or_default();
    let count = |wanted: u8| text.iter().filter(|&&byte| byte == wanted).count();
    let both = text.windows(2).filter(|pair| *pair == b"\r\n").count();
    let (feeds, returns) = (count(b'\n').saturating_sub(both), count(b'\r').saturating_sub(both));
    let kind = match (both, feeds, returns) {
        (_, 0, 0) => return,
        (0, _, 0) => FindingKind::LineFeeds,
        (0, 0, _) => FindingKind::CarriageReturns,
        _ => FindingKind::MixedLineEnds,
    };
    let detail = match kind {
        FindingKind::MixedLineEnds => format!("{both} CRLF, {feeds} LF, {returns} CR"),
        _ => String::new(),
    };
    findings.add(kind, start, detail);
}

impl Walk<'_> {
    fn run(&mut self, start: usize) {
        let mut at = self.begin(start, None);
        while let Some(line) = Line::at(self.bytes, at, self.ends) {
            at = match self.boundary(line) {
                Some((level, is_end)) => self.cross(line, level, is_end),
                None => line.next,
            };
        }
        self.close(0, self.end);
    }

    /// Which open multipart the line is a boundary of, and whether the end boundary.
    fn boundary(&self, line: Line) -> Option<(usize, bool)> {
        let text = line.of(self.bytes).strip_prefix(b"--").filter(|_| !self.open.is_empty())?;
        let is_blank = |rest: &[u8]| rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        self.open.iter().enumerate().rev().filter(|(_, open)| !open.ended).find_map(|(level, open)| {
            let rest = text.strip_prefix(open.boundary.as_slice())?;
            match rest.strip_prefix(b"--") {
                _ if is_blank(rest) => Some((level, false)),
                Some(rest) if is_blank(rest) => Some((level, true)),
                _ => None,
            }
        })
    }

    /// Goes over a boundary line; returns where to go on.
    fn cross(&mut self, line: Line, level: usize, is_end: bool) -> usize {
        let start = self.current.and_then(|at| self.scan.entities.get(at)).map_or(line.start, |part| part.body.start);
        let body_end = before_line_end(self.bytes, start.min(line.start), line.start);
        self.close(level.saturating_add(1), body_end);
        let Some(open) = self.open.get_mut(level) else { return line.next };
        let parent = open.entity;
        if is_end {
            open.ended = true;
            if let Some(part) = self.scan.entities.get_mut(parent) {
                part.epilogue = line.next..line.next;
            }
            return line.next;
        }
        if let Some(part) = self.scan.entities.get_mut(parent).filter(|part| part.children.is_empty()) {
            part.preamble.end = body_end.max(part.preamble.start);
        }
        if self.scan.entities.len() >= limits::PARTS {
            self.findings.add(FindingKind::TooManyParts, line.start, format!("{}", limits::PARTS));
            // The rest of the multipart is its epilogue.
            if let Some(part) = self.scan.entities.get_mut(parent) {
                part.epilogue = line.start..line.start;
            }
            if let Some(open) = self.open.get_mut(level) {
                open.ended = true;
            }
            return line.next;
        }
        self.begin(line.next, Some(parent))
    }

    /// Ends the part that is current and the multiparts from `level` on. `end` is where their content ends.
    fn close(&mut self, level: usize, end: usize) {
        if let Some(part) = self.current.take().and_then(|at| self.scan.entities.get_mut(at)) {
            part.body.end = end.max(part.body.start);
        }
        for open in self.open.drain(level.min(self.open.len())..).rev() {
            let Some(part) = self.scan.entities.get_mut(open.entity) else { continue };
            part.body.end = end.max(part.body.start);
            if open.ended {
                part.epilogue.end = end.max(part.epilogue.start);
            } else if part.children.is_empty() {
                part.preamble = part.body.start..part.body.start;
                self.findings.add(FindingKind::NoParts, part.body.start, String::from_utf8_lossy(&open.boundary));
            } else {
                self.findings.add(FindingKind::NoEndBoundary, end, String::from_utf8_lossy(&open.boundary));
            }
        }
    }

    /// Begins a part: reads its headers. Returns where its body begins.
    fn begin(&mut self, start: usize, parent: Option<usize>) -> usize {
        let fields_from = self.scan.fields.len();
        let (header_end, body) = self.headers(start, parent.is_none());
        let fields = fields_from..self.scan.fields.len();
        let index = self.scan.entities.len();
        let in_digest = parent
            .and_then(|parent| self.scan.entities.get(parent))
            .is_some_and(|parent| parent.content_type.is("multipart", "digest"));
        let implied =
            if in_digest { ContentType::plain("message", "rfc822") } else { ContentType::plain("text", "plain") };
        let stated = self.value(&fields, "content-type");
        let content_type = stated.as_ref().and_then(|(_, value)| parameters::content_type(value));
        if let (Some((offset, value)), None) = (&stated, &content_type) {
            self.findings.add(FindingKind::InvalidContentType, *offset, value.trim());
        }
        let encoding = self.value(&fields, "content-transfer-encoding");
        let (offset, encoding) = encoding.map_or((start, TransferEncoding::SevenBit), |(offset, value)| {
            (offset, TransferEncoding::from_value(&value))
        });
        if let TransferEncoding::Unknown(name) = &encoding {
            self.findings.add(FindingKind::UnknownTransferEncoding, offset, name.as_str());
        }
        let disposition = self.value(&fields, "content-disposition").map(|(_, value)| parameters::disposition(&value));
        let entity = Entity {
            fields,
            header: start..header_end,
            body: body..body,
            type_is_stated: content_type.is_some(),
            content_type: content_type.unwrap_or(implied),
            disposition,
            encoding,
            parent,
            children: Vec::new(),
            preamble: body..body,
            epilogue: body..body,
        };
        if let Some(parent) = parent.and_then(|parent| self.scan.entities.get_mut(parent)) {
            parent.children.push(index);
        }
        self.open_multipart(index, &entity);
        self.scan.entities.push(entity);
        self.current = Some(index);
        body
    }

    fn open_multipart(&mut self, index: usize, entity: &Entity) {
        if !entity.content_type.is_multipart() {
            return;
        }
        let boundary = entity.content_type.parameter("boundary").map(str::trim_end).unwrap_or_default();
        if boundary.is_empty() {
            self.findings.add(FindingKind::NoBoundary, entity.header.start, entity.content_type.essence());
        } else if self.open.len() >= limits::DEPTH {
            self.findings.add(FindingKind::TooDeep, entity.body.start, format!("{}", limits::DEPTH));
        } else {
            self.open.push(Open { entity: index, boundary: boundary.as_bytes().to_vec(), ended: false });
        }
    }

    /// The unfolded value of the first field of this name, and where it stands.
    fn value(&mut self, fields: &Range<usize>, name: &str) -> Option<(usize, String)> {
        let field = self.scan.fields.get(fields.clone())?.iter().find(|field| {
            self.bytes.get(field.name.clone()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        })?;
        let mut raw = self.bytes.get(field.value.clone())?;
        if let Some(start) = raw.get(..limits::PARAMETERS).filter(|start| start.len() < raw.len()) {
            self.findings.add(FindingKind::TooManyParameters, field.name.start, name);
            raw = start;
        }
        let raw = header::unfold(raw);
        // Parameters decode their encoded words themselves, once the quotes are gone.
        Some((field.name.start, header::eight_bit(&raw, CodePage::WINDOWS_1252).into_owned()))
    }

    /// Reads headers up to the empty line, a boundary or the end: the end of the headers and the start of the body.
    fn headers(&mut self, start: usize, is_top: bool) -> (usize, usize) {
        let mut at = start;
        while let Some(line) = Line::at(self.bytes, at, self.ends) {
            if line.start == line.end || line.is_blank(self.bytes) {
                return (line.start, line.next);
            }
            if self.boundary(line).is_some() {
                return (at, at);
            }
            let text = line.of(self.bytes);
            let Some(name) = header::name_length(text) else {
                let is_first = at == start;
                if !self.goes_on(line) {
                    let kind = if is_first && is_top { FindingKind::NoHeaders } else { FindingKind::NoSeparator };
                    self.findings.add(kind, at, "");
                    return (at, at);
                }
                self.findings.add(FindingKind::MalformedHeader, at, "");
                at = line.next;
                continue;
            };
            let field = header::field(self.bytes, line, name, self.end, self.ends);
            at = field.end;
            if self.scan.fields.len() < limits::FIELDS {
                let raw = self.bytes.get(field.value.clone()).unwrap_or_default();
                if !raw.is_ascii() {
                    let name = self.bytes.get(field.name.clone()).unwrap_or_default();
                    self.findings.add(FindingKind::EightBitHeader, field.name.start, String::from_utf8_lossy(name));
                }
                self.scan.fields.push(field);
            } else if self.scan.fields.len() == limits::FIELDS {
                self.findings.add(FindingKind::TooManyHeaders, field.name.start, format!("{}", limits::FIELDS));
                self.scan.fields.push(field);
            }
        }
        (at, at)
    }

    /// Whether headers go on behind a line that is none: the next line is a header.
    fn goes_on(&self, line: Line) -> bool {
        Line::at(self.bytes, line.next, self.ends)
            .is_some_and(|next| header::name_length(next.of(self.bytes)).is_some())
    }
}
