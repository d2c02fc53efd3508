//! From the hits of each event in each part to one list.

use std::ops::Range;

use cairn_analysis::Anchor;

use super::{
    found::Found,
    keys::{BoundKey, Keys},
    list::List,
};
use crate::users::{Ranks, UserSet};

/// Up to so many hits of a user are put in order one by one.
const FEW: usize = 24;

/// The hits in a part: of each of the question's events.
pub(super) struct FoundIn<'a> {
    /// The number of the part.
    pub(super) source: u32,
    pub(super) found: Vec<Found>,
    /// The question's keys in it.
    pub(super) keys: Vec<BoundKey<'a>>,
}

/// The hits of parts, which come by time.
pub(super) struct Joined<'a> {
    parts: Vec<FoundIn<'a>>,
    /// `None` where nobody asks for users.
    wanted: Option<Wanted>,
    /// There is one event, and at most one part.
    single: bool,
}

/// Whose hits are wanted, and which of them.
struct Wanted {
    users: Ranks,
    /// The hits of all events but this one are wanted ...
    anchor: usize,
    /// ... of each user from the first instant to the last. One entry more is there for all who are not wanted. Empty: always.
    spans: Vec<(i64, i64)>,
}

impl Wanted {
    /// All hits.
    fn all(parts: &[FoundIn<'_>]) -> Self {
        let mut users = UserSet::default();
        let lists = parts.iter().flat_map(|part| &part.found);
        lists.flat_map(|found| &found.users).for_each(|user| users.insert(*user));
        Self { users: Ranks::new(users), anchor: 0, spans: Vec::new() }
    }

    /// Those that an anchor leaves.
    fn by_anchor(anchor: Anchor, parts: &[FoundIn<'_>], tails: &List) -> Self {
        let found = || parts.iter().filter_map(|part| part.found.get(anchor.event));
        let of_tails = || {
            let matches = tails.matches.iter().enumerate();
            matches.filter(|(_, matches)| **matches >> anchor.event & 1 == 1).map(|(place, _)| place)
        };
        let mut users = UserSet::default();
        found().flat_map(|found| &found.users).for_each(|user| users.insert(*user));
        of_tails().for_each(|place| users.insert(tails.user_of(place)));
        let users = Ranks::new(users);
        let mut spans = vec![(i64::MAX, i64::MIN); users.len() + 1];
        let mut see = |user: u32, time: i64| {
            let (first, last) = &mut spans[users.of(user) as usize];
            (*first, *last) = (time.min(*first), time.saturating_add(anchor.window_ms).max(*last));
        };
        found().for_each(|found| found.users.iter().zip(&found.times).for_each(|(user, time)| see(*user, *time)));
        of_tails().for_each(|place| see(tails.user_of(place), tails.times[place]));
        Self { users, anchor: anchor.event, spans }
    }
}

/// Some hits of one event in one part.
struct Piece<'f> {
    source: u32,
    event: usize,
    found: &'f Found,
    range: Range<usize>,
}

impl<'a> Joined<'a> {
    /// What the anchor does not need is left out, if there is one.
    pub(super) fn new(parts: Vec<FoundIn<'a>>, anchor: Option<Anchor>, tails: &List) -> Self {
        let single = parts.len() < 2 && parts.iter().all(|part| part.found.len() == 1);
        let with_users = parts.iter().flat_map(|part| &part.found).any(|found| !found.users.is_empty());
        let wanted = with_users.then(|| match anchor {
            Some(anchor) => Wanted::by_anchor(anchor, &parts, tails),
            None => Wanted::all(&parts),
        });
        Self { wanted, single, parts }
    }

    /// How many hits there are, those that are not wanted among them.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().flat_map(|part| &part.found).map(|found| found.rows.len()).sum()
    }

    /// The users of the longest of the lists, of each hit.
    pub(super) fn most_users(&self) -> &[u32] {
        let lists = self.parts.iter().flat_map(|part| &part.found).map(|found| &found.users[..]);
        lists.max_by_key(|users| users.len()).unwrap_or_default()
    }

    /// All hits as one list.
    pub(super) fn all(&self, keys: &Keys<'_>) -> List {
        self.list((0, u32::MAX), keys)
    }

    /// The hits of the users `first..=last` as one list. Of each user, they are ordered by part and row.
    pub(super) fn list(&self, (first, last): (u32, u32), keys: &Keys<'_>) -> List {
        let mut list = match &self.wanted {
            Some(wanted) if !self.single => by_user(&self.pieces(first, last), wanted, (first, last)),
            _ => in_turn(&self.pieces(first, last)),
        };
        if self.parts.iter().any(|part| part.found.len() > 1) {
            put_in_order(&mut list);
        }
        if !keys.is_empty() {
            let of_place = |(source, row): &(u32, u32)| {
                let part = self.parts.binary_search_by_key(source, |part| part.source);
                part.map_or_else(|_| Default::default(), |at| keys.event_values(&self.parts[at].keys, *row as usize))
            };
            list.values = list.places.iter().map(of_place).collect();
        }
        list
    }

    /// The hits of the users `first..=last`, list by list.
    fn pieces(&self, first: u32, last: u32) -> Vec<Piece<'_>> {
        let lists = self.parts.iter().flat_map(|part| part.found.iter().enumerate().map(move |list| (part, list)));
        lists
            .map(|(part, (event, found))| {
                let range = match found.users.is_empty() {
                    true => 0..found.rows.len(),
                    false => {
                        let from = found.users.partition_point(|user| *user < first);
                        from..found.users.partition_point(|user| *user <= last)
                    }
                };
                Piece { source: part.source, event, found, range }
            })
            .collect()
    }
}

/// The hits as they come: in order but for those of several events.
fn in_turn(pieces: &[Piece<'_>]) -> List {
    let (mut list, mut users) = (List::default(), Vec::new());
    for Piece { source, event, found, range } in pieces {
        users.extend(found.users.get(range.clone()).unwrap_or_default());
        list.times.extend(&found.times[range.clone()]);
        list.matches.extend(std::iter::repeat_n(1 << event, range.len()));
        list.places.extend(found.rows[range.clone()].iter().map(|row| (*source, *row)));
    }
    list.set_users(&users);
    list
}

/// The hits of a range of users that are wanted, piece after piece; of each piece, in order.
struct Chosen {
    /// Places in the piece's list.
    hits: Vec<u32>,
    /// Of each hit, the user's place among the wanted ones of the range.
    users: Vec<u32>,
    /// How many there are of each piece.
    counts: Vec<usize>,
}

impl Chosen {
    /// `first` is the first user of the range.
    fn new(pieces: &[Piece<'_>], wanted: &Wanted, first: u32) -> Self {
        let Wanted { users, anchor, spans } = wanted;
        let most = pieces.iter().map(|piece| piece.range.len()).sum();
        let (mut hits, mut of_hits, mut counts) = (vec![0; most], vec![0; most], Vec::with_capacity(pieces.len()));
        let (lowest, mut len) = (users.of(first), 0);
        for Piece { event, found, range, .. } in pieces {
            let before = len;
            let always = event == anchor || spans.is_empty();
            for at in range.clone() {
                let (user, time) = (found.users[at], found.times[at]);
                let rank = users.of(user);
                // Without a branch: which hits are wanted cannot be foreseen.
                (hits[len], of_hits[len]) = (at as u32, rank - lowest);
                len += match always {
                    true => usize::from(users.contains(user)),
                    false => {
                        let (first, last) = spans[rank as usize];
                        usize::from(users.contains(user) & (first <= time) & (time <= last))
                    }
                };
            }
            counts.push(len - before);
        }
        hits.truncate(len);
        of_hits.truncate(len);
        Self { hits, users: of_hits, counts }
    }

    /// Of each of so many users, where the first hit goes if they are laid out user by user.
    fn starts(&self, users: usize) -> Vec<u32> {
        let mut starts = vec![0_u32; users];
        self.users.iter().for_each(|user| starts[*user as usize] += 1);
        let mut sum = 0;
        for start in &mut starts {
            (*start, sum) = (sum, sum + *start);
        }
        starts
    }
}

/// The hits user by user, of those who are wanted.
fn by_user(pieces: &[Piece<'_>], wanted: &Wanted, (first, last): (u32, u32)) -> List {
    let chosen = Chosen::new(pieces, wanted, first);
    // Of each user, the place of the next hit.
    let mut next = chosen.starts((wanted.users.of(last) - wanted.users.of(first)) as usize + 1);
    let len = chosen.hits.len();
    let (mut times, mut matches, mut places) = (vec![0; len], vec![0; len], vec![(0, 0); len]);
    let mut hits = chosen.hits.iter().zip(&chosen.users);
    for (Piece { source, event, found, .. }, count) in pieces.iter().zip(&chosen.counts) {
        for (hit, user) in hits.by_ref().take(*count) {
            let (hit, next) = (*hit as usize, &mut next[*user as usize]);
            let at = *next as usize;
            *next += 1;
            (times[at], matches[at], places[at]) = (found.times[hit], 1 << event, (*source, found.rows[hit]));
        }
    }
    // Where the next hit of a user would be is the end.
    let mut list = List { times, matches, places, ..List::default() };
    let mut before = 0;
    for (user, end) in wanted.users.iter(first..=last).zip(next) {
        // Who is wanted because of a tail may have no hits here.
        if end > before {
            list.users.push(user);
            list.ends.push(end);
        }
        before = end;
    }
    list
}

/// Puts each user's hits in the order of places; a row that several events match is one hit.
fn put_in_order(list: &mut List) {
    let (mut start, mut doubles) = (0, false);
    let nobodys = [list.len() as u32];
    let ends = std::mem::take(&mut list.ends);
    for end in if ends.is_empty() { &nobodys[..] } else { &ends[..] } {
        let end = *end as usize;
        if end - start > 1 && !list.places[start..end].is_sorted_by(|a, b| a < b) {
            if end - start <= FEW {
                (start + 1..end).for_each(|at| sink(list, start, at));
            } else {
                sort(list, start..end);
            }
            doubles |= list.places[start..end].windows(2).any(|pair| pair[0] == pair[1]);
        }
        start = end;
    }
    list.ends = ends;
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
    let (mut last, mut of_user) = (0, 0);
    for at in 1..list.len() {
        if list.places[at] == list.places[last] {
            list.matches[last] |= list.matches[at];
            continue;
        }
        if list.ends.get(of_user) == Some(&(at as u32)) {
            list.ends[of_user] = last as u32 + 1;
            of_user += 1;
        }
        last += 1;
        (list.places[last], list.times[last], list.matches[last]) = (list.places[at], list.times[at], list.matches[at]);
    }
    let len = list.len().min(last + 1);
    list.ends.last_mut().into_iter().for_each(|end| *end = len as u32);
    list.times.truncate(len);
    list.matches.truncate(len);
    list.places.truncate(len);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(hits: &[(u32, u32, u32)]) -> List {
        let mut list = List {
            times: hits.iter().map(|(_, row, _)| i64::from(*row)).collect(),
            matches: hits.iter().map(|(.., matches)| *matches).collect(),
            places: hits.iter().map(|(_, row, _)| (0, *row)).collect(),
            ..List::default()
        };
        list.set_users(&hits.iter().map(|(user, ..)| *user).collect::<Vec<_>>());
        list
    }

    fn hits(list: &List) -> Vec<(u32, u32, u32)> {
        (0..list.len()).map(|at| (list.user_of(at), list.places[at].1, list.matches[at])).collect()
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
