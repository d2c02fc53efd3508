//! The examples worked by hand in tests/examples, one file each: the oracle and the store, in every shape, give the answer.

use std::{fs, path::PathBuf};

use cairn_analysis::{Body, Budget, Plan, Query, Store};
use cairn_model::Message;
use cairn_store::StoreOptions;
use cairn_testkit::{disk::FaultyDisk, history::Line, oracle::Oracle};
use serde::Deserialize;
use serde_json::Value;

use crate::common::{at, batch, open, project, resolve};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// For people.
    why: String,
    zone: String,
    history: Vec<Line>,
    query: Query,
    answer: Value,
}

/// So many there must be.
const EXAMPLES_MIN: usize = 70;

#[test]
fn every_example_has_the_answer_that_was_worked_out_by_hand() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/examples");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= EXAMPLES_MIN, "{} examples", files.len());
    let wrong: Vec<String> = files.iter().flat_map(look).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with an example.
fn look(file: &PathBuf) -> Vec<String> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let example: Example = match serde_json::from_str(&fs::read_to_string(file).unwrap()) {
        Ok(example) => example,
        Err(error) => return vec![format!("{name}: it cannot be read: {error}")],
    };
    let lines = example.history.into_iter();
    let messages: Vec<Message<'static>> = lines.map(|line| line.message().unwrap()).collect();
    let plan = resolve(&example.query, &example.zone);
    let oracle = Oracle { messages: messages.clone(), ..Oracle::default() };
    let mut answers = vec![("oracle", oracle.answer(&plan))];
    answers.extend(["tail", "parts", "one part"].map(|shape| (shape, of_store(&messages, &plan, shape))));
    let answers = answers.into_iter().map(|(who, body)| (who, without_words(&body)));
    answers
        .filter(|(_, answer)| *answer != example.answer)
        .map(|(who, answer)| format!("{name} ({}): {who} says {answer}, not {}", example.why, example.answer))
        .collect()
}

/// The answer of a store that has each message in a batch, and perhaps a part, of its own.
fn of_store(messages: &[Message<'static>], plan: &Plan, shape: &str) -> Body {
    let disk = FaultyDisk::new();
    let store = open(&disk, StoreOptions::default());
    for (offset, message) in (0..).zip(messages) {
        store.apply(at(0, offset), &batch(std::slice::from_ref(message))).unwrap();
        if shape != "tail" {
            store.flush().unwrap();
        }
    }
    if shape == "one part" {
        store.settle().unwrap();
    }
    store.answer(project(), plan, &Budget::unlimited()).unwrap().body
}

/// The answer as JSON, without sentences.
fn without_words(body: &Body) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("sentence");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(body).unwrap();
    strip(&mut value);
    value
}
