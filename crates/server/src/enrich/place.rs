//! Where an address is, by a file in MaxMind's format.

use std::{net::IpAddr, path::Path};

use maxminddb::{MaxMindDbError, Reader, geoip2};

/// A place, in English names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) country: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) city: Option<String>,
}

/// A GeoIP file (GeoLite2, GeoIP2, DB-IP and others), in memory.
pub(crate) struct GeoFile(Reader<Vec<u8>>);

impl GeoFile {
    pub(crate) fn open(path: &Path) -> Result<Self, MaxMindDbError> {
        Reader::open_readfile(path).map(Self)
    }

    /// The place of `address`; none if the file does not know it.
    pub(crate) fn place(&self, address: IpAddr) -> Option<Place> {
        let found = self.0.lookup(address).ok()?.decode::<geoip2::City<'_>>().ok()??;
        let owned = |name: Option<&str>| name.map(str::to_owned);
        Some(Place {
            country: owned(found.country.names.english),
            region: owned(found.subdivisions.first().and_then(|region| region.names.english)),
            city: owned(found.city.names.english),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use super::*;

    /// The control byte of a value with its type and size (MaxMind DB format 2.0, "data field format").
    fn control(kind: u8, size: usize) -> Vec<u8> {
        let (head, tail): (u8, Vec<u8>) = if size < 29 { (size as u8, vec![]) } else { (29, vec![(size - 29) as u8]) };
        let mut bytes = if kind <= 7 { vec![kind << 5 | head] } else { vec![head, kind - 7] };
        bytes.extend(tail);
        bytes
    }

    fn text(text: &str) -> Vec<u8> {
        [control(2, text.len()), text.as_bytes().to_vec()].concat()
    }

    fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let pairs_bytes = pairs.iter().map(|(name, value)| [text(name), value.clone()].concat());
        [vec![control(7, pairs.len())], pairs_bytes.collect()].concat().concat()
    }

    fn array(items: &[Vec<u8>]) -> Vec<u8> {
        [control(11, items.len()), items.concat()].concat()
    }

    fn number(kind: u8, n: u64) -> Vec<u8> {
        let bytes: Vec<u8> = n.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        [control(kind, bytes.len()), bytes].concat()
    }

    fn names(name: &str) -> Vec<u8> {
        map(&[("names", map(&[("en", text(name))]))])
    }

    /// A file that knows one place, for the addresses 128.0.0.0/1.
    fn tiny() -> Vec<u8> {
        let place = map(&[
            ("city", names("Oslo")),
            ("country", names("Norway")),
            ("subdivisions", array(&[names("Oslo County")])),
        ]);
        // One node of two 24-bit records: 0 leads nowhere (the node count), 1 to the data (node count + 16 + offset 0).
        let tree = [0, 0, 1, 0, 0, 17];
        let metadata = map(&[
            ("binary_format_major_version", number(5, 2)),
            ("binary_format_minor_version", number(5, 0)),
            ("build_epoch", number(9, 1)),
            ("database_type", text("Test-City")),
            ("description", map(&[("en", text("test"))])),
            ("ip_version", number(5, 4)),
            ("languages", array(&[text("en")])),
            ("node_count", number(6, 1)),
            ("record_size", number(5, 24)),
        ]);
        [&tree[..], &[0; 16], &place, b"\xab\xcd\xefMaxMind.com", &metadata].concat()
    }

    #[test]
    fn a_file_gives_country_region_and_city() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&tiny()).unwrap();
        let geo = GeoFile::open(file.path()).unwrap();
        let oslo =
            Place { country: Some("Norway".into()), region: Some("Oslo County".into()), city: Some("Oslo".into()) };
        assert_eq!(geo.place("198.51.100.7".parse().unwrap()), Some(oslo));
        assert_eq!(geo.place("10.0.0.1".parse().unwrap()), None);
        assert_eq!(geo.place("2001:db8::1".parse().unwrap()), None);
    }

    #[test]
    fn what_is_no_such_file_is_told() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"nonsense").unwrap();
        assert!(GeoFile::open(file.path()).is_err());
    }
}
