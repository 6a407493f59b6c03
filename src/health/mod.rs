//! Health: rules that look at pools as plain data. No I/O, and no clock but the one they are given.

mod finding;
mod goal;
mod keda;
mod kind;
mod policy;
mod rules;
mod secret_names;
mod sentence;
mod tally;
mod view;
mod waiting;

pub use finding::{Evidence, Finding, Found, Severity, Subject};
pub use goal::Goal;
pub use keda::{Counts, Keda};
pub use kind::Kind;
pub use policy::{MinVersion, Policy};
pub use rules::{Look, RULES, Rule, assess, needs_history, needs_maintenance, not_visible};
pub use secret_names::looks_secret;
pub use tally::{State, Tally, waiting};
pub use view::PoolView;
pub use waiting::{Cause, Waiting};
