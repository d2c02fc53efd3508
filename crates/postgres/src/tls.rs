//! TLS to the database: what `sslmode` and `sslrootcert` of its address say.

use std::{fs, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What an address says of TLS, and the address without it: in what stays, `sslmode` is one that the driver knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) address: String,
    /// Whether the server must show a certificate of somebody known, for the name that it is reached by.
    pub(crate) verify: bool,
    /// A file of those who are known; else the system's.
    pub(crate) roots: Option<String>,
}

impl Wanted {
    /// Reads the parameters of an address, be it a URL or words such as `host=... sslmode=...`.
    pub(crate) fn of(address: &str) -> Self {
        let mut wanted = Self { address: String::new(), verify: false, roots: None };
        let (head, parameters, between) = match address.split_once('?') {
            Some((head, parameters)) if head.contains("://") => (Some(head), parameters, '&'),
            _ if address.contains("://") => (Some(address), "", '&'),
            _ => (None, address, ' '),
        };
        let mut kept = Vec::new();
        for parameter in parameters.split(between).filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", "verify-full" | "verify-ca")) => {
                    wanted.verify = true;
                    kept.push("sslmode=require");
                }
                // As psql has it.
                Some(("sslmode", "allow")) => kept.push("sslmode=prefer"),
                Some(("sslrootcert", "system")) => {}
                // Who says whom to trust wants nobody else.
                Some(("sslrootcert", file)) => {
                    wanted.verify = true;
                    wanted.roots = Some(file.replace("%2F", "/").replace("%2f", "/"));
                }
                _ => kept.push(parameter),
            }
        }
        let kept = kept.join(&between.to_string());
        wanted.address = match head {
            Some(head) if kept.is_empty() => head.to_owned(),
            Some(head) => format!("{head}?{kept}"),
            None => kept,
        };
        wanted
    }

    /// What makes connections so.
    pub(crate) fn connector(&self) -> Result<MakeRustlsConnect, String> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?;
        let (mut known, mut own) = (None, Vec::new());
        if self.verify {
            let (roots, named) = self.known()?;
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
            (known, own) = (Some(verifier.map_err(|error| error.to_string())?), named);
        }
        let verifier = Arc::new(Verifier { known, own, provider });
        let config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }

    /// Whom to trust, and the certificates that the address itself names.
    fn known(&self) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), String> {
        let (mut known, mut own) = (RootCertStore::empty(), Vec::new());
        match &self.roots {
            Some(file) => {
                let unreadable = |problem: String| format!("sslrootcert {file} cannot be read: {problem}");
                let pem = fs::read(file).map_err(|error| unreadable(error.to_string()))?;
                for certificate in CertificateDer::pem_slice_iter(&pem) {
                    let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
                    known.add(certificate.clone()).map_err(|error| unreadable(error.to_string()))?;
                    own.push(certificate);
                }
                if known.is_empty() {
                    return Err(unreadable("it holds no certificate".to_owned()));
                }
            }
            None => {
                known.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if known.is_empty() {
                    return Err("this system knows no certificates: name a file by sslrootcert".to_owned());
                }
            }
        }
        Ok((known, own))
    }
}

/// Takes a certificate of somebody known, for the name that the server is reached by; or the very one that the address names, which
/// needs no issuer: a server's own, as most make it, says that it may issue others, and is no server's by the letter. Where nobody
/// is to be known, as `sslmode=require` says, whatever the server shows: nobody who only listens can read what is sent.
#[derive(Debug)]
struct Verifier {
    known: Option<Arc<WebPkiServerVerifier>>,
    own: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.known {
            Some(known) if self.own.iter().all(|own| own.as_ref() != end_entity.as_ref()) => {
                known.verify_server_cert(end_entity, intermediates, name, ocsp, now)
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_says_of_tls_is_taken_out_of_it() {
        let of = |address| {
            let Wanted { address, verify, roots } = Wanted::of(address);
            (address, verify, roots.unwrap_or_default())
        };
        let table = [
            ("postgres://a@b/c", ("postgres://a@b/c", false, "")),
            ("postgres://a@b/c?sslmode=require", ("postgres://a@b/c?sslmode=require", false, "")),
            ("postgres://a@b/c?sslmode=verify-full", ("postgres://a@b/c?sslmode=require", true, "")),
            (
                "postgres://a@b/c?sslrootcert=%2Fx.pem&sslmode=verify-ca&options=y",
                ("postgres://a@b/c?sslmode=require&options=y", true, "/x.pem"),
            ),
            ("host=b sslmode=verify-full sslrootcert=system", ("host=b sslmode=require", true, "")),
        ];
        for (address, (kept, verify, roots)) in table {
            assert_eq!(of(address), (kept.to_owned(), verify, roots.to_owned()), "{address}");
        }
    }
}
