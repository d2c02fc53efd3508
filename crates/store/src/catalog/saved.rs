//! Reports and dashboards in SQLite.

use cairn_analysis::catalog::{
    Dashboard, NewReport, Report, Tile, read_dashboard_id, read_report_id, read_state, read_width,
};
use cairn_model::{DashboardId, ProjectId, ReportId, TimeMs};
use rusqlite::{Connection, params};

use super::{Failed, id};

const REPORTS: &str = include_str!("sql/reports.sql");
const ADD_REPORT: &str = include_str!("sql/add_report.sql");
const CHANGE_REPORT: &str = include_str!("sql/change_report.sql");
const DELETE_REPORT: &str = include_str!("sql/delete_report.sql");
const DASHBOARDS: &str = include_str!("sql/dashboards.sql");
const TILES: &str = include_str!("sql/tiles.sql");
const ADD_DASHBOARD: &str = include_str!("sql/add_dashboard.sql");
const CHANGE_DASHBOARD: &str = include_str!("sql/change_dashboard.sql");
const CLEAR_DASHBOARD: &str = include_str!("sql/clear_dashboard.sql");
const ADD_TILE: &str = include_str!("sql/add_tile.sql");
const DELETE_DASHBOARD: &str = include_str!("sql/delete_dashboard.sql");

pub(super) fn reports(connection: &Connection, project: ProjectId) -> Result<Vec<Report>, Failed> {
    let mut statement = connection.prepare_cached(REPORTS)?;
    let mut rows = statement.query([id(project)])?;
    let mut reports = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, state): (String, String) = (row.get(1)?, row.get(3)?);
        reports.push(Report {
            id: read_report_id(row.get(0)?)?,
            kind: row.get(2)?,
            state: read_state(&name, &state)?,
            name,
            created_at: TimeMs(row.get(4)?),
            changed_at: TimeMs(row.get(5)?),
        });
    }
    Ok(reports)
}

pub(super) fn add_report(connection: &Connection, project: ProjectId, new: NewReport<'_>) -> Result<Report, Failed> {
    let NewReport { name, kind, state, created_at } = new;
    let values = params![id(project), name, kind, state.to_string(), created_at.0];
    let made: i64 = connection.prepare_cached(ADD_REPORT)?.query_row(values, |row| row.get(0))?;
    Ok(Report {
        id: read_report_id(made)?,
        name: name.to_owned(),
        kind: kind.to_owned(),
        state: state.clone(),
        created_at,
        changed_at: created_at,
    })
}

pub(super) fn change_report(connection: &Connection, project: ProjectId, report: &Report) -> Result<bool, Failed> {
    let Report { name, state, changed_at, .. } = report;
    let values = params![id(project), report.id.get() as i64, name, state.to_string(), changed_at.0];
    Ok(connection.prepare_cached(CHANGE_REPORT)?.execute(values)? > 0)
}

pub(super) fn delete_report(connection: &Connection, project: ProjectId, report: ReportId) -> Result<bool, Failed> {
    Ok(connection.prepare_cached(DELETE_REPORT)?.execute(params![id(project), report.get() as i64])? > 0)
}

pub(super) fn dashboards(connection: &Connection, project: ProjectId) -> Result<Vec<Dashboard>, Failed> {
    let mut statement = connection.prepare_cached(DASHBOARDS)?;
    let mut rows = statement.query([id(project)])?;
    let mut dashboards = Vec::new();
    while let Some(row) = rows.next()? {
        dashboards.push(Dashboard {
            id: read_dashboard_id(row.get(0)?)?,
            name: row.get(1)?,
            tiles: Vec::new(),
            created_at: TimeMs(row.get(2)?),
            changed_at: TimeMs(row.get(3)?),
        });
    }
    let mut statement = connection.prepare_cached(TILES)?;
    let mut rows = statement.query([id(project)])?;
    while let Some(row) = rows.next()? {
        let of = read_dashboard_id(row.get(0)?)?;
        let tile = Tile { report: read_report_id(row.get(1)?)?, width: read_width(row.get(2)?)? };
        dashboards.iter_mut().filter(|dashboard| dashboard.id == of).for_each(|dashboard| dashboard.tiles.push(tile));
    }
    Ok(dashboards)
}

pub(super) fn add_dashboard(
    connection: &Connection,
    project: ProjectId,
    name: &str,
    created_at: TimeMs,
) -> Result<Dashboard, Failed> {
    let values = params![id(project), name, created_at.0];
    let made: i64 = connection.prepare_cached(ADD_DASHBOARD)?.query_row(values, |row| row.get(0))?;
    let dashboard_id = read_dashboard_id(made)?;
    Ok(Dashboard { id: dashboard_id, name: name.to_owned(), tiles: Vec::new(), created_at, changed_at: created_at })
}

/// All or nothing.
pub(super) fn change_dashboard(
    connection: &mut Connection,
    project: ProjectId,
    dashboard: &Dashboard,
) -> Result<bool, Failed> {
    let (project, own) = (id(project), dashboard.id.get() as i64);
    let transaction = connection.transaction()?;
    let values = params![project, own, dashboard.name, dashboard.changed_at.0];
    if transaction.prepare_cached(CHANGE_DASHBOARD)?.execute(values)? == 0 {
        return Ok(false);
    }
    transaction.prepare_cached(CLEAR_DASHBOARD)?.execute(params![project, own])?;
    for (place, tile) in (0_i64..).zip(&dashboard.tiles) {
        let values = params![project, own, place, tile.report.get() as i64, i64::from(tile.width)];
        transaction.prepare_cached(ADD_TILE)?.execute(values)?;
    }
    transaction.commit()?;
    Ok(true)
}

pub(super) fn delete_dashboard(
    connection: &Connection,
    project: ProjectId,
    dashboard: DashboardId,
) -> Result<bool, Failed> {
    Ok(connection.prepare_cached(DELETE_DASHBOARD)?.execute(params![id(project), dashboard.get() as i64])? > 0)
}
