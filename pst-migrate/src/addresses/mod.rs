//! Addresses that are none of the Internet: how many there are, who they may be, and what somebody says that they are.
//!
//! ```text
//! items -- estimate: a sample, with an interval            how much is there to do?
//!      \-- collect: each address once -- CSV -- a person fills it in -- lint -- map -- whatever resolves next
//! ```
//!
//! Old stores name people by the directory of a server that is gone. What the stores themselves can resolve is resolved
//! first: see [`pst_core::address`]. The rest needs somebody who knows. **The mail itself is never changed**: what was said
//! goes into an [`AddressMap`], which is asked like any directory, and a list that was applied can be taken back.

mod collect;
mod csv;
mod estimate;
mod interval;
mod list;
mod map;
mod people;

pub use collect::{Collected, Collector, Entry};
pub use csv::{CsvError, CsvReader, write_row};
pub use estimate::{Estimate, Estimator};
pub use interval::{Interval, Ratio, wilson};
pub use list::{Answer, FilledList, Issue, IssueKind, write_list};
pub use map::{AddressMap, MapError};
