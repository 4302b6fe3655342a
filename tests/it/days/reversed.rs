//! Reversals and refunds on their way through whole days: cut, sent, settled and proved, or kept
//! from going when the bank has returned what they give back.

use crate::child::{configuration, run};
use crate::days::world::{SEED, begin, block, config, desk, files_in, job};
use crate::tree::scratch;
use connectors::{Applied, Change, Created};
use desk::Desk;
use desk::authorize::{Authorized, record};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use jobs::sandbox;
use settlement::authorize::NewPayment;
use settlement::calendar::next_banking_day;
use settlement::codes::sec::SecCode;
use settlement::ids::{CutId, DfiId, Direction, PaymentId, TraceNumber};
use settlement::money::Cents;
use settlement::payment::{Accepted, AccountKind, Event, Order, Payment, ReturnRef, Speed, State};
use settlement::reversal;
use settlement::windows::{Window, business_date};
use std::path::Path;

/// The day on which the originals are sent.
const FIRST: Date = date(2026, 11, 24);

/// Ten in the morning, Eastern time, of a day in November or December.
fn ten(date: Date) -> Timestamp {
    let text = format!("{date}T15:00:00Z");
    text.parse().expect("a moment")
}

/// The first trace of a bank.
fn trace(bank: u32) -> TraceNumber {
    let bank = DfiId::new(bank).expect("eight digits");
    TraceNumber::new(bank, 1).expect("a trace")
}

fn asked(sec: SecCode, direction: Direction, account: AccountKind) -> NewPayment {
    NewPayment {
        order: Order {
            direction,
            amount: Cents::new(4_321),
            originator: "billing".to_owned(),
            sec,
            description: "BILL PAY".to_owned(),
            speed: Speed::Standard,
            effective: None,
        },
        routing: "091000019".parse().expect("a routing number"),
        account,
        name: "RECEIVER ONE".to_owned(),
        remittance: None,
        reference: None,
        metadata: Default::default(),
    }
}

/// What the online path makes of a request: a refund or a reversal of `of`, or a payment.
async fn made(desk: &Desk, new: NewPayment, of: Option<PaymentId>, at: Timestamp) -> Payment {
    let today = business_date(at, desk.bank.cutoffs.standard);
    let number = "123456789";
    let routing = new.routing;
    let checked = match new.order.description.as_str() {
        "REVERSAL" => new.check_reversal(number, &desk.bank, today),
        _ => new.check(number, &desk.bank, today),
    };
    let count = desk.ports.payments.requests(None, 1_000).await;
    let chance = u32::try_from(count.expect("requests").len()).expect("few");
    let id = PaymentId::new(at, chance).expect("an id");
    let authorized = Authorized {
        id,
        created_at: at,
        checked: checked.expect("a request without faults"),
        routing,
        idempotency_key: format!("key-{id}"),
        request_hash: [0; 32],
    };
    let mut record = record(desk, authorized, number).await.expect("sealed");
    record.payment.accepted = of.map(|of| {
        Box::new(Accepted {
            merchant: "shop".to_owned(),
            refunds: Some(of),
            ..Accepted::default()
        })
    });
    record.payment.state = record.payment.begins();
    let payment = record.payment.clone();
    let created = desk.ports.payments.create(vec![record]).await;
    assert_eq!(created.expect("created"), [Created::New]);
    payment
}

async fn happens(desk: &Desk, payment: PaymentId, event: Event, date: Date) {
    let change = Change {
        payment,
        expected_version: None,
        event,
        date,
        at: ten(date),
    };
    let applied = desk.ports.payments.apply(vec![change]).await;
    let applied = applied.expect("applied");
    assert!(matches!(applied[..], [Applied::Done { .. }]), "{applied:?}");
}

async fn approved(desk: &Desk, payment: &Payment, date: Date) {
    assert_eq!(payment.state, State::Review);
    let event = Event::Approved {
        by: "somebody else".to_owned(),
        note: String::new(),
    };
    happens(desk, payment.id, event, date).await;
}

/// The reversal of a payment, approved.
async fn reverses(desk: &Desk, of: &Payment, at: Timestamp) -> Payment {
    let mut new = asked(of.order.sec, Direction::Credit, of.receiver.account);
    new.order = reversal::order(&of.order);
    let reversal = made(desk, new, Some(of.id), at).await;
    approved(
        desk,
        &reversal,
        business_date(at, desk.bank.cutoffs.standard),
    )
    .await;
    reversal
}

async fn now(desk: &Desk, payment: &Payment) -> Payment {
    let found = desk.ports.payments.get(&[payment.id]).await;
    found.expect("the store").remove(0).expect("the payment")
}

/// A whole banking day with a bank that does nothing by chance.
fn day(dir: &Path, date: Date) {
    let (desk, at) = (desk(dir), config(dir).addresses);
    block(sandbox::morning(&desk, &at, date, SEED)).expect("a morning");
    let tied = block(jobs::day::run(&desk, date));
    tied.expect("a day that ties out");
    sandbox::evening(&desk, &at, date, SEED).expect("an evening");
}

/// Batch headers and entries of the files that went on a date.
fn sent(dir: &Path, on: Date) -> Vec<String> {
    let folder = dir.join(format!(
        "objects/outbound/odfi=07640125/date={on}/window=standard"
    ));
    let mut lines = Vec::new();
    for file in files_in(&folder) {
        let path = file.to_string_lossy().into_owned();
        run(dir, &["ach", "validate", &path]).expect(0, &[]);
        let text = std::fs::read_to_string(file).expect("a file");
        let ours = text.lines().filter(|line| line.starts_with(['5', '6']));
        lines.extend(ours.map(str::to_owned));
    }
    lines
}

/// Open breaks of a reconciled date.
fn breaks(dir: &Path, on: Date) -> serde_json::Value {
    let path = dir.join(format!("objects/reconciled/{on}.json"));
    let text = std::fs::read_to_string(path).expect("reconciled");
    let record: serde_json::Value = serde_json::from_str(&text).expect("a record");
    record["breaks"].clone()
}

#[test]
fn reversals_go_in_batches_of_their_own_and_tie_out() {
    let scratch = scratch();
    let dir = scratch.path();
    block(async { begin(&desk(dir)).await });
    configuration(dir);
    let kinds = [
        (SecCode::Ppd, Direction::Credit, AccountKind::Loan),
        (SecCode::Web, Direction::Debit, AccountKind::Checking),
        (SecCode::Tel, Direction::Debit, AccountKind::Savings),
    ];
    let originals = block(async {
        let desk = desk(dir);
        let mut all = Vec::new();
        for (sec, direction, account) in kinds {
            let new = asked(sec, direction, account);
            all.push(made(&desk, new, None, ten(FIRST)).await);
        }
        all
    });
    // They settle on the 25th, of which the statement comes on the 27th.
    let mut on = FIRST;
    for _ in 0..3 {
        day(dir, on);
        on = next_banking_day(on);
    }
    let reversals = block(async {
        let desk = desk(dir);
        let mut all = Vec::new();
        for original in &originals {
            let original = now(&desk, original).await;
            assert_eq!(original.state, State::Success);
            let can = reversal::reversible(&original, &desk.bank, ten(on));
            assert_eq!(can, Ok(date(2026, 12, 3)));
            all.push(reverses(&desk, &original, ten(on)).await);
        }
        all
    });
    day(dir, on);
    let lines = sent(dir, on);
    let headers: Vec<&String> = lines.iter().filter(|line| line.starts_with('5')).collect();
    assert_eq!(headers.len(), 3, "{lines:#?}");
    assert!(
        headers.iter().all(|line| &line[53..63] == "REVERSAL  "),
        "{lines:#?}"
    );
    let mut codes: Vec<&str> = lines
        .iter()
        .filter(|line| line.starts_with('6'))
        .map(|line| &line[1..3])
        .collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["22", "32", "55"],
        "a credit, a credit, and the debit of a loan"
    );
    for _ in 0..3 {
        on = next_banking_day(on);
        day(dir, on);
        assert_eq!(breaks(dir, on), serde_json::json!([]), "{on}");
    }
    block(async {
        let desk = desk(dir);
        for payment in originals.iter().chain(&reversals) {
            assert_eq!(now(&desk, payment).await.state, State::Success);
        }
    });
    run(dir, &["check"]).expect(0, &[]);
}

/// A payment that has settled, as far as the store knows.
async fn settled(desk: &Desk, at: Timestamp) -> Payment {
    let new = asked(SecCode::Ppd, Direction::Debit, AccountKind::Checking);
    let payment = made(desk, new, None, at).await;
    let entry = settlement::payment::EntryRef {
        trace: trace(7_640_125),
        batch: settlement::ids::BatchKey::new(FIRST, b'A', 1).expect("a batch"),
        settles_on: FIRST,
    };
    let claimed = Event::Claimed {
        cut: CutId("before".to_owned()),
    };
    let settled = Event::Settled {
        bank_reference: "B1".to_owned(),
        on: FIRST,
    };
    for event in [claimed, Event::Sent { entry }, settled] {
        happens(desk, payment.id, event, FIRST).await;
    }
    payment
}

#[test]
fn what_gives_back_a_payment_that_came_back_does_not_go() {
    let scratch = scratch();
    let dir = scratch.path();
    let (desk, at) = (desk(dir), ten(FIRST));
    block(async {
        begin(&desk).await;
        let refund = |of: &Payment| {
            let mut new = asked(SecCode::Ppd, Direction::Credit, AccountKind::Checking);
            new.order.description = "REFUND".to_owned();
            (new, Some(of.id))
        };
        let (mut stay, mut back, mut wait) = (Vec::new(), Vec::new(), Vec::new());
        for (n, all) in [&mut stay, &mut back, &mut wait].into_iter().enumerate() {
            let at = at + SignedDuration::from_secs(n as i64);
            let of = settled(&desk, at).await;
            let (new, of_refund) = refund(&of);
            all.push(made(&desk, new, of_refund, at).await);
            all.push(reverses(&desk, &now(&desk, &of).await, at).await);
            match n {
                1 => {
                    let of_return = ReturnRef {
                        code: "R10".parse().expect("a code"),
                        trace: trace(9_100_001),
                        received_on: FIRST,
                        late: false,
                    };
                    happens(&desk, of.id, Event::Returned { of: of_return }, FIRST).await;
                }
                2 => {
                    let event = Event::SettlementUndone {
                        allocation: "A1".to_owned(),
                        times: 1,
                    };
                    happens(&desk, of.id, event, FIRST).await;
                }
                _ => {}
            }
        }
        let preview = jobs::cut::preview(&desk, FIRST, Window::Standard).await;
        let held = preview.expect("a preview").held;
        assert_eq!(
            held["gives back what has not stayed settled"],
            (4, 4 * 4_321)
        );
        job(&desk, FIRST, "cut").await.expect("a cut");
        for (all, state) in [
            (&stay, State::Batched),
            (&back, State::Canceled),
            (&wait, State::Init),
        ] {
            for payment in all {
                let now = now(&desk, payment).await;
                assert_eq!(now.state, state, "{}", payment.order.description);
            }
        }
        let story = desk
            .ports
            .payments
            .history(back[0].id)
            .await
            .expect("a history");
        let last = format!("{:?}", story.last().expect("an event").event);
        assert!(last.contains("is RETURNED"), "{last}");
        // A run again finds what the first one did.
        job(&desk, FIRST, "cut").await.expect("the same cut");
    });
}
