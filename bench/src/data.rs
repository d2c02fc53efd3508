//! The data set: believable history of a site, the same for the same seed.
//!
//! N events of N/100 users over 90 days, in order of time. Activity is Zipf-Mandelbrot; sessions have 10 events on average,
//! and some of a user's overlap. Types: pageview 35, click 40, change 13, submit 5, session 5, custom 2 %. 2,000 paths with
//! their titles, 8,000 element chains (60 to 250 bytes) with their 5,000 texts and 3,000 links, tied to the page; referrer and
//! campaign mostly missing; browser (40), device, country (120), region (800) and city (3,000) of the user, one in
//! twenty of whom travels; `plan` on 2 % and `amount` on 1 %. No two events of a user share a millisecond.
//! Every user has a handle and properties.
//!
//! The hostile set is that and more: half of the paths and queries unique, 200 custom properties, a user with 1 % of all
//! events, and 8 % of the events up to 60 days late, so that the order of arrival is not the order of time.

mod chains;
mod events;
mod hostile;
mod model;
mod parquet;
mod users;
mod words;
mod world;

pub use events::{DAYS_MS, Event, Events, IdOrder, START_MS, Spec};
pub use parquet::write_parquet;
pub use users::write_users;
pub use world::{World, code};

/// The types in their order as codes.
pub const TYPES: [&str; 6] = ["session", "pageview", "click", "change", "submit", "custom"];
