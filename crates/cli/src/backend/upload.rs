//! Importing through a running server: bodies of limited size, sent again where the server was busy or away.

use std::{collections::HashMap, io::Write, thread, time::Duration};

use anyhow::{Context, anyhow, bail};
use cairn_model::{Event, EventKind, Message, Properties, Reason, Refusal, Value, limits};
use serde::{Deserialize, Serialize, Serializer};

use super::client::{Client, Reply, message_of};
use crate::import::{Place, Sink, Tally};

const MESSAGES_MAX: usize = 2_000;
/// Room for the body's own brackets.
const BODY_BYTES: usize = limits::BODY_BYTES - 64;
const TRIES: u32 = 9;

/// Sends messages to `POST /api/projects/{p}/import`.
pub(super) struct Upload<'c> {
    client: &'c Client,
    path: String,
    body: Vec<u8>,
    places: Vec<Place>,
}

/// The server's answer.
#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    refused: Vec<RefusedMessage>,
}

#[derive(Deserialize)]
struct RefusedMessage {
    index: usize,
    reason: String,
    message: String,
}

impl<'c> Upload<'c> {
    pub(super) fn new(client: &'c Client, path: String) -> Self {
        Self { client, path, body: Vec::new(), places: Vec::new() }
    }

    fn send(&mut self, tally: &mut Tally) -> anyhow::Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        self.body.extend_from_slice(b"]}");
        let reply = self.send_until_heard()?;
        let Ok(outcome) = serde_json::from_slice::<Outcome>(&reply.body) else {
            bail!("the server answered {} with something else; is it Cairn?", reply.status);
        };
        if reply.status != 200 && outcome.refused.is_empty() {
            let told = message_of(&reply.body).unwrap_or_else(|| anyhow!("the server answered {}", reply.status));
            return Err(told).context("the import stopped; run it again when this is solved, nothing counts twice");
        }
        let mut told = HashMap::new();
        for refused in outcome.refused {
            told.entry(refused.index).or_insert((refused.reason, refused.message));
        }
        for (index, (reason, message)) in told {
            let Some(place) = self.places.get(index) else { continue };
            let reason = Reason::ALL.into_iter().find(|known| known.name() == reason).unwrap_or(Reason::Json);
            tally.refuse_after_all(*place, &Refusal::new(reason, message));
        }
        self.body.clear();
        self.places.clear();
        Ok(())
    }

    fn send_until_heard(&self) -> anyhow::Result<Reply> {
        let mut wait = Duration::from_millis(250);
        for attempt in 1.. {
            let reply = self.client.post_bytes(&self.path, &self.body);
            let pause = match &reply {
                Ok(reply) if matches!(reply.status, 429 | 500 | 502..=504) => reply.retry_after.unwrap_or(wait),
                Ok(_) => return reply,
                Err(_) => wait,
            };
            if attempt >= TRIES {
                let told = reply.and_then(|reply| {
                    Err(message_of(&reply.body).unwrap_or_else(|| anyhow!("the server answered {}", reply.status)))
                });
                return told.context("the import stopped; run it again when the server is well, nothing counts twice");
            }
            thread::sleep(pause.min(Duration::from_secs(30)));
            wait *= 2;
        }
        unreachable!("the loop ends by returning")
    }
}

impl Sink for Upload<'_> {
    fn push(&mut self, message: &Message<'_>, place: Place, tally: &mut Tally) -> anyhow::Result<()> {
        let before = self.body.len();
        self.open();
        serde_json::to_writer(&mut self.body, &Wire::of(message)?)?;
        if self.body.len() > BODY_BYTES || self.places.len() >= MESSAGES_MAX {
            // The message that does not fit begins the next body.
            self.body.truncate(before);
            self.send(tally)?;
            self.open();
            serde_json::to_writer(&mut self.body, &Wire::of(message)?)?;
            if self.body.len() > BODY_BYTES {
                self.body.clear();
                tally.refuse_after_all(place, &Refusal::new(Reason::Size, "it has more than 1 MB as JSON"));
                return Ok(());
            }
        }
        self.places.push(place);
        Ok(())
    }

    fn finish(&mut self, tally: &mut Tally) -> anyhow::Result<()> {
        self.send(tally)
    }
}

impl Upload<'_> {
    fn open(&mut self) {
        let front: &[u8] = if self.places.is_empty() { br#"{"messages":["# } else { b"," };
        // Writing to memory cannot fail.
        let _ = self.body.write_all(front);
    }
}

/// A message as capture takes it (docs/api.md).
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Wire<'m> {
    Identify {
        user_id: String,
        handle: &'m str,
        time: i64,
    },
    UserProperties {
        user_id: String,
        time: i64,
        set: &'m Properties<'m>,
        set_once: &'m Properties<'m>,
    },
    #[serde(untagged)]
    Event(WireEvent<'m>),
}

#[derive(Serialize)]
struct WireEvent<'m> {
    #[serde(rename = "type")]
    kind: EventKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'m str>,
    user_id: String,
    event_id: String,
    time: i64,
    properties: Nameless<'m>,
}

/// Properties but for `name`, where it stands in the message.
struct Nameless<'m>(&'m Properties<'m>, bool);

impl Serialize for Nameless<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter(|(name, _)| !self.1 || *name != "name"))
    }
}

impl<'m> Wire<'m> {
    fn of(message: &'m Message<'m>) -> anyhow::Result<Self> {
        Ok(match message {
            Message::Event(event) => Wire::Event(WireEvent::of(event)),
            Message::Identify { user_id, handle, time, .. } => {
                Wire::Identify { user_id: user_id.to_string(), handle, time: time.0 }
            }
            Message::SetUserProperties { user_id, time, set, set_once, .. } => {
                Wire::UserProperties { user_id: user_id.to_string(), time: time.0, set, set_once }
            }
            Message::Unidentify { .. } | Message::Erase { .. } | Message::Expire { .. } => {
                bail!("files hold events and users only")
            }
        })
    }
}

impl<'m> WireEvent<'m> {
    fn of(event: &'m Event<'m>) -> Self {
        let name = match event.properties.get("name") {
            Some(Value::String(name)) if event.kind == EventKind::Custom => Some(&**name),
            _ => None,
        };
        let (user_id, event_id) = (event.user_id.to_string(), event.event_id.to_string());
        let properties = Nameless(&event.properties, name.is_some());
        Self { kind: event.kind, name, user_id, event_id, time: event.time.0, properties }
    }
}

#[cfg(test)]
mod tests {
    use cairn_model::{TimeMs, parse};

    use super::*;

    #[test]
    fn events_survive_the_wire() {
        let mut event = Event::new(7, 8, 1_763_877_600_000, EventKind::Custom);
        event.properties.set("name", Value::from("Order Placed"));
        event.properties.set("amount", Value::from(19.5));
        event.properties.set("a.b", Value::Array(vec![Value::Null, Value::from("x")]));
        let message = Message::Event(event);
        let json = serde_json::to_string(&Wire::of(&message).unwrap()).unwrap();
        let back = parse::parse_message(&json).unwrap().finish(TimeMs(1_763_877_600_000), 0).unwrap();
        assert_eq!(back, message);
    }
}
