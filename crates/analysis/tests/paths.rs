//! Paths and pairs: which nodes may be asked about.
#![allow(clippy::unwrap_used, missing_docs)]

use cairn_analysis::{Calendar, Plan, Query, QueryError};
use cairn_model::{EventKind, Predicate, TimeMs};
use serde_json::{Value, json};

/// What nodes are called; `click` is defined, too.
fn names(kind: &str, nodes: &Value) -> Result<Vec<String>, QueryError> {
    let query: Query = serde_json::from_value(json!({kind: {"nodes": nodes, "from": 0, "to": 1000}})).unwrap();
    let defined = |name: &str| (name == "click").then_some(Predicate::Type(EventKind::Submit));
    match Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(700_000_000), &defined)? {
        Plan::Paths(plan) => Ok(plan.nodes.names),
        Plan::Pairs(plan) => Ok(plan.nodes.names),
        other => panic!("{other:?} is of no nodes"),
    }
}

#[test]
fn nodes_of_one_name_are_refused() {
    let click = json!({"type": "click"});
    for kind in ["paths", "pairs"] {
        for nodes in [json!(["click", click]), json!([click, {"type": "submit"}, "click"]), json!([click, click])] {
            let error = names(kind, &nodes).unwrap_err();
            let words = r#"two of `nodes` are called "click": leave one out, or define one under a name of its own"#;
            assert_eq!((error.code, error.to_string().as_str()), ("query", words), "{nodes}");
        }
        let names = names(kind, &json!(["click", {"all": [click]}, {"type": "submit"}])).unwrap();
        assert_eq!(names, ["click", r#"{"all":[{"type":"click"}]}"#, "submit"]);
    }
}
