//! Project-wide dictionaries: one per event property, from values to codes and back.
//!
//! A value's code never changes, so parts of any age and the tail share the codes, and a predicate is evaluated once per
//! distinct value of the project. A value that no row has any more is forgotten by a purge, and its code stands for nothing from
//! then on. A property whose values are too many is *closed*: its later parts hold their values themselves.

mod file;
mod interner;

use std::sync::Arc;

use cairn_analysis::StoreError;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

pub(crate) use file::{SymbolsFile, holds_others, merge, write};
pub(crate) use interner::Interner;

/// A dictionary with more values than this is closed ...
const VALUES_MAX: usize = 1_000_000;
/// ... or with more bytes of them, ...
const BYTES_MAX: usize = 64 << 20;
/// ... or with more than one value in so many rows, once it has `VALUES_FEW`.
const ROWS_PER_VALUE: u64 = 16;
const VALUES_FEW: usize = 20_000;

/// All dictionaries of a project. A clone is cheap and stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    by_name: Arc<HashMap<Arc<str>, u32, FixedState>>,
    dictionaries: Vec<Dictionary>,
}

/// The values of one property. Code 0 is "missing", code `c` is the `c`-th value that came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    pub(crate) name: Arc<str>,
    pub(crate) values: Interner,
    /// Takes no more values.
    pub(crate) closed: bool,
    /// Rows that had a value while it was open.
    pub(crate) rows: u64,
    /// Codes up to here are in files, or in a frozen copy on its way there.
    taken: u32,
    /// It was closed since.
    closing: bool,
}

/// New values of one dictionary, to be written.
#[derive(Debug)]
pub(crate) struct Addition {
    pub(crate) name: String,
    pub(crate) closed: bool,
    pub(crate) rows: u64,
    /// The code of the first value.
    pub(crate) first: u32,
    pub(crate) values: Interner,
}

impl Symbols {
    /// The dictionaries that `files` hold, oldest first.
    pub(crate) fn open(files: &[Arc<SymbolsFile>]) -> Result<Self, StoreError> {
        let mut symbols = Self::default();
        for file in files {
            for addition in file.additions()? {
                let addition = addition?;
                let at = symbols.dictionary(addition.name);
                let dictionary = &mut symbols.dictionaries[at as usize];
                // The first that is left of a property of which all was forgotten.
                if dictionary.values.len() == 0 {
                    (1..addition.first).for_each(|_| dictionary.values.append(&[]));
                }
                if addition.first != dictionary.values.len() as u32 + 1 {
                    return Err(file.damage("its values do not follow those of the file before"));
                }
                addition.values().for_each(|value| dictionary.values.append(value));
                dictionary.closed = addition.closed;
                dictionary.rows = addition.rows;
                dictionary.taken = dictionary.values.len() as u32;
            }
        }
        Ok(symbols)
    }

    /// The number of the property's dictionary, new or known.
    pub(crate) fn dictionary(&mut self, name: &str) -> u32 {
        if let Some(at) = self.by_name.get(name) {
            return *at;
        }
        let at = self.dictionaries.len() as u32;
        let name: Arc<str> = name.into();
        self.dictionaries.push(Dictionary { name: name.clone(), ..Dictionary::default() });
        Arc::make_mut(&mut self.by_name).insert(name, at);
        at
    }

    /// The dictionary of this number.
    pub(crate) fn at(&self, number: u32) -> &Dictionary {
        &self.dictionaries[number as usize]
    }

    /// The same, to add values.
    pub(crate) fn at_mut(&mut self, number: u32) -> &mut Dictionary {
        &mut self.dictionaries[number as usize]
    }

    /// All of them, to forget values.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Dictionary> {
        self.dictionaries.iter_mut()
    }

    /// The dictionary of a property.
    pub(crate) fn get(&self, name: &str) -> Option<&Dictionary> {
        self.by_name.get(name).map(|at| &self.dictionaries[*at as usize])
    }

    /// Closes the dictionaries that have become too large, so that the next tail keeps such values to itself.
    pub(crate) fn close_large(&mut self) {
        for dictionary in self.dictionaries.iter_mut().filter(|dictionary| !dictionary.closed) {
            let (values, bytes) = (dictionary.values.len(), dictionary.values.bytes());
            let many = values >= VALUES_FEW && values as u64 * ROWS_PER_VALUE > dictionary.rows;
            dictionary.closed = many || values > VALUES_MAX || bytes > BYTES_MAX;
            dictionary.closing = dictionary.closed;
        }
    }

    /// What came since the last call.
    pub(crate) fn take_additions(&mut self) -> Vec<Addition> {
        let grown =
            |dictionary: &&mut Dictionary| dictionary.closing || dictionary.taken < dictionary.values.len() as u32;
        let changed = self.dictionaries.iter_mut().filter(grown);
        changed
            .map(|dictionary| {
                let first = dictionary.taken + 1;
                let mut values = Interner::default();
                (first..=dictionary.values.len() as u32)
                    .for_each(|code| values.append(dictionary.values.get(code).unwrap_or_default()));
                (dictionary.taken, dictionary.closing) = (dictionary.values.len() as u32, false);
                let Dictionary { ref name, closed, rows, .. } = *dictionary;
                Addition { name: name.to_string(), closed, rows, first, values }
            })
            .collect()
    }
}
