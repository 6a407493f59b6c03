//! Which credential is used: the one that is named, or the first of the chain that works.

use super::{
    AccessToken, Credential, Exchange, Found, azure_pipelines, client_certificate, client_secret, github,
    managed_identity, managed_identity_federation, ready_made, workload_identity,
};
use crate::explain::{Explanation, Failure};
use crate::inputs::{Inputs, UsageError};

type Find = fn(&Inputs) -> Result<Found, UsageError>;

/// The chain, in the order that `auto` goes by and `docs/identity.md` lists: what is made for one job first,
/// what an app holds next, what belongs to the machine last. The names are the choices of the input `identity`.
const CHAIN: &[(&str, Find)] = &[
    ("azure-pipelines", azure_pipelines::find),
    ("github", github::find),
    ("workload-identity", workload_identity::find),
    ("client-certificate", client_certificate::find),
    ("client-secret", client_secret::find),
    ("token", ready_made::find),
    ("managed-identity-federation", managed_identity_federation::find),
    ("managed-identity", managed_identity::find),
];

/// The credentials that the inputs hold, in the order in which they are tried
pub struct Chain {
    ready: Vec<Box<dyn Credential>>,
    incomplete: Vec<String>,
    absent: Vec<&'static str>,
}

/// An access token, and how it was come by
pub struct Acquired {
    /// The token
    pub token: AccessToken,
    /// The credential that it was exchanged for
    pub credential: String,
    /// The credentials that come before it and didn't work, or weren't complete
    pub passed_over: Vec<String>,
}

impl Chain {
    /// Looks at all inputs, before anything is sent.
    ///
    /// # Errors
    /// [`UsageError`] for an input that can't be used, or where the identity that is named has nothing to work with.
    pub fn from_inputs(inputs: &Inputs) -> Result<Self, UsageError> {
        let name = inputs.get("identity").map_or("auto", |given| given.text());
        let mut chain = Self { ready: Vec::new(), incomplete: Vec::new(), absent: Vec::new() };
        for (candidate, find) in CHAIN {
            if name != "auto" && name != *candidate {
                continue;
            }
            match find(inputs)? {
                Found::Ready(credential) => chain.ready.push(credential),
                Found::Incomplete(what) => chain.incomplete.push(what),
                Found::Absent(needed) => chain.absent.push(needed),
            }
        }
        if !chain.ready.is_empty() {
            return Ok(chain);
        }
        let found = chain.incomplete.into_iter().map(|what| format!("finds {what}")).next();
        Err(UsageError::new(
            format!("`--identity {name}` {}", found.unwrap_or_else(|| "finds nothing to work with".into())),
            format!("give {}, or name another identity", chain.absent.first().unwrap_or(&"what is missing")),
        ))
    }

    /// The credential that is tried first
    pub fn first(&self) -> String {
        self.ready.first().map(|credential| credential.describe()).unwrap_or_default()
    }

    /// Gets an access token with the first credential that works.
    ///
    /// # Errors
    /// [`Failure::NoToken`] where none does.
    pub fn acquire(&self, exchange: &Exchange<'_>) -> Result<Acquired, Failure> {
        let mut failures: Vec<(String, Explanation)> = Vec::new();
        for credential in &self.ready {
            match credential.exchange(exchange) {
                Ok(token) => {
                    (exchange.mask)(&token.secret);
                    let failed = failures
                        .iter()
                        .map(|(credential, explanation)| format!("{credential}: {}", explanation.headline));
                    let passed_over = failed.chain(self.incomplete.iter().cloned()).collect();
                    return Ok(Acquired { token, credential: credential.describe(), passed_over });
                }
                Err(explanation) => failures.push((credential.describe(), explanation)),
            }
        }
        Err(Failure::NoToken(self.none_works(failures)))
    }

    /// The first failure, whose credential most likely was meant, is told in full, the others in a line each.
    fn none_works(&self, failures: Vec<(String, Explanation)>) -> Explanation {
        let mut failures = failures.into_iter();
        let Some((credential, first)) = failures.next() else {
            return Explanation::new("there is no credential to try");
        };
        let mut explanation = first.fact("tried", credential);
        for (credential, other) in failures {
            explanation = explanation.fact("tried as well", format!("{credential}: {}", other.headline));
        }
        for what in &self.incomplete {
            explanation = explanation.fact("not complete", what);
        }
        if !self.absent.is_empty() {
            explanation = explanation.fact("not found", self.absent.join("; "));
        }
        explanation
    }
}
