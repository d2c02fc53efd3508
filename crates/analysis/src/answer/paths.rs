//! Ways through sessions.

use cairn_model::Value;
use serde::{Deserialize, Serialize};

/// Where sessions went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PathsAnswer {
    /// How many were followed.
    pub sessions: u64,
    /// Level by level, the first that of the events at which they begin; up to the last that a session reached.
    pub levels: Vec<PathLevel>,
}

/// What sessions came to after so many steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PathLevel {
    /// By descending number of sessions; the rest last.
    pub nodes: Vec<PathNode>,
}

/// The sessions that came to a node: `count` is `exit`, `beyond` and those of `next` together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathNode {
    /// The node.
    pub node: Node,
    /// How many came.
    pub count: u64,
    /// Those that came to no other: of sessions that are followed back, those that began here.
    pub exit: u64,
    /// Those that went on, but are not followed any further.
    pub beyond: u64,
    /// Where the others went.
    pub next: Vec<PathLink>,
}

/// The sessions that went on to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathLink {
    /// Its place on the next level, from 0.
    pub to: usize,
    /// How many there are.
    pub count: u64,
}

/// What a session comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A page; nothing where a pageview has no path.
    Path(Option<Value<'static>>),
    /// An event of the query, by its name.
    Event(String),
    /// The event from which sessions are followed, where it is none of the others.
    Start,
    /// The rest of a level.
    Other,
}

/// How often one node came right after another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PairsAnswer {
    /// By descending number.
    pub pairs: Vec<Pair>,
    /// All the other pairs.
    pub other: u64,
    /// All pairs.
    pub total: u64,
}

/// Two nodes, one right after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The first.
    pub from: Node,
    /// The second.
    pub to: Node,
    /// How often.
    pub count: u64,
}
