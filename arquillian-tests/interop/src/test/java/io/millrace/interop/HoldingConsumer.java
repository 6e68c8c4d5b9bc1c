package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Receives one message of a queue, says so, and holds it, neither acknowledged nor released, until it is killed. */
public final class HoldingConsumer {
    private static final Duration RECEIVE_MAX = Duration.ofSeconds(60);

    private HoldingConsumer() {}

    /** What it prints once it holds the message. */
    static String holding(String value, int deliveryCount) {
        return "holding " + value + ", delivery " + deliveryCount;
    }

    public static void main(String[] arguments) throws InterruptedException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        try (ClusterClient client = ClusterClient.open(ClientConfiguration.of(arguments[0]));
                QueueConsumer consumer = client.newQueueConsumer(arguments[1], QueueConsumerConfiguration.defaults())) {
            QueueMessage message = consumer.receive(RECEIVE_MAX);
            if (message == null) {
                throw new IllegalStateException("nothing came from " + arguments[1] + " within " + RECEIVE_MAX);
            }
            out.println(holding(new String(message.value(), UTF_8), message.deliveryCount()));
            new CountDownLatch(1).await(); // whoever started this process kills it
        }
    }
}
