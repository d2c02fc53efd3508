//! A question that is cancelled stops at once, wherever its threads are.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use cairn_analysis::{
    Budget, Cancel, GroupId, Groups, Kernel, Limits, Question, Rows, Stopped, Store, StoreError, TimeRange, Wanted,
};
use cairn_model::{BatchWriter, Event, EventKind, Message, Position, Predicate, ProjectId};
use cairn_testkit::disk::FaultyDisk;

use super::Scans;
use crate::{EmbeddedStore, StoreOptions, answer::Asked};

/// Counts its pushes, and cancels the question at one of them.
struct Cancelling {
    pushes: AtomicUsize,
    cancel_at: usize,
    cancel: Cancel,
    needs_users: bool,
}

impl Kernel for Cancelling {
    type Partial = ();
    type Output = ();

    fn init(&self) {}

    fn needs_users(&self) -> bool {
        self.needs_users
    }

    fn push(&self, (): &mut (), _: &Rows<'_>) {
        if self.pushes.fetch_add(1, Relaxed) + 1 == self.cancel_at {
            self.cancel.cancel();
        }
    }

    fn close(&self, (): &mut (), _: u32, _: GroupId) {}

    fn merge(&self, (): &mut (), (): ()) {}

    fn finish(&self, (): (), _: &Budget) -> Result<(), Stopped> {
        Ok(())
    }
}

fn project() -> ProjectId {
    ProjectId::new(1).unwrap()
}

/// So many events each of so many users, in a part, then the same in the tail.
fn store(users: u64, events: u64) -> EmbeddedStore {
    let options = StoreOptions { tail_rows: usize::MAX, ..StoreOptions::default() };
    let store = EmbeddedStore::open(Arc::new(FaultyDisk::new()), Path::new("/data/store"), options).unwrap();
    for offset in 0..2 {
        let mut batch = BatchWriter::new(project());
        for (user, at) in (1..=users).flat_map(|user| (0..events).map(move |at| (user, at))) {
            let id = 1 + (offset * users * events + user * events + at);
            let event = Event::new(user, id, 1_000 + (offset * events + at) as i64, EventKind::Pageview);
            batch.push(&Message::Event(event));
        }
        store.apply(Position { partition: 0, offset }, &batch.finish()).unwrap();
        if offset == 0 {
            store.flush().unwrap();
        }
    }
    store
}

/// How many pushes there are if the question is cancelled at one of them.
fn pushes(store: &EmbeddedStore, cancel_at: usize, needs_users: bool) -> (usize, Result<(), StoreError>) {
    let (groups, cancel, every) = (Groups::default(), Cancel::default(), Predicate::every());
    let range = TimeRange { from: 0, to: i64::MAX };
    let question = Question { predicates: vec![&every], range, wanted: Wanted::keys(&[], &groups) };
    let budget = Budget::new(Limits::default(), cancel.clone());
    let (project, positions) = store.instant(project());
    let asked = Asked { project: &project, positions: &positions, budget: &budget };
    let snapshot = store.snapshot(asked, &question).unwrap();
    let kernel = Cancelling { pushes: AtomicUsize::new(0), cancel_at, cancel, needs_users };
    let result = Scans::new(&snapshot, &kernel).and_then(|scans| scans.run(&kernel));
    (kernel.pushes.into_inner(), result)
}

#[test]
fn threads_of_a_cancelled_question_push_no_more() {
    // Each thread may be at a push, and one more was perhaps on its way.
    let slack = 4 * rayon::current_num_threads();
    for (users, events, needs_users, cancel_at) in
        [(3_000, 20, true, 1_000), (3_000, 20, false, 20), (1, 60_000, true, 20), (40, 1_500, true, 30)]
    {
        let store = store(users, events);
        let (all, whole) = pushes(&store, usize::MAX, needs_users);
        whole.unwrap();
        let (some, stopped) = pushes(&store, cancel_at, needs_users);
        assert!(matches!(stopped, Err(StoreError::Stopped(Stopped::Cancelled))), "{stopped:?}");
        let what = format!("{some} of {all} pushes for {users} users, cancelled at {cancel_at}");
        assert!(cancel_at <= some && some <= cancel_at + slack && some < all, "{what}");
    }
}
