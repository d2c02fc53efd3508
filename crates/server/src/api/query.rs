//! Questions.

use std::{sync::Arc, time::Instant};

use axum::{Json, extract::State, http::header, response::IntoResponse};
use cairn_analysis::Budget;
use cairn_model::{Predicate, TimeMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{InProject, JsonBody, RawBody, asking, events::Named};
use crate::{app::App, ask, error::ApiError, metrics::Timed};

const DAY_MS: i64 = 24 * 3_600_000;
const DAYS_MAX: u32 = 3_650;
/// Events that a preview shows.
const LATEST: usize = 20;

/// `POST /api/projects/{project}/query`.
pub(crate) async fn query(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    RawBody(json): RawBody,
) -> Result<impl IntoResponse, ApiError> {
    let started = Instant::now();
    let answer = asking(&app, move |app, budget| ask::answer(&app.engine, &entry, &json, budget)).await;
    app.metrics.took(Timed::Query, started.elapsed());
    answer.map(|json| ([(header::CONTENT_TYPE, "application/json")], json))
}

#[derive(Deserialize)]
pub(crate) struct PreviewBody {
    predicate: Value,
    #[serde(default = "two_weeks")]
    days: u32,
    /// Whether known bots count.
    #[serde(default)]
    bots: bool,
}

fn two_weeks() -> u32 {
    14
}

#[derive(Serialize)]
pub(crate) struct PreviewAnswer {
    count: u64,
    users: u64,
    latest: Vec<Named>,
    total_ms: f64,
}

/// `POST /api/projects/{project}/preview`.
pub(crate) async fn preview(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    JsonBody(body): JsonBody<PreviewBody>,
) -> Result<Json<PreviewAnswer>, ApiError> {
    let predicate = events_predicate(&body.predicate, body.bots)?;
    if !(1..=DAYS_MAX).contains(&body.days) {
        return Err(ApiError::Bad("time", format!("`days` is a number from 1 to {DAYS_MAX}.")));
    }
    let started = Instant::now();
    let look = move |app: &App, budget: &Budget| {
        let to = app.engine.now();
        let from = TimeMs(to.0 - i64::from(body.days) * DAY_MS);
        let seen = app.engine.store().preview(entry.project.id, &predicate, (from, to), LATEST, budget)?;
        let latest = Named::all(seen.latest, &entry.definitions());
        Ok(PreviewAnswer {
            count: seen.count,
            users: seen.users,
            latest,
            total_ms: started.elapsed().as_secs_f64() * 1e3,
        })
    };
    let answer = asking(&app, look).await;
    app.metrics.took(Timed::Query, started.elapsed());
    answer.map(Json)
}

/// Reads what could be a definition; with `bots`, known bots' events match, too.
pub(crate) fn events_predicate(json: &Value, bots: bool) -> Result<Predicate, ApiError> {
    let predicate = Predicate::from_json(json)?;
    if predicate.has_user_condition() {
        let message = "A definition is about events: conditions on users stand in a query's `where`.";
        return Err(ApiError::Bad("predicate", message.to_owned()));
    }
    Ok(if bots { predicate } else { predicate.without_bots() })
}
