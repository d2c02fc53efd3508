//! Lists of people.

mod order;

use std::collections::BTreeMap;

use cairn_analysis::{Budget, PersonRow, StoreError, UsersAnswer, sort_within};
use cairn_model::UserId;

use order::Entry;
pub(crate) use order::{Order, TakenOrder};

use crate::{
    project::Project,
    universe::USERS_PER_LOOK,
    users::{UserBits, UserSet, Users},
};

/// Who of the people is shown.
pub(crate) struct Listing<'p> {
    /// Part of a handle, or a user id.
    search: Option<&'p str>,
    /// Which properties of each; without, all.
    properties: Option<&'p [String]>,
    offset: usize,
    limit: usize,
}

impl<'p> Listing<'p> {
    pub(crate) fn of(
        search: &'p Option<String>,
        properties: &'p Option<Vec<String>>,
        (offset, limit): (usize, usize),
    ) -> Self {
        Self { search: search.as_deref(), properties: properties.as_deref(), offset, limit }
    }
}

/// Somebody who is listed: the handle, those without after the others, and the least user id. In order.
type Named = (bool, Option<String>, u64);

/// The people who are `there`, of a segment if there is one: of each the first user number that is.
pub(crate) fn numbers(
    (project, budget): (&Project, &Budget),
    there: &UserSet,
    segment: Option<&UserBits>,
) -> Result<Vec<u32>, StoreError> {
    let special = project.users.special()?;
    let mut numbers = Vec::new();
    for number in there.iter().filter(|number| segment.is_none_or(|segment| segment.of(*number))) {
        if numbers.len().is_multiple_of(USERS_PER_LOOK) {
            budget.check()?;
        }
        let first =
            || Ok::<_, StoreError>(project.users.person_of(number)?.into_iter().find(|one| there.contains(*one)));
        if !special.contains(number) || first()? == Some(number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// Lists people in an order, each given by one user number. Fails if the budget is over.
pub(crate) fn list(
    (project, budget): (&Project, &Budget),
    there: &UserSet,
    numbers: Vec<u32>,
    listing: &Listing<'_>,
    order: &Order<'_>,
) -> Result<UsersAnswer, StoreError> {
    let users = &project.users;
    let ids = |number: u32| {
        let members = users.person_of(number)?.into_iter().filter(|member| there.contains(*member));
        let mut ids = members.map(|member| users.id(member)).collect::<Result<Vec<u64>, StoreError>>()?;
        ids.sort_unstable();
        Ok::<_, StoreError>(ids)
    };
    let key = order.keys(users)?;
    let (mut found, mut names, mut held): (Vec<Entry>, _, _) = (Vec::new(), 0, budget.hold());
    for (at, number) in numbers.into_iter().enumerate() {
        if at.is_multiple_of(USERS_PER_LOOK) {
            held.set(found.capacity() * size_of::<Entry>() + names);
            budget.check()?;
        }
        let (ids, handle) = (ids(number)?, users.handle(number)?);
        let wanted = listing.search.is_none_or(|search| {
            let named = handle.as_ref().is_some_and(|handle| handle.contains(search));
            named || ids.iter().any(|id| id.to_string() == search)
        });
        if wanted {
            names += handle.as_ref().map_or(0, String::len);
            let named = (handle.is_none(), handle, ids.first().copied().unwrap_or(0));
            found.push(Entry { key: key(number)?, named, number });
        }
    }
    let total = found.len() as u64;
    let shown = listing.offset.saturating_add(listing.limit).min(found.len());
    if shown < found.len() {
        found.select_nth_unstable_by(shown, |a, b| order.compare(a, b));
        found.truncate(shown);
    }
    sort_within(&mut found, &|a: &Entry, b: &Entry| order.compare(a, b), budget)?;
    let rows = found.into_iter().skip(listing.offset).map(|Entry { number, .. }| {
        let seen = order.seen(users, number)?;
        Ok(PersonRow { seen, ..row(users, number, ids(number)?, listing.properties)? })
    });
    Ok(UsersAnswer { total, users: rows.collect::<Result<_, StoreError>>()? })
}

/// The person of a user, of whose user ids these are there, with these properties, or all.
pub(crate) fn row(
    users: &Users,
    number: u32,
    ids: Vec<u64>,
    names: Option<&[String]>,
) -> Result<PersonRow, StoreError> {
    let wanted = |name: &str| names.is_none_or(|names| names.iter().any(|one| one == name));
    let properties = match names {
        Some([]) => BTreeMap::new(),
        _ => {
            let all = users.properties(number)?;
            all.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.to_owned(), value.clone())).collect()
        }
    };
    let user_ids = ids.into_iter().filter_map(UserId::new).collect();
    Ok(PersonRow { handle: users.handle(number)?, user_ids, properties, seen: None })
}
