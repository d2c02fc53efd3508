//! What Kafka's library reports, in the log's words.

use std::{
    thread,
    time::{Duration, Instant},
};

use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};

use super::KafkaAddress;
use crate::LogError;

/// How often is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(50);

/// What kept a client from its work. Values of properties stand in no message: they may be passwords.
pub(super) fn kafka_error(address: &KafkaAddress, error: &KafkaError) -> LogError {
    match error {
        KafkaError::ClientConfig(_, problem, name, _) => LogError::Topic {
            topic: address.topic().to_owned(),
            problem: format!("{name} cannot be set so: {problem}"),
        },
        KafkaError::ClientCreation(problem) => {
            LogError::Topic { topic: address.topic().to_owned(), problem: format!("no client can be made: {problem}") }
        }
        error => {
            unreachable(address, error.rdkafka_error_code().map_or_else(|| error.to_string(), |code| code.to_string()))
        }
    }
}

pub(super) fn unreachable(address: &KafkaAddress, problem: String) -> LogError {
    LogError::Unreachable { log: address.to_string(), problem }
}

/// Whether the library gets over it by itself.
pub(super) fn passes(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    !matches!(
        code,
        Code::UnknownTopicOrPartition
            | Code::UnknownTopic
            | Code::UnknownPartition
            | Code::TopicAuthorizationFailed
            | Code::SaslAuthenticationFailed
            | Code::BadMessage
            | Code::Fatal
    )
}

/// Asks about a topic that is there, until Kafka knows it. One broker may hear of a new topic seconds after another.
pub(super) fn once_known<T>(patience: Duration, mut ask: impl FnMut() -> KafkaResult<T>) -> KafkaResult<T> {
    let until = Instant::now() + patience;
    loop {
        match ask() {
            Err(error) if error.rdkafka_error_code().is_some_and(is_unknown) && Instant::now() < until => {
                thread::sleep(LOOK);
            }
            answer => return answer,
        }
    }
}

fn is_unknown(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        code,
        Code::UnknownTopicOrPartition
            | Code::UnknownTopic
            | Code::UnknownPartition
            | Code::LeaderNotAvailable
            | Code::NotLeaderForPartition
    )
}
