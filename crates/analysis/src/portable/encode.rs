//! Writing a partial.

use cairn_model::bytes::{put_bytes, put_varint};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::decode::VERSION;
use crate::{GroupId, Groups};

/// What a kernel writes, and the groups that it names.
pub struct Encoder<'g> {
    groups: &'g Groups,
    numbers: HashMap<GroupId, u64, FixedState>,
    named: Vec<GroupId>,
    body: Vec<u8>,
}

impl<'g> Encoder<'g> {
    pub(super) fn new(groups: &'g Groups) -> Self {
        Self { groups, numbers: HashMap::default(), named: Vec::new(), body: Vec::new() }
    }

    /// A group.
    pub(crate) fn group(&mut self, group: GroupId) {
        let named = &mut self.named;
        let number = *self.numbers.entry(group).or_insert_with(|| {
            named.push(group);
            named.len() as u64 - 1
        });
        put_varint(&mut self.body, number);
    }

    /// How many users or events.
    pub(crate) fn count(&mut self, count: u64) {
        put_varint(&mut self.body, count);
    }

    /// Several of those.
    pub(crate) fn counts(&mut self, counts: impl IntoIterator<Item = u64>) {
        counts.into_iter().for_each(|count| self.count(count));
    }

    /// A length or a place.
    pub(crate) fn size(&mut self, size: usize) {
        put_varint(&mut self.body, size as u64);
    }

    /// A number of a property.
    pub(crate) fn number(&mut self, number: f64) {
        self.body.extend_from_slice(&number.to_le_bytes());
    }

    /// All of it, with the groups in front: each has so many values.
    pub(super) fn finish(self, tag: u8, keys: usize) -> Vec<u8> {
        let mut out = vec![VERSION, tag];
        put_varint(&mut out, keys as u64);
        put_varint(&mut out, self.named.len() as u64);
        let mut value_bytes = Vec::new();
        for group in &self.named {
            let mut values = self.groups.values(*group);
            // Where nothing is grouped by, nobody may have asked for the only group.
            values.resize(keys, None);
            for value in values {
                out.push(u8::from(value.is_some()));
                if let Some(value) = value {
                    value_bytes.clear();
                    cairn_model::encode_value(&value, &mut value_bytes);
                    put_bytes(&mut out, &value_bytes);
                }
            }
        }
        out.extend_from_slice(&self.body);
        out
    }
}
