//! Reading a scenario's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Answers, Scenario};

/// Why a scenario can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A file of `agents/` and its like isn't named after a pool.
    #[error("{0}: a file here is named after its pool's id, such as `10.json`")]
    FileName(PathBuf),
    /// A file can't be read.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// A file isn't what it should be.
    #[error("{path}: {field}: {reason}")]
    Json {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        field: String,
        /// What is wrong there.
        reason: String,
    },
    /// A name that the scenario doesn't define, or a value that can't be.
    #[error("{path}: {field}: {reason}")]
    Reference {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        field: String,
        /// What is wrong there.
        reason: String,
    },
}

impl Scenario {
    /// Reads a scenario's folder.
    pub fn load(folder: &Path) -> Result<Self, ScenarioError> {
        let path = folder.join("scenario.json");
        let mut scenario: Self = read_required(&path)?;
        scenario.folder = fs::canonicalize(folder).map_err(|e| ScenarioError::Io(path, e))?;
        scenario.answers = Answers {
            pools: read_list(&folder.join("pools.json"))?,
            queues: read_list(&folder.join("queues.json"))?,
            packages: read_list(&folder.join("packages.json"))?,
            resource_usage: read(&folder.join("resourceusage.json"))?,
            status: read(&folder.join("status.json"))?,
            elastic_pools: read_list(&folder.join("elasticpools.json"))?,
            agents: read_by_pool(&folder.join("agents"))?,
            job_requests: read_by_pool(&folder.join("jobrequests"))?,
            maintenance_jobs: read_by_pool(&folder.join("maintenancejobs"))?,
            elastic_pool_nodes: read_by_pool(&folder.join("elasticpoolnodes"))?,
            elastic_pool_logs: read_by_pool(&folder.join("elasticpoollogs"))?,
            security_roles: read_by_pool(&folder.join("securityroles"))?,
        };
        scenario.certificates = scenario.read_certificates()?;
        scenario.check()?;
        Ok(scenario)
    }

    fn read_certificates(&self) -> Result<BTreeMap<String, String>, ScenarioError> {
        let mut certificates = BTreeMap::new();
        for identity in &self.identities {
            for file in identity.certificates.iter().chain(&identity.trusted_issuers) {
                let path = self.folder.join(file);
                let pem = fs::read_to_string(&path).map_err(|e| ScenarioError::Io(path, e))?;
                certificates.insert(file.clone(), pem);
            }
        }
        Ok(certificates)
    }

    /// Names must lead somewhere: a slip shows here, not as a puzzling 401 in a test.
    fn check(&self) -> Result<(), ScenarioError> {
        let tenant = |field: String, id: &str| {
            if self.tenants.iter().any(|tenant| tenant.id == id) {
                return Ok(());
            }
            Err(self.reference(field, format!("no tenant has the id `{id}`")))
        };
        tenant("organization.tenant".to_owned(), &self.organization.tenant)?;
        let mut names = BTreeSet::new();
        for (index, identity) in self.identities.iter().enumerate() {
            tenant(format!("identities[{index}].tenant"), &identity.tenant)?;
            if !names.insert(&identity.name) {
                return Err(self.reference(
                    format!("identities[{index}].name"),
                    format!("a second identity named `{}`", identity.name),
                ));
            }
            for role in identity.pool_roles.keys() {
                if role != "*" && role.parse::<u64>().is_err() {
                    return Err(self.reference(
                        format!("identities[{index}].poolRoles.{role}"),
                        "neither a pool's id nor `*`".to_owned(),
                    ));
                }
            }
        }
        for (field, name) in self.identity_references() {
            if self.identity(&name).is_none() {
                return Err(self.reference(field, format!("no identity is named `{name}`")));
            }
        }
        for (name, variables) in &self.environments {
            let texts =
                variables.as_object().is_some_and(|variables| variables.values().all(Value::is_string));
            if !texts {
                return Err(
                    self.reference(format!("environments.{name}"), "not an object of texts".to_owned())
                );
            }
        }
        Ok(())
    }

    fn identity_references(&self) -> Vec<(String, String)> {
        let mut references = Vec::new();
        for (index, pat) in self.pats.iter().enumerate() {
            references.push((format!("pats[{index}].identity"), pat.identity.clone()));
        }
        for (platform, system_assigned, user_assigned) in self.managed_identities.by_platform() {
            if let Some(name) = system_assigned {
                references.push((format!("managedIdentities.{platform}.systemAssigned"), name.to_owned()));
            }
            for (index, assigned) in user_assigned.iter().enumerate() {
                references.push((
                    format!("managedIdentities.{platform}.userAssigned[{index}].identity"),
                    assigned.identity.clone(),
                ));
            }
        }
        let connections = self.pipelines.iter().flat_map(|pipelines| &pipelines.service_connections);
        for (index, connection) in connections.enumerate() {
            references.push((
                format!("pipelines.serviceConnections[{index}].identity"),
                connection.identity.clone(),
            ));
        }
        references
    }

    fn reference(&self, field: String, reason: String) -> ScenarioError {
        ScenarioError::Reference { path: self.folder.join("scenario.json"), field, reason }
    }
}

fn read_by_pool(folder: &Path) -> Result<BTreeMap<u64, Value>, ScenarioError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(ScenarioError::Io(folder.to_owned(), e)),
    };
    let mut answers = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|e| ScenarioError::Io(folder.to_owned(), e))?.path();
        let pool = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix(".json"))
            .and_then(|name| name.parse().ok())
            .ok_or_else(|| ScenarioError::FileName(path.clone()))?;
        if let Some(answer) = read_list(&path)? {
            answers.insert(pool, answer);
        }
    }
    Ok(answers)
}

fn read_list(path: &Path) -> Result<Option<Value>, ScenarioError> {
    let Some(answer) = read::<Value>(path)? else {
        return Ok(None);
    };
    if answer.is_array() || answer.get("value").is_some() {
        return Ok(Some(answer));
    }
    Err(ScenarioError::Json {
        path: path.to_owned(),
        field: "value".to_owned(),
        reason: "neither an array nor an object with `value`".to_owned(),
    })
}

fn read_required<T: DeserializeOwned>(path: &Path) -> Result<T, ScenarioError> {
    read(path)?.ok_or_else(|| {
        let reason = io::Error::new(io::ErrorKind::NotFound, "there is no such file");
        ScenarioError::Io(path.to_owned(), reason)
    })
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, ScenarioError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(ScenarioError::Io(path.to_owned(), e)),
    };
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    serde_path_to_error::deserialize(&mut deserializer)
        .and_then(|value| {
            deserializer.end().map(|()| value).map_err(|e| serde_path_to_error::Error::new(root(), e))
        })
        .map(Some)
        .map_err(|e| ScenarioError::Json {
            path: path.to_owned(),
            field: e.path().to_string(),
            reason: e.inner().to_string(),
        })
}

/// The path of the whole document.
fn root() -> serde_path_to_error::Path {
    serde_path_to_error::Track::new().path()
}
