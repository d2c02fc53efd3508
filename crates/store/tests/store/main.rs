//! Scenarios of the embedded store.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, clippy::print_stdout)]

mod common;
mod conformance;
mod damage;
mod examples;
mod graphs;
mod power;
mod purge;
mod replay;
mod retire;
mod zones;
