//! A backup that is made while everything goes on, and what comes of one that is damaged.

use std::{
    fs,
    io::Cursor,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use cairn_model::{BatchWriter, Event, EventKind, Message, ProjectId, Value};
use cairn_server::{BackupError, BackupHead, Engine, EngineOptions, ServerOptions, inspect_backup, restore_backup};
use serde_json::json;

use crate::{
    client::request,
    setup::{NOW, Server, body, engine, pageview},
};

/// Tails of so few rows that parts are written and merged all the time.
fn busy() -> EngineOptions {
    let mut options = EngineOptions::default();
    options.store.tail_rows = 100;
    options.log.segment_bytes = 16 << 10;
    options
}

fn append(engine: &Engine, project: ProjectId, ids: std::ops::Range<u64>) {
    let mut batch = BatchWriter::new(project);
    for id in ids {
        let mut event = Event::new(1 + id % 7, id, NOW - 1_000, EventKind::Pageview);
        event.properties.set("path", Value::from(format!("/{}", id % 50)));
        batch.push(&Message::Event(event));
    }
    engine.append(project, batch).unwrap().wait().unwrap();
}

fn restored(archive: &[u8], dir: &Path) -> (Engine, BackupHead) {
    let head = restore_backup(Cursor::new(archive), dir, None).unwrap();
    let (engine, _) = engine(dir, EngineOptions::default());
    assert!(engine.wait_caught_up(Duration::from_secs(30)));
    (engine, head)
}

#[test]
fn a_backup_has_all_that_was_acknowledged_before_it_while_capture_and_merging_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, _) = engine(&dir.path().join("data"), busy());
    let engine = Arc::new(engine);
    let project = engine.registry().create_project("Shop", "UTC", engine.now()).unwrap().id;
    let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(1)));
    let writer = {
        let (engine, stop, sent) = (Arc::clone(&engine), Arc::clone(&stop), Arc::clone(&sent));
        std::thread::spawn(move || {
            while !stop.load(SeqCst) {
                let from = sent.load(SeqCst);
                append(&engine, project, from..from + 20);
                sent.store(from + 20, SeqCst);
            }
        })
    };
    let mut archives = Vec::new();
    for _ in 0..12 {
        std::thread::sleep(Duration::from_millis(60));
        let acknowledged = sent.load(SeqCst) - 1;
        let mut archive = Vec::new();
        let head = engine.backup(&mut archive).unwrap();
        assert_eq!(inspect_backup(Cursor::new(&archive)).unwrap(), head);
        archives.push((acknowledged, archive));
    }
    stop.store(true, SeqCst);
    writer.join().unwrap();
    let last = archives.len() - 1;
    for (number, (acknowledged, archive)) in archives.into_iter().enumerate() {
        let (copy, head) = restored(&archive, &dir.path().join(number.to_string()));
        assert_eq!(copy.store().positions(), head.positions);
        let ledger = copy.store().ledger(project).unwrap();
        assert!(ledger.stored >= acknowledged && ledger.duplicate == 0, "{ledger:?} of {acknowledged}");
        // 20 events a record: the positions say what must be there, to the last one.
        assert_eq!(ledger.stored, head.positions[0].offset * 20);
        let (other, _) = engine_of(&dir.path().join(format!("{number}-again")));
        let again = other.registry().create_project("Shop", "UTC", other.now()).unwrap().id;
        (0..head.positions[0].offset).for_each(|record| append(&other, again, 1 + record * 20..21 + record * 20));
        assert!(other.wait_caught_up(Duration::from_secs(30)));
        assert_eq!(hash_of(&copy, project), hash_of(&other, again), "backup {number}");
        if number == last {
            // Life goes on from there.
            append(&copy, project, 1..21);
            append(&copy, project, 1_000_000..1_000_020);
            assert!(copy.wait_caught_up(Duration::from_secs(30)));
            let after = copy.store().ledger(project).unwrap();
            assert_eq!((after.stored, after.duplicate), (ledger.stored + 20, 20));
        }
    }
}

fn engine_of(dir: &Path) -> (Engine, Arc<std::sync::atomic::AtomicI64>) {
    engine(dir, busy())
}

/// `received_at` is the only thing that two runs may differ in; here the clock stands.
fn hash_of(engine: &Engine, project: ProjectId) -> cairn_model::StateHash {
    engine.store().state_hash(project).unwrap()
}

#[test]
fn through_the_server_with_projects_keys_and_definitions() {
    let server = Server::start();
    assert_eq!(server.ingest(body(&[pageview(1, 1), pageview(2, 2)])).status, 200);
    assert_eq!(server.api("PUT", "definitions/Views", &json!({"predicate": {"type": "pageview"}})).status, 200);
    server.settle();
    server.engine.flush().unwrap();
    assert_eq!(server.ingest(body(&[pageview(3, 3)])).status, 200);
    assert_eq!(request(server.address, "GET", "/api/backup", &[], b"").status, 401);
    let archive = server.api("GET", "/api/backup", &json!(null));
    assert_eq!((archive.status, archive.header("content-type")), (200, Some("application/octet-stream")));
    server.settle();
    let asked = ["events", "definitions", "/api/projects"];
    let before = asked.map(|path| server.get(path));
    let dir = tempfile::tempdir().unwrap();
    restore_backup(Cursor::new(&archive.body), dir.path(), None).unwrap();
    let (engine, clock) = engine(dir.path(), EngineOptions::default());
    // The token goes on to work.
    assert_eq!(engine.ensure_token().unwrap(), None);
    let copy = Server::on(engine, clock, ServerOptions::default());
    copy.settle();
    assert_eq!(asked.map(|path| copy.get(path)), before);
    assert_eq!(copy.ingest(body(&[pageview(1, 1)])).status, 200);
    copy.settle();
    assert_eq!(copy.get("ledger")["duplicate"], 1);
}

/// An engine whose first events are in a part.
fn flushed(dir: &Path) -> (Engine, ProjectId) {
    let (engine, _) = engine(dir, EngineOptions::default());
    let project = engine.registry().create_project("Shop", "UTC", engine.now()).unwrap().id;
    append(&engine, project, 1..40);
    assert!(engine.wait_caught_up(Duration::from_secs(10)));
    engine.flush().unwrap();
    (engine, project)
}

/// An archive with files, log records and a catalog.
fn small_archive() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let (engine, project) = flushed(dir.path());
    append(&engine, project, 40..50);
    let mut archive = Vec::new();
    engine.backup(&mut archive).unwrap();
    archive
}

#[test]
fn any_byte_that_is_not_what_was_written_is_found() {
    let archive = small_archive();
    assert!(inspect_backup(Cursor::new(&archive)).is_ok());
    let mut damaged = archive.clone();
    for at in 0..archive.len() {
        damaged[at] ^= 1 << (at % 8);
        let found = inspect_backup(Cursor::new(&damaged));
        assert!(matches!(found, Err(BackupError::Damage { .. })), "byte {at}: {found:?}");
        damaged[at] = archive[at];
    }
}

#[test]
fn an_archive_that_is_cut_off_or_goes_on_is_found() {
    let archive = small_archive();
    for end in 0..archive.len() {
        let found = inspect_backup(Cursor::new(&archive[..end]));
        assert!(matches!(found, Err(BackupError::Damage { .. })), "cut at {end}: {found:?}");
    }
    let longer = [&archive[..], b"\0"].concat();
    assert!(inspect_backup(Cursor::new(&longer)).is_err());
}

#[test]
fn a_damaged_archive_leaves_nothing_and_a_used_folder_is_left_alone() {
    let archive = small_archive();
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for sample in 0..60 {
        let at = archive.len() * sample / 60;
        let mut damaged = archive.clone();
        damaged[at] ^= 0x10;
        let error = restore_backup(Cursor::new(&damaged), &data, None).err().unwrap().to_string();
        assert!(error.contains("at byte"), "{error}");
        restore_backup(Cursor::new(&archive[..at]), &data, None).err().unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "byte {at}");
    }
    restore_backup(Cursor::new(&archive), &data, None).unwrap();
    let error = restore_backup(Cursor::new(&archive), &data, None).err().unwrap();
    assert!(matches!(error, BackupError::NotEmpty { .. }), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_damaged_store_is_not_backed_up() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, _) = flushed(dir.path());
    let parts = dir.path().join("store/parts");
    let part = fs::read_dir(&parts).unwrap().map(|entry| entry.unwrap().path());
    let part = part.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "part")).unwrap();
    let mut bytes = fs::read(&part).unwrap();
    bytes[64] ^= 1;
    // A new file under the old name: what is mapped stays as it is.
    fs::remove_file(&part).unwrap();
    fs::write(&part, bytes).unwrap();
    let error = engine.backup(&mut Vec::new()).err().unwrap().to_string();
    assert!(error.contains(part.file_name().unwrap().to_str().unwrap()), "{error}");
}

#[test]
fn a_reader_that_goes_away_ends_the_backup_and_lets_files_go() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let (engine, _) = engine(dir.path(), busy());
    let project = engine.registry().create_project("Shop", "UTC", engine.now()).unwrap().id;
    (0..10).for_each(|round| append(&engine, project, 1 + round * 50..51 + round * 50));
    assert!(engine.wait_caught_up(Duration::from_secs(10)));
    for room in [0, 100, 5_000, 30_000] {
        assert!(matches!(engine.backup(&mut Full(room)), Err(BackupError::Write(_))));
    }
    engine.settle().unwrap();
    let parts = fs::read_dir(dir.path().join("store/parts")).unwrap();
    assert_eq!(parts.count(), 3, "one part, one file of users, one of symbols");
}
