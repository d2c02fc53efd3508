//! `--store`: data in a PostgreSQL database.

use std::{thread, time::Duration};

use cairn_analysis::catalog::{Catalog, ProjectSettings, Tile};
use cairn_model::{ProjectId, TimeMs};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_server::{Engine, EngineOptions};
use cairn_store::SqliteCatalog;
use cairn_testkit::postgres::Cluster;
use serde_json::{Value, json};

use crate::support::Site;

const ROWS: &str =
    "user_id,event_id,time,type,path\n1,1,2026-08-01T12:00:00Z,pageview,/\n2,2,2026-08-01T12:00:01Z,pageview,/cart\n";
const VIEWS: &str = r#"{"type": "pageview"}"#;

#[test]
fn all_commands_work_on_a_database() {
    let (cluster, site) = (Cluster::fast(), Site::new());
    let url = cluster.url("cairn");
    let on = |args: &[&str]| site.ok(&[args, &["--store", &url]].concat());
    on(&["project", "add", "Shop", "--zone", "UTC"]);
    on(&["define", "View", VIEWS]);
    assert!(on(&["define", "--list"]).contains("View"));
    on(&["list", "add", "Beta", &site.file("beta.csv", "user_id\n2\n")]);
    assert!(on(&["project", "list"]).contains("Shop"));
    assert!(!site.data().exists(), "who asks needs no folder");

    let rows = site.file("rows.csv", ROWS);
    assert!(on(&["import", "events", &rows]).contains("Imported 2 events"));
    let again = on(&["import", "events", &rows]);
    assert!(again.contains("2 of them were there already"), "{again}");
    assert_eq!(site.count("View", &["--store", &url]), 2);
    let listed = ["--store", &url, "--segment", r#"{"list": "Beta"}"#];
    assert_eq!(site.count("View", &listed), 1);
    let out = site.path("out.jsonl");
    on(&["export", "events", "--out", out.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 2);
    // Nothing of it stays in the log.
    assert!(
        !std::fs::read_dir(site.data().join("log"))
            .unwrap()
            .any(|file| { std::fs::read(file.unwrap().path()).unwrap().windows(5).any(|bytes| bytes == b"/cart") })
    );

    let explained = on(&["query", "graph", "View", "--explain"]);
    assert!(explained.contains("from cairn.events") && explained.contains("actual time="), "{explained}");

    let erased = on(&["erase", "--user", "2", "--purge"]);
    assert!(erased.contains("1 events") && erased.contains("No file holds it any more"), "{erased}");
    assert!(on(&["expire", "--before", "2026-08-02"]).contains("1 so far"));
    on(&["purge"]);
    assert_eq!(site.count("View", &["--store", &url]), 0);
}

#[test]
fn two_servers_share_a_database() {
    let (cluster, sites) = (Cluster::fast(), [Site::new(), Site::new()]);
    let url = cluster.url("cairn");
    let mut servers = sites.each_ref().map(|site| site.serve_with(&[("CAIRN_STORE", &url)]));
    let key = cluster.psql(&url, "select write_key from cairn.projects");
    for (number, server) in servers.iter().enumerate() {
        let event = format!(
            r#"{{"messages": [{{"type": "click", "user_id": "7", "event_id": "{}", "time": 1785000000000, "properties": {{}}}}]}}"#,
            number + 1
        );
        let sent = ureq::post(format!("{}/ingest/{key}", server.url)).send(event.as_bytes()).unwrap();
        assert_eq!(sent.status(), 200);
    }
    let stored = || cluster.psql(&url, "select count(*) from cairn.events");
    for _ in 0..100 {
        if stored() == "2" {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(stored(), "2");
    // Only the first could write the token down.
    let tokens = sites.iter().filter(|site| site.data().join("token").exists()).count();
    assert_eq!(tokens, 1);
    // Who writes while a server has the folder asks the server; who asks, the database.
    let said = sites[0].run(&["import", "events", &sites[0].file("rows.csv", ROWS), "--store", &url]);
    assert!(said.success && said.err.contains(&servers[0].url), "{}{}", said.out, said.err);
    assert_eq!(sites[1].count(VIEWS, &["--store", &url]), 2);
    assert!(servers.iter_mut().all(|server| server.stop()));
}

#[test]
fn what_is_wrong_with_a_database_is_said_with_what_to_do() {
    let (cluster, site) = (Cluster::fast(), Site::new());
    let fails = |url: &str| {
        let error = site.fails(&["serve", "--listen", "127.0.0.1:0", "--store", url]);
        assert_eq!(error.trim_end().lines().count(), 1, "{error}");
        error
    };
    let has = |error: String, words: &[&str]| assert!(words.iter().all(|word| error.contains(word)), "{error}");
    has(fails(&cluster.url("nowhere")), &["no database \"nowhere\"", "createdb"]);
    has(fails("postgres://cairn@127.0.0.1:1/cairn"), &["127.0.0.1:1", "refused", "does PostgreSQL run there"]);
    has(fails("mysql:nonsense"), &["cannot be read", "postgres://"]);
    has(fails("postgres:///cairn"), &["names no host"]);
    has(fails(&cluster.url("cairn").replace("cairn@", "nobody@")), &["\"nobody\"", "pg_hba.conf"]);
    has(fails(&cluster.url("postgres")), &["create schema cairn authorization cairn"]);
    // As advised.
    cluster.psql(&cluster.admin_url("postgres"), "create schema cairn authorization cairn");
    site.ok(&["project", "list", "--store", &cluster.url("postgres")]);

    let url = cluster.url("cairn");
    has(site.fails(&["backup", "--out", "x", "--store", &url]), &["pg_dump"]);
    has(site.fails(&["restore", "--from", "x", "--store", &url]), &["pg_restore"]);
    has(site.fails(&["project", "list", "--store", &url, "--url", "http://127.0.0.1:1"]), &["leave one of them out"]);
    let embedded = Site::with_project();
    has(embedded.fails(&["serve", "--listen", "127.0.0.1:0", "--store", &url]), &["another folder", "--data"]);
    assert!(site.ok(&["serve", "--help"]).contains("--store"));
}

#[test]
fn a_project_is_copied_into_a_database_once_and_found_to_be_the_same() {
    let (cluster, site) = (Cluster::fast(), Site::with_project());
    let url = cluster.url("cairn");
    let mut rows = String::from("user_id,event_id,time,type,path,amount\n");
    for at in 0..7_000 {
        rows += &format!(
            "{},{at},2026-08-0{}T12:00:00.{:03}Z,pageview,/p{},{}.5\n",
            1 + at % 90,
            1 + at % 7,
            at % 1000,
            at % 11,
            at % 13
        );
    }
    site.ok(&["import", "events", &site.file("rows.csv", &rows)]);
    let users = "user_id,handle,plan\n1,ann@example.com,pro\n2,ann@example.com,\n3,bo@example.com,free\n";
    site.ok(&["import", "users", &site.file("users.csv", users)]);
    site.ok(&["define", "View", VIEWS]);
    site.ok(&["list", "add", "Beta", &site.file("beta.csv", "user_id\n2\n")]);
    site.ok(&["erase", "--user", "5"]);
    let to = ["copy", "--to", &url];
    let said = site.ok(&to);
    assert!(
        said.contains(
            "events, 2 definitions, lists, reports and dashboards that were not there; both sides have the state"
        ),
        "{said}"
    );
    let again = site.ok(&to);
    assert!(again.contains(" 0 definitions, lists"), "{again}");
    let ask = |more: &[&str]| {
        let query = [
            "query",
            "graph",
            "View",
            "--from",
            "2026-08-01",
            "--to",
            "2026-08-09",
            "--by",
            "day",
            "--group-by",
            "user.plan",
        ];
        site.ok(&[&query, more].concat())
    };
    assert_eq!(ask(&["--format", "csv"]), ask(&["--format", "csv", "--store", &url]));
    assert_eq!(cluster.psql(&url, "select sum(duplicate) from cairn.ledger"), "0");
    // What comes later is copied, too, and told from what was there.
    site.ok(&[
        "import",
        "events",
        &site.file("more.csv", "user_id,event_id,time,type\n1,9000,2026-08-01T12:00:00Z,click\n"),
    ]);
    site.ok(&to);
    assert_eq!(
        cluster.psql(&url, "select sum(stored) from cairn.ledger"),
        cluster.psql(&url, "select count(*) from cairn.events")
    );
    assert!(site.fails(&["copy", "--to", "postgres://cairn@127.0.0.1:1/cairn"]).contains("cannot be reached"));
    assert!(site.fails(&["copy", "--from", "nowhere", "--to", &url]).contains("there is no data at nowhere"));
}

#[test]
fn what_people_saved_and_set_is_copied_with_a_project() {
    let (cluster, site) = (Cluster::fast(), Site::with_project());
    let url = cluster.url("cairn");
    site.ok(&["define", "View", r#"{"type": "click"}"#]);
    site.ok(&["define", "View", VIEWS]);
    let engine = Engine::open(&site.data(), EngineOptions::default()).unwrap();
    let (registry, project) = (engine.registry(), engine.registry().projects()[0].id);
    let masks = vec![".name".to_owned(), "#account".to_owned()];
    let settings = ProjectSettings { name: "Shop", zone: "Europe/Rome", retention_days: Some(3_650), masks: &masks };
    registry.change_project(project, settings).unwrap();
    let first = registry.replace_key(project, TimeMs(5)).unwrap().former_keys[0].key.clone();
    registry.replace_key(project, TimeMs(6)).unwrap();
    let state = json!({"event": "View", "where": r#"{"property":"path","is":"/ü"}"#, "top": 3});
    let report = registry.add_report(project, ("Views", "graph"), &json!({}), TimeMs(10)).unwrap().id;
    registry.change_report(project, report, (None, Some(state)), TimeMs(11)).unwrap();
    let other = registry.add_report(project, ("A segment", "segment"), &json!({"n": 1.5}), TimeMs(12)).unwrap().id;
    for (name, tiles) in [("Full", vec![(report, 2), (other, 1), (report, 3)]), ("Broken off", vec![(other, 1)])] {
        let made = registry.add_dashboard(project, name, TimeMs(13)).unwrap().id;
        let tiles = tiles.into_iter().map(|(report, width)| Tile { report, width }).collect();
        registry.change_dashboard(project, made, (None, Some(tiles)), TimeMs(14)).unwrap();
    }
    registry.add_dashboard(project, "Empty", TimeMs(15)).unwrap();
    drop(engine);

    let to = ["copy", "--to", &url];
    let said = site.ok(&to);
    assert!(said.contains(" 6 definitions, lists, reports and dashboards"), "{said}");
    let before = saved_in(&SqliteCatalog::open(&site.data().join("catalog.db")).unwrap(), project);
    let there = || {
        let catalog = PostgresStore::open(&PostgresOptions::new(&url)).unwrap().catalog();
        let project = catalog.projects().unwrap()[0].id;
        saved_in(&catalog, project)
    };
    assert_eq!(there(), before);
    assert_eq!(before["project"]["former_keys"][1]["key"], json!(first));
    assert_eq!(before["dashboards"][2]["tiles"].as_array().unwrap().len(), 3);
    // As if the attempt had broken off.
    cluster.psql(
        &url,
        "delete from cairn.tiles where dashboard = (select id from cairn.dashboards where name = 'Broken off')",
    );
    assert!(site.ok(&to).contains(" 1 definitions, lists, reports and dashboards"));
    assert_eq!(there(), before);
    assert!(site.ok(&to).contains(" 0 definitions, lists, reports and dashboards"));
}

/// All that a project's people have made and set; ids are each catalog's own, so reports go by their names.
fn saved_in(catalog: &dyn Catalog, project: ProjectId) -> Value {
    let of = catalog.projects().unwrap().into_iter().find(|one| one.id == project).unwrap();
    let mut of = serde_json::to_value(of).unwrap();
    of.as_object_mut().unwrap().remove("id");
    let reports = catalog.reports(project).unwrap();
    let name = |tile: &Tile| reports.iter().find(|report| report.id == tile.report).unwrap().name.clone();
    let dashboards = catalog.dashboards(project).unwrap();
    let dashboards = dashboards.iter().map(|one| {
        let tiles: Vec<_> = one.tiles.iter().map(|tile| (name(tile), tile.width)).collect();
        json!({"name": one.name, "tiles": tiles, "created_at": one.created_at, "changed_at": one.changed_at})
    });
    let told = reports.iter().map(|one| {
        json!({"name": one.name, "kind": one.kind, "state": one.state, "created_at": one.created_at, "changed_at": one.changed_at})
    });
    let definitions = catalog.definitions(project).unwrap();
    let versions = definitions.iter().map(|one| catalog.definition_versions(project, &one.name).unwrap());
    json!({
        "project": of, "definitions": definitions, "versions": versions.collect::<Vec<_>>(),
        "reports": told.collect::<Vec<_>>(), "dashboards": dashboards.collect::<Vec<_>>(),
    })
}

#[test]
fn what_a_folder_does_is_not_explained_by_sql() {
    let site = Site::with_project();
    let error = site.fails(&["query", "graph", VIEWS, "--explain"]);
    assert!(error.contains("name it with --store"), "{error}");
}
