//! What is claimed and not carried, and what a record says that was not told: both are put right by
//! running the job again, and named until then.

use crate::days::stage::stage;
use crate::days::world::{self, block, desk, everyone};
use crate::tree::{copy, scratch};
use connectors::{Applied, Change, Telling};
use desk::Desk;
use settlement::ids::{CutId, PaymentId, TraceNumber};
use settlement::payment::{Event, EventKind, Payment, SideFact, State};
use settlement::windows::Window;

fn change(payment: PaymentId, event: Event) -> Change {
    Change {
        payment,
        expected_version: None,
        event,
        date: stage().date,
        at: jiff::Timestamp::constant(1_795_788_000, 0),
    }
}

/// Claims a payment as a cut of the staged date would.
fn claim(desk: &Desk, payment: PaymentId) {
    let (date, odfi) = (stage().date, desk.bank.odfi);
    let cut = CutId(format!("{date}/{}/{odfi}", Window::Standard));
    let claimed = vec![change(payment, Event::Claimed { cut })];
    let done = block(desk.ports.payments.apply(claimed)).expect("applied");
    assert!(matches!(done[..], [Applied::Done { .. }]), "{done:?}");
}

fn waiting(desk: &Desk) -> Payment {
    let mut all = block(everyone(desk)).into_iter();
    let waits = all.find(|payment| payment.state == State::Init);
    waits.expect("a payment that waits")
}

fn kinds(desk: &Desk, payment: PaymentId) -> Vec<EventKind> {
    let history = block(desk.ports.payments.history(payment)).expect("a history");
    history.iter().map(|event| event.event.kind()).collect()
}

const RELEASED: [EventKind; 3] = [EventKind::Created, EventKind::Claimed, EventKind::Released];

#[test]
fn what_a_frozen_cut_does_not_carry_waits_again() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().before("cut"), &at);
    let date = stage().date;
    let mut changed = desk(&at);
    let held = waiting(&changed);
    claim(&changed, held.id);
    // Between its claim and the freeze the originator left the profile.
    changed.bank.originators.remove(&held.order.originator);
    block(world::job(&changed, date, "cut")).expect("cut");
    assert_eq!(kinds(&changed, held.id), RELEASED);
    // Somebody claimed in the name of a cut that is frozen: its next run lets go.
    let stray = block(everyone(&changed))
        .into_iter()
        .find(|payment| payment.state == State::Init && payment.id != held.id);
    let stray = stray.expect("another of the originator's");
    claim(&changed, stray.id);
    block(world::job(&changed, date, "cut")).expect("again");
    assert_eq!(kinds(&changed, stray.id), RELEASED);
    let claimed = block(everyone(&changed)).into_iter();
    let claimed = claimed.filter(|payment| payment.state == State::Batched);
    let carried: Vec<PaymentId> = claimed.map(|payment| payment.id).collect();
    assert!(!carried.is_empty() && !carried.contains(&held.id));
    block(world::job(&changed, date, "deliver")).expect("sent");
    let states = |id| block(desk_state(&changed, id));
    assert_eq!([states(held.id), states(stray.id)], [State::Init; 2]);
    assert!(carried.iter().all(|id| states(*id) == State::SentToBank));
}

async fn desk_state(desk: &Desk, id: PaymentId) -> State {
    let found = desk.ports.payments.get(&[id]).await.expect("read");
    found[0].as_ref().expect("there").state
}

#[test]
fn what_a_record_says_and_the_store_was_not_told_is_named_and_told_again() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().before("post"), &at);
    let date = stage().date;
    let (before, told) = (desk(&at), |desk: &Desk| {
        let facts = block(desk.ports.payments.facts_of(date)).expect("facts");
        let ended = facts.into_iter();
        let ended = ended.filter(|(_, fact)| fact.fact.event == Event::HoldEnded);
        ended.count()
    });
    assert_eq!(told(&before), 0);
    drop(before);
    // The posting was killed behind its record: the store is that of before.
    let done = dir.path().join("done");
    copy(&stage().after("post"), &done);
    let ended = told(&desk(&done));
    assert!(ended > 0, "holds end on the staged date");
    std::fs::remove_dir_all(done.join("store")).expect("removed");
    copy(&at.join("store"), &done.join("store"));
    std::fs::remove_file(done.join(format!("objects/runs/date={date}/post.json")))
        .expect("no tally yet");
    let killed = desk(&done);
    let refused = block(world::job(&killed, date, "reconcile")).expect_err("refused");
    assert!(refused.remedy.contains("tieout post"), "{refused}");
    block(world::job(&killed, date, "post")).expect("again");
    assert_eq!(told(&killed), ended);
    block(world::job(&killed, date, "reconcile")).expect("goes on");
}

/// What an allocation says of a side, and the store was told of other entries of it, stops the job
/// and changes nothing: one of the two is not of this installation, or not of this moment.
#[test]
fn what_was_told_of_other_entries_is_named_and_not_taken_for_told() {
    let dir = scratch();
    let (date, done) = (stage().date, dir.path().join("done"));
    copy(&stage().after("allocate"), &done);
    let told = block(desk(&done).ports.payments.facts_of(date)).expect("facts");
    let settled = |fact: &SideFact| fact.event.kind() == EventKind::Settled;
    let (side, numbered) = told
        .into_iter()
        .find(|(_, one)| settled(&one.fact))
        .expect("a side settles on the staged date");
    let SideFact {
        event,
        at,
        mut except,
        ..
    } = numbered.fact;
    except.push(TraceNumber::from_number(76_401_259_999_999).expect("a trace"));
    let other = SideFact::new(event, date, at, except).expect("a fact");
    let at = dir.path().join("copy");
    copy(&stage().before("allocate"), &at);
    let changed = desk(&at);
    let telling = Telling {
        side,
        fact: other.clone(),
    };
    block(changed.ports.payments.tell(vec![telling])).expect("told");
    for _ in 0..2 {
        let refused = block(world::job(&changed, date, "allocate")).expect_err("refused");
        let named = refused.message.contains(&side.to_string());
        assert!(
            named && refused.message.contains("other entries"),
            "{refused}"
        );
        let facts = block(changed.ports.payments.facts(side)).expect("facts");
        let same = facts.iter().filter(|one| settled(&one.fact));
        let same: Vec<&SideFact> = same.map(|one| &one.fact).collect();
        assert_eq!(same, [&other], "what was told first stays");
    }
}
