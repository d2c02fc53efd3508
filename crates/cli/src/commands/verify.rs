//! `cairn verify`.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use cairn_model::{Position, ProjectId};
use cairn_server::{EngineState, ProjectState};

use crate::{
    args::{Place, VerifyArgs},
    backend::{self, Backend, Want},
    output::{say, thousands},
};

/// What could not be compared is neither equal nor different.
const UNKNOWN: u8 = 2;
/// Two that are no further apart, in records, come together while both are held.
const NEAR: u64 = 20_000;
/// How often two that are near are held, before they are given up.
const TRIES: usize = 5;
const LOOK: Duration = Duration::from_millis(500);
/// By then nobody is held any more who was when it failed.
const AGAIN: Duration = Duration::from_secs(3);

/// Compares two stores.
pub(crate) fn run(place: &Place, args: &VerifyArgs) -> ExitCode {
    match compare(place, args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cairn: {error:#}");
            ExitCode::from(UNKNOWN)
        }
    }
}

fn compare(place: &Place, args: &VerifyArgs) -> anyhow::Result<bool> {
    let names = [&args.one, &args.other];
    let [one, other] = names.map(|name| open(place, name).with_context(|| shown(name)));
    let (one, other) = (one?, other?);
    let both = Both { stores: [&*one, &*other], names: [shown(&args.one), shown(&args.other)] };
    both.check_logs()?;
    let until = Instant::now() + Duration::from_secs(args.timeout);
    let states = both.states(until)?;
    let equal = both.report(&states);
    one.close()?;
    other.close()?;
    Ok(equal)
}

/// A server, or a folder.
fn open(place: &Place, name: &str) -> anyhow::Result<Box<dyn Backend>> {
    let url = (name.starts_with("http://") || name.starts_with("https://")).then(|| name.to_owned());
    let log = place.log.clone().filter(|_| url.is_none());
    backend::open(&Place { data: name.into(), store: None, url, log, ..place.clone() })
}

/// Without a token that stands in it.
fn shown(name: &str) -> String {
    name.split("?token=").next().unwrap_or_default().trim_end_matches('/').to_owned()
}

struct Both<'a> {
    stores: [&'a dyn Backend; 2],
    names: [String; 2],
}

impl Both<'_> {
    fn ask(&self, want: Want<'_>) -> anyhow::Result<[EngineState; 2]> {
        // At once: while one is asked, the other is held.
        let asked = |at: usize| self.stores[at].state(want).with_context(|| self.names[at].clone());
        thread::scope(|scope| {
            let other = scope.spawn(|| asked(1));
            let one = asked(0);
            let other = other.join().map_err(|_| anyhow::anyhow!("{} could not be asked", self.names[1]))?;
            Ok([one?, other?])
        })
    }

    fn check_logs(&self) -> anyhow::Result<()> {
        let topics = self.ask(Want::Positions)?.map(|state| state.topic);
        let place = |at: usize| {
            let topic = topics[at].as_ref();
            topic.map_or_else(|| "a log of its own".to_owned(), |topic| format!("the topic {}", topic.place))
        };
        let ids = [0, 1].map(|at| topics[at].as_ref().map(|topic| topic.id.as_str()));
        if ids[0] != ids[1] {
            bail!(
                "{} follows {}, and {} follows {}: only what follows one log has comparable positions",
                self.names[0],
                place(0),
                self.names[1],
                place(1)
            );
        }
        Ok(())
    }

    /// Both states at the same positions.
    fn states(&self, until: Instant) -> anyhow::Result<[EngineState; 2]> {
        let mut tries = 0;
        loop {
            let [one, other] = self.ask(Want::Positions)?;
            let apart = apart(&one.positions, &other.positions);
            if apart > 0 && one.topic.is_none() {
                bail!(
                    "each has a log of its own, and they are {} records apart: they can be compared while both are at the same place",
                    thousands(apart)
                );
            }
            if apart > NEAR {
                if Instant::now() > until {
                    bail!("they are still {} records apart: compare them once both have caught up", thousands(apart));
                }
                eprintln!("{} records apart: waiting.", thousands(apart));
                thread::sleep(LOOK);
                continue;
            }
            tries += 1;
            match self.at_once() {
                Ok(states) => return Ok(states),
                Err(error) if tries >= TRIES || Instant::now() > until => return Err(error),
                Err(_) => thread::sleep(AGAIN),
            }
        }
    }

    fn at_once(&self) -> anyhow::Result<[EngineState; 2]> {
        let [one, other] = self.ask(Want::Hold)?;
        let at = further(&one.positions, &other.positions);
        self.ask(Want::Hashes(Some(&at)))
    }

    /// Says what is equal and what is not; whether all is.
    fn report(&self, [one, other]: &[EngineState; 2]) -> bool {
        let by_id = |state: &EngineState| -> BTreeMap<ProjectId, ProjectState> {
            state.projects.iter().map(|project| (project.id, project.clone())).collect()
        };
        let (ours, theirs) = (by_id(one), by_id(other));
        let mut equal = true;
        for (id, project) in &ours {
            match theirs.get(id) {
                Some(theirs) if theirs.hash == project.hash => {
                    say(format!("Project {} is equal: {}", project.name, project.hash));
                }
                Some(theirs) => {
                    equal = false;
                    self.report_project(project, theirs);
                }
                None => {
                    equal = false;
                    say(format!("Project {} (id {id}) is at {} only.", project.name, self.names[0]));
                }
            }
        }
        for (id, project) in theirs.iter().filter(|(id, _)| !ours.contains_key(id)) {
            equal = false;
            say(format!("Project {} (id {id}) is at {} only.", project.name, self.names[1]));
        }
        let positions = one.positions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        say(format!("{} at {positions}.", if equal { "All is equal" } else { "They differ" }));
        equal
    }

    fn report_project(&self, ours: &ProjectState, theirs: &ProjectState) {
        say(format!("Project {} differs: {} and {}", ours.name, ours.hash, theirs.hash));
        for (name, project) in self.names.iter().zip([ours, theirs]) {
            let ledger = project.ledger;
            say(format!(
                "  {name}: {} events in the answers, of {} accepted",
                thousands(ledger.stored),
                thousands(ledger.accepted)
            ));
        }
        let last = ours.parts.len().saturating_sub(1);
        if last == 0 || ours.parts.len() != theirs.parts.len() {
            return;
        }
        let differ = (0..last).filter(|part| ours.parts[*part] != theirs.parts[*part]);
        let differ: Vec<_> = differ.map(|part| part.to_string()).collect();
        if let Some(first) = differ.first() {
            say(format!(
                "  in users of partition {}. What the log still has is brought back by: cairn replay --from start --partition {first} --project {}",
                differ.join(", "),
                ours.id
            ));
        }
        if ours.parts[last] != theirs.parts[last] {
            say("  in how long events are kept");
        }
    }
}

fn offset(positions: &[Position], partition: u32) -> u64 {
    positions.iter().find(|one| one.partition == partition).map_or(0, |one| one.offset)
}

/// How many records are applied by one of them only.
fn apart(one: &[Position], other: &[Position]) -> u64 {
    further(one, other).iter().map(|at| at.offset - offset(one, at.partition).min(offset(other, at.partition))).sum()
}

/// The further of both positions, of each partition.
fn further(one: &[Position], other: &[Position]) -> Vec<Position> {
    let mut partitions: Vec<u32> = one.iter().chain(other).map(|at| at.partition).collect();
    partitions.sort_unstable();
    partitions.dedup();
    let at = |partition| Position { partition, offset: offset(one, partition).max(offset(other, partition)) };
    partitions.into_iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(positions: &[(u32, u64)]) -> Vec<Position> {
        positions.iter().map(|(partition, offset)| Position { partition: *partition, offset: *offset }).collect()
    }

    #[test]
    fn the_further_of_two_is_taken_of_each_partition() {
        let (one, other) = (at(&[(0, 5), (2, 9)]), at(&[(0, 7), (1, 3), (2, 2)]));
        assert_eq!(further(&one, &other), at(&[(0, 7), (1, 3), (2, 9)]));
        assert_eq!((apart(&one, &other), apart(&one, &one)), (2 + 3 + 7, 0));
    }

    #[test]
    fn tokens_are_not_shown() {
        assert_eq!(shown("http://a:7300/?token=ct_secret"), "http://a:7300");
        assert_eq!(shown("./replica"), "./replica");
    }
}
