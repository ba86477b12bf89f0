"""What every process needs: configuration, Kafka clients, partitioner, logging."""
