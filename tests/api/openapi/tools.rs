//! What others make of the description: a validator of OpenAPI documents, and schemathesis, which makes requests of it
//! and holds the answers against it.

use std::{
    path::Path,
    process::{Command, Output},
};

use bson::doc;
use chrono::Utc;
use rocketchat_engagement::commands::demo::workspace::{self, DOCUMENTED_TOKEN, DOCUMENTED_USER};
use tempfile::NamedTempFile;

use super::description::Description;
use crate::support::{Service, Workspace, python_is_missing, python_with, settings};

/// Runs a Python module that the requirements name.
fn run(module: &str, arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = python_with(&root.join("tests/openapi/requirements.txt"));
    let mut command = Command::new(python);
    command.args(["-m", module]).args(arguments).current_dir(root).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("USER_ID", DOCUMENTED_USER).env("AUTH_TOKEN", DOCUMENTED_TOKEN).output().expect("Python runs")
}

/// Fails with what a program wrote if it found anything wrong.
fn assert_content(output: &Output) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_valid_openapi_document() {
    if python_is_missing() {
        return;
    }
    let workspace = Workspace::with_admin().await;
    for root_url in ["http://localhost:3000", "https://host.example/chat"] {
        let service = Service::start(settings(&[("mongo_url", &workspace.url()), ("http.root_url", root_url)])).await;
        let Description(document) = Description::of(&service).await;
        let file = NamedTempFile::with_suffix(".json").expect("a file");
        std::fs::write(file.path(), document.to_string()).expect("written");

        let path = file.path().to_str().expect("UTF-8");
        assert_content(&run("openapi_spec_validator", &["--schema", "3.1", path]));

        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_answer_that_differs() {
    if python_is_missing() {
        return;
    }
    let workspace = Workspace::empty().await;
    workspace::fill(&workspace.database, Utc::now()).await.expect("the demonstration's workspace");
    for (id, value) in [("API_Enable_Rate_Limiter", false), ("API_Enable_CORS", true)] {
        let settings = workspace.database.collection::<bson::Document>("rocketchat_settings");
        let update = doc! { "$set": { "value": value } };
        settings.update_one(doc! { "_id": id }, update).upsert(true).await.expect("a setting");
    }
    let service = Service::on(&workspace).await;

    let url = format!("http://{}/openapi.json", service.address);
    let output =
        run("schemathesis.cli", &["--config-file", "tests/openapi/schemathesis.toml", "run", &url, "--no-color"]);

    assert_content(&output);
    service.stop().await;
}
