"""What every stage stands on: Arrow schemas, the atomic writer, the manifest, the reader and the verifier."""
