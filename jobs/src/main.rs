//! The `tieout` command. Everything is in the library, so that tests run what people run.

fn main() -> std::process::ExitCode {
    jobs::cli::main()
}
