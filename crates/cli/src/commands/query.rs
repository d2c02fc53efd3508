//! `cairn query`.

#[cfg(test)]
mod examples;
mod graph;
mod keys;
mod user;
mod ways;

use std::{fs, io::Read, path::Path};

use anyhow::{Context, bail};
use cairn_analysis::{
    ActivityQuery, EventRef, FunnelOrder, FunnelPer, FunnelQuery, Interval, Query, RetentionMode, RetentionQuery,
    Returned, Sort, SortKey, UsersQuery, When,
};
use cairn_model::{Predicate, TimeMs};
use jiff::{ToSpan, tz::TimeZone};

use crate::{
    args::{
        About, ActivityArgs, Friendly, FunnelArgs, IntervalArg, OrderArg, PerArg, Place, QueryArgs, RetentionArgs,
        UsersArgs,
    },
    backend, output,
};

use keys::group_by;

/// So many days are asked about, where nothing is said.
const DAYS: i64 = 30;

/// Asks a question and prints the answer.
pub(crate) fn run(place: &Place, args: &QueryArgs) -> anyhow::Result<()> {
    let given = match (&args.json, &args.file, &args.friendly) {
        (None, None, None) => bail!("what is the question? See `cairn query --help`"),
        (Some(json), None, None) => Some(parse(json)?),
        (None, Some(file), None) => Some(parse(&read(file)?)?),
        (None, None, Some(_)) => None,
        _ => bail!("give one question: in JSON, from a file, or in words such as `graph`"),
    };
    let backend = backend::open(place)?;
    let project = backend::project(&*backend, place)?;
    let query = match (given, &args.friendly) {
        (Some(query), _) => query,
        (None, Some(words)) => asked(words, &project.zone)?,
        (None, None) => bail!("what is the question? See `cairn query --help`"),
    };
    if args.explain {
        let explained = backend.explain(&project, &query)?;
        explained.iter().for_each(|one| output::say(output::explained(one)));
        return backend.close();
    }
    let answer = backend.query(&project, &query, args.timeout)?;
    let canvas = output::canvas(args.chart, args.ascii);
    output::print_answer(&query, &answer, &project.zone, args.format, canvas)?;
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

/// The question that the words of a command make.
fn asked(words: &Friendly, zone: &str) -> anyhow::Result<Query> {
    Ok(match words {
        Friendly::Graph(args) => graph::asked(args, zone)?,
        Friendly::Funnel(args) => Query::Funnel(funnel(args, zone)?),
        Friendly::Retention(args) => Query::Retention(retention(args, zone)?),
        Friendly::Stickiness(args) => Query::Stickiness(activity(args, zone)?),
        Friendly::Lifecycle(args) => Query::Lifecycle(activity(args, zone)?),
        Friendly::Paths(args) => Query::Paths(ways::paths(args, zone)?),
        Friendly::Pairs(args) => Query::Pairs(ways::pairs(args, zone)?),
        Friendly::User(args) => Query::Stream(user::stream(args)),
        Friendly::Users(args) => Query::Users(UsersQuery {
            segment: args.segment.as_deref().map(json).transpose()?,
            search: args.search.clone(),
            sort: sort(args)?,
            properties: args.properties.as_deref().map(names),
            offset: args.offset,
            limit: args.limit,
            as_of: args.as_of.as_deref().map(when),
            bots: args.bots,
        }),
    })
}

/// Names with commas between them; none if there is nothing.
fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn sort(args: &UsersArgs) -> anyhow::Result<Option<Sort>> {
    let by = match args.sort.as_deref() {
        None | Some("handle") => SortKey::Handle,
        Some("first_seen") => SortKey::FirstSeen,
        Some("last_seen") => SortKey::LastSeen,
        Some("events") => SortKey::Events,
        Some(key) => match key.strip_prefix("user.").filter(|name| !name.is_empty()) {
            Some(name) => SortKey::User(name.to_owned()),
            None => bail!("--sort {key:?} is none of handle, first_seen, last_seen, events and user.PROPERTY"),
        },
    };
    let sort = Sort { by, descending: args.descending };
    Ok(Some(sort).filter(|sort| *sort != Sort::default()))
}

fn funnel(args: &FunnelArgs, zone: &str) -> anyhow::Result<FunnelQuery> {
    let FunnelArgs { steps, order, exclude, per, hold, window, interval: by, groups, about } = args;
    let (from, to) = range(about, zone)?;
    let events = |texts: &[String]| texts.iter().map(|text| event(text)).collect::<Result<Vec<_>, _>>();
    Ok(FunnelQuery {
        steps: events(steps)?,
        order: match order {
            OrderArg::Sequential => FunnelOrder::Sequential,
            OrderArg::Strict => FunnelOrder::Strict,
            OrderArg::Any => FunnelOrder::Any,
        },
        exclude: events(exclude)?,
        per: match per {
            PerArg::User => FunnelPer::User,
            PerArg::Session => FunnelPer::Session,
        },
        hold: hold.clone(),
        window: window.clone(),
        from,
        to,
        interval: by.map(interval),
        group_by: group_by(groups)?,
        filter: filter(about)?,
        top: groups.top,
        segment: segment(about)?,
        as_of: about.as_of.as_deref().map(when),
        bots: about.bots,
    })
}

fn retention(args: &RetentionArgs, zone: &str) -> anyhow::Result<RetentionQuery> {
    let RetentionArgs { start, returns, by, periods, rolling, or_after, groups, about } = args;
    let (from, to) = range(about, zone)?;
    Ok(RetentionQuery {
        start: event(start)?,
        returns: event(returns)?,
        from,
        to,
        interval: interval(*by),
        periods: *periods,
        mode: if *rolling { RetentionMode::Rolling } else { RetentionMode::Calendar },
        returned: if *or_after { Returned::OnOrAfter } else { Returned::On },
        group_by: group_by(groups)?,
        filter: filter(about)?,
        top: groups.top,
        segment: segment(about)?,
        as_of: about.as_of.as_deref().map(when),
        bots: about.bots,
    })
}

fn activity(args: &ActivityArgs, zone: &str) -> anyhow::Result<ActivityQuery> {
    let ActivityArgs { event: name, by, about } = args;
    let (from, to) = range(about, zone)?;
    Ok(ActivityQuery {
        event: event(name)?,
        from,
        to,
        interval: interval(*by),
        filter: filter(about)?,
        segment: segment(about)?,
        as_of: about.as_of.as_deref().map(when),
        bots: about.bots,
    })
}

fn range(about: &About, zone: &str) -> anyhow::Result<(When, When)> {
    let (from, to) = last_days(zone)?;
    Ok((about.from.as_deref().map_or(from, when), about.to.as_deref().map_or(to, when)))
}

fn filter(about: &About) -> anyhow::Result<Option<Predicate>> {
    about.filter.as_deref().map(predicate).transpose()
}

fn segment(about: &About) -> anyhow::Result<Option<serde_json::Value>> {
    about.segment.as_deref().map(json).transpose()
}

fn json(text: &str) -> anyhow::Result<serde_json::Value> {
    let example = r#"{"did": "Order Placed", "at_least": 2, "in": "7d"}"#;
    serde_json::from_str(text).with_context(|| format!("{text:?} is not JSON; a segment looks like {example}"))
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
