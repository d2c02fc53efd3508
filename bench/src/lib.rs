//! What the benchmarks share: a realistic data set, load over HTTP, and child processes whose costs are read from the system.
//!
//! ```
//! use cairn_bench::data::{Events, IdOrder, START_MS, Spec, World};
//!
//! let world = World::new(7);
//! let spec = Spec { events: 1_000, seed: 7, ids: IdOrder::Time, hostile: false, start_ms: START_MS };
//! let events: Vec<_> = Events::new(&world, spec).collect();
//! assert_eq!(events.len(), 1_000);
//! assert!(events.is_sorted_by_key(|event| event.time_ms));
//! ```
//!
//! The programs are in `src/bin`: `generate` writes the data set as Parquet, `capture` and `import` measure (`make
//! bench-capture`, `make bench-import`), `yardstick` is the server that `capture` compares with, `ask` answers questions from a
//! data folder in its own process for `make bench-compare`, `live` measures capture and questions side by side (`make
//! bench-live`). `benches/micro` has the inner loops (`make bench`).

pub mod capture;
pub mod data;
pub mod postgres;
pub mod process;
pub mod random;
pub mod stats;
