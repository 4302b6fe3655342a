//! Business days from the cut to the sealed package: whole ones, broken ones, ones in another
//! order. [`world`] is what a day needs around it, [`stage`] one busy day to be copied.

mod announced;
mod asked;
mod banks;
mod before;
mod crashes;
mod currencies;
mod customers;
mod damage;
mod figures;
mod flips;
mod forgets;
mod forgets_killed;
mod init;
mod kills;
mod late;
mod lent;
mod listed;
mod looks;
mod lost;
mod lying;
mod merchants;
mod order;
mod retrieves;
mod reversed;
mod said;
mod sealed;
pub mod stage;
mod strangers;
mod turns;
mod twice;
mod upgrade;
mod weeks;
mod whole;
pub mod world;
