//! `doctor`: the way from the identity to the pool, and its broken links.

use crate::harness::{Case, golden};

#[test]
fn each_link() {
    for (name, environment, line) in [
        ("sound-reader", "client-secret", "doctor --pool linux-build"),
        ("sound-administrator", "administrator", "doctor --pool linux-build"),
        ("sound-no-pool", "imds", "doctor"),
        ("sound-pat", "pat", "doctor --pool 10"),
        ("project-admin", "project-admin", "doctor --pool linux-build --project payments"),
        ("broken-role-in-project-only", "project-admin", "doctor --pool windows-build --project payments"),
        ("broken-secret", "expired-secret", "doctor --pool linux-build --identity client-secret"),
        (
            "broken-tenant",
            "cross-tenant-refused",
            "doctor --pool linux-build --identity managed-identity-federation",
        ),
        ("broken-member", "outsider", "doctor --pool linux-build"),
        ("broken-pool", "client-secret", "doctor --pool linux-biuld"),
        ("broken-role", "no-role", "doctor --pool linux-build"),
    ] {
        golden!(format!("doctor-{name}"), Case::new(environment).run(line));
    }
}

#[test]
fn an_organization_that_is_not_there() {
    golden!(
        "doctor-broken-organization",
        Case::new("client-secret").run("doctor --organization {http}/nosuch --pool linux-build")
    );
}
