//! The program: started with small tails and segments, killed, asked.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Events of a part, at least.
const TAIL_ROWS: &str = "2000";
/// Of the log.
const SEGMENT_BYTES: &str = "262144";
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A data folder, what the environment says of a database or a log, and how `cairn` is run on them.
#[derive(Clone)]
pub(crate) struct Folder(pub(crate) PathBuf, pub(crate) Vec<(&'static str, String)>);

impl Folder {
    /// Where its servers write what they have to complain about.
    pub(crate) fn errors(&self) -> PathBuf {
        self.0.with_extension("errors")
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        command.args(words).arg("--data").arg(&self.0);
        command.env_remove("CAIRN_STORE").env_remove("CAIRN_LOG").envs(self.1.iter().cloned());
        command.env("CAIRN_TAIL_ROWS", TAIL_ROWS).env("CAIRN_SEGMENT_BYTES", SEGMENT_BYTES);
        command.stdin(Stdio::null());
        command
    }

    /// Runs to its end and returns what it said.
    pub(crate) fn run(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cairn {words:?} in {}: {told}", self.0.display());
        String::from_utf8(output.stdout).unwrap()
    }

    /// How many events the answers count.
    pub(crate) fn count(&self) -> u64 {
        let all = r#"{"graph": {"event": {"all": []}, "measure": "count", "from": 0, "to": 4102444800000,
            "interval": "whole", "bots": true}}"#;
        let answer: Value = serde_json::from_str(&self.run(&["query", "--format", "json", all])).unwrap();
        let total = &answer["graph"]["total"]["total"];
        total.as_f64().unwrap_or_else(|| panic!("no total in {answer}")) as u64
    }

    /// Fails unless several parts were written and segments of the log dropped: else the kills fell on nothing.
    pub(crate) fn check_files(&self) {
        // Files are numbered as they are written, up to three at a time; a merge may have made one part of several.
        let parts = names(&self.0.join("store/parts")).into_iter().filter_map(|name| {
            let number = name.strip_suffix(".part")?.rsplit('-').next()?.parse::<u64>();
            number.ok()
        });
        let last = parts.max().unwrap_or(0);
        assert!(last > 3, "the last part has the number {last}: CAIRN_TAIL_ROWS is not heeded");
        self.check_log();
    }

    /// Fails unless segments of the log were dropped.
    pub(crate) fn check_log(&self) {
        let segments = names(&self.0.join("log"));
        let first = segments.iter().filter(|name| name.ends_with(".log")).min();
        assert!(first.is_some_and(|first| *first > format!("{:020}.log", 0)), "no segment was dropped: {segments:?}");
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

/// Starts a server, given these words too, without waiting for it.
pub(crate) fn start(folder: &Folder, words: &[&str]) -> Child {
    let errors = fs::OpenOptions::new().create(true).append(true).open(folder.errors()).unwrap();
    let mut command = folder.command(&[&["serve", "--listen", "127.0.0.1:0"], words].concat());
    command.stdout(Stdio::null()).stderr(errors).spawn().unwrap()
}

impl Server {
    /// Waits until a started server answers.
    pub(crate) fn ready(mut child: Child, folder: &Folder) -> Self {
        let started = Instant::now();
        let own = child.id().to_string();
        loop {
            // Whoever has the folder writes its process and its address into the lock.
            let lock = fs::read_to_string(folder.0.join("lock")).unwrap_or_default();
            let mut lines = lock.lines();
            if lines.next() == Some(&own)
                && let Some(url) = lines.next().filter(|url| url.starts_with("http"))
            {
                break Self { child, url: url.trim_end_matches('/').to_owned() };
            }
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the server ended: {status}; see {}", folder.errors().display());
            }
            assert!(started.elapsed() < START_TIMEOUT, "the server does not start");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it as a power cut of the process would: it learns nothing of it.
    pub(crate) fn kill(mut self) {
        kill(&mut self.child);
    }

    /// GET of the API.
    pub(crate) fn get(&self, folder: &Folder, path: &str) -> Value {
        let token = fs::read_to_string(folder.0.join("token")).unwrap();
        let request =
            ureq::get(format!("{}{path}", self.url)).header("Authorization", format!("Bearer {}", token.trim()));
        serde_json::from_reader(request.call().unwrap().body_mut().as_reader()).unwrap()
    }
}

/// SIGKILL.
pub(crate) fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}
