//! The kernel of a spec, and its partial.

use super::{
    KernelSpec, Kind, Portable,
    gathered::json_value,
    plans::{funnel, graph, lifecycle, measure, pairs, paths, retention, stickiness},
};
use crate::{
    Funnel, FunnelPartial, FunnelPlan, Graph, GraphPartial, GraphPlan, GroupId, Groups, Kernel, Lifecycle,
    LifecyclePartial, LifecyclePlan, Measure, Numbers, NumbersPartial, Pairs, PairsPartial, PairsPlan, Paths,
    PathsPartial, PathsPlan, Retention, RetentionPartial, RetentionPlan, Stickiness, StickinessPartial, StickinessPlan,
};

/// A plan without conditions and words, and what its kernel has found. Kernels borrow their plans, so one is made for
/// each stretch of work.
pub(super) struct Run {
    plan: OfKernel,
    faulty: bool,
}

enum OfKernel {
    Graph(GraphPlan, Option<Vec<GroupId>>, GraphPartial),
    Numbers(GraphPlan, NumbersPartial),
    Funnel(Box<(FunnelPlan, FunnelPartial)>),
    Retention(RetentionPlan, RetentionPartial),
    Stickiness(StickinessPlan, StickinessPartial),
    Lifecycle(LifecyclePlan, LifecyclePartial),
    Paths(PathsPlan, PathsPartial),
    Pairs(PairsPlan, PairsPartial),
}

/// What is done with a kernel, whichever it is.
pub(super) trait Visit {
    type Output;
    fn visit<K: Portable>(self, kernel: &K, partial: &mut K::Partial) -> Self::Output;
}

impl Run {
    pub(super) fn new(spec: &KernelSpec, groups: &Groups) -> Self {
        let keys = spec.keys;
        let plan = match &spec.kernel {
            Kind::Graph { count, buckets, kept } => {
                let plan = graph(measure(*count), buckets, keys);
                let value = |text: &Option<String>| text.as_deref().map(json_value);
                let group = |values: &Vec<_>| groups.group_of(&values.iter().map(value).collect::<Vec<_>>());
                let kept = kept.as_ref().map(|kept| kept.iter().map(group).collect());
                let partial = Graph::new(&plan, groups).init();
                OfKernel::Graph(plan, kept, partial)
            }
            Kind::Numbers { buckets } => {
                OfKernel::Numbers(graph(Measure::Sum(String::new()), buckets, keys), NumbersPartial::default())
            }
            Kind::Funnel(of) => {
                let plan = funnel(of, keys);
                let partial = Funnel::new(&plan, groups).init();
                OfKernel::Funnel(Box::new((plan, partial)))
            }
            Kind::Retention { cohorts, periods, count, returned } => {
                let plan = retention((cohorts.buckets(), periods), *count, *returned, keys);
                let partial = Retention::new(&plan, groups).init();
                OfKernel::Retention(plan, partial)
            }
            Kind::Stickiness { buckets, days } => {
                let plan = stickiness(buckets, days);
                let partial = Stickiness::new(&plan).init();
                OfKernel::Stickiness(plan, partial)
            }
            Kind::Lifecycle { before, buckets, as_of } => {
                let plan = lifecycle(*before, buckets, *as_of);
                let partial = Lifecycle::new(&plan).init();
                OfKernel::Lifecycle(plan, partial)
            }
            Kind::Paths { nodes, turns, backwards, depth, collapse } => {
                let plan = paths(*nodes, *turns, (*backwards, *depth, *collapse));
                let partial = Paths::new(&plan, groups).init();
                OfKernel::Paths(plan, partial)
            }
            Kind::Pairs { nodes, collapse } => OfKernel::Pairs(pairs(*nodes, *collapse), PairsPartial::default()),
        };
        Self { plan, faulty: spec.faulty }
    }

    /// Shows kernel and partial to a visitor.
    pub(super) fn visit<V: Visit>(&mut self, groups: &Groups, visit: V) -> V::Output {
        let faulty = self.faulty;
        match &mut self.plan {
            OfKernel::Graph(plan, kept, partial) => {
                let kernel = Graph::new(plan, groups).faulty(faulty);
                match kept {
                    None => visit.visit(&kernel, partial),
                    Some(kept) => visit.visit(&kernel.keeping(kept.clone()), partial),
                }
            }
            OfKernel::Numbers(plan, partial) => visit.visit(&Numbers::collecting(plan, groups).faulty(faulty), partial),
            OfKernel::Funnel(of) => {
                let (plan, partial) = &mut **of;
                visit.visit(&Funnel::new(plan, groups).faulty(faulty), partial)
            }
            OfKernel::Retention(plan, partial) => visit.visit(&Retention::new(plan, groups).faulty(faulty), partial),
            OfKernel::Stickiness(plan, partial) => visit.visit(&Stickiness::new(plan).faulty(faulty), partial),
            OfKernel::Lifecycle(plan, partial) => visit.visit(&Lifecycle::new(plan).faulty(faulty), partial),
            OfKernel::Paths(plan, partial) => visit.visit(&Paths::new(plan, groups).faulty(faulty), partial),
            OfKernel::Pairs(plan, partial) => visit.visit(&Pairs::new(plan, groups).faulty(faulty), partial),
        }
    }
}
