//! The frauds that are planted, each kind in plain and in careful forms.

use super::dice::Dice;
use super::happening::{DAY, DAYS, Fraud, Happening, START};
use super::people::{People, Person, STRANGE, abroad, elsewhere, key, moment};
use jiff::Timestamp;
use settlement::ids::Direction;
use settlement::money::Cents;
use settlement::risk::key::Kind;
use settlement::risk::velocity::{Asked, Returned};

/// Requests for each case of a kind: a kind makes up 0.2 to 0.6 % of a history.
const FOR_A_CASE: [(Fraud, u64); 6] = [
    (Fraud::Testing, 4_000),
    (Fraud::Takeover, 600),
    (Fraud::BustOut, 2_500),
    (Fraud::Mule, 2_000),
    (Fraud::Synthetic, 3_000),
    (Fraud::Ring, 5_000),
];

/// A fraud in so many thousand is never reported.
const SILENT: u64 = 33;

/// All frauds.
pub fn happenings(dice: &mut Dice, people: &People, requests: u64) -> Vec<Happening> {
    let mut all = Vec::new();
    for (kind, for_a_case) in FOR_A_CASE {
        // Two of each at least, so that one is held out of a small history.
        for number in 0..(requests / for_a_case).max(3) {
            let mut case = Case {
                kind,
                number: STRANGE + (kind as u64) * 10_000_000 + number * 1_000,
                made: Vec::new(),
            };
            let day = dice.among(5, DAYS - 2);
            case.plant(dice, people, day);
            all.append(&mut case.made);
        }
    }
    all
}

struct Case {
    kind: Fraud,
    /// Numbers of its own things begin here.
    number: u64,
    made: Vec<Happening>,
}

impl Case {
    fn plant(&mut self, dice: &mut Dice, people: &People, day: i64) {
        match self.kind {
            Fraud::Testing => self.testing(dice, people, day),
            Fraud::Takeover => self.takeover(dice, people, day),
            Fraud::BustOut => self.bust_out(dice, people, day),
            Fraud::Mule => self.mule(dice, people, day),
            Fraud::Synthetic => self.synthetic(dice, people, day),
            Fraud::Ring => self.ring(dice, people, day),
        }
    }

    fn add(&mut self, dice: &mut Dice, asked: Asked, back: Option<(Timestamp, Returned)>) {
        self.made.push(Happening {
            asked,
            fraud: Some(self.kind),
            reported: !dice.in_a_thousand(SILENT),
            back,
        });
    }

    /// Small debits of many accounts; a careful one takes its time and changes its address.
    fn testing(&mut self, dice: &mut Dice, people: &People, day: i64) {
        let person = victim(dice, people, day);
        let careful = dice.in_a_thousand(350);
        let mut at = day * DAY + dice.among(0, DAY - 1);
        let from = if dice.in_a_thousand(400) {
            abroad(dice)
        } else {
            elsewhere(dice)
        };
        for step in 0..dice.among(8, 24).unsigned_abs() {
            let mut asked = person.usually(dice, at);
            asked.direction = Direction::Debit;
            asked.amount = Cents::new(100 + dice.below(900));
            asked.account = key(Kind::Account, self.number + step);
            asked.device = Some(key(
                Kind::Device,
                self.number + if careful { step / 4 } else { 0 },
            ));
            asked.ip = Some(key(
                Kind::Ip,
                self.number + if careful { step } else { step / 9 },
            ));
            asked.place = from;
            let back = back(dice, &asked, 350, Returned::Account, (1, 2));
            let back = back.or_else(|| later(dice, &asked, 300));
            self.add(dice, asked, back);
            at += if careful {
                dice.among(900, 5_400)
            } else {
                dice.among(8, 70)
            };
        }
    }

    /// A customer's access in other hands: credits to a new account. The careful stay in the
    /// country, ask for what is usual, and copy the device.
    fn takeover(&mut self, dice: &mut Dice, people: &People, day: i64) {
        let person = victim(dice, people, day);
        let careful = dice.in_a_thousand(300);
        let mut at = day * DAY + dice.among(0, DAY - 1);
        let from = match careful || dice.in_a_thousand(450) {
            true => elsewhere(dice),
            false => abroad(dice),
        };
        for step in 0..dice.among(1, 4).unsigned_abs() {
            let mut asked = person.usually(dice, at);
            asked.direction = Direction::Credit;
            let times = if careful {
                1 + dice.below(3)
            } else {
                3 + dice.below(18)
            };
            asked.amount = Cents::new(asked.amount.get() * times);
            asked.account = key(Kind::Account, self.number + step / 2);
            if !(careful && dice.in_a_thousand(400)) {
                asked.device = Some(key(Kind::Device, self.number));
            }
            asked.ip = Some(key(Kind::Ip, self.number));
            asked.place = from;
            self.add(dice, asked, None);
            at += dice.among(60, 10_800);
        }
    }

    /// Weeks of small requests that are honest so far, then all at once.
    fn bust_out(&mut self, dice: &mut Dice, people: &People, day: i64) {
        let day = if day < 40 {
            day + dice.among(40, 100)
        } else {
            day
        };
        let weeks = dice.among(35, 60);
        let mut person = stranger(dice, people, self.number, day - weeks);
        person.usual = 3_000 + dice.below(10_000);
        for back in 1..dice.among(8, 20) {
            let at = person.waking(dice, day - back * 2, day - back * 2);
            let mut asked = person.usually(dice, at);
            asked.account = key(Kind::Account, self.number + back.unsigned_abs() % 3);
            self.made.push(Happening {
                asked,
                fraud: None,
                reported: false,
                back: None,
            });
        }
        for step in 0..dice.among(4, 12).unsigned_abs() {
            let at = person.waking(dice, day, day + 3);
            let mut asked = person.usually(dice, at);
            asked.direction = Direction::Debit;
            asked.amount = Cents::new(asked.amount.get() * (3 + dice.below(14)));
            asked.account = key(Kind::Account, self.number + step % 5);
            let back = back(dice, &asked, 700, Returned::Funds, (1, 3));
            self.add(dice, asked, back);
        }
    }

    /// An account to which those who were deceived pay, most of them from their own devices.
    fn mule(&mut self, dice: &mut Dice, people: &People, day: i64) {
        let spread = dice.among(1, 6);
        for _ in 0..dice.among(4, 12) {
            let person = victim(dice, people, day);
            let at = person.waking(dice, day, day + spread);
            let mut asked = person.usually(dice, at);
            asked.direction = Direction::Credit;
            asked.amount = Cents::new(asked.amount.get() * (1 + dice.below(6)));
            asked.account = key(Kind::Account, self.number);
            if dice.in_a_thousand(250) {
                asked.device = Some(key(Kind::Device, self.number + 1));
            }
            self.add(dice, asked, None);
        }
    }

    /// A customer of a few days who pulls from accounts that are none or not its own.
    fn synthetic(&mut self, dice: &mut Dice, people: &People, day: i64) {
        let person = stranger(dice, people, self.number, day);
        for step in 0..dice.among(5, 16).unsigned_abs() {
            let at = person.waking(dice, day, day + 9);
            let mut asked = person.usually(dice, at);
            asked.direction = Direction::Debit;
            asked.amount = Cents::new(5_000 + dice.about(20_000));
            asked.account = key(Kind::Account, self.number + step);
            let back = back(dice, &asked, 400, Returned::Account, (1, 2));
            let back = back.or_else(|| later(dice, &asked, 500));
            self.add(dice, asked, back);
        }
    }

    /// Debits of one originator for weeks, of which a third comes back as unauthorized.
    fn ring(&mut self, dice: &mut Dice, people: &People, day: i64) {
        let known = dice.in_a_thousand(500);
        let since = if known {
            -dice.among(30, 400)
        } else {
            day - dice.among(0, 10)
        };
        let person = stranger(dice, people, self.number, since);
        for step in 0..dice.among(15, 45).unsigned_abs() {
            let at = person.waking(dice, day, day + 38);
            let mut asked = person.usually(dice, at);
            asked.direction = Direction::Debit;
            asked.amount = Cents::new(1_500 + dice.about(6_000));
            asked.account = key(Kind::Account, self.number + step % 30);
            let back = later(dice, &asked, 400);
            self.add(dice, asked, back);
        }
    }
}

/// A private customer who is there on that day.
fn victim<'a>(dice: &mut Dice, people: &'a People, day: i64) -> &'a Person {
    /// Draws before a company will do.
    const TRIES: usize = 20;
    let mut person = people.of(dice, day);
    for _ in 0..TRIES {
        if !person.is_company {
            break;
        }
        person = people.of(dice, day);
    }
    person
}

/// A customer who exists for this case alone.
fn stranger(dice: &mut Dice, people: &People, number: u64, since: i64) -> Person {
    let mut person = dice.one_of(&people.all).clone();
    person.number = number;
    person.since = since;
    person.devices = vec![number];
    person.ip = number;
    person.is_company = false;
    person
}

/// Whether, when and why it comes back, `share` times in a thousand.
fn back(
    dice: &mut Dice,
    asked: &Asked,
    share: u64,
    why: Returned,
    (first, last): (i64, i64),
) -> Option<(Timestamp, Returned)> {
    let days = dice.among(first, last);
    let at = asked.at.as_second() - START + days * DAY + dice.among(1, DAY - 1);
    dice.in_a_thousand(share).then(|| (moment(at), why))
}

/// The holder looks at a statement and says no.
fn later(dice: &mut Dice, asked: &Asked, share: u64) -> Option<(Timestamp, Returned)> {
    back(dice, asked, share, Returned::Unauthorized, (2, 30))
}
