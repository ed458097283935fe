//! Files of a thread, for staff.

use domain::conversations::Begin;
use domain::conversations::upload::{AddPiece, BeginFile, FinishFile, Place};
use serde_json::{Value, json};
use store::FileKind;

use crate::desk_of::ALL;
use crate::kit::Kit;

/// Somebody writes with a file: the thread's 8 symbols.
async fn write_with(kit: &Kit, name: &str, bytes: &[u8], kind: FileKind) -> String {
    let db = &kit.app.db;
    let file = db.write(&BeginFile { place: Place::New, n: 0, name }).await.unwrap().unwrap();
    for (n, piece) in (0..).zip(bytes.chunks(store::CHUNK)) {
        db.write(&AddPiece { file, n, bytes: piece }).await.unwrap();
    }
    let size = i64::try_from(bytes.len()).unwrap();
    db.write(&FinishFile { file, size, kind }).await.unwrap();
    let begin = Begin {
        message: "See the file",
        name: "",
        address: "",
        licence: "",
        subject: "",
        files: &[file.id],
        slot: Some(file.slot),
        held: false,
        person: None,
        house: &kit.app.house,
    };
    kit.begin(&begin).await.0
}

#[tokio::test]
async fn a_file_is_saved_as_it_came_and_the_journal_keeps_who_did() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let text = "a line of the log\n".repeat(9_000);
    let id = write_with(&kit, "../error.log", text.as_bytes(), FileKind::Text).await;
    let open = kit.fetch(&ada, &format!("/threads/{id}")).await.done();
    let file = &open["messages"][0]["files"][0];
    assert_eq!(
        (&file["name"], &file["size"], &file["kind"]),
        (&json!("error.log"), &json!(text.len()), &json!("text"))
    );
    let at = format!("/threads/{id}/files/{}", file["id"].as_str().unwrap());
    let saved = kit.fetch(&ada, &at).await.raw;
    assert!(saved.status == 200 && saved.body == text);
    assert_eq!(saved.header("content-type"), "application/octet-stream");
    assert!(saved.header("content-disposition").starts_with("attachment"));
    let shown = kit.fetch(&ada, &format!("{at}/preview")).await.raw;
    assert_eq!((shown.status, shown.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(shown.header("content-security-policy").contains("sandbox"));
    let looks = kit.openings_of("ada").await;
    assert_eq!(looks.iter().filter(|line| line.what.contains("chunk.bytes")).count(), 2);

    let (other, _) = kit.write_in("Another thread", "", "").await;
    let elsewhere = at.replace(&id, &other);
    kit.fetch(&ada, &elsewhere).await.problem(404, "nothing-here");
    kit.call(&ada, "DELETE", &format!("/threads/{id}"), &Value::Null).await.done();
    kit.fetch(&ada, &at).await.problem(404, "nothing-here");
}

#[tokio::test]
async fn what_is_no_picture_and_no_text_is_never_shown() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    for (name, kind) in [("run.exe", FileKind::Other), ("no-picture.png", FileKind::Image)] {
        let id = write_with(&kit, name, b"<script>alert(1)</script>", kind).await;
        let open = kit.fetch(&ada, &format!("/threads/{id}")).await.done();
        let file = open["messages"][0]["files"][0]["id"].as_str().unwrap().to_owned();
        kit.fetch(&ada, &format!("/threads/{id}/files/{file}/preview")).await.problem(415, "media-type");
    }
}

#[tokio::test]
async fn a_file_about_somebody_else_is_taken_out_by_its_number() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let id = write_with(&kit, "them.png", b"a face", FileKind::Other).await;
    let open = kit.fetch(&ada, &format!("/threads/{id}")).await.done();
    let file = open["messages"][0]["files"][0]["id"].clone();
    let at = format!("/threads/{id}/redact");
    for wrong in
        [json!({"message": 1}), json!({"message": 1, "files": ["7"]}), json!({"message": 1, "files": ["x"]})]
    {
        kit.call(&ada, "POST", &at, &wrong).await.problem(422, "refused");
    }
    kit.call(&ada, "POST", &at, &json!({"message": 1, "files": [file]})).await.done();
    let open = kit.fetch(&ada, &format!("/threads/{id}")).await.done();
    assert_eq!(
        (&open["messages"][0]["files"], &open["messages"][0]["text"]),
        (&json!([]), &json!("See the file"))
    );
}
