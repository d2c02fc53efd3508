//! The store in PostgreSQL, on private servers.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

mod access;
mod citus;
mod common;
mod examples;
mod extension;
mod keeper;
mod plans;
mod quarantine;
mod state;
mod talk;
mod topic;
