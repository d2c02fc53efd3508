//! Which of many stand on their own: the same rule for every analysis.

use std::cmp::Reverse;

use crate::{GroupId, Groups};

/// The first `top` groups by descending total, ties by the values' order.
pub(crate) fn first(groups: &Groups, totals: Vec<(GroupId, u64)>, top: usize) -> Vec<GroupId> {
    first_of(groups, totals, top)
}

/// The same by totals that are more than a number.
pub(crate) fn first_of<N: Ord + Clone>(groups: &Groups, totals: Vec<(GroupId, N)>, top: usize) -> Vec<GroupId> {
    first_by(totals, top, |group| groups.values(*group)).into_iter().map(|(group, _)| group).collect()
}

/// The first `top` by descending total, ties by `order`, with their totals.
pub(crate) fn first_by<T: Copy, N: Ord + Clone, O: Ord>(
    mut totals: Vec<(T, N)>,
    top: usize,
    order: impl Fn(&T) -> O,
) -> Vec<(T, N)> {
    // What is ordered by is long to compare: only those that tie with the last one kept, or beat it, are.
    if let Some(last) = top.checked_sub(1).filter(|last| *last < totals.len()) {
        let (_, (_, least), _) = totals.select_nth_unstable_by(last, |(_, a), (_, b)| b.cmp(a));
        let least = least.clone();
        totals.retain(|(_, total)| *total >= least);
    }
    totals.sort_by_cached_key(|(one, total)| (Reverse(total.clone()), order(one)));
    totals.truncate(top);
    totals
}
