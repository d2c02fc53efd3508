//! A store against the naive oracle: random histories, random questions of every kind, the same answers.
//!
//! A store says how it gets a history, and in which shapes it can have it; the rest is here. With that, the examples worked by
//! hand ([`crate::examples`]) are asked of it, too.
//!
//! ```no_run
//! # use cairn_analysis::{Plan, Store};
//! # fn open(index: bool, wrong_kernels: bool) -> Box<dyn Store> { unimplemented!() }
//! use cairn_testkit::conformance::{self, Case, Subject};
//!
//! struct Mine;
//!
//! #[derive(Clone, Copy, Debug)]
//! enum Shape {
//!     AsItCame,
//!     Indexed,
//! }
//!
//! impl Subject for Mine {
//!     type Shape = Shape;
//!     type Store = Box<dyn Store>;
//!
//!     fn shapes(&self) -> Vec<Shape> {
//!         vec![Shape::AsItCame, Shape::Indexed]
//!     }
//!
//!     fn store(&self, case: &Case<Shape>, plans: &[Plan], faulty: bool) -> Box<dyn Store> {
//!         let store = open(matches!(case.shape, Shape::Indexed), faulty);
//!         store.index(case.project, plans.iter().flat_map(Plan::events).cloned().collect());
//!         for (position, payload) in case.records() {
//!             store.apply(position, &payload).unwrap();
//!         }
//!         store
//!     }
//! }
//!
//! // A test with `harness = false`: CASES and SEED are read from the environment.
//! fn main() -> std::process::ExitCode {
//!     conformance::main(|| Mine)
//! }
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for tests only, which prints what it found")]

mod case;
mod cells;
mod run;

use std::{fmt::Debug, ops::Deref, process::ExitCode};

use cairn_analysis::{Plan, Store};

pub use case::Case;
use case::KINDS;
pub(crate) use case::body;

/// At least this share of a kind's answers must count something, or they prove little.
const SHARE_MIN: f64 = 0.7;
/// So many cases must be enough to notice a fault.
const FAULT_CASES: u32 = 1_000;

/// A kind of store that is held against the oracle.
pub trait Subject: Sync {
    /// How a store can have a history: in which files, with which indexes.
    type Shape: Clone + Debug + 'static;
    /// A store, owned or shared. A project and a partition of the log are of one case only, so one store may have the histories of many;
    /// what is to be cleared away when a case is over, is when this is dropped.
    type Store: Deref<Target: Store>;

    /// All shapes.
    fn shapes(&self) -> Vec<Self::Shape>;

    /// A store that has all of the case's records, in its shape, for these questions. Its kernels count wrongly if `faulty`.
    fn store(&self, case: &Case<Self::Shape>, plans: &[Plan], faulty: bool) -> Self::Store;

    /// How many cases are enough unless CASES says how many.
    fn cases(&self) -> u32 {
        5_000
    }

    /// How many smaller cases are tried once one differs.
    fn shrinks(&self) -> u32 {
        20_000
    }
}

/// Asks CASES questions, drawn from SEED; a case is one answer. The last line is `N cases, 0 differ`, or a case in which they differ, as
/// small as it could be made, comes before. But first deliberate faults are built into the kernels, one kind after the other, and each must
/// be noticed.
pub fn main<S: Subject>(subject: impl FnOnce() -> S) -> ExitCode {
    // `cargo test NAME` runs the tests of that name only.
    let mut names = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    if names.next().is_some_and(|name| !"conformance".contains(&name)) {
        return ExitCode::SUCCESS;
    }
    let subject = subject();
    let (cases, seed) = (setting("CASES", subject.cases()), setting("SEED", 1));
    println!("{cases} cases, seed {seed}");
    let noticed = notices_faults(&subject, seed);
    let agrees = agrees(&subject, cases, seed);
    if noticed && agrees { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether a fault in each kernel is noticed.
fn notices_faults(subject: &impl Subject, seed: u32) -> bool {
    let mut noticed = true;
    for (kind, name) in KINDS.iter().enumerate() {
        let found = run::run(subject, kind, FAULT_CASES, seed, true);
        match found.differ {
            Some(_) => println!("a fault in the kernel of {name} was noticed within {} cases", found.cases),
            None => {
                println!("a fault in the kernel of {name} was not noticed in {} cases", found.cases);
                noticed = false;
            }
        }
    }
    noticed
}

/// Whether no answer differs, and enough of them count something.
fn agrees(subject: &impl Subject, cases: u32, seed: u32) -> bool {
    let (mut all, mut differ, mut right) = (0, 0, true);
    for (kind, name) in KINDS.iter().enumerate() {
        let found = run::run(subject, kind, cases / KINDS.len() as u32, seed, false);
        let share = f64::from(found.counting) / f64::from(found.cases.max(1));
        let opened = found.opened;
        println!(
            "{name}: {} answers, {:.0} % of them count something; {opened} numbers opened",
            found.cases,
            100.0 * share
        );
        right &= share >= SHARE_MIN;
        all += found.cases;
        if let Some(difference) = found.differ {
            println!("{difference}");
            differ += 1;
        }
    }
    println!("{all} cases, {differ} differ");
    right && differ == 0
}

fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
