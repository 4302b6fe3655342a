//! What the bank takes back, and settles again.

use super::*;

fn settled_again(times: u32) -> Event {
    Event::SettledAgain {
        bank_reference: String::new(),
        on: date(2026, 11, 25 + i8::try_from(times).unwrap()),
        times,
    }
}

/// What the facts that still stand make of a payment that was sent.
fn of_what_stands(facts: &[Event]) -> State {
    let has = |kind| facts.iter().any(|fact| fact.kind() == kind);
    let gone = facts.iter().filter_map(|fact| match fact {
        Event::SettlementUndone { times, .. } => Some(*times),
        _ => None,
    });
    let gone = gone.max().unwrap_or(0);
    let settled = facts.iter().filter_map(Event::settlement);
    let heard = has(EventKind::Settled) || gone > 0 || has(EventKind::Acknowledged);
    match (settled.max().is_some_and(|newest| newest >= gone), heard) {
        (true, _) if has(EventKind::Returned) => State::Returned,
        (true, _) => State::Success,
        (false, _) if has(EventKind::Returned) || has(EventKind::Rejected) => State::Failed,
        (false, true) => State::Pending,
        (false, false) => State::SentToBank,
    }
}

#[test]
fn what_is_taken_back_counts_no_more_in_any_order() {
    let facts = [
        event(EventKind::Acknowledged, 1),
        event(EventKind::Rejected, 1),
        event(EventKind::Settled, 1),
        undone(1),
        settled_again(1),
        undone(2),
        event(EventKind::Returned, 1),
    ];
    let mut sent = payment();
    for kind in [EventKind::Claimed, EventKind::Sent] {
        sent.apply(event(kind, 1), DAY, at()).unwrap();
    }
    for chosen in 0u32..1 << facts.len() {
        let some = facts.iter().enumerate();
        let some: Vec<Event> = some
            .filter(|(at, _)| chosen & (1 << at) != 0)
            .map(|(_, fact)| fact.clone())
            .collect();
        let expected = of_what_stands(&some);
        let mut first: Option<(Option<Date>, Heard)> = None;
        for order in orders(&some) {
            let mut it = sent.clone();
            for fact in &order {
                match it.apply(fact.clone(), DAY, at()) {
                    Ok(_) => {}
                    // Nothing is refused but an acknowledgement that says nothing new.
                    Err(why) => assert!(
                        why == Refusal::Exists && fact.kind() == EventKind::Acknowledged,
                        "{why} {order:?}"
                    ),
                }
            }
            assert_eq!(it.state, expected, "{order:?}");
            let kept = (it.settled_on, it.heard);
            assert_eq!(*first.get_or_insert(kept), kept, "{order:?}");
            let again = order
                .iter()
                .map(|fact| it.clone().apply(fact.clone(), DAY, at()));
            assert!(
                again
                    .into_iter()
                    .all(|answer| answer == Err(Refusal::Exists))
            );
        }
    }
}

#[test]
fn settling_anew_restarts_nothing() {
    let mut it = payment();
    let life = [
        EventKind::Claimed,
        EventKind::Sent,
        EventKind::Settled,
        EventKind::HoldEnded,
        EventKind::Closed,
    ];
    for kind in life {
        it.apply(event(kind, 1), DAY, at()).unwrap();
    }
    let version = it.version;
    it.apply(undone(1), DAY, at()).unwrap();
    assert_eq!((it.state, it.is_settled()), (State::Pending, false));
    assert!(it.hold_ended, "its funds are out");
    it.apply(settled_again(1), DAY, at()).unwrap();
    assert_eq!((it.state, it.settled_on), (State::Final, Some(DAY)));
    assert_eq!((it.is_settled(), it.version), (true, version + 2));
}
