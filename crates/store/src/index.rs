//! Definition indexes: per part, the rows that match a definition, with their users and times. The embedded twin of a partial
//! index.
//!
//! They can be had again from the parts at any time: a missing or damaged one is built anew, and never believed.

mod definitions;
mod file;
mod keep;
mod usage;

pub(crate) use definitions::{Definitions, Indexed};
pub(crate) use file::DefinitionIndex;
pub(crate) use usage::{Usage, UsedDays};

use std::sync::Arc;

use crate::{part::Part, predicate::Meaning};

/// The indexes of a part for every event of a question; `None` if one is missing.
pub(crate) fn hits(part: &Part, indexed: &[(Indexed, Meaning)]) -> Option<Vec<Arc<DefinitionIndex>>> {
    indexed.iter().map(|(indexed, _)| part.index(&indexed.key).filter(|index| !index.is_dense())).collect()
}
