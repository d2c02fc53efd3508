//! What a kernel makes of a question where the database can run it, by the extension; else it runs here.

use cairn_analysis::{Asking, Budget, Portable, Question, StoreError, decode_partial, partial_of};

use crate::{
    gather::{self, Segments},
    hits,
    instant::Instant,
    select::Select,
    sql::Matcher,
};

/// A question of an instant, and the users of its segments.
pub(crate) struct Asked<'a> {
    pub(crate) instant: &'a Instant<'a>,
    pub(crate) question: Question<'a>,
    pub(crate) segments: &'a Segments,
}

impl Asking for Asked<'_> {
    fn run<K: Portable>(&self, kernel: &K) -> Result<K::Partial, StoreError> {
        run(self.instant, &self.question, self.segments, kernel)
    }

    fn budget(&self) -> &Budget {
        self.instant.budget
    }
}

/// What the kernel makes of a question's events. Its groups are the question's. Fails if the budget is over.
pub(crate) fn run<K: Portable>(
    instant: &Instant<'_>,
    question: &Question<'_>,
    segments: &Segments,
    kernel: &K,
) -> Result<K::Partial, StoreError> {
    let spec = kernel.spec();
    if instant.matcher != Matcher::Extension || !spec.is_sound() {
        return gather::run(instant, question, segments, kernel);
    }
    if let Some(partial) = hits::run(instant, question, segments, kernel)? {
        return Ok(partial);
    }
    let json = spec.to_json();
    let select =
        instant.select(|asking| Select::of_kernel(asking, question, segments, (&json, kernel.needs_users())))?;
    let mut state: Option<Vec<u8>> = None;
    instant.each(&select.sql, &select.params, &mut |row| {
        state = row.get(0);
        Ok(())
    })?;
    let Some(state) = state else { return Ok(kernel.init()) };
    let groups = question.wanted.groups;
    let partial = partial_of(&state, &spec).and_then(|bytes| decode_partial(kernel, groups, bytes));
    let partial = partial.map_err(|error| StoreError::Database(format!("from the extension cairn: {error}")))?;
    let _held = instant.budget.afford(state.len() + kernel.bytes(&partial) + groups.bytes())?;
    Ok(partial)
}

/// The kernel's answer to a question.
pub(crate) fn answer<K: Portable>(
    instant: &Instant<'_>,
    question: &Question<'_>,
    segments: &Segments,
    kernel: &K,
) -> Result<K::Output, StoreError> {
    let partial = run(instant, question, segments, kernel)?;
    Ok(kernel.finish(partial, instant.budget)?)
}
