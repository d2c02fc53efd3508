//! Events, conditions and segments in words, for the sentences of answers.

use serde_json::{Map, Value};

use crate::EventRef;

/// How a segment's counts are said.
const COUNTS: [(&str, &str); 5] = [
    ("at_least", "at least"),
    ("at_most", "at most"),
    ("exactly", "exactly"),
    ("more_than", "more than"),
    ("fewer_than", "fewer than"),
];

/// How operators are said, and whether a value follows.
const OPERATORS: [(&str, &str, bool); 10] = [
    ("is", "is", true),
    ("is_not", "is not", true),
    ("contains", "contains", true),
    ("starts_with", "starts with", true),
    ("ends_with", "ends with", true),
    ("glob", "fits", true),
    ("regex", "fits the regex", true),
    ("in", "is one of", true),
    ("is_set", "is set", false),
    ("is_not_set", "is not set", false),
];

impl EventRef {
    /// The event for people: its name; its type, where that is all that it says; else its conditions.
    pub fn words(&self) -> String {
        match self {
            EventRef::Named(name) => name.clone(),
            EventRef::Inline(json) => inline(json),
        }
    }

    /// What tells the event from others: its name; its type, where that is all that it says; else its JSON.
    pub fn name(&self) -> String {
        match self {
            EventRef::Named(name) => name.clone(),
            EventRef::Inline(json) => type_of(json).map_or_else(|| json.to_string(), str::to_owned),
        }
    }
}

/// An event that a question holds itself: `click where path is "/"`.
fn inline(json: &Value) -> String {
    let parts = match json.get("all").and_then(Value::as_array) {
        Some(parts) => parts.iter().collect(),
        None => vec![json],
    };
    let (kinds, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| type_of(part).is_some());
    let (kind, rest) = match kinds[..] {
        [] => ("any event", others),
        [one] => (type_of(one).unwrap_or_default(), others),
        _ => ("any event", kinds.into_iter().chain(others).collect()),
    };
    match rest[..] {
        [] => kind.to_owned(),
        [one] => format!("{kind} where {}", condition_words(one)),
        _ => {
            let rest: Vec<_> = rest.into_iter().map(|part| nested(part, condition_words)).collect();
            format!("{kind} where {}", rest.join(" and "))
        }
    }
}

/// The type of events of which nothing else is said.
fn type_of(json: &Value) -> Option<&str> {
    json.as_object().filter(|members| members.len() == 1)?.get("type")?.as_str()
}

/// A predicate as conditions: `country is "Canada" and plan is set`.
pub(crate) fn condition_words(json: &Value) -> String {
    let Some(members) = json.as_object() else { return json.to_string() };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some(words) = combined(members, condition_words) {
        return words;
    }
    if let Some(kind) = text("type") {
        return format!("the event is a {kind}");
    }
    if let Some(name) = text("name") {
        return format!("the event's name is {name:?}");
    }
    if let Some(selector) = text("selector") {
        return format!("the element matches {selector}");
    }
    match (text("property"), text("user")) {
        (Some(name), _) => compared(name, members),
        (None, Some(name)) => compared(&format!("the user's {name}"), members),
        (None, None) => json.to_string(),
    }
}

/// A segment, to be said after "users": `who did Sign In more than 4 times in the last 7d and whose plan is "pro"`.
pub(crate) fn segment_words(json: &Value) -> String {
    let Some(members) = json.as_object() else { return json.to_string() };
    if let Some(words) = combined(members, segment_words) {
        return words;
    }
    if let Some(name) = members.get("user").and_then(Value::as_str) {
        return format!("whose {}", compared(name, members));
    }
    if let Some(list) = members.get("list").and_then(Value::as_str) {
        return format!("on the list {list:?}");
    }
    if let Some(users) = members.get("users").and_then(Value::as_array) {
        return format!("named one by one, {} of them", users.len());
    }
    did(members).unwrap_or_else(|| json.to_string())
}

fn did(members: &Map<String, Value>) -> Option<String> {
    let event = |name: &str| {
        members.get(name).map(|event| match event.as_str() {
            Some(name) => name.to_owned(),
            None => inline(event),
        })
    };
    let period = period(members);
    if let Some(first) = event("did_first") {
        return Some(format!("who did {first} for the first time{period}"));
    }
    let did = event("did")?;
    if let Some(then) = event("then") {
        let within = members.get("within").map(bare).unwrap_or_default();
        return Some(format!("who did {did}{period} and then {then} within {within}"));
    }
    let counted = COUNTS.iter().find_map(|(name, words)| Some((words, members.get(*name)?)));
    let times = match counted {
        Some((words, n)) => format!(" {words} {n} {}", if *n == 1 { "time" } else { "times" }),
        None => String::new(),
    };
    Some(format!("who did {did}{times}{period}"))
}

fn period(members: &Map<String, Value>) -> String {
    let of = |name: &str| members.get(name).map(bare);
    match (of("in"), of("from"), of("to")) {
        (Some(last), ..) => format!(" in the last {last}"),
        (None, Some(from), Some(to)) => format!(" from {from} to before {to}"),
        (None, Some(from), None) => format!(" since {from}"),
        (None, None, Some(to)) => format!(" before {to}"),
        (None, None, None) => String::new(),
    }
}

/// `all`, `any` and `not`, which predicates and segments have alike.
fn combined(members: &Map<String, Value>, words: fn(&Value) -> String) -> Option<String> {
    let list = |name: &str| members.get(name).and_then(Value::as_array);
    let joined = |parts: &[Value], word: &str, none: &str| match parts {
        [] => none.to_owned(),
        [one] => words(one),
        _ => parts.iter().map(|part| nested(part, words)).collect::<Vec<_>>().join(word),
    };
    if let Some(parts) = list("all") {
        return Some(joined(parts, " and ", "whatever"));
    }
    if let Some(parts) = list("any") {
        return Some(joined(parts, " or ", "nothing"));
    }
    members.get("not").map(|part| format!("not ({})", words(part)))
}

/// A part of several: in parentheses where it has several itself.
fn nested(part: &Value, words: fn(&Value) -> String) -> String {
    let several =
        ["all", "any"].iter().any(|name| part.get(name).and_then(Value::as_array).is_some_and(|parts| parts.len() > 1));
    if several { format!("({})", words(part)) } else { words(part) }
}

fn compared(name: &str, members: &Map<String, Value>) -> String {
    for (operator, words, takes) in OPERATORS {
        match members.get(operator) {
            Some(_) if !takes => return format!("{name} {words}"),
            Some(Value::Array(values)) if operator == "in" => {
                let values: Vec<_> = values.iter().map(Value::to_string).collect();
                return format!("{name} {words} {}", values.join(", "));
            }
            Some(value) => return format!("{name} {words} {value}"),
            None => {}
        }
    }
    let order = [">=", ">", "<=", "<"].iter().find_map(|operator| Some((operator, members.get(*operator)?)));
    order.map_or_else(|| name.to_owned(), |(operator, value)| format!("{name} {operator} {value}"))
}

/// A text without its quotes.
fn bare(json: &Value) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_said_by_their_name_their_type_or_their_conditions() {
        let words = |json: Value| serde_json::from_value::<EventRef>(json).unwrap().words();
        assert_eq!(words(json!("Add to cart")), "Add to cart");
        assert_eq!(words(json!({"type": "click"})), "click");
        assert_eq!(words(json!({"all": []})), "any event");
        assert_eq!(
            words(
                json!({"all": [{"type": "click"}, {"selector": "a.btn"}, {"property": "path", "starts_with": "/c"}]})
            ),
            r#"click where the element matches a.btn and path starts with "/c""#
        );
        assert_eq!(words(json!({"name": "Order"})), r#"any event where the event's name is "Order""#);
        assert_eq!(
            words(json!({"any": [{"type": "click"}, {"type": "submit"}]})),
            "any event where the event is a click or the event is a submit"
        );
    }

    #[test]
    fn two_events_of_the_same_words_have_names_of_their_own() {
        let one = EventRef::Inline(json!({"property": "path", "is": "/"}));
        let same = EventRef::Inline(json!({"all": [{"property": "path", "is": "/"}]}));
        assert_eq!((one.words(), one.name() == same.name()), (same.words(), false));
        assert_eq!(EventRef::Inline(json!({"type": "click"})).name(), "click");
    }

    #[test]
    fn conditions_are_said_with_their_operators_and_nested_ones_in_parentheses() {
        for (json, words) in [
            (json!({"property": "country", "is": "Canada"}), r#"country is "Canada""#),
            (json!({"user": "plan", "in": ["pro", 3]}), r#"the user's plan is one of "pro", 3"#),
            (json!({"property": "amount", ">=": 10}), "amount >= 10"),
            (json!({"not": {"property": "bot", "is_set": true}}), "not (bot is set)"),
            (
                json!({"all": [{"any": [{"property": "a", "is": 1}, {"property": "b", "is_not_set": true}]}, {"user": "c", "<": 2}]}),
                "(a is 1 or b is not set) and the user's c < 2",
            ),
        ] {
            assert_eq!(condition_words(&json), words);
        }
    }

    #[test]
    fn segments_are_said_of_users() {
        for (json, words) in [
            (json!({"did": "Sign In", "more_than": 4, "in": "7d"}), "who did Sign In more than 4 times in the last 7d"),
            (json!({"did": "A", "exactly": 1}), "who did A exactly 1 time"),
            (
                json!({"did_first": {"type": "click"}, "from": "2026-01-01"}),
                "who did click for the first time since 2026-01-01",
            ),
            (json!({"did": "A", "then": "B", "within": "2h", "to": 5}), "who did A before 5 and then B within 2h"),
            (json!({"list": "beta"}), r#"on the list "beta""#),
            (json!({"users": [{"id": "4711"}]}), "named one by one, 1 of them"),
            (
                json!({"all": [{"user": "plan", "is": "pro"}, {"not": {"did": "A", "from": "2026-01-01", "to": "2026-02-01"}}]}),
                r#"whose plan is "pro" and not (who did A from 2026-01-01 to before 2026-02-01)"#,
            ),
        ] {
            assert_eq!(segment_words(&json), words);
        }
    }
}
