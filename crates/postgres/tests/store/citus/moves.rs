//! Shards that are moved and split while messages come.

use std::{thread, time::Duration};

use cairn_postgres::{CitusCluster as Machines, JobState, NodeAddress, PostgresOptions};
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

fn machines(cluster: &CitusCluster) -> Machines {
    Machines::open(&PostgresOptions::new(cluster.coordinator.admin_url("cairn"))).unwrap()
}

fn worker(cluster: &CitusCluster, number: usize) -> NodeAddress {
    NodeAddress { host: "127.0.0.1".to_owned(), port: cluster.workers[number].port() }
}

/// How many statements that call the function are under way; with `end`, after they were ended.
fn under_way(cluster: &CitusCluster, function: &str, end: bool) -> u32 {
    let what = if end { "count(pg_terminate_backend(pid))" } else { "count(*)" };
    let calls = format!("application_name = 'cairn' and state = 'active' and query like '%{function}%'");
    cluster.admin(&format!("select {what} from pg_stat_activity where {calls}")).parse().unwrap()
}

/// Does something again and again, and ends its statement a little later each time, until it is through. How often it was ended.
fn interrupted<T: Send>(
    cluster: &CitusCluster,
    function: &str,
    mut work: impl FnMut() -> Option<T> + Send,
) -> (u32, T) {
    const STEP: Duration = Duration::from_millis(400);
    let mut interruptions = 0;
    loop {
        let done = thread::scope(|scope| {
            let working = scope.spawn(&mut work);
            while !working.is_finished() && under_way(cluster, function, false) == 0 {
                thread::sleep(Duration::from_millis(20));
            }
            thread::sleep(STEP * interruptions);
            interruptions += u32::from(under_way(cluster, function, true) > 0);
            working.join().unwrap()
        });
        match done {
            Some(done) => return (interruptions, done),
            None => assert!(interruptions < 100, "{function} does not come to an end"),
        }
    }
}

#[test]
fn what_moves_shards_may_be_interrupted_at_any_moment_and_repeated() {
    let Some(mut cluster) = citus(CitusCluster::fast) else { return };
    let store = open(&cluster.coordinator);
    let machines = machines(&cluster);
    let before = machines.status().unwrap();
    assert_eq!((before.nodes.len(), before.shards.len(), before.job), (3, 32, None));
    assert!(before.nodes.iter().all(|node| node.active && node.reachable), "{:?}", before.nodes);
    assert!(before.shards.iter().all(|shard| shard.bytes.is_some()));
    cluster.add_worker();
    let third = worker(&cluster, 2);
    assert!(!machines.add_node(&third).unwrap(), "it is part of the cluster already");
    let id = |address: &NodeAddress| {
        machines.status().unwrap().nodes.into_iter().find(|node| node.address == *address).unwrap().id
    };
    let (first, third_id) = (before.shards[3], id(&third));
    under_load(&store, project(1), || {
        let (times, moved) = interrupted(&cluster, "citus_move_shard_placement", || {
            machines.move_shard(first.id, &third, &mut |_, _| {}).ok()
        });
        println!(
            "a move was interrupted {times} times; the last one {}",
            if moved { "moved it" } else { "found it moved" }
        );
        let (times, ()) = interrupted(&cluster, "citus_split_shard_by_split_points", || {
            // Interrupted after its commit, it finds the shard split.
            let here = |id| machines.status().unwrap().shards.iter().any(|shard| shard.id == id);
            let split = machines.split_shard(first.id, None, Some(&worker(&cluster, 0)), &mut |_, _| {});
            (split.is_ok() || !here(first.id)).then_some(())
        });
        println!("a split was ended {times} times");
        assert!(times > 0);
    });
    let after = machines.status().unwrap();
    let halves: Vec<_> =
        after.shards.iter().filter(|shard| first.low <= shard.low && shard.high <= first.high).collect();
    assert_eq!(after.shards.len(), 33);
    assert_eq!(halves.iter().map(|half| half.node).collect::<Vec<_>>(), [third_id, id(&worker(&cluster, 0))]);
    assert_eq!((halves[0].low, halves[0].high.wrapping_add(1), halves[1].high), (first.low, halves[1].low, first.high));
}

#[test]
fn shards_are_spread_evenly_and_mistakes_are_told() {
    let Some(mut cluster) = citus(CitusCluster::fast) else { return };
    let store = open(&cluster.coordinator);
    let machines = machines(&cluster);
    assert_eq!(machines.rebalance(&mut |_, _| {}).unwrap(), None);
    assert!(!machines.stop_rebalance().unwrap());
    cluster.add_worker();
    under_load(&store, project(1), || {
        let mut seen = (0, 0);
        let job = machines.rebalance(&mut |done, of| seen = (done, of)).unwrap().unwrap();
        assert_eq!((job.state, job.done, job.problem.as_str()), (JobState::Finished, job.moves, ""));
        assert_eq!(seen.1, job.moves);
    });
    let status = machines.status().unwrap();
    let held: Vec<_> = status.nodes.iter().filter(|node| !node.coordinates).map(|node| node.shards).collect();
    assert!(held.iter().all(|shards| (10..=11).contains(shards)), "{held:?}");
    let problem = |done: Result<bool, cairn_analysis::StoreError>| done.unwrap_err().to_string();
    let to = |port| NodeAddress { host: "127.0.0.1".to_owned(), port };
    let ours = status.shards[0].id;
    assert!(problem(machines.move_shard(7, &worker(&cluster, 0), &mut |_, _| {})).contains("there is no shard 7"));
    assert!(
        problem(machines.move_shard(ours, &to(1), &mut |_, _| {}))
            .contains("no machine of the cluster is at 127.0.0.1:1")
    );
    let coordinator = to(cluster.coordinator.port());
    assert!(problem(machines.move_shard(ours, &coordinator, &mut |_, _| {})).contains("takes no shards"));
    let outside = machines.split_shard(ours, Some(i32::MAX), None, &mut |_, _| {}).unwrap_err().to_string();
    assert!(outside.contains("can be split after one of these"), "{outside}");
    let worker = PostgresOptions::new(cluster.workers[0].admin_url("cairn"));
    assert!(Machines::open(&worker).err().unwrap().to_string().contains("a worker of a Citus cluster"));
}
