//! `cairn replay`.

use std::{
    process::ExitCode,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use cairn_model::{Position, TimeMs};
use cairn_server::{Replay, ReplayFrom, Replayed};

use crate::{
    args::{Place, ReplayArgs},
    backend::{self, Backend},
    import::Progress,
    output::{say, thousands},
};

/// How often what was brought back is put on the disk: should the server end, a replay goes on from there.
const FLUSH_EVERY: Duration = Duration::from_secs(30);

/// Applies the log once more.
pub(crate) fn run(place: &Place, args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let from = parse(&args.from)?;
    let backend = backend::open_to_write(place)?;
    let project = place.project.as_ref().map(|_| backend::project(&*backend, place)).transpose()?;
    let project = project.map(|project| project.id);
    let step = Replay { from, partition: args.partition, project, to: None, flush: false };
    let outcome = Course { backend: &*backend, place, step, kept: None, total: Replayed::default() }.go();
    backend.close()?;
    outcome
}

/// A replay under way.
struct Course<'a> {
    backend: &'a dyn Backend,
    place: &'a Place,
    step: Replay,
    /// Where one goes on that ends here: what is before is on the disk.
    kept: Option<Vec<Position>>,
    total: Replayed,
}

impl Course<'_> {
    fn go(&mut self) -> anyhow::Result<ExitCode> {
        let stopped = backend::interrupted()?;
        let (mut progress, mut flushed) = (None, Instant::now());
        loop {
            let done = self.step().with_context(|| self.how_to_go_on())?;
            let left: u64 = done.next.iter().map(|next| end(&self.total.to, next) - next.offset).sum();
            let progress = progress.get_or_insert_with(|| Progress::new(done.records + left, "records"));
            progress.advance(done.records, self.total.records);
            let is_over = done.next.is_empty();
            if is_over || stopped.load(Relaxed) || flushed.elapsed() > FLUSH_EVERY {
                self.flush(&done.next).with_context(|| self.how_to_go_on())?;
                flushed = Instant::now();
            }
            if is_over {
                progress.finish();
                self.report();
                return Ok(ExitCode::SUCCESS);
            }
            if stopped.load(Relaxed) {
                progress.finish();
                eprintln!("{}", self.how_to_go_on());
                return Ok(ExitCode::from(backend::INTERRUPTED));
            }
        }
    }

    fn step(&mut self) -> anyhow::Result<Replayed> {
        let done = self.backend.replay(&self.step)?;
        if self.step.to.is_none() {
            self.total.to.clone_from(&done.to);
            self.step.to = Some(done.to.clone());
        }
        self.total.records += done.records;
        self.total.restored += done.restored;
        self.step.from = ReplayFrom::Positions(done.next.clone());
        Ok(done)
    }

    /// Puts what was brought back on the disk.
    fn flush(&mut self, next: &[Position]) -> anyhow::Result<()> {
        let nothing = ReplayFrom::Positions(Vec::new());
        self.backend.replay(&Replay { from: nothing, flush: true, ..self.step.clone() })?;
        self.kept = Some(next.to_vec());
        Ok(())
    }

    fn how_to_go_on(&self) -> String {
        let Some(kept) = self.kept.as_ref().filter(|kept| !kept.is_empty()) else {
            return "the replay broke off; what was gone through stays: give the same command again".to_owned();
        };
        let from = kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let project = self.place.project.as_ref().map(|name| format!(" --project {name:?}")).unwrap_or_default();
        format!("the replay broke off; what was gone through stays. To go on: cairn replay --from {from}{project}")
    }

    fn report(&self) {
        let records = thousands(self.total.records);
        say(match self.total.restored {
            0 => format!("Read {records} records again: nothing was missing."),
            restored => {
                format!("Read {records} records again: {} events were missing, and are back.", thousands(restored))
            }
        });
    }
}

fn end(to: &[Position], next: &Position) -> u64 {
    to.iter().find(|to| to.partition == next.partition).map_or(next.offset, |to| to.offset.max(next.offset))
}

fn parse(text: &str) -> anyhow::Result<ReplayFrom> {
    if text == "start" {
        return Ok(ReplayFrom::Start);
    }
    if let Some(positions) = positions(text) {
        return Ok(ReplayFrom::Positions(positions));
    }
    let instant = text.parse::<jiff::Timestamp>().ok();
    let date =
        || Some(text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::system()).ok()?.timestamp());
    match instant.or_else(date) {
        Some(instant) => Ok(ReplayFrom::Time(TimeMs(instant.as_millisecond()))),
        None if text.parse::<u64>().is_ok() => bail!("--from {text} lacks the partition: {}", example(text)),
        None => Err(anyhow!(
            "--from {text:?} is neither `start` nor PARTITION:OFFSET nor a date such as 2026-11-20 nor an instant such as 2026-11-20T12:00:00Z"
        )),
    }
}

fn example(offset: &str) -> String {
    format!("write 0:{offset}, where the log has one partition")
}

fn positions(text: &str) -> Option<Vec<Position>> {
    let one = |one: &str| {
        let (partition, offset) = one.trim().split_once(':')?;
        Some(Position { partition: partition.parse().ok()?, offset: offset.parse().ok()? })
    };
    text.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_times_are_told_apart() {
        let at = |partition, offset| Position { partition, offset };
        assert_eq!(parse("start").unwrap(), ReplayFrom::Start);
        assert_eq!(parse("0:12, 3:4").unwrap(), ReplayFrom::Positions(vec![at(0, 12), at(3, 4)]));
        assert_eq!(parse("1970-01-01T00:00:01Z").unwrap(), ReplayFrom::Time(TimeMs(1_000)));
        assert!(matches!(parse("2026-11-20").unwrap(), ReplayFrom::Time(_)));
        for (wrong, says) in [("12", "0:12"), ("yesterday", "neither"), ("1:x", "neither"), ("", "neither")] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
