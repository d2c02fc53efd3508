//! The little of Cairn's API that a measurement needs.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use serde::Deserialize;

/// A server's API.
pub struct Api {
    url: String,
    bearer: String,
    agent: ureq::Agent,
}

/// The ingestion ledger.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Ledger {
    /// Events that the store has seen.
    pub accepted: u64,
    /// Events in the answers.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
}

impl Api {
    /// The API at `url` of the server that has `data` open.
    pub fn new(url: String, data: &Path) -> anyhow::Result<Self> {
        let token = std::fs::read_to_string(data.join("token")).context("the server's token cannot be read")?;
        let agent = ureq::Agent::new_with_defaults();
        Ok(Self { url, bearer: format!("Bearer {}", token.trim()), agent })
    }

    /// The only project's id and write key.
    pub fn project(&self) -> anyhow::Result<(String, String)> {
        let answer = self.get("/api/projects")?;
        let project = &answer["projects"][0];
        let text =
            |name: &str| project[name].as_str().map(str::to_owned).with_context(|| format!("a project without {name}"));
        Ok((text("id")?, text("write_key")?))
    }

    /// The ledger of a project.
    pub fn ledger(&self, project: &str) -> anyhow::Result<Ledger> {
        Ok(serde_json::from_value(self.get(&format!("/api/projects/{project}/ledger"))?)?)
    }

    /// The answer to a question of a project, and how long it took over a connection that is kept.
    pub fn ask(&self, project: &str, question: &serde_json::Value) -> anyhow::Result<(serde_json::Value, Duration)> {
        let url = format!("{}/api/projects/{project}/query", self.url);
        let request = self.agent.post(url).header("Authorization", &self.bearer);
        let started = Instant::now();
        let text = request.send(question.to_string())?.body_mut().read_to_vec()?;
        let took = started.elapsed();
        Ok((serde_json::from_slice(&text)?, took))
    }

    /// Defines an event; the name stands in a URL as it is.
    pub fn define(&self, project: &str, name: &str, predicate: &serde_json::Value) -> anyhow::Result<()> {
        let url = format!("{}/api/projects/{project}/definitions/{name}", self.url);
        let body = serde_json::json!({ "predicate": predicate });
        self.agent.put(url).header("Authorization", &self.bearer).send(body.to_string())?;
        Ok(())
    }

    fn get(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        let request = self.agent.get(format!("{}{path}", self.url)).header("Authorization", &self.bearer);
        let mut answer = request.call().with_context(|| format!("GET {path}"))?;
        Ok(serde_json::from_reader(answer.body_mut().as_reader())?)
    }
}
