use super::*;
use crate::payment::{PublicState, State};
use jiff::civil::date;
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 25);
const ACCOUNT: &str = "1918171614";

fn wages() -> NewPayment {
    NewPayment {
        order: Order {
            direction: Direction::Credit,
            amount: Cents::new(123_456),
            originator: "acme".to_owned(),
            sec: SecCode::Ppd,
            description: "PAYROLL".to_owned(),
            speed: Speed::Standard,
            effective: None,
        },
        routing: "076401251".parse().unwrap(),
        account: AccountKind::Checking,
        name: "Ada Lovelace".to_owned(),
        remittance: None,
        reference: None,
        metadata: BTreeMap::new(),
    }
}

/// A request like `request`, but for what `change` changes.
fn but(mut request: NewPayment, change: impl FnOnce(&mut NewPayment)) -> NewPayment {
    change(&mut request);
    request
}

/// A bank that lets this originator use every class and takes what ten digits hold.
fn profile() -> BankProfile {
    let text = include_str!("../../../data/banks/sandbox.toml");
    let mut profile = BankProfile::parse(text).unwrap();
    let mut acme = profile.originators.values().next().unwrap().clone();
    let classes = SecCode::ALL.iter().map(|sec| (*sec, "PAYMENT".to_owned()));
    acme.classes = classes.collect();
    profile.originators.insert("acme".to_owned(), acme);
    profile.max_entry_cents = MAX_ENTRY;
    profile
}

fn check(request: NewPayment, account: &str) -> Result<Checked, Faults> {
    request.check(account, &profile(), TODAY)
}

fn faults(request: NewPayment) -> Vec<Fault> {
    check(request, ACCOUNT)
        .err()
        .map(|faults| faults.0)
        .unwrap_or_default()
}

/// No file with a receiving bank of zeros may be sent: neither a payment nor a reversal is let in.
#[test]
fn zeros_are_no_receiving_bank() {
    let zeros = but(wages(), |new| new.routing = "000000000".parse().unwrap());
    assert_eq!(faults(zeros.clone()), [Fault::NoReceivingBank]);
    let reversal = but(zeros, |new| new.order.description = "REVERSAL".to_owned());
    let refused = reversal.check_reversal(ACCOUNT, &profile(), TODAY);
    assert_eq!(refused.unwrap_err().0, [Fault::NoReceivingBank]);
}

#[test]
fn a_good_request_becomes_a_payment_that_waits() {
    let id = PaymentId::from_key(42).unwrap();
    let token = AccountToken {
        token: "00".repeat(12),
        last4: "1614".to_owned(),
    };
    let sealed = Sealed {
        wrapped_key: vec![1],
        nonce: vec![2],
        ciphertext: vec![3],
    };
    let at: Timestamp = "2026-11-25T15:00:00Z".parse().unwrap();
    let checked = check(wages(), ACCOUNT).unwrap();
    assert_eq!(checked.request(), &wages());
    let payment = checked.into_payment(id, at, token, sealed);
    assert_eq!((payment.state, payment.version), (State::Init, 1));
    assert_eq!(payment.state.public(), PublicState::Init);
    assert_eq!(
        (payment.order.amount, payment.id),
        (Cents::new(123_456), id)
    );
    assert!(!format!("{payment:?}").contains(ACCOUNT));
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let request = but(wages(), |request| {
        request.order.amount = Cents::ZERO;
        request.name = " ".to_owned();
        request.order.description = String::new();
        request.order.effective = Some(date(2026, 11, 24));
        request.remittance = Some("x".repeat(81));
    });
    let found = check(request, "0000").unwrap_err();
    let expected = [
        Fault::NoAmount,
        Fault::NoName,
        Fault::AccountShape,
        Fault::DescriptionShape,
        Fault::RemittanceShape,
        Fault::PastDate(date(2026, 11, 24)),
    ];
    assert_eq!(found.0, expected);
    assert_eq!(found.to_string().lines().count(), expected.len());
}

#[test]
fn a_class_carries_what_its_rule_says() {
    let bill = but(wages(), |bill| bill.order.description = "BILL".to_owned());
    let of_class = |sec| but(bill.clone(), |request| request.order.sec = sec);
    let tel = of_class(SecCode::Tel);
    let (sec, direction) = (SecCode::Tel, Direction::Credit);
    assert_eq!(faults(tel.clone()), [Fault::Direction { sec, direction }]);
    let pull = but(tel, |pull| pull.order.direction = Direction::Debit);
    assert_eq!(faults(pull.clone()), []);
    let remittance = Some("INV 7".to_owned());
    assert_eq!(
        faults(NewPayment { remittance, ..pull }),
        [Fault::NoRemittance(SecCode::Tel)]
    );
    for sec in SecCode::ALL.iter().filter(|sec| !REQUESTABLE.contains(sec)) {
        assert_eq!(faults(of_class(*sec)), [Fault::Class(*sec)]);
    }
    let long = |sec| but(of_class(sec), |long| long.name = "x".repeat(17));
    assert_eq!(faults(long(SecCode::Ctx)), [Fault::LongName(16)]);
    assert_eq!(faults(long(SecCode::Ccd)), []);
}

#[test]
fn what_a_client_keeps_with_a_payment_is_bounded_and_named() {
    let with = |reference: &str| {
        let reference = Some(reference.to_owned());
        faults(but(wages(), |request| request.reference = reference))
    };
    for good in ["4711", "INV 7/2026, part 2", &"x".repeat(40)] {
        assert_eq!(with(good), [], "{good}");
    }
    for bad in [
        "",
        " 7",
        "7 ",
        "=1+1",
        "-7",
        "@x",
        "caf\u{e9}",
        "a\tb",
        &"x".repeat(41),
    ] {
        assert_eq!(with(bad), [Fault::ReferenceShape], "{bad:?}");
    }
    let kept = |pairs: Vec<(String, String)>| {
        let metadata = pairs.into_iter().collect();
        faults(but(wages(), |request| request.metadata = metadata))
    };
    let pair = |key: &str, value: String| (key.to_owned(), value);
    let numbered = |n: usize| (0..n).map(|k| pair(&format!("k{k}"), String::new()));
    assert_eq!(kept(numbered(20).collect()), []);
    assert_eq!(kept(numbered(21).collect()), [Fault::MetadataKeys]);
    assert_eq!(kept(vec![pair(&"k".repeat(40), "\u{e9}".repeat(500))]), []);
    for bad in ["", "a b", "a=b", &"k".repeat(41)] {
        assert_eq!(
            kept(vec![pair(bad, String::new())]),
            [Fault::MetadataKeyShape]
        );
    }
    for bad in ["x".repeat(501), "a\nb".to_owned()] {
        assert_eq!(kept(vec![pair("k", bad)]), [Fault::MetadataValueShape]);
    }
}

#[test]
fn reserved_words_are_for_what_they_are_for() {
    let with = |word: &str, sec, direction| {
        faults(but(wages(), |request| {
            request.order.description = word.to_owned();
            (request.order.sec, request.order.direction) = (sec, direction);
        }))
    };
    let (ppd, web, ccd) = (SecCode::Ppd, SecCode::Web, SecCode::Ccd);
    let (credit, debit) = (Direction::Credit, Direction::Debit);
    assert_eq!(with("PAYROLL WK", ppd, credit), []);
    assert_eq!(
        with("Payroll", ppd, credit),
        [Fault::ReservedCase("PAYROLL")]
    );
    assert!(matches!(
        with("PAYROLL", ccd, credit)[..],
        [Fault::Reserved { .. }]
    ));
    assert_eq!(with("PURCHASE", web, debit), []);
    assert!(matches!(
        with("PURCHASE", web, credit)[..],
        [Fault::Reserved { .. }]
    ));
    assert!(matches!(
        with("REVERSAL", ppd, debit)[..],
        [Fault::Reserved { .. }]
    ));
    assert_eq!(with("RETRY PYMT", ppd, debit), []);
    assert_eq!(with("ACCTVERIFY", ppd, credit), [Fault::NotMicro]);
    assert_eq!(with("Invoice 77", ppd, credit), []);
    // Before a word was reserved, it was a word like any other.
    let before = but(wages(), |before| before.order.sec = ccd);
    let checked = before.check(ACCOUNT, &profile(), date(2026, 3, 19));
    assert!(checked.is_ok());
}

#[test]
fn same_day_has_its_limit_and_its_day() {
    let with = |amount, effective| {
        faults(but(wages(), |fast| {
            fast.order.speed = Speed::SameDay;
            (fast.order.amount, fast.order.effective) = (amount, effective);
        }))
    };
    assert_eq!(with(Cents::new(100_000_000), Some(TODAY)), []);
    let limit = Cents::new(100_000_000);
    assert_eq!(
        with(Cents::new(100_000_001), None),
        [Fault::SameDayLimit(limit)]
    );
    assert_eq!(
        with(Cents::new(1), Some(date(2026, 11, 27))),
        [Fault::SameDayDate]
    );
    let over = but(wages(), |over| {
        over.order.amount = Cents::new(10_000_000_000);
    });
    let limit = Cents::new(9_999_999_999);
    assert_eq!(
        faults(over),
        [Fault::AmountTooLarge {
            sec: SecCode::Ppd,
            limit
        }]
    );
    let loan = NewPayment {
        account: AccountKind::Loan,
        ..wages()
    };
    assert_eq!(faults(loan.clone()), []);
    let debit = but(loan, |debit| {
        debit.order.direction = Direction::Debit;
        debit.order.description = "DUES".to_owned();
    });
    assert_eq!(faults(debit), [Fault::LoanDebit]);
}

#[test]
fn nothing_passes_that_the_bank_has_not_agreed_to() {
    let mut profile = profile();
    profile.max_entry_cents = Cents::new(100_000);
    let acme = profile.originators.get_mut("acme").unwrap();
    acme.classes.remove(&SecCode::Ccd);
    let found = |request: NewPayment| {
        let answer = request.check(ACCOUNT, &profile, TODAY);
        answer.err().map(|faults| faults.0).unwrap_or_default()
    };
    let small = but(wages(), |small| {
        small.order.amount = Cents::new(100_000);
        small.order.description = "BILL".to_owned();
    });
    assert_eq!(found(small.clone()), []);
    let amount = Cents::new(100_001);
    let limit = Fault::OverBankLimit(Cents::new(100_000));
    let large = but(small.clone(), |large| large.order.amount = amount);
    assert_eq!(found(large.clone()), std::slice::from_ref(&limit));
    let sec = SecCode::Ccd;
    let company = but(small, |company| company.order.sec = sec);
    assert_eq!(found(company), [Fault::NotAgreed(sec)]);
    let originator = |name: &str| {
        but(large.clone(), |large| {
            large.order.originator = name.to_owned();
        })
    };
    assert_eq!(
        found(originator("nobody")),
        [Fault::UnknownOriginator, limit.clone()]
    );
    assert_eq!(found(originator(" ")), [Fault::NoOriginator, limit]);
}

#[test]
fn account_numbers_have_a_shape() {
    for good in ["1", "12345678901234567", "12-345 6", "A0", "000000001"] {
        assert!(is_account_number(good));
    }
    for bad in [
        "",
        "123456789012345678",
        " 12",
        "12 ",
        "000",
        "- -",
        "12_3",
        "12\u{e9}",
        "1\t2",
    ] {
        assert!(!is_account_number(bad));
    }
}

proptest! {
    #[test]
    fn no_fault_repeats_an_account_number_or_a_name(
        account in "[0-9_]{12,24}",
        name in "[a-z\u{e9}]{12,30}",
    ) {
        let mut request = NewPayment { name: name.clone(), ..wages() };
        request.order.amount = Cents::ZERO;
        let message = check(request, &account).unwrap_err().to_string();
        prop_assert!(!message.contains(&account) && !message.contains(&name));
    }

    #[test]
    fn what_is_let_through_fits_the_records(
        name in "\\PC{0,24}",
        description in "\\PC{0,12}",
        remittance in prop::option::of("\\PC{0,90}"),
        account in "[0-9A-Z -]{0,19}",
        amount: u64,
        sec in 0..SecCode::ALL.len(),
        debit: bool,
    ) {
        let direction = if debit { Direction::Debit } else { Direction::Credit };
        let order = Order {
            description,
            amount: Cents::new(amount % 20_000_000_000),
            sec: SecCode::ALL[sec],
            direction,
            ..wages().order
        };
        let request = NewPayment { order, name, remittance, ..wages() };
        if let Ok(checked) = check(request, &account) {
            let it = checked.request();
            let (order, remittance) = (&it.order, it.remittance.as_ref().unwrap_or(&it.name));
            let texts = [&it.name, &order.description, remittance];
            prop_assert!(texts.iter().all(|text| text.is_ascii()));
            prop_assert!(it.name.len() <= 22 && order.description.len() <= 10);
            let amount = order.amount;
            prop_assert!(account.len() <= 17 && !amount.is_zero() && amount <= MAX_ENTRY);
        }
    }
}

#[test]
fn a_reversal_is_checked_as_everything_else_but_may_go_against_its_class() {
    let reversal = |sec, direction, account| {
        but(wages(), |of| {
            of.order.description = "REVERSAL".to_owned();
            (of.order.sec, of.order.direction, of.account) = (sec, direction, account);
        })
    };
    let checked = |of: NewPayment| {
        let checked = of.check_reversal(ACCOUNT, &profile(), TODAY);
        checked.err().map(|faults| faults.0).unwrap_or_default()
    };
    for sec in REQUESTABLE {
        for direction in [Direction::Credit, Direction::Debit] {
            for account in [AccountKind::Savings, AccountKind::Loan] {
                assert_eq!(checked(reversal(*sec, direction, account)), [], "{sec}");
                assert!(!faults(reversal(*sec, direction, account)).is_empty());
            }
        }
    }
    let arc = reversal(SecCode::Arc, Direction::Credit, AccountKind::Savings);
    assert_eq!(checked(arc), [Fault::Class(SecCode::Arc)]);
    let other = but(wages(), |of| of.order.description = "RECLAIM".to_owned());
    assert!(matches!(checked(other)[..], [Fault::Reserved { .. }]));
    let nothing = but(
        reversal(SecCode::Ppd, Direction::Debit, AccountKind::Checking),
        |of| of.order.amount = Cents::ZERO,
    );
    assert_eq!(checked(nothing), [Fault::NoAmount]);
}
