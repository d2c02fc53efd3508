//! The kernel of people behind a number.

mod sides;

use crate::{Budget, GroupId, Kernel, Rows, Stopped};

pub use sides::Sides;

/// Runs another kernel for each user alone, and tells whose answer counts: so there are as many as the number says.
pub struct Behind<'k, K, F> {
    kernel: &'k K,
    counts: F,
    sides: Option<&'k Sides>,
    /// Of each user's answer, which is a small one: between users others look after the question's.
    unlimited: Budget,
}

/// The users so far, and the other kernel's partial of the current one.
pub struct BehindPartial<P> {
    users: Vec<u32>,
    current: Option<P>,
    /// Scratch space.
    groups: Vec<GroupId>,
}

impl<'k, K: Kernel, F: Fn(K::Output) -> bool + Sync> Behind<'k, K, F> {
    /// `counts` says whether the answer of a single user adds to the number.
    pub fn new(kernel: &'k K, counts: F) -> Self {
        Self { kernel, counts, sides: None, unlimited: Budget::unlimited() }
    }

    /// With `sides`, the other kernel knows these alone, as [`Sides::groups`] has them, and not the groups of the rows.
    #[must_use]
    pub fn on_sides(mut self, sides: Option<&'k Sides>) -> Self {
        self.sides = sides;
        self
    }
}

impl<K: Kernel, F: Fn(K::Output) -> bool + Sync> Kernel for Behind<'_, K, F> {
    type Partial = BehindPartial<K::Partial>;
    /// The users, in no order.
    type Output = Vec<u32>;

    fn init(&self) -> Self::Partial {
        BehindPartial { users: Vec::new(), current: None, groups: Vec::new() }
    }

    fn needs_times(&self) -> bool {
        self.kernel.needs_times()
    }

    fn push(&self, partial: &mut Self::Partial, rows: &Rows<'_>) {
        let BehindPartial { current, groups, .. } = partial;
        let current = current.get_or_insert_with(|| self.kernel.init());
        let Some(sides) = self.sides else {
            return self.kernel.push(current, rows);
        };
        groups.clear();
        groups.extend(rows.groups.iter().map(|group| sides.of(*group)));
        self.kernel.push(current, &Rows { groups, ..*rows });
    }

    fn is_settled(&self, partial: &Self::Partial) -> bool {
        partial.current.as_ref().is_some_and(|current| self.kernel.is_settled(current))
    }

    fn close(&self, partial: &mut Self::Partial, user: u32, group: GroupId) {
        let mut of_user = partial.current.take().unwrap_or_else(|| self.kernel.init());
        self.kernel.close(&mut of_user, user, self.sides.map_or(group, |sides| sides.of(group)));
        if self.kernel.finish(of_user, &self.unlimited).is_ok_and(&self.counts) {
            partial.users.push(user);
        }
    }

    fn bytes(&self, partial: &Self::Partial) -> usize {
        let current = partial.current.as_ref().map_or(0, |current| self.kernel.bytes(current));
        4 * partial.users.capacity() + current
    }

    fn merge(&self, into: &mut Self::Partial, mut from: Self::Partial) {
        into.users.append(&mut from.users);
    }

    fn finish(&self, partial: Self::Partial, _: &Budget) -> Result<Vec<u32>, Stopped> {
        Ok(partial.users)
    }
}

#[cfg(test)]
mod tests {
    use cairn_model::{Predicate, TimeMs, Value};
    use serde_json::json;

    use super::*;
    use crate::{Body, Calendar, Graph, Groups, Own, PeoplePlan, Plan, Retention};

    const HOUR_MS: i64 = 3_600_000;

    /// People of a number of a graph of 720 hours.
    fn plan(cell: serde_json::Value) -> PeoplePlan {
        let graph = json!({"event": "any", "from": 0, "to": 720 * HOUR_MS, "interval": "hour",
                           "group_by": [{"event": "path"}]});
        people(&json!({"graph": graph}), cell)
    }

    fn people(of: &serde_json::Value, cell: serde_json::Value) -> PeoplePlan {
        let query = serde_json::from_value(json!({"people": {"of": of, "cell": cell}})).unwrap();
        let any = |_: &str| Some(Predicate::every());
        match Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(1_000 * HOUR_MS), &any).unwrap() {
            Plan::People(plan) => *plan,
            other => panic!("{other:?} asks for no people"),
        }
    }

    #[test]
    fn what_is_found_of_one_user_stays_small_however_many_groups_there_are() {
        let (groups, of_sides) = (Groups::default(), Sides::groups());
        let values: Vec<_> = (0..1_000_000).map(|at| Some(Value::Number(f64::from(at)))).collect();
        let ids: Vec<GroupId> = values.iter().map(|value| groups.group_of(std::slice::from_ref(value))).collect();
        let last = json!([999_999.0]);
        for (cell, is_behind) in [
            (json!({"at": 5, "group": last}), true),
            (json!({"at": 6, "group": last}), false),
            (json!({"at": 719, "group": [7.0]}), true),
            (json!({"group": [8.0]}), false),
            (json!({"at": 5, "other": true}), false),
            (json!({"at": 719, "other": true}), true),
            (json!({"at": 719, "series": 0}), false),
            (json!({"series": 0}), true),
        ] {
            let plan = plan(cell.clone());
            let mut own = Own::of_groups(&ids[999_999..], &groups);
            let sides = plan.sides(&mut own, &groups);
            let Plan::Graph(graph) = &*plan.of else { panic!("no graph") };
            let kernel = Graph::new(graph, &of_sides);
            let counts = |answer: Result<_, _>| plan.counts(&Body::Graph(answer.unwrap_or_default()), &own);
            let behind = Behind::new(&kernel, counts).on_sides(sides.as_ref());
            let mut partial = behind.init();
            let rows = Rows {
                times: &[5 * HOUR_MS, 719 * HOUR_MS],
                matches: &[1, 1],
                groups: &[ids[999_999], ids[7]],
                ..Rows::default()
            };
            behind.push(&mut partial, &rows);
            assert!(behind.bytes(&partial) < 1_024, "{} bytes for {cell}", behind.bytes(&partial));
            behind.close(&mut partial, 3, GroupId(0));
            let users = behind.finish(partial, &Budget::unlimited()).unwrap();
            assert_eq!(users, if is_behind { vec![3] } else { Vec::new() }, "{cell}");
        }
    }
    #[test]
    fn of_one_user_a_retention_has_two_cohorts_however_many_dates_there_are() {
        let retention = json!({"retention": {"start": "any", "return": "any", "from": 0, "to": 720 * HOUR_MS, "interval": "hour",
                                             "periods": 60}});
        let of_sides = Sides::groups();
        for (cell, is_behind) in [
            (json!({"at": 700}), true),
            (json!({"at": 700, "period": 3}), true),
            (json!({"at": 700, "period": 2}), false),
            (json!({"at": 703}), false),
            (json!({}), true),
            (json!({"period": 3}), true),
            (json!({"period": 4}), false),
        ] {
            let plan = people(&retention, cell.clone());
            let Plan::Retention(of) = &*plan.of else { panic!("no retention") };
            let kernel = Retention::new(of, &of_sides).of_cohort(plan.cell.at);
            let mut partial = kernel.init();
            let rows = Rows { times: &[700 * HOUR_MS, 703 * HOUR_MS], matches: &[3, 3], ..Rows::default() };
            kernel.push(&mut partial, &rows);
            kernel.close(&mut partial, 3, GroupId(0));
            assert!(kernel.bytes(&partial) <= 2 * 61 * 8, "{} bytes", kernel.bytes(&partial));
            let answer = Body::Retention(kernel.finish(partial, &Budget::unlimited()).unwrap());
            assert_eq!(plan.counts(&answer, &Own::default()), is_behind, "{cell}");
        }
    }
}
