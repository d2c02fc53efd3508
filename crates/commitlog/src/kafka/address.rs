//! `kafka://broker[:port],broker/topic[?property=value&…]`: which topic of which cluster, and how it is reached.

use std::{fmt, str::FromStr};

/// Where a broker listens if no port is said.
const PORT: u16 = 9092;
/// The longest name of a topic that Kafka takes.
const TOPIC_BYTES: usize = 249;
/// What may be set: how to reach the cluster. What makes the log durable and ordered is not for choice.
const PREFIXES: [&str; 4] = ["sasl.", "ssl.", "socket.", "reconnect.backoff."];
const NAMES: [&str; 4] = ["security.protocol", "client.dns.lookup", "broker.address.family", "compression.type"];
/// Their values are never shown.
const SECRETS: [&str; 4] = ["password", "secret", "key.pem", "sasl.oauthbearer.config"];

/// A topic of a Kafka cluster, and how to reach it. What it prints as holds no secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct KafkaAddress {
    brokers: Vec<String>,
    topic: String,
    properties: Vec<(String, String)>,
}

/// Why a URL names no topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It does not begin with `kafka://`.
    #[error("a log is given as kafka://BROKER[:PORT],…/TOPIC")]
    Scheme,
    /// No broker, or one that cannot be.
    #[error("{0:?} is no broker: a log is given as kafka://BROKER[:PORT],…/TOPIC")]
    Broker(String),
    /// A user or a password before a broker.
    #[error("a user and a password do not stand before the broker, but at the end: ?sasl.username=…&sasl.password=…")]
    Credentials,
    /// No topic, or a name that Kafka refuses.
    #[error(
        "{0:?} is no topic: it has 1 to {TOPIC_BYTES} letters, digits, dots, dashes and underscores, as in kafka://BROKER/cairn"
    )]
    Topic(String),
    /// A parameter without a value.
    #[error("the parameter {0:?} has no value: write {0}=VALUE")]
    NoValue(String),
    /// A parameter that is not let through.
    #[error(
        "{0:?} cannot be set: security.protocol, sasl.*, ssl.*, socket.*, reconnect.backoff.*, client.dns.lookup, \
         broker.address.family and compression.type can; Cairn sees to the rest"
    )]
    Parameter(String),
    /// A parameter that is there twice.
    #[error("the parameter {0:?} is there twice")]
    Twice(String),
    /// A broken `%` escape.
    #[error("a percent sign in the parameter {0:?} is followed by two hexadecimal digits; itself it is written %25")]
    Escape(String),
}

impl KafkaAddress {
    /// The brokers that are asked first, as `host:port`, with commas between.
    pub fn brokers(&self) -> String {
        self.brokers.join(",")
    }

    /// Where the topic is, without properties.
    pub fn place(&self) -> String {
        format!("kafka://{}/{}", self.brokers(), self.topic)
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Further properties of the client, by librdkafka's names. They may hold passwords.
    pub(super) fn properties(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl FromStr for KafkaAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let rest = text.strip_prefix("kafka://").ok_or(AddressError::Scheme)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (brokers, topic) = place.split_once('/').unwrap_or((place, ""));
        let brokers = brokers.split(',').map(broker).collect::<Result<_, _>>()?;
        if !is_topic(topic) {
            return Err(AddressError::Topic(topic.to_owned()));
        }
        let mut properties: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = property(pair)?;
            if properties.iter().any(|(known, _)| *known == name) {
                return Err(AddressError::Twice(name));
            }
            properties.push((name, value));
        }
        Ok(Self { brokers, topic: topic.to_owned(), properties })
    }
}

/// A broker with its port.
fn broker(text: &str) -> Result<String, AddressError> {
    if text.contains('@') {
        return Err(AddressError::Credentials);
    }
    let wrong = || AddressError::Broker(text.to_owned());
    // An IPv6 address stands in brackets.
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| wrong())?),
        _ => (text, PORT),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fits = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)),
    };
    if fits && port > 0 { Ok(format!("{host}:{port}")) } else { Err(wrong()) }
}

fn is_topic(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=TOPIC_BYTES).contains(&name.len()) && name.bytes().all(fits) && name != "." && name != ".."
}

fn property(pair: &str) -> Result<(String, String), AddressError> {
    let (name, value) = pair.split_once('=').ok_or_else(|| AddressError::NoValue(pair.to_owned()))?;
    if !NAMES.contains(&name) && !PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return Err(AddressError::Parameter(name.to_owned()));
    }
    let value = unescape(value).ok_or_else(|| AddressError::Escape(name.to_owned()))?;
    if value.is_empty() { Err(AddressError::NoValue(name.to_owned())) } else { Ok((name.to_owned(), value)) }
}

/// Undoes `%` escapes.
fn unescape(text: &str) -> Option<String> {
    let (mut bytes, mut out) = (text.bytes(), Vec::with_capacity(text.len()));
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

impl fmt::Display for KafkaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())?;
        for (at, (name, value)) in self.properties.iter().enumerate() {
            let secret = SECRETS.iter().any(|secret| name.contains(secret));
            write!(f, "{}{name}={}", if at == 0 { '?' } else { '&' }, if secret { "***" } else { value })?;
        }
        Ok(())
    }
}

impl fmt::Debug for KafkaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn parse(text: &str) -> Result<KafkaAddress, AddressError> {
        text.parse()
    }

    #[test]
    fn brokers_topic_and_properties_are_read() {
        let address = parse("kafka://a.example.com,10.0.0.1:9093,[::1]:9094/cairn.events?security.protocol=SASL_SSL&sasl.username=x%26y").unwrap();
        assert_eq!(address.brokers(), "a.example.com:9092,10.0.0.1:9093,[::1]:9094");
        assert_eq!(address.topic(), "cairn.events");
        let properties: Vec<_> = address.properties().collect();
        assert_eq!(properties, [("security.protocol", "SASL_SSL"), ("sasl.username", "x&y")]);
    }

    #[test]
    fn secrets_are_not_shown() {
        let address = parse(
            "kafka://a/t?sasl.password=hush&ssl.key.password=hush&ssl.key.pem=hush&sasl.oauthbearer.client.secret=hush\
             &sasl.oauthbearer.config=hush&sasl.username=me",
        );
        let shown = format!("{0} {0:?}", address.unwrap());
        assert!(!shown.contains("hush") && shown.contains("sasl.username=me") && shown.contains("sasl.password=***"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |text: &str| parse(text).unwrap_err();
        assert_eq!(wrong("http://a/t"), AddressError::Scheme);
        assert_eq!(wrong("kafka:///t"), AddressError::Broker(String::new()));
        for broker in ["a:0", "a:70000", "a:", "a b", "[::1", "[x]:1"] {
            assert_eq!(wrong(&format!("kafka://{broker}/t")), AddressError::Broker(broker.to_owned()));
        }
        assert_eq!(wrong("kafka://me:hush@a/t"), AddressError::Credentials);
        assert_eq!(wrong("kafka://a"), AddressError::Topic(String::new()));
        for topic in ["a/b", "..", "ä", "a b"] {
            assert_eq!(wrong(&format!("kafka://a/{topic}")), AddressError::Topic(topic.to_owned()));
        }
        for name in ["acks", "enable.idempotence", "group.id", "x"] {
            assert_eq!(wrong(&format!("kafka://a/t?{name}=1")), AddressError::Parameter(name.to_owned()));
        }
        assert_eq!(wrong("kafka://a/t?ssl.ca.location"), AddressError::NoValue("ssl.ca.location".to_owned()));
        assert_eq!(wrong("kafka://a/t?ssl.ca.location="), AddressError::NoValue("ssl.ca.location".to_owned()));
        assert_eq!(wrong("kafka://a/t?sasl.password=a%2"), AddressError::Escape("sasl.password".to_owned()));
        let twice = wrong("kafka://a/t?sasl.username=1&sasl.username=2");
        assert_eq!(twice, AddressError::Twice("sasl.username".to_owned()));
    }
}
