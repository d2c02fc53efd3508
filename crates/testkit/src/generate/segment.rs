//! Segments, and lists of their users.

use cairn_analysis::{EventRef, Sort, SortKey, UsersQuery};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::{SPAN_MS, START_MS, condition, frequent, handle, range, user_id};

/// A list of the users of a segment.
pub fn users() -> impl Strategy<Value = UsersQuery> {
    let search =
        prop_oneof![4 => Just(None), 1 => select(vec!["a", "n", "ben"]).prop_map(|text| Some(text.to_owned()))];
    let segment = prop_oneof![8 => segment().prop_map(Some), 1 => Just(None)];
    let properties = prop::option::of(vec(select(vec!["p", "q", "n", "never"]).prop_map(str::to_owned), 0..3));
    (segment, (search, maybe_sort(), properties), 0..3_usize, 1..9_usize, range(), any::<bool>()).prop_map(
        |(segment, (search, sort, properties), offset, limit, (_, _, as_of), bots)| UsersQuery {
            segment,
            search,
            sort,
            properties,
            offset: offset.saturating_sub(1),
            limit,
            as_of: Some(as_of),
            bots,
        },
    )
}

/// An order of people, mostly.
pub fn maybe_sort() -> impl Strategy<Value = Option<Sort>> {
    let property = select(vec!["p", "q", "n", "plan", "never"]).prop_map(|name| SortKey::User(name.to_owned()));
    let by = prop_oneof![
        2 => property,
        3 => select(vec![SortKey::Handle, SortKey::FirstSeen, SortKey::LastSeen, SortKey::Events]),
    ];
    prop::option::of((by, any::<bool>()).prop_map(|(by, descending)| Sort { by, descending }))
}

/// Now and then a segment.
pub(super) fn maybe_segment() -> impl Strategy<Value = Option<serde_json::Value>> {
    prop_oneof![9 => Just(None), 1 => segment().prop_map(Some)]
}

/// A segment's JSON.
pub fn segment() -> BoxedStrategy<serde_json::Value> {
    let event = || {
        frequent().prop_map(|event| match event {
            EventRef::Named(name) => json!(name),
            EventRef::Inline(json) => json,
        })
    };
    let period = prop_oneof![
        1 => Just(json!({})),
        2 => select(vec!["8h", "1d", "3d", "2w"]).prop_map(|within| json!({"in": within})),
        2 => (0..SPAN_MS, SPAN_MS / 8..SPAN_MS)
            .prop_map(|(from, length)| json!({"from": START_MS + from / 2, "to": START_MS + from / 2 + length})),
    ];
    let counts = vec!["at_least", "at_most", "exactly", "more_than", "fewer_than"];
    let count = prop_oneof![
        1 => Just(json!({})),
        3 => (select(counts), 0..4_u64).prop_map(|(name, n)| json!({name: n})),
    ];
    let user = select(vec!["p", "q", "plan"]);
    let leaf = prop_oneof![
        4 => (event(), count, period.clone()).prop_map(|(did, count, period)| joined(&[json!({"did": did}), count, period])),
        1 => (event(), period.clone()).prop_map(|(did, period)| joined(&[json!({"did_first": did}), period])),
        2 => (event(), event(), select(vec!["90m", "8h", "3d"]), period)
            .prop_map(|(did, then, within, period)| joined(&[json!({"did": did, "then": then, "within": within}), period])),
        1 => (user, condition()).prop_map(|(name, (operator, operand))| json!({"user": name, operator: operand})),
        1 => vec(prop_oneof![
            handle().prop_map(|handle| json!({"handle": handle})),
            user_id().prop_map(|user| json!({"id": user.to_string()})),
        ], 0..4).prop_map(|users| json!({"users": users})),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|parts| json!({"all": parts})),
            vec(inner.clone(), 1..4).prop_map(|parts| json!({"any": parts})),
            inner.prop_map(|part| json!({"not": part})),
        ]
    })
    .boxed()
}

/// One object with the members of all.
fn joined(parts: &[serde_json::Value]) -> serde_json::Value {
    let members = parts.iter().filter_map(serde_json::Value::as_object).flatten();
    serde_json::Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}
