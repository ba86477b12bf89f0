"""Real servers without Docker: Apache Kafka and Valkey from Python packages."""
