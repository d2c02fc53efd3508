//! Where questions go: to a data folder, or to a server that runs on it.

mod batch;
mod client;
mod engine;
mod folder;
mod interrupt;
mod options;
mod server;
mod sink;
mod upload;

use std::{io::Write, time::Duration};

use anyhow::bail;
use cairn_analysis::catalog::PeopleList;
use cairn_analysis::{Answer, Explained, Query, SeenEvent, SeenUser, When};
use cairn_model::{Definition, Position, Predicate, ProjectId};
use cairn_server::{EngineState, Erasure, Expiry, ListFormat, Replay, Replayed, Whom};
use serde::Deserialize;

pub(crate) use client::Client;
pub(crate) use engine::{explained, log_address, open_engine, open_engine_as, open_writer};
pub(crate) use folder::{local_zone, read_token, token_file};
pub(crate) use interrupt::{EXIT_CODE as INTERRUPTED, asked as interrupted};
pub(crate) use options::query_limits;
pub(crate) use server::Server;
pub(crate) use sink::FolderSink;

use crate::{args::Place, import::Sink};

/// A project, as far as the command line cares.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: ProjectId,
    pub(crate) name: String,
    pub(crate) zone: String,
    pub(crate) write_key: String,
}

/// What is asked of a store that is compared with another one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Want<'a> {
    /// Where it is.
    Positions,
    /// The same, and that it stays there for a moment.
    Hold,
    /// What it holds, at these positions or now.
    Hashes(Option<&'a [Position]>),
}

/// What commands do with data.
pub(crate) trait Backend: Sync {
    /// All projects.
    fn projects(&self) -> anyhow::Result<Vec<Project>>;

    /// Makes a project.
    fn add_project(&self, name: &str, zone: &str) -> anyhow::Result<Project>;

    /// What is defined, by name.
    fn definitions(&self, project: &Project) -> anyhow::Result<Vec<Definition>>;

    /// Creates or replaces a definition.
    fn define(&self, project: &Project, name: &str, predicate: &Predicate) -> anyhow::Result<()>;

    /// Removes a definition; false if there was none.
    fn undefine(&self, project: &Project, name: &str) -> anyhow::Result<bool>;

    /// The lists of people, by name.
    fn lists(&self, project: &Project) -> anyhow::Result<Vec<PeopleList>>;

    /// Creates or replaces a list of people by those in a file.
    fn put_list(&self, project: &Project, name: &str, file: (&[u8], ListFormat)) -> anyhow::Result<PeopleList>;

    /// Removes a list; false if there was none.
    fn remove_list(&self, project: &Project, name: &str) -> anyhow::Result<bool>;

    /// Answers a question, within `timeout` if there is one.
    fn query(&self, project: &Project, query: &Query, timeout: Option<Duration>) -> anyhow::Result<Answer>;

    /// The queries that a question becomes in a database, each with its plan.
    fn explain(&self, project: &Project, query: &Query) -> anyhow::Result<Vec<Explained>> {
        let _ = (project, query);
        bail!(
            "--explain shows what a database does: name it with --store (each answer says how it came about in its last line)"
        )
    }

    /// Every event.
    fn events(&self, project: &Project, each: &mut dyn FnMut(SeenEvent) -> anyhow::Result<()>) -> anyhow::Result<()>;

    /// Every user.
    fn users(&self, project: &Project, each: &mut dyn FnMut(SeenUser) -> anyhow::Result<()>) -> anyhow::Result<()>;

    /// Takes messages into a project.
    fn sink(&self, project: &Project) -> anyhow::Result<Box<dyn Sink + '_>>;

    /// Erases users' data.
    fn erase(&self, project: &Project, whom: &Whom, purge: bool) -> anyhow::Result<Erasure>;

    /// Lets events before a date or instant expire.
    fn expire(&self, project: &Project, before: &When, purge: bool) -> anyhow::Result<Expiry>;

    /// Takes what is erased or has expired out of all files.
    fn purge(&self, project: &Project) -> anyhow::Result<()>;

    /// Writes an archive of everything.
    fn backup(&self, out: &mut dyn Write) -> anyhow::Result<()>;

    /// Its state, or where it is.
    fn state(&self, want: Want<'_>) -> anyhow::Result<EngineState>;

    /// Applies a stretch of the log once more.
    fn replay(&self, step: &Replay) -> anyhow::Result<Replayed>;

    /// Leaves the data folder in order.
    fn close(self: Box<Self>) -> anyhow::Result<()>;
}

/// The backend that `place` means, to ask and to define.
pub(crate) fn open(place: &Place) -> anyhow::Result<Box<dyn Backend>> {
    match (&place.url, &place.store) {
        (Some(url), None) => server(place, url),
        (None, Some(store)) => folder::ask_database(store),
        (None, None) => folder::open_or_ask(place, false),
        (Some(_), Some(_)) => bail!(
            "--url asks a server and --store a database: leave one of them out (or unset CAIRN_URL or CAIRN_STORE)"
        ),
    }
}

/// As [`open`], to take data in or out: of a database, that goes through the log of the data folder.
pub(crate) fn open_to_write(place: &Place) -> anyhow::Result<Box<dyn Backend>> {
    if place.url.is_none() && place.store.is_some() { folder::open_or_ask(place, true) } else { open(place) }
}

fn server(place: &Place, url: &str) -> anyhow::Result<Box<dyn Backend>> {
    let Some(token) = token_in(url).or_else(|| place.token.clone()) else {
        bail!("--url needs --token: it is the part after `token=` in the address that the server prints");
    };
    Ok(Box::new(Server::new(url, token)?))
}

/// The token in an address as the server prints it.
pub(crate) fn token_in(url: &str) -> Option<String> {
    let (_, token) = url.split_once("?token=")?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// As [`open`], but makes the data folder if there is none.
pub(crate) fn open_or_create(place: &Place) -> anyhow::Result<Box<dyn Backend>> {
    if place.url.is_some() || place.store.is_some() { open(place) } else { folder::open_or_ask(place, true) }
}

/// The project that `place` names, or the only one.
pub(crate) fn project(backend: &dyn Backend, place: &Place) -> anyhow::Result<Project> {
    let projects = backend.projects()?;
    let list = || {
        let lines = projects.iter().map(|project| format!("  --project {:?} (id {})", project.name, project.id));
        lines.collect::<Vec<_>>().join("\n")
    };
    let Some(wanted) = &place.project else {
        return match &projects[..] {
            [only] => Ok(only.clone()),
            [] => bail!("there is no project yet; add one: cairn project add \"My site\""),
            _ => bail!("there are several projects; say which:\n{}", list()),
        };
    };
    let named: Vec<_> = projects.iter().filter(|project| project.name == *wanted).collect();
    let by_id = || projects.iter().find(|project| project.id.to_string() == *wanted);
    match named[..] {
        [one] => Ok(one.clone()),
        [] => match by_id() {
            Some(project) => Ok(project.clone()),
            None if projects.is_empty() => bail!("there is no project yet; add one: cairn project add {wanted:?}"),
            None => bail!("there is no project {wanted:?}; there are:\n{}", list()),
        },
        _ => bail!("several projects are called {wanted:?}; say which by its id:\n{}", list()),
    }
}
