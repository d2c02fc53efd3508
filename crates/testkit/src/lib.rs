//! What tests share: the naive oracle, generators of histories and questions, what holds any store against them, a disk that
//! fails, a private PostgreSQL and a private Kafka. Only ever a dev-dependency.

pub mod catalog;
pub mod conformance;
pub mod disk;
pub mod examples;
pub mod generate;
pub mod history;
pub mod kafka;
pub mod oracle;
pub mod postgres;
