//! `cairn copy`.

use anyhow::{Context, bail};
use cairn_postgres::PostgresOptions;

use super::serve::no_url;
use crate::{
    args::{CopyArgs, Place},
    backend::open_engine,
    import::Progress,
    output::{say, thousands},
};

/// Copies a project of a data folder into a database.
pub(crate) fn run(place: &Place, args: &CopyArgs) -> anyhow::Result<()> {
    no_url(place, "copy")?;
    if place.store.is_some() {
        bail!("`cairn copy` copies out of a data folder: leave out --store (or unset CAIRN_STORE), and say --to where");
    }
    let dir = args.from.clone().unwrap_or_else(|| place.data.clone());
    if !dir.join("catalog.db").exists() {
        bail!("there is no data at {}: say where with --from", dir.display());
    }
    let engine = open_engine(&Place { data: dir, ..place.clone() }, true)?;
    let projects = engine.registry().projects();
    let wanted = place.project.as_deref();
    let named = |name: &&str| projects.iter().filter(|one| one.name == **name || one.id.to_string() == **name).count();
    let project = match (wanted, &projects[..]) {
        (None, [only]) => only,
        (Some(name), _) if named(&name) == 1 => projects
            .iter()
            .find(|one| one.name == name || one.id.to_string() == name)
            .with_context(|| format!("there is no project {name:?}"))?,
        (Some(name), _) => bail!("there is no project {name:?}, or more than one: see `cairn project list`"),
        (None, []) => bail!("there is no project to copy"),
        (None, _) => bail!("there are several projects: say which with --project (see `cairn project list`)"),
    };
    let (mut progress, mut done) = (None, 0);
    let copied = engine.copy(project, &PostgresOptions::new(&args.to), &mut |events, of| {
        let progress = progress.get_or_insert_with(|| Progress::new(of, "events"));
        progress.advance(events - done, events);
        done = events;
    });
    drop(progress);
    let copied = copied?;
    say(format!(
        "Copied project {}: {} events, {} definitions, lists, reports and dashboards that were not there; both sides have the state {}",
        project.name,
        thousands(copied.events),
        thousands(copied.named),
        copied.hash
    ));
    Ok(())
}
