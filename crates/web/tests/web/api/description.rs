//! The API description matches the program.

use std::collections::BTreeSet;

use serde_json::Value;
use web::route::Route;
use web::routes::{DESCRIPTION, ROUTES};

use crate::kit::Kit;

async fn description(kit: &Kit) -> Value {
    let answer = kit.get("/api/v1/openapi.json", "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn every_route_of_the_api_is_described_and_no_other() {
    let described = description(&Kit::open().await).await;
    let mut operations: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        operations
            .extend(methods.as_object().unwrap().keys().map(|method| (path.clone(), method.to_uppercase())));
    }
    let of_api = |row: &&Route| row.path.starts_with("/api/v1/") && row.path != DESCRIPTION;
    let rows: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|row| of_api(row) || row.path == "/licence/refresh")
        .map(|row| (row.path.to_owned(), row.method.to_string()))
        .collect();
    let undescribed: Vec<_> = rows.difference(&operations).collect();
    assert!(undescribed.is_empty(), "rows of routes.rs without `.described`: {undescribed:?}");
    let others: Vec<_> = operations.difference(&rows).collect();
    assert!(others.is_empty(), "described, but not a route of the API: {others:?}");
}

#[tokio::test]
async fn every_operation_has_an_id_of_its_own_and_examples() {
    let described = description(&Kit::open().await).await;
    let mut ids = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert_ne!(parameter["example"], Value::Null, "{method} {path}: {}", parameter["name"]);
            }
            for (kind, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                assert_ne!(content["example"], Value::Null, "{method} {path}: {kind}");
            }
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert!(all > 20 && ids.len() == all, "{ids:?}");
}

#[tokio::test]
async fn every_operation_says_how_it_can_fail_and_every_field_what_it_is() {
    let described = description(&Kit::open().await).await;
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["tags"][0] == "licences" {
                continue; // its answers are texts for programs, not problem details
            }
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "401", "403", "404", "429", "500", "503"] {
                let body = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(body, "#/components/schemas/Problem", "{method} {path} {status}");
            }
            assert_ne!(operation["summary"], Value::Null, "{method} {path}");
        }
    }
    for (name, schema) in described["components"]["schemas"].as_object().unwrap() {
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            let described_field =
                of["description"].is_string() || of["$ref"].is_string() || of["oneOf"].is_array();
            assert!(described_field, "{name}.{field} has no description");
        }
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_answered_with_problems() {
    let kit = Kit::open().await;
    let token = kit.token("ada", crate::api::client::ALL).await;
    kit.fetch(&token, "/nothing").await.problem(404, "not-found");
    let other = kit.call(&token, "POST", "/conversations", &serde_json::json!({})).await;
    assert!(other.raw.header("allow").contains("GET"));
    other.problem(405, "method-not-allowed");
}

/// Collects the names of schemas in the sources of a folder, and below it.
fn schema_names(folder: &std::path::Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            schema_names(&path, names);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let mut described = false;
        for line in source.lines() {
            described |= line.starts_with("#[derive(") && line.contains("ToSchema");
            let name = ["pub struct ", "pub enum "].iter().find_map(|start| line.strip_prefix(start));
            if let Some(name) = name {
                let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
                names.extend(described.then(|| name[..end].to_owned()));
                described = false;
            }
        }
    }
}

#[test]
fn no_two_schemas_have_the_same_name() {
    let mut names = Vec::new();
    schema_names(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/handlers/api")), &mut names);
    names.sort();
    assert!(names.len() > 30, "{}", names.len());
    let twice: Vec<_> = names.windows(2).filter(|two| two[0] == two[1]).collect();
    assert!(twice.is_empty(), "one would replace the other in the description: {twice:?}");
}
