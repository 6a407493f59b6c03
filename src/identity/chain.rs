//! Which credential is used: the one that is named, or the first of the chain that works.

use super::managed_identity_federation as federation;
use super::{
    AccessToken, Credential, Exchange, Found, azure_pipelines, client_certificate, client_secret, github,
    managed_identity, ready_made, workload_identity,
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
    ("managed-identity-federation", federation::find),
    ("managed-identity", managed_identity::find),
];

/// An access token, and how it was come by
pub struct Acquired {
    /// The token
    pub token: AccessToken,
    /// The credential that it was exchanged for
    pub credential: String,
    /// The credentials that were tried before, each with its failure
    pub failed: Vec<String>,
}

/// Gets an access token with the identity that the inputs name, or with the first of the chain that works.
///
/// # Errors
/// [`Failure::Usage`] before anything is sent where an input can't be used, [`Failure::NoToken`] where no
/// credential works.
pub fn acquire(inputs: &Inputs, exchange: &Exchange<'_>) -> Result<Acquired, Failure> {
    match inputs.get("identity").map(|given| given.text()) {
        None | Some("auto") => first_that_works(inputs, exchange),
        Some(name) => only(name, inputs, exchange),
    }
}

fn only(name: &str, inputs: &Inputs, exchange: &Exchange<'_>) -> Result<Acquired, Failure> {
    let found = match CHAIN.iter().find(|(candidate, _)| *candidate == name) {
        Some((_, find)) => find(inputs)?,
        None => Found::Absent("a name of the list"),
    };
    let credential = match found {
        Found::Ready(credential) => credential,
        Found::Incomplete(what) => {
            return Err(UsageError::new(
                format!("`--identity {name}` has {what}"),
                "give what is missing, or name another identity",
            )
            .into());
        }
        Found::Absent(needed) => {
            return Err(UsageError::new(
                format!("`--identity {name}` finds nothing to work with"),
                format!("give {needed}, or name another identity"),
            )
            .into());
        }
    };
    let token = credential
        .exchange(exchange)
        .map_err(|explanation| Failure::NoToken(explanation.fact("identity", credential.describe())))?;
    Ok(Acquired { token, credential: credential.describe(), failed: Vec::new() })
}

fn first_that_works(inputs: &Inputs, exchange: &Exchange<'_>) -> Result<Acquired, Failure> {
    // All inputs are looked at before anything is sent.
    let mut ready: Vec<Box<dyn Credential>> = Vec::new();
    let mut incomplete = Vec::new();
    let mut absent = Vec::new();
    for (_, find) in CHAIN {
        match find(inputs)? {
            Found::Ready(credential) => ready.push(credential),
            Found::Incomplete(what) => incomplete.push(what),
            Found::Absent(needed) => absent.push(needed),
        }
    }
    let mut failures = Vec::new();
    for credential in ready {
        match credential.exchange(exchange) {
            Ok(token) => {
                let failed = failures.iter().map(failed_line).chain(incomplete).collect();
                return Ok(Acquired { token, credential: credential.describe(), failed });
            }
            Err(explanation) => failures.push((credential.describe(), explanation)),
        }
    }
    Err(Failure::NoToken(none_worked(failures, incomplete, &absent)))
}

type Tried = (String, Explanation);

fn failed_line((credential, explanation): &Tried) -> String {
    format!("{credential}: {}", explanation.headline)
}

/// One failure is told in full; of several each is told in a line, and the first, which most likely was meant, in
/// full behind them.
fn none_worked(failures: Vec<Tried>, incomplete: Vec<String>, absent: &[&str]) -> Explanation {
    let tried: Vec<String> = failures.iter().map(failed_line).collect();
    let mut explanation = match failures.into_iter().next() {
        None => Explanation::new("nothing in the environment can be exchanged for a token"),
        Some((_, first)) => first,
    };
    for line in tried {
        explanation = explanation.fact("tried", line);
    }
    for line in incomplete {
        explanation = explanation.fact("incomplete", line);
    }
    explanation.fact("not found", absent.join("; "))
}
