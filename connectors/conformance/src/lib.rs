//! One suite per port. Every adapter's tests call the suite of its port, so that a job can rely on
//! the port and not on the adapter. The suites panic where an adapter breaks a promise; they are
//! for tests and for whoever writes another adapter.

mod archive;
mod asked;
mod bank;
mod banks;
mod documents;
mod events;
mod forgetting;
mod marks;
mod objects;
mod payments;
mod places;
mod queue;
mod scorer;
mod sides;
mod vault;

pub use archive::packages_stay_as_they_were_stored;
pub use asked::{
    a_merchant_finds_its_own, a_request_is_found_by_its_key, the_feed_tells_everything_once,
};
pub use bank::{
    a_stranger_under_our_name_is_never_overwritten, inbound_files_stay_until_removed,
    uploads_are_sent_once_and_read_back, what_changed_since_it_was_taken_stays,
};
pub use banks::banks_do_not_see_each_other;
pub use documents::{a_document_has_one_winner, documents_change_only_from_what_was_seen};
pub use events::{events_are_paged_in_order, unusual_events_are_those_that_happen_to_few};
pub use forgetting::names_are_forgotten_and_nothing_else;
pub use marks::identities_change_only_from_what_was_seen;
pub use objects::{
    heads_change_only_from_what_was_seen, hostile_names_stay_what_they_are,
    objects_are_read_whole_and_in_part, objects_are_written_once,
};
pub use payments::{
    a_claim_has_one_winner, cancel_against_claim_has_one_winner, keys_make_one_payment,
    many_creators_make_one_payment, pages_follow_the_state, payments_change_only_by_listed_steps,
    record, sample_payment,
};
pub use places::addresses_are_where_the_database_says;
pub use queue::{
    HandClock, hopeless_messages_are_set_aside, messages_are_delivered_until_acknowledged,
};
pub use scorer::scores_are_explained;
pub use sides::{
    facts_and_events_make_one_history, facts_are_numbered_and_kept_once,
    whoever_is_not_like_the_others_is_found,
};
pub use vault::secrets_open_only_in_their_context;
