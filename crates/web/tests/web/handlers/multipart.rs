//! Writes multipart forms like a browser.

/// The content type of the form.
pub const MULTIPART: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=----Form7MA4YWxk");

const MARK: &str = "------Form7MA4YWxk";

/// A field.
pub fn field(name: &str, value: &str) -> String {
    format!("{MARK}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

/// A file with text content.
pub fn file(name: &str, bytes: &str) -> String {
    let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"");
    format!("{MARK}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n{bytes}\r\n")
}

/// The whole form.
pub fn whole(parts: &[String]) -> String {
    format!("{}{MARK}--\r\n", parts.concat())
}

/// A form with fields and an empty file field.
pub fn fields(fields: &[(&str, &str)]) -> String {
    let mut parts: Vec<String> = fields.iter().map(|(name, value)| field(name, value)).collect();
    parts.push(file("", ""));
    whole(&parts)
}
