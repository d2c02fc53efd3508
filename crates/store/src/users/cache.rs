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
/// The last so many changes are known; a column that has not seen others is built anew.
const CHANGES: usize = 1 << 16;

/// The columns of users and of their clones: each has those of its own instant.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnCache {
    shared: Arc<Shared>,
    /// How many changes there were until this instant.
    version: u64,
}

#[derive(Debug, Default)]
struct Shared {
    /// The one used last at the end.
    columns: Mutex<Vec<Entry>>,
    /// Locked after the columns, and for moments: who changes users waits for it.
    changes: Mutex<Changes>,
}

/// Users whose person changed.
#[derive(Debug, Default)]
struct Changes {
    /// How many there were before these.
    before: u64,
    users: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    column: Arc<UserColumn>,
    /// The instant that it is of.
    version: u64,
    /// Who satisfies which condition, as the column stands.
    satisfying: Vec<(String, Arc<UserBits>)>,
}

impl ColumnCache {
    /// Notes that the person of `number` may have other values now.
    pub(super) fn changed(&mut self, number: u32) {
        let mut changes = lock(&self.shared.changes);
        if changes.users.len() >= CHANGES {
            changes.users.drain(..CHANGES / 2);
            changes.before += CHANGES as u64 / 2;
        }
        changes.users.push(number);
        self.version += 1;
    }

    /// Forgets all columns: at once, or when somebody looks who holds them now.
    pub(super) fn clear(&mut self) {
        self.version += 1;
        *lock(&self.shared.changes) = Changes { before: self.version, users: Vec::new() };
        if let Ok(mut columns) = self.shared.columns.try_lock() {
            columns.clear();
        }
    }

    /// The column of `name`, as it is at this instant.
    pub(super) fn get(&self, users: &Users, name: &str) -> Result<Arc<UserColumn>, StoreError> {
        let (known, version) = match self.known(users, name)? {
            Some((column, version)) if version == self.version => return Ok(column),
            known => known.unzip(),
        };
        // Outside of the lock, so that others get their columns meanwhile.
        let dirty = version.and_then(|version| self.between(self.version, version));
        let column = match known.zip(dirty) {
            Some((mut column, dirty)) => {
                Arc::make_mut(&mut column).refresh(users, name, &dirty)?;
                column
            }
            None => Arc::new(UserColumn::build(users, name)?),
        };
        self.put(name, column.clone());
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
        let of_now = |entry: &&mut Entry| entry.name == name && entry.version == self.version;
        let known = lock(&self.shared.columns).iter_mut().find(of_now).and_then(|entry| entry.known(condition));
        if let Some(known) = known {
            return Ok(known);
        }
        // As above, outside of the lock.
        let bits = Arc::new(UserBits::new(&column, test));
        if let Some(entry) = lock(&self.shared.columns).iter_mut().find(of_now) {
            entry.satisfying.truncate(CONDITIONS - 1);
            entry.satisfying.insert(0, (condition.to_owned(), bits.clone()));
        }
        Ok(bits)
    }

    /// The column that is kept and its instant: this one, or one that comes after it.
    fn known(&self, users: &Users, name: &str) -> Result<Option<(Arc<UserColumn>, u64)>, StoreError> {
        let mut columns = lock(&self.shared.columns);
        columns.retain(|entry| self.between(entry.version, entry.version).is_some());
        let Some(at) = columns.iter().position(|entry| entry.name == name) else {
            return Ok(None);
        };
        let entry = &mut columns[at];
        if entry.version < self.version
            && let Some(dirty) = self.between(entry.version, self.version)
        {
            entry.satisfying.clear();
            // If it is cut short it has not seen the changes, and is refreshed again.
            Arc::make_mut(&mut entry.column).refresh(users, name, &dirty)?;
            entry.version = self.version;
        }
        columns[at..].rotate_left(1);
        Ok(columns.last().map(|entry| (entry.column.clone(), entry.version)))
    }

    /// Who changed between two instants; nothing where that is no longer known.
    fn between(&self, first: u64, last: u64) -> Option<Vec<u32>> {
        let changes = lock(&self.shared.changes);
        let at = |version: u64| version.checked_sub(changes.before).map(|at| at as usize);
        changes.users.get(at(first)?..at(last)?).map(<[u32]>::to_vec)
    }

    /// Keeps a column of this instant, unless there is one of a later instant.
    fn put(&self, name: &str, column: Arc<UserColumn>) {
        let mut columns = lock(&self.shared.columns);
        let is_known = |entry: &Entry| entry.name == name && entry.version >= self.version;
        if columns.iter().any(is_known) || self.between(self.version, self.version).is_none() {
            return;
        }
        columns.retain(|entry| entry.name != name);
        columns.push(Entry { name: name.to_owned(), column, version: self.version, satisfying: Vec::new() });
        let mut bytes: usize = columns.iter().map(|entry| entry.column.memory_bytes()).sum();
        while columns.len() > COLUMNS || (bytes > COLUMNS_BYTES && columns.len() > 1) {
            bytes -= columns.remove(0).column.memory_bytes();
        }
    }
}

impl Entry {
    fn known(&self, condition: &str) -> Option<Arc<UserBits>> {
        self.satisfying.iter().find(|(known, _)| known == condition).map(|(_, bits)| bits.clone())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
