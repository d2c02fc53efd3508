//! Running `cairn` in a folder of its own.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use cairn_model::StateHash;
use cairn_server::{Engine, EngineOptions};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

/// A folder to work in, removed in the end.
pub(crate) struct Site {
    dir: TempDir,
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) success: bool,
    /// None where a signal ended it.
    pub(crate) code: Option<i32>,
}

impl Site {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A folder with a project.
    pub(crate) fn with_project() -> Self {
        let site = Self::new();
        site.ok(&["project", "add", "Shop", "--zone", "UTC"]);
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes a file to import.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        command.args(args).current_dir(self.dir.path()).env("CAIRN_DATA", self.data());
        for name in ["CAIRN_URL", "CAIRN_TOKEN", "CAIRN_STORE", "CAIRN_LOG", "RUST_LOG"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        said(self.command(args).output().unwrap())
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert!(said.success, "cairn {args:?} failed: {}{}", said.out, said.err);
        said.out
    }

    /// Runs a command that must fail, and returns what it complained of.
    pub(crate) fn fails(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert!(!said.success, "cairn {args:?} did not fail: {}", said.out);
        said.err
    }

    /// Runs a command that must succeed in a terminal, and returns what it printed there.
    pub(crate) fn shown(&self, args: &[&str]) -> String {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).and_then(|()| unlockpt(&terminal)).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let end = fs::File::options().read(true).write(true).open(name).unwrap();
        let mut child = self.command(args).stdout(end).spawn().unwrap();
        let mut shown = Vec::new();
        // Once nobody has its other end any more, it is said to be broken.
        let _ = fs::File::from(terminal).read_to_end(&mut shown);
        assert!(child.wait().unwrap().success());
        String::from_utf8(shown).unwrap()
    }

    /// How many events match, by `cairn query`.
    pub(crate) fn count(&self, event: &str, more: &[&str]) -> u64 {
        let args = [
            "query",
            "graph",
            event,
            "--by",
            "whole",
            "--from",
            "2020-01-01",
            "--to",
            "2030-01-01",
            "--format",
            "json",
        ];
        let json: serde_json::Value = serde_json::from_str(&self.ok(&[&args[..], more].concat())).unwrap();
        json["graph"]["total"]["total"].as_u64().unwrap()
    }

    /// The hash of everything in the first project.
    pub(crate) fn state_hash(&self) -> StateHash {
        let engine = Engine::open(&self.data(), EngineOptions::default()).unwrap();
        assert!(engine.wait_caught_up(std::time::Duration::from_secs(30)));
        let project = engine.registry().projects()[0].id;
        engine.store().state_hash(project).unwrap()
    }

    /// Starts a server.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Starts a server that has these in its environment.
    pub(crate) fn serve_with(&self, environment: &[(&str, &str)]) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(environment.iter().copied());
        Server::start(command)
    }
}

/// What a process said that has ended.
pub(crate) fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (success, code) = (output.status.success(), output.status.code());
    Said { out: text(output.stdout), err: text(output.stderr), success, code }
}

/// A server under way; ended when it goes out of scope.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) token: String,
    /// What it printed until it was ready.
    pub(crate) printed: String,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut printed = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            printed.push_str(&line);
            printed.push('\n');
            if let Some(url) = line.strip_prefix("Cairn is ready: ") {
                let token = printed.split("token=").nth(1).unwrap().lines().next().unwrap().to_owned();
                return Self { child, url: url.to_owned(), token, printed };
            }
        }
        panic!("the server ended with {}: {printed}", child.wait().unwrap());
    }

    /// Of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and tells whether it did so cleanly.
    pub(crate) fn stop(&mut self) -> bool {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The bits of a file's mode.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
