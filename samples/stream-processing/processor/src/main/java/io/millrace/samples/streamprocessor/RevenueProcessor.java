package io.millrace.samples.streamprocessor;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * Runs {@link RevenueTopology} until the process is asked to end. Any number of processes share the work.
 *
 * <p>Exactly once: what an instance had read but not committed when it died is taken back with its transaction, and another
 * one, or the same started again, reads it anew.
 */
public final class RevenueProcessor {
    private static final System.Logger LOGGER = System.getLogger(RevenueProcessor.class.getName());
    private static final String USAGE = "one argument is needed: host:port of some brokers, separated by commas";
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

    private RevenueProcessor() {}

    /** @param arguments the bootstrap servers */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException(USAGE + "; there are " + arguments.length);
        }
        var streams = new KafkaStreams(RevenueTopology.create(), settings(arguments[0]));
        streams.setStateListener((now, before) -> LOGGER.log(INFO, () -> "The processor is " + now));
        streams.setUncaughtExceptionHandler(failure -> {
            LOGGER.log(ERROR, () -> "A thread of the processor failed; another takes its place", failure);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(CLOSE_MAX)));
        streams.start();
        new CountDownLatch(1).await();
    }

    static Properties settings(String bootstrapServers) {
        var settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "revenue");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(
                StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueExceptionHandler.class);
        // A killed instance is missed, and what it had left open is ended, after ten seconds.
        settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 10_000);
        settings.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 10_000);
        return settings;
    }
}
