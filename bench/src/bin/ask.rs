//! Asks a data folder in this process, from the question's text to the answer's: `ask FOLDER`.
//!
//! Requests come as lines of JSON on standard input: `{"query": QUESTION}`, `{"define": {"name", "predicate"}}`,
//! `{"forget": NAME}`, `{"definitions": null}`, `{"about": null}`. Each is answered by a line: `{"ns": N, "answer": ..}`
//! or `{"ns": N, "error": {"code", "message"}}`. `ns` counts from reading the request to the answer's last byte.

use std::{
    io::{self, BufRead, Write},
    path::PathBuf,
    time::Instant,
};

use anyhow::{Context, bail};
use cairn_bench::process;
use cairn_model::{Predicate, ProjectId};
use cairn_server::{Engine, EngineOptions, Refusal, ask};
use clap::Parser;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers lines of standard input from a data folder with one project.
#[derive(Parser)]
struct Args {
    /// The data folder.
    folder: PathBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request<'a> {
    #[serde(borrow)]
    Query(&'a RawValue),
    Define {
        name: String,
        predicate: Value,
    },
    Forget(String),
    Definitions(()),
    /// How it was opened, and what it takes.
    About(()),
}

#[derive(Serialize)]
struct Reply {
    ns: u64,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Answer(Box<RawValue>),
    Error { code: &'static str, message: String },
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::Error { code: refusal.code, message: refusal.message }
    }
}

struct Folder {
    engine: Engine,
    project: ProjectId,
    open_ms: f64,
}

impl Folder {
    fn open(args: &Args) -> anyhow::Result<Self> {
        let started = Instant::now();
        let engine = Engine::open(&args.folder, EngineOptions::default())?;
        let open_ms = started.elapsed().as_secs_f64() * 1e3;
        let projects = engine.registry().projects();
        let [project] = &projects[..] else { bail!("{} has not one project", args.folder.display()) };
        Ok(Self { project: project.id, open_ms, engine })
    }

    fn reply(&self, line: &str) -> anyhow::Result<Reply> {
        let started = Instant::now();
        let (outcome, ns) = match serde_json::from_str(line).with_context(|| format!("request {line}"))? {
            Request::Query(question) => {
                let started = Instant::now();
                let answer = ask(&self.engine, self.project, question.get().as_bytes());
                (answer, started.elapsed())
            }
            request => {
                let outcome = self.change(request)?;
                (outcome.map(|value| value.to_string().into_bytes()), started.elapsed())
            }
        };
        let outcome = match outcome {
            Ok(json) => Outcome::Answer(RawValue::from_string(String::from_utf8(json)?)?),
            Err(refusal) => refusal.into(),
        };
        Ok(Reply { ns: ns.as_nanos() as u64, outcome })
    }

    fn change(&self, request: Request) -> anyhow::Result<Result<Value, Refusal>> {
        let refused = |code, message: String| Ok(Err(Refusal { code, message }));
        Ok(Ok(match request {
            Request::Query(_) => bail!("a query changes nothing"),
            Request::Define { name, predicate } => match Predicate::from_json(&predicate) {
                Ok(predicate) => json!(self.engine.define(self.project, &name, predicate)?),
                Err(error) => return refused(error.code, error.to_string()),
            },
            Request::Forget(name) => json!(self.engine.forget(self.project, &name)?),
            Request::Definitions(()) => json!(*self.engine.registry().definitions(self.project).unwrap_or_default()),
            Request::About(()) => json!({
                "open_ms": self.open_ms,
                "threads": std::thread::available_parallelism()?,
                "anonymous_bytes": process::memory(std::process::id(), "RssAnon"),
                "mapped_bytes": process::memory(std::process::id(), "RssFile"),
            }),
        }))
    }
}

fn main() -> anyhow::Result<()> {
    let folder = Folder::open(&Args::parse())?;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        serde_json::to_writer(&mut out, &folder.reply(&line?)?)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    folder.engine.close();
    Ok(())
}
