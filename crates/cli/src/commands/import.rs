//! `cairn import`.

use std::process::ExitCode;

use cairn_model::TimeMs;

use crate::{
    args::{ImportArgs, ImportFiles, ImportWhat, Place},
    backend,
    import::{self, DrySink, Progress, Sink, Tally},
    output::{say, thousands},
    rows::{Kind, ReadOptions},
};

/// Brings in files. Fails if there were rows and none was taken.
pub(crate) fn run(place: &Place, args: ImportArgs) -> anyhow::Result<ExitCode> {
    let (kind, args) = match args.what {
        ImportWhat::Events(args) => (Kind::Events, args),
        ImportWhat::Users(args) => (Kind::Users, args),
    };
    let options = ReadOptions { kind, format: args.format, text_columns: args.text_columns.clone() };
    if args.dry_run {
        let tally = read_into(&mut DrySink, &args, &options)?;
        say("Nothing was written: this was a dry run.");
        return Ok(exit_code(&tally));
    }
    let backend = backend::open_to_write(place)?;
    let project = backend::project(&*backend, place)?;
    let tally = read_into(&mut *backend.sink(&project)?, &args, &options)?;
    backend.close()?;
    Ok(exit_code(&tally))
}

fn read_into(sink: &mut dyn Sink, args: &ImportFiles, options: &ReadOptions) -> anyhow::Result<Tally> {
    let sizes = args.files.iter().map(|file| std::fs::metadata(file).map_or(0, |metadata| metadata.len()));
    let mut progress = Progress::new(sizes.sum(), "rows");
    let now = TimeMs(jiff::Timestamp::now().as_millisecond());
    let tally = import::run(&args.files, options, now, sink, &mut progress);
    progress.finish();
    let tally = tally?;
    report(&tally, options.kind, sink.duplicates(), args.dry_run, progress.elapsed().as_secs_f64());
    Ok(tally)
}

fn report(tally: &Tally, kind: Kind, duplicates: Option<u64>, dry_run: bool, seconds: f64) {
    let what = if kind == Kind::Events { "events" } else { "users" };
    let verb = if dry_run { "Would import" } else { "Imported" };
    let (accepted, rows) = (thousands(tally.accepted()), thousands(tally.rows()));
    let per_second = thousands((tally.rows() as f64 / seconds.max(0.001)) as u64);
    say(format!("{verb} {accepted} {what} of {rows} rows in {seconds:.1} s ({per_second} rows/s)."));
    if let Some(duplicates @ 1..) = duplicates {
        say(format!("{} of them were there already, and count once.", thousands(duplicates)));
    }
    if tally.refused() > 0 {
        say(format!("Refused {} rows:", thousands(tally.refused())));
        say(tally.to_string().trim_end());
    }
}

fn exit_code(tally: &Tally) -> ExitCode {
    if tally.rows() > 0 && tally.accepted() == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
