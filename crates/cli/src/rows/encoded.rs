//! Rows of events whose properties are encoded as the log holds them: values that repeat are checked and encoded once.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use arrow_array::{Array, StringArray};
use cairn_model::{Refusal, Value, encode_value};

use super::{cell::Row, check};

/// A value among those that a column's rows share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shared {
    /// Which values these are: no two dictionaries of a process have the same number.
    pub(crate) dictionary: u64,
    /// Its place among them.
    pub(crate) at: u32,
    /// How many there are.
    pub(crate) count: u32,
}

/// A property of an encoded row.
#[derive(Debug)]
pub(crate) struct EncodedProperty<'a> {
    /// The place of its column.
    pub(crate) column: usize,
    pub(crate) name: &'a str,
    /// Where the value is one of a dictionary.
    pub(crate) shared: Option<Shared>,
    value: Bytes<'a>,
}

#[derive(Debug)]
enum Bytes<'a> {
    /// Of a dictionary.
    Lent(&'a [u8]),
    /// In the row's own.
    Own { start: usize, end: usize },
}

/// A row, to be filled again and again.
#[derive(Debug, Default)]
pub(crate) struct EncodedRow<'a> {
    /// Its fields; it has no properties.
    pub(crate) fields: Row<'a>,
    properties: Vec<EncodedProperty<'a>>,
    own: Vec<u8>,
}

impl<'a> EncodedRow<'a> {
    pub(super) fn clear(&mut self) {
        self.fields = Row::default();
        self.properties.clear();
        self.own.clear();
    }

    /// Adds a property, checked. Names must come in the order of their bytes, each once.
    pub(super) fn push(&mut self, column: usize, name: &'a str, mut value: Value<'_>) -> Result<(), Refusal> {
        check::event_property(name, &mut value)?;
        let start = self.own.len();
        encode_value(&value, &mut self.own);
        let value = Bytes::Own { start, end: self.own.len() };
        self.properties.push(EncodedProperty { column, name, shared: None, value });
        Ok(())
    }

    /// Adds a property with the value at `at` of a dictionary.
    pub(super) fn push_shared(
        &mut self,
        column: usize,
        name: &'a str,
        dictionary: &'a Dictionary,
        at: usize,
    ) -> Result<(), Refusal> {
        let value = Bytes::Lent(dictionary.encoded(at)?);
        let count = dictionary.texts.len() as u32;
        let shared = Some(Shared { dictionary: dictionary.number, at: at as u32, count });
        self.properties.push(EncodedProperty { column, name, shared, value });
        Ok(())
    }

    /// The properties, in the order of their names, with their encoded values.
    pub(crate) fn properties(&self) -> impl ExactSizeIterator<Item = (&EncodedProperty<'a>, &[u8])> {
        self.properties.iter().map(|property| {
            let value = match &property.value {
                Bytes::Lent(value) => value,
                Bytes::Own { start, end } => &self.own[*start..*end],
            };
            (property, value)
        })
    }
}

/// The distinct values of a column of texts, over many rows.
#[derive(Debug)]
pub(super) struct Dictionary {
    number: u64,
    /// As the file has them.
    texts: StringArray,
    bytes: Vec<u8>,
    /// Where each value's encoding ends in `bytes`, after a 0: it begins where that of the one before ends. No encoding is empty, so
    /// the empty ones are of values that cannot be taken.
    ends: Vec<usize>,
    /// Why they cannot be.
    refused: BTreeMap<usize, Refusal>,
}

impl Dictionary {
    /// The values of the property `name`.
    pub(super) fn new(texts: StringArray, name: &str) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut bytes = Vec::with_capacity(texts.value_data().len() + texts.len());
        let (mut ends, mut refused) = (vec![0], BTreeMap::new());
        for (at, text) in texts.iter().enumerate() {
            let mut value = Value::String(text.unwrap_or_default().into());
            match check::event_property(name, &mut value) {
                Ok(()) => encode_value(&value, &mut bytes),
                Err(refusal) => drop(refused.insert(at, refusal)),
            }
            ends.push(bytes.len());
        }
        Arc::new(Self { number: NEXT.fetch_add(1, Relaxed), texts, bytes, ends, refused })
    }

    /// Whether its values are these very ones.
    pub(super) fn is_of(&self, texts: &StringArray) -> bool {
        // Memory that this one holds is nobody else's.
        self.texts.len() == texts.len()
            && self.texts.values().as_ptr() == texts.values().as_ptr()
            && self.texts.offsets().as_ptr() == texts.offsets().as_ptr()
    }

    /// A value as the file has it.
    pub(super) fn text(&self, at: usize) -> &str {
        self.texts.value(at)
    }

    fn encoded(&self, at: usize) -> Result<&[u8], Refusal> {
        let value = &self.bytes[self.ends[at]..self.ends[at + 1]];
        if value.is_empty()
            && let Some(refusal) = self.refused.get(&at)
        {
            return Err(refusal.clone());
        }
        Ok(value)
    }
}
