//! Whose credentials are used.

use std::process::Command;

/// The keys that lie in an environment are another account's: a profile that was asked for by name goes before them.
#[test]
fn a_profile_that_was_asked_for_goes_before_the_keys_of_the_environment() {
    let nowhere = "http://127.0.0.1:9";
    let run = |profile: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pitagora"));
        let output = command
            .args(["graph", "--region", "eu-west-1", "--endpoint-url", nowhere])
            .args(profile)
            .env("AWS_ACCESS_KEY_ID", "of-another-account")
            .env("AWS_SECRET_ACCESS_KEY", "of-another-account")
            .env("AWS_CONFIG_FILE", "/nowhere")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
            .env_remove("AWS_PROFILE")
            .output()
            .expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, said) = run(&["--profile", "not-there"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("No profile \"not-there\" in the AWS configuration"),
        "{said}"
    );
    let (code, said) = run(&[]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("Could not connect to http://127.0.0.1:9"), "{said}");
}
