//! The OpenAPI document and the router say the same.

use std::collections::BTreeSet;

use cairn_server::routes;
use serde_json::Value;

use crate::setup::Server;

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
