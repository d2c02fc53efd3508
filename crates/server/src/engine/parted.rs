//! A batch for a log of several partitions: each user's messages go to the user's own, so that they keep their order.

use std::collections::BTreeMap;

use bytes::Bytes;
use cairn_commitlog::Log;
use cairn_model::{Batch, BatchWriter, CodecError, Message, ProjectId, RawMessage, UserId};

/// Records to be appended, each with its key.
pub(super) fn parts(log: &dyn Log, project: ProjectId, payload: Bytes) -> Result<Vec<(u64, Bytes)>, CodecError> {
    if log.partitions() < 2 {
        return Ok(vec![(project.get(), payload)]);
    }
    let batch = Batch::parse(&payload)?;
    let messages = decoded(&batch)?;
    let mut parts: BTreeMap<u32, (u64, BatchWriter)> = BTreeMap::new();
    let keys: Vec<_> = messages.iter().map(|message| key(project, message)).collect();
    let first = keys.first().copied().unwrap_or(project.get());
    // Mostly one visitor has sent it.
    if keys.iter().all(|key| *key == first || log.partition_of(*key) == log.partition_of(first)) {
        return Ok(vec![(first, payload)]);
    }
    for (message, key) in messages.iter().zip(keys) {
        let part = parts.entry(log.partition_of(key)).or_insert_with(|| (key, BatchWriter::new(project)));
        part.1.push(message);
    }
    Ok(parts.into_values().map(|(key, batch)| (key, Bytes::from(batch.finish()))).collect())
}

fn decoded<'a>(batch: &Batch<'a>) -> Result<Vec<Message<'a>>, CodecError> {
    let mut all = Vec::with_capacity(batch.count.min(1 << 16));
    for message in batch.messages()? {
        match message {
            RawMessage::Event(row) => all.push(Message::Event(batch.event(&row)?)),
            RawMessage::Events(block) => all.extend(batch.events(&block)?.into_iter().map(Message::Event)),
            RawMessage::Other(message) => all.push(message),
        }
    }
    Ok(all)
}

/// The key of a message: the project and the original user id. It decides on the partition, and must never change.
fn key(project: ProjectId, message: &Message<'_>) -> u64 {
    match message {
        Message::Event(event) => of_user(project, event.user_id),
        Message::SetUserProperties { user_id, .. }
        | Message::Identify { user_id, .. }
        | Message::Unidentify { user_id, .. } => of_user(project, *user_id),
        Message::Erase { user_ids, .. } => user_ids.first().map_or(project.get(), |user| of_user(project, *user)),
        Message::Expire { .. } => project.get(),
    }
}

/// The key of what a user does or is.
pub(super) fn of_user(project: ProjectId, user: UserId) -> u64 {
    project.get().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ user.get()
}
