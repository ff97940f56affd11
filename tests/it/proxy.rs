//! AWS as it is reached from where people work: through a proxy, with certificates of a network of one's own, at endpoints that a
//! profile names.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use pitagora::sim::account::Account;
use pitagora::sim::server::{Reach, Server};
use pitagora::sim::world::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::bench::{REGION, account, built_in};

const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/proxy/ca.pem");
const PASSWORD: &str = "hunter2";

/// What a proxy does.
#[derive(Clone, Copy)]
enum Does {
    /// Lets all through, to the account; its user must name himself.
    Lead(SocketAddr),
    /// Answers with this status.
    Refuse(u16),
}

/// A proxy, and the hosts that it was asked for.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn new(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let known = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever goes away ends his own connection.
                tokio::spawn(led(stream, does, Arc::clone(&known)));
            }
        });
        Self { address, asked }
    }

    fn url(&self) -> String {
        format!("http://me:{PASSWORD}@{}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

async fn led(mut stream: TcpStream, does: Does, asked: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().expect("no panic").push(target);
    // `me:hunter2`
    let is_known = head
        .to_ascii_lowercase()
        .contains("proxy-authorization: basic bwu6ahvudgvymg==");
    match does {
        Does::Refuse(status) => {
            stream
                .write_all(format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n").as_bytes())
                .await
        }
        Does::Lead(_) if !is_known => stream.write_all(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n").await,
        Does::Lead(account) => {
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
            let mut inner = acceptor().accept(stream).await?;
            let mut account = TcpStream::connect(account).await?;
            copy_bidirectional(&mut inner, &mut account).await.map(drop)
        }
    }
}

fn acceptor() -> TlsAcceptor {
    let certificates = CertificateDer::pem_slice_iter(include_bytes!("proxy/server.pem"));
    let certificates = certificates.collect::<Result<Vec<_>, _>>().expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("proxy/server.key")).expect("a key");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(certificates, key);
    TlsAcceptor::from(Arc::new(config.expect("a server")))
}

/// An account that answers to AWS's own names.
async fn served() -> (Arc<Account<World>>, SocketAddr) {
    let account = account(&built_in("pitagora"), 1.0);
    let server = Server::bind(Arc::clone(&account), ([127, 0, 0, 1], 0).into(), Reach::Anywhere).await;
    let server = server.expect("a free port");
    let address = server.address().expect("bound");
    tokio::spawn(server.run(std::future::pending()));
    (account, address)
}

/// The finished program, which is told nothing but its environment. Answers its exit code, and what it said.
async fn run(home: &Path, environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pitagora"));
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy"))
    {
        command.env_remove(name);
    }
    for name in ["CACHE", "CONFIG", "DATA", "STATE"] {
        command.env(format!("XDG_{name}_HOME"), home);
    }
    command
        .args(["status", "--format", "json"])
        .env("HOME", home)
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_CONFIG_FILE", home.join("aws"))
        .env("AWS_SHARED_CREDENTIALS_FILE", home.join("none"))
        .envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.expect("no panic").expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_read_through_a_proxy_with_certificates_of_its_own() {
    let (_account, address) = served().await;
    let proxy = Proxy::new(Does::Lead(address)).await;
    let home = tempfile::tempdir().expect("a home");
    let url = proxy.url();
    let (code, out, said) = run(home.path(), &[("HTTPS_PROXY", &url), ("AWS_CA_BUNDLE", CA)]).await;
    assert!(matches!(code, Some(0 | 1)), "{code:?} {said}");
    let document: serde_json::Value = serde_json::from_str(&out).expect("a status");
    assert_eq!(document["complete"], true, "{said}");
    let asked = proxy.asked();
    for host in ["sts", "lambda", "sqs"] {
        let host = format!("{host}.eu-west-1.amazonaws.com:443");
        assert!(asked.contains(&host), "{host} is not among {asked:?}");
    }
    assert!(!(out + &said).contains(PASSWORD));
    // In a profile, too.
    fs::write(home.path().join("aws"), format!("[default]\nca_bundle = {CA}\n")).expect("a profile");
    let (code, _, said) = run(home.path(), &[("https_proxy", &url)]).await;
    assert!(matches!(code, Some(0 | 1)), "{code:?} {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_refuses_is_named_without_its_password() {
    let (_account, address) = served().await;
    let home = tempfile::tempdir().expect("a home");
    let refusing = Proxy::new(Does::Refuse(403)).await;
    let asking = Proxy::new(Does::Refuse(407)).await;
    let leading = Proxy::new(Does::Lead(address)).await;
    let (gone, untrusted) = (TcpListener::bind("127.0.0.1:0").await.expect("a port"), leading.url());
    let nobody = format!("http://me:{PASSWORD}@{}", gone.local_addr().expect("bound"));
    drop(gone);
    let shown = |proxy: &Proxy| format!("http://{}", proxy.address);
    for (url, why) in [
        (
            refusing.url(),
            format!("the proxy {} refused the connection", shown(&refusing)),
        ),
        (
            asking.url(),
            format!(
                "the proxy {} wants a user name and a password (HTTP 407): add them to HTTPS_PROXY",
                shown(&asking)
            ),
        ),
        (
            nobody.clone(),
            format!("no connection to the proxy {}", nobody.replace("me:hunter2@", "")),
        ),
        (untrusted, "invalid peer certificate: UnknownIssuer".to_owned()),
        (
            format!("socks5://me:{PASSWORD}@proxy:1080"),
            "HTTPS_PROXY is not the URL of a proxy".to_owned(),
        ),
    ] {
        let (code, out, said) = run(home.path(), &[("HTTPS_PROXY", &url)]).await;
        assert_eq!((code, out.as_str()), (Some(4), ""), "{said}");
        assert!(said.contains(&why), "{why}: {said}");
        assert!(!said.contains(PASSWORD) && !said.contains("me:"), "{said}");
    }
    let (_, _, said) = run(home.path(), &[("HTTPS_PROXY", &leading.url())]).await;
    assert!(
        said.contains("set AWS_CA_BUNDLE to the file of its certificates"),
        "{said}"
    );
    let (code, _, said) = run(home.path(), &[("AWS_CA_BUNDLE", "/nowhere/ca.pem")]).await;
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("Could not use the certificates in /nowhere/ca.pem (No such file"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_proxy_names_is_asked_directly() {
    let (_account, address) = served().await;
    let home = tempfile::tempdir().expect("a home");
    let proxy = Proxy::new(Does::Refuse(403)).await;
    let url = proxy.url();
    let here = format!("http://{address}");
    // What is on this machine no proxy can reach.
    let (code, _, said) = run(
        home.path(),
        &[("HTTP_PROXY", &url), ("HTTPS_PROXY", &url), ("AWS_ENDPOINT_URL", &here)],
    )
    .await;
    assert!(matches!(code, Some(0 | 1)), "{code:?} {said}");
    let away = "https://account.invalid:1";
    for (no, is_asked) in [(".invalid", false), ("account.invalid", false), ("other.invalid", true)] {
        let before = proxy.asked().len();
        let variables = [("HTTPS_PROXY", &*url), ("NO_PROXY", no), ("AWS_ENDPOINT_URL", away)];
        let (code, _, said) = run(home.path(), &variables).await;
        assert_eq!(code, Some(4), "{said}");
        assert_eq!(proxy.asked().len() > before, is_asked, "{no}: {said}");
        assert_eq!(said.contains("the proxy"), is_asked, "{no}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_those_that_the_aws_cli_asks() {
    let home = tempfile::tempdir().expect("a home");
    let proxy = Proxy::new(Does::Refuse(403)).await;
    let url = proxy.url();
    let profile = "[default]\n[profile fips]\nuse_fips_endpoint = true\n[profile dual]\nuse_dualstack_endpoint = true\n\
        [profile own]\nendpoint_url = https://all.example:8443\n[profile some]\nservices = lab\nendpoint_url = https://rest.example\n\
        [services lab]\nsts =\n  endpoint_url = https://sts.example:9443\n";
    fs::write(home.path().join("aws"), profile).expect("profiles");
    for (variables, host) in [
        (&[("AWS_REGION", "eu-west-1")][..], "sts.eu-west-1.amazonaws.com:443"),
        (&[("AWS_REGION", "cn-north-1")], "sts.cn-north-1.amazonaws.com.cn:443"),
        (
            &[("AWS_REGION", "us-gov-west-1")],
            "sts.us-gov-west-1.amazonaws.com:443",
        ),
        (
            &[("AWS_REGION", "us-east-1"), ("AWS_USE_FIPS_ENDPOINT", "true")],
            "sts-fips.us-east-1.amazonaws.com:443",
        ),
        (
            &[("AWS_REGION", "us-east-1"), ("AWS_USE_DUALSTACK_ENDPOINT", "true")],
            "sts.us-east-1.api.aws:443",
        ),
        (
            &[("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "fips")],
            "sts-fips.us-east-1.amazonaws.com:443",
        ),
        (
            &[("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "dual")],
            "sts.us-east-1.api.aws:443",
        ),
        (&[("AWS_PROFILE", "own")], "all.example:8443"),
        (&[("AWS_PROFILE", "some")], "sts.example:9443"),
        (
            &[("AWS_PROFILE", "some"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
            "sts.eu-west-1.amazonaws.com:443",
        ),
        (
            &[("AWS_ENDPOINT_URL", "https://env.example"), ("AWS_PROFILE", "own")],
            "env.example:443",
        ),
        (
            &[
                ("AWS_ENDPOINT_URL_STS", "https://sts.env.example"),
                ("AWS_ENDPOINT_URL", "https://env.example"),
            ],
            "sts.env.example:443",
        ),
    ] {
        let before = proxy.asked().len();
        let all: Vec<_> = variables.iter().copied().chain([("HTTPS_PROXY", &*url)]).collect();
        let (code, _, said) = run(home.path(), &all).await;
        assert_eq!(code, Some(4), "{variables:?}: {said}");
        let asked = proxy.asked().split_off(before);
        assert!(
            asked.iter().all(|asked| asked == host) && !asked.is_empty(),
            "{variables:?}: {asked:?}, not {host}: {said}"
        );
        let named = host.trim_end_matches(":443");
        assert!(said.contains("Could not connect to"), "{said}");
        assert!(
            named.contains("amazonaws") || named.contains("api.aws") || said.contains(named),
            "{named} is not named: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sso_login_that_ended_is_one_command() {
    let home = tempfile::tempdir().expect("a home");
    let profile = "[profile night-shift]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\n\
        [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n";
    fs::write(home.path().join("aws"), profile).expect("a profile");
    let cache = home.path().join(".aws/sso/cache");
    fs::create_dir_all(&cache).expect("a folder");
    // The cache's name is the SHA-1 of the session's.
    let token = r#"{"accessToken": "secret-token", "expiresAt": "2020-01-01T00:00:00Z", "startUrl": "https://corp.example/start"}"#;
    fs::write(cache.join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json"), token).expect("a token");
    let (code, _, said) = run(
        home.path(),
        &[("AWS_PROFILE", "night-shift"), ("AWS_ACCESS_KEY_ID", "")],
    )
    .await;
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.ends_with(": run `aws sso login --profile night-shift`.\n"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!said.contains("secret-token"), "{said}");
}
