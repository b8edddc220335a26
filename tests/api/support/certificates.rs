//! Certificates for one test, and a MongoDB that demands TLS.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use bson::doc;
use mongodb::Client;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rocketchat_engagement::commands::demo::mongod::PrivateMongod;
use tempfile::TempDir;

use super::{Workspace, start_mongod};

/// A certificate authority whose files are in a directory of its own.
pub struct Authority {
    directory: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one, which nobody knows.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let directory = tempfile::tempdir().expect("a directory");
        fs::write(directory.path().join("ca.pem"), certificate.pem()).expect("a file");
        Self { directory, issuer: Issuer::new(params, key) }
    }

    /// One of its files, as text.
    pub fn file(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Its certificate, as text.
    pub fn ca(&self) -> String {
        self.file("ca.pem")
    }

    /// A file with a certificate for a name or address, valid for so long, and its key.
    pub fn issue(&self, file: &str, subject: &str, valid: Duration) -> String {
        let mut params = CertificateParams::new([subject.to_owned()]).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, subject);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(1970, 1, 1) + now + valid;
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        fs::write(self.path(file), certificate.pem() + &key.serialize_pem()).expect("a file");
        self.file(file)
    }
}

/// A MongoDB that talks to nobody without TLS.
pub struct TlsMongod {
    pub mongod: PrivateMongod,
    pub authority: Authority,
    /// The options for TLS of clients that it lets in.
    pub options: String,
}

impl TlsMongod {
    /// Starts one with a certificate for a name or address. It wants to see certificates of its clients, or it does not.
    pub async fn start(subject: &str, wants_certificates: bool) -> Self {
        let authority = Authority::new("authority of the test");
        let day = Duration::from_secs(86_400);
        let certificate = authority.issue("server.pem", subject, day);
        let ca = authority.ca();
        let client = wants_certificates.then(|| authority.issue("client.pem", "client", day));
        Self::start_with(authority, &certificate, &ca, client).await
    }

    /// Starts one with a file that has its certificate and key, and one that has the authority's.
    pub async fn start_with(authority: Authority, certificate: &str, ca: &str, client: Option<String>) -> Self {
        let mut options = format!("tls=true&tlsCAFile={ca}");
        let (certificate, ca) = (format!("--tlsCertificateKeyFile={certificate}"), format!("--tlsCAFile={ca}"));
        let mut arguments = vec!["--tlsMode=allowTLS", &certificate, &ca];
        match client {
            Some(client) => options += &format!("&tlsCertificateKeyFile={client}"),
            None => arguments.push("--tlsAllowConnectionsWithoutCertificates"),
        }
        // What makes it a replica set comes without TLS; then it is demanded, in the two steps that MongoDB allows.
        let mongod = start_mongod(&arguments).await.expect("mongod");
        let admin = mongod.client().await.expect("a client").database("admin");
        for mode in ["preferTLS", "requireTLS"] {
            admin.run_command(doc! { "setParameter": 1, "tlsMode": mode }).await.expect("a mode");
        }
        Self { mongod, authority, options }
    }

    /// A connection string with options.
    pub fn url(&self, options: &str) -> String {
        // What cannot be reached is said to be so before a probe gives up.
        let quick = "serverSelectionTimeoutMS=600";
        format!("mongodb://127.0.0.1:{}/rocketchat?replicaSet=rs0&{quick}&{options}", self.mongod.port())
    }

    /// A client that it lets in, if its certificate is in order.
    pub async fn client(&self) -> Client {
        Workspace::at(&self.url(&self.options), "rocketchat").await.database.client().clone()
    }
}
