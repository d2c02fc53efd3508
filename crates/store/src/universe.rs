//! All users of a project: those with an event in the answers, and those of whom anything else is known.

use cairn_analysis::{Budget, GraphPlan, Groups, Kernel, PartsBy, SegmentPlan, StoreError, Touched};

use crate::{
    part::Part,
    predicate::Meaning,
    project::{Project, RowHead, each_row_of_part, read_symbols},
    scan::UserGroups,
    segments::Chosen,
    users::{UserBits, UserSet},
};

/// After so many users the clock is looked at.
pub(crate) const USERS_PER_LOOK: usize = 1_024;

/// The users that there are, by number. Fails if the budget is over.
pub(crate) fn take(project: &Project, budget: &Budget) -> Result<UserSet, StoreError> {
    let mut there = UserSet::default();
    let special = project.users.special()?;
    for part in &project.parts {
        budget.check()?;
        add_part(project, part, &special, &mut there)?;
    }
    for tail in project.tails() {
        let heads = (0..tail.rows()).map(|row| tail.head(row));
        heads.filter(|head| project.visible(head)).for_each(|head| there.insert(head.user));
    }
    // Who has an event need not be known otherwise.
    let known = project.users.known_of(|number| !there.contains(number))?;
    let known = known.filter_map(|known| match known {
        Ok((number, state)) => state.is_known().then_some(Ok(number)),
        Err(error) => Some(Err(error)),
    });
    let known = known.collect::<Result<Vec<u32>, StoreError>>()?;
    known.into_iter().for_each(|number| there.insert(number));
    Ok(there)
}

/// The users of a segment who are there, or of all users if there is none, and what was looked at to find them. Nobody needs to be
/// looked for who did what the segment asks for. Fails if the budget is over.
pub(crate) fn take_of(
    project: &Project,
    budget: &Budget,
    segment: Option<(&SegmentPlan, &UserBits)>,
) -> Result<(UserSet, Touched), StoreError> {
    let Some((_, users)) = segment.filter(|(plan, _)| plan.implies_event()) else {
        let there = take(project, budget)?;
        let touched = touched(project, &there);
        return Ok((there, touched));
    };
    let (special, mut there) = (project.users.special()?, UserSet::default());
    for (at, number) in users.iter().enumerate() {
        budget.check_at(at)?;
        // Of a person, somebody did it.
        if !special.contains(number) || has(project, number)? {
            there.insert(number);
        }
    }
    let touched = Touched { rows: there.len() as u64, ..Touched::default() };
    Ok((there, touched))
}

/// The user ids that are there of people with events, each given by one user number. Fails if the budget is over.
pub(crate) fn take_people(project: &Project, budget: &Budget, numbers: &[u32]) -> Result<UserSet, StoreError> {
    let (special, mut there) = (project.users.special()?, UserSet::default());
    for (at, number) in numbers.iter().enumerate() {
        budget.check_at(at)?;
        if !special.contains(*number) {
            there.insert(*number);
            continue;
        }
        for member in project.users.person_of(*number)? {
            if has(project, member)? {
                there.insert(member);
            }
        }
    }
    Ok(there)
}

/// Whether one user is there. Only that user's rows are read.
pub(crate) fn has(project: &Project, number: u32) -> Result<bool, StoreError> {
    if project.users.state(number)?.is_some_and(|state| state.is_known()) {
        return Ok(true);
    }
    for part in &project.parts {
        let (times, received, kinds) = (part.times()?, part.received()?, part.kinds()?);
        let head = |row: usize| RowHead {
            user: number,
            time: times.get(row),
            received: received.get(row),
            kind: kinds.get(row) as u8,
        };
        if part.rows_of(number)?.any(|row| project.visible(&head(row))) {
            return Ok(true);
        }
    }
    Ok(project.tails().any(|tail| {
        let mut rows = (0..tail.rows()).filter(|row| tail.users[*row] == number);
        rows.any(|row| project.visible(&tail.head(row)))
    }))
}

fn add_part(project: &Project, part: &Part, special: &UserSet, there: &mut UserSet) -> Result<(), StoreError> {
    let users = part.users()?;
    let mut numbers = Vec::with_capacity(users.len());
    users.read(0..users.len(), &mut numbers);
    if part.has_ghosts() || part.times_span().0 < project.expiry() {
        return each_row_of_part(part, None, &mut |head| {
            if project.visible(&head) {
                there.insert(head.user);
            }
        });
    }
    for number in numbers {
        // Of the others every event is in the answers.
        if !special.contains(number) || project.users.erased_at(number).is_none() {
            there.insert(number);
        } else {
            each_row_of_part(part, Some(number), &mut |head| {
                if project.visible(&head) {
                    there.insert(head.user);
                }
            })?;
        }
    }
    Ok(())
}

/// What was looked at to find those who are `there`: the users of each part, and of each row of the tails.
pub(crate) fn touched(project: &Project, there: &UserSet) -> Touched {
    let of_parts = project.parts.iter().filter_map(|part| part.users().ok()).map(|users| users.encoded().len());
    let of_tails = project.tails().map(|tail| size_of::<u32>() * tail.rows());
    Touched {
        rows: there.len() as u64,
        bytes: of_parts.chain(of_tails).sum::<usize>() as u64,
        parts: PartsBy { scan: project.parts.len() as u64, ..PartsBy::default() },
    }
}

/// What the kernel makes of every person that is there and satisfies the plan's conditions. Fails if the budget is over.
pub(crate) fn answer<K: Kernel>(
    of_project: (&Project, &Budget),
    there: &UserSet,
    plan: &GraphPlan,
    of_users: (&Groups, &Chosen),
    kernel: &K,
) -> Result<K::Output, StoreError> {
    Ok(kernel.finish(run(of_project, there, plan, of_users, kernel)?, of_project.1)?)
}

/// Closes every person that is there and satisfies the plan's conditions. Fails if the budget is over.
pub(crate) fn run<K: Kernel>(
    (project, budget): (&Project, &Budget),
    there: &UserSet,
    plan: &GraphPlan,
    (groups, chosen): (&Groups, &Chosen),
    kernel: &K,
) -> Result<K::Partial, StoreError> {
    let users = &project.users;
    let meaning = plan
        .users
        .as_ref()
        .map(|predicate| Meaning::of(predicate, &read_symbols(&project.symbols), (&project.truths, budget), users));
    let meaning = meaning.transpose()?;
    let mut of_users = UserGroups::new((&plan.group_by, &chosen.keys), groups, users, &project.symbols)?;
    let special = users.special()?;
    let (mut partial, mut held) = (kernel.init(), budget.hold());
    for (at, number) in there.iter().enumerate() {
        if at.is_multiple_of(USERS_PER_LOOK) {
            held.set(kernel.bytes(&partial) + groups.bytes());
            budget.check()?;
        }
        // A person counts with the first member that is there.
        if special.contains(number)
            && users.person_of(number)?.iter().find(|member| there.contains(**member)) != Some(&number)
        {
            continue;
        }
        if chosen.only.as_ref().is_none_or(|only| only.of(number))
            && meaning.as_ref().is_none_or(|meaning| meaning.holds_for_user(number))
        {
            kernel.close(&mut partial, number, of_users.of(number));
        }
    }
    Ok(partial)
}
