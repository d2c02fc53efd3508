//! Named events.

use serde::{Deserialize, Serialize};

use crate::{Event, Predicate, TimeMs};

/// A named predicate over events; it reaches back over all of history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Unique in its project.
    pub name: String,
    /// Which events it means.
    pub predicate: Predicate,
    /// When it was made or last changed.
    pub created_at: TimeMs,
}

impl Definition {
    /// The names of those that match an event, in their order.
    pub fn names_of(definitions: &[Self], event: &Event<'_>) -> Vec<String> {
        let matching = definitions.iter().filter(|definition| definition.predicate.matches(event, &|_| None));
        matching.map(|definition| definition.name.clone()).collect()
    }
}
