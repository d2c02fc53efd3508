//! Questions, from their JSON text to the answer's: one way, whoever asks.

use cairn_analysis::{Answer, Budget, Plan, Query};
use cairn_model::{Predicate, ProjectId};
use serde_json::Value;

use crate::{Engine, error::ApiError, registry::Entry};

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// A word for programs, as in docs/api.md.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
}

/// Answers a question of a project, from JSON to JSON: what `POST /api/projects/{project}/query` does, without HTTP. It
/// uses rayon's global pool, holds up the thread that calls it, and takes what it needs.
pub fn ask(engine: &Engine, project: ProjectId, json: &[u8]) -> Result<Vec<u8>, Refusal> {
    let entry = engine.registry().entry(project).ok_or_else(ApiError::no_project);
    let answer = entry.and_then(|entry| answer(engine, &entry, json, &Budget::unlimited()));
    answer.map_err(|error| Refusal { code: error.code(), message: error.to_string() })
}

/// As [`ask`], of a project that is known, unless the budget is over before.
pub(crate) fn answer(engine: &Engine, entry: &Entry, json: &[u8], budget: &Budget) -> Result<Vec<u8>, ApiError> {
    let json: Value = serde_json::from_slice(json).map_err(|error| ApiError::body(&error))?;
    let answer = answer_value(engine, entry, json, budget)?;
    serde_json::to_vec(&answer).map_err(|error| ApiError::Internal(format!("the answer cannot be written: {error}")))
}

/// As [`answer`], from what was read to what is to be written.
pub(crate) fn answer_value(engine: &Engine, entry: &Entry, json: Value, budget: &Budget) -> Result<Answer, ApiError> {
    let plan = resolve(engine, entry, json)?;
    let mut answer = engine.store().answer(entry.project.id, &plan, budget)?;
    answer.name_events(&entry.definitions(), budget)?;
    Ok(answer)
}

/// From what was asked to what stores understand.
fn resolve(engine: &Engine, entry: &Entry, json: Value) -> Result<Plan, ApiError> {
    // Read on its own first: a wrong selector has a code of its own, which serde would lose.
    for query in json.as_object().into_iter().flat_map(|kinds| kinds.values()) {
        let events = query.get("events").and_then(Value::as_array).into_iter().flatten();
        let filters = events.chain([query]).filter_map(|of| of.get("where"));
        filters.map(Predicate::from_json).collect::<Result<Vec<_>, _>>()?;
    }
    let query: Query = serde_json::from_value(json)
        .map_err(|error| ApiError::Bad("query", format!("The query cannot be read: {error}.")))?;
    let names = engine.registry().names(entry.project.id);
    Ok(Plan::resolve(&query, &entry.calendar, engine.now(), &names)?)
}
