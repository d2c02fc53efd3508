//! Who is of a segment.

use cairn_analysis::SegmentTree;
use hashbrown::HashSet;

/// The persons of a segment.
#[derive(Debug)]
pub(crate) enum Chosen {
    /// Of all of these.
    All(Vec<Chosen>),
    /// Of any of these.
    Any(Vec<Chosen>),
    /// Not of this.
    Not(Box<Chosen>),
    /// These, or all but these.
    These {
        /// Those who are told from all others.
        persons: HashSet<i64>,
        /// What is true of all others.
        others: bool,
    },
}

impl Chosen {
    /// Whether a person is of it.
    pub(crate) fn has(&self, person: i64) -> bool {
        match self {
            Chosen::All(parts) => parts.iter().all(|part| part.has(person)),
            Chosen::Any(parts) => parts.iter().any(|part| part.has(person)),
            Chosen::Not(part) => !part.has(person),
            Chosen::These { persons, others } => persons.contains(&person) != *others,
        }
    }

    /// Of a tree, each of whose leaves `of_leaf` makes.
    pub(crate) fn of<E>(
        tree: &SegmentTree,
        of_leaf: &mut dyn FnMut(&SegmentTree) -> Result<Chosen, E>,
    ) -> Result<Self, E> {
        Ok(match tree {
            SegmentTree::All(parts) => {
                Chosen::All(parts.iter().map(|part| Self::of(part, of_leaf)).collect::<Result<_, E>>()?)
            }
            SegmentTree::Any(parts) => {
                Chosen::Any(parts.iter().map(|part| Self::of(part, of_leaf)).collect::<Result<_, E>>()?)
            }
            SegmentTree::Not(part) => Chosen::Not(Box::new(Self::of(part, of_leaf)?)),
            leaf => of_leaf(leaf)?,
        })
    }
}
