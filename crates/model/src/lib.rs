//! What Cairn's data is: events, users, identity, predicates and limits.
//!
//! Types and pure functions only; nothing here reads a clock, a file or a socket. The rules are those of
//! `docs/semantics.md`.
//!
//! ```
//! use cairn_model::{Event, EventKind, Predicate, Value};
//!
//! let click: Predicate = serde_json::from_str(r#"{"all": [{"type": "click"}, {"property": "path", "is": "/cart"}]}"#)?;
//! let mut event = Event::new(1, 1, 1_700_000_000_000, EventKind::Click);
//! event.properties.set("path", Value::from("/cart"));
//! assert!(click.matches(&event, &|_| None));
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod chain;
mod codec;
mod condition;
mod definition;
mod event;
mod hash;
mod ids;
pub mod limits;
mod message;
mod order;
pub mod parse;
mod position;
mod predicate;
mod refusal;
pub mod selector;
mod user;
mod value;

/// What encodings are made of, ours and those of other crates.
pub mod bytes {
    pub use crate::codec::{Reader, put_bytes, put_varint};
}

pub use codec::{
    Batch, BatchWriter, BlockColumn, CodecError, EncodedProperty, EventBlock, EventColumns, EventHead, EventRow,
    PropertyColumn, RawMessage, decode_value, encode_value,
};
pub use condition::Condition;
pub use definition::Definition;
pub use event::{Event, EventKind, Properties};
pub use hash::StateHash;
pub use ids::{DashboardId, EventId, ProjectId, ReportId, TimeMs, UserId, canonical_user};
pub use message::Message;
pub use order::PropertyOrder;
pub use position::Position;
pub use predicate::{Predicate, PredicateError};
pub use refusal::{Reason, Refusal};
pub use user::UserState;
pub use value::Value;
