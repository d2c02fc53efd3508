//! Columns that follow from others: a page's title from its path, a country from the city, an element's text from its chain.
//!
//! Where every code of one column goes with one code of another, a small table says which, and the rows need nothing.

use hashbrown::HashMap;

use crate::{
    container::{Buffer, ContainerWriter},
    ints::{BLOCK, Ints},
};

/// So many rows are looked at first.
const SAMPLE: usize = 1_024;
/// A column smaller than one byte in so many rows is left alone.
const ROWS_PER_BYTE: usize = 40;

/// Columns that others may follow from.
#[derive(Default)]
pub(super) struct Sources(Vec<Source>);

struct Source {
    name: String,
    codes: Buffer,
    greatest: u32,
    sample: Vec<u32>,
}

impl Sources {
    /// Adds a column that is written already.
    pub(super) fn add(&mut self, name: &str, codes: Buffer, greatest: u32, rows: &[u32]) {
        self.0.push(Source { name: name.to_owned(), codes, greatest, sample: sample(rows) });
    }

    /// A column from which `codes` follow, and the code for each code of that; if that saves space over `bytes`.
    pub(super) fn find(&self, file: &ContainerWriter, codes: &[u32], bytes: usize) -> Option<(String, Vec<u32>)> {
        if bytes * ROWS_PER_BYTE < codes.len() {
            return None;
        }
        let own = sample(codes);
        let cheap = |source: &&Source| 4 * (source.greatest as usize + 1) * 2 < bytes;
        self.0.iter().filter(cheap).filter(|source| follows(&source.sample, &own)).find_map(|source| {
            let map = map(Ints::parse(file.bytes(source.codes))?, source.greatest, codes)?;
            Some((source.name.clone(), map))
        })
    }
}

/// Rows from all over.
fn sample(codes: &[u32]) -> Vec<u32> {
    let step = (codes.len() / SAMPLE).max(1);
    codes.iter().step_by(step).copied().collect()
}

fn follows(from: &[u32], to: &[u32]) -> bool {
    let mut seen: HashMap<u32, u32> = HashMap::new();
    from.iter().zip(to).all(|(from, to)| *seen.entry(*from).or_insert(*to) == *to)
}

/// The code of each code of `from`, if there is one.
fn map(from: Ints<'_, u32>, greatest: u32, to: &[u32]) -> Option<Vec<u32>> {
    const UNKNOWN: u32 = u32::MAX;
    let mut map = vec![UNKNOWN; greatest as usize + 1];
    let mut codes = [0; BLOCK];
    for (block, to) in to.chunks(BLOCK).enumerate() {
        from.block(block, &mut codes);
        for (from, to) in codes.iter().zip(to) {
            let known = map.get_mut(*from as usize)?;
            if *known == UNKNOWN {
                *known = *to;
            } else if *known != *to {
                return None;
            }
        }
    }
    map.iter_mut().filter(|code| **code == UNKNOWN).for_each(|code| *code = 0);
    Some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_found_where_one_column_follows_from_another() {
        let mut file = ContainerWriter::new(*b"TESTTEST", Vec::new());
        let cities: Vec<u32> = (0..9_000).map(|row| row * 7 % 50).collect();
        let mut encoder = crate::ints::Encoder::new();
        encoder.push(&cities);
        let buffer = file.fill(|out| encoder.finish(out));
        let mut sources = Sources::default();
        sources.add("city", buffer, 49, &cities);
        let countries: Vec<u32> = cities.iter().map(|city| city % 9).collect();
        let (from, map) = sources.find(&file, &countries, 4_500).unwrap();
        assert_eq!((from.as_str(), map.len(), map[37]), ("city", 50, 1));
        let mut travelled = countries.clone();
        travelled[8_999] = 12;
        assert!(sources.find(&file, &travelled, 4_500).is_none());
        assert!(sources.find(&file, &countries, 100).is_none(), "too small to be worth it");
    }
}
