//! How a fixture is made: by the program that is, before its records change.
//!
//! `FIXTURE=form-N.tar.zst cargo test --workspace --test it upgrade::made -- --ignored`; the file
//! is named from the folder `tests/`, and goes into its `fixtures/`.

use super::older::facts;
use crate::days::world::{self, World, block};
use crate::tree::{self, scratch};
use jiff::civil::{Date, date};
use jobs::{cut, day};
use sandbox::bank::{FaultPlan, Habits};
use settlement::windows::Window;
use std::fs::{self, File};
use std::path::Path;

const ASKED: [Date; 5] = [
    date(2026, 11, 24),
    date(2026, 11, 25),
    date(2026, 11, 27),
    date(2026, 11, 30),
    date(2026, 12, 1),
];
const QUIET: [Date; 5] = [
    date(2026, 12, 2),
    date(2026, 12, 3),
    date(2026, 12, 4),
    date(2026, 12, 7),
    date(2026, 12, 8),
];
const PAYMENTS: u64 = 60;

/// Puts out what the bank has for a morning, and keeps all that lies there for whoever runs on from
/// the stop: the evening's acknowledgements too.
fn put_out(world: &mut World, dir: &Path, today: Date, later: Option<&Path>) {
    world::put_out(dir, world.files(today));
    let Some(later) = later else { return };
    let folder = later.join(today.to_string());
    fs::create_dir_all(&folder).expect("a folder");
    for file in world::files_in(&dir.join("bank/from-bank")) {
        let name = file.file_name().expect("a name");
        fs::copy(&file, folder.join(name)).expect("copied");
    }
}

/// All jobs of a day, and the bank's evening after them.
fn run(world: &mut World, dir: &Path, today: Date) {
    block(day::run(&world::desk(dir), today)).expect("a day");
    world.evening(dir, today);
}

/// The first window is sent and the morning's files are taken: the middle of a day.
fn half(dir: &Path, today: Date) {
    let desk = world::desk(dir);
    block(cut::run(&desk, today, Window::ALL[0])).expect("cut");
    for name in ["deliver", "ingest"] {
        block(world::job(&desk, today, name)).expect(name);
    }
}

fn pack(from: &Path, to: &Path) {
    let file = File::create(to).expect("the fixture");
    let packed = zstd::Encoder::new(file, 19).expect("zstd");
    let mut tar = tar::Builder::new(packed);
    tar.append_dir_all(".", from).expect("packed");
    let packed = tar.into_inner().expect("packed");
    packed.finish().expect("packed");
}

#[test]
#[ignore = "makes a fixture: not a test"]
fn a_fixture_is_made_by_this_program() {
    let to = std::env::var_os("FIXTURE").expect("FIXTURE: the file to make");
    let (live, fixture) = (scratch(), scratch());
    let (dir, later) = (live.path(), fixture.path().join("later"));
    let habits = Habits {
        told_again: true,
        corrects: true,
        ..Habits::default()
    };
    let mut world = World::new(FaultPlan::standard(5)).with_habits(habits);
    block(world::begin(&world::desk(dir)));
    let asked = |today: Date| block(world::ask(&world::desk(dir), today, PAYMENTS));
    let [before @ .., stopped, after] = ASKED;
    for today in before {
        put_out(&mut world, dir, today, None);
        asked(today);
        run(&mut world, dir, today);
    }
    put_out(&mut world, dir, stopped, None);
    // Whoever runs on has no customers but these.
    asked(stopped);
    asked(after);
    half(dir, stopped);
    tree::copy(dir, &fixture.path().join("installation"));
    run(&mut world, dir, stopped);
    for today in [&[after], &QUIET[..]].concat() {
        put_out(&mut world, dir, today, Some(&later));
        run(&mut world, dir, today);
    }
    let end = block(facts(&world::desk(dir), QUIET[4], |payment, _| {
        (payment.state, payment.version)
    }));
    fs::write(fixture.path().join("expected.txt"), end.join("\n")).expect("written");
    pack(fixture.path(), Path::new(&to));
}
