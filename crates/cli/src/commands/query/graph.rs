//! `cairn query graph`.

use anyhow::bail;
use cairn_analysis::{GraphEvent, GraphQuery, GraphsQuery, Histogram, Interval, Measure, Query};

use super::{event, filter, group_by, interval, range, segment, when};
use crate::args::GraphArgs;

/// The question: of one event, or of the users; or of several, with what can be asked of them.
pub(super) fn asked(args: &GraphArgs, zone: &str) -> anyhow::Result<Query> {
    let plain = args.formulas.is_empty() && !args.previous && args.trailing.is_none();
    match &args.events[..] {
        [] if !plain => bail!("--formula, --previous and --trailing are of events: name one, or several"),
        [] => of_one(None, args, zone).map(Query::Graph),
        [one] if plain => of_one(Some(one), args, zone).map(Query::Graph),
        _ => of_several(args, zone).map(Query::Graphs),
    }
}

fn of_one(name: Option<&String>, args: &GraphArgs, zone: &str) -> anyhow::Result<GraphQuery> {
    let about = &args.about;
    let (from, to) = if name.is_none() {
        (about.from.as_deref().map(when), about.to.as_deref().map(when))
    } else {
        let (from, to) = range(about, zone)?;
        (Some(from), Some(to))
    };
    Ok(GraphQuery {
        event: name.map(|name| event(name)).transpose()?,
        measure: match &args.measures[..] {
            [text] => measure(text)?,
            [] if name.is_none() => Measure::Users,
            [] => Measure::Count,
            _ => bail!("there is one --measure for each event, or one for all"),
        },
        from,
        to,
        interval: match (args.by, args.measures.first()) {
            (Some(by), _) => interval(by),
            (None, Some(measure)) if measure.starts_with("histogram:") => Interval::Whole,
            (None, _) => Interval::Day,
        },
        group_by: group_by(&args.groups)?,
        filter: filter(about)?,
        top: args.groups.top,
        segment: segment(about)?,
        as_of: about.as_of.as_deref().map(when),
        bots: about.bots,
    })
}

fn of_several(args: &GraphArgs, zone: &str) -> anyhow::Result<GraphsQuery> {
    let about = &args.about;
    let (from, to) = range(about, zone)?;
    let measures = args.measures.iter().map(|text| measure(text)).collect::<anyhow::Result<Vec<_>>>()?;
    let measure_of = |at: usize| match &measures[..] {
        [] => Measure::Count,
        [all] => all.clone(),
        each => each[at].clone(),
    };
    if measures.len() > 1 && measures.len() != args.events.len() {
        let (measures, events) = (measures.len(), args.events.len());
        bail!(
            "--measure is given {measures} times for {events} events: give it once for all of them, or once for each"
        );
    }
    let events = args.events.iter().enumerate();
    let events = events.map(|(at, name)| Ok(GraphEvent { event: event(name)?, measure: measure_of(at), filter: None }));
    Ok(GraphsQuery {
        events: events.collect::<anyhow::Result<_>>()?,
        formulas: args.formulas.clone(),
        from,
        to,
        interval: args.by.map_or(Interval::Day, interval),
        group_by: group_by(&args.groups)?,
        filter: filter(about)?,
        top: args.groups.top,
        as_of: about.as_of.as_deref().map(when),
        segment: segment(about)?,
        bots: about.bots,
        previous: args.previous,
        trailing: args.trailing,
    })
}

fn measure(text: &str) -> anyhow::Result<Measure> {
    let (name, of) = match text.split_once(':') {
        None if text == "count" => return Ok(Measure::Count),
        None if text == "users" => return Ok(Measure::Users),
        None if text == "sessions" => return Ok(Measure::Sessions),
        None if text == "count_per_user" => return Ok(Measure::CountPerUser),
        Some(("histogram", of)) => return histogram(of),
        Some((name, of)) if !of.is_empty() => (name, of.to_owned()),
        _ => bail!(
            "{text:?} is no measure: write count, users, sessions, count_per_user, or a property's, such as sum:amount or p90:amount"
        ),
    };
    Ok(match (name, name.strip_prefix('p').and_then(|p| p.parse().ok())) {
        ("sum", _) => Measure::Sum(of),
        ("avg", _) => Measure::Avg(of),
        ("min", _) => Measure::Min(of),
        ("max", _) => Measure::Max(of),
        ("summary", _) => Measure::Summary(of),
        (_, Some(p)) => Measure::Percentile { of, p },
        _ => bail!("{name:?} is none of sum, avg, min, max, p90 (any percentile), summary and histogram"),
    })
}

/// `amount`, `amount:20` (bins) or `amount:0,10,100` (edges).
fn histogram(text: &str) -> anyhow::Result<Measure> {
    let (of, bins) = text.split_once(':').unwrap_or((text, "10"));
    let of = of.to_owned();
    let numbers = bins.split(',').map(str::parse).collect::<Result<Vec<f64>, _>>();
    let Ok(edges) = numbers else {
        bail!("{bins:?} is neither a number of bins nor edges such as 0,10,100");
    };
    Ok(Measure::Histogram(match bins.parse() {
        Ok(bins) => Histogram { of, edges: Vec::new(), bins: Some(bins) },
        Err(_) => Histogram { of, edges, bins: None },
    }))
}
