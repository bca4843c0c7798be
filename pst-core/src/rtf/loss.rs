//! What a conversion of RTF does not carry, and what was wrong with the RTF.

use std::fmt;

/// The longest text kept of the first occurrence, in bytes.
const FIRST_LEN: usize = 120;

/// Something that the output of a conversion lacks or has in another form, or that broke the rules of RTF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What it is.
    pub kind: LossKind,
    /// How often. Of [`LossKind::Malformed`] and [`LossKind::Unbalanced`] the number of faults, of
    /// [`LossKind::Characters`] the number of runs of text, of [`LossKind::AfterEnd`] the bytes of text.
    pub count: u64,
    /// The first occurrence in words; at most 120 bytes.
    pub first: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.first)?;
        if self.count > 1 { write!(f, " ({} in all)", self.count) } else { Ok(()) }
    }
}

/// What kind of loss. The names are stable: reports and scripts match them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LossKind {
    /// The input does not begin as RTF does, with `{\rtf`.
    NotRtf,
    /// A token breaks the rules: an escape without hex digits, an endless control word, a number beyond 32 bits.
    Malformed,
    /// Groups that are not closed, or closed too often.
    Unbalanced,
    /// Text behind the end of the document.
    AfterEnd,
    /// Groups nested deeper than [`Options::depth`](super::Options::depth), with all they hold.
    TooDeep,
    /// A font, colour or field instruction beyond what one document may have.
    TooLarge,
    /// Bytes without a character in their code page, or half a surrogate pair: U+FFFD stands for them. Characters of
    /// symbol fonts that Unicode does not have: private-use characters stand for them.
    Characters,
    /// Text in a code page without a decoder, read as windows-1252.
    CodePage,
    /// A picture within the RTF (`\pict`).
    Picture,
    /// An object within the RTF (`\object`) that is no attachment. Its `\result` is carried.
    Object,
    /// A page header or footer with text.
    HeaderFooter,
    /// A footnote or endnote.
    Footnote,
    /// A comment on the text (`\annotation`).
    Annotation,
    /// Hidden text (`\v`).
    Hidden,
    /// A hyperlink whose target is no http, https, mailto, ftp, file, cid or tel URL. Its text is carried.
    Link,
}

impl LossKind {
    /// The stable name, in small letters: `not-rtf`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotRtf => "not-rtf",
            Self::Malformed => "malformed",
            Self::Unbalanced => "unbalanced",
            Self::AfterEnd => "after-end",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::Characters => "characters",
            Self::CodePage => "code-page",
            Self::Picture => "picture",
            Self::Object => "object",
            Self::HeaderFooter => "header-footer",
            Self::Footnote => "footnote",
            Self::Annotation => "annotation",
            Self::Hidden => "hidden",
            Self::Link => "link",
        }
    }
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The losses of one conversion: one entry for each kind, in the order of their first occurrence.
#[derive(Debug, Default)]
pub(super) struct Losses(Vec<Loss>);

impl Losses {
    pub(super) fn add(&mut self, kind: LossKind, count: u64, first: impl FnOnce() -> String) {
        if count == 0 {
            return;
        }
        if let Some(loss) = self.0.iter_mut().find(|loss| loss.kind == kind) {
            loss.count = loss.count.saturating_add(count);
            return;
        }
        let mut first = first();
        first.truncate(first.floor_char_boundary(FIRST_LEN));
        self.0.push(Loss { kind, count, first });
    }

    pub(super) fn into_vec(self) -> Vec<Loss> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_of_a_kind_are_counted() {
        let mut losses = Losses::default();
        losses.add(LossKind::Picture, 1, || "wmf".to_owned());
        losses.add(LossKind::Picture, 2, || panic!("asked for the words of a second one"));
        losses.add(LossKind::Hidden, 0, || panic!("asked for the words of a second one"));
        losses.add(LossKind::Link, 1, || "é".repeat(100));
        let all = losses.into_vec();
        assert_eq!(all[0], Loss { kind: LossKind::Picture, count: 3, first: "wmf".to_owned() });
        assert_eq!(all[0].to_string(), "picture: wmf (3 in all)");
        assert_eq!(all[1].first, "é".repeat(60));
        assert_eq!(all.len(), 2);
    }
}
