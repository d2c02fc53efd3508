//! Named events.

use serde::{Deserialize, Serialize};

use crate::{Predicate, TimeMs};

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
