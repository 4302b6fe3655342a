//! The default adapters: a folder on this machine, nothing to install, nothing to start.
