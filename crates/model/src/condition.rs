//! Conditions on one property's value.

use regex::Regex;
use serde_json::{Value as Json, json};

use crate::{PredicateError, Value};

/// An operator and its operand. A missing value satisfies only [`Condition::IsNotSet`].
#[derive(Clone, Debug)]
pub enum Condition {
    /// Equal.
    Is(Value<'static>),
    /// Present and not equal.
    IsNot(Value<'static>),
    /// The string contains it; or the array has it as a value.
    Contains(String),
    /// The string starts with it.
    StartsWith(String),
    /// The string ends with it.
    EndsWith(String),
    /// The whole string matches: `*` any run, `?` one character.
    Glob(String, Regex),
    /// The string has a match.
    Regex(String, Regex),
    /// Equal to one of these.
    In(Vec<Value<'static>>),
    /// Greater, of the same type (numbers, or strings by bytes).
    Greater(Value<'static>),
    /// Greater or equal, of the same type.
    AtLeast(Value<'static>),
    /// Less, of the same type.
    Less(Value<'static>),
    /// Less or equal, of the same type.
    AtMost(Value<'static>),
    /// Present.
    IsSet,
    /// Missing.
    IsNotSet,
}

/// The operators' names in JSON.
pub(crate) const OPERATORS: [&str; 14] = [
    "is",
    "is_not",
    "contains",
    "starts_with",
    "ends_with",
    "glob",
    "regex",
    "in",
    ">",
    ">=",
    "<",
    "<=",
    "is_set",
    "is_not_set",
];

/// A compiled pattern may take this much memory.
const REGEX_BYTES: usize = 1 << 20;
/// So much of a pattern is quoted in an error.
const SHOWN_CHARS: usize = 100;

impl Condition {
    /// The condition that the whole string matches `glob`: `*` any run, `?` one character.
    ///
    /// # Errors
    /// It takes too much memory.
    pub fn glob(glob: &str) -> Result<Self, PredicateError> {
        Ok(Condition::Glob(glob.to_owned(), compile(glob, &glob_pattern(glob))?))
    }

    /// The condition that the string has a match of `pattern`.
    ///
    /// # Errors
    /// Not a pattern, or one that takes too much memory.
    pub fn regex(pattern: &str) -> Result<Self, PredicateError> {
        Ok(Condition::Regex(pattern.to_owned(), compile(pattern, pattern)?))
    }

    /// Whether `value` satisfies the condition; `None` is a missing property.
    pub fn matches(&self, value: Option<&Value<'_>>) -> bool {
        let Some(value) = value else { return matches!(self, Condition::IsNotSet) };
        let text = value.as_str();
        match self {
            Condition::Is(other) => value == other,
            Condition::IsNot(other) => value != other,
            Condition::Contains(part) => match value {
                Value::String(text) => text.contains(part.as_str()),
                Value::Array(items) => items.iter().any(|item| item.as_str() == Some(part)),
                _ => false,
            },
            Condition::StartsWith(part) => text.is_some_and(|text| text.starts_with(part.as_str())),
            Condition::EndsWith(part) => text.is_some_and(|text| text.ends_with(part.as_str())),
            Condition::Glob(_, regex) | Condition::Regex(_, regex) => text.is_some_and(|text| regex.is_match(text)),
            Condition::In(values) => values.iter().any(|other| value == other),
            Condition::Greater(other) => comparable(value, other) && value > other,
            Condition::AtLeast(other) => comparable(value, other) && value >= other,
            Condition::Less(other) => comparable(value, other) && value < other,
            Condition::AtMost(other) => comparable(value, other) && value <= other,
            Condition::IsSet => true,
            Condition::IsNotSet => false,
        }
    }

    pub(crate) fn from_json(operator: &str, operand: &Json) -> Result<Self, PredicateError> {
        let text = || match operand {
            Json::String(text) => Ok(text.clone()),
            _ => Err(PredicateError::new(format!("\"{operator}\" takes a string, not {operand}"))),
        };
        Ok(match operator {
            "is" => Condition::Is(value(operand)?),
            "is_not" => Condition::IsNot(value(operand)?),
            "contains" => Condition::Contains(text()?),
            "starts_with" => Condition::StartsWith(text()?),
            "ends_with" => Condition::EndsWith(text()?),
            "glob" => Condition::glob(&text()?)?,
            "regex" => Condition::regex(&text()?)?,
            "in" => match operand {
                Json::Array(items) => Condition::In(items.iter().map(value).collect::<Result<_, _>>()?),
                _ => return Err(PredicateError::new("\"in\" takes a list of values")),
            },
            ">" => Condition::Greater(ordered(operator, operand)?),
            ">=" => Condition::AtLeast(ordered(operator, operand)?),
            "<" => Condition::Less(ordered(operator, operand)?),
            "<=" => Condition::AtMost(ordered(operator, operand)?),
            "is_set" if *operand == Json::Bool(true) => Condition::IsSet,
            "is_not_set" if *operand == Json::Bool(true) => Condition::IsNotSet,
            "is_set" | "is_not_set" => return Err(PredicateError::new(format!("\"{operator}\" takes true"))),
            _ => {
                let known = OPERATORS.join(", ");
                return Err(PredicateError::new(format!("unknown operator \"{operator}\"; there are {known}")));
            }
        })
    }

    pub(crate) fn to_json(&self) -> (&'static str, Json) {
        match self {
            Condition::Is(v) => ("is", json!(v)),
            Condition::IsNot(v) => ("is_not", json!(v)),
            Condition::Contains(t) => ("contains", json!(t)),
            Condition::StartsWith(t) => ("starts_with", json!(t)),
            Condition::EndsWith(t) => ("ends_with", json!(t)),
            Condition::Glob(t, _) => ("glob", json!(t)),
            Condition::Regex(t, _) => ("regex", json!(t)),
            Condition::In(vs) => ("in", json!(vs)),
            Condition::Greater(v) => (">", json!(v)),
            Condition::AtLeast(v) => (">=", json!(v)),
            Condition::Less(v) => ("<", json!(v)),
            Condition::AtMost(v) => ("<=", json!(v)),
            Condition::IsSet => ("is_set", json!(true)),
            Condition::IsNotSet => ("is_not_set", json!(true)),
        }
    }
}

fn comparable(a: &Value<'_>, b: &Value<'_>) -> bool {
    matches!((a, b), (Value::Number(_), Value::Number(_)) | (Value::String(_), Value::String(_)))
}

fn value(json: &Json) -> Result<Value<'static>, PredicateError> {
    match json {
        Json::Object(_) => Err(PredicateError::new("a value is a string, number, boolean, null or an array of those")),
        _ => serde_json::from_value::<Value<'static>>(json.clone())
            .map_err(|_| PredicateError::new(format!("{json} is not a value"))),
    }
}

fn ordered(operator: &str, json: &Json) -> Result<Value<'static>, PredicateError> {
    match json {
        Json::Number(_) | Json::String(_) => value(json),
        _ => Err(PredicateError::new(format!("\"{operator}\" takes a number or a string, not {json}"))),
    }
}

/// `pattern`, made of what was `written`.
fn compile(written: &str, pattern: &str) -> Result<Regex, PredicateError> {
    regex::RegexBuilder::new(pattern).size_limit(REGEX_BYTES).build().map_err(|error| {
        // The last line of the library's multi-line message says what is wrong.
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let shown: String = written.chars().take(SHOWN_CHARS).collect();
        let cut = if shown.len() < written.len() { " ..." } else { "" };
        PredicateError::new(format!("the pattern {shown:?}{cut} cannot be used: {last}"))
    })
}

fn glob_pattern(glob: &str) -> String {
    let mut pattern = String::from("(?s)^");
    for c in glob.chars() {
        match c {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            _ => pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push('$');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_cannot_be_used_is_quoted_as_it_was_written_and_not_at_length() {
        let of = |condition: Result<Condition, PredicateError>| condition.unwrap_err().to_string();
        assert_eq!(of(Condition::regex("a(")), "the pattern \"a(\" cannot be used: unclosed group");
        let long = of(Condition::glob(&"?ü".repeat(50_000)));
        assert!(long.starts_with("the pattern \"?ü?ü") && long.contains("?ü\" ... cannot be used: "), "{long}");
        assert!(long.len() < 300, "{}", long.len());
    }

    #[test]
    fn conditions_made_of_text_are_those_of_json() {
        for (operator, condition) in [("glob", Condition::glob("/p/*.?")), ("regex", Condition::regex("^/p/(a|b)$"))] {
            let condition = condition.unwrap();
            let (name, operand) = condition.to_json();
            assert_eq!(name, operator);
            let read = Condition::from_json(operator, &operand).unwrap();
            for text in ["/p/x.y", "/p/x.yz", "/p/a", "/p/c", ""] {
                let value = Value::from(text);
                assert_eq!(read.matches(Some(&value)), condition.matches(Some(&value)), "{operator} on {text}");
            }
        }
    }
}
