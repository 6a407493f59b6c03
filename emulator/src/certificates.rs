//! Reading certificates: what an assertion's header is compared with.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A certificate, DER.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    /// The first certificate of a PEM file.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        Pem::iter_from_buffer(pem.as_bytes())
            .flatten()
            .find(|block| block.label == "CERTIFICATE")
            .and_then(|block| Self::from_der(block.contents))
    }

    /// A certificate that an assertion carries.
    pub(crate) fn from_der(der: Vec<u8>) -> Option<Self> {
        X509Certificate::from_der(&der).ok()?;
        Some(Self { der })
    }

    /// `x5t`
    pub(crate) fn sha1(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref().to_vec()
    }

    /// `x5t#S256`
    pub(crate) fn sha256(&self) -> Vec<u8> {
        digest(&SHA256, &self.der).as_ref().to_vec()
    }

    /// The RSA key, PKCS#1 DER.
    pub(crate) fn public_key(&self) -> Option<Vec<u8>> {
        self.read(|certificate| Some(certificate.public_key().subject_public_key.data.to_vec()))
    }

    /// The subject's common name.
    pub(crate) fn common_name(&self) -> Option<String> {
        self.read(|certificate| {
            let name = certificate.subject().iter_common_name().next()?;
            name.as_str().ok().map(str::to_owned)
        })
    }

    /// Whether it is valid at that second.
    pub(crate) fn valid_at(&self, seconds: i64) -> bool {
        self.read(|certificate| {
            let validity = certificate.validity();
            let span = validity.not_before.timestamp()..=validity.not_after.timestamp();
            Some(span.contains(&seconds))
        })
        .unwrap_or(false)
    }

    /// Whether the other one signed it.
    pub(crate) fn issued_by(&self, issuer: &Self) -> bool {
        self.read(|certificate| {
            issuer.read(|issuer| Some(certificate.verify_signature(Some(issuer.public_key())).is_ok()))
        })
        .unwrap_or(false)
    }

    fn read<T>(&self, f: impl FnOnce(&X509Certificate<'_>) -> Option<T>) -> Option<T> {
        let (_, certificate) = X509Certificate::from_der(&self.der).ok()?;
        f(&certificate)
    }
}
