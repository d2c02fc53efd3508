//! What the hostile set does to a store: late sessions, one user with 1 % of all events, unique paths and queries, and 200
//! custom properties. Paths, queries and properties follow from the event's ids, so events need not carry them.

use std::{fmt::Write, sync::Arc};

use arrow_array::{
    ArrayRef,
    builder::{BooleanBuilder, Float64Builder, StringBuilder},
};

use super::{Event, World};
use crate::random::{Rng, Weighted, mix};

/// Nothing is later than this.
pub(super) const LATE_MS: i64 = 60 * 86_400_000;
const LATE_PERCENT: f64 = 8.0;
const HEAVY_PERCENT: f64 = 1.0;
/// Late sessions have slots of their own, so that they share no millisecond with others of their user.
const PUNCTUAL_SLOTS: i64 = 48;
const LATE_SLOTS: i64 = 16;
const SLOT_MS: i64 = PUNCTUAL_SLOTS + LATE_SLOTS;
/// Custom properties in all, and of an event.
const PROPERTIES: u32 = 200;
const PER_EVENT: usize = 3;
const QUERIES: u64 = 100;

/// What makes a session odd.
#[derive(Clone, Copy)]
pub(super) struct Session {
    pub(super) heavy: bool,
    pub(super) late: bool,
}

pub(super) fn session(rng: &mut Rng) -> Session {
    Session { heavy: rng.percent(HEAVY_PERCENT), late: rng.percent(LATE_PERCENT) }
}

/// The slot of a user's session among the milliseconds, and how late it is. Late sessions of one slot are equally late:
/// so they do not meet.
pub(super) fn slot(seed: u64, user: u32, ordinal: u8, late: bool) -> (i64, i64) {
    let ordinal = i64::from(ordinal);
    if !late {
        return (ordinal % PUNCTUAL_SLOTS, 0);
    }
    let slot = PUNCTUAL_SLOTS + ordinal % LATE_SLOTS;
    let mut rng = Rng::new(seed ^ 2, u64::from(user) << 8 | slot as u64);
    (slot, i64::from(rng.below((LATE_MS / SLOT_MS) as u32)) * SLOT_MS)
}

fn key(event: &Event) -> u64 {
    mix(event.event_id ^ event.user_id.rotate_left(17))
}

/// The paths: every second one is unique.
pub(super) fn paths(world: &World, rows: &[Event]) -> ArrayRef {
    strings(rows, |event, out| {
        out.push_str(&world.paths[usize::from(event.path)]);
        let key = key(event);
        if key.is_multiple_of(2) { write!(out, "/o/{key:016x}") } else { Ok(()) }
    })
}

/// The queries: every second one is unique.
pub(super) fn queries(rows: &[Event]) -> ArrayRef {
    strings(rows, |event, out| {
        let key = mix(key(event));
        if key.is_multiple_of(2) { write!(out, "?ref={key:016x}") } else { write!(out, "?page={}", key / 2 % QUERIES) }
    })
}

fn strings(rows: &[Event], value: impl Fn(&Event, &mut String) -> std::fmt::Result) -> ArrayRef {
    let mut out = StringBuilder::with_capacity(rows.len(), rows.len() * 32);
    let mut text = String::new();
    for event in rows {
        text.clear();
        // Writing to a string cannot fail.
        let _ = value(event, &mut text);
        out.append_value(&text);
    }
    Arc::new(out.finish())
}

/// The custom properties, a column each.
pub(super) struct Custom(Weighted);

impl Custom {
    pub(super) fn new() -> Self {
        Self(Weighted::zipf(PROPERTIES, 5.0))
    }

    /// By name; each is on few events.
    pub(super) fn columns(&self, rows: &[Event]) -> Vec<(String, ArrayRef)> {
        let mut by_property = vec![Vec::new(); PROPERTIES as usize];
        for (row, event) in rows.iter().enumerate() {
            let mut rng = Rng::new(key(event), 1);
            for _ in 0..PER_EVENT {
                let cells: &mut Vec<(usize, u64)> = &mut by_property[self.0.draw(&mut rng) as usize];
                if cells.last().is_none_or(|(last, _)| *last < row) {
                    cells.push((row, rng.bits()));
                }
            }
        }
        let column = |(at, cells): (usize, Vec<_>)| (format!("custom_{at:03}"), cells_of(at, &cells, rows.len()));
        by_property.into_iter().enumerate().map(column).collect()
    }
}

/// Half of the properties are texts with 8 to 1,024 values, a quarter numbers, a quarter true or false.
fn cells_of(property: usize, cells: &[(usize, u64)], rows: usize) -> ArrayRef {
    let mut cells = cells.iter().peekable();
    let dense = (0..rows).map(move |row| cells.next_if(|(at, _)| *at == row).map(|(_, bits)| *bits));
    match property % 4 {
        0 | 1 => {
            let mut out = StringBuilder::new();
            dense
                .for_each(|bits| out.append_option(bits.map(|bits| format!("value-{}", bits % (8 << (property % 8))))));
            Arc::new(out.finish())
        }
        2 => {
            let mut out = Float64Builder::with_capacity(rows);
            dense.for_each(|bits| out.append_option(bits.map(|bits| (1 + bits % 1_000) as f64)));
            Arc::new(out.finish())
        }
        _ => {
            let mut out = BooleanBuilder::with_capacity(rows);
            dense.for_each(|bits| out.append_option(bits.map(|bits| bits % 2 == 0)));
            Arc::new(out.finish())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow_array::{Array, cast::AsArray};

    use super::*;
    use crate::data::{Events, IdOrder, START_MS, Spec};

    #[test]
    fn half_of_the_paths_are_unique() {
        let world = World::new(1);
        let spec = Spec { events: 20_000, seed: 1, ids: IdOrder::Random, hostile: true, start_ms: START_MS };
        let events: Vec<Event> = Events::new(&world, spec).collect();
        for column in [paths(&world, &events), queries(&events)] {
            let texts: HashSet<_> = column.as_string::<i32>().iter().collect();
            assert!((9_500..12_500).contains(&texts.len()), "{} of 20,000 differ", texts.len());
        }
        let columns = Custom::new().columns(&events);
        assert_eq!(columns.len(), 200);
        let cells: usize = columns.iter().map(|(_, column)| column.len() - column.null_count()).sum();
        assert!((55_000..=60_000).contains(&cells), "{cells} cells");
    }
}
