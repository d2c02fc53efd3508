//! What a definition in the making matches, for the visualizer's card. The numbers are made by what answers the web app.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Json, extract::State};
use cairn_analysis::{Body, Budget, Number, SeenEvent};
use cairn_model::{Definition, EventKind, Predicate, TimeMs, Value as Property};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Allowed, JsonBody};
use crate::{
    api::{asking, query::events_predicate},
    app::App,
    ask,
    error::ApiError,
    metrics::Timed,
    registry::Entry,
};

const TWO_WEEKS_MS: i64 = 14 * 24 * 3_600_000;
/// Matches that are shown.
const LATEST: usize = 10;
/// So long definitions are compared; one takes about a millisecond, or what a scan takes while it has no index.
const COMPARING: Duration = Duration::from_secs(3);

/// What is to be looked at.
#[derive(Deserialize)]
pub(crate) struct Look {
    predicate: Value,
    page: Option<Page>,
    /// Only the numbers.
    #[serde(default)]
    brief: bool,
}

#[derive(Deserialize)]
struct Page {
    domain: String,
    path: String,
}

impl Page {
    fn conditions(&self) -> [Value; 2] {
        [json!({"property": "domain", "is": self.domain}), json!({"property": "path", "is": self.path})]
    }
}

/// Numbers of the past two weeks.
#[derive(Serialize)]
pub(crate) struct Looked {
    count: u64,
    users: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<OnPage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<Vec<Match>>,
    as_of: TimeMs,
    total_ms: f64,
}

#[derive(Serialize)]
struct OnPage {
    /// Users with a view of the page.
    visitors: u64,
    /// Those of them who did it there.
    users: u64,
}

/// An event as scripts of the site may know it: the site has sent all of it, but of whom it is stays here.
#[derive(Serialize)]
struct Match {
    time: TimeMs,
    #[serde(rename = "type")]
    kind: EventKind,
    path: Option<String>,
    text: Option<String>,
}

impl From<SeenEvent> for Match {
    fn from(SeenEvent { event, .. }: SeenEvent) -> Self {
        let text = |name: &str| event.properties.get(name).and_then(Property::as_str).map(str::to_owned);
        Self { time: event.time, kind: event.kind, path: text("path"), text: text("target_text") }
    }
}

/// `POST /api/visualizer/preview`.
pub(crate) async fn preview(
    State(app): State<Arc<App>>,
    Allowed(entry): Allowed,
    JsonBody(look): JsonBody<Look>,
) -> Result<Json<Looked>, ApiError> {
    let predicate = events_predicate(&look.predicate, false)?;
    let started = Instant::now();
    let work = move |app: &App, budget: &Budget| {
        let asked = Asked { app, entry: &entry, to: app.engine.now(), budget };
        let seen = asked.preview(&predicate, if look.brief { 1 } else { LATEST })?;
        let page = look.page.as_ref().map(|page| asked.on_page(&look.predicate, page)).transpose()?;
        let (mut days, mut latest) = (None, None);
        if !look.brief {
            days = Some(asked.days(&look.predicate)?);
            latest = Some(seen.latest.into_iter().map(Match::from).collect());
        }
        let total_ms = started.elapsed().as_secs_f64() * 1e3;
        Ok(Looked { count: seen.count, users: seen.users, page, days, latest, as_of: asked.to, total_ms })
    };
    let answer = asking(&app, work).await;
    app.metrics.took(Timed::Query, started.elapsed());
    answer.map(Json)
}

/// The questions of one request, all of the same two weeks.
struct Asked<'a> {
    app: &'a App,
    entry: &'a Entry,
    to: TimeMs,
    budget: &'a Budget,
}

impl Asked<'_> {
    fn from(&self) -> TimeMs {
        TimeMs(self.to.0 - TWO_WEEKS_MS)
    }

    fn preview(&self, predicate: &Predicate, limit: usize) -> Result<cairn_analysis::Preview, ApiError> {
        let store = self.app.engine.store();
        Ok(store.preview(self.entry.project.id, predicate, (self.from(), self.to), limit, self.budget)?)
    }

    /// What a definition shares with the predicate, if that is anything.
    fn overlap(&self, predicate: &Predicate, definition: &Definition) -> Result<Option<Overlap>, ApiError> {
        let both = Predicate::All(vec![predicate.clone(), definition.predicate.clone()]);
        let both = self.preview(&both, 1)?.count;
        if both == 0 {
            return Ok(None);
        }
        let count = self.preview(&definition.predicate.clone().without_bots(), 1)?.count;
        Ok(Some(Overlap { name: definition.name.clone(), count, both }))
    }

    /// The visitors of the page, and those of them who did it there.
    fn on_page(&self, predicate: &Value, page: &Page) -> Result<OnPage, ApiError> {
        let [domain, path] = page.conditions();
        let view = json!({"all": [{"type": "pageview"}, domain, path]});
        let there = json!({"all": [predicate, domain, path]});
        let segment = json!({"did": view, "from": self.from(), "to": self.to});
        let visitors = self.graph(&json!({"event": view, "measure": "users", "interval": "whole"}))?.0;
        let users =
            self.graph(&json!({"event": there, "measure": "users", "interval": "whole", "segment": segment}))?.0;
        Ok(OnPage { visitors, users })
    }

    /// How often, by day of the project's zone; the first day is cut.
    fn days(&self, predicate: &Value) -> Result<Vec<u64>, ApiError> {
        self.graph(&json!({"event": predicate, "interval": "day"})).map(|(_, days)| days)
    }

    /// A graph's total and its values.
    fn graph(&self, query: &Value) -> Result<(u64, Vec<u64>), ApiError> {
        let mut query = query.clone();
        (query["from"], query["to"]) = (json!(self.from()), json!(self.to));
        let answer = ask::answer_value(&self.app.engine, self.entry, json!({"graph": query}), self.budget)?;
        let Body::Graph(graph) = answer.body else {
            return Err(ApiError::Internal("A graph has another answer.".into()));
        };
        let count = |number: &Number| if let Number::Count(count) = number { *count } else { 0 };
        Ok((count(&graph.total.total), graph.total.values.iter().map(count).collect()))
    }
}

/// What else the events of a predicate are called.
#[derive(Deserialize)]
pub(crate) struct Compare {
    predicate: Value,
}

#[derive(Serialize)]
pub(crate) struct Compared {
    overlaps: Vec<Overlap>,
    /// How many definitions were compared, and how many there are.
    compared: usize,
    definitions: usize,
}

#[derive(Serialize)]
struct Overlap {
    name: String,
    /// Events of the past two weeks that the definition matches.
    count: u64,
    /// Those that match both.
    both: u64,
}

/// `POST /api/visualizer/overlap`.
pub(crate) async fn overlap(
    State(app): State<Arc<App>>,
    Allowed(entry): Allowed,
    JsonBody(compare): JsonBody<Compare>,
) -> Result<Json<Compared>, ApiError> {
    let predicate = events_predicate(&compare.predicate, false)?;
    let started = Instant::now();
    let work = move |app: &App, budget: &Budget| {
        let asked = Asked { app, entry: &entry, to: app.engine.now(), budget };
        let definitions = entry.definitions();
        let (mut overlaps, mut compared) = (Vec::new(), 0);
        for definition in definitions.iter().take_while(|_| started.elapsed() < COMPARING) {
            overlaps.extend(asked.overlap(&predicate, definition)?);
            compared += 1;
        }
        overlaps.sort_by(|a, b| (b.both, &a.name).cmp(&(a.both, &b.name)));
        Ok(Compared { overlaps, compared, definitions: definitions.len() })
    };
    let answer = asking(&app, work).await;
    app.metrics.took(Timed::Query, started.elapsed());
    answer.map(Json)
}
