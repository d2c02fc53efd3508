//! Sharing out work: the thread that asks works with others, so that little work does not wait for them to wake up.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use cairn_analysis::{Kernel, StoreError};

use super::{snapshot::Snapshot, watch::Watch};

/// Lets up to `threads` threads, this one among them, `work` on the tasks `0..tasks`: each asks for the next one until there is
/// none. What each made of its tasks comes in no particular order.
pub(super) fn share_out<T: Send>(
    tasks: usize,
    threads: usize,
    work: impl Fn(&dyn Fn() -> Option<usize>) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    let next = AtomicUsize::new(0);
    let next = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|task| *task < tasks);
    if threads.min(tasks) < 2 {
        return Ok(vec![work(&next)?]);
    }
    let done = Mutex::new(Vec::with_capacity(threads));
    let take_part = || {
        let made = work(&next);
        done.lock().unwrap_or_else(PoisonError::into_inner).push(made);
    };
    rayon::in_place_scope(|scope| {
        (1..threads.min(tasks)).for_each(|_| scope.spawn(|_| take_part()));
        take_part();
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
}

/// The partial of all tasks, each of which goes on with the one that it is given. Fails if the budget is over: then partials are not whole.
pub(super) fn merge_all<K: Kernel>(
    (kernel, snapshot): (&K, &Snapshot<'_>),
    tasks: usize,
    threads: usize,
    task: impl Fn(usize, K::Partial) -> Result<K::Partial, StoreError> + Sync,
) -> Result<K::Partial, StoreError> {
    let of_threads = share_out(tasks, threads, |next| {
        let (mut partial, mut watch) = (None, Watch::new(snapshot, 0));
        while let Some(number) = next() {
            // While it is in a task's hands, that accounts for it.
            watch.look(0)?;
            let made = task(number, partial.unwrap_or_else(|| kernel.init()))?;
            watch.look(kernel.bytes(&made))?;
            partial = Some(made);
        }
        if let Some(partial) = &mut partial {
            kernel.end(partial, snapshot.budget)?;
            watch.look(kernel.bytes(partial))?;
        }
        Ok(partial)
    })?;
    let (mut all, mut watch) = (None, Watch::new(snapshot, 0));
    for partial in of_threads.into_iter().flatten() {
        let joined = match all.take() {
            None => partial,
            Some(mut into) => {
                kernel.merge(&mut into, partial);
                into
            }
        };
        watch.look(kernel.bytes(&joined))?;
        all = Some(joined);
    }
    Ok(all.unwrap_or_else(|| kernel.init()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_task_is_done_once_and_an_error_comes_back() {
        for (tasks, threads) in [(0, 4), (1, 4), (100, 1), (1_000, 4)] {
            let work = |next: &dyn Fn() -> Option<usize>| Ok(std::iter::from_fn(next).collect::<Vec<usize>>());
            let mut done: Vec<usize> = share_out(tasks, threads, work).unwrap().into_iter().flatten().collect();
            done.sort_unstable();
            assert_eq!(done, (0..tasks).collect::<Vec<_>>());
        }
        let fail = |next: &dyn Fn() -> Option<usize>| match std::iter::from_fn(next).any(|task| task == 70) {
            true => Err(StoreError::Damage { file: "parts/1".to_owned(), what: "task 70".to_owned() }),
            false => Ok(()),
        };
        assert!(share_out(100, 4, fail).is_err());
    }
}
