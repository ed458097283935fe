//! Files of a conversation, for staff.

use domain::conversations::StartConversation;
use domain::conversations::upload::{AddChunk, FinishUpload, StartUpload, UploadTarget};
use serde_json::{Value, json};
use store::FileKind;

use crate::api::client::ALL;
use crate::kit::Kit;

/// Starts a conversation with a file. Returns its number.
async fn write_with(kit: &Kit, name: &str, bytes: &[u8], kind: FileKind) -> String {
    let db = &kit.app.db;
    let file = db.execute(&StartUpload { target: UploadTarget::New, n: 0, name }).await.unwrap().unwrap();
    for (n, piece) in (0..).zip(bytes.chunks(store::CHUNK)) {
        db.execute(&AddChunk { file, n, bytes: piece }).await.unwrap();
    }
    let size = i64::try_from(bytes.len()).unwrap();
    db.execute(&FinishUpload { file, size, kind }).await.unwrap();
    let begin = StartConversation {
        files: &[file.id],
        slot: Some(file.slot),
        ..StartConversation::with_message("See the file", &kit.app.settings)
    };
    kit.begin(&begin).await.0
}

#[tokio::test]
async fn a_file_is_downloaded_unchanged_and_the_access_is_in_the_audit_log() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let text = "a line of the log\n".repeat(9_000);
    let id = write_with(&kit, "../error.log", text.as_bytes(), FileKind::Text).await;
    let open = kit.fetch(&ada, &format!("/conversations/{id}")).await.done();
    let file = &open["messages"][0]["files"][0];
    assert_eq!(
        (&file["name"], &file["size"], &file["kind"]),
        (&json!("error.log"), &json!(text.len()), &json!("text"))
    );
    let at = format!("/conversations/{id}/files/{}", file["id"].as_str().unwrap());
    let saved = kit.fetch(&ada, &at).await.raw;
    assert!(saved.status == 200 && saved.body == text);
    assert_eq!(saved.header("content-type"), "application/octet-stream");
    assert!(saved.header("content-disposition").starts_with("attachment"));
    let shown = kit.fetch(&ada, &format!("{at}/preview")).await.raw;
    assert_eq!((shown.status, shown.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(shown.header("content-security-policy").contains("sandbox"));
    let looks = kit.openings_of("ada").await;
    assert_eq!(looks.iter().filter(|line| line.name.contains("chunk.bytes")).count(), 2);

    let (other, _) = kit.write_in("Another conversation", "", "").await;
    let elsewhere = at.replace(&id, &other);
    kit.fetch(&ada, &elsewhere).await.problem(404, "not-found");
    kit.call(&ada, "DELETE", &format!("/conversations/{id}"), &Value::Null).await.done();
    kit.fetch(&ada, &at).await.problem(404, "not-found");
}

#[tokio::test]
async fn files_that_are_no_image_and_no_text_have_no_preview() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    for (name, kind) in [("run.exe", FileKind::Other), ("no-picture.png", FileKind::Image)] {
        let id = write_with(&kit, name, b"<script>alert(1)</script>", kind).await;
        let open = kit.fetch(&ada, &format!("/conversations/{id}")).await.done();
        let file = open["messages"][0]["files"][0]["id"].as_str().unwrap().to_owned();
        kit.fetch(&ada, &format!("/conversations/{id}/files/{file}/preview"))
            .await
            .problem(415, "unsupported-media-type");
    }
}

#[tokio::test]
async fn a_file_about_another_person_is_removed_by_its_number() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let id = write_with(&kit, "them.png", b"a face", FileKind::Other).await;
    let open = kit.fetch(&ada, &format!("/conversations/{id}")).await.done();
    let file = open["messages"][0]["files"][0]["id"].clone();
    let at = format!("/conversations/{id}/redact");
    for wrong in
        [json!({"message": 1}), json!({"message": 1, "files": ["7"]}), json!({"message": 1, "files": ["x"]})]
    {
        kit.call(&ada, "POST", &at, &wrong).await.problem(422, "refused");
    }
    kit.call(&ada, "POST", &at, &json!({"message": 1, "files": [file]})).await.done();
    let open = kit.fetch(&ada, &format!("/conversations/{id}")).await.done();
    assert_eq!(
        (&open["messages"][0]["files"], &open["messages"][0]["text"]),
        (&json!([]), &json!("See the file"))
    );
}
