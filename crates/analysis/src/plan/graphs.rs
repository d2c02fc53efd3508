//! Resolving graphs of several events.

use cairn_model::{Predicate, TimeMs};

use super::{
    GraphPlan, KeyPlan, Names, SegmentPlan, check_groups, check_measure, filter_words, first_day, group_words,
    interval_words, measure_words,
};
use crate::{Buckets, Formula, GraphEvent, GraphsQuery, Measure, QueryError, formula::EVENTS_MAX, letter};

/// Several resolved graphs of one range.
#[derive(Clone, Debug)]
pub struct GraphsPlan {
    /// One for each event. They have the same buckets (without names), keys and instant, and no segment of their own.
    pub events: Vec<GraphPlan>,
    /// Formulas between their numbers.
    pub formulas: Vec<Formula>,
    /// Each bucket's first instant in the zone, with its offset.
    pub names: Vec<String>,
    /// How many groups stand on their own.
    pub top: usize,
    /// The same of the period before.
    pub previous: Option<PreviousPlan>,
    /// Averages over so many buckets.
    pub trailing: Option<usize>,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is counted, in words.
    pub sentence: String,
}

/// The period before the range of a [`GraphsPlan`].
#[derive(Clone, Debug)]
pub struct PreviousPlan {
    /// One for each event, as in the range.
    pub events: Vec<GraphPlan>,
    /// Each bucket's first instant in the zone, with its offset.
    pub names: Vec<String>,
    /// Of each bucket of the range, the place of that of this period beside it: the last ones are side by side.
    pub beside: Vec<Option<usize>>,
}

/// An average is over at most this many buckets.
const TRAILING_MAX: usize = 1_000;
/// An answer has at most this many numbers: as many as one graph may have.
const NUMBERS_MAX: usize = 20_000_000;

impl GraphsPlan {
    /// The memory that an answer takes in which so many groups stand on their own, in bytes, with what it is assembled from.
    pub fn answer_bytes(&self, own: usize) -> usize {
        let lines = |events: &[GraphPlan]| {
            let of_events: usize = events.iter().map(|event| event.answer_bytes(own)).sum();
            of_events + events.first().map_or(0, |event| event.answer_bytes(own)) * self.formulas.len()
        };
        let all = lines(&self.events) + self.previous.as_ref().map_or(0, |previous| lines(&previous.events));
        if self.trailing.is_some() { 2 * all } else { all }
    }

    pub(super) fn resolve(query: &GraphsQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check(query)?;
        let as_of = names.as_of(query.as_of.as_ref())?;
        let (from, to) = names.range(&query.from, &query.to)?;
        let buckets = names.calendar.buckets(from, to, query.interval)?;
        check_size(query, buckets.len())?;
        let parse = |text: &String| Formula::parse(text, query.events.len());
        let formulas = query.formulas.iter().map(parse).collect::<Result<_, _>>()?;
        let sentence = sentence(query, &buckets);
        let keys = names.keys(&query.group_by, as_of, query.bots)?;
        let (events, bucket_names) = graphs(query, names, buckets, (&keys, as_of))?;
        let previous = || PreviousPlan::resolve(query, names, (from, to), (&keys, as_of));
        Ok(Self {
            previous: query.previous.then(previous).transpose()?,
            events,
            formulas,
            names: bucket_names,
            top: query.top,
            trailing: query.trailing,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            sentence,
        })
    }
}

impl PreviousPlan {
    fn resolve(
        query: &GraphsQuery,
        names: Names<'_>,
        (from, to): (TimeMs, TimeMs),
        of: (&[KeyPlan], TimeMs),
    ) -> Result<Self, QueryError> {
        let calendar = names.calendar;
        let here = calendar.buckets(from, to, query.interval)?.len();
        let buckets = calendar.buckets(calendar.previous(from, to)?, from, query.interval)?;
        let beside = (0..here).map(|at| (at + buckets.len()).checked_sub(here)).collect();
        let (events, names) = graphs(query, names, buckets, of)?;
        Ok(Self { events, names, beside })
    }
}

/// The graph of each event, and the names of the buckets.
fn graphs(
    query: &GraphsQuery,
    names: Names<'_>,
    mut buckets: Buckets,
    (keys, as_of): (&[KeyPlan], TimeMs),
) -> Result<(Vec<GraphPlan>, Vec<String>), QueryError> {
    let bucket_names = std::mem::take(&mut buckets.names);
    let graph = |of: &GraphEvent| {
        let filters: Vec<Predicate> = query.filter.iter().chain(&of.filter).cloned().collect();
        Ok(GraphPlan {
            event: Some(names.event(&of.event, Some(&Predicate::All(filters)), query.bots)?),
            users: None,
            measure: of.measure.clone(),
            buckets: buckets.clone(),
            group_by: keys.to_vec(),
            top: query.top,
            segment: None,
            as_of,
            sentence: String::new(),
        })
    };
    Ok((query.events.iter().map(graph).collect::<Result<_, QueryError>>()?, bucket_names))
}

fn check(query: &GraphsQuery) -> Result<(), QueryError> {
    let refuse = |message: String| Err(QueryError::new("query", message));
    if !(1..=EVENTS_MAX).contains(&query.events.len()) {
        return refuse(format!("`graphs` has 1 to {EVENTS_MAX} `events`"));
    }
    if query.formulas.len() > EVENTS_MAX {
        return refuse(format!("`graphs` has at most {EVENTS_MAX} `formulas`"));
    }
    if query.trailing.is_some_and(|buckets| !(2..=TRAILING_MAX).contains(&buckets)) {
        return refuse(format!("`trailing` is a number of buckets, from 2 to {TRAILING_MAX}"));
    }
    if query.events.iter().any(|of| matches!(of.measure, Measure::Summary(_) | Measure::Histogram(_))) {
        return refuse(
            "a summary or a histogram is many numbers at once: ask for it in a `graph`, or for `sum`, `avg` and the others here"
                .to_owned(),
        );
    }
    query.events.iter().try_for_each(|of| check_measure(&of.measure))?;
    check_groups(&query.group_by, query.top)
}

fn check_size(query: &GraphsQuery, buckets: usize) -> Result<(), QueryError> {
    let groups = if query.group_by.is_empty() { 1 } else { query.top + 1 };
    let times = (1 + usize::from(query.previous)) * (1 + usize::from(query.trailing.is_some()));
    let numbers = (query.events.len() + query.formulas.len()) * times * buckets * groups;
    if numbers > NUMBERS_MAX {
        let message = format!(
            "the answer could have {numbers} numbers, more than {NUMBERS_MAX}: choose a longer interval, or a smaller `top`"
        );
        return Err(QueryError::new("query", message));
    }
    Ok(())
}

fn sentence(query: &GraphsQuery, buckets: &Buckets) -> String {
    let event = |(at, of): (usize, &GraphEvent)| {
        let filter = filter_words(of.filter.as_ref(), None);
        format!("{}: {}{filter}", letter(at), measure_words(&of.measure, &of.event))
    };
    let events = query.events.iter().enumerate().map(event);
    let lines: Vec<String> = events.chain(query.formulas.iter().cloned()).collect();
    let filter = filter_words(query.filter.as_ref(), query.segment.as_ref());
    let (by, groups) = (interval_words(query.interval), group_words(&query.group_by));
    let previous = if query.previous { ", beside the period before" } else { "" };
    let trailing = query.trailing.map(|n| format!(", with averages over {n} buckets")).unwrap_or_default();
    format!("{}{filter}{by}{groups}, from {}{previous}{trailing}", lines.join("; "), first_day(buckets))
}
