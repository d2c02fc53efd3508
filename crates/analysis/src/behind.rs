//! The kernel of people behind a number.

use crate::{Budget, GroupId, Kernel, Rows, Stopped};

/// Runs another kernel for each user alone, and tells whose answer counts: so there are as many as the number says.
pub struct Behind<'k, K, F> {
    kernel: &'k K,
    counts: F,
    /// Of each user's answer, which is a small one: between users others look after the question's.
    unlimited: Budget,
}

/// The users so far, and the other kernel's partial of the current one.
pub struct BehindPartial<P> {
    users: Vec<u32>,
    current: Option<P>,
}

impl<'k, K: Kernel, F: Fn(K::Output) -> bool + Sync> Behind<'k, K, F> {
    /// `counts` says whether the answer of a single user adds to the number.
    pub fn new(kernel: &'k K, counts: F) -> Self {
        Self { kernel, counts, unlimited: Budget::unlimited() }
    }
}

impl<K: Kernel, F: Fn(K::Output) -> bool + Sync> Kernel for Behind<'_, K, F> {
    type Partial = BehindPartial<K::Partial>;
    /// The users, in no order.
    type Output = Vec<u32>;

    fn init(&self) -> Self::Partial {
        BehindPartial { users: Vec::new(), current: None }
    }

    fn needs_times(&self) -> bool {
        self.kernel.needs_times()
    }

    fn push(&self, partial: &mut Self::Partial, rows: &Rows<'_>) {
        self.kernel.push(partial.current.get_or_insert_with(|| self.kernel.init()), rows);
    }

    fn is_settled(&self, partial: &Self::Partial) -> bool {
        partial.current.as_ref().is_some_and(|current| self.kernel.is_settled(current))
    }

    fn close(&self, partial: &mut Self::Partial, user: u32, group: GroupId) {
        let mut of_user = partial.current.take().unwrap_or_else(|| self.kernel.init());
        self.kernel.close(&mut of_user, user, group);
        if self.kernel.finish(of_user, &self.unlimited).is_ok_and(&self.counts) {
            partial.users.push(user);
        }
    }

    fn bytes(&self, partial: &Self::Partial) -> usize {
        let current = partial.current.as_ref().map_or(0, |current| self.kernel.bytes(current));
        4 * partial.users.capacity() + current
    }

    fn merge(&self, into: &mut Self::Partial, mut from: Self::Partial) {
        into.users.append(&mut from.users);
    }

    fn finish(&self, partial: Self::Partial, _: &Budget) -> Result<Vec<u32>, Stopped> {
        Ok(partial.users)
    }
}
