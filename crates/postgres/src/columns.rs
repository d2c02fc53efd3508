//! What of an event a question asks for, as columns of a query and as a kernel gets it.

use std::hash::BuildHasher;

use cairn_analysis::{GroupId, Groups, KeyPlan, ValueId, Wanted};
use cairn_model::Value;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use tokio_postgres::Row;

use crate::{chosen::Chosen, json, sql::Constants};

/// The property that names an event's session.
const SESSION: &str = "session_id";

/// What a question asks for, each thing with its column.
pub(crate) struct Columns<'q> {
    keys: Vec<Key<'q>>,
    groups: &'q Groups,
    /// Combinations met before.
    known: HashMap<Vec<ValueId>, GroupId, FixedState>,
    number: Option<usize>,
    session: Option<usize>,
    hold: Option<(Vec<Key<'q>>, &'q Groups)>,
    /// Whether the person's row is needed.
    pub(crate) of_user: bool,
}

/// A key.
enum Key<'q> {
    /// Its value stands in this column.
    Column(usize, HashMap<String, ValueId, FixedState>),
    /// Whether the person is one of these.
    Segment(&'q Chosen, [ValueId; 2]),
}

/// The rows of a person, next to be pushed.
#[derive(Debug, Default)]
pub(crate) struct Details {
    pub(crate) groups: Vec<GroupId>,
    pub(crate) numbers: Vec<f64>,
    pub(crate) sessions: Vec<u64>,
    pub(crate) holds: Vec<u32>,
}

/// Columns are added to a list of expressions.
struct Adding<'a> {
    list: &'a mut Vec<String>,
    constants: &'a mut Constants,
    /// Whether the database looks up who is of segments.
    segments: bool,
    of_user: bool,
}

impl Adding<'_> {
    fn add(&mut self, expression: String) -> usize {
        self.list.push(expression);
        self.list.len() - 1
    }

    /// The keys; `segments` are those of the keys that are segments, in order.
    fn keys<'q>(&mut self, keys: &[KeyPlan], groups: &Groups, segments: &'q [Chosen]) -> Vec<Key<'q>> {
        let mut segments = segments.iter();
        let mut all = Vec::new();
        for key in keys {
            all.push(match key {
                KeyPlan::Event(name) => {
                    let name = self.constants.text(name);
                    Key::Column(self.add(format!("(e.data -> {name})::text")), HashMap::default())
                }
                KeyPlan::User(name) => {
                    self.of_user = true;
                    let name = self.constants.text(name);
                    Key::Column(self.add(format!("(u.properties -> {name})::text")), HashMap::default())
                }
                KeyPlan::Segment(_) => {
                    let Some(chosen) = segments.next() else { continue };
                    if self.segments {
                        let of = chosen.condition(self.constants);
                        Key::Column(self.add(format!("({of})::text")), HashMap::default())
                    } else {
                        Key::Segment(chosen, [false, true].map(|truth| groups.value(Some(&Value::Bool(truth)))))
                    }
                }
            });
        }
        all
    }
}

impl<'q> Columns<'q> {
    /// Adds the columns that are needed to a query's list; those of keys that are segments if the database is to look up who is of them.
    pub(crate) fn new(
        wanted: &Wanted<'q>,
        segments: &'q [Chosen],
        list: &mut Vec<String>,
        (constants, of_segments): (&mut Constants, bool),
    ) -> Self {
        let mut adding = Adding { list, constants, segments: of_segments, of_user: false };
        let keys = adding.keys(wanted.keys, wanted.groups, segments);
        let number = wanted.number.map(|name| {
            let name = adding.constants.text(name);
            let value = format!("(e.data -> {name})");
            adding.add(format!("case when jsonb_typeof{value} = 'number' then {value}::float8 end"))
        });
        let session = wanted.sessions.then(|| {
            let name = adding.constants.text(SESSION);
            adding.add(format!("(e.data -> {name})::text"))
        });
        let hold = wanted.hold.map(|hold| (adding.keys(hold.keys, hold.groups, &[]), hold.groups));
        let of_user = adding.of_user;
        Self { keys, groups: wanted.groups, known: HashMap::default(), number, session, hold, of_user }
    }

    /// The same as arguments of the extension: keys, number, session and what is held; `name` names a column.
    pub(crate) fn arguments(&self, name: impl Fn(usize) -> String) -> String {
        let texts = |keys: &[Key<'_>]| {
            let columns = keys.iter().filter_map(|key| match key {
                Key::Column(column, _) => Some(name(*column)),
                Key::Segment(..) => None,
            });
            let columns: Vec<String> = columns.collect();
            if columns.is_empty() { "null".to_owned() } else { format!("array[{}]", columns.join(", ")) }
        };
        let one = |column: Option<usize>| column.map_or_else(|| "null".to_owned(), &name);
        let held = self.hold.as_ref().map_or(&[][..], |(keys, _)| keys);
        [texts(&self.keys), one(self.number), one(self.session), texts(held)].join(", ")
    }

    /// Adds what a row has.
    pub(crate) fn add(&mut self, row: &Row, (person, original): (i64, i64), details: &mut Details) {
        if !self.keys.is_empty() {
            let values: Vec<ValueId> = self.keys.iter_mut().map(|key| key.value(row, person, self.groups)).collect();
            details.groups.push(self.group(values));
        }
        if let Some(column) = self.number {
            details.numbers.push(row.get::<_, Option<f64>>(column).unwrap_or(f64::NAN));
        }
        if let Some(column) = self.session {
            let session: Option<&str> = row.get(column);
            let hash = |session: &str| FixedState::default().hash_one((original, session)).max(1);
            details.sessions.push(session.map_or(0, hash));
        }
        if let Some((keys, groups)) = &mut self.hold {
            let values: Vec<ValueId> = keys.iter_mut().map(|key| key.value(row, person, groups)).collect();
            details.holds.push(if values.contains(&ValueId(0)) { 0 } else { groups.group(&values).0 + 1 });
        }
    }

    /// The group of a row's values.
    fn group(&mut self, values: Vec<ValueId>) -> GroupId {
        let groups = self.groups;
        *self.known.entry(values).or_insert_with_key(|values| groups.group(values))
    }

    /// The group of a person by keys on persons; 0 where there are none.
    pub(crate) fn group_of(&mut self, row: &Row, person: i64) -> GroupId {
        if self.keys.is_empty() {
            return self.groups.group(&[]);
        }
        let values: Vec<ValueId> = self.keys.iter_mut().map(|key| key.value(row, person, self.groups)).collect();
        self.group(values)
    }

    /// The memory that values and groups take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.groups.bytes() + self.hold.as_ref().map_or(0, |(_, groups)| groups.bytes())
    }
}

impl Key<'_> {
    fn value(&mut self, row: &Row, person: i64, groups: &Groups) -> ValueId {
        match self {
            Key::Segment(chosen, values) => values[usize::from(chosen.has(person))],
            Key::Column(column, known) => {
                let Some(text) = row.get::<_, Option<&str>>(*column) else { return ValueId(0) };
                if let Some(id) = known.get(text) {
                    return *id;
                }
                let id = groups.value(Some(&json::value(text)));
                known.insert(text.to_owned(), id);
                id
            }
        }
    }
}

impl Details {
    pub(crate) fn clear(&mut self) {
        self.groups.clear();
        self.numbers.clear();
        self.sessions.clear();
        self.holds.clear();
    }
}
