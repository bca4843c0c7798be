//! The rules, by code.

use std::fmt;

/// How bad a finding is, from mild to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Severity {
    /// Deviates from what is written today; sound files of real writers do so.
    Cosmetic,
    /// Everything can be read; Outlook or scanpst would correct something.
    Degraded,
    /// Something cannot be read, or the next program that writes to the file destroys something.
    Loss,
    /// The file as a whole cannot be used.
    Fatal,
}

impl Severity {
    /// All of them, mild ones first.
    pub const ALL: [Self; 4] = [Self::Cosmetic, Self::Degraded, Self::Loss, Self::Fatal];

    /// One lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cosmetic => "cosmetic",
            Self::Degraded => "degraded",
            Self::Loss => "loss",
            Self::Fatal => "fatal",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident, $title:literal, $source:literal;)*) => {
        /// What was checked. The codes are stable: a rule that is given up leaves a gap.
        ///
        /// H is the header, P pages, B blocks and nodes, M allocation maps, L heaps and tables, F folders and messages,
        /// N nodes every store has, I the check itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* #[doc = concat!("\n\nSource: ", $source, ".")] $rule,)*
        }

        impl Rule {
            /// All rules in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$rule),*];

            /// The code, such as `P10`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$rule => stringify!($rule),)* }
            }

            /// What the rule asks for, in one line.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$rule => $title,)* }
            }

            /// Where the rule comes from: sections of MS-PST, or `observed` in the files Outlook writes.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$rule => $source,)* }
            }
        }
    };
}

rules! {
    /// `dwMagic` is `!BDN` and `wMagicClient` is `SM`, `SO` or `AB`.
    H1, "the magic numbers are those of a PST, OST or PAB", "MS-PST 2.2.2.6";
    /// `wVer` is one of 14, 15, 20 to 36.
    H2, "the version is known", "MS-PST 2.2.2.6, observed";
    /// `dwCRCPartial` over the 471 bytes from offset 8.
    H3, "the partial CRC of the header is right", "MS-PST 2.2.2.6";
    /// `dwCRCFull` over the 516 bytes from offset 8. ANSI files have none.
    H4, "the full CRC of the header is right", "MS-PST 2.2.2.6";
    /// `bSentinel` is 0x80 and `bCryptMethod` known.
    H5, "sentinel and coding of the header are known", "MS-PST 2.2.2.6";
    /// `ibFileEof` is the length of the file, and the file ends where a section of the allocation maps ends.
    H6, "the file is as long as the header says and ends with a whole section", "MS-PST 2.2.2.5, observed";
    /// `ibAMapLast` is the place of the last allocation map page.
    H7, "ibAMapLast is the last allocation map", "MS-PST 2.2.2.5";
    /// Both root pages lie in the file, on a page boundary, and not where a map page belongs.
    H8, "the roots of both B-trees lie where pages can be", "MS-PST 2.2.2.5";
    /// `fAMapValid` is 1 or 2.
    H9, "the file was closed cleanly", "MS-PST 2.2.2.5";
    /// Every block id is below `bidNextB`, every id of a page below `bidNextP`.
    H10, "no id in use will be given out again", "MS-PST 2.2.2.6";
    /// `rgnid` of each type is at least the largest index in use, among subnodes too.
    H11, "no node id in use will be given out again", "MS-PST 2.2.2.6, observed";
    /// `dwUnique` is above the `LtpRowVer` of every row.
    H12, "dwUnique is above the version of every row", "MS-PST 2.2.2.6, observed";
    /// `rgbFM` and `rgbFP` are 0xFF throughout, as writers since Outlook 2007 SP2 leave them. 4K files have zeros.
    H13, "the old free maps of the header are filled with 0xFF", "MS-PST 2.2.2.6";
    /// `ibFileEof` and the length of an ANSI file are below 2^31: Outlook refuses what has grown past that.
    H14, "an ANSI file ends below 2 GB", "MS-PST 2.2.2.5, observed";

    /// `ptype` and `ptypeRepeat` of a B-tree page are those of its tree.
    P1, "a page has the type of its tree", "MS-PST 2.2.2.7.1";
    /// `dwCRC` of a B-tree page.
    P2, "the CRC of a page is right", "MS-PST 2.2.2.7.1";
    /// `wSig` of a B-tree page.
    P3, "the signature of a page is right", "MS-PST 2.2.2.7.1, 5.5";
    /// `bid` in the trailer of a B-tree page is that of the reference to it.
    P4, "a page has the id its parent names", "MS-PST 2.2.2.7.1";
    /// A B-tree page lies on a page boundary, wholly in the file. Whether the maps know it is M2.
    P5, "a page lies where pages can be", "MS-PST 2.2.2.7";
    /// No two pages or blocks share bytes.
    P6, "no two pages or blocks overlap", "MS-PST 1.3.2";
    /// `cbEnt` holds a record, `cEnt` is at most `cEntMax`, and all entries fit in the page.
    P7, "counts and sizes of a B-tree page fit", "MS-PST 2.2.2.7.7.1";
    /// `cLevel` falls by one from page to page and ends at 0, at most 8 levels; no page is reached twice.
    P8, "levels fall by one and no page is reached twice", "MS-PST 2.2.2.7.7.1";
    /// Keys ascend in a page and stay between the key of the parent's entry and that of the next one.
    P9, "keys of a B-tree ascend", "MS-PST 2.2.2.7.7";
    /// The key in the parent is the first key of the page. The specification only asks for not more.
    P10, "the key in the parent is the first key of the page", "MS-PST 2.2.2.7.7.2, observed";
    /// Only a root may be empty.
    P11, "a page that is no root holds an entry", "observed";

    /// A block lies on its alignment, wholly in the file, and in no map page.
    B1, "a block lies where blocks can be", "MS-PST 2.2.2.8";
    /// `cb` and `bid` of the trailer (4K: the inflated size too) are those of the BBT entry.
    B2, "the trailer of a block repeats its BBT entry", "MS-PST 2.2.2.8.1";
    /// `cb` is at least 1 and at most what a block has room for.
    B3, "the size of a block is possible", "MS-PST 2.2.2.7.7.3";
    /// `wSig`, and `dwCRC` over the stored bytes.
    B4, "signature and CRC of a block are right", "MS-PST 2.2.2.8.1, 5.3, 5.5";
    /// Blocks with the internal bit hold an X, XX, SL or SIBLOCK whose entries fit, and stand where such a block belongs.
    B5, "internal blocks are what their id says", "MS-PST 2.2.2.8.3";
    /// Children of an XBLOCK are data, those of an XXBLOCK are XBLOCKs, and `lcbTotal` is the sum of the data.
    B6, "a data tree is well formed and as long as it says", "MS-PST 2.2.2.8.3.2";
    /// Subnode ids ascend; a SIBLOCK names SLBLOCKs by their first id; there is one such level.
    B7, "a subnode tree is well formed", "MS-PST 2.2.2.8.3.3";
    /// Every block id a node, subnode or internal block names has a BBT entry.
    B8, "every block that is named exists", "MS-PST 2.2.2.7.7";
    /// `cRef` is one more than the number of references, one for each NBTENTRY, SLENTRY, SIENTRY or child that names it.
    B9, "reference counts are exact", "MS-PST 2.2.2.7.7.3, observed";
    /// A block that nothing refers to is space that is never given back.
    B10, "every block is referred to", "MS-PST 2.2.2.7.7.3, observed";
    /// All blocks of a data tree but the last are full: scanpst's "middle page not full".
    B11, "all blocks of a data tree but the last are full", "MS-PST 2.2.2.8.3.2, observed";
    /// Folders name their parent, messages their folder, and it exists; tables name none.
    B12, "the parents of folders and messages exist", "MS-PST 2.2.2.7.7.4, observed";
    /// Bit 0 of a block id is clear: scanpst calls a set one "attached".
    B13, "the reserved bit of block ids is clear", "MS-PST 2.2.2.2";
    /// A compressed block of a 4K file is one zlib stream of exactly the size its entry says.
    B14, "a compressed block inflates to its size", "observed";

    /// An allocation map page stands at the start of each section and counts itself as in use.
    M1, "an allocation map stands at the start of each section", "MS-PST 2.2.2.7.2";
    /// A bit is set exactly if a page or block, or a map page, lies there.
    M2, "the allocation maps agree with what is in use", "MS-PST 2.2.2.7.2";
    /// `cbAMapFree` is the number of free bytes in all allocation maps.
    M3, "cbAMapFree is the sum of the allocation maps", "MS-PST 2.2.2.5";
    /// A page map page stands behind every eighth allocation map, and no page it calls free is in use. Not in 4K files.
    M4, "page maps stand at their places", "MS-PST 2.2.2.7.3";
    /// A free map page stands behind the page map of section 128 and every 496th from there, filled with 0xFF if the header
    /// is too. Not in 4K files.
    M5, "free maps stand at their places", "MS-PST 2.2.2.7.5";
    /// A free page map page stands behind the page map of section 8192 and every 31,744th from there, filled
    /// with 0xFF if the header is too. Unicode only.
    M6, "free page maps stand at their places", "MS-PST 2.2.2.7.6, observed";
    /// Type, signature 0, own offset as id, and CRC of map pages.
    M7, "trailers of map pages are right", "MS-PST 2.2.2.7.1";
    /// The density list, if it is there, is well formed. Outlook makes a new one.
    M8, "the density list is plausible", "MS-PST 2.2.2.7.4";

    /// Heap signature and client, page maps inside their blocks, offsets that ascend.
    L1, "a heap is well formed", "MS-PST 2.3.1";
    /// The first item begins right behind the header that the number of the block asks for.
    L2, "heap blocks have the header of their number", "MS-PST 2.3.1.3, 2.3.1.4";
    /// `cFree` is the number of items of length 0.
    L3, "the free count of a heap block is exact", "MS-PST 2.3.1.5, observed";
    /// No item is larger than 3,580 bytes. Not in 4K files.
    L4, "heap items are small enough", "MS-PST 2.6.2.1.2";
    /// Sizes of a BTree-on-Heap are legal, records whole, keys ascending, index keys those of the child.
    L5, "a BTree-on-Heap is well formed", "MS-PST 2.3.2";
    /// Properties have a known type and a value that can be found and fits the type.
    L6, "every property has a value of its type", "MS-PST 2.3.3";
    /// Columns and rows of a table agree with its description, and every cell has a value.
    L7, "a table and its rows are well formed", "MS-PST 2.3.4";
    /// `LtpRowVer` is given to one row of the store only.
    L8, "row versions are unique", "MS-PST 2.3.4.4.1, observed";

    /// A folder has its tables and required properties, and its row in the parent's table repeats its properties.
    F1, "a folder is complete and its row repeats it", "MS-PST 2.4.4";
    /// Counters of a folder are those of its tables.
    F2, "the counters of a folder are right", "MS-PST 2.4.4.1";
    /// Each row of a contents or hierarchy table has its node below the folder, and each such node its row.
    F3, "a folder lists what is in it and nothing else", "MS-PST 2.4.4.5";
    /// Cells of a contents table repeat the properties of the message.
    F4, "rows of messages repeat their properties", "MS-PST 2.4.4.5, observed";
    /// A message has class, flags, size, status, dates and search key.
    F5, "a message has the properties it must have", "MS-PST 2.4.5.1";
    /// Rows of the attachment table and attachment subnodes are the same, complete, and told by the message flags.
    F6, "the attachments of a message agree with their table", "MS-PST 2.4.6";
    /// PidTagMessageSize, PidTagAttachSize and the size of an embedded object are what they should be.
    F7, "sizes of messages and attachments are right", "observed";
    /// Streams of the name map can be read, ids are unique, and each entry is in its bucket.
    F8, "the map of named properties is well formed", "MS-PST 2.4.7";
    /// Entry ids in the store name folders that exist.
    F9, "the folders the store names exist", "MS-PST 2.4.3";
    /// From every folder its parents lead to the root folder.
    F10, "folders do not lie in each other", "MS-PST 2.4.4";

    /// The nodes a store must have.
    N1, "the nodes every store has are there", "MS-PST 2.4.1, 2.7.1, observed";
    /// Template tables have the columns Outlook gives them, with their types.
    N2, "template tables have their columns", "MS-PST 2.4.4.4, 2.4.4.5, 2.4.5.3, 2.4.6.1, observed";

    /// The operating system could not read a part of the file.
    I1, "the whole file could be read", "the check itself";
    /// The check went through the file many times over and gave up, which it does for no sound file; or something is
    /// nested deeper than the limits of the reader.
    I2, "the check came to its end", "the check itself";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
