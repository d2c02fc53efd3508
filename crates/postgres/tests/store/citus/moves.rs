//! Shards that are moved and split while messages come.

use cairn_testkit::postgres::CitusCluster;

use super::{citus, open, project, under_load};

/// A shard of the events that lies on a worker.
fn shard_on(cluster: &CitusCluster, port: u16) -> String {
    cluster.admin(&format!(
        "select shardid from citus_shards where table_name = 'cairn.events'::regclass and nodeport = {port} order by shardid limit 1"
    ))
}

#[test]
fn moving_and_splitting_shards_under_load_loses_and_doubles_nothing() {
    let Some(mut cluster) = citus(CitusCluster::fast) else { return };
    let store = open(&cluster.coordinator);
    cluster.add_worker();
    let ports: Vec<u16> = cluster.workers.iter().map(|worker| worker.port()).collect();
    under_load(&store, project(1), || {
        for from in &ports[..2] {
            let shard = shard_on(&cluster, *from);
            cluster.admin(&format!(
                "select citus_move_shard_placement({shard}, '127.0.0.1', {from}, '127.0.0.1', {}, 'force_logical')",
                ports[2]
            ));
        }
        // In its middle: one half stays, the other goes to another worker.
        let shard = shard_on(&cluster, ports[2]);
        let middle = "select (shardminvalue::bigint + shardmaxvalue::bigint) / 2 from pg_dist_shard where shardid = ";
        let middle = cluster.admin(&format!("{middle}{shard}"));
        let node = |port| cluster.admin(&format!("select nodeid from pg_dist_node where nodeport = {port}"));
        let (stays, goes) = (node(ports[2]), node(ports[0]));
        cluster.admin(&format!(
            "select citus_split_shard_by_split_points({shard}, array['{middle}'], array[{stays}, {goes}], 'force_logical')"
        ));
    });
    let held = |port| {
        cluster.admin(&format!(
            "select count(*) from citus_shards where table_name = 'cairn.events'::regclass and nodeport = {port}"
        ))
    };
    assert_eq!(held(ports[2]), "2");
    let all = "select count(*) from citus_shards where table_name = 'cairn.events'::regclass";
    assert_eq!(cluster.admin(all), "33");
}
