package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/** Counts words with whatever Kafka Streams is on the class path, exactly once, in a store with a changelog, until it is killed or asked to end. */
public final class WordCountProgram {
    private WordCountProgram() {}

    /** What it prints in a state. */
    static String in(String state) {
        return "The instance is " + state;
    }

    static List<String> arguments(String bootstrapServers, String id, String directory, String input, String output) {
        return List.of(bootstrapServers, id, directory, input, output);
    }

    public static void main(String[] arguments) throws InterruptedException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        var builder = new StreamsBuilder();
        builder.<String, String>stream(arguments[3])
                .flatMapValues(line -> List.of(line.toLowerCase(Locale.ROOT).split(" ")))
                .groupBy((key, word) -> word)
                .count(Materialized.as("count-of-words"))
                .toStream()
                .to(arguments[4], Produced.with(Serdes.String(), Serdes.Long()));
        var streams = new KafkaStreams(builder.build(), settings(arguments[0], arguments[1], arguments[2]));
        streams.setStateListener((now, before) -> out.println(in(now.name())));
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace(out);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        new CountDownLatch(1).await(); // whoever started this process ends it
    }

    private static Properties settings(String bootstrapServers, String id, String directory) {
        var settings = new Properties();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("application.id", id);
        settings.put("state.dir", directory);
        settings.put("processing.guarantee", "exactly_once_v2");
        settings.put("default.key.serde", Serdes.String().getClass());
        settings.put("default.value.serde", Serdes.String().getClass());
        settings.put("replication.factor", 3);
        settings.put("num.stream.threads", 2);
        settings.put("commit.interval.ms", 100);
        settings.put("statestore.cache.max.bytes", 0); // every count goes to the output
        settings.put("consumer.auto.offset.reset", "earliest");
        settings.put("consumer.session.timeout.ms", 6_000);
        settings.put("consumer.heartbeat.interval.ms", 500);
        settings.put("producer.transaction.timeout.ms", 10_000); // what a killed instance has left open ends soon
        return settings;
    }
}
