//! What a payment costs, item by item, and what it would have cost elsewhere.
//!
//! Costs are millionths of a dollar ([`MicroDollars`]), because a cloud request costs less than
//! a cent. A fee that a file or batch bears once is split so that the shares add up to it
//! exactly: the remainder goes to the first entries, a micro-dollar each. Percentages and cloud
//! prices are decimals and are rounded once for each item, half to even.
//!
//! Two baselines stand beside the cost. The *card* baseline is what a card processor charges for
//! the amount; it changes the payment method, and a report must say so. The *like-for-like*
//! baseline is what the same processor charges for the same bank debit or credit.
//!
//! What a bank charges comes from its profile; every other price from a dated [`PriceList`].

mod claims;
mod cost;
mod money;
mod prices;
mod totals;

pub use claims::{Claim, Holds, claims};
pub use cost::{
    BankPrices, CardInputs, PaymentCost, PaymentFacts, Rates, batching_saving, is_unauthorized,
    share,
};
pub use money::MicroDollars;
pub use prices::{Price, PriceError, PriceList, Status, Usage};
pub use totals::{Books, Totals};
