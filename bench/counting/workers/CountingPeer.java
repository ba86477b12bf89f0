import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams: the same count, its store in memory or in RocksDB, exactly once. */
public final class CountingPeer {
    static final ObjectMapper JSON = new ObjectMapper();

    /** Counts by person. */
    static final class Count implements Processor<String, byte[], String, byte[]> {
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, Long> counts;

        @Override
        public void init(ProcessorContext<String, byte[]> context) {
            this.context = context;
            this.counts = context.getStateStore("counts");
        }

        @Override
        public void process(Record<String, byte[]> record) {
            try {
                JsonNode event = JSON.readTree(record.value());
                String person = event.get("person_id").asText();
                Long before = counts.get(person);
                long count = before == null ? 1 : before + 1;
                counts.put(person, count);
                ObjectNode out = JSON.createObjectNode();
                out.put("message_id", event.get("message_id").asText());
                out.put("person_id", person);
                out.put("count", count);
                context.forward(record.withValue(JSON.writeValueAsBytes(out)));
            } catch (java.io.IOException error) {
                throw new java.io.UncheckedIOException(error);
            }
        }
    }

    public static void main(String[] args) {
        var env = System.getenv();
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, env.get("BENCH_ID"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, env.get("BENCH_BROKER"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, env.get("BENCH_DATA"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put("auto.offset.reset", "earliest");
        var kind = "memory://".equals(env.get("BENCH_STORE"))
                ? Stores.inMemoryKeyValueStore("counts") : Stores.persistentKeyValueStore("counts");
        Topology topology = new Topology();
        var text = Serdes.String();
        var bytes = Serdes.ByteArray();
        topology.addSource("in", text.deserializer(), bytes.deserializer(), env.get("BENCH_IN"));
        topology.addProcessor("count", Count::new, "in");
        topology.addStateStore(Stores.keyValueStoreBuilder(kind, Serdes.String(), Serdes.Long()), "count");
        topology.addSink("out", env.get("BENCH_OUT"), text.serializer(), bytes.serializer(), "count");
        KafkaStreams streams = new KafkaStreams(topology, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }
}
