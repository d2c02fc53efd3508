//! Identity and user properties: registers that do not depend on order.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use cairn_model::{Event, EventKind, Message, Properties, TimeMs, UserId, UserState, Value, canonical_user};
use proptest::{collection::vec, prelude::*, sample::select};

fn user() -> UserId {
    Event::new(1, 1, 0, EventKind::Click).user_id
}

fn identify(handle: &str, time: i64) -> Message<'static> {
    Message::Identify { user_id: user(), handle: handle.to_owned(), time: TimeMs(time), received_at: TimeMs(time) }
}

fn unidentify(handle: &str, time: i64) -> Message<'static> {
    Message::Unidentify { user_id: user(), handle: handle.to_owned(), time: TimeMs(time), received_at: TimeMs(time) }
}

fn set(time: i64, received_at: i64, value: &'static str, once: bool) -> Message<'static> {
    let pairs = Properties::from_pairs(vec![("plan".into(), Value::from(value))]);
    let (set, set_once) = if once { (Properties::default(), pairs) } else { (pairs, Properties::default()) };
    Message::SetUserProperties { user_id: user(), time: TimeMs(time), received_at: TimeMs(received_at), set, set_once }
}

fn erase(at: i64) -> Message<'static> {
    Message::Erase { user_ids: vec![user()], at: TimeMs(at) }
}

fn state(messages: &[Message<'_>]) -> UserState {
    let mut state = UserState::default();
    for message in messages {
        state.apply(message);
    }
    state
}

fn plan(state: &UserState) -> Option<String> {
    UserState::property(std::iter::once(state), "plan").and_then(|value| value.as_str().map(str::to_owned))
}

#[test]
fn the_earliest_identification_that_is_not_revoked_stands() {
    let messages = [identify("ben", 20), identify("ann", 10), identify("ann", 30)];
    assert_eq!(state(&messages).handle(), Some("ann"));
    let revoked = [&messages[..], &[unidentify("ann", 10)]].concat();
    assert_eq!(state(&revoked).handle(), Some("ben"), "ann's later identification is after ben's");
    let revoked = [&revoked[..], &[unidentify("ben", 20)]].concat();
    assert_eq!(state(&revoked).handle(), Some("ann"), "the one at 30 was never revoked");
    assert_eq!(state(&[identify("ann", 10), unidentify("ann", 9)]).handle(), Some("ann"));
    assert_eq!(state(&[identify("b", 10), identify("a", 10)]).handle(), Some("a"), "ties by handle");
}

#[test]
fn set_keeps_the_last_and_set_once_the_first() {
    assert_eq!(plan(&state(&[set(2, 2, "b", false), set(1, 3, "z", false)])).unwrap(), "b");
    assert_eq!(plan(&state(&[set(2, 2, "b", true), set(1, 3, "z", true)])).unwrap(), "z");
    assert_eq!(plan(&state(&[set(2, 2, "a", false), set(2, 2, "b", false)])).unwrap(), "b", "ties by value");
    assert_eq!(plan(&state(&[set(9, 9, "once", true), set(1, 1, "set", false)])).unwrap(), "set", "set beats set_once");
}

#[test]
fn erasing_takes_back_exactly_what_it_covers() {
    // What was received later stands, though its time is earlier and it had lost before.
    assert_eq!(plan(&state(&[set(9, 5, "gone", false), set(1, 7, "stays", false), erase(5)])).unwrap(), "stays");
    assert_eq!(plan(&state(&[set(1, 5, "gone", true), set(3, 7, "stays", true), erase(5)])).unwrap(), "stays");
    let state = state(&[identify("ann", 5), erase(5)]);
    assert_eq!((state.handle(), state.is_known()), (None, false));
}

#[test]
fn a_handles_canonical_user_is_fixed() {
    assert_eq!(canonical_user("jane@example.com"), canonical_user("jane@example.com"));
    // The first 63 bits of SHA-256("abc") = ba7816bf8f01cfea...
    assert_eq!(canonical_user("abc").get(), 0xba78_16bf_8f01_cfea >> 1);
}

fn messages() -> impl Strategy<Value = Vec<Message<'static>>> {
    let handle = || select(vec!["ann", "ben"]);
    vec(
        prop_oneof![
            (handle(), 0..9_i64).prop_map(|(handle, time)| identify(handle, time)),
            (handle(), 0..9_i64).prop_map(|(handle, time)| unidentify(handle, time)),
            (0..9_i64, 0..9_i64, select(vec!["a", "b", "c"]), any::<bool>()).prop_map(|(t, r, v, o)| set(t, r, v, o)),
            (0..5_i64).prop_map(erase),
        ],
        0..14,
    )
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(messages in messages(), seed in any::<u64>()) {
        let once = state(&messages);
        let mut shuffled = [&messages[..], &messages[..]].concat();
        let mut x = seed | 1;
        for i in (1..shuffled.len()).rev() {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (x >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(&state(&shuffled), &once);
        let (a, b) = messages.split_at(messages.len() / 2);
        let mut merged = state(a);
        merged.merge(&state(b));
        prop_assert_eq!(&merged, &once);
        let mut bytes = Vec::new();
        once.encode(&mut bytes);
        prop_assert_eq!(&UserState::decode(&bytes).unwrap(), &once);
    }
}
