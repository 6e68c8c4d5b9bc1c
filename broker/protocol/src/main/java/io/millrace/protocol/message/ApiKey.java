package io.millrace.protocol.message;

import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.Reader;
import io.millrace.protocol.wire.Schema;
import io.millrace.protocol.wire.Writer;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of contents of the protocol: every API, its versions, and what travels.
 *
 * <p>Keys below {@link #OWN_ID_MIN} are Kafka's, with exactly the versions of Kafka 4; the others are ours, for brokers
 * and clients of Millrace, and hidden from everybody else.
 */
@SuppressWarnings("ImmutableEnumChecker") // a schema only fills its cache of codecs
public enum ApiKey {
    PRODUCE(0, versions(3, 13, 9), ProduceRequest.SCHEMA, ProduceResponse.SCHEMA),
    FETCH(1, versions(4, 18, 12), FetchRequest.SCHEMA, FetchResponse.SCHEMA),
    LIST_OFFSETS(2, versions(1, 11, 6), ListOffsetsRequest.SCHEMA, ListOffsetsResponse.SCHEMA),
    METADATA(3, versions(0, 13, 9), MetadataRequest.SCHEMA, MetadataResponse.SCHEMA),
    OFFSET_COMMIT(8, versions(2, 10, 8), OffsetCommitRequest.SCHEMA, OffsetCommitResponse.SCHEMA),
    OFFSET_FETCH(9, versions(1, 10, 6), OffsetFetchRequest.SCHEMA, OffsetFetchResponse.SCHEMA),
    FIND_COORDINATOR(10, versions(0, 6, 3), FindCoordinatorRequest.SCHEMA, FindCoordinatorResponse.SCHEMA),
    JOIN_GROUP(11, versions(0, 9, 6), JoinGroupRequest.SCHEMA, JoinGroupResponse.SCHEMA),
    HEARTBEAT(12, versions(0, 4, 4), HeartbeatRequest.SCHEMA, HeartbeatResponse.SCHEMA),
    LEAVE_GROUP(13, versions(0, 5, 4), LeaveGroupRequest.SCHEMA, LeaveGroupResponse.SCHEMA),
    SYNC_GROUP(14, versions(0, 5, 4), SyncGroupRequest.SCHEMA, SyncGroupResponse.SCHEMA),
    DESCRIBE_GROUPS(15, versions(0, 6, 5), DescribeGroupsRequest.SCHEMA, DescribeGroupsResponse.SCHEMA),
    LIST_GROUPS(16, versions(0, 5, 3), ListGroupsRequest.SCHEMA, ListGroupsResponse.SCHEMA),
    API_VERSIONS(18, versions(0, 5, 3), ApiVersionsRequest.SCHEMA, ApiVersionsResponse.SCHEMA),
    CREATE_TOPICS(19, versions(2, 7, 5), CreateTopicsRequest.SCHEMA, CreateTopicsResponse.SCHEMA),
    DELETE_TOPICS(20, versions(1, 6, 4), DeleteTopicsRequest.SCHEMA, DeleteTopicsResponse.SCHEMA),
    DELETE_RECORDS(21, versions(0, 2, 2), DeleteRecordsRequest.SCHEMA, DeleteRecordsResponse.SCHEMA),
    INIT_PRODUCER_ID(22, versions(0, 5, 2), InitProducerIdRequest.SCHEMA, InitProducerIdResponse.SCHEMA),
    OFFSET_FOR_LEADER_EPOCH(
            23, versions(2, 4, 4), OffsetForLeaderEpochRequest.SCHEMA, OffsetForLeaderEpochResponse.SCHEMA),
    ADD_PARTITIONS_TO_TXN(24, versions(0, 5, 3), AddPartitionsToTxnRequest.SCHEMA, AddPartitionsToTxnResponse.SCHEMA),
    ADD_OFFSETS_TO_TXN(25, versions(0, 4, 3), AddOffsetsToTxnRequest.SCHEMA, AddOffsetsToTxnResponse.SCHEMA),
    END_TXN(26, versions(0, 5, 3), EndTxnRequest.SCHEMA, EndTxnResponse.SCHEMA),
    WRITE_TXN_MARKERS(27, versions(1, 2, 1), WriteTxnMarkersRequest.SCHEMA, WriteTxnMarkersResponse.SCHEMA),
    TXN_OFFSET_COMMIT(28, versions(0, 6, 3), TxnOffsetCommitRequest.SCHEMA, TxnOffsetCommitResponse.SCHEMA),
    DESCRIBE_CONFIGS(32, versions(1, 4, 4), DescribeConfigsRequest.SCHEMA, DescribeConfigsResponse.SCHEMA),
    ALTER_CONFIGS(33, versions(0, 2, 2), AlterConfigsRequest.SCHEMA, AlterConfigsResponse.SCHEMA),
    DESCRIBE_LOG_DIRS(35, versions(1, 5, 2), DescribeLogDirsRequest.SCHEMA, DescribeLogDirsResponse.SCHEMA),
    CREATE_PARTITIONS(37, versions(0, 3, 2), CreatePartitionsRequest.SCHEMA, CreatePartitionsResponse.SCHEMA),
    DELETE_GROUPS(42, versions(0, 3, 2), DeleteGroupsRequest.SCHEMA, DeleteGroupsResponse.SCHEMA),
    ELECT_LEADERS(43, versions(0, 2, 2), ElectLeadersRequest.SCHEMA, ElectLeadersResponse.SCHEMA),
    INCREMENTAL_ALTER_CONFIGS(
            44, versions(0, 1, 1), IncrementalAlterConfigsRequest.SCHEMA, IncrementalAlterConfigsResponse.SCHEMA),
    ALTER_PARTITION_REASSIGNMENTS(
            45,
            versions(0, 1, 0),
            AlterPartitionReassignmentsRequest.SCHEMA,
            AlterPartitionReassignmentsResponse.SCHEMA),
    LIST_PARTITION_REASSIGNMENTS(
            46, versions(0, 0, 0), ListPartitionReassignmentsRequest.SCHEMA, ListPartitionReassignmentsResponse.SCHEMA),
    OFFSET_DELETE(47, versions(0, 0, 1), OffsetDeleteRequest.SCHEMA, OffsetDeleteResponse.SCHEMA),
    DESCRIBE_CLIENT_QUOTAS(
            48, versions(0, 1, 1), DescribeClientQuotasRequest.SCHEMA, DescribeClientQuotasResponse.SCHEMA),
    ALTER_CLIENT_QUOTAS(49, versions(0, 1, 1), AlterClientQuotasRequest.SCHEMA, AlterClientQuotasResponse.SCHEMA),
    DESCRIBE_CLUSTER(60, versions(0, 2, 0), DescribeClusterRequest.SCHEMA, DescribeClusterResponse.SCHEMA),
    DESCRIBE_PRODUCERS(61, versions(0, 0, 0), DescribeProducersRequest.SCHEMA, DescribeProducersResponse.SCHEMA),
    DESCRIBE_TRANSACTIONS(
            65, versions(0, 0, 0), DescribeTransactionsRequest.SCHEMA, DescribeTransactionsResponse.SCHEMA),
    LIST_TRANSACTIONS(66, versions(0, 2, 0), ListTransactionsRequest.SCHEMA, ListTransactionsResponse.SCHEMA),
    CONSUMER_GROUP_HEARTBEAT(
            68, versions(0, 1, 0), ConsumerGroupHeartbeatRequest.SCHEMA, ConsumerGroupHeartbeatResponse.SCHEMA),
    CONSUMER_GROUP_DESCRIBE(
            69, versions(0, 1, 0), ConsumerGroupDescribeRequest.SCHEMA, ConsumerGroupDescribeResponse.SCHEMA),
    LIST_CONFIG_RESOURCES(74, versions(0, 1, 0), ListConfigResourcesRequest.SCHEMA, ListConfigResourcesResponse.SCHEMA),
    DESCRIBE_TOPIC_PARTITIONS(
            75, versions(0, 0, 0), DescribeTopicPartitionsRequest.SCHEMA, DescribeTopicPartitionsResponse.SCHEMA),

    BROKER_HEARTBEAT(10000, versions(0, 0, 0), BrokerHeartbeatRequest.SCHEMA, BrokerHeartbeatResponse.SCHEMA),
    ALTER_PARTITION(10001, versions(0, 0, 0), AlterPartitionRequest.SCHEMA, AlterPartitionResponse.SCHEMA),
    REPLICA_FETCH(10002, versions(0, 0, 0), ReplicaFetchRequest.SCHEMA, ReplicaFetchResponse.SCHEMA),
    QUEUE_FETCH(10010, versions(0, 1, 0), QueueFetchRequest.SCHEMA, QueueFetchResponse.SCHEMA),
    QUEUE_ACKNOWLEDGE(10011, versions(0, 0, 0), QueueAcknowledgeRequest.SCHEMA, QueueAcknowledgeResponse.SCHEMA),
    QUEUE_DETACH(10012, versions(0, 0, 0), QueueDetachRequest.SCHEMA, QueueDetachResponse.SCHEMA),
    QUEUE_BROWSE(10013, versions(0, 1, 0), QueueBrowseRequest.SCHEMA, QueueBrowseResponse.SCHEMA),
    CREATE_SUBSCRIPTION(10014, versions(0, 0, 0), CreateSubscriptionRequest.SCHEMA, CreateSubscriptionResponse.SCHEMA),
    DELETE_SUBSCRIPTION(10015, versions(0, 0, 0), DeleteSubscriptionRequest.SCHEMA, DeleteSubscriptionResponse.SCHEMA),
    DESCRIBE_SUBSCRIPTIONS(
            10016, versions(0, 0, 0), DescribeSubscriptionsRequest.SCHEMA, DescribeSubscriptionsResponse.SCHEMA),
    DESCRIBE_DESTINATIONS(
            10020, versions(0, 0, 0), DescribeDestinationsRequest.SCHEMA, DescribeDestinationsResponse.SCHEMA),
    MOVE_PARTITIONS(10021, versions(0, 0, 0), MovePartitionsRequest.SCHEMA, MovePartitionsResponse.SCHEMA),
    DESCRIBE_REPLICAS(10022, versions(0, 0, 0), DescribeReplicasRequest.SCHEMA, DescribeReplicasResponse.SCHEMA),
    CREATE_TEMPORARY_DESTINATION(
            10040,
            versions(0, 0, 0),
            CreateTemporaryDestinationRequest.SCHEMA,
            CreateTemporaryDestinationResponse.SCHEMA),
    DELETE_TEMPORARY_DESTINATION(
            10041,
            versions(0, 0, 0),
            DeleteTemporaryDestinationRequest.SCHEMA,
            DeleteTemporaryDestinationResponse.SCHEMA),
    SEND_TEMPORARY(10042, versions(0, 0, 0), SendTemporaryRequest.SCHEMA, SendTemporaryResponse.SCHEMA),
    FETCH_TEMPORARY(10043, versions(0, 0, 0), FetchTemporaryRequest.SCHEMA, FetchTemporaryResponse.SCHEMA);

    /** Low numbers would collide with what Kafka adds in the future. */
    public static final int OWN_ID_MIN = 10_000;

    private static final Map<Short, ApiKey> BY_ID =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ApiKey::id, Function.identity()));

    private record Versions(int first, int last, int flexibleSince) {}

    private final short id;
    private final Versions versions;
    private final Schema<? extends Record> requestSchema;
    private final Schema<? extends Record> responseSchema;

    <Q extends Record & Request, R extends Record & Response> ApiKey(
            int id, Versions versions, Schema<Q> requestSchema, Schema<R> responseSchema) {
        this.id = (short) id;
        this.versions = versions;
        this.requestSchema = requestSchema;
        this.responseSchema = responseSchema;
    }

    private static Versions versions(int first, int last, int flexibleSince) {
        return new Versions(first, last, flexibleSince);
    }

    public static Optional<ApiKey> of(short id) {
        return Optional.ofNullable(BY_ID.get(id));
    }

    public short id() {
        return id;
    }

    /** The first version that is served. */
    public short first() {
        return (short) versions.first();
    }

    /** The last version that is served. */
    public short last() {
        return (short) versions.last();
    }

    /**
     * The first version to name in ApiVersions. Produce names 0 although 0 to 2 are refused: librdkafka would otherwise
     * stop compressing (KAFKA-18659).
     */
    public short advertisedFirst() {
        return this == PRODUCE ? 0 : first();
    }

    public boolean serves(int version) {
        return versions.first() <= version && version <= versions.last();
    }

    /** Whether request and response of a version have the flexible encoding (KIP-482). */
    public boolean isFlexible(int version) {
        return version >= versions.flexibleSince();
    }

    /** Whether the API is not one of Kafka's. Foreign clients do not learn of it. */
    public boolean isOwn() {
        return id >= OWN_ID_MIN;
    }

    public Schema<? extends Record> requestSchema() {
        return requestSchema;
    }

    public Schema<? extends Record> responseSchema() {
        return responseSchema;
    }

    /**
     * Reads the body of a request, after its header. Bytes after it are left unread, as Kafka does.
     *
     * @throws MalformedMessageException if the bytes do not follow the protocol
     * @throws IllegalArgumentException if the version is not served
     */
    public Request readRequest(ByteBuf frame, int version) {
        return (Request) requestSchema.read(new Reader(frame, checked(version), isFlexible(version)));
    }

    /**
     * Reads the body of a response, after its header.
     *
     * @throws MalformedMessageException if the bytes do not follow the protocol
     * @throws IllegalArgumentException if the version is not served
     */
    public Response readResponse(ByteBuf frame, int version) {
        return (Response) responseSchema.read(new Reader(frame, checked(version), isFlexible(version)));
    }

    /**
     * A response of this API with another time for its client to wait; the response itself where the API cannot tell one. The copy takes over
     * the records of the response.
     */
    public Response throttled(Response response, int throttleTimeMs) {
        boolean canTell =
                responseSchema.fields().stream().anyMatch(field -> field.name().equals(Response.THROTTLE_TIME_FIELD));
        return canTell ? throttled(responseSchema, response, throttleTimeMs) : response;
    }

    private static <T extends Record> Response throttled(Schema<T> schema, Response response, int throttleTimeMs) {
        T told = schema.javaType().cast(response);
        return (Response) schema.with(told, Response.THROTTLE_TIME_FIELD, throttleTimeMs);
    }

    Writer writeRequest(ByteBuf out, int version, Request request) {
        return write(requestSchema, out, version, request);
    }

    Writer writeResponse(ByteBuf out, int version, Response response) {
        return write(responseSchema, out, version, response);
    }

    private <T extends Record> Writer write(Schema<T> schema, ByteBuf out, int version, Message message) {
        var writer = new Writer(out, checked(version), isFlexible(version));
        schema.write(writer, schema.javaType().cast(message));
        return writer;
    }

    private int checked(int version) {
        if (!serves(version)) {
            throw new IllegalArgumentException(
                    this + " has no version " + version + ", only " + first() + " to " + last());
        }
        return version;
    }
}
