package io.millrace.ra.inbound;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration.StartingPosition;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.DestinationDescription;
import io.millrace.client.TopicConsumer;
import io.millrace.client.TopicPartition;
import io.millrace.ra.inbound.EndpointDelivery.Outcome;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Messages of a topic, for a subscription that is not durable: every activation reads every message once.
 *
 * <p>The sessions divide the partitions among themselves, so that the order of each partition holds. A message that its
 * bean does not consume is delivered again in its place, up to {@value #DELIVERIES_MAX} times with growing pauses; then it is
 * skipped with an error in the log. Jakarta Messaging allows a subscription that is not durable to miss messages, and
 * there is no queue to set them aside in.
 */
final class TopicInflow implements Inflow {
    private static final System.Logger LOGGER = System.getLogger(TopicInflow.class.getName());

    static final int DELIVERIES_MAX = 10;

    /** Bounds how late a session notices that it shall end. */
    private static final Duration POLL_WAIT = Duration.ofMillis(500);

    private final ClusterClient client;
    private final DeliveryPlan plan;
    private final TopicPositions positions;
    private final InflowContext context;
    private final int sessions;
    private volatile int partitions;
    private volatile boolean quiesced;

    TopicInflow(
            ClusterClient client,
            DeliveryPlan plan,
            TopicPositions positions,
            InflowContext context,
            DestinationDescription topic) {
        this.client = client;
        this.plan = plan;
        this.positions = positions;
        this.context = context;
        this.partitions = topic.partitions().size();
        this.sessions = Math.max(1, Math.min(plan.sessions(), partitions));
    }

    @Override
    public int sessions() {
        return sessions;
    }

    @Override
    public void runSession(int session) throws InterruptedException, JMSException {
        int assigned = 0;
        try (TopicConsumer consumer =
                client.newConsumer(TopicPositions.FETCHING.startingAt(StartingPosition.EARLIEST))) {
            while (!isEnding()) {
                int known = partitions;
                if (assigned != known) {
                    assign(consumer, session, known);
                    assigned = known;
                }
                for (ConsumerRecord consumerRecord : consumer.poll(POLL_WAIT)) {
                    process(consumerRecord);
                }
            }
        }
    }

    @Override
    public boolean isEnding() {
        return quiesced || context.stop().isSet();
    }

    private void assign(TopicConsumer consumer, int session, int known) {
        List<TopicPartition> share = IntStream.range(0, known)
                .filter(partition -> partition % sessions == session)
                .mapToObj(partition -> new TopicPartition(plan.destination(), partition))
                .toList();
        consumer.assign(share);
        share.forEach(partition -> consumer.seek(partition, positions.nextOffset(partition.partition())));
    }

    private void process(ConsumerRecord consumerRecord) throws InterruptedException, JMSException {
        for (int deliveryCount = 1; deliveryCount <= DELIVERIES_MAX; deliveryCount++) {
            if (isEnding()) {
                return;
            }
            Message message = context.decoder().decode(consumerRecord, deliveryCount);
            Outcome outcome = context.isExpired(message)
                    ? Outcome.CONSUMED
                    : context.delivery().deliver(message);
            if (outcome == Outcome.NOT_DELIVERED) {
                return;
            }
            if (outcome == Outcome.CONSUMED) {
                advancePast(consumerRecord);
                return;
            }
            context.stop().await(Backoff.OF_REDELIVERY.pauseAfter(deliveryCount - 1));
        }
        LOGGER.log(
                ERROR,
                () -> "The message at offset " + consumerRecord.offset() + " of " + consumerRecord.partition()
                        + " was not consumed at " + DELIVERIES_MAX + " deliveries; it is skipped");
        advancePast(consumerRecord);
    }

    private void advancePast(ConsumerRecord consumerRecord) {
        positions.advance(consumerRecord.partition().partition(), consumerRecord.offset() + 1);
    }

    @Override
    public void onDescription(DestinationDescription destination) {
        partitions = Math.max(partitions, destination.partitions().size());
    }

    @Override
    public void quiesce() {
        quiesced = true;
    }

    @Override
    public void close() {
        // Each session has closed its own consumer.
    }
}
