//! A tenfold spike over steady load, into PostgreSQL behind Kafka: `make soak` runs it.
#![allow(clippy::print_stdout, reason = "its figures are what it is for")]

use std::{
    io::{BufReader, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use cairn_postgres::PostgresOptions;
use cairn_server::{Engine, EngineOptions, ServerOptions};
use cairn_testkit::{kafka::Kafka, postgres::Cluster};
use serde_json::{Value, json};

use crate::{
    client::{answer, connect},
    postgres::{options, wait_for},
    setup::{NOW, Server, body},
};

/// Events of one visitor in a request.
const BATCH: u64 = 10;
/// Connections that send; each keeps to its own times.
const SENDERS: u64 = 32;
const STEP: Duration = Duration::from_millis(200);

/// What happens, and how many times as much comes then as at rest.
const PHASES: [(&str, u64); 6] =
    [("warming up", 1), ("before", 1), ("spike", 10), ("after", 1), ("spike without a writer", 10), ("draining", 1)];
const WARM_UP_S: u64 = 5;
/// So few records wait where applying keeps up.
const FEW: u64 = 100;

/// What the environment says, or so much.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// An event as pages send them: about 400 bytes of JSON.
fn event(user: u64, id: u64) -> Value {
    let paths = ["/", "/pricing", "/docs", "/checkout", "/account"];
    let names = ["Sign Up", "Add To Cart", "Order"];
    let kind = ["pageview", "pageview", "click", "custom", "change"][(id % 5) as usize];
    let properties = json!({"path": paths[(id / 5 % 5) as usize], "domain": "shop.example.com", "title": "A page of the shop",
        "browser": "Firefox", "os": "Linux", "language": "en-GB", "referrer": "https://search.example.com/",
        "session_id": (user % 1_000).to_string(), "screen_width": 1920, "amount": id % 977});
    let mut event = json!({"type": kind, "user_id": user.to_string(), "event_id": id.to_string(), "time": NOW - 1000,
        "properties": properties});
    if kind == "custom" {
        event["name"] = json!(names[(id / 7 % 3) as usize]);
    }
    event
}

const DEFINITIONS: [&str; 5] = [
    r#"{"all": [{"type": "custom"}, {"property": "name", "is": "Sign Up"}]}"#,
    r#"{"all": [{"type": "custom"}, {"property": "name", "is": "Add To Cart"}]}"#,
    r#"{"all": [{"type": "custom"}, {"property": "name", "is": "Order"}]}"#,
    r#"{"all": [{"type": "pageview"}, {"property": "path", "is": "/pricing"}]}"#,
    r#"{"all": [{"type": "pageview"}, {"property": "path", "is": "/checkout"}]}"#,
];

/// Of each phase, how long answers took.
type Took = [Vec<Duration>; PHASES.len()];

/// Sends requests at their times, whatever the answers take.
struct Load {
    engine: Arc<Engine>,
    address: SocketAddr,
    path: String,
    /// Events a second at rest.
    rate: u64,
    phase: AtomicUsize,
    stop: AtomicBool,
    acknowledged: AtomicU64,
    refused: AtomicU64,
}

impl Load {
    /// One connection's part; how long answers took from when they were due, by phase.
    fn send(&self, sender: u64) -> Took {
        let (mut took, mut stream) = (Took::default(), None);
        let (mut due, mut sent) = (Instant::now(), 0);
        while !self.stop.load(SeqCst) {
            let phase = self.phase.load(SeqCst);
            let rate = self.rate * PHASES[phase].1;
            due += Duration::from_secs_f64((BATCH * SENDERS) as f64 / rate as f64);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // Visitors come and go: one has some batches.
            let user = 1 + sender + SENDERS * (sent / 4);
            let events: Vec<_> = (0..BATCH).map(|n| event(user, 1 + sender + SENDERS * (sent * BATCH + n))).collect();
            sent += 1;
            match self.request(&mut stream, &body(&events)) {
                200 => self.acknowledged.fetch_add(BATCH, SeqCst),
                _ => self.refused.fetch_add(1, SeqCst),
            };
            took[phase].push(due.elapsed());
        }
        took
    }

    fn request(&self, stream: &mut Option<BufReader<TcpStream>>, body: &str) -> u16 {
        let reader = stream.get_or_insert_with(|| {
            let stream = connect(self.address);
            stream.set_nodelay(true).unwrap();
            BufReader::new(stream)
        });
        let head = format!("POST {} HTTP/1.1\r\nhost: cairn\r\ncontent-length: {}\r\n\r\n", self.path, body.len());
        reader.get_mut().write_all((head + body).as_bytes()).unwrap();
        answer(reader).status
    }

    /// Goes on to the next phase; the most records that wait while so many seconds pass.
    fn watch(&self, seconds: u64) -> u64 {
        let phase = self.phase.fetch_add(1, SeqCst) + 1;
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut top = 0;
        while Instant::now() < until {
            thread::sleep(STEP);
            top = top.max(self.engine.behind_records());
        }
        println!("{}: at most {top} records ({} events) wait", PHASES[phase].0, top * BATCH);
        top
    }

    /// Goes on to the next phase, until nothing waits any more.
    fn drain(&self) {
        self.phase.fetch_add(1, SeqCst);
        let (began, waiting, before) = (Instant::now(), self.engine.behind_records(), applied(&self.engine));
        while self.engine.behind_records() > FEW {
            thread::sleep(STEP);
        }
        let (seconds, events) = (began.elapsed().as_secs_f64(), (applied(&self.engine) - before) * BATCH);
        let (waiting, rate, per_s) = (waiting * BATCH, self.rate, events as f64 / seconds);
        println!(
            "{waiting} events drained in {seconds:.1} s: {per_s:.0} events/s were applied while {rate} events/s came"
        );
    }
}

/// Processor time of this process so far, in ticks of a hundredth of a second.
fn processor_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// What a server and a writer take while nothing comes.
fn rest(seconds: u64) {
    let before = processor_ticks();
    thread::sleep(Duration::from_secs(seconds));
    let percent = (processor_ticks() - before) as f64 / seconds as f64;
    println!("at rest: server and writer take {percent:.1} % of a core");
}

/// Records in the database.
fn applied(engine: &Engine) -> u64 {
    engine.store().positions().iter().map(|position| position.offset).sum()
}

fn percentile_ms(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
}

/// A server that applies nothing, or a writer.
fn open(cluster: &Cluster, kafka: &Kafka, ingest: bool) -> Engine {
    let options = EngineOptions { ingest, ..options().0 };
    let address = kafka.url("spike").parse().unwrap();
    Engine::open_shared(None, PostgresOptions::new(cluster.url("cairn")), &address, options).unwrap()
}

fn prepared(cluster: &Cluster, kafka: &Kafka) -> Server {
    let server = Server::on(open(cluster, kafka, false), options().1, ServerOptions::default());
    for (number, predicate) in DEFINITIONS.iter().enumerate() {
        let predicate: Value = serde_json::from_str(predicate).unwrap();
        let path = format!("definitions/Definition%20{number}");
        assert_eq!(server.api("PUT", &path, &json!({"predicate": predicate})).status, 200);
    }
    let valid = || {
        let all = server.get("indexes");
        let valid = all["indexes"].as_array().unwrap().iter().filter(|index| index["state"] == "valid").count();
        valid == DEFINITIONS.len()
    };
    wait_for("the definitions' indexes", valid);
    server
}

#[test]
#[ignore = "it takes minutes: `make soak` runs it"]
fn a_spike_waits_in_kafka() {
    let seconds = |name, default| setting(&format!("CAIRN_SPIKE_{name}_S"), default);
    let (cluster, kafka) = (Cluster::start(), Kafka::start(1));
    let (server, writer) = (prepared(&cluster, &kafka), open(&cluster, &kafka, true));
    let load = Load {
        engine: Arc::clone(&server.engine),
        address: server.address,
        path: format!("/ingest/{}", server.key),
        rate: setting("CAIRN_SPIKE_RATE", 1_000),
        phase: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        acknowledged: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    };
    rest(10);
    let mut took = Took::default();
    thread::scope(|scope| {
        let sending = &load;
        let senders: Vec<_> = (0..SENDERS).map(|sender| scope.spawn(move || sending.send(sender))).collect();
        thread::sleep(Duration::from_secs(WARM_UP_S));
        load.watch(seconds("BEFORE", 60));
        load.watch(seconds("DURING", 120));
        load.drain();
        // What waits now shows how fast it drains.
        drop(writer);
        load.watch(seconds("AWAY", 30));
        let _writer = open(&cluster, &kafka, true);
        load.drain();
        load.stop.store(true, SeqCst);
        for sender in senders {
            took.iter_mut().zip(sender.join().unwrap()).for_each(|(all, some)| all.extend(some));
        }
        report(&load, &server, &mut took);
    });
}

fn report(load: &Load, server: &Server, took: &mut Took) {
    let mut slowest = 0_f64;
    for ((phase, times), took) in PHASES.iter().zip(took).skip(1) {
        took.sort_unstable();
        let (p50, p99, rate) = (percentile_ms(took, 50), percentile_ms(took, 99), load.rate * times);
        println!("{phase}: capture of {rate} events/s took p50 {p50:.1} ms, p99 {p99:.1} ms ({} requests)", took.len());
        slowest = slowest.max(p99);
    }
    let (acknowledged, refused) = (load.acknowledged.load(SeqCst), load.refused.load(SeqCst));
    println!("{acknowledged} events acknowledged, {refused} requests refused");
    assert_eq!(refused, 0);
    let p99_max_ms = setting("CAIRN_SPIKE_P99_MS", 1_000) as f64;
    assert!(slowest < p99_max_ms, "capture did not hold: its p99 was {slowest} ms");
    assert!(load.engine.wait_caught_up(Duration::from_secs(120)));
    let ledger = server.get("ledger");
    assert_eq!((&ledger["stored"], &ledger["accepted"]), (&json!(acknowledged), &json!(acknowledged)), "{ledger}");
}
