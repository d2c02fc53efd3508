//! Partial indexes: one per event definition in use.
//!
//! Questions look up which indexes are valid (`known`); a keeper builds, retries and retires them in the background (`keeper`).

mod definition;
mod keeper;
mod known;
mod progress;
mod queue;

pub(crate) use definition::{Definition, parts};
pub use keeper::KeeperOptions;
pub(crate) use keeper::{Keeper, build_now};
pub(crate) use known::{Indexes, Known, best};
pub(crate) use progress::progress;
pub use progress::{IndexProgress, IndexState};
pub(crate) use queue::want;
