//! One project's state, and how messages change it.

use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Instant,
};

use cairn_analysis::{Applied, Ledger, StoreError};
use cairn_model::{Batch, EventBlock, EventHead, Message, RawMessage, UserId};

use crate::{
    dedupe::Arrivals,
    index::Definitions,
    kept::Kept,
    manifest::ProjectEntry,
    part::{ERASED, EXPIRED, Part},
    predicate::{Tables, Truths},
    scan::{Cuts, Filled},
    symbols::{Addition, Symbols},
    tail::{BatchColumns, BlockRows, Keep, Tail},
    users::{FrozenUsers, Users},
};

/// A project in memory. Its events are those of its parts, of the frozen tail that is being written as a part, and of the
/// tail.
#[derive(Debug, Default)]
pub(crate) struct Project {
    pub(crate) parts: Vec<Arc<Part>>,
    /// Being written.
    pub(crate) frozen: Option<Arc<Tail>>,
    pub(crate) tail: Tail,
    /// Empty; the memory of the tail that was written last.
    pub(crate) spare: Option<Tail>,
    pub(crate) users: Users,
    /// Locked after the project, for moments.
    pub(crate) symbols: Arc<RwLock<Symbols>>,
    /// What conditions hold for which values of the dictionaries.
    pub(crate) truths: Arc<Truths>,
    /// What numbers values are.
    pub(crate) numbers: Arc<Tables<f64>>,
    /// Hashes of the ids of sessions.
    pub(crate) sessions: Arc<Tables<u64>>,
    /// Where users and intervals of time cut parts.
    pub(crate) cuts: Arc<Kept<Arc<Cuts>>>,
    /// Which rows of parts have a value in columns in which few have one.
    pub(crate) filled: Arc<Kept<Arc<Filled>>>,
    /// What has indexes.
    pub(crate) definitions: Arc<Definitions>,
    pub(crate) ledger: Ledger,
    pub(crate) expiry: Option<i64>,
    /// What is to be purged.
    pub(crate) covered: Covers,
    /// Test-only: count every event as new.
    pub(crate) skip_dedupe: bool,
}

/// What files or the log may hold although it is erased or has expired.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Covers {
    /// How many messages have covered something, or were covered: a purge knows by it what came while it ran.
    pub(crate) count: u64,
    /// Since when it is to be purged.
    pub(crate) since: Option<Instant>,
}

impl Covers {
    /// Something is to be purged.
    pub(crate) fn add(&mut self) {
        self.count += 1;
        self.since.get_or_insert_with(Instant::now);
    }
}

/// What a project's next files will hold.
#[derive(Debug)]
pub(crate) struct FrozenProject {
    pub(crate) tail: Option<Arc<Tail>>,
    pub(crate) users: Option<FrozenUsers>,
    pub(crate) additions: Vec<Addition>,
    /// Of the position that the files will contain.
    pub(crate) ledger: Ledger,
    pub(crate) expiry: Option<i64>,
    pub(crate) purge_due: bool,
}

impl Project {
    /// The project of a manifest's entry, with its files opened.
    pub(crate) fn open(entry: &ProjectEntry, parts: Vec<Arc<Part>>, users: Users, symbols: Symbols) -> Self {
        let symbols = Arc::new(RwLock::new(symbols));
        let mut covered = Covers::default();
        if entry.purge_due {
            covered.add();
        }
        Self { parts, users, symbols, ledger: entry.ledger(), expiry: entry.expiry, covered, ..Self::default() }
    }

    /// The project as it is now, to be read alone: what stays is shared, and nothing that comes later is in it.
    pub(crate) fn instant(&self) -> Self {
        Self {
            parts: self.parts.clone(),
            frozen: self.frozen.clone(),
            tail: self.tail.clone(),
            spare: None,
            users: self.users.clone(),
            symbols: Arc::new(RwLock::new(read_symbols(&self.symbols).clone())),
            truths: self.truths.clone(),
            numbers: self.numbers.clone(),
            sessions: self.sessions.clone(),
            cuts: self.cuts.clone(),
            filled: self.filled.clone(),
            definitions: self.definitions.clone(),
            ledger: self.ledger,
            expiry: self.expiry,
            covered: self.covered,
            skip_dedupe: self.skip_dedupe,
        }
    }

    /// The first instant that is kept.
    pub(crate) fn expiry(&self) -> i64 {
        self.expiry.unwrap_or(i64::MIN)
    }

    /// The tails, older first.
    pub(crate) fn tails(&self) -> impl Iterator<Item = &Tail> {
        self.frozen.as_deref().into_iter().chain([&self.tail])
    }

    /// Applies the messages of a batch.
    pub(crate) fn apply(&mut self, batch: &Batch<'_>, messages: Vec<RawMessage<'_>>) -> Result<Applied, StoreError> {
        let mut applied = Applied::default();
        let mut columns = BatchColumns::new(batch.names.len());
        let arrivals = Arrivals::of(&messages, &self.users, &self.parts, self.skip_dedupe)?;
        let symbols = self.symbols.clone();
        let symbols = &mut *write_symbols(&symbols);
        let mut place = 0;
        for message in messages {
            let count = message.count();
            match message {
                RawMessage::Event(event) => {
                    let taken = self.take(&event.head, place, &arrivals, &mut applied)?;
                    if taken == Some(Keep::All) {
                        self.tail.push_row(&event.properties, &batch.names, &mut columns, symbols);
                    }
                }
                RawMessage::Events(block) => {
                    self.apply_block(&block, place, &arrivals, batch, symbols, &mut applied)?
                }
                RawMessage::Other(message) => self.apply_other(&message)?,
            }
            place += count;
        }
        Ok(applied)
    }

    /// Applies events by column. The first is at `place` in the batch.
    fn apply_block(
        &mut self,
        block: &EventBlock<'_>,
        place: usize,
        arrivals: &Arrivals,
        batch: &Batch<'_>,
        symbols: &mut Symbols,
        applied: &mut Applied,
    ) -> Result<(), StoreError> {
        let mut rows = BlockRows::starting(self.tail.rows());
        let mut result = Ok(());
        for (row, head) in block.heads.iter().enumerate() {
            match self.take(head, place + row, arrivals, applied) {
                Ok(Some(keep)) => rows.push((keep == Keep::All).then_some(row)),
                Ok(None) => {}
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        // Of events that were taken nothing is left out, whatever comes after them.
        self.tail.push_columns(block, &rows, &batch.names, symbols);
        result
    }

    /// Takes an event, at `place` of the batch, into the tail, but for its properties. Says what is kept of it, nothing if it is
    /// there already.
    fn take(
        &mut self,
        event: &EventHead,
        place: usize,
        arrivals: &Arrivals,
        applied: &mut Applied,
    ) -> Result<Option<Keep>, StoreError> {
        self.ledger.accepted += 1;
        let known = arrivals.user(place);
        let user = known.map_or_else(|| self.users.number(event.user_id.get()), Ok)?;
        let keep = self.keep(user, event);
        if keep != Keep::All {
            self.covered.add();
        }
        let stored = arrivals.is_stored(place);
        if stored || !self.skip_dedupe && self.is_in_tails(user, known.is_some(), event.event_id.get()) {
            self.ledger.duplicate += 1;
            applied.left_out.push(place as u32);
            return Ok(None);
        }
        match keep {
            Keep::Erased => self.ledger.erased += 1,
            Keep::Expired => self.ledger.expired += 1,
            Keep::All => self.ledger.stored += 1,
        }
        match keep {
            Keep::All => applied.stored += 1,
            _ => applied.left_out.push(place as u32),
        }
        self.tail.push(user, event, keep);
        Ok(Some(keep))
    }

    /// What an event of a user leaves behind.
    fn keep(&self, user: u32, event: &EventHead) -> Keep {
        let erased = self.users.erased_at(user).is_some_and(|at| event.received_at.0 <= at);
        match (erased, event.time.0 < self.expiry()) {
            (true, _) => Keep::Erased,
            (false, true) => Keep::Expired,
            (false, false) => Keep::All,
        }
    }

    /// How many events of a user are in the answers.
    pub(crate) fn events_of(&self, user: u32) -> Result<u64, StoreError> {
        let mut count = 0;
        self.each_row_of(user, &mut |row| count += u64::from(self.visible(&row)))?;
        Ok(count)
    }

    /// Whether the event is in a tail already; else the tail's next row is its. A user who is not `known` has no older events.
    fn is_in_tails(&mut self, user: u32, known: bool, event_id: u64) -> bool {
        let frozen = self.frozen.as_ref().filter(|_| known);
        frozen.is_some_and(|tail| tail.find(user, event_id).is_some()) || !self.tail.claim(user, event_id)
    }

    fn apply_other(&mut self, message: &Message<'_>) -> Result<(), StoreError> {
        match message {
            Message::SetUserProperties { user_id, .. }
            | Message::Identify { user_id, .. }
            | Message::Unidentify { user_id, .. } => {
                if !self.change_user(*user_id, message)? {
                    self.covered.add();
                }
                Ok(())
            }
            Message::Erase { user_ids, .. } => user_ids.iter().try_for_each(|user| {
                self.covered.add();
                let number = self.users.number(user.get())?;
                let before = self.erased_rows(number)?;
                self.change_user(*user, message)?;
                let after = self.erased_rows(number)?;
                self.ledger.erased += after.0 - before.0;
                self.ledger.stored -= after.1 - before.1;
                self.ledger.expired -= (after.0 - before.0) - (after.1 - before.1);
                Ok(())
            }),
            Message::Expire { before } => {
                let (old, new) = (self.expiry(), before.0.max(self.expiry()));
                let newly = self.rows_between(old, new)?;
                self.expiry = Some(new);
                self.covered.add();
                self.ledger.expired += newly;
                self.ledger.stored -= newly;
                Ok(())
            }
            Message::Event(_) => Ok(()),
        }
    }

    fn change_user(&mut self, user: UserId, message: &Message<'_>) -> Result<bool, StoreError> {
        let number = self.users.number(user.get())?;
        self.users.change(number, |state| state.apply(message))
    }

    /// Of a user's events: how many are erased, and how many of those are not expired. Those that were erased when their part was
    /// written again, or when they came, are not counted.
    fn erased_rows(&self, user: u32) -> Result<(u64, u64), StoreError> {
        let Some(erased_at) = self.users.erased_at(user) else {
            return Ok((0, 0));
        };
        let (mut erased, mut fresh) = (0, 0);
        self.each_row_of(user, &mut |row| {
            if row.kind != ERASED && row.received <= erased_at {
                erased += 1;
                fresh += u64::from(row.kind != EXPIRED && row.time >= self.expiry());
            }
        })?;
        Ok((erased, fresh))
    }

    /// How many events that are not erased have `from <= time < to`.
    fn rows_between(&self, from: i64, to: i64) -> Result<u64, StoreError> {
        let mut count = 0;
        let mut see = |row: RowHead| {
            let erased = row.kind == ERASED || self.users.erased_at(row.user).is_some_and(|at| row.received <= at);
            count += u64::from(!erased && row.kind != EXPIRED && from <= row.time && row.time < to);
        };
        for part in &self.parts {
            let (first, last) = part.times_span();
            if last >= from && first < to {
                each_row_of_part(part, None, &mut see)?;
            }
        }
        self.tails().for_each(|tail| each_row_of_tail(tail, None, &mut see));
        Ok(count)
    }

    fn each_row_of(&self, user: u32, see: &mut dyn FnMut(RowHead)) -> Result<(), StoreError> {
        self.parts.iter().try_for_each(|part| each_row_of_part(part, Some(user), see))?;
        self.tails().for_each(|tail| each_row_of_tail(tail, Some(user), see));
        Ok(())
    }

    /// Whether a row's event is in the answers.
    pub(crate) fn visible(&self, row: &RowHead) -> bool {
        let ghost = row.kind == ERASED || row.kind == EXPIRED;
        !ghost && row.time >= self.expiry() && self.users.erased_at(row.user).is_none_or(|at| row.received > at)
    }

    /// Freezes what is not in files yet.
    pub(crate) fn freeze(&mut self) -> FrozenProject {
        let mut symbols = write_symbols(&self.symbols);
        symbols.close_large();
        let additions = symbols.take_additions();
        let mut next = self.spare.take().unwrap_or_default();
        next.begin(&symbols);
        drop(symbols);
        let tail = (!self.tail.is_empty()).then(|| Arc::new(std::mem::replace(&mut self.tail, next)));
        self.frozen.clone_from(&tail);
        let (ledger, expiry, purge_due) = (self.ledger, self.expiry, self.covered.since.is_some());
        FrozenProject { tail, users: self.users.freeze(), additions, ledger, expiry, purge_due }
    }
}

/// What says whether a row is in the answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowHead {
    pub(crate) user: u32,
    pub(crate) time: i64,
    pub(crate) received: i64,
    pub(crate) kind: u8,
}

pub(crate) fn each_row_of_part(part: &Part, only: Option<u32>, see: &mut dyn FnMut(RowHead)) -> Result<(), StoreError> {
    let (users, starts, times, received, kinds) =
        (part.users()?, part.starts()?, part.times()?, part.received()?, part.kinds()?);
    let mut user_rows = |user: u32, rows: std::ops::Range<usize>| {
        rows.for_each(|row| {
            see(RowHead { user, time: times.get(row), received: received.get(row), kind: kinds.get(row) as u8 });
        });
    };
    match only {
        Some(user) => user_rows(user, part.rows_of(user)?),
        None => {
            for at in 0..users.len() {
                user_rows(users.get(at), starts.get(at) as usize..starts.get(at + 1) as usize);
            }
        }
    }
    Ok(())
}

fn each_row_of_tail(tail: &Tail, only: Option<u32>, see: &mut dyn FnMut(RowHead)) {
    let rows = (0..tail.rows()).filter(|row| only.is_none_or(|only| only == tail.users[*row]));
    rows.for_each(|row| see(tail.head(row)));
}

pub(crate) fn read_symbols(symbols: &RwLock<Symbols>) -> RwLockReadGuard<'_, Symbols> {
    symbols.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write_symbols(symbols: &RwLock<Symbols>) -> RwLockWriteGuard<'_, Symbols> {
    symbols.write().unwrap_or_else(PoisonError::into_inner)
}
