//! Answers of the embedded store.

use std::time::Instant;

use cairn_analysis::{
    Answer, Applied, Body, Explain, Graph, GraphPlan, Groups, Kernel, Ledger, Plan, Preview, QueryError, SeenEvent,
    SeenUser, Store, StoreError,
};
use cairn_model::{Position, Predicate, ProjectId, StateHash, TimeMs, UserId};

use crate::{
    inspect, preview,
    project::Project,
    scan::{Prepared, Scan, Snapshot},
    store::{EmbeddedStore, read},
};

/// At most this many conditions on users in one query.
const USER_CONDITIONS: usize = 64;

impl Store for EmbeddedStore {
    fn apply(&self, position: Position, payload: &[u8]) -> Result<Applied, StoreError> {
        self.apply_record(position, payload)
    }

    fn positions(&self) -> Vec<Position> {
        let state = self.shared.state();
        state.positions.iter().map(|(partition, offset)| Position { partition: *partition, offset: *offset }).collect()
    }

    fn answer(&self, project: ProjectId, plan: &Plan) -> Result<Answer, QueryError> {
        match plan {
            Plan::Graph(plan) => self.graph(project, plan),
        }
    }

    fn preview(
        &self,
        project: ProjectId,
        predicate: &Predicate,
        from: TimeMs,
        to: TimeMs,
        limit: usize,
    ) -> Result<Preview, QueryError> {
        preview::preview(self, project, predicate, (from, to), limit)
    }

    fn newest(&self, project: ProjectId, limit: usize) -> Result<Vec<SeenEvent>, StoreError> {
        self.inspect(project, |project| inspect::newest(project, limit))
    }

    fn person(&self, project: ProjectId, user: UserId) -> Option<String> {
        self.project(project).and_then(|project| read(&project).users.handle(user.get()).map(str::to_owned))
    }

    fn names(&self, project: ProjectId) -> (Vec<String>, Vec<String>) {
        self.project(project).map(|project| inspect::names(&read(&project))).unwrap_or_default()
    }

    fn values(&self, project: ProjectId, property: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.inspect(project, |project| inspect::values(project, property, limit))
    }

    fn events(&self, project: ProjectId, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError> {
        let Some(project) = self.project(project) else {
            return Ok(());
        };
        inspect::events(&project, each)
    }

    fn users(&self, project: ProjectId, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError> {
        let Some(project) = self.project(project) else {
            return Ok(());
        };
        inspect::users(&project, each)
    }

    fn ledger(&self, project: ProjectId) -> Ledger {
        self.project(project).map(|project| read(&project).ledger).unwrap_or_default()
    }

    fn state_hash(&self, project: ProjectId) -> Result<StateHash, StoreError> {
        self.inspect(project, inspect::state_hash)
    }
}

impl EmbeddedStore {
    fn inspect<T: Default>(
        &self,
        project: ProjectId,
        look: impl FnOnce(&Project) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.project(project).map_or_else(|| Ok(T::default()), |project| look(&read(&project)))
    }

    /// One instant of a project, for `scan`.
    pub(crate) fn snapshot(&self, project: ProjectId, scan: &Scan<'_>) -> Result<Snapshot, QueryError> {
        let state = self.shared.state();
        let positions =
            state.positions.iter().map(|(partition, offset)| Position { partition: *partition, offset: *offset });
        let positions: Vec<_> = positions.collect();
        let snapshot = match state.projects.get(&project.get()) {
            Some(project) => Snapshot::take(&read(project), positions, scan),
            None => Snapshot::take(&Project::default(), positions, scan),
        };
        let snapshot = snapshot.map_err(|error| store_error(&error))?;
        if snapshot.conditions.len() > USER_CONDITIONS {
            let message = format!("a query has at most {USER_CONDITIONS} conditions on users");
            return Err(QueryError::new("query", message));
        }
        Ok(snapshot)
    }

    fn graph(&self, project: ProjectId, plan: &GraphPlan) -> Result<Answer, QueryError> {
        let start = Instant::now();
        let groups = Groups::default();
        let every = Predicate::every();
        let of_users = plan.event.is_none();
        let range = match (plan.buckets.starts.first(), of_users) {
            (Some(from), false) => (from.0, plan.buckets.end.0.min(plan.as_of.0.saturating_add(1))),
            _ => (i64::MIN, i64::MAX),
        };
        let predicate = plan.event.as_ref().unwrap_or(&every);
        let scan = Scan { predicate, from: range.0, to: range.1, keys: &plan.group_by, groups: &groups };
        let snapshot = self.snapshot(project, &scan)?;
        let prepared = Prepared::new(&snapshot, &scan).map_err(|error| store_error(&error))?;
        let holds = |user| plan.users.as_ref().is_none_or(|predicate| snapshot.user_holds(user, predicate));
        let run = |kernel: &Graph<'_>| match of_users {
            true => prepared.run_users(kernel, &holds),
            false => prepared.run(kernel),
        };
        let mut kernel = Graph::new(plan, &groups);
        let body = loop {
            match kernel.finish(run(&kernel)) {
                Ok(body) => break body,
                Err(second) => kernel = second,
            }
        };
        let explain = Explain {
            sentence: plan.sentence.clone(),
            rows: prepared.rows() as u64,
            total_ms: start.elapsed().as_secs_f64() * 1e3,
        };
        Ok(Answer { body: Body::Graph(body), as_of: plan.as_of, positions: snapshot.positions.clone(), explain })
    }
}

pub(crate) fn store_error(error: &StoreError) -> QueryError {
    QueryError::new("store", error.to_string())
}
