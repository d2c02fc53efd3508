//! Which definitions have an index, as questions know it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant as Clock},
};

use cairn_analysis::StoreError;
use hashbrown::HashMap;

use crate::instant::Instant;

const KNOWN: &str = include_str!("../../queries/index/known.sql");
/// What is known may be so old: it only decides how a query is put, never what it answers.
const KNOWN_FOR: Duration = Duration::from_secs(1);

/// A definition of a project.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) name: String,
    /// Conditions all of which the rows of its index satisfy, in order.
    pub(crate) parts: Vec<String>,
    /// Whether it has an index that can serve.
    pub(crate) valid: bool,
    /// The share of all events that the index holds.
    pub(crate) share: f64,
    /// How many events the index holds, if that is known.
    pub(crate) rows: Option<f64>,
    /// Whether that it is used is to be noted again.
    pub(crate) note: bool,
}

/// The definitions of a project, and when they were read.
type Read = (Clock, Arc<[Known]>);

/// What questions know of indexes, and what they say of their use.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    known: Mutex<HashMap<i64, Read>>,
    used: Mutex<HashSet<(i64, String)>>,
}

impl Indexes {
    /// The definitions of the instant's project.
    pub(crate) fn of(&self, instant: &Instant<'_>) -> Result<Arc<[Known]>, StoreError> {
        let project = instant.project;
        let fresh = |(at, known): &Read| (at.elapsed() < KNOWN_FOR).then(|| known.clone());
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lock().get(&project).and_then(fresh);
        if let Some(known) = found {
            return Ok(known);
        }
        let mut known = Vec::new();
        instant.ask(KNOWN, &[Box::new(project)], &mut |row| {
            let (name, parts, valid, share) = (row.get(0), row.get(1), row.get(2), row.get(3));
            let rows = row.get::<_, Option<f64>>(4).filter(|rows| *rows >= 0.0);
            known.push(Known { name, parts, valid, share, rows, note: row.get(5) });
            Ok(())
        })?;
        let known: Arc<[Known]> = known.into();
        lock().insert(project, (Clock::now(), known.clone()));
        Ok(known)
    }

    /// What is known of a project is old.
    pub(crate) fn forget(&self, project: i64) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&project);
    }

    /// A question has used a definition. It waits for nothing: the keeper notes it.
    pub(crate) fn used(&self, project: i64, known: &Known) {
        if known.note {
            self.used.lock().unwrap_or_else(PoisonError::into_inner).insert((project, known.name.clone()));
        }
    }

    /// What was used and is not noted yet.
    pub(crate) fn take_used(&self) -> Vec<(i64, String)> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }
}

/// The definition that says most of an event which satisfies these conditions: one that must hold for them all to hold.
pub(crate) fn best<'k>(known: &'k [Known], parts: &[String], valid: bool) -> Option<&'k Known> {
    let within = |of: &&Known| of.parts.iter().all(|part| parts.binary_search(part).is_ok());
    known
        .iter()
        .filter(|known| known.valid || !valid)
        .filter(within)
        .max_by_key(|known| (known.parts.len(), known.valid))
}
