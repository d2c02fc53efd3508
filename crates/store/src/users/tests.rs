#![allow(clippy::unwrap_used)]

mod damage;
mod model;
mod scale;

use std::sync::Arc;

use bytes::Bytes;
use cairn_model::{Message, Properties, TimeMs, UserId, Value};

use super::{FrozenUsers, Users, UsersFile, merge};

fn open(name: &str, bytes: Vec<u8>) -> Arc<UsersFile> {
    Arc::new(UsersFile::open(name.to_owned(), Bytes::from(bytes), true).unwrap())
}

/// Writes what changed, and gives the file's bytes.
fn flush(users: &mut Users, name: &str) -> Vec<u8> {
    let bytes = users.freeze().unwrap().write(Vec::new()).unwrap();
    users.publish(open(name, bytes.clone()));
    bytes
}

fn apply(users: &mut Users, message: &Message<'_>) {
    let ids = match message {
        Message::Event(event) => vec![event.user_id],
        Message::SetUserProperties { user_id, .. }
        | Message::Identify { user_id, .. }
        | Message::Unidentify { user_id, .. } => vec![*user_id],
        Message::Erase { user_ids, .. } => user_ids.clone(),
        Message::Expire { .. } => Vec::new(),
    };
    for id in ids {
        let number = users.number(id.get()).unwrap();
        if !matches!(message, Message::Event(_)) {
            users.change(number, |state| state.apply(message)).unwrap();
        }
    }
}

fn user(id: u64) -> UserId {
    UserId::new(id).unwrap()
}

fn set(id: u64, time: i64, properties: &[(&'static str, Value<'static>)]) -> Message<'static> {
    let pairs = properties.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    Message::SetUserProperties {
        user_id: user(id),
        time: TimeMs(time),
        received_at: TimeMs(time),
        set: Properties::from_pairs(pairs),
        set_once: Properties::default(),
    }
}

fn identify(id: u64, time: i64, handle: &str) -> Message<'static> {
    Message::Identify { user_id: user(id), handle: handle.to_owned(), time: TimeMs(time), received_at: TimeMs(time) }
}

fn erase(id: u64, at: i64) -> Message<'static> {
    Message::Erase { user_ids: vec![user(id)], at: TimeMs(at) }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What an erasure takes back is in no merged file: neither values nor handles nor names of properties.
#[test]
fn a_merged_file_has_nothing_that_was_erased() {
    let mut users = Users::default();
    apply(
        &mut users,
        &set(1, 10, &[("canary_name", Value::from("canary_value")), ("plan", Value::from("canary_plan"))]),
    );
    apply(&mut users, &identify(1, 11, "canary_handle"));
    apply(&mut users, &set(2, 12, &[("plan", Value::from("gold"))]));
    let before = flush(&mut users, "1.users");
    apply(&mut users, &erase(1, 20));
    apply(&mut users, &set(1, 30, &[("plan", Value::from("free"))]));
    flush(&mut users, "2.users");

    let merged = merge(users.files(), Vec::new()).unwrap();
    for canary in ["canary_name", "canary_value", "canary_plan", "canary_handle"] {
        assert!(contains(&before, canary) && !contains(&merged, canary), "{canary}");
    }
    users.replace(&["1.users".to_owned(), "2.users".to_owned()], open("3.users", merged));
    assert_eq!(users.files().len(), 1);
    assert_eq!(users.property_names().unwrap().into_iter().collect::<Vec<_>>(), ["plan"]);
    assert_eq!(users.property(0, "plan").unwrap(), Some(Value::from("free")));
    assert_eq!((users.erased_at(0), users.erased_at(1)), (Some(20), None));
}

/// Queries share users, and the writer's thread gets what is frozen.
#[test]
fn users_and_what_is_frozen_go_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Users>();
    shared::<FrozenUsers>();
}

/// What is held until the next freeze is counted.
#[test]
fn changes_are_counted_in_bytes() {
    let mut users = Users::default();
    assert_eq!(users.changed_bytes(), 0);
    for time in 1..3 {
        apply(&mut users, &set(1, time, &[("p", Value::from("x".repeat(1_000)))]));
        assert!((1_000..4_000).contains(&users.changed_bytes()), "{}", users.changed_bytes());
    }
    users.freeze();
    assert_eq!(users.changed_bytes(), 0);
    // Nothing new.
    apply(&mut users, &set(1, 2, &[("p", Value::from("x".repeat(1_000)))]));
    assert!(users.freeze().is_none());
}

/// A file that says nothing twice has the same bytes when it is merged alone.
#[test]
fn merging_one_file_gives_it_again() {
    let mut users = Users::default();
    apply(&mut users, &set(1, 10, &[("p", Value::from("b")), ("q", Value::from(1.5))]));
    apply(&mut users, &set(2, 10, &[("p", Value::from("a"))]));
    apply(&mut users, &identify(2, 11, "ann"));
    apply(&mut users, &erase(1, 5));
    let bytes = flush(&mut users, "1.users");
    // In the memory of something longer.
    assert_eq!(merge(users.files(), vec![0xff; 100_000]).unwrap(), bytes);
}

#[test]
fn nothing_is_frozen_where_nothing_changed() {
    let mut users = Users::default();
    assert!(users.freeze().is_none());
    assert_eq!(users.number(7).unwrap(), 0);
    flush(&mut users, "1.users");
    assert!(users.freeze().is_none());
    assert_eq!(users.number(7).unwrap(), 0);
    assert!(users.freeze().is_none(), "the user is known");
    users.change(0, |state| state.apply(&set(7, 1, &[]))).unwrap();
    flush(&mut users, "2.users");
    assert_eq!((users.len(), users.id(0).unwrap(), users.id(1).unwrap()), (1, 7, 0));
}

/// Two flushes can be under way at once; what they hold stays readable all the time.
#[test]
fn what_is_frozen_stays_readable_until_it_is_published() {
    let mut users = Users::default();
    let plan = |users: &Users| users.property(0, "plan").unwrap();
    apply(&mut users, &set(1, 10, &[("plan", Value::from("a"))]));
    let first = users.freeze().unwrap();
    apply(&mut users, &set(1, 11, &[("plan", Value::from("b"))]));
    apply(&mut users, &set(2, 11, &[("plan", Value::from("c"))]));
    let second = users.freeze().unwrap();
    assert_eq!(plan(&users), Some(Value::from("b")));
    let write = |frozen: FrozenUsers, name| open(name, frozen.write(Vec::new()).unwrap());
    users.publish(write(first, "1.users"));
    assert_eq!(plan(&users), Some(Value::from("b")));
    users.publish(write(second, "2.users"));
    assert_eq!(plan(&users), Some(Value::from("b")));
    let again = Users::open(users.files().to_vec()).unwrap();
    assert_eq!((plan(&again), again.find(2).unwrap()), (Some(Value::from("b")), Some(1)));
}

/// Files out of order, or with one missing, are not opened.
#[test]
fn files_that_do_not_follow_each_other_are_refused() {
    let mut users = Users::default();
    for (id, name) in [(1, "1.users"), (2, "2.users"), (3, "3.users")] {
        users.number(id).unwrap();
        flush(&mut users, name);
    }
    let files = users.files().to_vec();
    let error = Users::open(vec![files[0].clone(), files[2].clone()]).unwrap_err().to_string();
    assert!(error.starts_with("3.users is damaged (it numbers users from 2, and 1 is next)"), "{error}");
    assert!(merge(&[files[1].clone(), files[0].clone()], Vec::new()).is_err());
    // The same id with two numbers.
    let mut other = Users::default();
    other.number(5).unwrap();
    other.number(2).unwrap();
    other.freeze();
    other.number(1).unwrap();
    let bytes = other.freeze().unwrap().write(Vec::new()).unwrap();
    let twice = Users::open(vec![files[0].clone(), files[1].clone(), open("4.users", bytes)]).unwrap();
    let error = twice.find(9).unwrap_err().to_string();
    assert!(error.starts_with("4.users is damaged (it numbers user 1 once more)"), "{error}");
}

/// A cached column is right after more changes than are noted for it, and after it had to go for others.
#[test]
fn columns_are_right_after_many_changes_and_many_columns() {
    let mut users = Users::default();
    let value_of = |users: &Users, name: &str, number: u32| {
        let column = users.column(name).unwrap();
        column.value(column.code(number)).map(|bytes| cairn_model::decode_value(bytes).unwrap().into_owned())
    };
    let names: [&'static str; 20] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];
    for (time, name) in (1..).zip(names) {
        apply(&mut users, &set(1 + time as u64 % 3, time, &[(name, Value::from(time as f64))]));
        assert_eq!(
            value_of(&users, name, users.find(1 + time as u64 % 3).unwrap().unwrap()),
            Some(Value::from(time as f64))
        );
    }
    for time in 100..70_100 {
        apply(&mut users, &set(1, time, &[("a", Value::from((time % 100) as f64))]));
    }
    let number = users.find(1).unwrap().unwrap();
    assert_eq!(value_of(&users, "a", number), Some(Value::from(99.0)));
    for name in names {
        for number in 0..users.len() {
            assert_eq!(value_of(&users, name, number), users.property(number, name).unwrap(), "{name} of {number}");
        }
    }
    assert_eq!(users.column("nobody's").unwrap().len(), 0);
}
