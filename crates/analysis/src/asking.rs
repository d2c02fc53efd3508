//! What stores have in common when they answer: kernels that run, some of them more than once, over one question's events.

use crate::{
    Body, Budget, Funnel, Graph, GraphAnswer, GraphPartial, GraphPlan, GraphSums, GraphsPlan, GroupId, Groups, Held,
    Kernel, Numbers, NumbersSums, Own, Pairs, Paths, PeoplePlan, Plan, Portable, Retention, StoreError, shared_groups,
};

/// A question's events in a store, of one instant.
pub trait Asking {
    /// What a kernel makes of them. Fails if the budget is over.
    fn run<K: Portable>(&self, kernel: &K) -> Result<K::Partial, StoreError>;

    /// What the question may take.
    fn budget(&self) -> &Budget;

    /// The kernel's answer. Fails if the budget is over.
    fn answer<K: Portable>(&self, kernel: &K) -> Result<K::Output, StoreError> {
        Ok(kernel.finish(self.run(kernel)?, self.budget())?)
    }
}

/// Runs a graph's kernel to its end, and a second one if the first asks for it.
pub fn finish_graph<'p>(
    (mut kernel, budget): (Graph<'p>, &Budget),
    run: impl Fn(&Graph<'p>) -> Result<GraphPartial, StoreError>,
) -> Result<GraphAnswer, StoreError> {
    loop {
        let partial = run(&kernel)?;
        let _held = budget.afford(kernel.finish_bytes(&partial))?;
        match kernel.finish(partial, budget)? {
            Ok(body) => break Ok(body),
            Err(second) => kernel = second,
        }
    }
}

impl PeoplePlan {
    /// What stands on its own in the answer to the question whose number it is.
    pub fn find_own(&self, asking: &impl Asking, groups: &Groups) -> Result<Own, StoreError> {
        let budget = asking.budget();
        Ok(match self.standing.as_deref() {
            Some(Plan::Graph(of)) => match Numbers::new(of, groups) {
                Some(kernel) => {
                    let sums = kernel.sum_up(asking.run(&kernel)?, budget)?;
                    Own::of_groups(&kernel.own(&sums, budget)?, groups)
                }
                None => {
                    let kernel = Graph::new(of, groups);
                    Own::of_groups(&kernel.own(&kernel.sum_up(asking.run(&kernel)?), budget)?, groups)
                }
            },
            Some(Plan::Funnel(of)) => Own::of(&Body::Funnel(asking.answer(&Funnel::new(of, groups))?)),
            Some(Plan::Retention(of)) => Own::of(&Body::Retention(asking.answer(&Retention::new(of, groups))?)),
            Some(Plan::Paths(of)) => Own::of(&Body::Paths(asking.answer(&Paths::new(of, groups))?)),
            Some(Plan::Pairs(of)) => Own::of(&Body::Pairs(asking.answer(&Pairs::new(of, groups))?)),
            _ => Own::default(),
        })
    }
}

/// One of several graphs, with its events.
pub struct GraphRun<'a, A> {
    plan: &'a GraphPlan,
    groups: &'a Groups,
    asking: A,
    /// What a first run found.
    first: Option<First<'a>>,
    /// What that takes.
    held: Held<'a>,
}

/// What is known before it is known which groups stand on their own.
enum First<'a> {
    Counts(Graph<'a>, GraphSums),
    Numbers(Numbers<'a>, NumbersSums),
}

impl GraphsPlan {
    /// The groups that stand on their own in the answer to all graphs together; where there are keys, each has had its first run
    /// then.
    pub fn own_groups<A: Asking>(
        &self,
        runs: &mut [GraphRun<'_, A>],
        groups: &Groups,
        budget: &Budget,
    ) -> Result<Vec<GroupId>, StoreError> {
        if runs.iter().all(|run| run.plan.group_by.is_empty()) {
            return Ok(vec![groups.group(&[])]);
        }
        let totals = runs.iter_mut().map(|run| run.totals(budget)).collect::<Result<Vec<_>, _>>()?;
        Ok(shared_groups(groups, &totals, self.top, budget)?)
    }
}

impl<'a, A: Asking> GraphRun<'a, A> {
    /// A graph whose groups are numbered by `groups`, and what holds its memory.
    pub fn new(plan: &'a GraphPlan, groups: &'a Groups, asking: A, held: Held<'a>) -> Self {
        Self { plan, groups, asking, first: None, held }
    }

    /// Its events.
    pub fn asking(&self) -> &A {
        &self.asking
    }

    /// The groups that there are, with the order of their totals; and that of a group that is not there.
    fn totals(&mut self, budget: &Budget) -> Result<(Vec<(GroupId, u64)>, u64), StoreError> {
        let (first, totals) = if let Some(kernel) = Numbers::new(self.plan, self.groups) {
            let partial = self.asking.run(&kernel)?;
            self.held.set(kernel.bytes(&partial));
            let sums = kernel.sum_up(partial, budget)?;
            let totals = (kernel.orders(&sums, budget)?, kernel.order_of_nothing());
            (First::Numbers(kernel, sums), totals)
        } else {
            let kernel = Graph::new(self.plan, self.groups);
            let partial = self.asking.run(&kernel)?;
            self.held.set(kernel.bytes(&partial));
            let sums = kernel.sum_up(partial);
            let totals = (kernel.orders(&sums), 0);
            (First::Counts(kernel, sums), totals)
        };
        budget.check()?;
        self.first = Some(first);
        Ok(totals)
    }

    /// The answer in which these groups stand on their own.
    pub fn answer(&mut self, own: &[GroupId], budget: &Budget) -> Result<GraphAnswer, StoreError> {
        let kernel = match self.first.take() {
            Some(First::Numbers(kernel, sums)) => return Ok(kernel.finish_with(sums, own, budget)?),
            Some(First::Counts(kernel, sums)) => match kernel.finish_with(&sums, own.to_vec(), budget)? {
                Ok(answer) => return Ok(answer),
                Err(second) => *second,
            },
            None => match Numbers::new(self.plan, self.groups) {
                Some(kernel) => {
                    let partial = self.asking.run(&kernel)?;
                    let _held = budget.afford(kernel.bytes(&partial))?;
                    let sums = kernel.sum_up(partial, budget)?;
                    return Ok(kernel.finish_with(sums, own, budget)?);
                }
                None => Graph::new(self.plan, self.groups).keeping(own.to_vec()),
            },
        };
        finish_graph((kernel, budget), |kernel| self.asking.run(kernel))
    }
}
