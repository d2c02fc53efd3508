//! Questions that take too long, and such that nobody waits for any more.

use std::{
    fmt::Write,
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Said, Site, said};

const USERS: u64 = 50_000;
const HOUR_MS: u64 = 3_600_000;
/// On 2 August 2026, at 10:00 UTC.
const TIME_MS: u64 = 1_785_664_800_000;
/// For each user an answer of as many intervals and one more, all that a range may have: of all users a thread has more to do than
/// anybody waits for here.
const HOURS: u64 = 19_999;
/// So that it is as much on every machine.
const ONE_THREAD: (&str, &str) = ("RAYON_NUM_THREADS", "1");
const LOOK: &str = r#"{"type": "pageview"}"#;
/// A process that is to end at once may take so long on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// What is waited for comes at the latest then.
const PATIENCE: Duration = Duration::from_secs(60);

/// A project with a pageview of each user.
fn site() -> Site {
    let site = Site::with_project();
    let rows = (1..=USERS).fold(String::new(), |mut rows, user| {
        let row = json!({"user_id": user, "event_id": user, "time": TIME_MS, "type": "pageview"});
        writeln!(rows, "{row}").unwrap();
        rows
    });
    site.ok(&["import", "events", &site.file("in.jsonl", &rows)]);
    site
}

/// A question that nobody waits for to the end.
fn slow() -> String {
    let (from, to) = (TIME_MS - HOURS * HOUR_MS, TIME_MS + HOUR_MS);
    let of = json!({"lifecycle": {"event": {"type": "pageview"}, "from": from, "to": to, "interval": "hour"}});
    json!({"people": {"of": of, "cell": {"at": HOURS, "who": "new"}}}).to_string()
}

/// Asks it with these arguments, in the background.
fn asking(site: &Site, args: &[&str]) -> Child {
    let mut command = site.command(&[&["query", &slow()], args].concat());
    command.envs([ONE_THREAD]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Asks it with these arguments until the timeout ends it.
fn runs_out(site: &Site, args: &[&str]) -> Said {
    let started = Instant::now();
    let said = said(asking(site, args).wait_with_output().unwrap());
    assert!(started.elapsed() < SOON, "{:?}: {}", started.elapsed(), said.err);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
    said
}

/// Ctrl-C.
fn interrupted(child: Child) -> Said {
    let started = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let said = said(child.wait_with_output().unwrap());
    assert!(started.elapsed() < SOON, "it went on for {:?}", started.elapsed());
    said
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "{what}: it did not come about");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process has its own way with Ctrl-C, as one that waits for an answer has.
fn minds_interrupts(child: &Child) -> bool {
    const SIGINT: u64 = 1 << 1;
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).map(str::trim);
    caught.is_some_and(|caught| u64::from_str_radix(caught, 16).unwrap() & SIGINT != 0)
}

/// The processor time that a process has had, in hundredths of a second.
fn busy(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[test]
fn a_question_to_a_folder_has_the_time_that_is_given() {
    let site = site();
    let said = runs_out(&site, &["--timeout", "0.05"]);
    let expected = "cairn: the answer takes longer than the 0.05 s that a question may take: ask about a shorter range";
    assert!(said.err.starts_with(expected) && said.err.contains("--timeout"), "{}", said.err);
    assert_eq!(said.err.trim_end().lines().count(), 1, "{}", said.err);
    assert_eq!(site.count(LOOK, &["--timeout", "60"]), USERS);
    for wrong in ["0", "-1", "soon", "1e30"] {
        let error = site.fails(&["query", &slow(), &format!("--timeout={wrong}")]);
        assert!(error.contains("give a number of seconds, such as 10 or 0.5"), "{wrong}: {error}");
    }
}

#[test]
fn a_question_to_a_server_has_the_time_that_is_given_and_no_more_than_the_servers() {
    let site = site();
    let mut server = site.serve_with(&[ONE_THREAD, ("CAIRN_QUERY_SECONDS", "1")]);
    let there = ["--url", &server.url, "--token", &server.token];
    let said = runs_out(&site, &[&there[..], &["--timeout", "0.3"]].concat());
    assert_eq!(said.err, "cairn: the answer takes longer than 0.3 s: ask for less, or give more --timeout\n");
    let said = runs_out(&site, &[&there[..], &["--timeout", "50"]].concat());
    let expected = "cairn: the answer takes longer than the 1 s that a question may take";
    assert!(said.err.starts_with(expected) && said.err.contains("CAIRN_QUERY_SECONDS"), "{}", said.err);
    assert_eq!(site.count(LOOK, &there), USERS);
    assert!(server.stop());
}

#[test]
fn ctrl_c_ends_a_question_to_a_folder_and_leaves_it_in_order() {
    let site = site();
    let child = asking(&site, &[]);
    wait_for("a question under way", || minds_interrupts(&child));
    thread::sleep(Duration::from_millis(200));
    let said = interrupted(child);
    assert_eq!((said.code, said.out.as_str()), (Some(130), ""), "{}", said.err);
    assert_eq!(said.err, "cairn: the question was cancelled\n");
    assert_eq!(site.count(LOOK, &[]), USERS);
}

#[test]
fn ctrl_c_ends_a_question_to_a_server_which_stops_it() {
    let site = site();
    let mut server = site.serve_with(&[ONE_THREAD]);
    let before = busy(server.id());
    let child = asking(&site, &["--url", &server.url, "--token", &server.token]);
    wait_for("a question that the server works at", || busy(server.id()) > before + 30);
    let said = interrupted(child);
    assert_eq!((said.code, said.out.as_str()), (Some(130), ""), "{}", said.err);
    assert_eq!(said.err, "cairn: the question was cancelled\n");
    let metrics = || ureq::get(format!("{}/metrics", server.url)).call().unwrap().body_mut().read_to_string().unwrap();
    let cancelled = "cairn_stopped_queries_total{reason=\"cancelled\"} 1";
    wait_for("an end on the server", || metrics().contains(cancelled));
    assert!(server.stop());
    assert_eq!(site.count(LOOK, &[]), USERS);
}
