//! Licence keys: fields, text form, signing, offline verification
