//! What happens, one file for each deed
