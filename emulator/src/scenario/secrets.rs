//! What must never show up in anyone's output.

use std::fs;

use super::Scenario;

/// A line of a PEM body is 64 characters; shorter last lines could occur elsewhere by chance.
const SHORTEST_KEY_LINE: usize = 32;

impl Scenario {
    /// Every secret text of the scenario, for a test that looks for them in all output.
    ///
    /// Of the private keys in `certificates/` it is the lines of the PEM bodies.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        let client_secrets =
            self.identities.iter().flat_map(|identity| &identity.secrets).map(|secret| secret.value.clone());
        secrets.extend(client_secrets);
        secrets.extend(self.pats.iter().map(|pat| pat.value.clone()));
        let managed = &self.managed_identities;
        secrets.extend(managed.app_service.iter().map(|platform| platform.identity_header.clone()));
        secrets.extend(managed.azure_ml.iter().map(|platform| platform.msi_secret.clone()));
        secrets.extend(self.pipelines.iter().map(|pipelines| pipelines.job_access_token.clone()));
        secrets.extend(self.git_hub.iter().map(|hub| hub.request_token.clone()));
        secrets.extend(self.certificate_password.clone());
        secrets.extend(self.private_key_lines());
        secrets.retain(|secret| !secret.is_empty());
        secrets.sort();
        secrets.dedup();
        secrets
    }

    fn private_key_lines(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.join("certificates")).into_iter().flatten().flatten();
        let mut lines = Vec::new();
        for file in files {
            let Ok(pem) = fs::read_to_string(file.path()) else {
                continue; // a PFX isn't text
            };
            let mut within = false;
            for line in pem.lines() {
                if line.starts_with("-----BEGIN ") {
                    within = line.contains("PRIVATE KEY");
                } else if line.starts_with("-----END ") {
                    within = false;
                } else if within && line.len() >= SHORTEST_KEY_LINE {
                    lines.push(line.to_owned());
                }
            }
        }
        lines
    }
}
