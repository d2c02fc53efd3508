//! From the hits of each event in each part to one list.

use std::ops::Range;

use cairn_analysis::StoreError;

use super::{found::Found, keys::Keys, list::List};
use crate::{
    part::Part,
    users::{Ranks, UserSet},
};

/// Up to so many hits of a user are put in order one by one.
const FEW: usize = 24;

/// The hits in a part: of each of the question's events.
pub(super) struct FoundIn<'a> {
    /// The number of the part.
    pub(super) source: u32,
    pub(super) part: &'a Part,
    pub(super) found: Vec<Found>,
}

impl FoundIn<'_> {
    fn hits(&self) -> impl Iterator<Item = (usize, &Found)> {
        self.found.iter().enumerate()
    }
}

/// One list of the hits in parts, which come by time. Of each user, they are ordered by part and row. If `wanted` says so,
/// only theirs.
pub(super) fn join(mut parts: Vec<FoundIn<'_>>, wanted: Option<UserSet>, keys: &Keys<'_>) -> Result<List, StoreError> {
    let with_users = parts.iter().flat_map(FoundIn::hits).any(|(_, found)| !found.users.is_empty());
    let single = parts.iter().all(|part| part.found.len() == 1);
    let mut list = match with_users && (parts.len() > 1 || !single) {
        false => in_turn(&parts),
        true => {
            if let Some(wanted) = &wanted {
                let found = parts.iter_mut().flat_map(|part| &mut part.found);
                found.for_each(|found| found.keep(|_, user| wanted.contains(user)));
            }
            by_user(&parts, &Ranks::new(wanted.unwrap_or_else(|| everybody(&parts))))
        }
    };
    if !single {
        put_in_order(&mut list);
    }
    if !keys.is_empty() {
        let bound = parts.iter().map(|part| Ok((part.source, keys.of_part(part.part)?)));
        let bound = bound.collect::<Result<Vec<_>, StoreError>>()?;
        let of_place = |(source, row): &(u32, u32)| {
            let bound = bound.iter().find(|(number, _)| number == source);
            bound.map_or_else(Default::default, |(_, bound)| keys.event_values(bound, *row as usize))
        };
        list.values = list.places.iter().map(of_place).collect();
    }
    Ok(list)
}

fn everybody(parts: &[FoundIn<'_>]) -> UserSet {
    let mut all = UserSet::default();
    let users = parts.iter().flat_map(FoundIn::hits).flat_map(|(_, found)| &found.users);
    users.for_each(|user| all.insert(*user));
    all
}

/// The hits as they come: in order but for those of several events.
fn in_turn(parts: &[FoundIn<'_>]) -> List {
    let mut list = List::default();
    for (part, (event, found)) in parts.iter().flat_map(|part| part.hits().map(move |hits| (part, hits))) {
        list.users.extend(&found.users);
        list.times.extend(&found.times);
        list.matches.extend(std::iter::repeat_n(1 << event, found.rows.len()));
        list.places.extend(found.rows.iter().map(|row| (part.source, *row)));
    }
    list
}

/// The hits user by user; all of them are among `ranks`.
fn by_user(parts: &[FoundIn<'_>], ranks: &Ranks) -> List {
    let all = || parts.iter().flat_map(|part| part.hits().map(move |(event, found)| (part.source, event, found)));
    let mut of_hits = Vec::with_capacity(all().map(|(.., found)| found.users.len()).sum());
    all().for_each(|(.., found)| of_hits.extend(found.users.iter().map(|user| ranks.of(*user))));
    // Of each user, how many hits there are; then, the place of the next.
    let mut next = vec![0_u32; ranks.len()];
    of_hits.iter().for_each(|rank| next[*rank as usize] += 1);
    let mut sum = 0;
    for place in &mut next {
        (*place, sum) = (sum, sum + *place);
    }
    let hits = of_hits.len();
    let (mut users, mut times, mut matches) = (vec![0; hits], vec![0; hits], vec![0; hits]);
    let mut places = vec![(0, 0); hits];
    let mut of_hits = of_hits.into_iter();
    for (source, event, found) in all() {
        let of_found = found.users.iter().zip(&found.times).zip(&found.rows);
        for (((user, time), row), rank) in of_found.zip(&mut of_hits) {
            let at = next[rank as usize] as usize;
            next[rank as usize] += 1;
            (users[at], times[at], matches[at], places[at]) = (*user, *time, 1 << event, (source, *row));
        }
    }
    List { users, times, matches, places, ..List::default() }
}

/// Puts each user's hits in the order of places; a row that several events match is one hit.
fn put_in_order(list: &mut List) {
    let (mut start, mut doubles) = (0, false);
    while start < list.len() {
        let user = list.users.get(start).copied();
        let after = (start + 1..list.len()).find(|at| list.users.get(*at).copied() != user);
        let end = after.unwrap_or(list.len());
        if !list.places[start..end].is_sorted_by(|a, b| a < b) {
            if end - start <= FEW {
                (start + 1..end).for_each(|at| sink(list, start, at));
            } else {
                sort(list, start..end);
            }
            doubles |= list.places[start..end].windows(2).any(|pair| pair[0] == pair[1]);
        }
        start = end;
    }
    if doubles {
        unite(list);
    }
}

/// Takes the hit at `at` to its place among those from `start` on, which are in order.
fn sink(list: &mut List, start: usize, mut at: usize) {
    while at > start && list.places[at - 1] > list.places[at] {
        list.places.swap(at - 1, at);
        list.times.swap(at - 1, at);
        list.matches.swap(at - 1, at);
        at -= 1;
    }
}

/// Puts many hits of one user in order.
fn sort(list: &mut List, range: Range<usize>) {
    let mut order: Vec<usize> = range.clone().collect();
    order.sort_unstable_by_key(|at| list.places[*at]);
    let (places, times, matches) = (&list.places, &list.times, &list.matches);
    let sorted: Vec<_> = order.into_iter().map(|at| (places[at], times[at], matches[at])).collect();
    for (at, (place, time, matches)) in range.zip(sorted) {
        (list.places[at], list.times[at], list.matches[at]) = (place, time, matches);
    }
}

/// Makes neighbours at one place one.
fn unite(list: &mut List) {
    let mut last = 0;
    for at in 1..list.len() {
        if list.places[at] == list.places[last] {
            list.matches[last] |= list.matches[at];
            continue;
        }
        last += 1;
        (list.places[last], list.times[last], list.matches[last]) = (list.places[at], list.times[at], list.matches[at]);
        if !list.users.is_empty() {
            list.users[last] = list.users[at];
        }
    }
    let len = list.len().min(last + 1);
    list.users.truncate(len);
    list.times.truncate(len);
    list.matches.truncate(len);
    list.places.truncate(len);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(hits: &[(u32, u32, u32)]) -> List {
        List {
            users: hits.iter().map(|(user, ..)| *user).collect(),
            times: hits.iter().map(|(_, row, _)| i64::from(*row)).collect(),
            matches: hits.iter().map(|(.., matches)| *matches).collect(),
            places: hits.iter().map(|(_, row, _)| (0, *row)).collect(),
            ..List::default()
        }
    }

    fn hits(list: &List) -> Vec<(u32, u32, u32)> {
        (0..list.len()).map(|at| (list.users[at], list.places[at].1, list.matches[at])).collect()
    }

    #[test]
    fn hits_of_a_user_are_put_in_order_and_rows_are_united() {
        let mut few = list(&[(1, 5, 1), (1, 9, 1), (1, 2, 2), (1, 9, 2), (4, 30, 1), (4, 20, 2), (7, 40, 1)]);
        put_in_order(&mut few);
        assert_eq!(hits(&few), [(1, 2, 2), (1, 5, 1), (1, 9, 3), (4, 20, 2), (4, 30, 1), (7, 40, 1)]);
        let many = (0..200).map(|row| (3, row, 1)).chain((0..200).map(|row| (3, row / 2 * 3, 2)));
        let mut many = list(&many.chain([(5, 1_000, 1)]).collect::<Vec<_>>());
        put_in_order(&mut many);
        let expected = (0..300).filter_map(|row| {
            let both = u32::from(row < 200) | u32::from(row % 3 == 0) << 1;
            (both > 0).then_some((3, row, both))
        });
        assert_eq!(hits(&many), expected.chain([(5, 1_000, 1)]).collect::<Vec<_>>());
        let mut none = List::default();
        put_in_order(&mut none);
        assert_eq!(none.len(), 0);
    }
}
