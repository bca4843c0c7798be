//! Rich text as mail stores it.
//!
//! `PidTagRtfCompressed` (0x1009) holds the RTF body packed with a small dictionary coder of its own; [`lzfu`] unpacks
//! and packs it. The module stands on bytes alone: it knows nothing of nodes, heaps or properties.
//!
//! **RTF is often the only body an item has**, so unpacking it is core work and not a nicety.

pub mod lzfu;
