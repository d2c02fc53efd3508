//! What holds any catalog of settings, definitions, reports and dashboards.

#![allow(clippy::unwrap_used)]

use cairn_analysis::catalog::{
    Catalog, CatalogError, Dashboard, FormerKey, NewProject, NewReport, Project, ProjectSettings, Report, Tile,
    VERSIONS_MAX,
};
use cairn_model::{Definition, Predicate, ProjectId, ReportId, TimeMs};
use serde_json::{Value, json};

/// Goes through all of them on an empty catalog; panics where it does not do what its trait says.
pub fn check(catalog: &dyn Catalog) {
    let project = |write_key| {
        let new = NewProject { name: "Shop", zone: "Europe/Berlin", write_key, created_at: TimeMs(5) };
        catalog.create_project(new).unwrap()
    };
    let (one, two) = (project("ck_1"), project("ck_2"));
    check_settings(catalog, &one, &two);
    check_versions(catalog, one.id, two.id);
    check_reports(catalog, one.id, two.id);
    check_dashboards(catalog, one.id, two.id);
    check_renaming(catalog, one.id, two.id);
}

fn check_settings(catalog: &dyn Catalog, one: &Project, two: &Project) {
    let masks = ["[data-x=\"\u{e9}\"]".to_owned(), ".name, #who".to_owned()];
    let settings = ProjectSettings { name: "Läden", zone: "UTC", retention_days: Some(90), masks: &masks };
    assert!(catalog.change_project(one.id, settings).unwrap());
    assert!(!catalog.change_project(absent(), settings).unwrap());
    assert!(catalog.replace_key(one.id, "ck_3", TimeMs(7)).unwrap());
    assert!(catalog.replace_key(one.id, "ck_4", TimeMs(8)).unwrap());
    assert!(!catalog.replace_key(absent(), "ck_5", TimeMs(9)).unwrap());
    // Another's.
    assert!(catalog.replace_key(one.id, "ck_2", TimeMs(9)).is_err());
    let key = |key: &str, at| FormerKey { key: key.to_owned(), replaced_at: TimeMs(at) };
    let changed = Project {
        name: "Läden".to_owned(),
        zone: "UTC".to_owned(),
        write_key: "ck_4".to_owned(),
        former_keys: vec![key("ck_3", 8), key("ck_1", 7)],
        retention_days: Some(90),
        masks: masks.to_vec(),
        ..one.clone()
    };
    assert_eq!(catalog.projects().unwrap(), [changed.clone(), two.clone()]);
    assert!(!catalog.revoke_key(two.id, "ck_1").unwrap());
    assert!(!catalog.revoke_key(one.id, "ck_4").unwrap());
    assert!(catalog.revoke_key(one.id, "ck_1").unwrap() && !catalog.revoke_key(one.id, "ck_1").unwrap());
    let kept = Project { former_keys: vec![key("ck_3", 8)], ..changed };
    assert_eq!(catalog.projects().unwrap()[0], kept);
    assert!(catalog.change_project(one.id, ProjectSettings { retention_days: None, masks: &[], ..settings }).unwrap());
    assert_eq!(
        (&catalog.projects().unwrap()[0].retention_days, &catalog.projects().unwrap()[0].masks),
        (&None, &vec![])
    );
}

fn definition(name: &str, path: &str, at: i64) -> Definition {
    let predicate = Predicate::from_json(&json!({"property": "path", "is": path})).unwrap();
    Definition { name: name.to_owned(), predicate, created_at: TimeMs(at) }
}

fn versions(catalog: &dyn Catalog, project: ProjectId, name: &str) -> Vec<(u64, Value, i64)> {
    let all = catalog.definition_versions(project, name).unwrap().into_iter();
    all.map(|one| (one.version, one.predicate.to_json()["is"].clone(), one.created_at.0)).collect()
}

fn check_versions(catalog: &dyn Catalog, one: ProjectId, two: ProjectId) {
    for (path, at) in [("/a", 1), ("/b\0", 2), ("/a", 3)] {
        catalog.put_definition(one, &definition("Buy", path, at)).unwrap();
    }
    catalog.put_definition(two, &definition("Buy", "/other", 4)).unwrap();
    let all = [(3, json!("/a"), 3), (2, json!("/b\0"), 2), (1, json!("/a"), 1)];
    assert_eq!(versions(catalog, one, "Buy"), all);
    assert_eq!(versions(catalog, two, "Buy"), [(1, json!("/other"), 4)]);
    assert_eq!(versions(catalog, one, "buy"), []);
    // Gone, and made anew.
    assert!(catalog.delete_definition(two, "Buy").unwrap());
    assert_eq!(versions(catalog, two, "Buy"), []);
    catalog.put_definition(two, &definition("Buy", "/new", 5)).unwrap();
    assert_eq!(versions(catalog, two, "Buy"), [(1, json!("/new"), 5)]);
    // No more than are kept.
    for at in 2..=i64::from(VERSIONS_MAX) + 3 {
        catalog.put_definition(two, &definition("Buy", "/new", at)).unwrap();
    }
    let kept = versions(catalog, two, "Buy");
    let (first, last) = (kept.last().unwrap().0, kept[0].0);
    assert_eq!((kept.len() as u32, first, last), (VERSIONS_MAX, 4, u64::from(VERSIONS_MAX) + 3));
}

fn add(catalog: &dyn Catalog, project: ProjectId, name: &str, state: &Value) -> Result<Report, CatalogError> {
    catalog.add_report(project, NewReport { name, kind: "graph", state, created_at: TimeMs(10) })
}

fn names(reports: &[Report]) -> Vec<&str> {
    reports.iter().map(|report| report.name.as_str()).collect()
}

fn check_reports(catalog: &dyn Catalog, one: ProjectId, two: ProjectId) {
    let state = json!({"event": "Buy", "where": "\0 \u{1f409}", "days": 14});
    let report = add(catalog, one, "Zorn", &state).unwrap();
    let expected = Report {
        id: report.id,
        name: "Zorn".to_owned(),
        kind: "graph".to_owned(),
        state: state.clone(),
        created_at: TimeMs(10),
        changed_at: TimeMs(10),
    };
    assert_eq!((&report, catalog.reports(one).unwrap()), (&expected, vec![expected.clone()]));
    assert!(matches!(add(catalog, one, "Zorn", &state), Err(CatalogError::Conflict)));
    let other = add(catalog, two, "Zorn", &state).unwrap();
    assert_ne!(other.id, report.id);
    add(catalog, one, "Ärger", &json!({})).unwrap();
    // By bytes, whatever a database's language is.
    assert_eq!(names(&catalog.reports(one).unwrap()), ["Zorn", "Ärger"]);
    assert!(add(catalog, absent(), "Zorn", &state).is_err());

    let changed = Report { name: "Wut".to_owned(), state: json!({"a": [1]}), changed_at: TimeMs(11), ..expected };
    assert!(catalog.change_report(one, &changed).unwrap());
    assert_eq!(catalog.reports(one).unwrap()[0], changed);
    let taken = Report { name: "Ärger".to_owned(), ..changed.clone() };
    assert!(matches!(catalog.change_report(one, &taken), Err(CatalogError::Conflict)));
    // Of another project.
    assert!(!catalog.change_report(two, &changed).unwrap());
    assert!(!catalog.delete_report(two, report.id).unwrap());
    assert_eq!(catalog.reports(two).unwrap(), std::slice::from_ref(&other));
    assert!(catalog.delete_report(one, report.id).unwrap() && !catalog.delete_report(one, report.id).unwrap());
    // An id is never used twice.
    assert!(add(catalog, two, "New", &state).unwrap().id > other.id);
}

fn check_dashboards(catalog: &dyn Catalog, one: ProjectId, two: ProjectId) {
    let report = catalog.reports(one).unwrap().remove(0).id;
    let others = catalog.reports(two).unwrap().remove(0).id;
    let board = catalog.add_dashboard(one, "Sales", TimeMs(20)).unwrap();
    assert!(matches!(catalog.add_dashboard(one, "Sales", TimeMs(20)), Err(CatalogError::Conflict)));
    catalog.add_dashboard(two, "Sales", TimeMs(21)).unwrap();
    let tile = |report, width| Tile { report, width };
    let filled = Dashboard {
        name: "Umsatz".to_owned(),
        tiles: vec![tile(report, 2), tile(report, 1)],
        changed_at: TimeMs(22),
        ..board.clone()
    };
    assert!(catalog.change_dashboard(one, &filled).unwrap());
    assert_eq!(catalog.dashboards(one).unwrap(), std::slice::from_ref(&filled));
    assert!(!catalog.change_dashboard(two, &filled).unwrap());
    // A report of another project, or of none: all stays as it is.
    for stranger in [others, ReportId::clamped(u64::MAX)] {
        let wrong = Dashboard { name: "X".to_owned(), tiles: vec![tile(stranger, 1)], ..filled.clone() };
        assert!(matches!(catalog.change_dashboard(one, &wrong), Err(CatalogError::Conflict)));
        assert_eq!(catalog.dashboards(one).unwrap(), std::slice::from_ref(&filled));
    }
    assert!(matches!(catalog.delete_report(one, report), Err(CatalogError::Conflict)));
    assert_eq!(catalog.dashboards(two).unwrap()[0].tiles, []);
    assert!(!catalog.delete_dashboard(two, board.id).unwrap());
    assert!(catalog.delete_dashboard(one, board.id).unwrap() && !catalog.delete_dashboard(one, board.id).unwrap());
    assert!(catalog.dashboards(one).unwrap().is_empty());
    assert!(catalog.delete_report(one, report).unwrap());
}

fn check_renaming(catalog: &dyn Catalog, one: ProjectId, two: ProjectId) {
    let report = add(catalog, one, "Orders", &json!({"event": "Buy"})).unwrap();
    let carried = Report { state: json!({"event": "Order"}), changed_at: TimeMs(30), ..report.clone() };
    catalog.put_definition(one, &definition("Taken", "/t", 6)).unwrap();
    assert!(catalog.rename_definition(one, ("Buy", "Taken"), std::slice::from_ref(&carried)).is_err());
    assert!(!catalog.rename_definition(one, ("None", "Some"), std::slice::from_ref(&carried)).unwrap());
    assert_eq!(catalog.reports(one).unwrap(), [report]);
    let before = versions(catalog, one, "Buy");
    assert!(catalog.rename_definition(one, ("Buy", "Order"), std::slice::from_ref(&carried)).unwrap());
    assert_eq!(catalog.reports(one).unwrap(), [carried]);
    assert_eq!((versions(catalog, one, "Order"), versions(catalog, one, "Buy")), (before, vec![]));
    let names: Vec<String> = catalog.definitions(one).unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Order", "Taken"]);
    assert_eq!(versions(catalog, two, "Buy").len() as u32, VERSIONS_MAX);
}

fn absent() -> ProjectId {
    ProjectId::clamped(99)
}
