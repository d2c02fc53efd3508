//! The query for a question's events: one select, or several put in order together, each of which an index of a definition answers. Or the
//! query for what a kernel finds in them, where the database runs it.

use cairn_analysis::{KeyPlan, Question, Wanted};
use cairn_model::Predicate;

use crate::{
    chosen::Chosen,
    columns::Columns,
    condition::{Compiled, compile},
    gather::Segments,
    hits::{HITS_MAX, Queries, Width},
    index::{self, Known},
    instant::Weighed,
    sql::{Constants, Matcher, Param},
};

const EVENTS: &str = include_str!("../queries/events.sql");
const USERS: &str = "join cairn.users u on u.customer_id = e.customer_id and u.user_id = e.user_id";
const ORDER: &str = "\norder by e.user_id, e.time, e.event_id, e.original_user_id";
const TOGETHER: &str = "\norder by user_id, time, event_id, original_user_id";
const KERNEL: &str = include_str!("../queries/kernel.sql");
const KERNEL_OF_EVENTS: &str = include_str!("../queries/kernel_of_events.sql");
/// What each select has of an event, whatever is asked for.
const OWN: [&str; 5] = ["user_id", "time", "event_id", "original_user_id", "matches"];
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

/// Who asks, and what there is to answer with.
pub(crate) struct Asking<'a> {
    pub(crate) project: i64,
    pub(crate) matcher: Matcher,
    /// Indexes of definitions.
    pub(crate) known: &'a [Known],
    /// Is told which of those are used.
    pub(crate) uses: &'a dyn Fn(&Known),
}

/// A predicate of the question, once however often it stands there.
struct Asked<'q> {
    predicate: &'q Predicate,
    compiled: Compiled,
    /// Where it stands.
    bits: u64,
}

/// Predicates whose events one select gives.
struct Branch<'a, 'q> {
    asked: Vec<&'a Asked<'q>>,
    indexed: bool,
}

impl<'q> Select<'q> {
    /// For events, by person and in order.
    pub(crate) fn new(asking: &Asking<'_>, question: &'q Question<'q>, segments: &'q Segments) -> Self {
        let mut constants = constants(asking, question);
        let (mut select, selects, _) = Self::put(asking, (question, segments), &mut constants, true);
        select.sql = together(&selects) + if selects.len() == 1 { "" } else { TOGETHER };
        select.params = constants.into_params();
        select
    }

    /// For what the kernel of a spec finds, in one row; whether it matters whose events they are. Only where the database has the matcher.
    pub(crate) fn of_kernel(
        asking: &Asking<'_>,
        question: &'q Question<'q>,
        segments: &'q Segments,
        (spec, by_person): (&str, bool),
    ) -> Self {
        let mut constants = constants(asking, question);
        let (mut select, selects, width) = Self::put(asking, (question, segments), &mut constants, false);
        let name = |column: usize| OWN.get(column).map_or_else(|| format!("c{column}"), |name| (*name).to_owned());
        let own = OWN[1..].iter().map(|name| format!("e.{name}")).collect::<Vec<_>>().join(", ");
        let more = select.columns.arguments(|column| format!("e.{}", name(column)));
        // An event that several indexes name comes once for each, and is put together with those of its person.
        let sql = if by_person || selects.len() > 1 { KERNEL } else { KERNEL_OF_EVENTS };
        select.sql = sql
            .replace("{spec}", &constants.text(spec))
            .replace("{event}", &format!("{own}, {more}"))
            .replace("{columns}", &(0..width).map(name).collect::<Vec<_>>().join(", "))
            .replace("{events}", &together(&selects));
        select.params = constants.into_params();
        select
    }

    /// The selects, one for each branch, and how many columns each has; without order the database decides about segments, too.
    fn put(
        asking: &Asking<'_>,
        (question, segments): (&'q Question<'q>, &'q Segments),
        constants: &mut Constants,
        ordered: bool,
    ) -> (Self, Vec<String>, usize) {
        let asked = asked(&question.predicates, constants);
        let inexact = || asked.iter().filter(|asked| !asked.compiled.exact);
        let inexact_of_user = inexact().any(|asked| asked.compiled.of_user);
        // What all selects have, each in its way, and what the question asks for.
        let own = OWN.len() + if inexact().next().is_some() { 2 } else { 0 } + usize::from(inexact_of_user);
        let mut list = vec![String::new(); own];
        let columns = Columns::new(&question.wanted, &segments.keys, &mut list, (constants, !ordered));
        let only = segments.only.as_ref().and_then(|only| match ordered {
            true => narrow(only, constants),
            false => Some(format!(" and {}", only.condition(constants))),
        });
        let only = only.unwrap_or_default();
        let branches = branches(&asked, asks_for_events(&question.wanted), asking.known, asking.uses);
        let selects = branches.iter().map(|branch| {
            put_own(&mut list[..own], branch);
            branch.select(&list, columns.of_user, &only).replace("{order}", if ordered { ORDER } else { "" })
        });
        let selects: Vec<String> = selects.collect();
        let found = (branches.iter().any(|of| of.indexed), branches.iter().any(|of| !of.indexed));
        let inexact = inexact().fold(0, |bits, asked| bits | asked.bits as u32);
        let select = Self { sql: String::new(), params: Vec::new(), columns, inexact, inexact_of_user, found };
        (select, selects, list.len())
    }
}

/// A question of few events as queries for what each index names, where nothing else is needed; whether by person.
pub(crate) fn hits(
    asking: &Asking<'_>,
    question: &Question<'_>,
    segments: &Segments,
    by_person: bool,
) -> Option<Queries> {
    let few = |only: &Chosen| only.within(PERSONS_MAX).is_some();
    if !question.wanted.keys.is_empty() || asks_for_events(&question.wanted) || segments.only.as_ref().is_some_and(few)
    {
        return None;
    }
    let mut params = constants(asking, question);
    let asked = asked(&question.predicates, &mut params);
    let width = match asked.len() {
        1 if !by_person => Width::Time,
        1 => Width::Person,
        _ => Width::Whole,
    };
    if asked.len() > 1 && !by_person {
        return None;
    }
    let columns = ["e.time", "e.user_id, e.time", "e.user_id, e.time, e.event_id, e.original_user_id"][width as usize];
    let mut of = Vec::new();
    for Asked { predicate, compiled, bits } in &asked {
        let parts = index::parts(predicate);
        let known = index::best(asking.known, &parts, true)
            .filter(|known| known.parts == parts && compiled.exact && !compiled.of_user)?;
        let mut constants = constants(asking, question);
        let sql = EVENTS
            .replace("{columns}", columns)
            .replace("{users}", "")
            .replace("{any}", &compile(predicate, &mut constants).text)
            .replace("{only}{order}", "");
        (asking.uses)(known);
        of.push((Weighed { sql, params: constants.into_params(), weight: known.rows? }, *bits as u32));
    }
    let rows: f64 = of.iter().map(|(query, _)| query.weight).sum();
    (rows <= HITS_MAX).then_some(Queries { of, width })
}

fn constants(asking: &Asking<'_>, question: &Question<'_>) -> Constants {
    let range = question.range;
    Constants::Bound(vec![Box::new(asking.project), Box::new(range.from), Box::new(range.to)], asking.matcher)
}

/// Several selects as one.
fn together(selects: &[String]) -> String {
    match selects {
        [only] => only.clone(),
        several => several.iter().map(|select| format!("({select})")).collect::<Vec<_>>().join("\nunion all\n"),
    }
}

/// The predicates, each once.
fn asked<'q>(predicates: &[&'q Predicate], constants: &mut Constants) -> Vec<Asked<'q>> {
    let mut all: Vec<Asked<'q>> = Vec::new();
    for (at, predicate) in predicates.iter().copied().enumerate() {
        match all.iter_mut().find(|asked| asked.predicate == predicate) {
            Some(asked) => asked.bits |= 1 << at,
            None => all.push(Asked { predicate, compiled: compile(predicate, constants), bits: 1 << at }),
        }
    }
    all
}

impl Branch<'_, '_> {
    fn select(&self, list: &[String], of_user: bool, only: &str) -> String {
        let any: Vec<&str> = self.asked.iter().map(|asked| asked.compiled.text.as_str()).collect();
        let of_user = of_user || self.asked.iter().any(|asked| asked.compiled.of_user);
        EVENTS
            .replace("{columns}", &list.join(", "))
            .replace("{users}", if of_user { USERS } else { "" })
            .replace("{any}", &any.join(" or "))
            .replace("{only}", only)
    }
}

/// The columns that tell events and predicates apart. What only the shared matcher needs is read where it has to decide.
fn put_own(list: &mut [String], branch: &Branch<'_, '_>) {
    let key = ["e.user_id", "e.time", "e.event_id", "e.original_user_id"];
    list.iter_mut().zip(key).for_each(|(column, name)| *column = name.to_owned());
    list[4] = match &branch.asked[..] {
        [only] => format!("{}::bigint", only.bits),
        several => {
            let bits = several.iter();
            let bits = bits.map(|of| format!("case when {} then {} else 0 end", of.compiled.text, of.bits));
            format!("({})::bigint", bits.collect::<Vec<_>>().join(" + "))
        }
    };
    let inexact = || branch.asked.iter().filter(|asked| !asked.compiled.exact);
    let any = inexact().next().is_some();
    let needed = [any, any, inexact().any(|asked| asked.compiled.of_user)];
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

/// One select for each predicate that an index answers, and one for all others.
fn branches<'a, 'q>(
    all: &'a [Asked<'q>],
    asks_for_events: bool,
    known: &[Known],
    uses: &dyn Fn(&Known),
) -> Vec<Branch<'a, 'q>> {
    let (mut branches, mut rest) = (Vec::new(), Vec::new());
    let mut fetched = 0.0;
    for asked in all {
        let parts = index::parts(asked.predicate);
        if let Some(wanted) = index::best(known, &parts, false) {
            uses(wanted);
        }
        let serves = index::best(known, &parts, true).is_some_and(|known| {
            let alone = !asks_for_events && asked.compiled.exact && known.parts == parts;
            let share = if alone { 0.0 } else { known.share };
            let few = fetched + share <= FETCHED_PART_MAX;
            fetched += if few { share } else { 0.0 };
            few
        });
        if serves {
            branches.push(Branch { asked: vec![asked], indexed: true });
        } else {
            rest.push(asked);
        }
    }
    if !rest.is_empty() {
        branches.push(Branch { asked: rest, indexed: false });
    }
    branches
}
