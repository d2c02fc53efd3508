//! What was worked out for a question and is kept for the next, within a bound.

use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// At most so much is kept, unless it is said otherwise; then what was not used for longest goes.
const BYTES_MAX: usize = 64 << 20;

/// Values by key, with the bytes that each takes.
#[derive(Debug)]
pub(crate) struct Kept<V>(Mutex<Inner<V>>);

#[derive(Debug)]
struct Inner<V> {
    by_key: HashMap<String, Entry<V>, FixedState>,
    bytes: usize,
    bytes_max: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
    used: u64,
}

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Self::new(BYTES_MAX)
    }
}

impl<V> Kept<V> {
    /// Keeps so many bytes at most.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self(Mutex::new(Inner { by_key: HashMap::default(), bytes: 0, bytes_max, uses: 0 }))
    }
}

impl<V: Clone> Kept<V> {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<V> {
        let mut inner = self.lock();
        inner.uses += 1;
        let uses = inner.uses;
        inner.by_key.get_mut(key).map(|entry| {
            entry.used = uses;
            entry.value.clone()
        })
    }

    /// Keeps a value of so many bytes. The one kept last stays, whatever it takes.
    pub(crate) fn put(&self, key: &str, value: V, bytes: usize) {
        let mut inner = self.lock();
        let entry = Entry { value, bytes: bytes + key.len() + 128, used: inner.uses };
        inner.bytes += entry.bytes;
        let old = inner.by_key.insert(key.to_owned(), entry);
        inner.bytes -= old.map_or(0, |old| old.bytes);
        while inner.bytes > inner.bytes_max && inner.by_key.len() > 1 {
            let others = inner.by_key.iter().filter(|(other, _)| *other != key);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.used).map(|(other, _)| other.clone()) else {
                break;
            };
            inner.bytes -= inner.by_key.remove(&oldest).map_or(0, |entry| entry.bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes() {
        let kept = Kept::default();
        let third = BYTES_MAX / 3;
        ["a", "b"].iter().for_each(|key| kept.put(key, *key, third));
        assert_eq!(kept.get("a"), Some("a"));
        kept.put("c", "c", third);
        assert_eq!((kept.get("a"), kept.get("b"), kept.get("c")), (Some("a"), None, Some("c")));
        kept.put("a", "A", third);
        assert_eq!((kept.get("a"), kept.get("c")), (Some("A"), Some("c")));
        kept.put("d", "d", 2 * BYTES_MAX);
        assert_eq!((kept.get("a"), kept.get("c"), kept.get("d")), (None, None, Some("d")));
    }
}
