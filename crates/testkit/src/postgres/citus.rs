//! Citus for tests: a coordinator and workers, each a private PostgreSQL.

use std::process::Command;

use super::{Cluster, program};

/// Needed for moves of shards under load, which go by logical replication; and every server connects to every other.
const SETTINGS: [(&str, &str); 6] = [
    ("shared_preload_libraries", "citus"),
    ("wal_level", "logical"),
    ("max_connections", "200"),
    ("max_worker_processes", "24"),
    ("citus.enable_statistics_collection", "off"),
    ("citus.node_conninfo", "sslmode=disable"),
];
const FAST: [(&str, &str); 3] = [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")];

/// A running Citus of a coordinator and two workers, which hold all shards. Its database is `cairn`.
#[derive(Debug)]
pub struct CitusCluster {
    /// Where to connect.
    pub coordinator: Cluster,
    /// Who has the shards.
    pub workers: Vec<Cluster>,
    settings: Vec<(String, String)>,
}

/// Whether Citus is there: its library lies with those of the PostgreSQL that tests use.
pub fn have_citus() -> bool {
    let config = program("pg_config");
    let folder = Command::new(config).arg("--pkglibdir").output().map(|output| output.stdout).unwrap_or_default();
    let folder = String::from_utf8_lossy(&folder).trim().to_owned();
    !folder.is_empty() && std::path::Path::new(&folder).join("citus.so").exists()
}

impl CitusCluster {
    /// One that may lose everything in a crash of the machine, and is fast.
    pub fn fast() -> Self {
        Self::with(&FAST)
    }

    /// One that keeps what it committed, whatever happens.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// One with these settings, too.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let settings: Vec<_> = SETTINGS.iter().chain(settings).map(owned).collect();
        let mut cluster = Self { coordinator: node(&settings), workers: Vec::new(), settings };
        let host = format!("select citus_set_coordinator_host('127.0.0.1', {})", cluster.coordinator.port());
        cluster.admin(&host);
        for _ in 0..2 {
            cluster.add_worker();
        }
        cluster
    }

    /// Starts one more worker. It has no shards until they are moved to it.
    pub fn add_worker(&mut self) {
        let node = node(&self.settings);
        self.admin(&format!("select citus_add_node('127.0.0.1', {})", node.port()));
        self.workers.push(node);
    }

    /// Where the database is, for the role `cairn`.
    pub fn url(&self) -> String {
        self.coordinator.url("cairn")
    }

    /// What a superuser's psql prints on the coordinator.
    pub fn admin(&self, sql: &str) -> String {
        self.coordinator.psql(&self.coordinator.admin_url("cairn"), sql)
    }
}

fn node(settings: &[(String, String)]) -> Cluster {
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (&**name, &**value)).collect();
    let node = Cluster::with(&settings);
    let admin = |sql: &str| node.psql(&node.admin_url("cairn"), sql);
    admin("create extension citus");
    // Splitting a shard decodes what is written meanwhile by Citus's own library; newer PostgreSQL has to be told that it may.
    if admin("select count(*) from pg_settings where name = 'output_plugin_libraries'") == "1" {
        admin("alter system set output_plugin_libraries = 'pgoutput', 'citus'");
        admin("select pg_reload_conf()");
    }
    node
}
