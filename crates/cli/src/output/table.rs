//! Columns of text, aligned.

use std::ops::{Bound, RangeBounds};

use super::plain;

/// Rows under a head; numbers to the right.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Which columns are numbers.
    numbers: (Bound<usize>, Bound<usize>),
}

/// Longer cells are cut.
const CELL_CHARS: usize = 60;

impl Table {
    /// A table whose columns within `numbers` are numbers, and all others text.
    pub(crate) fn new(head: impl IntoIterator<Item = impl Into<String>>, numbers: impl RangeBounds<usize>) -> Self {
        let numbers = (numbers.start_bound().cloned(), numbers.end_bound().cloned());
        Self { head: head.into_iter().map(|cell| cut(&cell.into())).collect(), rows: Vec::new(), numbers }
    }

    /// Adds a row, of as many cells as the head has.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(|cell| cut(&cell.into())).collect());
    }

    /// The lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&self.head]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..self.head.len()).map(width).collect();
        let rule = widths.iter().map(|width| "─".repeat(*width)).collect();
        let lines = [&self.head, &rule].into_iter().chain(&self.rows).map(|row| self.line(row, &widths));
        lines.collect()
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if self.numbers.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

fn cut(text: &str) -> String {
    let text = plain(text);
    if text.chars().count() <= CELL_CHARS {
        return text;
    }
    text.chars().take(CELL_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(["day", "count"], 1..);
        table.row(["Monday", "7"]);
        table.row(["Übermorgen", "1,200"]);
        assert_eq!(table.lines(), ["day         count", "──────────  ─────", "Monday          7", "Übermorgen  1,200"]);
    }

    #[test]
    fn text_after_numbers_is_text() {
        let mut table = Table::new(["page", "times", "then"], 1..2);
        table.row(["/", "7", "/pricing"]);
        table.row(["/a", "1,200", "/"]);
        assert_eq!(
            table.lines(),
            ["page  times  then", "────  ─────  ────────", "/         7  /pricing", "/a    1,200  /"]
        );
    }
}
