//! Servers and writers on one topic and one database, while something goes wrong with all of them.
//!
//! `CAIRN_ROUNDS` says how often (default 4; `make soak`: 100).

use std::{
    collections::HashMap,
    env, fs,
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use cairn_model::{ProjectId, StateHash};
use cairn_postgres::PostgresOptions;
use cairn_server::{Engine, EngineOptions};
use cairn_testkit::{kafka::Kafka, postgres::Cluster};

use crate::{
    cairn::{self, Folder, Server},
    capture::{GiveUp, check_ledger, start, wait_stored},
    chance,
    client::{self, Shared},
    done, folder,
    found::{self, Key},
};

const CLIENTS: u64 = 6;
const BROKERS: u64 = 3;
const SIGTERM: i32 = 15;
/// More than anything takes to come back.
const PATIENCE: Duration = Duration::from_secs(180);
/// Something is acknowledged again before the next thing goes wrong.
const MORE: u64 = 200;

/// What goes wrong, in words, and how.
type Trouble = (&'static str, fn(&mut Site));

const TROUBLES: [Trouble; 7] = [
    ("a writer is killed", Site::kill_writer),
    ("the server that takes events in is killed", Site::kill_front),
    ("a broker is killed", Site::kill_broker),
    ("a broker hands over its partitions and stops", Site::stop_broker),
    ("a broker hangs, and others lead", Site::hang_broker),
    ("connections are cut", Site::cut_connections),
    ("a writer comes and goes", Site::rebalance),
];

fn rounds() -> usize {
    env::var("CAIRN_ROUNDS").map_or(4, |rounds| rounds.parse().expect("CAIRN_ROUNDS is a number"))
}

struct Site {
    kafka: Kafka,
    cluster: Cluster,
    folder: Folder,
    shared: Arc<Shared>,
    front: Option<Server>,
    writers: Vec<Child>,
}

#[test]
fn whatever_happens_to_brokers_servers_and_writers_every_event_is_there_once() {
    let (dir, kafka, cluster) = (folder("kafka"), Kafka::start(BROKERS as usize), Cluster::start());
    let (store, log) = (cluster.url("cairn"), kafka.url("soak"));
    let environment = vec![("CAIRN_STORE", store.clone()), ("CAIRN_LOG", log.clone())];
    let folder = Folder(dir.join("front"), environment);
    let mut site = Site { kafka, cluster, folder, shared: Arc::default(), front: None, writers: Vec::new() };
    let sent = site.under_load(rounds());
    assert_eq!(found::events(&site.folder, &dir.join("out.jsonl")), sent);
    assert_eq!(site.folder.count(), sent.len() as u64);
    // The same records, applied by one who is left in peace.
    let found = Engine::ask_postgres(PostgresOptions::new(&store), EngineOptions::default()).unwrap();
    let undisturbed =
        Engine::open_on_kafka(&dir.join("undisturbed"), &log.parse().unwrap(), EngineOptions::default()).unwrap();
    assert!(undisturbed.wait_caught_up(PATIENCE));
    let hash = |engine: &Engine| -> StateHash { engine.store().state_hash(ProjectId::new(1).unwrap()).unwrap() };
    assert_eq!(hash(&found), hash(&undisturbed));
    drop((found, undisturbed));
    done(dir);
}

impl Site {
    /// Returns all that was sent: in the end, every event was acknowledged.
    fn under_load(&mut self, rounds: usize) -> HashMap<Key, i64> {
        let shared = Arc::clone(&self.shared);
        self.start_front();
        self.writers = vec![self.writer(), self.writer()];
        thread::scope(|scope| {
            let shared = &*shared;
            let _give_up = GiveUp(shared);
            let clients: Vec<_> =
                (1..=CLIENTS).map(|number| scope.spawn(move || client::run(number, shared))).collect();
            for round in 1..=rounds {
                self.wait_for_more();
                // Each in turn, and in another order each time.
                let (what, happen) = TROUBLES[(round + chance::below(2) as usize) % TROUBLES.len()];
                eprintln!("round {round} of {rounds}: {what}");
                happen(self);
            }
            self.wait_for_more();
            shared.stop.store(true, SeqCst);
            let sent: HashMap<Key, i64> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
            let Some(front) = &self.front else { panic!("nobody answers") };
            wait_stored(front, &self.folder, sent.len() as u64, PATIENCE);
            let twice = check_ledger(front, &self.folder, sent.len() as u64);
            let again = shared.again.load(SeqCst);
            eprintln!(
                "kafka: {} events acknowledged, {again} requests sent again, {twice} events arrived twice",
                sent.len()
            );
            sent
        })
    }

    fn start_front(&mut self) {
        self.front = Some(start(&self.folder, &["--no-ingest"], &self.shared));
    }

    fn writer(&self) -> Child {
        let errors = fs::File::options().create(true).append(true).open(self.folder.errors()).unwrap();
        // It needs no folder.
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        command.arg("ingest").envs(self.folder.1.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors).spawn().unwrap()
    }

    fn wait_for_more(&self) {
        let (before, until) = (self.shared.acknowledged.load(SeqCst), Instant::now() + PATIENCE);
        while self.shared.acknowledged.load(SeqCst) < before + MORE {
            assert!(Instant::now() < until, "nothing is acknowledged any more");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn kill_writer(&mut self) {
        let at = chance::below(self.writers.len() as u64) as usize;
        cairn::kill(&mut self.writers[at]);
        // Its start is killed, too.
        while chance::below(3) == 0 {
            let mut starting = self.writer();
            thread::sleep(chance::moment(Duration::from_millis(800)));
            cairn::kill(&mut starting);
        }
        self.writers[at] = self.writer();
    }

    fn kill_front(&mut self) {
        let promised = self.shared.acknowledged.load(SeqCst);
        self.front.take().into_iter().for_each(Server::kill);
        self.start_front();
        let Some(front) = &self.front else { return };
        wait_stored(front, &self.folder, promised, PATIENCE);
    }

    fn kill_broker(&mut self) {
        let broker = chance::below(BROKERS) as usize;
        self.kafka.kill(broker);
        thread::sleep(chance::moment(Duration::from_secs(4)));
        self.kafka.restart(broker);
    }

    fn stop_broker(&mut self) {
        let broker = chance::below(BROKERS) as usize;
        self.kafka.stop(broker);
        self.kafka.restart(broker);
    }

    fn hang_broker(&mut self) {
        let Some(pid) = self.kafka.pid(chance::below(BROKERS) as usize) else { panic!("a broker is away") };
        let signal = |name: &str| {
            let sent = Command::new("kill").args([name, &pid.to_string()]).status().unwrap();
            assert!(sent.success(), "{name} {pid}");
        };
        signal("-STOP");
        // Longer than others wait for it, or shorter.
        thread::sleep(chance::moment(Duration::from_secs(8)));
        signal("-CONT");
    }

    /// Of whoever is connected to a broker or to the database.
    fn cut_connections(&mut self) {
        for _ in 0..1 + chance::below(3) {
            let places = [self.kafka.url("soak"), self.cluster.url("cairn")].join(",");
            for port in places.split(':').filter_map(|rest| rest.split(['/', ',']).next()?.parse::<u16>().ok()) {
                let mut command = Command::new("ss");
                command.args(["-K", "-t", "dst", "127.0.0.1", "dport", "=", &format!(":{port}")]);
                let cut = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
                // Not every system lets it; the database ends sessions in any case.
                if !cut.is_ok_and(|status| status.success()) {
                    eprintln!("ss cannot cut connections to port {port} here");
                }
            }
            let sessions = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = 'cairn' and pid <> pg_backend_pid()";
            self.cluster.psql(&self.cluster.admin_url("cairn"), sessions);
            thread::sleep(chance::moment(Duration::from_millis(500)));
        }
    }

    fn rebalance(&mut self) {
        let mut third = self.writer();
        thread::sleep(chance::moment(Duration::from_secs(5)));
        if chance::below(2) == 0 {
            cairn::kill(&mut third);
            return;
        }
        let asked = Command::new("kill").arg(third.id().to_string()).status().unwrap();
        let ended = third.wait().unwrap();
        // One that has only begun knows nothing of signals yet.
        let is_well = ended.success() || ended.signal() == Some(SIGTERM);
        assert!(asked.success() && is_well, "a writer that was asked to end: {ended}");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.front.take().into_iter().for_each(Server::kill);
        for writer in &mut self.writers {
            let _ = writer.kill();
            let _ = writer.wait();
        }
    }
}
