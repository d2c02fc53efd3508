//! Running a kernel that does not ask whose events they are: no users are walked, and sources are run one by one.
//!
//! A user's events may be erased up to some instant: those of such users are left out, and added one by one.

use std::{ops::Range, sync::Arc};

use cairn_analysis::{Kernel, StoreError};

use super::{
    bound::PartScan,
    cursor::Cursor,
    filled::Filled,
    found::Found,
    list::List,
    run::{FEW_HITS, Scans, Worker},
    share::merge_all,
    snapshot::Member,
};
use crate::predicate::Sparse;

/// Places of one task: what is made of them stays in a core's cache.
const TASK_HITS: usize = 4 << 10;
/// Rows of one task.
const TASK_ROWS: usize = 1 << 20;
/// With more erased users than this, users are walked.
const ERASED_MAX: usize = 256;

/// What says which few rows of a part are hits, and what is kept of it.
type Few<'s, 'a> = (Sparse<'s, 'a>, Option<Arc<Filled>>);

/// What one thread does at a time.
enum Task<'s, 'a> {
    /// Rows of a part.
    Rows(&'s PartScan<'a>, Range<usize>),
    /// The same, where a column says which few of them are hits.
    Sparse(&'s PartScan<'a>, &'s Sparse<'s, 'a>, Range<usize>),
    /// Places of what is kept of such a column.
    Filled(&'s PartScan<'a>, &'s Sparse<'s, 'a>, &'s Filled, Range<usize>),
    /// Places in a list.
    List(&'s List, Range<usize>),
    Erased(Member),
}

impl<'a> Scans<'a> {
    /// Whether a kernel that does not ask for users can be run so.
    pub(super) fn can_run_unordered(&self) -> bool {
        self.snapshot.columns.keys.of_events_only() && self.snapshot.erased_count() <= ERASED_MAX
    }

    /// Pushes all relevant events to `kernel`.
    pub(super) fn run_unordered<K: Kernel>(&self, kernel: &K) -> Result<K::Partial, StoreError> {
        let found = self.found.all(&self.snapshot.columns);
        let few = self.few()?;
        let tasks = self.tasks(&found, &few)?;
        let in_lists = found.len() + self.snapshot.tails.len();
        let few = in_lists <= FEW_HITS && tasks.iter().all(|task| matches!(task, Task::List(..)));
        let threads = if few { 1 } else { rayon::current_num_threads() };
        merge_all((kernel, self.snapshot), tasks.len(), threads, |task, partial| {
            self.run_task((kernel, partial), &tasks[task])
        })
    }

    fn run_task<K: Kernel>(
        &self,
        (kernel, partial): (&K, K::Partial),
        task: &Task<'_, 'a>,
    ) -> Result<K::Partial, StoreError> {
        let columns = &self.snapshot.columns;
        let mut worker = Worker::new((kernel, partial), self.snapshot);
        match task {
            Task::Rows(scan, rows) => {
                Cursor::of_rows(scan, columns, self.need(kernel), rows.clone()).take_all(&mut worker)?;
            }
            Task::Sparse(scan, sparse, rows) => {
                let list = List::of_found(scan.sparse_hits(sparse, rows)?, (scan, columns), &mut worker.groups);
                worker.list(&list, 0..list.len(), &columns.keys, true);
            }
            Task::Filled(scan, sparse, filled, places) => {
                let of = (scan.part, scan.range);
                let found = Found::of_filled((filled, places.clone()), sparse, of, false)?;
                let list = List::of_found((found, sparse.column()), (scan, columns), &mut worker.groups);
                worker.list(&list, 0..list.len(), &columns.keys, true);
            }
            Task::List(list, places) => worker.list(list, places.clone(), &columns.keys, true),
            Task::Erased(member) => self.person(&mut worker, &[*member])?,
        }
        Ok(worker.partial)
    }

    /// Of each part that is scanned, where hits are few.
    fn few(&self) -> Result<Vec<Option<Few<'_, 'a>>>, StoreError> {
        let threads = rayon::current_num_threads();
        let few = self.parts.iter().map(|scan| {
            let Some(sparse) = scan.sparse() else { return Ok(None) };
            let filled = Filled::of(self.snapshot, scan, &sparse, threads)?;
            Ok(Some((sparse, filled)))
        });
        few.collect()
    }

    fn tasks<'s>(&'s self, found: &'s List, few: &'s [Option<Few<'s, 'a>>]) -> Result<Vec<Task<'s, 'a>>, StoreError> {
        let erased = self.snapshot.erased()?;
        let mut tasks = Vec::new();
        for (scan, few) in self.parts.iter().zip(few) {
            let mut holes = Vec::with_capacity(erased.len());
            for member in &erased {
                holes.push(scan.part.rows_of(member.number)?);
            }
            for rows in between(scan.part.rows(), holes) {
                match few {
                    Some((sparse, Some(filled))) => {
                        let places = pieces_of(filled.places(rows), TASK_HITS);
                        tasks.extend(places.map(|places| Task::Filled(scan, sparse, filled, places)));
                    }
                    Some((sparse, None)) => {
                        tasks.extend(pieces_of(rows, TASK_ROWS).map(|rows| Task::Sparse(scan, sparse, rows)));
                    }
                    None => tasks.extend(pieces_of(rows, TASK_ROWS).map(|rows| Task::Rows(scan, rows))),
                }
            }
        }
        for list in [found, &self.snapshot.tails] {
            let holes = erased
                .iter()
                .map(|member| list.place_of(member.number)..list.place_of(member.number.saturating_add(1)));
            let pieces = between(list.len(), holes.collect())
                .flat_map(|places| pieces_of(places, FEW_HITS).map(|places| Task::List(list, places)));
            tasks.extend(pieces);
        }
        tasks.extend(erased.into_iter().map(Task::Erased));
        Ok(tasks)
    }
}

/// A range in pieces of at most so many.
fn pieces_of(all: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    all.clone().step_by(most).map(move |start| start..all.end.min(start + most))
}

/// What of `0..end` is in none of the holes, which rise.
fn between(end: usize, holes: Vec<Range<usize>>) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    let holes = holes.into_iter().filter(|hole| !hole.is_empty());
    let pieces = holes.chain(std::iter::once(end..end)).map(move |hole| {
        let piece = from..hole.start;
        from = hole.end;
        piece
    });
    pieces.filter(|piece| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_left_out() {
        assert_eq!(between(10, vec![0..2, 3..3, 4..6]).collect::<Vec<_>>(), [2..4, 6..10]);
        assert_eq!(between(10, vec![4..10, 10..10]).collect::<Vec<_>>(), std::iter::once(0..4).collect::<Vec<_>>());
        assert_eq!(between(0, Vec::new()).count(), 0);
    }
}
