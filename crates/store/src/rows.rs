//! A tail's rows in a part's order.

use cairn_analysis::StoreError;

use crate::{
    paged::Paged,
    part::{ColumnHead, ColumnRows, Rows},
    symbols::Interner,
    tail::Tail,
};

/// The rows of a tail, sorted.
pub(crate) struct TailRows<'a> {
    tail: &'a Tail,
    order: Vec<u32>,
}

impl<'a> TailRows<'a> {
    pub(crate) fn new(tail: &'a Tail) -> Self {
        Self { tail, order: tail.order() }
    }

    fn gather<T: Copy>(&self, values: &Paged<T>) -> Vec<T> {
        self.order.iter().map(|row| values[*row as usize]).collect()
    }
}

impl Rows for TailRows<'_> {
    fn users(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut users, mut starts) = (Vec::new(), Vec::new());
        for (at, row) in self.order.iter().enumerate() {
            let user = self.tail.users[*row as usize];
            if users.last() != Some(&user) {
                users.push(user);
                starts.push(at as u32);
            }
        }
        starts.push(self.order.len() as u32);
        (users, starts)
    }

    fn times(&self) -> Result<Vec<i64>, StoreError> {
        Ok(self.gather(&self.tail.times))
    }

    fn event_ids(&self) -> Result<Vec<u64>, StoreError> {
        Ok(self.gather(&self.tail.event_ids))
    }

    fn received(&self) -> Result<Vec<i64>, StoreError> {
        Ok(self.gather(&self.tail.received))
    }

    fn kinds(&self) -> Result<Vec<u32>, StoreError> {
        Ok(self.order.iter().map(|row| u32::from(self.tail.kinds[*row as usize])).collect())
    }

    fn columns(&self) -> Vec<ColumnHead> {
        let columns = self.tail.columns().map(|(name, column)| {
            let own_values = column.values.is_some();
            ColumnHead { name: name.to_owned(), greatest: column.greatest, own_values }
        });
        columns.collect()
    }

    fn column(&self, head: &ColumnHead) -> Result<ColumnRows, StoreError> {
        let Some(column) = self.tail.column(&head.name) else {
            return Ok(ColumnRows { codes: vec![0; self.order.len()], values: None });
        };
        let codes = self.order.iter().map(|row| column.codes.get(*row as usize));
        Ok(match column.values {
            None => ColumnRows { codes: codes.collect(), values: None },
            Some(values) => {
                let mut recoder = Recoder::new(values.len());
                let codes = codes.map(|code| recoder.code(code, || values.get(code))).collect();
                ColumnRows { codes, values: Some(recoder.values) }
            }
        })
    }
}

/// Numbers a column's own values in the order in which rows have them, so that neighbours have close codes.
pub(crate) struct Recoder {
    /// By old code; 0: not met yet.
    new: Vec<u32>,
    pub(crate) values: Interner,
}

impl Recoder {
    /// For old codes up to `len`.
    pub(crate) fn new(len: usize) -> Self {
        Self { new: vec![0; len + 1], values: Interner::default() }
    }

    /// The new code of an old one, whose value is `value`.
    pub(crate) fn code<'v>(&mut self, old: u32, value: impl FnOnce() -> Option<&'v [u8]>) -> u32 {
        let new = &mut self.new[old as usize];
        if old != 0 && *new == 0 {
            self.values.append(value().unwrap_or_default());
            *new = self.values.len() as u32;
        }
        *new
    }
}
