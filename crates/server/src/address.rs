//! Whose request it is: the sender's address behind trusted proxies. Used for look-ups and throttling, never stored.

use std::{net::IpAddr, str::FromStr};

use axum::http::HeaderMap;

/// A range of addresses, such as `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// A text that is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address such as 10.0.0.1 or a range such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl Network {
    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(own.to_bits().into(), other.to_bits().into(), 32, self.prefix),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), 128, self.prefix),
            _ => false,
        }
    }
}

fn same(a: u128, b: u128, bits: u32, prefix: u32) -> bool {
    (a ^ b).checked_shr(bits - prefix).unwrap_or(0) == 0
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), |prefix| prefix.trim().parse().map_err(|_| wrong()))?;
        if prefix > bits { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

/// The sender's address: the peer's, or, while that is a trusted proxy, the one that it says to have forwarded for.
pub(crate) fn sender(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = peer.to_canonical();
    if !is_proxy(address) {
        return address;
    }
    // From the nearest hop outwards, also over several header lines.
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        address = hop.to_canonical();
        if !is_proxy(address) {
            break;
        }
    }
    address
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn who(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        sender(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let table: [(&str, &[&str], &[&str], &str); 8] = [
            ("203.0.113.9", &["198.51.100.1"], &[], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], &["10.0.0.0/8"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1"], &["10.0.0.0/8"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1, 10.0.0.2"], &["10.0.0.0/8"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.1"], &["10.0.0.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1, nonsense"], &["10.0.0.1"], "10.0.0.1"),
            ("::ffff:10.0.0.1", &["2001:db8::7"], &["10.0.0.0/8"], "2001:db8::7"),
            ("fd00::1", &["198.51.100.1"], &["fd00::/8"], "198.51.100.1"),
        ];
        for (peer, forwarded, trusted, expected) in table {
            assert_eq!(who(peer, forwarded, trusted), expected, "{peer} {forwarded:?} {trusted:?}");
        }
    }

    #[test]
    fn a_range_of_everything_and_what_is_none() {
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("1.2.3.4".parse().unwrap()));
        for text in ["", "10.0.0.0/33", "localhost", "10.0.0.0/x"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
