//! A visit in memory: classify, count, fold, and read server logs.
//!
//! This room is bare: counting visitors (`visitors.general`, `visitors.unidentifiable`) is work of its own and
//! moves in here. Nothing outside may come to know a visit; that is why the room exists before its furniture.
#![forbid(unsafe_code)]
