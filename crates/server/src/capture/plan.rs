//! What is to be done with a body: decided here, without clock, disk or network.

use cairn_model::{BatchWriter, ProjectId, PropertyOrder, Reason, Refusal, TimeMs, limits, parse};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::Masks;
use crate::enrich::Facts;

/// Messages of one request.
pub(crate) const MESSAGES_MAX: usize = 10_000;
/// A body with fewer commas than this cannot hold so many messages that reading them would need much memory.
const COMMAS_HARMLESS: usize = 100_000;

/// Whose request it is, and what is known about it.
pub(crate) struct Sender<'a> {
    pub(crate) project: ProjectId,
    pub(crate) now: TimeMs,
    pub(crate) facts: Facts<'a>,
    /// Whether it tells what happens now: then its clock is corrected, and its events are enriched.
    pub(crate) live: bool,
    /// Elements whose text is not kept.
    pub(crate) masks: Option<&'a Masks>,
}

/// What is to be done.
pub(crate) struct Planned {
    /// To be made durable.
    pub(crate) batch: BatchWriter,
    pub(crate) refused: Vec<Refused>,
}

/// A refused message, as its sender is told.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Refused {
    pub(crate) index: usize,
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

/// Reads a body. An error refuses it whole.
pub(crate) fn plan<'a>(body: &'a [u8], sender: Sender<'a>) -> Result<Planned, Refusal> {
    check_count(body)?;
    let parse::Body { sent_at, messages } = parse::parse_body(body)?;
    if messages.len() > MESSAGES_MAX {
        return Err(too_many());
    }
    let Sender { project, now, mut facts, live, masks } = sender;
    let shift_ms = if live { shift_ms(now, sent_at) } else { 0 };
    let (mut batch, mut refused, mut order) = (BatchWriter::new(project), Vec::new(), PropertyOrder::default());
    for (index, draft) in messages.into_iter().enumerate() {
        let finish = |mut draft: parse::Draft<'a>| {
            if let Some(masks) = masks {
                masks.apply(&mut draft);
            }
            if live {
                facts.add_to(&mut draft);
            }
            draft.finish_as(now, shift_ms, &mut order)
        };
        match draft.and_then(finish) {
            Ok(message) => batch.push(&message),
            Err(Refusal { reason, message }) => refused.push(Refused { index, reason, message }),
        }
    }
    Ok(Planned { batch, refused })
}

/// By how much a sender's times are wrong.
fn shift_ms(now: TimeMs, sent_at: Option<TimeMs>) -> i64 {
    let off = sent_at.map_or(0, |sent_at| now.0.saturating_sub(sent_at.0));
    if off.abs() > limits::CLOCK_SKEW_MS { off } else { 0 }
}

fn too_many() -> Refusal {
    Refusal::new(Reason::Size, format!("A request has at most {MESSAGES_MAX} messages; send smaller batches."))
}

/// Millions of empty messages fit into a body, and each takes a hundred times its bytes once read: where there may be so
/// many, they are counted first, in a pass that keeps nothing.
fn check_count(body: &[u8]) -> Result<(), Refusal> {
    let count = |byte: u8| body.iter().filter(|b| **b == byte).count();
    if body.len() < COMMAS_HARMLESS || (count(b'{') <= MESSAGES_MAX + 1 && count(b',') < COMMAS_HARMLESS) {
        return Ok(());
    }
    // What is wrong with the body otherwise is told by whoever reads it.
    match serde_json::from_slice::<Counted>(body) {
        Ok(Counted { messages }) if messages.0 > MESSAGES_MAX => Err(too_many()),
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
struct Counted {
    messages: Count,
}

struct Count(usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Count;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of messages")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
                let mut count = 0;
                while count <= MESSAGES_MAX && seq.next_element::<de::IgnoredAny>()?.is_some() {
                    count += 1;
                }
                while seq.next_element::<de::IgnoredAny>()?.is_some() {}
                Ok(Count(count))
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

#[cfg(test)]
mod tests;
