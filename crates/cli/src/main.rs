//! `cairn`: product analytics that captures everything, in one binary.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on fails"))]

mod args;
mod backend;
mod commands;
mod demo;
mod export;
mod import;
mod output;
mod rows;

use std::process::ExitCode;

use cairn_analysis::QueryError;
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cairn: {error:#}");
            match error.downcast_ref::<QueryError>().map(|error| error.code) {
                Some("cancelled") => ExitCode::from(backend::INTERRUPTED),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
