//! The kernel of lists of users that are in the order of events: when each user was there.

use cairn_model::TimeMs;

use crate::{Budget, GroupId, Kernel, Rows, Seen, Stopped};

/// Notes of each user the first and the last event, and how many there are.
#[derive(Debug, Default)]
pub struct SeenKernel;

/// The users so far, and the current one.
#[derive(Debug, Default)]
pub struct SeenPartial {
    users: Vec<(u32, Seen)>,
    current: Seen,
}

impl Kernel for SeenKernel {
    type Partial = SeenPartial;
    /// By user number, of users with events; in no order.
    type Output = Vec<(u32, Seen)>;

    fn init(&self) -> SeenPartial {
        SeenPartial::default()
    }

    fn push(&self, partial: &mut SeenPartial, rows: &Rows<'_>) {
        let seen = &mut partial.current;
        for at in rows.relevant() {
            let time = Some(TimeMs(rows.times[at]));
            seen.first = seen.first.or(time);
            seen.last = time;
            seen.events += 1;
        }
    }

    fn close(&self, partial: &mut SeenPartial, user: u32, _: GroupId) {
        let seen = std::mem::take(&mut partial.current);
        if seen.events > 0 {
            partial.users.push((user, seen));
        }
    }

    fn bytes(&self, partial: &SeenPartial) -> usize {
        partial.users.capacity() * size_of::<(u32, Seen)>()
    }

    fn merge(&self, into: &mut SeenPartial, mut from: SeenPartial) {
        into.users.append(&mut from.users);
    }

    fn finish(&self, partial: SeenPartial, _: &Budget) -> Result<Vec<(u32, Seen)>, Stopped> {
        Ok(partial.users)
    }
}
