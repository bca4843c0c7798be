//! The columns a table of items can have.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Unsigned 32-bit numbers.
    Number,
    /// Signed 64-bit numbers.
    Long,
    /// True or false.
    Truth,
    /// Text.
    Text,
    /// Lists of texts.
    Texts,
    /// Microseconds in UTC.
    Time,
}

macro_rules! columns {
    ($($column:ident = $name:literal, $form:ident;)*) => {
        /// A column. What each holds is told in `_core.pyi`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Column {
            $($column,)*
        }

        impl Column {
            /// All of them.
            pub(super) const ALL: &[Self] = &[$(Self::$column,)*];

            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$column => $name,)*
                }
            }

            pub(super) const fn form(self) -> Form {
                match self {
                    $(Self::$column => Form::$form,)*
                }
            }
        }
    };
}

columns! {
    NodeId = "node_id", Number;
    FolderId = "folder_id", Number;
    Folder = "folder", Text;
    IsAssociated = "is_associated", Truth;
    MessageClass = "message_class", Text;
    Kind = "kind", Text;
    Subject = "subject", Text;
    MessageId = "message_id", Text;
    Sent = "sent", Time;
    Received = "received", Time;
    Created = "created", Time;
    Modified = "modified", Time;
    Size = "size", Long;
    IsRead = "is_read", Truth;
    SenderName = "sender_name", Text;
    SenderAddress = "sender_address", Text;
    SenderUnresolved = "sender_unresolved", Text;
    To = "to", Texts;
    Cc = "cc", Texts;
    Bcc = "bcc", Texts;
    Unresolved = "unresolved", Texts;
    Attachments = "attachments", Texts;
    Journal = "journal", Text;
    EnvelopeSender = "envelope_sender", Text;
    EnvelopeRecipients = "envelope_recipients", Texts;
    Damage = "damage", Texts;
    Findings = "findings", Texts;
}

impl Column {
    /// The column with this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|column| column.name() == name)
    }

    /// The columns of a table nobody chose columns for: all but that which reads every item to its last byte.
    pub(super) fn usual() -> Vec<Self> {
        Self::ALL.iter().copied().filter(|column| *column != Self::Damage).collect()
    }

    fn field(self) -> Field {
        let kind = match self.form() {
            Form::Number => DataType::UInt32,
            Form::Long => DataType::Int64,
            Form::Truth => DataType::Boolean,
            Form::Text => DataType::Utf8,
            Form::Texts => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
            Form::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        };
        Field::new(self.name(), kind, true)
    }
}

pub(super) fn schema(columns: &[Column]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|column| column.field()).collect::<Vec<_>>()))
}
