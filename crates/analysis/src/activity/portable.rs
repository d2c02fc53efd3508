//! When users are active, as bytes.

use super::{Lifecycle, LifecyclePartial, Stickiness, StickinessPartial};
use crate::{
    Kernel,
    portable::{Decoder, Encoder, KernelSpec, Kind, PartialError, Portable, Stretches},
};

impl Portable for Stickiness<'_> {
    fn spec(&self) -> KernelSpec {
        let (buckets, days) = (Stretches::of(&self.plan.buckets), Stretches::of(&self.plan.days));
        KernelSpec { keys: 0, kernel: Kind::Stickiness { buckets, days }, faulty: self.faulty }
    }

    fn encode(&self, partial: &StickinessPartial, to: &mut Encoder<'_>) {
        to.counts(partial.counts.iter().copied());
    }

    fn decode(&self, from: &mut Decoder<'_>) -> Result<StickinessPartial, PartialError> {
        let mut partial = self.init();
        partial.counts = from.counts(partial.counts.len())?;
        Ok(partial)
    }
}

impl Portable for Lifecycle<'_> {
    fn spec(&self) -> KernelSpec {
        let plan = self.plan;
        let kernel =
            Kind::Lifecycle { before: plan.before.0, buckets: Stretches::of(&plan.buckets), as_of: plan.as_of.0 };
        KernelSpec { keys: 0, kernel, faulty: self.faulty }
    }

    fn encode(&self, partial: &LifecyclePartial, to: &mut Encoder<'_>) {
        for line in &partial.lines {
            to.counts([line.new, line.returning, line.resurrecting, line.dormant]);
        }
    }

    fn decode(&self, from: &mut Decoder<'_>) -> Result<LifecyclePartial, PartialError> {
        let mut partial = self.init();
        for line in &mut partial.lines {
            line.new = from.count()?;
            line.returning = from.count()?;
            line.resurrecting = from.count()?;
            line.dormant = from.count()?;
        }
        Ok(partial)
    }
}
