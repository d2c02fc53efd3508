//! Who is of a segment.

use cairn_analysis::SegmentTree;
use hashbrown::HashSet;

use crate::sql::Constants;

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

    /// Persons among whom all of it are, where these are few.
    pub(crate) fn within(&self, most: usize) -> Option<Vec<i64>> {
        match self {
            Chosen::All(parts) => parts.iter().filter_map(|part| part.within(most)).min_by_key(Vec::len),
            Chosen::Any(parts) => {
                let all = parts.iter().map(|part| part.within(most)).collect::<Option<Vec<_>>>()?;
                Some(all.concat()).filter(|all| all.len() <= most)
            }
            Chosen::Not(part) => match &**part {
                Chosen::These { persons, others: true } => few(persons, most),
                _ => None,
            },
            Chosen::These { persons, others: false } => few(persons, most),
            Chosen::These { .. } => None,
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

impl Chosen {
    /// Whether the person of an event is of it, in SQL.
    pub(crate) fn condition(&self, constants: &mut Constants) -> String {
        let mut all = |parts: &[Chosen], by: &str, none: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.condition(constants)).collect();
            if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(by)) }
        };
        match self {
            Chosen::All(parts) => all(parts, " and ", "true"),
            Chosen::Any(parts) => all(parts, " or ", "false"),
            Chosen::Not(part) => format!("not {}", part.condition(constants)),
            Chosen::These { persons, others } => {
                let is = if *others { "<> all" } else { "= any" };
                format!("(e.user_id {is} ({}))", constants.ids(persons.iter().copied().collect()))
            }
        }
    }
}

fn few(persons: &HashSet<i64>, most: usize) -> Option<Vec<i64>> {
    (persons.len() <= most).then(|| persons.iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_persons_are_known_where_no_others_can_be_of_it() {
        let these = |persons: &[i64], others| Chosen::These { persons: persons.iter().copied().collect(), others };
        let sorted = |of: Chosen| {
            of.within(3).map(|mut persons| {
                persons.sort_unstable();
                persons
            })
        };
        assert_eq!(sorted(Chosen::All(vec![these(&[1, 2], true), these(&[2, 3], false)])), Some(vec![2, 3]));
        assert_eq!(sorted(Chosen::Any(vec![these(&[1], false), these(&[2, 3], false)])), Some(vec![1, 2, 3]));
        assert_eq!(sorted(Chosen::Any(vec![these(&[1], false), these(&[2], true)])), None);
        assert_eq!(sorted(Chosen::Not(Box::new(these(&[1], true)))), Some(vec![1]));
        assert_eq!(sorted(Chosen::Not(Box::new(these(&[1], false)))), None);
        assert_eq!(sorted(these(&[1, 2, 3, 4], false)), None);
    }
}
