//! Tests of the command line: the built binary in a temporary folder, on either engine.

mod all_commands;
mod backup;
mod conversations;
mod doctor_and_prove;
mod keyring;
mod licence;
mod paypro;
mod person;
mod product;
#[path = "../../../web/tests/handlers/sample_figures.rs"]
mod sample_figures;
mod shop;
#[path = "../system/kit/signal.rs"]
mod signal;
mod signing_keys;
mod site;
mod tokens;
mod visits;
mod visits_show;
