//! Sorting that can be stopped.

use std::cmp::Ordering;

use crate::{Budget, Stopped};

/// So many are sorted at once.
const PIECE: usize = 1 << 16;

/// Sorts `items`; those that are equal come in any order. Fails if the budget is over, with the items in any order.
pub fn sort_within<T>(items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering, budget: &Budget) -> Result<(), Stopped> {
    budget.check()?;
    if items.len() <= PIECE {
        items.sort_unstable_by(compare);
        return Ok(());
    }
    let (low, _, high) = items.select_nth_unstable_by(items.len() / 2, compare);
    sort_within(low, compare, budget)?;
    sort_within(high, compare, budget)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_sorted_piece_by_piece_until_the_budget_is_over() {
        let many = || (0..5 * PIECE as u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40).collect::<Vec<_>>();
        let (mut sorted, mut expected) = (many(), many());
        sort_within(&mut sorted, &u64::cmp, &Budget::unlimited()).unwrap();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        let (looks, mut items) = (6, many());
        assert_eq!(sort_within(&mut items, &u64::cmp, &Budget::cancelled_after(looks)), Err(Stopped::Cancelled));
        items.sort_unstable();
        assert_eq!(items, expected);
        let (mut few, mut none) = ([3, 1, 2], [0_u8; 0]);
        sort_within(&mut few, &i32::cmp, &Budget::cancelled_after(1)).unwrap();
        assert_eq!(few, [1, 2, 3]);
        sort_within(&mut none, &u8::cmp, &Budget::unlimited()).unwrap();
    }
}
