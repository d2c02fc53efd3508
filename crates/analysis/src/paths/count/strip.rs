//! A strip of the square of pairs: some lines of it.

/// Numbers below this are counted in strips.
pub(super) const WIDTH: usize = 1 << 11;
/// Lines of a strip: 128 KiB.
pub(super) const LINES: usize = 1 << 4;
/// So many pairs wait in a strip.
const WAITING_MAX: usize = 2_048;

/// Counts by line and number, and pairs that wait to be counted.
#[derive(Debug, Default)]
pub(super) struct Strip {
    /// Places of cells.
    waiting: Vec<u16>,
    /// None before the first pair is counted.
    cells: Vec<u32>,
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

    /// Calls `see` with the line, number and count of each cell that is not zero.
    pub(super) fn each(&self, mut see: impl FnMut(usize, u32, u32)) {
        for (place, count) in self.cells.iter().enumerate().filter(|(_, count)| **count > 0) {
            see(place / WIDTH, (place % WIDTH) as u32, *count);
        }
    }

    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        4 * self.cells.capacity() + 2 * self.waiting.capacity()
    }

    /// Whether there is a count.
    pub(super) fn has(&self, line: usize, to: u32) -> bool {
        (to as usize) < WIDTH && self.cells.get(line * WIDTH + to as usize).is_some_and(|count| *count > 0)
    }

    /// Makes a count as great as it can be.
    #[cfg(test)]
    pub(super) fn fill(&mut self, line: usize, to: u32) {
        self.cells[line * WIDTH + to as usize] = u32::MAX;
    }
}
