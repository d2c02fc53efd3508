//! The catalog in SQLite, held against what it promises.
#![allow(clippy::unwrap_used)]

use super::*;

fn shop(key: &'static str) -> NewProject<'static> {
    NewProject { name: "Shop", zone: "Europe/Berlin", write_key: key, created_at: TimeMs(5) }
}

fn clicks(at: i64) -> Definition {
    let predicate = serde_json::from_str(r#"{"all": [{"type": "click"}, {"selector": "a.btn"}]}"#).unwrap();
    Definition { name: "Clicks".to_owned(), predicate, created_at: TimeMs(at) }
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&file).unwrap();
    let made = catalog.create_project(shop("ck_1")).unwrap();
    catalog.put_definition(made.id, &clicks(6)).unwrap();
    catalog.put_setting("token", &[1, 2]).unwrap();
    drop(catalog);

    let catalog = SqliteCatalog::open(&file).unwrap();
    assert_eq!(catalog.projects().unwrap(), vec![made.clone()]);
    assert_eq!(catalog.definitions(made.id).unwrap(), vec![clicks(6)]);
    assert_eq!(catalog.setting("token").unwrap(), Some(vec![1, 2]));
    assert_eq!(catalog.setting("other").unwrap(), None);
}

#[test]
fn settings_versions_reports_and_dashboards_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    cairn_testkit::catalog::check(&SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap());
}

#[test]
fn a_catalog_of_the_first_versions_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("catalog.db");
    let old = Connection::open(&file).unwrap();
    old.execute_batch("create table schema_version (version integer not null) strict").unwrap();
    for (step, sql) in MIGRATIONS.iter().enumerate().take(2) {
        old.execute_batch(sql).unwrap();
        old.execute("insert into schema_version values (?1)", [step as i64 + 1]).unwrap();
    }
    let (project, predicate) = ("insert into projects values (1, 'Shop', 'UTC', 'ck_1', 5)", r#"{"type":"click"}"#);
    old.execute_batch(project).unwrap();
    old.execute("insert into definitions values (1, 'Clicks', ?1, 6)", [predicate]).unwrap();
    drop(old);
    let catalog = SqliteCatalog::open(&file).unwrap();
    let found = catalog.projects().unwrap().remove(0);
    assert_eq!((found.retention_days, found.masks, found.former_keys), (None, vec![], vec![]));
    let versions = catalog.definition_versions(found.id, "Clicks").unwrap();
    assert_eq!((versions.len(), versions[0].version, versions[0].created_at), (1, 1, TimeMs(6)));
    assert_eq!(versions[0].predicate.to_json().to_string(), predicate);
}

#[test]
fn definitions_are_replaced_and_deleted_within_their_project() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
    let (one, two) = (catalog.create_project(shop("ck_1")).unwrap(), catalog.create_project(shop("ck_2")).unwrap());
    catalog.put_definition(one.id, &clicks(6)).unwrap();
    catalog.put_definition(two.id, &clicks(7)).unwrap();
    catalog.put_definition(one.id, &clicks(8)).unwrap();
    assert_eq!(catalog.definitions(one.id).unwrap(), vec![clicks(8)]);
    assert!(catalog.delete_definition(one.id, "Clicks").unwrap());
    assert!(!catalog.delete_definition(one.id, "Clicks").unwrap());
    assert_eq!(catalog.definitions(two.id).unwrap(), vec![clicks(7)]);
}

#[test]
fn lists_are_replaced_deleted_and_erased_from_within_their_project() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
    let (one, two) = (catalog.create_project(shop("ck_1")).unwrap(), catalog.create_project(shop("ck_2")).unwrap());
    let handle = |name: &str| Listed::Handle(name.to_owned());
    let user = |id| Listed::User(cairn_model::UserId::new(id).unwrap());
    let beta = [handle("ann"), handle("ben"), user(4)];
    catalog.put_list(one.id, "Old", &[handle("cid")], TimeMs(6)).unwrap();
    catalog.put_list(one.id, "Beta", &[handle("zoe")], TimeMs(6)).unwrap();
    catalog.put_list(one.id, "Beta", &beta, TimeMs(7)).unwrap();
    catalog.put_list(two.id, "Beta", &beta, TimeMs(8)).unwrap();
    let sizes = |project| {
        let lists = catalog.lists(project).unwrap().into_iter();
        lists.map(|list| (list.name, list.size, list.created_at.0)).collect::<Vec<_>>()
    };
    assert_eq!(sizes(one.id), [("Beta".to_owned(), 3, 7), ("Old".to_owned(), 1, 6)]);
    assert_eq!(catalog.list(one.id, "Beta").unwrap().unwrap(), beta);
    assert!(catalog.list(one.id, "beta").unwrap().is_none());
    let erased = |listed: &Listed| *listed == handle("ann") || *listed == user(4);
    assert_eq!(catalog.erase_listed(one.id, &erased).unwrap(), 1);
    assert_eq!(catalog.erase_listed(one.id, &erased).unwrap(), 0);
    assert_eq!(catalog.list(one.id, "Beta").unwrap().unwrap(), [handle("ben")]);
    assert_eq!(sizes(one.id)[0], ("Beta".to_owned(), 1, 7));
    assert_eq!(sizes(two.id), [("Beta".to_owned(), 3, 8)]);
    assert!(catalog.delete_list(one.id, "Old").unwrap());
    assert!(!catalog.delete_list(one.id, "Old").unwrap());
    assert!(catalog.put_list(ProjectId::new(99).unwrap(), "Beta", &beta, TimeMs(1)).is_err());
}

#[test]
fn after_an_erasure_no_file_of_the_catalog_holds_who_was_listed() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
    let project = catalog.create_project(shop("ck_1")).unwrap().id;
    let people = |from: u64| (from..from + 5_000).map(|at| Listed::Handle(format!("canary{at}@example.com")));
    let holds = || {
        let files = std::fs::read_dir(dir.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.flat_map(|bytes| bytes.windows(6).map(<[u8]>::to_vec).collect::<Vec<_>>()).any(|at| at == b"canary")
    };
    catalog.put_list(project, "Replaced", &people(0).collect::<Vec<_>>(), TimeMs(1)).unwrap();
    catalog.put_list(project, "Replaced", &people(3_000).collect::<Vec<_>>(), TimeMs(1)).unwrap();
    catalog.put_list(project, "Deleted", &people(0).collect::<Vec<_>>(), TimeMs(1)).unwrap();
    catalog.delete_list(project, "Deleted").unwrap();
    assert!(holds());
    catalog.erase_listed(project, &|_| true).unwrap();
    assert!(!holds());
    assert_eq!(catalog.list(project, "Replaced").unwrap().unwrap(), []);
}

#[test]
fn a_write_key_belongs_to_one_project_and_a_definition_to_an_existing_one() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
    catalog.create_project(shop("ck_1")).unwrap();
    assert!(catalog.create_project(shop("ck_1")).is_err());
    assert!(catalog.put_definition(ProjectId::new(99).unwrap(), &clicks(1)).is_err());
}

#[test]
fn a_file_that_is_no_database_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("catalog.db");
    std::fs::write(&file, "not a database, but long enough to have a header".repeat(100)).unwrap();
    let error = SqliteCatalog::open(&file).err().unwrap();
    assert!(matches!(error, CatalogError::Damage { .. }), "{error}");
    assert!(error.to_string().contains("restore it from a backup"));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("catalog.db");
    drop(SqliteCatalog::open(&file).unwrap());
    Connection::open(&file).unwrap().execute("insert into schema_version (version) values (99)", []).unwrap();
    let error = SqliteCatalog::open(&file).err().unwrap();
    assert!(matches!(error, CatalogError::Version { found: 99, .. }), "{error}");
}

#[test]
fn a_replica_takes_no_changes_and_is_replaced_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let primary = SqliteCatalog::open(&dir.path().join("primary.db")).unwrap();
    let project = primary.create_project(shop("ck_1")).unwrap();
    let file = dir.path().join("replica.db");
    assert!(matches!(primary.replace(&primary.copy().unwrap()), Err(CatalogError::Foreign(_))));
    let mut replica = SqliteCatalog::open(&file).unwrap();
    replica.be_replica_of("http://primary").unwrap();
    assert_eq!((replica.version().unwrap(), replica.projects().unwrap()), (Some(0), vec![]));
    replica.replace(&primary.copy().unwrap()).unwrap();
    assert_eq!((replica.version().unwrap(), replica.projects().unwrap()), (Some(1), vec![project.clone()]));
    primary.put_definition(project.id, &clicks(6)).unwrap();
    replica.replace(&primary.copy().unwrap()).unwrap();
    assert_eq!(replica.definitions(project.id).unwrap(), vec![clicks(6)]);
    let refused = |error: CatalogError| assert!(matches!(error, CatalogError::Replica { .. }), "{error}");
    refused(replica.create_project(shop("ck_2")).unwrap_err());
    refused(replica.delete_definition(project.id, "Clicks").unwrap_err());
    refused(replica.put_setting("token", &[1]).unwrap_err());
    for nonsense in [&b"hello"[..], &[], &primary.copy().unwrap()[..3_000]] {
        assert!(replica.replace(nonsense).is_err());
    }
    assert_eq!(replica.version().unwrap(), Some(2));
    drop(replica);
    let kept = SqliteCatalog::open(&file).unwrap();
    assert_eq!((kept.projects().unwrap(), kept.definitions(project.id).unwrap()), (vec![project], vec![clicks(6)]));
}
