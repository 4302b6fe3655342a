use super::sample::{Row, database};
use super::*;
use connectors_conformance::addresses_are_where_the_database_says;
use proptest::prelude::*;
use std::net::Ipv4Addr;

const ROWS: [Row; 3] = [
    (
        Ipv4Addr::new(192, 0, 2, 0),
        24,
        "US",
        Some((39.961, -82.999)),
    ),
    (Ipv4Addr::new(198, 51, 100, 0), 25, "NG", None),
    (
        Ipv4Addr::new(203, 0, 113, 128),
        25,
        "??",
        Some((512.0, f64::NAN)),
    ),
];

fn sample() -> Mmdb {
    Mmdb::from_bytes("sample.mmdb".to_owned(), database(&ROWS)).unwrap()
}

fn place(country: &str, point: Option<Point>) -> Place {
    Place {
        country: country.parse().ok(),
        point,
    }
}

#[test]
fn addresses_are_found() {
    let columbus = place("US", Point::new(39_961, -82_999));
    let known = [
        ("192.0.2.0", columbus),
        ("192.0.2.255", columbus),
        ("192.0.3.0", Place::default()),
        ("198.51.100.7", place("NG", None)),
        ("198.51.100.128", Place::default()),
        // No country and no point on this Earth: nothing is made of it.
        ("203.0.113.200", Place::default()),
        ("2001:db8::1", Place::default()),
    ];
    addresses_are_where_the_database_says(&sample(), &known);
}

#[test]
fn a_file_is_read_and_what_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("city.mmdb");
    std::fs::write(&path, database(&ROWS)).unwrap();
    let us = Mmdb::open(&path)
        .unwrap()
        .place("192.0.2.9".parse().unwrap())
        .unwrap();
    assert_eq!(us.country, Some(Country::UNITED_STATES));
    for wrong in [&b""[..], b"not a database", b"\xab\xcd\xefMaxMind.com"] {
        std::fs::write(&path, wrong).unwrap();
        let error = Mmdb::open(&path).err().unwrap();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
    std::fs::write(&path, &database(&ROWS)[..400]).unwrap();
    assert!(Mmdb::open(&path).is_err());
    assert!(Mmdb::open(dir.path()).is_err());
}

proptest! {
    #[test]
    fn no_damage_brings_it_down(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6)
    ) {
        let mut bytes = database(&ROWS);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(geo) = Mmdb::from_bytes("damaged".to_owned(), bytes) {
            for address in ["192.0.2.1", "198.51.100.1", "203.0.113.129", "2001:db8::1"] {
                let _ = geo.place(address.parse().unwrap());
            }
        }
    }
}
