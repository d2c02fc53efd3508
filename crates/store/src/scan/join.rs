//! From the hits of each event in each part to one list.

use std::ops::Range;

use cairn_analysis::Anchor;

use super::{
    columns::{BoundColumns, Columns},
    found::Found,
    keys::GroupCache,
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
    /// What the question asks for in it.
    pub(super) columns: BoundColumns<'a>,
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
    by_anchor: Option<ByAnchor>,
}

/// Where the hits of one event decide which others are wanted.
struct ByAnchor {
    event: usize,
    /// Whether users who have no others are told apart.
    lone: bool,
    /// Of each user, from the first instant at which others are wanted to the last. One entry more is there for all who have none.
    spans: Vec<(i64, i64)>,
}

impl Wanted {
    /// All hits.
    fn all(parts: &[FoundIn<'_>]) -> Self {
        let mut users = UserSet::default();
        let lists = parts.iter().flat_map(|part| &part.found);
        lists.flat_map(|found| &found.users).for_each(|user| users.insert(*user));
        Self { users: Ranks::new(users), by_anchor: None }
    }

    /// Those that an anchor leaves.
    fn by_anchor(anchor: Anchor, parts: &[FoundIn<'_>], tails: &List) -> Self {
        let found = parts.iter().filter_map(|part| part.found.get(anchor.event));
        let found = found.flat_map(|found| found.users.iter().copied().zip(found.times.iter().copied()));
        let of_tails = (0..tails.len()).filter(|place| tails.matches[*place] >> anchor.event & 1 == 1);
        let of_tails = of_tails.map(|place| (tails.user_of(place), tails.times[place]));
        let anchors = found.chain(of_tails).filter(|(_, time)| *time < anchor.before);
        let mut users = UserSet::default();
        anchors.clone().for_each(|(user, _)| users.insert(user));
        let users = Ranks::new(users);
        let mut spans = vec![(i64::MAX, i64::MIN); users.len() + 1];
        anchors.for_each(|(user, time)| {
            let (first, last) = &mut spans[users.of(user) as usize];
            (*first, *last) = (time.min(*first), time.saturating_add(anchor.window_ms).max(*last));
        });
        Self { users, by_anchor: Some(ByAnchor { event: anchor.event, lone: anchor.lone, spans }) }
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
    pub(super) fn all(&self, columns: &Columns<'_>) -> List {
        self.list((0, u32::MAX), columns, &List::default(), &mut |_, _| {})
    }

    /// The hits of the users `first..=last` as one list. Of each user, they are ordered by part and row. Users who have only
    /// hits of the anchor, here and in `tails`, are told to `lone` in its place, each with the instant at which what they might
    /// still do ends to matter.
    pub(super) fn list(
        &self,
        (first, last): (u32, u32),
        columns: &Columns<'_>,
        tails: &List,
        lone: &mut dyn FnMut(u32, i64),
    ) -> List {
        let mut list = match &self.wanted {
            Some(wanted) if !self.single => {
                let pieces = self.pieces(first, last);
                by_user(&pieces, Chosen::new(&pieces, wanted, (first, last), (columns, tails)), wanted, lone)
            }
            _ => in_turn(&self.pieces(first, last)),
        };
        if self.parts.iter().any(|part| part.found.len() > 1) {
            put_in_order(&mut list);
        }
        if columns.any() {
            let mut groups = GroupCache::default();
            for (source, row) in &list.places {
                // Every place is one of these parts.
                if let Ok(at) = self.parts.binary_search_by_key(source, |part| part.source) {
                    columns.add(&mut list.details, &self.parts[at].columns, *row as usize, &mut groups);
                }
            }
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

/// The hits of a range of users that are wanted.
struct Chosen {
    /// The range.
    range: (u32, u32),
    /// Places in the pieces' lists.
    hits: Vec<u32>,
    /// Of each hit, the user's place among the wanted ones of the range.
    users: Vec<u32>,
    /// Of each piece, where its hits stand; they are in order.
    of_pieces: Vec<Range<usize>>,
    /// Of each wanted user, whether there is more than hits of the anchor. One entry more is there for who is not wanted.
    engaged: Vec<bool>,
}

impl Chosen {
    fn new(pieces: &[Piece<'_>], wanted: &Wanted, range: (u32, u32), (columns, tails): (&Columns<'_>, &List)) -> Self {
        let Wanted { users, by_anchor } = wanted;
        let most = pieces.iter().map(|piece| piece.range.len()).sum();
        let (mut hits, mut of_hits) = (vec![0; most], vec![0; most]);
        let mut of_pieces = vec![0..0; pieces.len()];
        let lowest = users.of(range.0);
        let all_engaged = by_anchor.as_ref().is_none_or(|anchor| !anchor.lone) || !columns.keys.is_empty();
        let mut engaged = vec![all_engaged; (users.of(range.1) - lowest) as usize + 2];
        let of_tails = tails.users.iter().filter(|user| (range.0..=range.1).contains(user));
        of_tails.for_each(|user| engaged[(users.of(*user) - lowest) as usize] = true);
        let is_anchor = |piece: &Piece<'_>| by_anchor.as_ref().is_none_or(|anchor| anchor.event == piece.event);
        let (anchors, others) = (0..pieces.len()).partition::<Vec<usize>, _>(|at| is_anchor(&pieces[*at]));
        let mut len = 0;
        for at in others.into_iter().chain(anchors) {
            let Piece { found, range, .. } = &pieces[at];
            let before = len;
            let spans = by_anchor.as_ref().filter(|_| !is_anchor(&pieces[at])).map(|anchor| &anchor.spans[..]);
            for at in range.clone() {
                let (user, time) = (found.users[at], found.times[at]);
                let (rank, is_wanted) = (users.of(user), users.contains(user));
                let of_range = (rank - lowest) as usize;
                // Without a branch: which hits are wanted cannot be foreseen.
                (hits[len], of_hits[len]) = (at as u32, of_range as u32);
                let chosen = match spans {
                    None => is_wanted & engaged[of_range],
                    Some(spans) => {
                        let (first, last) = spans[rank as usize];
                        is_wanted & (first <= time) & (time <= last)
                    }
                };
                engaged[of_range] |= chosen;
                len += usize::from(chosen);
            }
            of_pieces[at] = before..len;
        }
        hits.truncate(len);
        of_hits.truncate(len);
        Self { range, hits, users: of_hits, of_pieces, engaged }
    }

    /// Of each of so many users, where the first hit goes if they are laid out user by user.
    fn starts(&self) -> Vec<u32> {
        let mut starts = vec![0_u32; self.engaged.len()];
        self.users.iter().for_each(|user| starts[*user as usize] += 1);
        let mut sum = 0;
        for start in &mut starts {
            (*start, sum) = (sum, sum + *start);
        }
        starts
    }
}

/// The hits user by user, of those who are wanted.
fn by_user(pieces: &[Piece<'_>], chosen: Chosen, wanted: &Wanted, lone: &mut dyn FnMut(u32, i64)) -> List {
    // Of each user, the place of the next hit.
    let mut next = chosen.starts();
    let len = chosen.hits.len();
    let (mut times, mut matches, mut places) = (vec![0; len], vec![0; len], vec![(0, 0); len]);
    for (Piece { source, event, found, .. }, range) in pieces.iter().zip(chosen.of_pieces) {
        for (hit, user) in chosen.hits[range.clone()].iter().zip(&chosen.users[range]) {
            let (hit, next) = (*hit as usize, &mut next[*user as usize]);
            let at = *next as usize;
            *next += 1;
            (times[at], matches[at], places[at]) = (found.times[hit], 1 << event, (*source, found.rows[hit]));
        }
    }
    // Where the next hit of a user would be is the end.
    let mut list = List { times, matches, places, ..List::default() };
    let (first, last) = chosen.range;
    let spans = wanted.by_anchor.iter().flat_map(|anchor| &anchor.spans[wanted.users.of(first) as usize..]);
    let mut spans = spans.map(|(_, until)| *until);
    let mut before = 0;
    for ((user, end), engaged) in wanted.users.iter(first..=last).zip(next).zip(chosen.engaged) {
        let until = spans.next();
        // Who is wanted because of a tail may have no hits here.
        if end > before {
            list.users.push(user);
            list.ends.push(end);
        } else if let Some(until) = until.filter(|_| !engaged) {
            lone(user, until);
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
