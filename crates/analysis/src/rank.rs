//! Which of many stand on their own: the same rule for every analysis.

use std::cmp::Reverse;

use crate::{Budget, GroupId, Groups, Stopped, sort_within};

/// The first `top` groups by descending total, ties by the values' order.
pub(crate) fn first(
    groups: &Groups,
    totals: Vec<(GroupId, u64)>,
    top: usize,
    budget: &Budget,
) -> Result<Vec<GroupId>, Stopped> {
    first_of(groups, totals, top, budget)
}

/// The same by totals that are more than a number.
pub(crate) fn first_of<N: Ord + Clone>(
    groups: &Groups,
    totals: Vec<(GroupId, N)>,
    top: usize,
    budget: &Budget,
) -> Result<Vec<GroupId>, Stopped> {
    let first = first_by(totals, top, |group| groups.values(*group), budget)?;
    Ok(first.into_iter().map(|(group, _)| group).collect())
}

/// The first `top` by descending total, ties by `order`, which tells all apart, with their totals.
pub(crate) fn first_by<T: Copy, N: Ord + Clone, O: Ord>(
    mut totals: Vec<(T, N)>,
    top: usize,
    order: impl Fn(&T) -> O,
    budget: &Budget,
) -> Result<Vec<(T, N)>, Stopped> {
    // What is ordered by is long to compare: only those that tie with the last one kept, or beat it, are.
    if let Some(last) = top.checked_sub(1).filter(|last| *last < totals.len()) {
        let (_, (_, least), _) = totals.select_nth_unstable_by(last, |(_, a), (_, b)| b.cmp(a));
        let least = least.clone();
        totals.retain(|(_, total)| *total >= least);
    }
    let mut keyed = Vec::with_capacity(totals.len());
    for (at, (one, total)) in totals.into_iter().enumerate() {
        budget.check_at(at)?;
        keyed.push((Reverse(total), order(&one), one));
    }
    let compare = |a: &(Reverse<N>, O, T), b: &(Reverse<N>, O, T)| (&a.0, &a.1).cmp(&(&b.0, &b.1));
    if top < keyed.len() {
        keyed.select_nth_unstable_by(top, compare);
        keyed.truncate(top);
    }
    sort_within(&mut keyed, &compare, budget)?;
    Ok(keyed.into_iter().map(|(Reverse(total), _, one)| (one, total)).collect())
}
