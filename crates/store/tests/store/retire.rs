//! Indexes that no question uses are removed, and come back with the first that does.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use cairn_analysis::{GraphAnswer, Query, Store};
use cairn_commitlog::Storage;
use cairn_model::{Event, EventKind, Message, Predicate, TimeMs, Value};
use cairn_store::{EmbeddedStore, StoreClock, StoreFaults, StoreOptions};
use cairn_testkit::disk::FaultyDisk;

use crate::common::{at, batch, graph, open, plan, project};

const DAY: i64 = 86_400_000;
const START: i64 = 1_800_000_000_000;

struct Scene {
    disk: FaultyDisk,
    clock: Arc<AtomicI64>,
}

impl Scene {
    fn open(&self) -> EmbeddedStore {
        let clock = self.clock.clone();
        let store = open(
            &self.disk,
            StoreOptions {
                index_retire_ms: 30 * DAY,
                clock: StoreClock::new(move || TimeMs(clock.load(SeqCst))),
                faults: StoreFaults { index_everything: true, ..StoreFaults::default() },
                ..StoreOptions::default()
            },
        );
        store.index(project(), vec![predicate(0), predicate(1)]);
        store
    }

    fn pass(&self, days: i64) {
        self.clock.fetch_add(days * DAY, SeqCst);
    }

    fn indexes(&self) -> usize {
        self.disk.list(Path::new("/data/store/indexes")).unwrap_or_default().len()
    }
}

fn predicate(n: u64) -> Predicate {
    Predicate::from_json(&serde_json::json!({"property": "path", "is": format!("/{n}")})).unwrap()
}

fn ask(store: &EmbeddedStore, n: u64) -> GraphAnswer {
    let query = serde_json::json!({"graph": {"event": predicate(n).to_json(), "measure": "count",
        "from": 1_690_000_000_000_i64, "to": 1_710_000_000_000_i64, "interval": "month"}});
    match serde_json::from_value(query).unwrap() {
        Query::Graph(query) => graph(store, &plan(&query, "UTC")),
        other => panic!("{other:?} is no graph"),
    }
}

fn event(id: u64) -> Message<'static> {
    let mut event = Event::new(1 + id % 3, id, 1_700_000_000_000 + id as i64, EventKind::Click);
    event.properties.set("path", Value::from(format!("/{}", id % 7)));
    Message::Event(event)
}

#[test]
fn an_index_that_is_not_used_is_removed_and_comes_back_when_it_is() {
    let scene = Scene { disk: FaultyDisk::new(), clock: Arc::new(AtomicI64::new(START)) };
    let store = scene.open();
    store.apply(at(0, 0), &batch(&(1..=400).map(event).collect::<Vec<_>>())).unwrap();
    store.settle().unwrap();
    assert_eq!(scene.indexes(), 2);
    let whole = [ask(&store, 0), ask(&store, 1)];
    store.settle().unwrap();

    // One goes on being used, the other is not; a restart forgets nothing.
    scene.pass(20);
    assert_eq!(ask(&store, 1), whole[1]);
    store.settle().unwrap();
    drop(store);
    let store = scene.open();
    scene.pass(9);
    store.settle().unwrap();
    assert_eq!(scene.indexes(), 2, "29 days");
    scene.pass(3);
    store.settle().unwrap();
    assert_eq!(scene.indexes(), 1, "32 days, and 12 for the other");

    // Retired after a restart, too; the first question scans, and has it built again.
    drop(store);
    let store = scene.open();
    store.settle().unwrap();
    assert_eq!(scene.indexes(), 1);
    assert_eq!(ask(&store, 0), whole[0]);
    let until = Instant::now() + Duration::from_secs(20);
    while scene.indexes() < 2 {
        assert!(Instant::now() < until, "it is not built again");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!([ask(&store, 0), ask(&store, 1)], whole);

    // Without the file of times, everything counts as used just now.
    scene.pass(40);
    drop(store);
    scene.disk.remove(Path::new("/data/store/USED")).unwrap();
    let store = scene.open();
    store.settle().unwrap();
    assert_eq!(scene.indexes(), 2);
    assert_eq!([ask(&store, 0), ask(&store, 1)], whole);
}
