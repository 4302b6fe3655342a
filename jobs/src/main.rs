//! The `tieout` command. Everything is in the library, so that tests run what people run.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    jobs::cli::main()
}
