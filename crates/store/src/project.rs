//! One project's state, and how messages change it.

use std::{collections::BTreeMap, sync::Arc};

use cairn_analysis::{Applied, Ledger, StoreError};
use cairn_model::{Batch, EventRow, Message, RawMessage, UserId, UserState};

use crate::{
    manifest::ProjectEntry,
    part::Part,
    tail::{BatchColumns, Tail},
    users::Users,
};

/// A project in memory. Its events are those of its parts, of the frozen tail that is being written as a part, and of the
/// tail.
#[derive(Debug, Default)]
pub(crate) struct Project {
    pub(crate) parts: Vec<Arc<Part>>,
    /// Being written; with the ledger and expiry of the position that the part will contain.
    pub(crate) frozen: Option<Arc<Tail>>,
    pub(crate) tail: Tail,
    /// Empty; the memory of the tail that was written last.
    pub(crate) spare: Option<Tail>,
    pub(crate) users: Arc<Users>,
    pub(crate) ledger: Ledger,
    pub(crate) expiry: Option<i64>,
    /// Test-only: count every event as new.
    pub(crate) skip_dedupe: bool,
}

impl Project {
    /// The project of a manifest's entry, with its parts opened.
    pub(crate) fn open(entry: &ProjectEntry, parts: Vec<Arc<Part>>) -> Result<Self, StoreError> {
        let mut users = Users::default();
        for part in &parts {
            for (user, state) in part.user_states()? {
                users.change(user, |known| known.merge(&state));
            }
        }
        let users = Arc::new(users);
        Ok(Self { parts, users, ledger: entry.ledger(), expiry: entry.expiry, ..Self::default() })
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
        for (index, message) in messages.into_iter().enumerate() {
            match message {
                RawMessage::Event(event) => {
                    if self.apply_event(&event, batch, &mut columns)? {
                        applied.stored += 1;
                    } else {
                        applied.left_out.push(index as u32);
                        // What it held is not in the columns: the next event cannot lean on it.
                        columns.forget();
                    }
                }
                RawMessage::Other(message) => {
                    self.apply_other(&message)?;
                    columns.forget();
                }
            }
        }
        Ok(applied)
    }

    /// Whether the event is new in the answers.
    fn apply_event(
        &mut self,
        event: &EventRow<'_>,
        batch: &Batch<'_>,
        columns: &mut BatchColumns,
    ) -> Result<bool, StoreError> {
        self.ledger.accepted += 1;
        let (user, event_id) = (event.user_id.get(), event.event_id.get());
        if !self.skip_dedupe && self.is_duplicate(user, event_id)? {
            self.ledger.duplicate += 1;
            return Ok(false);
        }
        let erased = self.users.erased_at(user).is_some_and(|at| event.received_at.0 <= at);
        let expired = event.time.0 < self.expiry();
        match (erased, expired) {
            (true, _) => self.ledger.erased += 1,
            (false, true) => self.ledger.expired += 1,
            (false, false) => self.ledger.stored += 1,
        }
        let visible = !erased && !expired;
        self.tail.push(event, &batch.names, columns, visible);
        Ok(visible)
    }

    /// Whether the event is in the store already; else the tail's next row is its.
    fn is_duplicate(&mut self, user: u64, event_id: u64) -> Result<bool, StoreError> {
        if self.frozen.as_ref().is_some_and(|tail| tail.find(user, event_id).is_some()) {
            return Ok(true);
        }
        for part in self.parts.iter().rev() {
            if part.find(user, event_id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(!self.tail.claim(user, event_id))
    }

    fn apply_other(&mut self, message: &Message<'_>) -> Result<(), StoreError> {
        match message {
            Message::SetUserProperties { user_id, .. }
            | Message::Identify { user_id, .. }
            | Message::Unidentify { user_id, .. } => self.change_user(*user_id, message),
            Message::Erase { user_ids, .. } => {
                for user in user_ids {
                    let before = self.erased_rows(user.get())?;
                    self.change_user(*user, message);
                    let after = self.erased_rows(user.get())?;
                    self.ledger.erased += after.0 - before.0;
                    self.ledger.stored -= after.1 - before.1;
                    self.ledger.expired -= (after.0 - before.0) - (after.1 - before.1);
                }
            }
            Message::Expire { before } => {
                let (old, new) = (self.expiry(), before.0.max(self.expiry()));
                let newly = self.rows_between(old, new)?;
                self.expiry = Some(new);
                self.ledger.expired += newly;
                self.ledger.stored -= newly;
            }
            Message::Event(_) => {}
        }
        Ok(())
    }

    fn change_user(&mut self, user: UserId, message: &Message<'_>) {
        Arc::make_mut(&mut self.users).change(user.get(), |state| state.apply(message));
        self.tail.touched.insert(user.get());
    }

    /// Of a user's events: how many are erased, and how many of those are not expired.
    fn erased_rows(&self, user: u64) -> Result<(u64, u64), StoreError> {
        let Some(erased_at) = self.users.erased_at(user) else {
            return Ok((0, 0));
        };
        let (mut erased, mut fresh) = (0, 0);
        self.each_row(
            &mut |row_user, time, received| {
                if row_user == user && received <= erased_at {
                    erased += 1;
                    fresh += u64::from(time >= self.expiry());
                }
            },
            Some(user),
        )?;
        Ok((erased, fresh))
    }

    /// How many events that are not erased have `from <= time < to`.
    fn rows_between(&self, from: i64, to: i64) -> Result<u64, StoreError> {
        let mut count = 0;
        self.each_row(
            &mut |user, time, received| {
                let erased = self.users.erased_at(user).is_some_and(|at| received <= at);
                count += u64::from(!erased && from <= time && time < to);
            },
            None,
        )?;
        Ok(count)
    }

    /// Calls `see` with (user, time, received_at) of every row, or of the rows of one user.
    pub(crate) fn each_row(&self, see: &mut dyn FnMut(u64, i64, i64), only: Option<u64>) -> Result<(), StoreError> {
        for part in &self.parts {
            let (users, starts, times, received) = (part.users()?, part.starts()?, part.times()?, part.received()?);
            for (at, user) in users.iter().enumerate().filter(|(_, user)| only.is_none_or(|only| only == **user)) {
                (starts[at] as usize..starts[at + 1] as usize).for_each(|row| see(*user, times[row], received[row]));
            }
        }
        for tail in self.tails() {
            let rows = (0..tail.rows()).filter(|row| only.is_none_or(|only| only == tail.users[*row]));
            rows.for_each(|row| see(tail.users[row], tail.times[row], tail.received[row]));
        }
        Ok(())
    }

    /// Freezes the tail so that it can be written as a part. Gives it with the states of the users that changed; `None` if
    /// there is nothing to write.
    pub(crate) fn freeze(&mut self) -> Option<(Arc<Tail>, BTreeMap<u64, UserState>)> {
        if self.tail.is_empty() {
            return None;
        }
        let frozen = Arc::new(std::mem::replace(&mut self.tail, self.spare.take().unwrap_or_default()));
        self.frozen = Some(frozen.clone());
        Some((frozen.clone(), self.states_of(&frozen)))
    }

    /// The states of the users that changed during a frozen tail.
    fn states_of(&self, tail: &Tail) -> BTreeMap<u64, UserState> {
        tail.touched.iter().filter_map(|user| Some((*user, self.users.state(*user)?.clone()))).collect()
    }
}
