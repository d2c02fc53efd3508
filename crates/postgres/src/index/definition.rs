//! The index of a definition: its name, and what its rows satisfy.

use cairn_model::Predicate;
use sha2::{Digest, Sha256};

use crate::{
    condition::{compile, flatten},
    sql::Constants,
};

/// With another version of what predicates mean, indexes have other names.
const MATCHER: u32 = 1;
/// What all their names begin with.
pub(crate) const PREFIX: &str = "cairn_def_";

/// A definition's index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// The definition as JSON.
    pub(crate) predicate: String,
    /// Conditions all of which its rows satisfy, in order.
    pub(crate) parts: Vec<String>,
    pub(crate) ddl: String,
}

/// Conditions all of which an event satisfies if it satisfies the predicate, as text, in order. Conditions on persons alone are
/// left out.
pub(crate) fn parts(predicate: &Predicate) -> Vec<String> {
    let mut flat = Vec::new();
    flatten(predicate, &mut flat);
    let of_events = flat.iter().filter(|part| !is_of_user(part));
    let texts = of_events.map(|part| compile(part, &mut Constants::Quoted).text);
    let mut texts: Vec<String> = texts.filter(|text| text != "true").collect();
    texts.sort();
    texts.dedup();
    texts
}

/// Whether it asks of the person and of nothing else.
fn is_of_user(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::User(..) => true,
        Predicate::Not(part) => is_of_user(part),
        _ => false,
    }
}

impl Definition {
    /// The index of a definition; nothing where it would be of no use.
    pub(crate) fn of(project: i64, definition: &Predicate) -> Option<Self> {
        // Questions leave out bots unless they say otherwise.
        let predicate = definition.clone().without_bots();
        let parts = parts(&predicate);
        let json = definition.to_json().to_string();
        // A NUL, which PostgreSQL cannot hold.
        let impossible = json.contains("\\u0000") || parts.iter().any(|part| part == "false");
        if definition.has_user_condition()
            || impossible
            || !(compile(definition, &mut Constants::Quoted).exact || narrows(definition))
        {
            return None;
        }
        let of = parts.join(" and ");
        let mut hash = Sha256::new();
        hash.update(format!("{MATCHER} {project} {of}"));
        let hash: String = hash.finalize().iter().take(10).map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{PREFIX}{hash}");
        // PostgreSQL evaluates the conditions of an index in the order in which they stand, for every event that is written: first what is
        // cheap, last what nearly all satisfy. That makes builds twice as fast.
        let mut in_turn: Vec<&str> = parts.iter().map(String::as_str).collect();
        in_turn.sort_by_key(|part| (!part.starts_with("type = "), part.ends_with(" is not true")));
        let of = in_turn.join(" and ");
        // Beside what funnels need of an event stands what makes it one: an event that several indexes name is met once.
        let ddl = format!(
            "create index concurrently {name} on cairn.events (customer_id, user_id, time, event_id, original_user_id) \
             where customer_id = {project}::bigint and {of}"
        );
        Some(Self { name, predicate: json, parts, ddl })
    }
}

/// Whether what PostgreSQL can decide of a definition lets few events pass: each of them is fetched and looked at. A type does not, nor
/// that there is an element, or that something is not so.
fn narrows(definition: &Predicate) -> bool {
    let mut flat = Vec::new();
    flatten(definition, &mut flat);
    flat.iter().any(|part| {
        !matches!(part, Predicate::Type(_) | Predicate::Not(_)) && compile(part, &mut Constants::Quoted).exact
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(project: i64, json: serde_json::Value) -> Option<Definition> {
        Definition::of(project, &Predicate::from_json(&json).unwrap())
    }

    #[test]
    fn an_index_is_of_the_definition_without_bots_whatever_the_order_of_its_conditions() {
        let a = of(7, json!({"all": [{"type": "click"}, {"property": "path", "is": "/a"}]})).unwrap();
        let b = of(7, json!({"all": [{"all": [{"property": "path", "is": "/a"}]}, {"type": "click"}]})).unwrap();
        assert_eq!((&a.name, &a.ddl), (&b.name, &b.ddl));
        let bots = "((data -> 'bot'::text) = 'true'::jsonb) is not true";
        let path = "(data -> 'path'::text) = '\"/a\"'::jsonb";
        let rows = format!("where customer_id = 7::bigint and type = 'click'::text and {path} and {bots}");
        assert!(a.ddl.ends_with(&rows), "{}", a.ddl);
        assert_ne!(of(8, json!({"type": "click"})).unwrap().name, of(7, json!({"type": "click"})).unwrap().name);
    }

    #[test]
    fn what_only_the_shared_matcher_decides_has_an_index_where_something_else_narrows_it_down() {
        assert_eq!(of(7, json!({"all": [{"type": "click"}, {"selector": "a.btn"}]})), None);
        let of = of(7, json!({"all": [{"type": "click"}, {"selector": "a.btn"}, {"property": "path", "is": "/a"}]}));
        assert_eq!(of.unwrap().parts.len(), 4);
    }

    #[test]
    fn what_can_never_hold_has_none() {
        assert_eq!(of(7, json!({"property": "path", "in": []})), None);
        assert_eq!(of(7, json!({"property": "path", "is": "a\0b"})), None);
    }
}
