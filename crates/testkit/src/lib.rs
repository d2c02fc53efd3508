//! What tests share: the naive oracle, generators of histories and questions, what holds any store against them, a disk that
//! fails, and a private PostgreSQL. Only ever a dev-dependency.

pub mod catalog;
pub mod conformance;
pub mod disk;
pub mod examples;
pub mod generate;
pub mod history;
pub mod oracle;
pub mod postgres;
