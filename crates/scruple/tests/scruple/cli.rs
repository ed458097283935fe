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
mod shop;
mod signing_keys;
mod site;
mod tokens;
mod visits;
mod visits_show;
