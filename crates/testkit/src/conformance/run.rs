//! Many cases of one kind, on all cores, until one differs.

use std::{
    cell::{Cell, RefCell},
    sync::Mutex,
    thread,
};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use cairn_analysis::Body;

use super::{
    Case, Subject,
    case::{self, body},
    cells,
};

/// What came of the cases.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) cases: u32,
    /// How many of the answers count something.
    pub(super) counting: u32,
    /// How many numbers had as many people behind them as they say.
    pub(super) opened: u32,
    /// The smallest case found in which store and oracle differ.
    pub(super) differ: Option<String>,
}

/// Asks at least `cases` questions of a kind.
pub(super) fn run(subject: &impl Subject, kind: usize, cases: u32, seed: u32, faulty: bool) -> Found {
    // A fault is looked for on one thread, so that how many cases it took means something.
    let threads = if faulty { 1 } else { thread::available_parallelism().map_or(1, |threads| threads.get() as u32) };
    let all = Mutex::new(Found::default());
    thread::scope(|scope| {
        for number in 0..threads {
            let all = &all;
            scope.spawn(move || {
                let found = one_thread(subject, kind, cases.div_ceil(threads), (seed, number), faulty);
                let mut all = all.lock().unwrap();
                all.cases += found.cases;
                all.counting += found.counting;
                all.opened += found.opened;
                all.differ = all.differ.take().or(found.differ);
            });
        }
    });
    all.into_inner().unwrap()
}

fn one_thread(subject: &impl Subject, kind: usize, cases: u32, (seed, number): (u32, u32), faulty: bool) -> Found {
    let config = Config {
        cases: cases.div_ceil(4),
        failure_persistence: None,
        // A fault need not be made small.
        max_shrink_iters: if faulty { 0 } else { subject.shrinks() },
        ..Config::default()
    };
    let mut bytes = [0; 32];
    for (at, word) in [seed, number, kind as u32].iter().enumerate() {
        bytes[4 * at..4 * at + 4].copy_from_slice(&word.to_le_bytes());
    }
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let (asked, counting, opened, failed) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(false));
    let report = RefCell::new(None);
    // Once one has failed, the others only make it smaller.
    let outcome = runner.run(&case::case(kind, subject.shapes()), |case| {
        let difference = look(subject, &case, faulty, |counts, people| {
            if !failed.get() {
                asked.set(asked.get() + 1);
                counting.set(counting.get() + u32::from(counts));
                opened.set(opened.get() + people);
            }
        });
        let Some(difference) = difference else { return Ok(()) };
        failed.set(true);
        *report.borrow_mut() = Some(difference);
        Err(TestCaseError::fail("they differ"))
    });
    // A case that panics has no report.
    let differ = report.into_inner().or_else(|| outcome.err().map(|error| error.to_string()));
    Found { cases: asked.get(), counting: counting.get(), opened: opened.get(), differ }
}

/// Asks all questions of a case; tells `see` of each answer whether it counts something, and how many of its numbers were
/// opened. What differs, if anything does.
fn look<S: Subject>(subject: &S, case: &Case<S::Shape>, faulty: bool, see: impl Fn(bool, u32)) -> Option<String> {
    let plans = case.plans();
    let (store, oracle) = (subject.store(case, &plans, faulty), case.oracle());
    for (at, plan) in plans.iter().enumerate() {
        let (got, expected) = (body(&*store, case.project, plan), oracle.answer(plan));
        if got != expected {
            see(case::counts(&expected), 0);
            return Some(case.report(at, &got, &expected));
        }
        let cells = cells::of(&case.queries[at].0, &got);
        see(case::counts(&expected), cells.len() as u32);
        for (cell, number) in cells.into_iter().filter(|_| !faulty) {
            let people = case.people(at, cell);
            let behind = body(&*store, case.project, &people);
            // Of sessions, several can be of one user.
            let users = case.of_sessions(at).then(|| case::users_behind(&oracle, &people));
            let is_right = |total: u64| number.is_of(total) && users.is_none_or(|users| users == total);
            if !matches!(&behind, Body::Users(list) if is_right(list.total) && list.users.len() as u64 == list.total) {
                return Some(case.report(at, &behind, &got));
            }
        }
    }
    None
}
