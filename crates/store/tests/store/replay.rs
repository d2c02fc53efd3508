//! State depends on the messages alone: not on batches, duplication, interleaving of partitions, or where a replay starts.

use cairn_analysis::Store;
use cairn_model::Message;
use cairn_testkit::{disk::FaultyDisk, disk::Random, generate};
use proptest::{collection::vec, prelude::*};

use crate::common::{at, batch, cases, open, project, small};

/// Applies `messages` in random batches and a random interleaving of their partitions; with stretches repeated as a producer's
/// retries would, flushes, and restarts that replay from before the manifest's position.
fn disturbed(messages: &[Message<'static>], partitions: u64, seed: u64) -> cairn_model::StateHash {
    let mut random = Random::new(seed);
    let mut logs: Vec<Vec<Vec<u8>>> = Vec::new();
    for partition_id in 0..partitions {
        let mut own: Vec<_> = messages
            .iter()
            .filter(|message| generate::partition(message, partitions) == partition_id)
            .cloned()
            .collect();
        // The same again from some earlier point: what a replay into the log looks like.
        if !own.is_empty() && random.flip() {
            let from = random.below(own.len() as u64) as usize;
            own.extend_from_within(from..);
        }
        let mut records = Vec::new();
        let mut rest = &own[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(1 + random.below(rest.len().min(9) as u64) as usize);
            records.push(batch(now));
            rest = later;
        }
        logs.push(records);
    }
    let disk = FaultyDisk::new();
    let mut store = open(&disk, small());
    let mut next = vec![0_usize; logs.len()];
    while let Some(partition) = pick(&logs, &next, &mut random) {
        store.apply(at(partition as u32, next[partition] as u64), &logs[partition][next[partition]]).unwrap();
        next[partition] += 1;
        match random.below(12) {
            0 => store.flush().unwrap(),
            1 => {
                // A restart: replay each partition from somewhere at or before where the store is.
                drop(store);
                store = open(&disk, small());
                next = vec![0; logs.len()];
                for position in store.positions() {
                    next[position.partition as usize] = random.below(position.offset + 1) as usize;
                }
            }
            _ => {}
        }
    }
    store.state_hash(project()).unwrap()
}

fn pick(logs: &[Vec<Vec<u8>>], next: &[usize], random: &mut Random) -> Option<usize> {
    let open: Vec<usize> = (0..logs.len()).filter(|partition| next[*partition] < logs[*partition].len()).collect();
    (!open.is_empty()).then(|| open[random.below(open.len() as u64) as usize])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases("CAIRN_CASES", 500), ..ProptestConfig::default() })]

    #[test]
    fn the_same_messages_make_the_same_state(
        messages in vec(generate::message(), 1..100),
        partitions in 1..4_u64,
        seed in any::<u64>(),
    ) {
        let disk = FaultyDisk::new();
        let store = open(&disk, Default::default());
        for (offset, message) in messages.iter().enumerate() {
            store.apply(at(0, offset as u64), &batch(std::slice::from_ref(message))).unwrap();
        }
        let plain = store.state_hash(project()).unwrap();
        prop_assert_eq!(disturbed(&messages, partitions, seed), plain);
    }
}

#[test]
fn different_messages_make_another_state() {
    let hash = |event_id| {
        let store = open(&FaultyDisk::new(), Default::default());
        let event = cairn_model::Event::new(1, event_id, 1_700_000_000_000, cairn_model::EventKind::Click);
        store.apply(at(0, 0), &batch(&[Message::Event(event)])).unwrap();
        store.state_hash(project()).unwrap()
    };
    assert_ne!(hash(1), hash(2));
}
