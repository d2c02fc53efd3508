//! A running server as the backend.

use std::{fmt::Write as _, io, io::Write, time::Duration};

use cairn_analysis::catalog::PeopleList;
use cairn_analysis::{Answer, Query, SeenEvent, SeenUser, When};
use cairn_model::{Definition, Predicate, Properties, TimeMs};
use cairn_server::{EngineState, Erasure, Expiry, ListFormat, Replay, Replayed, Whom};
use serde::Deserialize;
use serde_json::json;

use super::{Backend, Project, Want, client::Client, interrupt, upload::Upload};
use crate::{
    import::Sink,
    rows::{self, Cell, Kind, RowReader, check},
};

/// A running server.
pub(crate) struct Server {
    client: Client,
}

#[derive(Deserialize)]
struct Projects {
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Definitions {
    definitions: Vec<Definition>,
}

#[derive(Deserialize)]
struct Lists {
    lists: Vec<PeopleList>,
}

impl Server {
    /// The server at `url`.
    pub(crate) fn new(url: &str, token: String) -> anyhow::Result<Self> {
        Ok(Self { client: Client::new(url, token)? })
    }
}

impl Backend for Server {
    fn projects(&self) -> anyhow::Result<Vec<Project>> {
        Ok(self.client.get::<Projects>("/api/projects")?.projects)
    }

    fn add_project(&self, name: &str, zone: &str) -> anyhow::Result<Project> {
        self.client.post("/api/projects", &json!({"name": name, "zone": zone}))
    }

    fn definitions(&self, project: &Project) -> anyhow::Result<Vec<Definition>> {
        Ok(self.client.get::<Definitions>(&path(project, "definitions"))?.definitions)
    }

    fn define(&self, project: &Project, name: &str, predicate: &Predicate) -> anyhow::Result<()> {
        let path = path(project, &format!("definitions/{}", encoded(name)));
        self.client.put::<serde_json::Value>(&path, &json!({"predicate": predicate}))?;
        Ok(())
    }

    fn undefine(&self, project: &Project, name: &str) -> anyhow::Result<bool> {
        self.client.delete(&path(project, &format!("definitions/{}", encoded(name))))
    }

    fn lists(&self, project: &Project) -> anyhow::Result<Vec<PeopleList>> {
        Ok(self.client.get::<Lists>(&path(project, "lists"))?.lists)
    }

    fn put_list(
        &self,
        project: &Project,
        name: &str,
        (file, format): (&[u8], ListFormat),
    ) -> anyhow::Result<PeopleList> {
        self.client.put_bytes(&path(project, &format!("lists/{}", encoded(name))), format.content_type(), file)
    }

    fn remove_list(&self, project: &Project, name: &str) -> anyhow::Result<bool> {
        self.client.delete(&path(project, &format!("lists/{}", encoded(name))))
    }

    fn query(&self, project: &Project, query: &Query, timeout: Option<Duration>) -> anyhow::Result<Answer> {
        interrupt::ends()?;
        self.client.post_within(timeout, &path(project, "query"), query)
    }

    fn events(&self, project: &Project, each: &mut dyn FnMut(SeenEvent) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let stream = self.client.stream(&path(project, "export?kind=events"))?;
        let mut lines = rows::json_lines(Box::new(stream), Kind::Events);
        while let Some(batch) = lines.next_batch()? {
            for at in 0..batch.len() {
                let row = batch.row(at).map_err(|refusal| anyhow::anyhow!("the server's export: {refusal}"))?;
                let event = check::event(row, TimeMs(i64::MAX))
                    .map_err(|refusal| anyhow::anyhow!("the server's export: {refusal}"))?;
                each(SeenEvent { event: event.into_owned(), person: None })?;
            }
        }
        Ok(())
    }

    fn users(&self, project: &Project, each: &mut dyn FnMut(SeenUser) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let stream = self.client.stream(&path(project, "export?kind=users"))?;
        let mut lines = rows::json_lines(Box::new(stream), Kind::Users);
        while let Some(batch) = lines.next_batch()? {
            for at in 0..batch.len() {
                let row = batch.row(at).map_err(|refusal| anyhow::anyhow!("the server's export: {refusal}"))?;
                let handle = match &row.handle {
                    Cell::Text(handle) => Some(handle.to_string()),
                    _ => None,
                };
                let user_id = check::user_id(&row.user_id)
                    .map_err(|refusal| anyhow::anyhow!("the server's export: {refusal}"))?;
                let properties = Properties::from_pairs(row.properties).into_owned();
                each(SeenUser { user_id, handle, properties })?;
            }
        }
        Ok(())
    }

    fn sink(&self, project: &Project) -> anyhow::Result<Box<dyn Sink + '_>> {
        Ok(Box::new(Upload::new(&self.client, path(project, "import"))))
    }

    fn erase(&self, project: &Project, whom: &Whom, purge: bool) -> anyhow::Result<Erasure> {
        let body = match whom {
            Whom::Users(users) => json!({"users": users, "purge": purge}),
            Whom::Handle(handle) => json!({"handle": handle, "purge": purge}),
        };
        self.client.post(&path(project, "erase"), &body)
    }

    fn expire(&self, project: &Project, before: &When, purge: bool) -> anyhow::Result<Expiry> {
        self.client.post(&path(project, "expire"), &json!({"before": before, "purge": purge}))
    }

    fn purge(&self, project: &Project) -> anyhow::Result<()> {
        self.client.post::<serde_json::Value>(&path(project, "purge"), &json!({})).map(drop)
    }

    fn backup(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        // Too short an archive is found by whoever reads it: it has an end of its own.
        io::copy(&mut self.client.stream("/api/backup")?, out)?;
        Ok(())
    }

    fn state(&self, want: Want<'_>) -> anyhow::Result<EngineState> {
        let body = match want {
            Want::Positions => json!({"want": "positions"}),
            Want::Hold => json!({"want": "hold"}),
            Want::Hashes(at) => json!({"want": "hashes", "at": at}),
        };
        self.client.post("/api/state", &body)
    }

    fn replay(&self, step: &Replay) -> anyhow::Result<Replayed> {
        self.client.post("/api/replay", step)
    }

    fn close(self: Box<Self>) -> anyhow::Result<()> {
        Ok(())
    }
}

fn path(project: &Project, rest: &str) -> String {
    format!("/api/projects/{}/{rest}", project.id)
}

/// A name as one segment of a path.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_one_segment() {
        assert_eq!(super::encoded("Add to/ü..?"), "Add%20to%2F%C3%BC%2E%2E%3F");
    }
}
