//! Lists, tables and properties (MS-PST 2.3): heaps in nodes, and what is built in them.
//!
//! ```text
//! Node -> Heap -> BTH -> PropertyContext     the properties of one object
//!                     -> TableContext        rows of properties: folders, messages, recipients, attachments
//! ```

mod bth;
pub(crate) mod code_page;
mod heap;
mod names;
mod property_context;
mod table_context;
mod tag;
mod value;

pub use bth::{Bth, BthBuilder, BthRecord, BthRecords, encode as encode_bth};
pub use heap::{Heap, HeapBuilder, Hid, NumberedBlock};
pub use names::{named_property_name, property_name, property_name_of_type};
pub use property_context::{EncodedValue, Properties, Property, PropertyContext, encode as encode_properties};
pub(crate) use table_context::RowPlace;
pub use table_context::{Cell, Column, Row, RowBuilder, Rows, TableBuilder, TableContext};
pub use tag::{PropertyTag, PropertyType, id};
pub(crate) use value::decode_string8;
pub use value::{ObjectRef, Text, Value};
