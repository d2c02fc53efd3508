//! How fast questions are answered.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{bail, ensure};
use cairn_analysis::{Body, Budget, Calendar, Plan, Store};
use cairn_model::{Event, Predicate, ProjectId, TimeMs};
use cairn_postgres::PostgresStore;
use serde::Serialize;
use serde_json::{Value, json};

use super::{apply::record, typed::Typed};
use crate::{
    data::{START_MS, World},
    stats::median,
};

/// Events of one transaction while a table is filled.
const TOGETHER: usize = 5_000;
const REPETITIONS: usize = 31;
const DAY_MS: i64 = 86_400_000;
/// Longer than an index takes.
const PATIENCE: Duration = Duration::from_secs(900);

/// Medians in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Asking {
    /// Which question.
    pub question: &'static str,
    /// Whether kernels run in the database.
    pub extension: bool,
    /// From the plan to the answer.
    pub store_ms: f64,
    /// By hand.
    pub typed_ms: f64,
}

/// Fills the store with events.
pub fn load(
    store: &PostgresStore,
    events: impl Iterator<Item = Event<'static>>,
    seen: impl Fn(u64),
) -> anyhow::Result<()> {
    let (project, mut offset, mut all) = (ProjectId::clamped(1), 0, events.peekable());
    while all.peek().is_some() {
        let some: Vec<_> = all.by_ref().take(TOGETHER).collect();
        let (position, payload) = record(project)((offset, &some));
        store.apply(position, &payload)?;
        offset += 1;
        seen(offset * TOGETHER as u64);
    }
    Ok(())
}

/// Bytes of the events' table: rows, and the indexes that it always has.
pub fn bytes(url: &str) -> anyhow::Result<(u64, u64)> {
    let typed = Typed::connect(url)?;
    typed.run("vacuum analyze cairn.events")?;
    let sizes = typed.numbers("select pg_table_size('cairn.events'), pg_indexes_size('cairn.events')")?;
    Ok((sizes[0] as u64, sizes[1] as u64))
}

/// Q1 against the bare count, Q4a against a PL/pgSQL function over the same arrays; both over the same indexes.
pub fn ask(store: &PostgresStore, url: &str, world: &World) -> anyhow::Result<Vec<Asking>> {
    let project = ProjectId::clamped(1);
    let steps: Vec<Value> = definitions(world);
    let predicates = steps.iter().map(Predicate::from_json).collect::<Result<Vec<_>, _>>()?;
    store.index(project, predicates.clone());
    let typed = Typed::connect(url)?;
    wait_for_indexes(&typed, steps.len())?;
    typed.run("vacuum analyze cairn.events")?;
    if !typed.numbers("select count(*) from pg_namespace where nspname = 'typed'")?.contains(&1) {
        typed.run(FUNNEL)?;
    }
    let range = json!({"from": START_MS, "to": START_MS + 91 * DAY_MS});
    let with_range = |mut query: Value| {
        if let (Some(query), Some(range)) = (query.as_object_mut(), range.as_object()) {
            query.extend(range.clone());
        }
        query
    };
    let q1 = json!({"graph": with_range(json!({"event": steps[0], "interval": "day"}))});
    let q4a = json!({"funnel": with_range(json!({"steps": steps, "window": "7d"}))});
    let clauses: Vec<String> = steps.iter().map(clause).collect();
    let count = format!("select count(*) from cairn.events e where {} and {}", within(), clauses[0]);
    let funnel = typed_funnel(&clauses);
    Ok(vec![
        compare("Q1", (store, &q1), (&typed, &count), |body| match body {
            Body::Graph(graph) => vec![graph.total.total.value().unwrap_or(0.0) as i64],
            _ => Vec::new(),
        })?,
        compare("Q4a", (store, &q4a), (&typed, &funnel), |body| match body {
            Body::Funnel(funnel) => funnel.total.iter().map(|step| step.counts.reached as i64).collect(),
            _ => Vec::new(),
        })?,
    ])
}

/// Three steps of about 0.05 to 0.2 % of the events each.
fn definitions(world: &World) -> Vec<Value> {
    let on = |kind: &str, path: usize| json!({"all": [{"type": kind}, {"property": "path", "is": world.paths[path]}]});
    vec![on("click", 40), on("click", 20), on("pageview", 60)]
}

fn clause(definition: &Value) -> String {
    let (kind, path) = (&definition["all"][0]["type"], &definition["all"][1]["is"]);
    let kind = kind.as_str().unwrap_or_default();
    format!(
        "e.type = '{kind}' and (e.data -> 'path') = '{path}'::jsonb and ((e.data -> 'bot') = 'true'::jsonb) is not true"
    )
}

fn within() -> String {
    format!("e.customer_id = 1 and e.time >= {START_MS} and e.time < {}", START_MS + 91 * DAY_MS)
}

/// A funnel by a loop: the furthest step of the attempts that begin at each first step.
const FUNNEL: &str = "
create schema typed;
create function typed.funnel(times bigint[], steps int[], span bigint) returns int language plpgsql immutable as $$
declare
    best int := 0; reached int; start bigint;
begin
    for i in 1 .. coalesce(array_length(times, 1), 0) loop
        continue when steps[i] <> 1;
        reached := 1; start := times[i];
        for j in i + 1 .. array_length(times, 1) loop
            exit when times[j] > start + span;
            if steps[j] = reached + 1 then
                reached := reached + 1;
                exit when reached = 3;
            end if;
        end loop;
        best := greatest(best, reached);
        exit when best = 3;
    end loop;
    return best;
end $$";

fn typed_funnel(clauses: &[String]) -> String {
    let hits = clauses.iter().enumerate().map(|(at, clause)| {
        format!(
            "select e.user_id, e.time, e.event_id, {} as step from cairn.events e where {} and {clause}",
            at + 1,
            within()
        )
    });
    let hits = hits.collect::<Vec<_>>().join(" union all ");
    format!(
        "select count(*) filter (where f >= 1), count(*) filter (where f >= 2), count(*) filter (where f >= 3) from ( \
         select typed.funnel(array_agg(time order by time, event_id), array_agg(step order by time, event_id), {}) as f \
         from ({hits}) h group by user_id) u",
        7 * DAY_MS
    )
}

fn wait_for_indexes(typed: &Typed, wanted: usize) -> anyhow::Result<()> {
    let started = Instant::now();
    let valid = "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid \
                 where c.relname like 'cairn\\_def\\_%' and i.indisvalid";
    while typed.numbers(valid)?.first().is_none_or(|valid| (*valid as usize) < wanted) {
        if started.elapsed() > PATIENCE {
            bail!("the indexes are not there after {} s", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}

fn compare(
    question: &'static str,
    (store, query): (&PostgresStore, &Value),
    (typed, sql): (&Typed, &str),
    numbers: impl Fn(&Body) -> Vec<i64>,
) -> anyhow::Result<Asking> {
    let query = serde_json::from_value(query.clone())?;
    let calendar = Calendar::new("UTC")?;
    let now = TimeMs(START_MS + 200 * DAY_MS);
    let (mut of_store, mut of_typed) = (Vec::new(), Vec::new());
    for repetition in 0..=REPETITIONS {
        let started = Instant::now();
        let plan = Plan::resolve(&query, &calendar, now, &|_: &str| None)?;
        let answer = store.answer(ProjectId::clamped(1), &plan, &Budget::unlimited())?;
        let store_ms = started.elapsed().as_secs_f64() * 1e3;
        let started = Instant::now();
        let by_hand = typed.numbers(sql)?;
        let typed_ms = started.elapsed().as_secs_f64() * 1e3;
        ensure!(numbers(&answer.body) == by_hand, "{question}: {:?}, by hand {by_hand:?}", numbers(&answer.body));
        // The first one warms up.
        if repetition > 0 {
            of_store.push(store_ms);
            of_typed.push(typed_ms);
        }
    }
    let (store_ms, typed_ms) = (median(of_store), median(of_typed));
    Ok(Asking { question, extension: store.has_extension(), store_ms, typed_ms })
}
