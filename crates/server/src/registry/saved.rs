//! Reports and dashboards. They are read from the catalog when somebody looks at them.

use cairn_analysis::catalog::{Dashboard, NewReport, Report, Tile};
use cairn_model::{DashboardId, ProjectId, ReportId, TimeMs};
use serde_json::Value;

use super::{Registry, RegistryError, check_name};

const REPORTS_MAX: usize = 500;
const DASHBOARDS_MAX: usize = 100;
/// Tiles of one dashboard.
const TILES_MAX: usize = 40;
/// A tile's width, in thirds of the whole.
const WIDTH_MAX: u8 = 3;
/// A report's state, in bytes.
const STATE_BYTES: usize = 16_384;
/// The name of a report's kind, in bytes.
const KIND_BYTES: usize = 40;

impl Registry {
    /// The saved reports of a project, by name.
    pub fn reports(&self, project: ProjectId) -> Result<Vec<Report>, RegistryError> {
        Ok(self.catalog.reports(project)?)
    }

    /// Saves a report.
    pub fn add_report(
        &self,
        project: ProjectId,
        (name, kind): (&str, &str),
        state: &Value,
        now: TimeMs,
    ) -> Result<Report, RegistryError> {
        let name = name.trim();
        check_name(name, "The report's name")?;
        check_kind(kind)?;
        check_state(state)?;
        let _changing = self.changing();
        let known = self.catalog.reports(project)?;
        check_report_name(&known, name)?;
        if known.len() >= REPORTS_MAX {
            let message = format!("There are {REPORTS_MAX} saved reports already; delete one first.");
            return Err(RegistryError::Wrong("limit", message));
        }
        Ok(self.catalog.add_report(project, NewReport { name, kind, state, created_at: now })?)
    }

    /// Gives a report another name, another state, or both.
    pub fn change_report(
        &self,
        project: ProjectId,
        id: ReportId,
        (name, state): (Option<&str>, Option<Value>),
        now: TimeMs,
    ) -> Result<Report, RegistryError> {
        let _changing = self.changing();
        let known = self.catalog.reports(project)?;
        let mut report = known.iter().find(|report| report.id == id).ok_or_else(no_report)?.clone();
        if let Some(name) = name.map(str::trim).filter(|name| *name != report.name) {
            check_name(name, "The report's name")?;
            check_report_name(&known, name)?;
            report.name = name.to_owned();
        }
        if let Some(state) = state {
            check_state(&state)?;
            report.state = state;
        }
        report.changed_at = now;
        if self.catalog.change_report(project, &report)? { Ok(report) } else { Err(no_report()) }
    }

    /// Removes a report that is on no dashboard.
    pub fn remove_report(&self, project: ProjectId, id: ReportId) -> Result<(), RegistryError> {
        let _changing = self.changing();
        let dashboards = self.catalog.dashboards(project)?;
        let on = dashboards.iter().filter(|dashboard| dashboard.tiles.iter().any(|tile| tile.report == id));
        let on: Vec<String> = on.map(|dashboard| format!("{:?}", dashboard.name)).collect();
        if !on.is_empty() {
            let message = format!("The report is still on {}: take it off there first.", on.join(", "));
            return Err(RegistryError::Conflict("used", message));
        }
        if self.catalog.delete_report(project, id)? { Ok(()) } else { Err(no_report()) }
    }

    /// The dashboards of a project, by name.
    pub fn dashboards(&self, project: ProjectId) -> Result<Vec<Dashboard>, RegistryError> {
        Ok(self.catalog.dashboards(project)?)
    }

    /// Makes an empty dashboard.
    pub fn add_dashboard(&self, project: ProjectId, name: &str, now: TimeMs) -> Result<Dashboard, RegistryError> {
        let name = name.trim();
        check_name(name, "The dashboard's name")?;
        let _changing = self.changing();
        let known = self.catalog.dashboards(project)?;
        check_dashboard_name(&known, name)?;
        if known.len() >= DASHBOARDS_MAX {
            let message = format!("There are {DASHBOARDS_MAX} dashboards already; delete one first.");
            return Err(RegistryError::Wrong("limit", message));
        }
        Ok(self.catalog.add_dashboard(project, name, now)?)
    }

    /// Gives a dashboard another name, other tiles, or both.
    pub fn change_dashboard(
        &self,
        project: ProjectId,
        id: DashboardId,
        (name, tiles): (Option<&str>, Option<Vec<Tile>>),
        now: TimeMs,
    ) -> Result<Dashboard, RegistryError> {
        let _changing = self.changing();
        let known = self.catalog.dashboards(project)?;
        let mut dashboard = known.iter().find(|dashboard| dashboard.id == id).ok_or_else(no_dashboard)?.clone();
        if let Some(name) = name.map(str::trim).filter(|name| *name != dashboard.name) {
            check_name(name, "The dashboard's name")?;
            check_dashboard_name(&known, name)?;
            dashboard.name = name.to_owned();
        }
        if let Some(tiles) = tiles {
            self.check_tiles(project, &tiles)?;
            dashboard.tiles = tiles;
        }
        dashboard.changed_at = now;
        if self.catalog.change_dashboard(project, &dashboard)? { Ok(dashboard) } else { Err(no_dashboard()) }
    }

    /// Removes a dashboard; its reports stay.
    pub fn remove_dashboard(&self, project: ProjectId, id: DashboardId) -> Result<(), RegistryError> {
        let _changing = self.changing();
        if self.catalog.delete_dashboard(project, id)? { Ok(()) } else { Err(no_dashboard()) }
    }

    fn check_tiles(&self, project: ProjectId, tiles: &[Tile]) -> Result<(), RegistryError> {
        if tiles.len() > TILES_MAX {
            let message = format!("A dashboard has at most {TILES_MAX} tiles; make another one.");
            return Err(RegistryError::Wrong("limit", message));
        }
        if tiles.iter().any(|tile| !(1..=WIDTH_MAX).contains(&tile.width)) {
            let message = format!("A tile's width is a number from 1 to {WIDTH_MAX}, in thirds of the whole.");
            return Err(RegistryError::Wrong("tiles", message));
        }
        let known = self.catalog.reports(project)?;
        match tiles.iter().find(|tile| known.iter().all(|report| report.id != tile.report)) {
            Some(tile) => {
                Err(RegistryError::Wrong("tiles", format!("There is no report {} in this project.", tile.report)))
            }
            None => Ok(()),
        }
    }
}

fn no_report() -> RegistryError {
    RegistryError::NotFound("There is no such report.")
}

fn no_dashboard() -> RegistryError {
    RegistryError::NotFound("There is no such dashboard.")
}

fn check_report_name(known: &[Report], name: &str) -> Result<(), RegistryError> {
    let taken = known.iter().any(|report| report.name == name);
    if taken { Err(RegistryError::taken("report", name)) } else { Ok(()) }
}

fn check_dashboard_name(known: &[Dashboard], name: &str) -> Result<(), RegistryError> {
    let taken = known.iter().any(|dashboard| dashboard.name == name);
    if taken { Err(RegistryError::taken("dashboard", name)) } else { Ok(()) }
}

fn check_kind(kind: &str) -> Result<(), RegistryError> {
    let is_word = kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
    if is_word && (1..=KIND_BYTES).contains(&kind.len()) {
        return Ok(());
    }
    let message =
        format!("A report's kind is a word of 1 to {KIND_BYTES} lower-case letters, digits, hyphens and underscores.");
    Err(RegistryError::Wrong("kind", message))
}

fn check_state(state: &Value) -> Result<(), RegistryError> {
    if !state.is_object() {
        return Err(RegistryError::Wrong("state", "A report's state is an object.".to_owned()));
    }
    let bytes = state.to_string().len();
    if bytes > STATE_BYTES {
        let message = format!("A report's state has at most {STATE_BYTES} bytes as JSON; this one has {bytes}.");
        return Err(RegistryError::Wrong("state", message));
    }
    Ok(())
}
