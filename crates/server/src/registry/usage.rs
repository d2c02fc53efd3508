//! Where a definition's name stands in the state of saved reports, which is the web app's JSON.
//!
//! A name is a string of its own, at any depth; where an address would take it for something else, `event:` stands before it. Strings that
//! hold JSON are looked into, as addresses have it: in these, names are as the API has them. Predicates are not looked into: no definition
//! is named in one, and their values are a site's words.

use cairn_model::Predicate;
use serde_json::Value;

/// What stands under these keys is a choice of a page's, and never a name.
const CHOICES: [&str; 32] = [
    "type",
    "interval",
    "measure",
    "formula",
    "days",
    "from",
    "to",
    "top",
    "project",
    "kind",
    "chart",
    "order",
    "mode",
    "group",
    "by",
    "per",
    "window",
    "previous",
    "trailing",
    "compare",
    "row",
    "column",
    "view",
    "direction",
    "depth",
    "show",
    "bins",
    "hold",
    "trend",
    "returned",
    "share",
    "name",
];
/// What the app puts before a segment, as JSON, among the choices to group by: its events have names.
const SEGMENT: &str = "segment:";
/// What the app puts before a name that would be read as something else.
const MARK: &str = "event:";
/// Deeper state is nobody's.
const DEPTH_MAX: usize = 32;

/// Whether `state` names the definition.
pub(super) fn mentions(state: &Value, name: &str) -> bool {
    let mut found = false;
    let _ = walk(state, Level::default(), &mut |text, level| {
        found |= level.names(text, name);
        None
    });
    found
}

/// `state` with another name for the definition.
pub(super) fn renamed(state: &Value, from: &str, to: &str) -> Value {
    walk(state, Level::default(), &mut |text, level| level.names(text, from).then(|| level.text_of(to)))
}

/// Where a string stands.
#[derive(Clone, Copy, Default)]
struct Level {
    depth: usize,
    /// In a string that holds JSON.
    is_nested: bool,
}

impl Level {
    fn names(self, text: &str, name: &str) -> bool {
        text == self.text_of(name) || (!self.is_nested && text.strip_prefix(MARK) == Some(name))
    }

    fn text_of(self, name: &str) -> String {
        let is_else = name == "*" || ["type:", MARK, "{"].iter().any(|start| name.starts_with(start));
        if is_else && !self.is_nested { format!("{MARK}{name}") } else { name.to_owned() }
    }

    fn below(self) -> Option<Self> {
        (self.depth < DEPTH_MAX).then_some(Self { depth: self.depth + 1, ..self })
    }
}

fn walk(state: &Value, level: Level, each: &mut dyn FnMut(&str, Level) -> Option<String>) -> Value {
    match (state, level.below()) {
        (Value::String(text), below) => match (nested(text), below) {
            (Some(inner), Some(below)) => {
                let walked = walk(&inner, Level { is_nested: true, ..below }, each);
                // As it was written, unless something changed.
                if walked == inner { state.clone() } else { Value::String(walked.to_string()) }
            }
            _ => each(text, level).map_or_else(|| state.clone(), Value::String),
        },
        (Value::Array(items), Some(below)) => items.iter().map(|item| walk(item, below, each)).collect(),
        (Value::Object(fields), Some(below)) if Predicate::from_json(state).is_err() => {
            let walked = fields.iter().map(|(key, field)| {
                let choice = CHOICES.contains(&key.as_str());
                (key.clone(), if choice { walk_choice(field, below, each) } else { walk(field, below, each) })
            });
            Value::Object(walked.collect())
        }
        _ => state.clone(),
    }
}

/// Of choices, only segments are looked into.
fn walk_choice(state: &Value, level: Level, each: &mut dyn FnMut(&str, Level) -> Option<String>) -> Value {
    match (state, level.below()) {
        (Value::Array(items), Some(below)) => items.iter().map(|item| walk_choice(item, below, each)).collect(),
        (Value::String(text), _) => {
            match text.strip_prefix(SEGMENT).map(|json| walk(&Value::from(json), level, each)) {
                Some(Value::String(json)) => Value::String(format!("{SEGMENT}{json}")),
                _ => state.clone(),
            }
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
    fn segments_to_group_by_are_looked_into_and_other_choices_are_not() {
        let key = |event: &str| format!(r#"segment:{{"name":"Buy","segment":{{"did":"{event}","in":"30d"}}}}"#);
        let state = json!({"event": "Cart", "group": ["event:Buy", key("Buy")], "row": key("Buy"), "hold": ["Buy"], "view": "Buy"});
        assert!(mentions(&state, "Buy"));
        let changed = json!({"event": "Cart", "group": ["event:Buy", key("Order")], "row": key("Order"), "hold": ["Buy"], "view": "Buy"});
        assert_eq!(renamed(&state, "Buy", "Order"), changed);
        assert!(!mentions(&changed, "Buy") && !mentions(&json!({"row": "user:Buy", "measure": "sum:Buy"}), "Buy"));
    }

    /// A report of each kind that the app has, which asks about `event`, with choices that are called like one.
    fn of_every_kind(event: &str) -> [Value; 7] {
        let segment =
            json!({"all": [{"did": event, "in": "30d"}, {"not": {"did_first": event, "in": "7d"}}]}).to_string();
        let key = format!("segment:{}", json!({"name": "Buy", "segment": {"did": event, "in": "30d"}}));
        [
            json!({"event": [event], "measure": ["Buy"], "formula": ["Buy"], "interval": "Buy", "group": [key], "chart": "Buy", "who": segment}),
            json!({"step": [event], "order": "Buy", "per": "Buy", "window": "Buy", "exclude": [event], "hold": ["Buy"], "trend": "Buy", "who": segment}),
            json!({"start": event, "back": event, "mode": "Buy", "returned": "Buy", "interval": "Buy", "show": "Buy", "who": segment}),
            json!({"anchor": event, "node": [event], "direction": "Buy", "depth": "Buy", "top": "Buy", "who": segment}),
            json!({"event": event, "measure": "Buy", "row": key, "column": "Buy", "show": "Buy", "who": segment}),
            json!({"event": event, "view": "Buy", "interval": "Buy", "days": "Buy", "from": "Buy", "to": "Buy", "who": segment}),
            json!({"who": segment}),
        ]
    }

    #[test]
    fn every_kind_of_report_keeps_its_choices_and_follows_its_events() {
        for (asks, renames) in of_every_kind("Buy").iter().zip(of_every_kind("Order")) {
            assert!(mentions(asks, "Buy"), "{asks}");
            assert_eq!(renamed(asks, "Buy", "Order"), renames);
            assert!(!mentions(&renames, "Buy"), "{renames}");
        }
    }

    #[test]
    fn a_name_that_an_address_would_take_for_something_else_is_marked_there() {
        let marked = json!({"event": ["event:Buy", "Cart"], "group": ["event:Buy"]});
        assert!(mentions(&marked, "Buy"));
        assert_eq!(renamed(&marked, "Buy", "Order"), json!({"event": ["Order", "Cart"], "group": ["event:Buy"]}));
        let plain = json!({"event": "Buy", "segment": r#"{"did":"Buy"}"#});
        let changed = json!({"event": "event:type:click", "segment": r#"{"did":"type:click"}"#});
        assert_eq!(renamed(&plain, "Buy", "type:click"), changed);
        assert_eq!(renamed(&changed, "type:click", "Buy"), plain);
        assert!(!mentions(&json!({"event": "type:click"}), "type:click") && !mentions(&json!({"event": "*"}), "*"));
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
