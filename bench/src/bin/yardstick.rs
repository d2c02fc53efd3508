//! What a handler costs that reads and parses a body and does nothing more: the measure of Cairn's capture.

use axum::{Router, body::Bytes, extract::Path, http::StatusCode, routing::post};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

async fn ingest(Path(_key): Path<String>, body: Bytes) -> StatusCode {
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the address is the output")]
async fn main() -> anyhow::Result<()> {
    let router = Router::new().route("/ingest/{write_key}", post(ingest));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
