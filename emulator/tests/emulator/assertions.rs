//! Assertions in the place of a secret.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lifeguard_emulator::EXCHANGE_AUDIENCE;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};

use crate::client::{Client, Reply, assert_aadsts, demo_folder, scope, start};

const NOW: i64 = 1_793_610_000; // 2026-11-02T09:00:00Z

#[test]
fn ps256_and_rs256_by_either_thumbprint_and_alphabet() {
    let client = start(|_| {});
    let (certificates, key) = pem("lifeguard.pem");
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificates[0]);
    let sha256 = digest(&SHA256, &certificates[0]);
    for (header, padding) in [
        (
            json!({"alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(sha256)}),
            &RSA_PSS_SHA256 as &dyn RsaEncoding,
        ),
        (json!({"alg": "PS256", "x5t#S256": STANDARD.encode(sha256)}), &RSA_PSS_SHA256),
        (json!({"alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(sha1)}), &RSA_PKCS1_SHA256),
        (json!({"alg": "RS256", "x5t": STANDARD.encode(sha1)}), &RSA_PKCS1_SHA256),
    ] {
        let claims = own_claims(&client);
        let reply = exchange(&client, "lifeguard", &sign(&header, &claims, &key, padding));
        assert_eq!(reply.status, 200, "{header} {}", reply.text);
    }
}

#[test]
fn certificates_are_checked() {
    let client = start(|_| {});
    let (certificates, key) = pem("lifeguard.pem");
    let (_, other_key) = pem("unregistered.pem");
    let (other_certificates, _) = pem("unregistered.pem");
    let header = |certificate: &[u8]| {
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate));
        json!({"alg": "PS256", "x5t#S256": thumbprint})
    };
    let good = own_claims(&client);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let wrong_audience = with("aud", json!("https://login.microsoftonline.com/other/oauth2/v2.0/token"));
    for (certificate, key, claims, code) in [
        (&other_certificates[0], &other_key, &good, 700_027),
        (&certificates[0], &other_key, &good, 700_027),
        (&certificates[0], &key, &with("exp", json!(NOW - 600)), 700_024),
        (&certificates[0], &key, &with("nbf", json!((NOW + 3600).to_string())), 700_024),
        (&certificates[0], &key, &wrong_audience, 700_023),
        (&certificates[0], &key, &with("sub", json!("someone")), 700_021),
    ] {
        let assertion = sign(&header(certificate), claims, key, &RSA_PSS_SHA256);
        assert_aadsts(&exchange(&client, "lifeguard", &assertion), 401, "invalid_client", code);
    }
    // Times as texts, as MSAL.NET writes them, or with fractions, as MSAL for Python does.
    for exp in [json!((NOW + 600).to_string()), json!(NOW as f64 + 600.5)] {
        let assertion = sign(&header(&certificates[0]), &with("exp", exp), &key, &RSA_PSS_SHA256);
        assert_eq!(exchange(&client, "lifeguard", &assertion).status, 200);
    }
}

#[test]
fn subject_name_and_issuer_by_chain() {
    let client = start(|_| {});
    let (certificates, key) = pem("sni.pem");
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificates[0]));
    let header = |chain: &[Vec<u8>]| {
        let chain: Vec<_> = chain.iter().map(|der| STANDARD.encode(der)).collect();
        json!({"alg": "PS256", "x5t#S256": thumbprint, "x5c": chain})
    };
    let claims = own_claims(&client);
    let assertion = sign(&header(&certificates), &claims, &key, &RSA_PSS_SHA256);
    assert_eq!(exchange(&client, "lifeguard", &assertion).status, 200);

    let client = start(|scenario| {
        let identity = scenario.identity_mut("lifeguard").unwrap();
        identity.subject_name = Some("another.contoso.example".to_owned());
    });
    assert_aadsts(&exchange(&client, "lifeguard", &assertion), 401, "invalid_client", 700_030);
}

#[test]
fn federations_are_matched_letter_by_letter() {
    type Change = fn(&mut lifeguard_emulator::scenario::Federation);
    let cases: [(Change, Option<u32>); 5] = [
        (|_| {}, None),
        (|f| f.issuer.push('x'), Some(700_211)),
        (|f| f.audience = "api://azureadtokenexchange".to_owned(), Some(700_212)),
        (|f| f.subject.push('x'), Some(700_213)),
        (|f| f.subject = f.subject.to_uppercase(), Some(7_002_138)),
    ];
    for (change, code) in cases {
        let client = start(|scenario| {
            let identity = scenario.identity_mut("lifeguard").unwrap();
            identity
                .federations
                .retain(|federation| federation.subject.starts_with("system:serviceaccount:"));
            change(&mut identity.federations[0]);
        });
        let assertion = client.emulator.service_account_token("aks").unwrap();
        let reply = exchange(&client, "lifeguard", &assertion);
        match code {
            None => assert_eq!(reply.status, 200, "{}", reply.text),
            Some(code) => assert_aadsts(&reply, 401, "invalid_client", code),
        }
    }
}

#[test]
fn federated_assertions_must_be_signed_and_in_time() {
    let client = start(|scenario| scenario.clusters[0].token_lifetime = Some(-3600));
    let expired = client.emulator.service_account_token("aks").unwrap();
    assert_aadsts(&exchange(&client, "lifeguard", &expired), 401, "invalid_client", 700_024);

    let cluster = &client.scenario.clusters[0];
    let (_, key) = pem("unregistered.pem");
    let claims = json!({"iss": cluster.issuer, "sub": cluster.subject, "aud": EXCHANGE_AUDIENCE,
        "nbf": NOW, "exp": NOW + 600});
    let forged = sign(&json!({"alg": "RS256"}), &claims, &key, &RSA_PKCS1_SHA256);
    assert_aadsts(&exchange(&client, "lifeguard", &forged), 401, "invalid_client", 50013);
    assert_aadsts(&exchange(&client, "outsider", &forged), 401, "invalid_client", 70025);
}

#[test]
fn a_managed_identity_vouches_for_an_app() {
    let client = start(|_| {});
    let headers = [("Metadata", "true")];
    let path =
        "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2FAzureADTokenExchange";
    let assertion = |selector: &str| {
        let reply = client.get(&format!("{path}{selector}"), &headers);
        reply.json()["access_token"].as_str().unwrap().to_owned()
    };
    let own = assertion("");
    assert_eq!(exchange(&client, "lifeguard", &own).status, 200);
    // The organization doesn't take a token of another tenant …
    let reply = exchange(&client, "cross-tenant", &own);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let bearer = format!("Bearer {}", reply.json()["access_token"].as_str().unwrap());
    let headers = [("Authorization", bearer.as_str()), ("X-TFS-FedAuthRedirect", "Suppress")];
    assert_eq!(client.get("/contoso/_apis/distributedtask/pools", &headers).status, 401);
    // … but an app of its own may trust a managed identity of another.
    let foreign = assertion(&format!("&client_id={}", client.client_id("fabrikam-vm")));
    let reply = exchange(&client, "from-fabrikam", &foreign);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let bearer = format!("Bearer {}", reply.json()["access_token"].as_str().unwrap());
    let reply = client.get("/contoso/_apis/distributedtask/pools", &[("Authorization", &bearer)]);
    assert_eq!(reply.names("name").len(), 4);
}

fn own_claims(client: &Client) -> Value {
    let id = client.client_id("lifeguard");
    let tenant = client.org_tenant();
    json!({
        "aud": format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"),
        "iss": id, "sub": id, "jti": "1", "nbf": NOW, "iat": NOW, "exp": NOW + 600,
    })
}

#[track_caller]
pub fn exchange(client: &Client, identity: &str, assertion: &str) -> Reply {
    let tenant = client.scenario.identity(identity).unwrap().tenant.clone();
    client.token_request(
        &tenant,
        &[
            ("client_id", &client.client_id(identity)),
            ("client_assertion", assertion),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("grant_type", "client_credentials"),
            ("scope", &scope()),
        ],
    )
}

fn sign(header: &Value, claims: &Value, key: &RsaKeyPair, padding: &'static dyn RsaEncoding) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The certificates and the key of a file of the demo.
fn pem(name: &str) -> (Vec<Vec<u8>>, RsaKeyPair) {
    let text = fs::read_to_string(demo_folder().join("certificates").join(name)).unwrap();
    let blocks = |label: &str| -> Vec<Vec<u8>> {
        text.split(&format!("-----BEGIN {label}-----"))
            .skip(1)
            .map(|rest| {
                let body = rest.split("-----END").next().unwrap();
                STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()
            })
            .collect()
    };
    let key = RsaKeyPair::from_pkcs8(&blocks("PRIVATE KEY")[0]).unwrap();
    (blocks("CERTIFICATE"), key)
}
