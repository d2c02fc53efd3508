//! Shows those who watch the live feed what other servers have applied, which is read from the log for them.

use std::time::Duration;

use cairn_analysis::Applied;
use cairn_commitlog::{Log, Record};
use cairn_model::{Batch, CodecError, Position, RawMessage};
use hashbrown::HashMap;

use super::Live;

/// Read at once, in bytes.
const READ_BYTES: usize = 256 << 10;
/// Of many the last ones are shown.
const SHOWN_RECORDS: u64 = 256;
/// How long the log may take to give what it has.
const PATIENCE: Duration = Duration::from_millis(200);

/// Up to where others were seen to have applied each of their partitions, or that was shown.
#[derive(Default)]
pub(super) struct Others {
    next: HashMap<u32, u64>,
    /// Whether anybody watched just now.
    is_read: bool,
}

impl Others {
    /// Shows what is new, up to the positions that others have come to. Nothing is read while nobody watches.
    pub(super) fn show(&mut self, log: &dyn Log, live: &Live, positions: &[Position]) {
        let watched = live.is_watched();
        if self.is_read && !watched {
            positions.iter().for_each(|position| log.leave(position.partition));
        }
        self.is_read = watched;
        self.next.retain(|partition, _| positions.iter().any(|position| position.partition == *partition));
        for position in positions {
            let next = self.next.entry(position.partition).or_insert(position.offset);
            let from = (*next).max(position.offset.saturating_sub(SHOWN_RECORDS));
            *next = if watched { show(log, live, *position, from) } else { position.offset };
        }
    }
}

/// Shows records up to a position; how far they were there.
fn show(log: &dyn Log, live: &Live, to: Position, mut from: u64) -> u64 {
    while from < to.offset && log.wait(to.partition, from, PATIENCE) {
        let before = from;
        // What cannot be read is told by who is to apply it.
        let Ok(records) = log.read(to.partition, from, READ_BYTES) else { return to.offset };
        for Record { position, payload, .. } in records.iter().filter(|record| record.position.offset < to.offset) {
            // Which of them were there before, only the server knows that has applied them.
            let stored = events(payload).unwrap_or_default();
            live.send(payload, Applied { stored, left_out: Vec::new() });
            from = position.offset + 1;
        }
        if from == before {
            break;
        }
    }
    from
}

fn events(payload: &[u8]) -> Result<u64, CodecError> {
    let mut events = 0;
    for message in Batch::parse(payload)?.messages()? {
        events += if matches!(message, RawMessage::Other(_)) { 0 } else { message.count() as u64 };
    }
    Ok(events)
}
