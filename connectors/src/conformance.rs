//! One suite per port. Every adapter's tests call the suite of its port, so that a job can rely on
//! the port and not on the adapter. The suites panic where an adapter breaks a promise; they are
//! for tests and for whoever writes another adapter.

mod payments;

pub use payments::{
    a_claim_has_one_winner, events_are_paged_in_order, keys_make_one_payment,
    pages_follow_the_state, payments_change_only_by_listed_steps, record, sample_payment,
};
