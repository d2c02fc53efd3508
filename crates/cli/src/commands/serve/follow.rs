//! As what a server follows a topic: as the one that takes events and changes, or as a replica of it, whose catalog it copies as it changes.

use std::{
    fs,
    path::Path,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use anyhow::{Context, bail};
use cairn_server::{Engine, Follow, restore_backup};

use crate::{
    args::{FollowArgs, Place, ServeArgs},
    backend::{Client, token_in},
};

/// What the primary changes is known here within this time, and that of one look.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Opens a data folder as what it is to be.
pub(super) fn open(place: &Place, args: &ServeArgs) -> anyhow::Result<Engine> {
    let spool = args.spool.clone().map(|dir| dir.unwrap_or_else(|| place.data.join("spool")));
    let (ingest, args) = (!args.no_ingest, &args.follow);
    if (args.replica_of.is_some() || args.take_over) && (place.log.is_none() || place.store.is_some()) {
        bail!(
            "--replica-of and --take-over are for data folders that follow a topic of Kafka's: give the same --log as the other server, and no \
             --store (servers on one database share all they have)"
        );
    }
    let follow = match &args.replica_of {
        Some(url) => {
            if is_unused(&place.data) {
                let client = client(place, url)?;
                eprintln!("Making {} of a backup of {}.", place.data.display(), address(url));
                restore_backup(client.stream("/api/backup")?, &place.data, None)?;
            }
            Follow::ReplicaOf(address(url))
        }
        None if args.take_over => Follow::Primary,
        None => Follow::AsBefore,
    };
    let engine = super::open_as(place, ingest, follow, spool)?;
    if let (Some(primary), None) = (engine.primary(), &args.replica_of) {
        bail!(
            "the data folder {} is a copy of {primary}, which may still take events: start it as that one's replica with --replica-of URL, or \
             with --take-over if that one is gone for good",
            place.data.display()
        );
    }
    Ok(engine)
}

/// Copies the primary's catalog from now on, until what is returned goes. It must be there once before a folder without projects can serve.
pub(super) fn catalog(
    engine: &Arc<Engine>,
    place: &Place,
    args: &FollowArgs,
) -> anyhow::Result<Option<mpsc::Sender<()>>> {
    let Some(url) = &args.replica_of else { return Ok(None) };
    let topic = engine.topic().map(|topic| topic.id.clone()).unwrap_or_default();
    let mut copy = Copy {
        client: client(place, url)?,
        path: format!("/api/catalog?topic={}", encoded(&topic)),
        engine: Arc::clone(engine),
        tag: None,
    };
    if let Err(error) = copy.look() {
        if engine.registry().projects().is_empty() {
            return Err(error.context("the catalog of the other server cannot be copied, and there is none here yet"));
        }
        eprintln!("cairn: what the other server changed in its catalog is not known here for now: {error:#}");
    }
    let (running, ended) = mpsc::channel();
    let run = move || {
        let mut failed = false;
        while ended.recv_timeout(LOOK_EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
            let looked = copy.look();
            if let (Err(error), false) = (&looked, failed) {
                tracing::warn!("what the other server changes in its catalog is not known here for now: {error:#}");
            }
            failed = looked.is_err();
        }
    };
    thread::Builder::new().name("catalog copy".to_owned()).spawn(run)?;
    Ok(Some(running))
}

struct Copy {
    client: Client,
    path: String,
    engine: Arc<Engine>,
    /// Of what is here.
    tag: Option<String>,
}

impl Copy {
    fn look(&mut self) -> anyhow::Result<()> {
        if let Some(fetched) = self.client.fetch(&self.path, self.tag.as_deref())? {
            self.engine.replace_catalog(&fetched.bytes)?;
            self.tag = Some(fetched.tag);
        }
        Ok(())
    }
}

fn client(place: &Place, url: &str) -> anyhow::Result<Client> {
    let token = token_in(url).or_else(|| place.token.clone());
    let token = token.context("--replica-of needs that server's API token: give it with --token (or CAIRN_TOKEN)")?;
    Client::new(url, token)
}

/// Without a token that stands in it.
fn address(url: &str) -> String {
    url.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned()
}

/// Whether there is nothing in the folder yet.
fn is_unused(dir: &Path) -> bool {
    fs::read_dir(dir).map_or(true, |mut files| files.next().is_none())
}

/// As a value in an address: ids of topics have `+` and `/`.
fn encoded(id: &str) -> String {
    id.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
