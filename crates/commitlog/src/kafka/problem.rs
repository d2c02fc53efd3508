//! What Kafka's library reports, in the log's words.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::KafkaAddress;
use crate::LogError;

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
