//! The numbers of several graphs that people are behind.

use cairn_analysis::{Cell, GraphsAnswer, GraphsQuery, Measure, Number};

use super::{of_group, of_totals};

/// Those of the events whose users are counted, of the range and of the period before.
pub(super) fn cells(query: &GraphsQuery, answer: &GraphsAnswer) -> Vec<(Cell, u64)> {
    let before = answer.previous.iter().flat_map(|previous| previous.lines.iter().map(|line| (line, true)));
    let lines = answer.lines.iter().map(|line| (line, false)).chain(before);
    let of_users = |event: &Option<String>| {
        let place = event.as_ref().map(|letter| usize::from(letter.as_bytes()[0] - b'A'));
        place.is_some_and(|place| query.events[place].measure == Measure::Users)
    };
    let mut cells = Vec::new();
    for (line, previous) in lines.filter(|(line, _)| of_users(&line.event)) {
        let of_line = |cell: Cell| {
            let event = if query.events.len() == 1 { None } else { line.event.clone() };
            Cell { event, previous, ..cell }
        };
        let groups = line.series.iter().enumerate();
        let groups = groups.map(|(at, of)| (of_line(of_group(at, &of.group, of.other)), &of.totals));
        for (cell, totals) in groups.chain([(of_line(Cell::default()), &line.total)]) {
            let there = of_totals(&cell, totals).into_iter().filter(|(cell, _)| {
                // A bucket that the period before does not have cannot be opened.
                cell.at.is_none_or(|at| totals.values[at] != Number::Nothing)
            });
            cells.extend(there);
        }
    }
    cells
}
