//! The store in PostgreSQL against what somebody would type by hand, on the same server.

mod apply;
mod ask;
mod typed;

pub use apply::{Applying, apply};
pub use ask::{Asking, ask, bytes, load};
