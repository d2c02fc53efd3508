//! A funnel's counts and times as bytes.

use super::{Funnel, FunnelPartial, lap::Lap};
use crate::{
    GroupId, Kernel,
    portable::{Decoder, Encoder, FunnelSpec, KernelSpec, Kind, PartialError, Portable, Stretches},
};

impl Funnel<'_> {
    /// How many counts a group has.
    fn width(&self) -> usize {
        2 * self.steps()
    }

    /// A group, of whom there are places in counts from now on: finishing looks there for each group that is met.
    fn group(&self, partial: &mut FunnelPartial, from: &mut Decoder<'_>) -> Result<GroupId, PartialError> {
        let (group, counts) = (from.group()?, &mut partial.tally.counts);
        counts.resize(counts.len().max((group.0 as usize + 1) * self.width()), 0);
        Ok(group)
    }
}

impl Portable for Funnel<'_> {
    fn spec(&self) -> KernelSpec {
        let plan = self.plan;
        let kernel = Kind::Funnel(FunnelSpec {
            steps: self.steps(),
            exclude: plan.exclude.len(),
            order: plan.order,
            per: plan.per,
            holds: !plan.hold.is_empty(),
            window_ms: plan.window_ms,
            to: plan.to.0,
            as_of: plan.as_of.0,
            over_time: plan.over_time.as_ref().map(Stretches::of),
        });
        KernelSpec { keys: plan.group_by.len(), kernel, faulty: self.faulty }
    }

    fn encode(&self, partial: &FunnelPartial, to: &mut Encoder<'_>) {
        let (tally, width) = (&partial.tally, self.width());
        let groups = tally.counts.chunks_exact(width).zip(0..);
        let groups: Vec<_> = groups.filter(|(counts, _)| counts.iter().any(|count| *count > 0)).collect();
        to.size(groups.len());
        for (counts, group) in groups {
            to.group(GroupId(group));
            to.counts(counts.iter().copied());
        }
        to.size(tally.over_time.len());
        for ((bucket, at), count) in &tally.over_time {
            to.size(*bucket);
            to.group(GroupId((at / width) as u32));
            to.size(at % width);
            to.count(*count);
        }
        for laps in &tally.laps {
            to.size(laps.len());
            for lap in laps {
                to.group(GroupId(lap.group() as u32));
                to.size(lap.ms() as usize);
            }
        }
    }

    fn decode(&self, from: &mut Decoder<'_>) -> Result<FunnelPartial, PartialError> {
        let (mut partial, width) = (self.init(), self.width());
        for _ in 0..from.items(1 + width)? {
            let group = self.group(&mut partial, from)?;
            let first = group.0 as usize * width;
            for count in &mut partial.tally.counts[first..first + width] {
                *count += from.count()?;
            }
        }
        let buckets = self.plan.over_time.as_ref().map_or(0, crate::Buckets::len);
        // Without buckets there are none of these.
        for _ in 0..from.items(4)? {
            let bucket = from.size(buckets.checked_sub(1).ok_or_else(|| PartialError::new("it has buckets"))?)?;
            let group = self.group(&mut partial, from)?;
            let at = group.0 as usize * width + from.size(width - 1)?;
            *partial.tally.over_time.entry((bucket, at)).or_default() += from.count()?;
        }
        for step in 0..partial.tally.laps.len() {
            for _ in 0..from.items(2)? {
                let group = self.group(&mut partial, from)?;
                let ms = from.size(self.plan.window_ms as usize)?;
                let lap = Lap::checked(group, ms).ok_or_else(|| PartialError::new("there are too many groups"))?;
                partial.tally.laps[step].push(lap);
            }
        }
        Ok(partial)
    }
}
