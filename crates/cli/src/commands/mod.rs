//! The commands.

mod backup;
mod cluster;
mod copy;
mod define;
mod demo;
mod erase;
mod export;
mod import;
mod ingest;
mod list;
mod project;
mod query;
mod replay;
mod serve;
mod verify;

use std::process::ExitCode;

use crate::args::{Cli, Command};

/// Does what was asked.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { place, command } = cli;
    match command {
        Command::Serve(args) => serve::run(&place, &args),
        Command::Ingest(args) => ingest::run(&place, &args),
        Command::Demo(args) => demo::run(&place, &args),
        Command::Import(args) => return import::run(&place, args),
        Command::Export(args) => export::run(&place, &args),
        Command::Backup(args) => backup::run(&place, &args),
        Command::Verify(args) => return Ok(verify::run(&place, &args)),
        Command::Replay(args) => return replay::run(&place, &args),
        Command::Copy(args) => copy::run(&place, &args),
        Command::Restore(args) => backup::restore(&place, &args),
        Command::Query(args) => query::run(&place, &args),
        Command::Define(args) => define::run(&place, &args),
        Command::List(args) => list::run(&place, &args),
        Command::Erase(args) => erase::erase(&place, &args),
        Command::Expire(args) => erase::expire(&place, &args),
        Command::Purge => erase::purge(&place),
        Command::Cluster(args) => cluster::run(&place, &args),
        Command::Project(args) => project::run(&place, &args),
    }?;
    Ok(ExitCode::SUCCESS)
}
