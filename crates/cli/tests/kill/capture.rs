//! Kills of `cairn serve` while clients send events.

use std::{
    collections::HashMap,
    fs,
    sync::atomic::Ordering::SeqCst,
    thread,
    time::{Duration, Instant},
};

use cairn_testkit::postgres::Cluster;

use crate::{
    cairn::{self, Folder, Server},
    chance,
    client::{self, Shared},
    done, folder,
    found::{self, Key},
    kills, progress,
};

const CLIENTS: u64 = 12;
/// Of one folder; then everything is compared, and the next begins.
const KILLS_PER_FOLDER: usize = 20;
/// Enough for several parts and segments.
const EVENTS_MIN: u64 = 8_000;
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(60);
/// Longer than the log takes to drop a segment that is no longer needed.
const SETTLE: Duration = Duration::from_millis(1_500);

#[test]
fn what_a_killed_server_acknowledged_is_there_once() {
    let dir = folder("capture");
    let mut killer = Killer { killed: 0, of: kills() };
    while killer.killed < killer.of {
        let folder = Folder(dir.join(format!("data-{}", killer.killed)), Vec::new());
        let sent = capture_under_kills(&mut killer, &folder);
        folder.check_files();
        assert_eq!(found::events(&folder, &dir.join("out.jsonl")), sent);
        assert_eq!(folder.count(), sent.len() as u64);
        fs::remove_dir_all(&folder.0).unwrap();
    }
    done(dir);
}

#[test]
fn what_a_killed_server_on_a_database_acknowledged_is_there_once() {
    let (dir, cluster) = (folder("capture-postgres"), Cluster::start());
    let mut killer = Killer { killed: 0, of: kills() };
    while killer.killed < killer.of {
        let name = format!("data_{}", killer.killed);
        cluster.create_database(&name);
        let folder = Folder(dir.join(&name), vec![("CAIRN_STORE", cluster.url(&name))]);
        let sent = capture_under_kills(&mut killer, &folder);
        folder.check_log();
        assert_eq!(found::events(&folder, &dir.join("out.jsonl")), sent);
        assert_eq!(folder.count(), sent.len() as u64);
        fs::remove_dir_all(&folder.0).unwrap();
    }
    done(dir);
}

/// Returns all that was sent: in the end, every event was acknowledged.
fn capture_under_kills(killer: &mut Killer, folder: &Folder) -> HashMap<Key, i64> {
    let shared = Shared::default();
    thread::scope(|scope| {
        let shared = &shared;
        let _give_up = GiveUp(shared);
        let server = start(folder, &[], shared);
        let clients: Vec<_> = (1..=CLIENTS).map(|number| scope.spawn(move || client::run(number, shared))).collect();
        let server = killer.kill_and_restart(server, folder, shared);
        while shared.acknowledged.load(SeqCst) < EVENTS_MIN && !clients.iter().any(|client| client.is_finished()) {
            thread::sleep(Duration::from_millis(20));
        }
        shared.stop.store(true, SeqCst);
        let sent: HashMap<Key, i64> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        let twice = check_ledger(&server, folder, sent.len() as u64);
        let again = shared.again.load(SeqCst);
        let count = sent.len();
        eprintln!("capture: {count} events acknowledged, {again} requests sent again, {twice} events arrived twice");
        thread::sleep(SETTLE);
        server.kill();
        sent
    })
}

/// Ends the clients when the test fails: nobody will answer them any more.
pub(crate) struct GiveUp<'s>(pub(crate) &'s Shared);

impl Drop for GiveUp<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.given_up.store(true, SeqCst);
        }
    }
}

/// Starts a server, given these words too, and tells the clients of it.
pub(crate) fn start(folder: &Folder, words: &[&str], shared: &Shared) -> Server {
    let server = Server::ready(cairn::start(folder, words), folder);
    let projects = server.get(folder, "/api/projects");
    let key = projects["projects"][0]["write_key"].as_str().unwrap();
    *shared.url.lock().unwrap() = format!("{}/ingest/{key}", server.url);
    server
}

struct Killer {
    killed: usize,
    of: usize,
}

impl Killer {
    fn kill_and_restart(&mut self, mut server: Server, folder: &Folder, shared: &Shared) -> Server {
        let until = self.of.min(self.killed + KILLS_PER_FOLDER);
        while self.killed < until {
            thread::sleep(match chance::below(3) {
                0 => chance::moment(Duration::from_millis(50)),
                1 => chance::moment(Duration::from_millis(400)),
                // Long enough for segments to be dropped.
                _ => chance::moment(Duration::from_millis(2_000)),
            });
            let promised = shared.acknowledged.load(SeqCst);
            server.kill();
            self.count();
            // Recovery is killed too.
            while self.killed < until && chance::below(4) == 0 {
                let mut starting = cairn::start(folder, &[]);
                thread::sleep(chance::moment(Duration::from_millis(150)));
                cairn::kill(&mut starting);
                self.count();
            }
            server = start(folder, &[], shared);
            wait_stored(&server, folder, promised, CATCH_UP_TIMEOUT);
        }
        server
    }

    fn count(&mut self) {
        self.killed += 1;
        progress("capture", self.killed, self.of);
    }
}

/// Waits until the answers hold at least what was acknowledged before the kill.
pub(crate) fn wait_stored(server: &Server, folder: &Folder, promised: u64, patience: Duration) {
    let until = Instant::now() + patience;
    loop {
        let ledger = server.get(folder, "/api/projects/1/ledger");
        if ledger["stored"].as_u64().unwrap() >= promised {
            return;
        }
        assert!(
            Instant::now() < until,
            "{promised} events were acknowledged before the kill; the ledger says {ledger}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// Every event was acknowledged once in the end; returns how many arrived more than once.
pub(crate) fn check_ledger(server: &Server, folder: &Folder, sent: u64) -> u64 {
    wait_stored(server, folder, sent, CATCH_UP_TIMEOUT);
    let ledger = server.get(folder, "/api/projects/1/ledger");
    let of = |name: &str| ledger[name].as_u64().unwrap();
    assert_eq!(of("stored"), sent, "{ledger}");
    assert_eq!(of("accepted"), sent + of("duplicate"), "{ledger}");
    assert_eq!(of("quarantined") + of("erased") + of("expired"), 0, "{ledger}");
    of("duplicate")
}
