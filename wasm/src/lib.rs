//! The WebAssembly shell.
