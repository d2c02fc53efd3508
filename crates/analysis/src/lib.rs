//! Queries, answers, the kernels between them, and what a store must do.
//!
//! A query as people write it ([`Query`]) is resolved into a [`Plan`]: names become predicates, dates become instants,
//! intervals become boundaries. A store gathers each user's relevant events and hands them, in the user's order, to a
//! kernel: `init`, `push` (or `push_many`), `close`, then `merge` and `finish`. The same kernels run in every store, so their numbers
//! cannot drift apart.

mod active;
mod activity;
mod answer;
mod asking;
mod behind;
mod buckets;
mod budget;
mod calendar;
pub mod catalog;
mod error;
mod explain;
mod formula;
mod funnel;
mod graph;
mod graphs;
mod groups;
mod kernel;
mod number;
mod numbers;
mod paths;
mod plan;
mod portable;
mod query;
mod question;
mod rank;
mod retention;
mod seen;
mod segment;
mod sort;
mod store;
mod words;

pub use active::{Active, Intervals, Second};
pub use activity::{Lifecycle, LifecyclePartial, Stickiness, StickinessPartial};
pub use answer::{
    Answer, Body, Cohort, FunnelAnswer, FunnelCounts, FunnelSeries, FunnelStep, FunnelTimes, GraphAnswer, GraphLine,
    GraphsAnswer, LifecycleAnswer, LifecycleInterval, Node, Pair, PairsAnswer, PathLevel, PathLink, PathNode,
    PathsAnswer, PersonRow, PreviousAnswer, RetentionAnswer, RetentionCell, Seen, Series, StickinessAnswer,
    StickinessInterval, StreamAnswer, StreamEvent, StreamSession, Totals, UsersAnswer,
};
pub use asking::{Asking, GraphRun, finish_graph};
pub use behind::{Behind, BehindPartial, Sides};
pub use buckets::Buckets;
pub use budget::{Budget, Cancel, Held, Limits, Stopped};
pub use calendar::Calendar;
pub use error::QueryError;
pub use explain::{Explain, FoundBy, PartsBy, Touched};
pub use formula::{Formula, letter};
pub use funnel::{Funnel, FunnelPartial, funnel_events};
pub use graph::{Graph, GraphPartial, GraphSums};
pub use graphs::shared_groups;
pub use groups::{GroupId, Groups, ValueId};
pub use kernel::{Anchor, Kernel, Places, Rows};
pub use number::{Number, Summary};
pub use numbers::{Numbers, NumbersPartial, NumbersSums};
pub use paths::{Pairs, PairsPartial, Paths, PathsPartial};
pub use plan::{
    Defined, EventKey, FunnelPlan, GraphPlan, GraphsPlan, KeyPlan, LeafKind, LifecyclePlan, Listed, NodesPlan, Own,
    PairsPlan, PathsPlan, PeoplePlan, Periods, Plan, PreviousPlan, RetentionPlan, SegmentLeaf, SegmentPlan,
    SegmentTree, SortPlan, StickinessPlan, StreamPlan, UsersPlan,
};
pub use portable::{
    Decoder, Encoder, Gathered, KernelSpec, PartialError, Portable, Worker, decode_partial, encode_partial, json_value,
    partial_of,
};
pub use query::{
    ActivityQuery, Cell, EventRef, FunnelOrder, FunnelPer, FunnelQuery, GraphEvent, GraphQuery, GraphsQuery, GroupKey,
    Histogram, Interval, Measure, PairsQuery, PathsQuery, PeopleQuery, Query, RetentionMode, RetentionQuery, Returned,
    SegmentKey, Sort, SortKey, StreamQuery, UsersQuery, When, Who, Whose,
};
pub use question::{Hold, Question, TimeRange, Wanted};
pub use retention::{Retention, RetentionPartial};
pub use seen::{SeenKernel, SeenPartial};
pub use segment::{SegmentKernel, SegmentPartial};
pub use sort::sort_within;
pub use store::{Applied, Explained, Ledger, Parting, Preview, SeenEvent, SeenUser, States, Store, StoreError};
