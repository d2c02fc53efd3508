//! From JSON to messages: the one place where what senders say is checked.
//!
//! A body is read in one pass without intermediate values, and strings are borrowed from it. Only where it is not JSON, or
//! holds text that is no text, are its messages looked at one by one, so that the good ones are kept.

mod draft;
mod flatten;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use draft::{Draft, check_chain, check_chain_value, check_properties, too_many_properties};

use crate::{Reason, Refusal, TimeMs};

/// A body of `POST /ingest`.
#[derive(Debug)]
pub struct Body<'a> {
    /// When the sender says that it sent the body, by its own clock.
    pub sent_at: Option<TimeMs>,
    /// The messages as they stand, or why one cannot be read.
    pub messages: Vec<Result<Draft<'a>, Refusal>>,
}

#[derive(Deserialize)]
struct Quick<'a> {
    #[serde(default)]
    sent_at: Option<f64>,
    #[serde(borrow)]
    messages: Vec<Draft<'a>>,
}

#[derive(Deserialize)]
struct Careful<'a> {
    #[serde(default)]
    sent_at: Option<f64>,
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
}

/// Reads a body. An error refuses it whole: it is not JSON, or has no list `messages`.
pub fn parse_body(body: &[u8]) -> Result<Body<'_>, Refusal> {
    // Once for the whole is faster than for each string.
    let text = std::str::from_utf8(body).map_err(|_| Refusal::new(Reason::Json, "the body is not UTF-8"))?;
    if let Ok(quick) = serde_json::from_str::<Quick<'_>>(text) {
        return Ok(Body { sent_at: instant(quick.sent_at), messages: quick.messages.into_iter().map(Ok).collect() });
    }
    let careful = serde_json::from_str::<Careful<'_>>(text).map_err(|error| {
        let shape = r#"a body is {"messages": [...]}"#;
        Refusal::new(Reason::Json, format!("the body cannot be read: {error}; {shape}"))
    })?;
    let messages = careful.messages.into_iter().map(|raw| parse_message(raw.get())).collect();
    Ok(Body { sent_at: instant(careful.sent_at), messages })
}

/// Reads one message, as of a line of JSON.
pub fn parse_message(json: &str) -> Result<Draft<'_>, Refusal> {
    serde_json::from_str::<Draft<'_>>(json).map_err(|error| {
        let text = error.to_string();
        if text.contains("surrogate") || text.contains("end of hex escape") || text.contains("unicode code point") {
            Refusal::new(Reason::Text, "it holds a lone surrogate, which is not text")
        } else if text.contains("recursion limit") {
            Refusal::new(Reason::Depth, format!("it is nested more than {} deep", crate::limits::DEPTH))
        } else {
            Refusal::new(Reason::Json, format!("it is not a message: {text}"))
        }
    })
}

fn instant(millis: Option<f64>) -> Option<TimeMs> {
    millis.filter(|ms| ms.abs() < 1e15).map(|ms| TimeMs(ms as i64))
}

impl<'de: 'a, 'a> Deserialize<'de> for Draft<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(draft::DraftVisitor)
    }
}
