//! `cairn list`.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, bail};
use cairn_server::{LIST_BYTES, ListFormat};

use crate::{
    args::{ListArgs, ListWhat, Place},
    backend::{self, Backend, Project},
    output::{plain, say, thousands},
};

/// Adds, removes or shows lists of people.
pub(crate) fn run(place: &Place, args: &ListArgs) -> anyhow::Result<()> {
    let given = match &args.what {
        Some(ListWhat::Add { file, .. }) => read(file)?,
        Some(ListWhat::Remove { .. }) | None => Vec::new(),
    };
    let backend = backend::open(place)?;
    let project = backend::project(&*backend, place)?;
    match &args.what {
        None => show(&*backend, &project)?,
        Some(ListWhat::Add { name, file }) => {
            let list = backend.put_list(&project, name, (&given, format(file)))?;
            say(format!("The list {name:?} has {}.", people(list.size)));
        }
        Some(ListWhat::Remove { name }) => {
            if !backend.remove_list(&project, name)? {
                bail!("no list is called {name:?}; see `cairn list`");
            }
            say(format!("The list {name:?} is removed; the people stay."));
        }
    }
    backend.close()
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let (mut bytes, limit) = (Vec::new(), LIST_BYTES as u64 + 1);
    let read = match file {
        "-" => io::stdin().lock().take(limit).read_to_end(&mut bytes),
        file => fs::File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.with_context(|| format!("{file} cannot be read"))?;
    if bytes.len() > LIST_BYTES {
        bail!("{file} has more than {} MiB: a list is not that long", LIST_BYTES >> 20);
    }
    Ok(bytes)
}

/// The format that a file's name tells.
fn format(file: &str) -> ListFormat {
    match Path::new(file).extension() {
        Some(kind) if kind.eq_ignore_ascii_case("json") => ListFormat::Json,
        Some(kind) if kind.eq_ignore_ascii_case("csv") => ListFormat::Csv,
        _ => ListFormat::Lines,
    }
}

fn show(backend: &dyn Backend, project: &Project) -> anyhow::Result<()> {
    let lists = backend.lists(project)?;
    if lists.is_empty() {
        eprintln!("There are no lists yet; `cairn list --help` has examples.");
    }
    let width = lists.iter().map(|list| list.name.chars().count()).max().unwrap_or(0);
    for list in lists {
        say(plain(&format!("{:<width$}  {}", list.name, people(list.size))));
    }
    Ok(())
}

fn people(count: u64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{} people", thousands(count)) }
}
