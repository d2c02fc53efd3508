//! A project's state as messages that make it, for another store.

use cairn_analysis::StoreError;
use cairn_model::{Event, EventId, EventKind, Message, ProjectId, TimeMs, UserId};

use crate::{
    inspect::{part_event, tail_event},
    part::Part,
    project::{Project, RowHead, each_row_of_part, read_symbols},
    store::EmbeddedStore,
};

impl EmbeddedStore {
    /// Calls `each` with messages that make a project's state, in an order that depends on the state's files alone: what takes out
    /// comes first, then what is known of users, then events. Of an event that is not in the answers any more the ids and times are
    /// given, so that it stays counted once.
    pub fn messages(
        &self,
        project: ProjectId,
        each: &mut dyn FnMut(Message<'static>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (project, _) = self.instant(project);
        if let Some(before) = project.expiry {
            each(Message::Expire { before: TimeMs(before) })?;
        }
        for known in project.users.known()? {
            let (number, state) = known?;
            if let Some(user) = UserId::new(project.users.id(number)?) {
                state.messages(user).into_iter().try_for_each(&mut *each)?;
            }
        }
        for part in &project.parts {
            of_part(&project, part, each)?;
        }
        let symbols = read_symbols(&project.symbols);
        for tail in project.tails() {
            for row in 0..tail.rows() {
                let head = tail.head(row);
                let Some(user) = UserId::new(project.users.id(head.user)?) else { continue };
                let whole = || tail_event(tail, row, user, &symbols);
                let event = if project.visible(&head) { whole() } else { ghost(user, tail.event_ids[row], &head) };
                event.map_or(Ok(()), |event| each(Message::Event(event)))?;
            }
        }
        Ok(())
    }
}

fn of_part(
    project: &Project,
    part: &Part,
    each: &mut dyn FnMut(Message<'static>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (columns, ids) = (part.columns().collect::<Result<Vec<_>, _>>()?, part.event_ids()?);
    let symbols = read_symbols(&project.symbols);
    let mut heads = Vec::with_capacity(part.rows());
    each_row_of_part(part, None, &mut |head| heads.push(head))?;
    for (row, head) in heads.iter().enumerate() {
        let Some(user) = UserId::new(project.users.id(head.user)?) else { continue };
        let event = match project.visible(head) {
            true => part_event(part, row, user, &columns, &symbols)?,
            false => ghost(user, ids.get(row), head),
        };
        event.map_or(Ok(()), |event| each(Message::Event(event)))?;
    }
    Ok(())
}

/// An event of which only the ids and times are left.
fn ghost(user_id: UserId, event_id: u64, head: &RowHead) -> Option<Event<'static>> {
    let (time, received_at) = (TimeMs(head.time), TimeMs(head.received));
    let event = Event::new(user_id.get(), event_id, time.0, EventKind::Custom);
    EventId::new(event_id).map(|event_id| Event { user_id, event_id, time, received_at, ..event })
}
