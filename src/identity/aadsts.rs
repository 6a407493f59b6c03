//! The AADSTS codes of Entra ID: what each means here, and what to do.
//!
//! Sources: Microsoft's "Microsoft Entra authentication and authorization error codes" and
//! "Troubleshoot an Azure Resource Manager workload identity service connection".

use super::app::Refusal;
use crate::explain::Explanation;

/// One code
struct Code {
    number: u64,
    headline: &'static str,
    means: &'static str,
    advice: &'static str,
}

const fn code(number: u64, headline: &'static str, means: &'static str, advice: &'static str) -> Code {
    Code { number, headline, means, advice }
}

const CHECK_FEDERATED: &str = "compare the presented values above with the app's federated credential (App \
     registrations > the app > Certificates & secrets > Federated credentials): all three must be equal, \
     letter case included";

/// In ascending order, as Microsoft lists them
const CODES: &[Code] = &[
    code(
        50001,
        "Azure DevOps isn't known in the tenant",
        "the resource has no service principal there",
        "sign in to Azure DevOps once with a user of that tenant, or use the tenant that the organization is connected to",
    ),
    code(
        50013,
        "the assertion isn't valid",
        "its signature, issuer or time doesn't hold",
        "get a new assertion, and check that the issuer's keys can be read from the internet",
    ),
    code(
        50049,
        "the authority host is unknown",
        "the token was asked for at a host of another cloud",
        "set `--cloud`, or the authority host (`AZURE_AUTHORITY_HOST`), to the tenant's cloud",
    ),
    code(
        50196,
        "Entra ID sees a loop",
        "the same token was asked for too often in a short time",
        "ask once and keep the token until it expires",
    ),
    code(
        53003,
        "Conditional Access blocks the token",
        "a policy of the tenant for workload identities refuses it",
        "have the tenant's administrator look at the sign-in log (Service principal sign-ins > Conditional Access), and \
         allow this service principal or this network location",
    ),
    code(
        70011,
        "the scope isn't valid",
        "the scope must be the resource with `/.default` behind it",
        "this is a fault of Pool Lifeguard or of a proxy that changes requests: report it with the correlation id",
    ),
    code(
        70021,
        "no federated credential of the app matches the assertion",
        "issuer, subject and audience don't all match",
        CHECK_FEDERATED,
    ),
    code(
        70025,
        "the app has no federated credential",
        "it trusts no issuer of assertions yet",
        "add one with the values presented above (App registrations > the app > Certificates & secrets > Federated credentials)",
    ),
    code(
        70052,
        "this kind of identity can't use workload identity federation",
        "the app must be a single tenant's app, a managed identity or a service account",
        "use an app registration of one tenant, or a user-assigned managed identity",
    ),
    code(
        90002,
        "the tenant doesn't exist",
        "the tenant id is wrong, or of another cloud",
        "copy the tenant id from Organization settings > Microsoft Entra in Azure DevOps; for another cloud set `--cloud`",
    ),
    code(
        90038,
        "the tenant is in another cloud",
        "its tokens come from another authority host",
        "set `--cloud`, or the authority host (`AZURE_AUTHORITY_HOST`), to the tenant's cloud",
    ),
    code(
        90055,
        "the tenant has too many requests",
        "Entra ID throttles it",
        "wait some minutes, and ask less often",
    ),
    code(
        500_011,
        "Azure DevOps isn't known in the tenant",
        "the resource has no service principal there",
        "sign in to Azure DevOps once with a user of that tenant, or use the tenant that the organization is connected to",
    ),
    code(
        500_133,
        "the assertion is outside its time of validity",
        "it has expired, or a clock is wrong",
        "get the assertion right before it is exchanged, and set this machine's clock",
    ),
    code(
        530_035,
        "security defaults block the token",
        "the tenant's security defaults refuse this sign-in",
        "have the tenant's administrator look at the sign-in log",
    ),
    code(
        700_016,
        "the app isn't in the tenant",
        "the client id is wrong, or the tenant is",
        "copy the Application (client) id from the app's overview, and check the tenant id; an app of another tenant must \
         be consented to in this one first",
    ),
    code(
        700_024,
        "the assertion is outside its time of validity",
        "a clock is wrong, or the assertion is too old (one from Azure Pipelines lives about ten minutes)",
        "set this machine's clock; get the assertion right before it is exchanged",
    ),
    code(
        700_027,
        "the assertion's signature can't be verified",
        "the certificate isn't registered with the app, has expired, or isn't the one the assertion was signed with",
        "upload the certificate (App registrations > the app > Certificates & secrets > Certificates), and compare its thumbprint",
    ),
    code(
        700_030,
        "the certificate's subject or issuer isn't one that the app trusts",
        "the app accepts certificates by subject name and issuer, and this one doesn't match",
        "send the chain (`--send-certificate-chain`), and compare the subject with the app's `trustedCertificateSubjects`",
    ),
    code(
        700_211,
        "no federated credential of the app has the assertion's issuer",
        "the issuer differs from those that the app trusts",
        CHECK_FEDERATED,
    ),
    code(
        700_212,
        "no federated credential of the app has the assertion's audience",
        "the audience differs; it is another in each cloud",
        "compare the presented audience above with the federated credential's; set `--cloud` or `--federated-audience`",
    ),
    code(
        700_213,
        "no federated credential of the app has the assertion's subject",
        "the subject differs from those that the app trusts",
        CHECK_FEDERATED,
    ),
    code(
        700_223,
        "the tenant restricts who may issue assertions",
        "a tenant policy doesn't allow this issuer",
        "have the tenant's administrator allow the issuer in the app management policy",
    ),
    code(
        700_229,
        "the assertion is a user's token",
        "only an app's own token can be a federated assertion",
        "use the token of a managed identity or an app",
    ),
    code(
        700_238,
        "the tenant restricts who may issue assertions",
        "a tenant policy doesn't allow this issuer",
        "have the tenant's administrator allow the issuer in the app management policy",
    ),
    code(
        900_023,
        "the tenant id is malformed",
        "it is neither a GUID nor a domain",
        "copy the tenant id from Organization settings > Microsoft Entra in Azure DevOps",
    ),
    code(
        900_144,
        "the request lacks a field",
        "Entra ID misses a form field",
        "this is a fault of Pool Lifeguard or of a proxy that changes requests: report it with the correlation id",
    ),
    code(
        900_382,
        "federation across clouds isn't possible",
        "issuer and app are in different clouds",
        "use an app in the cloud of the issuer",
    ),
    code(
        1_002_012,
        "the scope isn't valid",
        "the scope must be the resource with `/.default` behind it",
        "this is a fault of Pool Lifeguard or of a proxy that changes requests: report it with the correlation id",
    ),
    code(
        7_000_112,
        "the app is disabled",
        "sign-in is switched off for its service principal",
        "switch it on: Enterprise applications > the app > Properties > Enabled for users to sign in",
    ),
    code(
        7_000_215,
        "the client secret is wrong",
        "most often the secret's id was copied instead of its value, or the secret is another app's",
        "copy the secret's Value, which is shown only when it is made; if it is lost, make a new one",
    ),
    code(
        7_000_218,
        "the request holds no credential",
        "neither a secret nor an assertion reached Entra ID",
        "check that the secret isn't empty, and that no proxy changes the request",
    ),
    code(
        7_000_222,
        "the client secret has expired",
        "the app's secrets are past their end dates",
        "make a new secret, or better a federated credential or a managed identity, which don't expire",
    ),
    code(
        7_002_138,
        "the assertion's subject differs from the federated credential's in letter case only",
        "federated credentials are compared letter by letter",
        CHECK_FEDERATED,
    ),
    code(
        9_002_313,
        "the request is malformed",
        "Entra ID can't read it",
        "this is a fault of Pool Lifeguard or of a proxy that changes requests: report it with the correlation id",
    ),
];

/// What a refusal means; a code that isn't known passes through whole.
pub fn explain(refusal: &Refusal, status: u16) -> Explanation {
    let known = CODES.iter().find(|code| refusal.codes.contains(&code.number));
    let number = refusal.codes.first().copied().or_else(|| number_in(&refusal.description));
    let known = known.or_else(|| CODES.iter().find(|code| Some(code.number) == number));
    let answer = match first_line(&refusal.description) {
        "" => format!("{status} {}", refusal.error),
        text => format!("{status} {}: {text}", refusal.error),
    };
    match known {
        Some(code) => Explanation::new(format!("{} (AADSTS{})", code.headline, code.number))
            .fact("answer", answer)
            .fact("means", code.means)
            .advise(code.advice),
        None => {
            let name = number.map_or_else(|| refusal.error.clone(), |number| format!("AADSTS{number}"));
            Explanation::new(format!("Entra ID refused the token ({name})")).fact("answer", answer).advise(
                "look the code up at https://login.microsoftonline.com/error, and give the correlation id to \
                 Microsoft's support",
            )
        }
    }
}

/// `7000215` of `AADSTS7000215: …`
fn number_in(description: &str) -> Option<u64> {
    let digits = description.split_once("AADSTS")?.1;
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// The description without the ids behind it, which are told apart in fields of their own; they follow on
/// lines of their own, or behind a space
fn first_line(description: &str) -> &str {
    let end = ["\r\n", "\n", " Trace ID: "].iter().filter_map(|mark| description.find(mark)).min();
    description[..end.unwrap_or(description.len())].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(description: &str, codes: &[u64]) -> Refusal {
        Refusal {
            error: "invalid_client".into(),
            description: description.into(),
            codes: codes.to_vec(),
            ..Refusal::default()
        }
    }

    #[test]
    fn codes_stand_once_and_in_order() {
        assert!(CODES.is_sorted_by(|one, other| one.number < other.number));
    }

    #[test]
    fn the_code_is_found_in_its_field_and_in_the_text() {
        for codes in [&[7_000_215][..], &[]] {
            let text = "AADSTS7000215: Invalid client secret provided. Trace ID: 1 Correlation ID: 2";
            let explanation = explain(&refusal(text, codes), 401);
            assert_eq!(explanation.headline, "the client secret is wrong (AADSTS7000215)");
            let answer = "401 invalid_client: AADSTS7000215: Invalid client secret provided.";
            assert_eq!(explanation.facts[0], ("answer", answer.into()));
        }
    }

    #[test]
    fn what_is_unknown_passes_through_whole() {
        let explanation = explain(&refusal("AADSTS9: Something new.\r\nTrace ID: 1", &[9]), 400);
        assert_eq!(explanation.headline, "Entra ID refused the token (AADSTS9)");
        assert_eq!(explanation.facts[0].1, "400 invalid_client: AADSTS9: Something new.");
        assert_eq!(explain(&refusal("", &[]), 400).facts[0].1, "400 invalid_client");
    }
}
