//! A topic in front of a database that several servers share.

use std::{
    thread,
    time::{Duration, Instant},
};

use cairn_analysis::{Store, StoreError};
use cairn_model::{Message, Position};
use cairn_postgres::{FollowedTopic, PostgresOptions, PostgresStore, Topic};
use cairn_testkit::{generate, postgres::Cluster};
use proptest::{strategy::Strategy, strategy::ValueTree, test_runner::TestRunner};

use crate::common::{at, batch, project};

const PATIENCE: Duration = Duration::from_secs(60);

fn topic(id: &str, partitions: u32) -> Topic<'_> {
    Topic { id, place: "kafka://broker:9092/cairn", partitions }
}

fn follow(cluster: &Cluster, of: Topic<'_>) -> Result<PostgresStore, StoreError> {
    let mut store = PostgresStore::open(&PostgresOptions::new(cluster.url("cairn")))?;
    store.follow_topic(of)?;
    Ok(store)
}

fn held(topic: &FollowedTopic) -> Vec<u32> {
    (0..8).filter(|partition| topic.holds(*partition)).collect()
}

/// Lets go of what is too much, as appliers do.
fn round(stores: &[&PostgresStore]) {
    for topic in stores.iter().map(|store| store.topic().unwrap()) {
        topic.share().unwrap();
        (0..8).filter(|partition| !topic.holds(*partition)).for_each(|partition| topic.let_go(partition));
    }
}

/// Shares until it is as wanted. A lock may outlive its session by a moment.
fn share_until(stores: &[&PostgresStore], wanted: impl Fn(&[Vec<u32>]) -> bool) {
    let until = Instant::now() + PATIENCE;
    loop {
        round(stores);
        let shares: Vec<_> = stores.iter().map(|store| held(store.topic().unwrap())).collect();
        if wanted(&shares) {
            return;
        }
        assert!(Instant::now() < until, "{shares:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn sizes(shares: &[Vec<u32>]) -> Vec<usize> {
    shares.iter().map(Vec::len).collect()
}

/// A record of one event.
fn record(number: u64) -> Vec<u8> {
    let mut runner = TestRunner::deterministic();
    let events = (0..=number).map(|_| generate::event().new_tree(&mut runner).unwrap().current());
    batch(project(1), &[Message::Event(events.last().unwrap())])
}

#[test]
fn servers_share_the_partitions_evenly_and_take_over() {
    let cluster = Cluster::fast();
    let [one, two, three] = [(); 3].map(|()| follow(&cluster, topic("t", 5)).unwrap());
    share_until(&[&one], |shares| sizes(shares) == [5]);
    share_until(&[&one, &two], |shares| sizes(shares).iter().all(|size| [2, 3].contains(size)));
    share_until(&[&one, &two, &three], |shares| sizes(shares).iter().all(|size| [1, 2].contains(size)));
    let shares: Vec<_> = [&one, &two, &three].iter().flat_map(|store| held(store.topic().unwrap())).collect();
    assert_eq!(shares.len(), 5, "{shares:?}");

    // One leaves, one goes without a word.
    one.topic().unwrap().leave();
    drop(two);
    share_until(&[&three], |shares| sizes(shares) == [5]);
    // One that has left stays away.
    round(&[&one]);
    assert!(held(one.topic().unwrap()).is_empty());
    // The database ends the sessions.
    let four = follow(&cluster, topic("t", 5)).unwrap();
    share_until(&[&three, &four], |shares| sizes(shares).iter().sum::<usize>() == 5 && !shares[1].is_empty());
    let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid in (select pid from pg_locks where locktype = 'advisory')";
    assert_ne!(cluster.psql(&cluster.admin_url("cairn"), end), "0");
    let until = Instant::now() + PATIENCE;
    while three.topic().unwrap().share().is_err() || four.topic().unwrap().share().is_err() {
        assert!(Instant::now() < until);
    }
    share_until(&[&three, &four], |shares| {
        sizes(shares).iter().sum::<usize>() == 5 && sizes(shares).iter().all(|size| [2, 3].contains(size))
    });
}

#[test]
fn records_are_applied_from_the_stored_position_and_from_no_other() {
    positions(&Cluster::fast());
}

/// Two servers take turns, and come with what is not next.
pub(crate) fn positions(cluster: &Cluster) {
    let [old, new] = [(); 2].map(|()| follow(cluster, topic("t", 2)).unwrap());
    let records: Vec<_> = (0..6).map(record).collect();
    let given = |from: usize, to: usize| -> Vec<(Position, &[u8])> {
        (from..to).map(|n| (at(1, n as u64), &records[n][..])).collect()
    };
    share_until(&[&old], |shares| sizes(shares) == [2]);
    assert_eq!(old.topic().unwrap().begin(1), Some(0));
    old.apply_all(&given(0, 2)).unwrap();
    let refused = |store: &PostgresStore, from, to| match store.apply_all(&given(from, to)) {
        Err(StoreError::Gap { got, expected }) => (got, expected),
        other => panic!("{other:?}"),
    };
    // Delivered again, whole or in part, or with something left out.
    assert_eq!(refused(&old, 0, 2), (at(1, 0), at(1, 2)));
    assert_eq!(refused(&old, 1, 4), (at(1, 1), at(1, 2)));
    assert_eq!(refused(&old, 3, 4), (at(1, 3), at(1, 2)));
    // Without the partition's lock nothing is applied.
    assert!(matches!(new.apply_all(&given(2, 4)), Err(StoreError::Unreachable { .. })));
    assert_eq!(new.topic().unwrap().begin(1), None);

    // Another one goes on while the first believes to have the partition still.
    let end = "select count(pg_terminate_backend(pid)) from pg_locks \
        where locktype = 'advisory' and objsubid = 2 and mode = 'ExclusiveLock'";
    assert_eq!(cluster.psql(&cluster.admin_url("cairn"), end), "2");
    share_until(&[&new], |shares| sizes(shares) == [1] || sizes(shares) == [2]);
    old.topic().unwrap().leave();
    share_until(&[&new], |shares| sizes(shares) == [2]);
    assert_eq!(new.topic().unwrap().begin(1), Some(2));
    new.apply_all(&given(2, 5)).unwrap();
    assert!(old.apply_all(&given(2, 6)).is_err());
    // It comes back with what it had read.
    new.topic().unwrap().leave();
    let again = follow(cluster, topic("t", 2)).unwrap();
    share_until(&[&again], |shares| sizes(shares) == [2]);
    assert_eq!(refused(&again, 2, 6), (at(1, 2), at(1, 5)));
    assert_eq!(again.topic().unwrap().begin(1), Some(5));
    again.apply_all(&given(5, 6)).unwrap();
    assert_eq!(again.positions(), [at(0, 0), at(1, 6)]);
    let ledger = again.ledger(project(1)).unwrap();
    assert_eq!((ledger.accepted, ledger.stored), (6, 6));
}

#[test]
fn a_database_follows_one_topic_beside_logs_of_servers() {
    let cluster = Cluster::fast();
    let mut own = PostgresStore::open(&PostgresOptions::new(cluster.url("cairn"))).unwrap();
    own.follow(77).unwrap();
    own.apply(at(0, 0), &record(0)).unwrap();
    let store = follow(&cluster, topic("t", 3)).unwrap();
    share_until(&[&store], |shares| sizes(shares) == [3]);
    store.apply(at(0, 0), &record(1)).unwrap();
    assert_eq!((own.positions(), store.positions()), (vec![at(0, 1)], vec![at(0, 1), at(1, 0), at(2, 0)]));
    assert_eq!(store.ledger(project(1)).unwrap().stored, 2);

    let refused = |of| follow(&cluster, of).err().unwrap().to_string();
    let other = refused(topic("another", 3));
    assert!(other.contains("follows another topic, which was kafka://broker:9092/cairn"), "{other}");
    let grown = refused(topic("t", 6));
    assert!(grown.contains("has 6 partitions, and had 3"), "{grown}");
    assert!(follow(&cluster, topic("t", 3)).is_ok());
}
