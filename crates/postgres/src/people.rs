//! Persons: counted, and listed.

use std::cmp::Ordering;

use cairn_analysis::{
    Budget, GraphPlan, GroupId, Groups, Kernel, PersonRow, Question, Seen, SeenKernel, SortKey, SortPlan, StoreError,
    TimeRange, UsersAnswer, Wanted, sort_within,
};
use cairn_model::{Event, EventKind, UserId, Value};
use hashbrown::HashMap;

use crate::{
    columns::Columns,
    condition::{Compiled, compile},
    gather::{self, Segments},
    instant::Instant,
    json,
    sql::Constants,
};

const USERS_OF: &str = include_str!("../queries/users_of.sql");
const PERSONS: &str = include_str!("../queries/persons.sql");
const MEMBERS: &str = include_str!("../queries/members.sql");
const PERSON_ROWS: &str = include_str!("../queries/person_rows.sql");

/// After so many persons the clock is looked at.
const PERSONS_PER_LOOK: usize = 1_024;

/// Closes every person who satisfies the plan's conditions.
pub(crate) fn run<K: Kernel>(
    instant: &Instant<'_>,
    plan: &GraphPlan,
    groups: &Groups,
    segments: &Segments,
    kernel: &K,
) -> Result<K::Partial, StoreError> {
    let mut constants = Constants::Bound(vec![Box::new(instant.project)], instant.matcher);
    let all = Compiled { text: "true".to_owned(), exact: true, of_user: false };
    let compiled = plan.users.as_ref().map_or(all, |predicate| compile(predicate, &mut constants));
    let mut list = vec![if compiled.exact { "null::text" } else { "u.properties::text" }.to_owned()];
    let wanted = Wanted::keys(&plan.group_by, groups);
    // The person itself is the first column.
    list.insert(0, "u.user_id".to_owned());
    let mut columns = Columns::new(&wanted, &segments.keys, &mut list, (&mut constants, false));
    list.remove(0);
    let sql = USERS_OF.replace("{columns}", &list.join(", ")).replace("{any}", &compiled.text);
    let (nothing, mut partial) = (Event::new(1, 1, 0, EventKind::Session), kernel.init());
    let mut held = instant.budget.hold();
    instant.each(&sql, &constants.into_params(), &mut |row| {
        let person: i64 = row.get(0);
        let holds = row.get::<_, Option<&str>>(1).is_none_or(|text| {
            let properties = json::properties(text);
            plan.users.as_ref().is_none_or(|users| users.matches(&nothing, &|name| properties.get(name)))
        });
        if holds && segments.only.as_ref().is_none_or(|only| only.has(person)) {
            let number = instant.number(person);
            let group = if plan.group_by.is_empty() { GroupId(0) } else { columns.group_of(row, person) };
            kernel.close(&mut partial, number, group);
            if (number as usize).is_multiple_of(PERSONS_PER_LOOK) {
                held.set(kernel.bytes(&partial) + columns.bytes());
            }
        }
        Ok(())
    })?;
    Ok(partial)
}

/// Who of the people is shown, and in which order.
pub(crate) struct Listing<'p> {
    /// Part of a handle, or a user id.
    pub(crate) search: Option<&'p str>,
    /// Which properties of each; without, all.
    pub(crate) properties: Option<&'p [String]>,
    pub(crate) sort: &'p SortPlan,
    /// How many are passed, and how many are listed.
    pub(crate) page: (usize, usize),
}

/// Somebody who is listed.
struct Entry {
    /// What the list is in the order of; nothing where that is the handle, or it is missing.
    key: Option<Value<'static>>,
    handle: Option<String>,
    person: i64,
    seen: Option<Seen>,
}

/// Lists the persons that are wanted.
pub(crate) fn list(
    instant: &Instant<'_>,
    listing: &Listing<'_>,
    wanted: &dyn Fn(i64) -> bool,
) -> Result<UsersAnswer, StoreError> {
    let seen = seen(instant, listing.sort)?;
    let found_by_id = listing.search.and_then(UserId::parse);
    let found_by_id = found_by_id.map(|id| super::segment::person_of(instant, &cairn_analysis::Listed::User(id)));
    let found_by_id = found_by_id.transpose()?.flatten();
    let (mut entries, mut held, mut bytes) = (Vec::new(), instant.budget.hold(), 0);
    let by = match &listing.sort.by {
        SortKey::User(name) => name.as_str(),
        _ => "",
    };
    instant.each(PERSONS, &[Box::new(instant.project), Box::new(by.to_owned())], &mut |row| {
        let (person, handle): (i64, Option<&str>) = (row.get(0), row.get(1));
        let searched = listing
            .search
            .is_none_or(|search| handle.is_some_and(|handle| handle.contains(search)) || found_by_id == Some(person));
        if searched && wanted(person) {
            let seen = seen.as_ref().map(|seen| seen.get(&person).copied().unwrap_or_default());
            let key = key(&listing.sort.by, row.get(2), seen);
            bytes += size_of::<Entry>() + handle.map_or(0, str::len);
            entries.push(Entry { key, handle: handle.map(str::to_owned), person, seen });
            if entries.len().is_multiple_of(PERSONS_PER_LOOK) {
                held.set(bytes);
            }
        }
        Ok(())
    })?;
    let total = entries.len() as u64;
    let entries = page(entries, listing, instant.budget)?;
    Ok(UsersAnswer { total, users: rows(instant, entries, listing.properties)? })
}

fn page(mut entries: Vec<Entry>, listing: &Listing<'_>, budget: &Budget) -> Result<Vec<Entry>, StoreError> {
    let (offset, limit) = listing.page;
    let shown = offset.saturating_add(limit).min(entries.len());
    if shown < entries.len() {
        entries.select_nth_unstable_by(shown, |a, b| compare(listing.sort, a, b));
        entries.truncate(shown);
    }
    sort_within(&mut entries, &|a: &Entry, b: &Entry| compare(listing.sort, a, b), budget)?;
    Ok(entries.split_off(offset.min(entries.len())))
}

fn key(by: &SortKey, value: Option<&str>, seen: Option<Seen>) -> Option<Value<'static>> {
    let number = |number: i64| Value::Number(number as f64);
    match by {
        SortKey::Handle => None,
        SortKey::User(_) => value.map(json::value),
        SortKey::FirstSeen => seen.and_then(|seen| seen.first).map(|time| number(time.0)),
        SortKey::LastSeen => seen.and_then(|seen| seen.last).map(|time| number(time.0)),
        SortKey::Events => seen.map(|seen| number(seen.events as i64)),
    }
}

/// Who comes first: those without the value after the others, ties by handle, and by user id where there is none.
fn compare(sort: &SortPlan, a: &Entry, b: &Entry) -> Ordering {
    let turned = |order: Ordering| if sort.descending { order.reverse() } else { order };
    let named = |entry: &Entry| entry.handle.is_none();
    let by_key = match sort.by {
        SortKey::Handle => named(a).cmp(&named(b)).then_with(|| turned(a.handle.cmp(&b.handle))),
        _ => a.key.is_none().cmp(&b.key.is_none()).then_with(|| turned(a.key.cmp(&b.key))),
    };
    by_key.then_with(|| (named(a), &a.handle, a.person).cmp(&(named(b), &b.handle, b.person)))
}

/// When persons were there, where the order is by that.
fn seen(instant: &Instant<'_>, sort: &SortPlan) -> Result<Option<HashMap<i64, Seen>>, StoreError> {
    if !sort.by.is_of_events() {
        return Ok(None);
    }
    let groups = Groups::default();
    let range = TimeRange { from: i64::MIN, to: sort.as_of.0.saturating_add(1) };
    let question = Question { predicates: vec![&sort.events], range, wanted: Wanted::keys(&[], &groups) };
    let found = gather::answer(instant, &question, &Segments::default(), &SeenKernel)?;
    Ok(Some(found.into_iter().map(|(number, seen)| (instant.person(number), seen)).collect()))
}

fn rows(
    instant: &Instant<'_>,
    entries: Vec<Entry>,
    properties: Option<&[String]>,
) -> Result<Vec<PersonRow>, StoreError> {
    let persons: Vec<i64> = entries.iter().map(|entry| entry.person).collect();
    let mut all = person_rows(instant, persons)?;
    let rows = entries.into_iter().filter_map(|entry| {
        let mut row = all.remove(&entry.person)?;
        if let Some(names) = properties {
            row.properties.retain(|name, _| names.contains(name));
        }
        Some(PersonRow { seen: entry.seen, ..row })
    });
    Ok(rows.collect())
}

/// Persons with all that is known of them.
pub(crate) fn person_rows(instant: &Instant<'_>, persons: Vec<i64>) -> Result<HashMap<i64, PersonRow>, StoreError> {
    let of = || -> [crate::sql::Param; 2] { [Box::new(instant.project), Box::new(persons.clone())] };
    let mut rows = HashMap::new();
    instant.each(PERSON_ROWS, &of(), &mut |row| {
        let properties = json::properties(row.get(2));
        let properties = properties.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        rows.insert(
            row.get::<_, i64>(0),
            PersonRow { handle: row.get(1), user_ids: Vec::new(), properties, seen: None },
        );
        Ok(())
    })?;
    instant.each(MEMBERS, &of(), &mut |row| {
        if let Some(person) = rows.get_mut(&row.get::<_, i64>(0)) {
            person.user_ids.extend(UserId::new(row.get::<_, i64>(1) as u64));
        }
        Ok(())
    })?;
    // Who has no handle is one user id.
    for (person, row) in &mut rows {
        if row.handle.is_none() {
            row.user_ids.extend(UserId::new(*person as u64));
        }
    }
    Ok(rows)
}
