//! One person: who it is and since when, and taking back that a user id is theirs.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use cairn_analysis::{Answer, Body, Budget, Listed, PersonRow, Plan, StreamAnswer, StreamPlan};
use cairn_model::{Message, TimeMs, UserId, Value};
use serde::{Deserialize, Serialize};

use super::{InProject, JsonBody, Params, asking, blocking};
use crate::{Engine, app::App, engine::Revocation, error::ApiError, registry::Entry};

/// A person, as a URL names one.
#[derive(Deserialize)]
pub(crate) struct Whose {
    handle: Option<String>,
    user_id: Option<UserId>,
}

impl Whose {
    /// Exactly one of the two.
    pub(super) fn listed(self) -> Result<Listed, ApiError> {
        match (self.handle, self.user_id) {
            (Some(handle), None) => Ok(Listed::Handle(handle)),
            (None, Some(user)) => Ok(Listed::User(user)),
            _ => Err(ApiError::Bad("parameter", "Say whose: either `handle` or `user_id`.".to_owned())),
        }
    }
}

/// That a user id was said to be somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Identification {
    user_id: UserId,
    handle: String,
    time: TimeMs,
    received_at: TimeMs,
    /// Whether it was taken back.
    revoked: bool,
}

/// What is known of a person but for events.
#[derive(Serialize)]
pub(crate) struct Profile {
    pub(super) person: PersonRow,
    identifications: Vec<Identification>,
    lists: Vec<String>,
}

/// `GET /api/projects/{project}/person`.
pub(crate) async fn person(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Params(whose): Params<Whose>,
) -> Result<Json<Profile>, ApiError> {
    let whose = whose.listed()?;
    asking(&app, move |app, budget| Ok(profile(&app.engine, &entry, &whose, budget)?.0)).await.map(Json)
}

/// A person, and all that messages other than events say of them.
pub(super) fn profile(
    engine: &Engine,
    entry: &Entry,
    whose: &Listed,
    budget: &Budget,
) -> Result<(Profile, Vec<Message<'static>>), ApiError> {
    let person = page(engine, entry, stream(whose.clone(), 1), budget)?.user;
    let facts = engine.store().facts(entry.project.id, &person.user_ids)?;
    let lists = engine.registry().lists_of(entry.project.id, &person)?;
    Ok((Profile { identifications: identifications(&facts), person, lists }, facts))
}

/// All of a person's events, known bots' too, this many at a time.
pub(super) fn stream(user: Listed, limit: usize) -> StreamPlan {
    let (from, to, as_of) = (i64::MIN, i64::MAX, TimeMs(i64::MAX));
    StreamPlan { user, from, to, before: None, limit, as_of, bots: true, sentence: String::new() }
}

/// One page of it.
pub(super) fn page(
    engine: &Engine,
    entry: &Entry,
    plan: StreamPlan,
    budget: &Budget,
) -> Result<StreamAnswer, ApiError> {
    match engine.store().answer(entry.project.id, &Plan::Stream(plan), budget)? {
        Answer { body: Body::Stream(page), .. } => Ok(page),
        _ => Err(ApiError::Internal("a store answered another question than was asked".to_owned())),
    }
}

/// Who was said to be whom, in order of time.
fn identifications(facts: &[Message<'_>]) -> Vec<Identification> {
    let mut revoked: BTreeMap<(UserId, &str), TimeMs> = BTreeMap::new();
    for fact in facts {
        if let Message::Unidentify { user_id, handle, time, .. } = fact {
            let until = revoked.entry((*user_id, handle)).or_insert(*time);
            *until = (*until).max(*time);
        }
    }
    let said = facts.iter().filter_map(|fact| match fact {
        Message::Identify { user_id, handle, time, received_at } => {
            let revoked = revoked.get(&(*user_id, handle.as_str())).is_some_and(|until| time <= until);
            let (user_id, time, received_at) = (*user_id, *time, *received_at);
            Some(Identification { user_id, handle: handle.clone(), time, received_at, revoked })
        }
        _ => None,
    });
    let mut said: Vec<Identification> = said.collect();
    said.sort_by(|a, b| (a.time, a.user_id, &a.handle).cmp(&(b.time, b.user_id, &b.handle)));
    said
}

/// A value that a property was given.
#[derive(Serialize)]
pub(super) struct PropertyFact {
    user_id: UserId,
    name: String,
    value: Value<'static>,
    time: TimeMs,
    received_at: TimeMs,
    /// Whether it was to stand only where no other does.
    once: bool,
}

/// Every value that properties were given, as far as it is kept.
pub(super) fn properties(facts: &[Message<'_>]) -> Vec<PropertyFact> {
    let mut all = Vec::new();
    for fact in facts {
        let Message::SetUserProperties { user_id, time, received_at, set, set_once } = fact else { continue };
        for (given, once) in [(set, false), (set_once, true)] {
            all.extend(given.iter().map(|(name, value)| PropertyFact {
                user_id: *user_id,
                name: name.to_owned(),
                value: value.clone().into_owned(),
                time: *time,
                received_at: *received_at,
                once,
            }));
        }
    }
    all
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unidentify {
    user_id: UserId,
    handle: String,
}

/// `POST /api/projects/{project}/unidentify`.
pub(crate) async fn unidentify(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    JsonBody(body): JsonBody<Unidentify>,
) -> Result<Json<Revocation>, ApiError> {
    let revoke = move |app: &App| Ok(app.engine.unidentify(entry.project.id, body.user_id, &body.handle)?);
    blocking(&app, revoke).await.map(Json)
}
