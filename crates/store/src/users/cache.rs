//! The columns that were asked for last.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cairn_analysis::StoreError;

use super::{UserBits, Users, column::UserColumn};
use crate::predicate::Test;

/// At most so many columns are kept ...
const COLUMNS: usize = 16;
/// ... of together so many bytes, unless one alone is larger.
const COLUMNS_BYTES: usize = 64 << 20;
/// At most so many conditions are kept of a column: a bit per user each.
const CONDITIONS: usize = 32;
/// After so many changes that no column has seen, columns are built anew.
const CHANGES: usize = 1 << 16;

/// Columns by property, the one used last at the end.
#[derive(Debug, Default)]
pub(super) struct ColumnCache(Mutex<Cached>);

#[derive(Clone, Debug, Default)]
struct Cached {
    columns: Vec<Entry>,
    /// Users whose person changed. Empty while there are no columns.
    changes: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    column: Arc<UserColumn>,
    /// Who satisfies which condition, as the column stands.
    satisfying: Vec<(String, Arc<UserBits>)>,
    /// How many of the changes it has seen.
    seen: usize,
}

impl Clone for ColumnCache {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.lock().clone()))
    }
}

impl ColumnCache {
    /// Notes that the person of `number` may have other values now.
    pub(super) fn changed(&mut self, number: u32) {
        let cached = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if cached.changes.len() >= CHANGES {
            *cached = Cached::default();
        }
        if !cached.columns.is_empty() {
            cached.changes.push(number);
        }
    }

    /// Forgets all columns.
    pub(super) fn clear(&mut self) {
        *self.0.get_mut().unwrap_or_else(PoisonError::into_inner) = Cached::default();
    }

    /// The column of `name`, as it is now.
    pub(super) fn get(&self, users: &Users, name: &str) -> Result<Arc<UserColumn>, StoreError> {
        if let Some(column) = self.lock().get(users, name)? {
            return Ok(column);
        }
        // Outside of the lock, so that others get their columns meanwhile. `users` is borrowed: nothing changes.
        let column = Arc::new(UserColumn::build(users, name)?);
        self.lock().put(name, column.clone());
        Ok(column)
    }

    /// The users whose value of `name` passes. The condition is named beside its test.
    pub(super) fn satisfying(
        &self,
        users: &Users,
        name: &str,
        (condition, test): (&str, &Test),
    ) -> Result<Arc<UserBits>, StoreError> {
        let column = self.get(users, name)?;
        if let Some(known) = self.lock().entry(name).and_then(|entry| entry.known(condition)) {
            return Ok(known);
        }
        // As above, outside of the lock.
        let bits = Arc::new(UserBits::new(&column, test));
        if let Some(entry) = self.lock().entry(name) {
            entry.satisfying.truncate(CONDITIONS - 1);
            entry.satisfying.insert(0, (condition.to_owned(), bits.clone()));
        }
        Ok(bits)
    }

    fn lock(&self) -> MutexGuard<'_, Cached> {
        // A column whose refresh was cut short has not seen the changes, and is refreshed again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn known(&self, condition: &str) -> Option<Arc<UserBits>> {
        self.satisfying.iter().find(|(known, _)| known == condition).map(|(_, bits)| bits.clone())
    }
}

impl Cached {
    fn entry(&mut self, name: &str) -> Option<&mut Entry> {
        self.columns.iter_mut().find(|entry| entry.name == name)
    }

    fn get(&mut self, users: &Users, name: &str) -> Result<Option<Arc<UserColumn>>, StoreError> {
        let Some(at) = self.columns.iter().position(|entry| entry.name == name) else {
            return Ok(None);
        };
        let entry = &mut self.columns[at];
        if entry.seen < self.changes.len() {
            entry.satisfying.clear();
            Arc::make_mut(&mut entry.column).refresh(users, name, &self.changes[entry.seen..])?;
            entry.seen = self.changes.len();
        }
        let column = entry.column.clone();
        self.columns[at..].rotate_left(1);
        if self.columns.iter().all(|entry| entry.seen == self.changes.len()) {
            self.changes.clear();
            self.columns.iter_mut().for_each(|entry| entry.seen = 0);
        }
        Ok(Some(column))
    }

    fn put(&mut self, name: &str, column: Arc<UserColumn>) {
        self.columns.retain(|entry| entry.name != name);
        let (name, satisfying) = (name.to_owned(), Vec::new());
        self.columns.push(Entry { name, column, satisfying, seen: self.changes.len() });
        let mut bytes: usize = self.columns.iter().map(|entry| entry.column.memory_bytes()).sum();
        while self.columns.len() > COLUMNS || (bytes > COLUMNS_BYTES && self.columns.len() > 1) {
            bytes -= self.columns.remove(0).column.memory_bytes();
        }
    }
}
