//! How definitions fare: how often they match, where they are used, whether they fell silent, and what they may have meant.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use cairn_analysis::{Body, Budget, GraphQuery, Interval, Number, Plan, Query};
use cairn_model::{Definition, Event, EventKind, Predicate, TimeMs};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{InProject, Params, asking, definitions::Named};
use crate::{
    app::App,
    error::ApiError,
    registry::{Entry, Usage},
    silent::{Proposal, Silence, closest, silence},
};

/// Days that are looked at, today included.
const DAYS: u32 = 56;
/// Days of the numbers shown, today included.
const SHOWN_DAYS: usize = 14;
/// Definitions of one answer.
const LIMIT_MAX: usize = 50;
/// Events of a definition's past that proposals are held against.
const EXAMPLES: usize = 50;
/// Recent events that proposals are made of.
const RECENT: usize = 2_000;

#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    offset: usize,
    #[serde(default = "twenty")]
    limit: usize,
}

fn twenty() -> usize {
    20
}

#[derive(Serialize)]
pub(crate) struct Activity {
    name: String,
    /// Matches per day, today last.
    daily: Vec<u64>,
    count: u64,
    users: u64,
    last_seen: Option<TimeMs>,
    silent: Option<Silence>,
    used: Usage,
}

/// `GET /api/projects/{project}/definition-activity`.
pub(crate) async fn activity(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Params(Page { offset, limit }): Params<Page>,
) -> Result<Json<Value>, ApiError> {
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(ApiError::Bad("parameter", format!("`limit` is a number from 1 to {LIMIT_MAX}.")));
    }
    let look = move |app: &App, budget: &Budget| {
        let definitions = entry.definitions();
        let page: Vec<&Definition> = definitions.iter().skip(offset).take(limit).collect();
        let names: Vec<&str> = page.iter().map(|definition| definition.name.as_str()).collect();
        let usage = app.engine.registry().usage(entry.project.id, &names)?;
        let looking = Looking { app, entry: &entry, budget, days: days(app, &entry)? };
        let captured = looking.daily(json!({"all": []}))?;
        let all = page.into_iter().zip(usage).map(|(definition, used)| looking.at((definition, used), &captured));
        let all = all.collect::<Result<Vec<_>, ApiError>>()?;
        Ok(Json(json!({"definitions": all, "total": definitions.len()})))
    };
    asking(&app, look).await
}

/// The first instants of the days that are looked at, today last.
fn days(app: &App, entry: &Entry) -> Result<Vec<TimeMs>, ApiError> {
    let now = app.engine.now();
    let from = entry.calendar.day_start(now, DAYS - 1)?;
    Ok(entry.calendar.buckets(from, TimeMs(now.0 + 1), Interval::Day)?.starts)
}

struct Looking<'a> {
    app: &'a App,
    entry: &'a Entry,
    budget: &'a Budget,
    days: Vec<TimeMs>,
}

impl Looking<'_> {
    /// `captured` is how many events of any kind there were per day.
    fn at(&self, (definition, used): (&Definition, Usage), captured: &[u64]) -> Result<Activity, ApiError> {
        let daily = self.daily(json!(definition.name))?;
        let shown = self.days.len().saturating_sub(SHOWN_DAYS);
        let end = TimeMs(self.app.engine.now().0 + 1);
        let seen = self.seen(&definition.predicate, (self.days[shown], end), 1)?;
        let last_seen = match (seen.latest.first(), daily.iter().rposition(|count| *count > 0)) {
            (Some(latest), _) => Some(latest.event.time),
            (None, Some(day)) => {
                let range = (self.days[day], self.days.get(day + 1).copied().unwrap_or(end));
                self.seen(&definition.predicate, range, 1)?.latest.first().map(|latest| latest.event.time)
            }
            (None, None) => None,
        };
        let silent = silence(&daily, captured);
        let daily = daily[shown.min(daily.len())..].to_vec();
        let name = definition.name.clone();
        Ok(Activity { name, daily, count: seen.count, users: seen.users, last_seen, silent, used })
    }

    /// How many events there were per day: those that a name or a predicate stands for.
    fn daily(&self, event: Value) -> Result<Vec<u64>, ApiError> {
        let (from, to) = (self.days[0].0, self.app.engine.now().0 + 1);
        let query = json!({"event": event, "from": from, "to": to, "interval": "day"});
        let query: GraphQuery = serde_json::from_value(query).map_err(|error| ApiError::Internal(error.to_string()))?;
        let names = self.app.engine.registry().names(self.entry.project.id);
        let plan = Plan::resolve(&Query::Graph(query), &self.entry.calendar, self.app.engine.now(), &names)?;
        let answer = self.app.engine.store().answer(self.entry.project.id, &plan, self.budget)?;
        let Body::Graph(graph) = answer.body else {
            return Err(ApiError::Internal("a graph was asked for and something else came".to_owned()));
        };
        let count = |number: &Number| number.value().map_or(0, |value| value as u64);
        Ok(graph.total.values.iter().map(count).collect())
    }

    fn seen(
        &self,
        predicate: &Predicate,
        range: (TimeMs, TimeMs),
        limit: usize,
    ) -> Result<cairn_analysis::Preview, ApiError> {
        let predicate = predicate.clone().without_bots();
        Ok(self.app.engine.store().preview(self.entry.project.id, &predicate, range, limit, self.budget)?)
    }
}

/// `GET /api/projects/{project}/definitions/{name}/closest`.
pub(crate) async fn proposals(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Value>, ApiError> {
    let look = move |app: &App, budget: &Budget| {
        let definitions = entry.definitions();
        let definition = definitions.iter().find(|definition| definition.name == name);
        let definition = definition.ok_or(ApiError::NotFound("There is no such definition.".into()))?;
        let looking = Looking { app, entry: &entry, budget, days: days(app, &entry)? };
        Ok(Json(json!({"proposals": looking.proposals(&definition.predicate)?})))
    };
    asking(&app, look).await
}

impl Looking<'_> {
    fn proposals(&self, predicate: &Predicate) -> Result<Vec<Proposal>, ApiError> {
        let end = TimeMs(self.app.engine.now().0 + 1);
        let before = self.seen(predicate, (self.days[0], end), EXAMPLES)?;
        let mut kinds: Vec<EventKind> = before.latest.iter().map(|seen| seen.event.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let like = Predicate::Any(kinds.into_iter().map(Predicate::Type).collect());
        // What came after the last match; all of it is of a time in which there was none.
        let since = before.latest.first().map_or(end, |latest| latest.event.time);
        let shown = self.days[self.days.len().saturating_sub(SHOWN_DAYS)];
        let recent = self.seen(&like, (since.max(shown), end), RECENT)?;
        let events = |seen: cairn_analysis::Preview| -> Vec<Event<'static>> {
            seen.latest.into_iter().map(|seen| seen.event).collect()
        };
        Ok(closest(predicate, &events(before), &events(recent)))
    }
}
