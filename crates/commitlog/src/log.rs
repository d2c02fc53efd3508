//! The log as its users see it, whichever log it is.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
pub use cairn_model::Position;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::{LogError, Spooled};

/// Read at once by whoever reads once more.
pub(crate) const READ_BACK_BYTES: usize = 1 << 20;

/// A durable record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub position: Position,
    /// What was appended.
    pub payload: Bytes,
    /// When it was appended, in milliseconds since 1970, by the clock of who did it; none where the log keeps no times.
    pub appended_at_ms: Option<i64>,
}

/// The topic that holds a log which servers share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicName {
    /// What no other topic has, also none of the same name.
    pub id: String,
    /// Where it is, for people: without passwords.
    pub place: String,
}

/// An append-only, durable sequence of records in one or more partitions.
pub trait Log: Send + Sync {
    /// Hands over a record; records of one `key` keep their order.
    ///
    /// Nothing is promised until the [`Ack`] has answered. [`LogError::Busy`], [`LogError::TooLarge`] and
    /// [`LogError::Stopped`] come at once, [`LogError::Full`] through the ack.
    fn append(&self, key: u64, payload: Bytes) -> Result<Ack, LogError>;

    /// How many partitions there are. They are numbered from 0, and stay as many.
    fn partitions(&self) -> u32 {
        1
    }

    /// The partition that records of `key` go to: it follows from the key and the number of partitions alone, for ever.
    fn partition_of(&self, key: u64) -> u32 {
        (scatter(key) % u64::from(self.partitions().max(1))) as u32
    }

    /// Whether others may append, too. Then [`Log::ends`] may be a second behind what they did, and it forgets by rules of its own.
    fn is_shared(&self) -> bool {
        false
    }

    /// The topic that holds it, if one does.
    fn topic(&self) -> Option<&TopicName> {
        None
    }

    /// Who alone appends to it, where that is not us: [`Log::append`] is refused then.
    fn primary(&self) -> Option<&str> {
        None
    }

    /// What waits on this machine until the log takes it, where it can wait so.
    fn spooled(&self) -> Option<Spooled> {
        None
    }

    /// The longest record that is taken, as far as that is known.
    fn max_record_bytes(&self) -> usize {
        usize::MAX
    }

    /// Durable records from `from` on: about `max_bytes` of payload, but at least one record if there is one.
    ///
    /// May return fewer than there are: read on from the last one's offset plus one. Empty at the end of the log.
    fn read(&self, partition: u32, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError>;

    /// Whether there are, or will be, records from `from` on: an error as that of [`Log::read`].
    fn check(&self, partition: u32, from: u64) -> Result<(), LogError> {
        self.read(partition, from, 1).map(drop)
    }

    /// Says that the partition is not read for now, so that nothing need be held ready.
    fn leave(&self, partition: u32) {
        let _ = partition;
    }

    /// Blocks until a durable record with an offset of at least `from` exists. False if `timeout` passed first.
    fn wait(&self, partition: u32, from: u64, timeout: Duration) -> bool;

    /// The offset after the last durable record, of each partition.
    fn ends(&self) -> Vec<Position>;

    /// The first offset that can be read, of each partition.
    fn begins(&self) -> Vec<Position> {
        let begin = |end: Position| match self.read(end.partition, 0, 1) {
            Err(LogError::Dropped { first }) => Position { offset: first, ..end },
            _ => Position { offset: 0, ..end },
        };
        self.ends().into_iter().map(begin).collect()
    }

    /// Reads durable records of one partition once more, from `from` until before `to`, beside whoever follows the log: calls `each` until it
    /// says false. Waits for what does not come at once; there must be records up to `to`.
    fn read_back(&self, from: Position, to: u64, each: &mut dyn FnMut(Record) -> bool) -> Result<(), LogError> {
        let mut next = from.offset;
        while next < to {
            let records = self.read(from.partition, next, READ_BACK_BYTES)?;
            if records.is_empty() {
                return Ok(());
            }
            for record in records.into_iter().take_while(|record| record.position.offset < to) {
                next = record.position.offset + 1;
                if !each(record) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Of each partition, the first record that was appended at this instant or later, else its end. None where the log keeps no times.
    fn positions_at(&self, time_ms: i64) -> Result<Option<Vec<Position>>, LogError> {
        let _ = time_ms;
        Ok(None)
    }

    /// How long records are kept at least, whoever still needs them; none where the log forgets only what it is allowed to.
    fn retention(&self) -> Option<Duration> {
        None
    }

    /// Allows the log to forget what stands before `position`. It forgets whole segments, so it may keep more.
    fn drop_before(&self, position: Position) -> Result<(), LogError>;

    /// Begins a new segment behind all records so far, so that [`Log::drop_before`] the end can forget every one of them. Blocks
    /// until that is durable. A log of which no segment can be begun at will does nothing.
    fn rotate(&self) -> Result<(), LogError>;

    /// How many bytes of records are kept.
    fn size_bytes(&self) -> u64;

    /// What keeps the log from taking appends, if anything does.
    fn health(&self) -> Result<(), LogError>;
}

/// Spreads keys that lie close together: the finalizer of splitmix64.
fn scatter(key: u64) -> u64 {
    let key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

/// The answer to an append, once the record is durable or refused.
#[must_use = "an append is durable only once its ack has said so"]
pub struct Ack {
    answer: oneshot::Receiver<Result<Position, LogError>>,
    /// What positions are in that the log itself counts otherwise.
    partition: Option<u32>,
    otherwise: Option<Otherwise>,
}

/// What is tried when a record was refused.
type Otherwise = Box<dyn FnOnce(LogError) -> Result<Ack, LogError> + Send>;

impl Ack {
    /// An ack that answers what is sent to it; for those who implement [`Log`].
    pub fn new(answer: oneshot::Receiver<Result<Position, LogError>>) -> Self {
        Self { answer, partition: None, otherwise: None }
    }

    /// The same, with positions in another partition.
    pub(crate) fn in_partition(self, partition: u32) -> Self {
        Self { partition: Some(partition), ..self }
    }

    /// The same; if the record is refused, what another ack answers. `otherwise` is dropped once it is of no use.
    pub(crate) fn or_else(self, otherwise: impl FnOnce(LogError) -> Result<Ack, LogError> + Send + 'static) -> Self {
        Self { otherwise: Some(Box::new(otherwise)), ..self }
    }

    /// Blocks until the record is durable. Not for async code, where the ack is awaited.
    pub fn wait(self) -> Result<Position, LogError> {
        futures_executor::block_on(self)
    }

    /// The answer, if there is one by now. It is asked for no more after that.
    pub(crate) fn answer(&mut self) -> Option<Result<Position, LogError>> {
        match self.answer.try_recv() {
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => self.settle(Ok(Err(unanswered()))),
            Ok(answer) => self.settle(Ok(answer)),
        }
    }

    /// What that makes for who waits; nothing if it goes on to wait, for another answer.
    fn settle(
        &mut self,
        answer: Result<Result<Position, LogError>, oneshot::error::RecvError>,
    ) -> Option<Result<Position, LogError>> {
        let partition = self.partition;
        let answer = answer.unwrap_or_else(|_| Err(unanswered()));
        match (answer, self.otherwise.take()) {
            (Err(error), Some(otherwise)) => match otherwise(error) {
                Ok(other) => {
                    *self = other;
                    None
                }
                Err(error) => Some(Err(error)),
            },
            (answer, _) => Some(answer.map(|at| Position { partition: partition.unwrap_or(at.partition), ..at })),
        }
    }
}

impl std::fmt::Debug for Ack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Ack").field(&self.answer).finish()
    }
}

impl Future for Ack {
    type Output = Result<Position, LogError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let answer = std::task::ready!(Pin::new(&mut self.answer).poll(context));
            if let Some(answer) = self.settle(answer) {
                return Poll::Ready(answer);
            }
        }
    }
}

fn unanswered() -> LogError {
    LogError::Stopped { cause: "the log's writer ended before it had answered".to_owned() }
}
