//! `docs/rules.md`, from the rules themselves.

use std::fmt::Write as _;

use pool_lifeguard::health::RULES;
use pool_lifeguard::inputs::input;

/// The families, by how their rules' ids begin
const FAMILIES: &[(&str, &str)] = &[
    ("Pools", "pool-"),
    ("The service", "service-"),
    ("Scale sets", "elastic-"),
    ("KEDA", "keda-"),
    ("The queue", "queue-"),
    ("Agents", "agent-"),
];

/// The whole page
pub fn page() -> String {
    let mut page = String::from(
        "<!-- Made from the code; `UPDATE_DOCS=1 cargo test --test docs` writes it anew. -->\n\
         # Rules\n\n\
         Each rule answers one question. Its id never changes its meaning. What its findings are (`off`, `info`, \
         `warning`, `error`) can be set: `--severity agent-offline=off`, or in a [policy file](policy.md).\n\n\
         | rule | severity | |\n|---|---|---|\n",
    );
    for rule in RULES {
        let first = rule.means.split_inclusive(". ").next().unwrap_or(rule.means).trim();
        let _ = writeln!(page, "| [`{id}`](#{id}) | {} | {first} |", rule.severity.name(), id = rule.id);
    }
    for (title, start) in FAMILIES {
        let _ = write!(page, "\n## {title}\n");
        for rule in RULES.iter().filter(|rule| rule.id.starts_with(start)) {
            let _ = write!(page, "\n### {}\n\n{}\n\n", rule.id, rule.means);
            let _ = writeln!(page, "- Severity: {}", rule.severity.name());
            for name in rule.inputs {
                let input = input(name).unwrap_or_else(|| panic!("{name} is an input"));
                let default = match input.default {
                    "" => String::new(),
                    default => format!(" (default: {default})"),
                };
                let _ = writeln!(page, "- Input `{name}`{default}: {}", input.help);
            }
            for (name, what) in rule.evidence {
                let _ = writeln!(page, "- Evidence `{name}`: {what}");
            }
            let mut advice = rule.advice.to_owned();
            if let Some(first) = advice.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let _ = writeln!(page, "- What to do: {}.", advice.trim_end_matches('.'));
        }
    }
    page
}

#[test]
fn every_rule_is_of_a_family() {
    for rule in RULES {
        assert!(FAMILIES.iter().any(|(_, start)| rule.id.starts_with(start)), "{}", rule.id);
    }
}
