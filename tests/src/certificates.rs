//! Certificates for tests of TLS: an authority and those it vouches for, in a folder of their own.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use tempfile::TempDir;

use crate::program::redis_tool;

/// An authority, `ca.crt`, and what it has made out: `own.crt` and `own.key`.
#[derive(Debug)]
pub struct Certificates {
    dir: TempDir,
}

impl Certificates {
    /// Of an authority that nobody else knows.
    ///
    /// # Panics
    ///
    /// When they cannot be made or written.
    pub fn new(authority: &str) -> Self {
        let dir = TempDir::with_prefix("redarium-tls-").expect("a temporary directory");
        let certificates = Self { dir };
        certificates.renew(authority);
        certificates
    }

    /// Makes all of them anew, under the same file names.
    ///
    /// # Panics
    ///
    /// As [`Certificates::new`].
    pub fn renew(&self, authority: &str) {
        let (params, key) = (named(authority, true), new_key());
        let authority = params.self_signed(&key).expect("a certificate");
        let issuer = Issuer::new(params, key);
        let own_key = new_key();
        let own = named("own", false).signed_by(&own_key, &issuer).expect("a certificate");
        self.write("ca.crt", &authority.pem());
        self.write("own.crt", &own.pem());
        self.write("own.key", &own_key.serialize_pem());
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The same as text, for a command line.
    pub fn file(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// What a server has to be told to use them.
    pub fn settings(&self) -> Vec<String> {
        let pairs = [
            ("--tls-cert-file", "own.crt"),
            ("--tls-key-file", "own.key"),
            ("--tls-ca-cert-file", "ca.crt"),
        ];
        pairs.into_iter().flat_map(|(flag, name)| [flag.to_owned(), self.file(name)]).collect()
    }

    /// What redis-cli answers to a command put over TLS, without the line's end. Shows a certificate
    /// of its own only if asked to.
    ///
    /// # Panics
    ///
    /// When redis-cli cannot be started.
    pub fn ask(&self, port: u16, shows_own: bool, words: &[&str]) -> String {
        let mut command = Command::new(redis_tool("redis-cli"));
        command.args(["--tls", "--cacert", &self.file("ca.crt"), "-p", &port.to_string()]);
        if shows_own {
            command.args(["--cert", &self.file("own.crt"), "--key", &self.file("own.key")]);
        }
        let output = command.args(words).output().expect("redis-cli runs");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text).trim_end().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file for a certificate");
    }
}

/// For 127.0.0.1: redis-cli looks at no names, but who does should find the right one.
fn named(name: &str, vouches: bool) -> CertificateParams {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("an address");
    params.distinguished_name.push(DnType::CommonName, name);
    if vouches {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
