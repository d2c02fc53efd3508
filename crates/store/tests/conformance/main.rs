//! The store against the naive oracle: random histories, random questions of every kind, the same answers.
//!
//! `make conformance CASES=100000 SEED=7`; a case is one answer. The last line is `N cases, 0 differ`, or a case in which they
//! differ, as small as it could be made, comes before. Then deliberate faults are built into the kernels, one kind after the
//! other, and each must be noticed.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a program of its own, for tests only")]

mod case;
mod cells;
mod run;

use std::process::ExitCode;

use case::KINDS;

/// At least this share of a kind's answers must count something, or they prove little.
const SHARE_MIN: f64 = 0.7;
/// So many cases must be enough to notice a fault.
const FAULT_CASES: u32 = 1_000;

fn main() -> ExitCode {
    // `cargo test NAME` runs the tests of that name only.
    let mut names = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    if names.next().is_some_and(|name| !"conformance".contains(&name)) {
        return ExitCode::SUCCESS;
    }
    let (cases, seed) = (setting("CASES", 5_000), setting("SEED", 1));
    println!("{cases} cases, seed {seed}");
    let mut right = true;
    for (kind, name) in KINDS.iter().enumerate() {
        let found = run::run(kind, FAULT_CASES, seed, true);
        match found.differ {
            Some(_) => println!("a fault in the kernel of {name} was noticed within {} cases", found.cases),
            None => {
                println!("a fault in the kernel of {name} was not noticed in {} cases", found.cases);
                right = false;
            }
        }
    }
    let (mut all, mut differ) = (0, 0);
    for (kind, name) in KINDS.iter().enumerate() {
        let found = run::run(kind, cases / KINDS.len() as u32, seed, false);
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
    if right && differ == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
