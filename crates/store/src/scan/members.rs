//! Which users did something, where nothing else matters: sources are run one by one, and sets hold who was met.

use cairn_analysis::{Kernel, StoreError};

use super::{
    cursor::{Cursor, Need},
    keys::GroupCache,
    list::{List, ListWalk},
    person::group_of,
    run::Scans,
};

/// The sets of one range of users have no more bits, groups times users: 8 MiB.
const BITS_MAX: usize = 64 << 20;

impl Scans<'_> {
    /// Whether a kernel that asks for no more can be run so: sets of the users of each of these ranges are small.
    pub(super) fn can_run_members(&self, ranges: &[(u32, u32)]) -> bool {
        let span = |(first, last): &(u32, u32)| (*last).min(self.snapshot.users).saturating_sub(*first) as usize + 1;
        let widest = ranges.iter().map(span).max().unwrap_or(0);
        self.snapshot.columns.keys.groups_max().is_some_and(|groups| groups.saturating_mul(widest) <= BITS_MAX)
    }

    /// Tells `kernel` which users of a range have events of which group.
    pub(super) fn members<K: Kernel>(
        &self,
        kernel: &K,
        mut partial: K::Partial,
        (first, last): (u32, u32),
    ) -> Result<K::Partial, StoreError> {
        let (columns, special) = (&self.snapshot.columns, &self.snapshot.special);
        let mut groups = GroupCache::default();
        let mut see = |user: u32, group| {
            if !special.contains(user) {
                kernel.push_member(&mut partial, group, (user - first) as usize);
            }
        };
        for scan in &self.parts {
            self.snapshot.budget.check()?;
            Cursor::new(scan, columns, Need::Counts, (first, last)).members(&mut groups, &mut see);
        }
        let found = self.found.list((first, last), columns, &List::default(), &mut |_, _| {});
        for list in [&found, &self.snapshot.tails] {
            let mut walk = ListWalk::new(list, first, last);
            while let Some(user) = walk.user() {
                for at in walk.take() {
                    let values = list.details.values.get(at).copied().unwrap_or_default();
                    see(user, group_of(&columns.keys, &mut groups, user, values));
                }
            }
        }
        kernel.end_members(&mut partial);
        Ok(partial)
    }
}
