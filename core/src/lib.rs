//! The Redarium engine.
