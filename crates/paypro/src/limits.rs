//! Limits on the size of a notification.

/// Maximum length of a notification's body, in bytes.
pub const MAX_BODY: usize = 64 * 1024;
/// Maximum number of fields in a notification.
pub const MAX_FIELDS: usize = 400;
/// Maximum length of a used value, in bytes after decoding.
pub const MAX_VALUE: usize = 4 * 1024;
