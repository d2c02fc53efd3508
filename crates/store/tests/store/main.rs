//! Scenarios of the embedded store.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;
mod conformance;
mod damage;
mod power;
mod replay;
