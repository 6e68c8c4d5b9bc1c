package io.millrace.server.request;

import io.millrace.protocol.message.AlterPartitionRequest;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.BrokerHeartbeatRequest;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.DeleteRecordsRequest;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DescribeDestinationsRequest;
import io.millrace.protocol.message.DescribeReplicasRequest;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ReplicaFetchRequest;
import io.millrace.replication.Replicas;
import io.millrace.replication.controller.Controller;
import io.millrace.server.quota.ClientQuotas;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * What the handlers of topics, records and brokers work with, and their places in the table.
 *
 * @param verification of produce requests within transactions
 * @param diskReaders may block
 * @param transactionLevel {@code transaction.version}
 * @param autoCreates {@code auto.create.topics.enable}
 * @param partitionsByDefault {@code num.partitions}
 * @param fetchBytesMax {@code fetch.max.bytes}
 */
public record StandardHandlers(
        ClusterView cluster,
        ProduceVerification verification,
        Replicas replicas,
        Controller controller,
        TopicAdministration administration,
        PartitionAdministration partitionAdministration,
        TopicRulesCache rules,
        ClientQuotas quotas,
        Executor diskReaders,
        InstantSource clock,
        int transactionLevel,
        boolean autoCreates,
        int partitionsByDefault,
        int fetchBytesMax) {

    public void addTo(RequestHandlers table) {
        table.add(ApiKey.API_VERSIONS, ApiVersionsRequest.class, new ApiVersionsHandler(table, transactionLevel))
                .add(ApiKey.METADATA, MetadataRequest.class, new MetadataHandler(cluster, administration, autoCreates))
                .add(
                        ApiKey.PRODUCE,
                        ProduceRequest.class,
                        new ProduceHandler(cluster, replicas, rules, verification, clock, quotas))
                .add(ApiKey.FETCH, FetchRequest.class, new FetchHandler(cluster, replicas, fetchBytesMax, quotas))
                .add(
                        ApiKey.LIST_OFFSETS,
                        ListOffsetsRequest.class,
                        new ListOffsetsHandler(cluster, replicas, diskReaders))
                .add(
                        ApiKey.DELETE_RECORDS,
                        DeleteRecordsRequest.class,
                        new DeleteRecordsHandler(cluster, replicas, rules))
                .add(
                        ApiKey.CREATE_TOPICS,
                        CreateTopicsRequest.class,
                        new CreateTopicsHandler(cluster, administration, quotas, partitionsByDefault))
                .add(
                        ApiKey.DELETE_TOPICS,
                        DeleteTopicsRequest.class,
                        new DeleteTopicsHandler(cluster, administration, quotas))
                .add(
                        ApiKey.DESCRIBE_DESTINATIONS,
                        DescribeDestinationsRequest.class,
                        new DescribeDestinationsHandler(cluster))
                .add(ApiKey.BROKER_HEARTBEAT, BrokerHeartbeatRequest.class, new BrokerHeartbeatHandler(controller))
                .add(ApiKey.ALTER_PARTITION, AlterPartitionRequest.class, new AlterPartitionHandler(controller))
                .add(ApiKey.REPLICA_FETCH, ReplicaFetchRequest.class, new ReplicaFetchHandler(replicas))
                .add(ApiKey.DESCRIBE_REPLICAS, DescribeReplicasRequest.class, new DescribeReplicasHandler(replicas));
        new ReassignmentHandlers(cluster, partitionAdministration).addTo(table);
    }
}
