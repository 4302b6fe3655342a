//! A writer of small databases, for the tests: MaxMind DB format 2.0, records of 24 bits.
//!
//! Source: the MaxMind DB file format specification 2.0.

use std::net::Ipv4Addr;

/// A network of version 4, the country's letters, and perhaps a point.
pub type Row = (Ipv4Addr, u8, &'static str, Option<(f64, f64)>);

/// The bits of an address of version 6 before those of version 4.
const BEFORE: usize = 96;

/// A node: for each bit the node after it, or what is there.
#[derive(Clone, Copy)]
enum To {
    Nothing,
    Node(usize),
    Data(usize),
}

/// The file.
pub fn database(rows: &[Row]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[To::Nothing; 2]], Vec::new());
    for (network, bits, country, point) in rows {
        let at = data.len();
        data.extend(record(country, *point));
        let address = u128::from(network.to_bits());
        let (mut node, length) = (0, BEFORE + usize::from(*bits));
        for bit in 0..length {
            let side = usize::from(address >> (127 - bit) & 1 == 1);
            if bit + 1 == length {
                nodes[node][side] = To::Data(at);
            } else if let To::Node(next) = nodes[node][side] {
                node = next;
            } else {
                nodes.push([To::Nothing; 2]);
                nodes[node][side] = To::Node(nodes.len() - 1);
                node = nodes.len() - 1;
            }
        }
    }
    let count = nodes.len();
    let mut file = Vec::new();
    for to in nodes.iter().flatten() {
        let value = match to {
            To::Nothing => count,
            To::Node(node) => *node,
            To::Data(at) => count + 16 + at,
        };
        file.extend(&u32::try_from(value).unwrap().to_be_bytes()[1..]);
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    file.extend(metadata(u32::try_from(count).unwrap()));
    file
}

fn head(kind: u8, size: usize) -> Vec<u8> {
    let size = u8::try_from(size).unwrap();
    assert!(size < 29, "small things only");
    match kind {
        ..8 => vec![kind << 5 | size],
        _ => vec![size, kind - 7],
    }
}

fn text(text: &str) -> Vec<u8> {
    [head(2, text.len()), text.as_bytes().to_vec()].concat()
}

fn double(value: f64) -> Vec<u8> {
    [head(3, 8), value.to_be_bytes().to_vec()].concat()
}

fn number(kind: u8, value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let from = bytes.iter().position(|b| *b != 0).unwrap_or(4);
    [head(kind, 4 - from), bytes[from..].to_vec()].concat()
}

fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = head(7, pairs.len());
    for (key, value) in pairs {
        out.extend(text(key));
        out.extend(value);
    }
    out
}

fn record(country: &str, point: Option<(f64, f64)>) -> Vec<u8> {
    let mut pairs = vec![("country", map(&[("iso_code", text(country))]))];
    if let Some((latitude, longitude)) = point {
        let place = [
            ("latitude", double(latitude)),
            ("longitude", double(longitude)),
        ];
        pairs.push(("location", map(&place)));
    }
    map(&pairs)
}

fn metadata(count: u32) -> Vec<u8> {
    map(&[
        ("node_count", number(6, count)),
        ("record_size", number(5, 24)),
        ("ip_version", number(5, 6)),
        ("database_type", text("Sample-City")),
        ("languages", head(11, 0)),
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", number(9, 1_795_000_000)),
        ("description", map(&[])),
    ])
}
