//! A retention's counts as bytes.

use super::{By, Retention, RetentionPartial};
use crate::{
    GroupId, Kernel,
    plan::Periods,
    portable::{Decoder, Encoder, KernelSpec, Kind, PartialError, PeriodsSpec, Portable, Stretches},
};

impl Portable for Retention<'_> {
    fn spec(&self) -> KernelSpec {
        let plan = self.plan;
        let periods = match &plan.periods {
            Periods::Calendar(buckets) => PeriodsSpec::Calendar(Stretches::of(buckets)),
            Periods::Rolling(length) => PeriodsSpec::Rolling(*length),
        };
        let kernel = Kind::Retention {
            cohorts: Stretches::of(&plan.cohorts),
            periods,
            count: plan.count,
            returned: plan.returned,
        };
        KernelSpec { keys: plan.group_by.len(), kernel, faulty: self.faulty }
    }

    fn encode(&self, partial: &RetentionPartial, to: &mut Encoder<'_>) {
        let lines = partial.counts.chunks_exact(self.width()).enumerate();
        let lines: Vec<_> = lines.filter(|(_, counts)| counts[0] > 0).collect();
        to.size(lines.len());
        for (line, counts) in lines {
            match self.by {
                By::Group => to.group(GroupId(line as u32)),
                By::Date | By::Side(_) => to.size(line),
            }
            to.counts(counts.iter().copied());
        }
    }

    fn decode(&self, from: &mut Decoder<'_>) -> Result<RetentionPartial, PartialError> {
        let (mut partial, width) = (self.init(), self.width());
        for _ in 0..from.items(1 + width)? {
            let line = match self.by {
                By::Group => from.group()?.0 as usize,
                By::Date => from.size(self.plan.cohorts.len() - 1)?,
                By::Side(_) => from.size(1)?,
            };
            let end = (line + 1) * width;
            partial.counts.resize(partial.counts.len().max(end), 0);
            for count in &mut partial.counts[end - width..end] {
                *count += from.count()?;
            }
        }
        Ok(partial)
    }
}
