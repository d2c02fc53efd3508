//! Numbers as bytes.

use super::{Numbers, NumbersPartial, Seen};
use crate::portable::{Decoder, Encoder, KernelSpec, Kind, PartialError, Portable, Stretches};

/// A group, a bucket and a number take at least so many bytes.
const SEEN_BYTES_MIN: usize = 10;

impl Portable for Numbers<'_> {
    fn spec(&self) -> KernelSpec {
        let kernel = Kind::Numbers { buckets: Stretches::of(&self.plan.buckets) };
        KernelSpec { keys: self.plan.group_by.len(), kernel, faulty: self.faulty }
    }

    fn encode(&self, partial: &NumbersPartial, to: &mut Encoder<'_>) {
        to.size(partial.len());
        for seen in partial.all(self.plan.buckets.len()) {
            to.group(crate::GroupId(seen.group));
            to.size(seen.bucket as usize);
            to.number(seen.number);
        }
    }

    fn decode(&self, from: &mut Decoder<'_>) -> Result<NumbersPartial, PartialError> {
        let last = self.plan.buckets.len() - 1;
        let seen = (0..from.items(SEEN_BYTES_MIN)?)
            .map(|_| Ok(Seen { group: from.group()?.0, bucket: from.size(last)? as u32, number: from.number()? }));
        Ok(NumbersPartial { seen: seen.collect::<Result<_, PartialError>>()?, ..NumbersPartial::default() })
    }
}
