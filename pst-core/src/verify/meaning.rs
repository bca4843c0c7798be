//! What a finding means for whoever owns the file, in a sentence.

use crate::verify::{Rule, Severity};

/// What a deviation from a rule, this bad, means.
pub(super) const fn meaning(rule: Rule, severity: Severity) -> &'static str {
    use Severity::{Cosmetic, Degraded, Fatal, Loss};
    match (rule, severity) {
        (Rule::H1, _) => {
            "This is no PST or OST, or its beginning is destroyed; only a recovery can look for what is behind it."
        }
        (Rule::H2, _) => "It is not known how this file is built; no program that is known reads it.",
        (Rule::H3 | Rule::H4, _) => {
            "The header was torn or changed, so that readers refuse the file; what lies behind it may be whole."
        }
        (Rule::H5, Fatal) => "It is not known how the data is encoded, so that none of it can be read.",
        (Rule::H5, _) => "A byte that is the same in every file is not; nothing depends on it.",
        (Rule::H6, Loss | Fatal) => "The file was cut short: everything that lay behind the cut is lost.",
        (Rule::H6, Degraded) => "There is more in the file than belongs to it; nothing is lost.",
        (Rule::H6, Cosmetic) => "Old programs end files like this; nothing is lost.",
        (Rule::H7, _) => "The next program that makes the file longer looks for free room in the wrong place.",
        (Rule::H8, _) => "There is no way to the data but by a recovery.",
        (Rule::H9, _) => "A program ended before it was done; the next one makes the maps of free room anew.",
        (Rule::H10, _) => "The next thing that is written gets the id of one that is there, and destroys it.",
        (Rule::H11, Cosmetic) => "Outlook leaves this in OSTs; nothing is lost.",
        (Rule::H11, _) => "The next item may get the id of one that is there; Outlook looks before it gives one.",
        (Rule::H12, _) => "The next row may get the version of another one, and a view may not see that it changed.",
        (Rule::H13, _) => "Outlook 2003 and older keep old maps of free room here; nobody else reads them.",
        (Rule::H14, _) => {
            "Outlook refuses a file of this kind that has grown past 2 GB; other readers open it, and it can be converted."
        }
        (Rule::P1 | Rule::P2 | Rule::P3 | Rule::P4 | Rule::P5, Fatal) => {
            "The top page of a tree is lost, and with it every way to the data but a recovery."
        }
        (Rule::P1 | Rule::P2 | Rule::P3 | Rule::P4 | Rule::P5, _) => {
            "Everything this page of an index leads to cannot be found; the data itself may be whole, and a recovery looks for it."
        }
        (Rule::P6, _) => "One of two things was written over the other; at most one of them is whole.",
        (Rule::P7 | Rule::P8 | Rule::P9, Fatal | Loss) => {
            "A page of an index makes no sense, so that some of what it leads to is not found."
        }
        (Rule::P7, _) => "A number that only writers use is wrong; everything is found.",
        (Rule::P8 | Rule::P9, _) => "A page of an index is not as it should be; everything is found.",
        (Rule::P10, _) => "The page and its parent disagree where the page begins; everything is found.",
        (Rule::P11, _) => "A page that leads to nothing should not be there; nothing is lost.",
        (Rule::B1 | Rule::B2 | Rule::B3 | Rule::B4, _) => {
            "The data in this block cannot be trusted; what is in it is lost to its item."
        }
        (Rule::B5 | Rule::B6 | Rule::B7, Degraded | Cosmetic) => {
            "A block that holds others together is odd; all is found."
        }
        (Rule::B5 | Rule::B6, _) => "A block that holds others together is wrong; a value of its item is lost or cut.",
        (Rule::B7, _) => "Some parts of the item, such as recipients or attachments, are not found.",
        (Rule::B8, _) => {
            "A part of the item is not in the file any more, or the index lost it; a recovery looks for it."
        }
        (Rule::B9, Loss | Fatal) => {
            "All can be read now; when one of the items is deleted, the data is destroyed for the others as well."
        }
        (Rule::B9, _) => "The room of this block is never given back; nothing is lost.",
        (Rule::B10, _) => "This is room that nothing uses and nobody gives back; nothing is lost.",
        (Rule::B11, _) => "Programs that jump within large values miscalculate; scanpst repairs this.",
        (Rule::B12, Cosmetic) => "Some programs note the folder of a table; nobody reads it.",
        (Rule::B12, _) => "The item is in no folder, so that no program shows it; a recovery puts it into one.",
        (Rule::B13, _) => "Outlook leaves this bit set at times; readers have to ignore it.",
        (Rule::B14, _) => "The data in this block cannot be unpacked; what is in it is lost to its item.",
        (Rule::M1 | Rule::M2, Loss | Fatal) => {
            "Data counts as free room: the next program that writes to the file writes over it."
        }
        (Rule::M1 | Rule::M2 | Rule::M3, Degraded) => "The file takes more room than it needs; nothing is lost.",
        (Rule::M4, Loss | Fatal) => "A page in use counts as free: the next program that writes may write over it.",
        (Rule::M1 | Rule::M2 | Rule::M3 | Rule::M4 | Rule::M5 | Rule::M6 | Rule::M7 | Rule::M8, _) => {
            "Maps of free room are for programs that write, which make them anew; no reader needs them."
        }
        (Rule::L1 | Rule::L5, Loss | Fatal) => "Properties or rows kept in this heap cannot be found.",
        (Rule::L6, Loss | Fatal) => "A property of the item is lost; the others can be read.",
        (Rule::L7, Loss | Fatal) => {
            "Rows or cells of this table are lost; of a folder's table they can be made anew from its items."
        }
        (Rule::L8, _) => "Two rows have one version; a view may not see that one of them changed.",
        (Rule::L1 | Rule::L2 | Rule::L3 | Rule::L4 | Rule::L5 | Rule::L6 | Rule::L7, _) => {
            "The heap is not as it should be, and everything in it can be read."
        }
        (Rule::F1, Cosmetic) => "Other programs and old versions make folders like this; nothing is lost.",
        (Rule::F1, _) => "A list shows the folder in another way than it is; Outlook makes what is missing anew.",
        (Rule::F2, _) => "A number beside the name of the folder is wrong; its items are there.",
        (Rule::F3, Cosmetic) => "An OST is a cache, in which lists may be behind; nothing is lost.",
        (Rule::F3, Degraded) => "A search shows what is not there any more; Outlook searches again.",
        (Rule::F3, _) => "What the folder shows and what is in it differ: an item is gone, or is there and not shown.",
        (Rule::F4, _) => "A list shows the message in another way than it is; opened, it is right.",
        (Rule::F5, Loss | Fatal) => "Nothing of this message is left.",
        (Rule::F5, _) => "Programs that rely on this property may treat the message badly; its content is there.",
        (Rule::F6, Loss | Fatal) => "An attachment is lost, or is there and not shown.",
        (Rule::F6, _) => "A list shows an attachment in another way than it is; the attachment itself is there.",
        (Rule::F7, _) => "A size that programs show is wrong; nothing is lost.",
        (Rule::F8, Loss | Fatal) => {
            "Some properties have lost their names, so that programs do not find them, such as categories."
        }
        (Rule::F8, _) => {
            "Names of some properties are found slowly or not at all by some programs; the values are there."
        }
        (Rule::F9, Loss | Fatal) => "A folder every program looks for, such as Deleted Items, is not found.",
        (Rule::F9, _) => "The store does not say which folder is which; programs make new ones.",
        (Rule::F10, _) => {
            "No program shows these folders and what is in them; a recovery puts them into one that it shows."
        }
        (Rule::N1, Loss | Fatal) => "Without this node there is no way to the folders but a recovery.",
        (Rule::N1 | Rule::N2, _) => "Outlook makes this anew when it needs it; nothing is lost.",
        (Rule::I1, _) => "The disk or network did not give these bytes; copy the file and check the copy.",
        (Rule::I2, _) => "What was not looked at may be whole or not.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_severity_has_a_sentence() {
        for rule in Rule::ALL {
            for severity in Severity::ALL {
                let text = meaning(*rule, severity);
                assert!(text.ends_with('.') && text.len() < 140 && text.starts_with(char::is_uppercase), "{text}");
            }
            // What is only cosmetic costs nothing.
            let text = meaning(*rule, Severity::Cosmetic);
            assert!(!text.contains("destroy") || *rule == Rule::H1 || *rule == Rule::H10, "{rule}: {text}");
        }
    }
}
