//! The commit log: what it has acknowledged is on the disk and stays readable.
//!
//! The log knows bytes and positions, no events. [`Log`] is the trait that capture and the store use;
//! [`EmbeddedLog`] keeps it in files beside the store, [`KafkaLog`] in a topic of Kafka's, which several servers
//! share; [`SpooledLog`] puts the one in front of the other, for when Kafka is away. The files are drawn byte by byte in docs/format.md.
//!
//! ```
//! use std::sync::Arc;
//! use bytes::Bytes;
//! use cairn_commitlog::{Disk, EmbeddedLog, Log, LogOptions};
//!
//! # let dir = tempfile::tempdir()?;
//! # let dir = dir.path().join("log");
//! let log = EmbeddedLog::open(Arc::new(Disk), &dir, LogOptions::default())?;
//! let position = log.append(7, Bytes::from_static(b"a message"))?.wait()?; // durable from here on
//! let records = log.read(position.partition, position.offset, 1 << 20)?;
//! assert_eq!(records[0].payload, &b"a message"[..]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod embedded;
mod error;
pub mod kafka;
mod log;
mod spool;
pub mod storage;

pub use embedded::{EmbeddedLog, Faults, LogOptions};
pub use error::LogError;
pub use kafka::{KafkaAddress, KafkaLog, KafkaOptions};
pub use log::{Ack, Log, Position, Record, TopicName};
pub use spool::{Connect, SPOOLED, SpoolOptions, Spooled, SpooledLog};
pub use storage::{Disk, OpenMode, Storage, StorageFile};
