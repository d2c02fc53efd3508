//! Predicates over events: what a definition means.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::{Condition, Event, EventKind, Value, limits, selector::Selector};

/// A tree of conditions over one event and, in a query's `where`, over its user. Its JSON form is in docs/api.md.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Json", into = "Json")]
pub enum Predicate {
    /// All hold; none given: every event.
    All(Vec<Predicate>),
    /// At least one holds.
    Any(Vec<Predicate>),
    /// Does not hold.
    Not(Box<Predicate>),
    /// The event is of a kind.
    Type(EventKind),
    /// A custom event of this name.
    Name(String),
    /// The target's chain matches a CSS selector, kept with its text.
    Selector(String, Selector),
    /// A condition on an event property.
    Property(String, Condition),
    /// A condition on a current property of the user.
    User(String, Condition),
}

/// Why a predicate cannot be used, in words for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PredicateError {
    /// The part of a predicate that is wrong: `selector`, or `predicate` for anything else.
    pub code: &'static str,
    message: String,
}

impl PredicateError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { code: "predicate", message: message.into() }
    }
}

impl Predicate {
    /// Every event.
    pub fn every() -> Self {
        Predicate::All(Vec::new())
    }

    /// The same without events of known bots.
    pub fn without_bots(self) -> Self {
        let bot = Predicate::Property("bot".to_owned(), Condition::Is(Value::Bool(true)));
        Predicate::All(vec![self, Predicate::Not(Box::new(bot))])
    }

    /// Whether `event` of a user with the properties `user` satisfies the predicate. This plain form is the meaning;
    /// stores evaluate it once per distinct value instead.
    pub fn matches<'u>(&self, event: &Event<'_>, user: &dyn Fn(&str) -> Option<&'u Value<'u>>) -> bool {
        match self {
            Predicate::All(parts) => parts.iter().all(|part| part.matches(event, user)),
            Predicate::Any(parts) => parts.iter().any(|part| part.matches(event, user)),
            Predicate::Not(part) => !part.matches(event, user),
            Predicate::Type(kind) => event.kind == *kind,
            Predicate::Name(name) => {
                event.kind == EventKind::Custom && event.properties.get("name").and_then(Value::as_str) == Some(name)
            }
            Predicate::Selector(_, selector) => {
                let chain = event.properties.get("chain").and_then(Value::as_str);
                chain.is_some_and(|text| selector.matches_text(text))
            }
            Predicate::Property(name, condition) => condition.matches(event.properties.get(name)),
            Predicate::User(name, condition) => condition.matches(user(name)),
        }
    }

    /// Visits every node, parents first.
    pub fn visit(&self, see: &mut dyn FnMut(&Predicate)) {
        see(self);
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| part.visit(see)),
            Predicate::Not(part) => part.visit(see),
            _ => {}
        }
    }

    /// Whether a condition on users stands anywhere in it; such a predicate cannot be a definition.
    pub fn has_user_condition(&self) -> bool {
        let mut found = false;
        self.visit(&mut |part| found |= matches!(part, Predicate::User(..)));
        found
    }

    /// Parses the JSON form.
    pub fn from_json(json: &Json) -> Result<Self, PredicateError> {
        parse(json, 0, &mut 0)
    }

    /// The JSON form.
    pub fn to_json(&self) -> Json {
        let list = |parts: &[Predicate]| parts.iter().map(Predicate::to_json).collect::<Vec<_>>();
        match self {
            Predicate::All(parts) => json!({"all": list(parts)}),
            Predicate::Any(parts) => json!({"any": list(parts)}),
            Predicate::Not(part) => json!({"not": part.to_json()}),
            Predicate::Type(kind) => json!({"type": kind}),
            Predicate::Name(name) => json!({"name": name}),
            Predicate::Selector(text, _) => json!({"selector": text}),
            Predicate::Property(name, condition) => condition_json("property", name, condition),
            Predicate::User(name, condition) => condition_json("user", name, condition),
        }
    }
}

impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        self.to_json() == other.to_json()
    }
}

impl TryFrom<Json> for Predicate {
    type Error = PredicateError;

    fn try_from(json: Json) -> Result<Self, PredicateError> {
        Self::from_json(&json)
    }
}

impl From<Predicate> for Json {
    fn from(predicate: Predicate) -> Json {
        predicate.to_json()
    }
}

fn condition_json(subject: &str, name: &str, condition: &Condition) -> Json {
    let (operator, operand) = condition.to_json();
    json!({subject: name, operator: operand})
}

fn parse(json: &Json, depth: usize, nodes: &mut usize) -> Result<Predicate, PredicateError> {
    *nodes += 1;
    if depth > limits::PREDICATE_DEPTH || *nodes > limits::PREDICATE_NODES {
        let (depth, nodes) = (limits::PREDICATE_DEPTH, limits::PREDICATE_NODES);
        return Err(PredicateError::new(format!("a predicate has at most {nodes} conditions, {depth} deep")));
    }
    let Json::Object(map) = json else {
        return Err(PredicateError::new(format!(
            "a predicate is an object such as {{\"type\": \"click\"}}, not {json}"
        )));
    };
    for subject in ["property", "user"] {
        if let Some(name) = map.get(subject) {
            return parse_condition(subject, name, map);
        }
    }
    let mut entries = map.iter();
    let (Some((key, operand)), None) = (entries.next(), entries.next()) else {
        return Err(PredicateError::new(format!(
            "{json} is not one condition; combine conditions with {{\"all\": [...]}} or {{\"any\": [...]}}"
        )));
    };
    let list = |nodes: &mut usize| match operand {
        Json::Array(items) => items.iter().map(|item| parse(item, depth + 1, nodes)).collect(),
        _ => Err(PredicateError::new(format!("\"{key}\" takes a list of predicates"))),
    };
    match key.as_str() {
        "all" => Ok(Predicate::All(list(nodes)?)),
        "any" => Ok(Predicate::Any(list(nodes)?)),
        "not" => Ok(Predicate::Not(Box::new(parse(operand, depth + 1, nodes)?))),
        "type" | "name" | "selector" => parse_leaf(key, operand),
        _ => Err(PredicateError::new(format!(
            "unknown condition \"{key}\"; there are all, any, not, type, name, selector, property and user"
        ))),
    }
}

fn parse_leaf(key: &str, operand: &Json) -> Result<Predicate, PredicateError> {
    let Json::String(text) = operand else {
        return Err(PredicateError::new(format!("\"{key}\" takes a string, not {operand}")));
    };
    match key {
        "type" => EventKind::from_name(text).map(Predicate::Type).ok_or_else(|| {
            let known = EventKind::ALL.map(EventKind::name).join(", ");
            PredicateError::new(format!("unknown event type \"{text}\"; there are {known}"))
        }),
        "selector" => match Selector::parse(text) {
            Ok(selector) => Ok(Predicate::Selector(text.clone(), selector)),
            Err(error) => Err(PredicateError { code: "selector", message: error.to_string() }),
        },
        _ => Ok(Predicate::Name(text.clone())),
    }
}

fn parse_condition(subject: &str, name: &Json, map: &Map<String, Json>) -> Result<Predicate, PredicateError> {
    let Json::String(name) = name else {
        return Err(PredicateError::new(format!("\"{subject}\" takes the name of a property, not {name}")));
    };
    let mut operators = map.iter().filter(|(key, _)| *key != subject);
    let (Some((operator, operand)), None) = (operators.next(), operators.next()) else {
        return Err(PredicateError::new(format!(
            "the condition on \"{name}\" needs exactly one operator, such as {{\"{subject}\": \"{name}\", \"is\": \"…\"}}"
        )));
    };
    let condition = Condition::from_json(operator, operand)?;
    Ok(match subject {
        "user" => Predicate::User(name.clone(), condition),
        _ => Predicate::Property(name.clone(), condition),
    })
}
