//! Load over HTTP: requests as the capture script sends them, and the servers that take them.

mod api;
mod load;
mod paced;
mod requests;
mod servers;

pub use api::{Api, Ledger};
pub use load::{Load, Run};
pub use paced::{Pace, Paced};
pub use requests::{BATCH, Request, requests};
pub use servers::{Server, cairn, yardstick};
