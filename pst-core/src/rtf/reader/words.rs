//! What control words and symbols do.

use std::io;

use super::{Field, Reader, Reading};
use crate::rtf::field::{self, Instruction};
use crate::rtf::font;
use crate::rtf::loss::LossKind;
use crate::rtf::output::{Mark, Named, Output};
use crate::rtf::state::{Destination, Opening, opening};
use crate::text::CodePage;

/// The longest target of a link, in bytes.
const MAX_TARGET: usize = 4096;

impl<O: Output> Reader<'_, O> {
    pub(super) fn word(&mut self, word: &str, number: Option<i32>, fresh: bool, starred: bool) -> io::Result<()> {
        // A destination word counts at the beginning of its group; a picture's data is no text wherever it stands.
        if (fresh || (word == "pict" && self.saved.len() > 1)) && self.open(word, starred)? {
            return Ok(());
        }
        let mark = match word {
            "par" | "sect" => Mark::Paragraph,
            "line" | "page" | "column" | "softline" | "nestrow" => Mark::Line,
            "tab" | "nestcell" => Mark::Tab,
            "cell" => Mark::Cell,
            "row" => Mark::Row,
            "u" => return self.unicode(number),
            "objattph" => return self.attachment(),
            _ => match named(word) {
                Some(_) if self.passed() => return Ok(()),
                Some(named) => Mark::Named(named),
                None => return self.setting(word, number),
            },
        };
        self.mark(mark)
    }

    pub(super) fn symbol(&mut self, symbol: u8) -> io::Result<()> {
        let named = match symbol {
            b'~' => Named::NoBreakSpace,
            b'_' => Named::NoBreakHyphen,
            b'-' => Named::SoftHyphen,
            b'\t' => return if self.passed() { Ok(()) } else { self.mark(Mark::Tab) },
            _ => return self.flush(),
        };
        if self.passed() { Ok(()) } else { self.mark(Mark::Named(named)) }
    }

    /// `\uN` (RTF 1.9.1, Unicode RTF): a unit of UTF-16, negative above 0x7FFF. Some writers give whole characters.
    fn unicode(&mut self, number: Option<i32>) -> io::Result<()> {
        self.pass = self.state.fallback;
        if !self.takes_text(b"?") {
            return Ok(());
        }
        let Some(number) = number else {
            self.losses.add(LossKind::Malformed, 1, || "a \\u without a number".to_owned());
            return Ok(());
        };
        let number = if number < 0 { number.saturating_add(0x1_0000) } else { number };
        let code = u32::try_from(number).unwrap_or(u32::MAX);
        match (u16::try_from(code).ok(), self.high) {
            (Some(low @ 0xDC00..=0xDFFF), Some(high)) => {
                self.high = None;
                let pair = char::decode_utf16([high, low]).find_map(Result::ok);
                self.character(pair.unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            (Some(high @ 0xD800..=0xDBFF), before) => {
                if before.is_some() {
                    self.lone_surrogate()?;
                }
                self.flush()?;
                self.high = Some(high);
                Ok(())
            }
            (_, before) => {
                if before.is_some() {
                    self.lone_surrogate()?;
                }
                let character = char::from_u32(code).unwrap_or_else(|| {
                    self.losses.add(LossKind::Characters, 1, || format!("\\u{number} is no character"));
                    char::REPLACEMENT_CHARACTER
                });
                self.character(character)
            }
        }
    }

    /// A control word at the beginning of a group; `true` if it made the group a destination.
    fn open(&mut self, word: &str, starred: bool) -> io::Result<bool> {
        let outer = self.state.destination;
        let opened = match outer {
            // What is in a skipped group is skipped, but for the text of shapes and the better alternative.
            Destination::Skip | Destination::Omit(_) => Some(Opening::Into(outer)),
            Destination::Shape | Destination::Alternative => match opening(word, outer) {
                Some(Opening::Into(Destination::Body)) => Some(Opening::Into(Destination::Body)),
                _ => Some(Opening::Into(outer)),
            },
            _ => opening(word, outer),
        };
        let Some(opened) = opened else {
            if starred {
                self.state.destination = Destination::Skip;
            }
            return Ok(starred);
        };
        let rtf = self.reading == Reading::Rtf;
        match opened {
            Opening::Into(destination) => self.state.destination = destination,
            Opening::ListText if rtf => {}
            Opening::ListText => self.state.destination = Destination::Skip,
            Opening::Picture => {
                if !self.is_suppressed() {
                    self.losses.add(LossKind::Picture, 1, || "picture in the text".to_owned());
                }
                self.flush()?;
                self.state.destination = Destination::Skip;
            }
            Opening::Object if rtf => self.losses.add(LossKind::Object, 1, || "object in the text".to_owned()),
            Opening::Object => {}
            Opening::Field => self.fields.push(Field {
                depth: self.saved.len(),
                instruction: String::new(),
                result: None,
                resulted: false,
                linked: false,
                shown: false,
            }),
            Opening::FieldResult => self.field_result()?,
        }
        Ok(true)
    }

    fn field_result(&mut self) -> io::Result<()> {
        let depth = self.saved.len();
        let Some(field) = self.fields.last_mut() else { return Ok(()) };
        field.result = Some(depth);
        // The instruction is long and is read once: a hostile field has results without end.
        if std::mem::replace(&mut field.resulted, true) || self.reading != Reading::Rtf {
            return Ok(());
        }
        let Instruction::Hyperlink(target) = field::parse(&field.instruction) else { return Ok(()) };
        if target.len() <= MAX_TARGET && field::is_safe(&target) {
            field.linked = true;
            self.output.mark(Mark::Link(&target), &self.state, &self.document)
        } else {
            self.losses.add(LossKind::Link, 1, || target);
            Ok(())
        }
    }

    /// The end of the group at `depth`, which may be a field or its result.
    pub(super) fn field_group_end(&mut self, depth: usize) -> io::Result<()> {
        let Some(field) = self.fields.last_mut() else { return Ok(()) };
        if field.result == Some(depth) {
            field.result = None;
            if std::mem::take(&mut field.linked) {
                self.output.mark(Mark::LinkEnd, &self.state, &self.document)?;
            }
        }
        let Some(field) = self.fields.pop_if(|field| field.depth == depth) else { return Ok(()) };
        self.instructions = self.instructions.saturating_sub(field.instruction.len());
        if field.shown {
            if let Some(outer) = self.fields.last_mut() {
                outer.shown |= outer.result.is_some();
            }
        } else if self.reading == Reading::Rtf
            && let Instruction::Symbol(character) = field::parse(&field.instruction)
        {
            self.text(character.encode_utf8(&mut [0; 4]))?;
        }
        Ok(())
    }

    /// `\objattph` (MS-OXRTFEX 2.2.3.4): an attachment belongs here, in the place of the next character.
    fn attachment(&mut self) -> io::Result<()> {
        if self.is_shown() {
            let ordinal = self.objects;
            self.objects = self.objects.saturating_add(1);
            self.placeholder = true;
            return self.mark(Mark::Object(ordinal));
        }
        Ok(())
    }

    /// A control word that shows nothing.
    fn setting(&mut self, word: &str, number: Option<i32>) -> io::Result<()> {
        self.flush()?;
        let spoken = match word {
            "emspace" => Some('\u{2003}'),
            "enspace" => Some('\u{2002}'),
            "qmspace" => Some('\u{2005}'),
            "ltrmark" => Some('\u{200E}'),
            "rtlmark" => Some('\u{200F}'),
            "zwj" => Some('\u{200D}'),
            "zwnj" => Some('\u{200C}'),
            _ => None,
        };
        if let Some(character) = spoken {
            return if self.passed() { Ok(()) } else { self.character(character) };
        }
        match self.state.destination {
            Destination::FontTable => {
                match (word, number) {
                    ("f", Some(number)) => self.document.fonts.begin(number),
                    ("fcharset", Some(charset)) => self.document.fonts.charset(charset),
                    ("cpg", Some(number)) => self.document.fonts.code_page(number),
                    _ => {}
                }
                return Ok(());
            }
            Destination::ColourTable => {
                let value = number.and_then(|number| u8::try_from(number).ok()).unwrap_or(0);
                let ([red, green, blue], given) = &mut self.colour;
                match word {
                    "red" => *red = value,
                    "green" => *green = value,
                    "blue" => *blue = value,
                    _ => return Ok(()),
                }
                *given = true;
                return Ok(());
            }
            _ => {}
        }
        match word {
            "htmlrtf" => self.state.html_rtf = number != Some(0),
            "uc" => self.state.fallback = number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
            "deff" => self.document.default_font = self.document.default_font.or(number),
            "ansicpg" => {
                if let Some(page) = number.and_then(font::page).filter(|_| !self.page_named) {
                    self.document.code_page = page;
                    self.page_named = true;
                }
            }
            // A code page that is named outright comes later and wins.
            "mac" if !self.page_named => self.document.code_page = CodePage::new(10000),
            "pc" if !self.page_named => self.document.code_page = CodePage::new(437),
            "pca" if !self.page_named => self.document.code_page = CodePage::new(850),
            _ => {
                if !self.state.character.apply(word, number) {
                    self.state.paragraph.apply(word, number);
                }
            }
        }
        Ok(())
    }
}

fn named(word: &str) -> Option<Named> {
    Some(match word {
        "lquote" => Named::LeftQuote,
        "rquote" => Named::RightQuote,
        "ldblquote" => Named::LeftDoubleQuote,
        "rdblquote" => Named::RightDoubleQuote,
        "bullet" => Named::Bullet,
        "endash" => Named::EnDash,
        "emdash" => Named::EmDash,
        _ => return None,
    })
}
