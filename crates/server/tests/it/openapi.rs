//! The OpenAPI document and the router say the same.

use std::{collections::BTreeSet, fs, path::PathBuf};

use cairn_analysis::{Body, Cell, GraphEvent, GroupKey, Histogram, Measure, Query, Sort, SortKey};
use cairn_server::routes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    schema::check,
    setup::{NOW, Server, body, pageview},
};

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let server = Server::start();
    let document = server.get("/api/openapi.json");
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            described.insert((method.to_ascii_uppercase(), path.clone()));
        }
    }
    let routed: BTreeSet<_> =
        routes().into_iter().map(|(method, path, _)| (method.to_string(), path.to_owned())).collect();
    assert_eq!(described, routed);
}

#[test]
fn what_is_open_is_described_as_open_and_references_lead_somewhere() {
    let server = Server::start();
    let document = server.get("/api/openapi.json");
    for (method, path, access) in routes() {
        let operation = &document["paths"][path][method.as_str().to_ascii_lowercase()];
        let open = operation["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(open, access == cairn_server::Access::Open, "{method} {path}");
        assert!(operation["summary"].is_string() && operation["responses"].is_object(), "{method} {path}");
    }
    check_references(&document, &document);
}

fn check_references(document: &Value, node: &Value) {
    match node {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            members.values().for_each(|member| check_references(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| check_references(document, item)),
        _ => {}
    }
}

/// The kinds of an enum, or the members of an object, as its reader lists them when it meets one that it does not know.
fn known<T: DeserializeOwned>(json: Value) -> BTreeSet<String> {
    let refused = serde_json::from_value::<T>(json).err().unwrap().to_string();
    let (_, list) = refused.split_once("expected ").unwrap_or_else(|| panic!("{refused}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn kinds<T: DeserializeOwned>() -> BTreeSet<String> {
    known::<T>(json!({"": null}))
}

fn names(of: &Value) -> BTreeSet<String> {
    of.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_kind_of_question_and_answer_is_described() {
    let document = Server::start().get("/api/openapi.json");
    let schema = |path: &str| &document["components"]["schemas"][path];
    let (questions, answers) = (kinds::<Query>(), kinds::<Body>());
    assert!(questions.contains("graph") && answers.contains("users"), "{questions:?} {answers:?}");
    assert_eq!(names(&schema("Query")["properties"]), questions);
    let described = names(&schema("Answer")["properties"]);
    let about: BTreeSet<String> = ["as_of", "positions", "explain"].map(str::to_owned).into();
    assert_eq!(described, &answers | &about);
    let one_of = schema("Answer")["oneOf"].as_array().unwrap().iter();
    assert_eq!(one_of.map(|form| form["required"][0].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(), answers);
    // What stands in each of them.
    for kind in questions {
        let reference = schema("Query")["properties"][&kind]["$ref"].as_str().unwrap().trim_start_matches('#');
        let members = &document.pointer(reference).unwrap()["properties"];
        assert_eq!(names(members), known::<Query>(json!({&kind: {"": null}})), "{kind}");
    }
    assert_eq!(names(&schema("Cell")["properties"]), kinds::<Cell>());
    assert_eq!(names(&schema("Sort")["properties"]), kinds::<Sort>());
    let event = &schema("GraphsQuery")["properties"]["events"]["items"]["properties"];
    assert_eq!(names(event), kinds::<GraphEvent>());
    let forms = |schema: &Value| {
        let mut of = BTreeSet::new();
        for form in schema["oneOf"].as_array().unwrap() {
            of.extend(form["enum"].as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()));
            of.extend(form.get("properties").into_iter().flat_map(names));
        }
        of
    };
    assert_eq!(forms(schema("Measure")), kinds::<Measure>());
    assert_eq!(forms(schema("GroupKey")), kinds::<GroupKey>());
    assert_eq!(forms(&schema("Sort")["properties"]["by"]), kinds::<SortKey>());
    let histogram = schema("Measure")["oneOf"].as_array().unwrap().iter();
    let histogram: Vec<&Value> = histogram.filter_map(|form| form["properties"].get("histogram")).collect();
    assert_eq!(names(&histogram[0]["properties"]), kinds::<Histogram>());
}

#[test]
fn the_examples_are_as_described() {
    let document = Server::start().get("/api/openapi.json");
    let schemas = &document["components"]["schemas"];
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/examples");
    let (mut kinds, mut wrong) = (BTreeSet::new(), Vec::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let example: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let (query, answer) = (&example["query"], &example["answer"]);
        wrong.extend(check(&document, &schemas["Query"], query).err().map(|why| format!("{}: {why}", path.display())));
        // Those of retentions are written down without their sentences.
        for (kind, body) in answer.as_object().unwrap().iter().filter(|(kind, _)| *kind != "retention") {
            let schema = &schemas["Answer"]["properties"][kind];
            wrong.extend(check(&document, schema, body).err().map(|why| format!("{}: {why}", path.display())));
            kinds.insert(kind.clone());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(kinds.len() >= 9, "{kinds:?}");
}

#[test]
fn questions_of_every_kind_and_their_answers_are_as_described() {
    let server = Server::start();
    let document = server.get("/api/openapi.json");
    let schemas = &document["components"]["schemas"];
    let click = |user: u64, event: u64, amount: f64| {
        let properties = json!({"session_id": user.to_string(), "amount": amount, "path": "/cart"});
        json!({"type": "click", "user_id": user.to_string(), "event_id": event.to_string(), "time": NOW - 500, "properties": properties})
    };
    let mut messages: Vec<Value> = (1..=3).map(|user| pageview(user, 1)).collect();
    messages.iter_mut().for_each(|message| message["properties"]["session_id"] = message["user_id"].clone());
    messages.extend([click(1, 2, 3.5), click(2, 2, 7.0)]);
    messages.push(json!({"type": "identify", "user_id": "1", "handle": "jane@example.com", "time": NOW}));
    messages.push(json!({"type": "user_properties", "user_id": "1", "time": NOW, "set": {"plan": "pro"}}));
    assert_eq!(server.ingest(body(&messages)).status, 200);
    server.settle();
    server.clock.fetch_add(1000, std::sync::atomic::Ordering::SeqCst);
    let list = json!({"users": [{"handle": "jane@example.com"}, {"id": "2"}]});
    assert_eq!(server.api("PUT", "lists/beta", &list).status, 200);

    let (look, buy) = (json!({"type": "pageview"}), json!({"type": "click"}));
    let segment = json!({"all": [{"any": [{"list": "beta"}, {"users": [{"id": "3"}]}, {"user": "plan", "is": "pro"}]}, {"not": {"did": buy, "more_than": 7, "in": "7d"}},
                                 {"did": look, "then": buy, "within": "1h", "from": "2025-11-01"}, {"did_first": look}]});
    let keys = json!([{"event": "path"}, {"user": "plan"}, {"segment": segment, "name": "Beta"}]);
    let of = |kind: &str, members: Value| {
        let mut query = json!({"from": "2025-11-24", "to": "2025-11-26"});
        query.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        json!({kind: query})
    };
    let funnel = of(
        "funnel",
        json!({"steps": [look, buy], "window": "1h", "interval": "hour", "group_by": keys, "hold": ["session_id"], "exclude": [{"name": "x"}]}),
    );
    let paths = of("paths", json!({"start": look, "nodes": [buy], "depth": 2, "collapse": true}));
    let questions = [
        of(
            "graph",
            json!({"event": look, "group_by": keys, "where": {"user": "plan", "is": "pro"}, "segment": segment}),
        ),
        of("graph", json!({"event": buy, "measure": {"summary": "amount"}, "interval": "hour"})),
        of("graph", json!({"event": buy, "measure": {"percentile": {"of": "amount", "p": 90}}, "interval": "hour"})),
        of("graph", json!({"event": buy, "measure": {"histogram": {"of": "amount", "bins": 2}}, "interval": "whole"})),
        of(
            "graphs",
            json!({"events": [{"event": buy, "measure": "users", "where": {"property": "amount", ">": 1}}, {"event": look, "measure": {"avg": "amount"}}],
                            "formulas": ["A / B"], "previous": true, "trailing": 2, "interval": "day"}),
        ),
        funnel.clone(),
        of("retention", json!({"start": look, "return": buy, "interval": "day", "periods": 2})),
        of("retention", json!({"start": look, "return": buy, "group_by": [{"user": "plan"}]})),
        of("stickiness", json!({"event": look})),
        of("lifecycle", json!({"event": look, "interval": "day"})),
        paths.clone(),
        of("pairs", json!({"top": 1})),
        json!({"users": {"segment": segment, "sort": {"by": "last_seen", "descending": true}, "search": "jane"}}),
        json!({"users": {"sort": {"by": {"user": "plan"}}}}),
        json!({"people": {"of": funnel, "cell": {"step": 2, "who": "reached", "group": ["/", "pro", true]}}}),
        json!({"people": {"of": paths, "cell": {"at": 1, "node": 0, "who": "exit"}}}),
        json!({"stream": {"user": {"handle": "jane@example.com"}, "limit": 1}}),
    ];
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for query in questions {
        check(&document, &schemas["Query"], &query).unwrap();
        let answer = server.api("POST", "query", &query);
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let answer = answer.json();
        check(&document, &schemas["Answer"], &answer).unwrap_or_else(|why| panic!("{query}: {why} in {answer}"));
        asked.extend(names(&query));
        answered.extend(names(&answer));
    }
    assert_eq!(asked, kinds::<Query>());
    assert!(answered.is_superset(&kinds::<Body>()), "{answered:?}");
    // What is wrong is found.
    for query in [
        json!({"pie": {}}),
        json!({"graph": {"colour": "red"}}),
        of("pairs", json!({"top": 0})),
        json!({"funnel": {"steps": [look, buy]}}),
    ] {
        assert!(check(&document, &schemas["Query"], &query).is_err(), "{query}");
    }
}
