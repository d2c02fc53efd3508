//! Group-by keys: from codes to the ids of values and groups, each looked up once.

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicU32, Ordering},
};

use cairn_analysis::{GroupId, Groups, KeyPlan, StoreError, ValueId};
use cairn_model::{Value, decode_value};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{KEYS, block::Block};
use crate::{
    part::Part,
    predicate::{OwnValues, RowCodes},
    project::read_symbols,
    symbols::Symbols,
    tail::Tail,
    users::{UserBits, UserColumn, Users},
};

/// Ids by code; filled as rows have them, by all threads.
#[derive(Debug)]
pub(super) struct Ids(Vec<AtomicU32>);

static NO_IDS: Ids = Ids(Vec::new());

/// Ids of values by code, and of groups, if there is one key.
#[derive(Debug)]
pub(crate) struct ValueIds {
    values: Ids,
    groups: Ids,
}

/// Not looked up yet.
const UNKNOWN: u32 = u32::MAX;

impl Ids {
    fn new(codes: usize) -> Self {
        Self((0..codes).map(|_| AtomicU32::new(UNKNOWN)).collect())
    }

    #[inline]
    fn get(&self, code: u32, look_up: impl FnOnce() -> u32) -> u32 {
        let Some(known) = self.0.get(code as usize) else {
            return look_up();
        };
        match known.load(Ordering::Relaxed) {
            UNKNOWN => {
                let id = look_up();
                known.store(id, Ordering::Relaxed);
                id
            }
            known => known,
        }
    }
}

impl ValueIds {
    /// Of so many codes; `single` says whether there is one key.
    fn new(codes: usize, single: bool) -> Self {
        Self { values: Ids::new(codes + 1), groups: Ids::new(if single { codes + 1 } else { 0 }) }
    }

    #[inline]
    fn get(&self, code: u32, look_up: impl FnOnce() -> ValueId) -> ValueId {
        ValueId(self.values.get(code, || look_up().0))
    }
}

/// A key of a question, of one instant.
#[derive(Debug)]
pub(crate) enum Key {
    /// The property, and ids by the codes of its dictionary.
    Event(String, ValueIds),
    User(Arc<UserColumn>, ValueIds),
    /// The users of a segment, nobody until they are found; and the ids of false and true.
    Segment(Arc<UserBits>, [ValueId; 2]),
}

/// The keys of a question.
#[derive(Debug)]
pub(crate) struct Keys<'q> {
    keys: Vec<Key>,
    /// How many groups there can be, where there is at most one key and its values are known.
    groups_max: Option<usize>,
    pub(super) groups: &'q Groups,
    symbols: Arc<RwLock<Symbols>>,
}

/// A key bound to a source: nothing where the source has no values of it, or it is on users.
pub(crate) type BoundKey<'a> = Option<(RowCodes<'a>, Option<(OwnValues<'a>, ValueIds)>)>;

impl<'q> Keys<'q> {
    pub(crate) fn new(
        keys: &[KeyPlan],
        groups: &'q Groups,
        users: &Users,
        symbols: &Arc<RwLock<Symbols>>,
    ) -> Result<Self, StoreError> {
        let (known, single) = (read_symbols(symbols), keys.len() == 1);
        let key = |key: &KeyPlan| match key {
            KeyPlan::Event(name) => {
                let codes = known.get(name).map_or(0, |dictionary| dictionary.values.len());
                Ok(Key::Event(name.clone(), ValueIds::new(codes, single)))
            }
            KeyPlan::User(name) => users.column(name).map(|column| {
                let values = column.len();
                Key::User(column, ValueIds::new(values, false))
            }),
            KeyPlan::Segment(_) => {
                let values = [false, true].map(|is_of| groups.value(Some(&Value::Bool(is_of))));
                Ok(Key::Segment(Arc::default(), values))
            }
        };
        let keys = keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        let groups_max = match &keys[..] {
            [] => Some(1),
            [Key::Event(name, _)] if known.get(name).is_some_and(|dictionary| dictionary.closed) => None,
            [Key::Event(_, ids) | Key::User(_, ids)] => Some(ids.values.0.len()),
            [Key::Segment(_, values)] => Some(values.len()),
            _ => None,
        };
        drop(known);
        Ok(Self { keys, groups_max, groups, symbols: symbols.clone() })
    }

    /// Sets the users of the keys that are segments, in the order of keys.
    pub(super) fn set_segments(&mut self, found: &[Arc<UserBits>]) {
        let segments = self.keys.iter_mut().filter_map(|key| match key {
            Key::Segment(users, _) => Some(users),
            Key::Event(..) | Key::User(..) => None,
        });
        segments.zip(found).for_each(|(users, found)| *users = found.clone());
    }

    /// How many groups there can be, if that is known.
    pub(super) fn groups_max(&self) -> Option<usize> {
        self.groups_max
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether all are on users.
    pub(super) fn of_users_only(&self) -> bool {
        self.keys.iter().all(|key| matches!(key, Key::User(..) | Key::Segment(..)))
    }

    /// Whether none is on users.
    pub(super) fn of_events_only(&self) -> bool {
        self.keys.iter().all(|key| matches!(key, Key::Event(..)))
    }

    /// The only key, if it is on events.
    pub(super) fn single_event(&self) -> bool {
        matches!(&self.keys[..], [Key::Event(..)])
    }

    pub(crate) fn of_part<'a>(&self, part: &'a Part) -> Result<Vec<BoundKey<'a>>, StoreError> {
        self.bind(&|name| {
            Ok(part.column(name)?.map(|column| (RowCodes::Part(column.codes), column.values.map(OwnValues::Part))))
        })
    }

    pub(crate) fn of_tail<'a>(&self, tail: &'a Tail) -> Result<Vec<BoundKey<'a>>, StoreError> {
        self.bind(&|name| {
            let column = tail.column(name);
            Ok(column.map(|column| (RowCodes::Tail(column.codes), column.values.map(OwnValues::Tail))))
        })
    }

    fn bind<'a>(&self, column: &ColumnOf<'a, '_>) -> Result<Vec<BoundKey<'a>>, StoreError> {
        let bound = self.keys.iter().map(|key| match key {
            Key::User(..) | Key::Segment(..) => Ok(None),
            Key::Event(name, _) => Ok(column(name)?.map(|(codes, own)| {
                let own = own.map(|values| {
                    let ids = ValueIds::new(values.count(), self.keys.len() == 1);
                    (values, ids)
                });
                (codes, own)
            })),
        });
        bound.collect()
    }

    /// The value of key `at` for a code of a source.
    #[inline]
    pub(crate) fn value(&self, at: usize, own: Option<&(OwnValues<'_>, ValueIds)>, code: u32) -> ValueId {
        if code == 0 {
            return ValueId(0);
        }
        let id_of = |value: Option<&[u8]>| self.groups.value(value.and_then(|value| decode_value(value).ok()).as_ref());
        match (own, &self.keys[at]) {
            (Some((values, ids)), _) => ids.get(code, || id_of(values.get(code))),
            (None, Key::Event(name, ids)) => ids.get(code, || {
                let symbols = read_symbols(&self.symbols);
                id_of(symbols.get(name).and_then(|dictionary| dictionary.values.get(code)))
            }),
            (None, Key::User(column, ids)) => ids.get(code, || id_of(column.value(code))),
            // It has no codes.
            (None, Key::Segment(..)) => ValueId(0),
        }
    }

    /// The groups of the codes of the only key, which is on events, as far as they were asked for.
    pub(super) fn groups_of_codes<'k>(&'k self, own: Option<&'k (OwnValues<'_>, ValueIds)>) -> &'k Ids {
        match (own, &self.keys[0]) {
            (Some((_, ids)), _) | (None, Key::Event(_, ids) | Key::User(_, ids)) => &ids.groups,
            (None, Key::Segment(..)) => &NO_IDS,
        }
    }

    /// The group of a code of the only key, which is on events.
    #[inline]
    pub(super) fn group_of_code(
        &self,
        (groups, own): (&Ids, Option<&(OwnValues<'_>, ValueIds)>),
        code: u32,
        cache: &mut GroupCache,
    ) -> GroupId {
        GroupId(groups.get(code, || self.look_up_group(own, code, cache)))
    }

    #[cold]
    fn look_up_group(&self, own: Option<&(OwnValues<'_>, ValueIds)>, code: u32, cache: &mut GroupCache) -> u32 {
        let mut values = [ValueId(0); KEYS];
        values[0] = self.value(0, own, code);
        cache.group(self, values).0
    }

    /// The values of an event's keys; those of keys on users are left at "missing".
    #[inline]
    pub(crate) fn event_values(&self, bound: &[BoundKey<'_>], row: usize) -> [ValueId; KEYS] {
        let mut values = [ValueId(0); KEYS];
        for (at, key) in bound.iter().enumerate() {
            if let Some((codes, own)) = key {
                values[at] = self.value(at, own.as_ref(), codes.get(row));
            }
        }
        values
    }

    /// The values of a block's entries, as [`Keys::event_values`] gives them; those of what is not relevant mean nothing.
    pub(super) fn of_block(&self, bound: &[BoundKey<'_>], block: &mut Block, out: &mut Vec<[ValueId; KEYS]>) {
        out.resize(block.entries, [ValueId(0); KEYS]);
        for (at, key) in bound.iter().enumerate() {
            if let Some((codes, own)) = key {
                let own = own.as_ref();
                block.each_code(codes, |entry, code| out[entry][at] = self.value(at, own, code));
            }
        }
    }

    /// Puts in the values of the keys on users.
    pub(crate) fn add_user_values(&self, user: u32, values: &mut [ValueId; KEYS]) {
        for (at, key) in self.keys.iter().enumerate() {
            match key {
                Key::Event(..) => {}
                Key::User(column, _) => {
                    values[at] = self.value(at, None, column.codes.get(user as usize).copied().unwrap_or(0));
                }
                Key::Segment(users, of) => values[at] = of[usize::from(users.of(user))],
            }
        }
    }
}

/// Gives a property's codes, and its values where they are the source's own.
type ColumnOf<'a, 'f> = dyn Fn(&str) -> Result<Option<(RowCodes<'a>, Option<OwnValues<'a>>)>, StoreError> + 'f;

/// A worker's memory of groups, and of combinations to be held.
#[derive(Debug, Default)]
pub(super) struct GroupCache {
    groups: Combinations,
    held: Combinations,
}

/// The ids of combinations of values.
#[derive(Debug, Default)]
struct Combinations {
    /// Of a single key, by value.
    single: Vec<u32>,
    several: HashMap<[ValueId; KEYS], GroupId, FixedState>,
}

impl GroupCache {
    /// The group of a combination.
    #[inline]
    pub(super) fn group(&mut self, keys: &Keys<'_>, values: [ValueId; KEYS]) -> GroupId {
        self.groups.id(keys, values)
    }

    /// The number of a combination to be held; 0 where a value is missing.
    pub(super) fn hold(&mut self, keys: &Keys<'_>, values: [ValueId; KEYS]) -> u32 {
        match values[..keys.keys.len()].contains(&ValueId(0)) {
            true => 0,
            false => self.held.id(keys, values).0 + 1,
        }
    }
}

impl Combinations {
    #[inline]
    fn id(&mut self, keys: &Keys<'_>, values: [ValueId; KEYS]) -> GroupId {
        if keys.keys.len() != 1 {
            let count = keys.keys.len();
            return *self.several.entry(values).or_insert_with(|| keys.groups.group(&values[..count]));
        }
        let at = values[0].0 as usize;
        if at >= self.single.len() {
            self.single.resize(at + 1, UNKNOWN);
        }
        if self.single[at] == UNKNOWN {
            self.single[at] = keys.groups.group(&values[..1]).0;
        }
        GroupId(self.single[at])
    }
}

/// Groups of users themselves, by keys on users.
pub(crate) struct UserGroups<'q> {
    keys: Keys<'q>,
    cache: GroupCache,
}

impl<'q> UserGroups<'q> {
    /// `segments` are the users of the keys that are segments, in the order of keys.
    pub(crate) fn new(
        (keys, segments): (&[KeyPlan], &[Arc<UserBits>]),
        groups: &'q Groups,
        users: &Users,
        symbols: &Arc<RwLock<Symbols>>,
    ) -> Result<Self, StoreError> {
        let mut keys = Keys::new(keys, groups, users, symbols)?;
        keys.set_segments(segments);
        Ok(Self { keys, cache: GroupCache::default() })
    }

    /// The group of a user.
    pub(crate) fn of(&mut self, user: u32) -> GroupId {
        super::person::group_of(&self.keys, &mut self.cache, user, Default::default())
    }
}
