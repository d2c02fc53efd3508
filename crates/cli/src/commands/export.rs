//! `cairn export`.

use anyhow::{Context, bail};
use cairn_analysis::{Calendar, When};
use cairn_model::TimeMs;

use crate::{
    args::{ExportArgs, ExportWhat, Place},
    backend::{self, Project},
    export::Export,
    import::Progress,
    output::{say, thousands},
    rows::{self, Format, Kind},
};

/// Writes events or users to a file.
pub(crate) fn run(place: &Place, args: &ExportArgs) -> anyhow::Result<()> {
    let kind = if args.what == ExportWhat::Events { Kind::Events } else { Kind::Users };
    let format = match rows::by_extension(&args.out) {
        Some(format @ (Format::Jsonl | Format::Parquet)) => format,
        _ => bail!("{}: the file's name ends in .parquet or .jsonl", args.out.display()),
    };
    if kind == Kind::Users && (args.from.is_some() || args.to.is_some()) {
        bail!("--from and --to are about events; users are exported as they are now");
    }
    let backend = backend::open(place)?;
    let project = backend::project(&*backend, place)?;
    let (from, to) = range(args, &project)?;
    let mut export = Export::begin(&args.out, kind, format)?;
    let mut progress = Progress::new(0, if kind == Kind::Events { "events" } else { "users" });
    match kind {
        Kind::Events => backend.events(&project, &mut |seen| {
            if (from..to).contains(&seen.event.time) {
                export.event(&seen.event)?;
                progress.advance(1, export.count());
            }
            Ok(())
        })?,
        Kind::Users => backend.users(&project, &mut |seen| {
            export.user(&seen)?;
            progress.advance(1, export.count());
            Ok(())
        })?,
    }
    progress.finish();
    let count = export.finish()?;
    let what = if kind == Kind::Events { "events" } else { "users" };
    say(format!("{} has {} {what}.", args.out.display(), thousands(count)));
    backend.close()
}

fn range(args: &ExportArgs, project: &Project) -> anyhow::Result<(TimeMs, TimeMs)> {
    let calendar = Calendar::new(&project.zone)?;
    let instant = |text: &Option<String>, otherwise| match text {
        None => Ok(TimeMs(otherwise)),
        Some(text) => calendar.instant(&When::Text(text.clone())).context("--from and --to"),
    };
    Ok((instant(&args.from, i64::MIN)?, instant(&args.to, i64::MAX)?))
}
