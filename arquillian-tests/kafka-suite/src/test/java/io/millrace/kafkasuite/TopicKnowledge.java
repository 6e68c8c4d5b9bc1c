package io.millrace.kafkasuite;

import io.millrace.client.network.Connection;
import io.millrace.client.network.EventLoops;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import io.millrace.testkit.Wait;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/** Asks brokers one by one what they know of a topic, as a client may ask any of them next. */
final class TopicKnowledge {
    private static final Duration WAIT_MAX = Duration.ofSeconds(60);
    private static final Duration REQUEST_MAX = Duration.ofSeconds(10);
    private static final UUID NO_ID = new UUID(0, 0);
    private static final EventLoops LOOPS = new EventLoops("topic-knowledge", 1);

    private TopicKnowledge() {}

    static void awaitCreated(String topic, int partitions, Collection<Integer> ports) {
        awaitAll(
                "every broker knows " + topic + " with " + partitions + " partitions",
                topic,
                ports,
                known -> !known.errorCode().isError() && known.partitions().size() == partitions);
    }

    static void awaitDeleted(String topic, Collection<Integer> ports) {
        awaitAll(
                "no broker knows " + topic,
                topic,
                ports,
                known -> known.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    private static void awaitAll(
            String what, String topic, Collection<Integer> ports, Predicate<MetadataResponse.Topic> expected) {
        for (int port : ports) {
            Connection connection = connect(port);
            try {
                Wait.until(what, WAIT_MAX, () -> expected.test(ask(connection, topic)));
            } finally {
                connection.close();
            }
        }
    }

    private static Connection connect(int port) {
        return Futures.get(Connection.connect(LOOPS.group(), "localhost", port, "kafka-suite", REQUEST_MAX));
    }

    private static MetadataResponse.Topic ask(Connection connection, String topic) {
        var request = new MetadataRequest(List.of(new MetadataRequest.Topic(NO_ID, topic)), false, false, false);
        return Futures.get(connection.<MetadataResponse>send(request)).topics().get(0);
    }
}
