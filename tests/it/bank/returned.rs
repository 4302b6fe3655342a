//! What comes back, and comes back again: each on whole days, judged by where the payment stands,
//! what rests in the books, and which breaks are open.

use crate::bank::sent::{Back, Sent, file};
use crate::bank::week::{CLEARING, SUSPENSE, Week};
use formats::acks::{self, Ack, Status};
use formats::statement::Line;
use jiff::civil::{Date, date};
use sandbox::bank::OutFile;
use settlement::codes::sec::SecCode;
use settlement::payment::State;

/// A Tuesday; the Thursday after it is a holiday.
const FIRST: Date = date(2026, 11, 24);
const SETTLES: Date = date(2026, 11, 25);
const FRIDAY: Date = date(2026, 11, 27);
const MONDAY: Date = date(2026, 11, 30);

const PAYMENTS: u64 = 60;

/// The standard debits of the first day of a class.
pub fn debits(week: &Week, sec: SecCode) -> Vec<Sent> {
    let mut all = week.sent(FIRST);
    all.retain(|one| one.is_debit() && one.sec == sec && one.file.contains("standard"));
    assert!(all.len() > 2, "{all:?}");
    all
}

/// A week after its first two days, of which the first had payments.
fn begun() -> Week {
    let mut week = Week::new(FIRST);
    week.day(PAYMENTS, Vec::new(), &mut |_, _| {});
    week.day(0, Vec::new(), &mut |_, _| {});
    week
}

/// Tells lines on the statement of their day, beside its own.
fn lines_on(of: Vec<(Date, Line)>) -> impl FnMut(Date, &mut Vec<Line>) {
    let mut of = of;
    move |day, lines| {
        lines.extend(
            of.extract_if(.., |(on, _)| *on <= day)
                .map(|(_, line)| line),
        )
    }
}

/// Runs the days on which these files wait, and quiet ones to the end.
fn run(week: &mut Week, files: Vec<(Date, OutFile)>, money: Vec<(Date, Line)>) {
    let mut tell = lines_on(money);
    while week.today <= date(2026, 12, 8) {
        let today = files.iter().filter(|(day, _)| *day == week.today);
        let today = today.map(|(_, file)| file.clone()).collect();
        week.day(0, today, &mut tell);
    }
}

/// Nothing rests on any account where something only passes, but for fees: the bank bills returns
/// of its own making alone.
#[track_caller]
pub fn nothing_rests(week: &Week) {
    let end = week.end();
    let mut rests = [end.on(CLEARING), end.on(SUSPENSE)].concat();
    rests.retain(|(account, _, _)| account != "2130");
    assert!(rests.is_empty(), "{rests:?}");
}

fn told_twice(second: impl Fn(&Sent) -> Vec<(Date, OutFile)>) -> (Week, Sent) {
    let mut week = begun();
    let of = debits(&week, SecCode::Ppd).remove(0);
    let files = second(&of);
    run(&mut week, files, vec![(FRIDAY, of.line(true))]);
    (week, of)
}

#[test]
fn a_return_told_twice_is_a_duplicate_that_is_said_once() {
    type Told<'a> = &'a dyn Fn(&Sent) -> Vec<(Date, OutFile)>;
    let once = |of: &Sent| file("a.ach", FRIDAY, b'A', &[of.back("R01", 7)]);
    let in_one: Told<'_> = &|of| {
        let backs = [of.back("R01", 7), of.back("R01", 7)];
        vec![(FRIDAY, file("a.ach", FRIDAY, b'A', &backs))]
    };
    let in_two: Told<'_> = &|of| {
        let again = file("b.ach", FRIDAY, b'B', &[of.back("R01", 7)]);
        vec![(FRIDAY, once(of)), (FRIDAY, again)]
    };
    let later: Told<'_> = &|of| {
        let again = file("a.ach", date(2026, 12, 4), b'A', &[of.back("R01", 7)]);
        vec![(FRIDAY, once(of)), (date(2026, 12, 4), again)]
    };
    for (how, told) in [
        ("in one file", in_one),
        ("in two", in_two),
        ("a week later", later),
    ] {
        let (week, of) = told_twice(told);
        let (end, trace) = (week.end(), of.trace.to_string());
        assert_eq!(end.open(), [("DUP_ENTRY", trace.as_str())], "{how}");
        assert_eq!(week.state(&of), State::Returned, "{how}");
        nothing_rests(&week);
    }
}

#[test]
fn a_return_that_is_sent_again_with_its_fields_right_answers() {
    let mut week = begun();
    let all = debits(&week, SecCode::Ppd);
    let (of, other) = (&all[0], &all[1]);
    let odd = "076401259999999".parse::<u64>().expect("a trace");
    let wrong = Back {
        original: settlement::ids::TraceNumber::from_number(odd).ok(),
        ..of.back("R01", 7)
    };
    let amount = Back {
        cents: Some(other.cents + 1),
        ..other.back("R02", 8)
    };
    let files = vec![
        (FRIDAY, file("a.ach", FRIDAY, b'A', &[wrong, amount])),
        (
            MONDAY,
            file(
                "a.ach",
                MONDAY,
                b'A',
                &[of.back("R01", 7), other.back("R02", 8)],
            ),
        ),
    ];
    let money = [of, other].map(|one| (MONDAY, one.line(true)));
    run(&mut week, files, money.to_vec());
    let end = week.end();
    assert_eq!(end.open(), [], "{:#?}", end.breaks);
    let cleared: Vec<_> = end.breaks.iter().map(|b| b.kind.as_str()).collect();
    assert_eq!(cleared, ["RETURN_AMOUNT", "RETURN_UNMATCHED"]);
    assert!(
        end.breaks
            .iter()
            .all(|b| b.explanation.contains("corrected by"))
    );
    for one in [of, other] {
        assert_eq!(week.state(one), State::Returned);
    }
    nothing_rests(&week);
}

#[test]
fn a_return_with_another_reason_corrects_the_first_and_moves_no_money_of_its_own() {
    let mut week = begun();
    let of = debits(&week, SecCode::Ppd).remove(0);
    let files = vec![
        (FRIDAY, file("a.ach", FRIDAY, b'A', &[of.back("R01", 7)])),
        (MONDAY, file("a.ach", MONDAY, b'A', &[of.back("R02", 9)])),
    ];
    run(&mut week, files, vec![(FRIDAY, of.line(true))]);
    assert_eq!(week.end().open(), []);
    let returned = week.payment(&of).returned.expect("a return");
    assert_eq!(returned.code.as_str(), "R02");
    assert_eq!(week.state(&of), State::Returned);
    nothing_rests(&week);
}

#[test]
fn a_return_before_its_acknowledgement_is_a_return_all_the_same() {
    for held in [false, true] {
        let mut week = Week::new(FIRST);
        week.day(PAYMENTS, Vec::new(), &mut |_, _| {});
        let of = debits(&week, SecCode::Ppd).remove(0);
        // Its name comes before that of the acknowledgement that waits in the same folder.
        let mut files = vec![(SETTLES, file("0.ach", SETTLES, b'A', &[of.back("R03", 7)]))];
        if held {
            files.extend(week.take_out("-ack-").into_iter().map(|ack| (MONDAY, ack)));
        }
        run(&mut week, files, vec![(SETTLES, of.line(true))]);
        assert_eq!(week.end().open(), [], "held: {held}");
        assert_eq!(week.state(&of), State::Returned, "it settled and came back");
        nothing_rests(&week);
    }
}

#[test]
fn a_second_change_and_a_change_beside_a_return_are_answers_like_any_other() {
    let mut week = begun();
    let of = debits(&week, SecCode::Ppd).remove(0);
    let both = [of.back("C01", 5), of.back("R02", 7)];
    let files = vec![
        (FRIDAY, file("a.ach", FRIDAY, b'A', &both)),
        (MONDAY, file("a.ach", MONDAY, b'A', &[of.back("C01", 6)])),
        (MONDAY, file("b.ach", MONDAY, b'B', &[of.back("C02", 9)])),
    ];
    run(&mut week, files, vec![(FRIDAY, of.line(true))]);
    assert_eq!(week.end().open(), []);
    assert_eq!(week.state(&of), State::Returned);
    nothing_rests(&week);
}

#[test]
fn a_dispute_ends_where_its_money_is() {
    let mut week = begun();
    let of = debits(&week, SecCode::Ppd).remove(0);
    let step = |day, code, by| file("a.ach", day, b'A', &[of.back(code, by)]);
    let [third, fifth, seventh] = [date(2026, 12, 1), date(2026, 12, 3), date(2026, 12, 7)];
    let mut files = vec![
        (FRIDAY, step(FRIDAY, "R01", 7)),
        (third, step(third, "R68", 8)),
    ];
    let mut money = vec![(FRIDAY, of.line(true)), (third, of.line(false))];
    let mut dishonored = begun();
    run(&mut dishonored, files.clone(), money.clone());
    assert_eq!(dishonored.end().open(), []);
    assert_eq!(dishonored.state(&of), State::Dishonored);
    nothing_rests(&dishonored);
    files.push((fifth, step(fifth, "R73", 9)));
    money.push((fifth, of.line(true)));
    let again = (seventh, step(seventh, "R75", 10));
    run(&mut week, [files, vec![again]].concat(), money);
    let (end, trace) = (week.end(), of.trace.to_string());
    // Contested once more: the dispute is over, and that is no duplicate.
    let found: Vec<_> = end.of("STATUS").iter().map(|b| b.key.clone()).collect();
    assert_eq!(found, [trace.as_str()], "{:#?}", end.breaks);
    assert_eq!(end.of("DUP_ENTRY").len(), 0);
    assert_eq!(week.state(&of), State::Contested);
}

/// The bank's acknowledgement of a file, made to say that it is rejected, of one batch or whole.
pub fn rejected(ack: &OutFile, batch: Option<&Sent>) -> OutFile {
    let read = acks::read(&ack.bytes);
    let ack_of = read[0].clone().expect("sound");
    let reject = Ack {
        status: Status::Rejected,
        reason: "no such company".to_owned(),
        batch: batch.map(|one| one.batch),
        entries: 0,
        debit_cents: Default::default(),
        credit_cents: Default::default(),
        ..ack_of
    };
    OutFile {
        name: format!("rejected-{}", ack.name),
        bytes: acks::write(&[reject]),
    }
}

pub fn ack_of(week: &Week, of: &Sent) -> OutFile {
    let mut acks = week.take_out("-ack-");
    let at = acks.iter().position(|ack| ack.name.contains(&of.file));
    let ack = acks.remove(at.expect("an acknowledgement"));
    for other in acks {
        std::fs::write(
            week.path().join("bank/from-bank").join(&other.name),
            &other.bytes,
        )
        .expect("put back");
    }
    ack
}

#[test]
fn a_file_that_is_rejected_after_it_settled_is_one_break_with_its_money() {
    let mut week = Week::new(FIRST);
    week.day(PAYMENTS, Vec::new(), &mut |_, _| {});
    let of = debits(&week, SecCode::Ppd).remove(0);
    let ack = ack_of(&week, &of);
    let files = vec![(date(2026, 12, 1), rejected(&ack, None)), (SETTLES, ack)];
    run(&mut week, files, Vec::new());
    let end = week.end();
    assert_eq!(
        end.open(),
        [("STATUS", of.file.as_str())],
        "{:#?}",
        end.breaks
    );
    let held: i64 = week
        .sent(FIRST)
        .iter()
        .filter(|one| one.file == of.file)
        .map(moves)
        .sum();
    let returned: Vec<_> = week.sent(FIRST);
    let came_back = returned
        .iter()
        .filter(|one| week.state(one) == State::Returned)
        .count();
    let found = end.of("STATUS")[0];
    assert!(found.cents.get() == held || came_back > 0, "{found:?}");
    assert_eq!(week.state(&of), State::Success);
}

fn moves(of: &Sent) -> i64 {
    of.line(false).amount.get()
}

#[test]
fn a_batch_that_is_rejected_alone_fails_alone() {
    let mut week = Week::new(FIRST);
    week.day(PAYMENTS, Vec::new(), &mut |_, _| {});
    let of = debits(&week, SecCode::Ppd).remove(0);
    let of_batch = |one: &Sent| (&one.file, one.batch) == (&of.file, of.batch);
    let ack = ack_of(&week, &of);
    let files = vec![(SETTLES, ack.clone()), (SETTLES, rejected(&ack, Some(&of)))];
    let total: i64 = week
        .sent(FIRST)
        .iter()
        .filter(|one| of_batch(one))
        .map(moves)
        .sum();
    let mut unsettled = |_: Date, lines: &mut Vec<Line>| {
        lines.retain(|line| line.amount.get() != total);
    };
    for (day, file) in files {
        if week.today == day {
            week.day(
                0,
                vec![file.clone(), rejected(&file, Some(&of))],
                &mut unsettled,
            );
        }
    }
    while week.today <= date(2026, 12, 2) {
        week.day(0, Vec::new(), &mut unsettled);
    }
    for one in week.sent(FIRST).iter().filter(|one| one.file == of.file) {
        let failed = week.state(one) == State::Failed;
        assert_eq!(failed, of_batch(one), "{one:?}");
    }
    assert_eq!(week.end().open(), []);
    nothing_rests(&week);
}

#[test]
fn a_hold_leaves_out_what_came_back_before_it_ended() {
    let mut week = begun();
    let of = debits(&week, SecCode::Ppd).remove(0);
    let files = vec![(FRIDAY, file("a.ach", FRIDAY, b'A', &[of.back("R01", 7)]))];
    run(&mut week, files, vec![(FRIDAY, of.line(true))]);
    let holds = week.holds();
    let (with, without): (Vec<_>, Vec<_>) = holds
        .into_iter()
        .partition(|hold| hold.except.contains(&of.trace));
    let [hold] = &with[..] else {
        panic!("its own side leaves it out once: {with:?}")
    };
    assert_eq!(hold.except, [of.trace]);
    assert!(!without.is_empty() && without.iter().all(|hold| hold.except.is_empty()));
    let all: Vec<Sent> = week.sent(FIRST);
    let of_side = all
        .iter()
        .filter(|one| (one.batch, &one.file) == (of.batch, &of.file) && one.is_debit());
    let cents: u64 = of_side.map(|one| one.cents).sum();
    assert_eq!(hold.cents.get(), cents - of.cents);
    assert!(!week.events(&of).contains(&"hold_ended"));
    nothing_rests(&week);
}
