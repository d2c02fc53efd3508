//! Numbers for the values that a query groups by, so that kernels count by small integers.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use cairn_model::Value;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// A value of a group-by key; 0 is "missing".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

/// A combination of values, one per key; 0 is the empty one of a query without keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub u32);

/// The interner of one query, shared by its workers. Ids depend on the order of arrival and never leave the query.
#[derive(Debug, Default)]
pub struct Groups {
    inner: Mutex<Inner>,
    bytes: AtomicUsize,
}

#[derive(Debug, Default)]
struct Inner {
    values: Vec<Value<'static>>,
    value_ids: HashMap<Vec<u8>, ValueId, FixedState>,
    groups: Vec<Vec<ValueId>>,
    group_ids: HashMap<Vec<ValueId>, GroupId, FixedState>,
}

/// What a value takes besides its bytes, which are there twice: the value itself, its key, and their places in the table.
const VALUE_BYTES: usize = 96;
/// What a combination takes: its ids twice, and their places in the table.
const GROUP_BYTES: usize = 112;

impl Groups {
    /// The id of a value.
    pub fn value(&self, value: Option<&Value<'_>>) -> ValueId {
        let Some(value) = value else {
            return ValueId(0);
        };
        let mut encoded = Vec::new();
        cairn_model::encode_value(value, &mut encoded);
        let inner = &mut *self.lock();
        let next = ValueId(inner.values.len() as u32 + 1);
        let bytes = VALUE_BYTES + 2 * encoded.len();
        *inner.value_ids.entry(encoded).or_insert_with(|| {
            self.bytes.fetch_add(bytes, Relaxed);
            inner.values.push(value.clone().into_owned());
            next
        })
    }

    /// The id of a combination.
    pub fn group(&self, values: &[ValueId]) -> GroupId {
        let inner = &mut *self.lock();
        if let Some(group) = inner.group_ids.get(values) {
            return *group;
        }
        let group = GroupId(inner.groups.len() as u32);
        self.bytes.fetch_add(GROUP_BYTES, Relaxed);
        inner.groups.push(values.to_vec());
        inner.group_ids.insert(values.to_vec(), group);
        group
    }

    /// The id of the combination of these values.
    pub fn group_of(&self, values: &[Option<Value<'_>>]) -> GroupId {
        self.group(&values.iter().map(|value| self.value(value.as_ref())).collect::<Vec<_>>())
    }

    /// How many combinations there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().groups.len()
    }

    /// The memory that it takes, in bytes, more or less.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// The values of a combination.
    pub fn values(&self, group: GroupId) -> Vec<Option<Value<'static>>> {
        let inner = self.lock();
        let ids = inner.groups.get(group.0 as usize).map_or(&[][..], Vec::as_slice);
        ids.iter().map(|id| (id.0 > 0).then(|| inner.values[id.0 as usize - 1].clone())).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
