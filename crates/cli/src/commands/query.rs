//! `cairn query`.

use std::{fs, io::Read, path::Path};

use anyhow::{Context, bail};
use cairn_analysis::{EventRef, GraphQuery, GroupKey, Interval, Measure, Query, When};
use cairn_model::{Predicate, TimeMs};
use jiff::{ToSpan, tz::TimeZone};

use crate::{
    args::{Friendly, GraphArgs, IntervalArg, MeasureArg, Place, QueryArgs},
    backend, output,
};

/// So many days are asked about, where nothing is said.
const DAYS: i64 = 30;

/// Asks a question and prints the answer.
pub(crate) fn run(place: &Place, args: &QueryArgs) -> anyhow::Result<()> {
    let given = match (&args.json, &args.file, &args.friendly) {
        (None, None, None) => bail!("what is the question? See `cairn query --help`"),
        (Some(json), None, None) => Some(parse(json)?),
        (None, Some(file), None) => Some(parse(&read(file)?)?),
        (None, None, Some(_)) => None,
        _ => bail!("give one question: in JSON, from a file, or as `graph`"),
    };
    let backend = backend::open(place)?;
    let project = backend::project(&*backend, place)?;
    let query = match (given, &args.friendly) {
        (Some(query), _) => query,
        (None, Some(Friendly::Graph(graph))) => Query::Graph(graph_query(graph, &project.zone)?),
        (None, None) => bail!("what is the question? See `cairn query --help`"),
    };
    let answer = backend.query(&project, &query)?;
    output::print_answer(&query, &answer, args.format)?;
    backend.close()
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file != Path::new("-") {
        return fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()));
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

fn parse(text: &str) -> anyhow::Result<Query> {
    serde_json::from_str(text).map_err(|error| {
        let example = r#"{"graph": {"event": {"type": "pageview"}, "from": "2026-08-01", "to": "2026-09-01"}}"#;
        anyhow::anyhow!("the query cannot be read: {error}; one looks like {example}")
    })
}

fn graph_query(args: &GraphArgs, zone: &str) -> anyhow::Result<GraphQuery> {
    let of_users = args.event.is_none();
    let (from, to) = if of_users {
        (args.from.as_deref().map(when), args.to.as_deref().map(when))
    } else {
        let (from, to) = last_days(zone)?;
        (Some(args.from.as_deref().map_or(from, when)), Some(args.to.as_deref().map_or(to, when)))
    };
    let mut query = GraphQuery {
        event: args.event.as_deref().map(event).transpose()?,
        measure: match args.measure {
            Some(MeasureArg::Count) => Measure::Count,
            Some(MeasureArg::Users) => Measure::Users,
            None if of_users => Measure::Users,
            None => Measure::Count,
        },
        from,
        to,
        interval: args.by.map_or(Interval::Day, interval),
        group_by: args.group_by.iter().map(|key| group_key(key)).collect::<Result<_, _>>()?,
        filter: args.filter.as_deref().map(predicate).transpose()?,
        top: 20,
        as_of: None,
        bots: args.bots,
    };
    query.top = args.top.unwrap_or(query.top);
    Ok(query)
}

fn event(text: &str) -> anyhow::Result<EventRef> {
    if !text.trim_start().starts_with('{') {
        return Ok(EventRef::Named(text.to_owned()));
    }
    predicate(text).map(|predicate| EventRef::Inline(predicate.to_json()))
}

fn predicate(text: &str) -> anyhow::Result<Predicate> {
    let json = serde_json::from_str(text).with_context(|| {
        format!("{text:?} is not JSON; a condition looks like {}", r#"{"property": "path", "is": "/cart"}"#)
    })?;
    Ok(Predicate::from_json(&json)?)
}

fn group_key(key: &str) -> anyhow::Result<GroupKey> {
    match key.split_once('.') {
        Some(("event", name)) if !name.is_empty() => Ok(GroupKey::Event(name.to_owned())),
        Some(("user", name)) if !name.is_empty() => Ok(GroupKey::User(name.to_owned())),
        _ => bail!("{key:?} says not whose property it is: write event.{key} or user.{key}"),
    }
}

fn when(text: &str) -> When {
    text.parse::<i64>().map_or_else(|_| When::Text(text.to_owned()), |ms| When::Instant(TimeMs(ms)))
}

/// The last days in the project's zone, today included.
fn last_days(zone: &str) -> anyhow::Result<(When, When)> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let today = jiff::Timestamp::now().to_zoned(zone).date();
    let day = |days: i64| anyhow::Ok(When::Text(today.checked_add(days.days())?.to_string()));
    Ok((day(1 - DAYS)?, day(1)?))
}

fn interval(by: IntervalArg) -> Interval {
    match by {
        IntervalArg::Hour => Interval::Hour,
        IntervalArg::Day => Interval::Day,
        IntervalArg::Week => Interval::Week,
        IntervalArg::Month => Interval::Month,
        IntervalArg::Quarter => Interval::Quarter,
        IntervalArg::Year => Interval::Year,
        IntervalArg::Whole => Interval::Whole,
    }
}
