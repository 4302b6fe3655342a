//! The suite of [`GeoReader`].

use connectors::GeoReader;
use settlement::risk::place::Place;
use std::net::IpAddr;

/// `known` is where the database says; addresses that nobody has are nowhere, and both forms of an
/// address of version 4 are one.
pub fn addresses_are_where_the_database_says(geo: &dyn GeoReader, known: &[(&str, Place)]) {
    for (address, place) in known {
        let address: IpAddr = address.parse().expect("an address");
        assert_eq!(geo.place(address).expect("an answer"), *place, "{address}");
        if let IpAddr::V4(four) = address {
            let mapped = IpAddr::V6(four.to_ipv6_mapped());
            assert_eq!(geo.place(mapped).expect("an answer"), *place, "{mapped}");
        }
    }
    for nobody in [
        "127.0.0.1",
        "10.0.0.1",
        "::1",
        "fe80::1",
        "0.0.0.0",
        "255.255.255.255",
    ] {
        let address: IpAddr = nobody.parse().expect("an address");
        let place = geo.place(address).expect("an answer");
        assert_eq!(place, Place::default(), "{nobody}");
    }
}
