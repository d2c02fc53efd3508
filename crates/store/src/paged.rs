//! Lists that grow, and of which a question takes what there is at its instant.

use std::{ops::Index, sync::Arc};

/// So many items lie on a page, as a power of two: as many are copied with a clone, at most.
const PAGE_BITS: usize = 10;
const PAGE: usize = 1 << PAGE_BITS;

/// A list in pages. A clone shares the full ones, and stays as it is: of what changes afterwards the page is copied first.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    full: Arc<Vec<Arc<[T]>>>,
    /// What comes after the full pages: never a whole page.
    open: Vec<T>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { full: Arc::default(), open: Vec::new() }
    }
}

impl<T: Copy> Paged<T> {
    pub(crate) fn len(&self) -> usize {
        (self.full.len() << PAGE_BITS) + self.open.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.full.is_empty() && self.open.is_empty()
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        let page = at >> PAGE_BITS;
        match self.full.get(page) {
            Some(items) => items.get(at & (PAGE - 1)),
            None if page == self.full.len() => self.open.get(at & (PAGE - 1)),
            None => None,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        self.open.push(item);
        if self.open.len() == PAGE {
            self.turn_page();
        }
    }

    pub(crate) fn extend(&mut self, items: impl Iterator<Item = T>) {
        items.for_each(|item| self.push(item));
    }

    /// Makes it so long, if it is shorter, with more of `item`.
    pub(crate) fn fill(&mut self, len: usize, item: T) {
        (self.len()..len).for_each(|_| self.push(item));
    }

    /// Changes an item that is there.
    pub(crate) fn set(&mut self, at: usize, item: T) {
        let (page, at) = (at >> PAGE_BITS, at & (PAGE - 1));
        if page == self.full.len() {
            self.open[at] = item;
        } else {
            Arc::make_mut(&mut Arc::make_mut(&mut self.full)[page])[at] = item;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flat_map(|page| page.iter()).chain(&self.open)
    }

    #[cold]
    fn turn_page(&mut self) {
        Arc::make_mut(&mut self.full).push(Arc::from(&self.open[..]));
        self.open.clear();
    }
}

impl<T: Copy> FromIterator<T> for Paged<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut paged = Self::default();
        paged.extend(items.into_iter());
        paged
    }
}

impl<T: Copy> Index<usize> for Paged<T> {
    type Output = T;

    #[inline]
    fn index(&self, at: usize) -> &T {
        match self.full.get(at >> PAGE_BITS) {
            Some(items) => &items[at & (PAGE - 1)],
            None => &self.open[at - (self.full.len() << PAGE_BITS)],
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        /// A list and its clones are as plain ones, whatever comes, or changes, afterwards.
        #[test]
        fn clones_stay_as_they_are(steps in vec((0..4_usize, 0..3_000_usize), 0..40)) {
            let (mut paged, mut plain, mut clones) = (Paged::default(), Vec::new(), Vec::new());
            for (step, n) in steps {
                match step {
                    0 => {
                        paged.extend(0..n);
                        plain.extend(0..n);
                    }
                    1 => {
                        paged.fill(n, 7);
                        plain.resize(n.max(plain.len()), 7);
                    }
                    2 if n < plain.len() => {
                        paged.set(n, 9);
                        plain[n] = 9;
                    }
                    _ => clones.push((paged.clone(), plain.clone())),
                }
            }
            clones.push((paged, plain));
            for (paged, plain) in clones {
                prop_assert_eq!((paged.len(), paged.is_empty()), (plain.len(), plain.is_empty()));
                prop_assert!(paged.iter().eq(&plain));
                prop_assert!((0..plain.len() + 2 * PAGE).all(|at| paged.get(at) == plain.get(at)));
                prop_assert!(plain.iter().enumerate().all(|(at, item)| paged[at] == *item));
            }
        }
    }

    /// Of what many share, only the pages are copied that change.
    #[test]
    fn pages_that_do_not_change_are_shared() {
        let mut paged = Paged::default();
        paged.extend(0..100 * PAGE);
        let clone = paged.clone();
        paged.set(5 * PAGE, 1);
        paged.push(2);
        let same = paged.full.iter().zip(&*clone.full).filter(|(one, other)| Arc::ptr_eq(one, other)).count();
        assert_eq!((same, clone[5 * PAGE], clone.len()), (99, 5 * PAGE, 100 * PAGE));
    }
}
