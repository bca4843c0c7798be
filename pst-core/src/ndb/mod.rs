//! The node database layer (MS-PST 2.2): header, pages, B-trees, blocks, nodes.
//!
//! ```text
//! Pst -> Database -> HEADER -> node B-tree  -> Node -> DataTree -> blocks
//!                           -> block B-tree -> blocks   subnodes -> Node
//! ```

pub(crate) mod block;
pub(crate) mod btree;
pub mod checksum;
pub(crate) mod crypt;
mod data_tree;
pub(crate) mod database;
mod format;
pub(crate) mod header;
mod ids;
pub mod maps;
mod node;
pub mod page;

pub(crate) use block::encode_into as encode_block_into;
pub use block::{InternalBlock, SubnodeEntry, SubnodeIndexEntry, encode as encode_block};
pub use btree::{BlockEntry, BranchEntry, NodeEntry, Record, Records, encode_branch, encode_leaf};
pub use crypt::CryptMethod;
pub use data_tree::{DataStream, DataTree};
pub(crate) use database::Database;
pub use format::{Format, Layout};
pub use header::{Client, Header, PageRef, Root};
pub use ids::{Bid, Nid, NidType};
pub use node::{Node, Subnodes};
