//! Customers of an installation of several banks: forgotten, exported and refused as a whole; and
//! banks that the configuration does not name any more.

use crate::child::run;
use crate::days::banks::{configure, copied, everyone_at};
use crate::days::forgets::{self, OBJECTS};
use crate::days::world::block;
use crate::tree::{self, assert_same, bytes};
use connectors::{Created, NewRecord};
use desk::config::Config;
use jiff::civil::date;
use serde_json::Value;
use settlement::forgetting::Customer;
use settlement::ids::PaymentId;
use settlement::payment::Payment;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// Customers by the places of the banks by which their payments go.
fn customers(at: &Path) -> BTreeMap<String, Customer> {
    let mut by_place = BTreeMap::new();
    for payment in everyone_at(at) {
        let customer = Customer {
            originator: payment.order.originator.clone(),
            token: payment.receiver.token.token.clone(),
        };
        by_place.entry(payment.bank.clone()).or_insert(customer);
    }
    by_place
}

fn args<'a>(command: &'a str, customer: &'a Customer) -> Vec<&'a str> {
    let Customer { originator, token } = customer;
    vec![command, "--originator", originator, "--token", token]
}

fn document(text: &str) -> Value {
    let lines: Vec<&str> = text.lines().collect();
    let [line] = lines[..] else {
        panic!("one document: {text}")
    };
    serde_json::from_str(line).expect("a document")
}

#[test]
fn a_customer_of_no_bank_is_refused_and_one_of_a_bank_is_exported_in_one_document() {
    let dir = copied();
    let at = dir.path().join("copy");
    let nobody = Customer {
        originator: "billing".to_owned(),
        token: "00".to_owned(),
    };
    for command in ["forget", "export-customer"] {
        run(&at, &args(command, &nobody)).expect(2, &["no payment is of this customer"]);
    }
    let north = customers(&at)["north"].clone();
    let whole = run(&at, &args("export-customer", &north));
    let whole = document(&whole.expect(0, &[]).text());
    assert_eq!(whole["schema"], "tieout/banks/1");
    let of = |bank: usize| &whole["banks"][bank];
    assert!(of(0)["document"].is_null() && of(0)["status"] == 0);
    let exported = &of(1)["document"];
    assert_eq!(exported["token"], north.token.as_str());
    assert_eq!(exported["currency"], "USD");
    let alone = run(
        &at,
        &[args("export-customer", &north), vec!["--bank", "north"]].concat(),
    );
    assert_eq!(document(&alone.expect(0, &[]).text()), *exported);
    let elsewhere = [args("export-customer", &north), vec!["--bank", "sandbox"]].concat();
    run(&at, &elsewhere).expect(2, &["no payment is of this customer"]);
}

#[test]
fn an_export_goes_into_a_file_of_its_own_whole_or_not_at_all() {
    let dir = copied();
    let at = dir.path().join("copy");
    let north = customers(&at)["north"].clone();
    let export = args("export-customer", &north);
    let into = |file: &str| run(&at, &[&export[..], &["--out", file]].concat());
    let told = into("customer.json");
    told.expect(0, &["customer.json"]);
    assert!(!told.text().contains("\"name\""), "{}", told.text());
    let file = at.join("customer.json");
    let kept = fs::read_to_string(&file).expect("the file");
    let shown = run(&at, &export).text();
    assert_eq!(document(&kept), document(&shown));
    assert!(
        kept.starts_with("{\"schema\":\"tieout/banks/1\","),
        "{kept}"
    );
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o077, 0, "for its owner alone");
    // Whatever has the name stays as it is: a file, a folder, a link that leads nowhere.
    fs::create_dir(at.join("folder")).expect("made");
    symlink("/nowhere/at/all", at.join("link")).expect("a link");
    for name in ["customer.json", "folder", "link"] {
        into(name).expect(2, &[name, "there is something of that name"]);
    }
    assert_eq!(fs::read_to_string(&file).expect("the file"), kept);
    into("gone/customer.json").expect(3, &["choose a folder that is there"]);
    let json = run(
        &at,
        &[&export[..], &["--out", "second.json", "--json"]].concat(),
    );
    let json = document(&json.expect(0, &[]).text());
    assert_eq!(json["schema"], "tieout/exported/1");
    assert_eq!(json["path"], "second.json");
    assert_eq!(
        fs::read_to_string(at.join("second.json")).expect("written"),
        kept
    );
    // A part that is not as it was written: no file tells half of what is held.
    let mut parts = Vec::new();
    tree::walk(
        &at.join("objects/banks/north/ach_entries"),
        &mut |path, is_dir| {
            if !is_dir {
                parts.push(path.to_path_buf());
            }
        },
    );
    for part in parts {
        File::create(part).expect("emptied");
    }
    let there = listed(&at);
    assert_ne!(into("third.json").status, 0);
    assert_eq!(listed(&at), there, "half a file");
}

fn listed(at: &Path) -> BTreeSet<OsString> {
    let all = fs::read_dir(at).expect("a folder");
    let all = all.map(|entry| entry.expect("an entry").file_name());
    all.collect()
}

/// A customer of the home bank of whom nothing is open any more, asks by a second one as well.
#[test]
fn nobody_is_forgotten_at_one_bank_while_another_refuses() {
    let (_made, _dir, at) = forgets::copied();
    let (customer, payment) = forgets::somebody(&at);
    configure(&at);
    for file in ["home.toml", "north.toml"] {
        let text = fs::read_to_string(at.join(file)).expect("a profile");
        fs::write(at.join(file), format!("names_kept_days = 0\n{text}")).expect("written");
    }
    run(&at, &["init"]).expect(0, &["bank profile north"]);
    let forget = args("forget", &customer);
    run(&at, &[&forget[..], &["--dry-run"]].concat()).expect(0, &["would be forgotten"]);
    by_north(&at, &payment);
    let before = bytes(&at, OBJECTS);
    run(&at, &forget).expect(2, &["bank north: ", "nothing was forgotten"]);
    assert_same("refused", &before, &bytes(&at, OBJECTS));
    // Whoever names the bank means that one alone.
    let alone = [&forget[..], &["--bank", "sandbox"]].concat();
    run(&at, &alone).expect(0, &["is forgotten"]);
    let told = run(&at, &args("export-customer", &customer));
    let told = document(&told.expect(0, &[]).text());
    let held = |bank: usize| told["banks"][bank]["document"]["payments"][0].clone();
    assert_eq!(
        (&held(0)["name"], &held(0)["forgotten"]),
        (&"".into(), &true.into())
    );
    assert_eq!(held(1)["name"], payment.receiver.name.as_str());
    run(&at, &["check"]).expect(0, &["names that were forgotten"]);
}

/// The same receiver, asked for again and by the second bank.
fn by_north(at: &Path, payment: &Payment) {
    let config = Config::read(Some(&at.join("tieout.toml"))).expect("a configuration");
    let house = jobs::open::house(config).expect("an installation");
    let again = Payment {
        id: PaymentId::from_key(payment.id.key() + 1).expect("an id"),
        bank: "north".to_owned(),
        ..payment.as_created()
    };
    let record = NewRecord {
        payment: again,
        idempotency_key: "asked for again".to_owned(),
        request_hash: [7; 32],
        date: date(2027, 1, 29),
    };
    let made = block(house.home.ports.payments.create(vec![record]));
    assert_eq!(made.expect("created"), [Created::New]);
}

#[test]
fn a_bank_that_the_configuration_does_not_name_any_more_is_named_by_check() {
    let dir = copied();
    let at = dir.path().join("copy");
    run(&at, &["check"]).expect(0, &[]);
    let north = customers(&at)["north"].clone();
    let config = at.join("tieout.toml");
    let two = fs::read_to_string(&config).expect("the configuration");
    let one = two.replace(", 'north.toml'", "");
    let (one, _) = one.split_once("[addresses.links]").expect("links");
    fs::write(&config, one).expect("written");
    let check = run(&at, &["check"]);
    let what = ["banks/north, in objects", "banks/north, in archive"];
    check.expect(1, &what);
    check.expect(
        1,
        &[
            "payments by north, in the store",
            "name its profile in banks again",
        ],
    );
    // Of whom payments go by it, nothing is said that would be half of it.
    for command in ["forget", "export-customer"] {
        let refused = run(&at, &args(command, &north));
        refused.expect(
            2,
            &["go by north, and the configuration does not name that bank"],
        );
    }
    fs::write(&config, two).expect("written");
    run(&at, &["check"]).expect(0, &[]);
    nothing_is_made_beside_what_is_lost(&at);
    // What stands beside the places of banks is nobody's.
    fs::write(at.join("objects/banks/notes.txt"), "mine").expect("written");
    run(&at, &["check"]).expect(1, &["banks/notes.txt: foreign, in objects"]);
    fs::create_dir(at.join("objects/banks/south")).expect("made");
    run(&at, &["check"]).expect(1, &["banks/south, in objects"]);
}

/// The objects of a bank that are gone are not made anew: its traces would begin again.
fn nothing_is_made_beside_what_is_lost(at: &Path) {
    let parts = ["objects", "archive"].map(|place| at.join(place).join("banks/north"));
    let away = ["objects", "archive"].map(|place| at.join(format!("{place}-away")));
    for (part, says) in [
        (0, "packages of its days are in the archive"),
        (1, "payments that go"),
    ] {
        fs::rename(&parts[part], &away[part]).expect("moved");
        let refused = [
            "the objects of the bank north are gone",
            says,
            "restore them",
        ];
        run(at, &["init"]).expect(2, &refused);
    }
    for (part, away) in parts.iter().zip(&away) {
        let _ = fs::remove_dir_all(part); // the folders that were made for nothing
        fs::rename(away, part).expect("back");
    }
    run(at, &["check"]).expect(0, &[]);
}
