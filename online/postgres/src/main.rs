//! `tieout-online-postgres`: the router of the online path over PostgreSQL, for the bench alone.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tieout_online_postgres::main()
}
