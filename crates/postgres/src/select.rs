//! The query for a question's events: one select, or several put in order together, each of which an index of a definition answers.

use cairn_analysis::{KeyPlan, Question, Wanted};
use cairn_model::Predicate;

use crate::{
    chosen::Chosen,
    columns::Columns,
    condition::{Compiled, compile},
    gather::Segments,
    index::{self, Known},
    sql::{Constants, Param},
};

const EVENTS: &str = include_str!("../queries/events.sql");
const USERS: &str = "join cairn.users u on u.customer_id = e.customer_id and u.user_id = e.user_id";
const TOGETHER: &str = "\norder by user_id, time, event_id, original_user_id";
/// Where more than one in so many of all events are needed in full, one scan is as fast as looking each up.
const FETCHED_PART_MAX: f64 = 1.0 / 24.0;
/// Of so many persons events are looked up person by person.
const PERSONS_MAX: usize = 1_000;

/// A question as a query.
pub(crate) struct Select<'q> {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
    pub(crate) columns: Columns<'q>,
    /// The predicates, by bit, that the database has only narrowed down.
    pub(crate) inexact: u32,
    /// Whether they ask of persons.
    pub(crate) inexact_of_user: bool,
    /// Whether events are found by indexes of definitions, and whether without.
    pub(crate) found: (bool, bool),
}

/// Predicates, by number, whose events one select gives.
struct Branch {
    predicates: Vec<usize>,
    indexed: bool,
}

impl<'q> Select<'q> {
    /// Of a project; tells `uses` which definitions it uses.
    pub(crate) fn new(
        project: i64,
        question: &'q Question<'q>,
        segments: &'q Segments,
        known: &[Known],
        uses: impl FnMut(&Known),
    ) -> Self {
        let range = question.range;
        let mut constants = Constants::Bound(vec![Box::new(project), Box::new(range.from), Box::new(range.to)]);
        let compiled: Vec<Compiled> =
            question.predicates.iter().map(|predicate| compile(predicate, &mut constants)).collect();
        // What follows what all selects have: first to be told apart, then what the question asks for.
        let mut list = vec![String::new(); if compiled.iter().all(|of| of.exact) { 5 } else { 7 }];
        let inexact = compiled.iter().enumerate().filter(|(_, of)| !of.exact);
        let inexact_of_user = inexact.clone().any(|(_, of)| of.of_user);
        let inexact = inexact.fold(0_u32, |bits, (at, _)| bits | 1 << at);
        list.extend(inexact_of_user.then(String::new));
        let own = list.len();
        let columns = Columns::new(&question.wanted, &segments.keys, &mut list, &mut constants);
        let only = segments.only.as_ref().and_then(|only| narrow(only, &mut constants)).unwrap_or_default();
        let branches = branches(&question.predicates, &compiled, asks_for_events(&question.wanted), known, uses);
        let selects = branches.iter().map(|branch| {
            let mut list = list.clone();
            put_own(&mut list[..own], branch, &compiled);
            let any: Vec<&str> = branch.predicates.iter().map(|at| compiled[*at].text.as_str()).collect();
            let of_user = columns.of_user || branch.predicates.iter().any(|at| compiled[*at].of_user);
            EVENTS
                .replace("{columns}", &list.join(", "))
                .replace("{users}", if of_user { USERS } else { "" })
                .replace("{only}", &only)
                .replace("{any}", &any.join(" or "))
        });
        let mut selects: Vec<String> = selects.collect();
        let sql = match selects.len() {
            1 => selects.remove(0),
            _ => {
                selects.iter().map(|select| format!("({select})")).collect::<Vec<_>>().join("\nunion all\n") + TOGETHER
            }
        };
        let found = (branches.iter().any(|of| of.indexed), branches.iter().any(|of| !of.indexed));
        Self { sql, params: constants.into_params(), columns, inexact, inexact_of_user, found }
    }
}

/// The columns that tell events and predicates apart. What only the shared matcher needs is read where it has to decide.
fn put_own(list: &mut [String], branch: &Branch, compiled: &[Compiled]) {
    let key = ["e.user_id", "e.time", "e.event_id", "e.original_user_id"];
    list.iter_mut().zip(key).for_each(|(column, name)| *column = name.to_owned());
    let bit = |at: usize| 1_u64 << at;
    let same = |at: &usize| compiled[*at].text == compiled[branch.predicates[0]].text;
    list[4] = if branch.predicates.iter().all(same) {
        format!("{}::bigint", branch.predicates.iter().map(|at| bit(*at)).sum::<u64>())
    } else {
        let bits = branch.predicates.iter();
        let bits = bits.map(|at| format!("case when {} then {} else 0 end", compiled[*at].text, bit(*at)));
        format!("({})::bigint", bits.collect::<Vec<_>>().join(" + "))
    };
    let inexact = || branch.predicates.iter().map(|at| &compiled[*at]).filter(|of| !of.exact);
    let needed = [inexact().next().is_some(), inexact().next().is_some(), inexact().any(|of| of.of_user)];
    let names = ["e.type::text", "e.data::text", "u.properties::text"];
    for ((column, name), needed) in list[5..].iter_mut().zip(names).zip(needed) {
        *column = if needed { name } else { "null::text" }.to_owned();
    }
}

/// A condition that all persons of a segment satisfy, where they are few.
fn narrow(only: &Chosen, constants: &mut Constants) -> Option<String> {
    let persons = only.within(PERSONS_MAX)?;
    Some(format!(" and e.user_id = any ({})", constants.ids(persons)))
}

/// Whether a question asks for more of an event than when it was, and whose.
fn asks_for_events(wanted: &Wanted<'_>) -> bool {
    let of_event = |key: &KeyPlan| matches!(key, KeyPlan::Event(_));
    wanted.keys.iter().any(of_event) || wanted.number.is_some() || wanted.sessions || wanted.hold.is_some()
}

/// One select for each predicate that an index answers, and one for all others. Predicates that say the same stay together.
fn branches(
    predicates: &[&Predicate],
    compiled: &[Compiled],
    asks_for_events: bool,
    known: &[Known],
    mut uses: impl FnMut(&Known),
) -> Vec<Branch> {
    let (mut branches, mut rest): (Vec<Branch>, _) = (Vec::new(), Vec::new());
    let mut fetched = 0.0;
    for (at, predicate) in predicates.iter().enumerate() {
        let same = |branch: &&mut Branch| predicates[branch.predicates[0]] == *predicate;
        if let Some(branch) = branches.iter_mut().find(same) {
            branch.predicates.push(at);
            continue;
        }
        let parts = index::parts(predicate);
        if let Some(wanted) = index::best(known, &parts, false) {
            uses(wanted);
        }
        let serves = index::best(known, &parts, true).is_some_and(|known| {
            let alone = !asks_for_events && compiled[at].exact && known.parts == parts;
            let share = if alone { 0.0 } else { known.share };
            let few = fetched + share <= FETCHED_PART_MAX;
            fetched += if few { share } else { 0.0 };
            few
        });
        if serves {
            branches.push(Branch { predicates: vec![at], indexed: true });
        } else {
            rest.push(at);
        }
    }
    if !rest.is_empty() || branches.is_empty() {
        branches.push(Branch { predicates: rest, indexed: false });
    }
    branches
}
