//! Which groups stand on their own: the same rule for every analysis.

use std::cmp::Reverse;

use crate::{GroupId, Groups};

/// The first `top` groups by descending total, ties by the values' order.
pub(crate) fn first(groups: &Groups, mut totals: Vec<(GroupId, u64)>, top: usize) -> Vec<GroupId> {
    // Values are long to compare: only groups that tie with the last one kept, or beat it, are.
    if let Some(last) = top.checked_sub(1).filter(|last| *last < totals.len()) {
        let (_, (_, least), _) = totals.select_nth_unstable_by_key(last, |(_, total)| Reverse(*total));
        let least = *least;
        totals.retain(|(_, total)| *total >= least);
    }
    totals.sort_by_cached_key(|(group, total)| (Reverse(*total), groups.values(*group)));
    totals.truncate(top);
    totals.into_iter().map(|(group, _)| group).collect()
}
