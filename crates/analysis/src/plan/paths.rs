//! Resolving paths and pairs.

use cairn_model::{EventKind, Predicate, TimeMs, Value};

use super::{KeyPlan, Names, SegmentPlan, filter_words, key::check_top};
use crate::{EventRef, GroupId, Groups, Node, PairsQuery, PathsQuery, QueryError, Rows};

/// The nodes of a question.
#[derive(Clone, Debug)]
pub struct NodesPlan {
    /// The events that are nodes.
    pub events: Vec<Predicate>,
    /// What each is called, no two the same; empty where the nodes are the paths of the only one.
    pub names: Vec<String>,
    /// The keys whose groups are the nodes, where those are paths.
    pub keys: Vec<KeyPlan>,
}

/// Resolved paths.
#[derive(Clone, Debug)]
pub struct PathsPlan {
    /// The nodes.
    pub nodes: NodesPlan,
    /// All events that matter: those of the nodes, then the one from which sessions are followed, if there is one.
    pub events: Vec<Predicate>,
    /// Whether sessions are followed back from the last of those events, instead of on from the first.
    pub backwards: bool,
    /// How many steps are followed.
    pub depth: usize,
    /// Whether a node that repeats at once counts as one.
    pub collapse: bool,
    /// How many nodes of a level stand on their own.
    pub top: usize,
    /// The first instant of the range.
    pub from: TimeMs,
    /// The first instant after it.
    pub to: TimeMs,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is counted, in words.
    pub sentence: String,
}

/// Resolved pairs.
#[derive(Clone, Debug)]
pub struct PairsPlan {
    /// The nodes.
    pub nodes: NodesPlan,
    /// Whether a node that repeats at once counts as one.
    pub collapse: bool,
    /// How many pairs stand on their own.
    pub top: usize,
    /// The first instant of the range.
    pub from: TimeMs,
    /// The first instant after it.
    pub to: TimeMs,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is counted, in words.
    pub sentence: String,
}

/// At most so many events are nodes.
const NODES_MAX: usize = 30;
/// At most so many steps are followed.
const DEPTH_MAX: usize = 20;
/// The node of an event from which sessions are followed, if it is none of the others.
pub(crate) const START: u32 = u32::MAX;

impl NodesPlan {
    fn resolve(
        nodes: &[EventRef],
        (filter, bots): (Option<&Predicate>, bool),
        names: Names<'_>,
    ) -> Result<Self, QueryError> {
        if nodes.len() > NODES_MAX {
            return Err(QueryError::new("query", format!("at most {NODES_MAX} events are `nodes`")));
        }
        if nodes.is_empty() {
            let mut parts = vec![Predicate::Type(EventKind::Pageview)];
            parts.extend(filter.cloned());
            let event = Predicate::All(parts);
            let event = if bots { event } else { event.without_bots() };
            return Ok(Self { events: vec![event], names: Vec::new(), keys: vec![KeyPlan::Event("path".to_owned())] });
        }
        let events = nodes.iter().map(|node| names.event(node, filter, bots)).collect::<Result<_, _>>()?;
        let names: Vec<_> = nodes.iter().map(EventRef::name).collect();
        let again = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
        if let Some((_, name)) = again {
            let what = "leave one out, or define one under a name of its own";
            return Err(QueryError::new("query", format!("two of `nodes` are called {name:?}: {what}")));
        }
        Ok(Self { events, names, keys: Vec::new() })
    }

    /// The number of the node that an event is, if it is one: of several, the first.
    #[inline]
    pub(crate) fn of(&self, rows: &Rows<'_>, at: usize) -> Option<u32> {
        let matches = rows.matches[at] & (u32::MAX >> (32 - self.events.len()));
        match matches {
            0 => None,
            _ if self.names.is_empty() => Some(rows.group(at).0),
            matches => Some(matches.trailing_zeros()),
        }
    }

    /// By what nodes are ordered where they count the same: the event from which sessions are followed, then paths by value, or
    /// events as they are listed.
    pub(crate) fn order(&self, number: u32, groups: &Groups) -> (u32, Option<Value<'static>>) {
        match number {
            START => (0, None),
            number if self.names.is_empty() => (1, groups.values(GroupId(number)).pop().flatten()),
            number => (1 + number, None),
        }
    }

    /// The node of a number.
    pub(crate) fn node(&self, number: u32, groups: &Groups) -> Node {
        match self.names.get(number as usize) {
            _ if number == START => Node::Start,
            Some(name) => Node::Event(name.clone()),
            None => Node::Path(groups.values(GroupId(number)).pop().flatten()),
        }
    }
}

fn node_words(nodes: &[EventRef]) -> String {
    let words: Vec<_> = nodes.iter().map(EventRef::words).collect();
    if words.is_empty() { "paths".to_owned() } else { words.join(", ") }
}

impl PathsPlan {
    pub(super) fn resolve(query: &PathsQuery, names: Names<'_>) -> Result<Self, QueryError> {
        let refuse = |message: String| Err(QueryError::new("query", message));
        if query.start.is_some() && query.end.is_some() {
            return refuse("paths go on from a `start` or back from an `end`: give one of them".to_owned());
        }
        if !(1..=DEPTH_MAX).contains(&query.depth) {
            return refuse(format!("`depth` is a number from 1 to {DEPTH_MAX}"));
        }
        check_top(query.top)?;
        let nodes = NodesPlan::resolve(&query.nodes, (query.filter.as_ref(), query.bots), names)?;
        let mut events = nodes.events.clone();
        let turn = query.start.as_ref().or(query.end.as_ref());
        if let Some(turn) = turn {
            events.push(names.event(turn, query.filter.as_ref(), query.bots)?);
        }
        let (from, to) = names.range(&query.from, &query.to)?;
        let as_of = names.as_of(query.as_of.as_ref())?;
        let turn = turn.map_or_else(|| "node".to_owned(), EventRef::words);
        let whence = if query.end.is_some() {
            format!("back from the last {turn}")
        } else {
            format!("from the first {turn} on")
        };
        let sentence = format!(
            "Sessions, {whence}, {} steps over {}{}, from {}",
            query.depth,
            node_words(&query.nodes),
            filter_words(query.filter.as_ref(), query.segment.as_ref()),
            names.day(from)?
        );
        Ok(Self {
            nodes,
            events,
            backwards: query.end.is_some(),
            depth: query.depth,
            collapse: query.collapse,
            top: query.top,
            from,
            to,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            sentence,
        })
    }

    /// The times of events that matter, `[first, end)`.
    pub fn range(&self) -> (TimeMs, TimeMs) {
        (self.from, TimeMs(self.to.0.min(self.as_of.0.saturating_add(1))))
    }

    /// Whether sessions may be followed from an event.
    #[inline]
    pub(crate) fn turns(&self, matches: u32) -> bool {
        matches >> (self.events.len() - 1) & 1 == 1
    }
}

impl PairsPlan {
    pub(super) fn resolve(query: &PairsQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_top(query.top)?;
        let nodes = NodesPlan::resolve(&query.nodes, (query.filter.as_ref(), query.bots), names)?;
        let (from, to) = names.range(&query.from, &query.to)?;
        let as_of = names.as_of(query.as_of.as_ref())?;
        let sentence = format!(
            "Times that one of {} came right after another in a session{}, from {}",
            node_words(&query.nodes),
            filter_words(query.filter.as_ref(), query.segment.as_ref()),
            names.day(from)?
        );
        Ok(Self {
            nodes,
            collapse: query.collapse,
            top: query.top,
            from,
            to,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            sentence,
        })
    }

    /// The times of events that matter, `[first, end)`.
    pub fn range(&self) -> (TimeMs, TimeMs) {
        (self.from, TimeMs(self.to.0.min(self.as_of.0.saturating_add(1))))
    }
}
