//! client-gen/client
