//! Where nothing is ever sent: addresses that are not of the public internet.
//!
//! A merchant writes the URL, so it may name the inside of our own network, or the place where a
//! cloud keeps a machine's credentials. What counts is the address that a name leads to at the
//! moment of sending, and it is the sender that connects to that same address and no other.

use http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges of IPv4 that are not public: address, bits, why (IANA's special-purpose registry).
#[rustfmt::skip]
const NOT_PUBLIC_4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by carriers"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "this link, and the metadata of clouds"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "assigned to protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relays, retired"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved, and broadcast"),
];

/// A whole address of IPv4.
const BITS_4: u32 = 32;

/// Whether an address is of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_4(four),
        IpAddr::V6(six) => is_public_6(six),
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let within = |net: Ipv4Addr, bits: u32| {
        let shift = BITS_4.saturating_sub(bits); // saturates: a test asks for bits in range
        address.to_bits() >> shift == net.to_bits() >> shift
    };
    !NOT_PUBLIC_4
        .iter()
        .any(|(net, bits, _)| within(*net, *bits))
}

/// Of IPv6 only what is assigned to the public (2000::/3), without what leads to IPv4 by another
/// way, is for documentation or for protocols.
fn is_public_6(address: Ipv6Addr) -> bool {
    if let Some(four) = address.to_ipv4_mapped() {
        return is_public_4(four);
    }
    let [first, second, ..] = address.segments();
    let public = first & 0xe000 == 0x2000;
    let to_four = first == 0x2002; // 6to4
    let protocols = first == 0x2001 && second < 0x0200; // Teredo, benchmarks, ORCHID
    let documentation = (first == 0x2001 && second == 0x0db8) || first & 0xfff0 == 0x3ff0;
    public && !to_four && !protocols && !documentation
}

/// The longest URL of an endpoint.
pub const MOST_URL: usize = 1_000;

/// Where an endpoint is.
///
/// # Errors
/// Why nothing can be sent there. `local` lets it be on this machine, and without TLS.
pub fn url(text: &str, local: bool) -> Result<Uri, &'static str> {
    let uri: Uri = text.parse().map_err(|_| "must be a URL")?;
    let host = uri.host().filter(|host| !host.is_empty());
    let host = host.ok_or("must be a URL with a host")?;
    let own = uri
        .authority()
        .is_some_and(|all| all.as_str().contains('@'));
    if own {
        return Err("must not carry a user or a password");
    }
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    let behind = authority
        .rsplit_once(']')
        .map_or(authority, |(_, behind)| behind);
    if behind.contains(':') && uri.port_u16().is_none_or(|port| port == 0) {
        return Err("must have a port from 1 to 65535, or none");
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = bare.parse().ok();
    let here = address.is_some_and(|one| one.is_loopback()) || bare == "localhost";
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if local && here => {}
        _ => return Err("must begin with https://"),
    }
    if address.is_some_and(|one| !is_public(one)) && !(local && here) {
        return Err("must be an address of the public internet");
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_public_is_refused() {
        let refused = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.8",
            "198.18.0.1",
            "198.19.255.255",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
            "fec0::1",
        ];
        for text in refused {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "8.8.8.8",
            "198.20.0.1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn an_endpoint_is_a_public_url_with_tls() {
        assert!(url("https://hooks.example.com/in?x=1", false).is_ok());
        assert!(url("https://hooks.example.com:8443/", false).is_ok());
        for text in [
            "",
            "hooks",
            "/in",
            "https://",
            "ftp://example.com/",
            "http://example.com/",
            "https://user:word@example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "http://localhost/",
            "https://[::ffff:10.0.0.1]/",
        ] {
            assert!(url(text, false).is_err(), "{text}");
        }
        assert!(url("http://localhost:1/", true).is_ok());
        assert!(url("http://127.0.0.1:1/in", true).is_ok());
        assert!(url("http://10.0.0.1/", true).is_err());
        assert!(url("https://10.0.0.1/", true).is_err());
        assert!(url("http://example.com/", true).is_err());
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_as_public_as_the_one_it_maps(bits: u32) {
            let four = Ipv4Addr::from_bits(bits);
            let six = IpAddr::V6(four.to_ipv6_mapped());
            prop_assert_eq!(is_public(six), is_public(IpAddr::V4(four)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = url(&text, true);
        }
    }
}
