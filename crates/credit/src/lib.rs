//! What a credit line may be: assessment, limit, bound and book as functions of cited facts.
//!
//! No entry uses any of this yet: the certificates that will are described in `docs/plan.md`. The
//! functions are here so that the member who asks, the stewards who sign and the nodes that check
//! compute the same. Rule ids in square brackets (`[C3]`) are those of `docs/credit.md`.
//!
//! Pure, total and deterministic: integers only, no clock, no randomness, no panic. `None` says
//! that a number leaves its range; divisions round against the member who asks.
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

pub mod assess;
pub mod book;
pub mod case;
pub mod flow;
pub mod fuzz;
pub mod graph;
pub mod limit;
pub mod line;
pub mod sybil;
