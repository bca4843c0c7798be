//! The messaging layer (MS-PST 2.4): stores, folders, messages, recipients, attachments.
//!
//! ```text
//! Pst -> Store            named properties
//!     -> Folder -> Folder ...
//!               -> Message -> Recipient
//!                          -> Attachment -> Message ...
//! ```

mod attachment;
mod blob;
mod body;
mod entry_id;
mod folder;
mod inspect;
pub mod kind;
mod message;
mod named_property;
mod recipient;
pub mod recurrence;
mod special;
mod store;
pub mod time_zone;

pub use attachment::{Attachment, AttachmentContent, AttachmentMethod, Attachments};
pub use blob::{BlobFinding, Decoded};
pub(crate) use body::code_page as html_code_page;
pub use body::{Html, Rtf};
pub(crate) use entry_id::LONGEST_ENTRY_ID;
pub use entry_id::{AddressBookEntryId, EntryId, OneOffEntryId};
pub use folder::{Descendants, Folder, FolderKind, Messages, Subfolders};
pub use inspect::{Inspection, inspect, inspect_folder, inspect_store};
pub use message::{Message, Participant, Subject};
pub use named_property::{NamedProperties, NamedProperty, PropertyName, PropertySet, encode as encode_names};
pub use recipient::{Recipient, RecipientKind, Recipients};
pub(crate) use special::{Kept, RECEIVE_FOLDER_ID, RECEIVE_FOLDER_TABLE, receive_folders};
pub use special::{SpecialFolder, SpecialFolders};
pub use store::Store;
