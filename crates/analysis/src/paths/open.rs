//! The sessions of one user that are under way, each with its last node.

/// A small table by session id, which is a hash already.
#[derive(Debug)]
pub(super) struct Open {
    /// A power of two of them.
    slots: Vec<Slot>,
    /// Slots of another user are empty.
    user: u32,
    taken: usize,
    /// That of the session in hand.
    at: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    session: u64,
    node: u32,
    user: u32,
}

const SLOTS_MIN: usize = 64;

impl Default for Open {
    fn default() -> Self {
        Self { slots: vec![Slot::default(); SLOTS_MIN], user: 1, taken: 0, at: 0 }
    }
}

impl Open {
    /// A node of a session; gives the one before it in that session, if there is one.
    #[inline]
    pub(super) fn step(&mut self, session: u64, node: u32) -> Option<u32> {
        let slot = &mut self.slots[self.at];
        if slot.session != session || slot.user != self.user {
            return self.turn(session, node);
        }
        Some(std::mem::replace(&mut slot.node, node))
    }

    /// The same where another session was in hand.
    fn turn(&mut self, session: u64, node: u32) -> Option<u32> {
        self.at = self.find(session);
        let user = self.user;
        let slot = &mut self.slots[self.at];
        if slot.user == user {
            return Some(std::mem::replace(&mut slot.node, node));
        }
        *slot = Slot { session, node, user };
        self.taken += 1;
        if 2 * self.taken > self.slots.len() {
            self.grow();
        }
        None
    }

    /// The slot of a session, or an empty one for it.
    fn find(&self, session: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = session as usize & mask;
        while self.slots[at].user == self.user && self.slots[at].session != session {
            at = (at + 1) & mask;
        }
        at
    }

    #[cold]
    fn grow(&mut self) {
        let session = self.slots[self.at].session;
        let slots = vec![Slot::default(); 4 * self.slots.len()];
        for slot in std::mem::replace(&mut self.slots, slots) {
            if slot.user == self.user {
                let at = self.find(slot.session);
                self.slots[at] = slot;
            }
        }
        self.at = self.find(session);
    }

    /// The user has no more.
    pub(super) fn clear(&mut self) {
        self.taken = 0;
        self.user = self.user.wrapping_add(1);
        if self.user == 0 {
            *self = Self::default();
        }
    }

    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Slot>() * self.slots.capacity()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn each_session_has_its_own_last_node() {
        let mut open = Open::default();
        for user in 0..5_u64 {
            let mut expected: HashMap<u64, u32> = HashMap::new();
            for at in 0..2_000_u32 {
                // Some of them fall into the same slot.
                let session = u64::from(at * 7 % (40 << user)) * 64 + 1;
                assert_eq!(open.step(session, at), expected.insert(session, at), "{user} {at}");
            }
            open.clear();
        }
    }
}
