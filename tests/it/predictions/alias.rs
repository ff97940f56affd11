//! What a scenario file cannot say: an alias with a configuration of its own, made and invoked by a client.

use std::sync::Arc;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use pitagora::sim::account::Account;
use pitagora::sim::connector::InProcess;
use pitagora::sim::world::World;

/// When the alias is invoked, in seconds.
const INVOKED: [i64; 3] = [12, 40, 140];

/// A client that invokes the alias now and then.
pub struct Caller {
    client: Client,
    at: Vec<i64>,
}

impl Caller {
    /// Publishes a version of `f`, leads `live` there, and has each of its events tried once more, not twice.
    pub async fn new(account: &Arc<Account<World>>, region: &str) -> Self {
        let config = aws_sdk_lambda::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(Credentials::for_tests())
            .http_client(SharedHttpClient::new(InProcess::new(Arc::clone(account))))
            .build();
        let client = Client::from_conf(config);
        let made = client.publish_version().function_name("f").send().await;
        let version = made.expect("a version").version().expect("its number").to_owned();
        let alias = client.create_alias().function_name("f").name("live");
        alias.function_version(version).send().await.expect("an alias");
        let config = client
            .put_function_event_invoke_config()
            .function_name("f")
            .qualifier("live");
        config.maximum_retry_attempts(1).send().await.expect("a configuration");
        let permission = client
            .add_permission()
            .function_name("f")
            .qualifier("live")
            .statement_id("s");
        let permission = permission
            .action("lambda:InvokeFunction")
            .principal("events.amazonaws.com");
        let rule = format!("arn:aws:events:{region}:123456789012:rule/orders");
        permission.source_arn(rule).send().await.expect("a permission");
        Self {
            client,
            at: INVOKED.to_vec(),
        }
    }

    /// Invokes the alias where it is time, so many seconds after the beginning.
    pub async fn call(&mut self, seconds: i64) {
        while self.at.first().is_some_and(|at| *at <= seconds) {
            self.at.remove(0);
            let call = self.client.invoke().function_name("f").qualifier("live");
            let call = call.invocation_type(InvocationType::Event).payload(Blob::new("{}"));
            call.send().await.expect("accepted");
        }
    }
}
