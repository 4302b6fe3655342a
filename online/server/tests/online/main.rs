//! The server over real HTTP and in processes of its own. One binary: what each of them links is
//! large, and compiled once.

mod api;
mod bounded;
mod ended;
mod given_back;
mod hostile;
mod judged;
mod kept_key;
mod numbers_in_logs;
mod people;
mod process;
mod secrets;
mod served;
mod webhooks;
