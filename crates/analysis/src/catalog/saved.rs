//! What people keep: reports, and dashboards of them.

use cairn_model::{DashboardId, ReportId, TimeMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::CatalogError;

/// A question by name. What it asks is the web app's to know: here it is JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Never used twice; a new name leaves it as it is.
    pub id: ReportId,
    /// Unique in its project.
    pub name: String,
    /// Which page shows it, such as `graph`.
    pub kind: String,
    /// The page's state, as in its address.
    pub state: Value,
    /// When it was made.
    pub created_at: TimeMs,
    /// When it was last changed.
    pub changed_at: TimeMs,
}

/// A report that does not exist yet.
#[derive(Clone, Copy, Debug)]
pub struct NewReport<'a> {
    /// Unique in its project.
    pub name: &'a str,
    /// Which page shows it.
    pub kind: &'a str,
    /// The page's state.
    pub state: &'a Value,
    /// Now, by the caller's clock.
    pub created_at: TimeMs,
}

/// A report's place on a dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    /// Of the same project.
    pub report: ReportId,
    /// In thirds of the whole: 1 to 3.
    pub width: u8,
}

/// Reports side by side, in rows from left to right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Never used twice; a new name leaves it as it is.
    pub id: DashboardId,
    /// Unique in its project.
    pub name: String,
    /// In order.
    pub tiles: Vec<Tile>,
    /// When it was made.
    pub created_at: TimeMs,
    /// When it was last changed.
    pub changed_at: TimeMs,
}

/// The id of a report as databases keep it.
pub fn read_report_id(id: i64) -> Result<ReportId, CatalogError> {
    let known = u64::try_from(id).ok().and_then(ReportId::new);
    known.ok_or_else(|| CatalogError::Row { what: format!("a report {id}"), problem: "it is no id".to_owned() })
}

/// The id of a dashboard as databases keep it.
pub fn read_dashboard_id(id: i64) -> Result<DashboardId, CatalogError> {
    let known = u64::try_from(id).ok().and_then(DashboardId::new);
    known.ok_or_else(|| CatalogError::Row { what: format!("a dashboard {id}"), problem: "it is no id".to_owned() })
}

/// The state of a report as a catalog keeps it.
pub fn read_state(name: &str, state: &str) -> Result<Value, CatalogError> {
    serde_json::from_str(state)
        .map_err(|error| CatalogError::Row { what: format!("the report {name:?}"), problem: error.to_string() })
}

/// The width of a tile as databases keep it.
pub fn read_width(width: i64) -> Result<u8, CatalogError> {
    let problem = || "it is no width".to_owned();
    u8::try_from(width).map_err(|_| CatalogError::Row { what: format!("a tile of width {width}"), problem: problem() })
}
