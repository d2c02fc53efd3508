//! The PostgreSQL extension `cairn`: Cairn's own matcher and analyses as SQL functions.
//!
//! What each function is called in SQL, and with which promises to the planner, is written by hand in `sql/`. A function here
//! has the name that SQL knows it by; its symbol ends in `_wrapper`. Panics unwind to pgrx, which makes errors of the query
//! out of them.

mod analyse;
mod arrays;
mod bytes;
mod cache;
mod error;
mod events;
mod funnel;
mod live;
mod matching;
mod sum;

pgrx::pg_module_magic!();
