//! Words for what files are, the same in every command.

use pst_core::ndb::{CryptMethod, Layout};

/// The layout as people say it.
pub(crate) fn layout(layout: Layout) -> &'static str {
    match layout {
        Layout::Ansi => "ANSI",
        Layout::Unicode => "Unicode",
        Layout::Unicode4k => "Unicode with 4K pages",
    }
}

/// The encoding of a file's blocks. None of them is encryption.
pub(crate) fn encoding(crypt: CryptMethod) -> &'static str {
    match crypt {
        CryptMethod::None => "none",
        CryptMethod::Permute => "permute",
        CryptMethod::Cyclic => "cyclic",
    }
}
