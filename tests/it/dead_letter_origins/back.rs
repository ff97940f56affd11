//! Puts a row's letters back: what was broken is mended, the finished program is told to redrive the queue over a socket,
//! and the account's own chronicle says what ran with which event.

use std::collections::BTreeMap;
use std::process::Output;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use pitagora::sim::account::{Account, Motion};
use pitagora::sim::behaviour::Behaviours;
use pitagora::sim::server::{Reach, Server};
use pitagora::sim::world::World;
use pitagora::sim::world::ground_truth::{Event, What};
use pitagora::sim::world::template::dig;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Account time after the redrive: whatever fails again would be tried again and be back in a dead-letter queue by then.
const AFTERWARDS_MS: u32 = 15 * 60_000;

/// What is done before the letters go back. `{region}` and `{account}` stand for those of the account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Mend {
    /// The function gets other code, which fails at nothing.
    Deploy(String),
    /// The limit on how many of the function run at once is taken off.
    Unlimit(String),
    /// A function that was deleted is made again, with a queue for its dead letters.
    Function {
        /// Its name.
        name: String,
        /// The queue.
        dlq: String,
    },
    /// A queue that was deleted is made again.
    Queue(String),
}

/// A run that must follow, and end well. No other function runs, and none twice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// The function.
    function: String,
    /// The whole event, where it is one text.
    event: Option<String>,
    /// Parts of the event, by their place in it.
    #[serde(default)]
    parts: BTreeMap<String, String>,
}

/// How a row is put back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    /// Arguments beside `dlq redrive dlq --yes`.
    #[serde(default)]
    args: Vec<String>,
    /// What is done first.
    #[serde(default)]
    mend: Vec<Mend>,
    /// What runs then.
    runs: Vec<Follows>,
}

/// One request to the account, without the product.
pub async fn ask(account: &Arc<Account<World>>, request: http::request::Builder, body: Value) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = request.body(Bytes::from(body)).expect("a request");
    let answer = account.handle(request).await.expect("an answer");
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

/// One operation of SQS.
pub async fn sqs(account: &Arc<Account<World>>, op: &str, body: Value) -> Value {
    let request = Request::post("/")
        .header("x-amz-target", format!("AmazonSQS.{op}"))
        .header("content-type", "application/x-amz-json-1.0");
    ask(account, request, body).await
}

async fn mend(account: &Arc<Account<World>>, mend: &Mend) {
    let functions = "/2015-03-31/functions";
    let sound = || Behaviours::parse("[[behaviour]]\ndoes = { work = \"50ms\" }").expect("a behaviour");
    match mend {
        Mend::Deploy(name) => {
            account.with(|world| world.behaviours = sound());
            let request = Request::put(format!("{functions}/{name}/code"));
            ask(account, request, json!({ "ZipFile": "" })).await;
        }
        Mend::Unlimit(name) => {
            let request = Request::delete(format!("/2017-10-31/functions/{name}/concurrency"));
            ask(account, request, Value::Null).await;
        }
        Mend::Function { name, dlq } => {
            account.with(|world| world.behaviours = sound());
            let target = account.with(|world| world.queue_arn(dlq));
            let body = json!({
                "FunctionName": name, "Role": "arn:aws:iam::123456789012:role/r", "Runtime": "python3.13",
                "Handler": "h.h", "Code": { "ZipFile": "" }, "DeadLetterConfig": { "TargetArn": target },
            });
            ask(account, Request::post(functions), body).await;
        }
        Mend::Queue(name) => {
            sqs(account, "CreateQueue", json!({ "QueueName": name })).await;
        }
    }
}

/// The finished program against the account behind a socket, whose time runs meanwhile.
async fn redrive(account: &Arc<Account<World>>, args: &[String]) -> (Output, Output) {
    let server = Server::bind(Arc::clone(account), ([127, 0, 0, 1], 0).into(), Reach::Loopback)
        .await
        .expect("a free port");
    let url = format!("http://{}", server.address().expect("bound"));
    let (stop, stopped) = oneshot::channel::<()>();
    account.set_motion(Motion::Running);
    let serving = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let home = tempfile::tempdir().expect("a folder");
    let run = async |more: &[&str]| {
        tokio::process::Command::new(env!("CARGO_BIN_EXE_pitagora"))
            .args([
                "dlq",
                "redrive",
                "dlq",
                "--yes",
                "--format",
                "json",
                "--endpoint-url",
                &url,
            ])
            .args(args)
            .args(more)
            .env_clear()
            .env("HOME", home.path())
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .output()
            .await
            .expect("it runs")
    };
    // What a scenario's function did before it was fixed may speak against a redrive: this is about how it goes.
    let dry = run(&["--dry-run", "--ignore-check", "--no-canary"]).await;
    let output = run(&["--ignore-check", "--no-canary"]).await;
    account.set_motion(Motion::Paused);
    stop.send(()).expect("it serves");
    serving.await.expect("no panic").expect("no error");
    (dry, output)
}

/// A run that the account tells of: the function, its event, and whether it ended well.
#[derive(Debug)]
struct Ran {
    function: String,
    event: Arc<Value>,
    well: Option<bool>,
}

fn ran(account: &Account<World>) -> Vec<Ran> {
    let chronicle = account.with(|world| world.chronicle().to_vec());
    let mut runs: Vec<(Event, Ran)> = Vec::new();
    for entry in chronicle {
        match entry.what {
            What::Begins { function, with } => {
                let well = None;
                let event = with;
                runs.push((entry.event, Ran { function, event, well }));
            }
            What::Ends { well } => {
                let run = runs.iter_mut().rev().find(|(event, _)| *event == entry.event);
                if let Some((_, run)) = run {
                    run.well = Some(well);
                }
            }
            What::Lands(_) => {}
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

impl Follows {
    fn is(&self, ran: &Ran) -> bool {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let whole = self
            .event
            .as_ref()
            .is_none_or(|event| serde_json::from_str::<Value>(event).is_ok_and(|event| event == *ran.event));
        let parts = self
            .parts
            .iter()
            .all(|(path, wanted)| dig(&ran.event, path).is_some_and(|found| text(&found) == *wanted));
        self.function == ran.function && ran.well == Some(true) && whole && parts
    }
}

/// Messages of every queue that has any: nothing may be left anywhere.
async fn lying(account: &Arc<Account<World>>) -> Vec<String> {
    let urls = sqs(account, "ListQueues", json!({})).await;
    let urls: Vec<String> = serde_json::from_value(urls["QueueUrls"].clone()).unwrap_or_default();
    let mut lying = Vec::new();
    for url in urls {
        let asked = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        let told = sqs(account, "GetQueueAttributes", asked).await;
        let count = |name: &str| told["Attributes"][name].as_str().and_then(|n| n.parse::<u64>().ok());
        let states = ["", "NotVisible", "Delayed"].map(|state| count(&format!("ApproximateNumberOfMessages{state}")));
        if states != [Some(0); 3] {
            lying.push(format!("{url} has {states:?}"));
        }
    }
    lying
}

/// Puts the letters in `dlq` back. Answers with the engine that did it, and with what is not as it must be.
pub async fn put_back(
    account: &Arc<Account<World>>,
    back: &Back,
    more: &[&str],
    letters: usize,
) -> (String, Vec<String>) {
    for one in &back.mend {
        mend(account, one).await;
    }
    account.with(World::keep_chronicle);
    let (region, number) = account.with(|world| (world.region.clone(), world.account.clone()));
    let filled = |text: &String| text.replace("{region}", &region).replace("{account}", &number);
    let args: Vec<String> = back
        .args
        .iter()
        .map(filled)
        .chain(more.iter().map(|&arg| arg.to_owned()))
        .collect();
    let (dry, output) = redrive(account, &args).await;
    let (said, told) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let mut wrong = Vec::new();
    let document: Value = serde_json::from_str(&said).unwrap_or(Value::Null);
    let preview: Value = serde_json::from_slice(&dry.stdout).unwrap_or(Value::Null);
    // What the dry run says is what the run does: engine, messages, targets, canary, journal, rate, order.
    if preview["plan"].is_null() || preview["plan"] != document["plan"] || preview["engine"] != document["engine"] {
        wrong.push(format!(
            "the dry run says {}, the run {}",
            preview["plan"], document["plan"]
        ));
    }
    let journaled = document["plan"]["journaled"] == "all";
    if journaled == document["journal"].is_null() || document["plan"]["engine"] != document["engine"] {
        wrong.push(format!("the run does not what it says: {document}"));
    }
    let whole = ["chosen", "sent", "deleted"].iter().all(|key| document[key] == letters);
    let clean = document["unknown"] == 0 && document["left"] == json!([]);
    if !whole || !clean || !output.status.success() {
        wrong.push(format!("redrive: {} {said}{told}", output.status));
    }
    account.step(AFTERWARDS_MS);
    let mut ran = ran(account);
    for wanted in &back.runs {
        match ran.iter().position(|ran| wanted.is(ran)) {
            Some(n) => drop(ran.remove(n)),
            None => wrong.push(format!("no run that ended well as {wanted:?}")),
        }
    }
    wrong.extend(
        ran.into_iter()
            .map(|ran| format!("a run too many, or a wrong one: {ran:?}")),
    );
    wrong.extend(lying(account).await);
    let engine = document["engine"].as_str().unwrap_or("none").to_owned();
    (engine, wrong)
}
