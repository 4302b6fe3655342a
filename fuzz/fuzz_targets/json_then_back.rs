//! JSON of any bytes, and the same bytes back; any bytes as JSON, and never a panic.

#![no_main]

use formats::nacha::json::{read_json, write_json};
use libfuzzer_sys::fuzz_target;
use std::io::sink;

fuzz_target!(|bytes: &[u8]| {
    let (mut json, mut back) = (Vec::new(), Vec::new());
    let there = write_json(bytes, &mut json).expect("memory can be written");
    let again = read_json(&json[..], &mut back).expect("our own JSON is read");
    assert_eq!(back, bytes, "lossless");
    assert_eq!(there.findings.kept(), again.findings.kept());
    let _ = read_json(bytes, sink());
});
