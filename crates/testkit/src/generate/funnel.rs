//! Random funnels.

use cairn_analysis::{EventRef, FunnelOrder, FunnelPer, FunnelQuery, Interval};
use cairn_model::EventKind;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::{filter, frequent, keys, range, segment::maybe_segment};

/// A funnel of events that are frequent, so that many users get somewhere.
pub fn funnel() -> impl Strategy<Value = FunnelQuery> {
    let order = prop_oneof![
        3 => Just(FunnelOrder::Sequential),
        2 => Just(FunnelOrder::Strict),
        2 => Just(FunnelOrder::Any),
    ];
    let steps = prop_oneof![8 => vec(frequent(), 2..5), 1 => vec(frequent(), 2..17)];
    let exclude = prop_oneof![6 => Just(Vec::new()), 3 => vec(excluded(), 1), 1 => vec(excluded(), 2..5)];
    let events = (steps, order, exclude).prop_map(|(mut steps, order, exclude)| {
        // The oracle looks at each choice of steps.
        if order == FunnelOrder::Any {
            steps.truncate(8);
        }
        (steps, order, exclude)
    });
    let per = prop_oneof![4 => Just(FunnelPer::User), 1 => Just(FunnelPer::Session)];
    let held = select(vec!["session_id", "session_id", "session_id", "session_id", "n"]).prop_map(str::to_owned);
    let hold = prop_oneof![12 => Just(Vec::new()), 3 => vec(held.clone(), 1), 1 => vec(held, 2..4)];
    let filter = (prop_oneof![9 => Just(None), 1 => filter(true)], maybe_segment());
    let window = select(vec!["1m", "90m", "8h", "16h", "1d", "1d", "3d", "3d", "3d", "2w", "2w", "2w"]);
    let interval = prop_oneof![
        3 => Just(None),
        2 => select(vec![Interval::Hour, Interval::Day, Interval::Week, Interval::Whole]).prop_map(Some),
    ];
    let units = (per, hold);
    (events, units, window, range(), interval, keys(false), filter, any::<bool>(), 1..5_usize).prop_map(
        |(
            (steps, order, exclude),
            (per, hold),
            window,
            (from, to, as_of),
            interval,
            group_by,
            (filter, segment),
            bots,
            top,
        )| {
            FunnelQuery {
                steps,
                order,
                exclude,
                per,
                hold,
                window: window.to_owned(),
                from,
                to,
                interval,
                group_by,
                filter,
                top,
                segment,
                as_of: Some(as_of),
                bots,
            }
        },
    )
}

/// An event that happens now and then.
fn excluded() -> impl Strategy<Value = EventRef> + Clone {
    let event = prop_oneof![
        1 => select(EventKind::ALL.to_vec()).prop_map(|kind| json!({"type": kind})),
        4 => (select(EventKind::ALL.to_vec()), select(vec!["p", "n", "plan"]))
            .prop_map(|(kind, name)| json!({"all": [{"type": kind}, {"property": name, "is_set": true}]})),
        2 => Just(json!({"name": "Order Placed"})),
        2 => Just(json!({"property": "p", "is": "a"})),
    ];
    event.prop_map(EventRef::Inline)
}
