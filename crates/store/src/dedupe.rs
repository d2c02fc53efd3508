//! Which events of a batch are in parts already: counted once for ever.
//!
//! A probe of a part's filter mostly waits for memory. A batch's are made side by side, part by part, so that the waits overlap.

use std::{slice, sync::Arc};

use cairn_analysis::StoreError;
use cairn_model::RawMessage;

use crate::{filter, part::Part, users::Users};

/// From so many events on, which only imports send at once, another thread takes half.
const SPLIT_FROM: usize = 4_096;

/// An event that may be in a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// Its place in the batch.
    place: u32,
    /// The user's number.
    pub(crate) user: u32,
    pub(crate) event_id: u64,
    /// Of both.
    pub(crate) probe: filter::Probe,
}

/// What is known of a batch's events before they are applied, by their places in the batch.
#[derive(Debug)]
pub(crate) struct Arrivals {
    /// By place: the number of an event's user, if there was one before the batch, and whether a part has the event.
    events: Vec<(Option<u32>, bool)>,
}

impl Arrivals {
    /// Looks a batch's events up in the parts. With `skip`, nothing is found.
    pub(crate) fn of(
        messages: &[RawMessage<'_>],
        users: &Users,
        parts: &[Arc<Part>],
        skip: bool,
    ) -> Result<Self, StoreError> {
        let count = messages.iter().map(RawMessage::count).sum();
        let mut arrivals = Self { events: Vec::with_capacity(count) };
        let mut candidates = Vec::with_capacity(count);
        for message in messages {
            let heads = match message {
                RawMessage::Event(event) => slice::from_ref(&event.head),
                RawMessage::Events(block) => &block.heads,
                RawMessage::Other(_) => {
                    arrivals.events.push((None, false));
                    continue;
                }
            };
            for head in heads {
                // Who has no number yet has no events.
                let known = users.find(head.user_id.get())?;
                let event_id = head.event_id.get();
                if let Some(user) = known
                    && !skip
                    && parts.iter().any(|part| part.spans(event_id))
                {
                    let probe = filter::Probe::new(filter::key(user, event_id));
                    candidates.push(Candidate { place: arrivals.events.len() as u32, user, event_id, probe });
                }
                arrivals.events.push((known, false));
            }
        }
        for at in find(parts, &candidates)? {
            arrivals.events[candidates[at].place as usize].1 = true;
        }
        Ok(arrivals)
    }

    /// The number of the user of the event at this place of the batch, if there was one before the batch.
    pub(crate) fn user(&self, place: usize) -> Option<u32> {
        self.events[place].0
    }

    /// Whether a part has the event at this place.
    pub(crate) fn is_stored(&self, place: usize) -> bool {
        self.events[place].1
    }
}

/// The places of the candidates that are in a part.
fn find(parts: &[Arc<Part>], candidates: &[Candidate]) -> Result<Vec<usize>, StoreError> {
    let find = |candidates: &[Candidate]| {
        let (mut found, mut scratch) = (Vec::new(), Vec::new());
        for part in parts {
            part.find_all(candidates, &mut scratch, &mut |at| found.push(at))?;
        }
        Ok(found)
    };
    if candidates.len() < SPLIT_FROM || parts.is_empty() {
        return find(candidates);
    }
    // Not in the pool of those who answer questions: they may wait for the locks that are held here.
    let (first, second) = candidates.split_at(candidates.len() / 2);
    std::thread::scope(|scope| {
        let helper = std::thread::Builder::new().name("dedupe".to_owned()).spawn_scoped(scope, || find(second));
        let mut found = find(first)?;
        let others = match helper.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(others)) => others?,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => find(second)?,
        };
        found.extend(others.into_iter().map(|at| first.len() + at));
        Ok(found)
    })
}
