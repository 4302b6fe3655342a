use super::*;
use crate::money::Cents;
use jiff::civil::date;

#[test]
fn a_payment_id_sorts_by_time_and_survives_its_text() {
    let early: Timestamp = "2026-11-25T15:00:00Z".parse().unwrap();
    let late: Timestamp = "2026-11-25T15:00:00.001Z".parse().unwrap();
    let (a, b) = (
        PaymentId::new(early, 2_097_151).unwrap(),
        PaymentId::new(late, 0).unwrap(),
    );
    assert!(a < b && a.to_string() < b.to_string() && a.key() < b.key());
    assert_eq!(a.to_string().len(), 13);
    assert_eq!(a.to_string().parse(), Ok(a));
    assert_eq!(PaymentId::from_key(a.key()), Ok(a));
}

#[test]
fn a_check_digit_is_computed_and_held_against_the_ninth() {
    assert_eq!(check_digit(7_640_125), 1);
    assert_eq!(
        "076401251"
            .parse::<RoutingNumber>()
            .unwrap()
            .dfi()
            .to_string(),
        "07640125"
    );
    assert!("076401252".parse::<RoutingNumber>().is_err());
    assert!("76401251".parse::<RoutingNumber>().is_err());
}

#[test]
fn a_batch_key_survives_its_text_and_keeps_its_order() {
    let day = date(2026, 11, 25);
    let a = BatchKey::new(day, b'Z', 9_999_999).unwrap();
    let zero = BatchKey::new(day, b'0', 1).unwrap();
    assert_eq!(a.to_string(), "261125Z9999999");
    assert_eq!(a.to_string().parse(), Ok(a));
    assert!(a.key() < zero.key(), "modifiers A-Z come before 0-9");
    assert!("2611250000001A".parse::<BatchKey>().is_err());
    assert!("261325A0000001".parse::<BatchKey>().is_err());
}

#[test]
fn a_number_that_is_no_name_is_refused_where_it_is_read() {
    let largest = i64::MAX.unsigned_abs();
    assert!(PaymentId::try_from(largest).is_ok() && PaymentId::try_from(largest + 1).is_err());
    assert!(TraceNumber::try_from(999_999_999_999_999).is_ok());
    assert!(TraceNumber::try_from(1_000_000_000_000_000).is_err());
}

#[test]
fn our_account_sees_a_payout_leave_and_a_pull_come() {
    let amount = Cents::new(5);
    let moves = |direction: Direction| direction.on_our_account(amount).unwrap().get();
    assert_eq!([Direction::Credit, Direction::Debit].map(moves), [-5, 5]);
    assert_eq!(
        [Direction::Credit, Direction::Debit].map(|d| moves(d.opposite())),
        [5, -5]
    );
    assert_eq!(Direction::Credit.on_our_account(Cents::new(u64::MAX)), None);
}
