//! A graph's counts as bytes.

use super::{Graph, GraphPartial, tally::CELLS_MAX};
use crate::{
    GroupId, Kernel, Measure,
    portable::{Counted, Decoder, Encoder, KernelSpec, Kind, PartialError, Portable, Stretches},
};

impl Portable for Graph<'_> {
    fn spec(&self) -> KernelSpec {
        let count = match self.plan.measure {
            Measure::Users => Counted::Users,
            Measure::Sessions => Counted::Sessions,
            Measure::CountPerUser => Counted::EventsPerUser,
            _ => Counted::Events,
        };
        let json = |value: &cairn_model::Value<'_>| serde_json::to_string(value).unwrap_or_default();
        let values = |group: &GroupId| {
            let mut values: Vec<_> = self.groups.values(*group).iter().map(|value| value.as_ref().map(json)).collect();
            values.resize(self.plan.group_by.len(), None);
            values
        };
        let kept = self.kept.as_ref().map(|kept| kept.groups.iter().map(values).collect());
        let kernel = Kind::Graph { count, buckets: Stretches::of(&self.plan.buckets), kept };
        KernelSpec { keys: self.plan.group_by.len(), kernel, faulty: self.faulty }
    }

    fn encode(&self, partial: &GraphPartial, to: &mut Encoder<'_>) {
        let (run, buckets) = (self.run(), self.plan.buckets.len());
        to.size(usize::from(partial.cut));
        if run.distinct {
            to.count(partial.all.count);
            to.counts(partial.buckets.iter().map(|bucket| bucket.count));
        }
        let lines: Vec<usize> = (0..partial.lines_met(buckets)).filter(|line| partial.is_met(*line, buckets)).collect();
        to.size(lines.len());
        for line in lines {
            match self.kept {
                None => to.group(GroupId(line as u32)),
                Some(_) => to.size(line),
            }
            to.count(partial.lines.get(line).map_or(0, |line| line.count));
            let cells = line * buckets..(line + 1) * buckets;
            if run.has_cells() && !partial.cut {
                let of_line = partial.cells.get(cells.clone()).unwrap_or_default();
                to.counts((0..buckets).map(|at| of_line.get(at).map_or(0, |cell| cell.count)));
            }
            if run.events {
                to.count(partial.events.get(line).copied().unwrap_or(0));
                if run.has_cells() && !partial.cut {
                    to.counts(cells.map(|at| partial.events_of_cells.get(at).copied().unwrap_or(0)));
                }
            }
        }
    }

    fn decode(&self, from: &mut Decoder<'_>) -> Result<GraphPartial, PartialError> {
        let (run, mut partial) = (self.run(), self.init());
        let buckets = self.plan.buckets.len();
        let cut = from.size(usize::from(run.bounded && run.has_cells()))? == 1;
        partial.cut = cut;
        if run.distinct {
            partial.all.count = from.count()?;
            let counts = from.counts(buckets)?;
            partial.buckets.iter_mut().zip(counts).for_each(|(bucket, count)| bucket.count = count);
        }
        for _ in 0..from.items(2)? {
            let line = match &self.kept {
                None => from.group()?.0 as usize,
                Some(kept) => from.size(kept.groups.len())?,
            };
            let (count, with_cells) = (from.count()?, run.has_cells() && !cut);
            let of_cells = |from: &mut Decoder<'_>| if with_cells { from.counts(buckets) } else { Ok(Vec::new()) };
            let cells = of_cells(from)?;
            let events = if run.events { (from.count()?, of_cells(from)?) } else { (0, Vec::new()) };
            // The reader may have more groups than the writer had.
            if with_cells && run.bounded && (line + 1) * buckets > CELLS_MAX {
                partial.give_up(&run);
            }
            partial.add(&run, line, (count, &cells), (events.0, &events.1));
        }
        Ok(partial)
    }
}
