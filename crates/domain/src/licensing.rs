//! Licences: from a purchase to a key, and what changes a licence later.

pub mod issue;
pub mod keys;
pub mod licence_state;
pub mod manual_licensing;
pub mod products;
pub mod purchase;
pub mod refresh;
pub mod renew;
