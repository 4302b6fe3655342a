//! What the first bytes of a record say, without reading the rest of it.

use super::keyspaces::damaged;
use super::records::{APART, FORM, LATER, REFERRED};
use connectors::Result;
use settlement::ids::PaymentId;
use settlement::payment::State;

/// The state in the bytes of the payment `id`; `None` where they are of a form in which it does not
/// stand at the front.
pub fn standing(id: PaymentId, bytes: &[u8]) -> Result<Option<State>> {
    let Some((&APART, changing)) = bytes.split_first() else {
        return Ok(None);
    };
    let wrong = |e| damaged(&format!("a payment cannot be read: {e}"));
    let front = postcard::take_from_bytes::<(PaymentId, u32, State)>(changing);
    let ((found, _, state), _) = front.map_err(wrong)?;
    match found == id {
        true => Ok(Some(state)),
        false => Err(damaged("another payment stands in its place")),
    }
}

/// The places of *created*, *claimed* and *sent* in [`EventForm`].
const USUAL: [u32; 3] = [0, 4, 6];

/// Whether the bytes of an event say that it is a step of every payment's way. Where they say
/// nothing that can be read, it is not.
pub fn is_usual(bytes: &[u8]) -> bool {
    let Some((FORM | LATER | REFERRED, record)) = bytes.split_first().map(|(f, r)| (*f, r)) else {
        return false;
    };
    let front = postcard::take_from_bytes::<(i128, u32)>(record);
    front.is_ok_and(|((_, kind), _)| USUAL.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::records::{PaymentRecord, of_event};
    use connectors_conformance as conformance;
    use settlement::ids::{CutId, TraceNumber};
    use settlement::payment::Event;

    #[test]
    fn a_glance_says_what_the_whole_says() {
        let mut payment = conformance::sample_payment(1);
        let (date, at) = (jiff::civil::date(2026, 11, 25), payment.created_at);
        let cut = CutId("2026-11-25/standard/09100001".to_owned());
        let change = "C01".to_owned();
        let trace = TraceNumber::from_number(7).unwrap();
        let notice = Event::NoticeOfChange { change, trace };
        for reference in [None, Some("INV 7".to_owned())] {
            payment.reference = reference;
            assert!(is_usual(&of_event(payment.created(date)).unwrap()));
            let mut later = payment.clone();
            let claimed = Event::Claimed { cut: cut.clone() };
            let claimed = later.apply(claimed, date, at).unwrap();
            assert!(is_usual(&of_event(claimed).unwrap()));
            let bytes = PaymentRecord::new(later.clone()).bytes().unwrap();
            assert_eq!(standing(later.id, &bytes).unwrap(), Some(State::Batched));
            standing(conformance::sample_payment(2).id, &bytes).unwrap_err();
            let notice = later.apply(notice.clone(), date, at).unwrap();
            assert!(!is_usual(&of_event(notice).unwrap()));
        }
        assert_eq!(standing(payment.id, &[FORM, 1]).unwrap(), None);
        assert!(!is_usual(&[]) && !is_usual(&[9, 0, 0]));
    }
}
