//! Scenarios on running conductors.
//!
//! Every scenario makes its own community on its own conductors, with the real zomes of
//! `workdir/` (built by `cargo xtask zomes`). Cheaters run without self-validation and with the
//! probe coordinator; the DNA is the same.

mod asks;
mod cheats;
mod everyday;
mod harness;
mod hostile;
mod network;
mod official;
mod scorecard;
mod unlucky;
mod witnesses;
