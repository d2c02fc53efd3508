//! Reads one partition, from whichever offset it is asked for.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use rdkafka::{
    Message, Offset, TopicPartitionList,
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
};

use super::{
    Ends, KafkaAddress, KafkaOptions,
    options::Reports,
    problem::{kafka_error, passes, unreachable},
};
use crate::{LogError, Position, Record, log::READ_BACK_BYTES};

pub(super) struct Reader {
    address: KafkaAddress,
    options: KafkaOptions,
    partition: u32,
    ends: Arc<Ends>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    consumer: Option<BaseConsumer<Reports>>,
    /// What the consumer gives next.
    next: u64,
    /// Taken from the consumer and not read yet; they end before `next`.
    front: VecDeque<Record>,
    /// Found while waiting, told by the next read.
    failed: Option<LogError>,
}

impl Reader {
    pub(super) fn new(address: &KafkaAddress, options: &KafkaOptions, partition: u32, ends: Arc<Ends>) -> Self {
        Self { address: address.clone(), options: options.clone(), partition, ends, state: Mutex::default() }
    }

    /// Reads from `from` until before `to`, until `each` says false. Waits for what is there and does not come at once, but not for ever.
    pub(super) fn read_all(&self, from: u64, to: u64, each: &mut dyn FnMut(Record) -> bool) -> Result<(), LogError> {
        let (mut next, mut heard) = (from, Instant::now());
        while next < to {
            self.ends.check(self.partition, next)?;
            if !self.wait(next, self.options.patience) && heard.elapsed() > self.options.patience {
                return Err(unreachable(&self.address, format!("no record came of partition {}", self.partition)));
            }
            for record in self.read(next, READ_BACK_BYTES)? {
                (next, heard) = (record.position.offset + 1, Instant::now());
                if next > to || !each(record) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Another one for the same partition.
    pub(super) fn beside(&self) -> Self {
        Self::new(&self.address, &self.options, self.partition, Arc::clone(&self.ends))
    }

    /// What has come from `from` on. Does not wait.
    pub(super) fn read(&self, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.go_to(&mut state, from)?;
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.is_empty() || bytes < max_bytes {
            if state.front.is_empty() {
                self.take(&mut state, Duration::ZERO);
            }
            let Some(record) = state.front.pop_front() else { break };
            bytes += record.payload.len();
            records.push(record);
        }
        match state.failed.take() {
            Some(error) if records.is_empty() => Err(error),
            failed => {
                state.failed = failed;
                Ok(records)
            }
        }
    }

    /// Waits until there is something to read from `from` on, be it an error.
    pub(super) fn wait(&self, from: u64, timeout: Duration) -> bool {
        let until = Instant::now() + timeout;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.go_to(&mut state, from) {
            state.failed = Some(error);
        }
        loop {
            if !state.front.is_empty() || state.failed.is_some() {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            self.take(&mut state, left);
            if left.is_zero() || state.consumer.is_none() {
                return !state.front.is_empty() || state.failed.is_some();
            }
        }
    }

    /// Holds nothing ready any more; the next read begins anew.
    pub(super) fn leave(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// Sees to it that the next record is that at `from`.
    fn go_to(&self, state: &mut State, from: u64) -> Result<(), LogError> {
        while state.front.front().is_some_and(|record| record.position.offset < from) {
            state.front.pop_front();
        }
        let next = state.front.front().map_or(state.next, |record| record.position.offset);
        if state.consumer.is_some() && next == from {
            return Ok(());
        }
        state.front.clear();
        state.failed = None;
        let failed = |error| kafka_error(&self.address, &error);
        let consumer = match state.consumer.take() {
            Some(consumer) => consumer,
            None => {
                BaseConsumer::from_config_and_context(&self.options.consumer(&self.address), Reports).map_err(failed)?
            }
        };
        let mut list = TopicPartitionList::with_capacity(1);
        list.add_partition_offset(self.address.topic(), self.partition as i32, Offset::Offset(from as i64))
            .map_err(failed)?;
        consumer.assign(&list).map_err(failed)?;
        state.next = from;
        state.consumer = Some(consumer);
        Ok(())
    }

    /// Takes the next record from the consumer, if one comes in time.
    fn take(&self, state: &mut State, timeout: Duration) {
        let Some(consumer) = &state.consumer else { return };
        let error = match consumer.poll(timeout) {
            None => return,
            Some(Ok(message)) => {
                let offset = message.offset() as u64;
                // Of an assignment before this one.
                if offset < state.next {
                    return;
                }
                let position = Position { partition: self.partition, offset };
                let payload = Bytes::copy_from_slice(message.payload().unwrap_or_default());
                let appended_at_ms = message.timestamp().to_millis();
                state.next = offset + 1;
                state.front.push_back(Record { position, payload, appended_at_ms });
                self.ends.reached(self.partition, offset + 1);
                return;
            }
            Some(Err(error)) => error,
        };
        let failed = match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
                self.out_of_range(consumer, state.next)
            }
            Some(code) if passes(code) => None,
            _ => Some(kafka_error(&self.address, &error)),
        };
        if failed.is_some() || is_reset(&error) {
            // It gives nothing more: the next read begins with another.
            state.consumer = None;
        }
        state.failed = failed;
    }

    /// Why the offset is not there; none if it is, after all.
    fn out_of_range(&self, consumer: &BaseConsumer<Reports>, offset: u64) -> Option<LogError> {
        let topic = self.address.topic();
        match consumer.fetch_watermarks(topic, self.partition as i32, self.options.patience) {
            Ok((first, end)) => {
                self.ends.seen(self.partition, first as u64, end as u64);
                self.ends.check(self.partition, offset).err()
            }
            Err(_) => None,
        }
    }
}

fn is_reset(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    matches!(code, Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange))
}
