//! `cairn project`.

use crate::{
    args::{Place, ProjectArgs, ProjectWhat},
    backend::{self, Backend},
    output::{Table, say},
};

/// Adds or lists projects.
pub(crate) fn run(place: &Place, args: &ProjectArgs) -> anyhow::Result<()> {
    let backend = match args.what {
        ProjectWhat::Add { .. } => backend::open_or_create(place)?,
        ProjectWhat::List => backend::open(place)?,
    };
    match &args.what {
        ProjectWhat::Add { name, zone } => add(&*backend, name, zone.as_deref())?,
        ProjectWhat::List => list(&*backend)?,
    }
    backend.close()
}

fn add(backend: &dyn Backend, name: &str, zone: Option<&str>) -> anyhow::Result<()> {
    if backend.projects()?.iter().any(|project| project.name == name) {
        eprintln!("There is a project {name:?} already; the new one has the same name and its own id.");
    }
    let zone = zone.map_or_else(backend::local_zone, str::to_owned);
    let project = backend.add_project(name, &zone)?;
    say(format!(
        "Project {:?} (id {}, {}) has the write key {}",
        project.name, project.id, project.zone, project.write_key
    ));
    Ok(())
}

fn list(backend: &dyn Backend) -> anyhow::Result<()> {
    let mut table = Table::new(["id", "name", "time zone", "write key"], ..0);
    for project in backend.projects()? {
        table.row([project.id.to_string(), project.name, project.zone, project.write_key]);
    }
    table.lines().iter().for_each(say);
    Ok(())
}
