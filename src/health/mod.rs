//! Health: rules that look at pools as plain data. No I/O, and no clock but the one they are given.

mod agent_rules;
mod finding;
mod policy;
mod pool_rules;
mod queue_rules;
mod rules;
mod tally;

pub use finding::{Finding, Severity, Subject};
pub use policy::Policy;
pub use pool_rules::not_visible;
pub use rules::{RULES, Rule, assess};
pub use tally::Tally;
