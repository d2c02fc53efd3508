//! From postings to the few groups of rows in which a predicate can hold at all.

use cairn_analysis::StoreError;

use super::node::{Node, RowCodes};
use super::truths::Truth;
use crate::part::{GROUP, Groups, PostingsAt};

/// A condition that holds for more values than this is not looked up.
const VALUES_MAX: usize = 64 << 10;
/// Where more than one in so many groups is left, looking at all rows is as fast.
const GROUPS_PER_CANDIDATE: usize = 2;
/// Reading a posting is this many times cheaper than looking at the rows of a group.
const POSTINGS_PER_GROUP: usize = 32;

impl Node<'_> {
    /// Groups of rows outside of which the predicate does not hold; `None` where it may hold in too many, or that is not known.
    /// `rows` is the part's number of rows.
    pub(crate) fn candidates(&self, rows: usize) -> Result<Option<Groups>, StoreError> {
        let most = rows.div_ceil(GROUP) / GROUPS_PER_CANDIDATE;
        match self.postings()? {
            Some(count) if count <= most => self.groups(rows, &mut Vec::new()).map(Some),
            _ => Ok(None),
        }
    }

    /// How many postings say where it can hold; `None` if none do.
    fn postings(&self) -> Result<Option<usize>, StoreError> {
        match self {
            Node::Always(false) => Ok(Some(0)),
            Node::Codes(RowCodes::Part(codes), truth) => match &codes.postings {
                Some(at) if !truth.of(0) && truth.holds <= VALUES_MAX => count(at, truth).map(Some),
                _ => Ok(None),
            },
            Node::All(parts) => {
                let counts = parts.iter().map(Node::postings).collect::<Result<Vec<_>, _>>()?;
                Ok(counts.into_iter().flatten().min())
            }
            Node::Any(parts) => parts.iter().map(Node::postings).sum(),
            Node::Always(true) | Node::Codes(..) | Node::Not(_) | Node::Own(..) | Node::User(_) => Ok(None),
        }
    }

    /// The groups that its postings name; where there are none, none.
    fn groups(&self, rows: usize, space: &mut Vec<u32>) -> Result<Groups, StoreError> {
        let mut found = Groups::none(rows);
        match self {
            Node::Codes(RowCodes::Part(codes), truth) => {
                if let Some(at) = &codes.postings {
                    let postings = at.open()?;
                    truth.values().for_each(|code| postings.add(code, &mut found, space));
                }
            }
            Node::Any(parts) => {
                for part in parts {
                    found.unite(&part.groups(rows, space)?);
                }
            }
            Node::All(parts) => {
                let mut counted = Vec::new();
                for part in parts {
                    counted.extend(part.postings()?.map(|count| (count, part)));
                }
                counted.sort_by_key(|(count, _)| *count);
                let mut counted = counted.into_iter();
                if let Some((_, first)) = counted.next() {
                    found = first.groups(rows, space)?;
                }
                for (count, part) in counted {
                    if count < found.len() * POSTINGS_PER_GROUP {
                        found.intersect(&part.groups(rows, space)?);
                    }
                }
            }
            _ => {}
        }
        Ok(found)
    }
}

fn count(at: &PostingsAt<'_>, truth: &Truth) -> Result<usize, StoreError> {
    let postings = at.open()?;
    Ok(truth.values().map(|code| postings.count(code)).sum())
}
