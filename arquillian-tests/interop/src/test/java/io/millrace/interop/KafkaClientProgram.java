package io.millrace.interop;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Produces and consumes with whatever kafka-clients is on the class path, in a process of its own, as the lines of its standard input say;
 * see {@link AnsweringProgram}. Each command has a client of its own.
 */
public final class KafkaClientProgram {
    private static final Duration CONSUME_MAX = Duration.ofSeconds(60);

    private KafkaClientProgram() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, StandardCharsets.UTF_8);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = in.readLine(); command != null; command = in.readLine()) {
            String[] words = command.split(" ");
            try {
                if (words[0].equals("produce")) {
                    produce(words[1], words[2], words[3], Boolean.parseBoolean(words[4]), records(words[5], in));
                } else {
                    consume(words[1], words[2], Integer.parseInt(words[3]), out);
                }
                out.println(AnsweringProgram.DONE);
            } catch (ExecutionException | KafkaException | IllegalStateException e) {
                out.println(AnsweringProgram.FAILED + " " + String.valueOf(e).replace('\n', ' '));
            }
            out.flush();
        }
    }

    private static List<String> records(String count, BufferedReader in) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(count); i++) {
            lines.add(in.readLine());
        }
        return lines;
    }

    private static void produce(
            String bootstrapServers, String topic, String codec, boolean isIdempotent, List<String> records)
            throws InterruptedException, ExecutionException {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("acks", "all");
        settings.put("compression.type", codec);
        settings.put("enable.idempotence", isIdempotent);
        settings.put("linger.ms", 5);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String record : records) {
                String[] words = record.split(" ");
                sent.add(producer.send(new ProducerRecord<>(topic, Lines.decode(words[0]), Lines.decode(words[1]))));
            }
            producer.flush();
        }
        for (Future<RecordMetadata> future : sent) {
            future.get();
        }
    }

    private static void consume(String bootstrapServers, String topic, int count, PrintStream out) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + CONSUME_MAX.toNanos();
            for (int seen = 0; seen < count; ) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("only " + seen + " of " + count + " records of " + topic + " came");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    out.println(record.partition() + " " + record.offset() + " " + Lines.encode(record.key()) + " "
                            + Lines.encode(record.value()));
                    seen++;
                }
            }
        }
    }
}
