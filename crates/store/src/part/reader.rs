//! Reading a part in place. Every buffer's CRC is checked before its first use.

use std::{
    ops::Range,
    sync::{Arc, PoisonError, RwLock},
};

use bytes::Bytes;
use cairn_analysis::StoreError;
use hashbrown::HashMap;

use super::{
    column::{Column, PartCodes, Values},
    layout::{ColumnEntry, Directory, MAGIC, unzigzag},
    postings::PostingsAt,
};
use crate::{
    container::{Buffer, Container},
    dedupe::Candidate,
    filter,
    index::{DefinitionIndex, Definitions},
    ints::{Int, Ints},
};

/// An open part. Rows are in (user number, time, event id) order.
#[derive(Debug)]
pub(crate) struct Part {
    container: Container,
    directory: Directory,
    /// Places of the columns, by name.
    index: HashMap<String, usize>,
    /// Of definitions, by canonical JSON.
    indexes: RwLock<HashMap<Arc<str>, Arc<DefinitionIndex>>>,
}

/// Times of rows.
#[derive(Clone, Copy)]
pub(crate) struct Times<'a> {
    pub(crate) since: i64,
    pub(crate) ints: Ints<'a, u64>,
}

impl Times<'_> {
    #[inline]
    pub(crate) fn get(&self, row: usize) -> i64 {
        self.since.wrapping_add(self.ints.get(row) as i64)
    }
}

/// Event ids of rows.
#[derive(Clone, Copy)]
pub(crate) struct EventIds<'a> {
    pub(crate) ints: Ints<'a, u64>,
    shift: u8,
    times: Times<'a>,
}

impl EventIds<'_> {
    pub(crate) fn get(&self, row: usize) -> u64 {
        self.with_time(row, self.ints.get(row))
    }

    /// Whether one of the rows has this id. What is in `scratch` is of no matter.
    fn contains(&self, mut rows: Range<usize>, id: u64, scratch: &mut Vec<u64>) -> bool {
        if self.shift != 0 {
            return rows.any(|row| self.get(row) == id);
        }
        scratch.clear();
        self.ints.read(rows, scratch);
        scratch.contains(&id)
    }

    /// The id that stands as `number` at this row.
    pub(crate) fn with_time(&self, row: usize, number: u64) -> u64 {
        let base = if self.shift == 0 { 0 } else { (self.times.get(row) as u64) << self.shift };
        number.wrapping_add(base)
    }
}

/// When rows were received.
#[derive(Clone, Copy)]
pub(crate) struct Received<'a> {
    pub(crate) ints: Ints<'a, u64>,
    /// The times, or the latest.
    since: Result<Times<'a>, i64>,
}

impl Received<'_> {
    pub(crate) fn get(&self, row: usize) -> i64 {
        self.with_time(row, self.ints.get(row))
    }

    /// The instant that stands as `number` at this row.
    pub(crate) fn with_time(&self, row: usize, number: u64) -> i64 {
        let base = match &self.since {
            Ok(times) => times.get(row),
            Err(latest) => *latest,
        };
        base.wrapping_add(unzigzag(number))
    }
}

impl Part {
    /// Opens the part `file` with the contents `bytes`. `check` is off only in tests that prove the checks.
    pub(crate) fn open(file: String, bytes: Bytes, check: bool) -> Result<Self, StoreError> {
        let (container, directory): (_, Directory) = Container::open(file, bytes, MAGIC, check)?;
        let index = directory.columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect();
        Ok(Self { container, directory, index, indexes: RwLock::default() })
    }

    /// The index of a definition, by its canonical JSON.
    pub(crate) fn index(&self, definition: &str) -> Option<Arc<DefinitionIndex>> {
        self.indexes.read().unwrap_or_else(PoisonError::into_inner).get(definition).cloned()
    }

    pub(crate) fn add_index(&self, definition: Arc<str>, index: Arc<DefinitionIndex>) {
        self.indexes.write().unwrap_or_else(PoisonError::into_inner).insert(definition, index);
    }

    /// Forgets the indexes of other definitions.
    pub(crate) fn keep_indexes(&self, definitions: &Definitions) {
        let mut indexes = self.indexes.write().unwrap_or_else(PoisonError::into_inner);
        indexes.retain(|definition, _| definitions.has_index(definition));
    }

    /// Its file, relative to the store.
    pub(crate) fn file(&self) -> &str {
        &self.container.file
    }

    /// The file's size in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.container.len()
    }

    /// Verifies what no row leads to.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.container.read::<u8>(self.directory.filter).map(drop)
    }

    /// Where in the file a column stands that was read from it: no two stand in one place.
    pub(crate) fn place_of(&self, column: Ints<'_, u32>) -> usize {
        self.container.place_of(column.encoded())
    }

    pub(crate) fn rows(&self) -> usize {
        self.directory.rows as usize
    }

    /// The least and the greatest time.
    pub(crate) fn times_span(&self) -> (i64, i64) {
        (self.directory.time_min, self.directory.time_max)
    }

    pub(crate) fn received_max(&self) -> i64 {
        self.directory.received_max
    }

    /// Whether of some rows only the event's id is left.
    pub(crate) fn has_ghosts(&self) -> bool {
        self.directory.ghosts > 0
    }

    /// Numbers of the distinct users, ascending.
    pub(crate) fn users(&self) -> Result<Ints<'_, u32>, StoreError> {
        self.ints(self.directory.users)
    }

    /// The first row of each user, then the number of rows.
    pub(crate) fn starts(&self) -> Result<Ints<'_, u32>, StoreError> {
        self.ints(self.directory.starts)
    }

    pub(crate) fn times(&self) -> Result<Times<'_>, StoreError> {
        Ok(Times { since: self.directory.time_min, ints: self.ints(self.directory.times)? })
    }

    pub(crate) fn event_ids(&self) -> Result<EventIds<'_>, StoreError> {
        let ints = self.ints(self.directory.event_ids)?;
        Ok(EventIds { ints, shift: self.directory.event_id_shift, times: self.times()? })
    }

    pub(crate) fn received(&self) -> Result<Received<'_>, StoreError> {
        let since = match self.directory.received_since_time {
            true => Ok(self.times()?),
            false => Err(self.directory.received_max),
        };
        Ok(Received { ints: self.ints(self.directory.received)?, since })
    }

    /// The tag of each row's event, or of a ghost.
    pub(crate) fn kinds(&self) -> Result<Ints<'_, u32>, StoreError> {
        self.ints(self.directory.kinds)
    }

    /// The place of a user among the part's, and the user's rows.
    pub(crate) fn rows_of(&self, user: u32) -> Result<Range<usize>, StoreError> {
        let (users, starts) = (self.users()?, self.starts()?);
        let at = lower_bound(&users, user);
        Ok(match at < users.len() && users.get(at) == user {
            true => starts.get(at) as usize..starts.get(at + 1) as usize,
            false => 0..0,
        })
    }

    /// The number of the user of each row; rows rise.
    pub(crate) fn users_of(&self, rows: &[u32]) -> Result<Vec<u32>, StoreError> {
        /// From one row for so many users on, all users are walked.
        const USERS_PER_ROW: usize = 64;
        let (users, starts) = (self.users()?, self.starts()?);
        if rows.len() * USERS_PER_ROW < users.len() {
            return Ok(rows.iter().map(|row| users.get(lower_bound(&starts, row + 1).saturating_sub(1))).collect());
        }
        let (mut numbers, mut firsts) = (Vec::new(), Vec::new());
        users.read(0..users.len(), &mut numbers);
        starts.read(0..starts.len(), &mut firsts);
        let mut at = 0;
        let of_rows = rows.iter().map(|row| {
            while firsts.get(at + 1).is_some_and(|next| next <= row) {
                at += 1;
            }
            numbers.get(at).copied().unwrap_or(u32::MAX)
        });
        Ok(of_rows.collect())
    }

    /// Whether the id lies between the least and the greatest: those that grow with time mostly do not.
    pub(crate) fn spans(&self, event_id: u64) -> bool {
        self.directory.event_id_min <= event_id && event_id <= self.directory.event_id_max
    }

    /// Tells which of the events the part has, by their places in the list. What is in `scratch` is of no matter.
    pub(crate) fn find_all(
        &self,
        events: &[Candidate],
        scratch: &mut Vec<u64>,
        found: &mut dyn FnMut(usize),
    ) -> Result<(), StoreError> {
        if !events.iter().any(|event| self.spans(event.event_id)) {
            return Ok(());
        }
        let filter = self.container.read(self.directory.filter)?;
        for (chunk, events) in events.chunks(filter::LANES).enumerate() {
            let mut hits = filter::may_contain(filter, events.iter().map(|event| &event.probe));
            while hits != 0 {
                let lane = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                // Without a filter, lanes without an event are hits, too.
                if let Some(event) = events.get(lane).filter(|event| self.spans(event.event_id))
                    && self.event_ids()?.contains(self.rows_of(event.user)?, event.event_id, scratch)
                {
                    found(chunk * filter::LANES + lane);
                }
            }
        }
        Ok(())
    }

    /// The row of an event.
    pub(crate) fn row_of(&self, user: u32, event_id: u64) -> Result<Option<usize>, StoreError> {
        let event_ids = self.event_ids()?;
        Ok(self.rows_of(user)?.find(|row| event_ids.get(*row) == event_id))
    }

    pub(crate) fn column(&self, name: &str) -> Result<Option<Column<'_>>, StoreError> {
        self.index.get(name).map(|at| self.column_at(*at)).transpose()
    }

    /// All columns with their names, ascending.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Result<(&str, Column<'_>), StoreError>> {
        (0..self.directory.columns.len()).map(|at| Ok((self.directory.columns[at].name.as_str(), self.column_at(at)?)))
    }

    pub(crate) fn column_names(&self) -> impl Iterator<Item = &str> {
        self.directory.columns.iter().map(|column| column.name.as_str())
    }

    /// Of all columns: the name, the greatest code, and whether the values are the part's own.
    pub(crate) fn column_heads(&self) -> impl Iterator<Item = (&str, u32, bool)> {
        let columns = self.directory.columns.iter();
        columns.map(|column| (column.name.as_str(), column.greatest, column.values.is_some()))
    }

    fn column_at(&self, at: usize) -> Result<Column<'_>, StoreError> {
        let entry = &self.directory.columns[at];
        let values = entry.values.as_ref().map(|values| {
            Ok::<_, StoreError>(Values::new(self.ints(values.ends)?, self.container.read(values.bytes)?))
        });
        let codes = match &entry.from {
            None => PartCodes { ints: self.ints(entry.codes)?, map: None, postings: self.postings(entry) },
            Some(from) => {
                let from = self.index.get(from).map(|at| &self.directory.columns[*at]);
                let from = from.filter(|from| from.from.is_none());
                let from = from.ok_or_else(|| self.container.damage("a column follows from one that is not there"))?;
                let map = Some(self.container.read(entry.codes)?);
                PartCodes { ints: self.ints(from.codes)?, map, postings: self.postings(from) }
            }
        };
        Ok(Column { codes, values: values.transpose()? })
    }

    fn postings<'a>(&'a self, entry: &'a ColumnEntry) -> Option<PostingsAt<'a>> {
        entry.postings.as_ref().map(|entry| PostingsAt { container: &self.container, entry })
    }

    fn ints<T: Int>(&self, buffer: Buffer) -> Result<Ints<'_, T>, StoreError> {
        Ints::parse(self.container.read(buffer)?).ok_or_else(|| self.container.damage("a column cannot be read"))
    }
}

/// The first place whose value is not less than `value`, in ascending numbers, each there once.
pub(crate) fn lower_bound(ascending: &Ints<'_, u32>, value: u32) -> usize {
    let (mut low, mut high) = (0, ascending.len());
    if high > 0 {
        // Where few numbers are left out, this says almost where it is.
        let (first, last) = (ascending.get(0), ascending.get(high - 1));
        low = high.saturating_sub(1 + last.saturating_sub(value) as usize);
        high = high.min((value.saturating_sub(first)) as usize);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if ascending.get(middle) < value { low = middle + 1 } else { high = middle }
    }
    low
}
