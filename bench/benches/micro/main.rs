//! The inner loops that most of a question's or a capture's time goes to: `make bench`.
#![allow(clippy::unwrap_used, missing_docs)]

mod capture;
mod questions;
mod store;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn short() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(30)
}

criterion_group! {
    name = micro;
    config = short();
    targets = store::packed_columns, questions::selectors, questions::funnels, capture::parsing, capture::appending
}
criterion_main!(micro);
