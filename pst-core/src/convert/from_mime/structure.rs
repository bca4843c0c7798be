//! Which part is the body, and which are attachments (MS-OXCMAIL 2.2.3.3.2).
//!
//! An item has one body, in up to two formats; mail has as many as it likes. **The first part that qualifies is the body,
//! every other is an attachment**, so that none is lost. Only the parts of a multipart/alternative share.

use crate::mime::Part;

/// The parts of a mail by what they become.
#[derive(Debug, Default)]
pub(crate) struct Plan<'m> {
    /// The plain body.
    pub(crate) text: Option<Part<'m>>,
    /// The HTML body.
    pub(crate) html: Option<Part<'m>>,
    /// A text/calendar part with a method.
    pub(crate) calendar: Option<Part<'m>>,
    /// Everything else.
    pub(crate) files: Vec<File<'m>>,
    /// Multiparts on the way, whose own text is nowhere.
    pub(crate) multiparts: Vec<Part<'m>>,
    /// The body is found; text goes to the files.
    closed: bool,
}

/// A part that becomes an attachment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File<'m> {
    pub(crate) part: Part<'m>,
    /// It stands in a multipart/related beside what may show it.
    pub(crate) related: bool,
}

/// What a part can be beside a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Text,
    Html,
    Calendar,
    None,
}

impl<'m> Plan<'m> {
    /// The plan for a part and those in it.
    pub(crate) fn of(part: Part<'m>) -> Self {
        let mut plan = Self::default();
        plan.walk(part, false, false);
        plan
    }

    /// Adds what is a file, whatever it looks like.
    pub(crate) fn file(&mut self, part: Part<'m>) {
        let was_closed = std::mem::replace(&mut self.closed, true);
        self.walk(part, false, false);
        self.closed = was_closed;
    }

    fn walk(&mut self, part: Part<'m>, alternative: bool, related: bool) {
        if !part.is_multipart() {
            return self.leaf(part, alternative, related);
        }
        self.multiparts.push(part);
        match part.content_type().subtype.as_str() {
            "alternative" => {
                for child in part.children() {
                    self.walk(child, true, related);
                }
                // Inside another alternative the other formats may still follow.
                self.closed |= !alternative && self.has_body();
            }
            "related" => self.related(part, alternative),
            _ => {
                let before = self.closed;
                for child in part.children() {
                    let had = self.slots();
                    self.walk(child, alternative, related);
                    // The first that is a body closes the rest of this multipart.
                    self.closed |= self.slots() != had;
                }
                if alternative {
                    self.closed = before;
                }
            }
        }
    }

    fn related(&mut self, part: Part<'m>, alternative: bool) {
        let wanted = part.content_type().parameter("start").map(|id| id.trim_matches(['<', '>']).to_owned());
        let root = wanted
            .and_then(|id| part.children().find(|child| child.content_id().as_deref() == Some(id.as_str())))
            .or_else(|| part.children().next());
        let Some(root) = root else { return };
        self.walk(root, alternative, false);
        let before = std::mem::replace(&mut self.closed, true);
        for child in part.children().filter(|child| child.index() != root.index()) {
            self.walk(child, false, true);
        }
        self.closed = before;
    }

    fn leaf(&mut self, part: Part<'m>, alternative: bool, related: bool) {
        let place = match slot(&part) {
            // An invitation is one wherever it stands.
            Slot::Calendar if self.calendar.is_none() => Some(&mut self.calendar),
            Slot::Text if !self.closed && self.text.is_none() => Some(&mut self.text),
            Slot::Html if !self.closed && (self.html.is_none() || alternative) => Some(&mut self.html),
            _ => None,
        };
        let Some(place) = place else {
            self.files.push(File { part, related });
            return;
        };
        // Of two HTML parts in an alternative the last is the best (RFC 2046 5.1.4).
        if let Some(worse) = place.replace(part) {
            self.files.push(File { part: worse, related: false });
        }
        self.closed |= !alternative && self.has_body();
    }

    fn has_body(&self) -> bool {
        self.text.is_some() || self.html.is_some()
    }

    fn slots(&self) -> [Option<usize>; 2] {
        [self.text, self.html].map(|part| part.map(|part| part.index()))
    }
}

fn slot(part: &Part<'_>) -> Slot {
    let kind = part.content_type();
    if part.disposition().is_some_and(|disposition| disposition.kind == "attachment") {
        return Slot::None;
    }
    match (kind.kind.as_str(), kind.subtype.as_str()) {
        ("text", "plain") => Slot::Text,
        ("text", "html") => Slot::Html,
        ("text", "calendar") if kind.parameter("method").is_some() => Slot::Calendar,
        // One that could not be taken apart is text.
        ("multipart", _) => Slot::Text,
        _ => Slot::None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use crate::mime::Mail;

    /// Multiparts written as `mixed(a, b)`, the leaves as types.
    fn mail(shape: &str) -> String {
        let mut boundary = 0;
        let mut rest = shape;
        let text = entity(&mut rest, &mut boundary);
        assert_eq!(rest, "", "{shape}");
        text
    }

    fn entity(rest: &mut &str, boundary: &mut u32) -> String {
        let end = rest.find(['(', ')', ' ']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        *rest = after;
        let Some(inner) = rest.strip_prefix('(') else {
            let (kind, disposition) = match word.strip_prefix('@') {
                Some(kind) => (kind, "Content-Disposition: attachment\r\n"),
                None => (word, ""),
            };
            return format!("Content-Type: {kind}\r\n{disposition}\r\nx");
        };
        *rest = inner;
        *boundary += 1;
        let name = format!("b{boundary}");
        let mut text = format!("Content-Type: multipart/{word}; boundary={name}\r\n\r\n");
        loop {
            let child = entity(rest, boundary);
            text += &format!("--{name}\r\n{child}\r\n");
            match rest.strip_prefix(' ') {
                Some(next) => *rest = next,
                None => break,
            }
        }
        *rest = rest.strip_prefix(')').expect("a closing bracket");
        text + &format!("--{name}--")
    }

    /// What text, HTML, calendar and files are, by their number among the parts.
    fn plan(shape: &str) -> (Option<usize>, Option<usize>, Option<usize>, Vec<usize>) {
        let text = mail(shape);
        let mail = Mail::parse(text.as_bytes());
        let plan = Plan::of(mail.root());
        let number = |part: Option<Part<'_>>| part.map(|part| part.index());
        let mut files: Vec<usize> = plan.files.iter().map(|file| file.part.index()).collect();
        files.sort_unstable();
        let leaves = mail.parts().filter(|part| !part.is_multipart()).count();
        let placed = [plan.text, plan.html, plan.calendar].iter().flatten().count() + files.len();
        assert_eq!(placed, leaves, "each leaf has one place: {shape}");
        (number(plan.text), number(plan.html), number(plan.calendar), files)
    }

    #[test]
    fn usual_shapes() {
        assert_eq!(plan("text/plain"), (Some(0), None, None, vec![]));
        assert_eq!(plan("image/png"), (None, None, None, vec![0]));
        assert_eq!(plan("alternative(text/plain text/html)"), (Some(1), Some(2), None, vec![]));
        assert_eq!(plan("mixed(text/plain image/png)"), (Some(1), None, None, vec![2]));
        assert_eq!(
            plan("mixed(related(alternative(text/plain text/html) image/png) application/pdf)"),
            (Some(3), Some(4), None, vec![5, 6])
        );
        assert_eq!(plan("alternative(text/plain related(text/html image/png))"), (Some(1), Some(3), None, vec![4]));
        assert_eq!(
            plan("alternative(text/plain text/html text/calendar;method=REQUEST)"),
            (Some(1), Some(2), Some(3), vec![])
        );
    }

    #[test]
    fn only_the_first_is_the_body() {
        assert_eq!(plan("mixed(text/plain text/plain text/html)"), (Some(1), None, None, vec![2, 3]));
        assert_eq!(plan("mixed(image/png text/plain)"), (Some(2), None, None, vec![1]));
        assert_eq!(plan("mixed(@text/plain text/html)"), (None, Some(2), None, vec![1]));
        assert_eq!(
            plan("mixed(alternative(text/plain text/html) alternative(text/plain text/html))"),
            (Some(2), Some(3), None, vec![5, 6])
        );
        assert_eq!(plan("mixed(mixed(text/plain image/png) text/html)"), (Some(2), None, None, vec![3, 4]));
    }

    #[test]
    fn unusual_alternatives() {
        // Apple Mail puts files between two HTML parts.
        assert_eq!(
            plan("alternative(text/plain mixed(text/html application/pdf text/html))"),
            (Some(1), Some(3), None, vec![4, 5])
        );
        assert_eq!(plan("alternative(text/html text/html)"), (None, Some(2), None, vec![1]));
        assert_eq!(plan("alternative(text/html text/plain)"), (Some(2), Some(1), None, vec![]));
        assert_eq!(plan("alternative(text/plain text/enriched)"), (Some(1), None, None, vec![2]));
        assert_eq!(plan("related(image/png text/html)"), (None, None, None, vec![1, 2]));
    }

    #[test]
    fn related_may_name_its_root() {
        let text = "Content-Type: multipart/related; boundary=b; start=\"<r@x>\"\r\n\r\n--b\r\nContent-Type: image/png\r\n\
                    \r\nx\r\n--b\r\nContent-Type: text/html\r\nContent-ID: <r@x>\r\n\r\nx\r\n--b--\r\n";
        let mail = Mail::parse(text.as_bytes());
        let plan = Plan::of(mail.root());
        assert_eq!(plan.html.map(|part| part.index()), Some(2));
        assert!(plan.files[0].related);
    }
}
