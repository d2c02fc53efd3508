//! Hands records to Kafka, and answers for each when all replicas in sync have it.

use std::sync::{
    Arc, Mutex, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

use bytes::Bytes;
use rdkafka::{
    ClientContext, Message,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer},
};
use tokio::sync::oneshot;

use super::{
    Ends, KafkaAddress, KafkaOptions,
    options::Reports,
    problem::{kafka_error, unreachable},
};
use crate::{Ack, LogError, Position};

pub(super) struct Producer {
    address: KafkaAddress,
    options: KafkaOptions,
    limit_bytes: usize,
    state: Arc<State>,
    client: RwLock<Arc<ThreadedProducer<Deliveries>>>,
}

/// What appends and answers share.
struct State {
    address: KafkaAddress,
    ends: Arc<Ends>,
    /// Handed over and not answered.
    waiting_bytes: AtomicUsize,
    /// Why the last record was refused, until one is taken.
    refused: Mutex<Option<LogError>>,
    /// The client can do no more: the next append makes another.
    is_spent: AtomicBool,
}

/// A record on its way.
struct Pending {
    bytes: usize,
    done: oneshot::Sender<Result<Position, LogError>>,
}

struct Deliveries(Arc<State>);

impl Producer {
    /// Connects in the background.
    pub(super) fn new(
        address: &KafkaAddress,
        options: &KafkaOptions,
        limit_bytes: usize,
        ends: Arc<Ends>,
    ) -> Result<Self, LogError> {
        let state = Arc::new(State {
            address: address.clone(),
            ends,
            waiting_bytes: AtomicUsize::new(0),
            refused: Mutex::default(),
            is_spent: AtomicBool::new(false),
        });
        let client = client(address, options, &state)?;
        let (address, options, client) = (address.clone(), options.clone(), RwLock::new(Arc::new(client)));
        Ok(Self { address, options, limit_bytes, state, client })
    }

    /// Hands over a record.
    pub(super) fn append(&self, partition: u32, key: u64, payload: &Bytes) -> Result<Ack, LogError> {
        let (bytes, limit_bytes) = (payload.len(), self.options.queue_bytes);
        if bytes > self.limit_bytes {
            return Err(LogError::TooLarge { bytes, limit_bytes: self.limit_bytes });
        }
        // A single one is let in whatever its size, or it could never be written.
        let waiting_bytes = self.state.waiting_bytes.fetch_add(bytes, Relaxed);
        if waiting_bytes > 0 && waiting_bytes + bytes > limit_bytes {
            self.state.waiting_bytes.fetch_sub(bytes, Relaxed);
            return Err(LogError::Busy { waiting_bytes, limit_bytes });
        }
        self.send(partition, key, payload).map_err(|error| {
            self.state.waiting_bytes.fetch_sub(bytes, Relaxed);
            let full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
            if full { LogError::Busy { waiting_bytes, limit_bytes } } else { kafka_error(&self.address, &error) }
        })
    }

    fn send(&self, partition: u32, key: u64, payload: &Bytes) -> KafkaResult<Ack> {
        if self.state.is_spent.load(Relaxed) {
            self.renew()?;
        }
        let (done, answer) = oneshot::channel();
        let key = key.to_be_bytes();
        let record = BaseRecord::with_opaque_to(self.address.topic(), Box::new(Pending { bytes: payload.len(), done }))
            .partition(partition as i32)
            .key(&key[..])
            .payload(&payload[..]);
        self.client().send(record).map_err(|(error, _)| {
            self.state.note_fatal(&error);
            error
        })?;
        Ok(Ack::new(answer))
    }

    /// Another client in the place of one that has met an error which it cannot get over. What still waits in that one is answered.
    fn renew(&self) -> KafkaResult<()> {
        let mut place = self.client.write().unwrap_or_else(PoisonError::into_inner);
        if self.state.is_spent.load(Relaxed) {
            let config = self.options.producer(&self.address);
            *place = Arc::new(ThreadedProducer::from_config_and_context(&config, Deliveries(Arc::clone(&self.state)))?);
            self.state.is_spent.store(false, Relaxed);
        }
        Ok(())
    }

    fn client(&self) -> Arc<ThreadedProducer<Deliveries>> {
        Arc::clone(&self.client.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The longest payload that is taken.
    pub(super) fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    /// Why the last record was refused, if it was.
    pub(super) fn health(&self) -> Result<(), LogError> {
        self.state.refused().clone().map_or(Ok(()), Err)
    }

    /// Kafka answers: whether it takes records again, the next append tells.
    pub(super) fn answers(&self) {
        self.state.refused().take();
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        // Whoever waits for an answer gets it.
        if self.state.waiting_bytes.load(Relaxed) > 0 {
            let _ = self.client().flush(self.options.delivery);
        }
    }
}

fn client(
    address: &KafkaAddress,
    options: &KafkaOptions,
    state: &Arc<State>,
) -> Result<ThreadedProducer<Deliveries>, LogError> {
    let made = ThreadedProducer::from_config_and_context(&options.producer(address), Deliveries(Arc::clone(state)));
    made.map_err(|error| kafka_error(address, &error))
}

impl State {
    fn refused(&self) -> std::sync::MutexGuard<'_, Option<LogError>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_fatal(&self, error: &KafkaError) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
            self.is_spent.store(true, Relaxed);
        }
    }

    fn failure(&self, error: &KafkaError, bytes: usize) -> LogError {
        self.note_fatal(error);
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
                LogError::TooLarge { bytes, limit_bytes: bytes.saturating_sub(1) }
            }
            Some(RDKafkaErrorCode::MessageTimedOut) => {
                unreachable(&self.address, "it did not acknowledge a record in time".to_owned())
            }
            _ => kafka_error(&self.address, error),
        }
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        Reports.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.note_fatal(&error);
        Reports.error(error, reason);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Box<Pending>;

    fn delivery(&self, result: &DeliveryResult<'_>, pending: Box<Pending>) {
        let Pending { bytes, done } = *pending;
        let answer = match result {
            Ok(message) => {
                let position = Position { partition: message.partition() as u32, offset: message.offset() as u64 };
                self.0.ends.reached(position.partition, position.offset + 1);
                Ok(position)
            }
            Err((error, _)) => Err(self.0.failure(error, bytes)),
        };
        self.0.waiting_bytes.fetch_sub(bytes, Relaxed);
        *self.0.refused() = answer.as_ref().err().filter(|error| !matches!(error, LogError::TooLarge { .. })).cloned();
        let _ = done.send(answer);
    }
}
