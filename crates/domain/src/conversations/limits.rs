//! Size limits of messages and files, and the maximum age of an action that causes an e-mail.

/// Maximum characters of a message. A printed page has about 3,000.
pub const MAX_MESSAGE_CHARS: usize = 100_000;
/// Maximum characters of a subject, a name, a tag or a file name.
pub const MAX_LINE_CHARS: usize = 500;
/// Maximum number of files in a message.
pub const MAX_FILES: usize = 10;
/// Maximum bytes of all files of a message together.
pub const MAX_MESSAGE_BYTES: i64 = 25 * 1024 * 1024;
/// Maximum bytes of one file.
pub const MAX_FILE_BYTES: i64 = 10 * 1024 * 1024;
/// Maximum number of tags of a conversation.
pub const MAX_TAGS: usize = 20;
/// Days after an action during which the action may cause an e-mail.
pub const MAX_ACTION_AGE_DAYS: i64 = 30;
