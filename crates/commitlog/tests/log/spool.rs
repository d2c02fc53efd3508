//! A spool in front of a log that goes away, comes back, and takes what it says it has not.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use cairn_commitlog::{
    Ack, Log, LogError, LogOptions, Position, Record, SPOOLED, SpoolOptions, SpooledLog, Storage, TopicName,
};
use cairn_testkit::disk::{FaultyDisk, Random};
use tokio::sync::oneshot;

use super::common::{dir, small};

/// Longer than anything takes on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// The log elsewhere, in memory; clones are the same one.
#[derive(Clone)]
struct Elsewhere(Arc<Mutex<Inside>>);

struct Inside {
    topic: TopicName,
    taken: Vec<(u64, u64)>,
    mood: Mood,
    random: Random,
    held: Vec<oneshot::Sender<Result<Position, LogError>>>,
    max_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Mood {
    Well,
    Away,
    /// Now and then refuses, and may have taken it all the same.
    Odd,
    /// Answers nothing.
    Silent,
}

fn unreachable() -> LogError {
    LogError::Unreachable { log: "fake".to_owned(), problem: "as the test wants it".to_owned() }
}

impl Elsewhere {
    fn new(id: &str) -> Self {
        let topic = TopicName { id: id.to_owned(), place: format!("fake://{id}") };
        let (held, random) = (Vec::new(), Random::new(7));
        Self(Arc::new(Mutex::new(Inside {
            topic,
            taken: Vec::new(),
            mood: Mood::Well,
            random,
            held,
            max_bytes: 1_000,
        })))
    }

    fn be(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    /// The numbers that it has of each key, each where it stands first.
    fn taken(&self) -> HashMap<u64, Vec<u64>> {
        let mut all: HashMap<u64, Vec<u64>> = HashMap::new();
        for (key, number) in &self.0.lock().unwrap().taken {
            let of_key = all.entry(*key).or_default();
            if !of_key.contains(number) {
                of_key.push(*number);
            }
        }
        all
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().taken.len()
    }

    fn open(&self, disk: &FaultyDisk, options: SpoolOptions) -> Result<SpooledLog, LogError> {
        let this = self.clone();
        let connect = move || {
            let inside = this.0.lock().unwrap();
            if inside.mood == Mood::Away {
                return Err(unreachable());
            }
            Ok(Box::new(Opened(this.clone(), inside.topic.clone())) as Box<dyn Log>)
        };
        SpooledLog::open(Arc::new(disk.clone()), dir(), options, Box::new(connect))
    }
}

struct Opened(Elsewhere, TopicName);

impl Log for Opened {
    fn append(&self, key: u64, payload: Bytes) -> Result<Ack, LogError> {
        let mut inside = self.0.0.lock().unwrap();
        let (done, answer) = oneshot::channel();
        let number = u64::from_le_bytes(payload[..8].try_into().unwrap());
        if payload.len() > inside.max_bytes {
            return Err(LogError::TooLarge { bytes: payload.len(), limit_bytes: inside.max_bytes });
        }
        let (takes, tells) = match inside.mood {
            Mood::Well => (true, Some(true)),
            Mood::Away => (false, Some(false)),
            Mood::Silent => (false, None),
            Mood::Odd => match inside.random.below(8) {
                0 => return Err(unreachable()),
                1 => (false, Some(false)),
                2 => (true, Some(false)),
                _ => (true, Some(true)),
            },
        };
        if takes {
            inside.taken.push((key, number));
        }
        let position = Position { partition: self.partition_of(key), offset: inside.taken.len() as u64 };
        match tells {
            None => inside.held.push(done),
            Some(true) => drop(done.send(Ok(position))),
            Some(false) => drop(done.send(Err(unreachable()))),
        }
        Ok(Ack::new(answer))
    }

    fn partitions(&self) -> u32 {
        3
    }

    fn topic(&self) -> Option<&TopicName> {
        Some(&self.1)
    }

    fn max_record_bytes(&self) -> usize {
        self.0.0.lock().unwrap().max_bytes
    }

    fn read(&self, _: u32, _: u64, _: usize) -> Result<Vec<Record>, LogError> {
        Ok(Vec::new())
    }

    fn wait(&self, _: u32, _: u64, _: Duration) -> bool {
        false
    }

    fn ends(&self) -> Vec<Position> {
        (0..3).map(|partition| Position { partition, offset: 0 }).collect()
    }

    fn drop_before(&self, _: Position) -> Result<(), LogError> {
        Ok(())
    }

    fn rotate(&self) -> Result<(), LogError> {
        Ok(())
    }

    fn size_bytes(&self) -> u64 {
        0
    }

    fn health(&self) -> Result<(), LogError> {
        if self.0.0.lock().unwrap().mood == Mood::Away { Err(unreachable()) } else { Ok(()) }
    }
}

fn options() -> SpoolOptions {
    SpoolOptions { log: small(), retry: Duration::from_millis(5), ..SpoolOptions::default() }
}

fn send(log: &SpooledLog, key: u64, number: u64) -> Result<Position, LogError> {
    log.append(key, Bytes::copy_from_slice(&number.to_le_bytes()))?.wait()
}

fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn is_drained(log: &SpooledLog) -> bool {
    let spooled = log.spooled().unwrap();
    (spooled.records, spooled.problem) == (0, None)
}

/// Waits until what is appended goes straight to the log.
fn wait_until_straight(log: &SpooledLog, key: u64, next: &mut u64) {
    wait_for("nothing goes to the spool any more", || is_drained(log));
    let until = Instant::now() + PATIENCE;
    loop {
        *next += 1;
        if send(log, key, *next).unwrap().partition != SPOOLED {
            return;
        }
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn records_wait_in_the_spool_while_the_log_is_away() {
    let (disk, elsewhere) = (FaultyDisk::new(), Elsewhere::new("a"));
    let log = elsewhere.open(&disk, options()).unwrap();
    assert_eq!((log.partitions(), log.is_shared(), log.topic().unwrap().id.as_str()), (3, true, "a"));
    assert_eq!(send(&log, 1, 0).unwrap().partition, log.partition_of(1));
    let bytes = log.spooled().unwrap().bytes;
    elsewhere.be(Mood::Away);
    for number in 1..500 {
        assert_eq!(send(&log, number % 7, number).unwrap().partition, SPOOLED);
    }
    let spooled = log.spooled().unwrap();
    assert_eq!((spooled.records, log.health().is_ok()), (499, true));
    assert!(spooled.problem.unwrap().contains("as the test wants it") && spooled.bytes > bytes);
    // Back again, it gets what waits before anything else.
    elsewhere.be(Mood::Well);
    let mut next = 10_000;
    wait_until_straight(&log, 1, &mut next);
    let taken = elsewhere.taken();
    assert!(taken.values().all(|numbers| numbers.is_sorted()), "{taken:?}");
    assert_eq!(taken.values().map(Vec::len).sum::<usize>() as u64, 500 + next - 10_000);
    wait_for("the spool's files are gone", || log.spooled().unwrap().bytes < 200);
}

#[test]
fn what_is_on_its_way_comes_before_what_follows() {
    let (disk, elsewhere) = (FaultyDisk::new(), Elsewhere::new("a"));
    let log = elsewhere.open(&disk, options()).unwrap();
    elsewhere.be(Mood::Silent);
    let append = |number: u64| log.append(5, Bytes::copy_from_slice(&number.to_le_bytes())).unwrap();
    let acks: Vec<_> = (0..20).map(append).collect();
    elsewhere.be(Mood::Away);
    // Nobody has been told that those before it failed.
    assert_eq!(append(20).wait().unwrap().partition, SPOOLED);
    let held = std::mem::take(&mut elsewhere.0.lock().unwrap().held);
    held.into_iter().for_each(|done| drop(done.send(Err(unreachable()))));
    for ack in acks {
        assert_eq!(ack.wait().unwrap().partition, SPOOLED);
    }
    elsewhere.be(Mood::Well);
    wait_for("all is forwarded", || is_drained(&log));
    assert_eq!(elsewhere.taken()[&5], (0..=20).collect::<Vec<_>>());
    // One whose answer nobody waits for is forgotten.
    drop(append(21));
    assert!(is_drained(&log));
}

#[test]
fn nothing_is_lost_or_overtaken_whatever_the_log_does() {
    let (disk, elsewhere) = (FaultyDisk::new(), Elsewhere::new("a"));
    let (log, stop) = (&elsewhere.open(&disk, options()).unwrap(), &AtomicBool::new(false));
    let sent: Vec<u64> = thread::scope(|scope| {
        let client = |key| {
            scope.spawn(move || {
                let mut number = 0;
                while !stop.load(SeqCst) {
                    send(log, key, number).unwrap();
                    number += 1;
                    thread::sleep(Duration::from_micros(300));
                }
                number
            })
        };
        let clients: Vec<_> = (0..4).map(client).collect();
        for round in 0..60 {
            elsewhere.be([Mood::Well, Mood::Odd, Mood::Away][round % 3]);
            thread::sleep(Duration::from_millis(25));
        }
        elsewhere.be(Mood::Well);
        wait_for("all is forwarded under load", || log.spooled().unwrap().problem.is_none());
        stop.store(true, SeqCst);
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    wait_for("all is forwarded", || is_drained(log));
    let taken = elsewhere.taken();
    for (key, sent) in sent.iter().enumerate() {
        assert!(*sent > 50, "{sent}");
        assert_eq!(taken[&(key as u64)], (0..*sent).collect::<Vec<_>>(), "key {key}");
    }
}

#[test]
fn a_crash_at_any_point_loses_nothing() {
    for seed in 0..60 {
        let (disk, elsewhere) = (FaultyDisk::new(), Elsewhere::new("a"));
        let log = elsewhere.open(&disk, options()).unwrap();
        elsewhere.be(Mood::Away);
        (0..200).for_each(|number| assert!(send(&log, number % 3, number).is_ok()));
        elsewhere.be(if seed % 2 == 0 { Mood::Well } else { Mood::Odd });
        // In the middle of forwarding, or after it.
        wait_for("some is forwarded", || elsewhere.count() as u64 > seed * 3);
        let cut = disk.power_cut(seed);
        // The one that was cut off does nothing more.
        drop(log);
        elsewhere.be(Mood::Away);
        let log = elsewhere.open(&cut, options()).unwrap();
        assert_eq!(send(&log, 0, 1_000).unwrap().partition, SPOOLED, "it starts while the log is away");
        assert_eq!((log.partitions(), log.ends().len()), (3, 3));
        assert!(!log.wait(0, 0, Duration::from_millis(1)) && log.read(0, 0, 1).unwrap().is_empty());
        elsewhere.be(Mood::Well);
        wait_for("all is forwarded", || is_drained(&log));
        let taken = elsewhere.taken();
        for key in 0..3 {
            let mut wanted: Vec<_> = (0..200).filter(|number| number % 3 == key).collect();
            wanted.extend((key == 0).then_some(1_000));
            assert_eq!(taken[&key], wanted, "seed {seed}");
        }
    }
}

#[test]
fn a_spool_is_of_one_topic_and_must_be_whole() {
    let (disk, elsewhere) = (FaultyDisk::new(), Elsewhere::new("a"));
    elsewhere.be(Mood::Away);
    // A log that was never reached is not known.
    assert!(matches!(elsewhere.open(&disk, options()), Err(LogError::Unreachable { .. })));
    elsewhere.be(Mood::Well);
    let log = elsewhere.open(&disk, options()).unwrap();
    elsewhere.be(Mood::Away);
    (0..9).for_each(|number| assert!(send(&log, 1, number).is_ok()));
    drop(log);
    let waiting = |disk: &FaultyDisk| SpooledLog::waiting(Arc::new(disk.clone()), dir());
    assert_eq!((waiting(&disk).unwrap(), waiting(&FaultyDisk::new()).unwrap()), (9, 0));
    let refused = Elsewhere::new("b").open(&disk, options()).err().unwrap();
    assert!(refused.to_string().contains("is of another one, which was fake://a with 3 partitions"), "{refused}");
    // Reached later, it is held against the spool as well; what is acknowledged stays.
    let log = elsewhere.open(&disk, options()).unwrap();
    elsewhere.0.lock().unwrap().topic.id = "b".to_owned();
    elsewhere.be(Mood::Well);
    wait_for("it is told", || matches!(log.health(), Err(LogError::Topic { .. })));
    assert_eq!((log.spooled().unwrap().records, elsewhere.count()), (9, 0));
    elsewhere.0.lock().unwrap().topic.id = "a".to_owned();
    wait_for("all is forwarded", || is_drained(&log) && log.health().is_ok());
    assert_eq!(elsewhere.taken()[&1], (0..9).collect::<Vec<_>>());
    drop(log);
    // Without the records beside it, nobody knows what new ones are.
    let files = dir().join("log");
    disk.list(&files).unwrap().iter().for_each(|name| disk.remove(&files.join(name)).unwrap());
    assert!(matches!(elsewhere.open(&disk, options()), Err(LogError::Damage { .. })));
}

#[test]
fn a_spool_is_bounded() {
    let (disk, elsewhere) = (FaultyDisk::new(), Elsewhere::new("a"));
    let log = elsewhere.open(&disk, SpoolOptions { limit_bytes: 20_000, ..options() }).unwrap();
    elsewhere.be(Mood::Away);
    let refused = (0..10_000).find_map(|number| send(&log, number % 5, number).err().map(|error| (number, error)));
    let (taken, error) = refused.unwrap();
    assert!(matches!(error, LogError::Busy { limit_bytes: 20_000, .. }) && taken > 100, "{taken} {error}");
    assert!(matches!(log.health(), Err(LogError::Unreachable { .. })));
    let large = log.append(1, Bytes::from(vec![0; 1_001]));
    assert!(matches!(large, Err(LogError::TooLarge { limit_bytes: 1_000, .. })));
    elsewhere.be(Mood::Well);
    wait_for("all is forwarded", || is_drained(&log) && log.health().is_ok());
    assert_eq!(elsewhere.count() as u64, taken);
    // A disk that is full refuses as well, and what it took is kept.
    elsewhere.be(Mood::Away);
    disk.limit(Some(disk.used_bytes()));
    let full = (0..10_000).find_map(|number| send(&log, 9, number).err()).unwrap();
    assert!(matches!(full, LogError::Full { .. }), "{full}");
    assert!(matches!(log.health(), Err(LogError::Full { .. })));
    disk.limit(None);
    send(&log, 9, 10_000).unwrap();
    elsewhere.be(Mood::Well);
    wait_for("all is forwarded", || is_drained(&log));
    assert_eq!(elsewhere.taken()[&9].last(), Some(&10_000));
}

#[test]
fn a_record_that_the_topic_has_become_too_small_for_waits() {
    let (disk, elsewhere) = (FaultyDisk::new(), Elsewhere::new("a"));
    let log = elsewhere.open(&disk, SpoolOptions { log: LogOptions::default(), ..options() }).unwrap();
    elsewhere.be(Mood::Away);
    send(&log, 1, 1).unwrap();
    elsewhere.0.lock().unwrap().max_bytes = 4;
    elsewhere.be(Mood::Well);
    wait_for("it is told", || log.health().is_err());
    let told = log.health().unwrap_err().to_string();
    assert!(told.contains("raise its max.message.bytes"), "{told}");
    elsewhere.0.lock().unwrap().max_bytes = 1_000;
    wait_for("all is forwarded", || is_drained(&log) && log.health().is_ok());
    assert_eq!(elsewhere.taken()[&1], [1]);
}
