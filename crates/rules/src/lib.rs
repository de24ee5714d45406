//! The rule book as functions.
//!
//! Everything here is pure, total and deterministic: integers only, no clock, no randomness, no
//! panic, bounded work. A rule says yes, refuses with one typed [`refusal::Refusal`], or asks for
//! a fact that is not here yet. What is deliberately absent: everything that fetches (that is
//! `substrate`) and everything that writes (that are the coordinators).
//!
//! Rule ids in square brackets (`[L6]`) are those of `docs/rules.md`.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::expect_used,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod asks;
pub mod charter;
pub mod entry;
pub mod ids;
pub mod ledger;
pub mod limits_v1;
pub mod links;
pub mod month;
pub mod profile;
pub mod refusal;
pub mod returns;
pub mod window;
