//! The examples worked by hand in tests/examples, one file each.
#![allow(clippy::unwrap_used, reason = "for tests only")]

use std::{fs, path::PathBuf};

use cairn_analysis::{Body, Query};
use cairn_model::Message;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    conformance::{Case, Subject, body},
    history::Line,
};

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

/// Panics unless the oracle and a store, in every shape, give the answers that were worked out by hand. Each message is in a record of
/// its own.
///
/// A test of another store is `examples::check(&Mine)`, with the [`Subject`] that it has for [`crate::conformance`].
pub fn check(subject: &impl Subject) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/examples");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= EXAMPLES_MIN, "{} examples", files.len());
    let wrong: Vec<String> = files.iter().flat_map(|file| look(subject, file)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with an example.
fn look(subject: &impl Subject, file: &PathBuf) -> Vec<String> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let example: Example = match serde_json::from_str(&fs::read_to_string(file).unwrap()) {
        Ok(example) => example,
        Err(error) => return vec![format!("{name}: it cannot be read: {error}")],
    };
    let lines = example.history.into_iter();
    let messages: Vec<Message<'static>> = lines.map(|line| line.message().unwrap()).collect();
    let mut answers = Vec::new();
    for shape in subject.shapes() {
        let who = format!("the store, {shape:?},");
        let case = Case::new(messages.clone(), 1, shape, vec![(example.query.clone(), example.zone.clone())]);
        let plans = case.plans();
        if answers.is_empty() {
            answers.push(("the oracle".to_owned(), case.oracle().answer(&plans[0])));
        }
        answers.push((who, body(&*subject.store(&case, &plans, false), case.project, &plans[0])));
    }
    let answers = answers.into_iter().map(|(who, body)| (who, without_words(&body)));
    answers
        .filter(|(_, answer)| *answer != example.answer)
        .map(|(who, answer)| format!("{name} ({}): {who} says {answer}, not {}", example.why, example.answer))
        .collect()
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
