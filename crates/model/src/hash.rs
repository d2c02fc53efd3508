//! The state hash: equal state, equal hash, however the messages were batched, ordered or stored.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{Event, EventKind, TimeMs, UserId, UserState, encode_value};

/// A sum of hashes of everything that the state holds; sums do not depend on order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateHash(pub u128);

impl StateHash {
    /// Adds an event: the hash of its ids, times and kind, mixed with the sum of its properties' [`StateHash::property`].
    pub fn add_row(&mut self, ids: [u64; 4], kind: EventKind, properties: u128) {
        let mut state = properties ^ u128::from(kind as u8);
        for id in ids {
            state = mix(state ^ u128::from(id));
        }
        self.0 = self.0.wrapping_add(state);
    }

    /// Adds an event.
    pub fn add_event(&mut self, event: &Event<'_>) {
        let properties = event.properties.iter().fold(0_u128, |sum, (name, value)| {
            let mut bytes = Vec::new();
            encode_value(value, &mut bytes);
            sum.wrapping_add(Self::property(name, &bytes))
        });
        let ids = [event.user_id.get(), event.event_id.get(), event.time.0 as u64, event.received_at.0 as u64];
        self.add_row(ids, event.kind, properties);
    }

    /// The hash of one property with its encoded value.
    pub fn property(name: &str, encoded: &[u8]) -> u128 {
        let mut hasher = Sha256::new();
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(encoded);
        first_128(&hasher.finalize())
    }

    /// Adds what is known of a user.
    pub fn add_user(&mut self, user: UserId, state: &UserState) {
        let mut bytes = user.get().to_le_bytes().to_vec();
        state.encode(&mut bytes);
        self.0 = self.0.wrapping_add(first_128(&Sha256::digest(&bytes)));
    }

    /// Adds the project's expiry.
    pub fn add_expiry(&mut self, before: TimeMs) {
        self.0 = self.0.wrapping_add(mix(before.0 as u128));
    }
}

impl fmt::Display for StateHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

fn first_128(digest: &[u8]) -> u128 {
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    u128::from_le_bytes(first)
}

/// Two rounds of multiply and fold, as in the finaliser of MurmurHash3, on 128 bits with odd constants.
fn mix(mut x: u128) -> u128 {
    x ^= x >> 67;
    x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    x ^= x >> 71;
    x = x.wrapping_mul(0xda94_2042_e4dd_58b5_94d0_49bb_1331_11eb);
    x ^ (x >> 65)
}
