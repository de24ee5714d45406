//! A member's own computer in a Weir community.
//!
//! The node embeds the conductor, keeps the member's key behind a passphrase, installs the bundle
//! with the community's charter, serves the page and signs for its own member. What it adds to the
//! conductor is in three small parts: the write queue ([`queue`], rule P12), the look into the
//! inbox ([`inbox`], rule K3) and the soundness index ([`sound`], rule P4a).
//!
//! Deliberately absent: an admin interface, any port but one on 127.0.0.1, and any decision about
//! the ledger. Decisions are the zomes'; the node only carries wishes to them and repeats the ones
//! that can be repeated safely.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod accused;
pub mod assess;
pub mod backup;
pub mod books;
pub mod call;
pub mod chores;
pub mod cli;
pub mod clock;
pub mod community;
pub mod conductor;
pub mod copies;
pub mod databases;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod failure;
pub mod folder;
pub mod gate;
pub mod held;
pub mod inbox;
pub mod keys;
pub mod local;
pub mod meeting;
pub mod member;
pub mod queue;
pub mod replay;
pub mod restore;
pub mod run;
pub mod score;
pub mod sim;
pub mod sound;
pub mod village;
pub mod web;
pub mod witnesses;

/// What a build carries inside: see `build.rs`.
#[derive(Clone, Copy)]
pub struct Embedded {
    /// The packed bundle (`weir.happ`), when it was there at build time.
    pub bundle: Option<&'static [u8]>,
    /// Files of the page by their path below `ui/dist`.
    pub page: &'static [(&'static str, &'static [u8])],
    /// The text of `dnas/HASHES`.
    pub hashes: &'static str,
}
