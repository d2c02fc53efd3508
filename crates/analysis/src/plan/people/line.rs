//! Of several graphs, the one whose number people are asked for.

use crate::{Cell, GraphPlan, GraphsPlan, PreviousPlan, QueryError, formula::letters, letter};

/// The graph that a cell is of.
pub(super) fn chosen<'p>(plan: &'p GraphsPlan, cell: &Cell) -> Result<&'p GraphPlan, QueryError> {
    let named = letters(plan.events.len());
    let is_formula = |name: &String| plan.formulas.iter().any(|formula| formula.text == *name);
    if cell.formula.is_some() || cell.event.as_ref().is_some_and(|name| name.len() > 1 && is_formula(name)) {
        return refuse(format!(
            "a formula's number is made of others, and has no people of its own: ask for those of an `event`, {named}"
        ));
    }
    let event = match &cell.event {
        None if plan.events.len() == 1 => 0,
        None => return refuse(format!("a cell of several graphs needs `event`: {named}")),
        Some(name) => match (0..plan.events.len()).find(|event| *name == letter(*event).to_string()) {
            Some(event) => event,
            None => return refuse(format!("{name:?} is none of the events of this query: {named}")),
        },
    };
    Ok(match previous(plan, cell)? {
        Some(previous) => &previous.events[event],
        None => &plan.events[event],
    })
}

/// The place of a cell's bucket among those of its graph.
pub(super) fn place(plan: &GraphsPlan, cell: &Cell) -> Result<Option<usize>, QueryError> {
    let (Some(previous), Some(at)) = (previous(plan, cell)?, cell.at) else { return Ok(cell.at) };
    match previous.beside.get(at) {
        Some(Some(at)) => Ok(Some(*at)),
        _ => refuse("the period before has no such bucket".to_owned()),
    }
}

fn previous<'p>(plan: &'p GraphsPlan, cell: &Cell) -> Result<Option<&'p PreviousPlan>, QueryError> {
    match &plan.previous {
        None if cell.previous => {
            refuse("the query does not ask for the period before: add \"previous\": true".to_owned())
        }
        previous => Ok(previous.as_ref().filter(|_| cell.previous)),
    }
}

fn refuse<T>(message: String) -> Result<T, QueryError> {
    Err(QueryError::new("cell", message))
}
