//! Connections to a database are encrypted where it can, and checked where that is asked for.

use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_testkit::postgres::Cluster;

use crate::postgres::wait_for;

#[test]
fn connections_are_encrypted_and_the_server_is_who_it_says() {
    const CERTIFICATE: &str = "copy (select 1) to program 'openssl req -new -x509 -days 2 -nodes -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout server.key -out server.crt 2>/dev/null && chmod 600 server.key'";
    let (cluster, dir) = (Cluster::fast(), tempfile::tempdir().unwrap());
    let (admin, url) = (cluster.admin_url("cairn"), cluster.url("cairn"));
    let open = |more: &str| PostgresStore::open(&PostgresOptions::new(format!("{url}{more}")));
    let error = open("?sslmode=require").err().unwrap().to_string();
    assert!(error.contains("TLS"), "{error}");
    cluster.psql(&admin, CERTIFICATE);
    cluster.psql(&admin, "alter system set ssl = on");
    cluster.psql(&admin, "select pg_reload_conf()");
    let certificate = dir.path().join("known.crt");
    std::fs::write(&certificate, cluster.psql(&admin, "select pg_read_file('server.crt')")).unwrap();
    let known = certificate.display();
    // A connection is encrypted where the server can, without being asked for it.
    for more in ["", "?sslmode=require", &format!("?sslmode=verify-full&sslrootcert={known}")] {
        wait_for("encryption", || {
            let store = open(more).unwrap();
            store.database().unwrap();
            cluster.psql(
                &admin,
                "select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'cairn'",
            ) == "t"
        });
    }
    let error = open("?sslmode=verify-full").err().unwrap().to_string();
    assert!(error.to_lowercase().contains("certificate"), "{error}");
    assert!(open("?sslmode=disable").is_ok());
}
