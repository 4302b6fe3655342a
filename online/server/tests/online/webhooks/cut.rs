//! A batch as a cut freezes it: what `tieout cut` and `tieout deliver` leave behind, without them.

use connectors::{Change, Ports};
use desk::frozen::{Company, FrozenBatch, FrozenCut, FrozenFile, FrozenHeader};
use desk::names;
use desk::records::{self, Source};
use jiff::Timestamp;
use jiff::civil::Date;
use online::App;
use settlement::archive::sha256;
use settlement::ids::{BatchKey, CutId, Direction, PaymentId, TraceNumber};
use settlement::money::Cents;
use settlement::payment::{EntryRef, Event, Side};
use settlement::windows::Window;
use std::fmt::Write;

/// The date of a test's first cut.
pub const DATE: Date = Date::constant(2026, 11, 24);

/// Freezes a batch of these payments as cut `seq`, tells that they were sent, and answers the
/// traces by payment.
pub async fn freeze(
    app: &App,
    seq: u32,
    direction: Direction,
    originator: &str,
    payments: &[PaymentId],
) -> (Side, Vec<TraceNumber>) {
    let (ports, bank) = (app.ports(), &app.house.home.bank);
    let day = i32::try_from(seq).unwrap() - 1;
    let date = DATE + jiff::Span::new().days(day);
    let batch = BatchKey::new(date, b'A', seq).unwrap();
    let traces: Vec<TraceNumber> = (0..payments.len())
        .map(|at| TraceNumber::new(bank.odfi, seq * 1_000 + u32::try_from(at).unwrap()).unwrap())
        .collect();
    let mut csv = String::from("payment,trace,direction,cents\n");
    for (payment, trace) in payments.iter().zip(&traces) {
        let (trace, way) = (u64::from(*trace), direction.as_str());
        writeln!(csv, "{payment},{trace},{way},100").unwrap();
    }
    let hash = sha256(csv.as_bytes());
    let name = names::members(bank.odfi, date, batch, &hash.to_string());
    ports
        .objects
        .put_new(&name, csv.into_bytes().into())
        .await
        .unwrap();
    let list = Source { name, sha256: hash };
    let cut = frozen(app, seq, date, batch, direction, originator, list);
    let name = names::frozen(bank.odfi, u64::from(seq));
    records::put(&*ports.objects, &name, &cut).await.unwrap();
    send(ports, batch, &cut.cut, payments, &traces, date).await;
    (Side { batch, direction }, traces)
}

async fn send(
    ports: &Ports,
    batch: BatchKey,
    cut: &CutId,
    payments: &[PaymentId],
    traces: &[TraceNumber],
    date: Date,
) {
    let mut changes = Vec::new();
    for (payment, trace) in payments.iter().zip(traces) {
        let entry = EntryRef {
            trace: *trace,
            batch,
            settles_on: date,
        };
        changes.push(change(*payment, Event::Claimed { cut: cut.clone() }));
        changes.push(change(*payment, Event::Sent { entry }));
    }
    ports.payments.apply(changes).await.unwrap();
}

/// An event of a payment's own.
pub fn change(payment: PaymentId, event: Event) -> Change {
    Change {
        payment,
        expected_version: None,
        event,
        date: DATE,
        at: "2026-11-25T01:00:00Z".parse::<Timestamp>().unwrap(),
    }
}

fn frozen(
    app: &App,
    seq: u32,
    date: Date,
    batch: BatchKey,
    direction: Direction,
    originator: &str,
    list: Source,
) -> FrozenCut {
    let bank = &app.house.home.bank;
    let frozen = FrozenBatch {
        key: batch,
        originator: originator.to_owned(),
        company: Company::default(),
        sec: "PPD".parse().unwrap(),
        description: "PAYOUT".to_owned(),
        side: Some(direction),
        effective: date,
        settles_on: date,
        entries: 1,
        debits: Cents::new(0),
        credits: Cents::new(0),
        offset: None,
        members: Some(list),
    };
    FrozenCut {
        seq: u64::from(seq),
        cut: CutId(format!("{date}/standard/{}", bank.odfi)),
        date,
        window: Window::Standard,
        first_after: 0,
        last_sequence: 0,
        header: FrozenHeader {
            destination: String::new(),
            destination_name: String::new(),
            origin: String::new(),
            origin_name: String::new(),
            time: jiff::civil::time(20, 0, 0, 0),
            line_end: settlement::bank::LineEnd::Lf,
            account: String::new(),
        },
        stuck: Default::default(),
        entries: None,
        names: None,
        files: vec![FrozenFile {
            name: names::outbound(bank.odfi, date, Window::Standard, b'A'),
            at_bank: names::at_bank(bank.odfi, date, Window::Standard, b'A'),
            modifier: 'A',
            batches: vec![frozen],
            content: None,
        }],
        previous: None,
    }
}
