//! Questions for one person's events.

use cairn_analysis::{EventKey, StreamQuery, When, Whose};
use cairn_model::EventId;
use proptest::{prelude::*, sample::select};

use super::{handle, range, time, user_id};

/// A page of somebody's events, of all or of those in a range.
pub fn stream() -> impl Strategy<Value = StreamQuery> {
    let user = prop_oneof![handle().prop_map(Whose::Handle), user_id().prop_map(Whose::Id)];
    let cursor = (time(), 1..40_u64, user_id()).prop_map(|(time, event_id, user_id)| EventKey {
        time,
        event_id: EventId::clamped(event_id),
        user_id,
    });
    let before = prop_oneof![3 => Just(None), 1 => cursor.prop_map(|cursor| Some(cursor.to_string()))];
    let limit = select(vec![1, 2, 5, 20, 1_000]);
    (user, range(), (any::<bool>(), any::<bool>(), any::<bool>()), limit, before, any::<bool>()).prop_map(
        |(user, (from, to, as_of), (has_from, has_to, has_as_of), limit, before, bots)| {
            let only = |has: bool, when: When| Some(when).filter(|_| has);
            let (from, to) = (only(has_from, from), only(has_to, to));
            StreamQuery { user, from, to, limit, before, as_of: only(has_as_of, as_of), bots }
        },
    )
}
