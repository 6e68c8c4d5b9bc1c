package io.millrace.server.transaction;

import io.millrace.coordinator.transaction.TransactionConfiguration;
import io.millrace.metadata.MetadataStore;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeProducersRequest;
import io.millrace.replication.Replicas;
import io.millrace.server.coordinator.CoordinatorTopic;
import io.millrace.server.group.GroupCoordinators;
import io.millrace.server.group.GroupHandlers;
import io.millrace.server.replica.BrokerConnections;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.ProduceVerification;
import io.millrace.server.request.RequestHandlers;
import io.millrace.server.request.TopicAdministration;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** All that transactions need in a broker, and how it hangs together. */
public final class TransactionParts {

    /**
     * What transactions rest on.
     *
     * @param connections to the other brokers, for markers and verification
     */
    public record Surroundings(
            int brokerId,
            ClusterView cluster,
            MetadataStore store,
            Replicas replicas,
            GroupCoordinators groups,
            BrokerConnections connections,
            InstantSource clock,
            ByteBufAllocator allocator) {}

    /** The topics that hold transactions and the offsets of groups. */
    public record Topics(CoordinatorTopic transactions, CoordinatorTopic offsets) {}

    private final Surroundings around;
    private final Topics topics;
    private final ProducerIds ids;
    private final MarkerWriter writer;
    private final TransactionCoordinators coordinators;
    private final TransactionVerification verification;

    public TransactionParts(Surroundings around, Topics topics, TransactionConfiguration configuration) {
        this.around = around;
        this.topics = topics;
        this.ids = new ProducerIds(around.store(), around.brokerId());
        this.writer = new MarkerWriter(around.replicas(), around.groups(), around.clock(), around.allocator());
        var sender = new MarkerSender(around.brokerId(), around.cluster(), around.connections(), writer);
        this.coordinators = new TransactionCoordinators(
                configuration, around.cluster(), ids, sender, around.clock(), around.allocator());
        this.verification = new TransactionVerification(
                around.brokerId(), around.cluster(), topics.transactions(), coordinators, around.connections());
        around.replicas().listen(coordinators);
    }

    /** What a produce request within a transaction needs. */
    public ProduceVerification verification() {
        return verification;
    }

    /** Gives producer ids that were never used. */
    public Supplier<CompletableFuture<Long>> producerIds() {
        return ids::next;
    }

    public void addTo(RequestHandlers table, TopicAdministration administration) {
        new TransactionHandlers(coordinators, around.cluster(), administration, topics.offsets())
                .addTo(table, ids, writer);
        new GroupHandlers(around.groups())
                .addTransactional(table, around.cluster(), new OffsetsGate(verification, topics.offsets()));
        new TransactionAdministrationHandlers(coordinators, around.clock()).addTo(table);
        table.add(
                ApiKey.DESCRIBE_PRODUCERS,
                DescribeProducersRequest.class,
                new DescribeProducersHandler(around.cluster(), around.replicas()));
    }
}
