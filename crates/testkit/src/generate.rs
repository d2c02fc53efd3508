//! Random histories and questions, from a small world so that they often meet.

mod batch;
mod funnel;
mod graphs;
mod segment;
mod stream;
mod ways;

use cairn_analysis::{
    ActivityQuery, EventRef, GraphQuery, GroupKey, Histogram, Interval, Measure, RetentionMode, RetentionQuery,
    Returned, SegmentKey, When,
};
use cairn_model::{Event, EventKind, Message, Predicate, Properties, TimeMs, UserId, Value};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

pub use batch::{batch, push_by_column};
pub use funnel::funnel;
pub use graphs::graphs;
use segment::maybe_segment;
pub use segment::{maybe_sort, segment, users};
pub use stream::stream;
pub use ways::{pairs, paths};

/// 2026-03-27T00:00Z: a few days before clocks change in Europe.
const START_MS: i64 = 1_774_569_600_000;
/// Four days.
const SPAN_MS: i64 = 4 * 86_400_000;

/// Chains that the selectors of [`predicate`] tell apart.
const CHAINS: [&str; 4] = [
    "html>body:2/2/1/1>div.checkout_modal:1/2/1/2>a.btn[href=/pay]:1/1/1/1",
    "html>body:2/2/1/1>div:2/2/2/2>a.btn:1/3/1/1",
    "html>body:2/2/1/1>div:2/2/2/2>button#buy.md\\:w-1/2:2/3/1/1",
    "html>body:2/2/1/1",
];

/// The partition of a message: by original user id; an expiry goes to the first.
pub fn partition(message: &Message<'_>, partitions: u64) -> u64 {
    let user: UserId = match message {
        Message::Event(event) => event.user_id,
        Message::SetUserProperties { user_id, .. }
        | Message::Identify { user_id, .. }
        | Message::Unidentify { user_id, .. } => *user_id,
        Message::Erase { user_ids, .. } => user_ids[0],
        Message::Expire { .. } => return 0,
    };
    (user.get() >> 40) % partitions
}

/// A message of one of a few users.
pub fn message() -> impl Strategy<Value = Message<'static>> {
    prop_oneof![
        24 => event().prop_map(Message::Event),
        4 => (user_id(), time(), time(), properties(), properties()).prop_map(|(user_id, time, received_at, set, set_once)| {
            Message::SetUserProperties { user_id, time, received_at, set, set_once }
        }),
        4 => (user_id(), handle(), time(), time())
            .prop_map(|(user_id, handle, time, received_at)| Message::Identify { user_id, handle, time, received_at }),
        2 => (user_id(), handle(), time(), time())
            .prop_map(|(user_id, handle, time, received_at)| Message::Unidentify { user_id, handle, time, received_at }),
        1 => (user_id(), time()).prop_map(|(user, at)| Message::Erase { user_ids: vec![user], at: TimeMs(at.0 - SPAN_MS / 2) }),
        1 => time().prop_map(|before| Message::Expire { before: TimeMs(before.0 - SPAN_MS * 3 / 4) }),
    ]
}

/// An event; ids are few, so that conflicting duplicates are frequent.
pub fn event() -> impl Strategy<Value = Event<'static>> {
    (user_id(), 1..40_u64, time(), time(), select(EventKind::ALL.to_vec()), properties(), select(CHAINS.to_vec()))
        .prop_map(|(user, event_id, time, received_at, kind, mut properties, chain)| {
            if matches!(kind, EventKind::Click | EventKind::Change | EventKind::Submit) {
                properties.set("chain", Value::from(chain));
            }
            // Some events are of no session, and some pages have no path.
            let (session, path) = ((event_id / 2 + time.0 as u64 / 7) % 4, event_id as usize % 5);
            if session > 0 {
                properties.set("session_id", if session == 1 { Value::Number(1.0) } else { Value::from("1") });
            }
            if path < 4 {
                properties.set("path", Value::from(["/", "/a", "/b", "/b"][path]));
            }
            if kind == EventKind::Custom {
                properties.set("name", Value::from(["Order Placed", "Signed Up"][event_id as usize % 2]));
            }
            Event { received_at, properties, ..Event::new(user.get(), event_id, time.0, kind) }
        })
}

fn user_id() -> impl Strategy<Value = UserId> {
    (1..9_u64).prop_map(|id| Event::new(id << 40, 1, 0, EventKind::Click).user_id)
}

fn handle() -> impl Strategy<Value = String> {
    select(vec!["ann", "ben"]).prop_map(str::to_owned)
}

fn time() -> impl Strategy<Value = TimeMs> {
    // Some instants repeat, so that ties happen.
    prop_oneof![(0..12_i64).prop_map(|i| i * SPAN_MS / 12), 0..SPAN_MS].prop_map(|ms| TimeMs(START_MS + ms))
}

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        4 => select(vec!["a", "b", "ab", ""]).prop_map(Value::from),
        1 => select(vec![0.0, -0.0, 1.0, 2.5, -3.0]).prop_map(Value::Number),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
        1 => Just(Value::Array(vec![Value::from("a"), Value::Number(1.0)])),
    ]
}

fn properties() -> impl Strategy<Value = Properties<'static>> {
    let number = select(vec![0.0, -0.0, 1.0, 2.5, -3.0, 7.0]).prop_map(Value::Number);
    let pair = prop_oneof![
        3 => (select(vec!["p", "q", "plan"]), value()),
        3 => (Just("n"), number),
        1 => (Just("bot"), prop_oneof![Just(Value::Bool(true)), value(), value()]),
    ];
    vec(pair, 0..4)
        .prop_map(|pairs| Properties::from_pairs(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()))
}

fn condition() -> impl Strategy<Value = (String, serde_json::Value)> {
    let operator = select(vec![
        "is",
        "is_not",
        "contains",
        "starts_with",
        "ends_with",
        ">",
        ">=",
        "<",
        "<=",
        "in",
        "glob",
        "regex",
    ]);
    prop_oneof![
        6 => (operator, value()).prop_map(|(operator, value)| {
            let text = value.as_str().map_or_else(|| "a".to_owned(), str::to_owned);
            let operand = match operator {
                "is" | "is_not" => json!(value),
                "in" => json!([value, "b"]),
                ">" | ">=" | "<" | "<=" if matches!(value, Value::Number(_)) => json!(value),
                "glob" => json!(format!("{text}*")),
                _ => json!(text),
            };
            (operator.to_owned(), operand)
        }),
        1 => select(vec!["is_set", "is_not_set"]).prop_map(|operator| (operator.to_owned(), json!(true))),
    ]
}

/// A predicate's JSON; with conditions on users only where `users`.
pub fn predicate(users: bool, events: bool) -> BoxedStrategy<serde_json::Value> {
    let name = || select(vec!["p", "q", "n", "plan", "never"]);
    let of_user =
        (name(), condition()).prop_map(|(name, (operator, operand))| json!({"user": name, operator: operand}));
    let of_event = prop_oneof![
        3 => (name(), condition()).prop_map(|(name, (operator, operand))| json!({"property": name, operator: operand})),
        2 => select(EventKind::ALL.to_vec()).prop_map(|kind| json!({"type": kind})),
        1 => select(vec!["a.btn", "div.checkout_modal a.btn", "#buy, body", "div > :nth-child(2)", ".md\\:w-1\\/2"])
            .prop_map(|selector| json!({"selector": selector})),
        1 => Just(json!({"name": "Order Placed"})),
    ];
    let leaf = match (users, events) {
        (true, true) => prop_oneof![of_user, of_event].boxed(),
        (true, false) => of_user.boxed(),
        _ => of_event.boxed(),
    };
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|parts| json!({"all": parts})),
            vec(inner.clone(), 1..3).prop_map(|parts| json!({"any": parts})),
            inner.prop_map(|part| json!({"not": part})),
        ]
    })
    .boxed()
}

/// A graph of events or, sometimes, of users.
pub fn graph() -> impl Strategy<Value = GraphQuery> {
    let intervals = vec![
        Interval::Hour,
        Interval::Day,
        Interval::Week,
        Interval::Month,
        Interval::Quarter,
        Interval::Year,
        Interval::Whole,
    ];
    let property = || prop_oneof![24 => Just("n"), 1 => Just("p"), 1 => Just("never")].prop_map(str::to_owned);
    let measure = prop_oneof![
        8 => Just(Measure::Count),
        8 => Just(Measure::Users),
        1 => property().prop_map(Measure::Sum),
        1 => property().prop_map(Measure::Avg),
        1 => property().prop_map(Measure::Min),
        1 => property().prop_map(Measure::Max),
        1 => (property(), select(vec![0.5, 25.0, 50.0, 90.0, 99.9, 100.0]))
            .prop_map(|(of, p)| Measure::Percentile { of, p }),
        1 => property().prop_map(Measure::Summary),
        3 => Just(Measure::Sessions),
        3 => Just(Measure::CountPerUser),
        3 => (property(), select(vec![vec![0.0, 2.5], vec![-3.0, 0.0, 1.0, 7.0], vec![], vec![]]), select(vec![1, 2, 3, 100]))
            .prop_map(|(of, edges, bins)| {
                let bins = edges.is_empty().then_some(bins);
                Measure::Histogram(Histogram { of, edges, bins })
            }),
    ];
    let range = (0..SPAN_MS, SPAN_MS / 4..SPAN_MS);
    let filter_of_events = prop_oneof![19 => Just(None), 1 => filter(true)];
    let of_events = (
        frequent(),
        measure,
        select(intervals),
        keys(false),
        filter_of_events,
        range,
        0..SPAN_MS,
        any::<bool>(),
        1..5_usize,
    )
        .prop_map(|(event, measure, interval, group_by, filter, (from, length), as_of, bots, top)| GraphQuery {
            event: Some(event),
            from: Some(When::Instant(TimeMs(START_MS + from / 2))),
            to: Some(When::Instant(TimeMs(START_MS + from / 2 + length))),
            interval: if matches!(measure, Measure::Histogram(_)) { Interval::Whole } else { interval },
            measure,
            group_by,
            filter,
            top,
            segment: None,
            as_of: Some(When::Instant(TimeMs(START_MS + SPAN_MS / 2 + as_of))),
            bots,
        });
    let of_users = (keys(true), filter(false), 1..4_usize).prop_map(|(group_by, filter, top)| GraphQuery {
        event: None,
        measure: Measure::Users,
        from: None,
        to: None,
        interval: Interval::Whole,
        group_by,
        filter,
        top,
        segment: None,
        as_of: Some(When::Instant(TimeMs(START_MS + SPAN_MS))),
        bots: false,
    });
    (prop_oneof![9 => of_events, 1 => of_users], maybe_segment())
        .prop_map(|(graph, segment)| GraphQuery { segment, ..graph })
}

/// A retention from frequent events to frequent events.
pub fn retention() -> impl Strategy<Value = RetentionQuery> {
    let kind = prop_oneof![
        3 => select(vec![Interval::Hour, Interval::Day, Interval::Week]).prop_map(|of| (RetentionMode::Calendar, of)),
        1 => select(vec![Interval::Month, Interval::Quarter, Interval::Year]).prop_map(|of| (RetentionMode::Calendar, of)),
        2 => select(vec![Interval::Day, Interval::Week]).prop_map(|of| (RetentionMode::Rolling, of)),
    ];
    let returned = select(vec![Returned::On, Returned::OnOrAfter]);
    let filter = (prop_oneof![3 => Just(None), 1 => filter(true)], maybe_segment());
    let groups = (prop_oneof![Just(Vec::new()), keys(true)], 1..4_usize);
    (frequent(), frequent(), range(), (kind, returned, 1..40_usize), groups, filter, any::<bool>()).prop_map(
        |(
            start,
            returns,
            (from, to, as_of),
            ((mode, interval), returned, periods),
            (group_by, top),
            (filter, segment),
            bots,
        )| {
            let as_of = Some(as_of);
            RetentionQuery {
                start,
                returns,
                from,
                to,
                interval,
                periods,
                mode,
                returned,
                group_by,
                filter,
                top,
                segment,
                as_of,
                bots,
            }
        },
    )
}

/// A stickiness of a frequent event.
pub fn stickiness() -> impl Strategy<Value = ActivityQuery> {
    activity(select(vec![Interval::Week, Interval::Month]))
}

/// A lifecycle of a frequent event.
pub fn lifecycle() -> impl Strategy<Value = ActivityQuery> {
    activity(prop_oneof![
        3 => select(vec![Interval::Hour, Interval::Day]),
        1 => select(vec![Interval::Week, Interval::Month, Interval::Quarter, Interval::Year]),
    ])
}

fn activity(interval: impl Strategy<Value = Interval>) -> impl Strategy<Value = ActivityQuery> {
    let filter = (prop_oneof![3 => Just(None), 1 => filter(true)], maybe_segment());
    (frequent(), range(), interval, filter, any::<bool>()).prop_map(
        |(event, (from, to, as_of), interval, (filter, segment), bots)| ActivityQuery {
            event,
            from,
            to,
            interval,
            filter,
            segment,
            as_of: Some(as_of),
            bots,
        },
    )
}

/// An event that happens often.
fn frequent() -> impl Strategy<Value = EventRef> + Clone {
    let event = prop_oneof![
        4 => select(EventKind::ALL.to_vec()).prop_map(|kind| json!({"type": kind})),
        2 => Just(json!({"any": [{"type": "click"}, {"type": "custom"}]})),
        1 => Just(json!({"name": "Order Placed"})),
        2 => Just(json!({"all": []})),
        1 => predicate(false, true),
    ];
    event.prop_map(EventRef::Inline)
}

/// `from`, `to` and `as_of`.
fn range() -> impl Strategy<Value = (When, When, When)> {
    let instant = |ms: i64| When::Instant(TimeMs(START_MS + ms));
    (0..SPAN_MS, 1..SPAN_MS, 0..SPAN_MS).prop_map(move |(from, length, as_of)| {
        (instant(from / 2), instant(from / 2 + length), instant(SPAN_MS / 2 + as_of))
    })
}

fn keys(user_only: bool) -> impl Strategy<Value = Vec<GroupKey>> {
    let property = (select(vec!["p", "q", "n", "plan", "name"]), any::<bool>());
    let property = property.prop_map(move |(name, of_user)| match of_user || user_only {
        true => GroupKey::User(name.to_owned()),
        false => GroupKey::Event(name.to_owned()),
    });
    let of_segment = segment().prop_map(|segment| GroupKey::Segment(SegmentKey { segment, name: None }));
    vec(prop_oneof![5 => property, 1 => of_segment], 0..4)
}

fn filter(events: bool) -> impl Strategy<Value = Option<Predicate>> {
    prop::option::of(predicate(true, events)).prop_map(|json| json.and_then(|json| Predicate::from_json(&json).ok()))
}
