//! Links `tieout` so that it starts small: the addresses that the loader must fill in, 17 MB as a
//! plain table, are packed into a hundredth of that. Loaders know the packed form since glibc
//! 2.36; where the one here is older, or cannot be asked, the plain table stays.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let here = std::env::var("HOST").ok() == std::env::var("TARGET").ok();
    let gnu = std::env::var("TARGET").is_ok_and(|target| target.ends_with("linux-gnu"));
    if here && gnu && glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's glibc: the last word of what `ldd --version` says first.
fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("ldd").arg("--version").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.lines().next()?.rsplit(' ').next()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
