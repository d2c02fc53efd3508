//! Where a definition's name stands in the state of saved reports, which is the web app's JSON.
//!
//! A name is a string of its own, at any depth. Strings that hold JSON are looked into, as addresses have it. Predicates are not: no
//! definition is named in one, and their values are a site's words.

use cairn_model::Predicate;
use serde_json::Value;

/// What stands under these keys is a choice of a page's, and never a name.
const CHOICES: [&str; 12] =
    ["type", "interval", "measure", "days", "from", "to", "top", "project", "kind", "chart", "order", "mode"];
/// Deeper state is nobody's.
const DEPTH_MAX: usize = 32;

/// Whether `state` names the definition.
pub(super) fn mentions(state: &Value, name: &str) -> bool {
    let mut found = false;
    let _ = walk(state, 0, &mut |text| {
        found |= text == name;
        None
    });
    found
}

/// `state` with another name for the definition.
pub(super) fn renamed(state: &Value, from: &str, to: &str) -> Value {
    walk(state, 0, &mut |text| (text == from).then(|| to.to_owned()))
}

fn walk(state: &Value, depth: usize, each: &mut dyn FnMut(&str) -> Option<String>) -> Value {
    match state {
        Value::String(text) => match nested(text).filter(|_| depth < DEPTH_MAX) {
            Some(inner) => {
                let walked = walk(&inner, depth + 1, each);
                // As it was written, unless something changed.
                if walked == inner { state.clone() } else { Value::String(walked.to_string()) }
            }
            None => each(text).map_or_else(|| state.clone(), Value::String),
        },
        Value::Array(items) if depth < DEPTH_MAX => items.iter().map(|item| walk(item, depth + 1, each)).collect(),
        Value::Object(fields) if depth < DEPTH_MAX && Predicate::from_json(state).is_err() => {
            let walked = fields.iter().map(|(key, field)| {
                let choice = CHOICES.contains(&key.as_str());
                (key.clone(), if choice { field.clone() } else { walk(field, depth + 1, each) })
            });
            Value::Object(walked.collect())
        }
        _ => state.clone(),
    }
}

/// A string that holds JSON of several parts.
fn nested(text: &str) -> Option<Value> {
    let begins = text.starts_with(['{', '[']);
    begins.then(|| serde_json::from_str(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_found_and_changed_wherever_they_stand_on_their_own() {
        let states = [
            json!({"event": "Buy", "days": 14}),
            json!({"events": ["Add", "Buy"]}),
            json!({"steps": [{"event": "Buy", "label": "x"}]}),
            json!({"segment": r#"{"all":[{"did":"Buy","times":{"at_least":1}}]}"#}),
        ];
        for state in states {
            assert!(mentions(&state, "Buy"), "{state}");
            let changed = renamed(&state, "Buy", "Order");
            assert!(!mentions(&changed, "Buy") && mentions(&changed, "Order"), "{changed}");
            assert_eq!(changed.to_string().matches("Order").count(), 1);
            assert_eq!(renamed(&changed, "Order", "Buy"), state);
        }
    }

    #[test]
    fn what_is_no_name_is_left_alone() {
        let states = [
            json!({"event": "Buyer", "title": "Buy it"}),
            json!({"type": "Buy", "interval": "Buy"}),
            json!({"where": {"property": "target_text", "is": "Buy"}}),
            json!({"where": r#"{"all": [{"property": "target_text", "is": "Buy"}]}"#}),
            json!({"events": [{"name": "Buy"}]}),
            json!({"Buy": 1, "n": [1, true, null]}),
        ];
        for state in states {
            assert!(!mentions(&state, "Buy"), "{state}");
            assert_eq!(renamed(&state, "Buy", "Order"), state);
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = (0..100).fold(json!("Buy"), |inner, _| json!([inner]));
        assert!(!mentions(&deep, "Buy"));
        assert_eq!(renamed(&deep, "Buy", "x"), deep);
    }
}
