//! Making one users file of several.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cairn_analysis::StoreError;

use super::{
    file::{Column, UsersFile},
    write::{FileWriter, RowCodes},
};

/// The bytes of a file that says what these consecutive files, oldest first, say together, in the memory of `out`.
/// Nothing that a newer state took back is in it.
pub(crate) fn merge(files: &[Arc<UsersFile>], out: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    for pair in files.windows(2) {
        follows(pair[0].end(), &pair[1])?;
    }
    let ids = files.iter().map(|file| file.ids()).collect::<Result<Vec<_>, _>>()?;
    let mut writer = FileWriter::new(out, files.first().map_or(0, |file| file.first()));
    writer.ids(ids.into_iter().flatten().copied());

    let newest: Vec<&Arc<UsersFile>> = files.iter().rev().collect();
    let numbers = newest.iter().map(|file| Ok(Cow::Borrowed(file.numbers()?))).collect::<Result<_, StoreError>>()?;
    let rows: Vec<Newest> = NewestRows::new(numbers).collect();
    writer.states(rows.iter().map(|row| row.number), |row, out| {
        out.extend_from_slice(newest[rows[row].list as usize].state_bytes(rows[row].row as usize)?);
        Ok(())
    })?;
    let mut erased = BTreeMap::new();
    for file in files {
        erased.extend(file.erased()?);
    }
    writer.erased(&erased);
    writer.handles(merge_column(&newest, &rows, UsersFile::handles)?, rows.len());
    let names: BTreeSet<&str> = files.iter().flat_map(|file| file.property_names()).collect();
    for name in names {
        writer.property(name, merge_column(&newest, &rows, |file| file.property(name))?, rows.len());
    }
    Ok(writer.finish())
}

/// An error unless the first user that `file` numbers has the number `next`.
pub(super) fn follows(next: u32, file: &UsersFile) -> Result<(), StoreError> {
    match file.first() == next {
        true => Ok(()),
        false => Err(file.damage(&format!("it numbers users from {}, and {next} is next", file.first()))),
    }
}

/// Only values that some row has get into the dictionary.
fn merge_column(
    files: &[&Arc<UsersFile>],
    rows: &[Newest],
    column: impl Fn(&UsersFile) -> Option<Column>,
) -> Result<RowCodes, StoreError> {
    let mut merged = RowCodes { codes: vec![0; rows.len()], ..RowCodes::default() };
    for (list, file) in files.iter().enumerate() {
        let Some(column) = column(file) else {
            continue;
        };
        let view = file.view(column)?;
        let source = merged.values.source(file, column);
        let mut known = vec![0; view.len() + 1];
        for (merged_row, row) in rows.iter().enumerate().filter(|(_, row)| row.list as usize == list) {
            let code = view.code(row.row as usize);
            if code != 0 {
                let value = file.value(&view, code)?;
                if known[code as usize] == 0 {
                    known[code as usize] = merged.values.intern_from(source, code, value);
                }
                merged.codes[merged_row] = known[code as usize];
            }
        }
    }
    Ok(merged)
}

/// Where the newest state of a user is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newest {
    pub(super) number: u32,
    /// Which of the lists.
    pub(super) list: u32,
    /// Its row in that list.
    pub(super) row: u32,
}

/// Walks ascending lists of user numbers, the newest list first: gives each number once, from the first list that has
/// it.
pub(super) struct NewestRows<'a> {
    lists: Vec<Cow<'a, [u32]>>,
    /// The next row of each.
    at: Vec<usize>,
}

impl<'a> NewestRows<'a> {
    pub(super) fn new(lists: Vec<Cow<'a, [u32]>>) -> Self {
        Self { at: vec![0; lists.len()], lists }
    }
}

impl Iterator for NewestRows<'_> {
    type Item = Newest;

    fn next(&mut self) -> Option<Newest> {
        let mut least: Option<Newest> = None;
        for (list, (numbers, at)) in self.lists.iter().zip(&self.at).enumerate() {
            if let Some(number) = numbers.get(*at)
                && least.is_none_or(|least| *number < least.number)
            {
                least = Some(Newest { number: *number, list: list as u32, row: *at as u32 });
            }
        }
        let least = least?;
        for (numbers, at) in self.lists.iter().zip(&mut self.at) {
            *at += usize::from(numbers.get(*at) == Some(&least.number));
        }
        Some(least)
    }
}
