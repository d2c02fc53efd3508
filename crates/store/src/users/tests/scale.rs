//! Many users.

use super::*;

const USERS: u64 = 100_000;

fn id(n: u64) -> u64 {
    (n + 1) << 20
}

fn many_users() -> Users {
    let mut users = Users::default();
    for n in 0..USERS {
        let (email, city, plan) =
            (format!("user{n}@example.com"), format!("city {}", n % 1_000), format!("plan {}", n % 3));
        let properties =
            [("email", Value::from(email.clone())), ("city", Value::from(city)), ("plan", Value::from(plan))];
        apply(&mut users, &set(id(n), 10, &properties));
        // Every tenth user is the one before on another device.
        let person = if n % 10 == 9 { format!("user{}@example.com", n - 1) } else { email };
        apply(&mut users, &identify(id(n), 11, &person));
    }
    apply(&mut users, &erase(id(5), 5));
    users
}

/// Opening reads directories and who is erased: with every page of the rest damaged, files still open, and each use of
/// what is damaged is an error.
#[test]
fn opening_reads_no_buffer_that_grows_with_the_users() {
    let mut bytes = many_users().freeze().unwrap().write(Vec::new()).unwrap();
    assert!(bytes.len() > USERS as usize * 100, "{}", bytes.len());
    let end = bytes.len() - 4_096;
    for at in (4_000..end).step_by(4_096) {
        bytes[at] ^= 1;
    }
    let users = Users::open(vec![open("1.users", bytes)]).unwrap();
    assert_eq!((users.len() as u64, users.erased_at(5), users.erased_at(6)), (USERS, Some(5), None));
    assert!(users.id(0).is_err() && users.state(0).is_err() && users.handle(0).is_err());
    assert!(users.special().is_err() && users.column("plan").is_err() && users.property_names().is_err());
    assert!(users.known().is_err() && merge(users.files(), Vec::new()).is_err());
}

/// Codes of one, two and four bytes; persons; a merge: all as it was in memory.
#[test]
fn many_users_are_the_same_in_memory_in_files_and_merged() {
    let mut users = many_users();
    let look = |users: &Users, n: u64| {
        let number = users.find(id(n)).unwrap().unwrap();
        let value = |name: &str| {
            let column = users.column(name).unwrap();
            column.value(column.code(number)).map(<[u8]>::to_vec)
        };
        (value("email"), value("city"), value("plan"), users.handle(number).unwrap(), users.person_of(number).unwrap())
    };
    let sample = || (0..USERS).step_by(997).chain(0..20);
    let before: Vec<_> = sample().map(|n| look(&users, n)).collect();
    flush(&mut users, "1.users");
    apply(&mut users, &set(id(7), 20, &[("plan", Value::from("other"))]));
    apply(&mut users, &set(id(7), 21, &[("plan", Value::from("plan 1"))]));
    flush(&mut users, "2.users");
    let again = Users::open(users.files().to_vec()).unwrap();
    let merged = Users::open(vec![open("3.users", merge(users.files(), Vec::new()).unwrap())]).unwrap();
    for users in [users, again, merged] {
        assert_eq!(users.shared_persons().unwrap().count() as u64, USERS / 10);
        assert_eq!(users.special().unwrap().len() as u64, USERS / 5 + 1);
        assert_eq!(sample().map(|n| look(&users, n)).collect::<Vec<_>>(), before);
    }
}
