//! What the values of one property of events are for a kernel: numbers, or which session.

use std::sync::Arc;

use cairn_analysis::StoreError;

use super::block::Block;
use crate::{
    ints::Ints,
    part::Part,
    predicate::{OfValue, OwnValues, RowCodes, Table, Tables, of_values},
    project::{Project, read_symbols},
    tail::Tail,
};

/// A property that a question asks for.
#[derive(Debug)]
pub(crate) struct Looked<'q, T> {
    property: &'q str,
    /// By code of the project's dictionary.
    shared: Table<T>,
    kept: Arc<Tables<T>>,
}

/// The same bound to a source; nothing where the source has no values of it.
#[derive(Debug)]
pub(crate) struct BoundLooked<'a, T>(Option<(RowCodes<'a>, Table<T>)>);

impl<'q, T: OfValue> Looked<'q, T> {
    pub(super) fn new(property: &'q str, kept: &Arc<Tables<T>>, project: &Project) -> Self {
        let symbols = read_symbols(&project.symbols);
        let values = symbols.get(property).map(|dictionary| &dictionary.values);
        Self { property, shared: kept.of_dictionary(property, values), kept: kept.clone() }
    }

    pub(super) fn of_part<'a>(&self, part: &'a Part) -> Result<BoundLooked<'a, T>, StoreError> {
        Ok(BoundLooked(part.column(self.property)?.map(|column| {
            let own = column.values.map(|values| self.kept.of_part(part, self.property, &OwnValues::Part(values)));
            (RowCodes::Part(column.codes), own.unwrap_or_else(|| self.shared.clone()))
        })))
    }

    pub(super) fn of_tail<'a>(&self, tail: &'a Tail) -> BoundLooked<'a, T> {
        BoundLooked(tail.column(self.property).map(|column| {
            let own = column.values.map(|values| Arc::new(of_values(&OwnValues::Tail(values))));
            (RowCodes::Tail(column.codes), own.unwrap_or_else(|| self.shared.clone()))
        }))
    }
}

impl<T: OfValue> BoundLooked<'_, T> {
    /// Shows what is read for it of a part, as it is encoded.
    pub(super) fn encoded(&self, see: &mut dyn FnMut(&[u8])) {
        self.0.iter().for_each(|(codes, _)| codes.encoded(see));
    }

    /// That of a row.
    #[inline]
    pub(super) fn of(&self, row: usize) -> T {
        let code = |(codes, table): &(RowCodes<'_>, Table<T>)| table.get(codes.get(row) as usize).copied();
        self.0.as_ref().and_then(code).unwrap_or(T::MISSING)
    }

    /// Those of rows of a part, which rise; the codes of one column are known.
    pub(super) fn of_rows(&self, rows: &[u32], (column, known): (&Ints<'_, u32>, &[u32]), out: &mut Vec<T>) {
        let Some((RowCodes::Part(codes), table)) = &self.0 else {
            return out.resize(out.len() + rows.len(), T::MISSING);
        };
        let value = |code: &u32| table.get(*code as usize).copied().unwrap_or(T::MISSING);
        if codes.map.is_none() && codes.ints.same_as(column) {
            return out.extend(known.iter().map(value));
        }
        let mut of_rows = Vec::with_capacity(rows.len());
        codes.gather(rows, &mut of_rows);
        out.extend(of_rows.iter().map(value));
    }

    /// Those of a block's entries.
    pub(super) fn of_block(&self, block: &mut Block, out: &mut Vec<T>) {
        out.resize(block.entries, T::MISSING);
        if let Some((codes, table)) = &self.0 {
            block.set_by_code(codes, out, |code| table.get(code as usize).copied().unwrap_or(T::MISSING));
        }
    }
}
