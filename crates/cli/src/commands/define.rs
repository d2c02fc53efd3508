//! `cairn define`.

use anyhow::{Context, bail};
use cairn_model::Predicate;

use crate::{
    args::{DefineArgs, Place},
    backend::{self, Backend, Project},
    output::{plain, say},
};

/// Defines, lists or forgets events.
pub(crate) fn run(place: &Place, args: &DefineArgs) -> anyhow::Result<()> {
    let predicate = args.predicate.as_deref().map(parse).transpose()?;
    let backend = backend::open(place)?;
    let project = backend::project(&*backend, place)?;
    match (&args.name, &predicate, &args.delete) {
        (Some(name), Some(predicate), _) => define(&*backend, &project, name, predicate)?,
        (_, _, Some(name)) => forget(&*backend, &project, name)?,
        _ => list(&*backend, &project)?,
    }
    backend.close()
}

fn parse(text: &str) -> anyhow::Result<Predicate> {
    let json = serde_json::from_str(text).with_context(|| {
        format!(
            "{text:?} is not JSON; a predicate looks like {}",
            r##"{"all": [{"type": "click"}, {"selector": "#buy"}]}"##
        )
    })?;
    Ok(Predicate::from_json(&json)?)
}

fn define(backend: &dyn Backend, project: &Project, name: &str, predicate: &Predicate) -> anyhow::Result<()> {
    let existed = backend.definitions(project)?.iter().any(|definition| definition.name == name);
    backend.define(project, name, predicate)?;
    let what = if existed { "now means" } else { "is defined as" };
    say(format!("{name:?} {what} {}, for all of history.", predicate.to_json()));
    Ok(())
}

fn forget(backend: &dyn Backend, project: &Project, name: &str) -> anyhow::Result<()> {
    if !backend.undefine(project, name)? {
        bail!("nothing is defined as {name:?}; see `cairn define --list`");
    }
    say(format!("{name:?} is no longer defined; its events stay."));
    Ok(())
}

fn list(backend: &dyn Backend, project: &Project) -> anyhow::Result<()> {
    let definitions = backend.definitions(project)?;
    if definitions.is_empty() {
        eprintln!("Nothing is defined yet; `cairn define --help` has examples.");
    }
    let width = definitions.iter().map(|definition| definition.name.chars().count()).max().unwrap_or(0);
    for definition in definitions {
        say(plain(&format!("{:<width$}  {}", definition.name, definition.predicate.to_json())));
    }
    Ok(())
}
