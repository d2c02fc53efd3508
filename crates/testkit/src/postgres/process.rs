//! The server's processes: started, waited for, ended.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How often is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(10);
/// A shutdown that takes longer is no longer waited for.
const SHUTDOWN: Duration = Duration::from_secs(60);

/// The server's first process; dropped, it shuts down at once, and in order.
#[derive(Debug)]
pub(super) struct Postmaster(Child);

impl Postmaster {
    pub(super) fn spawn(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Waits until it takes connections; false if it ends instead.
    pub(super) fn is_ready(&mut self, data: &Path, patience: Duration) -> bool {
        let (until, pid) = (Instant::now() + patience, self.pid().to_string());
        while Instant::now() < until && !self.has_ended() {
            // PostgreSQL writes its state there; the file may be of one that was killed.
            let file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            let lines: Vec<&str> = file.lines().map(str::trim).collect();
            if lines.first() == Some(&&*pid) && lines.get(7) == Some(&"ready") {
                return true;
            }
            thread::sleep(LOOK);
        }
        false
    }

    /// Ends it and its processes by SIGKILL. They would outlive it for a moment otherwise, and might still commit.
    pub(super) fn kill(mut self) {
        if self.has_ended() {
            return;
        }
        // So that it starts no more of them.
        self.signal(Signal::STOP);
        let children = children(self.pid());
        self.signal(Signal::KILL);
        for child in &children {
            signal(*child, Signal::KILL);
        }
        self.0.wait().unwrap();
        let until = Instant::now() + SHUTDOWN;
        while children.iter().any(|child| is_running(*child)) {
            assert!(Instant::now() < until, "processes of PostgreSQL outlive SIGKILL");
            thread::sleep(LOOK);
        }
    }

    /// Whether it has; its process id may then be another's.
    fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    fn signal(&self, which: Signal) {
        signal(self.pid(), which);
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        // A fast shutdown: connections are closed. Then an immediate one, then none.
        for which in [Signal::INT, Signal::QUIT, Signal::KILL] {
            if self.has_ended() {
                return;
            }
            self.signal(which);
            let until = Instant::now() + SHUTDOWN;
            while Instant::now() < until && !self.has_ended() {
                thread::sleep(LOOK);
            }
        }
    }
}

/// Stops the server and removes its folder when this process is gone and could not do it itself.
#[derive(Debug)]
pub(super) struct Watch {
    child: Child,
    input: ChildStdin,
}

impl Watch {
    /// A shell that waits for a line, which comes when all is well, or for the end of its input, which comes when we are killed.
    pub(super) fn over(postmaster: &Postmaster, folder: &Path) -> Self {
        const SCRIPT: &str = r#"trap '' INT
            read -r line && exit 0
            kill -INT "$1"
            for i in $(seq 600); do kill -0 "$1" 2>/dev/null || break; sleep 0.1; done
            rm -rf "$2""#;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh", &postmaster.pid().to_string()]).arg(folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        Self { child, input }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.input.write_all(b"done\n"));
        drop(self.child.wait());
    }
}

fn signal(pid: u32, which: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, which);
    }
}

/// The processes that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes.filter(|pid| state(*pid).is_some_and(|(_, of)| of == parent)).collect()
}

fn is_running(pid: u32) -> bool {
    state(pid).is_some_and(|(state, _)| state != "Z")
}

/// A process's state and parent.
fn state(pid: u32) -> Option<(String, u32)> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets, and may hold anything.
    let mut fields = line.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}
