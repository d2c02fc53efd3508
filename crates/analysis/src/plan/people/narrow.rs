//! Leaving a question no more than its cell needs.

use super::{PeoplePlan, Plan};
use crate::{GraphPlan, Histogram, Measure};

impl PeoplePlan {
    /// Leaves a question of single users no buckets but the cell's own and, as one each, those before and after it.
    pub(super) fn narrow(&mut self) {
        let at = &mut self.cell.at;
        match (&mut *self.of, &mut self.line) {
            (Plan::Graph(of), _) | (Plan::Graphs(_), Some(of)) => narrow_graph(of, at),
            (Plan::Funnel(of), _) => {
                of.over_time = of.over_time.take().filter(|_| at.is_some()).map(|buckets| {
                    let (around, place) = buckets.around(*at);
                    *at = Some(place);
                    around
                });
            }
            _ => {}
        }
    }
}

/// The question whose answer has the same groups, nodes or pairs on their own: of the whole range.
pub(super) fn standing(mut of: Plan) -> Plan {
    match &mut of {
        Plan::Graph(of) => narrow_graph(of, &mut None),
        Plan::Funnel(of) => of.over_time = None,
        _ => {}
    }
    of
}

fn narrow_graph(of: &mut GraphPlan, at: &mut Option<usize>) {
    let place = match &mut of.measure {
        Measure::Histogram(histogram) => narrow_bins(histogram, *at),
        _ => {
            let (around, place) = of.buckets.around(*at);
            of.buckets = around;
            place
        }
    };
    *at = at.map(|_| place);
}

/// Bin `at` and, as one, those after it; all as one without. The place of the former.
fn narrow_bins(histogram: &mut Histogram, at: Option<usize>) -> usize {
    let Histogram { edges, .. } = histogram;
    let last = edges.len().saturating_sub(1);
    let kept = at.map_or(vec![0, last], |at| vec![at, at + 1, last]);
    let mut kept: Vec<f64> = kept.into_iter().filter_map(|edge| edges.get(edge).copied()).collect();
    kept.dedup();
    *edges = kept;
    0
}
