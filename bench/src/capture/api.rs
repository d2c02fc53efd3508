//! The little of Cairn's API that a measurement needs.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// A server's API.
pub struct Api {
    url: String,
    token: String,
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
        Ok(Self { url, token: token.trim().to_owned() })
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

    fn get(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        let request =
            ureq::get(format!("{}{path}", self.url)).header("Authorization", format!("Bearer {}", self.token));
        let mut answer = request.call().with_context(|| format!("GET {path}"))?;
        Ok(serde_json::from_reader(answer.body_mut().as_reader())?)
    }
}
