//! The API over real HTTP, on an installation of its own in a temporary folder.

mod api {
    mod bad;
    mod edges;
    mod merchants;
    mod signers;
    mod tls;
    mod tokens;
    mod world;
}
