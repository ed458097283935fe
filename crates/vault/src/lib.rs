//! Sealing and forgetting
