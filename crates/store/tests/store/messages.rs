//! A state as messages makes the same state again.

use cairn_analysis::Store;
use cairn_testkit::{disk::FaultyDisk, generate};
use proptest::{collection::vec, prelude::*};

use crate::common::{at, batch, cases, open, project, small};

proptest! {
    #![proptest_config(ProptestConfig { cases: cases("CAIRN_CASES", 200), ..ProptestConfig::default() })]

    #[test]
    fn another_store_has_the_same_state(messages in vec(generate::message(), 1..100), purges in any::<bool>()) {
        let store = open(&FaultyDisk::new(), small());
        for (offset, messages) in messages.chunks(7).enumerate() {
            store.apply(at(0, offset as u64), &batch(messages)).unwrap();
        }
        if purges {
            store.purge(project()).unwrap();
        }
        let (other, mut given) = (open(&FaultyDisk::new(), small()), Vec::new());
        store.messages(project(), &mut |message| { given.push(message); Ok(()) }).unwrap();
        for (offset, messages) in given.chunks(5).enumerate() {
            other.apply(at(0, offset as u64), &batch(messages)).unwrap();
        }
        prop_assert_eq!(other.state_hash(project()).unwrap(), store.state_hash(project()).unwrap());
        let (copied, whole) = (other.ledger(project()).unwrap(), store.ledger(project()).unwrap());
        let counts = |ledger: cairn_analysis::Ledger| (ledger.stored, ledger.erased, ledger.expired);
        prop_assert_eq!(counts(copied), counts(whole));
        // What was there stays counted once.
        for (offset, messages) in (given.chunks(5).len()..).zip(messages.chunks(7)) {
            other.apply(at(0, offset as u64), &batch(messages)).unwrap();
        }
        prop_assert_eq!(other.state_hash(project()).unwrap(), store.state_hash(project()).unwrap());
        prop_assert_eq!(counts(other.ledger(project()).unwrap()), counts(whole));
    }
}
