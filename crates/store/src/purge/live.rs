//! Which values of the dictionaries some row has.

use cairn_analysis::StoreError;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::{ints::BLOCK, part::Part, tail::Tail};

/// Per property: a bit for each code that some row has. Properties that only have values of their own are there, too.
#[derive(Debug, Default)]
pub(super) struct Live(HashMap<String, Vec<u64>, FixedState>);

impl Live {
    /// Whether some row has the value with this code.
    pub(super) fn has(&self, name: &str, code: u32) -> bool {
        let word = self.0.get(name).and_then(|bits| bits.get(code as usize / 64));
        word.is_some_and(|word| word >> (code % 64) & 1 == 1)
    }

    /// Whether some row has the property.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn add_part(&mut self, part: &Part) -> Result<(), StoreError> {
        let mut codes = [0; BLOCK];
        for column in part.columns() {
            let (name, column) = column?;
            let bits = self.0.entry(name.to_owned()).or_default();
            for block in 0..column.codes.blocks() {
                if column.values.is_some() {
                    break;
                }
                let rows = column.codes.block(block, &mut codes);
                codes[..rows].iter().for_each(|code| set(bits, *code));
            }
        }
        Ok(())
    }

    pub(super) fn add_tail(&mut self, tail: &Tail) {
        for (name, column) in tail.columns() {
            let bits = self.0.entry(name.to_owned()).or_default();
            if column.values.is_none() {
                (0..tail.rows()).for_each(|row| set(bits, column.codes.get(row)));
            }
        }
    }
}

fn set(bits: &mut Vec<u64>, code: u32) {
    let word = code as usize / 64;
    if word >= bits.len() {
        bits.resize(word + 1, 0);
    }
    bits[word] |= 1 << (code % 64);
}
