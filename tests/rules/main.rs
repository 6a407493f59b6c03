//! The rules, as data in and findings out: cases by file, and what holds for any pools at all.

// A test that finds its ground missing has nothing better to do than to panic.
#![allow(clippy::expect_used)]

mod cases;
mod formats;
mod generated;
mod properties;
mod snapshots;
