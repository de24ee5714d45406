//! Scorecards: what a community's own closed loans say about the next one, in whole numbers.
//!
//! [`train`](mod@train) counts good and bad outcomes in the bins of each column and turns the
//! counts into points; [`card`] is the written form, with the counts, so that everybody can work it
//! out again; [`explain`] says where a score comes from. The words: a *row* is one application, a
//! *column* one thing known when it was made, the *target* whether it went bad.
//!
//! The same bytes give the same card on every machine: no float, no clock, no randomness, no order
//! that is not written down. What is deliberately absent: files, printing (that is `node`), and
//! every decision. A card routes and explains; it never raises a limit.
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

pub mod bins;
pub mod calibration;
pub mod card;
pub mod data;
pub mod explain;
pub mod folds;
pub mod fuzz;
pub mod groups;
pub mod math;
pub mod measure;
pub mod number;
pub mod picture;
pub mod refusal;
pub mod table;
pub mod train;
