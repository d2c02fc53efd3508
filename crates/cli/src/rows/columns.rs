//! Events by column, as the log holds them: a value that a file has in a dictionary is checked and encoded once.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use arrow_array::{Array, Int32Array, StringArray};
use cairn_model::{EventColumns, Value, encode_value};

use super::{check, column::Column};

/// So many bytes of values for each of an event's properties fit into a log record.
const LARGE_BYTES: usize = 64 << 10;

/// Events on their way into a log record, and what is known of the dictionaries that their values came from.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    events: EventColumns,
    /// By column.
    known: Vec<Known>,
    scratch: Vec<u8>,
}

/// The codes that a column has given to the values of a dictionary.
#[derive(Debug, Default)]
struct Known {
    dictionary: Option<u64>,
    /// 0: none yet.
    codes: Vec<u32>,
}

impl Columns {
    pub(crate) fn events(&self) -> &EventColumns {
        &self.events
    }

    /// To add events whose properties are set.
    pub(super) fn events_mut(&mut self) -> &mut EventColumns {
        &mut self.events
    }

    /// Forgets the events, keeps their memory.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.known.iter_mut().for_each(|known| known.dictionary = None);
    }

    /// Sets the property `name` of the next events to the values of `rows`, and takes out of `kept` the rows whose value cannot
    /// be taken. Gives the place of the property's column.
    pub(super) fn set(&mut self, name: &str, column: &Column, rows: Range<usize>, kept: &mut [bool]) -> usize {
        let at = self.events.column(name);
        match column {
            Column::Shared(keys, dictionary) => self.set_shared(at, keys, dictionary, rows, kept),
            other => self.set_values(at, name, other, rows, kept),
        }
        at
    }

    fn set_shared(
        &mut self,
        at: usize,
        keys: &Int32Array,
        dictionary: &Dictionary,
        rows: Range<usize>,
        kept: &mut [bool],
    ) {
        if at >= self.known.len() {
            self.known.resize_with(at + 1, Known::default);
        }
        let known = &mut self.known[at];
        if known.dictionary != Some(dictionary.number) {
            known.dictionary = Some(dictionary.number);
            known.codes.clear();
            known.codes.resize(dictionary.texts.len(), 0);
        }
        let first = self.events.len();
        let column = self.events.at(at);
        for (at, row) in rows.enumerate().filter(|(_, row)| keys.is_valid(*row)) {
            let value = keys.value(row) as usize;
            let code = &mut known.codes[value];
            if *code == 0 {
                match dictionary.encoded(value) {
                    Some(encoded) => *code = column.add(encoded),
                    None => {
                        kept[at] = false;
                        continue;
                    }
                }
            }
            column.set(first + at, *code);
        }
    }

    fn set_values(&mut self, at: usize, name: &str, values: &Column, rows: Range<usize>, kept: &mut [bool]) {
        let first = self.events.len();
        let column = self.events.at(at);
        for (at, row) in rows.enumerate() {
            let value = values.value(row).and_then(|value| {
                value.map(|mut value| check::event_property(name, &mut value).map(|()| value)).transpose()
            });
            match value {
                Ok(None) => {}
                Ok(Some(value)) => {
                    self.scratch.clear();
                    encode_value(&value, &mut self.scratch);
                    let code = column.add_unless_last(&self.scratch);
                    column.set(first + at, code);
                }
                Err(_) => kept[at] = false,
            }
        }
    }
}

/// The distinct values of a column of texts, over many rows.
#[derive(Debug)]
pub(super) struct Dictionary {
    /// No two dictionaries of a process have the same.
    number: u64,
    /// As the file has them.
    texts: StringArray,
    bytes: Vec<u8>,
    /// Where each value's encoding ends in `bytes`, after a 0: it begins where that of the one before ends. No encoding is empty, so
    /// the empty ones are of values that cannot be taken.
    ends: Vec<usize>,
}

impl Dictionary {
    /// The values of the property `name`.
    pub(super) fn new(texts: StringArray, name: &str) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut bytes = Vec::with_capacity(texts.value_data().len() + texts.len());
        let mut ends = vec![0];
        for text in &texts {
            let mut value = Value::String(text.unwrap_or_default().into());
            if check::event_property(name, &mut value).is_ok() {
                encode_value(&value, &mut bytes);
            }
            ends.push(bytes.len());
        }
        Arc::new(Self { number: NEXT.fetch_add(1, Relaxed), texts, bytes, ends })
    }

    /// Whether its values are these very ones.
    pub(super) fn is_of(&self, texts: &StringArray) -> bool {
        // Memory that this one holds is nobody else's.
        self.texts.len() == texts.len()
            && self.texts.values().as_ptr() == texts.values().as_ptr()
            && self.texts.offsets().as_ptr() == texts.offsets().as_ptr()
    }

    /// Whether its values would make much of a log record, were all of them in it.
    pub(super) fn is_large(&self) -> bool {
        self.bytes.len() > LARGE_BYTES
    }

    /// A value as the file has it.
    pub(super) fn text(&self, at: usize) -> &str {
        self.texts.value(at)
    }

    /// A value encoded, if it can be taken.
    fn encoded(&self, at: usize) -> Option<&[u8]> {
        Some(&self.bytes[self.ends[at]..self.ends[at + 1]]).filter(|value| !value.is_empty())
    }
}
