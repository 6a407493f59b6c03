//! Golden tests: the built component in wasmtime, against the emulator, under a fixed clock.
//!
//! Each snapshot holds what a user sees (exit code, stdout, stderr) and what was sent. Build the component first:
//! `cargo xtask component`; `cargo xtask test tests` does both.

// A test that finds its ground missing has nothing better to do than to panic.
#![allow(clippy::expect_used)]

mod check;
mod chores;
mod credentials;
mod doctor;
mod door;
mod harness;
mod hostile;
mod network;
mod organization;
mod package;
mod pipelines;
mod refusals;
mod snapshots;
mod token;
mod token_errors;
mod usage;
mod wait;
mod why;
