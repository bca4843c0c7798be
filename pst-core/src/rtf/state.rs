//! What is in force at a place of an RTF text: everything a group saves and restores.

use super::loss::LossKind;

/// What the text of a group is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Text of the document.
    Body,
    /// Encapsulated HTML (`\*\htmltag`).
    HtmlTag,
    /// Nothing: a table, a setting, data, an alternative that is not taken.
    Skip,
    /// Text that has no place in the output; told once for each group that has any.
    Omit(LossKind),
    /// Settings of a drawing, with the text of text boxes in groups of their own.
    Shape,
    /// Text of which a better form comes in a group of its own (`\upr`).
    Alternative,
    /// The font table.
    FontTable,
    /// The colour table.
    ColourTable,
    /// The instruction of a field.
    FieldInstruction,
}

/// What a control word at the beginning of a group makes of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// A destination.
    Into(Destination),
    /// The text of a list item's number or bullet.
    ListText,
    /// A field, with instruction and result in groups of their own.
    Field,
    /// The result of a field.
    FieldResult,
    /// An embedded or linked object, with its picture in a group of its own.
    Object,
    /// A picture.
    Picture,
}

/// The meaning of a destination word; `None` for a word that opens no destination.
pub(super) fn opening(word: &str, outer: Destination) -> Option<Opening> {
    use Destination as D;
    Some(Opening::Into(match word {
        "fonttbl" => D::FontTable,
        "colortbl" => D::ColourTable,
        "htmltag" => D::HtmlTag,
        "fldinst" => D::FieldInstruction,
        "field" => return Some(Opening::Field),
        "fldrslt" => return Some(Opening::FieldResult),
        "listtext" | "pntext" => return Some(Opening::ListText),
        "object" => return Some(Opening::Object),
        "pict" => return Some(Opening::Picture),
        "header" | "headerl" | "headerr" | "headerf" | "footer" | "footerl" | "footerr" | "footerf" => {
            D::Omit(LossKind::HeaderFooter)
        }
        "footnote" => D::Omit(LossKind::Footnote),
        "annotation" => D::Omit(LossKind::Annotation),
        "shpinst" | "do" => D::Shape,
        "shptxt" | "dptxbxtext" if outer == D::Shape => D::Body,
        "upr" => D::Alternative,
        "ud" if outer == D::Alternative => D::Body,
        // Both hold the text in another form.
        "shppict" | "result" => outer,
        "stylesheet" | "info" | "listtable" | "listoverridetable" | "filetbl" | "revtbl" | "rsidtbl" | "generator"
        | "latentstyles" | "themedata" | "colorschememapping" | "datastore" | "xmlnstbl" | "nonshppict"
        | "nonesttables" | "pntxta" | "pntxtb" | "fname" | "falt" | "panose" | "objdata" | "objclass" | "objname"
        | "objalias" | "objsect" | "bkmkstart" | "bkmkend" | "xe" | "tc" | "tcn" | "rxe" | "txe" | "template"
        | "mhtmltag" | "shprslt" | "background" | "private" | "ftnsep" | "ftnsepc" | "ftncn" | "aftnsep"
        | "aftnsepc" | "aftncn" => D::Skip,
        _ => return None,
    }))
}

/// Raised or lowered text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Script {
    #[default]
    None,
    Super,
    Sub,
}

/// The look of characters: what `\plain` resets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Character {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) underline: bool,
    pub(super) strike: bool,
    pub(super) hidden: bool,
    pub(super) script: Script,
    /// `\fN`; `None` is the default font.
    pub(super) font: Option<i32>,
    /// Half points; 0 where nothing is said.
    pub(super) size: u16,
    /// Index into the colour table; 0 is the reader's own colour.
    pub(super) colour: u16,
    /// Likewise, of what lies behind the text.
    pub(super) background: u16,
}

impl Character {
    /// Obeys a control word; `false` if it is none about the look of characters.
    pub(super) fn apply(&mut self, word: &str, number: Option<i32>) -> bool {
        let on = number != Some(0);
        let index = number.and_then(|number| u16::try_from(number).ok()).unwrap_or(0);
        match word {
            "plain" => *self = Self::default(),
            "b" => self.bold = on,
            "i" => self.italic = on,
            "ulnone" => self.underline = false,
            "ul" | "uld" | "uldb" | "ulw" | "ulth" | "ulwave" | "uldash" | "uldashd" | "uldashdd" | "ulhwave"
            | "ulldash" | "ulthd" | "ulthdash" | "ulthdashd" | "ulthdashdd" | "ulthldash" | "ululdbwave" => {
                self.underline = on;
            }
            "strike" | "striked" => self.strike = on,
            "v" => self.hidden = on,
            "super" => self.script = if on { Script::Super } else { Script::None },
            "sub" => self.script = if on { Script::Sub } else { Script::None },
            "nosupersub" => self.script = Script::None,
            "f" => self.font = number,
            "fs" => self.size = index,
            "cf" => self.colour = index,
            "cb" | "chcbpat" | "highlight" => self.background = index,
            _ => return false,
        }
        true
    }
}

/// Where the lines of a paragraph stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Alignment {
    #[default]
    Natural,
    Centre,
    Right,
    Justified,
}

/// The shape of a paragraph: what `\pard` resets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Paragraph {
    pub(super) alignment: Alignment,
    /// `\liN`, twentieths of a point.
    pub(super) indent: i32,
    /// `\fiN`, the same of the first line, relative to the others.
    pub(super) first_indent: i32,
    pub(super) in_table: bool,
    pub(super) right_to_left: bool,
}

impl Paragraph {
    /// Obeys a control word; `false` if it is none about the shape of paragraphs.
    pub(super) fn apply(&mut self, word: &str, number: Option<i32>) -> bool {
        match word {
            "pard" => *self = Self::default(),
            "ql" => self.alignment = Alignment::Natural,
            "qc" => self.alignment = Alignment::Centre,
            "qr" => self.alignment = Alignment::Right,
            "qj" => self.alignment = Alignment::Justified,
            "li" => self.indent = number.unwrap_or(0),
            "fi" => self.first_indent = number.unwrap_or(0),
            // Some writers leave out \intbl; a row definition says as much.
            "intbl" | "trowd" => self.in_table = true,
            "rtlpar" => self.right_to_left = true,
            "ltrpar" => self.right_to_left = false,
            _ => return false,
        }
        true
    }
}

/// All that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) destination: Destination,
    /// Between `\htmlrtf` and `\htmlrtf0`: RTF that the encapsulated HTML does not have.
    pub(super) html_rtf: bool,
    /// `\ucN`: characters to pass over after a `\uN`.
    pub(super) fallback: u32,
    pub(super) character: Character,
    pub(super) paragraph: Paragraph,
}

impl Default for State {
    fn default() -> Self {
        Self {
            destination: Destination::Body,
            html_rtf: false,
            fallback: 1,
            character: Character::default(),
            paragraph: Paragraph::default(),
        }
    }
}
