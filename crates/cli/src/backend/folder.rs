//! A data folder as the backend, opened in this process.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use cairn_analysis::catalog::PeopleList;
use cairn_analysis::{Answer, Budget, Cancel, Explained, Limits, Plan, Query, SeenEvent, SeenUser, StoreError, When};
use cairn_model::{Definition, Predicate};
use cairn_postgres::PostgresOptions;
use cairn_server::{Engine, EngineError, EngineState, Erasure, Expiry, ListFormat, Replay, Replayed, Whom};

use super::{
    Backend, Project, Server, Want,
    engine::{explained, open_engine},
    interrupt,
    options::{engine_options, query_limits},
    sink::FolderSink,
};
use crate::{args::Place as DataPlace, import::Sink};

pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// A data folder, or a database.
pub(crate) struct Folder {
    engine: Engine,
    /// Whether the data are in a database.
    on_database: bool,
}

/// Asks a database, without a log in front of it.
pub(super) fn ask_database(store: &str) -> anyhow::Result<Box<dyn Backend>> {
    let engine = Engine::ask_postgres(PostgresOptions::new(store), engine_options()?).map_err(explained)?;
    Ok(Box::new(Folder { engine, on_database: true }))
}

/// Opens the folder, or asks the server that has it open.
pub(super) fn open_or_ask(place: &DataPlace, create: bool) -> anyhow::Result<Box<dyn Backend>> {
    let dir = &place.data;
    if !create && !dir.join("catalog.db").exists() {
        let dir = dir.display();
        bail!("there is no data at {dir}: say where with --data or --url, or begin with `cairn serve` or `cairn demo`");
    }
    match open_engine(place, true) {
        Ok(engine) => Ok(Box::new(Folder { engine, on_database: place.store.is_some() })),
        Err(error) if matches!(error.downcast_ref(), Some(EngineError::InUse { .. })) => {
            ask_holder(dir, place.token.clone(), error)
        }
        Err(error) => Err(error),
    }
}

fn ask_holder(dir: &Path, token: Option<String>, in_use: anyhow::Error) -> anyhow::Result<Box<dyn Backend>> {
    let lock = fs::read_to_string(dir.join("lock")).unwrap_or_default();
    let Some(url) = lock.lines().nth(1).filter(|url| url.starts_with("http")) else { return Err(in_use) };
    let Some(token) = token.or_else(|| read_token(dir).ok().flatten()) else {
        return Err(in_use
            .context(format!("{} cannot be read; give the server's token with --token", token_file(dir).display())));
    };
    eprintln!("The server at {url} has {} open: asking it.", dir.display());
    Ok(Box::new(Server::new(url, token)?))
}

/// Where the API token stands, for whoever may read the folder.
pub(crate) fn token_file(dir: &Path) -> PathBuf {
    dir.join("token")
}

/// The API token, if it is written down.
pub(crate) fn read_token(dir: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(token_file(dir)) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|token| !token.is_empty())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// This machine's IANA zone, or UTC.
pub(crate) fn local_zone() -> String {
    jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}

impl From<cairn_analysis::catalog::Project> for Project {
    fn from(project: cairn_analysis::catalog::Project) -> Self {
        let cairn_analysis::catalog::Project { id, name, zone, write_key, .. } = project;
        Self { id, name, zone, write_key }
    }
}

impl Folder {
    fn resolve(&self, project: &Project, query: &Query) -> anyhow::Result<Plan> {
        let registry = self.engine.registry();
        let calendar = registry.calendar(project.id).context("there is no such project")?;
        Ok(Plan::resolve(query, &calendar, self.engine.now(), &registry.names(project.id))?)
    }
}

impl Backend for Folder {
    fn projects(&self) -> anyhow::Result<Vec<Project>> {
        Ok(self.engine.registry().projects().into_iter().map(Project::from).collect())
    }

    fn add_project(&self, name: &str, zone: &str) -> anyhow::Result<Project> {
        Ok(self.engine.registry().create_project(name, zone, self.engine.now())?.into())
    }

    fn definitions(&self, project: &Project) -> anyhow::Result<Vec<Definition>> {
        Ok(self.engine.registry().definitions(project.id).map(|all| all.to_vec()).unwrap_or_default())
    }

    fn define(&self, project: &Project, name: &str, predicate: &Predicate) -> anyhow::Result<()> {
        self.engine.define(project.id, name, predicate.clone())?;
        Ok(())
    }

    fn undefine(&self, project: &Project, name: &str) -> anyhow::Result<bool> {
        Ok(self.engine.forget(project.id, name)?)
    }

    fn lists(&self, project: &Project) -> anyhow::Result<Vec<PeopleList>> {
        Ok(self.engine.registry().lists(project.id)?)
    }

    fn put_list(&self, project: &Project, name: &str, file: (&[u8], ListFormat)) -> anyhow::Result<PeopleList> {
        Ok(self.engine.registry().put_list(project.id, name, file, self.engine.now())?)
    }

    fn remove_list(&self, project: &Project, name: &str) -> anyhow::Result<bool> {
        Ok(self.engine.registry().remove_list(project.id, name)?)
    }

    fn query(&self, project: &Project, query: &Query, timeout: Option<Duration>) -> anyhow::Result<Answer> {
        self.catch_up()?;
        let (limits, cancel) = (query_limits()?, Cancel::default());
        interrupt::cancels(cancel.clone())?;
        let plan = self.resolve(project, query)?;
        let budget = Budget::new(Limits { time: timeout.or(limits.time), ..limits }, cancel);
        let mut answer = self.engine.store().answer(project.id, &plan, &budget)?;
        let definitions = self.engine.registry().definitions(project.id).unwrap_or_default();
        answer.name_events(&definitions, &budget)?;
        Ok(answer)
    }

    fn explain(&self, project: &Project, query: &Query) -> anyhow::Result<Vec<Explained>> {
        if !self.on_database {
            bail!(
                "--explain shows what a database does: name it with --store (each answer says how it came about in its last line)"
            );
        }
        interrupt::ends()?;
        Ok(self.engine.store().explain(project.id, &self.resolve(project, query)?, true)?)
    }

    fn events(&self, project: &Project, each: &mut dyn FnMut(SeenEvent) -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.catch_up()?;
        until_error(each, |call| self.engine.store().events(project.id, call))
    }

    fn users(&self, project: &Project, each: &mut dyn FnMut(SeenUser) -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.catch_up()?;
        until_error(each, |call| self.engine.store().users(project.id, call))
    }

    fn sink(&self, project: &Project) -> anyhow::Result<Box<dyn Sink + '_>> {
        self.catch_up()?;
        let sink = FolderSink::new(&self.engine, project.id);
        // The folder may never be opened again: its log is to hold nothing that somebody may want erased.
        Ok(Box::new(if self.on_database { sink.settling() } else { sink }))
    }

    fn erase(&self, project: &Project, whom: &Whom, purge: bool) -> anyhow::Result<Erasure> {
        self.catch_up()?;
        Ok(self.engine.erase(project.id, whom, purge)?)
    }

    fn expire(&self, project: &Project, before: &When, purge: bool) -> anyhow::Result<Expiry> {
        self.catch_up()?;
        let calendar = self.engine.registry().calendar(project.id).context("there is no such project")?;
        Ok(self.engine.expire(project.id, calendar.instant(before)?, purge)?)
    }

    fn purge(&self, project: &Project) -> anyhow::Result<()> {
        self.catch_up()?;
        Ok(self.engine.purge(project.id)?)
    }

    fn backup(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        self.engine.backup(out)?;
        Ok(())
    }

    fn state(&self, want: Want<'_>) -> anyhow::Result<EngineState> {
        Ok(match want {
            Want::Positions => self.engine.positions(),
            Want::Hold => self.engine.hold()?,
            Want::Hashes(at) => self.engine.state(at)?,
        })
    }

    fn replay(&self, step: &Replay) -> anyhow::Result<Replayed> {
        // Only what is applied is applied once more.
        self.catch_up()?;
        Ok(self.engine.replay(step)?)
    }

    fn close(self: Box<Self>) -> anyhow::Result<()> {
        self.engine.close();
        Ok(())
    }
}

impl Folder {
    /// Waits until all that the log holds is in the answers: what was acknowledged last may be in the log alone.
    fn catch_up(&self) -> anyhow::Result<()> {
        catch_up(&self.engine)
    }
}

pub(super) fn catch_up(engine: &Engine) -> anyhow::Result<()> {
    while !engine.wait_caught_up(PATIENCE) {
        stop_if_stopped(engine)?;
    }
    Ok(())
}

/// A store that has stopped never catches up.
pub(super) fn stop_if_stopped(engine: &Engine) -> anyhow::Result<()> {
    match engine.health() {
        Err(problem) if problem.status != "behind" => Err(anyhow!("{}", problem.message)),
        _ => Ok(()),
    }
}

/// Calls `each` until it fails, and returns that error.
fn until_error<T>(
    each: &mut dyn FnMut(T) -> anyhow::Result<()>,
    all: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<(), StoreError>,
) -> anyhow::Result<()> {
    let mut failed = None;
    all(&mut |seen| match each(seen) {
        Ok(()) => true,
        Err(error) => {
            failed = Some(error);
            false
        }
    })?;
    failed.map_or(Ok(()), Err)
}
