//! Resource locations and areas: how clients of the official libraries find their way.

use serde_json::{Value, json};

use super::error::WrappedException;
use super::site::Site;
use crate::server::Answer;

const DISTRIBUTED_TASK: &str = "a85b8835-c1a1-4aac-ae97-1c3d0ba72dbd";
const LOCATION: &str = "bf7d82a0-8aa5-4613-94ef-6172a5ea01f3"; // UNVERIFIED

/// Id, area, resource, route, whether it was released.
const LOCATIONS: [(&str, &str, &str, &str, bool); 17] = [
    (
        "a8c47e17-4d56-4a56-92bb-de7ea7dc65be",
        "distributedtask",
        "pools",
        "_apis/{area}/{resource}/{poolId}",
        true,
    ),
    (
        "e298ef32-5878-4cab-993c-043836571f42",
        "distributedtask",
        "agents",
        "_apis/{area}/pools/{poolId}/{resource}/{agentId}",
        true,
    ),
    (
        "900fa995-c559-4923-aae7-f8424fe4fbea",
        "distributedtask",
        "queues",
        "{project}/_apis/{area}/{resource}/{queueId}",
        true,
    ),
    (
        "fc825784-c92a-4299-9221-998a02d1b54f",
        "distributedtask",
        "jobrequests",
        "_apis/{area}/pools/{poolId}/{resource}/{requestId}",
        false,
    ),
    (
        "15e7ab6e-abce-4601-a6d8-e111fe148f46",
        "distributedtask",
        "maintenancejobs",
        "_apis/{area}/pools/{poolId}/{resource}/{jobId}",
        false,
    ),
    (
        "8ffcd551-079c-493a-9c02-54346299d144",
        "distributedtask",
        "packages",
        "_apis/{area}/{resource}/{packageType}/{platform}/{version}",
        false,
    ),
    (
        "30ba3ada-fedf-4da8-bbb5-dacf2f82e176",
        "distributedtask",
        "usercapabilities",
        "_apis/{area}/pools/{poolId}/agents/{agentId}/{resource}",
        false,
    ),
    (
        "162778f3-4b48-48f3-9d58-436fb9c407bc",
        "distributedtask",
        "permissions",
        "_apis/{area}/pools/{poolId}/{resource}/{permissions}",
        false,
    ),
    (
        "eae1d376-a8b1-4475-9041-1dfdbe8f0143",
        "distributedtask",
        "resourceusage",
        "_apis/{area}/{resource}",
        false,
    ),
    (
        "dd3c938f-835b-4971-b99a-db75a47aad43",
        "distributedtask",
        "elasticpools",
        "_apis/{area}/{resource}/{poolId}",
        false,
    ),
    (
        "595b1769-61d5-4076-a72a-98a02105ca9a",
        "distributedtask",
        "elasticpoollogs",
        "_apis/{area}/elasticpools/{poolId}/logs",
        false,
    ),
    (
        "1b232402-5ff0-42ad-9703-d76497835eb6",
        "distributedtask",
        "elasticnodes",
        "_apis/{area}/elasticpools/{poolId}/nodes/{elasticNodeId}",
        false,
    ),
    ("e81700f7-3be2-46de-8624-2eb35882fcaa", "Location", "ResourceAreas", "_apis/{resource}/{areaId}", false),
    ("00d9565f-ed9c-4a06-9a50-00e7896ccab4", "Location", "ConnectionData", "_apis/{resource}", false),
    (
        "461c140b-cfbb-4a0c-8d31-4d0bd9dce4b6",
        "securityroles",
        "roleassignments",
        "_apis/{area}/scopes/{scopeId}/{resource}/resources/{resourceId}/{userId}",
        false,
    ),
    (
        "f4cc9a86-453c-48d2-b44d-d3bd5c105f4f",
        "securityroles",
        "roledefinitions",
        "_apis/{area}/scopes/{scopeId}/{resource}",
        false,
    ),
    (
        "d81a04c5-6c4d-4a4d-8c5e-f0c8f0f4a0d5",
        "distributedtask",
        "oidctoken",
        "{scopeIdentifier}/_apis/{area}/hubs/{hubName}/plans/{planId}/jobs/{jobId}/{resource}",
        false,
    ), // id UNVERIFIED
];

/// The locations of an area, or of all.
pub(super) fn options(area: Option<&str>) -> Answer {
    let locations: Vec<Value> = LOCATIONS
        .iter()
        .filter(|(_, of, ..)| area.is_none_or(|area| of.eq_ignore_ascii_case(area)))
        .map(|(id, area, resource, route, released)| {
            json!({
                "id": id,
                "area": area,
                "resourceName": resource,
                "routeTemplate": route,
                "resourceVersion": 1,
                "minVersion": "1.0",
                "maxVersion": "7.2",
                "releasedVersion": if *released { "7.1" } else { "0.0" },
            })
        })
        .collect();
    Answer::json(200, &json!({"count": locations.len(), "value": locations}))
}

/// The resource areas.
pub(super) fn areas(site: &Site) -> Answer {
    let areas = known(site);
    Answer::json(200, &json!({"count": areas.len(), "value": areas}))
}

/// One resource area.
pub(super) fn area(site: &Site, id: &str) -> Answer {
    match known(site).iter().find(|area| area["id"] == id) {
        Some(area) => Answer::json(200, area),
        // What the real service answers here is UNVERIFIED.
        None => WrappedException::new(
            404,
            "Microsoft.VisualStudio.Services.Location.ResourceAreaNotFoundException, Microsoft.VisualStudio.Services.WebApi",
            format!("The resource area {id} does not exist."),
        )
        .answer(),
    }
}

fn known(site: &Site) -> [Value; 2] {
    [(DISTRIBUTED_TASK, "distributedtask"), (LOCATION, "Location")]
        .map(|(id, name)| json!({"id": id, "name": name, "locationUrl": format!("{}/", site.url)}))
}
