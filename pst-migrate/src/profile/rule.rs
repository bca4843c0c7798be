//! The rules of a delivery: each with a stable id, the reason code it gives, and a sentence for a person.
//!
//! A rule is what is looked at; how much it matters is [`Severity`], and the profile says so. Codes are what other programs
//! match: several rules may give one code, as an address can be wrong in more ways than one.

use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The rule is not looked at.
    Off,
    /// Something to know.
    Info,
    /// Accepted, and somebody should look.
    Warning,
    /// Refused.
    Error,
}

impl Severity {
    /// All, the least first.
    pub const ALL: &[Self] = &[Self::Off, Self::Info, Self::Warning, Self::Error];

    /// The stable name, in small letters: `warning`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! rules {
    ($($rule:ident = $id:literal, $code:literal, $about:literal, $fix:literal;)*) => {
        /// A rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $about] $rule,)*
        }

        impl Rule {
            /// All, in the order in which they are looked at: names, places, files, sizes, contents.
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            /// The stable id, in small letters: `name-address`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => $id,)* }
            }

            /// The stable reason code: `NOT_AN_ADDRESS`. Codes are never renamed.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$rule => $code,)* }
            }

            /// What is wrong, for a person.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$rule => $about,)* }
            }

            /// What to do about it.
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$rule => $fix,)* }
            }
        }
    };
}

rules! {
    NameUnicode = "name-unicode", "NAME_NOT_UNICODE",
        "The name of the file is not valid Unicode.",
        "Rename it; nothing that reads the name can write it down.";
    NameExtension = "name-extension", "EXT_MISSING",
        "The name does not end in `.pst`, or in `.pst` and a number.",
        "Add `.pst` behind the address or the number.";
    NameDoubleExtension = "name-double-extension", "DOUBLE_EXTENSION",
        "The name ends in `.pst.pst`.",
        "Take one `.pst` away.";
    NameNumberTwice = "name-number-twice", "NUMBER_TWICE",
        "The name has two numbers.",
        "Keep one, before or behind `.pst`.";
    NameAddress = "name-address", "NOT_AN_ADDRESS",
        "The name has no address: there is no `@` in it.",
        "Name the file after the owner's full SMTP address.";
    NameFullAddress = "name-full-address", "NOT_FULL_ADDRESS",
        "The domain of the address has no dot.",
        "Write the domain in full, such as `example.com`.";
    NameAddressSyntax = "name-address-syntax", "ADDRESS_SYNTAX",
        "What stands before `.pst` is no valid SMTP address.",
        "Name the file after the address and nothing else; a number goes behind a dot.";
    NameAddressAscii = "name-address-ascii", "ADDRESS_NON_ASCII",
        "The address has letters outside ASCII, which few servers take.",
        "Make sure that the archive knows the address in this form.";
    NameDomain = "name-domain", "DOMAIN_UNKNOWN",
        "The domain of the address is none of the expected ones, or ends as no domain does.",
        "Check the address; a number goes behind a dot.";
    NameOwner = "name-owner", "BAD_ADDRESS",
        "The address is not in the list of owners.",
        "Correct the address, or have the account created.";
    NameNumberDuplicate = "name-number-duplicate", "NUMBER_DUPLICATE",
        "Another file of the same owner has the same number.",
        "Give each file of an owner a number of its own.";
    NameUnique = "name-unique", "NAME_NOT_UNIQUE",
        "Another file of the delivery has the same name, upper and lower case aside.",
        "Give each file a name of its own.";
    GluedBaseFolder = "layout-glued-base", "GLUED_BASE_FOLDER",
        "The base folder and the file name are one word, as in `PerUserann@example.com.pst`.",
        "Make the base folder a folder, and put the file into it.";
    LayoutBase = "layout-base", "BASE_FOLDER_MISSING",
        "The file is in no base folder that says what it holds.",
        "Put it into the base folder for its kind of mail.";
    LayoutRoot = "layout-root", "ROOT_NAME",
        "The root folder is not called after company and asset tag, as in `Acme_ing1234`, or is not where it should be.",
        "Rename or move the folder that holds `Pst`.";
    NameVariants = "layout-variants", "NAME_VARIANTS",
        "Two spellings of one base folder are in use.",
        "Nothing has to be done; one spelling is easier to read.";
    GroupingMixed = "layout-grouping", "GROUPING_MIXED",
        "The file is in a base folder for mail of one owner and in one for mail of no owner.",
        "Put each kind of grouping into a tree of its own.";
    FormatMixed = "layout-format", "FORMAT_MIXED",
        "The file is in a base folder for plain mail and in one for journal reports.",
        "Put each journal format into a tree of its own.";
    TypesMixed = "layout-types", "TYPES_MIXED",
        "The file is of another type than its tree is for.",
        "Put PST files and zipped mail into trees of their own.";
    TreeTooDeep = "layout-depth", "TREE_TOO_DEEP",
        "The folder is deeper than folders may be nested; nothing below it was looked at.",
        "Move its files further up.";
    DirectoryEntries = "layout-entries", "DIR_OVER_60000",
        "The folder has more entries than a folder may have.",
        "Spread the files over several folders.";
    FileType = "file-type", "TYPE_NOT_ACCEPTED",
        "The file is of a type that is not taken.",
        "Leave it out, or convert it to PST.";
    FileExtension = "file-extension", "TYPE_NOT_ACCEPTED",
        "The extension does not go with the content.",
        "Check what the file is, and name it after that.";
    FileMsg = "file-msg", "MSG_NOT_ACCEPTED",
        "The file is a single Outlook message.",
        "Put messages into a PST.";
    FileMail = "file-eml", "EML_NOT_ZIPPED",
        "The file is a single mail that is not in a ZIP archive.",
        "Zip the mails.";
    FileEmpty = "file-empty", "FILE_EMPTY",
        "The file has no bytes.",
        "Copy it again from where it came.";
    FileLink = "file-link", "LINK_NOT_FOLLOWED",
        "A link, which is not followed.",
        "Put the file itself here.";
    FileSpecial = "file-special", "SPECIAL_FILE",
        "A pipe, socket or device.",
        "Take it away.";
    FileUnreadable = "file-unreadable", "FILE_UNREADABLE",
        "The file or folder could not be read.",
        "Check permissions and the disk, and copy it again.";
    FileChanged = "file-changed", "FILE_CHANGED",
        "The file changed while it was read.",
        "Close the program that has it open, and check again.";
    ArchiveContent = "archive-content", "ARCHIVE_CONTENT",
        "The archive holds something that is no mail, is encrypted, or is not read for another reason.",
        "Zip mails alone, without a password.";
    SizeRecommended = "size-recommended", "SIZE_OUTSIDE_RECOMMENDED",
        "The size is outside what is recommended.",
        "Nothing has to be done; the recommended size is taken in best.";
    SizeSlow = "size-slow", "SIZE_SLOW",
        "The file is so large that it will be slow.",
        "Split it.";
    SizeMax = "size-max", "SIZE_OVER_MAX",
        "The file is larger than a file may be.",
        "Split it.";
    SizeWindow = "size-window", "WINDOW_FULL_READ",
        "The size is near the limit at which old programs cut files short; every item was read.",
        "Nothing has to be done if all items could be read.";
    SizeAnsi = "size-ansi", "ANSI_TRUNCATED_LIKELY",
        "The file is shorter than it says, or at the limit of the old format: its end is likely lost.",
        "Recover it, or export the mailbox again.";
    StoreOpen = "access-open", "STORE_UNREADABLE",
        "The store cannot be opened, or its folders and items cannot be listed whole.",
        "Recover it, or export the mailbox again.";
    ItemAccess = "access-items", "ITEM_UNREADABLE",
        "An item could not be read to its end.",
        "Recover the file, or have the items left out.";
    ItemSize = "item-size", "ITEM_TOO_LARGE",
        "An item is larger than items may be; it will be left out.",
        "Nothing can be done but to know about it.";
    FolderItems = "folder-items", "PST_FOLDER_OVER_60000",
        "A folder in the store has more items than a folder should have.",
        "Spread the items over several folders.";
    ContentFormat = "content-format", "FORMAT_MISMATCH",
        "The content does not go with the base folder: journal reports where there should be mail, or mail where there should be reports.",
        "Move the file to the base folder for what it holds.";
    ContentClass = "content-classes", "CLASS_NOT_LISTED",
        "None of the items looked at has a class that is taken.",
        "Leave the file out, or widen the list of classes.";
    ContentStubs = "content-stubs", "STUB_TABLE",
        "Items are stubs that an archiving product left in the place of mail.",
        "Bring the mail back from the archive before it is exported.";
    Submissions = "submissions", "SUBMISSION_LIMIT",
        "Cured data is delivered more often than it may be.",
        "Ask who takes the delivery.";
}

impl Rule {
    /// The rule with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_names_come_back() {
        let ids: HashSet<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert_eq!(Rule::from_id(rule.id()), Some(*rule));
            assert!(rule.code().bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'));
        }
        assert_eq!(Severity::from_name("error"), Some(Severity::Error));
        assert_eq!(Severity::from_name("Error"), None);
        assert!(Severity::Warning < Severity::Error);
    }
}
