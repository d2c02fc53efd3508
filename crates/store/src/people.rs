//! Lists of people.

use cairn_analysis::{PersonRow, StoreError, UsersAnswer, UsersPlan};
use cairn_model::UserId;

use crate::{
    project::Project,
    users::{UserBits, UserSet},
};

/// Somebody who is listed: the handle, those without after the others, and the least user id. In order.
type Named = (bool, Option<String>, u64);

/// The people of those who are `there`, of a segment if there is one.
pub(crate) fn list(
    project: &Project,
    there: &UserSet,
    segment: Option<&UserBits>,
    plan: &UsersPlan,
) -> Result<UsersAnswer, StoreError> {
    let (users, special) = (&project.users, project.users.special()?);
    let mut found: Vec<(Named, u32)> = Vec::new();
    for number in there.iter().filter(|number| segment.is_none_or(|segment| segment.of(*number))) {
        let members = if special.contains(number) { users.person_of(number)? } else { vec![number] };
        let members: Vec<u32> = members.into_iter().filter(|member| there.contains(*member)).collect();
        // A person is listed with the first member that is there.
        if members.first() != Some(&number) {
            continue;
        }
        let ids = members.iter().map(|member| users.id(*member)).collect::<Result<Vec<_>, _>>()?;
        let handle = users.handle(number)?;
        let wanted = plan.search.as_ref().is_none_or(|search| {
            handle.as_ref().is_some_and(|handle| handle.contains(search))
                || ids.iter().any(|id| id.to_string() == *search)
        });
        if wanted {
            found.push(((handle.is_none(), handle, ids.into_iter().min().unwrap_or(0)), number));
        }
    }
    let total = found.len() as u64;
    let shown = plan.offset.saturating_add(plan.limit).min(found.len());
    if shown < found.len() {
        found.select_nth_unstable(shown);
        found.truncate(shown);
    }
    found.sort_unstable();
    let rows = found.into_iter().skip(plan.offset).map(|((_, handle, _), number)| {
        let members = users.person_of(number)?.into_iter().filter(|member| there.contains(*member));
        let mut ids = members.map(|member| users.id(member)).collect::<Result<Vec<_>, _>>()?;
        ids.sort_unstable();
        let user_ids = ids.into_iter().filter_map(UserId::new).collect();
        let properties = users.properties(number)?;
        let properties = properties.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        Ok(PersonRow { handle, user_ids, properties })
    });
    Ok(UsersAnswer { total, users: rows.collect::<Result<_, StoreError>>()? })
}
