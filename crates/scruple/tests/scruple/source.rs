//! Tests of the sources and documents: no import circles, no sentences in operations, a glossary whose terms occur in the
//! code, true documents.

mod circles;
mod console;
mod docstrings;
mod documents;
mod editor_settings;
mod glossary;
mod sentences;
mod sources;
mod visibility;
