//! One broker: its folder, its settings, its process.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Any id does; each cluster has ports of its own.
const CLUSTER: &str = "Q2Fpcm4tdGVzdC1LYWZrYQ";
/// A stop that takes longer is no longer waited for.
const STOP: Duration = Duration::from_secs(30);
/// One client's worth of threads, and failures that are noticed soon.
const SETTINGS: &str = "\
process.roles=broker,controller
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
auto.create.topics.enable=false
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
background.threads=2
log.cleaner.enable=false
controlled.shutdown.enable=true
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
replica.lag.time.max.ms=3000
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=2000
";

#[derive(Debug)]
pub(super) struct Broker {
    folder: PathBuf,
    jars: PathBuf,
    port: u16,
    format: Option<Child>,
    process: Option<Process>,
}

/// A broker that runs. Its standard input is ours: when we are gone, a shell ends it.
#[derive(Debug)]
struct Process {
    child: Child,
    watch: (Child, ChildStdin),
}

impl Broker {
    /// Writes the settings of the broker at `at`; `ports` has each one's own and its controller's.
    pub(super) fn prepare(folder: &Path, jars: &Path, at: usize, ports: &[(u16, u16)]) -> Self {
        let folder = folder.join(at.to_string());
        fs::create_dir(&folder).unwrap();
        let voters: Vec<_> =
            ports.iter().enumerate().map(|(at, (_, port))| format!("{}@127.0.0.1:{port}", at + 1)).collect();
        let (port, controller) = ports[at];
        let own = format!(
            "node.id={}\ncontroller.quorum.voters={}\nlisteners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners=PLAINTEXT://127.0.0.1:{port}\nlog.dirs={}\noffsets.topic.replication.factor={}\n",
            at + 1,
            voters.join(","),
            folder.join("data").display(),
            ports.len(),
        );
        fs::write(folder.join("settings"), format!("{SETTINGS}{own}")).unwrap();
        Self { folder, jars: jars.to_owned(), port, format: None, process: None }
    }

    /// Begins to prepare the data folder.
    pub(super) fn format(&mut self) {
        let mut command = self.java("kafka.tools.StorageTool");
        command.args(["format", "--cluster-id", CLUSTER, "--config"]).arg(self.settings());
        self.format = Some(command.spawn().unwrap());
    }

    pub(super) fn finish_format(&mut self) {
        let done = self.format.take().unwrap().wait().unwrap();
        assert!(done.success(), "Kafka cannot use its folder: {}", self.said());
    }

    pub(super) fn start(&mut self) {
        let mut command = self.java("kafka.Kafka");
        let child = command.arg(self.settings()).spawn().unwrap();
        let watch = watch(child.id(), &self.folder);
        self.process = Some(Process { child, watch });
    }

    pub(super) fn kill(&mut self) {
        self.end(&[Signal::KILL]);
    }

    pub(super) fn stop(&mut self) {
        self.end(&[Signal::TERM, Signal::KILL]);
    }

    fn end(&mut self, signals: &[Signal]) {
        let Some(Process { mut child, watch: (mut shell, mut input) }) = self.process.take() else { return };
        for signal in signals {
            if child.try_wait().unwrap().is_none() {
                let _ = kill_process(Pid::from_child(&child), *signal);
            }
            let until = Instant::now() + STOP;
            while child.try_wait().unwrap().is_none() && Instant::now() < until {
                thread::sleep(Duration::from_millis(10));
            }
        }
        drop(input.write_all(b"done\n"));
        drop(input);
        let _ = shell.wait();
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| matches!(process.child.try_wait(), Ok(None)))
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.child.id())
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it has said, which is little unless something is wrong.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(self.said_in()).unwrap_or_default()
    }

    fn said_in(&self) -> PathBuf {
        self.folder.join("said")
    }

    fn settings(&self) -> PathBuf {
        self.folder.join("settings")
    }

    fn java(&self, class: &str) -> Command {
        let said = File::options().create(true).append(true).open(self.said_in()).unwrap();
        let mut command = Command::new("java");
        command.args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"]);
        command.arg(format!("{}/*", self.jars.display())).arg(class);
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(said.try_clone().unwrap()).stderr(said);
        command
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A shell that waits for a line, which comes when all is well, or for the end of its input, which comes when we are killed: then it ends the
/// broker.
fn watch(pid: u32, folder: &Path) -> (Child, ChildStdin) {
    const SCRIPT: &str = r#"trap '' INT
        read -r line && exit 0
        kill -KILL "$1" 2>/dev/null && rm -rf "$2""#;
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "sh", &pid.to_string()]).arg(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let input = child.stdin.take().unwrap();
    (child, input)
}
