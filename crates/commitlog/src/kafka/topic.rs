//! The topic: found or made, and held against what the log needs.

use std::time::Duration;

use futures_executor::block_on;
use rdkafka::{
    admin::{AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication},
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    metadata::Metadata,
    types::RDKafkaErrorCode,
};

use super::{
    KafkaAddress, KafkaOptions,
    id::topic_id,
    options::Reports,
    problem::{kafka_error, once_known, unreachable},
};
use crate::LogError;

/// Replicas of a topic that is made here, where there are as many brokers.
const REPLICAS: usize = 3;
const RETENTION_MS: u64 = 7 * 86_400_000;

/// What is known of the topic.
pub(super) struct Topic {
    /// What no other topic has, also none of the same name.
    pub(super) id: String,
    pub(super) partitions: u32,
    /// The longest payload that it takes.
    pub(super) max_record_bytes: usize,
    /// How long it keeps records; none if for ever, or if it does not tell.
    pub(super) retention: Option<Duration>,
}

/// Finds the topic, makes it if it is not there, and refuses it if records could be lost in it.
pub(super) fn open(
    address: &KafkaAddress,
    options: &KafkaOptions,
    consumer: &BaseConsumer<Reports>,
) -> Result<Topic, LogError> {
    let config = options.consumer(address);
    let admin = AdminClient::from_config_and_context(&config, Reports).map_err(|error| kafka_error(address, &error))?;
    let metadata = metadata(address, options, consumer)?;
    if count(&metadata, address) == 0 {
        make(address, options, &admin, metadata.brokers().len())?;
    }
    let metadata = wait_for_leaders(address, options, consumer)?;
    let replicas = metadata.topics().iter().flat_map(|topic| topic.partitions()).map(|one| one.replicas().len()).min();
    if replicas.unwrap_or(0) < 2 {
        tracing::warn!("{address} has one replica: what Kafka has acknowledged is lost with that broker's disk");
    }
    let settings = settings(address, options, &admin);
    let max_record_bytes = match &settings {
        Some(settings) => check(address, options, settings)?,
        None => options.max_record_bytes,
    };
    let client = consumer.client();
    let id = once_known(options.patience, || topic_id(client, address.topic(), options.patience));
    let id = id.map_err(|error| kafka_error(address, &error))?.unwrap_or_else(|| {
        format!("{}/{}", client.fetch_cluster_id(options.patience).unwrap_or_default(), address.topic())
    });
    let retention = settings.as_ref().and_then(|settings| setting(settings, "retention.ms").parse().ok());
    let retention = retention.map(Duration::from_millis);
    Ok(Topic { id, partitions: count(&metadata, address), max_record_bytes, retention })
}

fn metadata(
    address: &KafkaAddress,
    options: &KafkaOptions,
    consumer: &BaseConsumer<Reports>,
) -> Result<Metadata, LogError> {
    let found = consumer.fetch_metadata(Some(address.topic()), options.patience);
    found.map_err(|error| kafka_error(address, &error))
}

fn count(metadata: &Metadata, address: &KafkaAddress) -> u32 {
    let topic = metadata.topics().iter().find(|topic| topic.name() == address.topic() && topic.error().is_none());
    topic.map_or(0, |topic| topic.partitions().len() as u32)
}

fn make(
    address: &KafkaAddress,
    options: &KafkaOptions,
    admin: &AdminClient<Reports>,
    brokers: usize,
) -> Result<(), LogError> {
    let replicas = brokers.clamp(1, REPLICAS);
    let (max_bytes, retention) = (options.max_message_bytes().to_string(), RETENTION_MS.to_string());
    let topic = NewTopic::new(address.topic(), options.partitions as i32, TopicReplication::Fixed(replicas as i32))
        .set("min.insync.replicas", if replicas >= REPLICAS { "2" } else { "1" })
        .set("unclean.leader.election.enable", "false")
        .set("cleanup.policy", "delete")
        .set("retention.ms", &retention)
        .set("retention.bytes", "-1")
        .set("max.message.bytes", &max_bytes);
    let admin_options = AdminOptions::new().operation_timeout(Some(options.patience));
    let made = block_on(admin.create_topics(&[topic], &admin_options)).map_err(|error| kafka_error(address, &error))?;
    match made.into_iter().next() {
        // Another server was as quick.
        Some(Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => {}
        Some(Err((_, code))) => {
            return Err(LogError::Topic {
                topic: address.topic().to_owned(),
                problem: format!(
                    "it is not there, and cannot be made ({code}): make it yourself, as docs/operating.md says"
                ),
            });
        }
        None => return Err(unreachable(address, "it did not say whether the topic was made".to_owned())),
    }
    tracing::info!("made the topic {} with {} partitions and {replicas} replicas", address.topic(), options.partitions);
    if replicas < REPLICAS {
        tracing::warn!("{address} was made with {replicas} replicas, since there are no more brokers");
    }
    Ok(())
}

/// A topic that was just made is not there at once.
fn wait_for_leaders(
    address: &KafkaAddress,
    options: &KafkaOptions,
    consumer: &BaseConsumer<Reports>,
) -> Result<Metadata, LogError> {
    let led = once_known(options.patience, || {
        let metadata = consumer.fetch_metadata(Some(address.topic()), options.patience)?;
        let mut partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
        match count(&metadata, address) {
            0 => Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition)),
            _ if partitions.any(|partition| partition.leader() < 0) => {
                Err(KafkaError::MetadataFetch(RDKafkaErrorCode::LeaderNotAvailable))
            }
            _ => Ok(metadata),
        }
    });
    led.map_err(|error| match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::UnknownTopicOrPartition) => unreachable(address, "the topic is not there".to_owned()),
        Some(RDKafkaErrorCode::LeaderNotAvailable) => {
            unreachable(address, "partitions of the topic have no leader".to_owned())
        }
        _ => kafka_error(address, &error),
    })
}

/// How the topic is set up; none where we may not know.
fn settings(address: &KafkaAddress, options: &KafkaOptions, admin: &AdminClient<Reports>) -> Option<ConfigResource> {
    let asked = AdminOptions::new().request_timeout(Some(options.patience));
    let found = once_known(options.patience, || {
        let found = block_on(admin.describe_configs(&[ResourceSpecifier::Topic(address.topic())], &asked))?;
        found.into_iter().next().transpose().map_err(KafkaError::AdminOp)
    });
    let found = found.ok().flatten();
    if found.is_none() {
        tracing::warn!(
            "{address} does not tell its settings, so they are not checked; docs/operating.md says what they should be"
        );
    }
    found
}

fn setting<'s>(settings: &'s ConfigResource, name: &str) -> &'s str {
    settings.get(name).and_then(|entry| entry.value.as_deref()).unwrap_or_default()
}

/// The longest payload that a topic with these settings takes. One that forgets records by key is refused.
fn check(address: &KafkaAddress, options: &KafkaOptions, settings: &ConfigResource) -> Result<usize, LogError> {
    let value = |name: &str| setting(settings, name);
    if value("cleanup.policy").contains("compact") {
        let problem = "its cleanup.policy is `compact`, which drops records: set it to `delete`, or give another topic";
        return Err(LogError::Topic { topic: address.topic().to_owned(), problem: problem.to_owned() });
    }
    if value("min.insync.replicas").parse().unwrap_or(1) < 2 {
        tracing::warn!("{address} acknowledges what one broker has (min.insync.replicas is below 2)");
    }
    if value("unclean.leader.election.enable") == "true" {
        tracing::warn!("{address} may lose what it has acknowledged (unclean.leader.election.enable is true)");
    }
    let fitting = value("max.message.bytes").parse().map_or(options.max_record_bytes, KafkaOptions::fitting);
    if fitting < options.max_record_bytes {
        tracing::warn!(
            "{address} takes records of {fitting} bytes: larger batches are refused until its max.message.bytes is {}",
            options.max_message_bytes()
        );
    }
    Ok(fitting.min(options.max_record_bytes))
}
