//! Rules about what was read as a whole: pools that aren't there or can't be read, and the service itself.

use serde_json::json;

use super::{Look, Rule};
use crate::devops::{PoolSelector, Snapshot, Unread};
use crate::health::finding::{Found, Severity, Subject};

/// A pool doesn't exist, or the identity may not see it.
pub const NOT_VISIBLE: Rule = Rule {
    id: "pool-not-visible",
    severity: Severity::Error,
    means: "A pool that was asked for isn't there, or the identity may not see it: Azure DevOps doesn't tell which. \
            A pattern that matches no pool is an error in usage instead.",
    evidence: &[
        ("identity", "who the identity is to the organization"),
        ("visiblePools", "the pools that it may see"),
    ],
    inputs: &["pool"],
    advice: "Correct the name, or give the identity the role Reader on the pool at organization level (Organization \
             settings > Agent pools > the pool > Security); a role set in a project doesn't count.",
    look: Look::Everything(|snapshot| {
        snapshot.missing.iter().map(|selector| not_visible(selector, snapshot)).collect()
    }),
};

/// A pool is there, but what is in it couldn't be read.
pub const UNREADABLE: Rule = Rule {
    id: "pool-unreadable",
    severity: Severity::Error,
    means: "A pool is there, but Azure DevOps refused to tell its agents or its job requests, so nothing is known of \
            it. The other pools are judged all the same; where no pool could be read, the command fails instead.",
    evidence: &[("reason", "what Azure DevOps answered")],
    inputs: &["pool"],
    advice: "See the reason; most often the identity lacks the role Reader on the pool at organization level.",
    look: Look::Everything(|snapshot| snapshot.unread.iter().map(unreadable).collect()),
};

/// Azure DevOps itself has an incident.
pub const SERVICE_INCIDENT: Rule = Rule {
    id: "service-incident",
    severity: Severity::Warning,
    means: "Azure DevOps' status page shows that Pipelines isn't healthy in the organization's geography, or anywhere \
            where no geography is given. What else is found may be its doing. Only looked at with `serviceStatus`.",
    evidence: &[
        ("service", "the service"),
        ("geography", "the geography's id"),
        ("health", "`advisory`, `degraded` or `unhealthy`"),
    ],
    inputs: &["serviceStatus", "geography", "statusPage"],
    advice: "See https://status.dev.azure.com before you look for a fault of your own.",
    look: Look::Everything(service_incident),
};

/// What is said of a pool that isn't there
pub fn not_visible(selector: &PoolSelector, snapshot: &Snapshot) -> Found {
    let text = selector.text();
    let identity = snapshot.caller.as_ref().map_or("the identity", |caller| caller.name.as_str());
    let near = crate::inputs::nearest(&text, snapshot.visible.iter().map(String::as_str));
    let check = match near {
        Some(name) => format!("did you mean `{name}`? Otherwise "),
        None => String::new(),
    };
    let subject = Subject { pool: text.clone(), ..Subject::default() };
    let evidence = &[
        ("identity", json!(snapshot.caller.as_ref().map(|caller| &caller.name))),
        ("visiblePools", json!(snapshot.visible)),
    ];
    let what = match selector {
        PoolSelector::Pattern(_) => "no pool matches",
        _ => "there is no pool",
    };
    Found::new(subject, format!("{what} `{text}`, or {identity} may not see it"), evidence).advise(format!(
        "{check}give {identity} the role Reader on the pool at organization level (Organization settings > \
             Agent pools > the pool > Security); a role set in a project doesn't count"
    ))
}

fn unreadable(unread: &Unread) -> Found {
    let Unread { pool, reason } = unread;
    let found = Found::new(
        Subject::pool(pool),
        format!("it couldn't be read: {}", reason.headline),
        &[("reason", json!(reason.headline))],
    );
    match reason.advice.first() {
        Some(advice) => found.advise(advice.clone()),
        None => found,
    }
}

fn service_incident(snapshot: &Snapshot) -> Vec<Found> {
    let found = snapshot.incidents.iter().map(|incident| {
        let more = match incident.message.as_str() {
            "" => String::new(),
            message => format!(": {message}"),
        };
        Found::new(
            Subject::default(),
            format!(
                "Azure DevOps says that {} is {} in {}{more}",
                incident.service, incident.health, incident.geography
            ),
            &[
                ("service", json!(incident.service)),
                ("geography", json!(incident.geography_id)),
                ("health", json!(incident.health)),
            ],
        )
    });
    found.collect()
}
