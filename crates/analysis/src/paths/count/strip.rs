//! A strip of the square of pairs: some lines of it.

/// Numbers below this are counted in strips.
pub(super) const WIDTH: usize = 1 << 11;
/// Lines of a strip: 64 KiB.
pub(super) const LINES: usize = 1 << 4;
/// What is told where a count begins at nothing again.
pub(super) const FULL: u64 = 1 << u16::BITS;
/// So many cells are looked at together.
const CHUNK: usize = 64;
/// So many pairs wait in a strip.
const WAITING_MAX: usize = 2_048;

/// Counts by line and number, and pairs that wait to be counted.
#[derive(Debug, Default)]
pub(super) struct Strip {
    /// Places of cells.
    waiting: Vec<u16>,
    /// None before the first pair is counted.
    cells: Vec<u16>,
}

// A place is a `u16`.
const _: () = assert!(LINES * WIDTH <= 1 << 16);

impl Strip {
    /// Adds a pair. Whether those that wait are to be counted now.
    #[inline]
    pub(super) fn add(&mut self, line: usize, to: u32) -> bool {
        self.waiting.push((line * WIDTH + to as usize) as u16);
        self.waiting.len() >= WAITING_MAX
    }

    /// Counts what waits; tells `full` where a count begins at nothing again.
    pub(super) fn count(&mut self, mut full: impl FnMut(usize, u32)) {
        if self.waiting.is_empty() {
            return;
        }
        self.cells.resize(LINES * WIDTH, 0);
        for place in self.waiting.drain(..) {
            let cell = &mut self.cells[place as usize];
            *cell = cell.wrapping_add(1);
            if *cell == 0 {
                full(place as usize / WIDTH, place as u32 % WIDTH as u32);
            }
        }
    }

    /// Adds those of `from`; tells `full` where a count begins at nothing again.
    pub(super) fn merge(&mut self, mut from: Self, mut full: impl FnMut(usize, u32)) {
        self.count(&mut full);
        from.count(&mut full);
        if self.cells.is_empty() {
            self.cells = from.cells;
            return;
        }
        for (place, (own, count)) in self.cells.iter_mut().zip(&from.cells).enumerate() {
            let (sum, over) = own.overflowing_add(*count);
            *own = sum;
            if over {
                full(place / WIDTH, (place % WIDTH) as u32);
            }
        }
    }

    /// How many pairs are counted in it; tells `see` of each cell with at least `least` of them, which is not 0: line, number and count.
    pub(super) fn total(&self, least: u16, mut see: impl FnMut(usize, u32, u16)) -> u64 {
        let mut total = 0;
        for (chunk, cells) in self.cells.chunks(CHUNK).enumerate() {
            total += u64::from(cells.iter().map(|count| u32::from(*count)).sum::<u32>());
            if cells.iter().fold(0, |most, count| most.max(*count)) >= least {
                let found = cells.iter().enumerate().filter(|(_, count)| **count >= least);
                found.for_each(|(at, count)| {
                    let place = chunk * CHUNK + at;
                    see(place / WIDTH, (place % WIDTH) as u32, *count);
                });
            }
        }
        total
    }

    /// What is in it, counted or waiting: line, number and count.
    pub(super) fn each(&self, mut see: impl FnMut(usize, u32, u16)) {
        let waiting = self.waiting.iter().map(|place| (*place as usize, 1));
        let counted = self.cells.iter().copied().enumerate().filter(|(_, count)| *count > 0);
        waiting.chain(counted).for_each(|(place, count)| see(place / WIDTH, (place % WIDTH) as u32, count));
    }

    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        2 * self.cells.capacity() + 2 * self.waiting.capacity()
    }

    /// How often a pair is counted in it.
    pub(super) fn get(&self, line: usize, to: u32) -> u16 {
        let cell = ((to as usize) < WIDTH).then(|| self.cells.get(line * WIDTH + to as usize));
        cell.flatten().copied().unwrap_or(0)
    }

    /// Makes a count as great as it can be.
    #[cfg(test)]
    pub(super) fn fill(&mut self, line: usize, to: u32) {
        self.cells[line * WIDTH + to as usize] = u16::MAX;
    }
}
