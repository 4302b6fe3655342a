use super::*;
use crate::ids::PaymentId;
use jiff::{Timestamp, civil::date};
use proptest::prelude::*;

fn plan(waiting: Vec<Waiting>, profile: &BankProfile, slot: &Slot) -> Result<Plan, CutError> {
    let mut intake = Intake::new(profile, *slot);
    waiting.iter().for_each(|payment| intake.take(payment));
    intake.plan()
}

const DAY: Date = date(2026, 11, 24);

fn profile() -> BankProfile {
    BankProfile::parse(include_str!("../../../data/banks/sandbox.toml")).unwrap()
}

fn slot() -> Slot {
    Slot {
        date: DAY,
        window: Window::Standard,
        last_sequence: 0,
        files_so_far: 0,
    }
}

fn waiting(n: u32, direction: Direction, cents: u64) -> Waiting {
    let created_at: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
    let (originator, description) = match direction {
        Direction::Credit => ("payroll", "PAYROLL"),
        Direction::Debit => ("billing", "BILL PAY"),
    };
    Waiting {
        id: PaymentId::new(created_at, n).unwrap(),
        order: Order {
            direction,
            amount: Cents::new(cents),
            originator: originator.into(),
            sec: SecCode::Ppd,
            description: description.into(),
            speed: Speed::Standard,
            effective: None,
        },
        account: AccountKind::Checking,
    }
}

fn many(count: u32) -> Vec<Waiting> {
    (0..count)
        .map(|n| waiting(n, Direction::Credit, 100))
        .collect()
}

fn sizes(plan: &Plan) -> Vec<usize> {
    plan.files
        .iter()
        .flat_map(|f| &f.batches)
        .map(|b| b.entries.len())
        .collect()
}

#[test]
fn a_batch_holds_at_most_2500_entries() {
    let plan = plan(many(5_001), &profile(), &slot()).unwrap();
    assert_eq!(sizes(&plan), [2500, 2500, 1]);
    assert_eq!(plan.last_sequence, 5_001);
}

#[test]
fn an_offset_takes_one_of_the_places_and_balances_the_batch() {
    let mut profile = profile();
    profile.batch.balanced = true;
    let plan = plan(many(2_500), &profile, &slot()).unwrap();
    assert_eq!(sizes(&plan), [2499, 1]);
    let first = &plan.files[0].batches[0];
    assert_eq!(first.debits, first.credits);
    assert_eq!(first.offset.unwrap().trace.sequence(), 2_500);
    assert_eq!(first.offset.unwrap().code.direction(), Direction::Debit);
}

#[test]
fn a_full_file_is_followed_by_another() {
    let mut profile = profile();
    profile.file.max_entries = 5_000;
    let plan = plan(many(7_501), &profile, &slot()).unwrap();
    let files: Vec<_> = plan
        .files
        .iter()
        .map(|f| (f.modifier, f.batches.len()))
        .collect();
    assert_eq!(files, [(b'A', 2), (b'B', 2)]);
    assert_eq!(plan.files[1].batches[0].key.number(), 1);
}

#[test]
fn dollars_fill_a_batch_too() {
    let mut profile = profile();
    profile.file.max_cents = Cents::new(1_000);
    let plan = plan(many(25), &profile, &slot()).unwrap();
    assert_eq!(sizes(&plan), [10, 10, 5]);
    assert_eq!(plan.files.len(), 3);
}

#[test]
fn over_the_same_day_limit_a_payment_goes_with_the_standard_window() {
    let mut large = waiting(1, Direction::Credit, 100_000_001);
    large.order.speed = Speed::SameDay;
    let mut small = waiting(2, Direction::Credit, 100_000_000);
    small.order.speed = Speed::SameDay;
    let sd1 = Slot {
        window: Window::SameDay1,
        ..slot()
    };
    let both = vec![large.clone(), small.clone()];
    let same_day = plan(both.clone(), &profile(), &sd1).unwrap();
    assert_eq!(same_day.held, [(large.id, Held::OtherWindow)]);
    assert_eq!(same_day.files[0].batches[0].settles_on, DAY);
    let standard = plan(both, &profile(), &slot()).unwrap();
    assert_eq!(standard.held, [(small.id, Held::OtherWindow)]);
    assert_eq!(standard.files[0].batches[0].settles_on, date(2026, 11, 25));
}

#[test]
fn traces_start_again_before_a_batch_that_would_pass_the_last() {
    let slot = Slot {
        last_sequence: TRACE_SEQUENCE_MAX - 5,
        ..slot()
    };
    let plan = plan(many(10), &profile(), &slot).unwrap();
    assert_eq!(
        plan.files[0].batches[0]
            .entries
            .iter()
            .next()
            .unwrap()
            .trace
            .sequence(),
        1
    );
}

#[test]
fn a_holiday_is_refused() {
    let thanksgiving = Slot {
        date: date(2026, 11, 26),
        ..slot()
    };
    let refused = plan(many(1), &profile(), &thanksgiving);
    assert_eq!(refused, Err(CutError::NotABankingDay(thanksgiving.date)));
}

prop_compose! {
    fn a_day()(
        members in prop::collection::vec((any::<bool>(), 1u64..5_000_000, any::<bool>()), 0..200),
    ) -> Vec<Waiting> {
        let numbered = members.into_iter().zip(0u32..);
        numbered.map(|((credit, cents, same_day), n)| {
            let direction = if credit { Direction::Credit } else { Direction::Debit };
            let mut waiting = waiting(n, direction, cents);
            waiting.order.speed = if same_day { Speed::SameDay } else { Speed::Standard };
            waiting
        }).collect()
    }
}

proptest! {
    #[test]
    fn every_payment_is_cut_exactly_once_or_held(day in a_day()) {
        let windows = Window::ALL.iter().map(|window| Slot { window: *window, ..slot() });
        let plans: Vec<Plan> =
            windows.map(|slot| plan(day.clone(), &profile(), &slot).unwrap()).collect();
        // Each same-day window would take the same payments; standard takes exactly the others.
        let cut = |plan: &Plan| -> Vec<PaymentId> {
            let entries = plan.files.iter().flat_map(|f| &f.batches).flat_map(|b| b.entries.iter());
            entries.map(|entry| entry.payment).collect()
        };
        let mut both = [cut(&plans[0]), cut(&plans[3])].concat();
        both.sort_unstable();
        let all: Vec<PaymentId> = day.iter().map(|w| w.id).collect();
        prop_assert_eq!(both, all);
    }

    #[test]
    fn order_of_arrival_does_not_matter(day in a_day(), turn in 0usize..200) {
        let mut other = day.clone();
        other.rotate_left(turn.min(day.len()));
        other.reverse();
        let (one, two) = (plan(day, &profile(), &slot()), plan(other, &profile(), &slot()));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn traces_ascend_and_totals_are_the_sums(day in a_day()) {
        let plan = plan(day, &profile(), &slot()).unwrap();
        for batch in plan.files.iter().flat_map(|f| &f.batches) {
            prop_assert!(batch.entries.iter().is_sorted_by(|a, b| a.trace < b.trace));
            let sum = |side| batch.entries.iter()
                .filter(|e| e.direction == side).map(|e| e.amount.get()).sum::<u64>();
            prop_assert_eq!(sum(Direction::Debit), batch.debits.get());
            prop_assert_eq!(sum(Direction::Credit), batch.credits.get());
        }
    }
}
