//! Predicates as SQL.
//!
//! What PostgreSQL would decide in another way (patterns, selectors) is narrowed down to what may hold, and decided by the shared
//! matcher: in the database, if it has the extension. Conditions that do not hold may be unknown (null) but are never true, and every `not` asks whether something is true.

use cairn_model::{Condition, Predicate, Value};

use crate::{json, sql::Constants};

/// A predicate over `e` (an event), `u` (its person), or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compiled {
    /// True of everything that satisfies the predicate.
    pub(crate) text: String,
    /// True of nothing else.
    pub(crate) exact: bool,
    /// Whether a condition on the person stands anywhere in it.
    pub(crate) of_user: bool,
}

/// Compiles a predicate.
pub(crate) fn compile(predicate: &Predicate, constants: &mut Constants) -> Compiled {
    let exact = |text: String| Compiled { text, exact: true, of_user: false };
    match predicate {
        Predicate::All(_) => {
            let mut flat = Vec::new();
            flatten(predicate, &mut flat);
            join(&flat, " and ", "true", constants)
        }
        Predicate::Any(parts) => join(&parts.iter().collect::<Vec<_>>(), " or ", "false", constants),
        Predicate::Not(part) => {
            let before = constants.len();
            let of = compile(part, constants);
            if of.exact {
                return Compiled { text: format!("({}) is not true", of.text), ..of };
            }
            // What only may hold says nothing of what does not.
            constants.truncate(before);
            Compiled { text: "true".to_owned(), ..of }
        }
        Predicate::Type(kind) => exact(format!("{} = {}", constants.of_event("type"), constants.text(kind.name()))),
        Predicate::Name(name) => {
            let (kind, data) = (constants.of_event("type"), constants.of_event("data"));
            let custom = constants.text("custom");
            let (property, value) = (constants.text("name"), constants.json(json::text(&Value::from(name.as_str()))));
            exact(format!("({kind} = {custom} and ({data} -> {property}) = {value})"))
        }
        Predicate::Selector(selector, _) => {
            let (data, chain) = (constants.of_event("data"), constants.text("chain"));
            let narrowed = format!("({data} ->> {chain}) is not null");
            if !constants.has_matcher() {
                return Compiled { text: narrowed, exact: false, of_user: false };
            }
            let (kind, selector) = (format!("jsonb_typeof({data} -> {chain})"), constants.text(selector));
            let matches = format!("cairn_ext.chain_matches_v1({data} ->> {chain}, {selector})");
            exact(format!("({narrowed} and {kind} = 'string' and {matches})"))
        }
        Predicate::Property(name, of) => condition(&constants.of_event("data"), name, of, constants),
        Predicate::User(name, of) => Compiled { of_user: true, ..condition("u.properties", name, of, constants) },
    }
}

/// The parts of a predicate all of which must hold.
pub(crate) fn flatten<'p>(predicate: &'p Predicate, out: &mut Vec<&'p Predicate>) {
    match predicate {
        Predicate::All(parts) => parts.iter().for_each(|part| flatten(part, out)),
        other => out.push(other),
    }
}

fn join(parts: &[&Predicate], by: &str, none: &str, constants: &mut Constants) -> Compiled {
    let parts: Vec<Compiled> = parts.iter().map(|part| compile(part, constants)).collect();
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let text = match &texts[..] {
        [] => none.to_owned(),
        [only] => (*only).to_owned(),
        several => format!("({})", several.join(by)),
    };
    Compiled { text, exact: parts.iter().all(|part| part.exact), of_user: parts.iter().any(|part| part.of_user) }
}

/// A condition on the member `name` of a `jsonb` column.
fn condition(column: &str, name: &str, condition: &Condition, constants: &mut Constants) -> Compiled {
    if never(condition) {
        return Compiled { text: "false".to_owned(), exact: true, of_user: false };
    }
    let name = constants.text(name);
    let (value, text) = (format!("({column} -> {name})"), format!("({column} ->> {name})"));
    let is = |kind: &str| format!("jsonb_typeof{value} = '{kind}'");
    let mut of = |value: &Value<'_>| constants.json(json::text(value));
    let mut exact = true;
    let compiled = match condition {
        Condition::Is(other) => format!("{value} = {}", of(other)),
        Condition::IsNot(other) => format!("{value} <> {}", of(other)),
        Condition::In(others) => {
            let others: Vec<String> = others.iter().map(of).collect();
            format!("{value} in ({})", others.join(", "))
        }
        Condition::Contains(part) => {
            let item = of(&Value::Array(vec![Value::from(part.as_str())]));
            let part = constants.text(part);
            format!("(({} and strpos({text}, {part}) > 0) or ({} and {value} @> {item}))", is("string"), is("array"))
        }
        Condition::StartsWith(part) => format!("({} and starts_with({text}, {}))", is("string"), constants.text(part)),
        Condition::EndsWith(part) => {
            let part = constants.text(part);
            format!("({} and right({text}, length({part})) = {part})", is("string"))
        }
        Condition::Glob(pattern, _) | Condition::Regex(pattern, _) if constants.has_matcher() => {
            let function = if matches!(condition, Condition::Glob(..)) { "glob" } else { "regex" };
            let pattern = constants.text(pattern);
            format!("({} and cairn_ext.{function}_matches_v1({text}, {pattern}))", is("string"))
        }
        Condition::Glob(..) | Condition::Regex(..) => {
            exact = false;
            is("string")
        }
        Condition::Greater(other) => compare(">", other, (&value, &text), constants),
        Condition::AtLeast(other) => compare(">=", other, (&value, &text), constants),
        Condition::Less(other) => compare("<", other, (&value, &text), constants),
        Condition::AtMost(other) => compare("<=", other, (&value, &text), constants),
        Condition::IsSet => format!("{value} is not null"),
        Condition::IsNotSet => format!("{value} is null"),
    };
    Compiled { text: compiled, exact, of_user: false }
}

/// Whether nothing satisfies it: what is neither a number nor a string has no order.
fn never(condition: &Condition) -> bool {
    match condition {
        Condition::In(others) => others.is_empty(),
        Condition::Greater(other) | Condition::AtLeast(other) | Condition::Less(other) | Condition::AtMost(other) => {
            !matches!(other, Value::Number(_) | Value::String(_))
        }
        _ => false,
    }
}

/// Greater or less: of numbers, or of strings by bytes.
fn compare(operator: &str, other: &Value<'_>, (value, text): (&str, &str), constants: &mut Constants) -> String {
    match other {
        Value::Number(_) => {
            let other = constants.json(json::text(other));
            format!("case when jsonb_typeof{value} = 'number' then {value}::numeric {operator} ({other})::numeric end")
        }
        Value::String(other) => {
            let other = constants.text(other);
            format!("(jsonb_typeof{value} = 'string' and {text} collate \"C\" {operator} {other})")
        }
        _ => "false".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sql::Matcher;

    fn quoted(predicate: serde_json::Value) -> Compiled {
        compile(&Predicate::from_json(&predicate).unwrap(), &mut Constants::Quoted)
    }

    #[test]
    fn conjunctions_are_flat_so_that_indexes_of_their_parts_can_serve() {
        let of = quoted(
            json!({"all": [{"all": [{"type": "click"}, {"property": "path", "is": "/a"}]}, {"not": {"property": "bot", "is": true}}]}),
        );
        let text = "(type = 'click'::text and (data -> 'path'::text) = '\"/a\"'::jsonb and \
                    ((data -> 'bot'::text) = 'true'::jsonb) is not true)";
        assert_eq!(of, Compiled { text: text.to_owned(), exact: true, of_user: false });
    }

    #[test]
    fn what_only_may_hold_narrows_down_nothing_where_it_is_denied() {
        let of = quoted(json!({"all": [{"not": {"property": "path", "glob": "/a*"}}, {"user": "plan", "is": "pro"}]}));
        let text = "(true and (u.properties -> 'plan'::text) = '\"pro\"'::jsonb)";
        assert_eq!(of, Compiled { text: text.to_owned(), exact: false, of_user: true });
    }

    #[test]
    fn where_the_database_has_the_matcher_it_decides() {
        let of = |json| {
            let mut constants = Constants::Bound(Vec::new(), Matcher::Extension);
            let of = compile(&Predicate::from_json(&json).unwrap(), &mut constants);
            assert!(of.exact);
            of.text
        };
        let text = "((jsonb_typeof(e.data -> $1::text) = 'string' and \
                    cairn_ext.glob_matches_v1((e.data ->> $1::text), $2::text))) is not true";
        assert_eq!(of(json!({"not": {"property": "path", "glob": "/a*"}})), text);
        let text = "((e.data ->> $1::text) is not null and jsonb_typeof(e.data -> $1::text) = 'string' and \
                    cairn_ext.chain_matches_v1(e.data ->> $1::text, $2::text))";
        assert_eq!(of(json!({"selector": "a.btn"})), text);
    }

    #[test]
    fn what_was_typed_stays_within_its_literal() {
        let of = quoted(json!({"property": "a'b", "is": "'; drop schema cairn; --\\"}));
        assert_eq!(of.text, "(data -> 'a''b'::text) = E'\"''; drop schema cairn; --\\\\\\\\\"'::jsonb");
    }
}
