use super::*;
use crate::calendar::{banking_days_between, is_banking_day};
use proptest::prelude::*;

const THE_DAY_BEFORE_THANKSGIVING: Date = date(2026, 11, 25);

#[test]
fn a_window_survives_its_name() {
    for window in Window::ALL {
        assert_eq!(window.to_string().parse(), Ok(*window));
    }
    assert_eq!("sd4".parse::<Window>(), Err(UnknownWindow));
}

#[test]
fn deadlines_follow_the_clocks_of_new_york() {
    let at = |y, m, d, window| deadline(date(y, m, d), window).to_string();
    assert_eq!(at(2026, 3, 6, Window::SameDay1), "2026-03-06T15:30:00Z");
    assert_eq!(at(2026, 3, 9, Window::SameDay1), "2026-03-09T14:30:00Z");
    assert_eq!(at(2026, 11, 2, Window::Standard), "2026-11-03T03:45:00Z");
    // The hour that does not exist, and the one that exists twice.
    let gap = cutoff_at(date(2026, 3, 8), time(2, 30, 0, 0));
    assert_eq!(gap.to_string(), "2026-03-08T07:30:00Z");
    let fold = cutoff_at(date(2026, 11, 1), time(1, 30, 0, 0));
    assert_eq!(fold.to_string(), "2026-11-01T05:30:00Z");
}

#[test]
fn a_payment_belongs_to_the_first_cutoff_at_or_after_it() {
    let cutoff = time(19, 0, 0, 0);
    let on = |moment: &str| business_date(moment.parse().unwrap(), cutoff);
    assert_eq!(
        on("2026-11-26T00:00:00Z"),
        THE_DAY_BEFORE_THANKSGIVING,
        "at the cutoff"
    );
    assert_eq!(
        on("2026-11-26T00:00:00.001Z"),
        date(2026, 11, 27),
        "just after it"
    );
    assert_eq!(
        on("2026-11-26T15:00:00Z"),
        date(2026, 11, 27),
        "on the holiday"
    );
    assert_eq!(
        on("2026-11-28T04:59:00Z"),
        date(2026, 11, 30),
        "late on Friday"
    );
}

#[test]
fn same_day_is_dated_on_the_day_and_standard_on_the_next() {
    let day = THE_DAY_BEFORE_THANKSGIVING;
    let date_of =
        |window, speed, wished| effective_entry_date(day, window, speed, wished, Direction::Credit);
    let friday = date(2026, 11, 27);
    assert_eq!(date_of(Window::SameDay2, Speed::SameDay, None), Ok(day));
    assert_eq!(date_of(Window::SameDay2, Speed::Standard, None), Ok(friday));
    assert_eq!(
        date_of(Window::Standard, Speed::SameDay, Some(day)),
        Ok(friday),
        "window missed"
    );
    assert_eq!(
        date_of(Window::Standard, Speed::Standard, Some(date(2026, 11, 26))),
        Ok(friday)
    );
    assert_eq!(
        date_of(Window::Standard, Speed::Standard, Some(date(2026, 11, 28))),
        Ok(date(2026, 11, 30)),
        "a Saturday becomes Monday, two banking days ahead"
    );
}

#[test]
fn entries_dated_too_far_ahead_are_held_until_their_day() {
    let wished = Some(date(2026, 11, 30));
    let debit = |day| {
        effective_entry_date(
            day,
            Window::Standard,
            Speed::Standard,
            wished,
            Direction::Debit,
        )
    };
    let early = debit(THE_DAY_BEFORE_THANKSGIVING).unwrap_err();
    assert_eq!(early.hold_until, date(2026, 11, 27));
    assert_eq!(
        early.to_string(),
        "effective entry date 2026-11-30 is too far ahead: hold the payment until 2026-11-27"
    );
    assert_eq!(debit(early.hold_until), Ok(date(2026, 11, 30)));
}

#[test]
fn the_same_day_limit_is_the_one_of_its_day() {
    assert_eq!(same_day_limit(date(2016, 9, 22)), None);
    assert_eq!(
        same_day_limit(date(2020, 3, 19)),
        Some(Cents::new(2_500_000))
    );
    let on = THE_DAY_BEFORE_THANKSGIVING;
    let (fits, over) = (Cents::new(100_000_000), Cents::new(100_000_001));
    assert!(same_day_eligible(SecCode::Ppd, fits, on));
    assert!(!same_day_eligible(SecCode::Ppd, over, on));
    assert!(!same_day_eligible(SecCode::Iat, Cents::new(1), on));
    assert!(!same_day_eligible(SecCode::Enr, Cents::ZERO, on));
}

#[test]
fn return_windows_end_where_the_rules_say() {
    // Two banking days over Thanksgiving and a weekend.
    assert_eq!(
        ordinary_return_deadline(THE_DAY_BEFORE_THANKSGIVING),
        date(2026, 11, 30)
    );
    // 2026-11-25 and sixty days is Sunday 2027-01-24; the banking day after it is Monday.
    assert_eq!(
        extended_return_deadline(THE_DAY_BEFORE_THANKSGIVING),
        date(2027, 1, 25)
    );
    // Sixty days after 2026-11-27 is Tuesday 2027-01-26; "following" is never the day itself.
    assert_eq!(
        extended_return_deadline(date(2026, 11, 27)),
        date(2027, 1, 27)
    );
}

#[test]
fn the_reference_table_of_slots_agrees() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/reference/tables/ach_windows.tsv"
    );
    let Ok(table) = std::fs::read_to_string(path) else {
        return;
    };
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .map(|l| l.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), SLOTS.len());
    for (slot, row) in SLOTS.iter().zip(rows) {
        let clock = |at: Time| at.strftime("%H:%M").to_string();
        let ours = [
            slot.name.to_owned(),
            clock(slot.deadline),
            clock(slot.distribution),
        ];
        assert_eq!(ours, [row[0], row[2], row[3]]);
        assert_eq!(clock(slot.settlement), row[4], "{}", slot.name);
    }
}

fn any_moment() -> impl Strategy<Value = Timestamp> {
    (1_700_000_000i64..1_950_000_000).prop_map(|s| Timestamp::from_second(s).unwrap())
}

proptest! {
    #[test]
    fn a_business_date_is_the_only_one_between_two_cutoffs(at in any_moment(), hour in 8i8..23) {
        let cutoff = time(hour, 15, 0, 0);
        let day = business_date(at, cutoff);
        prop_assert!(is_banking_day(day));
        prop_assert!(at <= cutoff_at(day, cutoff));
        prop_assert!(at > cutoff_at(sub_banking_days(day, 1), cutoff));
    }

    #[test]
    fn every_effective_date_is_one_the_operator_takes(
        at in any_moment(),
        ahead in 0i64..40,
        debit: bool,
        window in 0usize..4,
        same_day: bool,
    ) {
        let cut = on_or_after(eastern_date(at));
        let direction = if debit { Direction::Debit } else { Direction::Credit };
        let speed = if same_day { Speed::SameDay } else { Speed::Standard };
        let wished = Some(cut.saturating_add(Span::new().days(ahead)));
        match effective_entry_date(cut, Window::ALL[window], speed, wished, direction) {
            Ok(date) => {
                let ahead = banking_days_between(cut, date);
                prop_assert!(is_banking_day(date) && ahead <= u32::from(days_ahead(direction)));
                prop_assert_eq!(settlement_date(date), date);
            }
            Err(early) => {
                prop_assert!(early.hold_until > cut);
                let then = effective_entry_date(
                    early.hold_until, Window::ALL[window], speed, wished, direction,
                );
                prop_assert_eq!(then, Ok(early.wished), "held until it fits");
            }
        }
    }
}
