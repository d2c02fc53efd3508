//! The index of one definition over one part, as a file.

use bytes::Bytes;
use cairn_analysis::StoreError;
use serde::{Deserialize, Serialize};

use crate::{
    container::{Buffer, Container, ContainerWriter, Magic},
    ints::{BLOCK, Encoder, Int, Ints, lookup},
    part::Part,
    predicate::{Meaning, Node, Spans},
    scan::{each_row, rows_mask},
};

const MAGIC: Magic = *b"CAIRNIX\x01";
/// Grows when what a predicate matches changes: older indexes are not believed.
const MATCHER: u32 = 1;
/// A definition that matches more than one in so many rows is scanned as fast.
const ROWS_PER_HIT: usize = 24;

#[derive(Debug, Serialize, Deserialize)]
struct Directory {
    part: String,
    /// The definition's canonical JSON.
    definition: String,
    matcher: u32,
    /// It matches too much for an index.
    dense: bool,
    since: i64,
    rows: Buffer,
    users: Buffer,
    times: Buffer,
}

/// The rows of a part that match a definition.
#[derive(Debug)]
pub(crate) struct DefinitionIndex {
    container: Container,
    directory: Directory,
    len: usize,
}

/// The rows, their users' numbers, and their times since `since`; of equal length, by row.
pub(crate) struct IndexRows<'a> {
    pub(crate) since: i64,
    pub(crate) rows: Ints<'a, u32>,
    pub(crate) users: Ints<'a, u32>,
    pub(crate) times: Ints<'a, u64>,
}

impl DefinitionIndex {
    /// Opens an index; `None` if it is not that of this part and definition.
    pub(crate) fn open(
        file: String,
        bytes: Bytes,
        (part, definition): (&str, &str),
        check: bool,
    ) -> Result<Option<Self>, StoreError> {
        let (container, directory): (_, Directory) = Container::open(file, bytes, MAGIC, check)?;
        let fits = directory.part == part && directory.definition == definition && directory.matcher == MATCHER;
        let mut index = Self { container, directory, len: 0 };
        // Read it whole: what is damaged must be found before a question relies on it.
        index.len = index.rows()?.rows.len();
        Ok(fits.then_some(index))
    }

    /// Whether the definition matches too much for an index.
    pub(crate) fn is_dense(&self) -> bool {
        self.directory.dense
    }

    /// The bytes of its rows and times, and those of its users.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let Directory { rows, times, users, .. } = &self.directory;
        ((rows.bytes() + times.bytes()) as usize, users.bytes() as usize)
    }

    /// How many rows match.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn rows(&self) -> Result<IndexRows<'_>, StoreError> {
        let cannot = || self.container.damage("a column cannot be read");
        Ok(IndexRows {
            since: self.directory.since,
            rows: Ints::parse(self.container.read(self.directory.rows)?).ok_or_else(cannot)?,
            users: Ints::parse(self.container.read(self.directory.users)?).ok_or_else(cannot)?,
            times: Ints::parse(self.container.read(self.directory.times)?).ok_or_else(cannot)?,
        })
    }
}

/// The bytes of the index of a definition over a part; if `sparse`, without rows if it matches too many.
pub(crate) fn build(part: &Part, definition: &str, meaning: &Meaning, sparse: bool) -> Result<Vec<u8>, StoreError> {
    let node = Node::of_part(meaning, part)?;
    let (of_users, of_starts, times) = (part.users()?, part.starts()?, part.times()?);
    let (mut users, mut starts) = (Vec::new(), Vec::new());
    of_users.read(0..of_users.len(), &mut users);
    of_starts.read(0..of_starts.len(), &mut starts);
    let spans = Spans { users: &users, starts: &starts };
    let limit = if sparse { part.rows() / ROWS_PER_HIT } else { part.rows() };
    let mut hits: Vec<u32> = Vec::new();
    let mut mask: lookup::Mask = [0; BLOCK / 64];
    for block in 0..part.rows().div_ceil(BLOCK) {
        node.mask(block, spans, &rows_mask(0, part.rows() - block * BLOCK), &mut mask);
        each_row(&mask, |row| hits.push((block * BLOCK + row) as u32));
        if hits.len() > limit {
            break;
        }
    }
    let dense = hits.len() > limit;
    if dense {
        hits.clear();
    }
    let since = part.times_span().0;
    let mut file = ContainerWriter::new(MAGIC, Vec::new());
    let mut user = 0;
    let users_of = hits.iter().map(|row| {
        while starts.get(user + 1).is_some_and(|end| end <= row) {
            user += 1;
        }
        users[user]
    });
    let users_of: Vec<u32> = users_of.collect();
    let since_start: Vec<u64> = hits.iter().map(|row| times.get(*row as usize).wrapping_sub(since) as u64).collect();
    let directory = Directory {
        part: part.file().to_owned(),
        definition: definition.to_owned(),
        matcher: MATCHER,
        dense,
        since,
        rows: numbers(&mut file, &hits),
        users: numbers(&mut file, &users_of),
        times: numbers(&mut file, &since_start),
    };
    Ok(file.finish(&directory))
}

fn numbers<T: Int>(file: &mut ContainerWriter, numbers: &[T]) -> Buffer {
    let mut encoder = Encoder::new();
    encoder.push(numbers);
    file.fill(|out| encoder.finish(out))
}
