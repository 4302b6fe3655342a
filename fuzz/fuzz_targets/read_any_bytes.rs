//! Any bytes: never a panic, every byte handed out once, and the same findings however the bytes
//! were cut. Masking, splitting and comparing go along.

#![no_main]

use formats::nacha::{Event, Reader, Scanner, ops, validate};
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, sink};

fuzz_target!(|bytes: &[u8]| {
    let report = validate(bytes).expect("memory can be read");
    let mut reader = Reader::new(bytes);
    let mut raw = Vec::with_capacity(bytes.len());
    while let Some(record) = reader.next_record().expect("memory can be read") {
        raw.extend_from_slice(record.raw);
    }
    assert_eq!(raw, bytes, "the raw bytes of all records are the file");

    let mut scanner = Scanner::new();
    let size = bytes.first().map_or(1, |byte| usize::from(*byte) + 1);
    for mut piece in bytes.chunks(size) {
        while !piece.is_empty() {
            piece = &piece[scanner.feed(piece)..];
            while scanner.next_record().is_some() {}
        }
    }
    let pieces = scanner.finish();
    assert_eq!(pieces.findings.kept(), report.findings.kept());
    assert_eq!(pieces.totals, report.totals);

    let mut reader = Reader::new(bytes);
    let (mut entries, mut addenda, mut errors) = (0, 0, 0);
    while let Some(event) = reader.next().expect("memory can be read") {
        if let Event::Entry(entry) = event {
            entries += 1;
            addenda += entry.addenda().count() as u64;
            errors += entry.errors;
        }
    }
    assert_eq!(entries, report.totals.entries, "each entry once");
    assert!(errors <= report.findings.errors(), "no error is told twice");
    if report.findings.ok() {
        assert_eq!(addenda, report.totals.addenda, "each addenda with its entry");
    }

    ops::mask(bytes, sink(), &[7; 16]).expect("memory can be read");
    let _ = ops::split(bytes, ops::By::Direction, |_| Ok(sink()), |_, _, _| Ok(()));
    let same = ops::diff(Cursor::new(bytes), Cursor::new(bytes), 10, |_| Ok(()));
    assert!(same.expect("memory can be read").is_same(), "a file is itself");
});
