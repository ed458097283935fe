//! Licences: issuing them for purchases, and changing them later.

pub mod issue;
pub mod issue_with_end;
pub mod licence_state;
pub mod manual_licensing;
pub mod products;
pub mod purchase;
pub mod refresh;
pub mod release_for_case;
pub mod renewal_offer;
pub mod signing_keys;
