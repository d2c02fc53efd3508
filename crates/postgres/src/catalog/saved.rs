//! Reports and dashboards.

use cairn_analysis::catalog::{
    Dashboard, NewReport, Report, Tile, read_dashboard_id, read_report_id, read_state, read_width,
};
use cairn_model::{DashboardId, ProjectId, ReportId, TimeMs};
use tokio_postgres::{Client, GenericClient, Row};

use super::{Failed, id};

const REPORTS: &str = include_str!("../../queries/catalog/reports.sql");
const ADD_REPORT: &str = include_str!("../../queries/catalog/add_report.sql");
const CHANGE_REPORT: &str = include_str!("../../queries/catalog/change_report.sql");
const DELETE_REPORT: &str = include_str!("../../queries/catalog/delete_report.sql");
const DASHBOARDS: &str = include_str!("../../queries/catalog/dashboards.sql");
const TILES: &str = include_str!("../../queries/catalog/tiles.sql");
const ADD_DASHBOARD: &str = include_str!("../../queries/catalog/add_dashboard.sql");
const CHANGE_DASHBOARD: &str = include_str!("../../queries/catalog/change_dashboard.sql");
const CLEAR_DASHBOARD: &str = include_str!("../../queries/catalog/clear_dashboard.sql");
const ADD_TILE: &str = include_str!("../../queries/catalog/add_tile.sql");
const DELETE_DASHBOARD: &str = include_str!("../../queries/catalog/delete_dashboard.sql");

pub(super) async fn reports(client: &impl GenericClient, project: ProjectId) -> Result<Vec<Report>, Failed> {
    let report = |row: &Row| {
        let name: String = row.get(1);
        Ok(Report {
            id: read_report_id(row.get(0))?,
            kind: row.get(2),
            state: read_state(&name, row.get(3))?,
            name,
            created_at: TimeMs(row.get(4)),
            changed_at: TimeMs(row.get(5)),
        })
    };
    client.query(REPORTS, &[&id(project)]).await?.iter().map(report).collect()
}

pub(super) async fn add_report(
    client: &impl GenericClient,
    project: ProjectId,
    new: NewReport<'_>,
) -> Result<Report, Failed> {
    let NewReport { name, kind, state, created_at } = new;
    let row = client.query_one(ADD_REPORT, &[&id(project), &name, &kind, &state.to_string(), &created_at.0]).await?;
    Ok(Report {
        id: read_report_id(row.get(0))?,
        name: name.to_owned(),
        kind: kind.to_owned(),
        state: state.clone(),
        created_at,
        changed_at: created_at,
    })
}

pub(super) async fn change_report(
    client: &impl GenericClient,
    project: ProjectId,
    report: &Report,
) -> Result<bool, Failed> {
    let (own, Report { name, changed_at, .. }) = (report.id.get() as i64, report);
    let state = report.state.to_string();
    Ok(client.execute(CHANGE_REPORT, &[&id(project), &own, name, &state, &changed_at.0]).await? > 0)
}

pub(super) async fn delete_report(
    client: &impl GenericClient,
    project: ProjectId,
    report: ReportId,
) -> Result<bool, Failed> {
    Ok(client.execute(DELETE_REPORT, &[&id(project), &(report.get() as i64)]).await? > 0)
}

pub(super) async fn dashboards(client: &impl GenericClient, project: ProjectId) -> Result<Vec<Dashboard>, Failed> {
    let empty = |row: &Row| {
        Ok::<_, Failed>(Dashboard {
            id: read_dashboard_id(row.get(0))?,
            name: row.get(1),
            tiles: Vec::new(),
            created_at: TimeMs(row.get(2)),
            changed_at: TimeMs(row.get(3)),
        })
    };
    let found = client.query(DASHBOARDS, &[&id(project)]).await?;
    let mut dashboards = found.iter().map(empty).collect::<Result<Vec<_>, _>>()?;
    for row in client.query(TILES, &[&id(project)]).await? {
        let of = read_dashboard_id(row.get(0))?;
        let width = read_width(i64::from(row.get::<_, i32>(2)))?;
        let tile = Tile { report: read_report_id(row.get(1))?, width };
        dashboards.iter_mut().filter(|dashboard| dashboard.id == of).for_each(|dashboard| dashboard.tiles.push(tile));
    }
    Ok(dashboards)
}

pub(super) async fn add_dashboard(
    client: &impl GenericClient,
    project: ProjectId,
    name: &str,
    created_at: TimeMs,
) -> Result<Dashboard, Failed> {
    let row = client.query_one(ADD_DASHBOARD, &[&id(project), &name, &created_at.0]).await?;
    let own = read_dashboard_id(row.get(0))?;
    Ok(Dashboard { id: own, name: name.to_owned(), tiles: Vec::new(), created_at, changed_at: created_at })
}

/// All or nothing.
pub(super) async fn change_dashboard(
    client: &mut Client,
    project: ProjectId,
    dashboard: &Dashboard,
) -> Result<bool, Failed> {
    let (project, own) = (id(project), dashboard.id.get() as i64);
    let transaction = client.transaction().await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&project, &own, &dashboard.name, &dashboard.changed_at.0];
    if transaction.execute(CHANGE_DASHBOARD, &values).await? == 0 {
        return Ok(false);
    }
    transaction.execute(CLEAR_DASHBOARD, &[&project, &own]).await?;
    for (place, tile) in (0_i32..).zip(&dashboard.tiles) {
        let (report, width) = (tile.report.get() as i64, i32::from(tile.width));
        transaction.execute(ADD_TILE, &[&project, &own, &place, &report, &width]).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

pub(super) async fn delete_dashboard(
    client: &impl GenericClient,
    project: ProjectId,
    dashboard: DashboardId,
) -> Result<bool, Failed> {
    Ok(client.execute(DELETE_DASHBOARD, &[&id(project), &(dashboard.get() as i64)]).await? > 0)
}
