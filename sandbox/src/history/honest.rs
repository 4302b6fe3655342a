//! What honest people do, the odd things too.

use super::dice::Dice;
use super::happening::{DAY, DAYS, Happening, START};
use super::people::{People, Person, abroad, elsewhere, key, moment};
use jiff::Timestamp;
use settlement::ids::Direction;
use settlement::money::Cents;
use settlement::risk::key::Kind;
use settlement::risk::velocity::{Asked, Returned};

/// Numbers from which on what is new to honest people stands.
const NEW: u64 = 500_000_000;

/// All that honest people ask for.
pub fn happenings(dice: &mut Dice, people: &People, requests: u64) -> Vec<Happening> {
    let mut all = Vec::new();
    // Who makes more than one request at a time makes up for those who come late.
    let visits = requests * 3 / 4;
    for visit in 0..visits {
        let day = dice.among(0, DAYS - 1);
        let person = people.of(dice, day);
        let at = person.waking(dice, day, day);
        visited(dice, person, at, visit, &mut all);
    }
    all
}

fn visited(dice: &mut Dice, person: &Person, at: i64, visit: u64, all: &mut Vec<Happening>) {
    let mut asked = person.usually(dice, at);
    odd(dice, &mut asked, visit);
    let several = match (person.is_company, dice.below(1_000)) {
        // Wages, or a day's bills: one after the other from one device.
        (true, ..150) => dice.among(5, 40),
        // A program that does not hear our answer, or a customer who pays what is due.
        (false, ..6) => dice.among(3, 7),
        (false, ..60) => 2,
        _ => 1,
    };
    let same = dice.in_a_thousand(400) && !person.is_company;
    for step in 0..several {
        let mut one = asked.clone();
        one.at = moment(at + step * dice.among(5, 40));
        if !same && step > 0 {
            let next = person.usually(dice, at);
            (one.account, one.amount) = (next.account, next.amount);
        }
        let back = came_back(dice, &one);
        all.push(Happening {
            asked: one,
            fraud: None,
            reported: false,
            back,
        });
    }
}

/// Each of the things that look like fraud, now and then, and sometimes two together.
fn odd(dice: &mut Dice, asked: &mut Asked, visit: u64) {
    if dice.in_a_thousand(25) {
        asked.device = Some(key(Kind::Device, NEW + visit)); // a new telephone
    }
    if dice.in_a_thousand(60) {
        asked.account = key(Kind::Account, NEW + visit); // somebody new
    }
    if dice.in_a_thousand(12) {
        asked.amount = Cents::new(asked.amount.get() * (3 + dice.below(20))); // a car, a deposit
    }
    if dice.in_a_thousand(30) {
        asked.ip = Some(key(Kind::Ip, NEW + visit / 3)); // on the road
        asked.place = elsewhere(dice);
    } else if dice.in_a_thousand(10) {
        asked.ip = Some(key(Kind::Ip, NEW + visit));
        asked.place = abroad(dice);
    }
    if dice.in_a_thousand(80) {
        asked.device = None; // by a program, or on the telephone
    }
    if dice.in_a_thousand(5) {
        // Moving house: an own new account from a new device, and a large sum.
        asked.device = Some(key(Kind::Device, NEW + visit));
        asked.account = key(Kind::Account, NEW + visit);
        asked.amount = Cents::new(asked.amount.get() * (2 + dice.below(8)));
        asked.direction = Direction::Credit;
    }
}

fn came_back(dice: &mut Dice, asked: &Asked) -> Option<(Timestamp, Returned)> {
    let (why, days) = match (asked.direction, dice.below(10_000)) {
        (Direction::Debit, ..230) => (Returned::Funds, dice.among(1, 2)),
        (Direction::Debit, 230..245) => (Returned::Unauthorized, dice.among(2, 55)),
        (_, 245..290) => (Returned::Account, dice.among(1, 2)),
        _ => return None,
    };
    let at = asked.at.as_second() - START + days * DAY + dice.among(0, DAY - 1);
    Some((moment(at), why))
}
