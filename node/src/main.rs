//! The `weir` program. Everything is in the library; this file adds what is carried inside.

/// The packed bundle, the page and the recorded hashes of this build.
static EMBEDDED: weir::Embedded = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

fn main() -> std::process::ExitCode {
    weir::cli::main(&EMBEDDED)
}
