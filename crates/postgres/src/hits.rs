//! Questions of few events, all of which indexes of definitions name, and of which no more is asked than when they were, and whose: read index by
//! index, on two connections, as narrow as can be, and put in order here. The database would take longer to put them in order, and
//! longer still to gather them by person.

use cairn_analysis::{Held, Kernel, Places, Question, Rows, StoreError};
use tokio_postgres::Row;

use crate::{
    gather::{Pushing, Segments},
    instant::{Instant, Weighed},
    select,
};

/// More events than these are not kept here: 40 MB.
pub(crate) const HITS_MAX: f64 = 1_000_000.0;

/// An event and whose it is, in the order in which kernels get them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    person: i64,
    time: i64,
    event_id: i64,
    original: i64,
    matches: u32,
}

/// How much of an event is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// When it was: it does not matter whose it is.
    Time,
    /// Whose it is, too. All match the same, so that those of one instant need no order.
    Person,
    /// And what tells it from all others, and gives it its place among those of one instant.
    Whole,
}

/// A question as queries, one for each index, each with what its events match.
pub(crate) struct Queries {
    pub(crate) of: Vec<(Weighed, u32)>,
    pub(crate) width: Width,
}

/// What the kernel makes of a question's events; nothing where they are to be found in another way. Fails if the budget is over.
pub(crate) fn run<K: Kernel>(
    instant: &Instant<'_>,
    question: &Question<'_>,
    segments: &Segments,
    kernel: &K,
) -> Result<Option<K::Partial>, StoreError> {
    let by_person = kernel.needs_users() || segments.only.is_some();
    let Some(queries) = instant.queries(|asking| select::hits(asking, question, segments, by_person))? else {
        return Ok(None);
    };
    let mut held = instant.budget.hold();
    let hits = read(instant, queries, &mut held)?;
    let held_bytes = hits.capacity() * size_of::<Hit>();
    if !by_person {
        let (times, matches): (Vec<i64>, Vec<u32>) = hits.iter().map(|hit| (hit.time, hit.matches)).unzip();
        let mut partial = kernel.init();
        let places = Places::From(0, 0);
        let rows =
            Rows { times: &times, matches: &matches, groups: &[], numbers: &[], sessions: &[], holds: &[], places };
        kernel.push(&mut partial, &rows);
        return Ok(Some(partial));
    }
    let mut pushing = Pushing::new(kernel, instant, segments.only.as_ref());
    for hit in &hits {
        if pushing.begin(hit.person) {
            held.set(held_bytes + pushing.bytes());
        }
        if pushing.wanted(hit.person) {
            pushing.add((hit.time, hit.event_id, hit.original), hit.matches);
        }
    }
    Ok(Some(pushing.end()))
}

/// The events, in order.
fn read(instant: &Instant<'_>, Queries { of, width }: Queries, held: &mut Held<'_>) -> Result<Vec<Hit>, StoreError> {
    let (queries, bits): (Vec<Weighed>, Vec<u32>) = of.into_iter().unzip();
    let hit = move |at: usize, row: &Row| {
        let matches = bits[at];
        match width {
            Width::Time => Hit { person: 0, time: row.get(0), event_id: 0, original: 0, matches },
            Width::Person => Hit { person: row.get(0), time: row.get(1), event_id: 0, original: 0, matches },
            Width::Whole => {
                let (person, time, event_id, original) = (row.get(0), row.get(1), row.get(2), row.get(3));
                Hit { person, time, event_id, original, matches }
            }
        }
    };
    let mut hits = instant.each_of(&queries, hit, held)?.concat();
    if width != Width::Whole {
        // Its place among all that were tells one event from another.
        hits.iter_mut().zip(0..).for_each(|(hit, number)| hit.event_id = number);
    }
    // What an index gives is in order: a sort that looks for runs merges them.
    hits.sort();
    Ok(hits)
}
