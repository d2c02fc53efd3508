//! The number that a property of an event has, where a question asks for it.

use std::sync::Arc;

use cairn_analysis::StoreError;

use super::block::Block;
use crate::{
    ints::BLOCK,
    part::Part,
    predicate::{NumberTable, Numbers, OwnValues, RowCodes, numbers_of},
    project::{Project, read_symbols},
    tail::Tail,
};

/// From so many entries of a block on, its codes are decoded.
const DECODED: usize = 24;

/// A property whose numbers a question asks for.
#[derive(Debug)]
pub(crate) struct NumberKey<'q> {
    property: &'q str,
    /// By code of the project's dictionary.
    shared: NumberTable,
    kept: Arc<Numbers>,
}

/// The same bound to a source; nothing where the source has no values of it.
#[derive(Debug)]
pub(crate) struct BoundNumber<'a>(Option<(RowCodes<'a>, NumberTable)>);

impl<'q> NumberKey<'q> {
    pub(super) fn new(property: &'q str, project: &Project) -> Self {
        let symbols = read_symbols(&project.symbols);
        let values = symbols.get(property).map(|dictionary| &dictionary.values);
        let shared = project.numbers.of_dictionary(property, values);
        Self { property, shared, kept: project.numbers.clone() }
    }

    pub(super) fn of_part<'a>(&self, part: &'a Part) -> Result<BoundNumber<'a>, StoreError> {
        Ok(BoundNumber(part.column(self.property)?.map(|column| {
            let own = column.values.map(|values| self.kept.of_part(part, self.property, &OwnValues::Part(values)));
            (RowCodes::Part(column.codes), own.unwrap_or_else(|| self.shared.clone()))
        })))
    }

    pub(super) fn of_tail<'a>(&self, tail: &'a Tail) -> BoundNumber<'a> {
        BoundNumber(tail.column(self.property).map(|column| {
            let own = column.values.map(|values| Arc::new(numbers_of(&OwnValues::Tail(values))));
            (RowCodes::Tail(column.codes), own.unwrap_or_else(|| self.shared.clone()))
        }))
    }
}

impl BoundNumber<'_> {
    /// The number of a row; NaN if it has none.
    #[inline]
    pub(super) fn of(&self, row: usize) -> f64 {
        let code = |(codes, table): &(RowCodes<'_>, NumberTable)| table.get(codes.get(row) as usize).copied();
        self.0.as_ref().and_then(code).unwrap_or(f64::NAN)
    }

    /// The numbers of a block's entries.
    pub(super) fn of_block(&self, block: &mut Block) {
        let Block { numbers, rows, entries, dense, number, codes: decoded, .. } = block;
        numbers.clear();
        let row_of = |entry: usize| if *dense { entry } else { rows[entry] as usize };
        match &self.0 {
            Some((RowCodes::Part(codes), table)) if *entries >= DECODED => {
                let filled = codes.block(*number, decoded);
                decoded[filled..].fill(0);
                let of = |entry: usize| table.get(decoded[row_of(entry)] as usize).copied().unwrap_or(f64::NAN);
                numbers.extend((0..*entries).map(of));
            }
            _ => numbers.extend((0..*entries).map(|entry| self.of(*number * BLOCK + row_of(entry)))),
        }
    }
}
