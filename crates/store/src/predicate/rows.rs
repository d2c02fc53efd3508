//! From postings to the few rows that satisfy a predicate, or most of it.

use std::{cell::RefCell, ops::Range};

use cairn_analysis::StoreError;

use super::{
    node::{Node, RowCodes},
    truths::Truth,
};
use crate::{
    ints::{BLOCK, Ints},
    part::{PostingsAt, Space},
};

/// A condition that holds for more values than this is not looked up.
const VALUES_MAX: usize = 64 << 10;
/// Where postings name more than one in so many rows, reading columns is as fast.
const ROWS_PER_POSTING: usize = 24;
/// A column in which more than one in so many rows has a value is read as fast.
const ROWS_PER_VALUE: usize = 24;
/// Looking at a row is this many times as dear as reading a posting.
const POSTINGS_PER_ROW: usize = 16;

/// Rows that satisfy some conditions of a predicate, rising, and the conditions that are left.
#[derive(Clone, Default)]
pub(crate) struct FewRows<'n, 'a> {
    pub(crate) rows: Vec<u32>,
    pub(crate) rest: Vec<&'n Node<'a>>,
    /// Of what was read to find them.
    pub(crate) bytes: usize,
    /// Each row's code in the column by which they were found; empty if that was not read.
    pub(crate) codes: Vec<u32>,
}

impl FewRows<'_, '_> {
    /// Leaves rows of a range.
    pub(crate) fn keep_within(&mut self, range: Range<u32>) {
        let place = |row: u32| self.rows.partition_point(|other| *other < row);
        let (first, end) = (place(range.start), place(range.end));
        let keep = |list: &mut Vec<u32>| {
            list.truncate(end);
            list.drain(..first.min(list.len()));
        };
        keep(&mut self.rows);
        keep(&mut self.codes);
    }
}

/// A predicate one of whose conditions only the few rows satisfy that have a value in a column.
pub(crate) struct Sparse<'n, 'a> {
    codes: Ints<'a, u32>,
    /// How many rows have a value: at most, where missing is what each block's rows have in common.
    most: usize,
    truth: &'n Truth,
    rest: Vec<&'n Node<'a>>,
}

impl<'n, 'a> Sparse<'n, 'a> {
    /// The rows of a range of blocks that satisfy the condition.
    pub(crate) fn few_rows(&self, blocks: Range<usize>) -> FewRows<'n, 'a> {
        let (mut rows, mut codes) = (Vec::new(), Vec::new());
        let wanted = |code: u32| self.truth.of(code);
        blocks.clone().for_each(|block| self.codes.rows_of(block, wanted, (&mut rows, &mut codes)));
        let bytes = self.codes.encoded().len() * blocks.len() / self.codes.blocks().max(1);
        FewRows { rows, rest: self.rest.clone(), bytes, codes }
    }

    /// What else must hold.
    pub(crate) fn rest(&self) -> Vec<&'n Node<'a>> {
        self.rest.clone()
    }

    /// For which codes the condition holds; `None` if for all values.
    pub(crate) fn wanted(&self) -> Option<&'n Truth> {
        Some(self.truth).filter(|truth| truth.holds + 1 < truth.codes)
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// The codes of the column.
    pub(crate) fn column(&self) -> Ints<'a, u32> {
        self.codes
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.codes.len().div_ceil(BLOCK)
    }
}

/// A condition that postings decide.
struct Decided<'n, 'a> {
    postings: PostingsAt<'a>,
    truth: &'n Truth,
    /// How many runs of rows satisfy it.
    runs: usize,
    /// What these take.
    bytes: usize,
}

thread_local! {
    /// A set of a part's rows, all clear between uses: it is large, and clearing what was set is faster than new memory.
    static ROW_SET: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl<'a> Node<'a> {
    /// The few rows that can satisfy the predicate; `None` if postings do not tell, or they are too many. `rows` is the part's
    /// number of rows.
    pub(crate) fn few_rows(&self, rows: usize) -> Result<Option<FewRows<'_, 'a>>, StoreError> {
        if matches!(self, Node::Always(false)) {
            return Ok(Some(FewRows::default()));
        }
        let parts = self.conditions();
        let (mut decided, mut rest) = (Vec::new(), Vec::new());
        for part in parts {
            match part.decided()? {
                Some(known) => decided.push((known, part)),
                None => rest.push(part),
            }
        }
        decided.sort_by_key(|(known, _)| known.runs);
        let mut decided = decided.into_iter();
        let Some((first, _)) = decided.next().filter(|(known, _)| known.runs * ROWS_PER_POSTING <= rows) else {
            return Ok(None);
        };
        let second = decided.next();
        let mut bytes = first.bytes;
        let (found, mut rest) = match second {
            Some((second, node)) if second.runs > first.runs * POSTINGS_PER_ROW => {
                rest.push(node);
                (first.rows(rows)?, rest)
            }
            Some((second, _)) => {
                bytes += second.bytes;
                (first.rows_with(&second, rows)?, rest)
            }
            None => (first.rows(rows)?, rest),
        };
        rest.extend(decided.map(|(_, node)| node));
        Ok(Some(FewRows { rows: found, rest, bytes, codes: Vec::new() }))
    }

    /// The conditions all of which must hold.
    fn conditions(&self) -> Vec<&Self> {
        match self {
            Node::All(parts) => parts.iter().collect(),
            other => vec![other],
        }
    }

    /// How to find the few rows that can satisfy the predicate where no postings tell; `None` if each condition may be satisfied by
    /// many.
    pub(crate) fn sparse(&self) -> Option<Sparse<'_, 'a>> {
        let conditions = self.conditions();
        let others = |node: &Self| match node {
            Node::Codes(RowCodes::Part(codes), truth) if codes.map.is_none() && !truth.of(0) => {
                let most = codes.ints.len() / ROWS_PER_VALUE;
                Some(codes.ints.others(most)).filter(|others| *others <= most)
            }
            _ => None,
        };
        let counted = conditions.iter().enumerate().filter_map(|(at, node)| Some((others(node)?, at)));
        let (most, at) = counted.min()?;
        let Node::Codes(RowCodes::Part(codes), truth) = conditions[at] else { return None };
        let rest = conditions.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, node)| *node);
        Some(Sparse { codes: codes.ints, most, truth, rest: rest.collect() })
    }

    /// What postings say of it, if it is a condition that they decide.
    fn decided(&self) -> Result<Option<Decided<'_, 'a>>, StoreError> {
        let Node::Codes(RowCodes::Part(codes), truth) = self else {
            return Ok(None);
        };
        let Some(at) = codes.postings.filter(|_| codes.map.is_none() && !truth.of(0) && truth.holds <= VALUES_MAX)
        else {
            return Ok(None);
        };
        let postings = at.open()?;
        let runs = truth.values().map(|code| postings.count(code)).sum();
        Ok(Some(Decided { postings: at, truth, runs, bytes: postings.bytes_of(runs) }))
    }
}

impl Decided<'_, '_> {
    /// The rows that satisfy it.
    fn rows(&self, rows: usize) -> Result<Vec<u32>, StoreError> {
        let mut found = Vec::with_capacity(self.runs);
        if self.truth.only().is_some() {
            self.each(|run| found.extend(run.filter(|row| (*row as usize) < rows)))?;
            return Ok(found);
        }
        with_set(rows, |set| {
            self.each(|run| run.for_each(|row| add(set, row)))?;
            for (at, word) in (0..).zip(set.iter_mut()).filter(|(_, word)| **word != 0) {
                let mut left = std::mem::take(word);
                while left != 0 {
                    found.push(at * 64 + left.trailing_zeros());
                    left &= left - 1;
                }
            }
            Ok(found)
        })
    }

    /// The rows that satisfy this, which has fewer runs, and another one.
    fn rows_with(&self, other: &Self, rows: usize) -> Result<Vec<u32>, StoreError> {
        let mut found = self.rows(rows)?;
        if other.truth.only().is_some() {
            let mut kept = Vec::with_capacity(found.len());
            let mut left = found.iter().copied().peekable();
            let mut next = left.peek().copied().unwrap_or(u32::MAX);
            other.each(|run| {
                if run.end <= next {
                    return;
                }
                while left.next_if(|row| *row < run.start).is_some() {}
                kept.extend(std::iter::from_fn(|| left.next_if(|row| *row < run.end)));
                next = left.peek().copied().unwrap_or(u32::MAX);
            })?;
            return Ok(kept);
        }
        with_set(rows, |set| {
            found.iter().for_each(|row| add(set, *row));
            other.each(|run| clear(set, run))?;
            // What is gone satisfies both.
            found.retain(|row| {
                let gone = !has(set, *row);
                clear(set, *row..*row + 1);
                gone
            });
            Ok(found)
        })
    }

    /// Calls `see` with each run of rows that satisfies it; those of one value rise.
    fn each(&self, mut see: impl FnMut(Range<u32>)) -> Result<(), StoreError> {
        let (postings, mut space) = (self.postings.open()?, Space::default());
        self.truth.values().for_each(|code| postings.each(code, &mut space, &mut see));
        Ok(())
    }
}

/// Lends a set for rows below `rows`, all clear; it must be given back so.
fn with_set<T>(rows: usize, use_it: impl FnOnce(&mut [u64]) -> Result<T, StoreError>) -> Result<T, StoreError> {
    ROW_SET.with_borrow_mut(|set| {
        let words = rows.div_ceil(64);
        if set.len() < words {
            set.resize(words, 0);
        }
        let result = use_it(&mut set[..words]);
        if result.is_err() {
            set.fill(0);
        }
        result
    })
}

#[inline]
fn add(set: &mut [u64], row: u32) {
    if let Some(word) = set.get_mut(row as usize / 64) {
        *word |= 1 << (row % 64);
    }
}

/// Takes a run of rows out.
#[inline]
pub(super) fn clear(set: &mut [u64], run: Range<u32>) {
    if run.is_empty() {
        return;
    }
    let (first, last) = (run.start as usize / 64, (run.end - 1) as usize / 64);
    for at in first..=last {
        let Some(word) = set.get_mut(at) else { return };
        let mut inside = u64::MAX;
        if at == first {
            inside &= u64::MAX << (run.start % 64);
        }
        if at == last {
            inside &= u64::MAX >> (63 - (run.end - 1) % 64);
        }
        *word &= !inside;
    }
}

#[inline]
fn has(set: &[u64], row: u32) -> bool {
    set.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
}
