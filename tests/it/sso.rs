//! A login through IAM Identity Center that ends while the program runs, and is made again: a cache of tokens and a portal on
//! the loopback.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pitagora::sim::account::Account;
use pitagora::sim::world::World;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::bench::{REGION, Served, account, built_in};
use crate::pty::Pty;

const PROFILE: &str = "[profile night-shift]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\n\
    [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n";
/// The command that ends it.
const LOGIN: &str = "run `aws sso login --profile night-shift`";

/// The portal, which gives keys for one token: they have expired by the time they are used, so that each call asks anew.
struct Portal {
    address: SocketAddr,
    accepts: Arc<Mutex<&'static str>>,
    /// How often it has given keys.
    given: Arc<AtomicU32>,
}

impl Portal {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let accepts = Arc::<Mutex<&'static str>>::default();
        let given = Arc::<AtomicU32>::default();
        let (known, count) = (Arc::clone(&accepts), Arc::clone(&given));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever goes away ends his own connection.
                tokio::spawn(answer(stream, Arc::clone(&known), Arc::clone(&count)));
            }
        });
        Self {
            address,
            accepts,
            given,
        }
    }

    /// Waits until somebody works with its keys from now on.
    async fn until_used(&self) {
        let before = self.given.load(Ordering::SeqCst);
        while self.given.load(Ordering::SeqCst) < before + 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn accept(&self, token: &'static str) {
        *self.accepts.lock().expect("no panic") = token;
    }
}

async fn answer(stream: TcpStream, accepts: Arc<Mutex<&'static str>>, given: Arc<AtomicU32>) -> io::Result<()> {
    let mut stream = tokio::io::BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let accepted = *accepts.lock().expect("no panic");
        let is_known = !accepted.is_empty() && head.contains(&format!("x-amz-sso_bearer_token: {accepted}\r\n"));
        assert!(head.starts_with("GET /federation/credentials?"), "{head}");
        let (status, kind, body) = if is_known {
            given.fetch_add(1, Ordering::SeqCst);
            let keys = r#"{"roleCredentials": {"accessKeyId": "test", "secretAccessKey": "test", "sessionToken": "test", "expiration": 1000}}"#;
            ("200 OK", "", keys)
        } else {
            let kind = "x-amzn-ErrorType: UnauthorizedException\r\n";
            (
                "401 Unauthorized",
                kind,
                r#"{"message": "Session token not found or invalid"}"#,
            )
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\n{kind}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// The home of somebody who works with a profile of IAM Identity Center.
struct Home {
    folder: tempfile::TempDir,
    portal: Portal,
    account: Arc<Account<World>>,
    served: Served,
}

impl Home {
    async fn new() -> Self {
        let account = account(&built_in("pitagora"), 1.0);
        let home = Self {
            folder: tempfile::tempdir().expect("a home"),
            portal: Portal::new().await,
            served: Served::new(&account).await,
            account,
        };
        fs::write(home.config(), PROFILE).expect("a profile");
        fs::create_dir_all(home.cache()).expect("a folder");
        home
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn config(&self) -> PathBuf {
        self.path().join("aws")
    }

    fn cache(&self) -> PathBuf {
        self.path().join(".aws/sso/cache")
    }

    /// As a login leaves it, or a night.
    fn keep(&self, token: &str, expires: &str) {
        let text = format!(
            r#"{{"accessToken": "{token}", "expiresAt": "{expires}", "startUrl": "https://corp.example/start"}}"#
        );
        // The cache's name is the SHA-1 of the session's.
        let file = self.cache().join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
        fs::write(file, text).expect("a token");
    }

    fn log_in(&self, token: &'static str) {
        self.portal.accept(token);
        self.keep(token, "2100-01-01T00:00:00Z");
    }

    fn log_out(&self, token: &str) {
        self.keep(token, "2020-01-01T00:00:00Z");
        self.portal.accept("");
    }

    fn start(&self, words: &[&str]) -> Following {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pitagora"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("XDG_")) {
            command.env_remove(name);
        }
        command
            .args(words)
            .args(["--endpoint-url", &self.served.url])
            .envs(self.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        Following {
            said: BufReader::new(child.stderr.take().expect("a pipe")),
            heard: String::new(),
            child,
        }
    }

    fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("HOME", self.path().display().to_string()),
            ("AWS_PROFILE", "night-shift".to_owned()),
            ("AWS_CONFIG_FILE", self.config().display().to_string()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL_SSO", format!("http://{}", self.portal.address)),
        ]
    }
}

/// A command that runs, and what it says.
struct Following {
    child: Child,
    said: BufReader<ChildStderr>,
    heard: String,
}

impl Following {
    fn hear(&mut self, words: &str) {
        while !self.heard.contains(words) {
            let bytes = self.said.fill_buf().expect("a pipe");
            assert!(!bytes.is_empty(), "it ended without {words:?}:\n{}", self.heard);
            let count = bytes.len();
            self.heard.push_str(&String::from_utf8_lossy(bytes));
            self.said.consume(count);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_follows_says_the_login_once_and_goes_on_after_it() {
    let home = Home::new().await;
    home.log_in("token-one");
    let mut run = home.start(&["retries", "--follow"]);
    home.portal.until_used().await;
    home.log_out("token-one");
    run.hear(LOGIN);
    home.log_in("token-two");
    run.hear("credentials renewed.");
    home.portal.until_used().await;
    let sent = Command::new("kill")
        .args(["-INT", &run.child.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    run.said.read_to_string(&mut run.heard).expect("a pipe");
    run.child.wait().expect("it ends");
    let said: Vec<&str> = run
        .heard
        .lines()
        .filter(|line| line.contains("credentials expired ("))
        .collect();
    assert_eq!(said.len(), 1, "{}", run.heard);
    assert!(said[0].contains(LOGIN), "{}", run.heard);
    assert!(!run.heard.contains("token-"), "{}", run.heard);
    home.served.end().await;
}

/// What was refused meanwhile is asked again: nothing is missing in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_is_complete_after_the_login() {
    let home = Home::new().await;
    home.log_in("token-one");
    // So that the login ends in the midst of the survey.
    home.account.set_rules(vec!["*=150ms".parse().expect("a rule")]);
    let mut run = home.start(&["graph", "--format=json"]);
    home.portal.until_used().await;
    home.log_out("token-one");
    run.hear(LOGIN);
    home.log_in("token-two");
    run.hear("credentials renewed.");
    let mut out = String::new();
    let mut stdout = run.child.stdout.take().expect("a pipe");
    stdout.read_to_string(&mut out).expect("a pipe");
    run.said.read_to_string(&mut run.heard).expect("a pipe");
    let code = run.child.wait().expect("it ends").code();
    let out: serde_json::Value = serde_json::from_str(&out).expect("a document");
    assert_eq!((code, &out["complete"]), (Some(0), &true.into()), "{}", run.heard);
    home.served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_says_the_login_and_goes_on_after_it() {
    let home = Home::new().await;
    home.log_in("token-one");
    let variables = home.variables();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut screen = Pty::with(&["--endpoint-url", &home.served.url], (140, 40), &variables);
    screen.wait_for("orders-in");
    home.log_out("token-one");
    screen.wait_for(LOGIN);
    home.log_in("token-two");
    screen.wait("all is well again", |text| !text.contains("aws sso login"));
    home.portal.until_used().await;
    assert!(!screen.text().contains("token-"));
    screen.press("q");
    let (code, _) = screen.end();
    assert_eq!(code, 0);
    home.served.end().await;
}
