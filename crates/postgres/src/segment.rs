//! Who is of a question's segments.

use cairn_analysis::{
    Groups, KeyPlan, Listed, Question, SegmentKernel, SegmentPlan, SegmentTree, StoreError, TimeRange, Wanted,
};
use cairn_model::{Event, EventKind, Predicate, canonical_user};
use hashbrown::{HashMap, HashSet};

use crate::{
    chosen::Chosen,
    condition::compile,
    gather::{self, Segments},
    instant::Instant,
    json,
    sql::{Constants, Param},
};

const USERS_OF: &str = include_str!("../queries/users_of.sql");
const PERSONS_OF: &str = include_str!("../queries/persons_of.sql");

/// The users of a question's segments: of the one whose users alone count, and of those that it groups by.
pub(crate) fn find(
    instant: &Instant<'_>,
    only: Option<&SegmentPlan>,
    keys: &[KeyPlan],
) -> Result<Segments, StoreError> {
    let keys = keys.iter().filter_map(|key| match key {
        KeyPlan::Segment(plan) => Some(chosen(instant, plan)),
        KeyPlan::Event(_) | KeyPlan::User(_) => None,
    });
    let keys = keys.collect::<Result<_, _>>()?;
    Ok(Segments { only: only.map(|plan| chosen(instant, plan)).transpose()?, keys })
}

fn chosen(instant: &Instant<'_>, plan: &SegmentPlan) -> Result<Chosen, StoreError> {
    let mut changed = changed(instant, plan)?;
    Chosen::of(&plan.tree, &mut |leaf| match leaf {
        SegmentTree::Did(at) => {
            let persons = changed.get_mut(*at).map(std::mem::take).unwrap_or_default();
            let others = plan.leaves.get(*at).is_some_and(|leaf| leaf.of_nothing());
            Ok(Chosen::These { persons, others })
        }
        SegmentTree::User(predicate) => {
            Ok(Chosen::These { persons: with_properties(instant, predicate)?, others: false })
        }
        SegmentTree::List(listed) => Ok(Chosen::These { persons: listed_persons(instant, listed)?, others: false }),
        _ => Ok(Chosen::These { persons: HashSet::default(), others: false }),
    })
}

/// Of each leaf about events, the persons of whom it is not what it is of whoever did nothing.
fn changed(instant: &Instant<'_>, plan: &SegmentPlan) -> Result<Vec<HashSet<i64>>, StoreError> {
    if plan.events.is_empty() {
        return Ok(Vec::new());
    }
    let groups = Groups::default();
    let (from, to) = plan.range();
    let range = TimeRange { from: from.0, to: to.0 };
    let question = Question { predicates: plan.events.iter().collect(), range, wanted: Wanted::keys(&[], &groups) };
    let kernel = SegmentKernel::new(plan).faulty(instant.faulty);
    let changed = gather::answer(instant, &question, &Segments::default(), &kernel)?;
    let persons = |numbers: Vec<u32>| numbers.into_iter().map(|number| instant.person(number)).collect();
    Ok(changed.into_iter().map(persons).collect())
}

/// The persons whose properties satisfy a predicate.
fn with_properties(instant: &Instant<'_>, predicate: &Predicate) -> Result<HashSet<i64>, StoreError> {
    let mut constants = Constants::Bound(vec![Box::new(instant.project)], instant.matcher);
    let compiled = compile(predicate, &mut constants);
    let properties = if compiled.exact { "null::text" } else { "u.properties::text" };
    let sql = USERS_OF.replace("{columns}", properties).replace("{any}", &compiled.text);
    let (nothing, mut persons) = (Event::new(1, 1, 0, EventKind::Session), HashSet::default());
    instant.each(&sql, &constants.into_params(), &mut |row| {
        let holds = row.get::<_, Option<&str>>(1).is_none_or(|text| {
            let properties = json::properties(text);
            predicate.matches(&nothing, &|name| properties.get(name))
        });
        if holds {
            persons.insert(row.get(0));
        }
        Ok(())
    })?;
    Ok(persons)
}

fn listed_persons(instant: &Instant<'_>, listed: &[Listed]) -> Result<HashSet<i64>, StoreError> {
    let (mut persons, mut ids) = (HashSet::default(), Vec::new());
    for one in listed {
        match one {
            Listed::Handle(handle) => drop(persons.insert(canonical_user(handle).get() as i64)),
            Listed::User(id) => ids.push(id.get() as i64),
        }
    }
    if !ids.is_empty() {
        let known = persons_of(instant, &ids)?;
        persons.extend(ids.iter().map(|id| known.get(id).copied().unwrap_or(*id)));
    }
    Ok(persons)
}

/// The persons of those of some user ids that are identified. The others are persons by themselves.
pub(crate) fn persons_of(instant: &Instant<'_>, ids: &[i64]) -> Result<HashMap<i64, i64>, StoreError> {
    let of: [Param; 2] = [Box::new(instant.project), Box::new(ids.to_vec())];
    Ok(instant.list(PERSONS_OF, &of, |row| (row.get(0), row.get(1)))?.into_iter().collect())
}

/// The person that a user id belongs to.
pub(crate) fn person_of(instant: &Instant<'_>, listed: &Listed) -> Result<Option<i64>, StoreError> {
    Ok(listed_persons(instant, std::slice::from_ref(listed))?.into_iter().next())
}
